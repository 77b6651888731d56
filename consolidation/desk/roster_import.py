"""Bringing a roster back from Excel: what a file would change is shown first, then all of it or the chosen lines are written in
one transaction, which can be undone as a whole."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from consolidation.store import Entry, Key, Stale, Taken, subjects
from consolidation.store.schema import batch, setting
from consolidation.store.subjects import Subject
from forms.problems import masked

from .context import Desk
from .drafts import clash
from .model import Actor, Clash, Role, demand
from .roster_batches import IMPORT, Batch, mark_of
from .roster_change import Change, know, open_whole, start_change
from .roster_edits import ADDED, IN, on_roster
from .roster_files import Brought, SheetRow, read_upload
from .roster_membership import facts_of_new, home_of_new, take_off
from .roster_open import OpenRoster
from .roster_plan import Fate, Line, plan

PROPOSAL = "roster-proposal"
IMPORTED = "表格导入"
NOT_IN_FILE = "重复登记"


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


def preview_upload(desk: Desk, actor: Actor, place: str, period: str, roster: str, name: str, data: bytes) -> Preview:
    """What a file would change. Raises NotAllowed, NotThere, and Invalid for a file that cannot be used."""
    opened = open_whole(desk, actor, place, period, roster)
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

    seq = desk.store.write_apart(job)
    return _preview(desk, opened, seq, shown, brought)


def preview(desk: Desk, actor: Actor, place: str, period: str, roster: str, seq: int) -> Preview:
    """An upload's preview once more, against what the roster holds now. Raises NotAllowed, NotThere."""
    opened = open_whole(desk, actor, place, period, roster)
    shown, brought = _read(desk, actor, opened, seq)
    return _preview(desk, opened, seq, shown, brought)


def _preview(desk: Desk, opened: OpenRoster, seq: int, file: str, brought: Brought) -> Preview:
    lines = plan(desk, opened, brought)
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


def apply_upload(
    desk: Desk, actor: Actor, place: str, period: str, roster: str, seq: int, chosen: Collection[str] | None = None,
    remove_missing: bool = False, note: str = "",
) -> Batch:  # fmt: skip
    """Writes what an upload says: all rows added and changed, or the chosen lines (among them conflicts), in one transaction.
    `remove_missing`: rows that the file does not have go as well. Raises NotAllowed, NotThere, Clash when somebody changed one of
    the cells meanwhile (then nothing is written) or when the upload was used already."""
    opened = open_whole(desk, actor, place, period, roster)
    file, brought = _read(desk, actor, opened, seq)
    lines = [line for line in plan(desk, opened, brought) if _wanted(line, chosen, remove_missing)]
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
        number = desk.store.write_apart(job)
    except (Stale, Taken) as found:
        with desk.store.read() as connection:
            raise clash(connection, desk, found, None) from found
    except IntegrityError as error:  # somebody wrote one of the cells between our look and our write
        raise Clash("desk.wrong-state", state="刚刚被别人改过", what="应用这次上传，请重新预览") from error
    return Batch(number, roster, file, actor.name, desk.now(), counts, False)


def _wanted(line: Line, chosen: Collection[str] | None, remove_missing: bool) -> bool:
    if line.fate is Fate.MISSING:
        return remove_missing and (chosen is None or line.id in chosen)
    if chosen is None:
        return line.fate in (Fate.ADDED, Fate.CHANGED)
    return line.id in chosen and line.fate in (Fate.ADDED, Fate.CHANGED, Fate.CONFLICT)


def _write(connection: Connection, change: Change, lines: Sequence[Line]) -> None:
    opened = change.opened
    entries: dict[Key, Entry] = {}  # what a household shares may be on many lines
    people: list[Subject] = []
    owners: list[Subject] = []
    for line in lines:
        if line.fate is Fate.MISSING:
            take_off(connection, change, line.key, NOT_IN_FILE)
            continue
        said = {cell.element: cell.new for cell in line.cells}
        home = home_of_new(opened, line.key, said) if line.fate is Fate.ADDED else ""
        owners += change.owners(line.key, said, home)
        if line.fate is Fate.ADDED:
            people.append(change.subject(line.key, ADDED))
            written = [change.entry(on_roster(opened.id, opened.place), line.subject, IN), *facts_of_new(change, line.key, said)]
        else:
            written = [change.fact(opened.slots[cell.element], line.key, cell.new) for cell in line.cells]
        entries |= {entry.key: entry for entry in written}
    subjects.put(connection, *people)
    know(connection, owners)
    held = subjects.facts_of(connection, (key.entity for key in entries), opened.period)
    subjects.save_fresh(connection, [entry for key, entry in entries.items() if key not in held])
    for key, entry in entries.items():
        if key in held:
            change.keep(connection, entry, held[key].version)
