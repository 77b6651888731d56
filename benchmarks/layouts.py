"""Lays a list of fields out as a form workbook, in one of many layouts that offices use. Written with XlsxWriter.

A `Spec` says what a form asks for (as the JSON of the development set, of tests/unseen and of forms/library does), a `Layout`
how it is printed. `write_book` gives the address of each field's value cell, so that a reader's result can be scored.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

Path_ = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One field as printed: labels from the outermost header to its own."""

    path: Path_
    unit: str = ""
    type: str = "text"
    options: tuple[str, ...] = ()
    purpose: str = "data"

    @property
    def label(self) -> str:
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class Spec:
    id: str
    title: str
    kind: str  # card, roster, statistic
    entity: str
    items: tuple[Item, ...]


def spec_from_json(form: Mapping[str, Any]) -> Spec:
    """A form of the development set or of tests/unseen (forms/ID.json); every field of it, in order."""
    items = tuple(
        Item(
            tuple(field.get("path") or [field["label"]]),
            field.get("unit") or "",
            field["type"],
            tuple(map(str, field.get("options") or ())),
            field.get("role") or "data",
        )
        for field in form["fields"]
    )
    return Spec(form["id"], form["title"], form["kind"], form["entity"], items)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a form is printed. `arrangement`: of a statistic, list, indented, blocks (two side by side) or wide; of a card,
    beside or under (value under its label)."""

    arrangement: str = ""
    colon: bool = False
    pairs: int = 3  # label and value pairs in one row of a card
    codes: bool = False  # a column of indicator codes
    edge: int = 0  # blank columns on the left
    blank_rows: int = 5  # rows to be filled in a roster
    note: str = ""
    framed: bool = False  # the lines above the table stand inside its frame


_ARRANGEMENTS = {
    "card": ("beside", "beside", "under"),
    "roster": ("",),
    "statistic": ("list", "list", "indented", "blocks", "wide"),
}


def layout_by_chance(spec: Spec, seed: str) -> Layout:
    """The layout that `seed` gives this form: always the same one."""
    chance = random.Random(f"{seed}/{spec.id}")
    arrangement = chance.choice(_ARRANGEMENTS[spec.kind])
    if arrangement == "wide" and len(spec.items) > 60:
        arrangement = "list"
    return Layout(
        arrangement,
        chance.random() < 0.4,
        chance.choice((2, 3, 4)),
        chance.random() < 0.5,
        chance.choice((0, 0, 0, 1)),
        chance.randint(3, 15),
        chance.choice(("", "注：本表一式两份。", "填表说明：请用黑色签字笔填写，不得涂改。")),
    )


class Canvas:
    """A sheet that is written to by 0-based row and column."""

    def __init__(self, book: xlsxwriter.Workbook, edge: int) -> None:
        self.sheet = book.add_worksheet("Sheet1")
        self.edge = edge
        box = {"border": 1, "valign": "vcenter", "text_wrap": True}
        self.title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        self.label = book.add_format({**box, "align": "center"})
        self.left = book.add_format({**box, "align": "left"})
        self.value = book.add_format(box)
        self.line = book.add_format({"align": "left"})  # lines above and below the table stand outside its frame
        self.indents: dict[int, Any] = {}
        self._book, self._box = book, box

    def indent(self, level: int) -> Any:
        if level not in self.indents:
            self.indents[level] = self._book.add_format({**self._box, "align": "left", "indent": level})
        return self.indents[level]

    def put(self, top: int, left: int, text: str, bottom: int | None = None, right: int | None = None, style: Any = None) -> None:
        bottom, right = top if bottom is None else bottom, left if right is None else right
        style = style or self.label
        if (bottom, right) == (top, left):
            self.sheet.write_string(top, left + self.edge, text, style)
        else:
            self.sheet.merge_range(top, left + self.edge, bottom, right + self.edge, text, style)

    def blank(self, row: int, col: int) -> str:
        """An empty cell to be filled; its address."""
        self.sheet.write_blank(row, col + self.edge, None, self.value)
        return self.at(row, col)

    def at(self, row: int, col: int) -> str:
        return str(xlsxwriter.utility.xl_rowcol_to_cell(row, col + self.edge))


def runs(paths: Sequence[Path_], level: int) -> Iterator[tuple[int, int, str]]:
    """Neighbours under one caption of a level: (first, last, caption). A path's last member is no caption."""
    start = 0
    while start < len(paths):
        path, end = paths[start], start
        if len(path) > level + 1:
            while end + 1 < len(paths) and len(paths[end + 1]) > level + 1 and paths[end + 1][: level + 1] == path[: level + 1]:
                end += 1
            yield start, end, path[level]
        start = end + 1


def shown(item: Item, layout: Layout) -> str:
    """A label with its unit in brackets, where the layout has no column for units."""
    text = item.label
    if item.unit and item.unit not in text:
        text += f"（{item.unit}）"
    return text + ("：" if layout.colon and not text.endswith(("：", ":")) else "")


def _head(canvas: Canvas, spec: Spec, layout: Layout, width: int) -> int:
    last = max(width, 2) - 1
    style = canvas.left if layout.framed else canvas.line
    canvas.put(0, 0, spec.title, 0, last, canvas.title)
    canvas.put(1, 0, "填报单位：", style=style)
    canvas.put(1, last, "填报日期：    年  月  日", style=style)
    return 2


def _header(canvas: Canvas, items: Sequence[Item], layout: Layout, top: int, left: int = 0) -> int:
    """Column headers of several levels; the row after them."""
    paths = [item.path for item in items]
    depth = max(map(len, paths))
    for level in range(depth - 1):
        for start, end, caption in runs(paths, level):
            canvas.put(top + level, left + start, caption, top + level, left + end)
    for col, item in enumerate(items):
        canvas.put(top + len(item.path) - 1, left + col, shown(item, layout), top + depth - 1, left + col)
    return top + depth


def _roster(canvas: Canvas, spec: Spec, layout: Layout, rows: int) -> tuple[list[str], int]:
    first = _header(canvas, spec.items, layout, _head(canvas, spec, layout, len(spec.items)))
    cells = [[canvas.blank(first + row, col) for col in range(len(spec.items))] for row in range(rows)]
    return cells[0], first + rows


def _value(canvas: Canvas, row: int, col: int, item: Item) -> str:
    cell = canvas.blank(row, col)
    if item.options:
        canvas.put(row, col, "  ".join("□" + option for option in item.options), style=canvas.left)
    return cell


def _groups(items: Sequence[Item]) -> Iterator[tuple[Path_, list[Item]]]:
    block: list[Item] = []
    for item in items:
        if block and block[0].path[:-1] != item.path[:-1]:
            yield block[0].path[:-1], block
            block = []
        block.append(item)
    yield block[0].path[:-1], block


def _card_beside(canvas: Canvas, spec: Spec, layout: Layout) -> tuple[list[str], int]:
    row, cells = _head(canvas, spec, layout, 1 + layout.pairs * 2), []
    for group, block in _groups(spec.items):
        height = -(-len(block) // layout.pairs)
        if group:
            canvas.put(row, 0, "/".join(group), row + height - 1, 0)
        for number, item in enumerate(block):
            y, x = row + number // layout.pairs, bool(group) + number % layout.pairs * 2
            canvas.put(y, x, shown(item, layout))
            cells.append(_value(canvas, y, x + 1, item))
        row += height
    return cells, row


def _card_under(canvas: Canvas, spec: Spec, layout: Layout) -> tuple[list[str], int]:
    width = layout.pairs * 2
    row, cells = _head(canvas, spec, layout, width), []
    for group, block in _groups(spec.items):
        if group:
            canvas.put(row, 0, "/".join(group), row, width - 1)
            row += 1
        for start in range(0, len(block), width):
            for col, item in enumerate(block[start : start + width]):
                canvas.put(row, col, shown(item, layout))
                cells.append(_value(canvas, row + 1, col, item))
            row += 2
    return cells, row


def _list(canvas: Canvas, items: Sequence[Item], layout: Layout, top: int, left: int, first: int) -> tuple[list[str], int]:
    """Indicators down, one column of captions per level, unit, perhaps a code, value. `first`: number of the first code."""
    depth = max(len(item.path) for item in items)
    columns = ["计量单位", *(["代码"] if layout.codes else []), "数量"]
    canvas.put(top, left, "指标名称", top, left + depth - 1)
    for number, caption in enumerate(columns):
        canvas.put(top, left + depth + number, caption)
    top += 1
    for level in range(depth - 1):
        for start, end, caption in runs([item.path for item in items], level):
            canvas.put(top + start, left + level, caption, top + end, left + level)
    cells = []
    for row, item in enumerate(items, top):
        canvas.put(row, left + len(item.path) - 1, item.label, row, left + depth - 1)
        canvas.put(row, left + depth, item.unit)
        if layout.codes:
            canvas.put(row, left + depth + 1, f"{first + row - top:02d}")
        cells.append(canvas.blank(row, left + depth + len(columns) - 1))
    return cells, top + len(items)


def _indented(canvas: Canvas, spec: Spec, layout: Layout) -> tuple[list[str], int]:
    """Levels shown by indentation alone; a caption that takes no figure has a row of its own."""
    row = _head(canvas, spec, layout, 3)
    for col, caption in enumerate(("指标", "单位", "数值")):
        canvas.put(row, col, caption)
    cells, before = [], ()
    for item in spec.items:
        group = item.path[:-1]
        for level, caption in enumerate(group):
            if group[: level + 1] != before[: level + 1]:
                row += 1
                canvas.put(row, 0, caption, style=canvas.indent(level))
        before = group
        row += 1
        canvas.put(row, 0, item.label, style=canvas.indent(len(group)))
        canvas.put(row, 1, item.unit)
        cells.append(canvas.blank(row, 2))
    return cells, row + 1


def _blocks(canvas: Canvas, spec: Spec, layout: Layout) -> tuple[list[str], int]:
    """The list cut in two halves, side by side."""
    half = -(-len(spec.items) // 2)
    one, other = spec.items[:half], spec.items[half:]
    extra = 2 + layout.codes
    widths = [max(len(item.path) for item in part) + extra for part in (one, other) if part]
    top = _head(canvas, spec, layout, sum(widths))
    cells, row = _list(canvas, one, layout, top, 0, 1)
    if other:
        cells += _list(canvas, other, layout, top, widths[0], half + 1)[0]
    return cells, row


def _statistic_list(canvas: Canvas, spec: Spec, layout: Layout) -> tuple[list[str], int]:
    depth = max(len(item.path) for item in spec.items)
    return _list(canvas, spec.items, layout, _head(canvas, spec, layout, depth + 2 + layout.codes), 0, 1)


def write_book(path: Path, spec: Spec, layout: Layout) -> list[str]:
    """Writes the form as a workbook; gives each field's value cell (A1), in the order of `spec.items`."""
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        canvas = Canvas(book, layout.edge)
        if spec.kind == "roster":
            cells, row = _roster(canvas, spec, layout, layout.blank_rows)
        elif layout.arrangement == "wide":
            cells, row = _roster(canvas, spec, layout, 1)
        else:
            draw = {"beside": _card_beside, "under": _card_under, "indented": _indented, "blocks": _blocks}
            cells, row = draw.get(layout.arrangement, _statistic_list)(canvas, spec, layout)
        if layout.note:
            canvas.sheet.write_string(row, layout.edge, layout.note)
    return cells


def write_books(specs: Sequence[Spec], out: Path, layout_of: Callable[[Spec], Layout]) -> dict[str, list[str]]:
    """Every form under OUT/ID.xlsx; the value cells by form, as score_merge.py wants them."""
    out.mkdir(parents=True, exist_ok=True)
    return {spec.id: write_book(out / f"{spec.id}.xlsx", spec, layout_of(spec)) for spec in specs if spec.items}
