"""The desk on both databases, with a county, a town and five communities, and a clock that the test sets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from consolidation.desk.context import Desk
from consolidation.desk.model import Actor, Role
from consolidation.store import Secrets, Store
from consolidation.store.schema import period as period_table
from consolidation.store.schema import region, region_above, submission

COUNTY, TOWN, OTHER_TOWN = "990101", "990101001", "990101002"
VILLAGES = [f"{TOWN}{n:03d}" for n in range(1, 6)]
NAMES = {COUNTY: "示范县", TOWN: "柳河镇", OTHER_TOWN: "石桥镇"} | dict(
    zip(VILLAGES, ["柳坝村", "河东村", "河西村", "新桥村", "石港村"], strict=True)
)
PERIOD = "2026-10"
LEADER = Actor("zhao", "赵", Role.LEADER, TOWN)
WORKER = Actor("wang", "王", Role.WORKER, VILLAGES[0])
STEWARD = Actor("chen", "陈", Role.STEWARD, COUNTY)
STRANGER = Actor("sun", "孙", Role.LEADER, OTHER_TOWN)


@dataclass
class Clock:
    """Says what time it is; the test sets it."""

    now: datetime = field(default=datetime(2026, 11, 2, 2, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    """The tree of places, the period dispatched to the five communities."""

    def fill(c: object) -> None:
        parents = {COUNTY: "", TOWN: COUNTY, OTHER_TOWN: COUNTY} | dict.fromkeys(VILLAGES, TOWN)
        levels = {6: "county", 9: "township", 12: "village"}
        for code, parent in parents.items():
            c.execute(region.insert().values(code=code, name=NAMES[code], level=levels[len(code)], parent=parent))  # type: ignore[attr-defined]
            above = [other for other in parents if code.startswith(other)]
            c.execute(region_above.insert(), [{"code": code, "above": other} for other in above])  # type: ignore[attr-defined]
        due = "2026-11-06T15:59:59.999999+00:00"
        c.execute(period_table.insert().values(period=PERIOD, state="open", deadline=due, opened_at="t", opened_by="chen"))  # type: ignore[attr-defined]
        sent = [
            {"region": code, "period": PERIOD, "state": "dispatched", "deadline": due, "changed_at": "t"} for code in VILLAGES
        ]
        c.execute(submission.insert(), sent)  # type: ignore[attr-defined]

    store.write(fill)
    return Desk(store, Secrets({"1": b"k" * 32}, "1", b"f" * 32), clock)
