"""What shared data answers to a column of a form: a list's own column, an age on the day, a count of the rows themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from consolidation.lexicon import Lexicon
from forms.model import Form, ValueType
from forms.values import parse_yes_no

from .bands import are_bands
from .blocks import Slot
from .fill import FilledData
from .lazy import Held
from .masks import Masks
from .model import HOUSEHOLD, PERSON, SUB_ROLES, Chosen, Fact
from .rows import Rows
from .select import Selector
from .world import COMPUTED, World


class Answers:
    """What shared data answers to the columns of forms, each found once."""

    def __init__(
        self, filled: FilledData, world: World, lexicon: Lexicon, selector: Selector, masks: Mapping[str, Masks]
    ) -> None:  # fmt: skip
        self.filled, self.world, self.lexicon, self.selector, self.masks = filled, world, lexicon, selector, masks
        self._told: dict[tuple[str, str, str, str], Held | None] = {}
        self._answers: dict[tuple[str, str, str, str], Held | None] = {}

    def of_column(self, form: Form, slot: Slot, kind: str) -> Held | None:
        """The column for every row of a table; None where shared data has none."""
        key = (form.file, form.id, slot.field.id, kind)
        if key not in self._answers:
            self._answers[key] = self._aged(slot, kind) or self._held(slot, kind) or self._counted(form, slot, kind)
        return self._answers[key]

    def of_cell(self, form: Form, slot: Slot, kind: str) -> Held | None:
        """What is known of a single cell's element, by whom it is about."""
        known = self.filled.rows.get(kind, {}).get(slot.element.id)
        return self._aged(slot, kind) or known or self._counted(form, slot, kind)

    def _aged(self, slot: Slot, kind: str) -> Held | None:
        """For options that are age bands the age on the period's last day, by birth date or ID number: what a list says of it
        is as old as the list."""
        meaning = slot.element.meaning
        if kind != PERSON or meaning.entity != PERSON or not are_bands(slot.field.options):
            return None
        role = "self" if meaning.role in SUB_ROLES else meaning.role
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
        if held is not None or slot.element.meaning.role not in SUB_ROLES:
            return held
        own = replace(slot.element.meaning, role="self", context=())
        return Rows(self.world, self.lexicon).held(slot.element.id, own, PERSON)
