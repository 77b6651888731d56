"""Who is on a roster: by what a new row is known, whether somebody is free to be put on, putting on and taking off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from consolidation.fill.model import PERSON
from consolidation.fill.settings import source_words
from consolidation.store import Entry, Key, figures, subjects
from consolidation.store.subjects import Subject

from .context import Desk
from .model import Actor, Clash, Invalid, NotThere, within
from .roster_change import Change, id_number, keep_figure
from .roster_edits import ACTIVE, ADDED, IN, REMOVED, UNDONE, is_number, lives_here, on_roster, taken_out
from .roster_open import OpenRoster, follows_from_number

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
    keep_figure(connection, change, change.entry(on_roster(opened.id, opened.place), one.id, IN), None, None)
    for entry in entries:
        keep_figure(connection, change, entry, None, opened.catalogue.elements.get(entry.key.element))
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
