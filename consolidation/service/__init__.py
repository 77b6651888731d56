"""The use cases: the one door to consolidation for the command line, the web and the assistant's actions.

Each takes paths or values and gives values; reading files happens here at the edge, everything between is pure.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consolidation.admission import Admission, admissions_json, admit
from consolidation.consolidate import Consolidation, consolidate
from consolidation.derive import smallest_ask
from consolidation.lexicon import load_lexicon
from consolidation.match import append_decisions, read_decisions
from consolidation.promised import (
    NOTHING_CHECKED,
    NOTHING_FILLED,
    NOTHING_MERGED,
    NOTHING_READ,
    all_problems,
    problem_json,
    read_json,
)
from consolidation.publish import answers, decisions_from, html_report, mapping_workbook, one_table_workbook
from consolidation.reading import form_files, read_all, renamed, template_files
from consolidation.results import FORMS, REPORT, file_name, make_room, refuse_overwriting, remember
from forms.grid import read_book
from forms.library import ShippedForm, shipped
from forms.model import Problem, Reading
from forms.periods import Period
from forms.problems import CannotDo
from forms.values import NO_DEMO, DemoRegions

if TYPE_CHECKING:
    from consolidation import filling  # brings pandas, DuckDB and SQLAlchemy: loaded only where something is filled

__all__ = [
    "FORMS",
    "NOTHING_CHECKED",
    "NOTHING_FILLED",
    "NOTHING_MERGED",
    "NOTHING_READ",
    "Admission",
    "Consolidation",
    "Decided",
    "Filled",
    "Reading",
    "admissions_json",
    "admit",
    "all_problems",
    "consolidate",
    "decide",
    "decisions_file",
    "demo_regions",
    "file_name",
    "fill",
    "first_community",
    "form_files",
    "has_region",
    "library_readings",
    "library_templates",
    "merge_paths",
    "problem_json",
    "read",
    "read_beside",
    "readings_json",
    "refuse_overwriting",
    "template_files",
    "write_results",
]

Progress = Callable[[str], None]


def _silent(_message: str) -> None:
    return None


@contextmanager
def _rare_collections() -> Iterator[None]:
    """A merge makes millions of values that live to its end: Python need not look for circles among them again and again."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def read(paths: Iterable[Path], progress: Progress = _silent) -> tuple[Reading, ...]:
    """Every workbook below `paths`, understood. Bad files are readings with problems."""
    files = form_files(paths)
    found = []
    for number, reading in enumerate(read_all(files), 1):
        found.append(reading)
        progress(f"读取 {number}/{len(files)}：{reading.book.file}")
    return tuple(found)


def read_beside(
    new: Sequence[Path], held: Sequence[Path], progress: Progress = _silent
) -> tuple[tuple[Reading, ...], tuple[Reading, ...]]:
    """New forms and those already in use (the shipped ones where none are given), every file under a name of its own. A new
    form that also lies among the held ones is not held against itself."""
    files = form_files((*new, *held))
    fresh = len(form_files(new))
    found = []
    for number, reading in enumerate(read_all(files), 1):
        found.append(reading)
        progress(f"读取 {number}/{len(files)}：{reading.book.file}")
    library = () if held else library_readings(progress)[0]
    return tuple(found[:fresh]), (*found[fresh:], *(renamed(reading, f"报表库/{reading.book.file}") for reading in library))


def readings_json(readings: Iterable[Reading]) -> dict[str, Any]:
    """`yibiao read --json`."""
    return read_json(readings, load_lexicon())


def decisions_file(folder: Path) -> Path:
    """Where a folder of results keeps what people decided."""
    return folder / "decisions.jsonl"


@_rare_collections()
def merge_paths(paths: Iterable[Path], decisions: Path | None = None, progress: Progress = _silent) -> Consolidation:
    """`yibiao merge`: reads and merges everything below `paths`."""
    readings = read(paths, progress)
    progress("合并口径、推算关系、求最少填报数 ……")
    return consolidate(readings, read_decisions(decisions) if decisions else None)


def library_readings(progress: Progress = _silent) -> tuple[tuple[Reading, ...], dict[str, str]]:
    """The shipped forms, read, and the department of each file."""
    forms: tuple[ShippedForm, ...] = shipped()
    files = [(form.template, f"{form.slug}.xlsx") for form in forms]
    periods = {f"{form.slug}.xlsx": form.frequency for form in forms}
    readings = []
    for number, reading in enumerate(read_all(files, periods), 1):
        readings.append(reading)
        progress(f"读取 {number}/{len(files)}：{reading.book.file}")
    return tuple(readings), {f"{form.slug}.xlsx": form.department for form in forms}


def library_templates() -> dict[str, Path]:
    """The template of each shipped form, by the file name that `library_readings` gives it."""
    return {f"{form.slug}.xlsx": form.template for form in shipped()}


@_rare_collections()
def write_results(result: Consolidation, out: Path, now: datetime) -> dict[str, Path]:
    """The three files people get from a merge: 一表.xlsx, 栏目对照.xlsx, 合并报告.html."""
    out.mkdir(parents=True, exist_ok=True)
    files = {"one_table": out / "一表.xlsx", "mapping": out / "栏目对照.xlsx", "report": out / REPORT}
    files["one_table"].write_bytes(one_table_workbook(result.merged, result.plan))
    files["mapping"].write_bytes(mapping_workbook(result.merged, result.plan, result.derivations))
    page = html_report(result.merged, result.plan, result.derivations, result.problems, result.departments, now)
    files["report"].write_text(page, encoding="utf-8")
    return files


@dataclass(frozen=True)
class Decided:
    """How many answers of people were taken over, of how many that they gave, and what was wrong with the others."""

    taken: int
    given: int
    problems: tuple[Problem, ...]


def decide(mapping: Path, forms: Iterable[Path], store: Path, when: datetime) -> Decided:
    """Takes over what people wrote into the sheet 待人工确认 of a mapping workbook.

    `forms`: the same forms the mapping was made from, so that the cells can be found again. Raises CannotDo when the
    workbook cannot be read or is no mapping, OSError when the decisions cannot be stored.
    """
    book = read_book(mapping)
    if not book.grids and book.problems:
        raise CannotDo(book.problems[0])
    found = answers(book)
    result = merge_paths(forms, store)
    decisions, problems = decisions_from(found, result.merged, when.isoformat(timespec="seconds"), book.file)
    taken = append_decisions(store, decisions) if decisions else 0
    return Decided(taken, len(found), (*result.problems, *problems))


@dataclass(frozen=True)
class Filled:
    """A consolidation filled for one region and period, its files on disk."""

    consolidation: Consolidation
    filling: filling.Filling
    files: Mapping[str, Path]

    @property
    def problems(self) -> tuple[Problem, ...]:
        own = (*self.filling.problems, *(p for given in self.filling.given for p in given.problems))
        return (*self.consolidation.problems, *own)

    def to_json(self) -> dict[str, Any]:
        """`yibiao fill --json`."""
        data = self.filling.data
        return {
            "region": data.region,
            "period": data.period,
            "forms": [
                {"file": g.file, "title": g.title, "written": str(g.path), "cells": g.asked, "filled": g.filled}
                for g in self.filling.given
            ],
            "counts": {
                "cells": self.filling.asked,
                "filled": self.filling.filled,
                "conflicts": len(data.conflicts),
                "possible": len(data.possible),
                **self.consolidation.to_json()["counts"],
            },
            "problems": [problem_json(problem) for problem in self.problems],
        }


def fill(
    readings: Sequence[Reading],
    templates: Mapping[str, Path],
    where: str,
    region: str,
    period: Period,
    out: Path,
    departments: Mapping[str, str] | None = None,
    previous: Sequence[Reading] = (),
    decisions: Path | None = None,
    progress: Progress = _silent,
) -> Filled:
    """`yibiao fill`: merges the forms, fills them from the shared data at `where` for a region and period, and writes the
    one table, every form in its own layout, the mapping, the conflicts and the report into `out`."""
    from consolidation import filling

    refuse_overwriting(templates.values(), out)
    lexicon = load_lexicon()
    chosen = read_decisions(decisions) if decisions else None
    progress("合并口径、推算关系 ……")
    first = consolidate(readings, chosen, departments=departments, lexicon=lexicon)
    progress("读取共享数据、核对人员 ……")
    filled = filling.fill_from(where, first.merged, first.derivations, region, period, lexicon, demo_regions(where), previous)
    plan = smallest_ask(first.merged.elements, first.derivations, filled.data.held)
    result = replace(first, plan=plan)
    folders = {file: department for file, department in (departments or {}).items()}
    kept = make_room(out / FORMS)
    books = {reading.book.file: reading.book for reading in readings}
    forms_out = out / FORMS
    filled = filling.give_back(filled, result.merged, period, books, templates, folders, lexicon, forms_out, progress)
    told = [problem for reading in previous for problem in all_problems(reading)]
    filled = replace(filled, problems=(*filled.problems, *told, *kept))
    remember(out / FORMS)
    progress("写出一表、对照、报告 ……")
    files = _write_filled(result, filled, out)
    return Filled(result, filled, files)


def _write_filled(result: Consolidation, filled: filling.Filling, out: Path) -> dict[str, Path]:
    from consolidation import filling

    now = datetime.now()
    files = write_results(result, out, now)
    table = one_table_workbook(result.merged, result.plan, filling.place_lookup(filled.data), filling.row_lookup(filled.data))
    files["one_table"].write_bytes(table)
    files["conflicts"] = out / "数据冲突.xlsx"
    files["conflicts"].write_bytes(filling.conflict_workbook(filled, result.merged))
    return files


def first_community(where: str) -> str:
    """The first region of the lowest level that shared data knows; "" when it knows none."""
    from consolidation import filling

    regions = filling.region_tree(where, load_lexicon())
    parents = {regions.parent(code) for code in regions.places}
    return min((code for code in regions.places if code not in parents), default="")


def has_region(where: str, region: str) -> bool:
    """Whether shared data knows a region, or a place that lies in it."""
    from consolidation import filling

    regions = filling.region_tree(where, load_lexicon())
    return bool(region.strip()) and (bool(regions.known(region)) or len(regions.below(region)) > 1)


def demo_regions(where: str) -> DemoRegions:
    """Invented people are accepted where the data says that it is a demo, and nowhere else."""
    from consolidation import filling

    return DemoRegions(("99",)) if filling.manifest_of(where).get("demo") is True else NO_DEMO
