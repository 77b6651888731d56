"""Opening a reporting period: which forms are due, who reports by when, and what shared data fills in beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select, update

from consolidation.store import Entry, Key, State, figures
from consolidation.store.schema import batch, region, region_above, submission, submission_event
from consolidation.store.schema import period as periods
from consolidation.store.upsert import insert_into
from forms.periods import Period

from . import personal, values
from .catalogue import Catalogue, figure_period, is_due, versions_for
from .context import Desk
from .differing import record_sources
from .model import PROGRAM, Actor, Clash, Invalid, NotThere, Role, SubmissionState, demand
from .roster_counts import reported_lists
from .standing import demand_open, demand_open_above, standing_meanwhile

OPEN = "open"


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """A reporting period. `forms`: ids of the forms dispatched with it; `deadline`: the last day."""

    period: str
    state: str
    deadline: str
    forms: tuple[str, ...]
    opened_at: str


def due_forms(desk: Desk, period: Period) -> tuple[str, ...]:
    """The ids of the live forms whose frequency makes them due in a period."""
    with desk.store.read() as connection:
        rows = versions_for(connection, period)
    return tuple(sorted(row.form for row in rows if is_due(row.frequency, period)))


def open_period(
    desk: Desk, actor: Actor, period: Period, deadline: date, forms: Sequence[str], top: str
) -> tuple[str, ...]:  # fmt: skip
    """Opens a period and dispatches it to every village and community below `top`; gives their codes. Raises Clash when it is
    open already, Invalid without any form, NotAllowed, NotThere."""
    now = desk.now()

    def job(connection: Connection) -> tuple[str, ...]:
        demand(connection, actor, top, "开启报告期、布置报表", Role.STEWARD, Role.LEADER)
        _demand_forms(connection, period, forms)
        if connection.execute(select(periods.c.period).where(periods.c.period == str(period))).first() is not None:
            raise Clash("desk.wrong-state", state="已开启", what="再开启一次")
        connection.execute(
            insert(periods).values(
                period=str(period), state=OPEN, deadline=deadline.isoformat(), forms=json.dumps(list(forms)), opened_at=now,
                opened_by=actor.id,
            )
        )  # fmt: skip
        places = tuple(reporting_places(connection, top))
        dispatch(connection, places, str(period), deadline, actor, now)
        desk.note(connection, actor, "open-period", str(period), chain=top, forms=len(forms), places=len(places))
        return places

    return desk.store.write_apart(job)


def _demand_forms(connection: Connection, period: Period, forms: Sequence[str]) -> None:
    live = {row.form for row in versions_for(connection, period)}
    if not forms:
        raise Invalid("desk.nothing-chosen", what="报表")
    if not live.issuperset(forms):
        raise NotThere("所选的报表")


def extend_period(desk: Desk, actor: Actor, period: str, top: str, deadline: date) -> tuple[str, ...]:
    """Dispatches a period to the places below `top` that do not have it yet; gives their codes. Raises NotAllowed, NotThere,
    Clash where it is closed."""

    def job(connection: Connection) -> tuple[str, ...]:
        demand(connection, actor, top, "开启报告期、布置报表", Role.STEWARD, Role.LEADER)
        read_period(connection, period)
        has = set(connection.execute(select(submission.c.region).where(submission.c.period == period)).scalars())
        places = tuple(place for place in reporting_places(connection, top) if place not in has)
        demand_open_above(connection, period, (top, *places))
        dispatch(connection, places, period, deadline, actor, desk.now())
        if places:
            connection.execute(update(periods).where(periods.c.period == period).values(state=OPEN, closed_at=""))
        desk.note(connection, actor, "extend-period", period, chain=top, places=len(places))
        return places

    return desk.store.write_apart(job)


def dispatched_places(connection: Connection, period: str, top: str) -> list[str]:
    """The places below `top` (and itself) that report for a period."""
    inside = select(region_above.c.code).where(region_above.c.above == top)
    query = select(submission.c.region).where(submission.c.period == period, submission.c.region.in_(inside))
    return list(connection.execute(query.order_by(submission.c.region)).scalars())


def reporting_places(connection: Connection, top: str) -> list[str]:
    """The places of the lowest level below `top`: villages and communities, which report."""
    inside = select(region_above.c.code).where(region_above.c.above == top)
    parents = select(region.c.parent)
    query = select(region.c.code).where(region.c.code.in_(inside), region.c.code.not_in(parents)).order_by(region.c.code)
    return list(connection.execute(query).scalars())


def dispatch(connection: Connection, places: Sequence[str], period: str, deadline: date, actor: Actor, now: str) -> None:
    """A submission for each place that has none yet."""
    free = insert_into(submission, connection.dialect.name).on_conflict_do_nothing()
    state = str(SubmissionState.DISPATCHED)
    for place in places:
        row = {"region": place, "period": period, "state": state, "deadline": deadline.isoformat()}
        added = free.values(**row, changed_at=now, changed_by=actor.id)
        if connection.execute(added.returning(submission.c.region)).first() is not None:
            event = {"region": place, "period": period, "from_state": "", "to_state": state, "actor": actor.id, "at": now}
            connection.execute(insert(submission_event).values(**event))


def read_period(connection: Connection, period: str) -> OpenPeriod:
    """A period as it was opened. Raises NotThere."""
    row = connection.execute(select(periods).where(periods.c.period == period)).one_or_none()
    if row is None:
        raise NotThere(f"报告期 {period}")
    return OpenPeriod(row.period, row.state, row.deadline, tuple(json.loads(row.forms)), row.opened_at)


def open_periods(desk: Desk) -> tuple[OpenPeriod, ...]:
    """All periods, the latest first."""
    with desk.store.read() as connection:
        rows = connection.execute(select(periods).order_by(periods.c.period.desc())).all()
    return tuple(OpenPeriod(row.period, row.state, row.deadline, tuple(json.loads(row.forms)), row.opened_at) for row in rows)


def catalogue_of(desk: Desk, period: str) -> Catalogue:
    """The merged forms that were dispatched with a period, each in the version for it, by what people had decided when it was
    opened: what is asked does not change under those who fill it in. Raises NotThere."""
    with desk.store.read() as connection:
        opened = read_period(connection, period)
        return desk.catalogues.of(connection, opened.forms, Period.parse(period), opened.opened_at)


def prefill(desk: Desk, actor: Actor, place: str, period: str, progress: Callable[[str], None] = lambda _: None) -> int:
    """Fills a place's figures from shared data, each with its source; what people wrote stays. Gives how many were written.

    Raises NotAllowed, NotThere, Clash when the period is closed, CannotDo when the shared data cannot be read.
    """
    with desk.store.read() as connection:
        demand(connection, actor, place, "预填", Role.STEWARD, Role.LEADER, Role.WORKER)
    if desk.shared is None:
        return 0
    catalogue = catalogue_of(desk, period)
    progress(f"预填 {place} ……")
    reported, mark = reported_lists(desk, catalogue, Period.parse(period))
    filled = desk.shared.counted(catalogue, place, Period.parse(period), reported, mark)
    now = desk.now()
    entries = []
    for (element_id, entity), figure in filled.places.items():
        element = catalogue.asked.get(element_id)
        text = values.stored(figure.value)
        if element is None or text is None or entity != place:
            continue
        key = Key(element_id, place, str(figure_period(element, Period.parse(period))))
        held = personal.sealed(desk.secrets, element, key, text)
        source = figure.provenance
        entries.append(Entry(key, place, held, State.PREFILLED, source.source, source.detail, PROGRAM.id, now))

    columns = sorted({element for by in filled.rows.values() for element in by})

    def job(connection: Connection) -> int:
        demand_open(standing_meanwhile(connection, place, period), "预填")
        count = figures.save_many(connection, entries)
        record_sources(connection, desk, catalogue, place, period, filled.conflicts)
        connection.execute(
            insert(batch).values(
                kind="prefill", region=place, period=period, source="共享数据", actor=actor.id, at=now,
                counts=json.dumps({"given": len(entries), "written": count, "columns": columns}),
            )
        )  # fmt: skip
        desk.note(connection, actor, "prefill", period, chain=place, written=count)
        return count

    return desk.store.write_apart(job)
