"""A filled form: which value goes into which cell, which rows into which roster - in the renderer's terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from consolidation.lexicon import Lexicon
from consolidation.meaning.model import PLACES
from consolidation.model import FieldKey, Merged, Provenance
from forms.model import CellValue, Field, Form, Kind, Purpose, Rect
from forms.render.model import RosterRows, Write

from .answers import Answers
from .belonging import Belonging
from .blocks import UNTOUCHED, Block, Edits, Slot, about_places, as_rows, lists
from .fill import FilledData
from .lazy import provenance
from .masks import Masks
from .model import PERSON, ROW_KINDS, SUB_ROLES
from .select import Selector
from .settings import source_words
from .world import World
from .writing import Writing


@dataclass(frozen=True)
class FormValues:
    """What goes into one form. `asked`: cells of data fields; `filled`: those that got a value without typing."""

    writes: tuple[Write, ...]
    rosters: tuple[RosterRows, ...]
    asked: int
    filled: int


class Giver:
    """Gives forms back from one merge and one filling. `edits`: what people changed on its lists."""

    def __init__(self, merged: Merged, filled: FilledData, lexicon: Lexicon, edits: Edits = UNTOUCHED) -> None:
        self.filled, self.edits = filled, edits
        self.slots = {m.key: Slot(m.field, e, m) for e in merged.elements for m in e.members}
        self._books = [e.id for e in merged.elements if e.meaning.concept == ("household-book-number",)]
        assert filled.world is not None  # noqa: S101 - fill() always sets it
        self.world: World = filled.world
        selector, masks = Selector(lexicon), {kind: Masks(self.world.table(kind)) for kind in ROW_KINDS}
        self.belonging = Belonging(filled, self.world, selector, masks, self.slots)
        self.answers = Answers(filled, self.world, lexicon, selector, masks)
        self.writing = Writing(lexicon)

    def form_values(self, form: Form, subject: str | None = None) -> FormValues:
        """Values for a form of the filled region. `subject`: for a card, the key of the person, household … it is for; None
        takes the first whom the form's title fits."""
        slots = self._slots(form)
        tables, single = lists(slots)
        kind = self.belonging.kind(form, slots)
        chosen = subject
        if subject is None and form.kind is not Kind.STATISTIC:
            chosen = next(iter(self._who(form, kind)), None)
        writes, asked, done = self._single(form, single, kind, chosen)
        given: list[RosterRows] = []
        for columns in tables:
            if about_places(columns):
                roster, wanted, have = self._places(form, columns)
            else:
                card = chosen if single and form.kind is Kind.CARD else None
                roster, wanted, have = as_rows(self.overlaid(self._block(form, columns, card)), len(columns))
            asked, done = asked + wanted, done + have
            if roster is not None:
                given.append(roster)
        return FormValues(tuple(writes), tuple(given), asked, done)

    def blocks(self, form: Form) -> tuple[Block, ...]:
        """A roster's lists of people, households … as shared data has them, before any edit."""
        tables, _ = lists(self._slots(form))
        return tuple(self._block(form, columns, None) for columns in tables if not about_places(columns))

    def overlaid(self, block: Block) -> Block:
        """A list with what people changed of it: rows put in and taken out, values by key and element."""
        gone = set(self.edits.removed(block.form, block.keys))
        held = set(block.keys)
        fresh = tuple(key for key in self._fresh(block.form, block.kind) if key not in held)
        stay = [at for at, key in enumerate(block.keys) if key not in gone]
        keys = (*(block.keys[at] for at in stay), *fresh)
        columns = [[column[at] for at in stay] for column in block.columns]
        if fresh:
            index = pd.Index(fresh, dtype=object)
            for column, slot in zip(columns, block.slots, strict=True):
                column.extend(self._column(block.form, slot, block.kind, index))
        for at, (key, home) in enumerate(zip(keys, self.homes_of(keys) if block.kind == PERSON else keys, strict=True)):
            said = self._said(key, home)
            for number, slot in enumerate(block.slots) if said else ():
                if slot.element.id in said:
                    columns[number][at] = self.writing.stated(slot, said[slot.element.id])
        return replace(block, keys=keys, columns=tuple(map(tuple, columns)))

    def _fresh(self, form: Form, kind: str) -> list[str]:
        """Who was put on a form by hand, and who came from elsewhere and belongs to the group of its title."""
        found = list(self.edits.added(form, kind))
        came = self.edits.arrived(form, kind)
        known = set(found)
        return [*found, *(key for key in (self.belonging.among(form, kind, came) if came else ()) if key not in known)]

    def _said(self, key: str, home: str) -> Mapping[str, CellValue]:
        """What takes the place of shared data in somebody's row: what people typed about them or their household, blanks where
        shared data is not to be shown."""
        return {**dict.fromkeys(self.edits.hidden(key)), **self.edits.values(home), **self.edits.values(key)}

    def home_of(self, person: str) -> str:
        """The household of somebody: the one typed for them, else the register's, else one of their own."""
        return self.homes_of([person])[0]

    def homes_of(self, people: Sequence[str]) -> list[str]:
        """The household of each."""
        of_person, regions = self.world.people.household, self.world.people.region
        index: pd.Index[Any] = pd.Index(list(people), dtype=object)
        held = [""] * len(index) if of_person is None else of_person.reindex(index).fillna("").tolist()
        here = regions.reindex(index).isin(self.world.regions.below(self.filled.region)).tolist()
        held = [home if inside else "" for home, inside in zip(held, here, strict=True)]  # who came from elsewhere came alone
        return [self._typed_home(key) or home or f"户:{key}" for key, home in zip(index, held, strict=True)]

    def _typed_home(self, person: str) -> str:
        said = self.edits.values(person) if self._books else {}
        return next((str(said[element]) for element in self._books if said.get(element)), "")

    def with_edits(self, edits: Edits) -> Giver:
        """The same with other edits; what was found out about columns is shared."""
        other = copy(self)
        other.edits = edits
        return other

    def shared_columns(self, block: Block, keys: Sequence[str]) -> list[list[CellValue]]:
        """What shared data says of some keys, whether or not they are on the list: by slot, one value for each key."""
        index: pd.Index[Any] = pd.Index(list(keys), dtype=object)
        columns = [self._column(block.form, slot, block.kind, index) for slot in block.slots]
        for at, key in enumerate(keys):
            hidden = self.edits.hidden(key)
            for column, slot in zip(columns, block.slots, strict=True) if hidden else ():
                column[at] = None if slot.element.id in hidden else column[at]
        return columns

    def shared_sources(self, block: Block, slot: Slot, keys: Sequence[str]) -> list[Provenance | None]:
        """Where shared data has a slot's value of some keys from; None where it has none (or none to be shown)."""
        held = self.answers.of_column(block.form, slot, block.kind)
        if held is None:
            return [None] * len(keys)
        places = held.table.index.get_indexer(pd.Index(keys, dtype=object))
        texts = held.chosen.values.to_numpy(dtype=object)
        return [
            provenance(held, int(at)) if at >= 0 and texts[at] and slot.element.id not in self.edits.hidden(key) else None
            for at, key in zip(places, keys, strict=True)
        ]  # fmt: skip

    def subjects(self, form: Form) -> list[str]:
        """Everyone (every household, shop …) a card or roster is about, in the order of their keys."""
        return self._who(form, self.belonging.kind(form, self._slots(form)))

    def _slots(self, form: Form) -> list[Slot]:
        return [s for f in form.fields if f.purpose is Purpose.DATA and (s := self.slots.get(FieldKey(form.file, form.id, f.id)))]

    def _who(self, form: Form, kind: str) -> list[str]:
        keys = [str(key) for key in self.belonging.rows(form, kind)]
        gone = set(self.edits.removed(form, keys))
        return [*(key for key in keys if key not in gone), *(k for k in self._fresh(form, kind) if k not in set(keys))]

    # ---- single cells ------------------------------------------------------------------------------------------------

    def _single(self, form: Form, slots: Sequence[Slot], kind: str, subject: str | None) -> tuple[list[Write], int, int]:
        writes: list[Write] = []
        for slot in slots:
            value = self._value(form, slot, kind, subject)
            shown = self.writing.value(slot, value, "") if value not in (None, "") else None
            if shown is not None:
                writes.append(self._write(slot.field, shown))
        return writes, len(slots), len(writes)

    def _value(self, form: Form, slot: Slot, kind: str, subject: str | None) -> CellValue:
        element = slot.element
        figure = self.filled.places.get((element.id, self.filled.region))
        if figure is not None or element.meaning.entity in (*PLACES, "place"):
            return figure.value if figure is not None else None
        steps = source_words().place_words.get("+".join(element.meaning.concept))
        if steps is not None:
            chain = self.world.regions.above(self.filled.region)
            return self.world.regions.name(chain[steps]) if steps < len(chain) else None
        if subject is None:
            return None
        home = self.home_of(subject) if kind == PERSON else subject
        said = self._said(subject, home)
        if element.id in said:
            return self.writing.stated(slot, said[element.id])
        held = self.answers.of_cell(form, slot, kind)
        if held is None or subject not in held.table.index:
            return None
        text = held.chosen.values.loc[subject]
        return self.writing.held(held, str(text), slot)

    @staticmethod
    def _write(field: Field, value: CellValue) -> Write:
        if field.options and isinstance(value, str):
            return Write(field.cell, value, field.blank, choice=value if field.blank is not None else None)
        return Write(field.cell, value, field.blank)

    # ---- rosters -----------------------------------------------------------------------------------------------------

    def _block(self, form: Form, slots: Sequence[Slot], card: str | None) -> Block:
        kind = self.belonging.kind(form, slots)
        keys = self.belonging.members(slots, card, form) if card is not None else self.belonging.rows(form, kind)
        if card is not None and any(s.element.meaning.role in SUB_ROLES for s in slots):
            kind = PERSON
        rows = slots[0].field.rows
        assert rows is not None  # noqa: S101 - `_lists` takes fields with rows
        columns = tuple(tuple(self._column(form, slot, kind, keys)) for slot in slots)
        serial = next((f.cell.col for f in form.fields if f.purpose is Purpose.SERIAL and f.rows == rows), None)
        if serial is None:
            serial = next(
                (f.cell.col for f in form.fields if f.purpose is Purpose.SERIAL and f.cell.row == slots[0].field.cell.row), None
            )
        return Block(form, kind, rows, tuple(slots), tuple(map(str, keys)), columns, serial)

    def _places(self, form: Form, slots: Sequence[Slot]) -> tuple[RosterRows | None, int, int]:
        """A table of places, one a row: the filled region's row."""
        record = []
        for slot in slots:
            value = self._value(form, slot, "", None)
            if value is None and slot.element.meaning.concept == ("place-name",):
                value = self.world.regions.name(self.filled.region)
            record.append(self.writing.value(slot, value, "") if value not in (None, "") else None)
        rows = slots[0].field.rows
        if rows is None or all(value is None for value in record):
            return None, len(slots), 0
        order = np.argsort([slot.field.cell.col for slot in slots], kind="stable")
        cols = tuple(slots[i].field.cell.col for i in order)
        serial = next((f.cell.col for f in form.fields if f.purpose is Purpose.SERIAL), None)
        given = RosterRows(
            form.sheet, Rect(rows.top, min(cols), rows.bottom, max(cols)), cols, (tuple(record[i] for i in order),), serial
        )
        return given, len(slots), sum(value is not None for value in record)

    def _column(self, form: Form, slot: Slot, kind: str, keys: pd.Index[Any]) -> list[CellValue]:
        held = self.answers.of_column(form, slot, kind)
        if held is None:
            return [None] * len(keys)
        texts = held.chosen.values.reindex(keys).fillna("").to_numpy(dtype=object)
        table = {text: self.writing.held(held, text, slot) for text in pd.unique(texts)}
        return [table[text] for text in texts]


def form_values(form: Form, merged: Merged, filled: FilledData, lexicon: Lexicon, subject: str | None = None) -> FormValues:
    """Values for one form; for many forms of one filling make one `Giver`."""
    return Giver(merged, filled, lexicon).form_values(form, subject)
