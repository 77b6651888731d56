"""What is asked at the desk: the live forms of a period, merged, with what follows from what.

Templates live in the database, so that a backup holds everything. Reading and merging them takes seconds: it is done once for
each set of form versions and of people's decisions, and kept in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from consolidation.derive import Check, checks, derivations, smallest_ask
from consolidation.lexicon import Lexicon, clean_label, load_lexicon
from consolidation.match import merge
from consolidation.meaning import PLACES
from consolidation.model import Derivation, Element, Merged, Plan
from consolidation.reading import with_periods
from consolidation.store.schema import form, form_version
from forms.grid import read_bytes
from forms.model import Form, Kind, Purpose, Reading
from forms.periods import Period, PeriodKind
from forms.recognise import recognise

from . import decisions
from .kept import Kept


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

    @cached_property
    def asked(self) -> Mapping[str, Element]:
        """The same by id: what may be reported for a place."""
        return {element.id: element for element in self.figures}

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


LIVE, RETIRED = "live", "retired"


def valid_in(valid_from: str, valid_to: str, period: Period) -> bool:
    """Whether a version is the one for a period: it goes by the period's last day. "" = open."""
    begun = not valid_from or Period.parse(valid_from).start <= period.end
    return begun and (not valid_to or period.end <= Period.parse(valid_to).end)


def versions_for(connection: Connection, period: Period | None, ids: Iterable[str] | None = None) -> Sequence[Any]:
    """One version of each form (of some), by department: the one valid in the period; without a period the newest live one."""
    v, f = form_version, form
    query = select(
        v.c.form, v.c.version, v.c.title, v.c.file, v.c.sha256, v.c.state, v.c.valid_from, v.c.valid_to, f.c.department,
        f.c.frequency, f.c.level, f.c.kind, f.c.basis,
    ).join(f, f.c.id == v.c.form).order_by(f.c.department, f.c.id, v.c.version)  # fmt: skip
    query = query.where(v.c.state == LIVE) if period is None else query.where(v.c.state.in_((LIVE, RETIRED)))
    if ids is not None:
        query = query.where(v.c.form.in_(list(ids)))
    rows = connection.execute(query).all()
    chosen = {row.form: row for row in rows if period is None or valid_in(row.valid_from, row.valid_to, period)}
    return list(chosen.values())


class Catalogues:
    """The catalogues in use. Files are read once, however often their forms are merged anew."""

    def __init__(self) -> None:
        self._kept: Kept[Hashable, Catalogue] = Kept(6)
        self._readings: Kept[tuple[str, str, str], Reading] = Kept(600)

    def of(
        self, connection: Connection, ids: Iterable[str] | None = None, period: Period | None = None, until: str | None = None
    ) -> Catalogue:  # fmt: skip
        """The catalogue of some forms (None: of all): in the version for a period (None: the newest), merged by what people
        had decided up to a moment (None: by now)."""
        return self._get(connection, versions_for(connection, period, ids), decisions.mark(connection, until))

    def undecided(self, connection: Connection, ids: Iterable[str] | None = None) -> Catalogue:
        """The newest live versions (of some forms), merged as if nobody had decided anything: what questions are asked about."""
        return self._get(connection, versions_for(connection, None, ids), 0)

    def _get(self, connection: Connection, rows: Sequence[Any], last: int) -> Catalogue:
        key = (tuple(sorted((row.form, row.version, row.sha256, row.frequency, row.department, row.basis) for row in rows)), last)
        return self._kept.get(key, lambda: self._make(connection, rows, last))

    def _make(self, connection: Connection, rows: Sequence[Any], last: int) -> Catalogue:
        editions = {
            row.file: FormEdition(
                row.form, row.version, row.title, row.department, row.frequency, row.level, row.kind, row.basis, row.file,
                row.sha256,
            )
            for row in rows
        }  # fmt: skip
        templates = _templates(connection, rows)
        readings = self.readings(rows, templates)
        lexicon = load_lexicon()
        agreed = decisions.in_force(connection, last) if last else None
        merged = merge([form for reading in readings for form in reading.forms], lexicon, agreed)
        found = tuple(derivations(merged, lexicon))
        return Catalogue(editions, readings, merged, found, templates, lexicon)

    def readings(self, rows: Sequence[Any], templates: Mapping[str, bytes]) -> tuple[Reading, ...]:
        """The files of some versions, read: `templates` by file name."""

        def one(row: Any) -> Reading:
            name, data = row.file, templates[row.file]
            return self._readings.get(
                (name, row.sha256, row.frequency), lambda: with_periods(recognise(read_bytes(data, name)), {name: row.frequency})
            )

        return tuple(one(row) for row in rows)


def _templates(connection: Connection, rows: Sequence[Any]) -> dict[str, bytes]:
    v = form_version
    wanted = {(row.form, row.version): row.file for row in rows}
    found = connection.execute(select(v.c.form, v.c.version, v.c.template).where(v.c.form.in_([row.form for row in rows])))
    by_file = {wanted[row.form, row.version]: row.template for row in found if (row.form, row.version) in wanted}
    return {row.file: by_file[row.file] for row in rows}


def sha256(data: bytes) -> str:
    """What tells one edition's template from another."""
    return hashlib.sha256(data).hexdigest()
