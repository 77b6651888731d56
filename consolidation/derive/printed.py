"""Printed 逻辑关系: equalities are derivations, inequalities are checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from consolidation.exact import factor_between
from consolidation.model import Derivation, Formula, Merged

from .view import FormView, Labels, Spot, views


@dataclass(frozen=True, slots=True)
class Check:
    """A relation that figures of one form must meet: left <op> right, as (weight, element id) terms."""

    form: str
    file: str
    left: tuple[tuple[int, str], ...]
    op: str
    right: tuple[tuple[int, str], ...]
    text: str
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Equality:
    total: Spot
    parts: tuple[tuple[int, Spot], ...]
    text: str


def _spots(view: FormView) -> dict[str, Spot]:
    return {spot.field.id: spot for spot in view.spots}


def equalities(view: FormView) -> Iterator[Equality]:
    """A rule with one term alone on a side says how it follows from the other side: 10=11+12, but also 08+09=07."""
    spots = _spots(view)
    for rule in view.form.rules:
        if rule.op != "=":
            continue
        for alone, others in ((rule.left, rule.right), (rule.right, rule.left)):
            if len(alone) != 1 or not others or any(key not in spots for _, key in (*alone, *others)):
                continue
            sign, key = alone[0]
            yield Equality(spots[key], tuple((sign * weight, spots[other]) for weight, other in others), rule.text)


def bounded(view: FormView) -> dict[str, set[str]]:
    """Fields that a printed rule says are part of another (part <= whole): whole -> parts. Such parts are 其中, no partition."""
    found: dict[str, set[str]] = {}
    for rule in view.form.rules:
        big, small = (rule.left, rule.right) if rule.op in (">=", ">") else (rule.right, rule.left)
        if rule.op not in ("=",) and len(big) == 1:
            found.setdefault(big[0][1], set()).update(key for _, key in small)
    return found


def checks(merged: Merged, labels: Labels) -> tuple[Check, ...]:
    """All printed relations of all forms, over elements."""
    found = []
    for view in views(merged, labels):
        spots = _spots(view)
        for rule in view.form.rules:
            if all(key in spots for _, key in (*rule.left, *rule.right)):
                left, right = (tuple((w, spots[key].element.id) for w, key in side) for side in (rule.left, rule.right))
                found.append(Check(view.form.id, view.form.file, left, rule.op, right, rule.text, str(rule.cell)))
    return tuple(found)


def derivation(equality: Equality, labels: Labels) -> Derivation | None:
    """The equality as a derivation between elements, None where units do not allow it."""
    factors = _factors([equality.total, *(spot for _, spot in equality.parts)], labels)
    if len(set(factors[1:])) != 1 or not factors[0]:
        return None
    return Derivation(
        target=equality.total.element.id,
        inputs=tuple(spot.element.id for _, spot in equality.parts),
        formula=Formula.SUM,
        rule=f"表内逻辑关系：{equality.text}",
        exact=True,
        weights=tuple(weight for weight, _ in equality.parts),
        scale=factor_between(factors[1], factors[0]),
    )


def _factors(spots: Sequence[Spot], labels: Labels) -> list[Decimal]:
    """Element's figure x factor = the figure to add up: in the base unit where all have units of one dimension (万元 = 元 + 元),
    else as printed."""
    units = [labels.lexicon.unit(spot.unit) for spot in spots]
    known = [unit for unit in units if unit is not None]
    if len(known) < len(spots) or len({unit.dimension for unit in known}) != 1:
        return [spot.factor for spot in spots]
    return [spot.factor * unit.factor for spot, unit in zip(spots, known, strict=True)]
