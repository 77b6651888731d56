"""What follows from one fact about the same person or household: sex, birth and age from the ID number, what a coded fact says
through a code list, incomes by definition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from consolidation.model import Derivation, Element, Formula, Merged

from .mapped import mapped_rules
from .view import FormView
from .words import read


@dataclass(frozen=True, slots=True)
class IdentityRule:
    target: str
    source: str
    formula: Formula
    written: str
    exact: bool
    rule: str


@dataclass(frozen=True, slots=True)
class FormulaRule:
    """`terms`: (sign, concept); a ratio has the numerator and the denominator."""

    target: str
    formula: Formula
    terms: tuple[tuple[int, str], ...]
    rule: str


@lru_cache(maxsize=1)
def identity_rules() -> tuple[IdentityRule, ...]:
    """data/derivations/identity.yml, then mapped.yml."""
    read_off = tuple(
        IdentityRule(e["target"], e["from"], Formula(e["formula"]), e.get("as", ""), e.get("exact", True), e["rule"])
        for e in read("identity")
    )
    return read_off + tuple(IdentityRule(r.target, r.source, Formula.MAPPED, "", r.exact, r.rule) for r in mapped_rules())


@lru_cache(maxsize=1)
def formula_rules() -> tuple[FormulaRule, ...]:
    """data/derivations/formulas.yml."""
    found = []
    for entry in read("formulas"):
        formula = Formula.SUM if "sum" in entry else Formula.RATIO
        terms = tuple((-1 if word.startswith("-") else 1, word.removeprefix("-")) for word in entry.get("sum") or entry["ratio"])
        found.append(FormulaRule(entry["target"], formula, terms, entry["rule"]))
    return tuple(found)


_WHOSE = frozenset({"person", "household", "dwelling", "organisation"})


def _concept(element: Element) -> str:
    return element.meaning.concept[0] if len(element.meaning.concept) == 1 else ""


def _owner(element: Element) -> tuple[object, ...]:
    """Whose fact it is: everything of the meaning but the concept and its unit."""
    m = element.meaning
    return m.entity, m.role, m.qualifiers, m.context


def _derive(rule: IdentityRule, target: Element, source: Element) -> Derivation:
    where: tuple[tuple[str, str], ...] = (("as", rule.written),) if rule.written else ()
    if rule.formula is Formula.MAPPED:
        where = ((rule.source, rule.target),)
    return Derivation(target.id, (source.id,), rule.formula, rule.rule, rule.exact, where=where)


def identities(merged: Merged, views: Iterable[FormView]) -> Iterator[Derivation]:
    """Sex, birth and age of whoever's ID number or birth date stands on the same form or anywhere in the one table, and what
    their coded facts say."""
    by_owner: dict[tuple[object, ...], dict[str, Element]] = defaultdict(dict)
    for element in merged.elements:
        if element.meaning.entity in _WHOSE and _concept(element):
            by_owner[_owner(element)][_concept(element)] = element
    for facts in by_owner.values():
        for rule in identity_rules():
            if rule.target in facts and rule.source in facts:
                yield _derive(rule, facts[rule.target], facts[rule.source])
    for view in views:
        yield from _on_form(view)


def _on_form(view: FormView) -> Iterator[Derivation]:
    """On one form a person's facts may be told apart by other words; where a role has one of each, they belong together."""
    by_role: dict[tuple[str, str, tuple[str, ...]], dict[str, list[Element]]] = defaultdict(lambda: defaultdict(list))
    for spot in view.spots:
        m = spot.element.meaning
        if m.entity in _WHOSE and _concept(spot.element):
            for block in {(), spot.field.path[:-1]}:
                by_role[m.entity, m.role, block][_concept(spot.element)].append(spot.element)
    for facts in by_role.values():
        for rule in identity_rules():
            targets, sources = facts.get(rule.target, []), facts.get(rule.source, [])
            if len(targets) == 1 and len(sources) == 1:
                yield _derive(rule, targets[0], sources[0])


def definitions(views: Iterable[FormView]) -> Iterator[Derivation]:
    """Incomes and the like by definition, where one form prints all terms for the same household."""
    for view in views:
        by_owner: dict[tuple[object, ...], dict[str, Element]] = defaultdict(dict)
        for spot in view.spots:
            if spot.element.meaning.entity != "filing" and _concept(spot.element):
                by_owner[_owner(spot.element)].setdefault(_concept(spot.element), spot.element)
        for facts in by_owner.values():
            yield from _defined(facts)


def _defined(facts: Mapping[str, Element]) -> Iterator[Derivation]:
    for rule in formula_rules():
        if rule.target not in facts or any(concept not in facts for _, concept in rule.terms):
            continue
        inputs = [facts[concept] for _, concept in rule.terms]
        alike = inputs if rule.formula is Formula.SUM else inputs[:1]  # a mean is in the unit of what it is the mean of
        if len({e.unit for e in (*alike, facts[rule.target])} - {""}) > 1:
            continue
        if (
            rule.formula is Formula.RATIO
            and inputs[0].unit != facts[rule.target].unit
            and inputs[0].unit
            and facts[rule.target].unit
        ):
            continue
        made = Derivation(facts[rule.target].id, tuple(e.id for e in inputs), rule.formula, rule.rule, True, scale=Decimal(1))
        yield made if rule.formula is Formula.RATIO else replace(made, weights=tuple(sign for sign, _ in rule.terms))
