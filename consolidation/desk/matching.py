"""Matching review: the doubtful pairs of all live forms, what was decided about them, and conflicts of definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from consolidation.match import Decision

from . import decisions
from .catalogue import Catalogue
from .context import Desk
from .decisions import Line
from .elements import written_definitions
from .model import Actor, Clash, NotThere
from .pairs import Example, Pair, Shown, decided, pair, questions
from .stewards import demand_steward, line

WHAT = "确认口径"


@dataclass(frozen=True)
class Queue:
    """The questions still open, likeliest first: the one to answer now, how many there are, how many are answered."""

    pairs: tuple[Pair, ...]
    open: int
    answered: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One name, two definitions. `fields`: who says what."""

    name: str
    reason: str
    fields: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A decision as it is listed."""

    seq: int
    a: str
    b: str
    same: bool
    who: str
    at: str
    reason: str
    in_force: bool


def queue(desk: Desk, actor: Actor, first: int = 0, most: int = 20) -> Queue:
    """Open questions from the place `first` on. Raises NotAllowed."""
    with desk.store.read() as connection:
        demand_steward(connection, actor, WHAT)
        catalogue = desk.catalogues.undecided(connection)
        said = decisions.in_force(connection)
        shown = _shown(connection, catalogue)
    found = questions(catalogue.merged)
    waiting = [name for name in found.reviews if not decided(found, name, said)]
    first = max(0, min(first, len(waiting) - 1))
    pairs = tuple(pair(found, name, said, shown) for name in waiting[first : first + most])
    return Queue(pairs, len(waiting), len(found.reviews) - len(waiting))


def _shown(connection: Connection, catalogue: Catalogue) -> Shown:
    departments = {file: edition.department for file, edition in catalogue.editions.items()}
    return Shown(catalogue.lexicon, departments, written_definitions(connection))


def decide(desk: Desk, actor: Actor, name: str, *, same: bool, reason: str = "") -> int:
    """A steward's word on an open question; gives the decision's number. Raises NotAllowed, NotThere for a pair that is no
    question, Clash when it is answered already."""
    text = line(reason, "理由", 200)
    with desk.store.read() as connection:
        demand_steward(connection, actor, WHAT)
        found = questions(desk.catalogues.undecided(connection).merged)
    if name not in found.reviews:
        raise NotThere("这一对栏目")
    a, b = found.elements[name]
    now = desk.now()

    def job(connection: Connection) -> int:
        demand_steward(connection, actor, WHAT)
        if decided(found, name, decisions.in_force(connection)):
            raise Clash("steward.answered")
        seq = decisions.append(connection, Decision(a.meaning, b.meaning, same, actor.name, now, text), actor.id, now)
        desk.note(connection, actor, "decide-match", name, same=same, decision=seq)
        return seq

    return desk.store.write(job)


def withdraw(desk: Desk, actor: Actor, seq: int, reason: str = "") -> None:
    """Takes a decision back: by a further row, never by deleting. Raises NotAllowed, NotThere, Clash when it is taken back."""
    text = line(reason, "理由", 200)

    def job(connection: Connection) -> None:
        demand_steward(connection, actor, WHAT)
        found = next((one for one in decisions.lines(connection) if one.seq == seq and one.decision is not None), None)
        if found is None:
            raise NotThere("这个决定")
        if not found.in_force:
            raise Clash("steward.withdrawn")
        decisions.withdraw(connection, seq, text, actor.id, desk.now())
        desk.note(connection, actor, "withdraw-match", str(seq))

    desk.store.write(job)


def made(desk: Desk, actor: Actor, most: int = 100) -> tuple[Made, ...]:
    """The last decisions, the latest first. Raises NotAllowed."""
    with desk.store.read() as connection:
        demand_steward(connection, actor, WHAT)
        catalogue = desk.catalogues.undecided(connection)
        lines = decisions.lines(connection)
    names = {element.meaning: element.name for element in catalogue.merged.elements}

    def one(line: Line, decision: Decision) -> Made:
        a, b = (names.get(meaning, "、".join(meaning.concept)) for meaning in (decision.a, decision.b))
        return Made(line.seq, a, b, decision.same, line.who, line.at, decision.reason, line.in_force)

    found = [one(line, line.decision) for line in lines if line.decision is not None]
    return tuple(reversed(found[-most:]))


def disagreements(desk: Desk, actor: Actor) -> Sequence[Disagreement]:
    """Where one name has two definitions on live forms: shown, never smoothed. Raises NotAllowed."""
    with desk.store.read() as connection:
        demand_steward(connection, actor, WHAT)
        catalogue = desk.catalogues.undecided(connection)
    members = {member.key: member for element in catalogue.merged.elements for member in element.members}
    found = []
    for conflict in catalogue.merged.conflicts:
        fields = []
        for key in conflict.fields:
            edition = catalogue.editions.get(key.file)
            member = members[key]
            department = edition.department if edition is not None else ""
            fields.append(Example(member.form.title, department, str(member.field.cell), " / ".join(member.field.path)))
        found.append(Disagreement(conflict.name, conflict.reason, tuple(fields)))
    return found
