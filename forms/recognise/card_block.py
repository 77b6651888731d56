"""The boxes of a card, as its readers ask for them: what stands in a row, beside and under a box, and what takes a value."""

from __future__ import annotations

from collections.abc import Collection

from forms.model import Rect
from forms.recognise.fields import is_value_text
from forms.recognise.view import Box, View


class CardBlock:
    """One block of a card. `filled`: where values stand that were typed in already; `groups`: the captions down the left
    that are open at the row at hand."""

    def __init__(self, view: View, rect: Rect, filled: Collection[tuple[int, int]] = ()) -> None:
        self.view, self.rect, self.filled = view, rect, filled
        self.groups: list[Box] = []
        self._held_row: tuple[int, tuple[Box, ...]] = 0, ()

    def row(self, r: int) -> tuple[Box, ...]:
        """All boxes that cover row r of the block; kept for the row at hand, which is asked for several times."""
        if self._held_row[0] != r:
            self._held_row = r, tuple(self.view.row_boxes(r, self.rect.left, self.rect.right))
        return self._held_row[1]

    def begun(self, r: int) -> list[Box]:
        """The boxes that begin in row r, group captions left out."""
        return [b for b in self.row(r) if b.rect.top == r and b not in self.groups]

    def joined(self, r: int) -> list[Box]:
        """The same with undrawn blanks next to each other as one box."""
        found: list[Box] = []
        for box in self.begun(r):
            if box.blank and found and found[-1].blank and self._one_box(found[-1], box):
                joined = Rect(r, found[-1].rect.left, found[-1].rect.bottom, box.rect.right)
                found[-1] = Box(joined, found[-1].cell)
            else:
                found.append(box)
        return found

    def _one_box(self, left: Box, right: Box) -> bool:
        adjacent = left.rect.right + 1 == right.rect.left and left.rect.bottom == right.rect.bottom
        return adjacent and self.view.has_frames and not self.view.line_left(right.rect.top, right.rect.left)

    def right_of(self, box: Box) -> Box | None:
        for col in range(box.rect.right + 1, self.rect.right + 1):
            right = self.view.box(box.rect.top, col)
            if not right.blank or self.drawn(right):
                return right
        return None

    def below(self, box: Box) -> Box | None:
        return self.view.box(box.rect.bottom + 1, box.rect.left) if box.rect.bottom < self.rect.bottom else None

    def drawn(self, box: Box) -> bool:
        return not self.view.has_frames or self.view.boxed(box.rect.top, box.rect.left)

    def takes_value(self, box: Box) -> bool:
        """Whether a text stands where a value goes, or is one."""
        return takes_value(box) or self.holds_value(box)

    def holds_value(self, box: Box) -> bool:
        return (box.rect.top, box.rect.left) in self.filled

    def all_blank(self, r: int) -> bool:
        """Whether a row of the block is drawn and holds nothing at all, not even a group caption beside it."""
        if r > self.rect.bottom:
            return False
        boxes = list(self.row(r))
        return all(b.blank or b in self.groups for b in boxes) and any(self.drawn(b) for b in boxes)


def takes_value(box: Box) -> bool:
    """Whether a text stands where a value goes: options to tick, 年 月 日, a place to sign."""
    return not box.blank and is_value_text(box.text)
