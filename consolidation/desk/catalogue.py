"""What is asked at the desk: the live forms of a period, merged, with what follows from what.

Templates live in the database, so that a backup holds everything. Reading and merging them takes seconds: it is done once for
each set of form versions, and kept in memory.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, select

from consolidation.derive import Check, checks, derivations, smallest_ask
from consolidation.lexicon import Lexicon, clean_label, load_lexicon
from consolidation.match import Decisions, merge
from consolidation.meaning import PLACES
from consolidation.model import Derivation, Element, Merged, Plan
from consolidation.reading import read_all
from consolidation.store.schema import form, form_version
from forms.model import Form, Kind, Purpose, Reading
from forms.periods import Period, PeriodKind

LIVE = "live"


@dataclass(frozen=True, slots=True)
class FormEdition:
    """One version of a form as it is dispatched. `file`: the name by which merges know it."""

    id: str
    version: int
    title: str
    department: str
    frequency: str
    level: str
    kind: str
    basis: str
    file: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The forms of a period, read and merged. `editions`: by file; `templates`: their bytes. Compared by identity."""

    editions: Mapping[str, FormEdition]
    readings: tuple[Reading, ...]
    merged: Merged
    derivations: tuple[Derivation, ...]
    templates: Mapping[str, bytes]
    lexicon: Lexicon

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        return {element.id: element for element in self.merged.elements}

    @cached_property
    def forms(self) -> Mapping[str, tuple[Form, ...]]:
        """The forms of each file."""
        return {reading.book.file: reading.forms for reading in self.readings}

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The relations that the forms print."""
        return checks(self.merged, self.lexicon)

    @cached_property
    def figures(self) -> tuple[Element, ...]:
        """What is asked of a place: not of its people, households or the filing, in the order of the forms."""
        return tuple(element for element in self.merged.elements if _of_place(element))

    def used_by(self, element: Element) -> tuple[FormEdition, ...]:
        """The forms that ask for an element."""
        files = dict.fromkeys(member.form.file for member in element.members)
        return tuple(self.editions[file] for file in files if file in self.editions)

    def section(self, element: Element) -> str:
        """The chapter of the one table that an element stands in: the form that asks for it first, as its title says."""
        member = element.members[0]
        edition = self.editions.get(member.form.file)
        return edition.title if edition is not None else clean_label(member.form.title) or "其他"

    def label(self, element: Element) -> str:
        """What the form that asks first prints for an element, with the captions above it: 外出务工 · 其中：男."""
        captions = (clean_label(caption) for caption in element.members[0].field.path)
        return " · ".join(dict.fromkeys(caption for caption in captions if caption)) or element.name

    def plan(self, held: frozenset[str]) -> Plan:
        """The fewest figures still to be asked when those of `held` are there."""
        return smallest_ask(self.figures, self.derivations, held)


def _of_place(element: Element) -> bool:
    """A place's own figures, and facts about somebody (村文书联系电话) that statistics alone ask for."""
    single = [m for m in element.members if m.field.purpose is Purpose.DATA and not m.field.blocked and m.field.rows is None]
    if element.meaning.entity in PLACES:
        return bool(single)
    statistics_only = all(member.form.kind is Kind.STATISTIC for member in element.members)
    return bool(single) and statistics_only and len(single) == len(element.members) and element.meaning.entity != "filing"


def figure_period(element: Element, reported: Period) -> Period:
    """The period that a figure asked for in `reported` is of: a yearly figure asked in October is the year's."""
    kinds = {"year": PeriodKind.YEAR, "half-year": PeriodKind.HALF_YEAR, "quarter": PeriodKind.QUARTER, "month": PeriodKind.MONTH}
    kind = kinds.get(_FREQUENCIES.get(element.period, element.period))
    if kind is None or kind not in (PeriodKind.YEAR, PeriodKind.HALF_YEAR, PeriodKind.QUARTER) or reported.kind is kind:
        return reported
    order = [PeriodKind.DAY, PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF_YEAR, PeriodKind.YEAR]
    return Period.containing(reported.end, kind) if order.index(kind) > order.index(reported.kind) else reported


_FREQUENCIES = {"yearly": "year", "half-yearly": "half-year", "quarterly": "quarter", "monthly": "month"}
_MONTHS_BETWEEN = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}


def is_due(frequency: str, reported: Period) -> bool:
    """Whether a form of this frequency is due for a period: the quarterly ones with a quarter's last month, and so on. Forms
    filled once, or whenever something happens, are always at hand."""
    months = _MONTHS_BETWEEN.get(frequency)
    return months is None or reported.end.month % months == 0


class Catalogues:
    """The catalogues in use, each read once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[tuple[str, int, str], ...], Catalogue] = {}

    def of(self, connection: Connection, ids: Iterable[str] | None = None, decisions: Decisions | None = None) -> Catalogue:
        """The catalogue of the live versions of some forms (None: of all)."""
        rows = _live(connection, ids)
        key = tuple(sorted((row.form, row.version, row.sha256) for row in rows))
        with self._lock:
            if key not in self._kept:
                while len(self._kept) >= 4:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = _read(rows, decisions)
            return self._kept[key]


def _live(connection: Connection, ids: Iterable[str] | None) -> Sequence[Any]:
    v, f = form_version, form
    query = select(
        v.c.form, v.c.version, v.c.title, v.c.file, v.c.sha256, v.c.template, f.c.department, f.c.frequency, f.c.level, f.c.kind,
        f.c.basis,
    ).join(f, f.c.id == v.c.form).where(v.c.state == LIVE).order_by(f.c.department, f.c.id)  # fmt: skip
    if ids is not None:
        query = query.where(v.c.form.in_(list(ids)))
    return list(connection.execute(query).all())


def _read(rows: Sequence[Any], decisions: Decisions | None) -> Catalogue:
    editions = {
        row.file: FormEdition(
            row.form, row.version, row.title, row.department, row.frequency, row.level, row.kind, row.basis, row.file, row.sha256
        )
        for row in rows
    }
    with TemporaryDirectory(prefix="yibiao-forms-") as folder:
        files = []
        for number, row in enumerate(rows):
            path = Path(folder) / f"{number}{Path(row.file).suffix}"
            path.write_bytes(row.template)
            files.append((path, row.file))
        readings = tuple(read_all(files, {row.file: row.frequency for row in rows}))
    lexicon = load_lexicon()
    merged = merge([form for reading in readings for form in reading.forms], lexicon, decisions)
    found = tuple(derivations(merged, lexicon))
    return Catalogue(editions, readings, merged, found, {row.file: row.template for row in rows}, lexicon)


def sha256(data: bytes) -> str:
    """What tells one edition's template from another."""
    return hashlib.sha256(data).hexdigest()
