"""Conflicts: shared lists that disagree about somebody, and figures that somebody says are wrong. A steward takes one value or
a third; what it was stays in the figure's history, and whoever raised it sees the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from consolidation.model import Element
from consolidation.store import Entry, Held, Key, Stale, State, figures, subjects
from consolidation.store.schema import conflict, region, region_above, remark, submission
from consolidation.store.schema import period as periods
from consolidation.store.subjects import Subject
from forms.periods import Period

from . import personal, soft_count, values
from .catalogue import figure_period
from .context import Desk
from .differing import SETTLED, opened_value, record_sources
from .dispatch import OPEN as OPENED
from .dispatch import catalogue_of
from .model import Actor, Clash, Invalid, NotThere, Role, demand
from .names import names_of
from .roster_edits import ACTIVE
from .standing import standing
from .stewards import line

WHAT = "处理数据冲突"
OPEN, RESOLVED = "open", "resolved"
TAKE_FIRST, TAKE_OTHER, TAKE_THIRD = "first", "other", "third"
TAKEN_NAMES = {TAKE_FIRST: "取甲", TAKE_OTHER: "取乙", TAKE_THIRD: "另定"}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One figure, two values. `first` is the one in force (甲), `other` the one against it (乙). `now`: what is held now; `whom`:
    who or what it is about, masked. `resolution`: what was taken and why, "" = open."""

    seq: int
    kind: str  # sources, dispute
    element: str
    name: str
    unit: str
    options: tuple[str, ...]
    place: str
    place_name: str
    period: str
    whom: str
    first: str | None
    first_source: str
    other: str | None
    other_source: str
    reason: str
    raised_by: str
    raised_at: str
    state: str
    resolved_by: str
    resolved_at: str
    resolution: str
    now: str | None
    version: int
    history: tuple[Held, ...] = ()

    @property
    def period_name(self) -> str:
        return Period.parse(self.period).chinese


def find_conflicts(desk: Desk, actor: Actor, place: str, period: str) -> int:
    """Reads the shared lists for a place and writes down where they disagree; gives how many are new. Raises NotAllowed,
    NotThere, CannotDo when the lists cannot be read."""
    with desk.store.read() as connection:
        demand(connection, actor, place, WHAT, Role.STEWARD)
    if desk.shared is None:
        return 0
    catalogue = catalogue_of(desk, period)
    found = desk.shared.filled(catalogue, place, Period.parse(period)).conflicts

    def job(connection: Connection) -> int:
        count = record_sources(connection, desk, catalogue, place, period, found)
        desk.note(connection, actor, "find-conflicts", period, chain=place, new=count)
        return count

    return desk.store.write_apart(job)


def conflicts(desk: Desk, actor: Actor, state: str = OPEN, place: str = "", most: int = 500) -> tuple[Conflict, ...]:
    """The conflicts in the actor's region (in one place of it), by place. Raises NotAllowed, NotThere."""
    top = place or actor.region
    inside = select(region_above.c.code).where(region_above.c.above == top)
    with desk.store.read() as connection:
        demand(connection, actor, top, WHAT, Role.STEWARD)
        query = select(conflict).where(conflict.c.region.in_(inside), conflict.c.state == state)
        rows = connection.execute(query.order_by(conflict.c.region, conflict.c.seq).limit(most)).all()
        elements = _elements(connection, desk)
        found = tuple(_conflict(connection, desk, row, elements) for row in rows)
    if found:
        _noted(desk, actor, top, len(found))
    return found


def _noted(desk: Desk, actor: Actor, place: str, count: int) -> None:
    desk.store.write(lambda c: desk.note(c, actor, "read-conflicts", chain=place, count=count))


def conflict_of(desk: Desk, actor: Actor, seq: int) -> Conflict:
    """One conflict with the figure's history. Raises NotAllowed, NotThere."""
    with desk.store.read() as connection:
        row = _row(connection, actor, seq)
        found = _conflict(connection, desk, row, _elements(connection, desk))
        key = Key(row.element, row.entity, row.period)
        past = [replace(h, value=personal.opened(desk.secrets, h.key, h.value)) for h in figures.history(connection, key)]
        names = names_of(connection, [h.actor for h in past])
    _noted(desk, actor, row.region, 1)
    return replace(found, history=tuple(replace(h, actor=names.get(h.actor, h.source)) for h in past))


def _row(connection: Connection, actor: Actor, seq: int) -> Row[Any]:
    row = connection.execute(select(conflict).where(conflict.c.seq == seq)).one_or_none()
    if row is None:
        demand(connection, actor, actor.region, WHAT, Role.STEWARD)
        raise NotThere("这个冲突")
    demand(connection, actor, row.region, WHAT, Role.STEWARD)
    return row


def my_disputes(desk: Desk, actor: Actor, most: int = 100) -> tuple[Conflict, ...]:
    """What the actor disputed, the latest first, with the answers. Places that are theirs no longer are left out."""
    inside = select(region_above.c.code).where(region_above.c.above == actor.region)
    c = conflict
    with desk.store.read() as connection:
        query = select(c).where(c.c.raised_by == actor.id, c.c.kind == "dispute", c.c.region.in_(inside))
        rows = connection.execute(query.order_by(c.c.seq.desc()).limit(most)).all()
        elements = _elements(connection, desk)
        return tuple(_conflict(connection, desk, row, elements) for row in rows)


def resolve(
    desk: Desk, actor: Actor, seq: int, take: str, reason: str, third: str = "", version: int | None = None
) -> None:  # fmt: skip
    """Takes one value, the other, or a third. The figure becomes it, with what it was in its history, the levels above see the
    correction, and whoever raised it sees the answer. `version`: of the figure as the steward saw it. Raises NotAllowed,
    NotThere, Invalid, Clash."""
    said = line(reason, "理由", 300, needed=True)
    if take not in TAKEN_NAMES:
        raise Invalid("steward.no-choice")
    with desk.store.read() as connection:
        element = _elements(connection, desk).get(_row(connection, actor, seq).element)
    if element is None:
        raise NotThere("这一栏")

    def job(connection: Connection) -> None:
        row = _row(connection, actor, seq)
        if row.state != OPEN:
            raise Clash("steward.resolved")
        key = Key(row.element, row.entity, row.period)
        value = {
            TAKE_FIRST: lambda: opened_value(desk, row, row.value),
            TAKE_OTHER: lambda: opened_value(desk, row, row.other_value),
            TAKE_THIRD: lambda: values.typed(element, third),
        }[take]()
        if value is None and take != TAKE_FIRST:
            raise Invalid("steward.no-choice")
        now = desk.now()
        _settle(connection, desk, actor, element, key, row, value, said, version, now)
        resolution = f"{TAKEN_NAMES[take]}：{said}"
        change = {"state": RESOLVED, "resolved_by": actor.id, "resolved_at": now, "resolution": resolution}
        connection.execute(update(conflict).where(conflict.c.seq == seq, conflict.c.state == OPEN).values(**change))
        _answer(connection, actor, element, row, resolution, now)
        desk.note(connection, actor, "resolve-conflict", row.element, chain=row.region, conflict=seq, take=take)

    desk.store.write(job)


def _settle(
    connection: Connection, desk: Desk, actor: Actor, element: Element, key: Key, row: Row[Any],
    value: str | None, reason: str, version: int | None, now: str,
) -> None:  # fmt: skip
    """The figure becomes the value. What shared data had filled in becomes a person's word, so that the next prefilling does not
    write over it."""
    held = figures.held(connection, key)
    if version is not None and version != (held.version if held is not None else 0):
        shown = personal.opened(desk.secrets, key, held.value) if held is not None else None
        raise Clash("steward.changed-since", value=shown if shown is not None else "空")
    before = personal.opened(desk.secrets, key, held.value) if held is not None else None
    if held is not None and before == value and held.state is not State.PREFILLED:
        return
    state = _state(connection, element, row, held)
    sealed = personal.sealed(desk.secrets, element, key, value)
    entry = Entry(key, str(row.region), sealed, state, SETTLED, f"冲突 {row.seq}", actor.id, now, reason)
    _know(connection, actor, row, now)
    try:
        if held is None:
            figures.save(connection, entry, 0)
        else:
            figures.correct(connection, entry, held.version)
            soft_count.corrected(connection, str(row.region), row.period)
    except Stale as found:
        raise Clash("steward.changed-since", value="另一个数") from found


def _state(connection: Connection, element: Element, row: Row[Any], held: Held | None) -> State:
    if held is not None and held.state in (State.REPORTED, State.APPROVED):
        return held.state
    if row.entity == row.region:
        _demand_open(connection, element, row)
        return State.DRAFT
    # About somebody: with a report that is handed in already it is a correction.
    return State.DRAFT if _fillable(connection, row) else State.REPORTED


def _fillable(connection: Connection, row: Row[Any]) -> bool:
    try:
        return standing(connection, row.region, row.period).fillable
    except NotThere:
        return True


def _know(connection: Connection, actor: Actor, row: Row[Any], now: str) -> None:
    """Whom the decision is about, so that what is counted from rows leads back to a number."""
    if row.number and row.entity not in subjects.of_ids(connection, [row.entity]):
        one = Subject(row.entity, row.subject_kind, row.region, row.number, ACTIVE, now, actor.id)
        subjects.put(connection, one)


def _demand_open(connection: Connection, element: Element, row: Row[Any]) -> None:
    """What was not reported before the period ended is no longer: only reported figures are corrected then. Raises Clash."""
    for place in connection.execute(select(submission).where(submission.c.region == row.region, submission.c.closed != "")):
        if str(figure_period(element, Period.parse(place.period))) == row.period:
            raise Clash("desk.closed", what="填报没有报过的数")


def _answer(
    connection: Connection, actor: Actor, element: Element, row: Row[Any], resolution: str, now: str
) -> None:  # fmt: skip
    """A remark on the cell, where the one table of the place has it."""
    if row.entity != row.region:
        return
    query = select(submission.c.period).where(submission.c.region == row.region)
    reported = [Period.parse(text) for text in connection.execute(query).scalars()]
    mine = [one for one in reported if str(figure_period(element, one)) == row.period]
    if mine:
        connection.execute(insert(remark).values(
            region=row.region, period=str(max(mine)), element=row.element, entity=row.entity, kind="answer",
            text=resolution[:500], actor=actor.id, at=now,
        ))  # fmt: skip


def _conflict(connection: Connection, desk: Desk, row: Row[Any], elements: Mapping[str, Element]) -> Conflict:
    element = elements.get(row.element)
    key = Key(row.element, row.entity, row.period)
    held = figures.held(connection, key)
    place = connection.execute(select(region.c.name).where(region.c.code == row.region)).scalar_one_or_none()
    names = names_of(connection, [row.raised_by, row.resolved_by])
    whom, _, reason = row.reason.partition("\n") if row.kind == "sources" else ("", "", row.reason)
    return Conflict(
        row.seq, row.kind, row.element, element.name if element else "（已停用的栏目）", element.unit if element else "",
        element.options if element else (), row.region, place or row.region, row.period,
        whom, opened_value(desk, row, row.value), row.source, opened_value(desk, row, row.other_value), row.other_source, reason,
        names.get(row.raised_by, "程序"), row.raised_at, row.state, names.get(row.resolved_by, ""), row.resolved_at,
        row.resolution, personal.opened(desk.secrets, key, held.value) if held is not None else None,
        held.version if held is not None else 0,
    )  # fmt: skip


def _elements(connection: Connection, desk: Desk) -> Mapping[str, Element]:
    """What is asked now, and what is asked in the periods that are open (merged by what was decided when they were opened)."""
    found = dict(desk.catalogues.of(connection).elements)
    for row in connection.execute(select(periods).where(periods.c.state == OPENED)).all():
        dispatched = desk.catalogues.of(connection, json.loads(row.forms), Period.parse(row.period), row.opened_at)
        found |= dispatched.elements
    return found
