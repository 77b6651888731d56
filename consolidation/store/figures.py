"""Figures: each once. One current value for (element, entity, period); every change appended to its history.

A prefilled or drafted value may be written over; a reported one may not: whoever reports it again is told who did, and when,
and can correct or dispute it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert

from .schema import figure, figure_history, region_above


class State(StrEnum):
    PREFILLED = "prefilled"  # by shared data, not yet looked at
    DRAFT = "draft"  # by a person, not yet submitted
    REPORTED = "reported"
    APPROVED = "approved"  # by the level above


OPEN = (State.PREFILLED, State.DRAFT)


@dataclass(frozen=True, slots=True)
class Key:
    """What a figure is of. `entity`: the region's code, or the id of a person or household; `period`: str of a Period."""

    element: str
    entity: str
    period: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as it is to be held. `value`: as text (sealed where it is personal), None = cleared. `source`, `detail`: where it
    comes from; `actor`: the account's id, or the name of the program's part; `note`: why (a correction, an unusual value)."""

    key: Key
    region: str
    value: str | None
    state: State
    source: str
    detail: str = ""
    actor: str = ""
    at: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A figure as it is held now, or was (history)."""

    key: Key
    region: str
    value: str | None
    state: State
    source: str
    detail: str
    actor: str
    at: str
    note: str
    version: int


class Taken(Exception):
    """The figure is reported already: `held` says by whom and when."""

    def __init__(self, held: Held) -> None:
        super().__init__("reported already")
        self.held = held


class Stale(Exception):
    """Somebody changed the figure since it was read: `held` is what it is now."""

    def __init__(self, held: Held | None) -> None:
        super().__init__("changed meanwhile")
        self.held = held


def held(connection: Connection, key: Key) -> Held | None:
    """The current value."""
    row = connection.execute(select(figure).where(_is(key))).one_or_none()
    return held_of(row) if row is not None else None


def save(connection: Connection, entry: Entry, version: int | None = None) -> Held:
    """Writes a draft, a prefilled or a reported value where none is reported yet. `version`: the one that the writer saw (0 =
    none); None = whatever is there. Raises Taken when it is reported, Stale when it is not the version seen."""
    if version in (None, 0):
        made = _insert(connection, figure).values(**row_of(entry), version=1).on_conflict_do_nothing()
        if connection.execute(made.returning(figure.c.version)).scalar_one_or_none() is not None:
            return _log(connection, entry, 1)
    open_now = figure.c.state.in_(OPEN)
    seen = and_(_is(entry.key), open_now) if version is None else and_(_is(entry.key), open_now, figure.c.version == version)
    return _replace(connection, entry, seen)


def correct(connection: Connection, entry: Entry, version: int | None = None) -> Held:
    """Writes over a value in whatever state it is; `entry.note` says why. Raises Stale when there is none, or another version
    than the one seen."""
    seen = _is(entry.key) if version is None else and_(_is(entry.key), figure.c.version == version)
    return _replace(connection, entry, seen)


def _replace(connection: Connection, entry: Entry, where: Any) -> Held:
    change = update(figure).where(where).values(**row_of(entry), version=figure.c.version + 1).returning(figure.c.version)
    number = connection.execute(change).scalar_one_or_none()
    if number is None:
        now = held(connection, entry.key)
        if now is not None and now.state not in OPEN and entry.state in (*OPEN, State.REPORTED) and not entry.note:
            raise Taken(now)
        raise Stale(now)
    return _log(connection, entry, number)


def _log(connection: Connection, entry: Entry, version: int) -> Held:
    connection.execute(insert(figure_history).values(**row_of(entry), version=version))
    return Held(
        entry.key, entry.region, entry.value, entry.state, entry.source, entry.detail, entry.actor, entry.at, entry.note, version
    )


def save_many(connection: Connection, entries: Sequence[Entry]) -> int:
    """Prefills: writes those for which nobody has written anything yet, or which are prefilled still; gives how many."""
    if not entries:
        return 0
    wanted = {entry.key: entry for entry in entries}
    seen: dict[Key, Held] = {}
    regions = {entry.region for entry in entries}
    periods = {entry.key.period for entry in entries}
    for row in connection.execute(select(figure).where(figure.c.region.in_(regions), figure.c.period.in_(periods))):
        seen[held_of(row).key] = held_of(row)
    fresh = [entry for key, entry in wanted.items() if key not in seen]
    changed = [
        (entry, seen[key].version) for key, entry in wanted.items()
        if key in seen
        and seen[key].state is State.PREFILLED
        and (seen[key].value, seen[key].source) != (entry.value, entry.source)
    ]  # fmt: skip
    if fresh:
        rows = [{**row_of(entry), "version": 1} for entry in fresh]
        connection.execute(insert(figure), rows)
        connection.execute(insert(figure_history), rows)
    for entry, version in changed:
        save(connection, entry, version)
    return len(fresh) + len(changed)


def move(connection: Connection, region: str, period: str, states: Iterable[State], to: State, actor: str, at: str) -> int:
    """Moves all figures of a region and period that are in one of `states` to another one (submit, approve, return), each with
    an entry in its history; gives how many."""
    here = and_(figure.c.region == region, figure.c.period == period, figure.c.state.in_(list(states)))
    columns = ("element", "entity", "period", "region", "value", "source", "detail", "note")
    before = select(
        *(figure.c[name] for name in columns), literal(str(to)), literal(actor), literal(at), figure.c.version + 1
    ).where(here)
    connection.execute(insert(figure_history).from_select([*columns, "state", "actor", "at", "version"], before))
    return connection.execute(update(figure).where(here).values(state=str(to), version=figure.c.version + 1)).rowcount


def of_region(connection: Connection, region: str, periods: Sequence[str]) -> list[Held]:
    """The region's own current figures for any of some periods: not those about its people (`store.subjects`)."""
    own = and_(figure.c.region == region, figure.c.entity == region)
    found = connection.execute(select(figure).where(own, figure.c.period.in_(list(periods))))
    return [held_of(row) for row in found]


def below(connection: Connection, region: str, periods: Sequence[str], elements: Sequence[str] = ()) -> list[Held]:
    """Current figures of a region and everything that lies in it."""
    inside = select(region_above.c.code).where(region_above.c.above == region)
    query = select(figure).where(figure.c.region.in_(inside), figure.c.period.in_(list(periods)))
    if elements:
        query = query.where(figure.c.element.in_(list(elements)))
    return [held_of(row) for row in connection.execute(query)]


def history(connection: Connection, key: Key) -> list[Held]:
    """Everything that the figure ever was, oldest first."""
    h = figure_history
    rows = connection.execute(
        select(h).where(h.c.element == key.element, h.c.entity == key.entity, h.c.period == key.period).order_by(h.c.version)
    )
    return [held_of(row) for row in rows]


def _insert(connection: Connection, table: Any) -> Any:
    return (pg_insert if connection.dialect.name == "postgresql" else lite_insert)(table)


def _is(key: Key) -> Any:
    return and_(figure.c.element == key.element, figure.c.entity == key.entity, figure.c.period == key.period)


def row_of(entry: Entry) -> Mapping[str, Any]:
    """An entry as the tables hold it, but for its version."""
    return {
        "element": entry.key.element, "entity": entry.key.entity, "period": entry.key.period, "region": entry.region,
        "value": entry.value, "state": str(entry.state), "source": entry.source, "detail": entry.detail, "actor": entry.actor,
        "at": entry.at, "note": entry.note,
    }  # fmt: skip


def held_of(row: Row[Any]) -> Held:
    """A row of `figure` or `figure_history`."""
    key = Key(row.element, row.entity, row.period)
    return Held(
        key, row.region, row.value, State(row.state), row.source, row.detail, row.actor, row.at, row.note, row.version
    )
