"""What a sheet brought back from Excel would change on a roster: one line for each row of the file, and of the roster."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from consolidation.fill.blocks import Slot
from consolidation.fill.settings import answers_for
from consolidation.store import subjects
from consolidation.store.subjects import Subject

from .context import Desk
from .model import Invalid
from .roster_change import typed
from .roster_edits import is_number
from .roster_files import Brought, SheetRow
from .roster_membership import agrees_with_household, elsewhere, home_of_new, key_of
from .roster_open import OpenRoster, follows_from_number
from .rosters import canonical_of, column_names, unlike


class Fate(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    CONFLICT = "conflict"  # changed meanwhile, or the department that answers for the fact says otherwise
    REFUSED = "refused"
    MISSING = "missing"  # on the roster, not in the file
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell: what stands there, what the file says, and why that needs a look."""

    element: str
    name: str
    old: str
    new: str
    doubt: str = ""
    mates: int = 0  # other rows that share it: a fact of the household


@dataclass(frozen=True, slots=True)
class Line:
    """What would become of one row. `id`: by which it is chosen; `line`: where it stands in the file (0: it does not)."""

    id: str
    line: int
    fate: Fate
    name: str
    subject: str
    cells: tuple[CellChange, ...] = ()
    reason: str = ""
    key: str = ""


def plan(desk: Desk, opened: OpenRoster, brought: Brought) -> tuple[Line, ...]:
    """A line for each row of the file, and for each row of the roster that the file does not have."""
    seen: dict[str, int] = {}
    met: set[str] = set()
    names = dict(zip((slot.element.id for slot in opened.block.slots), column_names(opened), strict=True))
    known = _known(desk, opened, brought)
    lines = []
    for row in brought.rows:
        try:
            key, subject = _whose(desk, opened, row)
        except Invalid as error:
            lines.append(_refused(opened, row, error.problem.message))
            continue
        if subject in seen:
            lines.append(_refused(opened, row, f"与表中第 {seen[subject]} 行是同一个人（户、单位），只取前一行"))
            continue
        seen[subject] = row.line
        if subject in opened.rows:
            met.add(subject)
            lines.append(_known_line(desk, opened, row, subject, names))
        else:
            lines.append(_new_line(desk, opened, row, key, subject, known.get(subject), names))
    lines = _agreeing(opened, lines)
    for at, subject in enumerate(opened.subjects):
        if subject not in met:
            lines.append(Line(f"m{subject}", 0, Fate.MISSING, opened.name(at), subject, key=opened.block.keys[at]))
    return tuple(lines)


def _agreeing(opened: OpenRoster, lines: Sequence[Line]) -> list[Line]:
    """The lines, those that say two things of one household in conflict: nobody but a person can tell which is right."""
    said: dict[tuple[str, str], dict[str, Line]] = {}
    for line in lines:
        for cell in line.cells if line.fate in (Fate.CHANGED, Fate.CONFLICT) else ():
            slot = opened.slots[cell.element]
            if opened.mates(slot, line.key):
                written = said.setdefault((opened.owner(slot, line.key), cell.element), {})
                written.setdefault(canonical_of(cell.new, slot.element), line)
    split = {key: lines for key, lines in said.items() if len(lines) > 1}
    return [_in_doubt(opened, line, split) for line in lines] if split else list(lines)


def _in_doubt(opened: OpenRoster, line: Line, split: Mapping[tuple[str, str], Mapping[str, Line]]) -> Line:
    cells = []
    for cell in line.cells:
        slot = opened.slots[cell.element]
        written = split.get((opened.owner(slot, line.key), cell.element), {})
        other = next((one for said, one in written.items() if said != canonical_of(cell.new, slot.element)), None)
        doubt = f"与表中第 {other.line} 行（同一户）写的不一样" if other is not None else ""
        cells.append(replace(cell, doubt=doubt or cell.doubt))
    if line.fate not in (Fate.CHANGED, Fate.CONFLICT) or all(a.doubt == b.doubt for a, b in zip(cells, line.cells, strict=True)):
        return line
    return _line(line.line, line.name, line.subject, cells, line.key)


def _line(at: int, name: str, subject: str, cells: Sequence[CellChange], key: str) -> Line:
    """The line of a row that is on the roster."""
    fate = Fate.UNCHANGED if not cells else Fate.CONFLICT if any(cell.doubt for cell in cells) else Fate.CHANGED
    # A line that is another one by the time it is applied (others changed it meanwhile) is not the one that was chosen.
    seen = hashlib.sha256("\n".join([fate, *(cell.old for cell in cells)]).encode()).hexdigest()[:8]
    return Line(f"r{subject}{seen}", at, fate, name, subject, tuple(cells), key=key)


def _known(desk: Desk, opened: OpenRoster, brought: Brought) -> Mapping[str, Subject]:
    ids = []
    for row in brought.rows:
        try:
            ids.append(_whose(desk, opened, row)[1])
        except Invalid:
            continue
    with desk.store.read() as connection:
        return subjects.of_ids(connection, (id_ for id_ in ids if id_ not in opened.rows))


def _whose(desk: Desk, opened: OpenRoster, row: SheetRow) -> tuple[str, str]:
    """The key and the subject's id of a row. Raises Invalid when the row does not say whose it is, or says two things."""
    if row.subject and row.subject not in opened.rows:
        raise Invalid("desk.bad-value", name="行标识", reason="这一行已不在名册上（可能已被移出，或属于别的名册、别的地方）")
    if row.subject:
        key = opened.block.keys[opened.rows[row.subject]]
        numbers = [slot.element.id for slot in opened.block.slots if is_number(slot.element, opened.block.kind)]
        written = next((row.cells[id_] for id_ in numbers if row.cells.get(id_)), "")
        at = opened.rows[row.subject]
        shown = next((opened.text(at, n) for n, slot in enumerate(opened.block.slots) if slot.element.id in numbers), "")
        if written and written != shown and key_of(desk, opened, row.cells) != key:
            raise Invalid("desk.bad-value", name="身份证号", reason="换号等于换人，请在网页上更正这一行的身份证号")
        return key, row.subject
    key = key_of(desk, opened, row.cells)
    return key, opened.edits.id_of(key)


def _known_line(desk: Desk, opened: OpenRoster, row: SheetRow, subject: str, names: Mapping[str, str]) -> Line:
    at = opened.rows[subject]
    key = opened.block.keys[at]
    cells: list[CellChange] = []
    for number, slot in enumerate(opened.block.slots):
        id_ = slot.element.id
        new, current = row.cells.get(id_), opened.text(at, number)
        before = row.before.get(id_, "") if row.before is not None else None
        untouched = new is None or new == current or (not new and not before) or (before is not None and new == before)
        if untouched or id_ not in opened.slots or is_number(slot.element, opened.block.kind) or new is None:
            continue
        if follows_from_number(opened, slot, key) or (new and not unlike(new, current, slot.element)):
            continue
        try:
            typed(desk, slot, new)
        except Invalid as error:
            return _refused(opened, row, error.problem.message, opened.name(at), subject)
        doubt = _doubt(opened, slot, key, current, before)
        cells.append(CellChange(id_, names[id_], current, new, doubt, opened.mates(slot, key)))
    return _line(row.line, opened.name(at), subject, cells, key)


def _doubt(opened: OpenRoster, slot: Slot, key: str, current: str, before: str | None) -> str:
    """Why a change needs a look; "" when it does not."""
    if before is not None and unlike(before, current, slot.element):
        return "下载之后别人改过这一格"
    if opened.fact(slot, key) is not None or not current:
        return ""
    (source,) = opened.giver.shared_sources(opened.block, slot, [key])
    concept = "+".join(slot.element.meaning.concept)
    department = source.source.partition("《")[0] if source is not None else ""
    return f"{department}是这一项的数源部门，其数据是“{current}”" if department and answers_for(department, concept) else ""


def _new_line(
    desk: Desk, opened: OpenRoster, row: SheetRow, key: str, subject: str, known: Subject | None, names: Mapping[str, str]
) -> Line:  # fmt: skip
    place = elsewhere(opened, key, known)
    if place:
        return _refused(opened, row, "登记在其他村（社区）；搬来的流动人口，请在网页上新增并写明从哪里搬来", subject=subject)
    cells = []
    home = home_of_new(opened, key, row.cells)
    for slot in opened.slots.values():
        text = row.cells.get(slot.element.id, "")
        if not text or is_number(slot.element, opened.block.kind) or follows_from_number(opened, slot, key):
            continue
        try:
            typed(desk, slot, text)
            agrees_with_household(opened, slot, key, home, text)
        except Invalid as error:
            return _refused(opened, row, error.problem.message, subject=subject)
        cells.append(CellChange(slot.element.id, names[slot.element.id], "", text))
    return Line(f"n{subject}", row.line, Fate.ADDED, _name_in(opened, row), subject, tuple(cells), key=key)


def _refused(opened: OpenRoster, row: SheetRow, reason: str, name: str = "", subject: str = "") -> Line:
    return Line(f"x{row.line}", row.line, Fate.REFUSED, name or _name_in(opened, row), subject, (), reason)


def _name_in(opened: OpenRoster, row: SheetRow) -> str:
    return row.cells.get(opened.block.slots[opened.names].element.id, "")[:40]
