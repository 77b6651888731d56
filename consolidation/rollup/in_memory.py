"""Rolling up the figures of a county in memory; many million figures are consolidation/engines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, Inexact, localcontext

from .reported import WORST, Given, Places, Status, place_status, reading, stamp
from .rolled import Partial, Rolled, finish
from .rule import PAIRED, Kind, Target


@dataclass(frozen=True)
class _Row:
    """What one entity (or the place itself) has for one target."""

    entity: str
    status: Status
    first: Decimal | None
    second: Decimal | None
    stamp: str


def roll_up(
    places: Places, targets: Sequence[Target], figures: Iterable[Given], regions: Sequence[str] = ()
) -> dict[tuple[str, str], Rolled]:
    """(region, element) -> value, for the regions asked for, or all of the tree."""
    held = _by_element(figures)
    wanted = list(regions) or list(places.parent)
    found = {}
    for target in targets:
        rows = _rows(target, held)
        expected = places.expected(target.level)
        inside: dict[str, list[str]] = {region: [] for region in wanted}
        for one in sorted(expected):
            for above in places.above(one):
                if above in inside:
                    inside[above].append(one)
        for region in wanted:
            here = inside[region]
            part = _total(target, [(one, rows[one]) for one in here if one in rows], places.done)
            found[region, target.element] = finish(target, region, part, len(here), len(places.done.intersection(here)))
    return found


def not_given(places: Places, targets: Sequence[Target], figures: Iterable[Given]) -> dict[tuple[str, str], Status]:
    """(place, element) -> why it has no (whole) figure, of every place from which one is due."""
    held = _by_element(figures)
    found: dict[tuple[str, str], Status] = {}
    for target in targets:
        if target.rule.kind is Kind.NONE:
            continue
        rows = _rows(target, held)
        for one in places.expected(target.level):
            status = place_status([row.status for row in rows.get(one, [])], target.roster and one in places.done)
            if status is not Status.GIVEN:
                found[one, target.element] = status
    return found


def _by_element(figures: Iterable[Given]) -> dict[str, list[Given]]:
    held: dict[str, list[Given]] = {}
    for one in figures:
        held.setdefault(one.element, []).append(one)
    return held


def _rows(target: Target, held: Mapping[str, list[Given]]) -> dict[str, list[_Row]]:
    """By place, what is held for a target. A place's own figure is of the place; a list's figures are of somebody else."""
    rule = target.rule
    if rule.kind is Kind.NONE:
        return {}
    columns = [
        {(one.region, one.entity): one for one in held.get(name, ()) if (one.entity != one.region) == target.roster}
        for name in rule.of(target.element)
    ]
    rows: dict[str, list[_Row]] = {}
    if rule.kind in PAIRED:
        for key in columns[0].keys() | columns[1].keys():
            rows.setdefault(key[0], []).append(_pair(key[1], columns[0].get(key), columns[1].get(key)))
        return rows
    for column in columns:
        for (region, entity), one in column.items():
            status, number = reading(one.value)
            if rule.kind in (Kind.DISTINCT, Kind.LAST) and status is Status.UNREADABLE:
                status = Status.GIVEN  # a text is what was asked for
            rows.setdefault(region, []).append(_Row(entity, status, number, None, stamp(one)))
    return rows


def _pair(entity: str, a: Given | None, b: Given | None) -> _Row:
    (sa, first), (sb, second) = (reading(one.value) if one is not None else (Status.BLANK, None) for one in (a, b))
    return _Row(entity, max(sa, sb, key=WORST.index), first, second, "")


def _total(target: Target, here: Sequence[tuple[str, Sequence[_Row]]], done: frozenset[str]) -> Partial:
    part = Partial()
    members = set()
    with localcontext(prec=200) as context:
        context.traps[Inexact] = True  # a sum that is not exact is no sum
        for one, rows in here:
            status = place_status([row.status for row in rows], False)
            name = status.value.replace("-", "_")
            setattr(part, name, getattr(part, name) + 1)
            part.present_done += one in done
            for row in rows:
                if row.status is Status.GIVEN:
                    members.add(row.entity)
                    _add(target.rule.kind, part, row)
    part.members = len(members)
    return part


def _add(kind: Kind, part: Partial, row: _Row) -> None:
    part.values += 1
    part.last = max(part.last, row.stamp)
    if row.first is None:
        return
    if kind is Kind.MEAN and row.second is not None:
        part.first += row.first * row.second
    else:
        part.first += row.first
    part.second += row.second or 0
    part.low = row.first if part.low is None else min(part.low, row.first)
    part.high = row.first if part.high is None else max(part.high, row.first)
