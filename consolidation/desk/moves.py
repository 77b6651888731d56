"""Moves within the county: the village that was left agrees or objects, a steward decides, a wrong move is undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, update

from consolidation.store import Entry, subjects
from consolidation.store.schema import move, region, region_above
from consolidation.store.sealed import move_context
from forms.periods import Period
from forms.problems import masked

from .context import Desk
from .model import Actor, Clash, Invalid, NotThere, Role, demand, within, words
from .roster_arrivals import put_over, state_of_writing, tell_reported
from .roster_edits import ACTIVE, DISPUTED, OPEN, UNDONE, WAITING, open_number
from .rosters import may_see

ELSEWHERE = "其他村（社区）"
WHAT = "处理搬迁"


class MoveState(StrEnum):
    OPEN = OPEN
    CONFIRMED = "confirmed"
    DISPUTED = DISPUTED
    STANDS = "stands"
    TAKEN_BACK = "taken-back"


STATE_NAMES = {
    MoveState.OPEN: "等原村（社区）核对",
    MoveState.CONFIRMED: "原村（社区）已确认",
    MoveState.DISPUTED: "有异议，等数据管理员裁定",
    MoveState.STANDS: "已裁定：搬迁成立",
    MoveState.TAKEN_BACK: "已撤回：仍算在原村（社区）",
}


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody's move as one who looks at it may see it. `name`, `number`: whole for the two villages' workers and their leaders,
    masked for others (the number always); `from_name`: the origin, where the looker may know it; `reason`: of an objection, for
    the village that raised it and those who decide. `may_…`: what the looker can do."""

    seq: int
    name: str
    number: str
    from_name: str
    to_name: str
    period: str
    since: str
    state: MoveState
    registered_at: str
    reason: str
    resolution: str
    may_answer: bool
    may_decide: bool
    may_withdraw: bool
    to_see: bool

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.state]

    @property
    def period_name(self) -> str:
        return Period.parse(self.period).chinese


# ---- looking ------------------------------------------------------------------------------------------------------------
def moves(desk: Desk, actor: Actor, most: int = 200) -> tuple[Move, ...]:
    """The moves from and to the actor's places, the latest first. Raises NotAllowed."""
    inside = select(region_above.c.code).where(region_above.c.above == actor.region)
    query = select(move).where(or_(move.c.origin.in_(inside), move.c.place.in_(inside))).order_by(move.c.seq.desc()).limit(most)
    with desk.store.read() as connection:
        demand(connection, actor, actor.region, "查看搬迁", Role.WORKER, Role.LEADER, Role.STEWARD)
        rows = connection.execute(query).all()
        names = {row.code: row.name for row in connection.execute(select(region.c.code, region.c.name))} if rows else {}
        known = subjects.of_ids(connection, (row.subject for row in rows))
        found = tuple(_seen_by(connection, desk, actor, row, names, known[row.subject].number) for row in rows)
    if found:
        desk.store.write(lambda c: desk.note(c, actor, "read-moves", chain=actor.region, count=len(found)))
    return found


def _seen_by(
    connection: Connection, desk: Desk, actor: Actor, row: Row[Any], names: dict[str, str], sealed: str
) -> Move:  # fmt: skip
    leaves, comes = within(connection, actor, row.origin), within(connection, actor, row.place)
    state = MoveState(row.state)
    name = desk.secrets.open(row.name, move_context(row.subject))
    number = open_number(desk.secrets, subjects.Subject(row.subject, "", "", sealed, ""))
    worker, steward = actor.role is Role.WORKER, actor.role is Role.STEWARD
    return Move(
        row.seq, name if may_see(actor) else name[:1] + "＊" * max(1, len(name) - 1), masked(number),
        names.get(row.origin, "") if leaves or row.said else ELSEWHERE, names.get(row.place, ""), row.period, row.since, state,
        row.registered_at, row.reason if leaves else "", row.resolution,
        worker and leaves and state is MoveState.OPEN, steward and leaves and comes and state is MoveState.DISPUTED,
        worker and comes and row.state in WAITING, worker and not row.seen_at and _concerns(state, leaves, comes),
    )  # fmt: skip


def _concerns(state: MoveState, leaves: bool, comes: bool) -> bool:
    """Whether a decision went against the village of who looks: it is told until somebody has seen it."""
    return (state is MoveState.STANDS and leaves) or (state is MoveState.TAKEN_BACK and comes)


def count_waiting(connection: Connection, actor: Actor) -> tuple[int, int, int]:
    """How many moves out of the actor's places wait for an answer, how many decisions nobody of theirs has seen, and how many
    objections wait for a steward."""
    inside = select(region_above.c.code).where(region_above.c.above == actor.region)
    against = or_(
        and_(move.c.state == MoveState.STANDS, move.c.origin.in_(inside)),
        and_(move.c.state == MoveState.TAKEN_BACK, move.c.place.in_(inside)),
    )
    tests = (
        (move.c.state == MoveState.OPEN) & move.c.origin.in_(inside), against & (move.c.seen_at == ""),
        (move.c.state == MoveState.DISPUTED) & move.c.origin.in_(inside) & move.c.place.in_(inside),
    )  # fmt: skip
    first, second, third = (connection.execute(select(func.count()).where(test)).scalar_one() for test in tests)
    return int(first), int(second), int(third)


# ---- answering ------------------------------------------------------------------------------------------------------------
def confirm(desk: Desk, actor: Actor, seq: int) -> None:
    """The village that was left agrees: the new one sees what shared data says, and has the person on every roster of theirs.
    Raises NotAllowed, NotThere, Clash when it was answered."""
    _answer(desk, actor, seq, MoveState.CONFIRMED, "move-confirm")


def dispute(desk: Desk, actor: Actor, seq: int, reason: str) -> None:
    """The village that was left objects; a steward decides. Raises NotAllowed, NotThere, Invalid without a reason, Clash when it
    was answered."""
    said = words(reason)
    if not said:
        raise Invalid("desk.reason-needed", name="提出异议")
    _answer(desk, actor, seq, MoveState.DISPUTED, "move-dispute", said)


def _answer(desk: Desk, actor: Actor, seq: int, state: MoveState, act: str, reason: str = "") -> None:
    def job(connection: Connection) -> None:
        row = _row(connection, actor, seq, Role.WORKER)
        demand(connection, actor, row.origin, WHAT, Role.WORKER)
        _demand_state(row, (MoveState.OPEN,), "核对")
        change = {"state": str(state), "answered_by": actor.id, "answered_at": desk.now(), "reason": reason}
        connection.execute(update(move).where(move.c.seq == seq).values(**change))
        desk.note(connection, actor, act, chain=row.origin, move=seq)

    desk.store.write(job)


def let_stand(desk: Desk, actor: Actor, seq: int, reason: str) -> None:
    """A steward lets a move stand to which the village that was left objects. Raises NotAllowed, NotThere, Invalid, Clash."""
    said = _reason(reason)

    def job(connection: Connection) -> None:
        row = _row(connection, actor, seq, Role.STEWARD)
        for place in (row.origin, row.place):
            demand(connection, actor, place, WHAT, Role.STEWARD)
        _demand_state(row, (MoveState.DISPUTED,), "裁定")
        _decide(connection, desk, actor, row, MoveState.STANDS, said)
        desk.note(connection, actor, "move-stands", chain=row.origin, move=seq)

    desk.store.write(job)


def take_back(desk: Desk, actor: Actor, seq: int, reason: str) -> None:
    """Undoes a move: by a steward after an objection, by the village that registered it while it is not settled. Everything
    written about the person since is as before, by appended versions. Raises NotAllowed, NotThere, Invalid, Clash."""
    said = _reason(reason)

    def job(connection: Connection) -> None:
        row = _row(connection, actor, seq, Role.STEWARD, Role.WORKER)
        steward = actor.role is Role.STEWARD
        for place in (row.origin, row.place) if steward else (row.place,):
            demand(connection, actor, place, WHAT, actor.role)
        _demand_state(row, (MoveState.DISPUTED,) if steward else (MoveState.OPEN, MoveState.DISPUTED), "撤回")
        later = (move.c.subject == row.subject) & (move.c.seq > seq) & (move.c.state != MoveState.TAKEN_BACK)
        if connection.execute(select(move.c.seq).where(later)).first() is not None:
            raise Clash("roster.move-answered", state="之后又搬走了", what="撤回")
        _undo(connection, desk, actor, row, said)
        _decide(connection, desk, actor, row, MoveState.TAKEN_BACK, said, "" if steward else desk.now())
        for place in sorted({row.origin, row.place}):
            desk.note(connection, actor, "move-back", chain=place, move=seq)

    desk.store.write(job)


def seen(desk: Desk, actor: Actor, seq: int) -> None:
    """The village against which it was decided has seen it. Raises NotAllowed, NotThere."""

    def job(connection: Connection) -> None:
        row = _row(connection, actor, seq, Role.WORKER)
        state = MoveState(row.state)
        if not _concerns(state, within(connection, actor, row.origin), within(connection, actor, row.place)):
            raise NotThere("这次搬迁")
        connection.execute(update(move).where(move.c.seq == seq, move.c.seen_at == "").values(seen_at=desk.now()))
        desk.note(connection, actor, "move-seen", chain=actor.region, move=seq)

    desk.store.write(job)


# ---- within ---------------------------------------------------------------------------------------------------------------
def _row(connection: Connection, actor: Actor, seq: int, *roles: Role) -> Row[Any]:
    """A move of one of the actor's places. Raises NotAllowed for the role, NotThere otherwise."""
    demand(connection, actor, actor.region, WHAT, *roles)
    row = connection.execute(select(move).where(move.c.seq == seq)).one_or_none()
    if row is None or not (within(connection, actor, row.origin) or within(connection, actor, row.place)):
        raise NotThere("这次搬迁")
    return row


def _reason(text: str) -> str:
    said = words(text)
    if not said:
        raise Invalid("desk.reason-needed", name="裁定或撤回搬迁")
    return said


def _demand_state(row: Row[Any], states: Sequence[MoveState], what: str) -> None:
    if MoveState(row.state) not in states:
        raise Clash("roster.move-answered", state=STATE_NAMES[MoveState(row.state)], what=what)


def _decide(
    connection: Connection, desk: Desk, actor: Actor, row: Row[Any], state: MoveState, reason: str, seen_at: str = ""
) -> None:  # fmt: skip
    change = {
        "state": str(state), "decided_by": actor.id, "decided_at": desk.now(), "resolution": reason, "seen_at": seen_at,
    }  # fmt: skip
    connection.execute(update(move).where(move.c.seq == row.seq).values(**change))


def _undo(connection: Connection, desk: Desk, actor: Actor, row: Row[Any], reason: str) -> None:
    one = subjects.of_ids(connection, [row.subject])[row.subject]
    home = desk.secrets.find(f"户:{open_number(desk.secrets, one)}")
    now = desk.now()
    for key, before in subjects.changed_after(connection, [one.id, home], row.after).items():
        place = before.region if before is not None else row.place
        state = state_of_writing(connection, place, key.period)
        value, source = (before.value, before.source) if before is not None else (None, UNDONE)
        put_over(connection, Entry(key, place, value, state, source, f"move:{row.seq}", actor.id, now, reason))
        if key.element.startswith("@"):
            tell_reported(connection, desk, actor, key, place, "一次搬迁登记已撤回，名册和人数随之变动")
    was = row.before or ACTIVE
    subjects.put(connection, replace(one, region=row.origin, state=was, changed_at=now, changed_by=actor.id))
