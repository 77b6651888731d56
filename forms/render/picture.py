"""A workbook as tables for a page: what is read in each cell, which cells are merged, how they look - no formats, no scripts."""

from __future__ import annotations

from dataclasses import dataclass

from forms.grid import read_bytes
from forms.model import Grid, Style

MOST_ROWS, MOST_COLUMNS = 300, 60


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell. `wide`, `high`: columns and rows it covers; `look`: words for the style sheet (bold, center, right, framed)."""

    text: str
    wide: int
    high: int
    look: str


@dataclass(frozen=True)
class Picture:
    """One sheet. `more`: rows that are not shown."""

    name: str
    rows: tuple[tuple[Shown, ...], ...]
    more: int = 0


def pictures(data: bytes, name: str) -> tuple[Picture, ...]:
    """The visible sheets of a workbook called `name`, hidden rows and columns left out."""
    book = read_bytes(data, name)
    return tuple(picture(grid) for grid in book.grids if grid.state == "visible" and grid.extent is not None)


def picture(grid: Grid) -> Picture:
    """One sheet, at most MOST_ROWS x MOST_COLUMNS of it."""
    extent = grid.extent
    if extent is None:
        return Picture(grid.name, ())
    rows = [row for row in range(extent.top, extent.bottom + 1) if row not in grid.hidden_rows]
    shown, last = rows[:MOST_ROWS], min(extent.right, extent.left + MOST_COLUMNS - 1)
    cols = [col for col in range(extent.left, last + 1) if col not in grid.hidden_cols]
    return Picture(grid.name, tuple(_row(grid, row, shown, cols) for row in shown), len(rows) - len(shown))


def _row(grid: Grid, row: int, rows: list[int], cols: list[int]) -> tuple[Shown, ...]:
    found = []
    for col in cols:
        block = grid.rect(row, col)
        inside_rows = [r for r in rows if block.top <= r <= block.bottom]
        inside_cols = [c for c in cols if block.left <= c <= block.right]
        if (row, col) != (inside_rows[0], inside_cols[0]):
            continue
        cell = grid.cell(row, col)
        text = cell.text if cell is not None else ""
        found.append(Shown(text, len(inside_cols), len(inside_rows), _look(cell.style) if cell is not None else ""))
    return tuple(found)


def _look(style: Style) -> str:
    words = [word for word, there in (("bold", style.bold), ("framed", style.top or style.bottom or style.left)) if there]
    if style.halign in ("center", "right"):
        words.append(style.halign)
    return " ".join(words)
