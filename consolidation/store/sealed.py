"""Which columns hold sealed values, what each is bound to, and sealing all of it anew with the current key.

A sealed text opens only where it belongs: a figure's for its element and entity, a subject's number for its id, a setting's
for its key. Whoever seals or
opens a value of the database takes the context from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, and_, func, literal, select, tuple_, update

from .audit import Act, record
from .engine import Store
from .schema import conflict, figure, figure_history, move, setting, subject
from .secrets import MARK, CannotOpen, Secrets

_TOGETHER = 200  # values sealed anew in one transaction: a save never waits for more


def figure_context(element: str, entity: str) -> str:
    """What a figure's value is bound to, in `figure`, `figure_history` and `conflict`."""
    return f"{element}|{entity}"


def subject_context(id_: str) -> str:
    """What a subject's number is bound to."""
    return f"subject|{id_}"


def move_context(subject: str) -> str:
    """What the name of somebody who moved is bound to."""
    return f"move|{subject}"


@dataclass(frozen=True)
class SealedColumn:
    """A column that may hold sealed values, and what a row's is bound to."""

    column: Column[Any]
    context: Callable[[Row[Any]], str]

    @property
    def table(self) -> Table:
        return self.column.table


def _of_figure(row: Row[Any]) -> str:
    return figure_context(row.element, row.entity)


SEALED = (
    SealedColumn(figure.c.value, _of_figure),
    SealedColumn(figure_history.c.value, _of_figure),
    SealedColumn(conflict.c.value, _of_figure),
    SealedColumn(conflict.c.other_value, _of_figure),
    SealedColumn(conflict.c.number, lambda row: subject_context(row.entity)),
    SealedColumn(subject.c.number, lambda row: subject_context(row.id)),
    SealedColumn(move.c.name, lambda row: move_context(row.subject)),
    SealedColumn(setting.c.value, lambda row: str(row.key)),
)


@dataclass(frozen=True, slots=True)
class Resealed:
    """What a rotation did. `unopened`: values that no key opens; they are left as they are."""

    sealed: int
    unopened: int


def by_key(connection: Connection) -> dict[str, int]:
    """How many values each key seals now."""
    found: Counter[str] = Counter()
    for sealed in SEALED:
        name = func.substr(sealed.column, len(MARK) + 1, 12)  # a key's id is short; what follows the colon is cut off below
        rows = connection.execute(
            select(name, func.count()).select_from(sealed.table).where(sealed.column.startswith(MARK)).group_by(name)
        )
        for start, count in rows:
            found[start.partition(":")[0]] += count
    return dict(found)


def reseal(store: Store, secrets: Secrets, actor: str, now: Callable[[], str]) -> Resealed:
    """Seals every value of an older key anew, in short transactions, and notes it. Stopped at any moment, it goes on where it
    was: what is done already has the current key. The texts stay what they were, those of history too."""
    done = unopened = 0
    for sealed in SEALED:
        after: Mapping[str, Any] | None = {}
        while after is not None:
            count, failed, after = store.write_apart(partial(_some, secrets=secrets, sealed=sealed, after=after))
            done, unopened = done + count, unopened + failed
    counts = {"key": secrets.current, "sealed": done, "unopened": unopened}
    store.write(lambda c: record(c, Act(actor, "keys.rotate", detail=counts), now(), secrets.finder))
    return Resealed(done, unopened)


def _some(
    connection: Connection, secrets: Secrets, sealed: SealedColumn, after: Mapping[str, Any]
) -> tuple[int, int, Mapping[str, Any] | None]:
    """Seals the next few values behind a place in the table; gives how many it sealed, how many do not open, and the place."""
    keys = list(sealed.table.primary_key.columns)
    old = and_(sealed.column.startswith(MARK), ~sealed.column.startswith(f"{MARK}{secrets.current}:", autoescape=True))
    query = select(sealed.table).where(old).order_by(*keys).limit(_TOGETHER)
    if after:
        query = query.where(_behind(keys, after))
    rows = connection.execute(query).all()
    done = failed = 0
    for row in rows:
        value = row._mapping[sealed.column.name]
        try:
            text = secrets.open(value, sealed.context(row))
        except CannotOpen:
            failed += 1
            continue
        here = and_(*(key == row._mapping[key.name] for key in keys), sealed.column == value)  # unless somebody wrote meanwhile
        change = update(sealed.table).where(here).values({sealed.column: secrets.seal(text, sealed.context(row))})
        done += connection.execute(change).rowcount
    last = {key.name: rows[-1]._mapping[key.name] for key in keys} if len(rows) == _TOGETHER else None
    return done, failed, last


def _behind(keys: list[Column[Any]], after: Mapping[str, Any]) -> Any:
    """Rows that come after one, in the order of the primary key."""
    return tuple_(*keys) > tuple_(*(literal(after[key.name], key.type) for key in keys))
