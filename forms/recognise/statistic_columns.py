"""Which columns of a table of indicators hold captions, units, codes and values; one block for each list side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forms.model import Rect
from forms.recognise.header import Column, Header
from forms.recognise.labels import is_dash, key, known_unit, squeeze
from forms.recognise.view import View
from forms.recognise.words import words

_CODE_LIKE = re.compile(r"^[A-Za-z]{0,2}\d{1,5}[A-Za-z]?(?:[.\-]\d+)*$")


@dataclass(frozen=True)
class Block:
    """One indicator list of a table: which columns hold captions, units, codes and values."""

    stubs: tuple[int, ...]
    values: tuple[int, ...]
    unit: int = 0
    code: int = 0
    serial: int = 0
    others: tuple[int, ...] = ()  # remarks and the like


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

    def first(kind: str) -> int:
        return next(iter(of(kind)), 0)

    return Block(of("stub"), of("value"), first("unit"), first("code"), first("serial"), of("remark"))


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
    captions = sum(1 for t in plain if not known_unit(t) and not re.fullmatch(r"[\d.,%]+", t) and t not in words().totals)
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
