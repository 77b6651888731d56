"""What people decided about likely matches, in the database: one row each, appended only. A later row withdraws an earlier one.

A decision counts from the next period that is opened: the figures of an open one stay where they were reported.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from consolidation.match import Decision, Decisions, decision_from, decision_line
from consolidation.store.schema import account, decision


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a decision, or (`withdraws`) the number of the one that it takes back. `in_force`: not taken back since."""

    seq: int
    decision: Decision | None
    withdraws: int
    who: str
    at: str
    reason: str
    in_force: bool


def append(connection: Connection, made: Decision, actor: str, at: str) -> int:
    """Writes a decision down; gives its number."""
    row = insert(decision).values(body=decision_line(made), actor=actor, at=at).returning(decision.c.seq)
    return int(connection.execute(row).scalar_one())


def withdraw(connection: Connection, seq: int, reason: str, actor: str, at: str) -> int:
    """Takes a decision back by a further row; gives that row's number."""
    body = json.dumps({"withdraws": seq, "reason": reason}, ensure_ascii=False)
    row = insert(decision).values(body=body, actor=actor, at=at).returning(decision.c.seq)
    return int(connection.execute(row).scalar_one())


def mark(connection: Connection, until: str | None = None) -> int:
    """The number of the last row (made up to a moment), 0 when there is none: tells one state of the decisions from another."""
    query = select(func.max(decision.c.seq))
    if until is not None:
        query = query.where(decision.c.at <= until)
    return int(connection.execute(query).scalar_one() or 0)


def lines(connection: Connection, last: int | None = None) -> tuple[Line, ...]:
    """All rows in the order they were written, up to the row `last`."""
    query = select(decision, account.c.name.label("who")).outerjoin(account, account.c.id == decision.c.actor)
    if last is not None:
        query = query.where(decision.c.seq <= last)
    rows = connection.execute(query.order_by(decision.c.seq)).all()
    bodies = [(row, json.loads(row.body)) for row in rows]
    gone = {int(body["withdraws"]) for _, body in bodies if "withdraws" in body}
    found = []
    for row, body in bodies:
        made = None if "withdraws" in body else decision_from(body)
        in_force = made is not None and row.seq not in gone
        who = str(row.who or row.actor)
        found.append(Line(row.seq, made, int(body.get("withdraws", 0)), who, row.at, str(body.get("reason", "")), in_force))
    return tuple(found)


def in_force(connection: Connection, last: int | None = None) -> Decisions:
    """The decisions that count (up to the row `last`)."""
    return Decisions(line.decision for line in lines(connection, last) if line.decision is not None and line.in_force)
