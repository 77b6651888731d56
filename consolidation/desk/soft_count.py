"""How many soft findings each submitted report has, kept beside it: counting them reads the shared lists, which takes seconds for
a place, and a leader sees hundreds at once. Counted when it is submitted, and again when somebody looks at a corrected one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert

from consolidation.check import Finding
from consolidation.store.schema import region_above, soft_findings
from forms.periods import Period


@dataclass(frozen=True, slots=True)
class SoftCount:
    """`found`: soft findings; `unanswered`: those for which nobody gave a reason; `stale`: figures were corrected since."""

    found: int
    unanswered: int
    stale: bool = False


def of(found: Sequence[Finding], reasons: Mapping[str, str]) -> SoftCount:
    """The count of some findings, with the reasons given (by fingerprint)."""
    soft = [one for one in found if not one.hard]
    return SoftCount(len(soft), sum(not reasons.get(one.fingerprint) for one in soft))


def read(connection: Connection, place: str, period: str) -> SoftCount | None:
    """What is kept of a report; None before it was submitted."""
    s = soft_findings
    row = connection.execute(select(s).where(s.c.region == place, s.c.period == period)).one_or_none()
    return None if row is None else _count(row)


def below(connection: Connection, top: str, period: str) -> dict[str, SoftCount]:
    """What is kept of the reports of a region: place -> count."""
    inside = select(region_above.c.code).where(region_above.c.above == top)
    s = soft_findings
    rows = connection.execute(select(s).where(s.c.region.in_(inside), s.c.period == period))
    return {row.region: _count(row) for row in rows}


def keep(connection: Connection, place: str, period: str, count: SoftCount, at: str) -> None:
    """Writes down what was counted."""
    make = (pg_insert if connection.dialect.name == "postgresql" else lite_insert)(soft_findings)
    row = {"found": count.found, "unanswered": count.unanswered, "stale": int(count.stale), "at": at}
    added = make.values(region=place, period=period, **row)
    connection.execute(added.on_conflict_do_update(index_elements=["region", "period"], set_=row))


def corrected(connection: Connection, place: str, period: str) -> None:
    """A reported figure changed: what was counted for its period and the later ones, which are compared with it, may not hold."""
    s, end = soft_findings, Period.parse(period).end
    periods = connection.execute(select(s.c.period).where(s.c.region == place)).scalars().all()
    later = [one for one in periods if Period.parse(one).end >= end]
    connection.execute(update(s).where(s.c.region == place, s.c.period.in_(later)).values(stale=1))


def _count(row: Row[Any]) -> SoftCount:
    return SoftCount(row.found, row.unanswered, bool(row.stale))
