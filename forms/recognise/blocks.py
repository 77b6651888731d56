"""Where the tables of a sheet lie, and which lines belong above and below each.

A sheet is cut into bands (side by side, empty columns between) and each band into regions: heading lines, a table and
its continuations (续表), footing lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from forms.model import Rect
from forms.recognise.header import numbered_header
from forms.recognise.labels import clean, display_width, key
from forms.recognise.lines import pieces
from forms.recognise.view import Box, View
from forms.recognise.words import words

_NUMBERED_TITLE = re.compile(r"^(?:附?表|附件|附)\s*[\d一二三四五六七八九十\-]{0,4}\s*[：:]\s*")


@dataclass(frozen=True)
class Region:
    """One table with what is printed around it (view coordinates). `tables` has more than one block where the table is
    continued on the same sheet."""

    heading: tuple[Box, ...]
    tables: tuple[Rect, ...]
    footing: tuple[Box, ...]


@dataclass(frozen=True)
class _Run:
    """Rows that belong together: a table, or lines between tables."""

    top: int
    bottom: int
    table: bool


def regions(view: View) -> tuple[Region, ...]:
    """The regions of a sheet, band by band. Lines without any table come as a region without tables."""
    if not view.height or not view.width:
        return ()
    found: list[Region] = []
    bands = _bands(view)
    for number, (left, right) in enumerate(bands):
        start = 1 if number == 0 else left
        stop = view.width if number == len(bands) - 1 else bands[number + 1][0] - 1
        found += _band_regions(view, (start, stop), (left, right))
    return tuple(found)


# ---- bands -----------------------------------------------------------------------------------------------------------
def _bands(view: View) -> list[tuple[int, int]]:
    """Column ranges with empty columns between them. Only drawn tables are split at a single empty column: in a list
    without lines an empty column is rather a forgotten header."""
    rows = [r for r in view.active if _is_table_row(view, r, 1, view.width)]
    used = _used_columns(view, rows)
    if not used:
        return [(1, view.width)]
    gap = 1 if view.has_frames else 2
    bands = [[used[0], used[0]]]
    for col in used[1:]:
        if col - bands[-1][1] > gap:
            bands.append([col, col])
        else:
            bands[-1][1] = col
    return _joined(view, [(a, b) for a, b in bands], rows)


def _joined(view: View, bands: Sequence[tuple[int, int]], rows: Sequence[int]) -> list[tuple[int, int]]:
    """In a sheet without lines a list goes on behind columns whose captions are missing: it began with 序号, what comes
    behind numbers nothing itself, and both have the same rows."""
    found = [bands[0]]
    for left, right in bands[1:]:
        before = found[-1]
        whole = Rect(rows[0], before[0], rows[-1], right)
        own = any(key(b.text) in words().headers["serial"] for b in view.texts(rows[0], left, right))
        level = all(bool(view.texts(r, *before)) == bool(view.texts(r, left, right)) for r in rows)
        if not view.has_frames and level and not own and numbered_header(view, whole):
            found[-1] = (before[0], right)
        else:
            found.append((left, right))
    return found


def _used_columns(view: View, rows: Sequence[int]) -> list[int]:
    used: set[int] = set()
    for r in rows:
        for box in view.texts(r):
            used.update(range(box.rect.left, box.rect.right + 1))
        used.update(c for c in range(1, view.width + 1) if c not in used and (view.line_above(r, c) or view.line_above(r + 1, c)))
    return sorted(used)


# ---- rows ------------------------------------------------------------------------------------------------------------
def _is_table_row(view: View, r: int, left: int, right: int) -> bool:
    if view.has_frames:
        lines = view.upright_lines(r, left, right)
        return lines >= 2 or (lines == 1 and view.covered(r, left, right))
    texts = view.texts(r, left, right)
    return len(texts) >= 2 and not all(_filing(b.text) for b in texts)


def _filing(text: str) -> bool:
    """Whether a cell reads as a filing line (填报单位：, 表号：A302表) and not as part of a table."""
    w = words()
    labels = [key(p.label) for p in pieces(text)] if any(mark in text for mark in "：:") else [key(text)]
    return any(label in w.fill or label in w.printed or w.fill_pattern.match(label) for label in labels)


def _runs(view: View, left: int, right: int) -> list[_Run]:
    kinds = ["blank"] * view.height
    for r in view.active:
        if _is_table_row(view, r, left, right):
            kinds[r - 1] = "table"
        elif view.texts(r, left, right):
            kinds[r - 1] = "line"
    _adopt_data_rows(view, kinds, left, right)
    if not view.has_frames:
        _adopt_single_cells(view, kinds, left, right)
    return _grouped(kinds)


def _adopt_data_rows(view: View, kinds: list[str], left: int, right: int) -> None:
    """Rows without lines right under a drawn header that hold several values belong to the table."""
    for i in range(1, len(kinds)):
        if kinds[i] == "line" and kinds[i - 1] == "table":
            texts = view.texts(i + 1, left, right)
            if len(texts) >= 3 and not any(_filing(b.text) for b in texts):
                kinds[i] = "table"


def _adopt_single_cells(view: View, kinds: list[str], left: int, right: int) -> None:
    """In a sheet without lines a row with one cell (a caption, a label) belongs to the table when table rows come on both
    sides of it."""
    tables = [i for i, kind in enumerate(kinds) if kind == "table"]
    if not tables:
        _column_of_labels(view, kinds, left, right)
        return
    for i in range(tables[0], tables[-1]):
        if kinds[i] == "line" and kinds[i - 1] == "table" and not _title_like(view, view.texts(i + 1, left, right)):
            kinds[i] = "table"


def _column_of_labels(view: View, kinds: list[str], left: int, right: int) -> None:
    """A sheet without lines and never two cells in a row: the rows under the title that are short labels are a card."""
    rows = [i for i, kind in enumerate(kinds) if kind == "line"]
    short = [i for i in rows[1:] if display_width(clean(view.texts(i + 1, left, right)[0].text)) <= 24]
    if len(short) >= 3 and len(short) >= 0.8 * (len(rows) - 1):
        for i in short:
            kinds[i] = "table"


def _grouped(kinds: Sequence[str]) -> list[_Run]:
    runs: list[_Run] = []
    for r, kind in enumerate(kinds, 1):
        if kind == "blank":
            continue
        table = kind == "table"
        if runs and runs[-1].table == table and (not table or kinds[r - 2] != "blank"):
            runs[-1] = _Run(runs[-1].top, r, table)
        else:
            runs.append(_Run(r, r, table))
    return runs


# ---- regions of a band -------------------------------------------------------------------------------------------------
def _band_regions(view: View, band: tuple[int, int], core: tuple[int, int]) -> list[Region]:
    """Deals the lines between tables out to the table above (notes, signatures) and the one below (title, filing lines)."""
    left, right = band
    tables: list[Rect] = []
    lines: list[Box] = []
    for run in _runs(view, left, right):
        if run.table:
            tables.append(_narrowed(view, run, core))
        else:
            lines += [b for r in range(run.top, run.bottom + 1) for b in view.texts(r, left, right)]
    if not tables:
        return [Region(tuple(lines), (), ())] if lines else []
    groups = [[tables[0]]]
    heads = [[b for b in lines if b.rect.top < tables[0].top]]
    feet: list[list[Box]] = []
    for before, after in pairwise(tables):
        between = [b for b in lines if before.bottom < b.rect.top < after.top]
        if _continues(before, after, between):
            groups[-1].append(after)
            heads[-1] += between
            continue
        below, above = _deal(view, between)
        feet.append(below)
        heads.append(above)
        groups.append([after])
    feet.append([b for b in lines if b.rect.top > tables[-1].bottom])
    return [Region(tuple(h), tuple(g), tuple(f)) for g, h, f in zip(groups, heads, feet, strict=True)]


def _continues(before: Rect, after: Rect, between: Sequence[Box]) -> bool:
    """Whether a table goes on with the one before it: printed 续表, or nothing but blank rows between two blocks of the
    same width."""
    if any(key(b.text).startswith(words().continued) for b in between):
        return True
    return not between and (before.left, before.right) == (after.left, after.right)


def _deal(view: View, between: Sequence[Box]) -> tuple[list[Box], list[Box]]:
    for i, box in enumerate(between):
        if _title_like(view, [box]) or (i and box.rect.top - between[i - 1].rect.bottom > 1 and not _note_like(box.text)):
            return list(between[:i]), list(between[i:])
    if between and not _note_like(between[0].text) and not any(_signing(b.text) for b in between):
        return [], list(between)
    return list(between), []


def _note_like(text: str) -> bool:
    return key(text).startswith(words().note_heads)


def _signing(text: str) -> bool:
    return any(key(p.label) in words().fill for p in pieces(text))


def _title_like(view: View, boxes: Sequence[Box]) -> bool:
    """Whether a line reads as a title: alone in its row, set off by size, weight, place or its words."""
    if len(boxes) != 1:
        return False
    box = boxes[0]
    label = _NUMBERED_TITLE.sub("", clean(box.text))
    if not label or _note_like(label) or any(m in label for m in "：:；;。") or display_width(label) > 100:
        return False
    set_off = box.style.bold or box.style.font_size >= 14 or (box.rect.width > 1 and box.style.halign == "center")
    return bool(words().title.search(label)) or (set_off and display_width(label) >= 8)


def title_like(view: View, box: Box) -> bool:
    return _title_like(view, [box])


def _narrowed(view: View, run: _Run, core: tuple[int, int]) -> Rect:
    """The columns of a table: those with text, or with lines above or below."""
    used = [c for c in _used_columns(view, range(run.top, run.bottom + 1)) if core[0] <= c <= core[1]]
    left, right = (used[0], used[-1]) if used else core
    return Rect(run.top, left, run.bottom, right)
