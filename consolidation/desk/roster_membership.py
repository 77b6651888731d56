"""Who is on a roster: by what a new row is known, whether somebody is free to be put on, putting on and taking off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from consolidation.fill.blocks import Slot
from consolidation.fill.model import PERSON
from consolidation.fill.settings import source_words
from consolidation.store import Entry, Key, figures, subjects
from consolidation.store.subjects import Subject

from .context import Desk
from .model import Actor, Clash, Invalid, NotThere, within
from .roster_change import Change, id_number, keep_figure, know
from .roster_edits import ACTIVE, ADDED, IN, REMOVED, UNDONE, is_number, lives_here, on_roster, taken_out
from .roster_open import OpenRoster, follows_from_number
from .rosters import unlike

EVERYWHERE = ("死亡", "迁出")  # reasons for which somebody leaves all rosters of the place
THIS_ROSTER = ("不再符合条件", "重复登记", "登记有误")
REASONS = (*EVERYWHERE, *THIS_ROSTER)
RENUMBERED = "更正身份证号"


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
                return number if kind == PERSON else opened.giver.home_of(number)
        raise Invalid("roster.number-needed", what="身份证号" if kind == PERSON else "户主的身份证号")
    for concept in source_words().keys.get(kind, ()):
        found = next((text for (_, held), text in typed_in.items() if held == concept and text), "")
        if found:
            return f"{concept}:{found}"
    raise Invalid("roster.number-needed", what="编号或名称")


def facts_of_new(change: Change, key: str, cells: Mapping[str, str]) -> list[Entry]:
    """The figures of a new row; what the ID number says needs no figure, nor what the household it joins says already. Raises
    Invalid, also for what would change the household behind the other members' backs."""
    opened = change.opened
    kind = opened.block.kind
    home = home_of_new(opened, key, cells)
    entries = []
    for element, text in cells.items():
        slot = opened.slots.get(element)
        if slot is None or not text.strip() or is_number(slot.element, kind) or follows_from_number(opened, slot, key):
            continue
        if not agrees_with_household(opened, slot, key, home, text):
            entries.append(change.fact(slot, key, text, home))
    return entries


def agrees_with_household(opened: OpenRoster, slot: Slot, key: str, home: str, text: str) -> bool:
    """Whether the household that a new row joins says so already, and nothing is to be written. Raises Invalid when it says
    something else."""
    said = _said_by_household(opened, slot, key, home)
    if said and unlike(said, text, slot.element):
        raise Invalid(
            "desk.bad-value", name=slot.element.name, reason=f"同户其他人登记的是“{said}”；要改的，请先加人，再在任一成员的行里改"
        )
    return bool(said)


def home_of_new(opened: OpenRoster, key: str, cells: Mapping[str, str]) -> str:
    """The household that a new row joins: that of the number typed with it, else the one known; "" where rows are no people."""
    if opened.block.kind != PERSON:
        return ""
    books = (slot for slot in opened.slots.values() if slot.element.meaning.concept == ("household-book-number",))
    typed = next((text for slot in books if (text := cells.get(slot.element.id, "").strip())), "")
    return typed or opened.giver.home_of(key)


def _said_by_household(opened: OpenRoster, slot: Slot, key: str, home: str) -> str:
    """What the other members' rows say of a fact that a new row would share with them; "" where there is none."""
    mates = opened.households.get(opened.owner_id(slot, key, home), ()) if opened.of_household(slot) else ()
    return next((opened.text(at, opened.block.slots.index(slot)) for at in mates), "")


def put_on(connection: Connection, change: Change, key: str, entries: Sequence[Entry], home: str = "") -> str:
    """Puts somebody on the roster, with the figures about them; gives the subject's id."""
    one = change.subject(key, ADDED)
    subjects.put(connection, one)
    opened = change.opened
    know(connection, change.owners(key, [entry.key.element for entry in entries], home))
    keep_figure(connection, change, change.entry(on_roster(opened.id, opened.place), one.id, IN), None, None)
    for entry in entries:
        keep_figure(connection, change, entry, None, opened.catalogue.elements.get(entry.key.element))
    return one.id


def demand_absent(opened: OpenRoster, subject: str) -> None:
    """Passes when somebody is not on the roster yet. Raises Clash, saying in which row they are."""
    if subject in opened.rows:
        at = opened.rows[subject]
        raise Clash("roster.there", where=f"本名册第 {at + 1} 行（{opened.name(at)[:1]}＊）")


def demand_free(connection: Connection, actor: Actor, opened: OpenRoster, key: str) -> None:
    """Passes when nobody has this key here or elsewhere. Raises Clash, saying where they are as far as the actor may know."""
    subject = opened.edits.id_of(key)
    demand_absent(opened, subject)
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


def take_off(connection: Connection, change: Change, key: str, reason: str) -> None:
    """Takes somebody off the roster, or (for a reason of EVERYWHERE) off all rosters of the place."""
    opened = change.opened
    wide = reason in EVERYWHERE or reason == RENUMBERED
    one = change.subject(key, REMOVED if wide else ACTIVE)
    known = subjects.of_ids(connection, [one.id]).get(one.id)
    if known is None or wide:
        subjects.put(connection, one)
    element = lives_here(opened.place) if wide else on_roster(opened.id, opened.place)
    keep_figure(connection, change, change.entry(element, one.id, taken_out(reason)), None, None)


def demand_there(connection: Connection, opened: OpenRoster, subject: str) -> None:
    """Nobody took the row off since it was read. Raises NotThere."""
    for element in (lives_here(opened.place), on_roster(opened.id, opened.place)):
        held = figures.held(connection, Key(element, subject, opened.period))
        before = opened.edits.members.get(element, {}).get(subject)
        if held is not None and held.source != UNDONE and held.value != IN and (before is None or before.version != held.version):
            raise NotThere("名册上的这一行：刚刚被移出")
