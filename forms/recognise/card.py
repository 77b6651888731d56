"""Cards: labels and values side by side or one under the other, group captions down the left, repeating sub-tables,
opinion boxes. Every box of the block ends as a caption, a label, a value or a note.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from forms.model import Address, Blank, Kind, Purpose, Rect, Role
from forms.recognise.card_block import CardBlock, takes_value
from forms.recognise.card_lists import header_run, read_list
from forms.recognise.fields import Draft, offered, only_signs, options_of, purpose_of, type_of, unit_of
from forms.recognise.filled import beyond
from forms.recognise.labels import clean, display_width, key, known_unit, squeeze
from forms.recognise.lines import pieces
from forms.recognise.options import has_tick
from forms.recognise.tables import TableRead
from forms.recognise.view import Box, View
from forms.recognise.words import words

_LONG = 60  # half-width columns from which a text without a blank is a note, not a label


@dataclass(frozen=True)
class _Caption:
    text: tuple[str, ...]
    cells: tuple[Address, ...]


_NONE = _Caption((), ())


class _Card:
    """Reads one block; boxes are settled one after another."""

    def __init__(self, view: View, rect: Rect, filled: Collection[tuple[int, int]]) -> None:
        self.view, self.rect = view, rect
        self.block = CardBlock(view, rect, filled)
        self.drafts: list[Draft] = []
        self.section_row = 0
        self.under = False  # whether values stood under their labels in the rows before
        self.roles: dict[tuple[int, int], Role] = {}
        self.settled: set[tuple[int, int]] = set()
        self.section = _NONE
        self.repeats = 0

    # ---- walking -----------------------------------------------------------------------------------------------------
    def read(self) -> None:
        r = self.rect.top
        while r <= self.rect.bottom:
            self._open_groups(r)
            r = self._list(r) or self._row(r)

    # ---- group captions down the left ----------------------------------------------------------------------------------
    def _open_groups(self, r: int) -> None:
        self.block.groups = [g for g in self.block.groups if g.rect.bottom >= r]
        for box in self.block.row(r):
            if box.rect.top == r and not box.blank and self._is_group(box):
                self.block.groups.append(box)
                self._settle(box, Role.ROW_HEADER)

    def _is_group(self, box: Box) -> bool:
        """A caption beside several rows, or (one row high) a text in front of another label that has its own value."""
        if box.rect.right >= self.rect.right or has_tick(box.text):
            return False
        right = self.block.right_of(box)
        if right is None or right.blank or self.block.takes_value(right):
            return box.rect.height > 1 and right is not None and right.rect.height < box.rect.height and self._rows_beside(box)
        if box.rect.height > 1:
            return right.rect.height < box.rect.height
        after = self.block.right_of(right)
        leftmost = all(b in self.block.groups for b in self.view.row_boxes(box.rect.top, self.rect.left, box.rect.left - 1))
        if not leftmost or after is None or not (after.blank or self.block.takes_value(after)):
            return False
        return header_run(self.block, box.rect.top, self.under) is None

    def _rows_beside(self, box: Box) -> bool:
        """Whether labels (not one big value) stand in the rows beside a tall caption."""
        first = self.block.right_of(box)
        col = first.rect.left if first is not None else box.rect.right + 1
        beside = {self.view.box(r, col) for r in range(box.rect.top, box.rect.bottom + 1)}
        return len(beside) > 1 and any(not b.blank and not self.block.takes_value(b) for b in beside)

    def _caption(self, r: int) -> _Caption:
        open_groups = [g for g in self.block.groups if g.rect.top <= r <= g.rect.bottom]
        texts = tuple(part for g in open_groups for part in _levels(clean(g.text)))
        cells = tuple(self.view.address(g.rect.top, g.rect.left) for g in open_groups for _ in _levels(clean(g.text)))
        return _Caption((*self.section.text, *texts), (*self.section.cells, *cells))

    # ---- lists inside the card -----------------------------------------------------------------------------------------
    def _list(self, r: int) -> int:
        """Reads a header row with its record rows; the row to go on with, 0 when row r heads no columns."""
        run = header_run(self.block, r, self.under)
        if run is None:
            return 0
        found = read_list(self.block, run)
        caption = self._caption(r)
        self.under = found.single
        self.repeats += 0 if found.single else 1
        group = "" if found.single else f"{self.repeats}"
        for draft in found.read.drafts:
            self._column_field(draft, caption, group, found.single)
        self.roles.update(found.read.roles)
        for row in range(r, found.last + 1):
            self.settled.update((b.rect.top, b.rect.left) for b in self.block.row(row))
        if self.section_row == r - 1 and not found.single:
            self.section = _NONE  # a caption right over a list names that list, not what comes after it
        return found.last + 1

    def _column_field(self, draft: Draft, caption: _Caption, group: str, single: bool) -> None:
        box = self.view.box(*draft.place)
        path = (*caption.text, *draft.path)
        self.drafts.append(
            Draft(
                path=path,
                place=draft.place,
                label_cells=(*caption.cells, *draft.label_cells),
                unit=draft.unit,
                type=draft.type,
                options=draft.options,
                purpose=draft.purpose,
                area=box.rect if box.rect.height * box.rect.width > 1 else None,
                rows=None if single else draft.rows,
                group=group,
                context="card",
            )
        )

    # ---- a row of labels and values ------------------------------------------------------------------------------------
    def _row(self, r: int) -> int:
        boxes = [b for b in self.block.joined(r) if not b.blank or self.block.drawn(b)]
        texts = [b for b in boxes if not b.blank]
        if len(texts) == 1 and self._alone(texts[0], boxes):
            self._lone(texts[0])
            return r + 1
        at = 0
        while at < len(boxes):
            at = self._pair(boxes, at)
        return r + 1

    def _alone(self, box: Box, boxes: Sequence[Box]) -> bool:
        wide = box.rect.width >= 0.7 * self.rect.width or all(b.blank and not self.block.drawn(b) for b in boxes if b is not box)
        return wide and (len(boxes) == 1 or box.rect.right >= self.rect.right or not self._right_blank(box))

    def _right_blank(self, box: Box) -> bool:
        right = self.block.right_of(box)
        return right is not None and right.blank and self.block.drawn(right)

    def _lone(self, box: Box) -> None:
        """One text across the block: blanks inside, a label over its value, a caption of what follows, or a note."""
        text = clean(box.text)
        if self._inline(box):
            return
        below = self.block.below(box)
        over = below is not None and below.blank and below.rect.width >= 0.7 * box.rect.width and self.block.drawn(below)
        if over and below is not None and display_width(text) <= _LONG:
            self._field(box, below)
        elif display_width(text) > _LONG or text.startswith(words().note_heads):
            self._settle(box, Role.NOTE)
        else:
            self.section = _Caption((text,), (self.view.address(box.rect.top, box.rect.left),))
            self.section_row = box.rect.bottom
            self._settle(box, Role.ROW_HEADER)

    def _pair(self, boxes: Sequence[Box], at: int) -> int:
        box = boxes[at]
        if (box.rect.top, box.rect.left) in self.settled or box.blank:
            return at + 1
        if self.block.takes_value(box):
            self._stray_value(box)
            return at + 1
        if at + 1 < len(boxes) and self._takes(box, boxes[at + 1]):
            values = self._run_of_values(boxes, at + 1)
            self.under = False
            self._field(box, *values)
            return at + 1 + len(values)
        below = self.block.below(box)
        if self._inline(box):
            return at + 1
        if below is not None and self._under(box, below):
            self._field(box, below)
            return at + 1
        self._orphan(box, boxes, at)
        return at + 1

    def _takes(self, label: Box, value: Box) -> bool:
        """The box to the right is the value: blank or options, drawn, beside the label."""
        if (value.rect.top, value.rect.left) in self.settled or value.rect.left != label.rect.right + 1:
            return False
        return (value.blank and (self.block.drawn(value) or not self.view.has_frames)) or self.block.takes_value(value)

    def _under(self, label: Box, below: Box) -> bool:
        free = (below.rect.top, below.rect.left) not in self.settled and below.rect.top == label.rect.bottom + 1
        aligned = below.rect.left == label.rect.left and below.rect.right <= label.rect.right + 1
        open_ = (below.blank or self.block.takes_value(below)) and self.block.drawn(below)
        return free and aligned and open_ and not self._claimed(below)

    def _claimed(self, box: Box) -> bool:
        """A blank box with a label of its own to the left in its row."""
        left = self.view.box(box.rect.top, box.rect.left - 1) if box.rect.left > self.rect.left else None
        if left is None or left.blank or left.rect.top != box.rect.top:
            return False
        return not self.block.takes_value(left) and left not in self.block.groups

    def _run_of_values(self, boxes: Sequence[Box], at: int) -> list[Box]:
        """Blank boxes in a row behind one label are one value (the 18 boxes of an ID number)."""
        run = [boxes[at]]
        for box in boxes[at + 1 :]:
            if not (box.blank and run[-1].blank and self.block.drawn(box)) or box.rect.left != run[-1].rect.right + 1:
                break
            run.append(box)
        return run

    def _orphan(self, box: Box, boxes: Sequence[Box], at: int) -> None:
        """A text without a blank of its own: what it introduces, a printed value, or a note."""
        long = display_width(clean(box.text)) > _LONG
        self._settle(box, Role.NOTE if long else Role.ROW_HEADER if at + 1 < len(boxes) else Role.VALUE)

    # ---- settling ------------------------------------------------------------------------------------------------------
    def _settle(self, box: Box, role: Role) -> None:
        place = (box.rect.top, box.rect.left)
        self.settled.add(place)
        if not box.blank:
            self.roles[place] = role

    def _stray_value(self, box: Box) -> None:
        """Options or a signature line without a label beside them: their caption names them."""
        caption = self._caption(box.rect.top)
        if not self._inline(box) and caption.text:
            self._add(caption.text, caption.cells, box, ())
        self._settle(box, Role.BLANK_LABEL)

    def _field(self, label: Box, *values: Box) -> None:
        text = clean(label.text)
        caption = self._caption(label.rect.top)
        cell = self.view.address(label.rect.top, label.rect.left)
        self._settle(label, Role.ROW_HEADER)
        self._add((*caption.text, text), (*caption.cells, cell), values[0], values[1:])
        for value in values:
            place = (value.rect.top, value.rect.left)
            self.settled.add(place)
            self.settled.update(value.rect.places())
            if not value.blank:
                self.roles[place] = Role.VALUE if self.block.holds_value(value) else Role.BLANK_LABEL

    def _add(self, path: tuple[str, ...], cells: tuple[Address, ...], value: Box, more: Sequence[Box]) -> None:
        label = path[-1]
        options = options_of(label, value.text, offered(self.view, value.rect.top, value.rect.left))
        unit = unit_of((label,)) or _tail_unit(value.text)
        right = more[-1].rect.right if more else value.rect.right
        area = Rect(value.rect.top, value.rect.left, value.rect.bottom, right)
        self.drafts.append(
            Draft(
                path=path,
                place=(value.rect.top, value.rect.left),
                label_cells=cells,
                unit=unit,
                type=type_of(label, unit, options, value.style.number_format),
                options=options,
                purpose=_purpose(label, value),
                area=area if area.height * area.width > 1 else None,
                context="card",
            )
        )

    def _inline(self, box: Box) -> bool:
        """Blanks inside the text of a box become fields; whether there were any."""
        found = [p for p in pieces(box.text) if not p.printed]
        if not found:
            return False
        caption = self._caption(box.rect.top)
        cell = self.view.address(box.rect.top, box.rect.left)
        for piece in found:
            path = (*caption.text, piece.label)
            self.drafts.append(
                Draft(
                    path=path,
                    place=(box.rect.top, box.rect.left),
                    label_cells=(*caption.cells, cell),
                    unit=piece.unit or unit_of((piece.label,)),
                    type=type_of(piece.label, piece.unit, piece.options),
                    options=piece.options,
                    code=piece.code,
                    purpose=purpose_of(piece.label, "line" if key(piece.label) in words().fill else "card"),
                    blank=Blank(piece.start, piece.end),
                    context="card",
                )
            )
        self._settle(box, Role.BLANK_LABEL)
        return True


def _tail_unit(text: str) -> str:
    """A unit printed at the end of an otherwise empty value box (“        平方米”)."""
    return known_unit(text) if squeeze(text) else ""


def _purpose(label: str, value: Box) -> Purpose:
    found = purpose_of(label, "card")
    signed = not value.blank and only_signs(squeeze(value.text))
    return Purpose.WORKFLOW if found is Purpose.DATA and signed and re.search("[章签字]", value.text) else found


def _levels(text: str) -> list[str]:
    """A group caption that names several levels in one cell (残疾信息/康复需求)."""
    parts = [p.strip() for p in re.split(r"[/／]", text)]
    return parts if len(parts) > 1 and all(len(p) >= 3 for p in parts) else [text]


def read_card(view: View, rect: Rect, filled: Collection[tuple[int, int]] = ()) -> TableRead:
    """The fields of a card block. `filled`: where its values stand when it is filled in. Without lines the value of the last
    label of a row stands outside what holds text."""
    inside = view.has_frames or (filled and not beyond(view, rect))
    wide = rect if inside else Rect(rect.top, rect.left, rect.bottom, rect.right + 1)
    card = _Card(view, wide, filled)
    card.read()
    return TableRead(Kind.CARD, tuple(card.drafts), card.roles)


def pair_share(view: View, rect: Rect) -> float:
    """Share of the non-empty boxes of a block that stand beside or over a blank of their own in card manner (0..1)."""
    boxes = [b for r in range(rect.top, rect.bottom + 1) for b in view.texts(r, rect.left, rect.right)]
    if not boxes:
        return 0.0
    return sum(1 for b in boxes if _has_value_beside(view, rect, b)) / len(boxes)


def _has_value_beside(view: View, rect: Rect, box: Box) -> bool:
    if takes_value(box):
        return True
    col = box.rect.right + 1
    if col > rect.right:
        return False
    right = view.box(box.rect.top, col)
    return right.blank or takes_value(right)
