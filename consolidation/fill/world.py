"""All shared data together: people, households, dwellings, organisations and places of one region tree on one day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from consolidation.lexicon import Lexicon
from forms.values import DemoRegions

from .groups import LEAVES, memberships
from .ids import ages, births, id_numbers, sexes
from .model import DWELLING, HOUSEHOLD, ORGANISATION, PERSON, PLACE, Chosen, DataSet, Fact, Table
from .people import Possible, join, mentions
from .regions import Regions
from .settings import source_words
from .table import Differing, Keyed, finish, index_of, put_together

COMPUTED = -2
_SAMPLE, _MOSTLY = 200, 0.6
_OWNER_ROLES = ("landlord", "head", "owner", "operator", "")


@dataclass(frozen=True)
class World:
    """Everything held about a region. `differing`: where lists disagree, by table. `possible`: rows a person should match."""

    people: Table
    households: Table
    dwellings: Table
    organisations: Table
    places: tuple[DataSet, ...]
    regions: Regions
    on: date
    differing: Mapping[str, tuple[Differing, ...]]
    possible: tuple[Possible, ...] = ()

    def table(self, kind: str) -> Table:
        return {PERSON: self.people, HOUSEHOLD: self.households, DWELLING: self.dwellings, ORGANISATION: self.organisations}[kind]


def build(datasets: Sequence[DataSet], regions: Regions, on: date, lexicon: Lexicon, demo: DemoRegions) -> World:
    """Joins all lists. `on`: the day for which ages are computed, the reporting period's last."""
    by_level: dict[str, list[DataSet]] = {level: [] for level in (PERSON, HOUSEHOLD, DWELLING, ORGANISATION, PLACE)}
    for dataset in datasets:
        by_level.setdefault(dataset.level, []).append(dataset)
    named = [(d, _role(d)) for d in (*by_level[PERSON], *by_level[HOUSEHOLD], *by_level[DWELLING])]
    seen = [(d, role, mentions(d, role, _numbers(d, role, demo))) for d, role in named]
    joined = join([(d, frame) for d, _, frame in seen])
    keys = {id(d): key for (d, _, _), key in zip(seen, joined.keys, strict=True)}
    people, differing = _people(by_level, keys, datasets, regions, on, lexicon)
    households, homes = _households(by_level, keys, datasets, people, lexicon)
    people = _with_household_groups(people, households, by_level[HOUSEHOLD], keys, lexicon)
    dwellings, housing = _keyed_table(DWELLING, by_level[DWELLING], datasets, regions, lexicon)
    organisations, firms = _keyed_table(ORGANISATION, by_level[ORGANISATION], datasets, regions, lexicon)
    return World(
        people, households, dwellings, organisations, tuple(by_level[PLACE]), regions, on,
        {PERSON: tuple(differing), HOUSEHOLD: tuple(homes), DWELLING: tuple(housing), ORGANISATION: tuple(firms)},
        joined.possible,
    )  # fmt: skip


def _role(dataset: DataSet) -> str:
    """The role under which a list names the person its rows hang on."""
    if dataset.level == PERSON:
        return ""
    held = {column.fact for column in dataset.columns}
    roles = _OWNER_ROLES if dataset.level == DWELLING else ("head", "", "applicant", "contractor", "landlord")
    return next(
        (role for role in roles if Fact(role, "id-number") in held), next((r for r in roles if Fact(r, "name") in held), "")
    )


def _numbers(dataset: DataSet, role: str, demo: DemoRegions) -> pd.Series[Any]:
    """Valid ID numbers of the people in a role; a disability certificate begins with its holder's number (残联发〔2008〕10号)."""
    numbers = pd.Series("", index=dataset.frame.index, dtype=object)
    for at in dataset.positions(Fact(role, "id-number")) or _number_columns(dataset, demo):
        found = id_numbers(dataset.frame[at], demo)
        numbers = numbers.where(numbers != "", found)
    if role == "":
        for at in dataset.positions(Fact("", "disability-certificate")):
            found = id_numbers(dataset.frame[at].str.strip().str[:18], demo)
            numbers = numbers.where(numbers != "", found)
    return numbers


def _number_columns(dataset: DataSet, demo: DemoRegions) -> list[int]:
    """The first column that is full of valid ID numbers, whatever its header calls it (承包方代表证件号)."""
    for at in range(len(dataset.columns)):
        sample = dataset.frame[at].head(_SAMPLE)
        if sample.str.len().isin([15, 18]).mean() > _MOSTLY and (id_numbers(sample, demo) != "").mean() > _MOSTLY:
            return [at]
    return []


def _people(
    by_level: Mapping[str, Sequence[DataSet]], keys: Mapping[int, pd.Series[Any]], sources: Sequence[DataSet], regions: Regions,
    on: date, lexicon: Lexicon,
) -> tuple[Table, list[Differing]]:  # fmt: skip
    keyed = [Keyed(d, keys[id(d)]) for d in by_level[PERSON]]
    heads = [Keyed(d, keys[id(d)], _role(d), frozenset({PERSON})) for d in by_level[HOUSEHOLD]]
    index = index_of(keyed)
    table, differing = put_together(PERSON, index, [*keyed, *heads], sources, lexicon)
    table = finish(table, [*keyed, *heads], regions)
    facts = dict(table.facts)
    numbers = pd.Series([key if "#" not in key else "" for key in index], index=index, dtype=object)
    _computed(facts, index, numbers, on)
    table = replace(table, facts=facts, household=_household_of(facts, index))
    return replace(table, groups=memberships(table, keyed, lexicon)), differing


def _set(facts: dict[Fact, Chosen], fact: Fact, values: pd.Series[Any], rule: str, *, over: bool = False) -> None:
    """A computed fact: where nothing is held, or (`over`) everywhere it can be computed."""
    held = facts.get(fact)
    if held is None:
        nothing = pd.Series(-1, index=values.index)
        held = Chosen(pd.Series("", index=values.index, dtype=object), nothing, nothing.copy())
    use = (values != "") if over else (values != "") & (held.values == "")
    facts[fact] = Chosen(
        held.values.where(~use, values), held.source.where(~use, COMPUTED), held.row.where(~use, -1), held.unit, rule
    )


def _computed(facts: dict[Fact, Chosen], index: pd.Index[Any], numbers: pd.Series[Any], on: date) -> None:
    """Number, sex, birth and age of everyone with a valid ID number (GB 11643-1999); ages on the period's last day."""
    from .people import _birth_texts

    law = "由公民身份号码推算（GB 11643-1999）"
    _set(facts, Fact("", "id-number"), numbers, "经校验的公民身份号码", over=True)
    _set(facts, Fact("", "sex"), sexes(numbers), law, over=True)
    born = births(numbers)
    listed = facts.get(Fact("", "birth-date")) or facts.get(Fact("", "birth-month"))
    if listed is not None:
        said = pd.to_datetime(_birth_texts(listed.values).replace("", None), format="%Y-%m-%d", errors="coerce")
        born = born.where(born.notna(), said)
    text = born.dt.strftime("%Y-%m-%d").fillna("").astype(object)
    _set(facts, Fact("", "birth-date"), text, law, over=True)
    _set(facts, Fact("", "birth-month"), text.str[:7], law, over=True)
    _set(facts, Fact("", "birth-year"), text.str[:4], law)
    years = ages(born, pd.Timestamp(on))
    shown = years.map(lambda age: "" if np.isnan(age) else str(int(age))).astype(object)
    _set(facts, Fact("", "age"), shown, f"算到{on.isoformat()}的周岁", over=True)


def _household_of(facts: Mapping[Fact, Chosen], index: pd.Index[Any]) -> pd.Series[Any]:
    """The household number of everyone; a person on no household register is a household alone."""
    book = facts.get(Fact("", "household-book-number"))
    own = pd.Series([f"户:{key}" for key in index], index=index, dtype=object)
    return own if book is None else book.values.where(book.values != "", own)


def _households(
    by_level: Mapping[str, Sequence[DataSet]],
    keys: Mapping[int, pd.Series[Any]],
    sources: Sequence[DataSet],
    people: Table,
    lexicon: Lexicon,
) -> tuple[Table, list[Differing]]:
    """Households by the register's number: lists of households by their head, houses by their owner, and what lists of people
    say about the household they live in."""
    of_person = people.household if people.household is not None else pd.Series(dtype=object)
    alive = people.alive

    def homes(dataset: DataSet) -> pd.Series[Any]:
        return _homes_of(dataset, keys[id(dataset)], of_person)

    keyed = [Keyed(d, homes(d), "", frozenset({HOUSEHOLD, DWELLING})) for d in (*by_level[HOUSEHOLD], *by_level[DWELLING])]
    keyed += [Keyed(d, homes(d), "", frozenset({HOUSEHOLD})) for d in by_level[PERSON]]
    index = pd.Index(of_person[alive].unique(), dtype=object)
    table, differing = put_together(HOUSEHOLD, index, keyed, sources, lexicon)
    members = pd.DataFrame({"home": of_person, "region": people.region, "alive": alive})
    here = members[members["alive"]]
    region = here[here["region"] != ""].groupby("home")["region"].first().reindex(index).fillna("")
    facts = dict(table.facts)
    size = here.groupby("home").size().reindex(index).fillna(0).astype(int).astype(str).astype(object)
    _set(facts, Fact("", "household-size"), size, "按户籍登记的在册家庭成员计数")
    groups: dict[str, pd.Series[bool]] = {}
    for name, inside in people.groups.items():
        if name.startswith(LEAVES):
            continue  # one member who left a group says nothing about the others
        groups[name] = (inside & alive).groupby(of_person).any().reindex(index).fillna(False).astype(bool)
    own = memberships(table, [k for k in keyed if k.dataset.level == HOUSEHOLD], lexicon)
    for name, inside in own.items():
        groups[name] = groups[name] | inside if name in groups else inside
    return replace(table, facts=facts, region=region, groups=groups), differing


def _homes_of(dataset: DataSet, keys: pd.Series[Any], of_person: pd.Series[Any]) -> pd.Series[Any]:
    """The household of each row of a list: of the person it names; or the one that a list of households names itself."""
    found = keys.map(of_person).astype(object).fillna("")
    for at in dataset.positions(Fact("", "household-book-number")) if dataset.level == HOUSEHOLD else ():
        found = found.where(found != "", dataset.frame[at])
    return found


def _with_household_groups(
    people: Table, households: Table, lists: Sequence[DataSet], keys: Mapping[int, pd.Series[Any]], lexicon: Lexicon
) -> Table:
    """Groups of whole households (脱贫户, 监测对象): every member belongs, not the head alone."""
    home = people.household
    if home is None:
        return people
    groups = dict(people.groups)
    own = memberships(households, [Keyed(d, _homes_of(d, keys[id(d)], home)) for d in lists], lexicon)
    for name, inside in own.items():
        known = lexicon.groups.get(name)
        if known is not None and known.default == "household":
            members = home.map(inside).fillna(False).astype(bool)
            groups[name] = groups[name] | members if name in groups else members
    return replace(people, groups=groups)


def _keyed_table(
    kind: str, datasets: Sequence[DataSet], sources: Sequence[DataSet], regions: Regions, lexicon: Lexicon
) -> tuple[Table, list[Differing]]:
    """Dwellings and organisations: rows are one when a key (code, certificate, name) is."""
    keyed = []
    known: dict[tuple[str, str], str] = {}
    for dataset in datasets:
        keys = pd.Series("", index=dataset.frame.index, dtype=object)
        concepts = [c for c in source_words().keys[kind] if dataset.positions(Fact("", c))]
        columns = {c: dataset.frame[dataset.positions(Fact("", c))[0]].str.strip() for c in concepts}
        for concept, column in columns.items():
            same = {value: known.get((concept, value), "") for value in column.unique()}
            found = column.map(same)
            keys = keys.where(keys != "", found)
        for concept, column in columns.items():
            keys = keys.where(keys != "", (concept + ":" + column).where(column != "", ""))
        fresh = pd.Series([f"{dataset.file}#{dataset.table}#{i}" for i in dataset.frame.index], index=keys.index, dtype=object)
        keys = keys.where(keys != "", fresh)
        for concept, column in columns.items():
            known |= {
                (concept, value): key for value, key in zip(column, keys, strict=True) if value and (concept, value) not in known
            }
        keyed.append(Keyed(dataset, keys))
    table, differing = put_together(kind, index_of(keyed), keyed, sources, lexicon)
    table = finish(table, keyed, regions)
    return replace(table, groups=memberships(table, keyed, lexicon)), differing
