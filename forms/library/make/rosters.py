"""Rosters: header levels, an optional row of units or column numbers, blank rows, an optional total row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.library.make.canvas import Canvas
from forms.library.make.headers import Leaf, columns, depth, draw_header, leaves
from forms.library.make.notation import Notation


def roster_columns(spec: Mapping[str, Any], notation: Notation) -> int:
    """Sheet columns of the block."""
    return columns(notation.tree(spec["columns"]))


def draw_roster(canvas: Canvas, spec: Mapping[str, Any], notation: Notation) -> None:
    """Draws `columns` (a header tree), `rows` blank rows; `numbers`: a row of column numbers, `units`: a row of units,
    `serials`: printed 1..n, `total`: {at: top|bottom, label, span}, `dropdowns`: offer the options."""
    items = notation.tree(spec["columns"])
    top, left = canvas.row, canvas.left
    below = top + depth(items) - 1
    draw_header(canvas, items, top, left, below)
    found = leaves(items, left)
    below = _extra_header_rows(canvas, spec, found, below)
    canvas.header_rows = canvas.header_rows or (top, below)
    total = spec.get("total")
    first = below + 1 + (1 if total and total["at"] == "top" else 0)
    last = first + int(spec["rows"]) - 1
    for leaf in found:
        _column(canvas, leaf, first, last, spec)
    canvas.row = last + 1
    if total:
        at_top = total["at"] == "top"
        _total(canvas, total, found, below + 1 if at_top else last + 1, (first, last))
        canvas.row += 0 if at_top else 1


def _extra_header_rows(canvas: Canvas, spec: Mapping[str, Any], found: tuple[Leaf, ...], below: int) -> int:
    if spec.get("units"):
        below += 1
        for leaf in found:
            canvas.put(below, leaf.col, leaf.unit or "—", "header", right=leaf.right)
    if spec.get("numbers"):
        below += 1
        for number, leaf in enumerate(found, 1):
            canvas.put(below, leaf.col, str(number), "unit", right=leaf.right)
    return below


def _column(canvas: Canvas, leaf: Leaf, first: int, last: int, spec: Mapping[str, Any]) -> None:
    for number, row in enumerate(range(first, last + 1), 1):
        serial = str(number) if spec.get("serials") and leaf.item.purpose == "serial" else ""
        canvas.put(row, leaf.col, "", "number" if leaf.unit else "value", right=leaf.right)
        if serial:
            canvas.sheet.cell(row, leaf.col).value = number
        canvas.sheet.row_dimensions[row].height = canvas.look.row_height or 20
        if leaf.item.type == "text" and not leaf.unit:
            canvas.sheet.cell(row, leaf.col).number_format = "@"  # ID numbers and codes must stay text
    if spec.get("dropdowns"):
        canvas.drop_down(leaf.item, f"{leaf.letter}{first}:{leaf.letter}{last}")
    canvas.blank(first, leaf.col, leaf.item, leaf.path, leaf.key, unit=leaf.unit, rows=(first, last), group=spec.get("name", ""))


def _total(canvas: Canvas, total: Mapping[str, Any], found: tuple[Leaf, ...], row: int, block: tuple[int, int]) -> None:
    span = int(total.get("span", 1))
    canvas.put(row, found[0].col, total["label"], "label", right=found[span - 1].right)
    for leaf in found[span:]:
        canvas.put(row, leaf.col, "", "number", right=leaf.right)
        if leaf.unit and leaf.item.type == "number":
            canvas.sheet.cell(row, leaf.col).value = f"=SUM({leaf.letter}{block[0]}:{leaf.letter}{block[1]})"
