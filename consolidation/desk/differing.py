"""Where shared lists disagree about somebody: written down when they are read, for a steward to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from consolidation.model import Conflict
from consolidation.store import Key, subjects
from consolidation.store.schema import conflict
from forms.periods import Period
from forms.problems import masked

from . import personal, values
from .catalogue import Catalogue, figure_period
from .context import Desk
from .roster_edits import seal_number

SETTLED = "冲突裁定"  # source of a figure that a steward decided


def record_sources(
    connection: Connection, desk: Desk, catalogue: Catalogue, place: str, period: str, found: Sequence[Conflict]
) -> int:  # fmt: skip
    """Writes down where shared lists disagree, each disagreement once however often and for whichever period the lists are read:
    what was decided holds on. Gives how many are new. People are known by their keyed hash, as everywhere at the desk."""
    c = conflict
    known: set[tuple[str, str, str | None, str | None]] = set()
    settled: dict[tuple[str, str], set[str | None]] = {}
    for row in connection.execute(select(c).where(c.c.region == place, c.c.kind == "sources")):
        pair = opened_value(desk, row, row.value), opened_value(desk, row, row.other_value)
        known.add((row.element, row.entity, *pair))
        if row.state != "open":
            settled.setdefault((row.element, row.entity), set()).update(pair)
    decided = _decided(connection, desk, place) if settled else {}
    rows = []
    for one in found:
        element = catalogue.elements.get(one.element)
        if element is None:
            continue
        key = Key(one.element, desk.secrets.find(one.entity), str(figure_period(element, Period.parse(period))))
        mine, yours = values.stored(one.chosen.value), values.stored(one.other.value)
        about = (key.element, key.entity)
        looked_at = settled.get(about, set()) | {decided.get(about)} if about in decided else set()
        if (*about, mine, yours) in known or {mine, yours} <= looked_at:
            continue
        known.add((*about, mine, yours))
        source, other = one.chosen.provenance, one.other.provenance
        held, other_held = (personal.sealed(desk.secrets, element, key, value) for value in (mine, yours))
        rows.append({
            "element": key.element, "entity": key.entity, "period": key.period, "region": place, "kind": "sources",
            "value": held, "source": f"{source.source} {source.detail}".strip(),
            "other_value": other_held, "other_source": f"{other.source} {other.detail}".strip(),
            "reason": f"{masked(one.entity)}\n{one.reason}", "raised_at": desk.now(), "state": "open",
            "subject_kind": one.kind, "number": seal_number(desk.secrets, key.entity, one.entity),
        })  # fmt: skip
    if rows:
        connection.execute(insert(c), rows)
    return len(rows)


def _decided(connection: Connection, desk: Desk, place: str) -> dict[tuple[str, str], str | None]:
    """What stewards decided about the people of a place."""
    return {
        (held.key.element, held.key.entity): personal.opened(desk.secrets, held.key, held.value)
        for held in subjects.facts_of_region(connection, place) if held.source == SETTLED
    }  # fmt: skip


def opened_value(desk: Desk, row: Row[Any], value: str | None) -> str | None:
    """A value of a conflict as people read it."""
    return personal.opened(desk.secrets, Key(row.element, row.entity, row.period), value)


@dataclass(frozen=True, slots=True)
class Undecided:
    """What another list says of somebody, while nobody has decided between them."""

    value: str
    source: str


def undecided(connection: Connection, desk: Desk, place: str) -> Mapping[tuple[str, str], tuple[Undecided, ...]]:
    """Where lists disagree about the people of a place and no steward has decided: (element, subject) -> what the others say."""
    c = conflict.c
    query = select(conflict).where(c.region == place, c.kind == "sources", c.state == "open").order_by(c.seq)
    found: dict[tuple[str, str], list[Undecided]] = {}
    for row in connection.execute(query):
        other = Undecided(opened_value(desk, row, row.other_value) or "", row.other_source)
        found.setdefault((row.element, row.entity), []).append(other)
    return {key: tuple(dict.fromkeys(some)) for key, some in found.items()}
