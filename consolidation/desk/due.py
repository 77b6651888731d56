"""What is due: the open submissions of a worker's or leader's places, with how much of each is done."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from consolidation.store.schema import region, region_above, submission
from forms.periods import Period

from .context import Desk
from .dispatch import catalogue_of
from .model import FILLABLE, STATE_NAMES, Actor, SubmissionState
from .worksheet import read_worksheet

_COUNTED = 12  # submissions whose missing cells are counted for one page


@dataclass(frozen=True, slots=True)
class Due:
    """One place's submission of an open period. `missing` None = not counted (a leader of many places)."""

    period: str
    place: str
    place_name: str
    state: SubmissionState
    deadline: str
    overdue: bool
    missing: int | None
    total: int

    @property
    def period_name(self) -> str:
        return Period.parse(self.period).chinese

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.state]


def due(desk: Desk, actor: Actor) -> tuple[Due, ...]:
    """The submissions of all open periods in the actor's region, the earliest deadline first."""
    inside = select(region_above.c.code).where(region_above.c.above == actor.region)
    query = (
        select(submission, region.c.name)
        .join(region, region.c.code == submission.c.region)
        .where(submission.c.region.in_(inside), submission.c.closed == "")
        .order_by(submission.c.deadline, submission.c.period, submission.c.region)
    )
    today = desk.today().isoformat()
    found = []
    with desk.store.read() as connection:
        for number, row in enumerate(connection.execute(query).all()):
            state = SubmissionState(row.state)
            missing, total = None, 0
            if number < _COUNTED:
                sheet = read_worksheet(connection, desk, catalogue_of(desk, row.period), row.region, row.period)
                missing, total = sheet.missing, len(sheet.items)
            late = state in FILLABLE and row.deadline < today
            found.append(Due(row.period, row.region, row.name, state, row.deadline, late, missing, total))
    return tuple(found)
