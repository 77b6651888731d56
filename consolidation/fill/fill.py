"""Filling: every element of a merge from shared data, for one region and one period, each value with its source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from consolidation.derive.evaluate import evaluate
from consolidation.lexicon import Lexicon
from consolidation.meaning.model import PLACES
from consolidation.model import Conflict, Derivation, Element, Figure, Filled, Formula, Merged, Provenance
from forms.model import Purpose
from forms.periods import Period
from forms.values import NO_DEMO, DemoRegions

from .figures import Answer, Counter
from .households import HouseholdLists
from .lazy import Figures, Held, provenance
from .model import PERSON, ROW_KINDS, DataSet, Fact
from .partitions import narrowed
from .people import Possible
from .regions import Regions
from .rows import Rows
from .select import Selection, Selector
from .settings import rank_reason
from .world import World, build

_PLACE_ENTITIES = frozenset({*PLACES, "place"})
_COUNTED = frozenset({"person", "household", ""})
_ADDITIVE = frozenset(
    {
        "person",
        "household",
        "visit",
        "time",
        "money",
        "area",
        "length",
        "volume",
        "mass",
        "power",
        "energy",
        "animal",
        "piece",
        "",
    }
)
_CONFLICTS = 2000  # shown at most; the rest is counted


@dataclass(frozen=True)
class FilledData(Filled):
    """What was filled. `figures` makes a person's figure when it is looked at; `rows` holds them as columns, by element."""

    world: World | None = None
    rows: Mapping[str, Mapping[str, Held]] = field(default_factory=dict)  # table kind -> element -> values
    region: str = ""
    period: str = ""
    possible: tuple[Possible, ...] = ()

    @property
    def held(self) -> frozenset[str]:
        """Elements that need not be asked: a figure of the region, or values of rows."""
        return frozenset(element for element, _ in self.places) | {e for by in self.rows.values() for e in by}

    @property
    def places(self) -> Mapping[tuple[str, str], Figure]:
        return self.figures.places if isinstance(self.figures, Figures) else self.figures


def fill(
    merged: Merged,
    derivations: Sequence[Derivation],
    datasets: Sequence[DataSet],
    regions: Regions,
    region: str,
    period: Period,
    lexicon: Lexicon,
    demo: DemoRegions = NO_DEMO,
    returned: Mapping[str, Figure] | None = None,
) -> FilledData:
    """Fills what shared data gives for a region and a period. `returned`: figures read back from last period's forms, used
    where nothing else is held or where they are fresher. Ages and states are those of the period's last day."""
    world = build(datasets, regions, period.end, lexicon, demo)
    return fill_world(merged, derivations, world, region, period, lexicon, returned or {})


def fill_world(
    merged: Merged,
    derivations: Sequence[Derivation],
    world: World,
    region: str,
    period: Period,
    lexicon: Lexicon,
    returned: Mapping[str, Figure] | None = None,
) -> FilledData:
    """`fill` over data already joined: for many regions or periods of one county."""
    places = _place_figures(merged, derivations, world, region, period, lexicon)
    for element, figure in (returned or {}).items():
        held = places.get((element, region))
        if held is None or _fresher(figure.provenance.as_of, held.provenance.as_of):
            places[element, region] = figure
    _derive(places, derivations, region, period)
    rows = _rows(merged, world, lexicon)
    by_element: dict[str, list[Held]] = defaultdict(list)
    for tables in rows.values():
        for element, column in tables.items():
            by_element[element].append(column)
    figures = Figures(places, by_element, str(period))
    conflicts = tuple(_conflicts(merged, world, region, period))
    return FilledData(figures, conflicts, world, rows, region, str(period), world.possible)


def _fresher(a: date | None, b: date | None) -> bool:
    return a is not None and b is not None and a > b


def _place_figures(
    merged: Merged, derivations: Sequence[Derivation], world: World, region: str, period: Period, lexicon: Lexicon
) -> dict[tuple[str, str], Figure]:
    counter, selector = Counter(world, lexicon, period.start, region), Selector(lexicon)
    lists, found = HouseholdLists(counter), dict[str, _Given]()
    counted: dict[str, _Counted] = {}
    try:
        for element in merged.elements:
            if element.meaning.entity not in _PLACE_ENTITIES:
                continue
            count = _count(element, counter, selector) if _own_name(element, world, region) is None else None
            given = _in_unit(count.answer, element) if count is not None else _place_answer(element, counter, world, region)
            given = given or _of_households(element, lists, selector)
            if given is not None:
                found[element.id] = given
            if count is not None:
                counted[element.id] = count
        found |= _of_one_set_of_rows(counted, derivations, counter)
    finally:
        counter.close()
    return {(element, region): Figure(element, region, str(period), *given) for element, given in found.items()}


_Given = tuple[Decimal | str, Provenance]


@dataclass(frozen=True, slots=True)
class _Counted:
    """A figure counted from rows of people, and how."""

    element: Element
    selection: Selection
    shown: str  # what is counted: person or household
    answer: Answer


def _count(element: Element, counter: Counter, selector: Selector) -> _Counted | None:
    """The element counted from rows of people, as the first of its fields says that rows can tell."""
    dimension = element.meaning.dimension
    if dimension not in _COUNTED or element.type != "number":
        return None
    for member in element.members:
        if member.field.purpose is not Purpose.DATA:
            continue
        selection = selector.of_field(member.form, member.field)
        if selection is not None:
            shown = "household" if dimension == "household" or (not dimension and "户数" in member.field.path[-1]) else "person"
            answer = counter.count(selection, shown)
            if answer is not None:
                return _Counted(element, selection, shown, answer)
    return None


def _of_households(element: Element, lists: HouseholdLists, selector: Selector) -> _Given | None:
    """The element by the group's own list of households, as the first of its fields that a list tells."""
    if element.type != "number":
        return None
    fields = (m for m in element.members if m.field.purpose is Purpose.DATA)
    answers = (lists.answer(element, selector.of_field(m.form, m.field)) for m in fields)
    answer = next((found for found in answers if found is not None), None)
    return _in_unit(answer, element) if answer is not None else None


def _of_one_set_of_rows(
    counted: Mapping[str, _Counted], derivations: Iterable[Derivation], counter: Counter
) -> dict[str, _Given]:
    """The counts of wholes and their parts that would not be of the same rows, counted anew."""
    people = {element: one.selection for element, one in counted.items() if one.shown == "person"}
    found: dict[str, _Given] = {}
    for element, further in narrowed(people, derivations, counter.nearly_all_known).items():
        one = counted[element]
        answer = counter.count(one.selection, one.shown, further)
        if answer is not None and answer.value != one.answer.value:
            found[element] = _in_unit(answer, one.element)
    return found


def _place_answer(element: Element, counter: Counter, world: World, region: str) -> _Given | None:
    """What is held of the place itself: its name, what lists about places say, sums over rows."""
    fact = Fact.of(element.meaning)
    named = _own_name(element, world, region)
    if named is not None:
        return named, Provenance("行政区划", f"{region}")
    dimension = element.meaning.dimension
    text = counter.of_places(fact, dimension, element.unit, region, additive=dimension in _ADDITIVE)
    if text is not None:
        return (text.value, text.provenance) if isinstance(text, Answer) else (text, Provenance("村（社区）台账"))
    summed = element.type == "number" and dimension not in ("person", "household")
    answer = counter.add_up(fact, element.unit, region) if summed else None
    return (answer.value, answer.provenance) if answer else None


def _in_unit(answer: Answer, element: Element) -> tuple[Decimal, Provenance]:
    """A count in the element's unit (万人)."""
    large = {"万": Decimal(10000), "千": Decimal(1000)}.get(element.unit[:1], Decimal(1))
    return answer.value / large, answer.provenance


def _own_name(element: Element, world: World, region: str) -> str | None:
    """The place's own name and those it lies in, from the region tree."""
    concept = element.meaning.concept
    chain = world.regions.above(region)
    if concept == ("place-code",):
        return region
    if concept in (("place-name",), ("committee-name",), ("village",)) and chain:
        level = {"township": 1, "county": 2, "city": 3, "province": 4}.get(element.meaning.entity, 0)
        return world.regions.name(chain[level]) if level < len(chain) else None
    step = {"township": 1, "county": 2, "city": 3, "province": 4}.get(concept[0]) if len(concept) == 1 else None
    return world.regions.name(chain[step]) if step is not None and step < len(chain) else None


def _derive(places: dict[tuple[str, str], Figure], derivations: Iterable[Derivation], region: str, period: Period) -> None:
    """Sums and ratios of what is filled, until nothing more follows."""
    waiting = [d for d in derivations if d.exact and d.formula in (Formula.SUM, Formula.RATIO)]
    grown = True
    while grown:
        grown = False
        for item in waiting:
            if (item.target, region) in places or any((source, region) not in places for source in item.inputs):
                continue
            value = evaluate(item, {source: places[source, region].value for source in item.inputs}, period.end)
            if value is not None:
                source = Provenance("推算", item.rule, inputs=item.inputs)
                places[item.target, region] = Figure(item.target, region, str(period), value, source)
                grown = True


def _rows(merged: Merged, world: World, lexicon: Lexicon) -> dict[str, dict[str, Held]]:
    """For each kind of table the elements it answers."""
    rows = Rows(world, lexicon)
    found: dict[str, dict[str, Held]] = {}
    for element in merged.elements:
        if element.meaning.entity in _PLACE_ENTITIES or element.meaning.entity == "filing":
            continue
        kinds = {
            "person": (PERSON, "household"),
            "household": ("household", PERSON),
            "dwelling": ("dwelling", "household", PERSON),
        }
        for kind in (*kinds.get(element.meaning.entity, (element.meaning.entity,)), "dwelling", "organisation"):
            if kind not in ROW_KINDS or element.id in found.get(kind, {}):
                continue
            held = rows.held(element.id, element.meaning, kind)
            if held is not None and bool((held.chosen.values != "").any()):
                found.setdefault(kind, {})[element.id] = held
    return found


def _conflicts(merged: Merged, world: World, region: str, period: Period) -> Iterable[Conflict]:
    """Where lists disagree about somebody of the region: both sources, the chosen one first."""
    elements = {Fact.of(e.meaning): e.id for e in merged.elements if e.meaning.entity not in (*_PLACE_ENTITIES, "filing")}
    codes = world.regions.below(region)
    shown = 0
    for kind, differing in world.differing.items():
        table = world.table(kind)
        here = table.region.isin(codes).to_numpy() & table.alive.to_numpy()
        for item in differing:
            element = elements.get(item.fact)
            if element is None:
                continue
            chosen, other = table.facts[item.fact], table.sources[item.source]
            column = other.positions(item.fact) or [0]
            inside = here[item.at] & (chosen.source.to_numpy()[item.at] >= 0)
            for at, row in zip(item.at[inside], item.rows[inside], strict=True):
                number = int(chosen.source.iloc[at])
                if shown >= _CONFLICTS:
                    return
                shown += 1
                first = table.sources[number]
                key = str(table.index[at])
                held = Held(element, table, chosen, item.fact)
                mine = Figure(element, key, str(period), chosen.values.iloc[at], provenance(held, int(at)))
                where = f"{other.file} 第 {other.line(int(row))} 行"
                theirs = Provenance(other.label, where, other.as_of)
                yours = replace(mine, value=other.frame[column[0]].iloc[int(row)], provenance=theirs)
                yield Conflict(element, key, str(period), mine, yours, rank_reason(first, item.fact.concept), kind)
