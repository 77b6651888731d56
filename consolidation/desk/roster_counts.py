"""What workers changed on rosters as lists of shared data (由社区填报), so that figures counted from rows know of it.

One list holds the facts about everybody who was changed; for each roster with rows put on or taken off there is one more, whose
rows belong to the groups of its title, or belong to them no longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, select

from consolidation.fill.model import DWELLING, FIRST, HOUSEHOLD, ORGANISATION, PERSON, Column, DataSet
from consolidation.fill.select import Selector
from consolidation.meaning.model import Meaning
from consolidation.model import Element
from consolidation.store import Held, Secrets, figures, subjects
from consolidation.store.schema import figure, region
from consolidation.store.subjects import Subject
from forms.model import Form
from forms.periods import Period

from . import personal
from .catalogue import Catalogue
from .context import Desk
from .roster_edits import is_in, is_out, latest, lives_here, on_roster, open_number, roster_ids, why_out

LABEL = "由社区填报"
_PLACE, _STATE = "村(社区)代码", "人员状态"
_GONE = {"死亡": "死亡"}  # every other reason for leaving a place is a move
_REGISTERED = {"resident": "registered", "actual": "registered", "outflow": "registered"}


@dataclass(frozen=True)
class _Said:
    """Everything said of one subject."""

    subject: Subject
    key: str
    facts: Mapping[str, str]
    region: str
    gone: str


def reported_lists(desk: Desk, catalogue: Catalogue, period: Period) -> tuple[tuple[DataSet, ...], str]:
    """The lists, and a mark that changes when they do. Nothing changed: no lists."""
    with desk.store.read() as connection:
        tops = list(connection.execute(select(region.c.code).where(region.c.parent == "")).scalars())
        mark = "|".join(subjects.last_change(connection, top) for top in sorted(tops))
        if not mark.strip("|"):
            return (), ""
        rows = connection.execute(select(figure).where(figure.c.entity != figure.c.region))
        held = latest((figures.held_of(row) for row in rows), period)
        known = subjects.of_ids(connection, {one.key.entity for one in held})
        kinds = _kinds(connection, desk.secrets, catalogue, held, known)
        lists = [_facts(catalogue, kind, said) for kind, said in kinds.items()]
        lists.append(_homes(catalogue, kinds.get(HOUSEHOLD, ())))
        lists += _memberships(catalogue, held, {one.subject.id: one for said in kinds.values() for one in said})
    return tuple(one for one in lists if len(one.frame)), mark


def _kinds(
    connection: Connection, secrets: Secrets, catalogue: Catalogue, held: Sequence[Held], known: Mapping[str, Subject]
) -> dict[str, list[_Said]]:  # fmt: skip
    facts: dict[str, dict[str, str]] = {}
    for one in held:
        if not one.key.element.startswith("@") and (text := _text(secrets, catalogue, one)):
            facts.setdefault(one.key.entity, {})[one.key.element] = text
    placed, gone = _whereabouts(held)
    found: dict[str, list[_Said]] = {}
    for id_, who in known.items():
        said = _Said(who, open_number(secrets, who), facts.get(id_, {}), placed.get(id_, ""), gone.get(id_, ""))
        found.setdefault(who.kind, []).append(said)
    return found


def _whereabouts(held: Sequence[Held]) -> tuple[dict[str, str], dict[str, str]]:
    """Subject -> the place that put them on a roster last and that they have not left since; and, where there is none, subject ->
    what became of whoever left. One place's act at the same moment as another's belongs to one move."""
    left: dict[tuple[str, str], Held] = {}
    arrived: dict[str, Held] = {}
    for one in held:
        if one.key.element == lives_here(one.region) and is_out(one):
            left[one.key.entity, one.region] = one
    for one in held:
        subject = one.key.entity
        if one.key.element.startswith("@roster:") and is_in(one):
            out = left.get((subject, one.region))
            if (out is None or out.at < one.at) and (subject not in arrived or arrived[subject].at <= one.at):
                arrived[subject] = one
    placed = {subject: one.region for subject, one in arrived.items()}
    last = {subject: out for (subject, _), out in sorted(left.items(), key=lambda pair: pair[1].at) if subject not in placed}
    return placed, {subject: _GONE.get(why_out(out), "迁出") for subject, out in last.items()}


def _text(secrets: Secrets, catalogue: Catalogue, held: Held) -> str:
    element = catalogue.elements.get(held.key.element)
    if element is None or not held.value:
        return ""
    return personal.readable(secrets, element, held).value or ""


def _facts(catalogue: Catalogue, kind: str, said: Sequence[_Said]) -> DataSet:
    """The list of everybody of a kind who was changed: number, place, state, facts."""
    asked = [catalogue.elements[id_] for id_ in dict.fromkeys(id_ for one in said for id_ in one.facts)]
    asked = [element for element in asked if element.meaning.concept not in (("id-number",), ("certificate-number",))]
    level = PERSON if kind in (PERSON, HOUSEHOLD) else kind
    own = [element for element in asked if _fits(element, level)]
    # A household counts by its people: who leads one that no register knows is a person of the place.
    rows = [_row(one, own) for one in said if kind != HOUSEHOLD or one.key.startswith("户:")]
    columns = (*_key_columns(level), Column(_PLACE, _meaning(level, "~" + _PLACE)), Column(_STATE, _meaning(level, "~" + _STATE)))
    columns += tuple(Column(element.name, element.meaning, element.unit) for element in own)
    return _dataset(LABEL, level, columns, rows)


def _homes(catalogue: Catalogue, said: Sequence[_Said]) -> DataSet:
    """The list of the register's households about which something was said: each once, whichever member's row it stood on."""
    asked = [catalogue.elements[id_] for id_ in dict.fromkeys(id_ for one in said for id_ in one.facts)]
    own = [element for element in asked if _fits(element, HOUSEHOLD) or element.meaning.concept[0].startswith("@")]
    rows = [[one.key, *(one.facts.get(e.id, "") for e in own)] for one in said if not one.key.startswith("户:")]
    columns = (Column("户号", _meaning(HOUSEHOLD, "household-book-number")), *(Column(e.name, e.meaning, e.unit) for e in own))
    return _dataset(LABEL, HOUSEHOLD, columns, rows)


def _fits(element: Element, level: str) -> bool:
    wanted = {
        PERSON: (PERSON, HOUSEHOLD), HOUSEHOLD: (HOUSEHOLD, DWELLING), DWELLING: (DWELLING,), ORGANISATION: (ORGANISATION,),
    }  # fmt: skip
    return element.meaning.entity in wanted.get(level, ())


def _row(one: _Said, elements: Sequence[Element]) -> list[str]:
    return [*_key_cells(one), one.region, one.gone, *(one.facts.get(element.id, "") for element in elements)]


_KEYS = {
    DWELLING: ("house-code", "house-certificate", "house-address"),
    ORGANISATION: ("uscc", "org-code", "licence-number", "org-name"),
}


def _key_columns(level: str) -> tuple[Column, ...]:
    concepts = _KEYS.get(level, ("id-number",))
    return tuple(Column(concept, _meaning(level, concept)) for concept in concepts)


def _key_cells(one: _Said) -> list[str]:
    concepts = _KEYS.get(one.subject.kind)
    if concepts is None:
        return [one.key.removeprefix("户:")]
    concept, _, value = one.key.partition(":")
    return [value if concept == wanted else "" for wanted in concepts]


def _meaning(level: str, concept: str) -> Meaning:
    return Meaning(level, "self" if level == PERSON else "", (concept,))


def _dataset(
    name: str, level: str, columns: tuple[Column, ...], rows: Iterable[Sequence[str]], joins: frozenset[str] = frozenset(),
    leaves: frozenset[str] = frozenset(),
) -> DataSet:  # fmt: skip
    frame = pd.DataFrame(list(rows), columns=range(len(columns)), dtype=object)
    return DataSet(
        name, LABEL, level, columns, frame, precedence=FIRST, file=name, joins=joins, leaves=leaves
    )  # fmt: skip


# ---- who is on which roster ----------------------------------------------------------------------------------------------
def _memberships(catalogue: Catalogue, held: Sequence[Held], said: Mapping[str, _Said]) -> list[DataSet]:
    """A list for the rows put on each roster whose title names groups, and one for those taken off."""
    selector = Selector(catalogue.lexicon)
    forms = {roster: form for (file, id_), roster in roster_ids(catalogue).items() for form in _form(catalogue, file, id_)}
    on: dict[str, list[_Said]] = {}
    off: dict[str, list[_Said]] = {}
    for one in held:
        roster = one.key.element.removeprefix("@roster:").rpartition(":")[0]
        if one.key.entity not in said or roster not in forms or one.key.element != on_roster(roster, one.region):
            continue
        target = on if is_in(one) else off if is_out(one) else None
        if target is not None:
            target.setdefault(roster, []).append(said[one.key.entity])
    found = []
    for roster, form in forms.items():
        selection = selector.of_title(form.title)
        if selection is None or not (selection.groups or selection.lists):
            continue
        groups = frozenset(_group(name) for name in selection.groups)
        for rows, leaving in ((on.get(roster, []), False), (off.get(roster, []), True)):
            for level in (PERSON, DWELLING, ORGANISATION):
                mine = [one for one in rows if (one.subject.kind if one.subject.kind != HOUSEHOLD else PERSON) == level]
                if not mine:
                    continue
                cells = [_key_cells(one) for one in mine]
                if leaving:
                    leaves = groups | {f"list:{words}" for words in selection.lists}
                    found.append(_dataset(LABEL, level, _key_columns(level), cells, leaves=leaves))
                else:
                    name = f"{LABEL}{'、'.join(selection.lists)}"  # being on it is being on a list of that name
                    found.append(_dataset(name, level, _key_columns(level), cells, joins=groups))
    return found


def _group(name: str) -> str:
    """常住 and 实有 follow from 户籍: whoever is put on such a roster is counted as registered."""
    kind, is_, value = name.partition("=")
    return f"{kind}={_REGISTERED.get(value, value)}" if is_ else name


def _form(catalogue: Catalogue, file: str, id_: str) -> list[Form]:
    return [form for form in catalogue.forms[file] if form.id == id_]
