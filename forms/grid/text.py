"""Text files: which encoding, which separator, and .csv or tab-separated tables as a grid."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from itertools import islice

from forms import encoding
from forms.grid import limits
from forms.grid.cells import Content, Draft, Place, of_text
from forms.grid.notes import Notes
from forms.model import PLAIN, Cell, CellKind, Grid

_SEPARATORS = ",\t;|，"
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,10})(?:\.\d{1,9})?")
_SHIELDED = re.compile(r'\s*="([^"]*)"\s*')


def decode(data: bytes, notes: Notes) -> str | None:
    """The text in `data`, None when it is no text. A few broken characters are told and read over."""
    found = encoding.decode(data)
    if found is not None and found.broken:
        notes.add("file.encoding-doubtful", encoding=found.shown_encoding)
    return found.text if found is not None else None


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
