"""Where the header of a list stands among its first rows, and what each column is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from forms.model import Rect

HEADER_DEPTH = 12  # rows looked at for the header

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
        if len(set(filter(None, cells))) < 2:
            break
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
