"""Somebody from another place of the county is put on a roster: whether that may be taken for a move, and what the move changes.

Who is on a list of people from elsewhere (流动人口) may be moved by the village where they live now; the village they left hears
of it and may object (`moves`). Whose household register lies elsewhere leaves it by that village's own act, as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Select, insert, select

from consolidation.fill.model import PERSON, Fact
from consolidation.fill.people import normal_name
from consolidation.store import OPEN as DRAFTS
from consolidation.store import Entry, Key, Stale, State, Taken, figures, subjects
from consolidation.store.schema import move, region, region_above, remark, submission
from consolidation.store.sealed import move_context
from forms.periods import Period
from forms.values import Failure, parse_date

from .context import Desk
from .model import FILLABLE, Actor, Clash, Invalid, Role, SubmissionState, demand
from .roster_change import Change
from .roster_edits import ADDED, IN, MOVED, OPEN, WAITING, is_out, lives_here, taken_out
from .roster_membership import demand_absent, elsewhere
from .roster_open import OpenRoster

UNKNOWN = "?"  # where somebody came from is not known to the village that they came to


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where somebody who is put on a roster lived before (a place's code, UNKNOWN), and since when they live here, as typed."""

    origin: str
    since: str


@dataclass(frozen=True, slots=True)
class Origin:
    """A place of the county from which somebody may have come."""

    code: str
    name: str
    above: str


@dataclass(frozen=True, slots=True)
class Moving:
    """A move that may be registered: from where in truth, what the new village said, since when, under which name."""

    origin: str
    said: str
    since: date
    name: str


def origins(desk: Desk, actor: Actor, place: str) -> tuple[Origin, ...]:
    """The other villages of a place's county. Raises NotAllowed, NotThere."""
    up, parent = region_above.alias(), region.alias()
    with desk.store.read() as connection:
        demand(connection, actor, place, "修改名册", Role.WORKER)
        county = connection.execute(_county_of(place)).scalar_one_or_none()
        query = (
            select(region.c.code, region.c.name, parent.c.name.label("above"))
            .join(up, up.c.code == region.c.code)
            .outerjoin(parent, parent.c.code == region.c.parent)
            .where(up.c.above == county, region.c.level == "village", region.c.code != place)
            .order_by(region.c.parent, region.c.code)
        )
        return tuple(Origin(row.code, row.name, row.above or "") for row in connection.execute(query))


def _county_of(place: str) -> Select[tuple[str]]:
    query = select(region.c.code).join(region_above, region_above.c.above == region.c.code)
    return query.where(region_above.c.code == place, region.c.level == "county")


def demand_arrival(
    connection: Connection, change: Change, key: str, cells: Mapping[str, str], arrival: Arrival | None
) -> Moving | None:  # fmt: skip
    """The move by which somebody comes to a roster; None for whom no other place has. Raises Clash when they are there already or
    belong to another place and no move is said (or none is to be had), Invalid when what is said of it does not fit."""
    opened = change.opened
    subject = opened.edits.id_of(key)
    demand_absent(opened, subject)
    known = subjects.of_ids(connection, [subject]).get(subject)
    origin = elsewhere(opened, key, known)
    if not origin:
        return None
    counties = [connection.execute(_county_of(place)).scalar_one_or_none() for place in (origin, opened.place)]
    if arrival is None or opened.block.kind != PERSON or None in counties or counties[0] != counties[1]:
        raise Clash("roster.elsewhere", where="其他村（社区）")
    if (known is None or known.state != ADDED) and not _floats(opened, key):
        raise Clash("roster.moved-registered")
    if arrival.origin != UNKNOWN and arrival.origin not in opened.giver.world.regions.above(origin):
        raise Invalid("roster.moved-from")
    since = _since(change.desk, opened, arrival.since)
    name = next((cells.get(id_, "").strip() for id_ in _names_of(opened) if cells.get(id_)), "")
    held = _registered_names(connection, opened, key, subject)
    if held and normal_name(name) not in held:
        raise Invalid("roster.moved-name")
    return Moving(origin, "" if arrival.origin == UNKNOWN else arrival.origin, since, name)


def _floats(opened: OpenRoster, key: str) -> bool:
    """Whether shared data has somebody among the people from elsewhere, and in no household register of the county."""
    groups = opened.giver.world.people.groups
    floating, registered = groups.get("registration=floating"), groups.get("registration=registered")
    inside = floating is not None and bool(floating.get(key, False))
    return inside and not (registered is not None and bool(registered.get(key, False)))


def _since(desk: Desk, opened: OpenRoster, text: str) -> date:
    day = parse_date(text.strip()) if text.strip() else None
    if day is None or isinstance(day, Failure):
        raise Invalid("roster.moved-day", reason="没有写" if day is None else "不是一个日期")
    if day > Period.parse(opened.period).end:
        raise Invalid("roster.moved-day", reason="在本期之后")
    if day > desk.today():
        raise Invalid("roster.moved-day", reason="还没有到")
    return day


def _names_of(opened: OpenRoster) -> tuple[str, ...]:
    """The elements that hold the name of the row's own person."""
    own = (e for e in opened.catalogue.merged.elements if e.meaning.role in ("self", "") and e.meaning.entity == PERSON)
    return tuple(e.id for e in own if e.meaning.concept == ("name",))


def _registered_names(connection: Connection, opened: OpenRoster, key: str, subject: str) -> set[str]:
    """The names under which somebody is known: shared data's, and what workers wrote instead."""
    found = []
    chosen = opened.giver.world.people.facts.get(Fact("", "name"))
    if chosen is not None and key in chosen.values.index:
        found.append(str(chosen.values.loc[key]))
    written = subjects.facts_of_all(connection, subject, _names_of(opened))
    found += [held.value for held in written if held.value]
    return {normal_name(name) for name in found if name}


# ---- what a move changes ------------------------------------------------------------------------------------------------
def register_move(connection: Connection, change: Change, key: str, moving: Moving) -> int:
    """Takes somebody off the rosters of the place that they left, which is told, before they are put on the new one's. Gives the
    move's number, for the log of either place."""
    desk, actor, opened = change.desk, change.actor, change.opened
    secrets = desk.secrets
    one = change.subject(key, ADDED)
    before = subjects.of_ids(connection, [one.id]).get(one.id)
    now, after = desk.now(), subjects.last_written(connection)
    words = f"搬到{opened.giver.world.regions.name(opened.place)}（{moving.since.isoformat()} 起）"
    gone = Key(lives_here(moving.origin), one.id, opened.period)
    state = state_of_writing(connection, moving.origin, opened.period)
    put_over(connection, Entry(gone, moving.origin, taken_out(words), state, MOVED, "", actor.id, now, words))
    if is_out(opened.edits.here(one.id)):  # back where they have been before
        put_over(connection, change.entry(lives_here(opened.place), one.id, IN))
    tell_reported(connection, desk, actor, gone, moving.origin, f"有 1 人{words}，名册和人数随之变动")
    row = {
        "subject": one.id, "name": secrets.seal(moving.name, move_context(one.id)), "origin": moving.origin,
        "place": opened.place, "said": moving.said, "period": opened.period, "since": moving.since.isoformat(),
        "after": after, "state": OPEN, "before": before.state if before is not None else "",
        "registered_by": actor.id, "registered_at": now,
    }  # fmt: skip
    return int(connection.execute(insert(move).values(**row).returning(move.c.seq)).scalar_one())


def demand_settled(connection: Connection, opened: OpenRoster, subject: str) -> None:
    """Passes when no move of somebody to this place waits for an answer: taken off now, they would be nowhere. Raises Clash."""
    here = (move.c.subject == subject) & (move.c.place == opened.place) & move.c.state.in_(WAITING)
    if connection.execute(select(move.c.seq).where(here)).first() is not None:
        raise Clash("roster.move-open")


def state_of_writing(connection: Connection, place: str, period: str) -> State:
    """As what a figure of a place is written now: a draft, or reported once the place's report was submitted."""
    here = (submission.c.region == place) & (submission.c.period == period)
    state = connection.execute(select(submission.c.state).where(here)).scalar_one_or_none()
    return State.REPORTED if state is not None and SubmissionState(state) not in FILLABLE else State.DRAFT


def tell_reported(connection: Connection, desk: Desk, actor: Actor, key: Key, place: str, text: str) -> None:
    """A place that has submitted, and those above it, see that a move changed its rosters since."""
    if state_of_writing(connection, place, key.period) is State.REPORTED:
        row = {"region": place, "period": key.period, "element": key.element, "entity": key.entity, "kind": "correction"}
        connection.execute(insert(remark).values(**row, text=text, actor=actor.id, at=desk.now()))


def put_over(connection: Connection, entry: Entry) -> None:
    """Writes a figure over what is there; its history keeps what was. Raises Clash when somebody writes it at the same moment:
    two villages that register one person, of whom one is first."""
    held = figures.held(connection, entry.key)
    try:
        if held is None or held.state in DRAFTS:
            figures.save(connection, entry, held.version if held is not None else 0)
        else:
            figures.correct(connection, entry, held.version)
    except (Stale, Taken) as found:
        raise Clash("desk.wrong-state", state="刚刚被别人改过", what="登记搬迁，请刷新后再试") from found
