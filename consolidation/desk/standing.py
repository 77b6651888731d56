"""How a place's report of a period stands: its state, and whether the period is closed for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from consolidation.store.schema import region_above, submission

from .model import FILLABLE, STATE_NAMES, Clash, NotThere, SubmissionState

CLOSED_NAME = "已结束"


@dataclass(frozen=True, slots=True)
class Standing:
    """`closed`: the region for which the period was closed, which the place lies in; "" = it is open."""

    state: SubmissionState
    closed: str = ""

    @property
    def fillable(self) -> bool:
        """Whether cells can be typed into; what is reported is corrected instead."""
        return self.state in FILLABLE and not self.closed

    @property
    def name(self) -> str:
        """What people are told."""
        return CLOSED_NAME if self.closed else STATE_NAMES[self.state]


def standing(connection: Connection, place: str, period: str) -> Standing:
    """How a place's report stands. Raises NotThere."""
    return _read(connection, place, period, _query(place, period))


def standing_to_change(connection: Connection, place: str, period: str) -> Standing:
    """The same for somebody who will change it: nobody else does or saves until the commit (PostgreSQL; SQLite has one writer
    anyway). Raises NotThere."""
    return _read(connection, place, period, _query(place, period).with_for_update())


def standing_meanwhile(connection: Connection, place: str, period: str) -> Standing:
    """The same for those who save: many may at once, and it stays as it is until they have. Raises NotThere."""
    return _read(connection, place, period, _query(place, period).with_for_update(read=True))


def demand_open(found: Standing, what: str) -> None:
    """Passes while the period is open for the place. Raises Clash."""
    if found.closed:
        raise Clash("desk.closed", what=what)


def demand_open_above(connection: Connection, period: str, places: Sequence[str]) -> None:
    """Passes when no region that holds one of some places closed the period. Raises Clash."""
    tops = select(submission.c.closed).where(submission.c.period == period, submission.c.closed != "")
    query = select(region_above.c.code).where(region_above.c.code.in_(places), region_above.c.above.in_(tops))
    if connection.execute(query.limit(1)).first() is not None:
        raise Clash("desk.closed", what="再布置")


def _query(place: str, period: str) -> Any:
    s = submission.c
    return select(s.state, s.closed).where(s.region == place, s.period == period)


def _read(connection: Connection, place: str, period: str, query: Any) -> Standing:
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotThere(f"{period} 在这里的报表")
    return Standing(SubmissionState(row.state), row.closed)
