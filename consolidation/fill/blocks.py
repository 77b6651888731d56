"""What a form's list of people (households, shops …) will hold before it is written: whose row, which column, which value -
and what people changed of it by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from consolidation.meaning.model import PLACES
from consolidation.model import Element, Member
from forms.model import CellValue, Field, Form, Rect
from forms.render.model import RosterRows


@dataclass(frozen=True)
class Slot:
    """A field of a form with the element that it asks for."""

    field: Field
    element: Element
    member: Member


@dataclass(frozen=True)
class Block:
    """The rows of one list on a form. `kind`: of which table they are; `columns`: by slot, one value for each key, as the form
    writes it; `printed`: the block of data rows as printed; `serial`: the column that is numbered."""

    form: Form
    kind: str
    printed: Rect
    slots: tuple[Slot, ...]
    keys: tuple[str, ...]
    columns: tuple[tuple[CellValue, ...], ...]
    serial: int | None = None


class Edits(Protocol):
    """What people changed by hand on lists that come from shared data."""

    def removed(self, form: Form, keys: Sequence[str]) -> Collection[str]:
        """Which of the keys do not belong on a form any more."""

    def added(self, form: Form, kind: str) -> Sequence[str]:
        """The keys of those who were put on a form."""

    def arrived(self, form: Form, kind: str) -> Sequence[str]:
        """The keys of those who came from elsewhere and belong on every form of their groups."""

    def hidden(self, key: str) -> Collection[str]:
        """Element ids of which it must not be shown what shared data says of somebody."""

    def values(self, key: str) -> Mapping[str, CellValue]:
        """Element id -> the value that replaces what shared data says of somebody; None = left blank."""


@dataclass(frozen=True)
class Untouched:
    """Nobody changed anything."""

    nothing: Mapping[str, CellValue] = field(default_factory=dict)

    def removed(self, form: Form, keys: Sequence[str]) -> Collection[str]:
        return ()

    def added(self, form: Form, kind: str) -> Sequence[str]:
        return ()

    def arrived(self, form: Form, kind: str) -> Sequence[str]:
        return ()

    def hidden(self, key: str) -> Collection[str]:
        return ()

    def values(self, key: str) -> Mapping[str, CellValue]:
        return self.nothing


UNTOUCHED = Untouched()


def lists(slots: Sequence[Slot]) -> tuple[list[list[Slot]], list[Slot]]:
    """A form's lists, each with its columns; and its single cells."""
    found: dict[Rect, list[Slot]] = defaultdict(list)
    single: list[Slot] = []
    for slot in slots:
        if slot.field.blocked:
            continue
        if slot.field.rows is not None:
            found[Rect(slot.field.rows.top, 0, slot.field.rows.bottom, 0)].append(slot)
        else:
            single.append(slot)
    return list(found.values()), single


def about_places(slots: Sequence[Slot]) -> bool:
    return all(slot.element.meaning.entity in (*PLACES, "place", "filing") for slot in slots)


def as_rows(block: Block, columns: int) -> tuple[RosterRows | None, int, int]:
    """A list in the renderer's terms; how many cells it asks for, and how many it has."""
    if not block.keys:
        return None, columns, 0
    order = sorted(range(len(block.slots)), key=lambda at: block.slots[at].field.cell.col)
    cols = tuple(block.slots[at].field.cell.col for at in order)
    records = tuple(zip(*(block.columns[at] for at in order), strict=True))
    filled = sum(value is not None for column in block.columns for value in column)
    printed = Rect(block.printed.top, min(cols), block.printed.bottom, max(cols))
    return RosterRows(block.form.sheet, printed, cols, records, block.serial), columns * len(block.keys), filled
