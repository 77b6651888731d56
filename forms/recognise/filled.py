"""Cards that are filled in already: which texts are values, told by the labels that stand beside them.

A text is a value when it stands right behind a label. What is a label is known by its colon or its words (姓名, 出生日期, …), and
only if nearly all rows read so: in a list of records the words of labels stand in the header row and nowhere below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from forms.model import Rect
from forms.recognise.card_block import takes_value
from forms.recognise.labels import clean, display_width, is_dash, key, mark_of, squeeze, unit_in, without_unit
from forms.recognise.view import Box, View
from forms.recognise.words import words

_LABEL_WIDTH = 30  # half-width columns; what is longer and has no colon is a value
_TALLEST = 200  # rows; what is longer is a list
_LABELS, _VALUES = 0.6, 0.2  # in a card at least so many texts before values, at most so many of these, read as labels

Places = frozenset[tuple[int, int]]


@dataclass(frozen=True)
class _Row:
    """A row of texts dealt out from left to right: each label with the text right behind it (None: blank)."""

    pairs: tuple[tuple[Box, Box | None], ...]

    @property
    def filled(self) -> list[tuple[Box, Box]]:
        return [(label, value) for label, value in self.pairs if value is not None]

    @property
    def score(self) -> int:
        return sum(reads_as_label(a.text) - reads_as_label(b.text) for a, b in self.filled)


def filled_values(view: View, rect: Rect) -> Places:
    """Where the values of a filled card stand; empty when the block is no such card."""
    if rect.height > _TALLEST:
        return frozenset()
    texts = {r: view.texts(r, rect.left, rect.right) for r in range(rect.top, rect.bottom + 1)}
    rows = [_dealt(boxes) for r, boxes in texts.items() if boxes and not _heads_blanks(view, rect, r)]
    open_ = sum(1 for row in rows for label, value in row.pairs if value is None and reads_as_label(label.text))
    rows = [row for row in rows if row.filled]
    pairs = [pair for row in rows for pair in row.filled]
    typed = [value for _, value in pairs if not takes_value(value) and not reads_as_label(value.text)]
    sure = bool(pairs) and all(_colon(label.text) for label, _ in pairs)
    waiting = not view.covered(rect.bottom, rect.left, rect.right)  # a last row for a record: all above is its header
    if len(typed) < max(2, open_) or not (sure or (len(rows) > 1 and not waiting)):
        return frozenset()
    if not _read_as_card(rows) or _begins_as_list(rows[0], pairs, rect):
        return frozenset()
    return frozenset((value.rect.top, value.rect.left) for _, value in pairs if not takes_value(value))


def _read_as_card(rows: Sequence[_Row]) -> bool:
    """Whether labels stand before values in the block as a whole and below its first row."""
    for part in (rows, rows[1:] or rows):
        pairs = [pair for row in part for pair in row.filled]
        labels = sum(reads_as_label(label.text) for label, _ in pairs)
        values = sum(reads_as_label(value.text) for _, value in pairs)
        if labels < _LABELS * len(pairs) or values > _VALUES * len(pairs):
            return False
    return True


def _begins_as_list(first: _Row, pairs: Sequence[tuple[Box, Box]], rect: Rect) -> bool:
    """Whether the first row is a header: 序号, captions side by side, or 项目 over a column of names beside one of numbers."""
    heads = words().headers
    captions = heads["value"] | heads["unit"] | heads["code"] | words().remark
    if any(reads_as_label(value.text) or key(value.text) in captions for _, value in first.filled):
        return True
    word = key(first.filled[0][0].text)
    numbers = sum(1 for _, value in pairs if value.numeric or is_dash(value.text))
    return word in heads["serial"] or (word in heads["stub"] and (rect.width == 2 or numbers >= 0.8 * (len(pairs) - 1)))


def heads_list(view: View, rect: Rect, r: int) -> bool:
    """Whether row r holds nothing but labels side by side, three or more: the header of a list under the facts of a card."""
    texts = view.texts(r, rect.left, rect.right)
    return len(texts) >= 3 and all(reads_as_label(b.text) for b in texts)


def _heads_blanks(view: View, rect: Rect, r: int) -> bool:
    return heads_list(view, rect, r) and r < rect.bottom and not view.covered(r + 1, rect.left, rect.right)


def beyond(view: View, rect: Rect) -> bool:
    """Whether a label stands at the right edge of a block, so that its value can only stand outside."""
    return any(reads_as_label(b.text) and not _photo(b) for b in _at_right_edge(view, rect))


def _at_right_edge(view: View, rect: Rect) -> Iterator[Box]:
    for r in range(rect.top, rect.bottom + 1):
        yield from (b for b in view.texts(r, rect.left, rect.right) if b.rect.right >= rect.right and b.rect.width == 1)


# ---- one row -------------------------------------------------------------------------------------------------------------
def _dealt(texts: Sequence[Box]) -> _Row:
    """The row as pairs; a caption may stand in front of the first label (申请人 | 姓名 | …)."""
    plain, grouped = _Row(tuple(_pairs(texts))), _Row(tuple(_pairs(texts[1:])))
    return grouped if grouped.score > plain.score else plain


def _pairs(texts: Sequence[Box]) -> Iterator[tuple[Box, Box | None]]:
    at = 0
    while at < len(texts):
        label, behind = texts[at], texts[at + 1] if at + 1 < len(texts) else None
        beside = behind is not None and behind.rect.left == label.rect.right + 1
        if not _photo(label):
            yield label, behind if beside and behind is not None and not _photo(behind) else None
        at += 2 if beside and not _photo(label) else 1


def _photo(box: Box) -> bool:
    return words().photo.search(squeeze(box.text)) is not None


# ---- one text ------------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=65536)
def reads_as_label(text: str) -> bool:
    """Whether a text reads as the label of a fact: by its colon or unit, or by the words that labels are made of."""
    if _colon(text):
        return True
    label = clean(text)
    if display_width(label) > _LABEL_WIDTH:
        return False
    if unit_in(label) and not re.search(r"\d", label):  # 单位自筹（元）
        return True
    bare, w = key(without_unit(mark_of(label).rest)), words()
    kinds = (w.types[name] for name in ("date", "choice", "number", "text"))
    return bare in w.remark or w.card_label.search(bare) is not None or any(kind.search(bare) for kind in kinds)


def _colon(text: str) -> bool:
    bare = squeeze(text)
    return len(bare) > 1 and bare.endswith(("：", ":"))
