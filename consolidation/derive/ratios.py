"""Rates and shares whose numerator and denominator stand on the same form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from consolidation.lexicon import normalise
from consolidation.model import Derivation, Formula

from .outline import Outline, Sum
from .view import FormView, Spot
from .words import read

_PERCENT = {"%": Decimal(100), "％": Decimal(100), "百分比": Decimal(100), "‰": Decimal(1000)}
_EMPTY = frozenset({"@population"})


@dataclass(frozen=True)
class RatioWords:
    share_of: re.Pattern[str]
    share: re.Pattern[str]
    formula: re.Pattern[str]
    endings: tuple[str, ...]
    acts: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def ratio_words() -> RatioWords:
    """data/derivations/ratios.yml."""
    data = read("ratios")
    return RatioWords(
        re.compile(data["share_of"]),
        re.compile(data["share"]),
        re.compile(data["formula"]),
        tuple(data["rate_endings"]),
        {normalise(act): tuple(words) for act, words in data["acts"].items()},
    )


def _is_rate(spot: Spot) -> bool:
    return spot.number and (spot.dimension == "ratio" or spot.element.meaning.measure == "ratio") and not _is_growth(spot)


def _is_growth(spot: Spot) -> bool:
    return ("aggregate", "growth") in spot.element.meaning.qualifiers


def _core(spot: Spot) -> frozenset[str]:
    """The words of a figure's meaning, without the all-embracing group and single left-over characters."""
    return frozenset(
        part for part in spot.element.meaning.concept if part not in _EMPTY and not (part[0] == "~" and len(part) == 2)
    )


class _Finder:
    """Looks up figures of a form by words."""

    def __init__(self, outline: Outline, sums: Sequence[Sum]) -> None:
        self.outline, self.sums, self.words = outline, sums, ratio_words()

    def named(self, text: str, before: Spot) -> Spot | None:
        """The figure that a piece of a rate's label names: the one nearest before it whose own words are that."""
        wanted = self.outline.stem(text)
        hits = [s for s in self.outline.figures if wanted and self.outline.stem(s.text) == wanted]
        return min(hits, key=lambda s: (s.at > before.at, abs(before.at - s.at))) if hits else None

    def pair(self, rate: Spot) -> tuple[Spot, Spot, str] | None:
        """(numerator, denominator, how it is known) of a rate, None when the form does not say."""
        text = rate.text
        printed = self._printed(rate)
        if printed is not None:
            return printed
        match = self.words.share_of.match(text)
        if match:
            a, b = self.named(match["a"], rate), self.named(match["b"], rate)
            return (a, b, f"{a.text}÷{b.text}") if a and b and a is not b else None
        match = self.words.share.match(text)
        if match:
            a = self.named(match["a"], rate)
            total = next((s.total for s in self.sums if a is not None and s.exact and a in s.parts), None)
            return (a, total, f"{a.text}÷{total.text}") if a and total else None
        for ending in self.words.endings:
            if text.endswith(ending) and len(text) > len(ending):
                return self._by_meaning(rate) or self._by_words(rate, text.removesuffix(ending))
        return None

    def _printed(self, rate: Spot) -> tuple[Spot, Spot, str] | None:
        """A formula that a note prints: 脱贫率=脱贫户数÷贫困户数×100%."""
        for note in self.outline.view.form.notes:
            for line in re.split("[;；。\n]", note):
                match = self.words.formula.match(normalise(line))
                if match and self.outline.stem(re.sub(r"^[\d(（][\d.、)）]*", "", match["name"])) == self.outline.stem(rate.text):
                    a, b = self.named(match["a"], rate), self.named(match["b"], rate)
                    if a and b:
                        return a, b, f"表注：{line.strip()}"
        return None

    def _by_meaning(self, rate: Spot) -> tuple[Spot, Spot, str] | None:
        """Two figures of one dimension with the rate's own qualifiers: the lower one a part of what the rate names, the
        upper one the rest of it. 有劳动能力的贫困户脱贫率: 稳定脱贫户数 over 有劳动能力的贫困户户数."""
        wanted, qualifiers = _core(rate), self._qualifiers(rate)
        if len(wanted) < 2:
            return None
        fitting = [s for s in self.outline.figures if self._qualifiers(s) == qualifiers]
        below = [s for s in fitting if _core(s) and _core(s) < wanted]
        for low in sorted(below, key=lambda s: (-len(_core(s)), abs(rate.at - s.at))):
            act = wanted - _core(low)
            above = [s for s in fitting if s.at < rate.at and s.dimension == low.dimension and s is not low and act <= _core(s)]
            if above:
                top = above[-1]
                return top, low, f"{top.text}÷{low.text}"
        return None

    def _qualifiers(self, spot: Spot) -> tuple[tuple[str, str], ...]:
        return tuple(pair for pair in spot.element.meaning.qualifiers if pair[0] not in ("aggregate", "rate"))

    def _by_words(self, rate: Spot, stem: str) -> tuple[Spot, Spot, str] | None:
        """到账资金支出率: 支出资金数额 over 到账资金数额 - the label falls into the name of one figure and the act of another."""
        found: list[tuple[Spot, Spot]] = []
        near = [s for s in self.outline.figures if s.parent == rate.parent and s.at < rate.at]
        for low in near:
            name = self.outline.stem(low.text)
            if len(name) < 2 or not stem.startswith(name) or stem == name:
                continue
            act = stem[len(name) :]
            words = (act, *self.words.acts.get(act, ()))
            found += [(top, low) for top in near if top is not low and top.unit == low.unit and top.text.startswith(words)]
        return (*found[0], f"{found[0][0].text}÷{found[0][1].text}") if len(found) == 1 else None


def ratios(view: FormView, outline: Outline, sums: Sequence[Sum]) -> Iterator[Derivation]:
    """Rates with both their figures on the form; the value is in the rate's own unit (% = per hundred)."""
    finder = _Finder(outline, sums)
    for rate in view.spots:
        if not _is_rate(rate):
            continue
        found = finder.pair(rate)
        if found is None:
            continue
        top, low, how = found
        if top.element.id == low.element.id or rate.element.id in (top.element.id, low.element.id) or not top.factor:
            continue
        per = _PERCENT.get(normalise(rate.element.unit or rate.unit), Decimal(100))
        times = "×1000‰" if per == 1000 else "×100%"
        inputs = (top.element.id, low.element.id)
        yield Derivation(rate.element.id, inputs, Formula.RATIO, how + times, True, scale=per * top.factor / low.factor)
