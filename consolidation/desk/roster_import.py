"""Bringing a roster back from Excel: what a file would change is shown first, then all of it or the chosen lines are written in
one transaction, which can be undone as a whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from consolidation.fill.blocks import Slot
from consolidation.fill.settings import answers_for
from consolidation.store import Entry, Key, Stale, Taken, figures, subjects
from consolidation.store.schema import account, batch, setting
from consolidation.store.subjects import Subject
from forms.problems import masked

from .context import Desk
from .dispatch import catalogue_of
from .drafts import clash
from .model import Actor, Clash, Invalid, NotThere, Role, demand
from .roster_edits import ACTIVE, ADDED, IN, REMOVED, UNDONE, is_number, on_roster
from .roster_files import Brought, SheetRow, read_upload
from .roster_open import OpenRoster, follows_from_number, open_roster
from .roster_rows import Change, elsewhere, facts_of_new, key_of, start_change, take_off, typed
from .rosters import column_names, note_reading, unlike

PROPOSAL, IMPORT = "roster-proposal", "roster-import"
IMPORTED = "表格导入"
NOT_IN_FILE = "重复登记"


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


@dataclass(frozen=True)
class Preview:
    """What an upload would change; nothing is written yet. `seq`: the number by which it is applied."""

    seq: int
    roster: str
    title: str
    file: str
    lines: tuple[Line, ...]
    unknown: tuple[str, ...]
    skipped: int

    def of(self, fate: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.fate == fate)

    @property
    def counts(self) -> Mapping[str, int]:
        return {str(fate): len(self.of(fate)) for fate in Fate}


@dataclass(frozen=True, slots=True)
class Batch:
    """An upload that was applied."""

    seq: int
    roster: str
    file: str
    who: str
    at: str
    counts: Mapping[str, int]
    undone: bool


# ---- looking ------------------------------------------------------------------------------------------------------------
def preview_upload(desk: Desk, actor: Actor, place: str, period: str, roster: str, name: str, data: bytes) -> Preview:
    """What a file would change. Raises NotAllowed, NotThere, and Invalid for a file that cannot be used."""
    opened = _opened(desk, actor, place, period, roster)
    brought = read_upload(opened, name, data)
    shown = masked(name)[-80:]

    def job(connection: Connection) -> int:
        demand(connection, actor, place, "修改名册", Role.WORKER, scope="figures:write")
        row = {"kind": PROPOSAL, "region": place, "period": period, "source": roster, "actor": actor.id, "at": desk.now()}
        counts = json.dumps({"rows": len(brought.rows)})
        seq = int(connection.execute(insert(batch).values(**row, counts=counts).returning(batch.c.seq)).scalar_one())
        _forget_proposal(connection, actor)
        name = _proposal(actor)
        body = json.dumps([[seq, place, period, roster], shown, _as_json(brought)], ensure_ascii=False)
        sealed = desk.secrets.seal(body, name)
        connection.execute(insert(setting).values(key=name, value=sealed, changed_at=desk.now(), changed_by=actor.id))
        desk.note(connection, actor, "upload-roster", roster, chain=place, period=period, rows=len(brought.rows))
        return seq

    seq = desk.store.write(job)
    return _preview(desk, opened, seq, shown, brought)


def preview(desk: Desk, actor: Actor, place: str, period: str, roster: str, seq: int) -> Preview:
    """An upload's preview once more, against what the roster holds now. Raises NotAllowed, NotThere."""
    opened = _opened(desk, actor, place, period, roster)
    shown, brought = _read(desk, actor, opened, seq)
    return _preview(desk, opened, seq, shown, brought)


def _opened(desk: Desk, actor: Actor, place: str, period: str, roster: str) -> OpenRoster:
    catalogue = catalogue_of(desk, period)
    with desk.store.read() as connection:
        demand(connection, actor, place, "修改名册", Role.WORKER, scope="figures:write")
        opened = open_roster(connection, desk, catalogue, place, period, roster)
    note_reading(desk, actor, place, period, roster, len(opened.block.keys))
    return opened


def _preview(desk: Desk, opened: OpenRoster, seq: int, file: str, brought: Brought) -> Preview:
    lines = _plan(desk, opened, brought)
    return Preview(seq, opened.id, opened.roster.title, file, lines, brought.unknown, brought.skipped)


def _read(desk: Desk, actor: Actor, opened: OpenRoster, seq: int) -> tuple[str, Brought]:
    """What somebody uploaded and looks at. Raises Clash when it was used, or another upload came after it."""
    name = _proposal(actor)
    with desk.store.read() as connection:
        sealed = connection.execute(select(setting.c.value).where(setting.c.key == name)).scalar_one_or_none()
    about, shown, body = json.loads(desk.secrets.open(sealed, name)) if sealed else (None, "", "")
    if about != [seq, opened.place, opened.period, opened.id]:
        raise Clash("roster.no-proposal")
    return str(shown), _of_json(body)


def _proposal(actor: Actor) -> str:
    """Where an upload waits, sealed, to be applied: one for each account, so that people's data does not pile up."""
    return f"{PROPOSAL}:{actor.id}"


def _forget_proposal(connection: Connection, actor: Actor) -> bool:
    """Drops what waits; gives whether there was anything."""
    return bool(connection.execute(delete(setting).where(setting.c.key == _proposal(actor))).rowcount)


def _as_json(brought: Brought) -> str:
    rows = [[row.line, row.subject, row.cells, row.before] for row in brought.rows]
    return json.dumps([rows, brought.unknown, brought.skipped], ensure_ascii=False)


def _of_json(text: str) -> Brought:
    rows, unknown, skipped = json.loads(text)
    return Brought(tuple(SheetRow(*row) for row in rows), tuple(unknown), skipped)


# ---- what a file means ------------------------------------------------------------------------------------------------
def _plan(desk: Desk, opened: OpenRoster, brought: Brought) -> tuple[Line, ...]:
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
    for at, subject in enumerate(opened.subjects):
        if subject not in met:
            lines.append(Line(f"m{subject}", 0, Fate.MISSING, opened.name(at), subject, key=opened.block.keys[at]))
    return tuple(lines)


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
        cells.append(CellChange(id_, names[id_], current, new, _doubt(opened, slot, key, current, before)))
    fate = Fate.UNCHANGED if not cells else Fate.CONFLICT if any(cell.doubt for cell in cells) else Fate.CHANGED
    # A line that is another one by the time it is applied (others changed it meanwhile) is not the one that was chosen.
    seen = hashlib.sha256("\n".join([fate, *(cell.old for cell in cells)]).encode()).hexdigest()[:8]
    return Line(f"r{subject}{seen}", row.line, fate, opened.name(at), subject, tuple(cells), key=key)


def _doubt(opened: OpenRoster, slot: Slot, key: str, current: str, before: str | None) -> str:
    """Why a change needs a look; "" when it does not."""
    if before is not None and unlike(before, current, slot.element):
        return "下载之后别人改过这一格"
    if opened.edits.fact(opened.edits.id_of(key), slot.element.id) is not None or not current:
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
        return _refused(opened, row, "登记在其他村（社区），不能加到这里", subject=subject)
    cells = []
    for slot in opened.slots.values():
        text = row.cells.get(slot.element.id, "")
        if not text or is_number(slot.element, opened.block.kind) or follows_from_number(opened, slot, key):
            continue
        try:
            typed(desk, slot, text)
        except Invalid as error:
            return _refused(opened, row, error.problem.message, subject=subject)
        cells.append(CellChange(slot.element.id, names[slot.element.id], "", text))
    return Line(f"n{subject}", row.line, Fate.ADDED, _name_in(opened, row), subject, tuple(cells), key=key)


def _refused(opened: OpenRoster, row: SheetRow, reason: str, name: str = "", subject: str = "") -> Line:
    return Line(f"x{row.line}", row.line, Fate.REFUSED, name or _name_in(opened, row), subject, (), reason)


def _name_in(opened: OpenRoster, row: SheetRow) -> str:
    return row.cells.get(opened.block.slots[opened.names].element.id, "")[:40]


# ---- writing --------------------------------------------------------------------------------------------------------------
def apply_upload(
    desk: Desk, actor: Actor, place: str, period: str, roster: str, seq: int, chosen: Collection[str] | None = None,
    remove_missing: bool = False, note: str = "",
) -> Batch:  # fmt: skip
    """Writes what an upload says: all rows added and changed, or the chosen lines (among them conflicts), in one transaction.
    `remove_missing`: rows that the file does not have go as well. Raises NotAllowed, NotThere, Clash when somebody changed one of
    the cells meanwhile (then nothing is written) or when the upload was used already."""
    opened = _opened(desk, actor, place, period, roster)
    file, brought = _read(desk, actor, opened, seq)
    lines = [line for line in _plan(desk, opened, brought) if _wanted(line, chosen, remove_missing)]
    counts = {str(fate): sum(line.fate == fate for line in lines) for fate in Fate if any(line.fate == fate for line in lines)}

    def job(connection: Connection) -> int:
        change = start_change(connection, desk, actor, opened, note)
        if not _forget_proposal(connection, actor):
            raise Clash("roster.no-proposal")
        told = json.dumps({"roster": roster, "file": file, "counts": counts}, ensure_ascii=False)
        row = {"kind": IMPORT, "region": place, "period": period, "source": roster, "actor": actor.id, "at": desk.now()}
        number = int(connection.execute(insert(batch).values(**row, counts=told).returning(batch.c.seq)).scalar_one())
        _write(connection, replace(change, detail=mark_of(number), source=IMPORTED), lines)
        desk.note(connection, actor, "import-roster", roster, chain=place, period=period, batch=number, counts=counts)
        return number

    try:
        number = desk.store.write(job)
    except (Stale, Taken) as found:
        with desk.store.read() as connection:
            raise clash(connection, desk, found, None) from found
    except IntegrityError as error:  # somebody wrote one of the cells between our look and our write
        raise Clash("desk.wrong-state", state="刚刚被别人改过", what="应用这次上传，请重新预览") from error
    return Batch(number, roster, file, actor.name, desk.now(), counts, False)


def mark_of(number: int) -> str:
    """The mark in the figures of a batch."""
    return f"batch:{number}"


def _wanted(line: Line, chosen: Collection[str] | None, remove_missing: bool) -> bool:
    if line.fate is Fate.MISSING:
        return remove_missing and (chosen is None or line.id in chosen)
    if chosen is None:
        return line.fate in (Fate.ADDED, Fate.CHANGED)
    return line.id in chosen and line.fate in (Fate.ADDED, Fate.CHANGED, Fate.CONFLICT)


def _write(connection: Connection, change: Change, lines: Sequence[Line]) -> None:
    opened = change.opened
    entries: list[Entry] = []
    people: list[Subject] = []
    known = subjects.of_ids(connection, (line.subject for line in lines))
    for line in lines:
        if line.fate is Fate.MISSING:
            take_off(connection, change, line.key, NOT_IN_FILE)
            continue
        if line.fate is Fate.ADDED:
            people.append(change.subject(line.key, ADDED))
            entries.append(change.entry(on_roster(opened.id, opened.place), line.subject, IN))
            entries += facts_of_new(change, line.key, {cell.element: cell.new for cell in line.cells})
        else:
            if line.subject not in known or known[line.subject].region != opened.place:
                people.append(change.subject(line.key, ACTIVE))
            entries += [change.fact(opened.slots[cell.element], line.subject, cell.new) for cell in line.cells]
    subjects.put(connection, *people)
    held = subjects.facts_of(connection, (entry.key.entity for entry in entries), opened.period)
    subjects.save_fresh(connection, [entry for entry in entries if entry.key not in held])
    for entry in entries:
        if entry.key in held:
            change.keep(connection, entry, held[entry.key].version)


# ---- undoing --------------------------------------------------------------------------------------------------------------
def imports(desk: Desk, actor: Actor, place: str, period: str, roster: str) -> tuple[Batch, ...]:
    """The uploads applied to a roster, the latest first. Raises NotAllowed, NotThere."""
    here = (batch.c.kind == IMPORT) & (batch.c.region == place) & (batch.c.period == period) & (batch.c.source == roster)
    with desk.store.read() as connection:
        demand(connection, actor, place, "查看名册", Role.WORKER, Role.LEADER, Role.STEWARD)
        query = select(batch, account.c.name).outerjoin(account, account.c.id == batch.c.actor).where(here)
        rows = connection.execute(query.order_by(batch.c.seq.desc()).limit(50)).all()
    found = []
    for row in rows:
        told = json.loads(row.counts)
        counts = told.get("counts", {})
        found.append(Batch(row.seq, roster, told.get("file", ""), row.name or "", row.at, counts, bool(told.get("undone"))))
    return tuple(found)


def undo_import(desk: Desk, actor: Actor, place: str, period: str, roster: str, number: int, note: str = "") -> tuple[int, int]:
    """Takes an applied upload back as a whole: every cell that it wrote gets what it had before, by an appended entry; cells that
    were changed since keep what they have. Gives how many of each. Raises NotAllowed, NotThere, Clash when done already."""
    opened = _opened(desk, actor, place, period, roster)

    def job(connection: Connection) -> tuple[int, int]:
        change = start_change(connection, desk, actor, opened, note or "撤销整批导入")
        told = _demand_batch(connection, place, period, roster, number)
        done = kept = 0
        for written in subjects.versions_with(connection, mark_of(number), place):
            now = figures.held(connection, written.key)
            if now is None or now.version != written.version:
                kept += 1
                continue
            before = [one for one in figures.history(connection, written.key) if one.version == written.version - 1]
            entry = _back(change, written.key, before[0] if before else None, number)
            change.keep(connection, entry, written.version)
            done += 1
            if not before and written.value == IN and written.key.element.startswith("@"):
                _forget(connection, change, written.key.entity)
        connection.execute(update(batch).where(batch.c.seq == number).values(counts=json.dumps({**told, "undone": True})))
        desk.note(connection, actor, "undo-import", roster, chain=place, period=period, batch=number, cells=done, kept=kept)
        return done, kept

    return desk.store.write(job)


def _demand_batch(connection: Connection, place: str, period: str, roster: str, number: int) -> dict[str, object]:
    here = (batch.c.seq == number) & (batch.c.kind == IMPORT) & (batch.c.region == place) & (batch.c.period == period)
    text = connection.execute(select(batch.c.counts).where(here, batch.c.source == roster)).scalar_one_or_none()
    if text is None:
        raise NotThere("这次导入")
    told: dict[str, object] = json.loads(text)
    if told.get("undone"):
        raise Clash("desk.wrong-state", state="已撤销", what="再撤销一次")
    return told


def _back(change: Change, key: Key, before: figures.Held | None, number: int) -> Entry:
    """What a figure was before the batch: the same sealed value (it is bound to the figure, not to the time)."""
    entry = change.entry(key.element, key.entity, before.value if before is not None else None)
    source = before.source if before is not None else UNDONE
    return replace(entry, source=source, detail=f"undo:{number}")


def _forget(connection: Connection, change: Change, subject: str) -> None:
    """Somebody whom the batch put on the roster belongs nowhere again."""
    known = subjects.of_ids(connection, [subject]).get(subject)
    if known is not None:
        subjects.put(connection, replace(known, state=REMOVED, changed_at=change.desk.now(), changed_by=change.actor.id))


__all__ = [
    "Batch", "CellChange", "Fate", "Line", "Preview", "apply_upload", "imports", "preview", "preview_upload", "undo_import",
]  # fmt: skip
