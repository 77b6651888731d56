"""From stored content to cells: what the readers of .xlsx, .xls, html and csv have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal

from forms.grid import limits, numfmt
from forms.grid.notes import Notes
from forms.grid.oddities import note_oddities
from forms.model import Cell, CellKind, CellValue, Grid, Rect, Style, Validation, column_letters, column_number
from forms.values.serials import from_serial

_ROUNDED = re.compile(r"\s*[1-9](?:\.(\d+))?[eE]\+?(\d+)\s*")
# Characters that XML and JSON files must not hold or that steer a terminal; a blank in their place keeps every position.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SIXTEEN_DIGITS = Decimal(10) ** 15

Place = tuple[int, int]
"""Row and column, from 1."""

ERROR_MEANINGS = {
    "#REF!": "（公式引用的单元格已被删除）",
    "#DIV/0!": "（公式里除以了 0 或空格）",
    "#VALUE!": "（公式里有一项是文字，不能计算）",
    "#NAME?": "（公式里有写错的函数名）",
    "#N/A": "（公式没有查到要找的内容）",
    "#NUM!": "（公式算出的数超出了范围）",
    "#NULL!": "（公式里的两个区域没有相交）",
}


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one cell before it has a place and a style."""

    text: str
    value: CellValue
    kind: CellKind


BLANK = Content("", None, CellKind.BLANK)


@dataclass
class Draft:
    """A sheet while it is read."""

    name: str
    notes: Notes
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[Rect] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_cols: set[int] = field(default_factory=set)
    state: str = "visible"
    validations: list[Validation] = field(default_factory=list)
    last_row: int = 0  # of the non-empty cells
    last_col: int = 0
    filled: int = 0
    blanks: int = 0
    skipped: int = 0  # styled blank rows left out, and the last of them
    skipped_to: int = 0

    def put(self, cell: Cell) -> None:
        """Keeps a cell; a styled blank only near content and within the limits."""
        if cell.kind is not CellKind.BLANK:
            self.filled += 1
            if self.filled > limits.CELLS:
                return
            self.last_row = max(self.last_row, cell.row)
            self.last_col = max(self.last_col, cell.col)
        elif not self._room_for_blank(cell):
            return
        else:
            self.blanks += 1
        self.cells[cell.row, cell.col] = cell

    def far_below(self, row: int) -> bool:
        """Whether a row lies so far below all content that its blank cells are not kept."""
        return row > self.last_row + limits.BLANK_ROWS_BELOW

    def skip(self, rows: int, last: int) -> None:
        """Counts rows whose blank cells are left out; `last` is the last of them."""
        if last != self.skipped_to:
            self.skipped += rows
            self.skipped_to = last

    def _room_for_blank(self, cell: Cell) -> bool:
        if self.blanks >= limits.BLANKS or self.far_below(cell.row):
            self.skip(1, cell.row)
            return False
        return cell.col <= self.last_col + limits.BLANK_COLS_AHEAD

    def note(self, code: str, place: Place, **values: object) -> None:
        self.notes.add(code, self.name, f"{column_letters(place[1])}{place[0]}", **values)

    def grid(self) -> Grid:
        """The finished sheet; notes what was left out."""
        if self.filled > limits.CELLS:
            self.notes.add("sheet.too-large", self.name, kept=limits.CELLS)
        if self.skipped:
            self.notes.add("sheet.blank-rows", self.name, last=self.skipped_to, skipped=self.skipped)
        if self.state == "veryHidden":
            self.notes.add("sheet.very-hidden", self.name)
        elif self.state == "hidden":
            self.notes.add("sheet.hidden", self.name)
        right = self.last_col + limits.BLANK_COLS_BESIDE
        bottom = self.last_row + limits.BLANK_ROWS_BELOW
        if self.blanks:
            self.cells = {
                place: cell
                for place, cell in self.cells.items()
                if cell.kind is not CellKind.BLANK or (place[0] <= bottom and place[1] <= right)
            }
        grid = Grid(
            name=self.name,
            cells=self.cells,
            merges=_clipped(self.merges, bottom, right),
            hidden_rows=frozenset(self.hidden_rows),
            hidden_cols=frozenset(self.hidden_cols),
            state=self.state,
            validations=tuple(self.validations),
        )
        note_oddities(grid, self.notes)
        return grid


def _clipped(merges: Iterable[Rect], bottom: int, right: int) -> tuple[Rect, ...]:
    """The merges cut to the used block, so that a merge of whole columns does not fill the memory."""
    kept: list[Rect] = []
    places = 0
    for rect in merges:
        if rect.top > bottom or rect.left > right:
            continue
        cut = Rect(rect.top, rect.left, min(rect.bottom, bottom), min(rect.right, right))
        places += cut.height * cut.width
        if places > limits.MERGE_PLACES:
            break
        kept.append(cut)
    return tuple(kept)


def of_text(text: str, draft: Draft, place: Place) -> Content:
    """A cell that holds text. Text that is only white space is kept as text: it may be the blank of a label."""
    if not text:
        return BLANK
    text = UNSEEN.sub(" ", text)
    if len(text) > limits.TEXT_LENGTH:
        draft.note("cell.too-long", place, length=len(text), limit=limits.TEXT_LENGTH)
        text = text[: limits.TEXT_LENGTH]
    if rounded_text(text):
        draft.note("cell.rounded-id", place, shown=text.strip())
        return Content(text, None, CellKind.ERROR)
    return Content(text, text, CellKind.TEXT)


def rounded_text(text: str) -> bool:
    """Whether the text is a long number that a spreadsheet saved with digits missing: 5.11023E+17, 4.20102E+11."""
    found = _ROUNDED.fullmatch(text) if "E+" in text or "e+" in text or "E1" in text else None
    return found is not None and int(found[2]) >= 11 and len(found[1] or "") < int(found[2])


def of_number(raw: Decimal, style: Style, draft: Draft, place: Place) -> Content:
    """A cell that holds a number: a date when its format says so, and a Problem when it is too long to be true.

    Excel keeps 15 significant digits: a whole number of 16 or more has lost its last digits, and no form asks for a
    quantity of that size, so it was an ID, a card or an account number.
    """
    number_format = style.number_format
    shape = numfmt.date_shape(number_format)
    if shape is not None:
        moment = from_serial(raw, system_1904=False)
        return of_date(moment, raw, shape, draft, place)
    value = numfmt.tidy(raw)
    if abs(value) >= _SIXTEEN_DIGITS:
        shown = numfmt.show_number(value, "General")
        draft.note("cell.rounded-id", place, shown=shown)
        return Content(shown, None, CellKind.ERROR)
    return Content(numfmt.show_number(value, number_format), value, CellKind.NUMBER)


def of_date(moment: date | datetime | time | None, raw: Decimal, shape: numfmt.DateShape, draft: Draft, place: Place) -> Content:
    """A number in date format; one that is no real date stays the number it is, with a Problem."""
    if moment is None:
        value = numfmt.tidy(raw)
        shown = numfmt.show_number(value, "General")
        draft.note("cell.impossible-date", place, shown=shown)
        return Content(shown, value, CellKind.NUMBER)
    return Content(numfmt.show_date(moment, shape), moment, CellKind.DATE)


def of_boolean(value: bool) -> Content:
    return Content("TRUE" if value else "FALSE", value, CellKind.BOOLEAN)


def of_error(code: str, draft: Draft, place: Place) -> Content:
    """An error value: kept as what is seen, never as a figure."""
    draft.note("cell.error-value", place, shown=code, meaning=ERROR_MEANINGS.get(code.upper(), ""))
    return Content(code, None, CellKind.ERROR)


def with_options(
    grids: Sequence[Grid], drop_downs: Mapping[str, Sequence[tuple[Rect, str]]], names: Mapping[str, str]
) -> tuple[Grid, ...]:
    """The sheets with their drop-downs (block and source, by sheet), which may take their choices from any sheet or by a
    defined name."""
    by_name = {grid.name: grid for grid in grids}
    finished = []
    for grid in grids:
        found = [
            Validation(rect, options)
            for rect, source in drop_downs.get(grid.name, ())
            if (options := _options(names.get(source, source), by_name, grid.name))
        ]
        finished.append(replace(grid, validations=tuple(found)) if found else grid)
    return tuple(finished)


def _options(source: str, grids: Mapping[str, Grid], here: str) -> tuple[str, ...]:
    """The choices that a drop-down's formula names: a printed list, or a block of cells of this book."""
    source = source.strip().lstrip("=")
    if source.startswith('"'):
        return tuple(part.strip() for part in source.strip('"').replace('""', '"').split(",") if part.strip())
    found = re.fullmatch(r"(?:'((?:[^']|'')+)'!|([^!'\[\]]+)!)?\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?", source)
    if found is None:
        return ()
    grid = grids.get((found[1] or found[2] or here).replace("''", "'"))
    if grid is None:
        return ()
    return _texts(grid, _block(found[3], int(found[4]), found[5] or found[3], int(found[6] or found[4])))


def _block(left: str, top: int, right: str, bottom: int) -> Rect:
    return Rect(top, column_number(left), bottom, column_number(right))


def _texts(grid: Grid, block: Rect) -> tuple[str, ...]:
    seen = {place: cell.text.strip() for place, cell in grid.cells.items() if place in block and cell.text.strip()}
    return tuple(dict.fromkeys(seen[place] for place in sorted(seen)))
