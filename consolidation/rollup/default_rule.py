"""Which rule an element is rolled up by, when no steward has said: from what it measures (data/desk/rollup.yml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from consolidation.exact import exact_factor
from consolidation.meaning.model import PLACES
from consolidation.model import Derivation, Element, Formula

from .rule import Kind, Rule

FILE = Path(__file__).resolve().parents[2] / "data" / "desk" / "rollup.yml"
NONE = Rule(Kind.NONE)


@dataclass(frozen=True)
class Words:
    """data/desk/rollup.yml. `aggregates`: value of the qualifier -> dimension of the weight, "" = none is known; `weights`:
    dimension -> names of elements that serve as weight, the best first."""

    additive: frozenset[str]
    additive_measures: frozenset[str]
    ratios: frozenset[str]
    aggregates: Mapping[str, str]
    identities: frozenset[str]
    weights: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def words() -> Words:
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return Words(
        frozenset(data["additive"]),
        frozenset(data["additive_measures"]),
        frozenset(data["ratios"]),
        dict(data["aggregates"]),
        frozenset(data["identities"]),
        {dimension: tuple(names) for dimension, names in data["weights"].items()},
    )


def rollup_rule(element: Element, derivations: Iterable[Derivation], weights: Mapping[str, str] | None = None) -> Rule:
    """The rule of an element.

    Counts, amounts and areas add up. A ratio or mean whose numerator and denominator are known is made anew from their sums;
    one whose weight is known (`weights`: dimension -> element id, 人数 for 人均) is a weighted mean; any other is not rolled up.
    What a higher place asks for and the lower ones report under another element is the sum of that one. People and households
    are counted once by their number. Text, choices and dates are not rolled up.
    """
    own = [one for one in derivations if one.target == element.id and one.exact]
    meaning, known = element.meaning, words()
    aggregate = next((value for kind, value in meaning.qualifiers if kind == "aggregate"), "")
    if meaning.measure == "identity":
        counted = meaning.entity in ("person", "household") and meaning.role in ("", "self")
        return Rule(Kind.DISTINCT) if counted and known.identities & set(meaning.concept) else NONE
    if element.type != "number" or meaning.entity == "filing":
        return NONE
    if meaning.measure == "ratio" or meaning.dimension in known.ratios or aggregate or _of(own, Formula.RATIO):
        return _of_ratio(element.id, _of(own, Formula.RATIO), aggregate, weights or {})
    below = _of(own, Formula.ROLL_UP)
    if below is not None:
        return Rule(Kind.SUM, below.inputs, exact_factor(below.scale))
    adds = meaning.dimension in known.additive if meaning.dimension else meaning.measure in known.additive_measures
    return Rule(Kind.SUM) if adds else NONE


def rules_of(elements: Sequence[Element], derivations: Sequence[Derivation]) -> dict[str, Rule]:
    """The rule of each element, means weighted by an element of the same level that data/desk/rollup.yml names."""
    known: dict[str, dict[str, str]] = {}
    for one in elements:
        known.setdefault(one.meaning.entity, {}).setdefault(one.name, one.id)
    weights = {
        entity: {
            dimension: found
            for dimension, names in words().weights.items()
            if (found := next((ids[name] for name in names if name in ids), ""))
        }
        for entity, ids in known.items()
    }
    return {one.id: rollup_rule(one, derivations, weights[one.meaning.entity]) for one in elements}


def _of_ratio(target: str, parts: Derivation | None, aggregate: str, weights: Mapping[str, str]) -> Rule:
    if parts is not None:
        return Rule(Kind.RATIO, parts.inputs, exact_factor(parts.scale))
    weight = weights.get(words().aggregates.get(aggregate, ""), "")
    return Rule(Kind.MEAN, (target, weight)) if weight else NONE


def _of(derivations: Iterable[Derivation], formula: Formula) -> Derivation | None:
    return next((one for one in derivations if one.formula is formula), None)


def is_roster(entity: str) -> bool:
    """Whether an element's figures are of people, households … of a place, and not of the place itself."""
    return entity not in PLACES


def level_of(entity: str) -> str:
    """The level of the places that report an element; "" = whichever is the lowest."""
    return entity if entity in PLACES and entity != "place" else ""
