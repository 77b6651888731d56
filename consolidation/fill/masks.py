"""Who of a table meets a condition, or belongs to a group: as one column of yes and no. Counting and rosters share it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from consolidation.codes import normal
from consolidation.derive.counts import Condition, count_rules
from consolidation.derive.words import structure_words
from consolidation.lexicon import normalise

from .groups import JOINS, LEAVES, yes
from .model import Fact, Table
from .select import Selection
from .table import canonical, code_lists

Flags = NDArray[np.bool_]
_STEP_OF_CODE = {"1": 6, "2": 5, "3": 4, "4": 3, "6": 3, "7": 2, "8": 1, "9": 0}
"""First digit of a GB/T 4658 code -> step of schooling (data/derivations/structure.yml)."""


def step_of(text: str) -> int:
    """The step of schooling that a value means, by the words of structure.yml or by its GB/T 4658 code; -1 for none."""
    known = structure_words().schooling.get(normalise(text))
    if known is not None:
        return known[0]
    codes = code_lists().get("education")
    code = codes.find(text) if codes is not None and text else None
    return _STEP_OF_CODE.get(code[0], -1) if code else -1


class Masks:
    """Conditions over one table. None means: nothing held can tell."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._groups: dict[str, Flags | None] = {}
        self._met: dict[Condition, Flags] = {}
        self._numbers: dict[str, pd.Series[Any]] = {}

    def group(self, name: str) -> Flags | None:
        """Members of a group: whom lists name; else whom its definition in counts.yml fits."""
        if name not in self._groups:
            self._groups[name] = None  # a definition that leads back to itself tells nothing
            self._groups[name] = self._by_hand(name, self._group(name))
        return self._groups[name]

    def _group(self, name: str) -> Flags | None:
        held = self.table.groups.get(name)
        if held is not None:
            return np.asarray(held, dtype=bool) & ~self.excluded(name)
        for entry in count_rules().groups.get(name, ()):
            tests = [self.condition(condition) for condition in entry]
            found = [test for test in tests if test is not None]
            if entry and len(found) == len(tests):
                return np.asarray(np.logical_and.reduce(found), dtype=bool)
        return None

    def _by_hand(self, name: str, inside: Flags | None) -> Flags | None:
        """With those whom people put into a group, without those whom they took out of it."""
        joined, left = self.table.groups.get(JOINS + name), self.table.groups.get(LEAVES + name)
        if joined is not None:
            more = np.asarray(joined, dtype=bool)
            inside = more if inside is None else inside | more
        return inside if inside is None or left is None else inside & ~np.asarray(left, dtype=bool)

    def excluded(self, name: str) -> Flags:
        """Who is known not to belong to a group, whatever list of that name they stand on (counts.yml `excluded`)."""
        out = np.zeros(len(self.table.index), dtype=bool)
        for condition in count_rules().excluded.get(name, ()):
            met = self.condition(condition)
            out = out | met if met is not None else out
        return out

    def on_list(self, words: str) -> Flags | None:
        """Who stands on a list whose title has these words."""
        held = [
            flags.to_numpy(dtype=bool) for name, flags in self.table.groups.items() if name.startswith("list:") and words in name
        ]
        return self._by_hand(f"list:{words}", np.logical_or.reduce(held) if held else None)

    def condition(self, condition: Condition) -> Flags | None:
        if condition.op == "group":
            return self.group(condition.values[0])
        if condition.op == "list":
            return self.on_list(condition.values[0])
        if condition.op == "any":
            found = [flags for name in condition.values if (flags := self.group(name)) is not None]
            return np.logical_or.reduce(found) if found else None
        chosen = self.table.facts.get(Fact("", condition.fact))
        if chosen is not None and condition not in self._met:
            self._met[condition] = self._meets(chosen.values, condition)
        return self._met.get(condition)

    def numbers(self, fact: str) -> pd.Series[Any]:
        """A fact as numbers, NaN where it is none; made once."""
        if fact not in self._numbers:
            self._numbers[fact] = pd.to_numeric(self.table.facts[Fact("", fact)].values, errors="coerce")
        return self._numbers[fact]

    def _meets(self, values: pd.Series[Any], condition: Condition) -> Flags:
        if condition.op == "filled":
            return (~values.isin(["", "0", "0.0", "0.00", "否", "无"])).to_numpy(dtype=bool)
        if condition.op == "affirmed":
            return yes(values).to_numpy(dtype=bool)
        if condition.op in ("within", "steps"):
            low, _, high = condition.values[0].partition("-")
            steps = condition.op == "steps"
            numbers = values.map({t: step_of(t) for t in values.unique()}) if steps else self.numbers(condition.fact)
            return numbers.between(int(low or 0), int(high or 200)).to_numpy(dtype=bool)
        wanted = {code(value, condition.fact) for value in condition.values}
        table = {
            text: (code(text, condition.fact) in wanted) == (condition.op == "is") and text != "" for text in values.unique()
        }
        return values.map(table).to_numpy(dtype=bool)

    def selection(self, selection: Selection) -> Flags | None:
        """Who is selected; None when a group, list or fact of it is not held."""
        tests = [self.group(name) for name in selection.groups]
        tests += [self.on_list(words) for words in selection.lists]
        tests += [self.condition(condition) for condition in selection.conditions]
        found = [test for test in tests if test is not None]
        if len(found) < len(tests):
            return None
        return np.asarray(np.logical_and.reduce([np.ones(len(self.table.index), dtype=bool), *found]), dtype=bool)


def code(value: str, concept: str) -> str:
    """A value as conditions compare it."""
    return canonical(value, concept) or normal(value)
