"""Between elements, whatever form they stand on: complementary qualifiers, groups made up of others, sums over places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from consolidation.exact import factor_between
from consolidation.lexicon import Lexicon, normalise
from consolidation.meaning.model import Meaning
from consolidation.model import Derivation, Element, Formula, Merged

from .words import read


@lru_cache(maxsize=1)
def _settings() -> Mapping[str, Any]:
    data: Mapping[str, Any] = read("elements")
    return data


def _scale(lexicon: Lexicon, target: Element, parts: list[Element]) -> Decimal | None:
    """Factor from the parts' common unit to the target's; None when they differ or cannot be converted."""
    if len({part.unit for part in parts}) != 1:
        return None
    if parts[0].unit == target.unit:
        return Decimal(1)
    here, there = lexicon.unit(normalise(parts[0].unit)), lexicon.unit(normalise(target.unit))
    if here is None or there is None or here.dimension != there.dimension:
        return None
    return factor_between(here.factor, there.factor)


def _sum(lexicon: Lexicon, target: Element, parts: list[Element], rule: str) -> Iterator[Derivation]:
    scale = _scale(lexicon, target, parts)
    if scale is not None:
        weights = tuple(1 for _ in parts)
        yield Derivation(target.id, tuple(part.id for part in parts), Formula.SUM, rule, True, weights, scale)


def complements(merged: Merged, lexicon: Lexicon) -> Iterator[Derivation]:
    """人口 = 男 + 女 wherever each of them stands; 党员 = 正式党员 + 预备党员."""
    by_meaning = {element.meaning: element for element in merged.elements}
    for meaning, element in by_meaning.items():
        if meaning.measure != "figure":
            continue
        for entry in _settings()["qualifier_sets"]:
            if any(kind == entry["kind"] for kind, _ in meaning.qualifiers):
                continue
            parts = [by_meaning.get(_with(meaning, entry["kind"], value)) for value in entry["values"]]
            found = [part for part in parts if part is not None]
            if len(found) == len(parts):
                yield from _sum(lexicon, element, found, entry["rule"])
        for entry in _settings()["group_sets"]:
            whole = f"@{entry['whole']}"
            if whole in meaning.concept:
                parts = [by_meaning.get(_instead(meaning, whole, f"@{part}")) for part in entry["parts"]]
                found = [part for part in parts if part is not None]
                if len(found) == len(parts):
                    yield from _sum(lexicon, element, found, entry["rule"])


def _with(meaning: Meaning, kind: str, value: str) -> Meaning:
    return replace(meaning, qualifiers=tuple(sorted((*meaning.qualifiers, (kind, value)))))


def _instead(meaning: Meaning, old: str, new: str) -> Meaning:
    return replace(meaning, concept=tuple(sorted(new if part == old else part for part in meaning.concept)))


def roll_ups(merged: Merged, lexicon: Lexicon) -> Iterator[Derivation]:
    """A figure of a higher place is the sum over the places below. Certain where the higher form is by and large the summary
    of lower forms (what it asks for is asked there too); otherwise the lower level may not see all (a county hospital)."""
    levels: list[str] = _settings()["levels"]
    across: dict[Meaning, dict[str, Element]] = defaultdict(dict)
    for element in merged.elements:
        if element.meaning.entity in levels and _adds_up(element):
            across[replace(element.meaning, entity="", period="")][element.meaning.entity] = element
    shared: Counter[tuple[str, str, str]] = Counter()
    pairs = [(by_level[low], by_level[high]) for by_level in across.values() for low, high in _steps(by_level, levels)]
    for low, high in pairs:
        shared.update({(m.form.file, m.form.id, low.meaning.entity) for m in high.members})
    summaries = _summaries(merged, shared)
    names = _settings()["level_names"]
    for low, high in pairs:
        exact = any((m.form.file, m.form.id, low.meaning.entity) in summaries for m in high.members)
        rule = f"所辖各{names[low.meaning.entity]}之和"
        scale = _scale(lexicon, high, [low])
        if scale is not None:
            yield Derivation(high.id, (low.id,), Formula.ROLL_UP, rule, exact, scale=scale)


def _steps(by_level: Mapping[str, Element], levels: list[str]) -> list[tuple[str, str]]:
    present = [level for level in levels if level in by_level]
    return [(low, high) for at, high in enumerate(present) for low in present[:at]]


def _adds_up(element: Element) -> bool:
    m = element.meaning
    return (
        m.measure == "figure"
        and (m.dimension in _settings()["additive"] or not m.dimension)
        and not any(kind == "aggregate" for kind, _ in m.qualifiers)
        and element.type == "number"
    )


def _summaries(merged: Merged, shared: Counter[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """(file, form, lower level) where forms of that level ask for at least the declared share of the form's figures."""
    figures: Counter[tuple[str, str]] = Counter()
    for element in merged.elements:
        if _adds_up(element):
            figures.update({(m.form.file, m.form.id) for m in element.members})
    share = float(_settings()["summary_share"])
    return {key for key, count in shared.items() if count >= share * figures[key[0], key[1]]}
