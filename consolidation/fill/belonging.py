"""Who belongs on a form: of which table its rows are, and the people, households, shops that its title or its columns mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from consolidation.model import FieldKey
from forms.model import Form, Kind, Purpose

from .blocks import Slot
from .fill import FilledData
from .masks import Flags, Masks
from .model import DWELLING, HOUSEHOLD, ORGANISATION, PERSON, SUB_ROLES, Fact
from .rows import members_of
from .select import Selector
from .world import World

_SPECIAL, _SPECIAL_SHARE = 3, 0.2  # columns (and share of them) that one list alone must answer to say who is on a roster
_TABLES = {PERSON: PERSON, "couple": PERSON, HOUSEHOLD: HOUSEHOLD, DWELLING: DWELLING, ORGANISATION: ORGANISATION}


class Belonging:
    """Who belongs on the forms of one filled region: of which table a form's rows are, and whose rows they are."""

    def __init__(
        self, filled: FilledData, world: World, selector: Selector, masks: Mapping[str, Masks],
        slots: Mapping[FieldKey, Slot],
    ) -> None:  # fmt: skip
        self.filled, self.world, self.selector, self.masks, self.slots = filled, world, selector, masks, slots

    def kind(self, form: Form, slots: Sequence[Slot]) -> str:
        """Of which table the form's rows (or its one subject) are: what most of its own facts are about."""
        votes: Counter[str] = Counter()
        for slot in slots:
            meaning = slot.element.meaning
            if meaning.entity in _TABLES and meaning.role not in SUB_ROLES:
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

    def rows(self, form: Form, kind: str) -> pd.Index[Any]:
        """Who belongs on the form: alive, of the region, in the group its title names."""
        if not kind:
            return pd.Index([])
        table = self.world.table(kind)
        inside = table.alive & table.region.isin(self.world.regions.below(self.filled.region))
        selected = self._fitting_title(form, kind)
        if selected is None and form.kind is not Kind.CARD:
            return pd.Index([])  # nobody knows who belongs here: better no row than wrong ones
        if selected is not None and (form.kind is not Kind.CARD or bool((inside & selected).any())):
            inside &= selected
        keys = table.index[inside.to_numpy()]
        names = table.facts.get(Fact("", "name")) if kind == PERSON else None
        if names is not None:
            keys = keys[(names.values.loc[keys] != "").to_numpy()]
        return keys.sort_values()

    def among(self, form: Form, kind: str, keys: Sequence[str]) -> list[str]:
        """Who of some people belongs to the group of a form's title, wherever shared data has them."""
        fitting, table = self._fitting_title(form, kind), self.world.table(kind)
        if fitting is None:
            return []
        alive = table.alive.to_numpy(dtype=bool)
        places = table.index.get_indexer(pd.Index(list(keys), dtype=object))
        return [key for key, at in zip(keys, places, strict=True) if at >= 0 and fitting[at] and alive[at]]

    def _fitting_title(self, form: Form, kind: str) -> Flags | None:
        """Who belongs to the group that a form's title names, wherever they are; everybody where it names none, None where nobody
        knows."""
        selection = self.selector.of_title(form.title)
        if selection is not None:
            return self.masks[kind].selection(selection)
        everybody = np.ones(len(self.world.table(kind).index), dtype=bool)
        return self._on_its_list(form, kind) if form.kind is Kind.ROSTER else everybody

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

    def members(self, slots: Sequence[Slot], card: str, form: Form) -> pd.Index[Any]:
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
