"""What looks odd on a sheet as a whole: numbers kept as text, one figure merged over several rows."""

from __future__ import annotations

import re

from forms.grid.notes import Notes
from forms.model import CellKind, Grid, Rect

# No leading zero and at most ten digits: longer ones and 007 are codes and telephone numbers, which belong in text.
_NUMBER = re.compile(r"\s*-?(?:(?:0|[1-9]\d{0,9})(?:\.\d+)?|[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?)\s*")


def note_oddities(grid: Grid, notes: Notes) -> None:
    """Notes both kinds on one sheet."""
    as_text = [place for place, cell in grid.cells.items() if cell.kind is CellKind.TEXT and _NUMBER.fullmatch(cell.text)]
    if as_text:
        first = min(as_text)
        shown = grid.cells[first].text.strip()
        notes.add("cell.number-as-text", grid.name, grid.address(*first).a1, shown=shown, count=len(as_text))
    for rect in grid.merges:
        cell = grid.cells.get((rect.top, rect.left))
        if rect.height > 1 and cell is not None and cell.kind is CellKind.NUMBER and _several_rows(grid, rect):
            notes.add("cell.merged-data", grid.name, grid.address(rect.top, rect.left).a1, shown=cell.text, block=rect)


def _several_rows(grid: Grid, rect: Rect) -> bool:
    """Whether the block stands beside rows of their own: a column left of it names two or more of them differently."""
    for col in range(rect.left - 1, max(rect.left - 30, 0), -1):
        names = {grid.text(row, col).strip() for row in range(rect.top, rect.bottom + 1)} - {""}
        if len(names) > 1:
            return True
    return False
