"""Figures of a place counted from the rows of a roster: how a figure's words become conditions on the facts of the rows.

`condition_of` is shared with filling, which counts the rows of shared data by the same conditions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from consolidation.meaning.model import PLACES
from consolidation.model import Derivation, Element, Formula, Merged

from .facets import Facets
from .view import FormView, Spot
from .words import read


@dataclass(frozen=True, slots=True)
class Condition:
    """What a row's fact must be. `op`: is, not, filled, affirmed, within (ages "lo-hi"), steps (schooling "lo-hi"); without a
    fact: group (member of it), any (of several groups), list (stands on a list whose title has these words)."""

    fact: str
    op: str
    values: tuple[str, ...] = ()

    def words(self, name: str) -> str:
        """The condition in Chinese."""
        shown = "、".join(self.values)
        return {
            "is": f"{name}为{shown}",
            "not": f"{name}不是{shown}",
            "filled": f"填有{name}",
            "affirmed": f"{name}为是",
            "within": f"{name}在{shown}岁",
            "steps": f"{name}在所列档次",
        }[self.op]


@dataclass(frozen=True)
class CountRules:
    groups: Mapping[str, tuple[tuple[Condition, ...], ...]]
    qualifiers: Mapping[str, Mapping[str, Condition]]
    facets: Mapping[str, str]
    instead: Mapping[str, tuple[str, ...]]
    excluded: Mapping[str, tuple[Condition, ...]]  # group -> who does not belong, though a list of that name holds them


def read_condition(entry: Mapping[str, Any]) -> Condition:
    """A condition as the data files write it: {fact: sex, is: [女]}, {fact: employment, class: employed}, {group: disabled},
    {list: 养老保险}, {any: [a, b]}."""
    for op in ("group", "list", "any"):
        if op in entry:
            value = entry[op]
            return Condition("", op, tuple(value) if isinstance(value, list) else (str(value),))
    if "class" in entry:
        named = entry["class"] if isinstance(entry["class"], list) else [entry["class"]]
        return Condition(entry["fact"], "is", tuple(v for name in named for v in fact_classes()[entry["fact"]][name]))
    op = next(key for key in entry if key != "fact")
    value = entry[op]
    values = tuple(map(str, value)) if isinstance(value, list) else () if value is True else (str(value),)
    return Condition(entry["fact"], op, values)


@lru_cache(maxsize=1)
def fact_classes() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Fact -> class -> its values, by the national classifications (data/derivations/counts.yml)."""
    found: Mapping[str, Mapping[str, Sequence[str]]] = read("counts")["classes"]
    return found


@lru_cache(maxsize=1)
def count_rules() -> CountRules:
    """data/derivations/counts.yml."""
    data = read("counts")
    return CountRules(
        {group: tuple(tuple(map(read_condition, entry)) for entry in entries) for group, entries in data["groups"].items()},
        {kind: {value: read_condition(entry) for value, entry in values.items()} for kind, values in data["qualifiers"].items()},
        data["facets"],
        {fact: tuple(facts) for fact, facts in data["instead"].items()},
        {group: tuple(map(read_condition, entries)) for group, entries in data["excluded"].items()},
    )


def available(fact: str, facts: Mapping[str, Any]) -> str | None:
    """The fact itself or the first that stands in for it (年龄 by 公民身份号码), None when none is at hand."""
    return next((f for f in (*count_rules().instead.get(fact, ()), fact) if f in facts), None)


def qualifier_condition(kind: str, value: str) -> Condition | None:
    """The condition that a qualifier of a figure means for a row, None when rows cannot tell."""
    rule = count_rules().qualifiers.get(kind, {})
    found = rule.get(value) or rule.get("*")
    if found is None or "+" in value:
        return None
    return Condition(found.fact, found.op, tuple(v.replace("{v}", value) for v in found.values))


def conditions_of(
    element: Element, facts: Mapping[str, Any], implied: frozenset[str], given: frozenset[tuple[str, str]] = frozenset()
) -> tuple[Condition, ...] | None:
    """What a row must meet to be counted in a place's figure; None when the rows' facts cannot tell.

    `implied`: groups that every row belongs to (a roster of the disabled), `given`: qualifiers that hold for every row; their
    own conditions are then not needed.
    """
    found: list[Condition] = []
    for part in element.meaning.concept:
        group = part.removeprefix("@")
        if part.startswith("@") and group in implied:
            continue
        if not part.startswith("@") or group not in count_rules().groups:
            return None
        entry = next((e for e in count_rules().groups[group] if all(available(c.fact, facts) for c in e)), None)
        if entry is None:
            return None
        found.extend(entry)
    return _rest(element, facts, found, given)


def _rest(
    element: Element, facts: Mapping[str, Any], found: list[Condition], given: frozenset[tuple[str, str]]
) -> tuple[Condition, ...] | None:
    for kind, value in element.meaning.qualifiers:
        if (kind, value) in given:
            continue
        condition = qualifier_condition(kind, value)
        if condition is None or available(condition.fact, facts) is None:
            return None
        found.append(condition)
    return tuple(dict.fromkeys(found))


def _facts_of(spots: Sequence[Spot]) -> dict[str, Element]:
    """Facts of the roster's own person (or household), by concept."""
    facts: dict[str, Element] = {}
    for spot in spots:
        m = spot.element.meaning
        if m.entity in ("person", "household") and m.role in ("self", "") and len(m.concept) == 1:
            facts.setdefault(m.concept[0], spot.element)
    return facts


def implied_groups(texts: Sequence[str], facets: Facets) -> frozenset[str]:
    """Groups that a roster's title or caption names: 残疾人花名册 holds the disabled."""
    found: set[str] = set()
    for text in texts:
        found |= {part.removeprefix("@") for part in facets.labels.parts(text).core if part.startswith("@")}
    return frozenset(found)


def implied_qualifiers(texts: Sequence[str], facets: Facets) -> frozenset[tuple[str, str]]:
    """Qualifiers that a roster's title or caption names: 在职党员名册."""
    return frozenset(pair for text in texts for pair in facets.labels.parts(text).qualifiers)


def counts_on_form(view: FormView, facets: Facets) -> Iterator[Derivation]:
    """Figures above a roster on the same form, counted from its rows."""
    people = [s for s in view.spots if s.element.meaning.entity in ("person", "household")]
    facts = _facts_of(people)
    figures = [s for s in view.figures if s.element.meaning.entity in (*PLACES, "place")]
    if len(facts) < 3 or not figures or "name" not in facts:
        return
    captions = {caption for s in people for caption in s.field.path[:-1]}
    texts = [view.form.title, *captions]
    implied, given = implied_groups(texts, facets), implied_qualifiers(texts, facets)
    for spot in figures:
        conditions = conditions_of(spot.element, facts, implied, given)
        if conditions is None:
            conditions = _facet_conditions(spot, facts, facets)
        if conditions is not None and spot.dimension in ("person", "household", ""):
            yield count(spot.element, conditions, facts, f"按“{view.form.title}”名册逐行计数", exact=bool(implied))


def _facet_conditions(spot: Spot, facts: Mapping[str, Any], facets: Facets) -> tuple[Condition, ...] | None:
    """党员文化程度 / 初中及以下: the label names a step of schooling or a kind of disability."""
    for hit in facets.hits(spot.text):
        fact = count_rules().facets.get(hit.facet)
        if fact is not None and not hit.rest and fact in facts:
            if hit.facet == "schooling":
                return (Condition(fact, "steps", (hit.value,)),)
            words = tuple(w for f in facets.words.facets if f.id == hit.facet for w, v in f.words if v == hit.value)
            return (Condition(fact, "is", words),)
    return None


def count(
    element: Element, conditions: Sequence[Condition], facts: Mapping[str, Element], how: str, *, exact: bool
) -> Derivation:
    """The derivation that counts rows; its first input is what stands for a row (the name) when there is no condition."""
    inputs: list[str] = []
    where: list[tuple[str, str]] = []
    shown: list[str] = []
    for condition in conditions:
        fact = available(condition.fact, facts) or condition.fact
        source = facts[fact]
        inputs.append(source.id)
        where.append((source.id, "|".join((_reading(condition.fact, fact), condition.op, *condition.values))))
        shown.append(condition.words(source.name))
    if not inputs:
        inputs = [facts["name"].id]
    rule = how + (f"：{'，'.join(shown)}" if shown else "")
    return Derivation(element.id, tuple(dict.fromkeys(inputs)), Formula.COUNT, rule, exact, where=tuple(where))


def _reading(wanted: str, fact: str) -> str:
    """How the value of a fact is read as the wanted one: age from an ID number is "age<id-number"."""
    return wanted if wanted == fact else f"{wanted}<{fact}"


def counts_from_table(merged: Merged) -> Iterator[Derivation]:
    """Figures of a place that the rows of the one table's people could give - as far as everyone is in it, so not exact."""
    facts: dict[str, Element] = {}
    by_group: dict[str, list[Element]] = defaultdict(list)
    for element in merged.elements:
        m = element.meaning
        if m.entity == "person" and m.role == "self" and len(m.concept) == 1 and not m.qualifiers and not m.context:
            facts[m.concept[0]] = element
        elif m.entity in PLACES and m.measure == "figure" and m.dimension == "person" and m.concept:
            by_group[m.entity].append(element)
    if "name" not in facts:
        return
    for elements in by_group.values():
        for element in elements:
            conditions = conditions_of(element, facts, frozenset())
            if conditions:
                yield count(element, conditions, facts, "按人员名册逐人计数（名册齐全时）", exact=False)
