"""Shared data in workbooks: sheets as rows of text, read behind the same guards as forms and with room for a county's people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from forms.grid import limits
from forms.grid.cells import Draft
from forms.grid.notes import Notes
from forms.grid.read import contents, is_xlsx, is_zip, read_bytes
from forms.grid.xlsx import read_sheets
from forms.model import Cell, CellKind, Grid, Problem, Rect


@dataclass(frozen=True, slots=True)
class ListSheet:
    """A sheet of rows: row number -> texts from column A on. Rows without content are left out."""

    name: str
    rows: Mapping[int, list[str]]
    merges: tuple[Rect, ...] = ()


@dataclass(frozen=True, slots=True)
class ListBook:
    """All sheets of a file, and what was wrong with it."""

    file: str
    sheets: tuple[ListSheet, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_lists(path: Path, name: str = "") -> ListBook:
    """The sheets of the workbook (or web page, or text table) at `path`; problems call it `name`. Bad content gives Problems,
    never an exception."""
    notes = Notes(name or path.name)
    data = contents(path, notes)
    if data is None:
        return ListBook(notes.file, (), notes.all())
    if not is_zip(data):
        book = read_bytes(data, notes.file)
        return ListBook(notes.file, tuple(map(_of_grid, book.grids)), book.problems)
    sheets = read_sheets(data, notes, _RowDraft, _RowDraft.sheet, {}, {}) if is_xlsx(data, notes) else ()
    return ListBook(notes.file, sheets, notes.all())


@dataclass
class _RowDraft(Draft):
    """A sheet of which only the texts are kept."""

    lines: dict[int, list[str]] = field(default_factory=dict)

    def put(self, cell: Cell) -> None:
        if cell.kind is CellKind.BLANK:
            return
        self.filled += 1
        self.last_row = max(self.last_row, cell.row)
        self.last_col = max(self.last_col, cell.col)
        if self.filled <= limits.LIST_CELLS:
            _set(self.lines, cell)

    def sheet(self) -> ListSheet:
        if self.filled > limits.LIST_CELLS:
            self.notes.add("sheet.too-large", self.name, kept=limits.LIST_CELLS)
        if len(self.lines) * self.last_col > limits.LIST_PLACES:
            self.notes.add("data.too-wide", self.name, rows=len(self.lines), columns=self.last_col)
            return ListSheet(self.name, {})
        return ListSheet(self.name, self.lines, tuple(self.merges))


def _of_grid(grid: Grid) -> ListSheet:
    lines: dict[int, list[str]] = {}
    for place in sorted(place for place, cell in grid.cells.items() if cell.kind is not CellKind.BLANK):
        _set(lines, grid.cells[place])
    return ListSheet(grid.name, lines, grid.merges)


def _set(lines: dict[int, list[str]], cell: Cell) -> None:
    text = _text(cell)
    if not text:
        return
    line = lines.setdefault(cell.row, [])
    if len(line) < cell.col:
        line.extend([""] * (cell.col - len(line)))
    line[cell.col - 1] = text


def _text(cell: Cell) -> str:
    """A cell of a list as text. What is no value (#N/A, a number with digits lost) is nothing: its Problem says so. A number in a
    format of zeros (000000) is a code, printed as it is shown."""
    if cell.kind is CellKind.ERROR:
        return ""
    if cell.kind is CellKind.NUMBER and len(cell.style.number_format) > 1 and not cell.style.number_format.strip("0"):
        return cell.text
    return cell.text if cell.value is None else text_of(cell.value)


def text_of(value: object) -> str:
    """A stored value as text: whole numbers without a point, dates as 2026-03-05, yes and no as 是 and 否, nothing as ""."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(Decimal(str(value)))
    return str(value)
