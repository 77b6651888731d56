"""Lists put together: one row a person (household, dwelling, organisation), each fact from the list that answers for it.

All work is on whole columns; nothing loops over people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from consolidation.codes import CodeList, load_codes, normal
from consolidation.derive.evaluate import born
from consolidation.exact import converted, factor_between
from consolidation.lexicon import Lexicon, clean_label, normalise

from .model import Chosen, DataSet, Fact, Table
from .regions import Regions, regions_of
from .settings import rank, source_words

Objects = NDArray[np.object_]
Positions = NDArray[np.int64]
_MARKS = frozenset({"", "—", "——", "-", "/", "不详", "未知"})  # 无 is an answer: somebody looked and there is none


@dataclass(frozen=True, slots=True)
class Differing:
    """Where a list says something else than the one that was chosen: positions in the table, the list, its rows."""

    fact: Fact
    at: Positions
    source: int
    rows: Positions


@dataclass(frozen=True)
class Keyed:
    """A list with the key of the table's row that each of its rows belongs to ("" = none)."""

    dataset: DataSet
    keys: pd.Series[Any]
    role: str = ""  # the role under which the list names the table's thing (head: a list of households joined to people)
    entities: frozenset[str] = frozenset()  # take only columns about these, empty = all


def index_of(keyed: Sequence[Keyed]) -> pd.Index[Any]:
    """All keys, in the order of the lists."""
    keys = pd.concat([item.keys for item in keyed]) if keyed else pd.Series([], dtype=object)
    index: pd.Index[Any] = pd.Index(list(keys[keys != ""].unique()), dtype=object)
    return index


def put_together(
    kind: str, index: pd.Index[Any], keyed: Sequence[Keyed], sources: Sequence[DataSet], lexicon: Lexicon
) -> tuple[Table, list[Differing]]:
    """The table of `kind` and where lists disagree. `sources`: all lists of the world, by whose place a value's list is
    known. Regions, groups and who is alive are added by `finish`."""
    number_of = {id(dataset): number for number, dataset in enumerate(sources)}
    places = [np.asarray(index.get_indexer(pd.Index(item.keys, dtype=object)), dtype=np.int64) for item in keyed]
    offers: dict[Fact, list[tuple[int, int]]] = defaultdict(list)
    for number, item in enumerate(keyed):
        for at, column in enumerate(item.dataset.columns):
            entity = column.meaning.entity
            if entity != "filing" and (not item.entities or entity in item.entities):
                fact = column.fact
                own = Fact("", fact.concept) if item.role and fact.role == item.role else fact
                offers[own].append((number, at))
    facts: dict[Fact, Chosen] = {}
    differing: list[Differing] = []
    for fact, found in offers.items():
        ranked = sorted(found, key=lambda pair: rank(keyed[pair[0]].dataset, fact.concept))
        facts[fact] = _choose(fact, index, keyed, places, ranked, differing, number_of, lexicon)
    blank = pd.Series("", index=index, dtype=object)
    alive = pd.Series(True, index=index)
    return Table(kind, index, facts, blank, alive, {}, tuple(sources)), differing


def _choose(
    fact: Fact, index: pd.Index[Any], keyed: Sequence[Keyed], places: Sequence[Positions], ranked: Sequence[tuple[int, int]],
    differing: list[Differing], number_of: Mapping[int, int], lexicon: Lexicon,
) -> Chosen:  # fmt: skip
    """The first list's value where it has one, else the next one's. Units: the first list's; others are converted."""
    size = len(index)
    values: Objects = np.full(size, "", dtype=object)
    source = np.full(size, -1, dtype=np.int64)
    row = np.full(size, -1, dtype=np.int64)
    unit = next((keyed[n].dataset.columns[at].unit for n, at in ranked if keyed[n].dataset.columns[at].unit), "")
    for number, at in ranked:
        dataset = keyed[number].dataset
        offered = _plain(dataset.frame[at], fact.concept)
        offered = _converted(offered, dataset.columns[at].unit, unit, lexicon)
        here = np.flatnonzero((places[number] >= 0) & (offered != ""))
        target = places[number][here]
        target, first = np.unique(target, return_index=True)
        here = here[first]
        empty = values[target] == ""
        values[target[empty]], source[target[empty]], row[target[empty]] = (
            offered[here[empty]],
            number_of[id(dataset)],
            here[empty],
        )
        held, mine = target[~empty], here[~empty]
        if len(held):
            unlike = _canonical(values[held], fact.concept) != _canonical(offered[mine], fact.concept)
            if unlike.any():
                differing.append(Differing(fact, held[unlike], number_of[id(dataset)], mine[unlike]))
    series = [pd.Series(array, index=index) for array in (values, source, row)]
    return Chosen(series[0], series[1], series[2], unit)


def _plain(column: pd.Series[Any], concept: str) -> Objects:
    """Values trimmed, marks for "nothing" as "", short codes as words."""
    texts = column.to_numpy(dtype=object)
    codes = source_words().codes.get("sex", {}) if concept == "sex" else {}
    table = {text: _tidy(text, codes) for text in pd.unique(texts)}
    return np.array([table[text] for text in texts], dtype=object)


def _tidy(text: str, codes: Mapping[str, str]) -> str:
    tidy = str(text).strip().strip("\u3000")
    return "" if tidy in _MARKS else codes.get(tidy, tidy)


def _converted(values: Objects, unit: str, wanted: str, lexicon: Lexicon) -> Objects:
    if not unit or not wanted or unit == wanted:
        return values
    here, there = lexicon.unit(normalise(unit)), lexicon.unit(normalise(wanted))
    if here is None or there is None or here.dimension != there.dimension or here.factor == there.factor:
        return values
    factor = factor_between(here.factor, there.factor)

    def turned(text: str) -> str:
        try:
            return f"{converted(Decimal(text), factor).normalize():f}" if text else ""
        except InvalidOperation:
            return ""

    return np.array([turned(text) for text in values], dtype=object)


def _canonical(values: Objects, concept: str) -> Objects:
    table = {text: canonical(text, concept) for text in pd.unique(values)}
    return np.array([table[text] for text in values], dtype=object)


@lru_cache(maxsize=1)
def code_lists() -> Mapping[str, CodeList]:
    """The code list of each concept whose values are coded."""
    lists = load_codes()
    return {concept: lists[name] for concept, name in source_words().code_lists.items() if name in lists}


@lru_cache(maxsize=500_000)
def canonical(text: str, concept: str) -> str:
    """A value as values are compared: dates as days, coded ones by their code, numbers without trailing zeros."""
    if not text:
        return ""
    if concept.endswith(("-date", "-month")) or concept in ("birth-date", "birth-month"):
        day = born(text)
        return day.isoformat()[:7] if day and concept.endswith("month") else day.isoformat() if day else normal(text)
    codes = code_lists().get(concept)
    code = codes.find(text) if codes is not None else None
    if code is not None:
        return code
    plain = normal(text)
    return plain.rstrip("0").rstrip(".") if "." in plain and plain.replace(".", "", 1).isdigit() else plain


# ---- regions, who counts ----------------------------------------------------------------------------------------------


def gone_rows(dataset: DataSet) -> NDArray[np.bool_]:
    """Rows of people (or shops) that no longer count: dead, moved away, struck off."""
    words = source_words()
    gone = np.zeros(len(dataset.frame), dtype=bool)
    if any(word in dataset.name or word in dataset.table for word in words.death_lists):
        return ~gone
    for at, column in enumerate(dataset.columns):
        if clean_label(column.header.split("/")[-1]) in words.status_columns:
            gone |= dataset.frame[at].isin(words.gone).to_numpy(dtype=bool)
    return gone


def finish(table: Table, keyed: Sequence[Keyed], regions: Regions) -> Table:
    """The table with each row's region (from the surest list that names one) and whether it still counts."""
    size = len(table.index)
    region: Objects = np.full(size, "", dtype=object)
    alive = np.ones(size, dtype=bool)
    order = sorted(range(len(keyed)), key=lambda n: rank(keyed[n].dataset, "registered-address"))
    for number in order:
        item = keyed[number]
        places = np.asarray(table.index.get_indexer(pd.Index(item.keys, dtype=object)), dtype=np.int64)
        codes = regions_of(item.dataset, regions)
        use = np.flatnonzero((places >= 0) & (codes != ""))
        target, first = np.unique(places[use], return_index=True)
        empty = region[target] == ""
        region[target[empty]] = codes[use[first[empty]]]
        gone = gone_rows(item.dataset) & (places >= 0)
        alive[places[gone]] = False
    return replace(table, region=pd.Series(region, index=table.index), alive=pd.Series(alive, index=table.index, dtype=bool))
