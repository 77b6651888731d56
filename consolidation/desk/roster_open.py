"""One roster of a place, opened: its rows from shared data with what workers changed laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection

from consolidation.fill import Giver
from consolidation.fill.blocks import Block, Slot
from consolidation.fill.model import PERSON
from consolidation.store import Held
from forms.model import CellValue, Form, Kind
from forms.periods import Period
from forms.values import NO_DEMO, DemoRegions, Failure, IdNumber

from . import values
from .catalogue import Catalogue, FormEdition
from .context import Desk
from .households import is_of_household
from .model import NotThere
from .outgoing import bare_giver
from .roster_edits import PlaceEdits, is_about_rows, load_edits
from .standing import standing

FROM_NUMBER = frozenset({"sex", "birth-date", "birth-month", "birth-year", "age"})


@dataclass(frozen=True, slots=True)
class Roster:
    """One roster of a place. `missing`: cells that nobody has filled; `changed`: rows that workers added or changed."""

    id: str
    title: str
    department: str
    form: str
    kind: str
    rows: int
    missing: int
    changed: int


@dataclass(frozen=True)
class OpenRoster:
    """A roster with everything needed to read or change it. `block`: its rows, edits laid over."""

    id: str
    edition: FormEdition
    form: Form
    place: str
    period: str
    catalogue: Catalogue
    giver: Giver
    edits: PlaceEdits
    base: Block
    block: Block

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """The subject's id of each row."""
        return tuple(map(self.edits.id_of, self.block.keys))

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Subject's id -> its row."""
        return {subject: at for at, subject in enumerate(self.subjects)}

    def at(self, subject: str) -> int:
        """The row of a subject. Raises NotThere: whoever is on no roster of this place is not to be found."""
        if subject not in self.rows:
            raise NotThere("名册上的这一行")
        return self.rows[subject]

    def text(self, at: int, column: int) -> str:
        """A cell as it is shown."""
        return values.stored(self.block.columns[column][at]) or ""

    def of_household(self, slot: Slot) -> bool:
        """Whether a column's cells hold what the row's household has in common."""
        return is_of_household(slot.element, self.block.kind, self.catalogue.lexicon)

    def owner(self, slot: Slot, key: str, home: str = "") -> str:
        """The key of whom a fact on somebody's row is kept for: the household that shares it, or the row's own. `home`: the
        household of somebody who is not on the roster yet."""
        if not self.of_household(slot):
            return key
        return home or self._homes.get(key) or self.giver.home_of(key)

    def owner_id(self, slot: Slot, key: str, home: str = "") -> str:
        """The subject's id of `owner`."""
        return self.edits.id_of(self.owner(slot, key, home))

    def fact(self, slot: Slot, key: str) -> Held | None:
        """What a worker wrote about somebody, or about their household, opened."""
        return self.edits.fact(self.owner_id(slot, key), slot.element.id)

    @cached_property
    def _homes(self) -> Mapping[str, str]:
        """Key of each person's row, in their order -> the household's."""
        keys = self.block.keys if self.block.kind == PERSON else ()
        return dict(zip(keys, self.giver.homes_of(keys), strict=True))

    @cached_property
    def households(self) -> Mapping[str, tuple[int, ...]]:
        """Subject's id of each household -> its members' rows. Only of people's rows."""
        found: dict[str, list[int]] = {}
        for at, home in enumerate(self._homes.values()):
            found.setdefault(home, []).append(at)
        return {self.edits.id_of(home): tuple(rows) for home, rows in found.items()}

    def mates(self, slot: Slot, key: str) -> int:
        """How many other rows of the roster share a fact of somebody's row."""
        if not self.of_household(slot):
            return 0
        return max(0, len(self.households.get(self.owner_id(slot, key), ())) - 1)

    @cached_property
    def slots(self) -> Mapping[str, Slot]:
        """The columns that a worker may change: element -> slot."""
        return {slot.element.id: slot for slot in self.block.slots if is_about_rows(slot.element)}

    @cached_property
    def names(self) -> int:
        """The column by which people know a row."""
        wanted = ("name", "org-name", "house-address", "committee-name")
        ranked = [
            (wanted.index(slot.element.meaning.concept[0]), slot.element.meaning.role not in ("self", "", "head"), at)
            for at, slot in enumerate(self.block.slots) if (slot.element.meaning.concept or ("",))[0] in wanted
        ]  # fmt: skip
        return min(ranked)[2] if ranked else 0

    def name(self, at: int) -> str:
        return self.text(at, self.names)

    @cached_property
    def missing(self) -> frozenset[int]:
        """The rows with blank cells."""
        return frozenset(at for column in self._editable for at, value in enumerate(column) if value is None)

    @property
    def _editable(self) -> list[tuple[CellValue, ...]]:
        pairs = zip(self.block.columns, self.block.slots, strict=True)
        return [column for column, slot in pairs if is_about_rows(slot.element)]

    @property
    def changed(self) -> set[str]:
        """Subjects that workers added or changed, themselves or their household, of whatever roster."""
        own = {slot.element.id for slot in self.block.slots}
        found = set(self.added)
        for subject, facts in self.edits.facts.items():
            if own & facts.keys():
                members = self.households.get(subject, ()) if subject not in self.rows else ()
                found |= {self.subjects[at] for at in members} or {subject}
        return found

    @property
    def blanks(self) -> int:
        """Cells that nobody has filled; those that a household shares are one."""
        count = 0
        for column, slot in zip(self.block.columns, self.block.slots, strict=True):
            if not is_about_rows(slot.element):
                continue
            if self.of_household(slot):
                count += sum(any(column[at] is None for at in rows) for rows in self.households.values())
            else:
                count += column.count(None)
        return count

    @cached_property
    def added(self) -> set[str]:
        """Subjects whom a worker put here, and shared data does not."""
        fresh = self.edits.added(self.form, self.block.kind)
        known = set(self.base.keys) if fresh else set()
        return {self.edits.id_of(key) for key in fresh if key not in known}

    @property
    def roster(self) -> Roster:
        changed = len(self.changed & self.rows.keys()) if self.changed else 0
        return Roster(
            self.id, self.form.title or self.edition.title, self.edition.department, self.edition.id, self.block.kind,
            len(self.block.keys), self.blanks, changed,
        )  # fmt: skip


def demo_of(desk: Desk) -> DemoRegions:
    """Which ID numbers of invented people are taken for valid: those of the shared data, nobody's otherwise."""
    return desk.shared.demo if desk.shared is not None else NO_DEMO


def read_edits(connection: Connection, desk: Desk, catalogue: Catalogue, place: str, period: str) -> PlaceEdits:
    """What workers changed about the people of a place, within a connection of the caller's."""
    return load_edits(connection, desk.secrets, catalogue, place, Period.parse(period), demo_of(desk))


def open_roster(
    connection: Connection, desk: Desk, catalogue: Catalogue, place: str, period: str, roster: str
) -> OpenRoster:  # fmt: skip
    """A roster as it stands, within a connection of the caller's, who has looked at the rights. Raises NotThere."""
    standing(connection, place, period)
    edits = read_edits(connection, desk, catalogue, place, period)
    for file, edition in catalogue.editions.items():
        for form in catalogue.forms.get(file, ()):
            if edits.rosters[file, form.id] == roster and form.kind is Kind.ROSTER:
                opened = open_form(desk, catalogue, edits, edition, form, roster)
                if opened is not None:
                    return opened
    raise NotThere("这张名册")


def open_form(
    desk: Desk, catalogue: Catalogue, edits: PlaceEdits, edition: FormEdition, form: Form, roster: str
) -> OpenRoster | None:
    """None for a form whose lists are not about anybody (a table of places)."""
    if desk.shared is not None:
        giver, blocks = desk.shared.blocks(catalogue, edits.place, edits.period, form)
    else:
        giver = bare_giver(catalogue, edits.place, edits.period)
        blocks = giver.blocks(form)
    giver = giver.with_edits(edits)
    block = max(blocks, key=lambda one: (len(one.keys), len(one.slots)), default=None)
    if block is None or not block.kind:
        return None
    return OpenRoster(
        roster, edition, form, edits.place, str(edits.period), catalogue, giver, edits, block, giver.overlaid(block)
    )  # fmt: skip


def is_told_by_number(opened: OpenRoster, slot: Slot) -> bool:
    """Whether a column holds what a valid ID number says of its holder."""
    meaning = slot.element.meaning
    own = opened.block.kind == PERSON and meaning.role in ("self", "") and not meaning.qualifiers
    return own and len(meaning.concept) == 1 and meaning.concept[0] in FROM_NUMBER


def follows_from_number(opened: OpenRoster, slot: Slot, key: str) -> bool:
    """Whether a cell is given by the row's own ID number (sex, birth, age): another value needs another number."""
    return is_told_by_number(opened, slot) and not isinstance(IdNumber.parse(key, demo=opened.edits.demo), Failure)
