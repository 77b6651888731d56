"""Admission (报表准入): a new form, or a changed edition of one, is handed in, looked at, and goes live or is refused.

Nothing is asked of anybody before it is live; from which period on, the steward says. What people decided about doubtful
matches is in the table of decisions, not in the proposal: it counts for every form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from consolidation.admission import SORTS, Admission, admitted, verdict_of
from consolidation.consolidate import Consolidation, consolidate
from consolidation.editions import Comparison, compare
from consolidation.match import Decision, Decisions
from consolidation.model import Element
from consolidation.store.schema import form, form_version
from forms.library import faults_of_basis, frequencies, levels
from forms.model import Form, Purpose, Reading
from forms.periods import Period

from . import decisions
from .catalogue import LIVE, RETIRED, Catalogue, sha256, versions_for
from .context import Desk
from .elements import written_definitions
from .kept import Kept
from .model import Actor, Clash, Invalid, NotThere
from .pairs import Pair, Questions, Shown, decided, pair, questions
from .stewards import demand_steward, line
from .uploads import Picture, picture, read_upload
from .versions import (
    PROPOSED,
    REFUSED,
    Version,
    demand_not_dispatched,
    listed,
    period_of,
    select_versions,
    template_of,
    version_of,
)

WHAT = "办理报表准入"
_KEPT: Kept[tuple[Any, ...], tuple[Consolidation, Reading]] = Kept(4)  # a proposal merged with all live forms


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is handed in. `form`: the form that this is a new edition of, "" = a new form."""

    file: str
    data: bytes
    department: str
    frequency: str
    level: str
    basis: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A field's fact on the admission page. `where`: cells; `holders`: titles of the live forms that ask for it; `rule`: how it
    follows from others."""

    element: str
    name: str
    sort: str
    where: tuple[str, ...]
    path: str
    unit: str
    holders: tuple[str, ...]
    rule: str


@dataclass(frozen=True)
class Examination:
    """A proposal as the steward sees it."""

    version: Version
    forms: tuple[Form, ...]
    sheets: tuple[str, ...]
    filled: int  # blanks that are filled in already: a template should be empty
    verdict: str
    asked: Mapping[str, tuple[Asked, ...]]
    questions: tuple[Pair, ...]
    comparison: Comparison | None
    newly_asked: tuple[str, ...]  # names of the figures that the new edition asks for and nobody holds
    reading: Reading

    @property
    def open_questions(self) -> int:
        return sum(not one.decided for one in self.questions)


def propose(desk: Desk, actor: Actor, proposal: Proposal) -> Version:
    """Takes a form in as proposed. Raises NotAllowed, NotThere, Invalid for the file or what was said about it, Clash when the
    very file is there already."""
    with desk.store.read() as connection:
        demand_steward(connection, actor, WHAT)  # before anything of the file is read
    about = _about(proposal)
    reading = read_upload(proposal.data, proposal.file, about["frequency"])
    digest = sha256(proposal.data)
    first = max(reading.forms, key=lambda one: sum(field.purpose is Purpose.DATA for field in one.fields))
    title = " ".join(first.title.split())[:120] or PurePath(proposal.file).stem[:120]
    about |= {"title": title, "kind": str(first.kind)}
    now = desk.now()

    def job(connection: Connection) -> Version:
        demand_steward(connection, actor, WHAT)
        name = proposal.form or "f" + hashlib.sha256(f"{digest}{about['department']}".encode()).hexdigest()[:10]
        if proposal.form and connection.execute(select(form.c.id).where(form.c.id == name)).first() is None:
            raise NotThere("这张报表")
        same = connection.execute(
            select(form_version.c.form, form_version.c.title).where(
                form_version.c.sha256 == digest, form_version.c.state.in_((PROPOSED, LIVE))
            )
        ).first()
        if same is not None:
            raise Clash("steward.same-file", title=same.title)
        if not proposal.form and connection.execute(select(form.c.id).where(form.c.id == name)).first() is None:
            connection.execute(insert(form).values(id=name, **about))
        last = connection.execute(select(func.max(form_version.c.version)).where(form_version.c.form == name)).scalar_one() or 0
        connection.execute(
            insert(form_version).values(
                form=name, version=last + 1, title=title, file=f"{name}.{_extension(reading, proposal.file)}", state=PROPOSED,
                template=proposal.data, sha256=digest, proposed_at=now, proposed_by=actor.id,
            )
        )  # fmt: skip
        desk.note(connection, actor, "propose-form", name, version=last + 1, sha256=digest)
        return version_of(connection, name, last + 1)

    return desk.store.write(job)


def _extension(reading: Reading, file: str) -> str:
    return reading.book.format or PurePath(file).suffix.lower().lstrip(".")


def _about(proposal: Proposal) -> dict[str, str]:
    """What is said about a form, tidied. Raises Invalid."""
    if proposal.frequency not in frequencies():
        raise Invalid("steward.not-offered", name="报送频率")
    if proposal.level not in levels():
        raise Invalid("steward.not-offered", name="填报层级")
    basis = line(proposal.basis, "依据", 300, needed=True)
    if faults_of_basis(basis):
        raise Invalid("steward.bad-basis")
    return {
        "department": line(proposal.department, "发表部门", 40, needed=True),
        "frequency": proposal.frequency,
        "level": proposal.level,
        "basis": basis,
    }


def proposals(desk: Desk, actor: Actor) -> tuple[Version, ...]:
    """What waits for a decision, the oldest first, then what was decided last. Raises NotAllowed."""
    v = form_version
    with desk.store.read() as connection:
        demand_steward(connection, actor, WHAT)
        waiting = listed(connection, select_versions().where(v.c.state == PROPOSED).order_by(v.c.proposed_at))
        done = select_versions().where(v.c.state != PROPOSED, v.c.verdict != "").order_by(v.c.decided_at.desc())
        return (*waiting, *listed(connection, done.limit(20)))


def _read(desk: Desk, connection: Connection, one: Version) -> Reading:
    row = connection.execute(
        select(form_version.c.file, form_version.c.sha256, form.c.frequency)
        .join(form, form.c.id == form_version.c.form)
        .where(form_version.c.form == one.form, form_version.c.version == one.version)
    ).one()
    return desk.catalogues.readings([row], {row.file: template_of(connection, one.form, one.version)})[0]


def _beside_live(desk: Desk, connection: Connection, one: Version, reading: Reading) -> tuple[Consolidation, Catalogue]:
    """The proposal merged with the newest live versions of all other forms, as if nobody had decided anything."""
    ids = [row.form for row in versions_for(connection, None) if row.form != one.form]
    live = desk.catalogues.undecided(connection, ids)

    def make() -> tuple[Consolidation, Reading]:
        departments = {file: edition.department for file, edition in live.editions.items()}
        return consolidate((*live.readings, reading), departments=departments), reading

    return _KEPT.get((live, reading.book.file, id(reading)), make)[0], live


def examine(desk: Desk, actor: Actor, name: str, number: int) -> Examination:
    """How a form is read, what of it is held already, which matches are doubtful, and what changed since the edition before.
    Raises NotAllowed, NotThere."""
    with desk.store.read() as connection:
        demand_steward(connection, actor, WHAT)
        one = version_of(connection, name, number)
        reading = _read(desk, connection, one)
        merged, live = _beside_live(desk, connection, one, reading)
        said = decisions.in_force(connection)
        written = written_definitions(connection)
        before = _edition_before(desk, connection, one)
    found = questions(merged.merged, {reading.book.file})
    admissions = admitted(merged, [reading], said)
    departments = {**{file: edition.department for file, edition in live.editions.items()}, reading.book.file: one.department}
    shown = Shown(live.lexicon, departments, written)
    comparison = compare(before, reading) if before is not None else None
    return Examination(
        one, reading.forms, tuple(grid.name for grid in reading.book.grids), _filled(reading), verdict_of(admissions),
        _asked(admissions, merged, reading.book.file), _shown_pairs(found, admissions, said, shown), comparison,
        _newly_asked(comparison, admissions, merged), reading,
    )  # fmt: skip


def _filled(reading: Reading) -> int:
    return sum(field.value not in (None, "") for form in reading.forms for field in form.fields if field.purpose is Purpose.DATA)


def _shown_pairs(
    found: Questions, admissions: Sequence[Admission], said: Decisions, shown: Shown
) -> tuple[Pair, ...]:  # fmt: skip
    """The questions that a decision is wanted for: about what would be asked anew, and those already answered."""
    doubtful = {element.id for one in admissions for element in one.doubtful}
    wanted = [
        name for name, (a, b) in found.elements.items() if {a.id, b.id} & doubtful or decided(found, name, said)
    ]  # fmt: skip
    return tuple(pair(found, name, said, shown) for name in wanted)


def _asked(admissions: Sequence[Admission], merged: Consolidation, file: str) -> Mapping[str, tuple[Asked, ...]]:
    seen: dict[str, dict[str, Asked]] = {sort: {} for sort in SORTS}
    for admission in admissions:
        for sort, elements in admission.sorts.items():
            for element in elements:
                seen[sort].setdefault(element.id, _one_asked(element, sort, merged, file))
    return {sort: tuple(found.values()) for sort, found in seen.items()}


def _one_asked(element: Element, sort: str, merged: Consolidation, file: str) -> Asked:
    own = [member for member in element.members if member.form.file == file]
    holders = tuple(dict.fromkeys(member.form.title for member in element.members if member.form.file != file))
    rule = merged.plan.derived[element.id].rule if sort == "derivable" and element.id in merged.plan.derived else ""
    where = tuple(str(member.field.cell) for member in own)
    path = " / ".join(own[0].field.path) if own else element.name
    return Asked(element.id, element.name, sort, where, path, own[0].field.unit if own else element.unit, holders, rule)


def _newly_asked(
    comparison: Comparison | None, admissions: Sequence[Admission], merged: Consolidation
) -> tuple[str, ...]:  # fmt: skip
    """Of the fields that an edition adds, those that nobody holds and nothing gives."""
    if comparison is None:
        return ()
    fresh = {element.id for one in admissions for element in (*one.new, *one.doubtful)}
    file = admissions[0].form.file
    home = {(m.form.id, m.field.id): e for e in merged.merged.elements for m in e.members if m.form.file == file}
    added = [home[spot.form.id, spot.field.id] for spot in comparison.added]
    return tuple(dict.fromkeys(element.name for element in added if element.id in fresh))


def _edition_before(desk: Desk, connection: Connection, one: Version) -> Reading | None:
    v = form_version
    before = connection.execute(
        select(func.max(v.c.version)).where(v.c.form == one.form, v.c.version < one.version, v.c.state.in_((LIVE, RETIRED)))
    ).scalar_one()
    return _read(desk, connection, version_of(connection, one.form, before)) if before is not None else None


def sheet(desk: Desk, actor: Actor, name: str, number: int, page: int) -> Picture:
    """One sheet of a version as it is understood. Raises NotAllowed, NotThere."""
    with desk.store.read() as connection:
        demand_steward(connection, actor, WHAT)
        found = picture(_read(desk, connection, version_of(connection, name, number)), page)
    if found is None:
        raise NotThere("这一页")
    return found


def settle(
    desk: Desk, actor: Actor, name: str, number: int, pair: str, *, same: bool, reason: str = ""
) -> None:  # fmt: skip
    """A steward's word on a doubtful match of a proposal. Raises NotAllowed, NotThere."""
    found = _questions_of(desk, actor, name, number)
    if pair not in found.reviews:
        raise NotThere("这一对栏目")
    _decide(desk, actor, found, [pair], same, line(reason, "理由", 200))


def settle_rest(desk: Desk, actor: Actor, name: str, number: int) -> int:
    """Says of all doubtful matches of a proposal that are still open that they are different facts: the safe answer, which costs
    a question and never a wrong figure. Gives how many. Raises NotAllowed, NotThere."""
    waiting = [one.id for one in examine(desk, actor, name, number).questions if not one.decided]
    found = _questions_of(desk, actor, name, number)
    _decide(desk, actor, found, waiting, False, "其余都不是同一项")
    return len(waiting)


def _questions_of(desk: Desk, actor: Actor, name: str, number: int) -> Questions:
    with desk.store.read() as connection:
        demand_steward(connection, actor, WHAT)
        one = version_of(connection, name, number)
        if one.state != PROPOSED:
            raise Clash("steward.decided", title=one.title)
        reading = _read(desk, connection, one)
        merged, _ = _beside_live(desk, connection, one, reading)
        return questions(merged.merged, {reading.book.file})


def _decide(desk: Desk, actor: Actor, found: Questions, names: Sequence[str], same: bool, reason: str) -> None:
    now = desk.now()

    def job(connection: Connection) -> None:
        demand_steward(connection, actor, WHAT)
        for name in names:
            a, b = found.elements[name]
            decisions.append(connection, Decision(a.meaning, b.meaning, same, actor.name, now, reason), actor.id, now)
        desk.note(connection, actor, "decide-match", " ".join(names)[:2000], same=same, pairs=len(names))

    desk.store.write(job)


def go_live(desk: Desk, actor: Actor, name: str, number: int, valid_from: str) -> Version:
    """Puts a version to use from a period on; the one before ends with the period before. Raises NotAllowed, NotThere, Invalid
    for the period, Clash while matches are open, or when the form was dispatched for such a period already."""
    start = period_of(valid_from)
    found = examine(desk, actor, name, number)
    if found.open_questions:
        raise Clash("steward.undecided", count=found.open_questions)

    def job(connection: Connection) -> Version:
        demand_steward(connection, actor, WHAT)
        one = version_of(connection, name, number)
        if one.state != PROPOSED:
            raise Clash("steward.decided", title=one.title)
        demand_not_dispatched(connection, name, start)
        _end_before(connection, name, start)
        _write(connection, desk, actor, one, {"state": LIVE, "valid_from": str(start), "verdict": found.verdict})
        connection.execute(update(form).where(form.c.id == name).values(title=one.title))
        desk.note(connection, actor, "form-live", name, version=number, valid_from=str(start), verdict=found.verdict)
        return version_of(connection, name, number)

    return desk.store.write(job)


def refuse(desk: Desk, actor: Actor, name: str, number: int, reason: str) -> Version:
    """Refuses a proposal; the reason is kept. Raises NotAllowed, NotThere, Invalid, Clash when it is decided already."""
    said = line(reason, "不予准入的理由", 500, needed=True)
    verdict = examine(desk, actor, name, number).verdict

    def job(connection: Connection) -> Version:
        demand_steward(connection, actor, WHAT)
        one = version_of(connection, name, number)
        if one.state != PROPOSED:
            raise Clash("steward.decided", title=one.title)
        _write(connection, desk, actor, one, {"state": REFUSED, "reason": said, "verdict": verdict})
        desk.note(connection, actor, "form-refused", name, version=number, verdict=verdict)
        return version_of(connection, name, number)

    return desk.store.write(job)


def _write(connection: Connection, desk: Desk, actor: Actor, one: Version, change: Mapping[str, str]) -> None:
    v = form_version
    connection.execute(
        update(v).where(v.c.form == one.form, v.c.version == one.version)
        .values(**change, decided_at=desk.now(), decided_by=actor.id)
    )  # fmt: skip


def _end_before(connection: Connection, name: str, start: Period) -> None:
    """Ends the live versions with the period before `start`."""
    v = form_version
    for row in connection.execute(select(v.c.version, v.c.valid_from).where(v.c.form == name, v.c.state == LIVE)).all():
        if row.valid_from and Period.parse(row.valid_from).start >= start.start:
            raise Clash("steward.newer-live", period=Period.parse(row.valid_from).chinese)
        change = {"state": RETIRED, "valid_to": str(start.previous())}
        connection.execute(update(v).where(v.c.form == name, v.c.version == row.version).values(**change))
