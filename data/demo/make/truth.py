"""truth.db: how things really are, and which real person stands behind each row of each list. For tests and benchmarks only."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from data.demo.make.export import Rows
from data.demo.make.people import iso
from data.demo.make.region import Place
from data.demo.make.settings import settings
from data.demo.make.sinks import TableSink
from data.demo.make.views import Views

_LINK = {"dataset": "TEXT", "row": "INTEGER", "who": "TEXT", "faults": "TEXT"}
_COUNT = "SELECT village_code, {what} AS value FROM {table} WHERE {where} GROUP BY village_code"
_FIGURE = dict.fromkeys(("village_code", "dataset", "name", "unit", "true", "written"), "TEXT")
_TYPES = {"b": "INTEGER", "i": "INTEGER", "u": "INTEGER", "f": "REAL"}


@dataclass
class Truth:
    """Growing truth; every column is text. Row numbers count a list's data rows from 1."""

    base: sqlite3.Connection
    _tables: dict[str, TableSink] = field(default_factory=dict)

    def _sink(self, table: str, headers: Mapping[str, str]) -> TableSink:
        if table not in self._tables:
            self._tables[table] = TableSink(self.base, table, tuple(headers), tuple(headers.values()))
        return self._tables[table]

    def add_place(self, place: Place, views: Views) -> None:
        """The people, dwellings, farms, enterprises, village figures and true counts of a place."""
        self._add("person", views.person[settings("counts")["person"]])
        for name in ("housing", "farm", "enterprise"):
            view: pd.DataFrame = getattr(views, name)
            if len(view):
                self._add(name, view.drop(columns=["township", "county", "committee", "village"]))
        figures = [(place.code, f.dataset, f.name, f.unit, f.true, f.written) for f in views.figures]
        self._sink("figure", _FIGURE).add(list(zip(*figures, strict=True)))

    def add_links(self, dataset: str, first: int, rows: Rows) -> None:
        """Who stands behind the rows that were just written; `first` is the number of the first of them."""
        size = len(rows.who)
        if size:
            self._sink("link", _LINK).add([[dataset] * size, range(first, first + size), rows.who, rows.faults])

    def _add(self, table: str, frame: pd.DataFrame) -> None:
        types = {str(name): _TYPES.get(frame[name].dtype.kind, "TEXT") for name in frame.columns}
        self._sink(table, types).add([_values(frame[name]) for name in frame.columns])

    def close(self, year: int) -> None:
        """Counts what is true in each village, indexes what tests look up, and finishes the file."""
        self.base.execute('CREATE TABLE "count" (village_code TEXT, key TEXT, value TEXT)')
        for key, query in queries(year).items():
            if query.table in self._tables:
                self.base.execute(f'INSERT INTO "count" SELECT village_code, ?, value FROM ({query.sql})', (key,))  # noqa: S608
        self.base.execute('CREATE INDEX link_dataset ON link (dataset, "row")')
        self.base.execute("CREATE INDEX person_village ON person (village_code)")
        self.base.commit()
        self.base.close()


def _values(column: pd.Series) -> list[Any]:
    if column.dtype.kind == "b":
        return [int(value) for value in column.tolist()]
    if column.dtype.kind == "M":
        return list(iso(column.to_numpy()).tolist())
    return list(column.tolist())


@dataclass(frozen=True)
class Query:
    """One true count: the table of truth.db it looks at and the statement, which gives village_code and value."""

    table: str
    sql: str


def queries(year: int) -> Mapping[str, Query]:
    """The statements of counts.yml by key; sums of land are in mu, of money in yuan."""
    spec = settings("counts")
    words = {"registered": spec["registered"], "present": spec["present"], "year": year}
    return {
        key: Query(table, _COUNT.format(what=what, table=table, where=where.format(**words)))
        for key, (what, table, where) in spec["counts"].items()
    }
