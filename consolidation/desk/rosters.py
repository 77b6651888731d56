"""Rosters at the desk: who is on a place's lists, what is known of each, what is missing, what workers changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from consolidation.fill.blocks import Slot
from consolidation.fill.model import PERSON
from consolidation.fill.table import canonical
from consolidation.model import Element
from consolidation.store import Held, Key, subjects
from consolidation.store.schema import region, region_above, submission
from forms.model import CellValue, Kind
from forms.problems import masked

from . import personal, values
from .context import Desk, shown_moment
from .differing import Undecided, undecided
from .dispatch import catalogue_of
from .model import Actor, Role, demand
from .names import names_of
from .roster_edits import MOVED, PlaceEdits, is_about_rows, is_number, open_number, roster_ids, why_out
from .roster_open import OpenRoster, Roster, follows_from_number, is_told_by_number, open_form, open_roster, read_edits
from .standing import Standing, standing

READERS = (Role.WORKER, Role.LEADER, Role.STEWARD)
SEERS = (Role.WORKER, Role.LEADER)  # who work with the people themselves: others see personal data masked
PAGE = 50
ALL, MISSING, CHANGED, DIFFERING, UNDECIDED = "", "missing", "changed", "differing", "undecided"


UndecidedCells = Mapping[tuple[str, str], tuple[Undecided, ...]]  # (element, subject) -> what other lists say


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a roster. `editable`: a fact of the row, which a worker may change; `number`: the ID number that says who the
    row is; `follows`: told by that number; `hidden`: personal, and masked for whoever looks."""

    element: str
    name: str
    unit: str
    type: str
    options: tuple[str, ...]
    editable: bool
    number: bool
    follows: bool
    hidden: bool


@dataclass(frozen=True, slots=True)
class RosterCell:
    """One cell. `text` "" = missing; `edited`: a worker wrote it; `shared`: what shared data says instead, "" where it agrees or
    is silent; `version`: of the figure of this period, 0 = none; `home`: the household that shares it ("" = the row's own), with
    `mates` other rows of the roster."""

    element: str
    text: str
    edited: bool
    shared: str
    source: str
    version: int
    differs: bool = False
    fixed: bool = False  # follows from the ID number: not to be typed
    home: str = ""
    mates: int = 0
    undecided: tuple[Undecided, ...] = ()  # what other lists say, where nobody has decided or typed anything


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody on a roster. `subject`: the keyed hash by which addresses name a row; `added`: put there by a worker."""

    subject: str
    at: int
    name: str
    added: bool
    cells: tuple[RosterCell, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody who was taken off a roster. `everywhere`: off all rosters of the place; `moved`: another village has them now."""

    subject: str
    name: str
    reason: str
    everywhere: bool
    who: str
    at: str
    moved: bool = False


@dataclass(frozen=True)
class RosterPage:
    """One page of a roster. `found`: rows that the search and the filter leave; `sees`: whether personal data is shown."""

    roster: Roster
    place: str
    place_name: str
    period: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    found: int
    number: int
    sees: bool
    standing: Standing
    gone: tuple[Gone, ...]
    name_element: str = ""  # the column that `Row.name` shows

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE))

    @property
    def open(self) -> bool:
        """Whether changes are drafts still; afterwards they are corrections with a reason."""
        return self.standing.fillable


@dataclass(frozen=True, slots=True)
class RosterPlace:
    """A place whose rosters somebody may open, and for which periods, the latest first."""

    place: str
    name: str
    periods: tuple[str, ...]


def roster_places(desk: Desk, actor: Actor) -> tuple[RosterPlace, ...]:
    """The places of the actor's region that report, with the periods in which they do. Raises NotAllowed."""
    s, r = submission, region
    inside = select(region_above.c.code).where(region_above.c.above == actor.region)
    query = select(s.c.region, r.c.name, s.c.period).join(r, r.c.code == s.c.region).where(s.c.region.in_(inside))
    with desk.store.read() as connection:
        demand(connection, actor, actor.region, "查看名册", *READERS)
        rows = connection.execute(query.order_by(s.c.region, s.c.period.desc())).all()
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row.region, row.name), []).append(row.period)
    return tuple(RosterPlace(place, name, tuple(periods)) for (place, name), periods in found.items())


def rosters(desk: Desk, actor: Actor, place: str, period: str) -> tuple[Roster, ...]:
    """The rosters of a place for a period, as they stand. Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)
    with desk.store.read() as connection:
        demand(connection, actor, place, "查看名册", *READERS, scope="figures:read")
        standing(connection, place, period)
        edits = read_edits(connection, desk, catalogue, place, period)
    ids = roster_ids(catalogue)
    found = []
    for file, edition in catalogue.editions.items():
        for form in catalogue.forms.get(file, ()):
            if form.kind is Kind.ROSTER and (opened := open_form(desk, catalogue, edits, edition, form, ids[file, form.id])):
                found.append(opened.roster)
    return tuple(found)


def roster_page(
    desk: Desk, actor: Actor, place: str, period: str, roster: str, search: str = "", show: str = ALL, number: int = 1
) -> RosterPage:  # fmt: skip
    """A page of a roster's rows; `search` finds any text of a row, `show` leaves those with missing, changed or differing cells.
    That personal data was read is noted in the audit log. Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)

    def look(connection: Connection) -> RosterPage:
        demand(connection, actor, place, "查看名册", *READERS, scope="figures:read")
        opened = open_roster(connection, desk, catalogue, place, period, roster)
        return _page(connection, desk, actor, opened, search, show, number)

    with desk.store.read() as connection:
        page = look(connection)
    note_reading(desk, actor, place, period, roster, len(page.rows) if page.sees else 0)
    return page


def roster_row(desk: Desk, actor: Actor, place: str, period: str, roster: str, subject: str) -> tuple[RosterPage, Row]:
    """One row, and the roster around it (without other rows). Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)
    with desk.store.read() as connection:
        demand(connection, actor, place, "查看名册", *READERS, scope="figures:read")
        opened = open_roster(connection, desk, catalogue, place, period, roster)
        at = opened.at(subject)
        page = _page(connection, desk, actor, opened, "", ALL, 1, (at,))
    note_reading(desk, actor, place, period, roster, 1 if page.sees else 0)
    return page, page.rows[0]


def blank_roster(desk: Desk, actor: Actor, place: str, period: str, roster: str) -> RosterPage:
    """A roster's columns without anybody's row: for the form by which somebody is put on it. Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)
    with desk.store.read() as connection:
        demand(connection, actor, place, "查看名册", *READERS, scope="figures:read")
        opened = open_roster(connection, desk, catalogue, place, period, roster)
        return _page(connection, desk, actor, opened, "", ALL, 1, ())


def note_reading(desk: Desk, actor: Actor, place: str, period: str, roster: str, count: int) -> None:
    """Puts into the audit log how many people's data was read: never whose, never what was searched for."""
    if count:
        desk.store.write(lambda c: desk.note(c, actor, "read-roster", roster, chain=place, period=period, rows=count))


# ---- a page -------------------------------------------------------------------------------------------------------------
def _page(
    connection: Connection, desk: Desk, actor: Actor, opened: OpenRoster, search: str, show: str, number: int,
    only: Sequence[int] | None = None,
) -> RosterPage:  # fmt: skip
    sees = may_see(actor)
    open_ones = still_undecided(connection, desk, opened.edits)
    found = list(only) if only is not None else _found(opened, open_ones, search, show, sees)
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(1, number), pages)
    shown = found[(number - 1) * PAGE : number * PAGE]
    name = connection.execute(select(region.c.name).where(region.c.code == opened.place)).scalar_one()
    return RosterPage(
        opened.roster, opened.place, name, opened.period, columns_of(opened, sees),
        _rows(connection, opened, open_ones, shown, sees),
        len(found), number, sees, standing(connection, opened.place, opened.period), _gone(connection, opened, sees),
        opened.block.slots[opened.names].element.id,
    )  # fmt: skip


def may_see(actor: Actor) -> bool:
    """Whether somebody sees personal data unmasked: the people who work with those on the roster."""
    return actor.scopes is None and actor.role in SEERS


def column_names(opened: OpenRoster) -> tuple[str, ...]:
    """What the columns are called, each differently."""
    names: list[str] = []
    for slot in opened.block.slots:
        name, number = _label(slot), 2
        while name in names:
            name, number = f"{_label(slot)}（{number}）", number + 1
        names.append(name)
    return tuple(names)


def columns_of(opened: OpenRoster, sees: bool) -> tuple[Column, ...]:
    """The columns of a roster."""
    names = column_names(opened)
    return tuple(
        Column(
            slot.element.id, name, slot.field.unit or slot.element.unit, slot.element.type,
            slot.element.options or slot.field.options, is_about_rows(slot.element), is_number(slot.element, opened.block.kind),
            is_told_by_number(opened, slot), personal.is_personal(slot.element) and not sees,
        )
        for slot, name in zip(opened.block.slots, names, strict=True)
    )  # fmt: skip


def _label(slot: Slot) -> str:
    path = [part.replace("\n", "") for part in slot.field.path[-2:]]
    return " ".join(dict.fromkeys(path)) if len(path) > 1 and len(path[0]) <= 12 else path[-1]


def _found(opened: OpenRoster, open_ones: UndecidedCells, search: str, show: str, sees: bool) -> list[int]:
    keep: Callable[[int], bool]
    if show == MISSING:
        keep = opened.missing.__contains__
    elif show == CHANGED:
        changed = opened.changed
        keep = lambda at: opened.subjects[at] in changed  # noqa: E731
    elif show == DIFFERING:
        differing = set(differing_rows(opened))
        keep = differing.__contains__
    elif show == UNDECIDED:
        own = {slot.element.id for slot in opened.block.slots}
        asked = {subject for element, subject in open_ones if element in own}
        keep = lambda at: opened.subjects[at] in asked  # noqa: E731
    else:
        keep = lambda at: True  # noqa: E731
    found = [at for at in range(len(opened.block.keys)) if keep(at)]
    words = search.strip().casefold().split()
    if not words:
        return found
    # Who does not see a column cannot find out by searching what stands in it.
    readable = [n for n, slot in enumerate(opened.block.slots) if sees or not personal.is_personal(slot.element)]
    columns = [opened.block.columns[n] for n in readable]
    return [at for at in found if _has(words, (column[at] for column in columns))]


def _has(words: Sequence[str], cells: Iterable[CellValue]) -> bool:
    text = "\n".join(values.stored(value) or "" for value in cells if value is not None).casefold()
    return all(word in text for word in words)


def _rows(
    connection: Connection, opened: OpenRoster, open_ones: UndecidedCells, shown: Sequence[int], sees: bool
) -> tuple[Row, ...]:  # fmt: skip
    keys = [opened.block.keys[at] for at in shown]
    ids = [opened.edits.id_of(key) for key in keys]
    homes = [opened.edits.id_of(home) for home in opened.giver.homes_of(keys)] if opened.block.kind == PERSON else []
    current = subjects.facts_of(connection, [*ids, *homes], opened.period)
    columns = opened.giver.shared_columns(opened.block, keys)
    written = map(opened.edits.facts.get, [*ids, *homes])
    people = names_of(connection, {held.actor for facts in written for held in (facts or {}).values()})
    made: list[list[RosterCell]] = [[] for _ in shown]
    for number, slot in enumerate(opened.block.slots):
        sources = opened.giver.shared_sources(opened.block, slot, keys)
        hide = personal.is_personal(slot.element) and not sees
        owners = homes if opened.of_household(slot) else ids
        for row, at in enumerate(shown):
            held = opened.edits.facts.get(owners[row], {}).get(slot.element.id)
            version = current.get(Key(slot.element.id, owners[row], opened.period))
            text, shared = opened.text(at, number), values.stored(columns[number][row]) or ""
            differs = held is not None and bool(shared) and unlike(text, shared, slot.element)
            source = sources[row]
            told = _who(held, people) if held is not None else f"{source.source} {source.detail}".strip() if source else ""
            made[row].append(
                RosterCell(
                    slot.element.id, hidden(slot.element, text) if hide else text, held is not None,
                    (hidden(slot.element, shared) if hide else shared) if differs else "", told,
                    version.version if version is not None else 0, differs, follows_from_number(opened, slot, keys[row]),
                    owners[row] if owners is homes else "", opened.mates(slot, keys[row]),
                    tuple(
                        replace(one, value=hidden(slot.element, one.value)) if hide else one
                        for one in open_ones.get((slot.element.id, ids[row]), ())
                    ),
                )
            )  # fmt: skip
    name = opened.block.slots[opened.names].element
    masks = personal.is_personal(name) and not sees
    return tuple(
        Row(
            ids[row], at + 1, hidden(name, opened.name(at)) if masks else opened.name(at), ids[row] in opened.added,
            tuple(made[row]),
        )
        for row, at in enumerate(shown)
    )  # fmt: skip


def still_undecided(connection: Connection, desk: Desk, edits: PlaceEdits) -> UndecidedCells:
    """Where lists disagree about the people of a place and neither a steward nor a worker has said what holds."""
    found = undecided(connection, desk, edits.place)
    return {(element, subject): told for (element, subject), told in found.items() if edits.fact(subject, element) is None}


def differing_rows(opened: OpenRoster) -> list[int]:
    """Rows in which a worker wrote something else than shared data says."""
    touched = sorted(opened.rows[subject] for subject in opened.changed if subject in opened.rows)
    keys = [opened.block.keys[at] for at in touched]
    columns = opened.giver.shared_columns(opened.block, keys)
    found = []
    for row, at in enumerate(touched):
        for number, slot in enumerate(opened.block.slots):
            shared = values.stored(columns[number][row])
            written = opened.fact(slot, keys[row]) is not None
            if written and shared and unlike(opened.text(at, number), shared, slot.element):
                found.append(at)
                break
    return found


def unlike(one: str, other: str, element: Element) -> bool:
    """Whether two values of an element say different things, however they are written."""
    return canonical_of(one, element) != canonical_of(other, element)


def canonical_of(text: str, element: Element) -> str:
    """A value of an element as values are compared, however it is written."""
    return canonical(text, element.meaning.concept[0] if len(element.meaning.concept) == 1 else "")


def _gone(connection: Connection, opened: OpenRoster, sees: bool) -> tuple[Gone, ...]:
    edits = opened.edits
    out = {
        subject: held for by_subject in edits.members.values() for subject in by_subject
        if (held := edits.gone(opened.id, subject)) is not None
    }  # fmt: skip
    if not out:
        return ()
    keys = {subject: open_number(edits.secrets, edits.known[subject]) for subject in out if subject in edits.known}
    # Those who left the place were on other rosters perhaps: here only those whom this one would show.
    base = set(opened.base.keys) if keys else set()
    names = names_of(connection, {held.actor for held in out.values()})
    slot = opened.block.slots[opened.names]
    shown = opened.giver.shared_columns(opened.block, list(keys.values()))[opened.names] if keys else []
    found = []
    for (subject, key), shared in zip(keys.items(), shown, strict=True):
        held = out[subject]
        if key not in base and edits.on(opened.id, subject) is None:
            continue
        mine = edits.fact(subject, slot.element.id)
        name = (mine.value if mine is not None else values.stored(shared)) or masked(key)
        name = hidden(slot.element, name) if personal.is_personal(slot.element) and not sees else name
        everywhere, moved = held.key.element.startswith("@here"), held.source == MOVED
        found.append(Gone(subject, name, why_out(held), everywhere, "" if moved else names.get(held.actor, ""), held.at, moved))
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def hidden(element: Element, text: str) -> str:
    """A personal value for those who may not see it: that there is one, not which."""
    if not text:
        return ""
    if personal.is_sealed(element):
        shown = masked(text)
        return shown if shown != text else "＊" * 6
    return text[:1] + "＊" * max(1, len(text) - 1)


def _who(held: Held, people: Mapping[str, str]) -> str:
    return " ".join(part for part in (held.source, people.get(held.actor, ""), shown_moment(held.at)) if part)
