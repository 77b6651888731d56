"""Figures of a place, counted and added up from rows by DuckDB; each with the question in words and the SQL that answered it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from consolidation.derive.counts import Condition, count_rules
from consolidation.derive.words import structure_words
from consolidation.exact import converted, factor_between
from consolidation.lexicon import Lexicon, normalise
from consolidation.model import Provenance
from forms.values import Failure, parse_number

from .masks import Flags, Masks
from .model import DataSet, Fact, Table
from .regions import regions_of
from .select import Selection
from .world import World

_UNKNOWN_HOUSEHOLDS = 0.02
_ASKS = frozenset({"is", "not", "steps", "affirmed"})
_LEFT_OUT = 0.02  # share of the people of a whole that it may leave out because a fact is not known of them
_KNOWN = 0.85  # share of the people concerned of whom a fact must be held before it is counted by
_PLACE_COLUMNS = frozenset({"place-name", "place-code", "township", "village"})


@dataclass(frozen=True)
class Answer:
    """A figure of a region and where it comes from."""

    value: Decimal
    provenance: Provenance


class Counter:
    """Counts over one region of a world. The SQL table `人员` holds its people; columns are made when first asked for."""

    def __init__(self, world: World, lexicon: Lexicon, since: date, region: str) -> None:
        self._row_regions: dict[int, NDArray[np.object_]] = {}
        self.world, self.lexicon, self.since, self.region = world, lexicon, since, region
        self.codes = world.regions.below(region)
        self.inside = np.flatnonzero(world.people.region.isin(self.codes).to_numpy())
        self.people = world.people
        self.masks = Masks(world.people)
        self.database = duckdb.connect(":memory:")
        home = self.people.household
        self.frame: dict[str, Any] = {
            "社区代码": self.people.region.to_numpy(dtype=object),
            "户": home.to_numpy(dtype=object) if home is not None else self.people.index.to_numpy(),
            "在册": self.people.alive.to_numpy(dtype=bool),
        }
        self._registered = 0

    def close(self) -> None:
        self.database.close()

    def count(self, selection: Selection, dimension: str, further: Sequence[Condition] = ()) -> Answer | None:
        """How many people (or, for the dimension household, households) of the region are selected; None when the facts or
        lists that could tell are not held. `further`: what the rows must meet besides, so that a whole counts the rows of its
        parts; the source then says how many did not."""
        tests = [self._group(group) for group in selection.groups]
        tests += [self._list(words) for words in selection.lists]
        tests += [self._condition(condition) for condition in (*selection.conditions, *further)]
        if selection.born:
            tests.append(self._born())
        if selection.area:
            tests.append(self._area(selection.area))
        if any(test is None for test in tests) or not self._known(selection):
            return None
        where = ["在册", self._within(self.region), *(test.sql for test in tests if test is not None)]
        what = 'COUNT(DISTINCT "户")' if dimension == "household" else "COUNT(*)"
        sql = f"SELECT {what} FROM 人员 WHERE {' AND '.join(where)}"  # noqa: S608 - names and values are quoted above
        self._register()
        if dimension == "household" and not self._in_households(where):
            return None
        rows = self.database.execute(sql).fetchall()
        words = "、".join(test.words for test in tests if test is not None)
        unit = "户" if dimension == "household" else "人"
        lists = self._sources(tests)
        source = "、".join(d.label for d in lists) or "人员名册"
        detail = f"{self.world.regions.name(self.region)}在册{words}的{unit}数{self._left_out(selection, further)}；{sql}"
        return Answer(Decimal(rows[0][0]), Provenance(source, detail, _oldest(lists)))

    def _left_out(self, selection: Selection, further: Sequence[Condition]) -> str:
        """How many of the selected people a whole leaves out because they are in none of its parts, by reason."""
        base = self._base(selection)
        said = []
        for condition in further:
            met = self.masks.condition(condition)
            out = base & ~met if met is not None else np.zeros(len(base), dtype=bool)
            if unknown := int((out & ~self._filled(condition.fact)).sum()):
                said.append(f"{unknown}人没有登记{self.lexicon.name_of(condition.fact)}")
            if other := int((out & self._filled(condition.fact)).sum()):
                said.append(f"{other}人的{self.lexicon.name_of(condition.fact)}不在所列各项之内")
        return f"（与各分项同一口径：{'，'.join(said)}，未计入）" if said else ""

    def nearly_all_known(self, selection: Selection, condition: Condition) -> bool:
        """Whether a condition's fact is known of nearly everyone selected: where many are left out, a whole without them would
        be a false figure."""
        base = self._base(selection)
        return int((base & ~self._filled(condition.fact)).sum()) <= int(base.sum()) * _LEFT_OUT

    def _base(self, selection: Selection) -> Flags:
        """Who of the region is selected."""
        base = np.zeros(len(self.people.index), dtype=bool)
        base[self.inside] = self.people.alive.to_numpy(dtype=bool)[self.inside]
        found = self.masks.selection(selection)
        return base & found if found is not None else base

    def _filled(self, fact: str) -> Flags:
        chosen = self.people.facts.get(Fact("", fact))
        return (chosen.values != "").to_numpy(dtype=bool) if chosen is not None else np.zeros(len(self.people.index), dtype=bool)

    def _known(self, selection: Selection) -> bool:
        """Whether the facts asked about are held for (nearly) everyone concerned: 独居 known of those over 80 alone counts
        nobody's 独居老人."""
        base = np.zeros(len(self.people.index), dtype=bool)
        base[self.inside] = self.people.alive.to_numpy(dtype=bool)[self.inside]
        defined = [group for group in selection.groups if group not in self.people.groups]
        bounds = [c for c in selection.conditions if c.op == "within"]
        for inside in (*map(self.masks.group, set(selection.groups) - set(defined)), *map(self.masks.condition, bounds)):
            base = base & inside if inside is not None else base
        asked = [c for c in selection.conditions if c.op in _ASKS]
        return all(self._held_for(c, base) for c in asked) and all(self._definable(group, base) for group in defined)

    def _definable(self, group: str, base: Flags) -> bool:
        """Whether some definition of a group rests on facts that are held for everyone of the ages it speaks of."""
        for entry in count_rules().groups.get(group, ()):
            inside = base
            for bound in (c for c in entry if c.op == "within"):
                ages = self.masks.condition(bound)
                inside = inside & ages if ages is not None else inside
            if entry and all(
                self.masks.condition(c) is not None and self._held_for(c, inside) for c in entry if c.op in _ASKS or not c.fact
            ):
                return True
        return False

    def _held_for(self, condition: Condition, base: Flags) -> bool:
        if not condition.fact:
            return True
        chosen = self.people.facts.get(Fact("", condition.fact))
        if chosen is None:
            return False
        everyone = int(base.sum())
        return everyone == 0 or int(((chosen.values != "").to_numpy() & base).sum()) >= everyone * _KNOWN

    def _in_households(self, where: list[str]) -> bool:
        """Whether the households of those selected are known: of people from elsewhere mostly not, then there is no figure."""
        sql = f"SELECT COUNT(*) FILTER (WHERE starts_with(\"户\", '户:')), COUNT(*) FROM 人员 WHERE {' AND '.join(where)}"  # noqa: S608
        ((alone, everyone),) = self.database.execute(sql).fetchall()
        return bool(alone <= everyone * _UNKNOWN_HOUSEHOLDS)

    def _register(self) -> None:
        if self._registered != len(self.frame):
            here = {name: np.asarray(column)[self.inside] for name, column in self.frame.items()}
            self.database.register("人员", pd.DataFrame(here))
            self._registered = len(self.frame)

    def _within(self, region: str) -> str:
        codes = sorted(self.world.regions.below(region))
        return f'"社区代码" IN ({", ".join(quoted(code) for code in codes)})'

    def _sources(self, tests: Iterable[_Test | None]) -> list[DataSet]:
        used = dict.fromkeys(n for test in tests if test is not None for n in test.sources)
        return [self.people.sources[n] for n in used]

    def _column(self, name: str, values: Any) -> str:
        self.frame.setdefault(name, values)
        return '"' + name.replace('"', '""') + '"'

    def _group(self, group: str) -> _Test | None:
        inside = self.masks.group(group)
        if inside is None:
            return None
        kind, _, value = group.partition("=")
        known = self.lexicon.groups.get(group)
        shown = _REGISTRATION.get(value, value) if kind == "registration" else known.name if known else group
        excluded = count_rules().excluded.get(group, ())
        without = "、".join(self.lexicon.name_of(c.fact) + "为" + "、".join(c.values) for c in excluded)
        words = shown + (f"（不含{without}的）" if without and bool(self.masks.excluded(group).any()) else "")
        return _Test(self._column(shown, inside), words, tuple(self._lists_of(group)))

    def _lists_of(self, group: str) -> list[int]:
        """The lists that name a group; of one that is only defined, the lists its definition rests on."""
        named = [
            n for n, d in enumerate(self.people.sources) if group in d.groups or any(f"{k}={v}" == group for k, v in d.qualifiers)
        ]
        if named or group in self.people.groups:
            return named[:3]
        for entry in count_rules().groups.get(group, ()):
            if entry and all(self.masks.condition(c) is not None for c in entry):
                return [n for c in entry for n in (self._told_by(c.fact) if c.fact else self._lists_of(c.values[0]))][:3]
        return []

    def _told_by(self, fact: str) -> tuple[int, ...]:
        chosen = self.people.facts[Fact("", fact)]
        return tuple(int(n) for n in np.unique(chosen.source.to_numpy()) if n >= 0)[:2]

    def _list(self, words: str) -> _Test | None:
        inside = self.masks.on_list(words)
        if inside is None:
            return None
        sources = tuple(n for n, d in enumerate(self.people.sources) if words in d.name + d.table)
        return _Test(self._column(f"在《{words}》名册", inside), f"在{words}名册上", sources)

    def _condition(self, condition: Condition) -> _Test | None:
        inside = self.masks.condition(condition)
        if inside is None:
            return None
        if not condition.fact:
            named = [self.lexicon.groups[g].name if g in self.lexicon.groups else g for g in condition.values]
            shown = "或".join(named)
            return _Test(self._column(shown, inside), shown, tuple(n for g in condition.values for n in self._lists_of(g)))
        sources = self._told_by(condition.fact)
        name = self.lexicon.name_of(condition.fact)
        if condition.op == "within":
            low, _, high = condition.values[0].partition("-")
            column = self._column(name, self.masks.numbers(condition.fact).to_numpy())
            return _Test(f"{column} BETWEEN {int(low or 0)} AND {int(high or 200)}", condition.words(name), sources)
        words = _step_words(name, condition.values[0]) if condition.op == "steps" else condition.words(name)
        return _Test(self._column(words, inside), words, sources)

    def _born(self) -> _Test | None:
        chosen = self.people.facts.get(Fact("", "birth-date"))
        if chosen is None:
            return None
        column = self._column("出生日期", chosen.values.to_numpy(dtype=object))
        year = date(self.world.on.year, 1, 1)
        since = min(self.since, year)
        sql = f"{column} BETWEEN {quoted(since.isoformat())} AND {quoted(self.world.on.isoformat())}"
        return _Test(sql, f"{since.year}年内出生", ())

    def _area(self, area: str) -> _Test:
        """城乡 by the kind of the place: 村 is rural, 社区 urban (统计上划分城乡的规定, as far as names show it)."""
        rural = {code for code, (name, _) in self.world.regions.places.items() if name.endswith("村")}
        inside = self.people.region.isin(rural).to_numpy(dtype=bool)
        column = self._column("住在村", inside)
        return _Test(column if area == "rural" else f"NOT {column}", "乡村" if area == "rural" else "城镇", ())

    # ---- sums over rows, and lists about places ---------------------------------------------------------------------

    def add_up(self, fact: Fact, unit: str, region: str) -> Answer | None:
        """The sum of a numeric fact over the households, organisations or people of a region, in `unit`."""
        for table in (self.world.households, self.world.organisations, self.world.dwellings, self.people):
            chosen = table.facts.get(fact)
            if chosen is None:
                continue
            inside = table.region.isin(self.world.regions.below(region)) & table.alive & (chosen.values != "")
            factor = self.factor(chosen.unit, unit)
            if factor is None:
                continue
            if not inside.any():
                continue
            numbers = [n.value for v in chosen.values[inside] if not isinstance(n := parse_number(v), Failure)]
            used = [table.sources[int(n)] for n in np.unique(chosen.source[inside].to_numpy()) if n >= 0]
            detail = f"{self.world.regions.name(region)}{len(numbers)}行的合计"
            source = "、".join(d.label for d in used) or "名册"
            return Answer(converted(sum(numbers, Decimal(0)), factor).normalize() + 0, Provenance(source, detail, _oldest(used)))
        return None

    def factor(self, unit: str, wanted: str) -> Decimal | None:
        """What turns a figure of one unit into one of another; None when they cannot be compared."""
        if not unit or not wanted or normalise(unit) == normalise(wanted):
            return Decimal(1)
        here, there = self.lexicon.unit(normalise(unit)), self.lexicon.unit(normalise(wanted))
        if here is None or there is None or here.dimension != there.dimension:
            return None
        return factor_between(here.factor, there.factor)

    def of_places(self, fact: Fact, dimension: str, unit: str, region: str, *, additive: bool) -> Answer | str | None:
        """A figure (or text) that lists about places hold: the region's own row, or the sum over the places below it."""
        for dataset in sorted(self.world.places, key=lambda d: (d.precedence, -(d.as_of.toordinal() if d.as_of else 0))):
            for at, column in enumerate(dataset.columns):
                if (
                    column.fact != fact
                    or column.fact.concept in _PLACE_COLUMNS
                    or not _one_dimension(column.meaning.dimension, dimension)
                ):
                    continue
                found = self._place_value(dataset, at, unit, region, additive=additive)
                if found is not None:
                    return found
        return None

    def regions_of(self, dataset: DataSet) -> NDArray[np.object_]:
        """The rows' regions, found once for each list (the world keeps its lists, so their identity names them)."""
        if id(dataset) not in self._row_regions:
            self._row_regions[id(dataset)] = regions_of(dataset, self.world.regions)
        return self._row_regions[id(dataset)]

    def _place_value(self, dataset: DataSet, at: int, unit: str, region: str, *, additive: bool) -> Answer | str | None:
        codes = self.regions_of(dataset)
        own = np.flatnonzero(codes == region)
        rows = own if len(own) else np.flatnonzero(np.isin(codes, list(self.world.regions.below(region))))
        if not len(rows) or (len(rows) > 1 and not additive):
            return None
        texts = [str(dataset.frame[at].iloc[i]).strip() for i in rows]
        factor = self.factor(dataset.columns[at].unit, unit)
        numbers = [parse_number(text) for text in texts]
        values = [n.value for n in numbers if not isinstance(n, Failure)]
        if len(values) < len(texts) or factor is None:
            return texts[0] if len(texts) == 1 and texts[0] not in ("", "—", "无", "不详", "-") and not values else None
        where = f"第 {dataset.line(int(rows[0]))} 行" if len(rows) == 1 else f"{len(rows)} 个村（社区）之和"
        detail = f"“{dataset.columns[at].header}”{where}"
        return Answer(
            converted(sum(values, Decimal(0)), factor).normalize() + 0, Provenance(dataset.label, detail, dataset.as_of)
        )


@dataclass(frozen=True)
class _Test:
    sql: str
    words: str
    sources: tuple[int, ...]


_REGISTRATION = {
    "registered": "户籍人口",
    "resident": "常住人口",
    "floating": "流入人口",
    "actual": "实有人口",
    "outflow": "外出人口",
}


def _one_dimension(a: str, b: str) -> bool:
    """Whether two figures can be of one dimension; one that names no unit may be anything."""
    return a == b or not (a and b)


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _oldest(lists: Iterable[DataSet]) -> date | None:
    return min((d.as_of for d in lists if d.as_of), default=None)


def _step_words(name: str, band: str) -> str:
    low, _, high = band.partition("-")
    steps: dict[int, str] = {}
    for word, (first, _) in structure_words().schooling.items():
        steps.setdefault(first, word)
    return f"{name}{steps.get(int(low), '')}至{steps.get(int(high), '')}"


def table_rows(table: Table, region: Iterable[str]) -> pd.Series[bool]:
    """Rows of a table that count and lie in the regions."""
    return table.alive & table.region.isin(list(region))
