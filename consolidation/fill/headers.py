"""Where the header of a list stands among its first rows, what each column is called, and which rows are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forms.model import Rect

from .settings import source_words

HEADER_DEPTH = 12  # rows looked at for the header

_FOOT_DEPTH = 5  # last rows looked at for signatures and notes
_FOOT_CELLS = 3
_PLACE_CODE = re.compile(r"\d{9}|\d{12}")

Rows = Sequence[Sequence[str]]
Knows = Callable[[str], bool]


def spread(rows: list[list[str]], merges: Iterable[Rect]) -> None:
    """Every place of a merged block says what its first place says (rows from the sheet's first one on)."""
    for block in merges:
        if block.top > len(rows) or not rows[block.top - 1][block.left - 1 : block.left]:
            continue
        text = rows[block.top - 1][block.left - 1]
        for line in rows[block.top - 1 : block.bottom]:
            right = min(block.right, len(line))
            line[block.left - 1 : right] = [text] * (right - block.left + 1)


def header_row(rows: Rows, merges: Sequence[Rect] = (), knows: Knows | None = None) -> int:
    """The number (from 1) of the last header row: the fullest of the first rows that hold words alone, the earliest of equals.
    Where several could be it, `knows` (is a text a known label?) decides. A block merged down or across goes on below."""
    filled = {number: [cell.strip() for cell in row if cell.strip()] for number, row in enumerate(rows, 1)}
    words = {number: cells for number, cells in filled.items() if cells and not any(map(_is_figure, cells))}
    if not words:
        return 1
    rivals = [number for number, cells in words.items() if len(set(cells)) > 1] or list(words)
    best = max(rivals, key=lambda number: (len(words[number]), -number))
    if knows is not None and len(rivals) > 1:
        known = {number: sum(map(knows, words[number])) for number in rivals}
        surest = max(rivals, key=lambda number: (known[number], len(words[number]), -number))
        best = surest if known[surest] > 1 else best
    return _lowest(best, rows, merges)


def _lowest(row: int, rows: Rows, merges: Sequence[Rect]) -> int:
    """The last row of the header whose captions stand in `row`: down to where blocks merged downwards end."""
    width = max(len(set(rows[row - 1])), 2)
    bottoms = [m.bottom for m in merges if m.top <= row <= m.bottom and m.width < width]
    across = any(m.top <= row <= m.bottom and 1 < m.width < width for m in merges)
    below = row < len(rows) and not any(_is_figure(cell.strip()) for cell in rows[row] if cell.strip())
    return min(max([row, *bottoms, row + 1 if across and below else row]), len(rows))


def _is_figure(text: str) -> bool:
    return text.replace(".", "").replace("-", "").isdigit()


def joined(rows: Rows, *, merged: bool = False) -> tuple[str, ...]:
    """The header texts; rows above the last one that hold several captions are levels above it (基本信息/姓名). In a file without
    merged blocks a caption goes on to the right until the next one."""
    last = [cell.strip() for cell in rows[-1]]
    levels: list[list[str]] = []
    for row in reversed(rows[:-1]):
        cells = [cell.strip() for cell in row]
        if len(set(filter(None, cells))) < 2 or any("：" in cell or ":" in cell for cell in cells):
            break  # a title, or a line such as 填报单位：…
        levels.insert(0, cells if merged else _carried(cells, last))
    return tuple("/".join(_distinct([*(level[i] for level in levels if i < len(level)), cell])) for i, cell in enumerate(last))


def _carried(cells: Sequence[str], below: Sequence[str]) -> list[str]:
    """A row of captions, each carried on over the columns that have a name of their own below."""
    carried, caption = [], ""
    for i, name in enumerate(below):
        caption = cells[i] if i < len(cells) and cells[i] else caption
        carried.append(caption if name or (i < len(cells) and cells[i]) else "")
    return carried


def _distinct(texts: Iterable[str]) -> list[str]:
    found: list[str] = []
    for text in texts:
        if text and text not in found[-1:]:
            found.append(text)
    return found


def title_of(rows: Rows) -> str:
    """The first text above the header."""
    return next((cell.strip() for row in rows for cell in row if cell.strip()), "")


def beside_rows(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows of a list are no records: totals (合计) that bear no place's code, and lines for signatures and notes below."""
    aside = np.zeros(len(frame), dtype=bool)
    for at in list(frame.columns)[:3]:
        aside |= frame[at].isin(source_words().total_words).to_numpy(dtype=bool)
    for row in np.flatnonzero(aside).tolist():
        aside[row] = not any(_PLACE_CODE.fullmatch(str(cell).strip()) for cell in frame.iloc[row])
    for row in range(max(0, len(frame) - _FOOT_DEPTH), len(frame)):
        filled = [str(cell).strip() for cell in frame.iloc[row] if str(cell).strip()]
        aside[row] |= 0 < len(filled) <= _FOOT_CELLS and filled[0].startswith(source_words().foot_words) and _has_colon(filled[0])
    return aside


def _has_colon(text: str) -> bool:
    return "：" in text[:12] or ":" in text[:12]
