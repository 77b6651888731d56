"""A filled form: which value goes into which cell, which rows into which roster - in the renderer's terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from consolidation.derive.evaluate import born
from consolidation.exact import converted, factor_between
from consolidation.lexicon import Lexicon, normalise
from consolidation.meaning.model import PLACES
from consolidation.model import FieldKey, Merged, Provenance
from forms.model import CellValue, Field, Form, Kind, Purpose, Rect, ValueType
from forms.render.model import RosterRows, Write
from forms.values import Failure, absence, parse_number, parse_yes_no

from .bands import are_bands, band_for
from .blocks import UNTOUCHED, Block, Edits, Slot, about_places, as_rows, lists
from .choices import option_for
from .fill import FilledData
from .lazy import Held, provenance
from .masks import Flags, Masks
from .model import DWELLING, HOUSEHOLD, ORGANISATION, PERSON, ROW_KINDS, Chosen, Fact
from .rows import Rows, members_of
from .select import Selector
from .settings import source_words
from .world import COMPUTED, World

_SPECIAL, _SPECIAL_SHARE = 3, 0.2  # columns (and share of them) that one list alone must answer to say who is on a roster
_SUB_ROLES = frozenset({"member", "companion", "family-member", "child", "kin"})
_TABLES = {PERSON: PERSON, "couple": PERSON, HOUSEHOLD: HOUSEHOLD, DWELLING: DWELLING, ORGANISATION: ORGANISATION}


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
        self.filled, self.lexicon, self.edits = filled, lexicon, edits
        self.selector = Selector(lexicon)
        self.slots = {m.key: Slot(m.field, e, m) for e in merged.elements for m in e.members}
        assert filled.world is not None  # noqa: S101 - fill() always sets it
        self.world: World = filled.world
        self._told: dict[tuple[str, str, str, str], Held | None] = {}
        self._answers: dict[tuple[str, str, str, str], Held | None] = {}
        self.masks = {kind: Masks(self.world.table(kind)) for kind in ROW_KINDS}

    def form_values(self, form: Form, subject: str | None = None) -> FormValues:
        """Values for a form of the filled region. `subject`: for a card, the key of the person, household … it is for; None
        takes the first whom the form's title fits."""
        slots = self._slots(form)
        tables, single = lists(slots)
        kind = self._kind(form, slots)
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
        fresh = tuple(key for key in self.edits.added(block.form, block.kind) if key not in held)
        stay = [at for at, key in enumerate(block.keys) if key not in gone]
        keys = (*(block.keys[at] for at in stay), *fresh)
        columns = [[column[at] for at in stay] for column in block.columns]
        if fresh:
            index = pd.Index(fresh, dtype=object)
            for column, slot in zip(columns, block.slots, strict=True):
                column.extend(self._column(block.form, slot, block.kind, index))
        for at, key in enumerate(keys):
            said = self.edits.values(key)
            for number, slot in enumerate(block.slots) if said else ():
                if slot.element.id in said:
                    columns[number][at] = self.shown(slot, said[slot.element.id])
        return replace(block, keys=keys, columns=tuple(map(tuple, columns)))

    def shown(self, slot: Slot, value: CellValue) -> CellValue:
        """A value of the slot's element as its field writes it; None for a blank."""
        if value is None or value == "":
            return None
        if isinstance(value, str) and absence(value) is not None:
            return value  # —, 不适用 and 无 are what somebody wrote, and stay
        return self._shown(slot, value, slot.element.unit)

    def with_edits(self, edits: Edits) -> Giver:
        """The same with other edits; what was found out about columns is shared."""
        other = copy(self)
        other.edits = edits
        return other

    def shared_columns(self, block: Block, keys: Sequence[str]) -> list[list[CellValue]]:
        """What shared data says of some keys, whether or not they are on the list: by slot, one value for each key."""
        index: pd.Index[Any] = pd.Index(list(keys), dtype=object)
        return [self._column(block.form, slot, block.kind, index) for slot in block.slots]

    def shared_sources(self, block: Block, slot: Slot, keys: Sequence[str]) -> list[Provenance | None]:
        """Where shared data has a slot's value of some keys from; None where it has none."""
        held = self._answer(block.form, slot, block.kind)
        if held is None:
            return [None] * len(keys)
        places = held.table.index.get_indexer(pd.Index(keys, dtype=object))
        texts = held.chosen.values.to_numpy(dtype=object)
        return [provenance(held, int(at)) if at >= 0 and texts[at] else None for at in places]

    def subjects(self, form: Form) -> list[str]:
        """Everyone (every household, shop …) a card or roster is about, in the order of their keys."""
        return self._who(form, self._kind(form, self._slots(form)))

    def _slots(self, form: Form) -> list[Slot]:
        return [s for f in form.fields if f.purpose is Purpose.DATA and (s := self.slots.get(FieldKey(form.file, form.id, f.id)))]

    def _who(self, form: Form, kind: str) -> list[str]:
        keys = [str(key) for key in self._rows(form, kind)]
        gone = set(self.edits.removed(form, keys))
        return [*(key for key in keys if key not in gone), *(k for k in self.edits.added(form, kind) if k not in set(keys))]

    # ---- what a row is -----------------------------------------------------------------------------------------------

    def _kind(self, form: Form, slots: Sequence[Slot]) -> str:
        """Of which table the form's rows (or its one subject) are: what most of its own facts are about."""
        votes: Counter[str] = Counter()
        for slot in slots:
            meaning = slot.element.meaning
            if meaning.entity in _TABLES and meaning.role not in _SUB_ROLES:
                weight = 1 if meaning.entity != PERSON or meaning.role in ("self", "") else 0
                votes[_TABLES[meaning.entity]] += weight
        entities = {slot.element.meaning.entity for slot in slots}
        roles = {slot.element.meaning.role for slot in slots}
        if PERSON in votes and ("self" in roles) and votes[PERSON] >= max(votes.values()) * 0.5:
            own_name = any(s.element.meaning.concept == ("name",) and s.element.meaning.role == "self" for s in slots)
            if own_name:
                return PERSON
        best = max(votes, key=lambda kind: votes[kind], default="")
        best = best if best and (votes[best] or entities & set(_TABLES)) else ""
        return self._fitting(form, best)

    def _fitting(self, form: Form, kind: str) -> str:
        """The table that knows the group of the title: a register of let houses is about dwellings, whatever it asks most."""
        selection = self.selector.of_title(form.title)
        if not kind or selection is None or self.masks[kind].selection(selection) is not None:
            return kind
        others = (DWELLING, HOUSEHOLD, ORGANISATION)
        return next((k for k in others if k != kind and self.masks[k].selection(selection) is not None), kind)

    def _rows(self, form: Form, kind: str) -> pd.Index[Any]:
        """Who belongs on the form: alive, of the region, in the group its title names."""
        if not kind:
            return pd.Index([])
        table = self.world.table(kind)
        inside = table.alive & table.region.isin(self.world.regions.below(self.filled.region))
        selection = self.selector.of_title(form.title)
        if selection is not None:
            selected = self.masks[kind].selection(selection)
            if selected is None and form.kind is not Kind.CARD:
                return pd.Index([])  # nobody knows who belongs here: better no row than wrong ones
            if selected is not None and (form.kind is not Kind.CARD or bool((inside & selected).any())):
                inside &= selected
        elif form.kind is Kind.ROSTER:
            inside &= self._on_its_list(form, kind)
        keys = table.index[inside.to_numpy()]
        names = table.facts.get(Fact("", "name")) if kind == PERSON else None
        if names is not None:
            keys = keys[(names.values.loc[keys] != "").to_numpy()]
        return keys.sort_values()

    def _on_its_list(self, form: Form, kind: str) -> Flags:
        """Where a title names no group: the rows of the one list that answers the roster's special columns (not those that
        many lists have, names and addresses). No such list: nobody."""
        table = self.world.table(kind)
        answered: Counter[int] = Counter()
        columns = 0
        for item in form.fields:
            slot = self.slots.get(FieldKey(form.file, form.id, item.id))
            if slot is None or item.rows is None or item.purpose is not Purpose.DATA:
                continue
            columns += 1
            held = self.filled.rows.get(kind, {}).get(slot.element.id)
            if held is None or held.note:
                continue
            lists = [int(n) for n in np.unique(held.chosen.source.to_numpy()) if n >= 0]
            if len(lists) == 1:
                answered[lists[0]] += 1
        best = max(answered, key=lambda n: answered[n], default=-1)
        if best < 0 or answered[best] < _SPECIAL or answered[best] < columns * _SPECIAL_SHARE:
            return np.zeros(len(table.index), dtype=bool)
        inside = np.zeros(len(table.index), dtype=bool)
        for chosen in table.facts.values():
            inside |= (chosen.source == best).to_numpy(dtype=bool)
        return inside

    # ---- single cells ------------------------------------------------------------------------------------------------

    def _single(self, form: Form, slots: Sequence[Slot], kind: str, subject: str | None) -> tuple[list[Write], int, int]:
        writes: list[Write] = []
        for slot in slots:
            value = self._value(form, slot, kind, subject)
            shown = self._shown(slot, value, "") if value not in (None, "") else None
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
        said = self.edits.values(subject)
        if element.id in said:
            return self.shown(slot, said[element.id])
        known = self.filled.rows.get(kind, {}).get(element.id)
        held = self._aged(slot, kind) or known or self._counted(form, slot, kind)
        if held is None or subject not in held.table.index:
            return None
        text = held.chosen.values.loc[subject]
        return self._shown_text(held, str(text), slot)

    @staticmethod
    def _write(field: Field, value: CellValue) -> Write:
        if field.options and isinstance(value, str):
            return Write(field.cell, value, field.blank, choice=value if field.blank is not None else None)
        return Write(field.cell, value, field.blank)

    # ---- rosters -----------------------------------------------------------------------------------------------------

    def _block(self, form: Form, slots: Sequence[Slot], card: str | None) -> Block:
        kind = self._kind(form, slots)
        keys = self._members(slots, card, form) if card is not None else self._rows(form, kind)
        if card is not None and any(s.element.meaning.role in _SUB_ROLES for s in slots):
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
            record.append(self._shown(slot, value, "") if value not in (None, "") else None)
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

    def _members(self, slots: Sequence[Slot], card: str, form: Form) -> pd.Index[Any]:
        """Rows of a card's sub-table: the members of the subject's household (without the head where the caption says so)."""
        people = self.world.people
        home = str(people.household.loc[card]) if card in people.index and people.household is not None else card
        members = members_of(self.world, home)
        captions = "".join(slots[0].field.path[:-1]) + form.title
        if "不含户主" in captions and len(members):
            members = members[1:]
        if any(slot.element.meaning.role == "companion" for slot in slots):
            members = members[members != card]
        return members

    def _column(self, form: Form, slot: Slot, kind: str, keys: pd.Index[Any]) -> list[CellValue]:
        held = self._answer(form, slot, kind)
        if held is None:
            return [None] * len(keys)
        texts = held.chosen.values.reindex(keys).fillna("").to_numpy(dtype=object)
        table = {text: self._shown_text(held, text, slot) for text in pd.unique(texts)}
        return [table[text] for text in texts]

    def _answer(self, form: Form, slot: Slot, kind: str) -> Held | None:
        key = (form.file, form.id, slot.field.id, kind)
        if key not in self._answers:
            self._answers[key] = self._aged(slot, kind) or self._held(slot, kind) or self._counted(form, slot, kind)
        return self._answers[key]

    def _aged(self, slot: Slot, kind: str) -> Held | None:
        """For options that are age bands the age on the period's last day, by birth date or ID number: what a list says of it
        is as old as the list."""
        meaning = slot.element.meaning
        if kind != PERSON or meaning.entity != PERSON or not are_bands(slot.field.options):
            return None
        role = "self" if meaning.role in _SUB_ROLES else meaning.role
        return Rows(self.world, self.lexicon).held(slot.element.id, replace(meaning, role=role, concept=("age",)), PERSON)

    def _counted(self, form: Form, slot: Slot, kind: str) -> Held | None:
        """What rows say of themselves by a group: how many of a household's members are 老年人, whether somebody is one."""
        key = (form.file, form.id, slot.field.id, kind)
        if key not in self._told:
            self._told[key] = self._tell(form, slot, kind)
        return self._told[key]

    def _tell(self, form: Form, slot: Slot, kind: str) -> Held | None:
        asks = bool(slot.field.options) and all(isinstance(parse_yes_no(option), bool) for option in slot.field.options)
        figures = slot.field.type is ValueType.NUMBER and kind == HOUSEHOLD and slot.element.meaning.dimension == "person"
        if not asks and not figures:
            return None
        label = replace(slot.field, path=slot.field.path[-1:])
        selection = self.selector.of_field(replace(form, title=""), label)
        inside = self.masks[PERSON].selection(selection) if selection is not None else None
        people = self.world.people
        if selection is None or inside is None or people.household is None or (asks and kind != PERSON):
            return None
        table = self.world.table(kind)
        if asks:
            values = pd.Series(np.where(inside, "是", "否").astype(object), index=table.index)
        else:
            counted = pd.Series(inside & people.alive.to_numpy(dtype=bool), index=people.index).groupby(people.household).sum()
            values = counted.reindex(table.index).fillna(0).astype(int).astype(str).astype(object)
        computed = pd.Series(COMPUTED, index=table.index)
        rule = f"按名册{'判断' if asks else '逐人计数'}：{slot.field.label}"
        return Held(slot.element.id, table, Chosen(values, computed, computed, "", rule), Fact("", slot.element.id))

    def _held(self, slot: Slot, kind: str) -> Held | None:
        held = self.filled.rows.get(kind, {}).get(slot.element.id)
        if held is not None or slot.element.meaning.role not in _SUB_ROLES:
            return held
        own = replace(slot.element.meaning, role="self", context=())
        return Rows(self.world, self.lexicon).held(slot.element.id, own, PERSON)

    # ---- how a value is written ----------------------------------------------------------------------------------------

    def _shown_text(self, held: Held, text: str, slot: Slot) -> CellValue:
        if not text:
            return None
        return self._shown(slot, text, held.chosen.unit)

    def _shown(self, slot: Slot, value: CellValue, unit: str) -> CellValue:
        """The value as the field wants it: its option, its unit, a number, a date, else text."""
        field, concept = slot.field, slot.element.meaning.concept[0] if slot.element.meaning.concept else ""
        if are_bands(field.options) and (band := band_for(str(value), field.options)) is not None:
            return band
        if field.options:
            return option_for(str(value), field.options, concept)
        if value == "无":
            return None  # for a count that would be 0, for a text nothing: the form's own words for it are not known
        if isinstance(value, Decimal):
            return _plain(converted(value, slot.member.factor))
        if field.type is ValueType.NUMBER:
            number = parse_number(value)
            if isinstance(number, Failure):
                return None
            factor = self._factor(unit, field.unit)
            return None if factor is None else _plain(converted(number.value, factor))
        if field.type is ValueType.DATE or concept.endswith("-date"):
            day = born(value)
            if day is None:
                return value
            return day.isoformat()[:7] if concept.endswith("-month") or "年月" in field.label else day.isoformat()
        return value

    def _factor(self, unit: str, wanted: str) -> Decimal | None:
        if not unit or not wanted or normalise(unit) == normalise(wanted):
            return Decimal(1)
        here, there = self.lexicon.unit(normalise(unit)), self.lexicon.unit(normalise(wanted))
        if here is None or there is None:
            return Decimal(1)
        return factor_between(here.factor, there.factor) if here.dimension == there.dimension else None


def _plain(number: Decimal) -> Decimal:
    """Without trailing zeros, and never in powers of ten."""
    rounded = round(number, 4)
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded.normalize()


def form_values(form: Form, merged: Merged, filled: FilledData, lexicon: Lexicon, subject: str | None = None) -> FormValues:
    """Values for one form; for many forms of one filling make one `Giver`."""
    return Giver(merged, filled, lexicon).form_values(form, subject)
