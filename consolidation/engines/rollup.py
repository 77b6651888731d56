"""Rolling up many millions of figures: the rules of consolidation.rollup, said as lazy frames.

Places' own figures are added level by level; what is worked out at one level is small and is kept for the next. Only what adds
up exactly is worked out here (sums as DECIMAL, counts); quotients are made at the end by consolidation.rollup.finish, so both
ways give the same values to the last digit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import narwhals as nw
import pyarrow as pa  # type: ignore[import-untyped]

from consolidation.rollup import PAIRED, WORST, Kind, Partial, Places, Rolled, Status, Target, finish

from .columns import PLACES
from .engine import Engine

Frame = nw.LazyFrame[Any]
_COUNTS = ("given", "partial", "blank", "dash", "not_applicable", "unreadable", "present_done", "values")
_SUMS = ("first", "product", "second")
_TYPES = {  # 38 digits hold the sum of any number of figures of engines.columns, and of their products
    "first": nw.Decimal(38, PLACES), "product": nw.Decimal(38, 2 * PLACES), "second": nw.Decimal(38, PLACES),
    "low": nw.Decimal(38, PLACES), "high": nw.Decimal(38, PLACES),
}  # fmt: skip
_STATUSES = (*WORST, Status.PARTIAL)
_STATE = {status: number for number, status in enumerate(_STATUSES)}  # of single figures, as in engines.columns, and of lists
_TEXTS = (Kind.DISTINCT, Kind.LAST)  # of which a text is a value, too


@dataclass(frozen=True)
class RolledUp:
    """Places and targets are numbers in here (their order in `places.parent` and `targets`). `levels`: by depth of the place,
    the counts and sums of each target; `members`: how many different people; `seen`: what each place has."""

    engine: Engine
    places: Places
    targets: Sequence[Target]
    levels: Mapping[int, Frame]
    members: Frame
    seen: Frame

    def values(self, regions: Sequence[str]) -> Iterator[Rolled]:
        """The values of some regions: of each, all elements."""
        numbers = _numbers(self.places)
        members: dict[tuple[int, int], int] = {}
        for place, target, count in _rows(self.engine.table(self.members)):
            members[place, target] = count
        due = _due(self.places, {target.level for target in self.targets})
        for depth, some in _by_depth(self.places, regions).items():
            found = self._partials(depth, some)
            for region in some:
                place = numbers[region]
                for number, target in enumerate(self.targets):
                    part = found.get((place, number)) or Partial()
                    part.members = members.get((place, number), 0)
                    yield finish(target, region, part, *due.get((target.level, region), (0, 0)))

    def _partials(self, depth: int, regions: Sequence[str]) -> dict[tuple[int, int], Partial]:
        if depth not in self.levels:
            return {}
        numbers = _numbers(self.places)
        wanted = self.engine.frame(pa.table({"place": pa.array([numbers[region] for region in regions], pa.int64())}))
        held = self.levels[depth].join(wanted, on="place", how="semi").select("place", "target", *_COUNTS, *_TYPES, "last")
        mean = [target.rule.kind is Kind.MEAN for target in self.targets]
        zero, found = Decimal(0), {}
        for place, target, *rest in _rows(self.engine.table(held)):
            *counts, first, product, second, low, high, last = rest
            values: list[Any] = [*counts, (product if mean[target] else first) or zero, second or zero, low, high, last or ""]
            found[place, target] = Partial(*values)
        return found

    def not_given(self) -> dict[tuple[str, str], Status]:
        """(place, element) -> why it has no (whole) figure, of every place from which one is due."""
        numbers, names = _numbers(self.places), list(self.places.parent)
        lacks = self.seen.filter(nw.col("status") != 0)
        found = {
            (names[place], self.targets[target].element): _STATUSES[status]
            for place, target, status in _rows(self.engine.table(lacks.select("place", "target", "status")))
        }
        by_level: dict[str, list[int]] = defaultdict(list)
        for number, target in enumerate(self.targets):
            if target.rule.kind is not Kind.NONE:
                by_level[target.level].append(number)
        held = {place: count for place, count in _rows(self.engine.table(self.seen.group_by("place").agg(nw.len())))}
        asked = Counter(region for level, some in by_level.items() for region in self.places.expected(level) for _ in some)
        pairs = [
            (numbers[region], target)
            for level, some in by_level.items()
            for region in self.places.expected(level)
            if held.get(numbers[region], 0) < asked[region]
            for target in some
            if not (self.targets[target].roster and region in self.places.done)
        ]
        due, there = self.engine.frame(_pairs_table(pairs, "place", "target")), self.seen.select("place", "target")
        gone = due.join(there, on=["place", "target"], how="anti")
        missing = _rows(self.engine.table(gone.select("place", "target")))
        return found | {(names[place], self.targets[target].element): Status.MISSING for place, target in missing}


def roll_up(engine: Engine, figures: Frame, places: Places, targets: Sequence[Target]) -> RolledUp:
    """Rolls up figures (columns as in engines.columns.SCHEMA; one row for each element, place and entity)."""
    rows = _matched(engine, figures, places, targets)
    single = nw.col("kind").is_in([str(kind) for kind in (Kind.SUM, Kind.MAX, Kind.MIN, Kind.LAST)]) & ~nw.col("roster")
    paired = nw.col("kind").is_in([str(kind) for kind in PAIRED])
    listed = ~single & ~paired
    kinds = {(t.rule.kind in PAIRED, t.roster or t.rule.kind is Kind.DISTINCT) for t in targets if t.rule.kind is not Kind.NONE}
    parts = [_of_places(rows.filter(single))]
    if any(pair for pair, _ in kinds):
        parts.append(_of_lists(_pairs(rows.filter(paired))))
    if any(many and not pair for pair, many in kinds):
        parts.append(_of_lists(_singles(rows.filter(listed))))
    base = nw.concat(parts) if len(parts) > 1 else parts[0]
    seen = engine.keep(base.select("place", "target", "status"))
    return RolledUp(engine, places, targets, _levels(engine, base, places), _members(engine, rows, places), seen)


# ---- rows of places -----------------------------------------------------------------------------------------------------


def _matched(engine: Engine, figures: Frame, places: Places, targets: Sequence[Target]) -> Frame:
    """Each figure with each target it counts for, where the place is one from which it is due."""
    asked = [(number, target) for number, target in enumerate(targets) if target.rule.kind is not Kind.NONE]
    uses = [(t, name, role, number) for number, t in asked for role, name in enumerate(t.rule.of(t.element))]
    wanted = pa.table(
        {
            "element": _texts(name for _, name, _, _ in uses),
            "target": pa.array([number for _, _, _, number in uses], pa.int64()),
            "role": pa.array([role for _, _, role, _ in uses], pa.int64()),
            "kind": _texts(str(t.rule.kind) for t, _, _, _ in uses),
            "level": _texts(t.level for t, _, _, _ in uses),
            "roster": pa.array([t.roster for t, _, _, _ in uses], pa.bool_()),
        }
    )
    numbers = _numbers(places)
    due = [(level, region) for level in {t.level for _, t in asked} for region in places.expected(level)]
    expected = pa.table(
        {
            "level": _texts(level for level, _ in due),
            "region": _texts(region for _, region in due),
            "place": pa.array([numbers[region] for _, region in due], pa.int64()),
            "depth": pa.array([_depth(places, region) for _, region in due], pa.int64()),
            "done": pa.array([int(region in places.done) for _, region in due], pa.int64()),
        }
    )
    text_counts = nw.col("kind").is_in([str(kind) for kind in _TEXTS]) & (nw.col("state") == _STATE[Status.UNREADABLE])
    return (
        figures.join(engine.frame(wanted), on="element")
        .filter((nw.col("entity") != nw.col("region")) == nw.col("roster"))
        .join(engine.frame(expected), on=["level", "region"])
        .with_columns(state=nw.when(text_counts).then(nw.lit(0)).otherwise(nw.col("state").cast(nw.Int64)))
    )


def _of_places(rows: Frame) -> Frame:
    """One figure of the place itself: nothing to add up yet."""
    given = nw.col("state") == 0
    number = nw.when(given).then(nw.col("number"))
    return _counted(
        rows.with_columns(
            status=nw.col("state"),
            values=given.cast(nw.Int64),
            first=number,
            product=nw.when(nw.lit(False)).then(nw.col("number")),
            second=nw.when(nw.lit(False)).then(nw.col("number")),
            low=number,
            high=number,
            last=nw.when(given).then(nw.col("stamp")),
        )
    )


def _pairs(rows: Frame) -> Frame:
    """The two parts of a mean or ratio, side by side: what is not there is blank, and the worse of the two counts."""

    def role(number: int, name: str, column: str) -> Any:
        return nw.when(nw.col("role") == number).then(nw.col(column)).max().alias(name)

    sides = rows.group_by("place", "target", "depth", "done", "kind", "entity").agg(
        role(0, "a", "number"), role(1, "b", "number"), role(0, "state_a", "state"), role(1, "state_b", "state")
    )
    # DuckDB multiplies what has 18 digits in 18 digits
    a, b = (nw.col(name).cast(nw.Decimal(38, PLACES)) for name in ("a", "b"))
    blank = nw.lit(_STATE[Status.BLANK])
    states = [nw.when(nw.col(name).is_null()).then(blank).otherwise(nw.col(name)) for name in ("state_a", "state_b")]
    return sides.with_columns(state=nw.max_horizontal(*states)).with_columns(
        first=nw.when(nw.col("state") == 0).then(nw.col("a")),
        product=nw.when((nw.col("state") == 0) & (nw.col("kind") == str(Kind.MEAN))).then(a * b),
        second=nw.when(nw.col("state") == 0).then(nw.col("b")),
        stamp=nw.lit(None).cast(nw.String),
    )


def _singles(rows: Frame) -> Frame:
    """A list's figures, one by one."""
    nothing = nw.when(nw.lit(False))
    return rows.with_columns(
        first=nw.when(nw.col("state") == 0).then(nw.col("number")),
        product=nothing.then(nw.col("number")),
        second=nothing.then(nw.col("number")),
    )


def _of_lists(rows: Frame) -> Frame:
    """What each place's list adds up to."""

    def with_state(status: Status) -> Any:
        return (nw.col("state") == _STATE[status]).cast(nw.Int64).sum().cast(nw.Int64).alias(f"n_{status.name.lower()}")

    given = nw.col("state") == 0
    totals = rows.group_by("place", "target", "depth", "done").agg(
        *(with_state(status) for status in WORST),
        *(nw.col(name).sum() for name in _SUMS),
        nw.col("first").min().alias("low"),
        nw.col("first").max().alias("high"),
        nw.when(given).then(nw.col("stamp")).max().alias("last"),
    )
    lacks = (nw.col("n_blank") > 0) | (nw.col("n_unreadable") > 0)
    found: Any = nw.lit(_STATE[Status.NOT_APPLICABLE])
    for status, there in (
        (Status.DASH, nw.col("n_dash") > 0),
        (Status.BLANK, nw.col("n_blank") > 0),
        (Status.UNREADABLE, nw.col("n_unreadable") > 0),
        (Status.GIVEN, nw.col("n_given") > 0),
        (Status.PARTIAL, (nw.col("n_given") > 0) & lacks),
    ):
        found = nw.when(there).then(nw.lit(_STATE[status])).otherwise(found)
    return _counted(totals.with_columns(status=found, values=nw.col("n_given")))


def _counted(rows: Frame) -> Frame:
    """The columns of a partial, for one place."""
    counts = {
        status.value.replace("-", "_"): (nw.col("status") == number).cast(nw.Int64) for status, number in _STATE.items()
    }  # fmt: skip
    typed = {"status": nw.col("status").cast(nw.Int8)} | {name: nw.col(name).cast(type_) for name, type_ in _TYPES.items()}
    named = rows.with_columns(**counts, **typed, present_done=nw.col("done"))
    return named.select("place", "target", "depth", "status", *_COUNTS, *_TYPES, "last")


# ---- up the tree --------------------------------------------------------------------------------------------------------


def _levels(engine: Engine, base: Frame, places: Places) -> dict[int, Frame]:
    """By depth: what the places at it and below come to. The deepest are the places themselves."""
    depths = {region: _depth(places, region) for region in places.parent}
    reporting = {depths[region] for region in places.reporters}
    up = engine.frame(_parents(places))
    levels: dict[int, Frame] = {}
    columns = ["place", "target", *_COUNTS, *_SUMS, "low", "high", "last"]
    for depth in range(max(reporting, default=0), -1, -1):
        sources = [base.filter(nw.col("depth") == depth).select(*columns)] if depth in reporting else []
        if depth + 1 in levels:
            lifted = levels[depth + 1].join(up, on="place").drop("place").rename({"parent": "place"})
            summed = lifted if not sources else nw.concat([*sources, lifted.select(*columns)])
            levels[depth] = engine.keep(_sum(summed))
        elif sources:
            levels[depth] = sources[0]
    return levels


def _sum(rows: Frame) -> Frame:
    return rows.group_by("place", "target").agg(
        *(nw.col(name).sum().cast(nw.Int64) for name in _COUNTS),
        *(nw.col(name).sum() for name in _SUMS),
        nw.col("low").min(),
        nw.col("high").max(),
        nw.col("last").max(),
    )


def _members(engine: Engine, rows: Frame, places: Places) -> Frame:
    """How many different people (households …) each region has, for the targets that ask so."""
    asked = rows.filter((nw.col("kind") == str(Kind.DISTINCT)) & (nw.col("state") == 0))
    numbers = _numbers(places)
    pairs = [(numbers[region], numbers[above]) for region in places.reporters for above in places.above(region)]
    up = engine.frame(_pairs_table(pairs, "place", "above"))
    met = asked.select("place", "target", "entity").unique().join(up, on="place").select("above", "target", "entity").unique()
    counted = met.group_by("above", "target").agg(nw.len().cast(nw.Int64).alias("members"))
    return engine.keep(counted.select("above", "target", "members"))


# ---- small tables -------------------------------------------------------------------------------------------------------


def _texts(values: Iterable[str]) -> pa.Array:
    return pa.array(list(values), pa.string())


def _numbers(places: Places) -> dict[str, int]:
    return {region: number for number, region in enumerate(places.parent)}


def _pairs_table(pairs: Sequence[tuple[int, int]], *names: str) -> pa.Table:
    return pa.table({name: pa.array([pair[at] for pair in pairs], pa.int64()) for at, name in enumerate(names)})


def _parents(places: Places) -> pa.Table:
    numbers = _numbers(places)
    pairs = [(numbers[region], numbers[above]) for region, above in places.parent.items() if above]
    return _pairs_table(pairs, "place", "parent")


def _by_depth(places: Places, regions: Sequence[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for region in dict.fromkeys(regions):
        found[_depth(places, region)].append(region)
    return found


def _depth(places: Places, region: str) -> int:
    return sum(1 for _ in places.above(region)) - 1


def _due(places: Places, levels: set[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """(level, region) -> from how many places a figure is due, and how many of them have handed in."""
    due: dict[tuple[str, str], tuple[int, int]] = {}
    for level in levels:
        for one in places.expected(level):
            for above in places.above(one):
                expected, done = due.get((level, above), (0, 0))
                due[level, above] = expected + 1, done + (one in places.done)
    return due


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=20_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
