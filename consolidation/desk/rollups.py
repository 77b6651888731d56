"""Rolling up what was reported: the value of each element for a region and the places straight below it, how whole it is, and
who is missing. Few figures are added up in memory, many in the engine; both give the same (consolidation.rollup)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from consolidation.engines import Duck, TooWide, write_columns
from consolidation.engines import roll_up as roll_up_many
from consolidation.rollup import (
    Given,
    Kind,
    Places,
    Rolled,
    Rule,
    Status,
    Target,
    completeness,
    not_given,
)
from consolidation.rollup import roll_up as roll_up_few
from consolidation.rollup.default_rule import is_roster, level_of
from consolidation.store import State
from consolidation.store.portions import portions
from consolidation.store.schema import element, figure, region, region_above, submission

from .context import Desk
from .model import Actor, Invalid, NotThere, Role, SubmissionState, demand

FINAL = (State.REPORTED, State.APPROVED)
WITH_DRAFTS = (*FINAL, State.DRAFT, State.PREFILLED)
SCOPE = "figures:read"  # of a token
ENGINE_FROM = 300_000  # figures; below it, memory is quicker than starting the engine
DONE = (SubmissionState.SUBMITTED, SubmissionState.APPROVED)
_READERS = (Role.WORKER, Role.LEADER, Role.STEWARD)


@dataclass(frozen=True, slots=True)
class Child:
    """What a place straight below has; `own`: what it reported itself, where that is not what is added up."""

    region: str
    name: str
    value: Rolled
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One element, rolled up. `lacking`: names of the places below by what they have instead of a figure; `said`: that in words;
    `own`: what the region itself reported for it, to be compared and not added."""

    element: str
    name: str
    unit: str
    value: Rolled
    said: str
    lacking: Mapping[Status, tuple[str, ...]]
    children: tuple[Child, ...]
    own: str | None = None


@dataclass(frozen=True, slots=True)
class RollUp:
    """A region's figures of one period. `unruled`: elements of whose rule nothing is known: not rolled up, shown as such."""

    region: str
    name: str
    period: str
    lines: tuple[Line, ...]
    unruled: tuple[str, ...] = ()


def roll_up(
    desk: Desk,
    actor: Actor,
    code: str,
    period: str,
    elements: Sequence[str] | None = None,
    states: Sequence[State] = FINAL,
    periods: Mapping[str, str] | None = None,
) -> RollUp:
    """Rolls up the current figures of a region: of some elements, or of all that places report. `states`: WITH_DRAFTS counts what
    is not handed in yet, too. `periods`: element -> the period its figures are of, where it is not the reported one (the year's).
    Raises NotAllowed, NotThere."""
    with desk.store.read() as c:
        demand(c, actor, code, "查看汇总", *_READERS, scope=SCOPE)
        world = _World.read(c, code, period, states)
        asked = _asked(c, elements)
        targets, unruled = _targets(asked)
        needed = sorted({name for target in targets for name in target.rule.of(target.element)})
        below = sorted(one for one, above in world.places.parent.items() if above == code)
        figures = _Figures(c, code, period, needed, states, periods or {})
        values, lacking = _rolled(world.places, targets, figures, [code, *below])
        own = figures.own([code, *below])
    by_element: dict[str, dict[Status, list[str]]] = {}
    for (place, name), status in sorted(lacking.items()):
        by_element.setdefault(name, {}).setdefault(status, []).append(world.names[place])
    rows = {row.id: row for row in asked}
    lines = []
    for target in targets:
        missing = {status: tuple(names) for status, names in by_element.get(target.element, {}).items()}
        value = values[code, target.element]
        due = world.places.expected(target.level)
        children = tuple(Child(one, world.names[one], values[one, target.element], _own(own, one, target, due)) for one in below)
        lines.append(
            Line(
                target.element, rows[target.element].name, rows[target.element].unit, value,
                completeness(value.counts, missing), missing, children, _own(own, code, target, due),
            )
        )  # fmt: skip
    detail = {"period": period, "elements": len(lines), "states": list(states)}
    desk.store.write(lambda c: desk.note(c, actor, "rollup.read", code, chain=code, **detail))
    return RollUp(code, world.names[code], period, tuple(lines), tuple(unruled))


def _own(own: Mapping[tuple[str, str], str | None], code: str, target: Target, due: frozenset[str]) -> str | None:
    return None if code in due else own.get((code, target.element))


Values = tuple[dict[tuple[str, str], Rolled], dict[tuple[str, str], Status]]


def _rolled(places: Places, targets: Sequence[Target], figures: _Figures, regions: Sequence[str]) -> Values:
    """In the engine when there are many, unless a number is too wide for its columns."""
    if figures.count() > ENGINE_FROM:
        stamped = frozenset(name for t in targets if t.rule.kind is Kind.LAST for name in t.rule.of(t.element))
        with TemporaryDirectory(prefix="yibiao-") as folder, suppress(TooWide):
            file = Path(folder) / "figures.parquet"
            write_columns(figures, file, stamped)
            with Duck() as duck:
                done = roll_up_many(duck, duck.parquet(file), places, targets)
                return {(one.region, one.element): one for one in done.values(regions)}, done.not_given()
    held = list(figures)
    return roll_up_few(places, targets, held, regions), not_given(places, targets, held)


# ---- rules --------------------------------------------------------------------------------------------------------------


def set_rule(desk: Desk, actor: Actor, name: str, text: str, reason: str) -> Rule:
    """A steward says how an element is rolled up. `text`: as `Rule` writes it. Raises NotAllowed, NotThere, Invalid."""

    def job(c: Connection) -> Rule:
        demand(c, actor, actor.region, "设定汇总方式", Role.STEWARD)
        row = c.execute(select(element).where(element.c.id == name)).one_or_none()
        if row is None:
            raise NotThere("这个数据元")
        if not reason.strip():
            raise Invalid("desk.reason-needed", name=row.name)
        rule = _checked(c, row, text)
        changed = {"rollup": str(rule), "changed_at": desk.now(), "changed_by": actor.id}
        c.execute(update(element).where(element.c.id == name).values(**changed))
        desk.note(c, actor, "rollup.rule", name, before=row.rollup, after=str(rule), reason=reason.strip())
        return rule

    return desk.store.write(job)


def _checked(c: Connection, row: Row[Any], text: str) -> Rule:
    try:
        rule = Rule.parse(text)
    except ValueError as error:
        raise Invalid("desk.bad-value", name=f"{row.name}的汇总方式", reason=f"看不懂“{text}”") from error
    known = {one.id: one for one in c.execute(select(element).where(element.c.id.in_(rule.inputs)))}
    strange = [one for one in rule.inputs if one not in known]
    if strange:
        raise Invalid("desk.bad-value", name=f"{row.name}的汇总方式", reason=f"没有数据元 {'、'.join(strange)}")
    if len({(is_roster(one.entity), level_of(one.entity)) for one in known.values()}) > 1:
        raise Invalid("desk.bad-value", name=f"{row.name}的汇总方式", reason="所用的数据元不是同一级、同一类主体的")
    return rule


# ---- reading ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _World:
    places: Places
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, c: Connection, code: str, period: str, states: Sequence[State]) -> _World:
        """The tree below a region. From whom figures are due: all to whom the period was dispatched, and whoever reported
        nevertheless; when it was dispatched to nobody, the lowest places."""
        inside = select(region_above.c.code).where(region_above.c.above == code)
        rows = c.execute(select(region).where(region.c.code.in_(inside))).all()
        codes = {row.code for row in rows}
        if code not in codes:
            raise NotThere("这个地方")
        parent = {row.code: row.parent if row.parent in codes and row.code != code else "" for row in rows}
        sent = c.execute(select(submission).where(submission.c.period == period, submission.c.region.in_(inside))).all()
        held = c.execute(
            select(figure.c.region).distinct().where(
                figure.c.period == period, figure.c.region.in_(inside), figure.c.state.in_([str(one) for one in states])
            )
        ).scalars()  # fmt: skip
        reporters = {row.region for row in sent} | (set(held) & codes)
        if not sent:
            reporters |= codes - set(parent.values())
        done = frozenset(row.region for row in sent if row.state in DONE)
        level = {row.code: row.level for row in rows}
        return cls(Places(parent, level, frozenset(reporters), done), {row.code: row.name or row.code for row in rows})


def _asked(c: Connection, elements: Sequence[str] | None) -> list[Row[Any]]:
    """The elements' rows; with those they are made from. Raises NotThere for one that does not exist."""
    if elements is None:
        return list(c.execute(select(element).order_by(element.c.id)))
    found = [row for some in portions(elements) for row in c.execute(select(element).where(element.c.id.in_(some)))]
    if len(found) < len(set(elements)):
        raise NotThere("这个数据元")
    return found


def _targets(rows: Sequence[Row[Any]]) -> tuple[list[Target], list[str]]:
    targets, unruled = [], []
    entities = {row.id: row.entity for row in rows}
    for row in rows:
        if not row.rollup:
            unruled.append(row.id)
            continue
        rule = Rule.parse(row.rollup)
        source = entities.get(rule.of(row.id)[0], row.entity)
        if rule.kind is not Kind.NONE:
            targets.append(Target(row.id, rule, level_of(source), is_roster(source)))
    return targets, unruled


@dataclass(frozen=True)
class _Figures:
    """The current figures of a region and all below it; read anew each time they are gone through."""

    connection: Connection
    code: str
    period: str
    names: Sequence[str]
    states: Sequence[State]
    periods: Mapping[str, str] = field(default_factory=dict)

    def count(self) -> int:
        counted = (select(func.count()).select_from(figure).where(*where) for where in self._parts())
        return sum(int(self.connection.execute(query).scalar_one()) for query in counted)

    def __iter__(self) -> Iterator[Given]:
        f = figure.c
        for where in self._parts():
            query = select(f.region, f.element, f.entity, f.value, f.at).where(*where)
            for row in self.connection.execute(query, execution_options={"yield_per": 10_000}):
                yield Given(row.region, row.element, row.entity, row.value, row.at)

    def own(self, codes: Sequence[str]) -> dict[tuple[str, str], str | None]:
        """What some places reported of themselves."""
        f, found = figure.c, {}
        for where in self._parts():
            for some in portions(codes):
                query = select(f.region, f.element, f.value).where(*where, f.region == f.entity, f.region.in_(some))
                found.update({(row.region, row.element): row.value for row in self.connection.execute(query)})
        return found

    def _parts(self) -> Iterator[list[Any]]:
        """The conditions, by period and for so many elements at a time as a database takes."""
        of: dict[str, list[str]] = {}
        for name in self.names:
            of.setdefault(self.periods.get(name, self.period), []).append(name)
        inside = select(region_above.c.code).where(region_above.c.above == self.code)
        f, states = figure.c, [str(one) for one in self.states]
        for period, names in of.items():
            for some in portions(names):
                yield [f.region.in_(inside), f.period == period, f.element.in_(some), f.state.in_(states)]
