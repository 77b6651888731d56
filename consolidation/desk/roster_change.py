"""What every change of a roster needs: who may make it, what was typed, how a figure of it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import Connection, insert

from consolidation.exact import plain
from consolidation.fill.blocks import Slot
from consolidation.fill.model import HOUSEHOLD
from consolidation.model import Element
from consolidation.store import OPEN, Entry, Held, Key, Stale, State, Taken, figures, subjects
from consolidation.store.schema import remark
from consolidation.store.subjects import Subject
from forms.problems import problem
from forms.values import Failure, IdNumber

from . import personal, values
from .context import Desk
from .dispatch import catalogue_of
from .drafts import TYPED, clash
from .model import Actor, Clash, Invalid, Role, demand
from .roster_edits import ACTIVE, is_id_number, on_roster, seal_number
from .roster_open import OpenRoster, demo_of, open_roster
from .rosters import note_reading
from .standing import standing_meanwhile


@dataclass(frozen=True)
class Change:
    """What writing to a roster needs: where, by whom, in which state the place's report is, and with which mark (`detail`)."""

    desk: Desk
    actor: Actor
    opened: OpenRoster
    fillable: bool
    note: str = ""
    detail: str = ""
    source: str = TYPED

    def entry(self, element: str, subject: str, value: str | None) -> Entry:
        """A figure as it is to be written."""
        key = Key(element, subject, self.opened.period)
        state = State.DRAFT if self.fillable else State.REPORTED
        note = self.note.strip()[:500]
        return Entry(
            key, self.opened.place, value, state, self.source, self.detail, self.actor.id, self.desk.now(), note
        )  # fmt: skip

    def fact(self, slot: Slot, key: str, text: str, home: str = "") -> Entry:
        """A cell of somebody's row as somebody typed it, kept for whom it is about. Raises Invalid."""
        entry = self.entry(slot.element.id, self.opened.owner_id(slot, key, home), typed(self.desk, slot, text))
        return self.sealed(slot.element, entry)

    def sealed(self, element: Element, entry: Entry) -> Entry:
        """The same, with what is about a person sealed."""
        return replace(entry, value=personal.sealed(self.desk.secrets, element, entry.key, entry.value))

    def subject(self, key: str, state: str, kind: str = "") -> Subject:
        """Whoever is changed, with the number sealed. `kind`: where it is not that of the rows."""
        secrets = self.desk.secrets
        id_ = secrets.find(key)
        sealed = seal_number(secrets, id_, key)
        return Subject(id_, kind or self.opened.block.kind, self.opened.place, sealed, state, self.desk.now(), self.actor.id)

    def owners(self, key: str, elements: Iterable[str], home: str = "") -> tuple[Subject, ...]:
        """Whom facts on somebody's row are kept for: the row's own subject, or the household that shares them."""
        opened = self.opened
        kept_for = {opened.owner(opened.slots[element], key, home) for element in elements if element in opened.slots}
        return tuple(self.subject(one, ACTIVE, "" if one == key else HOUSEHOLD) for one in sorted(kept_for))

    def keep(self, connection: Connection, entry: Entry, version: int | None) -> Held:
        """Writes a figure: a draft, or once it was reported a correction with its reason. Raises Taken, Stale."""
        held = figures.held(connection, entry.key)
        if held is not None and held.region != entry.region:
            version = None  # somebody who moved here: the other place's figure is handed over
        if self.fillable or held is None or held.state in OPEN:
            return figures.save(connection, entry, version)
        return figures.correct(connection, entry, version)


def typed(desk: Desk, slot: Slot, text: str) -> str | None:
    """What somebody typed into a roster's cell, as its element is stored. Raises Invalid."""
    element = slot.element
    value = values.typed(element, text)
    if value is None or value in (values.DASH, values.NOT_APPLICABLE):
        return value
    if is_id_number(element):
        return id_number(desk, element.name, value)
    number = values.figure_of(value) if element.type == "number" and slot.member.factor != Decimal(1) else None
    return value if number is None else plain(number / slot.member.factor)


def id_number(desk: Desk, name: str, text: str) -> str:
    """A citizen's ID number with 18 characters. Raises Invalid, saying what is wrong but not the number."""
    number = IdNumber.parse(text, demo=demo_of(desk))
    if isinstance(number, Failure):
        raise Invalid("desk.bad-value", name=name, reason=problem(number.code, "", shown=number.shown).message)
    return number.number


def open_to_change(desk: Desk, actor: Actor, place: str, period: str, roster: str) -> OpenRoster:
    """The roster as it stands, read before the transaction: shared data may have to be joined first.
    Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)
    with desk.store.read() as connection:
        demand(connection, actor, place, "修改名册", Role.WORKER, scope="figures:write")
        return open_roster(connection, desk, catalogue, place, period, roster)


def open_whole(desk: Desk, actor: Actor, place: str, period: str, roster: str) -> OpenRoster:
    """The same for all rows at once, which the log says. Raises NotAllowed, NotThere."""
    opened = open_to_change(desk, actor, place, period, roster)
    note_reading(desk, actor, place, period, roster, len(opened.block.keys))
    return opened


def start_change(connection: Connection, desk: Desk, actor: Actor, opened: OpenRoster, note: str) -> Change:
    """The right to change a roster, looked at within the transaction. Raises NotAllowed, NotThere, Clash."""
    demand(connection, actor, opened.place, "修改名册", Role.WORKER, scope="figures:write")
    found = standing_meanwhile(connection, opened.place, opened.period)
    if not found.fillable and not note.strip():
        raise Clash("desk.locked", state=found.name)
    return Change(desk, actor, opened, found.fillable, note)


def keep_figure(
    connection: Connection, change: Change, entry: Entry, version: int | None, element: Element | None
) -> Held:  # fmt: skip
    """Writes a figure as `Change.keep`. Raises Clash, saying what stands there, when another one was kept first."""
    try:
        return change.keep(connection, entry, version)
    except (Taken, Stale) as found:
        raise clash(connection, change.desk, found, element) from found


def know(connection: Connection, some: Iterable[Subject]) -> None:
    """Notes who was changed, so that the figures about them lead back to a number."""
    wanted = {one.id: one for one in some}
    known = subjects.of_ids(connection, wanted)
    fresh = [one for id_, one in wanted.items() if id_ not in known or known[id_].region != one.region]
    subjects.put(connection, *fresh)


def tell_above(connection: Connection, change: Change, subject: str, kind: str) -> None:
    """After submission the levels above see that a roster was corrected, and why."""
    if change.fillable:
        return
    opened = change.opened
    text = f"{opened.form.title or opened.edition.title}：{change.note.strip()}"[:500]
    connection.execute(
        insert(remark).values(
            region=opened.place, period=opened.period, element=on_roster(opened.id, opened.place), entity=subject, kind=kind,
            text=text, actor=change.actor.id, at=change.desk.now(),
        )
    )  # fmt: skip
