"""Reminders: three working days before a deadline, one before, on the day, and when it has passed; each is written once.

Whoever has not handed in by then is reminded; who was away for a while finds the one that counts now, not all that were missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, select, update

from consolidation.store.schema import period as period_table
from consolidation.store.schema import region, region_above, reminder, submission
from consolidation.store.upsert import insert_into
from forms.model import Problem
from forms.periods import Period

from .calendar import Calendar, due_day, load_deadlines, today
from .context import Desk
from .model import FILLABLE, PROGRAM, Actor, NotAllowed, NotThere, Role, SubmissionState, demand


class When(StrEnum):
    THREE_BEFORE = "three-before"
    ONE_BEFORE = "one-before"
    ON_THE_DAY = "on-the-day"
    OVERDUE = "overdue"


SAID = {
    When.THREE_BEFORE: "{period}报表{day}截止，还有 {left} 个工作日，请安排填报。",
    When.ONE_BEFORE: "{period}报表{day}截止，只剩 1 个工作日，请尽快填报并提交。",
    When.ON_THE_DAY: "{period}报表今天（{day}）截止，请在 24:00 前提交。",
    When.OVERDUE: "{period}报表已于{day}截止，还没有提交，请马上补报，并向上级说明。",
}
RETURNED = "（已退回，请按意见修改后重新提交）"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission as reminders look at it. `deadline`: as the database holds it, "" = none."""

    region: str
    period: str
    state: SubmissionState
    deadline: str


@dataclass(frozen=True, slots=True)
class Reminder:
    region: str
    period: str
    kind: When
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A reminder as it is listed."""

    seq: int
    region: str
    name: str
    period: str
    kind: When
    text: str
    at: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a run wrote, and what has to be said of the dates (a year whose holidays are not known yet)."""

    written: tuple[Reminder, ...]
    warnings: tuple[Problem, ...] = ()


def due_reminders(waiting: Sequence[Waiting], now: datetime, calendar: Calendar) -> list[Reminder]:
    """Which reminder each submission that is still with its worker is due now. Pure."""
    found = []
    for one in waiting:
        day = due_day(one.deadline)
        if day is None or one.state not in FILLABLE:
            continue
        kind, left = _when(today(now), day, calendar)
        if kind is not None:
            text = SAID[kind].format(period=_period(one.period), day=f"{day.month}月{day.day}日", left=left)
            if one.state is SubmissionState.RETURNED:
                text += RETURNED
            found.append(Reminder(one.region, one.period, kind, text))
    return found


def _when(now: date, day: date, calendar: Calendar) -> tuple[When | None, int]:
    if now > day:
        return When.OVERDUE, 0
    if now == day:
        return When.ON_THE_DAY, 0
    left = calendar.working_days_between(now, day)
    if left > 3:
        return None, left
    return (When.THREE_BEFORE if left > 1 else When.ONE_BEFORE), left


def _period(text: str) -> str:
    return Period.parse(text).chinese


def remind(desk: Desk, actor: Actor = PROGRAM, calendar: Calendar | None = None) -> Reminded:
    """Writes the reminders that are due now and not written yet; of a leader, for the places below. Raises NotAllowed."""
    days = calendar or load_deadlines().calendar

    def job(c: Connection) -> Reminded:
        if actor is not PROGRAM:
            demand(c, actor, actor.region, "催报", Role.LEADER)
        now = desk.clock()
        waiting = _waiting(c, actor)
        written = tuple(one for one in due_reminders(waiting, now, days) if _write(c, one, desk.now()))
        if written:
            desk.note(c, actor, "remind", chain=actor.region, written=len(written))
        due = [day for one in waiting if one.state in FILLABLE and (day := due_day(one.deadline)) is not None]
        return Reminded(written, tuple(days.warnings(today(now), max(due))) if due and max(due) > today(now) else ())

    return desk.store.write_apart(job)


def _waiting(c: Connection, actor: Actor) -> list[Waiting]:
    s = submission.c
    query = select(s.region, s.period, s.state, s.deadline, period_table.c.deadline.label("all")).join(period_table)
    query = query.where(s.closed == "", s.state.in_([str(one) for one in FILLABLE]))
    if actor is not PROGRAM:
        query = query.where(s.region.in_(select(region_above.c.code).where(region_above.c.above == actor.region)))
    rows = c.execute(query.order_by(s.period, s.region))
    return [Waiting(row.region, row.period, SubmissionState(row.state), row.deadline or row.all) for row in rows]


def _write(c: Connection, one: Reminder, at: str) -> bool:
    row = {"region": one.region, "period": one.period, "kind": str(one.kind), "text": one.text, "at": at}
    made = insert_into(reminder, c.dialect.name).values(**row).on_conflict_do_nothing().returning(reminder.c.seq)
    return c.execute(made).scalar_one_or_none() is not None


def reminders(desk: Desk, actor: Actor, most: int = 200) -> list[Shown]:
    """The reminders of an actor's places, newest first; those of submissions that are handed in by now are left out."""
    with desk.store.read() as c:
        demand(c, actor, actor.region, "查看催报", Role.WORKER, Role.LEADER, scope="reminders:read")
        inside = select(region_above.c.code).where(region_above.c.above == actor.region)
        query = (
            select(reminder, region.c.name)
            .join(submission, (submission.c.region == reminder.c.region) & (submission.c.period == reminder.c.period))
            .join(region, region.c.code == reminder.c.region)
            .where(
                reminder.c.region.in_(inside), submission.c.state.in_([str(one) for one in FILLABLE]), submission.c.closed == ""
            )
            .order_by(reminder.c.at.desc(), reminder.c.seq.desc())
            .limit(most)
        )
        return [_shown(row) for row in c.execute(query)]


def _shown(row: Row[tuple[object, ...]]) -> Shown:
    return Shown(row.seq, row.region, row.name, row.period, When(row.kind), row.text, row.at, row.seen_at)


def seen(desk: Desk, actor: Actor, seq: int) -> None:
    """Marks a reminder as read, by a worker of the place itself: that a leader has read it says nothing. Raises NotThere."""

    def job(c: Connection) -> None:
        row = c.execute(select(reminder).where(reminder.c.seq == seq)).one_or_none()
        if row is None:
            raise NotThere("这条提醒")
        demand(c, actor, row.region, "查看催报", Role.WORKER)
        if actor.scopes is not None:
            raise NotAllowed("查看催报")
        if not row.seen_at:
            c.execute(update(reminder).where(reminder.c.seq == seq).values(seen_at=desk.now()))
            desk.note(c, actor, "reminder.seen", str(seq), chain=row.region)

    desk.store.write(job)
