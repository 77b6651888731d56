"""Text files: which encoding, which separator, and .csv or tab-separated tables as a grid."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from itertools import islice

from forms.grid import limits
from forms.grid.cells import Content, Draft, Place, of_text
from forms.grid.notes import Notes
from forms.model import PLAIN, Cell, CellKind, Grid

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SEPARATORS = ",\t;|，"
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,10})(?:\.\d{1,9})?")
_SHIELDED = re.compile(r'\s*="([^"]*)"\s*')


def decode(data: bytes, notes: Notes) -> str | None:
    """The text in `data`: by its byte order mark, else UTF-8, else GB 18030 (which holds GBK and GB 2312), else UTF-16
    without a mark. None when it is no text."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decoded(data, encoding, notes)
    if b"\0" in data[:4096]:
        return _utf16(data)
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text if len(_CONTROL.findall(text[:100_000])) <= len(text) // 1000 else None
    return _decoded(data, _less_harmed(data), notes)


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: read the right way round, all it says is printable and it has ASCII line ends or separators."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        head = text[:4096]
        if any(char in "\n\t,;" for char in head) and all(char.isprintable() or char in "\r\n\t\u3000" for char in head):
            return text
    return None


def _less_harmed(data: bytes) -> str:
    return min(("utf-8", "gb18030"), key=lambda encoding: data.decode(encoding, "replace").count("\ufffd"))


def _decoded(data: bytes, encoding: str, notes: Notes) -> str | None:
    """Text with a few broken characters is still read, with a Problem; with many it is no text."""
    text = data.decode(encoding, "replace")
    broken = text.count("\ufffd")
    if broken > max(20, len(text) // 50) or len(_CONTROL.findall(text[:100_000])) > len(text) // 1000:
        return None
    if broken:
        notes.add("file.encoding-doubtful", encoding=encoding.removesuffix("-sig").upper())
    return text


def separator(text: str) -> str:
    """The character that separates the columns; "" when no line holds any. It is the one that most lines agree on."""
    lines = [line for line in islice(io.StringIO(text), 200) if line.strip()]
    if not lines:
        return ""
    best, most = "", 0.0
    for mark in _SEPARATORS:
        counts = [_outside_quotes(line, mark) for line in lines]
        usual = max(set(counts) - {0}, key=counts.count, default=0)
        weight = counts.count(usual) / len(lines) * min(usual, 5) + (0.5 if usual else 0)
        if usual and weight > most:
            best, most = mark, weight
    return best


def _outside_quotes(line: str, mark: str) -> int:
    return re.sub(r'"[^"]*"', "", line).count(mark)


def read_csv(text: str, name: str, notes: Notes) -> Grid:
    """A delimited text as one sheet, named after the file."""
    draft = Draft(name, notes)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text) or ",")
    try:
        for row, line in enumerate(lines, 1):
            if draft.filled > limits.CELLS:
                break
            for col, shown in enumerate(line, 1):
                put_text(draft, (row, col), shown)
    except csv.Error:
        notes.add("file.part-damaged", name, part=f"第 {lines.line_num} 行")
    return draft.grid()


def put_text(draft: Draft, place: Place, shown: str) -> None:
    """One cell of a text table: a plain number becomes one (its text stays as printed), everything else is text."""
    shielded = _SHIELDED.fullmatch(shown)  # ="00123" is how exporters keep a code from becoming a number
    if shielded:
        shown = shielded[1]
    content = of_text(shown, draft, place)
    if content.kind is CellKind.TEXT and not shielded and _NUMBER.fullmatch(shown.strip()):
        content = Content(shown, Decimal(shown.strip()), CellKind.NUMBER)
    if content.kind is not CellKind.BLANK:
        draft.put(Cell(*place, content.text, content.value, content.kind, None, PLAIN))
