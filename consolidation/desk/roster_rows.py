"""Changing a roster row by row: cells edited, somebody put on, somebody taken off with a reason, and all of it undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import Connection, insert

from consolidation.fill.blocks import Slot
from consolidation.fill.model import PERSON
from consolidation.fill.settings import source_words
from consolidation.model import Element
from consolidation.store import OPEN, Entry, Held, Key, Stale, State, Taken, figures, subjects
from consolidation.store.schema import remark
from consolidation.store.subjects import Subject
from forms.model import Kind
from forms.problems import problem
from forms.values import Failure, IdNumber

from . import personal, values
from .catalogue import Catalogue
from .context import Desk
from .dispatch import catalogue_of
from .drafts import TYPED, Cell, Outcome, Saved, clash
from .model import Actor, Clash, Invalid, NotThere, Refused, Role, demand, within
from .roster_edits import (
    ACTIVE,
    ADDED,
    IN,
    REMOVED,
    UNDONE,
    is_about_rows,
    is_id_number,
    is_number,
    lives_here,
    on_roster,
    open_number,
    seal_number,
    taken_out,
)
from .roster_open import OpenRoster, demo_of, follows_from_number, open_roster
from .standing import standing_meanwhile

EVERYWHERE = ("死亡", "迁出")  # reasons for which somebody leaves all rosters of the place
THIS_ROSTER = ("不再符合条件", "重复登记", "登记有误")
REASONS = (*EVERYWHERE, *THIS_ROSTER)
RENUMBERED = "更正身份证号"


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

    def fact(self, slot: Slot, subject: str, text: str) -> Entry:
        """A cell as somebody typed it. Raises Invalid."""
        entry = self.entry(slot.element.id, subject, typed(self.desk, slot, text))
        return self.sealed(slot.element, entry)

    def sealed(self, element: Element, entry: Entry) -> Entry:
        if not personal.is_sealed(element):
            return entry
        return replace(entry, value=personal.sealed(self.desk.secrets, entry.key, entry.value))

    def subject(self, key: str, state: str) -> Subject:
        """Whoever is changed, with the number sealed."""
        secrets = self.desk.secrets
        id_ = secrets.find(key)
        sealed = seal_number(secrets, id_, key)
        return Subject(id_, self.opened.block.kind, self.opened.place, sealed, state, self.desk.now(), self.actor.id)

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
    return value if number is None else values.plain_number(number / slot.member.factor)


def id_number(desk: Desk, name: str, text: str) -> str:
    """A citizen's ID number with 18 characters. Raises Invalid, saying what is wrong but not the number."""
    number = IdNumber.parse(text, demo=demo_of(desk))
    if isinstance(number, Failure):
        raise Invalid("desk.bad-value", name=name, reason=problem(number.code, "", shown=number.shown).message)
    return number.number


# ---- cells --------------------------------------------------------------------------------------------------------------
def edit_row(
    desk: Desk, actor: Actor, place: str, period: str, roster: str, subject: str, cells: Sequence[Cell], note: str = ""
) -> Outcome:  # fmt: skip
    """Keeps the changed cells of a row: each that can be, the others with their reason. Another ID number is another person:
    the old row goes, a new one comes. Raises NotAllowed, NotThere, Clash when the report cannot be changed without a reason."""
    opened = _opened(desk, actor, place, period, roster)
    at = opened.at(subject)
    key = opened.block.keys[at]
    numbers = {slot.element.id for slot in opened.block.slots if is_number(slot.element, opened.block.kind)}
    renumbered = next((cell for cell in cells if cell.element in numbers), None)
    others = _rosters_of(desk, opened, subject) if renumbered is not None else ()

    def job(connection: Connection) -> Outcome:
        change = start_change(connection, desk, actor, opened, note)
        _demand_there(connection, opened, subject)
        if renumbered is not None and id_number(desk, "身份证号", renumbered.text) != key:
            saved: tuple[Saved, ...] = (_renumber(connection, change, at, renumbered, others),)
            refused: dict[str, Refused] = {}
        else:
            saved, refused = _save_cells(connection, change, key, [c for c in cells if c.element not in numbers])
        if saved:
            _know(connection, change, key)
            _tell_above(connection, change, subject, "correction")
            desk.note(connection, actor, "edit-roster", roster, chain=place, period=period, cells=len(saved), subject=subject)
        return Outcome(saved, refused)

    return desk.store.write(job)


def _save_cells(
    connection: Connection, change: Change, key: str, cells: Sequence[Cell]
) -> tuple[tuple[Saved, ...], dict[str, Refused]]:  # fmt: skip
    subject = change.opened.edits.id_of(key)
    saved: list[Saved] = []
    refused: dict[str, Refused] = {}
    for cell in cells:
        slot = change.opened.slots.get(cell.element)
        try:
            if slot is None:
                raise NotThere("这一栏")
            if follows_from_number(change.opened, slot, key):
                raise Invalid("desk.bad-value", name=slot.element.name, reason="由身份证号推算；不对时请更正身份证号")
            held = _keep(connection, change, change.fact(slot, subject, cell.text), cell.version, slot.element)
            text = personal.opened(change.desk.secrets, held.key, held.value)
            saved.append(Saved(cell.element, text, held.version, held.at))
        except Refused as error:
            refused[cell.element] = error
    return tuple(saved), refused


def _keep(
    connection: Connection, change: Change, entry: Entry, version: int | None, element: Element | None
) -> Held:  # fmt: skip
    try:
        return change.keep(connection, entry, version)
    except (Taken, Stale) as found:
        raise clash(connection, change.desk, found, element) from found


def revert_cell(
    desk: Desk, actor: Actor, place: str, period: str, roster: str, subject: str, element: str, note: str = ""
) -> None:  # fmt: skip
    """Takes a worker's value back: what shared data says holds again. Raises NotAllowed, NotThere, Clash."""
    opened = _opened(desk, actor, place, period, roster)
    opened.at(subject)
    slot = opened.slots.get(element)
    if slot is None or opened.edits.fact(subject, element) is None:
        raise NotThere("这一栏的修改")

    def job(connection: Connection) -> None:
        change = replace(start_change(connection, desk, actor, opened, note), source=UNDONE)
        _keep(connection, change, change.entry(element, subject, None), None, slot.element)
        desk.note(connection, actor, "revert-roster", roster, chain=place, period=period, subject=subject)

    desk.store.write(job)


# ---- rows ---------------------------------------------------------------------------------------------------------------
def add_row(
    desk: Desk, actor: Actor, place: str, period: str, roster: str, cells: Mapping[str, str], note: str = ""
) -> str:  # fmt: skip
    """Puts somebody on a roster (`cells`: element -> what was typed); gives the subject's id. Raises NotAllowed, NotThere,
    Invalid for a cell, Clash when they are there already (says where)."""
    opened = _opened(desk, actor, place, period, roster)
    key = key_of(desk, opened, cells)

    def job(connection: Connection) -> str:
        change = start_change(connection, desk, actor, opened, note)
        demand_free(connection, actor, opened, key)
        entries = facts_of_new(change, key, cells)
        subject = put_on(connection, change, key, entries)
        desk.note(connection, actor, "add-to-roster", roster, chain=place, period=period, subject=subject)
        return subject

    return desk.store.write(job)


def key_of(desk: Desk, opened: OpenRoster, cells: Mapping[str, str]) -> str:
    """By what a new row is known: the ID number, the shop's code, the house's. Raises Invalid when it is not given."""
    kind = opened.block.kind
    typed_in = {
        (slot.element.meaning.role, slot.element.meaning.concept[0]): cells.get(slot.element.id, "").strip()
        for slot in opened.block.slots if len(slot.element.meaning.concept) == 1
    }  # fmt: skip
    if kind in (PERSON, "household"):
        for role in ("self", "", "head", "applicant"):
            if text := typed_in.get((role, "id-number")):
                number = id_number(desk, "身份证号", text)
                return number if kind == PERSON else _home_of(opened, number)
        raise Invalid("roster.number-needed", what="身份证号" if kind == PERSON else "户主的身份证号")
    for concept in source_words().keys.get(kind, ()):
        found = next((text for (_, held), text in typed_in.items() if held == concept and text), "")
        if found:
            return f"{concept}:{found}"
    raise Invalid("roster.number-needed", what="编号或名称")


def _home_of(opened: OpenRoster, number: str) -> str:
    """The household of somebody: the register's, or one of its own."""
    people = opened.giver.world.people
    known = people.household is not None and number in people.index
    return str(people.household.loc[number]) if known and people.household is not None else f"户:{number}"


def facts_of_new(change: Change, key: str, cells: Mapping[str, str]) -> list[Entry]:
    """The figures of a new row; what the ID number says needs no figure. Raises Invalid."""
    subject = change.opened.edits.id_of(key)
    kind = change.opened.block.kind
    entries = []
    for element, text in cells.items():
        slot = change.opened.slots.get(element)
        if slot is None or not text.strip() or is_number(slot.element, kind) or follows_from_number(change.opened, slot, key):
            continue
        entries.append(change.fact(slot, subject, text))
    return entries


def put_on(connection: Connection, change: Change, key: str, entries: Sequence[Entry]) -> str:
    """Puts somebody on the roster, with the figures about them; gives the subject's id."""
    one = change.subject(key, ADDED)
    subjects.put(connection, one)
    opened = change.opened
    _keep(connection, change, change.entry(on_roster(opened.id, opened.place), one.id, IN), None, None)
    for entry in entries:
        _keep(connection, change, entry, None, opened.catalogue.elements.get(entry.key.element))
    return one.id


def demand_free(connection: Connection, actor: Actor, opened: OpenRoster, key: str) -> None:
    """Passes when nobody has this key here or elsewhere. Raises Clash, saying where they are as far as the actor may know."""
    subject = opened.edits.id_of(key)
    if subject in opened.rows:
        at = opened.rows[subject]
        raise Clash("roster.there", where=f"本名册第 {at + 1} 行（{opened.name(at)[:1]}＊）")
    place = elsewhere(opened, key, subjects.of_ids(connection, [subject]).get(subject))
    if place:
        name = opened.giver.world.regions.name(place) if within(connection, actor, place) else "其他村（社区）"
        raise Clash("roster.elsewhere", where=name)


def elsewhere(opened: OpenRoster, key: str, known: Subject | None) -> str:
    """The other place to which somebody belongs; "" when there is none. `known`: what workers said of them."""
    if known is not None and known.region != opened.place:
        return "" if known.state == REMOVED else known.region if known.state == ADDED else _registered(opened, key)
    return _registered(opened, key)


def _registered(opened: OpenRoster, key: str) -> str:
    table = opened.giver.world.table(opened.block.kind)
    if key not in table.index or not bool(table.alive.loc[key]):
        return ""
    code = str(table.region.loc[key])
    return code if code and opened.place not in opened.giver.world.regions.above(code) else ""


def remove_row(
    desk: Desk, actor: Actor, place: str, period: str, roster: str, subject: str, reason: str, note: str = ""
) -> None:  # fmt: skip
    """Takes somebody off a roster; for death and moving away off all rosters of the place. Raises NotAllowed, NotThere, Invalid
    without a reason."""
    if reason not in REASONS:
        raise Invalid("desk.reason-needed", name="移出名册")
    opened = _opened(desk, actor, place, period, roster)
    key = opened.block.keys[opened.at(subject)]

    def job(connection: Connection) -> None:
        change = start_change(connection, desk, actor, opened, note or reason)
        take_off(connection, change, key, reason)
        _tell_above(connection, change, subject, "correction")
        desk.note(connection, actor, "take-off-roster", roster, chain=place, period=period, subject=subject, why=reason)

    desk.store.write(job)


def take_off(connection: Connection, change: Change, key: str, reason: str) -> None:
    """Takes somebody off the roster, or (for a reason of EVERYWHERE) off all rosters of the place."""
    opened = change.opened
    wide = reason in EVERYWHERE or reason == RENUMBERED
    one = change.subject(key, REMOVED if wide else ACTIVE)
    known = subjects.of_ids(connection, [one.id]).get(one.id)
    if known is None or wide:
        subjects.put(connection, one)
    element = lives_here(opened.place) if wide else on_roster(opened.id, opened.place)
    _keep(connection, change, change.entry(element, one.id, taken_out(reason)), None, None)


def restore_row(desk: Desk, actor: Actor, place: str, period: str, roster: str, subject: str, note: str = "") -> None:
    """Puts back somebody who was taken off. Raises NotAllowed, NotThere, Clash when they belong to another place by now."""
    opened = _opened(desk, actor, place, period, roster)
    edits = opened.edits
    gone = edits.gone(roster, subject)
    if gone is None or subject not in edits.known:
        raise NotThere("已移出的这一行")
    was_added = open_number(desk.secrets, edits.known[subject]) not in opened.base.keys

    def job(connection: Connection) -> None:
        change = replace(start_change(connection, desk, actor, opened, note or "撤销移出"))
        known = subjects.of_ids(connection, [subject])[subject]
        if known.region != place:
            raise Clash("roster.elsewhere", where="其他村（社区）")
        state = ADDED if was_added else ACTIVE
        subjects.put(connection, replace(known, state=state, changed_at=desk.now(), changed_by=actor.id))
        _keep(connection, change, change.entry(gone.key.element, subject, IN), None, None)
        desk.note(connection, actor, "restore-to-roster", roster, chain=place, period=period, subject=subject)

    desk.store.write(job)


def _renumber(
    connection: Connection, change: Change, at: int, cell: Cell, others: Sequence[OpenRoster]
) -> Saved:  # fmt: skip
    """Another ID number: what stood in the row goes over to the new person, on every roster where the old one was."""
    opened = change.opened
    new = id_number(change.desk, "身份证号", cell.text)
    demand_free(connection, change.actor, opened, new)
    old = opened.subjects[at]
    take_off(connection, change, opened.block.keys[at], RENUMBERED)
    written: set[str] = set()
    for one in others:
        row = one.rows[old]
        here = replace(change, opened=one)
        entries = []
        for number, slot in enumerate(one.block.slots):
            told = is_number(slot.element, one.block.kind) or follows_from_number(one, slot, new)
            if told or not is_about_rows(slot.element) or slot.element.id in written or not one.text(row, number):
                continue
            written.add(slot.element.id)
            entries.append(_carried(here, slot, opened.edits.id_of(new), one.text(row, number)))
        put_on(connection, here, new, entries)
    return Saved(cell.element, new, 1, change.desk.now())


def _carried(change: Change, slot: Slot, subject: str, text: str) -> Entry:
    try:
        return change.fact(slot, subject, text)
    except Invalid:  # what shared data holds need not be what a worker could type
        return change.sealed(slot.element, change.entry(slot.element.id, subject, text))


# ---- within ---------------------------------------------------------------------------------------------------------------
def _opened(desk: Desk, actor: Actor, place: str, period: str, roster: str) -> OpenRoster:
    """The roster as it stands, read before the transaction: shared data may have to be joined first."""
    catalogue: Catalogue = catalogue_of(desk, period)
    with desk.store.read() as connection:
        demand(connection, actor, place, "修改名册", Role.WORKER, scope="figures:write")
        return open_roster(connection, desk, catalogue, place, period, roster)


def _rosters_of(desk: Desk, opened: OpenRoster, subject: str) -> tuple[OpenRoster, ...]:
    """Every roster of the place on which a subject is."""
    with desk.store.read() as connection:
        found = []
        for file in opened.catalogue.editions:
            for form in opened.catalogue.forms.get(file, ()):
                if form.kind is not Kind.ROSTER:
                    continue
                try:
                    one = open_roster(
                        connection, desk, opened.catalogue, opened.place, opened.period, opened.edits.rosters[file, form.id]
                    )  # fmt: skip
                except NotThere:
                    continue
                if one.block.kind == opened.block.kind and subject in one.rows:
                    found.append(one)
    return tuple(found)


def start_change(connection: Connection, desk: Desk, actor: Actor, opened: OpenRoster, note: str) -> Change:
    """The right to change a roster, looked at within the transaction. Raises NotAllowed, NotThere, Clash."""
    demand(connection, actor, opened.place, "修改名册", Role.WORKER, scope="figures:write")
    found = standing_meanwhile(connection, opened.place, opened.period)
    if not found.fillable and not note.strip():
        raise Clash("desk.locked", state=found.name)
    return Change(desk, actor, opened, found.fillable, note)




def _demand_there(connection: Connection, opened: OpenRoster, subject: str) -> None:
    """Nobody took the row off since it was read. Raises NotThere."""
    for element in (lives_here(opened.place), on_roster(opened.id, opened.place)):
        held = figures.held(connection, Key(element, subject, opened.period))
        before = opened.edits.members.get(element, {}).get(subject)
        if held is not None and held.source != UNDONE and held.value != IN and (before is None or before.version != held.version):
            raise NotThere("名册上的这一行：刚刚被移出")


def _know(connection: Connection, change: Change, key: str) -> None:
    """Notes who was changed, so that the figures about them lead back to a number."""
    one = change.subject(key, ACTIVE)
    known = subjects.of_ids(connection, [one.id]).get(one.id)
    if known is None or known.region != one.region:
        subjects.put(connection, one)


def _tell_above(connection: Connection, change: Change, subject: str, kind: str) -> None:
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
