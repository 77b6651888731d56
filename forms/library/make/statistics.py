"""Statistics: indicator lists with unit and code columns, several blocks side by side, and row × column cross tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from forms.library.make.canvas import Canvas
from forms.library.make.headers import Leaf, columns, depth, draw_header, leaves
from forms.library.make.notation import Item, Notation, join_keys

_HEAVENLY = "甲乙丙丁戊"


@dataclass
class _Row:
    item: Item
    path: tuple[str, ...]
    keys: tuple[str, ...]
    unit: str
    group: str = ""
    group_rows: int = 0  # on a group's first row: how many rows the caption covers
    code: str = ""


@dataclass
class _Part:
    """One block of a table of several side by side: where its stub and value columns are."""

    stub: list[tuple[str, int]]  # (kind, column); kind: group, name, unit, code
    values: tuple[Leaf, ...]
    rows: list[_Row] = field(default_factory=list)


def statistic_columns(spec: Mapping[str, Any], notation: Notation) -> int:
    """Sheet columns of the block, all side-by-side parts counted."""
    one = len(spec["stub"]) + columns(notation.tree(spec["values"]))
    return one * int(spec.get("side", 1))


def draw_statistic(canvas: Canvas, spec: Mapping[str, Any], notation: Notation) -> None:
    """Draws `rows` under `stub` and `values`; see the specs for the options (side, letters, indent, codes, formulas …)."""
    stub, values = notation.tree(spec["stub"]), notation.tree(spec["values"])
    rows = _rows(spec, notation)
    side = int(spec.get("side", 1))
    top, bottom = canvas.row, canvas.row + depth(values) - 1
    parts, left = [], canvas.left
    for _ in range(side):
        draw_header(canvas, [*stub, *values], top, left, bottom)
        kinds = [(_kind(item, place, stub), left + place) for place, item in enumerate(stub)]
        parts.append(_Part(kinds, leaves(values, left + len(stub))))
        left += len(stub) + columns(values)
    below = _letters(canvas, parts, bottom + 1) if spec.get("letters") else bottom
    canvas.header_rows = canvas.header_rows or (top, below)
    height = -(-len(rows) // side)
    for number, part in enumerate(parts):
        part.rows = rows[number * height : (number + 1) * height]
        _part(canvas, part, below + 1, height, spec)
    _formulas(canvas, parts, below + 1, spec)
    canvas.row = below + 1 + height


def _kind(item: Item, place: int, stub: Sequence[Item]) -> str:
    if "单位" in item.label:
        return "unit"
    if re.search("代码|编码|编号|序号|行次", item.label):
        return "code"
    return "group" if place == 0 and len(stub) > 1 and "group" in item.flags else "name"


def _rows(spec: Mapping[str, Any], notation: Notation) -> list[_Row]:
    rows: list[_Row] = []
    for node in spec["rows"]:
        if isinstance(node, str):
            rows += _with_ancestors([notation.item(node)], ())
            continue
        for caption, children in node.items():
            head = notation.item(str(caption))
            inner = _with_ancestors([notation.item(str(child)) for child in children], (head,))
            for row in inner:
                row.group = head.printed
            inner[0].group_rows = len(inner)
            rows += inner
    rows = _relink(rows)
    number = int(spec.get("first", 1))
    for row in rows:
        if "section" in row.item.flags and not spec.get("code_sections"):
            continue
        row.code = row.item.code or (str(spec["codes"]).format(number) if "codes" in spec else "")
        number += 1
    return rows


def _with_ancestors(items: Sequence[Item], heads: tuple[Item, ...]) -> list[_Row]:
    return [_Row(item, tuple(h.label for h in heads), tuple(h.key for h in heads), item.unit) for item in items]


def _relink(rows: list[_Row]) -> list[_Row]:
    """Gives each row the captions of the rows it stands under (smaller depth, nearest above)."""
    above: list[_Row] = []
    for row in rows:
        while above and (above[-1].item.depth >= row.item.depth or above[-1].group != row.group):
            above.pop()
        parent = above[-1] if above else None
        base = parent.path if parent else row.path
        row.path = (*base, row.item.label)
        row.unit = row.unit or (parent.unit if parent else "")
        keys = (*row.keys, parent.keys[-1] if parent and row.item.key.startswith("+") else "")
        row.keys = (join_keys(*keys, row.item.key),)
        above.append(row)
    return rows


def _letters(canvas: Canvas, parts: Sequence[_Part], row: int) -> int:
    for part in parts:
        for place, (_, col) in enumerate(part.stub):
            canvas.put(row, col, _HEAVENLY[place], "unit")
        for number, leaf in enumerate(part.values, 1):
            canvas.put(row, leaf.col, str(number), "unit", right=leaf.right)
    return row


def _part(canvas: Canvas, part: _Part, top: int, height: int, spec: Mapping[str, Any]) -> None:
    names = [col for kind, col in part.stub if kind in {"group", "name"}]
    for offset in range(height):
        row = part.rows[offset] if offset < len(part.rows) else None
        y = top + offset
        canvas.sheet.row_dimensions[y].height = canvas.look.row_height or 19
        for kind, col in part.stub:
            if kind == "group" and row and row.group_rows:
                canvas.put(y, col, row.group, "group", bottom=y + row.group_rows - 1)
            elif kind == "unit":
                canvas.put(y, col, row.unit if row and "section" not in row.item.flags else "", "unit")
            elif kind == "code":
                canvas.put(y, col, row.code if row else "", "unit")
            elif kind == "name":
                _name(canvas, y, row, col=col if row is None or row.group else names[0], right=col, spec=spec)
        for place in range(1, len(part.values) + 1):
            _value(canvas, y, row, place, part=part, spec=spec)


def _name(canvas: Canvas, y: int, row: _Row | None, *, col: int, right: int, spec: Mapping[str, Any]) -> None:
    style, text, indent = str(spec.get("indent", "space")), row.item.printed if row else "", row.item.depth if row else 0
    canvas.put(y, col, ("　" * indent if style == "space" else "") + text, "stub", right=right)
    if style == "cell" and indent:
        canvas.sheet.cell(y, col).alignment = Alignment("left", "center", wrap_text=True, indent=indent)


def _value(canvas: Canvas, y: int, row: _Row | None, place: int, *, part: _Part, spec: Mapping[str, Any]) -> None:
    leaf = part.values[place - 1]
    blocked = row is not None and place in spec.get("blocked", {}).get(row.code or row.item.label, ())
    section = row is None or "section" in row.item.flags
    text = str(spec.get("blocked_mark", "—")) if blocked else ""
    canvas.put(y, leaf.col, text, "value" if blocked else "number", right=leaf.right)
    if row is None or section:
        return
    single = len(part.values) == 1
    path = row.path if single else (*row.path, *leaf.path)
    item = Item(
        row.item.printed if single else leaf.item.printed,
        type=_value_type(row, leaf),
        purpose=leaf.item.purpose if row.item.purpose == "data" else row.item.purpose,
        options=row.item.options,
        code=row.code,
    )
    unit = "" if item.type in {"text", "choice"} else row.unit or leaf.unit or str(spec.get("unit", ""))
    canvas.blank(y, leaf.col, item, path, join_keys(*row.keys, leaf.key), unit=unit, blocked=blocked)


def _value_type(row: _Row, leaf: Leaf) -> str:
    if row.item.options:
        return "choice"
    return "text" if "text" in row.item.flags | leaf.item.flags else leaf.item.type if leaf.item.type == "date" else "number"


_TERM = re.compile(r"\w+")


def _formulas(canvas: Canvas, parts: Sequence[_Part], top: int, spec: Mapping[str, Any]) -> None:
    """`formulas`: "01=02+03" over row codes, in each value column; `column_formulas`: "1=2+3" over value columns, in each row."""
    places = {row.code: (top + n, part) for part in parts for n, row in enumerate(part.rows) if row.code}
    for text in spec.get("formulas", ()):
        target, terms = text.split("=", 1)
        y, part = places[target]
        for number, leaf in enumerate(part.values):

            def cell(match: re.Match[str], at: int = number) -> str:
                there = places[match[0]]
                return f"{there[1].values[at].letter}{there[0]}"

            _set_formula(canvas, y, leaf.col, _TERM.sub(cell, terms))
    for text in spec.get("column_formulas", ()):
        for part in parts:
            for offset, row in enumerate(part.rows):
                if "section" not in row.item.flags:
                    _row_formula(canvas, part.values, top + offset, text)


def _row_formula(canvas: Canvas, values: Sequence[Leaf], y: int, text: str) -> None:
    target, terms = text.split("=", 1)
    if not any(canvas.sheet.cell(y, values[int(n) - 1].col).value for n in _TERM.findall(terms)):  # no dash among the terms
        _set_formula(canvas, y, values[int(target) - 1].col, _TERM.sub(lambda m: f"{values[int(m[0]) - 1].letter}{y}", terms))


def _set_formula(canvas: Canvas, row: int, col: int, terms: str) -> None:
    if canvas.sheet.cell(row, col).value:  # a blocked cell keeps its dash
        return
    canvas.sheet.cell(row, col).value = f"={terms}"
    place = f"{canvas.sheet.title}!{get_column_letter(col)}{row}"
    for number, blank in enumerate(canvas.blanks):
        if blank.cell == place:
            canvas.blanks[number] = type(blank)(**{**vars(blank), "formula": f"={terms}"})
