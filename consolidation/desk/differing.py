"""Where shared lists disagree about somebody: written down when they are read, for a steward to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from consolidation.model import Conflict
from consolidation.store import Key
from consolidation.store.schema import conflict
from forms.periods import Period
from forms.problems import masked

from . import personal, values
from .catalogue import Catalogue, figure_period
from .context import Desk


def record_sources(
    connection: Connection, desk: Desk, catalogue: Catalogue, place: str, period: str, found: Sequence[Conflict]
) -> int:  # fmt: skip
    """Writes down where shared lists disagree, each disagreement once however often the lists are read; gives how many are new.
    People are known by their keyed hash, as everywhere at the desk."""
    c = conflict
    known = {
        (row.element, row.entity, row.period, opened_value(desk, row, row.value), opened_value(desk, row, row.other_value))
        for row in connection.execute(select(c).where(c.c.region == place, c.c.kind == "sources"))
    }
    rows = []
    for one in found:
        element = catalogue.elements.get(one.element)
        if element is None:
            continue
        key = Key(one.element, desk.secrets.find(one.entity), str(figure_period(element, Period.parse(period))))
        mine, yours = values.stored(one.chosen.value), values.stored(one.other.value)
        if (key.element, key.entity, key.period, mine, yours) in known:
            continue
        known.add((key.element, key.entity, key.period, mine, yours))
        source, other = one.chosen.provenance, one.other.provenance
        held, other_held = (personal.sealed(desk.secrets, element, key, value) for value in (mine, yours))
        rows.append({
            "element": key.element, "entity": key.entity, "period": key.period, "region": place, "kind": "sources",
            "value": held, "source": f"{source.source} {source.detail}".strip(),
            "other_value": other_held, "other_source": f"{other.source} {other.detail}".strip(),
            "reason": f"{masked(one.entity)}\n{one.reason}", "raised_at": desk.now(), "state": "open",
        })  # fmt: skip
    if rows:
        connection.execute(insert(c), rows)
    return len(rows)


def opened_value(desk: Desk, row: Row[Any], value: str | None) -> str | None:
    """A value of a conflict as people read it."""
    return personal.opened(desk.secrets, Key(row.element, row.entity, row.period), value)
