"""All data sets under construction: opens their files, takes in one place after the other, closes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from data.demo.make.export import Rows, rows
from data.demo.make.manifest import DataSet
from data.demo.make.people import Site
from data.demo.make.region import Place
from data.demo.make.settings import settings
from data.demo.make.sinks import CsvSink, SheetSink, Sink, TableSink, write_book
from data.demo.make.truth import Truth
from data.demo.make.views import Views
from data.demo.make.village import Figure

SHEET_ROWS = 1_000_000  # Excel ends at 1,048,576: a longer list goes on on a further sheet


@dataclass
class _Open:
    """One list being written."""

    spec: Mapping[str, Any]
    headers: Sequence[str]
    sink: Sink
    rows: int = 0
    on_sheet: int = 0


@dataclass
class Library:
    """Every department's files."""

    out: Path
    as_of: date
    _open: dict[str, _Open] = field(default_factory=dict)
    _bases: dict[Path, sqlite3.Connection] = field(default_factory=dict)
    _books: dict[Path, list[SheetSink]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for spec in settings("datasets"):
            self._start(spec, list(spec["columns"]))
        for file in settings("village")["files"]:
            self._start(file, _village_headers(file))

    def _start(self, spec: Mapping[str, Any], headers: Sequence[str]) -> None:
        self._open[spec["id"]] = _Open(spec, headers, self._sink(spec, headers, ""))

    def _sink(self, spec: Mapping[str, Any], headers: Sequence[str], more: str) -> Sink:
        path = self.out / spec["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".csv":
            return CsvSink(path, [header.replace("/", "") for header in headers], spec["encoding"])
        if path.suffix == ".db":
            return TableSink(self._bases.setdefault(path, sqlite3.connect(path)), spec["table"], headers)
        days = frozenset(header for header, rule in spec.get("columns", {}).items() if rule.endswith("|excel"))
        titles = spec.get("title", [])
        sheet = SheetSink(spec.get("sheet", "Sheet1") + more, [titles] if isinstance(titles, str) else titles, headers, days)
        self._books.setdefault(path, []).append(sheet)
        return sheet

    def add_place(self, site: Site, views: Views, truth: Truth) -> None:
        """Writes the rows of one place into every list, and their links into the truth."""
        for spec in settings("datasets"):
            held = self._open[spec["id"]]
            found = rows(spec, views, site.rng, held.rows)
            truth.add_links(spec["id"], held.rows + 1, found)
            self._write(held, found)
        for file in settings("village")["files"]:
            held = self._open[file["id"]]
            printed = [[value] for value in _village_row(file, site.place, views)]
            held.sink.add(printed)
            held.rows += 1

    def _write(self, held: _Open, found: Rows) -> None:
        size = len(found.who)
        if not size:
            return
        if isinstance(held.sink, SheetSink) and held.on_sheet + size > SHEET_ROWS:
            held.sink = self._sink(held.spec, held.headers, f"({held.rows // SHEET_ROWS + 2})")
            held.on_sheet = 0
        columns = [found.table[header].tolist() for header in held.headers]
        if isinstance(held.sink, TableSink):  # departments' databases keep texts, blanks as NULL
            columns = [[None if value == "" else str(value) for value in column] for column in columns]
        held.sink.add(columns)
        held.rows += size
        held.on_sheet += size

    def close(self) -> list[DataSet]:
        """Finishes all files and says what they are."""
        for held in self._open.values():
            held.sink.close()
        for base in self._bases.values():
            base.close()
        for path, sheets in self._books.items():
            write_book(path, sheets)
        return [self._describe(held) for held in self._open.values()]

    def _describe(self, held: _Open) -> DataSet:
        spec, suffix = held.spec, Path(held.spec["file"]).suffix
        as_of = date(self.as_of.year - 1, 12, 31) if spec.get("as_of_year_before") else self.as_of
        missing = {"missing": settings("village")["missing"]} if "groups" in spec else {}
        stale = {f"stale:{state}": share for state, share in spec.get("stale", {}).items()}
        titles = spec.get("title", "")
        return DataSet(
            id=spec["id"],
            department=spec["department"],
            file=spec["file"],
            encoding=spec.get("encoding", "") if suffix == ".csv" else "",
            title=titles if isinstance(titles, str) and titles else (titles or [Path(spec["file"]).stem])[0],
            format={".csv": "csv", ".db": "sqlite", ".xlsx": "xlsx"}[suffix],
            table=spec.get("table", "") if suffix == ".db" else spec.get("sheet", "Sheet1") if suffix == ".xlsx" else "",
            header_row=held.sink.header_row if isinstance(held.sink, SheetSink) else 1,
            level=spec.get("level", "village"),
            as_of=as_of - timedelta(days=spec.get("as_of_days", 0)),
            fresh=spec["fresh"],
            precedence=spec["precedence"],
            coverage=spec["note"],
            rows=held.rows,
            quality={**spec.get("faults", {}), **stale, **missing},
        )


def _village_headers(file: Mapping[str, Any]) -> list[str]:
    grouped = Path(file["file"]).suffix == ".xlsx"
    headers = list(file["place_columns"])
    for group, indicators in file["groups"].items():
        for name, rule in indicators.items():
            unit = rule.get("unit", "") if isinstance(rule, dict) else rule[0]
            shown = f"{name}（{unit}）" if unit and grouped else name
            headers.append(f"{group}/{shown}" if grouped else shown)
    if file.get("officers"):
        headers += ["负责人/书记（主任）姓名", "负责人/书记（主任）联系电话"]
    return headers


def _number(figure: Figure) -> str | Decimal:
    """A figure as a workbook stores it: a number where it is one (text indicators and marks for a missing figure are not)."""
    return Decimal(figure.written) if figure.unit and figure.written == figure.true != "" else figure.written


def _village_row(file: Mapping[str, Any], place: Place, views: Views) -> list[Any]:
    values = [_number(f) for f in views.figures if f.dataset == file["id"]]
    return [getattr(place, name) for name in file["place_columns"].values()] + values
