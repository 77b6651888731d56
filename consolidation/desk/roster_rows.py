"""Changing a roster row by row: cells edited, somebody put on, somebody taken off with a reason, and all of it undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from consolidation.fill.blocks import Slot
from consolidation.store import Entry, subjects
from forms.model import Kind

from . import personal
from .context import Desk
from .drafts import Cell, Outcome, Saved
from .model import Actor, Clash, Invalid, NotThere, Refused
from .roster_arrivals import Arrival, demand_arrival, demand_settled, register_move
from .roster_change import Change, id_number, keep_figure, know, open_to_change, start_change, tell_above
from .roster_edits import ACTIVE, ADDED, IN, UNDONE, is_about_rows, is_number, open_number
from .roster_membership import REASONS, RENUMBERED, demand_free, demand_there, facts_of_new, home_of_new, key_of, put_on, take_off
from .roster_open import OpenRoster, follows_from_number, open_roster


def edit_row(
    desk: Desk, actor: Actor, place: str, period: str, roster: str, subject: str, cells: Sequence[Cell], note: str = ""
) -> Outcome:  # fmt: skip
    """Keeps the changed cells of a row: each that can be, the others with their reason. Another ID number is another person:
    the old row goes, a new one comes. Raises NotAllowed, NotThere, Clash when the report cannot be changed without a reason."""
    opened = open_to_change(desk, actor, place, period, roster)
    at = opened.at(subject)
    key = opened.block.keys[at]
    numbers = {slot.element.id for slot in opened.block.slots if is_number(slot.element, opened.block.kind)}
    renumbered = next((cell for cell in cells if cell.element in numbers), None)
    others = _rosters_of(desk, opened, subject) if renumbered is not None else ()

    def job(connection: Connection) -> Outcome:
        change = start_change(connection, desk, actor, opened, note)
        demand_there(connection, opened, subject)
        if renumbered is not None and id_number(desk, "身份证号", renumbered.text) != key:
            saved: tuple[Saved, ...] = (_renumber(connection, change, at, renumbered, others),)
            refused: dict[str, Refused] = {}
        else:
            saved, refused = _save_cells(connection, change, key, [c for c in cells if c.element not in numbers])
        if saved:
            know(connection, change.owners(key, [one.element for one in saved]))
            tell_above(connection, change, subject, "correction")
            desk.note(connection, actor, "edit-roster", roster, chain=place, period=period, cells=len(saved), subject=subject)
        return Outcome(saved, refused)

    return desk.store.write(job)


def _save_cells(
    connection: Connection, change: Change, key: str, cells: Sequence[Cell]
) -> tuple[tuple[Saved, ...], dict[str, Refused]]:  # fmt: skip
    saved: list[Saved] = []
    refused: dict[str, Refused] = {}
    for cell in cells:
        slot = change.opened.slots.get(cell.element)
        try:
            if slot is None:
                raise NotThere("这一栏")
            if follows_from_number(change.opened, slot, key):
                raise Invalid("desk.bad-value", name=slot.element.name, reason="由身份证号推算；不对时请更正身份证号")
            held = keep_figure(connection, change, change.fact(slot, key, cell.text), cell.version, slot.element)
            text = personal.opened(change.desk.secrets, held.key, held.value)
            saved.append(Saved(cell.element, text, held.version, held.at))
        except Refused as error:
            refused[cell.element] = error
    return tuple(saved), refused


def revert_cell(
    desk: Desk, actor: Actor, place: str, period: str, roster: str, subject: str, element: str, note: str = ""
) -> None:  # fmt: skip
    """Takes a worker's value back: what shared data says holds again. Raises NotAllowed, NotThere, Clash."""
    opened = open_to_change(desk, actor, place, period, roster)
    key = opened.block.keys[opened.at(subject)]
    slot = opened.slots.get(element)
    if slot is None or opened.fact(slot, key) is None:
        raise NotThere("这一栏的修改")

    def job(connection: Connection) -> None:
        change = replace(start_change(connection, desk, actor, opened, note), source=UNDONE)
        keep_figure(connection, change, change.entry(element, opened.owner_id(slot, key), None), None, slot.element)
        desk.note(connection, actor, "revert-roster", roster, chain=place, period=period, subject=subject)

    desk.store.write(job)


def add_row(
    desk: Desk, actor: Actor, place: str, period: str, roster: str, cells: Mapping[str, str], note: str = "",
    arrival: Arrival | None = None,
) -> str:  # fmt: skip
    """Puts somebody on a roster (`cells`: element -> what was typed); gives the subject's id. `arrival`: from where somebody
    moved here whom another village has. Raises NotAllowed, NotThere, Invalid for a cell, Clash when they are there already (says
    where) or elsewhere."""
    opened = open_to_change(desk, actor, place, period, roster)
    key = key_of(desk, opened, cells)

    def job(connection: Connection) -> str:
        change = start_change(connection, desk, actor, opened, note)
        moving = demand_arrival(connection, change, key, cells, arrival)
        entries = facts_of_new(change, key, cells)
        number = register_move(connection, change, key, moving) if moving is not None else 0
        subject = put_on(connection, change, key, entries, home_of_new(opened, key, cells))
        notes: list[tuple[str, str, dict[str, object]]] = [(place, "add-to-roster", {"subject": subject})]
        if moving is not None:
            notes.append((moving.origin, "move-out", {"move": number, "to": place}))
        for chain, act, detail in sorted(notes, key=lambda one: one[0]):  # in one order: else two villages wait for each other
            desk.note(connection, actor, act, roster, chain=chain, period=period, **detail)
        return subject

    return desk.store.write(job)


def remove_row(
    desk: Desk, actor: Actor, place: str, period: str, roster: str, subject: str, reason: str, note: str = ""
) -> None:  # fmt: skip
    """Takes somebody off a roster; for death and moving away off all rosters of the place. Raises NotAllowed, NotThere, Invalid
    without a reason."""
    if reason not in REASONS:
        raise Invalid("desk.reason-needed", name="移出名册")
    opened = open_to_change(desk, actor, place, period, roster)
    key = opened.block.keys[opened.at(subject)]

    def job(connection: Connection) -> None:
        change = start_change(connection, desk, actor, opened, note or reason)
        demand_settled(connection, opened, subject)
        take_off(connection, change, key, reason)
        tell_above(connection, change, subject, "correction")
        desk.note(connection, actor, "take-off-roster", roster, chain=place, period=period, subject=subject, why=reason)

    desk.store.write(job)


def restore_row(desk: Desk, actor: Actor, place: str, period: str, roster: str, subject: str, note: str = "") -> None:
    """Puts back somebody who was taken off. Raises NotAllowed, NotThere, Clash when they belong to another place by now."""
    opened = open_to_change(desk, actor, place, period, roster)
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
        keep_figure(connection, change, change.entry(gone.key.element, subject, IN), None, None)
        desk.note(connection, actor, "restore-to-roster", roster, chain=place, period=period, subject=subject)

    desk.store.write(job)


def _renumber(
    connection: Connection, change: Change, at: int, cell: Cell, others: Sequence[OpenRoster]
) -> Saved:  # fmt: skip
    """Another ID number: what stood in the row goes over to the new person, on every roster where the old one was."""
    opened = change.opened
    new = id_number(change.desk, "身份证号", cell.text)
    demand_settled(connection, opened, opened.subjects[at])
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
            entries.append(_carried(here, slot, new, one.text(row, number)))
        put_on(connection, here, new, entries)
    return Saved(cell.element, new, 1, change.desk.now())


def _carried(change: Change, slot: Slot, key: str, text: str) -> Entry:
    try:
        return change.fact(slot, key, text)
    except Invalid:  # what shared data holds need not be what a worker could type
        return change.sealed(slot.element, change.entry(slot.element.id, change.opened.owner_id(slot, key), text))


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
