"""A sheet as a person sees it: hidden rows and columns left out, merged blocks as boxes, border lines between cells.

All recognition works in the view's own coordinates (1-based, without gaps); `address` and `actual` lead back to the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from forms.model import PLAIN, Address, Cell, CellKind, Grid, Rect, Style
from forms.recognise.labels import is_blank, is_dash

BLANK = Cell(0, 0)


@dataclass(frozen=True, slots=True)
class Box:
    """One merged block or single cell, in view coordinates."""

    rect: Rect
    cell: Cell

    @property
    def text(self) -> str:
        return self.cell.text

    @property
    def blank(self) -> bool:
        return is_blank(self.cell.text)

    @property
    def dash(self) -> bool:
        return is_dash(self.cell.text)

    @property
    def style(self) -> Style:
        return self.cell.style

    @property
    def numeric(self) -> bool:
        return self.cell.kind in (CellKind.NUMBER, CellKind.DATE)


class View:
    """The visible part of a grid. `rows`, `cols`: the sheet's own numbers of the view's rows and columns."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        places = [p for p, c in grid.cells.items() if c.text.strip() or _lined(c.style)]
        deepest = max((grid.rect(*p).bottom for p in places), default=0)
        widest = max((grid.rect(*p).right for p in places), default=0)
        self.rows = tuple(r for r in range(1, deepest + 1) if r not in grid.hidden_rows)
        self.cols = tuple(c for c in range(1, widest + 1) if c not in grid.hidden_cols)
        self._row_at = {row: i for i, row in enumerate(self.rows, 1)}
        self._col_at = {col: i for i, col in enumerate(self.cols, 1)}
        self._straight = not grid.hidden_rows and not grid.hidden_cols
        self._boxes: dict[tuple[int, int], Box] = {}
        self._texts: dict[int, list[Box]] = {}
        self._left_lines: set[tuple[int, int]] = set()
        self._top_lines: set[tuple[int, int]] = set()
        self._merges: dict[tuple[int, int], Rect] = {}
        self._index(grid)

    @cached_property
    def active(self) -> tuple[int, ...]:
        """The rows that hold text or drawn lines, from the top: all that a sheet of a million rows has to be asked for."""
        drawn = {r for r, _ in self._left_lines} | {r for r, _ in self._top_lines}
        return tuple(sorted(r for r in drawn | self._texts.keys() if r <= self.height))

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        return len(self.cols)

    def _index(self, grid: Grid) -> None:
        for merge in grid.merges:
            rect = self._projected(merge)
            if rect is not None and rect.height * rect.width <= 100_000:
                self._merges.update(dict.fromkeys(rect.places(), rect))
        for (row, col), cell in grid.cells.items():
            r, c = self._row_at.get(row), self._col_at.get(col)
            if r is not None and c is not None:
                self._draw(r, c, cell.style)
        seen: set[tuple[int, int]] = set()
        for row, col in sorted(p for p, cell in grid.cells.items() if cell.text.strip()):
            box = self._box_of(row, col)
            if box is not None and not box.blank and (box.rect.top, box.rect.left) not in seen:
                seen.add((box.rect.top, box.rect.left))
                self._texts.setdefault(box.rect.top, []).append(box)

    def _projected(self, rect: Rect) -> Rect | None:
        if self._straight:
            return rect
        rows = [self._row_at[r] for r in range(rect.top, rect.bottom + 1) if r in self._row_at]
        cols = [self._col_at[c] for c in range(rect.left, rect.right + 1) if c in self._col_at]
        return Rect(rows[0], cols[0], rows[-1], cols[-1]) if rows and cols else None

    def _box_of(self, row: int, col: int) -> Box | None:
        rect = self._projected(self.grid.rect(row, col))
        return self.box(rect.top, rect.left) if rect is not None else None

    def _draw(self, r: int, c: int, style: Style) -> None:
        if style.left:
            self._left_lines.add((r, c))
        if style.right:
            self._left_lines.add((r, c + 1))
        if style.top:
            self._top_lines.add((r, c))
        if style.bottom:
            self._top_lines.add((r + 1, c))

    # ---- what stands where -------------------------------------------------------------------------------------------
    def box(self, r: int, c: int) -> Box:
        """The box that covers a place; a blank single box where the sheet holds nothing."""
        found = self._boxes.get((r, c))
        if found is None:
            rect = self._merges.get((r, c)) or Rect(r, c, r, c)
            found = self._boxes.get((rect.top, rect.left)) or Box(rect, self._cell(rect))
            self._boxes[(rect.top, rect.left)] = self._boxes[(r, c)] = found
        return found

    def _cell(self, rect: Rect) -> Cell:
        if not (1 <= rect.top <= self.height and 1 <= rect.left <= self.width):
            return BLANK
        return self.grid.cell(self.rows[rect.top - 1], self.cols[rect.left - 1]) or BLANK

    def texts(self, r: int, left: int = 1, right: int = 1 << 30) -> list[Box]:
        """The non-empty boxes whose top row is r and that begin between two columns, from left to right."""
        return [b for b in self._texts.get(r, ()) if left <= b.rect.left <= right]

    def row_boxes(self, r: int, left: int, right: int) -> Iterator[Box]:
        """All boxes that cover row r between two columns, from left to right."""
        col = left
        while col <= right:
            box = self.box(r, col)
            yield box
            col = max(box.rect.right, col) + 1

    def covered(self, r: int, left: int, right: int) -> bool:
        """Whether any non-empty box covers row r between two columns."""
        return any(not b.blank for b in self.row_boxes(r, left, right))

    # ---- lines -------------------------------------------------------------------------------------------------------
    def line_left(self, r: int, c: int) -> bool:
        """Whether a line is drawn between (r, c-1) and (r, c)."""
        return (r, c) in self._left_lines

    def line_above(self, r: int, c: int) -> bool:
        return (r, c) in self._top_lines

    def upright_lines(self, r: int, left: int, right: int) -> int:
        """How many vertical lines row r has between two columns, edges included."""
        return sum((r, c) in self._left_lines for c in range(left, right + 2))

    def framed(self, r: int, c: int) -> bool:
        """Whether the cell has a line on its left or right."""
        return (r, c) in self._left_lines or (r, c + 1) in self._left_lines

    def boxed(self, r: int, c: int) -> bool:
        """Whether the cell is drawn: a line at one side and one above or below (the gap between two boxes has only sides)."""
        above, below = (r, c) in self._top_lines, (r + 1, c) in self._top_lines
        return (above or below) and (self.framed(r, c) or (above and below))

    @property
    def has_frames(self) -> bool:
        return len(self._left_lines) >= 2

    # ---- the way back ------------------------------------------------------------------------------------------------
    def address(self, r: int, c: int) -> Address:
        return Address(self.grid.name, self._actual_row(r), self._actual_col(c))

    def actual(self, rect: Rect) -> Rect:
        return Rect(
            self._actual_row(rect.top), self._actual_col(rect.left), self._actual_row(rect.bottom), self._actual_col(rect.right)
        )

    def _actual_row(self, r: int) -> int:
        return self.rows[r - 1] if r <= len(self.rows) else (self.rows[-1] if self.rows else 0) + r - len(self.rows)

    def _actual_col(self, c: int) -> int:
        return self.cols[c - 1] if c <= len(self.cols) else (self.cols[-1] if self.cols else 0) + c - len(self.cols)


def _lined(style: Style) -> bool:
    return style is not PLAIN and (style.left or style.right or style.top or style.bottom)
