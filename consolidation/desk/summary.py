"""The roll-up page: what a region's places come to for a period, in the forms' order, with what is missing and from whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from consolidation.rollup import KIND_NAMES, Rule
from consolidation.rollup.default_rule import rules_of
from consolidation.store import State
from consolidation.store.schema import element as table
from consolidation.store.schema import region, region_above
from forms.periods import Period

from . import personal
from .catalogue import Catalogue, figure_period
from .context import Desk
from .dispatch import catalogue_of
from .elements import keep_elements
from .model import PROGRAM, Actor, NotThere, Role, demand
from .rollups import FINAL, SCOPE, Line, roll_up

READERS = (Role.WORKER, Role.LEADER, Role.STEWARD)


@dataclass(frozen=True, slots=True)
class Place:
    """A place by its code and name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """One element rolled up, as the page shows it. `forms`: ids and titles of the forms that ask for it."""

    line: Line
    label: str
    section: str
    forms: tuple[tuple[str, str], ...]

    @property
    def rule_name(self) -> str:
        return KIND_NAMES[self.line.value.rule.kind]

    @property
    def whole(self) -> bool:
        return self.line.value.counts.complete


@dataclass(frozen=True, slots=True)
class NotSummed:
    """An element that is not rolled up, and why."""

    element: str
    label: str
    section: str
    why: str


@dataclass(frozen=True)
class Summary:
    """A region's figures of one period. `above`: the places it lies in, as far as the actor may see, the highest first; `below`:
    those straight below it."""

    region: Place
    period: str
    above: tuple[Place, ...]
    below: tuple[Place, ...]
    rows: tuple[Row, ...]
    not_summed: tuple[NotSummed, ...]
    forms: tuple[tuple[str, str], ...]

    @property
    def period_name(self) -> str:
        return Period.parse(self.period).chinese

    @property
    def sections(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.section for row in self.rows))

    @property
    def whole(self) -> int:
        """Rows to which every place has answered."""
        return sum(row.whole for row in self.rows)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the page is narrowed to; "" = everything. `incomplete`: only what some place has not answered."""

    form: str = ""
    section: str = ""
    text: str = ""
    incomplete: bool = False

    def meets(self, row: Row) -> bool:
        text = self.text.strip().casefold()
        return (
            (not self.form or self.form in (name for name, _ in row.forms))
            and (not self.section or self.section == row.section)
            and (not text or text in f"{row.label} {row.line.name}".casefold())
            and (not self.incomplete or not row.whole)
        )


def summary(desk: Desk, actor: Actor, code: str, period: str, states: Sequence[State] = FINAL) -> Summary:
    """Everything asked in a period, rolled up for a region. Raises NotAllowed, NotThere."""
    with desk.store.read() as connection:
        demand(connection, actor, code, "查看汇总", *READERS, scope=SCOPE)
    catalogue = catalogue_of(desk, period)
    keep_rules_of(desk, catalogue)
    elements = {one.id: one for one in catalogue.figures if not personal.is_sealed(one)}
    reported = Period.parse(period)
    periods = {name: str(figure_period(one, reported)) for name, one in elements.items()}
    found = roll_up(desk, actor, code, period, list(elements), states, periods)
    lines = {line.element: line for line in found.lines}
    rows = tuple(
        Row(
            lines[name], catalogue.label(one), catalogue.section(one),
            tuple((edition.id, edition.title) for edition in catalogue.used_by(one)),
        )
        for name, one in elements.items() if name in lines
    )  # fmt: skip
    rest = tuple(
        NotSummed(one.id, catalogue.label(one), catalogue.section(one), _why(one.type))
        for name, one in elements.items() if name not in lines
    )  # fmt: skip
    with desk.store.read() as connection:
        above, below = _above(connection, actor, code), _below(connection, code)
    forms = tuple(sorted((one.id, one.title) for one in catalogue.editions.values()))
    return Summary(Place(code, found.name), period, above, below, rows, rest, forms)


def _why(kind: str) -> str:
    if kind == "number":
        return "比率、平均数，没有可用的权数，相加没有意义"
    return {"date": "日期", "choice": "选项"}.get(kind, "文字") + "，不能相加"


def _above(connection: Connection, actor: Actor, code: str) -> tuple[Place, ...]:
    query = (
        select(region.c.code, region.c.name)
        .join(region_above, region_above.c.above == region.c.code)
        .where(region_above.c.code == code, region.c.code != code)
    )
    if actor is not PROGRAM:
        mine = select(region_above.c.code).where(region_above.c.above == actor.region)
        query = query.where(region.c.code.in_(mine))
    depth = select(region_above.c.code).where(region_above.c.above == region.c.code)
    rows = connection.execute(query).all()
    order = {row.code: len(connection.execute(depth.where(region.c.code == row.code)).all()) for row in rows}
    return tuple(Place(row.code, row.name) for row in sorted(rows, key=lambda row: -order[row.code]))


def _below(connection: Connection, code: str) -> tuple[Place, ...]:
    query = select(region.c.code, region.c.name).where(region.c.parent == code, region.c.code != code).order_by(region.c.code)
    return tuple(Place(row.code, row.name) for row in connection.execute(query))


# ---- rules --------------------------------------------------------------------------------------------------------------


def keep_rules_of(desk: Desk, catalogue: Catalogue) -> int:
    """Writes down the elements that are asked of places, each with the rule that follows from what it measures; what a steward
    set stays. Gives how many got a rule; mostly none are left, and nothing is written."""
    with desk.store.read() as connection:
        ruled = set(connection.execute(select(table.c.id).where(table.c.rollup != "")).scalars())
    bare = [one for one in catalogue.figures if one.id not in ruled]
    if not bare:
        return 0
    rules = rules_of(catalogue.figures, catalogue.derivations)

    def job(connection: Connection) -> int:
        keep_elements(connection, catalogue, bare)
        for one in bare:
            unset = (table.c.id == one.id) & (table.c.rollup == "")
            connection.execute(update(table).where(unset).values(rollup=str(rules[one.id])))
        desk.note(connection, PROGRAM, "rollup.rules", rules=len(bare))
        return len(bare)

    return desk.store.write_apart(job)


@dataclass(frozen=True, slots=True)
class RulePage:
    """One element's rule. `offered`: rules that make sense here, as they are written, with their names."""

    element: str
    name: str
    unit: str
    rule: Rule
    offered: Mapping[str, str]
    changed_at: str
    weights: tuple[tuple[str, str], ...]


def rule_page(desk: Desk, actor: Actor, period: str, name: str) -> RulePage:
    """An element with its rule, to be changed by a steward. Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)
    with desk.store.read() as connection:
        demand(connection, actor, actor.region, "查看汇总", *READERS)
        row = connection.execute(select(table).where(table.c.id == name)).one_or_none()
    one = catalogue.elements.get(name)
    if row is None or one is None:
        raise NotThere("这个数据元")
    offered = {str(Rule.parse(kind)): KIND_NAMES[Rule.parse(kind).kind] for kind in _simple(one.type)}
    weights = tuple(
        (other.id, catalogue.label(other)) for other in catalogue.figures
        if other.type == "number" and other.id != name and other.meaning.entity == one.meaning.entity
    )  # fmt: skip
    rule = Rule.parse(row.rollup or "none")
    return RulePage(name, catalogue.label(one), one.unit, rule, offered, row.changed_at, weights if one.type == "number" else ())


def _simple(kind: str) -> Sequence[str]:
    return ("sum", "last", "max", "min", "none") if kind == "number" else ("last", "none")
