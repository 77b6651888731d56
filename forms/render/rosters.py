"""Records into rosters: into the printed rows first, then into new rows that look like the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from forms.model import Address, CellValue, Problem
from forms.problems import problem
from forms.render.choices import has_boxes
from forms.render.content import BLANK, Content, rich
from forms.render.formulas import Formula, moved_pattern, new_row_formula, pattern_formula
from forms.render.model import RosterRows, Write
from forms.render.references import LAST_ROW, Growth, RowMap
from forms.render.runs import plain
from forms.render.sheet import Existing, NewRow, Place, Sheet
from forms.render.writing import Writer


@dataclass(frozen=True)
class Plan:
    """How the rosters of one sheet are placed."""

    rows: RowMap
    rosters: tuple[RosterRows, ...]
    problems: tuple[Problem, ...]


def plan(sheet: str, file: str, rosters: Sequence[RosterRows], last_row: int) -> Plan:
    """Which rosters grow by how many rows. Two side by side in the same rows grow together; where blocks of rows cross
    otherwise, the later one keeps its printed rows and a Problem says how many records are left out."""
    growths: list[Growth] = []
    kept: list[RosterRows] = []
    problems: list[Problem] = []
    for roster in rosters:
        need = max(len(roster.records) - roster.rows.height, 0)
        growth = Growth(roster.rows.top, roster.rows.bottom, need)
        same = next((item for item in growths if (item.top, item.bottom) == (growth.top, growth.bottom)), None)
        code = _refusal(growth, [item for item in growths if item is not same], last_row)
        if need and code:
            where = str(roster.rows)
            problems.append(problem(code, file, sheet, where, left=need, **({"count": need} if "many" in code else {})))
            kept.append(replace(roster, records=roster.records[: roster.rows.height]))
            continue
        kept.append(roster)
        if same is None:
            growths.append(growth)
        else:
            growths[growths.index(same)] = replace(same, count=max(same.count, need))
    grown = tuple(sorted((item for item in growths if item.count), key=lambda item: item.top))
    return Plan(RowMap(grown), tuple(kept), tuple(problems))


def _refusal(growth: Growth, others: Sequence[Growth], last_row: int) -> str:
    if any(growth.top <= other.bottom and other.top <= growth.bottom for other in others):
        return "render.rosters-overlap"
    if last_row + growth.count + sum(other.count for other in others) > LAST_ROW:
        return "render.too-many-rows"
    return ""


def add_rows(sheet: Sheet, maps: Mapping[str, RowMap], formulas: Mapping[Place, Formula]) -> None:
    """The new rows of a sheet, still without records: style, height and formulas of the printed rows."""
    for growth in maps[sheet.name].growths:
        line = sheet.rows.get(growth.top)
        tag = sheet.edits.data[line.start : line.inner] if line is not None else b""
        columns = sheet.cells(growth.top)
        model = {col: (node.attrs.get("s", ""), _repeated(sheet, growth, col)) for col, node in columns.items()}
        found = {col: pattern_formula(formulas, growth, col) for col in columns}
        patterns = {col: (item, moved_pattern(sheet, item, maps)) for col, item in found.items() if item is not None}
        first = maps[sheet.name].first_new(growth)
        for number in range(first, first + growth.count):
            row = NewRow(number, tag, dict(model))
            for col, (pattern, moved) in patterns.items():
                row.cells[col] = (model[col][0], new_row_formula(sheet, moved, number, pattern.kind == "array"))
            sheet.new_rows.append(row)


def _repeated(sheet: Sheet, growth: Growth, col: int) -> Content:
    """What is printed in every row of a roster (□男 □女, 元) is printed in the new ones too."""
    existing = sheet.existing(growth.top, col)
    if existing.kind != "text":
        return BLANK
    others = [sheet.existing(row, col).shown for row in range(growth.top + 1, growth.bottom + 1)]
    if has_boxes(existing.runs) or (others and all(text == existing.shown for text in others)):
        return rich(existing.runs, sheet.prefix)
    return BLANK


def write_records(sheet: Sheet, roster: RosterRows, rows: RowMap, writer: Writer) -> None:
    """Puts the records in. Printed rows that are left over are emptied of what an earlier filling left there."""
    printed = {rows.row(row): row for row in range(roster.rows.top, roster.rows.bottom + 1)}
    fresh = {row.number: row for row in sheet.new_rows}
    start = rows.row(roster.rows.top)
    into_printed: dict[Place, CellValue] = {}
    for index, record in enumerate(roster.records):
        if len(record) > len(roster.columns):
            _too_wide(writer, roster, index, record)
        values: list[tuple[int, CellValue]] = list(zip(roster.columns, record, strict=False))
        if roster.serial is not None:
            values.append((roster.serial, Decimal(index + 1)))
        number = start + index
        for col, value in values:
            if number in printed:
                into_printed[(printed[number], col)] = value
            else:
                _into_new(sheet, fresh[number], (roster.rows.top, col), value, writer)
    for number, row in printed.items():
        if number >= start + len(roster.records):
            _empty(sheet, row, roster.columns)
    _split_blocks(sheet, into_printed, writer)
    for (row, col), value in into_printed.items():
        _into_printed(sheet, sheet.anchor(row, col), value, col == roster.serial, writer)


def _split_blocks(sheet: Sheet, values: Mapping[Place, CellValue], writer: Writer) -> None:
    """A merged block down several rows keeps one value; where the records bring different ones it is taken apart."""
    meant: dict[Place, list[CellValue]] = {}
    for place, value in values.items():
        meant.setdefault(sheet.anchor(*place), []).append(value)
    for anchor, those in meant.items():
        if len(set(those)) > 1:
            writer.split(anchor, len(those))


def _too_wide(writer: Writer, roster: RosterRows, index: int, record: Sequence[CellValue]) -> None:
    values = {"record": index + 1, "have": len(record), "want": len(roster.columns)}
    writer.problems.append(problem("render.wide-record", writer.file, roster.sheet, str(roster.rows), **values))


def _into_printed(sheet: Sheet, place: Place, value: CellValue, serial: bool, writer: Writer) -> None:
    existing = sheet.existing(*place)
    if serial and (existing.kind == "formula" or existing.shown.strip() == str(value)):
        return
    if value is None and existing.kind == "blank":
        return
    writer.put_value(*place, value)


def _into_new(sheet: Sheet, row: NewRow, first: Place, value: CellValue, writer: Writer) -> None:
    """A value in a new row: treated as it would be in the roster's first row."""
    col = sheet.anchor(*first)[1]
    style, standing = row.cells.get(col, (sheet.style(first[0], col), BLANK))
    below = sheet.existing(first[0], col)
    if standing != BLANK and below.kind == "formula":
        return
    repeated = standing != BLANK
    model = Existing(
        "text" if repeated else "blank", below.runs if repeated else (), plain(below.runs) if repeated else "", style
    )
    address = Address(sheet.name, row.number, col)
    content = writer.content_for(model, [Write(address, value)], writer.reporter(row.number, col))
    if content is not None:
        row.cells[col] = (style, content)


def _empty(sheet: Sheet, row: int, columns: Sequence[int]) -> None:
    for col in columns:
        place = sheet.anchor(row, col)
        existing = sheet.existing(*place)
        if place[0] == row and existing.kind in ("text", "value") and not has_boxes(existing.runs):
            sheet.written[place] = BLANK
