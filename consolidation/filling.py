"""Filling at the edge: data and forms from disk, filled forms and the one table back to disk."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import yaml
from lxml.etree import LxmlError
from sqlalchemy.exc import SQLAlchemyError

from consolidation.fill import FilledData, Giver, Regions, Sources, filing_writes, fill, read_back, read_sources
from consolidation.fill.model import ROW_KINDS
from consolidation.fill.regions import VILLAGE, gathered, grown, short
from consolidation.lexicon import Lexicon
from consolidation.model import Derivation, Element, Figure, Merged
from consolidation.publish.sheets import Column, ListBook
from consolidation.results import file_name
from forms.encoding import decode
from forms.model import Book, Form, Problem, Reading
from forms.periods import Period
from forms.problems import CannotDo, masked, problem
from forms.render import Write
from forms.render import fill as render
from forms.values import NO_DEMO, DemoRegions

Progress = Callable[[str], None]
_PASSWORD = re.compile(r"(://[^/:@]*):[^/@]*@")
_PACKAGES = (".xlsx", ".xlsm", ".xltx", ".xltm")
REGIONS = "regions.csv"
_MOST_ROWS = 5000  # rows of a kind shown in the one table; the forms themselves get all
_CONFLICTS = (
    Column("数据元", 22),
    Column("主体", 20),
    Column("采用", 22),
    Column("采用的来源", 46),
    Column("另一个值", 22),
    Column("另一来源", 46),
    Column("为什么采用前者", 30),
)
_POSSIBLE = (Column("可能是同一个人", 60), Column("说明", 60), Column("把握", 10))


@dataclass(frozen=True)
class Given:
    """One form given back: where, and how many of its cells were filled without typing."""

    file: str
    title: str
    path: Path
    asked: int
    filled: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Filling:
    """What one run of filling gave."""

    data: FilledData
    given: tuple[Given, ...] = ()
    problems: tuple[Problem, ...] = ()
    sources: Sources = field(default_factory=lambda: Sources(()))

    @property
    def asked(self) -> int:
        return sum(given.asked for given in self.given)

    @property
    def filled(self) -> int:
        return sum(given.filled for given in self.given)


def regions_of(sources: Sources, where: str) -> Regions:
    """The region tree that the manifest names (regions.csv: code, name, parent), in the data folder or beside a single file;
    an empty one when there is none."""
    if "://" in where:
        return Regions()
    path = Path(where)
    folder = path if path.is_dir() else path.parent
    return regions_in(folder / str(sources.manifest.get("regions") or REGIONS))


def region_tree(where: str, lexicon: Lexicon) -> Regions:
    """All places that the shared data knows: those of its region table and, where that ends above the villages or there is
    none, those that its lists name. Raises CannotDo as `read_shared` does."""
    told = Regions() if "://" in where else regions_of(Sources((), manifest=manifest_of(where)), where)
    if any(len(short(code)) == VILLAGE for code in told.places):
        return told
    datasets = read_shared(where, lexicon).datasets
    return grown(told, datasets, "") if told.places else gathered(datasets)


def regions_in(path: Path) -> Regions:
    """The region tree in a CSV file with the columns code, name, parent; an empty one when there is no file. Raises CannotDo
    for a file that is no such table: without its regions every figure would be wrong."""
    if not path.is_file():
        return Regions()
    found = decode(path.read_bytes())
    try:
        rows = list(csv.DictReader(StringIO(found.text if found else "")))
        return Regions({row["code"].strip(): (row["name"] or "", (row.get("parent") or "").strip()) for row in rows})
    except (AttributeError, csv.Error, KeyError) as error:
        raise CannotDo(problem("fill.bad-regions", path.name)) from error


def fill_from(
    where: str, merged: Merged, derivations: Sequence[Derivation], region: str, period: Period, lexicon: Lexicon,
    demo: DemoRegions = NO_DEMO, previous: Iterable[Reading] = (),
) -> Filling:  # fmt: skip
    """Reads shared data and fills the elements for a region and period. `previous`: forms returned last period."""
    sources = read_shared(where, lexicon)
    regions = regions_of(sources, where)
    problems = list(sources.problems)
    if not any(len(one.frame) for one in sources.datasets):
        problems.append(problem("fill.no-data", _address(where)))
    if regions.places and not regions.known(region) and len(regions.below(region)) == 1:
        problems.append(problem("fill.unknown-region", where, region=region))
    regions = grown(regions, sources.datasets, region)
    region = regions.known(region) or region
    returned = read_back(previous, merged, lexicon, region, str(period), period.start - timedelta(days=1))
    data = fill(merged, derivations, sources.datasets, regions, region, period, lexicon, demo, returned)
    if all(one.severity != "error" for one in problems) and not _holds(data):
        problems.append(problem("fill.nothing-for-region", _address(where), region=region))
    return Filling(data, problems=tuple(problems), sources=sources)


def _holds(data: FilledData) -> bool:
    """Whether anything at all is known of the region: a figure of its own, or somebody or something that belongs to it."""
    if data.world is None:
        return False
    inside = data.world.regions.below(data.region)
    tables = (data.world.table(kind) for kind in ROW_KINDS)
    return any(figure.value for figure in data.places.values()) or any(table.region.isin(inside).any() for table in tables)


def read_shared(where: str, lexicon: Lexicon) -> Sources:
    """The shared data. Raises CannotDo for what stops it as a whole: no such file, a database that does not answer, a manifest
    that is none."""
    address = _address(where)
    if "://" not in where:
        if not where.strip() or not Path(where).exists():
            raise CannotDo(problem("file.missing", where))
        manifest_of(where)
    try:
        return read_sources(where, lexicon)
    except (SQLAlchemyError, ImportError) as error:
        raise CannotDo(problem("data.no-connection", address, address=address)) from error
    except LxmlError as error:
        raise CannotDo(problem("file.damaged", address, part="xml")) from error


def manifest_of(where: str) -> Mapping[str, object]:
    """What manifest.yml in a data folder says; nothing when there is none. Raises CannotDo when it cannot be understood."""
    path = Path(where) / "manifest.yml"
    if not path.is_file():
        return {}
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(item, dict) for item in found.get("datasets") or ()):
        raise CannotDo(problem("fill.bad-manifest", path.name, part=path.name))
    return found


def _address(where: str) -> str:
    """Where the data is, for messages: a database address without its password."""
    return _PASSWORD.sub(r"\1:***@", where) if "://" in where else Path(where).name


def give_back(
    filling: Filling, merged: Merged, period: Period, books: Mapping[str, Book], files: Mapping[str, Path],
    folders: Mapping[str, str], lexicon: Lexicon, out: Path, progress: Progress,
) -> Filling:  # fmt: skip
    """Writes every form, filled, into `out`; `books` and `files`: what each file name holds and its template, `folders`:
    sub-folder (department)."""
    giver = Giver(merged, filling.data, lexicon)
    unit = giver.world.regions.name(filling.data.region)
    code = filling.data.region
    by_file: dict[str, list[Form]] = {}
    for form in merged.forms:
        by_file.setdefault(form.file, []).append(form)
    given = []
    for number, (name, forms) in enumerate(by_file.items(), 1):
        progress(f"还表 {number}/{len(by_file)}：{forms[0].title or name}")
        filing = [write for form in forms for write in filing_writes(form, books[name], unit, code, period)]
        given.append(_give_one(giver, name, forms, filing, files[name], out / folders.get(name, "")))
    return replace(filling, given=tuple(given))


def _give_one(giver: Giver, name: str, forms: Sequence[Form], filing: Sequence[Write], template: Path, folder: Path) -> Given:
    values = [giver.form_values(form) for form in forms]
    writes = [*filing, *(write for one in values for write in one.writes)]
    rosters = [rows for one in values for rows in one.rosters]
    rendered = render(template.read_bytes(), Path(name).name, writes, rosters)
    title = forms[0].title or Path(name).stem
    name_given = Path(form_file_name(title, rendered.name, rendered.data))
    target = _free(folder, name_given.stem, name_given.suffix)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(rendered.data)
    problems = tuple(replace(p, file=name) for p in rendered.problems if p.severity != "info")
    return Given(name, title, target, sum(one.asked for one in values), sum(one.filled for one in values), problems)


def _suffix(name: str, data: bytes) -> str:
    """The extension of what a file holds: Excel warns of an .xlsx called .xls, and will not open one called .csv."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix in _PACKAGES or not data.startswith(b"PK") else ".xlsx"


def form_file_name(title: str, name: str, data: bytes) -> str:
    """What a filled form is called: its title without the blanks for the period, and the suffix of what `data` holds."""
    return f"{_file_name(title)}{_suffix(name, data)}"


def _file_name(title: str) -> str:
    title = re.sub(r"[（(][＿_\s]*[）)]|[＿_]+(?:年度?|月份?|季度|学年度)?", "", title)
    return file_name(title)


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """A path that this run has not given to another form: two forms can have one title."""
    path, number = folder / f"{stem}{suffix}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}（{number}）{suffix}"
    return path


def place_lookup(data: FilledData) -> Callable[[Element], Figure | None]:
    """The region's figure of an element."""
    by_element = {element: figure for (element, _), figure in data.places.items()}
    return lambda element: by_element.get(element.id)


def row_lookup(data: FilledData) -> Callable[[str, Sequence[Element]], Iterable[Sequence[object]]]:
    """Rows of people, households or organisations for the one table: values in the order of the elements."""

    def rows(kind: str, elements: Sequence[Element]) -> Iterable[Sequence[object]]:
        held = data.rows.get(kind, {})
        if not held or data.world is None:
            return
        table = max((one.table for one in held.values()), key=lambda t: sum(h.table is t for h in held.values()))
        inside = (table.alive & table.region.isin(data.world.regions.below(data.region))).to_numpy()
        columns = [
            held[e.id].chosen.values.to_numpy()[inside][:_MOST_ROWS] if e.id in held and held[e.id].table is table else None
            for e in elements
        ]
        for at in range(min(int(inside.sum()), _MOST_ROWS)):
            yield ["" if column is None else column[at] for column in columns]

    return rows


def conflict_workbook(filling: Filling, merged: Merged) -> bytes:
    """数据冲突.xlsx: where sources disagree, both shown; and rows that may be one person, for somebody to decide."""
    names = {element.id: element.name for element in merged.elements}
    target = BytesIO()
    book = ListBook(target)
    sheet = book.sheet("数据冲突", "数据冲突", "两个来源对同一个数说法不同。已按声明的次序采用左边的，请核对。", _CONFLICTS)
    rows = (
        (
            names.get(c.element, c.element),
            masked(c.entity),
            str(c.chosen.value),
            _where(c.chosen),
            str(c.other.value),
            _where(c.other),
            c.reason,
        )
        for c in filling.data.conflicts
    )  # fmt: skip
    book.rows(sheet, _CONFLICTS, rows)
    sheet = book.sheet(
        "疑似同一人",
        "疑似同一人",
        "没有身份证号、按姓名等推测可能是同一个人的记录。程序没有合并；"
        "核对后是同一个人的，请在那一行补上公民身份号码，下次就合并。",
        _POSSIBLE,
    )
    book.rows(sheet, _POSSIBLE, _possible_rows(filling.data))
    book.close()
    return target.getvalue()


def _where(figure: Figure) -> str:
    return "；".join(part for part in (figure.provenance.source, figure.provenance.detail) if part)


def _possible_rows(data: FilledData) -> Iterable[Sequence[object]]:
    for possible in data.possible[:5000]:
        yield (
            f"{possible.dataset} 第 {possible.row} 行 {possible.name} / {possible.person_name}",
            possible.reason,
            f"{possible.probability:.2f}",
        )
