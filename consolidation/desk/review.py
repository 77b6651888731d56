"""Submitting, approving, returning: the states of a submission, each change with who, when and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from consolidation.store import Entry, Key, State, figures
from consolidation.store.schema import account, remark, submission, submission_event
from forms.periods import Period

from . import computed, findings
from .catalogue import figure_period
from .context import Desk
from .dispatch import catalogue_of
from .model import EVENT_NAMES, FILLABLE, Actor, Clash, Invalid, NotThere, Role, SubmissionState, demand, words
from .standing import demand_open, standing, standing_to_change
from .worksheet import Worksheet, read_worksheet


@dataclass(frozen=True, slots=True)
class Event:
    """One change of a submission's state, or the period closed for it and opened again."""

    to_state: str
    who: str
    at: str
    remark: str

    @property
    def name(self) -> str:
        """What happened, as people are told."""
        return EVENT_NAMES[self.to_state]


def submit(desk: Desk, actor: Actor, place: str, period: str, reasons: Mapping[str, str] | None = None) -> Worksheet:
    """Reports everything of a place for a period: drafts, what shared data prefilled and what is computed become reported
    figures. `reasons`: fingerprint of a soft finding -> why the figures are right all the same.

    Raises NotAllowed, NotThere, Clash when it is submitted already, Invalid while cells are missing, a hard finding stands, or
    a soft one has no reason.
    """
    catalogue = catalogue_of(desk, period)
    reported = Period.parse(period)

    def job(connection: Connection) -> Worksheet:
        demand(connection, actor, place, "提交", Role.WORKER, scope="figures:write")
        _expect(connection, place, period, FILLABLE, "提交")
        sheet = read_worksheet(connection, desk, catalogue, place, period)
        if sheet.missing:
            raise Invalid("desk.missing", count=sheet.missing)
        given = findings.demand_passed(connection, desk, catalogue, sheet, reasons or {})
        now = desk.now()
        for item in sheet.items:
            if item.given == "computed" and (item.value is not None or item.version):  # what followed once may follow no more
                key = Key(item.element, place, item.period)
                entry = Entry(key, place, item.value, State.DRAFT, computed.SOURCE, item.rule, actor.id, now)
                figures.save(connection, entry)
        for each in _periods(catalogue.figures, reported):
            figures.move(connection, place, each, (State.DRAFT, State.PREFILLED), State.REPORTED, actor.id, now)
        findings.keep_reasons(connection, actor, sheet, given, now)
        _settle(connection, place, period, "return", actor, now)
        _move(connection, desk, actor, place, period, SubmissionState.SUBMITTED, "")
        desk.note(connection, actor, "submit", period, chain=place, figures=len(sheet.items))
        return read_worksheet(connection, desk, catalogue, place, period)

    return desk.store.write_apart(job)


def approve(desk: Desk, actor: Actor, places: Sequence[str], period: str) -> int:
    """Approves the submissions of some places, all of them or none; gives how many. Raises NotAllowed, NotThere, Clash."""
    catalogue = catalogue_of(desk, period)

    def job(connection: Connection) -> int:
        now = desk.now()
        for place in sorted(places):  # in one order, or two leaders would wait for each other
            demand(connection, actor, place, "审核通过", Role.LEADER)
            _expect(connection, place, period, (SubmissionState.SUBMITTED,), "审核通过")
            for each in _periods(catalogue.figures, Period.parse(period)):
                figures.move(connection, place, each, (State.REPORTED,), State.APPROVED, actor.id, now)
            _move(connection, desk, actor, place, period, SubmissionState.APPROVED, "")
        for place in places:
            desk.note(connection, actor, "approve", period, chain=place)
        return len(places)

    return desk.store.write_apart(job)


def send_back(desk: Desk, actor: Actor, place: str, period: str, remarks: Mapping[str, str], text: str = "") -> None:
    """Returns a submission with remarks by cell (element id -> what is wrong). Raises NotAllowed, NotThere, Clash, Invalid
    when nothing is said."""
    catalogue = catalogue_of(desk, period)
    text, remarks = words(text), {element: kept for element, said in remarks.items() if (kept := words(said))}
    if not text and not remarks:
        raise Invalid("desk.reason-needed", name="退回")
    if not remarks.keys() <= catalogue.asked.keys():
        raise NotThere("这一栏")

    def job(connection: Connection) -> None:
        demand(connection, actor, place, "退回", Role.LEADER)
        _expect(connection, place, period, (SubmissionState.SUBMITTED, SubmissionState.APPROVED), "退回")
        now = desk.now()
        for each in _periods(catalogue.figures, Period.parse(period)):
            figures.move(connection, place, each, (State.REPORTED, State.APPROVED), State.DRAFT, actor.id, now)
        for element, said in remarks.items():
            row = {"region": place, "period": period, "element": element, "entity": place, "kind": "return", "text": said}
            connection.execute(insert(remark).values(**row, actor=actor.id, at=now))
        _move(connection, desk, actor, place, period, SubmissionState.RETURNED, text)
        desk.note(connection, actor, "return", period, chain=place, cells=sorted(remarks))

    desk.store.write(job)


def events(desk: Desk, actor: Actor, place: str, period: str) -> tuple[Event, ...]:
    """What happened to a submission, oldest first. Raises NotAllowed, NotThere."""
    e = submission_event
    query = (
        select(e.c.to_state, e.c.at, e.c.remark, account.c.name)
        .outerjoin(account, account.c.id == e.c.actor)
        .where(e.c.region == place, e.c.period == period)
        .order_by(e.c.seq)
    )
    with desk.store.read() as connection:
        demand(connection, actor, place, "查看报表", Role.WORKER, Role.LEADER, Role.STEWARD)
        return tuple(Event(row.to_state, row.name or "程序", row.at, row.remark) for row in connection.execute(query))


def _periods(elements: Sequence[object], reported: Period) -> list[str]:
    own = {str(reported)}  # what rosters hold of people is always of the period itself
    return sorted(own | {str(figure_period(element, reported)) for element in elements})  # type: ignore[arg-type]


def _expect(connection: Connection, place: str, period: str, states: Sequence[SubmissionState], what: str) -> None:
    found = standing_to_change(connection, place, period)
    demand_open(found, what)
    if found.state not in states:
        raise Clash("desk.wrong-state", state=found.name, what=what)


def _move(
    connection: Connection, desk: Desk, actor: Actor, place: str, period: str, to: SubmissionState, text: str
) -> None:  # fmt: skip
    before = standing(connection, place, period).state
    now = desk.now()
    here = (submission.c.region == place) & (submission.c.period == period)
    change = {"state": str(to), "changed_at": now, "changed_by": actor.id, "version": submission.c.version + 1}
    connection.execute(update(submission).where(here).values(**change))
    connection.execute(insert(submission_event).values(
        region=place, period=period, from_state=str(before), to_state=str(to), actor=actor.id, at=now, remark=text
    ))  # fmt: skip


def _settle(connection: Connection, place: str, period: str, kind: str, actor: Actor, now: str) -> None:
    r = remark
    open_now = (r.c.region == place) & (r.c.period == period) & (r.c.kind == kind) & (r.c.settled_at == "")
    connection.execute(update(remark).where(open_now).values(settled_at=now, settled_by=actor.id))
