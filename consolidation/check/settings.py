"""data/checks: what figures can be, which changes are unusual, what holds by definition. An office edits these files;
`check_settings` says in plain words what is wrong with an edit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from consolidation.lexicon import Lexicon, load_lexicon, normalise
from consolidation.lexicon.load import read_yaml
from consolidation.model import Element

from .model import Force

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checks"
CONDITIONS = ("concept", "dimension", "measure", "type", "unit", "entity", "qualifier", "words")
_SAID = ("whole", "least", "most", "date", "longest", "form")
_FORMS = ("id-number", "phone", "credit-code", "bank-card")
_KINDS = ("stock", "flow", "cumulative")
_EMPTY = ("dash", "not-applicable")


@dataclass(frozen=True, slots=True)
class Fits:
    """Which elements a line of data/checks speaks of: every condition must be met, by one of its words."""

    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    unless: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __call__(self, element: Element) -> bool:
        return all(_meets(element, *one) for one in self.conditions) and not any(_meets(element, *one) for one in self.unless)


def qualified(element: Element, wanted: str) -> bool:
    """Whether an element has a qualifier: a kind (change), or kind=value (time=month)."""
    kind, _, value = wanted.partition("=")
    return any(k == kind and (not value or v == value or value in v.split("+")) for k, v in element.meaning.qualifiers)


def _meets(element: Element, condition: str, wanted: tuple[str, ...]) -> bool:
    m = element.meaning
    if condition == "concept":
        return len(m.concept) == 1 and m.concept[0] in wanted
    if condition == "qualifier":
        return any(qualified(element, one) for one in wanted)
    if condition == "words":
        labels = (element.name, *(member.field.label for member in element.members))
        return any(word in label for word in wanted for label in labels)
    held = {
        "dimension": m.dimension, "measure": m.measure, "type": element.type, "unit": normalise(element.unit), "entity": m.entity,
    }  # fmt: skip
    return held[condition] in wanted


@dataclass(frozen=True, slots=True)
class Range:
    """One line of ranges.yml. `unit`: of `least` and `most`, "" = the element's own."""

    fits: Fits
    force: Force
    why: str
    whole: bool = False
    least: Decimal | None = None
    most: Decimal | None = None
    past: bool = False
    longest: int = 0
    form: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    kind: str
    fits: Fits
    relative: Decimal
    absolute: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Figures with this qualifier repeat what was reported then. `of`: previous or last_year."""

    qualifier: str
    of: str
    period: str = ""


@dataclass(frozen=True)
class Changes:
    thresholds: tuple[Threshold, ...]
    kinds: Mapping[str, tuple[str, ...]]
    all_time: tuple[str, ...]
    not_compared: tuple[str, ...]
    repeats: tuple[Repeat, ...]
    ask_reason: frozenset[str]
    roster_difference: Decimal

    def kind(self, element: Element) -> str:
        """cumulative, flow or stock."""
        for kind in ("cumulative", "flow"):
            if any(qualified(element, wanted) for wanted in self.kinds[kind]):
                return kind
        return "stock"


@dataclass(frozen=True, slots=True)
class Subset:
    part: str
    whole: str
    certain: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    whole: str
    parts: tuple[str, ...]
    certain: bool
    source: str = ""


@dataclass(frozen=True)
class Definitions:
    advisory: tuple[str, ...]
    blank_is_zero: re.Pattern[str]
    narrowing: frozenset[str]
    counted: frozenset[str]
    signed: tuple[str, ...]
    subsets: tuple[Subset, ...]
    sums: tuple[Parts, ...]
    households: frozenset[str]
    households_rule: str
    population: str
    not_population: frozenset[str]


@dataclass(frozen=True)
class Settings:
    ranges: tuple[Range, ...]
    changes: Changes
    definitions: Definitions


def _list(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _fits(entry: Mapping[str, Any]) -> Fits:
    def pairs(source: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple((name, _list(source[name])) for name in CONDITIONS if name in source)

    free = {name: value for name, value in entry.items() if name != "unit" or isinstance(value, list)}
    return Fits(pairs(free), pairs(entry.get("not") or {}))


def _unit(entry: Mapping[str, Any]) -> str:
    """A unit as one word is the unit of the bounds; as a list it is a condition."""
    return "" if isinstance(entry.get("unit"), list) else str(entry.get("unit", ""))


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _range(entry: Mapping[str, Any]) -> Range:
    return Range(
        _fits(entry), Force(entry["force"]), str(entry["why"]), bool(entry.get("whole")), _decimal(entry.get("least")),
        _decimal(entry.get("most")), entry.get("date") == "past", int(entry.get("longest", 0)), entry.get("form", ""),
        _unit(entry),
    )  # fmt: skip


def _changes(data: Mapping[str, Any]) -> Changes:
    thresholds = tuple(
        Threshold(e["kind"], _fits(e), Decimal(str(e["relative"])), Decimal(str(e["absolute"])), _unit(e))
        for e in data["thresholds"]
    )
    kinds = {kind: _list(words) for kind, words in data["kinds"].items()}
    repeats = tuple(Repeat(e["qualifier"], e["of"], e.get("period", "")) for e in data["repeats"])
    return Changes(
        thresholds, kinds, _list(data["all_time"]), _list(data["not_compared"]), repeats, frozenset(data["ask_reason"]),
        Decimal(str(data["roster_difference"])),
    )  # fmt: skip


def _definitions(data: Mapping[str, Any]) -> Definitions:
    return Definitions(
        _list(data["advisory"]),
        re.compile(data["blank_is_zero"]),
        frozenset(data["narrowing"]),
        frozenset(data["counted"]),
        _list(data["signed"]),
        tuple(Subset(e["part"], e["whole"], bool(e["certain"]), e.get("source", "")) for e in data["subsets"]),
        tuple(Parts(e["whole"], _list(e["parts"]), bool(e["certain"]), e.get("source", "")) for e in data["sums"]),
        frozenset(data["households"]["certain"]),
        str(data["households"]["rule"]),
        str(data["population"]),
        frozenset(data["not_population"]),
    )


@lru_cache(maxsize=4)
def load_settings(folder: Path = FOLDER) -> Settings:
    """data/checks as values. Raises KeyError, ValueError, TypeError or yaml.YAMLError where `check_settings` finds faults."""
    ranges = tuple(map(_range, read_yaml(folder / "ranges.yml")))
    return Settings(ranges, _changes(read_yaml(folder / "changes.yml")), _definitions(read_yaml(folder / "relations.yml")))


def check_settings(folder: Path = FOLDER) -> list[str]:
    """What is wrong with the files in `folder`, one sentence each; an empty list when all is well."""
    lexicon = load_lexicon()
    try:
        settings = load_settings(folder)
        found = [*_line_faults("ranges.yml", read_yaml(folder / "ranges.yml"), lexicon)]
        found += _line_faults("changes.yml", read_yaml(folder / "changes.yml")["thresholds"], lexicon)
    except (OSError, yaml.YAMLError) as error:
        return [f"文件读不出来或不是合法的 YAML：{error}"]
    except (KeyError, TypeError, ValueError, InvalidOperation, re.error) as error:
        return [f"有一条缺少必填项或写法不对：{error!r}"]
    return [*found, *_range_faults(settings.ranges), *_change_faults(settings.changes), *_group_faults(settings, lexicon)]


def _line_faults(file: str, entries: Any, lexicon: Lexicon) -> Iterator[str]:
    dimensions = {unit.dimension for unit in lexicon.units.values()}
    names = lexicon.concepts.keys() | {f"@{group}" for group in lexicon.groups}
    known = {*CONDITIONS, *_SAID, "not", "force", "why", "kind", "relative", "absolute"}
    for at, entry in enumerate(entries, 1):
        for word in entry.keys() - known:
            yield f"{file} 第 {at} 条：看不懂“{word}”"
        for part in (entry, entry.get("not") or {}):
            for dimension in set(_list(part.get("dimension", []))) - dimensions:
                yield f"{file} 第 {at} 条：units.yml 里没有“{dimension}”这一类单位"
            for concept in _list(part.get("concept", [])):
                if concept not in names and not concept.startswith("~"):
                    yield f"{file} 第 {at} 条：词典里没有“{concept}”"
        unit = _unit(entry)
        if unit and lexicon.unit(normalise(unit)) is None:
            yield f"{file} 第 {at} 条：units.yml 里没有单位“{unit}”"


def _range_faults(ranges: tuple[Range, ...]) -> Iterator[str]:
    for at, line in enumerate(ranges, 1):
        if line.least is not None and line.most is not None and line.least > line.most:
            yield f"ranges.yml 第 {at} 条：下限 {line.least} 大于上限 {line.most}"
        if not (line.whole or line.least is not None or line.most is not None or line.past or line.longest or line.form):
            yield f"ranges.yml 第 {at} 条：没有说限制什么"
        if line.form and line.form not in _FORMS:
            yield f"ranges.yml 第 {at} 条：form 只能是 {'、'.join(_FORMS)}"


def _change_faults(changes: Changes) -> Iterator[str]:
    for at, line in enumerate(changes.thresholds, 1):
        if line.kind not in _KINDS:
            yield f"changes.yml 第 {at} 条：kind 只能是 {'、'.join(_KINDS)}"
        if line.relative < 0 or line.absolute < 0:
            yield f"changes.yml 第 {at} 条：relative 和 absolute 不能小于 0"
    for repeat in changes.repeats:
        if repeat.of not in ("previous", "last_year"):
            yield f"changes.yml：{repeat.qualifier} 的 of 只能是 previous、last_year"
    for word in changes.ask_reason - set(_EMPTY):
        yield f"changes.yml：ask_reason 只能有 {'、'.join(_EMPTY)}，写成了“{word}”"


def _group_faults(settings: Settings, lexicon: Lexicon) -> Iterator[str]:
    rules = settings.definitions
    named = {g for one in rules.subsets for g in (one.part, one.whole)} | {g for s in rules.sums for g in (s.whole, *s.parts)}
    for group in sorted((named | rules.households | rules.not_population | {rules.population}) - lexicon.groups.keys()):
        yield f"relations.yml：groups.yml 里没有“{group}”"
    for one in rules.subsets:
        if one.part == one.whole:
            yield f"relations.yml：“{one.part}”不能是它自己的一部分"
