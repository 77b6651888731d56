"""What a leader sees: which places have reported, which are late, which were returned, where a reported figure was corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, select

from consolidation.store.schema import figure, region, region_above, remark, submission
from forms.periods import Period

from . import soft_count
from .catalogue import figure_period
from .context import Desk
from .dispatch import OpenPeriod, catalogue_of, read_period
from .model import FILLABLE, STATE_NAMES, Actor, Role, SubmissionState, demand


@dataclass(frozen=True, slots=True)
class PlaceState:
    """One place's submission. `filled`: figures that are there, of `total` (computed ones count when they are stored);
    `corrections`: figures changed after they were submitted; `remarks`: remarks that are still open;
    `closed`: the period is over for it; `unusual`: soft findings of what was handed in, None before it is, of which `unanswered`
    have no reason; `stale`: figures were corrected since they were counted."""

    place: str
    name: str
    above: str
    state: SubmissionState
    deadline: str
    overdue: bool
    filled: int
    total: int
    corrections: int
    remarks: int
    changed_at: str
    closed: bool = False
    unusual: int | None = None
    unanswered: int = 0
    stale: bool = False

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.state]


@dataclass(frozen=True)
class Overview:
    """All places below a region for one period."""

    period: OpenPeriod
    places: tuple[PlaceState, ...]

    @property
    def period_name(self) -> str:
        return Period.parse(self.period.period).chinese

    @property
    def counts(self) -> Mapping[SubmissionState, int]:
        """How many places are in each state."""
        return {state: sum(place.state is state for place in self.places) for state in SubmissionState}

    @property
    def overdue(self) -> int:
        return sum(place.overdue for place in self.places)


def overview(desk: Desk, actor: Actor, period: str) -> Overview:
    """The places of the actor's region. Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)
    elements = {element.id for element in catalogue.figures}
    wanted = sorted({str(figure_period(element, Period.parse(period))) for element in catalogue.figures})
    today = desk.today().isoformat()
    with desk.store.read() as connection:
        demand(connection, actor, actor.region, "查看各地进度", Role.LEADER, Role.STEWARD, scope="figures:read")
        filled = _filled(connection, actor.region, wanted, elements)
        said = _remarks(connection, actor.region, period)
        counted = soft_count.below(connection, actor.region, period)
        opened = read_period(connection, period)
        rows = connection.execute(_submissions(actor.region, period)).all()
    places = []
    for row in rows:
        state = SubmissionState(row.state)
        soft = counted.get(row.region) if state not in FILLABLE else None
        places.append(
            PlaceState(
                row.region, row.name, row.above, state, row.deadline,
                state in FILLABLE and row.deadline < today and not row.closed,
                min(filled.get(row.region, 0), len(elements)), len(elements), said.get((row.region, "correction"), 0),
                said.get((row.region, "return"), 0), row.changed_at, bool(row.closed),
                *((soft.found, soft.unanswered, soft.stale) if soft is not None else ()),
            )
        )  # fmt: skip
    return Overview(opened, tuple(places))


def _submissions(top: str, period: str) -> Select[tuple[str, ...]]:
    inside = select(region_above.c.code).where(region_above.c.above == top)
    parent = region.alias("parent")
    return (
        select(submission, region.c.name, func.coalesce(parent.c.name, "").label("above"))
        .join(region, region.c.code == submission.c.region)
        .outerjoin(parent, parent.c.code == region.c.parent)
        .where(submission.c.period == period, submission.c.region.in_(inside))
        .order_by(region.c.parent, submission.c.region)
    )


def _filled(connection: Connection, top: str, periods: list[str], elements: set[str]) -> dict[str, int]:
    inside = select(region_above.c.code).where(region_above.c.above == top)
    rows = connection.execute(
        select(figure.c.region, figure.c.element)
        .where(figure.c.region.in_(inside), figure.c.period.in_(periods), figure.c.value.is_not(None))
        .where(figure.c.entity == figure.c.region)
    )
    found: dict[str, int] = {}
    for row in rows:
        if row.element in elements:
            found[row.region] = found.get(row.region, 0) + 1
    return found


def _remarks(connection: Connection, top: str, period: str) -> dict[tuple[str, str], int]:
    inside = select(region_above.c.code).where(region_above.c.above == top)
    rows = connection.execute(
        select(remark.c.region, remark.c.kind, func.count().label("number"))
        .where(remark.c.period == period, remark.c.region.in_(inside), remark.c.settled_at == "")
        .group_by(remark.c.region, remark.c.kind)
    )
    return {(row.region, row.kind): row.number for row in rows}
