"""Text tables (.csv, tab-separated): written back with their own encoding, separator, quotes and line ends.

Only the fields that are filled change. A text field that a spreadsheet program would take for a formula gets an
apostrophe before it (OWASP, “CSV Injection”): a text file has no other way to say that it is text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from forms.encoding import decode
from forms.grid.text import separator
from forms.model import Address, CellValue, Problem
from forms.problems import problem
from forms.render.content import Unwritable, as_text
from forms.render.model import Rendered, RosterRows, Write
from forms.render.references import RowMap
from forms.render.rosters import plan
from forms.render.runs import Run, plain
from forms.render.writing import Report, clean_write, one_value, takes_parts, within

_FORMULA = re.compile(r"[=+\-@\t]")
_HARMLESS = re.compile(r"[+-]?\d+(?:\.\d+)?%?|-+")
_LONG_DIGITS = re.compile(r"\d{12,}[0-9Xx]?")
_HTML = re.compile(r"\s*(?:<!doctype html|<html|<table)", re.I)


@dataclass
class _Line:
    fields: list[str]  # as written, quotes and all
    end: str  # its line break


@dataclass
class _Table:
    name: str
    mark: str
    lines: list[_Line]
    line_end: str
    closed: bool  # the last line ends with a line break
    problems: list[Problem] = field(default_factory=list)

    def read(self, row: int, col: int) -> str:
        if row > len(self.lines) or col > len(self.lines[row - 1].fields):
            return ""
        raw = self.lines[row - 1].fields[col - 1]
        return raw[1:-1].replace('""', '"') if len(raw) > 1 and raw.startswith('"') and raw.endswith('"') else raw

    def write(self, row: int, col: int, text: str) -> None:
        while row > len(self.lines):
            self.lines.append(_Line([""], self.line_end))
        fields = self.lines[row - 1].fields
        fields.extend([""] * (col - len(fields)))
        quoted = fields[col - 1].startswith('"') or any(sign in text for sign in (self.mark, '"', "\n", "\r"))
        fields[col - 1] = '"' + text.replace('"', '""') + '"' if quoted else text

    def text(self) -> str:
        whole = "".join(self.mark.join(line.fields) + line.end for line in self.lines)
        return whole if self.closed or not self.lines else whole.removesuffix(self.lines[-1].end)


def _table(text: str, name: str) -> _Table:
    mark = separator(text) or ","
    lines = _lines(text, mark)
    line_end = next((line.end for line in lines if line.end), "\r\n")
    closed = not lines or bool(lines[-1].end)
    if not closed:
        lines[-1].end = line_end
    return _Table(name, mark, lines, line_end, closed)


def fill_text(source: bytes, name: str, writes: Sequence[Write], rosters: Sequence[RosterRows] = ()) -> Rendered:
    """A text table filled. The sheet named in the addresses is the file itself, whatever it is called."""
    found = decode(source, "surrogateescape")  # broken characters go back as the bytes they were
    if found is None:
        return Rendered(source, name, (problem("file.not-a-workbook", name, looks="别的格式"),))
    if _HTML.match(found.text):
        return Rendered(source, name, (problem("render.html", name),))
    table = _table(found.text, name)
    sheet = next((write.address.sheet for write in writes), next((roster.sheet for roster in rosters), ""))
    item = plan(sheet, name, rosters, len(table.lines))
    table.problems += item.problems
    groups: dict[tuple[int, int], list[Write]] = {}
    for write in writes:
        groups.setdefault((write.address.row, write.address.col), []).append(write)
    for (row, col), group in groups.items():
        _put(table, row, col, group)
    moved = item.rows.moved(len(table.lines))
    _grow(table, item.rows)
    for roster in item.rosters:
        _records(table, roster, item.rows)
    if any(_LONG_DIGITS.fullmatch(str(write.value)) for write in writes) or _long_records(rosters):
        table.problems.append(problem("render.csv-long-digits", name))
    data = found.mark + table.text().encode(found.encoding, "surrogateescape")
    return Rendered(data, name, tuple(table.problems), {sheet: moved} if moved else {})


def _lines(text: str, mark: str) -> list[_Line]:
    edge = re.escape(mark)
    pattern = re.compile(rf'("(?:[^"]|"")*"[^{edge}\r\n]*|[^{edge}\r\n]*)({edge}|\r\n|\n|\r|\Z)')
    lines: list[_Line] = []
    fields: list[str] = []
    place = 0
    while place < len(text) or fields:
        found = pattern.match(text, place)
        if found is None:
            break
        fields.append(found[1])
        place = found.end()
        if found[2] != mark:
            lines.append(_Line(fields, found[2]))
            fields = []
    return lines


def _put(table: _Table, row: int, col: int, writes: Sequence[Write]) -> None:
    old = table.read(row, col)
    cell = Address("", row, col).a1

    def report(code: str, **values: object) -> None:
        table.problems.append(problem(code, table.name, writes[0].address.sheet, cell, **values))

    new = _new_text(old, [clean_write(write, report) for write in writes], report)
    if new is not None and new != old:
        table.write(row, col, new)


def _new_text(old: str, writes: Sequence[Write], report: Report) -> str | None:
    if takes_parts((Run(old),), writes):
        runs = within((Run(old),), writes, report)
        return plain(runs) if runs is not None else None
    try:
        return _field(one_value(writes, report))
    except Unwritable as error:
        report(error.code, **error.values)
        return None


def _field(value: CellValue) -> str:
    """A value as a field: dates as yyyy-mm-dd, which every program reads; nothing that could run."""
    text = value.isoformat() if isinstance(value, date) else as_text(value)
    if isinstance(value, str) and _FORMULA.match(text) and not _HARMLESS.fullmatch(text):
        return "'" + text
    return text


def _grow(table: _Table, rows: RowMap) -> None:
    """Empty lines for the new rows of the rosters, from the last one up so that places above stay."""
    for growth in reversed(rows.growths):
        width = len(table.lines[growth.top - 1].fields) if growth.top <= len(table.lines) else 1
        place = growth.before - 1
        table.lines[place:place] = [_Line([""] * width, table.line_end) for _ in range(growth.count)]


def _records(table: _Table, roster: RosterRows, rows: RowMap) -> None:
    start, end = rows.row(roster.rows.top), rows.row(roster.rows.bottom)
    for index in range(max(len(roster.records), end - start + 1)):
        row = start + index
        held = index < len(roster.records)
        record = roster.records[index] if held else (None,) * len(roster.columns)
        values: list[tuple[int, CellValue]] = list(zip(roster.columns, record, strict=False))
        if held and roster.serial is not None:
            values.append((roster.serial, Decimal(index + 1)))
        for col, value in values:
            if value is not None or table.read(row, col):
                _put(table, row, col, [Write(Address(roster.sheet, row, col), value)])


def _long_records(rosters: Sequence[RosterRows]) -> bool:
    return any(
        isinstance(value, str) and _LONG_DIGITS.fullmatch(value)
        for roster in rosters
        for record in roster.records
        for value in record
    )
