"""Opening a period: what a leader or steward is offered to choose from, and how far it has got."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from consolidation.store.schema import batch, form, form_version, region, region_above, submission
from consolidation.store.schema import period as periods
from forms.model import Problem
from forms.periods import Period, PeriodKind

from .calendar import deadline, load_deadlines
from .catalogue import LIVE, is_due
from .context import Desk
from .dispatch import OpenPeriod, read_period, reporting_places
from .model import Actor, Role, SubmissionState, demand
from .standing import Standing

ROLES = (Role.STEWARD, Role.LEADER)
WHAT = "开启报告期、布置报表"
MONTHS = 14  # offered: the last year, this month and the next
FREQUENCY_NAMES = {
    "once": "一次性", "daily": "日报", "weekly": "周报", "monthly": "月报", "quarterly": "季报",
    "half-yearly": "半年报", "yearly": "年报",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offered:
    """A live form that may be dispatched. `due`: by its frequency."""

    id: str
    title: str
    department: str
    frequency: str
    due: bool

    @property
    def frequency_name(self) -> str:
        return FREQUENCY_NAMES.get(self.frequency, "随时")


@dataclass(frozen=True, slots=True)
class Top:
    """A region to which a period may be dispatched, with the places that would report."""

    code: str
    name: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """What is proposed for a period: forms by department, the deadline by rule, to whom. `taken`: it is open already."""

    period: Period
    forms: Mapping[str, tuple[Offered, ...]]
    deadline: date
    rule: str
    warnings: tuple[Problem, ...]
    tops: tuple[Top, ...]
    taken: bool

    @property
    def due(self) -> int:
        return sum(one.due for forms in self.forms.values() for one in forms)


@dataclass(frozen=True, slots=True)
class PlaceRun:
    """A place that reports for a period. `at`: of the last prefilling, "" = none yet; `given`: figures that shared data had;
    `written`: those that were new or changed."""

    place: str
    name: str
    state: SubmissionState
    deadline: str
    at: str = ""
    given: int = 0
    written: int = 0
    closed: str = ""  # the region for which the period was closed, with this place in it

    @property
    def state_name(self) -> str:
        return Standing(self.state, self.closed).name


@dataclass(frozen=True)
class Opened:
    """A period as a leader or steward looks after it. `left_out`: places of theirs that do not have it."""

    period: OpenPeriod
    forms: tuple[Offered, ...]
    places: tuple[PlaceRun, ...]
    left_out: tuple[str, ...]

    @property
    def name(self) -> str:
        return Period.parse(self.period.period).chinese

    @property
    def still_open(self) -> tuple[PlaceRun, ...]:
        """The places that would be closed before they are approved."""
        return tuple(one for one in self.places if not one.closed and one.state is not SubmissionState.APPROVED)

    @property
    def closed(self) -> tuple[PlaceRun, ...]:
        """The places for which the period is over."""
        return tuple(one for one in self.places if one.closed)


def choices(desk: Desk) -> tuple[Period, ...]:
    """Periods that may be opened now, the most likely one first: the last month, other months, then longer ones."""
    today = desk.today()
    this = Period.containing(today, PeriodKind.MONTH)
    months = [this.next(), this]
    while len(months) < MONTHS:
        months.append(months[-1].previous())
    longer = []
    for kind in (PeriodKind.QUARTER, PeriodKind.HALF_YEAR, PeriodKind.YEAR):
        now = Period.containing(today, kind)
        longer += [now, now.previous()]
    with desk.store.read() as connection:
        taken = set(connection.execute(select(periods.c.period)).scalars())
    free = [one for one in (*months, *longer) if str(one) not in taken]
    last = this.previous()
    return tuple(sorted(free, key=lambda one: (one != last, one.kind is not PeriodKind.MONTH)))


def offer(desk: Desk, actor: Actor, period: Period) -> Offer:
    """What is proposed for a period. Raises NotAllowed."""
    rules = load_deadlines()
    rule = rules.rule(period.kind)
    by_rule = deadline(period, rule, rules.calendar)
    with desk.store.read() as connection:
        demand(connection, actor, actor.region, WHAT, *ROLES)
        query = (
            select(form.c.id, form.c.title, form.c.department, form.c.frequency)
            .where(form.c.id.in_(select(form_version.c.form).where(form_version.c.state == LIVE)))
            .order_by(form.c.department, form.c.id)
        )
        forms: dict[str, list[Offered]] = {}
        for row in connection.execute(query):
            due = is_due(row.frequency, period)
            forms.setdefault(row.department, []).append(Offered(row.id, row.title, row.department, row.frequency, due))
        names = {row.code: row.name for row in connection.execute(select(region.c.code, region.c.name))}
        below = connection.execute(select(region.c.code).where(region.c.parent == actor.region).order_by(region.c.code)).scalars()
        tops = tuple(
            Top(code, names[code], tuple(names[place] for place in reporting_places(connection, code)))
            for code in (actor.region, *below)
        )
        taken = connection.execute(select(periods.c.period).where(periods.c.period == str(period))).first() is not None
    return Offer(
        period, {name: tuple(some) for name, some in forms.items()}, by_rule.day, str(rule), by_rule.warnings, tops, taken
    )  # fmt: skip


def opened(desk: Desk, actor: Actor, period: str) -> Opened:
    """A period that is open, with the places of the actor's region. Raises NotAllowed, NotThere."""
    with desk.store.read() as connection:
        demand(connection, actor, actor.region, WHAT, *ROLES)
        found = read_period(connection, period)
        query = select(form.c.id, form.c.title, form.c.department, form.c.frequency).order_by(form.c.department, form.c.id)
        own = set(found.forms)
        forms = tuple(
            Offered(row.id, row.title, row.department, row.frequency, due=True)
            for row in connection.execute(query) if row.id in own
        )  # fmt: skip
        inside = select(region_above.c.code).where(region_above.c.above == actor.region)
        b = batch.c
        runs = select(b.region, b.at, b.counts).where(b.kind == "prefill", b.period == period, b.region.in_(inside))
        last = {row.region: (row.at, json.loads(row.counts)) for row in connection.execute(runs.order_by(b.seq))}
        sent = (
            select(submission, region.c.name)
            .join(region, region.c.code == submission.c.region)
            .where(submission.c.period == period, submission.c.region.in_(inside))
            .order_by(submission.c.region)
        )
        places = []
        for row in connection.execute(sent):
            at, counts = last.get(row.region, ("", {}))
            given, written = int(counts.get("given", 0)), int(counts.get("written", 0))
            state = SubmissionState(row.state)
            places.append(PlaceRun(row.region, row.name, state, row.deadline, at, given, written, row.closed))
        has = {one.place for one in places}
        left = [code for code in reporting_places(connection, actor.region) if code not in has]
        rows = connection.execute(select(region.c.code, region.c.name).where(region.c.code.in_(left)))
        named = {row.code: row.name for row in rows}
    return Opened(found, forms, tuple(places), tuple(named[code] for code in left))
