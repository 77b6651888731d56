"""Small forms as text tables, for tests of recognition.

One line is one row, cells between bars. A line that begins with ~ is drawn without lines (titles, filing lines, notes); every
other row is a table row whose cells are boxed. In a cell:

    _       a blank cell            <   merged with the cell to its left
    .       no cell: not drawn      ^   merged with the cell above
    ·       one leading blank each  //  a line break        #12  a number, not text
"""

from __future__ import annotations

from decimal import Decimal

from forms.model import Book, Cell, CellKind, Grid, Reading, Rect, Style
from forms.recognise import recognise

BOX = Style(top=True, left=True, bottom=True, right=True)


def grid_from_text(text: str, name: str = "Sheet1", lines: str = "boxed") -> Grid:
    """The grid of a text table. `lines`: "boxed" draws table cells, "none" draws nothing (as in a .csv)."""
    rows = [line for line in text.strip("\n").split("\n") if line.strip()]
    cells: dict[tuple[int, int], Cell] = {}
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    for r, line in enumerate(rows, 1):
        bare = line.strip()
        drawn = not bare.startswith("~") and lines == "boxed"
        for c, part in enumerate(bare.removeprefix("~").split("|"), 1):
            mark = part.strip()
            if mark == "." or (mark == "" and not drawn):
                continue
            above = {"<": (r, c - 1), "^": (r - 1, c)}.get(mark)
            owner[(r, c)] = owner[above] if above else (r, c)
            cells[(r, c)] = _cell(r, c, "" if above or mark == "_" else mark, BOX if drawn else Style())
    return Grid(name, cells, merges=_merges(owner))


def _cell(r: int, c: int, mark: str, style: Style) -> Cell:
    text = mark.replace("·", " ").replace("//", "\n")
    if mark.startswith("#"):
        return Cell(r, c, mark[1:], Decimal(mark[1:]), CellKind.NUMBER, style=style)
    return Cell(r, c, text, text or None, CellKind.TEXT if text else CellKind.BLANK, style=style)


def _merges(owner: dict[tuple[int, int], tuple[int, int]]) -> tuple[Rect, ...]:
    blocks: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for place, top in owner.items():
        blocks.setdefault(top, []).append(place)
    return tuple(
        Rect(min(r for r, _ in places), min(c for _, c in places), max(r for r, _ in places), max(c for _, c in places))
        for places in blocks.values()
        if len(places) > 1
    )


def read(text: str, lines: str = "boxed") -> Reading:
    """A text table as recognised."""
    return recognise(Book("表.xlsx", "xlsx", (grid_from_text(text, lines=lines),)))


def paths(reading: Reading) -> dict[str, str]:
    """Cell -> path of every field, blanks inside a text left out."""
    return {f.cell.a1: "/".join(f.path) for form in reading.forms for f in form.fields if f.blank is None}
