"""Burden by month and department: what forms ask, what people were still asked, and the time saved - with its assumptions.

The formula is the one of the merge report (consolidation.publish.burden); the minutes that a cell takes are an assumption that an
office states and may change.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, Row, select

from consolidation.exact import plain
from consolidation.publish.burden import minutes
from consolidation.store import State
from consolidation.store.schema import batch, figure_history, region_above, setting, submission
from consolidation.store.schema import period as period_table
from consolidation.store.upsert import insert_into
from forms.values import Failure, parse_number

from .context import Desk
from .model import PROGRAM, Actor, Invalid, Role, demand

FILE = Path(__file__).resolve().parents[2] / "data" / "desk" / "burden.yml"
KEY = "burden.minutes_per_cell"
_READERS = (Role.WORKER, Role.LEADER, Role.STEWARD)


@dataclass(frozen=True, slots=True)
class AskedForm:
    """A form as far as burden goes. `elements`: the element of each of its data fields, in order; one may stand there twice."""

    form: str
    department: str
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the minutes rest on, to be shown beside them. `changed_by`: "" = as shipped."""

    minutes_per_cell: Decimal
    basis: str
    formula: str
    notes: tuple[str, ...]
    changed_by: str = ""
    changed_at: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """`forms`: dispatched, each to `places` places; `fields`: on all of them; `elements`: different ones; `cells`: fields x
    places; `filled`: cells that hold a value; `asked`: figures that people gave for them; `automatic`: all other filled cells."""

    forms: int
    places: int
    fields: int
    elements: int
    cells: int
    filled: int
    asked: int
    minutes_saved: Decimal

    @property
    def automatic(self) -> int:
        return self.filled - self.asked


@dataclass(frozen=True, slots=True)
class Month:
    """One period: all of it, and by department. A figure that several departments want is counted for one of them."""

    period: str
    total: Count
    departments: Mapping[str, Count]


@dataclass(frozen=True, slots=True)
class BurdenPage:
    assumptions: Assumptions
    months: tuple[Month, ...]


def month(
    period: str, forms: Sequence[AskedForm], places: int, held: Mapping[str, int], given: Mapping[str, int], per_cell: Decimal
) -> Month:
    """The burden of one period. `held`: element -> places that have a value; `given`: those where a person gave it. Pure."""
    departments = Counter[str]()
    for one in forms:
        departments[one.department or "未注明"] += len(one.elements)
    order = sorted(departments, key=lambda name: (-departments[name], name))
    left = dict(given)
    counts = {}
    for name in order:
        own = [one for one in forms if (one.department or "未注明") == name]
        mine = sum(left.pop(element, 0) for one in own for element in one.elements)
        counts[name] = _count(own, places, held, mine, per_cell)
    asked = {element for one in forms for element in one.elements}
    total = _count(forms, places, held, sum(given.get(element, 0) for element in asked), per_cell)
    return Month(period, total, counts)


def _count(forms: Sequence[AskedForm], places: int, held: Mapping[str, int], asked: int, per_cell: Decimal) -> Count:
    fields = [element for one in forms for element in one.elements]
    filled = sum(held.get(element, 0) for element in fields)
    saved = minutes(filled, per_cell) - minutes(asked, per_cell)
    return Count(len(forms), places, len(fields), len(set(fields)), len(fields) * places, filled, asked, saved)


def burden(
    desk: Desk, actor: Actor, code: str, periods: Sequence[str], forms: Sequence[AskedForm], of: Mapping[str, str] | None = None
) -> BurdenPage:
    """The burden page of a region. `forms`: all forms in use; of each period those count that were dispatched with it (all of
    them where it does not say). `of`: element -> the period its figures are of, where it is not the reported one. Raises
    NotAllowed, NotThere."""
    with desk.store.read() as c:
        demand(c, actor, code, "查看减负情况", *_READERS, scope="burden:read")
        assumed = _assumptions(c)
        rows = {row.period: row for row in c.execute(select(period_table).where(period_table.c.period.in_(list(periods))))}
        found = []
        for period in periods:
            if period in rows:
                named = set(json.loads(rows[period].forms))
                sent = [one for one in forms if one.form in named or not named]
                held, given = _held_and_given(c, code, rows[period], of or {})
                found.append(month(period, sent, _places(c, code, period), held, given, assumed.minutes_per_cell))
    return BurdenPage(assumed, tuple(found))


def _places(c: Connection, code: str, period: str) -> int:
    inside = select(region_above.c.code).where(region_above.c.above == code)
    found = select(submission.c.region).where(submission.c.period == period, submission.c.region.in_(inside))
    return len(c.execute(found).all())


def _held_and_given(
    c: Connection, code: str, opened: Row[Any], of: Mapping[str, str]
) -> tuple[Counter[str], Counter[str]]:  # fmt: skip
    """By element: places that have a value, and those of them where a person wrote one, somewhere in its history: who hands in or
    approves what was prefilled has looked at it, not given it. A list's column counts once for a place, as it is printed. A
    yearly figure that somebody gave before the period was opened is there, and nobody was asked for it again."""
    h = figure_history.c
    inside = select(region_above.c.code).where(region_above.c.above == code)
    query = select(h.element, h.entity, h.region, h.period, h.value, h.state, h.at)
    query = query.where(h.period.in_({opened.period, *of.values()}), h.region.in_(inside))
    held = _columns(c, code, opened.period)
    given: set[tuple[str, str]] = set()
    rows = c.execute(
        query.order_by(h.element, h.entity, h.period, h.version), execution_options={"yield_per": 10_000}
    )  # fmt: skip
    for (element, _, period), versions in groupby(rows, key=lambda row: (row.element, row.entity, row.period)):
        if period != of.get(element, opened.period):
            continue
        before, wrote, last = None, False, None
        for last in versions:
            typed = last.state == State.DRAFT or (last.state != State.PREFILLED and last.value != before)
            now = period == opened.period or last.at >= opened.opened_at
            wrote |= typed and now and bool(last.value)
            before = last.value
        if last is not None and last.value:
            held.add((element, last.region))
            if wrote:
                given.add((element, last.region))
    return Counter(element for element, _ in held), Counter(element for element, _ in given)


def _columns(c: Connection, code: str, period: str) -> set[tuple[str, str]]:
    """The columns of lists that shared data filled, by place, as the last prefilling of each noted them."""
    b = batch.c
    inside = select(region_above.c.code).where(region_above.c.above == code)
    query = select(b.region, b.counts).where(b.kind == "prefill", b.period == period, b.region.in_(inside)).order_by(b.seq)
    last = {row.region: json.loads(row.counts).get("columns", ()) for row in c.execute(query)}
    return {(element, place) for place, elements in last.items() for element in elements}


# ---- assumptions ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def _assumptions(c: Connection) -> Assumptions:
    shipped = _shipped()
    entry = shipped["minutes_per_cell"]
    row = c.execute(select(setting).where(setting.c.key == KEY)).one_or_none()
    if row is None:
        return Assumptions(Decimal(entry["value"]), entry["basis"], shipped["formula"], tuple(shipped["notes"]))
    own = json.loads(row.value)
    return Assumptions(
        Decimal(own["value"]), own["basis"], shipped["formula"], tuple(shipped["notes"]), row.changed_by, row.changed_at
    )


def assumptions(desk: Desk) -> Assumptions:
    """What the minutes rest on now."""
    with desk.store.read() as c:
        return _assumptions(c)


def assume(desk: Desk, actor: Actor, minutes_per_cell: str, basis: str) -> Assumptions:
    """A steward changes the assumption, and says what it rests on. Raises NotAllowed, Invalid."""
    entry = _shipped()["minutes_per_cell"]
    number = parse_number(minutes_per_cell)
    within = not isinstance(number, Failure) and Decimal(entry["least"]) <= number.value <= Decimal(entry["most"])
    if isinstance(number, Failure) or not within or number.approximate or number.ratio:
        raise Invalid("desk.bad-value", name=entry["name"], reason=f"应是 {entry['least']} 到 {entry['most']} 之间的数")
    if not basis.strip():
        raise Invalid("desk.reason-needed", name=entry["name"])
    value = plain(number.value)

    def job(c: Connection) -> Assumptions:
        if actor is not PROGRAM:
            demand(c, actor, actor.region, "修改减负的假定值", Role.STEWARD)
        before = _assumptions(c)
        row = {"value": json.dumps({"value": value, "basis": basis.strip()}, ensure_ascii=False)}
        row |= {"changed_at": desk.now(), "changed_by": actor.id}
        made = insert_into(setting, c.dialect.name).values(key=KEY, **row)
        c.execute(made.on_conflict_do_update(index_elements=["key"], set_=row))
        desk.note(c, actor, "burden.assume", KEY, before=plain(before.minutes_per_cell), after=value, basis=basis.strip())
        return _assumptions(c)

    return desk.store.write(job)
