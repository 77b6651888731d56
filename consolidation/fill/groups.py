"""Who belongs to which group of the lexicon, as the lists say: by a list's title (持证残疾人), by the values of a column
(救助类别: 城市低保), by a yes (是否低保), by a rule over facts (data/derivations/counts.yml)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from consolidation.derive.counts import count_rules
from consolidation.derive.words import read
from consolidation.lexicon import Lexicon
from consolidation.meaning import language
from forms.values import parse_yes_no

from .model import Column, DataSet, Fact, Table
from .table import Keyed, gone_rows

_FEW = 40  # distinct values that a column of kinds has at most
_KIND_WORDS = ("类别", "类型", "性质", "身份", "种类", "属性", "kind")
Flags = NDArray[np.bool_]


@lru_cache(maxsize=1)
def population() -> Mapping[str, Any]:
    """data/derivations/population.yml."""
    data: Mapping[str, Any] = read("population")
    return data


def yes(values: pd.Series[Any]) -> pd.Series[bool]:
    """Where a column says yes (是, 有, √ …; a stored 1 too)."""
    said = {value: parse_yes_no(value) is True or value in ("1", "享受", "已参保", "参保") for value in values.unique()}
    return values.map(said).astype(bool)


def _is_kind(column: Column) -> bool:
    word = column.header.split("/")[-1]
    return any(ending in word for ending in _KIND_WORDS) or column.fact.concept.endswith("-kind")


class _Lists:
    """Groups that single lists name."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.language = language(lexicon)

    def of_rows(self, dataset: DataSet) -> Iterator[tuple[str, Flags]]:
        """(group, which rows) - the title's groups, unless a column of kinds says which rows are of which."""
        decided: set[str] = set()
        for at, column in enumerate(dataset.columns):
            if _is_kind(column):
                for group, rows in self._of_values(dataset.frame[at]):
                    if not self._about(dataset, group):
                        continue  # 独居 on a list of allowances for the very old is not everybody who lives alone
                    decided.add(group)
                    yield group, rows
            group = self._asked(column)
            if group:
                yield group, yes(dataset.frame[at]).to_numpy(dtype=bool)
        everyone = np.ones(len(dataset.frame), dtype=bool)
        named = {g for g in dataset.groups if not self.lexicon.groups[g].same_as and g not in ("population", "birth", "death")}
        # a title with two groups (退役军人和其他优抚对象) does not say which of them a row is, once a column does
        if not decided & named and (len(named) == 1 or not decided):
            for group in named:
                yield group, everyone
        for group, words in population()["lists"].items():
            if any(word in dataset.name or word in dataset.table for word in words):
                yield group, everyone
        for kind, value in dataset.qualifiers:
            if kind == "registration" and dataset.groups & {"population", "registered-population", "migrant"}:
                yield f"{kind}={value}", everyone

    def _about(self, dataset: DataSet, group: str) -> bool:
        """Whether a list is about a group: two characters of one of its words stand in the list's title."""
        title = dataset.name + dataset.table
        words = (self.lexicon.groups[group].name, *self.lexicon.groups[group].words)
        return any(word[i : i + 2] in title for word in words for i in range(len(word) - 1))

    def _of_values(self, values: pd.Series[Any]) -> Iterator[tuple[str, Flags]]:
        distinct = values.unique()
        if len(distinct) > _FEW:
            return
        found: dict[str, set[str]] = {}
        for text in distinct:
            named = population()["values"].get(text)
            if named:
                found.setdefault(named, set()).add(text)
                continue
            for core in self.language.parts(text).core if text else ():
                if core.startswith("@"):
                    found.setdefault(core[1:], set()).add(text)
        for group, texts in found.items():
            yield group, values.isin(texts).to_numpy(dtype=bool)

    def _asked(self, column: Column) -> str:
        """The group that a yes-or-no column asks about (是否低保, 是否脱贫户), "" for none."""
        concept = column.fact.concept
        if concept.startswith("@") and "|" not in concept and "+" not in concept and column.meaning.measure != "figure":
            return concept[1:]
        rules = count_rules().groups
        return next(
            (
                g
                for g, entries in rules.items()
                if any(len(e) == 1 and e[0].fact == concept and e[0].op == "affirmed" for e in entries)
            ),
            "",
        )


def memberships(table: Table, keyed: Sequence[Keyed], lexicon: Lexicon) -> dict[str, pd.Series[bool]]:
    """Group -> who of the table belongs to it. Rows that no longer count (stopped, struck off) make nobody a member."""
    lists = _Lists(lexicon)
    found: dict[str, Flags] = {}
    for item in keyed:
        places = np.asarray(table.index.get_indexer(pd.Index(item.keys, dtype=object)), dtype=np.int64)
        standing = (places >= 0) & ~gone_rows(item.dataset)
        for group, rows in lists.of_rows(item.dataset):
            inside = found.setdefault(group, np.zeros(len(table.index), dtype=bool))
            inside[places[rows & standing]] = True
        name = f"list:{item.dataset.name}{item.dataset.table}"
        inside = found.setdefault(name, np.zeros(len(table.index), dtype=bool))
        inside[places[standing]] = True
    if not any(name.startswith("registration=") for name in found) and table.kind == "person":
        found["registration=registered"] = np.ones(len(table.index), dtype=bool)
    _by_hand(table, keyed, found)
    _resident(table, found)
    return {group: pd.Series(inside, index=table.index) for group, inside in found.items()}


JOINS, LEAVES = "joins:", "leaves:"  # before the name of a group that rules define: who is in it, or out of it, all the same


def _by_hand(table: Table, keyed: Sequence[Keyed], found: dict[str, Flags]) -> None:
    """Whom people put into groups, or took out of them."""
    for item in keyed:
        if not item.dataset.joins and not item.dataset.leaves:
            continue
        places = np.asarray(table.index.get_indexer(pd.Index(item.keys, dtype=object)), dtype=np.int64)
        places = places[places >= 0]
        for group in item.dataset.joins:
            name = group if group in found else JOINS + group
            found.setdefault(name, np.zeros(len(table.index), dtype=bool))[places] = True
        for group in item.dataset.leaves:
            found.setdefault(LEAVES + group, np.zeros(len(table.index), dtype=bool))[places] = True
            if group in found:
                found[group][places] = False


def _resident(table: Table, found: dict[str, Flags]) -> None:
    """常住: registered and not away, or come from elsewhere; 实有: registered or come from elsewhere."""
    registered, floating = found.get("registration=registered"), found.get("registration=floating")
    if registered is None:
        return
    away = np.zeros(len(table.index), dtype=bool)
    for concept in population()["away"]:
        chosen = table.facts.get(Fact("", concept))
        if chosen is not None:
            away |= yes(chosen.values).to_numpy(dtype=bool)
    none = np.zeros(len(table.index), dtype=bool)
    inward = floating if floating is not None else none
    found.setdefault("registration=resident", (registered & ~away) | inward)
    found.setdefault("registration=actual", registered | inward)
    found.setdefault("registration=outflow", registered & away)
