"""The first page: what is to be done now, for each role."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from consolidation.store import SYSTEM
from consolidation.store.schema import account, audit, conflict, form_version, region_above, remark, submission
from forms.periods import Period

from .context import Desk
from .dispatch import catalogue_of, open_periods
from .model import FILLABLE, Actor, NotAllowed, Role, SubmissionState
from .moves import count_waiting

VERIFIED, BACKED_UP = "audit.verify", "backup"


@dataclass(frozen=True, slots=True)
class Tally:
    """One open period as its leader sees it: submissions by what they need. `corrections`: corrected after submission."""

    period: str
    waiting: int
    overdue: int
    returned: int
    corrections: int
    filling: int
    approved: int

    @property
    def period_name(self) -> str:
        return Period.parse(self.period).chinese


@dataclass(frozen=True, slots=True)
class StewardTodo:
    """`doubtful`: pairs of fields of the latest period that a person has to look at; `conflicts`: between sources; `disputes`:
    raised by workers; `proposals`: forms that wait for admission; `moves`: objections to somebody's move."""

    doubtful: int
    conflicts: int
    disputes: int
    proposals: int
    moves: int = 0


@dataclass(frozen=True, slots=True)
class WorkerTodo:
    """Beside what is due: `moves` of people out of the worker's places that wait for an answer; `told`: decisions on moves that
    went against them and that nobody there has seen."""

    moves: int
    told: int


@dataclass(frozen=True, slots=True)
class AdministratorTodo:
    """`days_since_backup`, `verified_at`: None and "" = never; `broken`: places that the last verification found."""

    active: int
    closed: int
    locked: int
    first_password: int
    backup_at: str
    days_since_backup: int | None
    verified_at: str
    broken: int


def leader_todo(desk: Desk, actor: Actor) -> tuple[Tally, ...]:
    """The open periods of the actor's places, the latest first. Raises NotAllowed."""
    _demand(actor, Role.LEADER, Role.STEWARD)
    inside = select(region_above.c.code).where(region_above.c.above == actor.region)
    s, today = submission.c, desk.today().isoformat()
    query = select(s.period, s.state, s.deadline).where(s.region.in_(inside), s.closed == "")
    corrected = (
        select(remark.c.period, func.count().label("number"))
        .where(remark.c.region.in_(inside), remark.c.kind == "correction", remark.c.settled_at == "")
        .group_by(remark.c.period)
    )
    with desk.store.read() as connection:
        rows = connection.execute(query).all()
        corrections = {row.period: row.number for row in connection.execute(corrected)}
    found = []
    for period in sorted({row.period for row in rows}, key=lambda text: Period.parse(text).end, reverse=True):
        states = [SubmissionState(row.state) for row in rows if row.period == period]
        late = sum(row.period == period and row.state in FILLABLE and row.deadline < today for row in rows)
        count = states.count
        found.append(
            Tally(
                period, count(SubmissionState.SUBMITTED), late, count(SubmissionState.RETURNED), corrections.get(period, 0),
                count(SubmissionState.DISPATCHED), count(SubmissionState.APPROVED),
            )
        )  # fmt: skip
    return tuple(found)


def steward_todo(desk: Desk, actor: Actor) -> StewardTodo:
    """What waits for a steward. Raises NotAllowed."""
    _demand(actor, Role.STEWARD)
    inside = select(region_above.c.code).where(region_above.c.above == actor.region)
    latest = open_periods(desk)[:1]
    doubtful = len(catalogue_of(desk, latest[0].period).merged.review) if latest else 0
    query = select(conflict.c.kind, func.count().label("number")).where(conflict.c.region.in_(inside), conflict.c.state == "open")
    with desk.store.read() as connection:
        kinds = {row.kind: int(row.number) for row in connection.execute(query.group_by(conflict.c.kind))}
        proposals = _count(connection, select(func.count()).where(form_version.c.state == "proposed"))
        *_, moves = count_waiting(connection, actor)
    return StewardTodo(doubtful, kinds.get("sources", 0), kinds.get("dispute", 0), proposals, moves)


def worker_todo(desk: Desk, actor: Actor) -> WorkerTodo:
    """What waits for a worker beside the reports that are due. Raises NotAllowed."""
    _demand(actor, Role.WORKER)
    with desk.store.read() as connection:
        moves, told, _ = count_waiting(connection, actor)
    return WorkerTodo(moves, told)


def administrator_todo(desk: Desk, actor: Actor) -> AdministratorTodo:
    """What an administrator looks after. Raises NotAllowed."""
    _demand(actor)
    inside = select(region_above.c.code).where(region_above.c.above == actor.region)
    a = account.c
    with desk.store.read() as connection:
        rows = connection.execute(select(a.active, a.must_change, a.locked_until).where(a.region.in_(inside))).all()
        backup_at, _ = _last(connection, BACKED_UP)
        verified_at, detail = _last(connection, VERIFIED)
    now = desk.now()
    days = (desk.clock() - datetime.fromisoformat(backup_at)).days if backup_at else None
    open_ones = [row for row in rows if row.active]
    return AdministratorTodo(
        len(open_ones), len(rows) - len(open_ones), sum(row.locked_until > now for row in open_ones),
        sum(bool(row.must_change) for row in open_ones), backup_at, days, verified_at, int(detail.get("broken", 0)),
    )  # fmt: skip


def _last(connection: Connection, act: str) -> tuple[str, dict[str, Any]]:
    query = select(audit.c.at, audit.c.detail).where(audit.c.chain == SYSTEM, audit.c.act == act)
    row = connection.execute(query.order_by(audit.c.seq.desc()).limit(1)).one_or_none()
    return (row.at, json.loads(row.detail)) if row is not None else ("", {})


def _count(connection: Connection, query: Any) -> int:
    return int(connection.execute(query).scalar_one())


def _demand(actor: Actor, *roles: Role) -> None:
    if actor.scopes is not None or (actor.role is not Role.ADMINISTRATOR and actor.role not in roles):
        raise NotAllowed("查看待办")
