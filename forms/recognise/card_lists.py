"""Lists inside a card (家庭成员 with a row for each): where their header row is, and how far their record rows go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forms.model import Rect
from forms.recognise.card_block import CardBlock
from forms.recognise.header import Column, Header
from forms.recognise.labels import clean
from forms.recognise.roster import read_roster
from forms.recognise.tables import TableRead
from forms.recognise.view import Box


@dataclass(frozen=True)
class CardList:
    """A list inside a card as read: down to row `last`; `single`: one row under the captions, so values under their labels."""

    read: TableRead
    last: int
    single: bool


def header_run(block: CardBlock, r: int, under: bool) -> list[Box] | None:
    """The captions of row r when all of them have blank boxes (or options) of the same columns right below. `under`: values
    stood under their labels in the rows before."""
    boxes = block.begun(r)
    texts = [b for b in boxes if not b.blank]
    if not texts or any(block.takes_value(b) for b in texts) or not _captions_first(block, boxes, texts, under):
        return None
    for box in texts:
        below = block.below(box)
        if below is None or not (below.blank or block.takes_value(below)) or below.rect.left < box.rect.left:
            return None
        if below.rect.right > box.rect.right:
            return None
    return texts


def _captions_first(block: CardBlock, boxes: Sequence[Box], texts: Sequence[Box], under: bool) -> bool:
    """A row of captions alone, or (where values stood under their labels before) captions with blanks after the last."""
    if len(texts) >= 2 and len(texts) >= len(boxes) - 1:
        return True
    wide = texts[0].rect.width >= 0.7 * block.rect.width
    prefix = list(boxes[: len(texts)]) == list(texts)
    blanks = len(boxes) - len(texts)
    spare = 2 <= blanks <= 6 and block.all_blank(texts[0].rect.bottom + 1)
    return prefix and not wide and (under or len(texts) >= 3 or spare)


def read_list(block: CardBlock, run: Sequence[Box]) -> CardList:
    """The header row of captions `run` with its record rows."""
    top, bottom = run[0].rect.top, max(b.rect.bottom for b in run)
    last = _last_record(block, run, bottom)
    columns = tuple(Column(b.rect.left, (clean(b.text),), (block.view.address(b.rect.top, b.rect.left),)) for b in run)
    header = Header(Rect(top, block.rect.left, bottom, block.rect.right), columns, bottom - top + 1, tuple(run))
    read = read_roster(block.view, Rect(top, block.rect.left, last, block.rect.right), header)
    return CardList(read, last, last == bottom + 1)


def _last_record(block: CardBlock, run: Sequence[Box], bottom: int) -> int:
    """The last row under a header run that still has boxes of its own for these columns and no labels."""
    last = bottom
    while last < block.rect.bottom:
        below = [block.view.box(last + 1, b.rect.left) for b in run]
        same = all(x.rect.left == b.rect.left and x.rect.right <= b.rect.right for x, b in zip(below, run, strict=True))
        open_below = [x for x in below if x.blank or block.takes_value(x)]
        prefilled = [x for x in below[:1] if not x.blank]
        if not same or len(open_below) + len(prefilled) < len(below) or any(x.rect.top != last + 1 for x in below):
            break
        if prefilled and last > bottom and block.all_blank(last + 2):
            break
        if last > bottom and any(g.rect.top == last + 1 for g in _new_captions(block, last + 1, run)):
            break
        last += 1
    return max(last, bottom + 1)


def _new_captions(block: CardBlock, r: int, run: Sequence[Box]) -> list[Box]:
    return block.view.texts(r, block.rect.left, run[0].rect.left - 1)
