"""Closing a reporting period for the places of a region, and opening it again: each an appended decision with who, when and why.

After it nothing is saved, submitted, approved or returned any more; a reported figure is corrected with a reason, as always. A
period is many offices' own: each closes it for its own places, and who closed it, or somebody above, opens it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from consolidation.store.schema import period as periods
from consolidation.store.schema import region, region_above, submission, submission_event

from .context import Desk
from .dispatch import OPEN, read_period
from .model import STATE_NAMES, Actor, Clash, Invalid, NotThere, Role, SubmissionState, demand, words

WHAT = "结束、重新开启报告期"
CLOSED = "closed"  # of a period, and as an event of a place's report
REOPENED = "reopened"
_NAMED = 5  # places named in one message; the page lists them all


def close_period(desk: Desk, actor: Actor, period: str, top: str, reason: str = "") -> tuple[str, ...]:
    """Closes a period for the places of `top` for which it is open still; gives their codes. `reason`: why, though some of them
    are not approved yet. Raises NotAllowed, NotThere when none of them has it, Clash when all of them are closed, Invalid (with
    the places that are not approved) without a reason."""
    said = words(reason)

    def job(connection: Connection) -> tuple[str, ...]:
        demand(connection, actor, top, WHAT, Role.STEWARD, Role.LEADER)
        read_period(connection, period)
        rows = _submissions(connection, top, period)
        open_ones = [row for row in rows if not row.closed]
        if not rows:
            raise NotThere(f"{period} 在这里的报表")
        if not open_ones:
            raise Clash("desk.closed", what="再结束一次")
        left = [row for row in open_ones if row.state != SubmissionState.APPROVED]
        if left and not said:
            raise Invalid("desk.still-open", count=len(left), places=_named(left))
        _decide(connection, desk, actor, period, open_ones, top, CLOSED, said)
        desk.note(connection, actor, "close-period", period, chain=top, places=len(open_ones), left=len(left))
        return tuple(row.region for row in open_ones)

    return desk.store.write(job)


def reopen_period(desk: Desk, actor: Actor, period: str, top: str, reason: str) -> tuple[str, ...]:
    """Opens a period again for the places of `top`; gives their codes. What a region above closed, it opens itself. Raises
    NotAllowed, NotThere, Invalid without a reason, Clash when none is closed, or all by somebody above."""
    said = words(reason)

    def job(connection: Connection) -> tuple[str, ...]:
        demand(connection, actor, top, WHAT, Role.STEWARD, Role.LEADER)
        read_period(connection, period)
        rows = _submissions(connection, top, period)
        closed = [row for row in rows if row.closed]
        if not rows:
            raise NotThere(f"{period} 在这里的报表")
        if not said:
            raise Invalid("desk.reason-needed", name="重新开启")
        inside = set(connection.execute(select(region_above.c.code).where(region_above.c.above == top)).scalars())
        ours = [row for row in closed if row.closed in inside]
        if not closed:
            raise Clash("desk.wrong-state", state="填报中", what="重新开启")
        if not ours:
            names = select(region.c.name).where(region.c.code.in_({row.closed for row in closed})).order_by(region.c.code)
            raise Clash("desk.closed-above", who="、".join(connection.execute(names).scalars()))
        _decide(connection, desk, actor, period, ours, "", REOPENED, said)
        desk.note(connection, actor, "reopen-period", period, chain=top, places=len(ours))
        return tuple(row.region for row in ours)

    return desk.store.write(job)


def closed_for(connection: Connection, top: str) -> frozenset[str]:
    """The periods that are closed for every place of a region that has them."""
    inside = select(region_above.c.code).where(region_above.c.above == top)
    s = submission.c
    rows = connection.execute(select(s.period, func.min(s.closed).label("least")).where(s.region.in_(inside)).group_by(s.period))
    return frozenset(row.period for row in rows if row.least)


def _submissions(connection: Connection, top: str, period: str) -> list[Row[Any]]:
    """The reports of a period below `top`, in the order in which all who change several of them do."""
    inside = select(region_above.c.code).where(region_above.c.above == top)
    s = submission.c
    query = (
        select(s.region, s.state, s.closed, region.c.name)
        .join_from(submission, region, region.c.code == s.region)
        .where(s.period == period, s.region.in_(inside))
        .order_by(s.region)
    )
    return list(connection.execute(query.with_for_update(of=submission)))


def _decide(
    connection: Connection, desk: Desk, actor: Actor, period: str, rows: Sequence[Row[Any]], closed: str, to: str, reason: str
) -> None:  # fmt: skip
    now = desk.now()
    here = (submission.c.period == period) & submission.c.region.in_([row.region for row in rows])
    connection.execute(update(submission).where(here).values(closed=closed))
    event = {"period": period, "to_state": to, "actor": actor.id, "at": now, "remark": reason}
    connection.execute(insert(submission_event), [{**event, "region": row.region, "from_state": row.state} for row in rows])
    left = select(submission.c.region).where(submission.c.period == period, submission.c.closed == "").limit(1)
    state = OPEN if connection.execute(left).first() is not None else CLOSED
    at = now if state == CLOSED else ""
    connection.execute(update(periods).where(periods.c.period == period).values(state=state, closed_at=at))


def _named(rows: Sequence[Row[Any]]) -> str:
    named = "、".join(f"{row.name}（{STATE_NAMES[SubmissionState(row.state)]}）" for row in rows[:_NAMED])
    return named if len(rows) <= _NAMED else f"{named} 等"
