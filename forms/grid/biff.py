"""What xlrd leaves out of an old workbook: the formulas of cells and the drop-downs ([MS-XLS] 2.4.127, 2.4.277, 2.4.95)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from xlrd.biffh import XLRDError
from xlrd.formula import FMLA_TYPE_CELL, FMLA_TYPE_DATA_VAL, FMLA_TYPE_SHARED, FormulaError, decompile_formula

from forms.model import Rect

_FORMULA, _SHARED, _DROP_DOWN, _END = 0x0006, 0x04BC, 0x01BE, 0x000A
_BEGIN = 0x0809
_TOKEN_SHARED, _TOKEN_TEXT = 0x01, 0x17
_WHOLE = re.compile(r"(?<![\w.])(\d+)\.0(?!\d)")  # xlrd writes every number as a float
_LIST, _PRINTED_LIST = 3, 0x80
_FAULTS = (
    FormulaError, XLRDError, struct.error, IndexError, KeyError, ValueError, TypeError, AttributeError, AssertionError,
    RecursionError,
)  # fmt: skip


@dataclass
class Extras:
    """The formulas of a sheet by place (from 1), and its drop-downs as (block, source) with the source as Excel writes it."""

    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    drop_downs: list[tuple[Rect, str]] = field(default_factory=list)


def sheet_extras(book: Any, index: int) -> Extras:
    """Reads them for one sheet of an xlrd book (BIFF 8; of older ones nothing). Leaves out what it cannot decode."""
    extras = Extras()
    starts = getattr(book, "_sh_abs_posn", ())
    if book.biff_version < 80 or index >= len(starts):
        return extras
    shared: list[tuple[Rect, bytes]] = []
    waiting: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for kind, content in _records(book.mem, starts[index]):
        try:
            if kind == _FORMULA:
                _formula(book, content, extras, waiting)
            elif kind == _SHARED:
                shared.append(_shared(content))
            elif kind == _DROP_DOWN:
                extras.drop_downs.extend(_drop_down(book, content))
        except _FAULTS:
            continue
    _settle(book, extras, shared, waiting)
    return extras


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """The records of one sheet; charts inside it have a beginning and an end of their own."""
    depth = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        depth += (kind == _BEGIN) - (kind == _END)
        if depth <= 0:
            return
        yield kind, bytes(stream[place + 4 : place + 4 + size])
        place += 4 + size


def _formula(book: Any, content: bytes, extras: Extras, waiting: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    row, col = struct.unpack_from("<HH", content)
    (size,) = struct.unpack_from("<H", content, 20)
    tokens = content[22 : 22 + size]
    if tokens[:1] == bytes([_TOKEN_SHARED]):
        waiting.append(((row, col), struct.unpack_from("<HH", tokens, 1)))
        return
    extras.formulas[row + 1, col + 1] = _decompiled(book, tokens, FMLA_TYPE_CELL, row, col)


def _shared(content: bytes) -> tuple[Rect, bytes]:
    top, bottom, left, right = struct.unpack_from("<HHBB", content)
    (size,) = struct.unpack_from("<H", content, 8)
    return Rect(top, left, bottom, right), content[10 : 10 + size]


def _settle(
    book: Any, extras: Extras, shared: list[tuple[Rect, bytes]], waiting: list[tuple[tuple[int, int], tuple[int, int]]]
) -> None:
    """Cells that point to a shared formula get it as it reads in their place."""
    for (row, col), origin in waiting:
        tokens = next((tokens for block, tokens in shared if origin in block), None)
        if tokens is None:
            continue
        try:
            extras.formulas[row + 1, col + 1] = _decompiled(book, tokens, FMLA_TYPE_SHARED, row, col)
        except _FAULTS:
            continue


def _decompiled(book: Any, tokens: bytes, kind: int, row: int, col: int) -> str:
    text = str(decompile_formula(book, tokens, len(tokens), fmlatype=kind, browx=row, bcolx=col) or "")
    return _WHOLE.sub(r"\1", text)


def _drop_down(book: Any, content: bytes) -> Iterator[tuple[Rect, str]]:
    (flags,) = struct.unpack_from("<I", content)
    if flags & 0x0F != _LIST:
        return
    place = 4
    for _ in range(4):  # titles and texts of the prompt and of the error
        place = _text(content, place)[1]
    (size,) = struct.unpack_from("<H", content, place)
    tokens = content[place + 4 : place + 4 + size]
    place += 4 + size
    (size,) = struct.unpack_from("<H", content, place)
    place += 4 + size
    source = _source(book, tokens, printed=flags & _PRINTED_LIST)
    (count,) = struct.unpack_from("<H", content, place)
    for number in range(count):
        top, bottom, left, right = struct.unpack_from("<HHHH", content, place + 2 + 8 * number)
        yield Rect(top + 1, left + 1, bottom + 1, right + 1), source


def _source(book: Any, tokens: bytes, printed: int) -> str:
    if printed and tokens[:1] == bytes([_TOKEN_TEXT]):
        count, wide = tokens[1], tokens[2] & 1
        text = tokens[3 : 3 + count * (1 + wide)].decode("utf-16-le" if wide else "latin-1")
        return '"' + text.replace("\0", ",") + '"'
    return _decompiled(book, tokens, FMLA_TYPE_DATA_VAL, 0, 0)


def _text(content: bytes, place: int) -> tuple[str, int]:
    """A string with a 16-bit length, and the place behind it."""
    count, flags = struct.unpack_from("<HB", content, place)
    end = place + 3 + count * (1 + (flags & 1))
    return content[place + 3 : end].decode("utf-16-le" if flags & 1 else "latin-1"), end
