"""Rolling up many millions of figures: the rules of consolidation.rollup, said as lazy frames.

Places' own figures are added level by level; what is worked out at one level is small and is kept for the next. Only what adds
up exactly is worked out here (sums as DECIMAL, counts); quotients are made at the end by consolidation.rollup.finish, so both
ways give the same values to the last digit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
_STATE = {status: number for number, status in enumerate(WORST)}
_TEXTS = (Kind.DISTINCT, Kind.LAST)  # of which a text is a value, too


@dataclass(frozen=True)
class RolledUp:
    """`levels`: by depth of the region, a table of (region, target, counts and sums); `lacking`: frame of (region, target,
    state) of all places without a whole figure, `None` in state = nothing reported."""

    engine: Engine
    places: Places
    targets: Sequence[Target]
    levels: Mapping[int, Frame]
    members: Frame
    base: Frame

    def values(self, regions: Sequence[str]) -> Iterator[Rolled]:
        """The values of some regions, by region."""
        by_element = {target.element: target for target in self.targets}
        wanted = _regions_table(regions, self.places)
        found: dict[tuple[str, str], Partial] = {}
        for depth in sorted({_depth(self.places, region) for region in regions}):
            if depth in self.levels:
                held = self.levels[depth].join(self.engine.frame(wanted), on="region", how="semi")
                found.update(_partials(self.engine.table(held), by_element))
        counted = self.engine.table(self.members.join(self.engine.frame(wanted), on="region", how="semi"))
        for row in _rows(counted):
            found[row["region"], row["target"]].members = row["members"]
        due = _due(self.places, {target.level for target in self.targets})
        for region in regions:
            for target in self.targets:
                part = found.get((region, target.element)) or Partial()
                yield finish(target, region, part, *due.get((target.level, region), (0, 0)))

    def not_given(self) -> dict[tuple[str, str], Status]:
        """(place, element) -> why it has no (whole) figure, of every place from which one is due."""
        asked = [target for target in self.targets if target.rule.kind is not Kind.NONE]
        told = self.base.filter(nw.col("status") != "given").select("region", "target", "status")
        found = {(row["region"], row["target"]): Status(row["status"]) for row in _rows(self.engine.table(told))}
        held = self.base.group_by("region", "level").agg(nw.len().alias("held"))
        held_by = {(row["region"], row["level"]): row["held"] for row in _rows(self.engine.table(held))}
        by_level: dict[str, list[Target]] = defaultdict(list)
        for target in asked:
            by_level[target.level].append(target)
        pairs = [
            (region, target)
            for level, targets in by_level.items()
            for region in self.places.expected(level)
            if held_by.get((region, level), 0) < len(targets)
            for target in targets
            if not (target.roster and region in self.places.done)
        ]
        due = pa.table(
            {"region": _texts(region for region, _ in pairs), "target": _texts(target.element for _, target in pairs)}
        )
        gone = self.engine.frame(due).join(self.base.select("region", "target"), on=["region", "target"], how="anti")
        return found | {(row["region"], row["target"]): Status.MISSING for row in _rows(self.engine.table(gone))}


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
    return RolledUp(engine, places, targets, _levels(engine, base, places), _members(engine, rows, places), base)


# ---- rows of places -----------------------------------------------------------------------------------------------------


def _matched(engine: Engine, figures: Frame, places: Places, targets: Sequence[Target]) -> Frame:
    """Each figure with each target it counts for, where the place is one from which it is due."""
    asked = [target for target in targets if target.rule.kind is not Kind.NONE]
    uses = [(t, name, number) for t in asked for number, name in enumerate(t.rule.of(t.element))]
    wanted = pa.table(
        {
            "element": _texts(name for _, name, _ in uses),
            "target": _texts(t.element for t, _, _ in uses),
            "role": pa.array([number for _, _, number in uses], pa.int64()),
            "kind": _texts(str(t.rule.kind) for t, _, _ in uses),
            "level": _texts(t.level for t, _, _ in uses),
            "roster": pa.array([t.roster for t, _, _ in uses], pa.bool_()),
        }
    )
    due = [(level, region) for level in {t.level for t in asked} for region in places.expected(level)]
    expected = pa.table(
        {
            "level": _texts(level for level, _ in due),
            "region": _texts(region for _, region in due),
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
    status: Any = nw.lit(Status.GIVEN.value)
    for one, state in _STATE.items():
        status = nw.when(nw.col("state") == state).then(nw.lit(one.value)).otherwise(status)
    given = nw.col("state") == 0
    number = nw.when(given).then(nw.col("number"))
    return _counted(
        rows.with_columns(
            status=status,
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

    sides = rows.group_by("region", "target", "level", "depth", "done", "kind", "entity").agg(
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
    totals = rows.group_by("region", "target", "level", "depth", "done").agg(
        *(with_state(status) for status in WORST),
        *(nw.col(name).sum() for name in _SUMS),
        nw.col("first").min().alias("low"),
        nw.col("first").max().alias("high"),
        nw.when(given).then(nw.col("stamp")).max().alias("last"),
    )
    lacks = (nw.col("n_blank") > 0) | (nw.col("n_unreadable") > 0)
    status: Any = nw.lit("not-applicable")
    for name, there in (
        ("dash", nw.col("n_dash") > 0),
        ("blank", nw.col("n_blank") > 0),
        ("unreadable", nw.col("n_unreadable") > 0),
        ("given", nw.col("n_given") > 0),
        ("partial", (nw.col("n_given") > 0) & lacks),
    ):
        status = nw.when(there).then(nw.lit(name)).otherwise(status)
    return _counted(totals.with_columns(status=status, values=nw.col("n_given")))


def _counted(rows: Frame) -> Frame:
    """The columns of a partial, for one place."""
    counts = {
        status.value.replace("-", "_"): (nw.col("status") == status.value).cast(nw.Int64)
        for status in (*WORST, Status.PARTIAL)
    }  # fmt: skip
    typed = {name: nw.col(name).cast(type_) for name, type_ in _TYPES.items()}
    named = rows.with_columns(**counts, **typed, present_done=nw.col("done"))
    return named.select("region", "target", "level", "depth", "status", *_COUNTS, *_TYPES, "last")


# ---- up the tree --------------------------------------------------------------------------------------------------------


def _levels(engine: Engine, base: Frame, places: Places) -> dict[int, Frame]:
    """By depth: what the places at it and below come to. The deepest are the places themselves."""
    depths = {region: _depth(places, region) for region in places.parent}
    reporting = {depths[region] for region in places.reporters}
    up = engine.frame(_parents(places))
    levels: dict[int, Frame] = {}
    columns = ["region", "target", *_COUNTS, *_SUMS, "low", "high", "last"]
    for depth in range(max(reporting, default=0), -1, -1):
        sources = [base.filter(nw.col("depth") == depth).select(*columns)] if depth in reporting else []
        if depth + 1 in levels:
            lifted = levels[depth + 1].join(up, on="region").drop("region").rename({"parent": "region"})
            summed = lifted if not sources else nw.concat([*sources, lifted.select(*columns)])
            levels[depth] = engine.keep(_sum(summed))
        elif sources:
            levels[depth] = sources[0]
    return levels


def _sum(rows: Frame) -> Frame:
    return rows.group_by("region", "target").agg(
        *(nw.col(name).sum().cast(nw.Int64) for name in _COUNTS),
        *(nw.col(name).sum() for name in _SUMS),
        nw.col("low").min(),
        nw.col("high").max(),
        nw.col("last").max(),
    )


def _members(engine: Engine, rows: Frame, places: Places) -> Frame:
    """How many different people (households …) each region has, for the targets that ask so."""
    asked = rows.filter((nw.col("kind") == str(Kind.DISTINCT)) & (nw.col("state") == 0))
    pairs = [(region, above) for region in places.reporters for above in places.above(region)]
    up = engine.frame(pa.table({"region": _texts(region for region, _ in pairs), "above": _texts(above for _, above in pairs)}))
    met = asked.select("region", "target", "entity").unique().join(up, on="region").select("above", "target", "entity").unique()
    counted = met.group_by("above", "target").agg(nw.len().cast(nw.Int64).alias("members")).rename({"above": "region"})
    return engine.keep(counted)


# ---- small tables -------------------------------------------------------------------------------------------------------


def _texts(values: Iterator[str]) -> pa.Array:
    return pa.array(list(values), pa.string())


def _parents(places: Places) -> pa.Table:
    pairs = [(region, above) for region, above in places.parent.items() if above]
    return pa.table({"region": _texts(region for region, _ in pairs), "parent": _texts(above for _, above in pairs)})


def _regions_table(regions: Sequence[str], places: Places) -> pa.Table:
    return pa.table({"region": _texts(region for region in dict.fromkeys(regions) if region in places.parent)})


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


def _partials(table: pa.Table, targets: Mapping[str, Target]) -> Iterator[tuple[tuple[str, str], Partial]]:
    for row in _rows(table):
        mean = targets[row["target"]].rule.kind is Kind.MEAN
        part = Partial(
            **{name: row[name] for name in _COUNTS},
            first=(row["product"] if mean else row["first"]) or Decimal(0),
            second=row["second"] or Decimal(0),
            low=row["low"],
            high=row["high"],
            last=row["last"] or "",
        )
        yield (row["region"], row["target"]), part


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=20_000):
        yield from batch.to_pylist()
