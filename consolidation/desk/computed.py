"""Figures of a place that nobody types: those that shared data gave, and those that follow from other figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Connection

from consolidation.derive.evaluate import evaluate
from consolidation.model import Derivation, Formula
from consolidation.store import OPEN, Held, State, figures
from forms.periods import Period

from . import values
from .catalogue import Catalogue, figure_period
from .model import PROGRAM

COMPUTED = (Formula.SUM, Formula.RATIO, Formula.MAPPED)
SOURCE = "推算"


def is_prefilled(held: Held | None) -> bool:
    """Whether shared data gave what a figure holds and nobody has looked at it otherwise: also after it was submitted as it
    stood and returned, when it is a draft like all others."""
    return held is not None and held.value is not None and (held.state is State.PREFILLED or held.actor == PROGRAM.id)


def is_kept(held: Held) -> bool:
    """Whether a figure holds what once followed from others (it is written down with the submission) and, now that the report
    can be changed again, follows from them again."""
    return held.source == SOURCE and held.state in OPEN and not is_prefilled(held)


@lru_cache(maxsize=64)
def plan_of(catalogue: Catalogue, prefilled: frozenset[str]) -> Mapping[str, Derivation]:
    """What is computed rather than asked when the figures of `prefilled` are there: target -> how."""
    found = catalogue.plan(prefilled).derived
    return {
        target: derivation for target, derivation in found.items()
        if target in catalogue.asked and derivation.formula in COMPUTED and catalogue.asked.keys() >= set(derivation.inputs)
    }  # fmt: skip


@lru_cache(maxsize=8)
def computable(catalogue: Catalogue) -> Collection[str]:
    """The elements that may follow from others at all, whatever is there."""
    return frozenset(one.target for one in catalogue.derivations if one.formula in COMPUTED)


def follow(plan: Mapping[str, Derivation], known: Mapping[str, str | None], reported: Period) -> dict[str, str]:
    """The values of a plan's targets that follow from what is known, one from another. `known` (element -> what is held) is
    never overruled: a target that holds something is left out."""
    found: dict[str, str] = {}
    at_hand = {element: text for element, text in known.items() if text is not None}
    grown = True
    while grown:
        grown = False
        for target, derivation in plan.items():
            if target in at_hand or any(source not in at_hand for source in derivation.inputs):
                continue
            value = values.stored(evaluate(derivation, {one: at_hand[one] for one in derivation.inputs}, reported.end))
            if value is not None:
                at_hand[target] = found[target] = value
                grown = True
    return found


def followed(connection: Connection, catalogue: Catalogue, place: str, period: str) -> dict[str, str]:
    """What follows now from the figures that a place holds: element -> value, where nobody typed one."""
    reported = Period.parse(period)
    own = {element.id: str(figure_period(element, reported)) for element in catalogue.figures}
    found = figures.of_region(connection, place, sorted(set(own.values())))
    return _followed(catalogue, [held for held in found if own.get(held.key.element) == held.key.period], reported)


def _followed(catalogue: Catalogue, held: Sequence[Held], reported: Period) -> dict[str, str]:
    plan = plan_of(catalogue, frozenset(one.key.element for one in held if is_prefilled(one)))
    known = {one.key.element: None if is_kept(one) and one.key.element in plan else one.value for one in held}
    return follow(plan, known, reported)
