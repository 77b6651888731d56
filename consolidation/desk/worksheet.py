"""A worker's one table: what is asked of a place for a period, what is there already and from where, what is still missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from consolidation.model import Derivation, Element, Formula
from consolidation.store import Held, Key, figures
from consolidation.store.schema import account, region, remark, submission
from forms.periods import Period

from . import personal
from .catalogue import Catalogue, figure_period
from .computed import SOURCE, follow, is_kept, is_prefilled, plan_of
from .context import Desk
from .dispatch import catalogue_of, read_period
from .model import FILLABLE, Actor, NotThere, Role, SubmissionState, demand
from .names import names_of

READERS = (Role.WORKER, Role.LEADER, Role.STEWARD)


@dataclass(frozen=True, slots=True)
class Remark:
    """What a leader wrote on a cell, or a worker on an unusual value."""

    seq: int
    element: str
    kind: str
    text: str
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class Item:
    """One figure of the one table. `value` None = not there. `given`: how it came: typed, prefilled, computed or "" (missing).
    `rule`: how it is computed; then `inputs` are the elements it needs. `version`: 0 = nobody has written it yet."""

    element: str
    name: str
    label: str  # as the form prints it, with the captions above it
    section: str
    unit: str
    type: str
    options: tuple[str, ...]
    period: str
    value: str | None
    given: str
    state: str
    source: str
    detail: str
    who: str
    at: str
    note: str
    version: int
    previous: str | None
    previous_period: str
    rule: str
    inputs: tuple[str, ...]
    weights: tuple[int, ...]
    formula: str  # sum: inputs times weights; others are computed by the server alone
    forms: tuple[str, ...]
    personal: bool = False
    remarks: tuple[Remark, ...] = ()

    @property
    def missing(self) -> bool:
        """Whether a person still has to give it."""
        return self.given == ""


@dataclass(frozen=True)
class Worksheet:
    """The one table of a place for a period."""

    region: str
    region_name: str
    period: str
    state: SubmissionState
    deadline: str
    version: int
    items: tuple[Item, ...]
    closed: bool = False  # the period is over for the place

    @property
    def period_name(self) -> str:
        return Period.parse(self.period).chinese

    @property
    def missing(self) -> int:
        return sum(item.missing for item in self.items)

    @property
    def done(self) -> int:
        return len(self.items) - self.missing

    @property
    def sections(self) -> Mapping[str, tuple[Item, ...]]:
        """Items by chapter, the missing ones first in each; chapters with missing ones first."""
        found: dict[str, list[Item]] = {}
        for item in self.items:
            found.setdefault(item.section, []).append(item)
        ordered = sorted(found.items(), key=lambda pair: -sum(item.missing for item in pair[1]))
        return {name: tuple(sorted(items, key=lambda item: not item.missing)) for name, items in ordered}


def worksheet(desk: Desk, actor: Actor, place: str, period: str) -> Worksheet:
    """The one table as it stands. Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)
    with desk.store.read() as connection:
        demand(connection, actor, place, "查看报表", *READERS, scope="figures:read")
        return read_worksheet(connection, desk, catalogue, place, period)


def read_worksheet(connection: Connection, desk: Desk, catalogue: Catalogue, place: str, period: str) -> Worksheet:
    """`worksheet` within a connection of the caller's, who has looked at the rights."""
    row = connection.execute(select(submission).where(submission.c.region == place, submission.c.period == period)).one_or_none()
    if row is None:
        raise NotThere(f"{period} 在这里的报表")
    read_period(connection, period)
    reported = Period.parse(period)
    own = {element.id: str(figure_period(element, reported)) for element in catalogue.figures}
    before = {element.id: str(figure_period(element, reported).previous()) for element in catalogue.figures}
    wanted = sorted({*own.values(), *before.values()})
    held = {(h.key.element, h.key.period): _open(desk, catalogue, h) for h in figures.of_region(connection, place, wanted)}
    people = names_of(connection, {h.actor for h in held.values()})
    remarks = _remarks(connection, place, period)
    items = []
    for element in catalogue.figures:
        now = held.get((element.id, own[element.id]))
        last = held.get((element.id, before[element.id]))
        item = _item(catalogue, element, now, last, own[element.id], before[element.id], people)
        items.append(replace(item, remarks=tuple(remarks.get(element.id, ()))))
    name = connection.execute(select(region.c.name).where(region.c.code == place)).scalar_one()
    kept = {element for (element, at), one in held.items() if at == own.get(element) and is_kept(one)}
    computed = _compute(catalogue, items, kept, reported)
    return Worksheet(place, name, period, SubmissionState(row.state), row.deadline, row.version, computed, bool(row.closed))


@dataclass(frozen=True, slots=True)
class Past:
    """What a figure was once."""

    value: str | None
    state: str
    who: str
    at: str
    source: str
    note: str


def figure_history(desk: Desk, actor: Actor, place: str, period: str, element_id: str) -> tuple[Past, ...]:
    """Everything that a figure of a place ever was, oldest first. Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)
    element = catalogue.elements.get(element_id)
    if element is None:
        raise NotThere("这一栏")
    key = Key(element_id, place, str(figure_period(element, Period.parse(period))))
    with desk.store.read() as connection:
        demand(connection, actor, place, "查看报表", *READERS, scope="figures:read")
        found = [_open(desk, catalogue, held) for held in figures.history(connection, key)]
        people = names_of(connection, {held.actor for held in found})
    return tuple(Past(held.value, str(held.state), people.get(held.actor, ""), held.at, held.source, held.note) for held in found)


def item_of(sheet: Worksheet, element: str) -> Item:
    """One item of a one table. Raises NotThere."""
    for item in sheet.items:
        if item.element == element:
            return item
    raise NotThere("这一栏")


def may_write(actor: Actor) -> bool:
    """Whether the actor reports at all; where, the use case itself looks."""
    return actor.role in (Role.WORKER, Role.ADMINISTRATOR)


def may_approve(actor: Actor) -> bool:
    """Whether the actor approves and returns reports at all."""
    return actor.role in (Role.LEADER, Role.ADMINISTRATOR)


def may_fill(actor: Actor, sheet: Worksheet) -> bool:
    """Whether cells can be typed into now."""
    return may_write(actor) and sheet.state in FILLABLE and not sheet.closed


def _open(desk: Desk, catalogue: Catalogue, held: Held) -> Held:
    return personal.readable(desk.secrets, catalogue.elements.get(held.key.element), held)


def _item(
    catalogue: Catalogue, element: Element, now: Held | None, last: Held | None, period: str, before: str,
    people: Mapping[str, str],
) -> Item:  # fmt: skip
    value = now.value if now is not None else None
    given = "" if value is None else "prefilled" if is_prefilled(now) else "typed"
    return Item(
        element=element.id, name=element.name, label=catalogue.label(element), section=catalogue.section(element),
        unit=element.unit, type=element.type,
        options=element.options, period=period, value=value, given=given, state=str(now.state) if now else "",
        source=now.source if now else "", detail=now.detail if now else "", who=people.get(now.actor, "") if now else "",
        at=now.at if now else "", note=now.note if now else "", version=now.version if now else 0,
        previous=last.value if last else None, previous_period=before, rule="", inputs=(), weights=(),
        formula="",
        forms=tuple(edition.title for edition in catalogue.used_by(element)), personal=personal.is_sealed(element),
    )  # fmt: skip


def _compute(catalogue: Catalogue, items: Sequence[Item], kept: Collection[str], reported: Period) -> tuple[Item, ...]:
    """Figures that follow from others: their rule, and their value where nobody typed one. `kept`: those that were written down
    with an earlier submission and follow from the others again."""
    plan = plan_of(catalogue, frozenset(item.element for item in items if item.given == "prefilled"))
    known = {item.element: None if item.element in kept and item.element in plan else item.value for item in items}
    found = follow(plan, known, reported)
    return tuple(
        _as_computed(item, plan[item.element], known[item.element], found.get(item.element)) if item.element in plan else item
        for item in items
    )


def _as_computed(item: Item, derivation: Derivation, typed: str | None, value: str | None) -> Item:
    weights = derivation.weights or (1,) * len(derivation.inputs)
    formula = "sum" if derivation.formula is Formula.SUM and derivation.scale == 1 else ""
    item = replace(item, rule=derivation.rule, inputs=derivation.inputs, weights=weights, formula=formula)
    if typed is not None:
        return item
    if value is None:
        return replace(item, value=None, given="computed")
    return replace(item, value=value, given="computed", source=SOURCE, detail=derivation.rule)


def _remarks(connection: Connection, place: str, period: str) -> dict[str, list[Remark]]:
    query: Any = (
        select(remark, account.c.name.label("who"))
        .outerjoin(account, account.c.id == remark.c.actor)
        .where(remark.c.region == place, remark.c.period == period, remark.c.settled_at == "")
        .order_by(remark.c.seq)
    )
    found: dict[str, list[Remark]] = {}
    for row in connection.execute(query):
        found.setdefault(row.element, []).append(Remark(row.seq, row.element, row.kind, row.text, row.who or "", row.at))
    return found
