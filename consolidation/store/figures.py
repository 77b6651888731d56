"""Figures: each once. One current value for (element, entity, period); every change appended to its history.

A prefilled or drafted value may be written over; a reported one may not: whoever reports it again is told who did, and when,
and can correct or dispute it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NoReturn

from sqlalchemy import Connection, Row, and_, bindparam, insert, literal, literal_column, select, update
from sqlalchemy.dialects.postgresql import Insert as PgInsert
from sqlalchemy.dialects.sqlite import Insert as LiteInsert
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

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
    if version:
        return _keep(connection, _OPEN_AS_SEEN, entry, {"seen": version})
    make = _first if version == 0 else _first_or_over
    return _keep(connection, make(connection.dialect.name), entry, {})


def correct(connection: Connection, entry: Entry, version: int | None = None) -> Held:
    """Writes over a value in whatever state it is; `entry.note` says why. Raises Stale when there is none, or another version
    than the one seen."""
    if version is None:
        return _keep(connection, _ANY, entry, {})
    return _keep(connection, _AS_SEEN, entry, {"seen": version})


def _keep(connection: Connection, change: _Change, entry: Entry, also: Mapping[str, Any]) -> Held:
    """Changes the figure, and appends what it is now to its history."""
    values = {**{f"new_{name}": value for name, value in row_of(entry).items()}, **also}
    if connection.dialect.name == "postgresql":  # both in one statement: one way to the server and back
        number = connection.execute(_with_history(change), values).scalar_one_or_none()
    else:
        number = connection.execute(change, values).scalar_one_or_none()
        if number is not None:
            connection.execute(_HISTORY, {**row_of(entry), "version": number})
    if number is None:
        _refuse(connection, entry)
    return Held(
        entry.key, entry.region, entry.value, entry.state, entry.source, entry.detail, entry.actor, entry.at, entry.note, number
    )


def _refuse(connection: Connection, entry: Entry) -> NoReturn:
    now = held(connection, entry.key)
    if now is not None and now.state not in OPEN and entry.state in (*OPEN, State.REPORTED) and not entry.note:
        raise Taken(now)
    raise Stale(now)


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
    return Held(key, row.region, row.value, State(row.state), row.source, row.detail, row.actor, row.at, row.note, row.version)


# Statements made once: to make one takes longer than to run it.
_Change = ReturningInsert[Any] | ReturningUpdate[Any]
_KEY = ("element", "entity", "period")
_REST = ("region", "value", "state", "source", "detail", "actor", "at", "note")
_NEW: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*_KEY, *_REST)}
_NEXT: dict[str, Any] = {"version": figure.c.version + 1}
_HISTORY = insert(figure_history)
_ANY = (
    update(figure)
    .where(*(figure.c[name] == _NEW[name] for name in _KEY))
    .values({**{name: _NEW[name] for name in _REST}, **_NEXT})
    .returning(figure.c.version)
)
_AS_SEEN = _ANY.where(figure.c.version == bindparam("seen"))
_IS_OPEN = figure.c.state.in_([literal_column(f"'{state}'") for state in OPEN])  # no parameters that are put in at each save
_OPEN_AS_SEEN = _AS_SEEN.where(_IS_OPEN)


@lru_cache(maxsize=2)
def _first(dialect: str) -> _Change:
    """Inserts a figure that nobody has written yet."""
    return _insert(dialect).on_conflict_do_nothing().returning(figure.c.version)


@lru_cache(maxsize=2)
def _first_or_over(dialect: str) -> _Change:
    """The same, or writes over an open one: one statement, so that no other save can come between."""
    make = _insert(dialect)
    over = {**{name: make.excluded[name] for name in _REST}, **_NEXT}
    over_open = make.on_conflict_do_update(index_elements=_KEY, set_=over, where=_IS_OPEN)
    return over_open.returning(figure.c.version)


def _insert(dialect: str) -> PgInsert | LiteInsert:
    make = PgInsert(figure) if dialect == "postgresql" else LiteInsert(figure)
    return make.values({**_NEW, "version": 1})


@lru_cache(maxsize=8)
def _with_history(change: _Change) -> Any:
    """A change of a figure that appends what it made to the history as well, in one statement (PostgreSQL)."""
    made = change.returning(*(column for column in figure.c if column.name != "version")).cte("made")
    names = [*_KEY, *_REST, "version"]
    appended = insert(figure_history).from_select(names, select(*(made.c[name] for name in names))).cte("appended")
    return select(made.c.version).add_cte(appended)
