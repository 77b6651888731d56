"""People, households and others whom workers added to rosters or changed there: who they are (their number sealed), and the
figures about them. A figure of somebody has the subject's id for its entity; one of a place has the region's code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from . import figures
from .figures import Entry, Held, Key
from .portions import portions
from .schema import figure, figure_history, region_above, subject
from .upsert import insert_into


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody (or some household, shop) on a roster. `id`: keyed hash of `number`, which is sealed; `state`: active (changed
    here), added, removed."""

    id: str
    kind: str
    region: str
    number: str
    state: str
    changed_at: str = ""
    changed_by: str = ""


def put(connection: Connection, *some: Subject) -> None:
    """Writes subjects over what was held of them."""
    if not some:
        return
    rows = [
        {
            "id": one.id, "kind": one.kind, "region": one.region, "number": one.number, "state": one.state,
            "changed_at": one.changed_at, "changed_by": one.changed_by,
        }
        for one in some
    ]  # fmt: skip
    statement = insert_into(subject, connection.dialect.name)
    change = {name: statement.excluded[name] for name in rows[0] if name != "id"}
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=change), rows)


def of_ids(connection: Connection, ids: Iterable[str]) -> dict[str, Subject]:
    """The subjects with these ids, as far as they are known."""
    found = {}
    for some in portions(sorted(set(ids))):
        for row in connection.execute(select(subject).where(subject.c.id.in_(some))):
            found[row.id] = _subject(row)
    return found


def below(connection: Connection, region: str) -> dict[str, Subject]:
    """The subjects of a region and everything in it."""
    inside = select(region_above.c.code).where(region_above.c.above == region)
    return {row.id: _subject(row) for row in connection.execute(select(subject).where(subject.c.region.in_(inside)))}


def facts_of_region(connection: Connection, region: str) -> list[Held]:
    """Every current figure about somebody (not of the place itself) that was reported by a region, of all periods."""
    rows = connection.execute(select(figure).where(figure.c.region == region, figure.c.entity != figure.c.region))
    return [figures.held_of(row) for row in rows]


def facts_of(connection: Connection, ids: Iterable[str], period: str) -> dict[Key, Held]:
    """The current figures of some subjects in one period, whoever reported them."""
    found = {}
    for some in portions(sorted(set(ids))):
        rows = connection.execute(select(figure).where(figure.c.entity.in_(some), figure.c.period == period))
        found.update({held.key: held for held in map(figures.held_of, rows)})
    return found


def facts_of_all(connection: Connection, subject: str, elements: Iterable[str]) -> list[Held]:
    """The current figures of one subject for some elements, of all periods, whoever reported them."""
    query = select(figure).where(figure.c.entity == subject, figure.c.element.in_(sorted(elements)))
    return [figures.held_of(row) for row in connection.execute(query)]


def last_written(connection: Connection) -> int:
    """The number of the last version of any figure: a moment in the history that clocks cannot confuse."""
    return int(connection.execute(select(func.max(figure_history.c.seq))).scalar_one() or 0)


def changed_after(connection: Connection, ids: Sequence[str], seq: int) -> dict[Key, Held | None]:
    """The figures about some subjects that were written after a moment of the history, and what each held at that moment."""
    h = figure_history
    rows = connection.execute(select(h).where(h.c.entity.in_(ids)).order_by(h.c.seq)).all()
    before = {(held := figures.held_of(row)).key: held for row in rows if row.seq <= seq}
    return {key: before.get(key) for key in dict.fromkeys(figures.held_of(row).key for row in rows if row.seq > seq)}


def versions_with(connection: Connection, detail: str, region: str) -> list[Held]:
    """Every version of a figure that one batch wrote, by the mark in its `detail`."""
    h = figure_history
    rows = connection.execute(select(h).where(h.c.detail == detail, h.c.region == region).order_by(h.c.seq))
    return [figures.held_of(row) for row in rows]


def save_fresh(connection: Connection, entries: Sequence[Entry]) -> None:
    """Writes figures that nobody has written yet, many at once. Raises IntegrityError when somebody has meanwhile."""
    if not entries:
        return
    rows = [{**figures.row_of(entry), "version": 1} for entry in entries]
    connection.execute(insert(figure), rows)
    connection.execute(insert(figure_history), rows)


def last_change(connection: Connection, region: str) -> str:
    """When something about somebody of a region (or of what lies in it) was changed last: a mark by which copies are known to
    be old."""
    inside = select(region_above.c.code).where(region_above.c.above == region)
    h = figure_history
    query = select(h.c.seq).where(h.c.region.in_(inside), h.c.entity != h.c.region).order_by(h.c.seq.desc()).limit(1)
    return str(connection.execute(query).scalar_one_or_none() or "")


def _subject(row: Row[Any]) -> Subject:
    return Subject(row.id, row.kind, row.region, row.number, row.state, row.changed_at, row.changed_by)
