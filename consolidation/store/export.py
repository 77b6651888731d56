"""A copy for analysts: one SQLite file with readable tables, to open in Datasette or any tool. Every column is TEXT but versions
("007" is not 7); personal values are masked unless somebody who has the key asks otherwise, and both are noted in the audit log.
"""

from __future__ import annotations

import os
import secrets as randomness
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlite_utils
from sqlalchemy import Connection, Table, select

from forms.problems import CannotDo, masked, problem

from .audit import Act, record
from .engine import Store
from .masking import HIDDEN, About, shown_masked
from .schema import element, figure, figure_history, form, form_version, region, submission, submission_event
from .sealed import figure_context
from .secrets import MARK, CannotOpen, Secrets

_LONGEST_WORD = 6  # characters: pieces of names up to so many can be searched for
_STATES = {
    "prefilled": "预填", "draft": "草稿", "reported": "已上报", "approved": "已通过",
    "dispatched": "待填报", "submitted": "已提交，待审核", "returned": "已退回",
}  # fmt: skip
_FIGURE = (
    "element", "element_name", "unit", "entity", "entity_name", "period", "region", "region_name", "value", "state", "state_name",
    "source", "detail", "actor", "at", "note",
)  # fmt: skip
VIEWS = {
    "latest_figures": """SELECT * FROM figures AS f WHERE value IS NOT NULL AND period = (
        SELECT max(period) FROM figures AS g WHERE g.element = f.element AND g.entity = f.entity AND g.value IS NOT NULL)""",
    "corrected_figures": """SELECT h.element_name, h.region_name, h.entity, h.period, h.value AS value_before,
        n.value AS value_after, n.note, n.actor, n.at
        FROM history AS h JOIN history AS n
        ON n.element = h.element AND n.entity = h.entity AND n.period = h.period AND n.version = h.version + 1
        WHERE h.state IN ('reported', 'approved') AND n.value IS NOT h.value""",
    "open_submissions": "SELECT * FROM submissions WHERE state IN ('dispatched', 'returned') ORDER BY deadline, region",
    "figures_by_source": """SELECT period, region, region_name, source, state, count(*) AS figures FROM figures
        GROUP BY period, region, source, state""",
}

Shows = Callable[[str, About, bool], str]
"""How a value is shown: its text, its element, whether it is sealed in the database."""


def shown_whole(text: str, about: About, is_personal: bool) -> str:
    """A value as it is, for `--unmasked`."""
    return text


def export(store: Store, secrets: Secrets, path: Path, actor: str, now: str, shows: Shows = shown_masked) -> dict[str, int]:
    """Writes the copy to a new file that only its owner may read; gives the rows of each table. Raises CannotDo when the file is
    there already."""
    if path.exists():
        raise CannotDo(problem("store.file-exists", path.name))
    # Noted before the first value is read: a copy that was begun and stopped is in the log too.
    act = Act(actor, "export", path.name, detail={"masked": shows is shown_masked})
    store.write(lambda c: record(c, act, now, secrets.finder))
    fresh = path.with_name(f"{path.name}.{randomness.token_hex(4)}")
    try:
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with store.read() as connection:
            rows = _Copy(connection, secrets, shows).write(fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return rows


@dataclass
class _Copy:
    connection: Connection
    secrets: Secrets
    shows: Shows

    def write(self, path: Path) -> dict[str, int]:
        self.regions = {row.code: row for row in self.connection.execute(select(region))}
        self.elements = {row.id: row for row in self.connection.execute(select(element))}
        database = sqlite_utils.Database(path)
        try:
            self._all(database)
            for name, query in VIEWS.items():
                database.create_view(name, query)
            return {name: database[name].count for name in _TABLES}
        finally:
            database.close()

    def _all(self, database: Any) -> None:
        _table(database, "regions", ("code", "name", "level", "parent"), "code", (_mapping(r) for r in self.regions.values()))
        _table(database, "elements", _ELEMENT, "id", self._elements())
        database["elements"].enable_fts(["name", "definition", "words"], create_triggers=False)
        _table(database, "forms", _FORM, ("id", "version"), self._forms())
        _table(database, "figures", (*_FIGURE, "version"), ("element", "entity", "period"), self._figures(figure))
        _table(
            database, "history", (*_FIGURE, "version"), ("element", "entity", "period", "version"), self._figures(figure_history)
        )
        _table(database, "submissions", _SUBMISSION, ("region", "period"), self._submissions(submission))
        _table(database, "submission_events", _EVENT, "seq", self._submissions(submission_event))
        database["figures"].create_index(["region", "period"])
        database["history"].create_index(["element", "entity", "period"])

    def _elements(self) -> Iterator[dict[str, Any]]:
        for row in self.elements.values():
            yield {**{name: row._mapping[name] for name in _ELEMENT if name != "words"}, "words": words(row.name)}

    def _forms(self) -> Iterator[dict[str, Any]]:
        columns = [*form.c, form_version.c.version, form_version.c.state, form_version.c.valid_from, form_version.c.valid_to]
        query = select(*columns).select_from(form.outerjoin(form_version)).order_by(form.c.id, form_version.c.version)
        for row in self.connection.execute(query):
            yield {**_mapping(row), "version": row.version or 0}

    def _figures(self, table: Table) -> Iterator[dict[str, Any]]:
        rows = self.connection.execution_options(yield_per=1000).execute(select(table).order_by(*table.primary_key.columns))
        for row in rows:
            known = self.elements.get(row.element)
            about = About(known.name, known.entity, known.measure, known.type, known.codes) if known else About()
            free = {name: self._free(row._mapping[name]) for name in ("detail", "note")}
            yield {
                **_mapping(row), **free, "element_name": about.name, "unit": known.unit if known else "",
                "region_name": self._name(row.region), "entity_name": self._name(row.entity),
                "state_name": _STATES.get(row.state, row.state), "value": self._value(row, about),
            }  # fmt: skip

    def _value(self, row: Any, about: About) -> str | None:
        value: str | None = row.value
        if value is None:
            return None
        is_sealed = value.startswith(MARK)
        try:
            return self.shows(self.secrets.open(value, figure_context(row.element, row.entity)), about, is_sealed)
        except CannotOpen:
            return HIDDEN

    def _free(self, text: str) -> str:
        """What people wrote beside a value: never a personal number, whatever was asked for."""
        return masked(text)

    def _submissions(self, table: Table) -> Iterator[dict[str, Any]]:
        for row in self.connection.execute(select(table).order_by(*table.primary_key.columns)):
            found = _mapping(row) | {"region_name": self._name(row.region)}
            if "remark" in found:
                found["remark"] = self._free(found["remark"])
            states = {
                f"{name}_name": _STATES.get(found[name], "") for name in ("state", "from_state", "to_state") if name in found
            }
            yield found | states

    def _name(self, code: str) -> str:
        return str(self.regions[code].name) if code in self.regions else ""


_ELEMENT = (
    "id", "name", "entity", "measure", "unit", "type", "codes", "period_kind", "section", "definition", "rollup", "truth",
    "sharing", "words",
)  # fmt: skip
_FORM = ("id", "title", "department", "basis", "frequency", "level", "kind", "version", "state", "valid_from", "valid_to")
_SUBMISSION = (
    "region", "region_name", "period", "state", "state_name", "deadline", "changed_at", "changed_by", "closed", "version",
)  # fmt: skip
_EVENT = (
    "seq", "region", "region_name", "period", "from_state", "from_state_name", "to_state", "to_state_name", "actor", "at",
    "remark",
)  # fmt: skip
_TABLES = ("regions", "elements", "forms", "figures", "history", "submissions", "submission_events")
_NUMBERS = ("version", "seq")


def words(name: str) -> str:
    """Every piece of a Chinese name, with blanks between: SQLite's full-text search knows no Chinese words, so that a search for
    低保 finds 农村低保户数."""
    pieces = {name[i : i + size] for size in range(1, _LONGEST_WORD + 1) for i in range(len(name) - size + 1)}
    return " ".join(sorted(piece for piece in pieces if not any(letter.isspace() for letter in piece)))


def _table(
    database: Any, name: str, columns: tuple[str, ...], key: str | tuple[str, ...], rows: Iterator[Mapping[str, Any]]
) -> None:
    database[name].create({column: int if column in _NUMBERS else str for column in columns}, pk=key)
    database[name].insert_all(({column: row.get(column) for column in columns} for row in rows), batch_size=500)


def _mapping(row: Any) -> dict[str, Any]:
    return dict(row._mapping)
