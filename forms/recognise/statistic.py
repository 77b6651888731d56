"""Statistics: rows of indicators with unit and code columns, side by side or continued; row x column cross tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from forms.model import Address, Kind, Purpose, Rect, Role, ValueType
from forms.recognise.fields import Draft, offered, options_of, type_of, unit_of
from forms.recognise.header import Column, Header
from forms.recognise.labels import clean, is_bare_mark, is_dash, key, known_unit, leading_width, mark_of, squeeze, unit_in
from forms.recognise.outline import Item, Outline, indent_noise
from forms.recognise.rules import plain_code
from forms.recognise.statistic_columns import Block
from forms.recognise.tables import Finding, TableRead
from forms.recognise.view import Box, View
from forms.recognise.words import words

_HAN = re.compile(r"^[一二三四五六七八九十]+、?$|^[（(][一二三四五六七八九十]+[)）]$")


@dataclass
class Context:
    """What a table of indicators takes from its surroundings, and carries on into its continuation (续表)."""

    units: tuple[str, ...] = ()  # 计量单位：千公顷、吨
    parts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    outline: Outline = field(default_factory=Outline)
    paths: dict[int, tuple[tuple[str, ...], tuple[Address, ...]]] = field(default_factory=dict)


# ---- rows --------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Row:
    r: int
    labels: tuple[Box, ...]
    texts: tuple[str, ...]  # cleaned labels, bare numbering joined to its caption
    unit: str
    code: str
    serial: str
    caption: bool


def read_statistic(view: View, rect: Rect, header: Header, blocks: Sequence[Block], context: Context) -> TableRead:
    """The fields of a table of indicators: one for each row of captions and each value column."""
    drafts: list[Draft] = []
    findings: list[Finding] = []
    roles = {(b.rect.top, b.rect.left): Role.COLUMN_HEADER for b in header.boxes}
    for block in blocks:
        reader = _Reader(view, rect, header, block)
        rows = list(reader.rows())
        walk = _Walk(view, block, context, reader)
        walk.look_ahead(rows)
        for row in rows:
            path, cells = walk.place(row)
            if not row.caption:
                drafts += reader.fields(row, path, cells, context)
        findings += _merged_values(view, rect, header, block)
    roles |= _body_roles(view, rect, header, blocks)
    fill = Rect(header.rect.bottom + 1, rect.left, rect.bottom, rect.right)
    return TableRead(Kind.STATISTIC, tuple(drafts), roles, tuple(findings), header.depth, fill)


class _Reader:
    """Reads the rows of one block. `explicit`: several caption columns show the levels, by captions merged down or labels
    merged across to the right."""

    def __init__(self, view: View, rect: Rect, header: Header, block: Block) -> None:
        self.view, self.block = view, block
        self.columns = {c.col: c for c in header.columns}
        self.body = range(header.rect.bottom + 1, rect.bottom + 1)
        first = [view.box(r, block.stubs[0]) for r in self.body]
        merged = any(b.rect.height > 1 or b.rect.right > block.stubs[0] for b in first if not b.blank)
        self.explicit = len(block.stubs) > 1 and merged
        self.levels = self.explicit and any(self._reaches_across(r) for r in self.body)
        units = [known_unit(view.box(r, block.unit).text) for r in self.body] if block.unit else []
        self.mostly_units = bool(units) and sum(1 for u in units if u) >= 0.5 * len(units)

    def _reaches_across(self, r: int) -> bool:
        """Whether the caption of a row is merged over deeper caption columns: each level has a column of its own."""
        labels = _labels(self.view, self.block, r)
        return bool(labels) and labels[-1].rect.left < self.block.stubs[-1] <= labels[-1].rect.right

    def rows(self) -> Iterator[_Row]:
        before: _Row | None = None
        for r in self.body:
            row = self._row(r, before)
            if row is not None:
                before = row
                yield row

    def _row(self, r: int, before: _Row | None) -> _Row | None:
        labels = _labels(self.view, self.block, r)
        unit, code, serial = (self._side(r, col) for col in (self.block.unit, self.block.code, self.block.serial))
        unit = known_unit(unit) or ("" if is_dash(unit) else clean(unit))
        code = "" if is_dash(code) else code
        if not labels:
            if before is None or not (unit or code):
                return None
            labels = before.labels  # 大中型拖拉机 台 / (blank) 千瓦: the same caption once more
        row = _Row(r, labels, _texts(labels), unit, code, serial, False)
        return replace(row, caption=self._is_caption(row))

    def _side(self, r: int, col: int) -> str:
        return squeeze(self.view.box(r, col).text) if col else ""

    def _is_caption(self, row: _Row) -> bool:
        """Whether a row only heads the rows below it: nothing in its unit and code, or no cell of its own to fill."""
        block = self.block
        values = [self.view.box(row.r, col) for col in block.values]
        if _HAN.match(row.serial) or (not row.code and words().grouping.search(row.texts[-1])):
            return True
        across = all(any(v.rect == label.rect for label in row.labels) for v in values)
        if across or (all(v.dash for v in values) and not _partly_blocked(self.view, block, row.r)):
            return not (row.unit or row.code) or not block.code
        if block.code:
            return not row.unit and not row.code
        if self.explicit or not block.unit:
            return False
        return not row.unit and self.mostly_units and bool(mark_of(row.texts[-1]).style)

    # ---- fields ------------------------------------------------------------------------------------------------------
    def fields(self, row: _Row, path: tuple[str, ...], cells: tuple[Address, ...], context: Context) -> Iterator[Draft]:
        """One draft for each value column of a row."""
        several = len(self.block.values) > 1
        for col in self.block.values:
            box, column = self.view.box(row.r, col), self.columns[col]
            if any(box.rect == label.rect for label in row.labels):
                continue
            named = several or key(column.label) not in words().headers["value"]
            caption = column.path if named and column.path else ()
            full = (*path, *caption)
            unit = _unit(row, column, full, several, context)
            options = options_of(path[-1], box.text if not box.dash else "", offered(self.view, row.r, col))
            kind = ValueType.NUMBER
            if not several:
                kind = type_of(path[-1], unit, options, box.style.number_format, ValueType.NUMBER)
            yield Draft(
                path=full,
                place=(row.r, col),
                label_cells=(*cells, *(column.cells if caption else ())),
                unit=unit,
                type=kind,
                options=options,
                code=row.code,
                area=box.rect if box.rect.width > 1 and box.rect.height == 1 else None,
                blocked=_blocked(self.block, box, col),
                column="/".join(column.path) if several else "",
                context="statistic",
            )
        for col in self.block.others:
            column = self.columns[col]
            yield Draft(
                path=(*path, *column.path),
                place=(row.r, col),
                label_cells=(*cells, *column.cells),
                type=ValueType.TEXT,
                purpose=Purpose.REMARK,
                context="statistic",
            )


def _labels(view: View, block: Block, r: int) -> tuple[Box, ...]:
    found: list[Box] = []
    for col in block.stubs:
        box = view.box(r, col)
        if not box.blank and (not found or found[-1].rect != box.rect):
            found.append(box)
    return tuple(found)


def _texts(labels: Sequence[Box]) -> tuple[str, ...]:
    texts: list[str] = []
    for box in labels:
        text = clean(box.text)
        if texts and is_bare_mark(texts[-1]):
            texts[-1] += text
        else:
            texts.append(text)
    return tuple(texts)


def _partly_blocked(view: View, block: Block, r: int) -> bool:
    return not all(_blocked(block, view.box(r, col), col) for col in block.values)


class _Walk:
    """Places the rows of one block in the tree of captions."""

    def __init__(self, view: View, block: Block, context: Context, reader: _Reader) -> None:
        self._view, self._block, self._context = view, block, context
        explicit = reader.explicit
        self._explicit = reader.levels
        self._scopes: dict[Rect | None, tuple[Outline, dict[int, tuple[tuple[str, ...], tuple[Address, ...]]]]] = {}
        self._scopes[None] = (Outline(explicit=reader.levels), {}) if explicit else (context.outline, context.paths)
        self._followed: set[int] = set()
        self._section: tuple[tuple[str, ...], tuple[Address, ...]] = ((), ())
        self._known: dict[Rect, tuple[tuple[str, ...], tuple[Address, ...]]] = {}

    def look_ahead(self, rows: Sequence[_Row]) -> None:
        """Learns how carefully the rows are indented, and which rows are followed by one like them."""
        items = [self._item(row, row.labels[-1], row.texts[-1]) for row in rows]
        self._scopes[None][0].noise = max(self._scopes[None][0].noise, indent_noise(items))
        plain = [not (mark_of(i.label).style or mark_of(i.label).of_which) for i in items]
        for at in range(len(rows) - 1):
            if plain[at] and plain[at + 1] and abs(items[at].indent - items[at + 1].indent) <= 1:
                self._followed.add(rows[at].r)

    def place(self, row: _Row) -> tuple[tuple[str, ...], tuple[Address, ...]]:
        """The path of a row and the cells of its captions."""
        boxes = _caption_boxes(row)
        path, cells = self._section
        if row.caption and _HAN.match(row.serial):
            return self._open_section(row)
        scope: Rect | None = None
        for depth, (box, text) in enumerate(boxes):
            last = depth == len(boxes) - 1
            known = self._known.get(box.rect)
            if known is None:
                item = self._item(row if last else None, box, text)
                known = self._add(scope, item, self._view.address(box.rect.top, box.rect.left), path, cells)
                self._known[box.rect] = known
            path, cells = known
            scope = box.rect
        return path, cells

    def _open_section(self, row: _Row) -> tuple[tuple[str, ...], tuple[Address, ...]]:
        """A row numbered 一 in the 序号 column heads all rows down to the next such row."""
        cell = self._view.address(row.labels[-1].rect.top, row.labels[-1].rect.left)
        self._section = ((row.texts[-1],), (cell,))
        noise = self._scopes[None][0].noise
        self._scopes = {None: (Outline(explicit=self._explicit, noise=noise), {})}
        return self._section

    def _add(
        self, scope: Rect | None, item: Item, cell: Address, path: tuple[str, ...], cells: tuple[Address, ...]
    ) -> tuple[tuple[str, ...], tuple[Address, ...]]:
        outline, paths = self._scopes.setdefault(scope, (Outline(explicit=self._explicit, noise=self._scopes[None][0].noise), {}))
        parent = outline.add(item)
        above = paths[parent] if parent >= 0 else (path, cells)
        placed = ((*above[0], item.label), (*above[1], cell))
        paths[len(outline.items) - 1] = placed
        return placed

    def _item(self, row: _Row | None, box: Box, text: str) -> Item:
        indent = leading_width(box.text) + 2 * box.style.indent
        if row is None:
            return Item(text, indent, caption=True)
        code = plain_code(row.code)
        unit = row.unit or unit_in(text)
        return Item(text, indent, unit, code, row.caption, self._context.parts.get(code, frozenset()), row.r in self._followed)


def _caption_boxes(row: _Row) -> list[tuple[Box, str]]:
    """Each caption of a row with its box; numbering alone in its box counts with the caption next to it."""
    joined = [b for b in row.labels if not (is_bare_mark(clean(b.text)) and b is not row.labels[-1])]
    return list(zip(joined, row.texts, strict=True)) if len(joined) == len(row.texts) else [(row.labels[-1], row.texts[-1])]


def _blocked(block: Block, box: Box, col: int) -> bool:
    """A dash blocks its cell. In a cell merged over several value columns the place of the dash tells which it blocks."""
    if not box.dash:
        return False
    spanned = [c for c in block.values if box.rect.left <= c <= box.rect.right]
    if len(spanned) < 2 or len(re.findall(r"[—－―–─━-]+", box.text)) > 1:
        return True
    return col == (spanned[-1] if leading_width(box.text) >= 1 else spanned[0])


def _unit(row: _Row, column: Column, path: tuple[str, ...], several: bool, context: Context) -> str:
    own = unit_of(column.path, column.unit)
    if own:
        return own
    if row.unit and not (several and words().not_row_unit.search(column.label)):
        return row.unit
    return unit_of(path) or (_table_unit(path, context.units) if not row.unit else "")


def _table_unit(path: Sequence[str], units: Sequence[str]) -> str:
    """The one of several table-wide units (计量单位：千公顷、吨) that a caption asks for."""
    if len(units) <= 1:
        return units[0] if units else ""
    w = words()
    for label in reversed(path):
        for dimension, hints in w.unit_hints.items():
            if any(hint in label for hint in hints):
                named = [u for u in units if w.units.get(u) == dimension]
                if named:
                    return named[0]
    return units[0]


def _merged_values(view: View, rect: Rect, header: Header, block: Block) -> Iterator[Finding]:
    for col in block.values:
        seen: set[Rect] = set()
        for r in range(header.rect.bottom + 1, rect.bottom + 1):
            box = view.box(r, col)
            if box.rect.height > 1 and not box.dash and box.rect not in seen:
                seen.add(box.rect)
                yield Finding("statistic.merged-values", box.rect, {"count": box.rect.height})


def _body_roles(view: View, rect: Rect, header: Header, blocks: Sequence[Block]) -> dict[tuple[int, int], Role]:
    roles: dict[tuple[int, int], Role] = {}
    values = {col for block in blocks for col in (*block.values, *block.others)}
    for r in range(header.rect.bottom + 1, rect.bottom + 1):
        for box in view.texts(r, rect.left, rect.right):
            roles[(box.rect.top, box.rect.left)] = Role.VALUE if box.rect.left in values else Role.ROW_HEADER
    return roles
