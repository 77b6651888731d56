"""People and their rights, the states of a submission, and how the desk refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from consolidation.store.schema import region_above
from forms.problems import CannotDo, problem


class Role(StrEnum):
    WORKER = "worker"  # 填报员: reports for its region
    LEADER = "leader"  # 审核员: checks and approves what lies below its region
    STEWARD = "steward"  # 数据管理员: elements, forms, matching, conflicts, admission
    TRAINER = "trainer"  # 训练员: the assistant
    ADMINISTRATOR = "administrator"


ROLE_NAMES = {
    Role.WORKER: "填报员",
    Role.LEADER: "审核员",
    Role.STEWARD: "数据管理员",
    Role.TRAINER: "训练员",
    Role.ADMINISTRATOR: "管理员",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, or another system with a token. `region`: the top of the subtree that is theirs; nobody reads or
    writes outside it. `scopes`: of a token; None = a person, whose role decides."""

    id: str
    name: str
    role: Role
    region: str
    scopes: frozenset[str] | None = None


PROGRAM = Actor("program", "程序", Role.ADMINISTRATOR, "")
"""The program itself (prefilling, reminders): bound to no region."""


class SubmissionState(StrEnum):
    DISPATCHED = "dispatched"  # 待填报
    SUBMITTED = "submitted"  # 已提交，待审核
    RETURNED = "returned"  # 已退回
    APPROVED = "approved"  # 已通过


STATE_NAMES = {
    SubmissionState.DISPATCHED: "待填报",
    SubmissionState.SUBMITTED: "已提交，待审核",
    SubmissionState.RETURNED: "已退回",
    SubmissionState.APPROVED: "已通过",
}
EVENT_NAMES = {**{str(state): name for state, name in STATE_NAMES.items()}, "closed": "本期结束", "reopened": "重新开启"}
FILLABLE = (SubmissionState.DISPATCHED, SubmissionState.RETURNED)


class Refused(CannotDo):
    """The desk does not do what was asked; `problem` says why and what to do."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(problem(code, "", "", "", **values))


class NotAllowed(Refused):
    """The actor has no right to it (HTTP 403)."""

    def __init__(self, what: str) -> None:
        super().__init__("desk.not-allowed", what=what)


class NotThere(Refused):
    """There is no such thing, or none that the actor may know of (HTTP 404)."""

    def __init__(self, what: str) -> None:
        super().__init__("desk.no-such", what=what)


class Clash(Refused):
    """Somebody else was first, or the state does not allow it (HTTP 409)."""


class Invalid(Refused):
    """What was given is no valid value (HTTP 422)."""


def within(connection: Connection, actor: Actor, region: str) -> bool:
    """Whether a region lies in the actor's subtree."""
    if actor is PROGRAM:
        return True
    a = region_above
    return connection.execute(select(a.c.code).where(a.c.code == region, a.c.above == actor.region)).first() is not None


def demand(
    connection: Connection, actor: Actor, region: str, what: str, *roles: Role, scope: str | tuple[str, ...] = ()
) -> None:  # fmt: skip
    """Passes when the actor may do it: one of `roles` (administrators always may; a token: the scope, or one of several), in a
    region of its own.

    Raises NotAllowed for the role, NotThere for the region: who may not see a place is not told that it exists.
    """
    if actor is PROGRAM:
        return
    if actor.scopes is not None:
        if actor.scopes.isdisjoint((scope,) if isinstance(scope, str) else scope):
            raise NotAllowed(what)
    elif actor.role is not Role.ADMINISTRATOR and actor.role not in roles:
        raise NotAllowed(what)
    if not within(connection, actor, region):
        raise NotThere("这个地方")


LAST_VERSION = 2**31 - 1  # what the database's integers hold
LONGEST_WORDS = 500


def words(text: str) -> str:
    """What somebody wrote as a reason, note or remark, as it is kept: without what cannot be seen or stored, and not endless."""
    return "".join(letter for letter in text if letter == "\n" or letter.isprintable()).strip()[:LONGEST_WORDS]


def now_text(now: datetime) -> str:
    """A moment as the database writes it: UTC, to the microsecond, ISO 8601."""
    return now.astimezone(UTC).isoformat(timespec="microseconds")
