"""Rosters and wide tables: a header on top, records below (blank, prefilled or filled), totals, notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from forms.model import Kind, Purpose, Rect, Role, ValueType
from forms.recognise.fields import Draft, offered, options_of, purpose_of, type_of, unit_of
from forms.recognise.header import Column, Header
from forms.recognise.labels import is_dash, key
from forms.recognise.tables import Finding, TableRead
from forms.recognise.view import View
from forms.recognise.words import words


def read_roster(view: View, rect: Rect, header: Header, units: tuple[str, ...] = ()) -> TableRead:
    """One field for each column. `rows` of a field is the block from the first record row to the row before a total."""
    first, last = record_rows(view, rect, header)
    roles = {(b.rect.top, b.rect.left): Role.COLUMN_HEADER for b in header.boxes}
    findings: list[Finding] = []
    kept: list[Column] = []
    for column in header.columns:
        if kept and _same_caption(view, header, kept[-1].col, column.col, first):
            continue
        if not column.path:
            findings += _empty_header(view, header, column)
            continue
        kept.append(column)
    numeric = _mostly_numbers(kept)
    default = ValueType.NUMBER if numeric else ValueType.TEXT
    drafts = [_draft(view, column, (first, last), default, units) for column in kept]
    findings += _duplicates(header, kept)
    roles |= _body_roles(view, rect, header, first, last)
    kind = Kind.STATISTIC if numeric else Kind.ROSTER
    return TableRead(kind, tuple(drafts), roles, tuple(findings), header.depth, Rect(first, rect.left, last, rect.right))


def _draft(view: View, column: Column, rows: tuple[int, int], default: ValueType, units: tuple[str, ...]) -> Draft:
    first, last = rows
    box = view.box(first, column.col)
    unit = unit_of(column.path, column.unit)
    options = options_of(column.label, "" if is_dash(box.text) else box.text, offered(view, first, column.col))
    purpose = purpose_of(column.label, "roster")
    kind = type_of(column.label, unit, options, box.style.number_format, _default(default, column, purpose))
    if not unit and kind is ValueType.NUMBER and len(units) == 1 and purpose is Purpose.DATA:
        unit = units[0]
    return Draft(
        path=column.path,
        place=(first, column.col),
        label_cells=column.cells,
        unit=unit,
        type=kind,
        options=options,
        code=column.number,
        purpose=purpose,
        area=box.rect if box.rect.width > 1 and box.rect.height == 1 else None,
        rows=Rect(first, column.col, last, max(column.col, box.rect.right)),
        context="roster",
    )


def _default(usual: ValueType, column: Column, purpose: Purpose) -> ValueType:
    text = purpose is not Purpose.DATA or key(column.label) in words().headers["entity"]
    return ValueType.TEXT if text else usual


def record_rows(view: View, rect: Rect, header: Header) -> tuple[int, int]:
    """First and last row for records: below the header, totals left out at either end."""
    first, last = header.rect.bottom + 1, max(rect.bottom, header.rect.bottom + 1)
    while first < last and is_total(view, rect, first):
        first += 1
    for r in range(first, last + 1):
        if r > first and is_total(view, rect, r):
            return first, r - 1
    return first, last


def is_total(view: View, rect: Rect, r: int) -> bool:
    """Whether a row is a total: one of its first two captions is 合计, 总计 …"""
    texts = view.texts(r, rect.left, rect.right)
    return any(key(b.text) in words().totals for b in texts[:2])


def _same_caption(view: View, header: Header, before: int, col: int, first: int) -> bool:
    """Two columns are one field when the caption and the first record cell both span them."""
    bottom = header.rect.top + header.depth - 1
    a, b = view.box(bottom, before), view.box(bottom, col)
    if a.rect == b.rect and not a.blank:
        return view.box(first, before).rect == view.box(first, col).rect or not view.line_left(first, col)
    return False


def _mostly_numbers(columns: Sequence[Column]) -> bool:
    """A table whose columns are mostly counts and amounts, not facts about a person or thing, is a statistic."""
    data = [c for c in columns if purpose_of(c.label, "roster") is Purpose.DATA]
    if len(data) < 2:
        return False
    numbers = sum(1 for c in data if type_of(c.label, unit_of(c.path, c.unit), ()) is ValueType.NUMBER)
    personal = sum(1 for c in data if any(w in key(c.label) for w in words().personal))
    return personal <= 0.15 * len(data) and numbers >= 0.5 * len(data)


def _empty_header(view: View, header: Header, column: Column) -> Iterator[Finding]:
    spanned = view.box(header.rect.top, column.col).rect.left < column.col
    if not spanned:
        yield Finding("header.empty", Rect(header.rect.top, column.col, header.rect.top, column.col))


def _duplicates(header: Header, columns: Sequence[Column]) -> Iterator[Finding]:
    counts = Counter(c.path for c in columns)
    for column in columns:
        if counts[column.path] > 1:
            place = Rect(header.rect.top + header.depth - 1, column.col, header.rect.top + header.depth - 1, column.col)
            yield Finding("header.duplicate", place, {"label": "／".join(column.path), "count": counts[column.path]})


def _body_roles(view: View, rect: Rect, header: Header, first: int, last: int) -> dict[tuple[int, int], Role]:
    roles: dict[tuple[int, int], Role] = {}
    for r in range(header.rect.bottom + 1, rect.bottom + 1):
        total = is_total(view, rect, r)
        for box in view.texts(r, rect.left, rect.right):
            label = total and key(box.text) in words().totals
            roles[(box.rect.top, box.rect.left)] = Role.ROW_HEADER if label else Role.VALUE
    return roles
