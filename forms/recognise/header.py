"""Column headers: how many rows they take, and the path of captions over each column.

Works for merged headers, for headers whose merges are missing (only lines or blank cells show the span), for captions
written over two rows of one drawn cell (计量 / 单位) and for the numbering row under a header (甲 乙 1 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from forms.model import Address, CellKind, Rect
from forms.recognise.card_block import takes_value
from forms.recognise.fields import is_value_text
from forms.recognise.filled import reads_as_label
from forms.recognise.labels import clean, key, known_unit, squeeze
from forms.recognise.options import has_tick
from forms.recognise.view import Box, View
from forms.recognise.words import words

MAX_DEPTH = 8
_SAMPLE = 50  # rows under a header that tell whether they are records
_NUMBERING = re.compile(r"^[（(]?(?:\d{1,3}(?:\.0)?|[甲乙丙丁戊己庚辛壬癸子丑寅卯]|[A-ZＡ-Ｚ]|[①-⑳]|\d{1,2}=[\d+\-*/=]+)[)）]?$")


@dataclass(frozen=True)
class Column:
    """One column under a header. `path` from the outermost caption down; `cells` where these captions stand;
    `number` what the numbering row says."""

    col: int
    path: tuple[str, ...]
    cells: tuple[Address, ...]
    number: str = ""
    unit: str = ""  # printed in a row of units under the captions

    @property
    def label(self) -> str:
        return self.path[-1] if self.path else ""


@dataclass(frozen=True)
class Header:
    """Header rows `rect.top`..`rect.bottom` over the columns of a table."""

    rect: Rect
    columns: tuple[Column, ...]
    depth: int  # rows with captions, the numbering row not counted
    boxes: tuple[Box, ...]  # every non-empty box of the header rows


def read_header(view: View, rect: Rect) -> Header | None:
    """The header at the top of a table block; None when its first rows are no header."""
    depth = _depth(view, rect)
    if depth == 0:
        return None
    numbering = _numbering_row(view, rect, rect.top + depth)
    bottom = rect.top + depth - (0 if numbering else 1)
    block = Rect(rect.top, rect.left, bottom, rect.right)
    columns = tuple(_column(view, rect, depth, c, numbering.get(c, "")) for c in range(rect.left, rect.right + 1))
    return Header(block, columns, depth, tuple(_boxes(view, block)))


def _boxes(view: View, block: Rect) -> Iterator[Box]:
    for r in range(block.top, block.bottom + 1):
        yield from (b for b in view.texts(r, block.left, block.right))


# ---- depth -----------------------------------------------------------------------------------------------------------
def _depth(view: View, rect: Rect) -> int:
    """Number of caption rows: the fewest rows after which every column has a caption and no caption box is cut."""
    last = min(rect.bottom, rect.top + MAX_DEPTH - 1)
    bottom = rect.top
    while not _complete(view, rect, bottom) or not _caption_row(view, rect, bottom):
        if bottom == last or not _caption_row(view, rect, bottom):
            return 0
        bottom += 1
    while bottom < last and (_cut(view, rect, bottom) or _goes_on(view, rect, bottom)):
        bottom += 1
    return bottom - rect.top + 1


def _caption_row(view: View, rect: Rect, r: int) -> bool:
    """A header row holds words; blanks are allowed where another header row gives the caption."""
    boxes = [b for b in view.row_boxes(r, rect.left, rect.right) if b.rect.top >= rect.top]
    texts = [b for b in boxes if not b.blank]
    if not texts or any(has_tick(b.text) or is_value_text(b.text) for b in texts):
        return False
    data = sum(1 for b in texts if _data_like(b) and b.rect.top == r)
    return data <= 0.34 * len(texts)


def _data_like(box: Box) -> bool:
    if box.cell.kind in (CellKind.DATE, CellKind.BOOLEAN) or box.dash or has_tick(box.text):
        return True
    return box.cell.kind is CellKind.NUMBER or re.fullmatch(r"[\d.,:\-/%]{3,}", squeeze(box.text)) is not None


def _complete(view: View, rect: Rect, bottom: int) -> bool:
    """Whether rows top..bottom give captions to (nearly) every column and cut no caption box."""
    if _cut(view, rect, bottom):
        return False
    if bottom == rect.top and (numbered_header(view, rect) or _plain_header(view, rect)):
        return True
    bare = 0
    for c in range(rect.left, rect.right + 1):
        if not any(not view.box(r, c).blank for r in range(rect.top, bottom + 1)):
            bare += 1
    bare -= sum(1 for c in range(rect.left, rect.right + 1) if _corner(view, rect, bottom, c))
    if _closed_blanks(view, rect, bottom) and not _empty_below(view, rect, bottom):
        return False
    bare -= _spanned_blanks(view, rect, bottom)
    return bare <= rect.width // (4 if _records_below(view, rect, bottom) else 8)


def numbered_header(view: View, rect: Rect) -> bool:
    """Whether the first row is plainly the header of a list although some of its captions are missing: it begins with 序号 and
    names at least half of the columns, and no row below has a text where 序号 numbers the records."""
    captions = view.texts(rect.top, rect.left, rect.right)
    named = sum(b.rect.width for b in captions)
    if len(captions) < 3 or captions[0].rect.left != rect.left or key(captions[0].text) not in words().headers["serial"]:
        return False
    numbers = [squeeze(view.box(r, rect.left).text) for r in range(rect.top + 1, rect.bottom + 1)]
    return 2 * named >= rect.width and all(re.fullmatch(r"\d*", n) or n in words().totals for n in numbers)


def _plain_header(view: View, rect: Rect) -> bool:
    """The same for a list without 序号: the first row names at least half of the columns, two of them side by side, in words of
    labels, and below stand records that begin where it does and hold no such words (or drawn rows that wait for them)."""
    captions = view.texts(rect.top, rect.left, rect.right)
    named = sum(b.rect.width for b in captions)
    if len(captions) < 3 or captions[0].rect.left != rect.left or 2 * named < rect.width:
        return False
    labels = sum(reads_as_label(b.text) for b in captions)
    beside = any(b.rect.left == a.rect.right + 1 for a, b in pairwise(captions))
    if not beside or labels < 0.6 * len(captions):
        return False
    return _plain_records(view, rect) or (3 * named >= 2 * rect.width and _drawn_records(view, rect))


def _plain_records(view: View, rect: Rect) -> bool:
    rows = [view.texts(r, rect.left, rect.right) for r in range(rect.top + 1, min(rect.bottom, rect.top + _SAMPLE) + 1)]
    texts = [b for row in rows for b in row]
    labels = sum(reads_as_label(b.text) or takes_value(b) for b in texts)
    begun = all(row and row[0].rect.left == rect.left and row[0].rect.height == 1 and len(row) > 1 for row in rows)
    return len(rows) >= 2 and begun and labels <= 0.1 * len(texts)


def _drawn_records(view: View, rect: Rect) -> bool:
    """Whether nothing but rows of drawn blank cells follow, one cell for each column."""
    rows = range(rect.top + 1, rect.bottom + 1)
    if not view.has_frames or len(rows) < 2 or any(view.covered(r, rect.left, rect.right) for r in rows):
        return False
    cells = [view.box(r, c).rect for r in rows for c in range(rect.left, rect.right + 1)]
    return all(cell.width == 1 and cell.height == 1 and _enclosed(view, cell) for cell in cells)


def _records_below(view: View, rect: Rect, bottom: int) -> bool:
    """Whether the rows below are plainly records: two or more blank rows, or rows filled from side to side."""
    if _empty_below(view, rect, bottom):
        return True
    rows = range(bottom + 1, min(rect.bottom, bottom + 2) + 1)
    filled = [sum(1 for b in view.row_boxes(r, rect.left, rect.right) if not b.blank) for r in rows]
    return rect.width >= 4 and bool(filled) and all(count >= 0.7 * rect.width for count in filled)


def _corner(view: View, rect: Rect, bottom: int, c: int) -> bool:
    """A column without any caption over a column of row captions: the corner of a table (or of its block) is often empty."""
    if any(not view.box(r, c).blank for r in range(rect.top, bottom + 1)):
        return False
    if c == rect.left:
        return rect.width >= 2
    body = range(bottom + 1, rect.bottom + 1)
    captions = sum(1 for r in body if not view.box(r, c).blank and not view.box(r, c).numeric)
    return len(body) >= 4 and captions >= 0.6 * len(body)


def _cut(view: View, rect: Rect, bottom: int) -> bool:
    """Whether a caption box goes on below row `bottom`."""
    boxes = view.row_boxes(bottom, rect.left, rect.right)
    return any(not b.blank and b.rect.bottom > bottom for b in boxes)


def _closed_blanks(view: View, rect: Rect, bottom: int) -> bool:
    """Whether a header row has a blank cell with lines all around, beside the corner: more likely a cell to fill."""
    if not view.has_frames:
        return False
    for c in range(rect.left + 1, rect.right + 1):
        if _corner(view, rect, bottom, c):
            continue
        for r in range(rect.top, bottom + 1):
            box = view.box(r, c)
            if box.blank and box.rect.top == r and box.rect.left == c and _enclosed(view, box.rect):
                return True
    return False


def _enclosed(view: View, place: Rect) -> bool:
    sides = view.line_left(place.top, place.left) and view.line_left(place.top, place.right + 1)
    return sides and view.line_above(place.top, place.left) and view.line_above(place.bottom + 1, place.left)


def _empty_below(view: View, rect: Rect, bottom: int) -> bool:
    """Whether blank rows follow: then the blanks of a header are missing merges, whatever lines are drawn."""
    rows = range(bottom + 1, min(rect.bottom, bottom + 3) + 1)
    return len(rows) >= 2 and bottom - rect.top < 3 and not any(view.texts(r, rect.left, rect.right) for r in rows)


def _spanned_blanks(view: View, rect: Rect, bottom: int) -> int:
    """Columns without a caption of their own over which, in drawn tables, the box of a caption to the left goes on."""
    if not view.has_frames:
        return 0
    count = 0
    for c in range(rect.left + 1, rect.right + 1):
        bare = all(view.box(r, c).blank for r in range(rect.top, bottom + 1))
        if bare and all(not view.line_left(r, c) for r in range(rect.top, bottom + 1)) and view.line_above(rect.top, c):
            count += 1
    return count


def _goes_on(view: View, rect: Rect, bottom: int) -> bool:
    """Whether the next row still belongs to the header: it divides a caption above, continues the words of a drawn cell,
    or gives the units."""
    below = bottom + 1
    texts = [b for b in view.row_boxes(below, rect.left, rect.right) if b.rect.top == below and not b.blank]
    if _unit_row(texts, rect):
        return True
    if not texts or not _caption_row(view, rect, below):
        return False
    if any(_data_like(b) and not _NUMBERING.match(squeeze(b.text)) for b in texts):
        return False
    if _all_numbering(texts):
        return False
    if any(_divides(view, rect, bottom, b) for b in texts) and not _leaves_cells_open(view, rect, below):
        return True
    return view.has_frames and _same_cells(view, rect, bottom, texts)


def _unit_row(texts: Sequence[Box], rect: Rect) -> bool:
    """A row that only gives the units of the columns, — where there is none."""
    units = sum(1 for b in texts if known_unit(squeeze(b.text).strip("（()）")))
    dashes = sum(1 for b in texts if b.dash)
    return units + dashes == len(texts) and units >= min(2, rect.width) and units + dashes >= 0.4 * rect.width


def _divides(view: View, rect: Rect, bottom: int, box: Box) -> bool:
    """A caption above that spans several columns is divided by the boxes of the next row."""
    above = view.box(bottom, box.rect.left)
    span = above.rect.width if not above.blank else _open_span(view, rect, bottom, box.rect.left)
    if span <= 1 or box.rect.width >= span:
        return False
    own = [b for b in view.row_boxes(bottom + 1, above.rect.left, above.rect.right) if not b.blank]
    return len(own) >= 2 or above.blank


def _leaves_cells_open(view: View, rect: Rect, r: int) -> bool:
    """Whether row r has blank cells drawn as boxes of their own: then it is a row to fill, not part of the header."""
    if not view.has_frames or _empty_below(view, rect, r):
        return False
    blanks = [b for b in view.row_boxes(r, rect.left, rect.right) if b.blank and b.rect.top == r]
    return any(_enclosed(view, b.rect) for b in blanks)


def _open_span(view: View, rect: Rect, r: int, c: int) -> int:
    """How many columns a caption with a missing merge spans at (r, c): it and the blank cells around it without lines."""
    if not view.has_frames or view.line_left(r, c):
        return 1
    left = c
    while left > rect.left and view.box(r, left).blank and not view.line_left(r, left):
        left -= 1
    return c - left + 1 if not view.box(r, left).blank else 1


def _same_cells(view: View, rect: Rect, bottom: int, texts: Sequence[Box]) -> bool:
    """Captions of the next row that stand in the same drawn cell as the caption above (no line between): 计量 / 单位."""
    open_above = [b for b in texts if not view.line_above(b.rect.top, b.rect.left) and not view.box(bottom, b.rect.left).blank]
    body_open = bottom + 2 <= rect.bottom and all(
        not view.line_above(bottom + 2, b.rect.left) for b in texts if bottom + 2 <= rect.bottom
    )
    return bool(open_above) and not body_open and len(open_above) >= 0.5 * len(texts)


def _all_numbering(texts: Sequence[Box]) -> bool:
    return bool(texts) and all(_NUMBERING.match(squeeze(b.text)) for b in texts)


def _numbering_row(view: View, rect: Rect, r: int) -> dict[int, str]:
    """The numbers 甲 乙 1 2 under a header by column; empty when row r is no such row."""
    if r > rect.bottom:
        return {}
    boxes = [b for b in view.row_boxes(r, rect.left, rect.right) if b.rect.top == r]
    texts = [b for b in boxes if not b.blank]
    if len(texts) < max(2, 0.6 * len(boxes)) or not _all_numbering(texts):
        return {}
    return {c: squeeze(b.text).removesuffix(".0").strip("（()）") for b in texts for c in range(b.rect.left, b.rect.right + 1)}


# ---- columns -----------------------------------------------------------------------------------------------------------
def _column(view: View, rect: Rect, depth: int, c: int, number: str) -> Column:
    labels: list[str] = []
    cells: list[Address] = []
    previous: Rect | None = None
    unit = ""
    for r in range(rect.top, rect.top + depth):
        box = _caption_over(view, rect, depth, r, c)
        if box is None or box.rect == previous or box.dash:
            continue
        text = clean(box.text)
        if labels and r == rect.top + depth - 1 and known_unit(text) and text == known_unit(text):
            unit = text
            continue
        if labels and _joins(view, box, previous, text, r == rect.top + depth - 1):
            labels[-1] += text
        else:
            labels.append(text)
            cells.append(view.address(box.rect.top, box.rect.left))
        previous = box.rect
    return Column(c, tuple(labels), tuple(cells), number, unit)


def _joins(view: View, box: Box, above: Rect | None, text: str, last: bool) -> bool:
    """Whether a caption is the second line of the one above: a bare unit, or the same drawn cell without a line between."""
    if above is None:
        return False
    same = (above.left, above.right) == (box.rect.left, box.rect.right)
    if last and same and known_unit(text.strip("（()）")):
        return True
    return same and view.has_frames and not view.line_above(box.rect.top, box.rect.left)


def _caption_over(view: View, rect: Rect, depth: int, r: int, c: int) -> Box | None:
    """The caption that a header row gives to a column: its own box, or the one to the left whose span is open."""
    box = view.box(r, c)
    if not box.blank:
        return box
    if r == rect.top + depth - 1 and r > rect.top:
        return None
    below = any(not view.box(k, c).blank for k in range(r + 1, rect.top + depth))
    if not below and not view.has_frames:
        return None
    for left in range(c - 1, rect.left - 1, -1):
        if view.has_frames and view.line_left(r, left + 1):
            return None
        found = view.box(r, left)
        if not found.blank:
            return found if _may_span(view, found, rect.top + depth - 1) else None
    return None


def _may_span(view: View, caption: Box, last: int) -> bool:
    """A caption spans blank columns to its right only when it is itself divided below (`last`: the last caption row)."""
    if caption.rect.bottom >= last > caption.rect.top:
        return False
    if view.has_frames:
        return True
    return any(not view.box(k, caption.rect.left).blank for k in range(caption.rect.bottom + 1, last + 1))


def header_words(header: Header) -> list[str]:
    """The innermost captions as word lists hold them."""
    return [key(column.label) for column in header.columns]
