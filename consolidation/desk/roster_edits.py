"""What workers changed on rosters: figures about people and others, laid over what shared data says.

A fact is a figure (element, subject, period); it holds from its period on, until a later one. Who is on a roster is a figure as
well, so that it too is there once and keeps its history: element `@roster:<roster>:<place>` for one roster, `@here:<place>` for
all rosters of a place (somebody died or moved away).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, select

from consolidation.meaning import PLACES
from consolidation.model import Element
from consolidation.store import Held, Secrets, subjects
from consolidation.store.schema import move
from consolidation.store.sealed import subject_context
from consolidation.store.subjects import Subject
from forms.model import CellValue, Form
from forms.periods import Period
from forms.values import DemoRegions, Failure, IdNumber

from . import personal, values
from .catalogue import Catalogue

IN, OUT = "在册", "移出"
MOVED = "搬迁登记"  # source of a membership that ended because another village registered the person
UNDONE = "撤销"  # source of a figure that was taken back: it counts as never written
ADDED, REMOVED, ACTIVE = "added", "removed", "active"
OPEN, DISPUTED = "open", "disputed"
WAITING = (OPEN, DISPUTED)  # states of a move to which the village that was left has not agreed
_SEPARATOR = "："


def roster_ids(catalogue: Catalogue) -> Mapping[tuple[str, str], str]:
    """(file, form) -> the roster's id in addresses: the form's own, with a number behind for the second one of a file."""
    found = {}
    for file, edition in catalogue.editions.items():
        for number, form in enumerate(catalogue.forms.get(file, ()), 1):
            found[file, form.id] = edition.id if number == 1 else f"{edition.id}.{number}"
    return found


def on_roster(roster: str, place: str) -> str:
    """The element that says whether somebody is on a roster of a place."""
    return f"@roster:{roster}:{place}"


def lives_here(place: str) -> str:
    """The element that says whether somebody belongs to a place at all."""
    return f"@here:{place}"


def taken_out(reason: str) -> str:
    """The value of a membership that ended."""
    return f"{OUT}{_SEPARATOR}{reason}"


def is_out(held: Held | None) -> bool:
    """Whether a membership says that somebody is gone."""
    return held is not None and held.source != UNDONE and (held.value or "").startswith(OUT)


def is_in(held: Held | None) -> bool:
    """Whether a membership says that somebody was put there."""
    return held is not None and held.source != UNDONE and held.value == IN


def why_out(held: Held) -> str:
    """The reason for which somebody is gone."""
    return (held.value or "").partition(_SEPARATOR)[2]


def seal_number(secrets: Secrets, id_: str, number: str) -> str:
    """A subject's ID number (or other key) as the database holds it."""
    return secrets.seal(number, subject_context(id_))


def open_number(secrets: Secrets, one: Subject) -> str:
    """A subject's ID number (or other key). Raises CannotOpen."""
    return secrets.open(one.number, subject_context(one.id))


def is_about_rows(element: Element) -> bool:
    """Whether an element is a fact of the row's own subject, which can be edited: not one of the place or of the filing."""
    return element.meaning.entity not in (*PLACES, "place", "filing")


def is_number(element: Element, kind: str) -> bool:
    """Whether an element is the number by which a row's subject is known."""
    return kind == "person" and element.meaning.role in ("self", "") and element.meaning.concept == ("id-number",)


def is_id_number(element: Element) -> bool:
    """Whether an element holds a citizen's ID number, whoever's it is."""
    return element.meaning.concept == ("id-number",)


@dataclass(frozen=True)
class PlaceEdits:
    """Everything workers changed about the people (households, shops …) of one place, as of a period. What
    `consolidation.fill.Giver` asks for."""

    place: str
    period: Period
    secrets: Secrets
    catalogue: Catalogue
    demo: DemoRegions
    facts: Mapping[str, Mapping[str, Held]]  # subject -> element -> figure
    members: Mapping[str, Mapping[str, Held]]  # element of membership -> subject -> figure
    known: Mapping[str, Subject]
    rosters: Mapping[tuple[str, str], str] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()  # subjects who moved here, of which the village that they left has not agreed yet

    def id_of(self, key: str) -> str:
        """The subject's id of a key (an ID number, a household's number …)."""
        return self.secrets.find(key)

    def fact(self, subject: str, element: str) -> Held | None:
        """The figure that holds for a subject, opened."""
        held = self.facts.get(subject, {}).get(element)
        return held if held is None else self._opened(held)

    def here(self, subject: str) -> Held | None:
        """What is said of a subject's belonging to the place."""
        return self.members.get(lives_here(self.place), {}).get(subject)

    def on(self, roster: str, subject: str) -> Held | None:
        """What is said of a subject's being on a roster."""
        return self.members.get(on_roster(roster, self.place), {}).get(subject)

    def gone(self, roster: str, subject: str) -> Held | None:
        """Why a subject is not on a roster any more: the membership that says so, None while it may be there."""
        here, on = self.here(subject), self.on(roster, subject)
        if is_out(on):
            return on
        # Whoever was put on a roster after having left the place is back.
        if is_out(here) and not (is_in(on) and on is not None and here is not None and on.at > here.at):
            return here
        return None

    # ---- what Giver asks for -----------------------------------------------------------------------------------------
    def removed(self, form: Form, keys: Sequence[str]) -> Collection[str]:
        roster = self.rosters.get((form.file, form.id), "")
        if not any(map(is_out, self._memberships(roster))):
            return ()
        return [key for key in keys if self.gone(roster, self.id_of(key)) is not None]

    def added(self, form: Form, kind: str) -> Sequence[str]:
        roster = self.rosters.get((form.file, form.id), "")
        found = []
        for subject, held in self.members.get(on_roster(roster, self.place), {}).items():
            one = self.known.get(subject)
            if one is not None and one.kind == kind and is_in(held) and self.gone(roster, subject) is None:
                found.append(open_number(self.secrets, one))
        return sorted(found)

    def arrived(self, form: Form, kind: str) -> Sequence[str]:
        roster = self.rosters.get((form.file, form.id), "")
        here = (
            one for subject, one in self.known.items()
            if one.kind == kind and one.state == ADDED and one.region == self.place and subject not in self.pending
            and self.gone(roster, subject) is None
        )  # fmt: skip
        return sorted(open_number(self.secrets, one) for one in here)

    def hidden(self, key: str) -> Collection[str]:
        if not self.pending or self.id_of(key) not in self.pending:
            return ()
        return [element.id for element in self.catalogue.merged.elements if is_about_rows(element)]

    def values(self, key: str) -> Mapping[str, CellValue]:
        if not self.facts and not self.known:
            return {}
        subject = self.id_of(key)
        one = self.known.get(subject)
        fresh = one is not None and one.kind == "person" and one.state == ADDED
        found = dict(self._by_number(key)) if fresh else {}
        for element, held in self.facts.get(subject, {}).items():
            asked = self.catalogue.elements.get(element)
            if asked is not None:
                found[element] = values.as_cell(self._opened(held).value, asked.type)
        return found

    def _memberships(self, roster: str) -> Iterable[Held]:
        for element in (lives_here(self.place), on_roster(roster, self.place)):
            yield from self.members.get(element, {}).values()

    def _by_number(self, key: str) -> Mapping[str, CellValue]:
        """What an ID number says of somebody whom no list knows."""
        number = IdNumber.parse(key, demo=self.demo)
        if isinstance(number, Failure):
            return {}
        told = _told(number, self.period.end)
        return {
            element.id: told[element.meaning.concept[0]]
            for element in self.catalogue.merged.elements
            if element.meaning.entity == "person" and element.meaning.role in ("self", "") and not element.meaning.qualifiers
            and len(element.meaning.concept) == 1 and element.meaning.concept[0] in told
        }  # fmt: skip

    def _opened(self, held: Held) -> Held:
        return personal.readable(self.secrets, self.catalogue.elements.get(held.key.element), held)


def _told(number: IdNumber, on: date) -> Mapping[str, str]:
    """Facts that an ID number gives (GB 11643-1999); the age is that on the period's last day."""
    born = number.birth.isoformat()
    return {
        "id-number": number.number, "sex": number.sex, "birth-date": born, "birth-month": born[:7], "birth-year": born[:4],
        "age": str(number.age_on(on)),
    }  # fmt: skip


def load_edits(
    connection: Connection, secrets: Secrets, catalogue: Catalogue, place: str, period: Period, demo: DemoRegions
) -> PlaceEdits:  # fmt: skip
    """What was changed about the people of a place up to a period."""
    effective = latest(subjects.facts_of_region(connection, place), period)
    facts: dict[str, dict[str, Held]] = {}
    members: dict[str, dict[str, Held]] = {}
    for held in effective:
        if held.key.element.startswith("@"):
            members.setdefault(held.key.element, {})[held.key.entity] = held
        else:
            facts.setdefault(held.key.entity, {})[held.key.element] = held
    ids = {*facts, *(subject for by_subject in members.values() for subject in by_subject)}
    known = subjects.of_ids(connection, ids)
    waiting = select(move.c.subject).where(move.c.place == place, move.c.state.in_(WAITING))
    pending = frozenset(connection.execute(waiting).scalars())
    return PlaceEdits(place, period, secrets, catalogue, demo, facts, members, known, roster_ids(catalogue), pending)


def latest(found: Iterable[Held], period: Period) -> list[Held]:
    """Of each figure the one that holds in a period: that of the latest period up to it. What was taken back is not there."""
    best: dict[tuple[str, str], tuple[date, Held]] = {}
    ends: dict[str, date] = {}
    for held in found:
        end = ends.setdefault(held.key.period, Period.parse(held.key.period).end)
        key = (held.key.element, held.key.entity)
        if end <= period.end and held.source != UNDONE and (key not in best or best[key][0] < end):
            best[key] = (end, held)
    return [held for _, held in best.values()]
