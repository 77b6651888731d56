"""The uploads applied to a roster, and taking one of them back as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select, update

from consolidation.store import Entry, Key, figures, subjects
from consolidation.store.schema import account, batch

from .context import Desk
from .model import Actor, Clash, NotThere, Role, demand
from .roster_change import Change, open_whole, start_change
from .roster_edits import IN, REMOVED, UNDONE

IMPORT = "roster-import"


@dataclass(frozen=True, slots=True)
class Batch:
    """An upload that was applied."""

    seq: int
    roster: str
    file: str
    who: str
    at: str
    counts: Mapping[str, int]
    undone: bool


def mark_of(number: int) -> str:
    """The mark in the figures of a batch."""
    return f"batch:{number}"


def imports(desk: Desk, actor: Actor, place: str, period: str, roster: str) -> tuple[Batch, ...]:
    """The uploads applied to a roster, the latest first. Raises NotAllowed, NotThere."""
    here = (batch.c.kind == IMPORT) & (batch.c.region == place) & (batch.c.period == period) & (batch.c.source == roster)
    with desk.store.read() as connection:
        demand(connection, actor, place, "查看名册", Role.WORKER, Role.LEADER, Role.STEWARD)
        query = select(batch, account.c.name).outerjoin(account, account.c.id == batch.c.actor).where(here)
        rows = connection.execute(query.order_by(batch.c.seq.desc()).limit(50)).all()
    found = []
    for row in rows:
        told = json.loads(row.counts)
        counts = told.get("counts", {})
        found.append(Batch(row.seq, roster, told.get("file", ""), row.name or "", row.at, counts, bool(told.get("undone"))))
    return tuple(found)


def undo_import(desk: Desk, actor: Actor, place: str, period: str, roster: str, number: int, note: str = "") -> tuple[int, int]:
    """Takes an applied upload back as a whole: every cell that it wrote gets what it had before, by an appended entry; cells that
    were changed since keep what they have. Gives how many of each. Raises NotAllowed, NotThere, Clash when done already."""
    opened = open_whole(desk, actor, place, period, roster)

    def job(connection: Connection) -> tuple[int, int]:
        change = start_change(connection, desk, actor, opened, note or "撤销整批导入")
        told = _demand_batch(connection, place, period, roster, number)
        done = kept = 0
        for written in subjects.versions_with(connection, mark_of(number), place):
            now = figures.held(connection, written.key)
            if now is None or now.version != written.version:
                kept += 1
                continue
            before = [one for one in figures.history(connection, written.key) if one.version == written.version - 1]
            entry = _back(change, written.key, before[0] if before else None, number)
            change.keep(connection, entry, written.version)
            done += 1
            if not before and written.value == IN and written.key.element.startswith("@"):
                _forget(connection, change, written.key.entity)
        connection.execute(update(batch).where(batch.c.seq == number).values(counts=json.dumps({**told, "undone": True})))
        desk.note(connection, actor, "undo-import", roster, chain=place, period=period, batch=number, cells=done, kept=kept)
        return done, kept

    return desk.store.write_apart(job)


def _demand_batch(connection: Connection, place: str, period: str, roster: str, number: int) -> dict[str, object]:
    here = (batch.c.seq == number) & (batch.c.kind == IMPORT) & (batch.c.region == place) & (batch.c.period == period)
    text = connection.execute(select(batch.c.counts).where(here, batch.c.source == roster)).scalar_one_or_none()
    if text is None:
        raise NotThere("这次导入")
    told: dict[str, object] = json.loads(text)
    if told.get("undone"):
        raise Clash("desk.wrong-state", state="已撤销", what="再撤销一次")
    return told


def _back(change: Change, key: Key, before: figures.Held | None, number: int) -> Entry:
    """What a figure was before the batch: the same sealed value (it is bound to the figure, not to the time)."""
    entry = change.entry(key.element, key.entity, before.value if before is not None else None)
    source = before.source if before is not None else UNDONE
    return replace(entry, source=source, detail=f"undo:{number}")


def _forget(connection: Connection, change: Change, subject: str) -> None:
    """Somebody whom the batch put on the roster belongs nowhere again."""
    known = subjects.of_ids(connection, [subject]).get(subject)
    if known is not None:
        subjects.put(connection, replace(known, state=REMOVED, changed_at=change.desk.now(), changed_by=change.actor.id))
