"""Statistics: rows of indicators with unit and code columns, side by side or continued; row x column cross tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from forms.model import Address, Kind, Rect, Role, ValueType
from forms.recognise.fields import Draft, offered, options_of, type_of, unit_of
from forms.recognise.header import Column, Header
from forms.recognise.labels import clean, is_bare_mark, is_dash, key, known_unit, leading_width, mark_of, squeeze, unit_in
from forms.recognise.outline import Item, Outline, indent_noise
from forms.recognise.rules import plain_code
from forms.recognise.tables import Finding, TableRead
from forms.recognise.view import Box, View
from forms.recognise.words import words

_CODE_LIKE = re.compile(r"^[A-Za-z]{0,2}\d{1,5}[A-Za-z]?(?:[.\-]\d+)*$")
_HAN = re.compile(r"^[一二三四五六七八九十]+、?$|^[（(][一二三四五六七八九十]+[)）]$")


@dataclass(frozen=True)
class Block:
    """One indicator list of a table: which columns hold captions, units, codes and values."""

    stubs: tuple[int, ...]
    values: tuple[int, ...]
    unit: int = 0
    code: int = 0
    serial: int = 0
    others: tuple[int, ...] = ()  # remarks and the like


@dataclass
class Context:
    """What a table of indicators takes from its surroundings, and carries on into its continuation (续表)."""

    units: tuple[str, ...] = ()  # 计量单位：千公顷、吨
    parts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    outline: Outline = field(default_factory=Outline)
    paths: dict[int, tuple[tuple[str, ...], tuple[Address, ...]]] = field(default_factory=dict)


# ---- columns -----------------------------------------------------------------------------------------------------------
def column_blocks(view: View, rect: Rect, header: Header) -> tuple[Block, ...]:
    """The indicator lists of a table, from left to right; empty when no column holds captions."""
    kinds = _column_kinds(view, rect, header)
    groups: list[list[tuple[int, str]]] = []
    for at, (col, kind) in enumerate(kinds):
        opens = kind == "stub" or (kind in ("serial", "code") and at + 1 < len(kinds) and kinds[at + 1][1] == "stub")
        filled = groups and any(k == "value" for _, k in groups[-1])
        if not groups or (opens and filled):
            groups.append([])
        groups[-1].append((col, kind))
    blocks = [_block(group) for group in groups]
    return tuple(b for b in blocks if b.stubs and b.values)


def _block(group: Sequence[tuple[int, str]]) -> Block:
    def of(kind: str) -> tuple[int, ...]:
        return tuple(col for col, k in group if k == kind)

    return Block(of("stub"), of("value"), *((of(k) or (0,))[0] for k in ("unit", "code", "serial")), of("remark"))


def _column_kinds(view: View, rect: Rect, header: Header) -> list[tuple[int, str]]:
    body = range(header.rect.bottom + 1, rect.bottom + 1)
    found: list[tuple[int, str]] = []
    for column in header.columns:
        if _same_as_left(view, body, column, rect):
            continue
        found.append((column.col, _column_kind(view, body, column, found)))
    return _codes_without_name(view, body, found)


def _same_as_left(view: View, body: range, column: Column, rect: Rect) -> bool:
    """A column that only exists because the boxes of the column before are two columns wide."""
    if column.col == rect.left or not body:
        return False
    top = view.box(rect.top, column.col)
    named = top.rect.left == column.col or len(column.path) > 1
    if named and not all(not view.box(r, column.col).blank for r in body):
        return False  # 播种面积 | 产量 over value cells that were merged by mistake
    return all(view.box(r, column.col).rect.left < column.col for r in body)


def _column_kind(view: View, body: range, column: Column, before: Sequence[tuple[int, str]]) -> str:
    word, heads = key(column.label), words().headers
    texts = [t for t in (squeeze(view.box(r, column.col).text) for r in body if view.box(r, column.col).rect.top == r) if t]
    plain = [t for t in texts if not is_dash(t)]
    units = sum(1 for t in plain if known_unit(t))
    if word in heads["unit"] and units >= 0.5 * len(plain):
        return "unit"
    coded = sum(1 for t in plain if _CODE_LIKE.match(t))
    if word in heads["code"] and coded >= 0.7 * len(plain) and plain:
        return "code"
    if word in heads["serial"] and all(len(t) <= 4 for t in plain):
        return "serial"
    if word in words().remark:
        return "remark"
    fresh = not before or before[-1][1] in ("value", "remark", "serial", "code", "stub")
    captions = sum(1 for t in plain if not known_unit(t) and not re.fullmatch(r"[\d.,%]+", t))
    if fresh and (word in heads["stub"] or not word or not _opened(before)) and captions >= 0.4 * max(1, len(texts)) and captions:
        return "stub"
    if before and before[-1][1] == "stub" and captions >= 0.25 * len(body) and captions >= 2 and word not in heads["value"]:
        return "stub"
    return "value"


def _opened(before: Sequence[tuple[int, str]]) -> bool:
    return any(kind in ("stub", "value") for _, kind in before)


def _codes_without_name(view: View, body: range, kinds: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """A column of 1, 2, 3 … in a table whose other block names its codes is a code column, whatever its caption says."""
    if not any(kind == "code" for _, kind in kinds):
        return kinds
    fixed: list[tuple[int, str]] = []
    for at, (col, kind) in enumerate(kinds):
        texts = [t for t in (squeeze(view.box(r, col).text) for r in body) if t]
        numbers = [int(t) for t in texts if t.isdigit()]
        run = len(numbers) >= 5 and len(numbers) == len(texts) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        follows = at > 0 and kinds[at - 1][1] in ("stub", "unit")
        fixed.append((col, "code" if kind == "value" and run and follows else kind))
    return fixed


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
    columns = {c.col: c for c in header.columns}
    for block in blocks:
        explicit = _explicit(view, rect, header, block)
        rows = list(_rows(view, rect, header, block, explicit))
        walk = _Walk(view, block, context, explicit)
        walk.look_ahead(rows)
        for row in rows:
            path, cells = walk.place(row)
            if not row.caption:
                drafts += _row_fields(view, block, columns, row, path, cells, context)
        findings += _merged_values(view, rect, header, block)
    roles |= _body_roles(view, rect, header, blocks)
    fill = Rect(header.rect.bottom + 1, rect.left, rect.bottom, rect.right)
    return TableRead(Kind.STATISTIC, tuple(drafts), roles, tuple(findings), header.depth, fill)


def _explicit(view: View, rect: Rect, header: Header, block: Block) -> bool:
    """Whether several caption columns show the levels: captions merged down, or labels merged across to the right."""
    if len(block.stubs) < 2:
        return False
    body = range(header.rect.bottom + 1, rect.bottom + 1)
    boxes = [view.box(r, block.stubs[0]) for r in body]
    return any(b.rect.height > 1 or b.rect.right > block.stubs[0] for b in boxes if not b.blank)


def _rows(view: View, rect: Rect, header: Header, block: Block, explicit: bool) -> Iterator[_Row]:
    body = range(header.rect.bottom + 1, rect.bottom + 1)
    units = [known_unit(view.box(r, block.unit).text) for r in body] if block.unit else []
    mostly_units = sum(1 for u in units if u) >= 0.5 * len(units) if units else False
    before: _Row | None = None
    for r in body:
        row = _row(view, block, r, before, explicit, mostly_units)
        if row is not None:
            before = row
            yield row


def _row(view: View, block: Block, r: int, before: _Row | None, explicit: bool, mostly_units: bool) -> _Row | None:
    labels = _labels(view, block, r)
    unit, code, serial = (_side(view, r, col) for col in (block.unit, block.code, block.serial))
    named_unit = known_unit(unit) or ("" if is_dash(unit) else clean(unit))
    named_code = "" if is_dash(code) else code
    if not labels:
        if before is None or not (named_unit or named_code):
            return None
        labels = before.labels  # 大中型拖拉机 台 / (blank) 千瓦: the same caption once more
    texts = _texts(labels)
    caption = _is_caption(view, block, r, labels, named_unit, named_code, serial, explicit, mostly_units)
    return _Row(r, labels, texts, named_unit, named_code, serial, caption)


def _side(view: View, r: int, col: int) -> str:
    return squeeze(view.box(r, col).text) if col else ""


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


def _is_caption(
    view: View, block: Block, r: int, labels: Sequence[Box], unit: str, code: str, serial: str, explicit: bool, mostly_units: bool
) -> bool:
    """Whether a row only heads the rows below it: nothing in its unit and code, or no cell of its own to fill."""
    values = [view.box(r, col) for col in block.values]
    if not code and words().grouping.search(clean(labels[-1].text)):
        return True
    if all(any(v.rect == label.rect for label in labels) for v in values) or all(v.dash for v in values) and not _partly_blocked(view, block, r):
        return not (unit or code) or not block.code
    if block.code:
        return not unit and not code
    if explicit:
        return False
    if block.unit:
        return not unit and mostly_units and bool(mark_of(clean(labels[-1].text)).style)
    return bool(_HAN.match(serial))


def _partly_blocked(view: View, block: Block, r: int) -> bool:
    return not all(_blocked(block, view.box(r, col), col) for col in block.values)


class _Walk:
    """Places the rows of one block in the tree of captions."""

    def __init__(self, view: View, block: Block, context: Context, explicit: bool) -> None:
        self._view, self._block, self._context, self._explicit = view, block, context, explicit
        self._scopes: dict[Rect | None, tuple[Outline, dict[int, tuple[tuple[str, ...], tuple[Address, ...]]]]] = {}
        self._scopes[None] = (Outline(explicit=explicit), {}) if explicit else (context.outline, context.paths)
        self._followed: set[int] = set()
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
        path: tuple[str, ...] = ()
        cells: tuple[Address, ...] = ()
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

    def _add(
        self, scope: Rect | None, item: Item, cell: Address, path: tuple[str, ...], cells: tuple[Address, ...]
    ) -> tuple[tuple[str, ...], tuple[Address, ...]]:
        outline, paths = self._scopes.setdefault(scope, (Outline(explicit=True), {}))
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


# ---- fields ------------------------------------------------------------------------------------------------------------
def _row_fields(
    view: View,
    block: Block,
    columns: Mapping[int, Column],
    row: _Row,
    path: tuple[str, ...],
    cells: tuple[Address, ...],
    context: Context,
) -> Iterator[Draft]:
    several = len(block.values) > 1
    for col in block.values:
        box, column = view.box(row.r, col), columns[col]
        if any(box.rect == label.rect for label in row.labels):
            continue
        named = several or key(column.label) not in words().headers["value"]
        caption = column.path if named and column.path else ()
        full = (*path, *caption)
        unit = _unit(row, column, full, several, context)
        options = options_of(path[-1], box.text if not box.dash else "", offered(view, row.r, col))
        yield Draft(
            path=full,
            place=(row.r, col),
            label_cells=(*cells, *(column.cells if caption else ())),
            unit=unit,
            type=type_of(path[-1], unit, options, box.style.number_format, ValueType.NUMBER) if not several else ValueType.NUMBER,
            options=options,
            code=row.code,
            area=box.rect if box.rect.width > 1 and box.rect.height == 1 else None,
            blocked=_blocked(block, box, col),
            column="/".join(column.path) if several else "",
            context="statistic",
        )


def _blocked(block: Block, box: Box, col: int) -> bool:
    """A dash blocks its cell. In a cell merged over several value columns the place of the dash tells which it blocks."""
    if not box.dash:
        return False
    spanned = [c for c in block.values if box.rect.left <= c <= box.rect.right]
    if len(spanned) < 2 or len(re.findall(r"[—－―–─━-]+", box.text)) > 1:
        return True
    return col == (spanned[-1] if leading_width(box.text) >= 1 else spanned[0])


def _unit(row: _Row, column: Column, path: tuple[str, ...], several: bool, context: Context) -> str:
    own = unit_of(column.path)
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
