"""Labels that name one value of a facet (男, 60-69岁, 初中及以下), and when a list of values is whole.

Ages: 以上 and 以下 include the number (民法典 第一千二百五十九条). Forms write 35-45岁, 45-60岁 all the same: two bands that
share one bound are read as following each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from .view import Labels
from .words import StructureWords

AGE, SCHOOLING = "age", "schooling"
OLDEST = 200
_AGE_TEXT = re.compile(
    r"\(?(?:年满|未满|不满|满)?\d{1,3}(?:周岁|岁)?(?:(?:-|至|到)(?:未满|不满)?\d{1,3})?(?:周岁|岁)(?:\(含\)|含)?(?:及其?)?(?:以上|以下|之间|起)?\)?的?"
)
_SCHOOL_NOISE = re.compile(r"(?:文化程度|文化水平|文化|学历|毕业|程度|等)$")
_SCHOOL_JOINT = re.compile(r"[、,/和或及]")


@dataclass(frozen=True, slots=True)
class Hit:
    """A facet value found in a text. `value`: the facet's own id of it, or "lo-hi" for ages and steps; `rest`: the text
    without it."""

    facet: str
    value: str
    rest: str


def band(value: str) -> tuple[int, int]:
    """Both ends of a band of ages or of steps of schooling, as `Hit.value` writes it."""
    low, _, high = value.partition("-")
    return int(low or 0), int(high or OLDEST)


def low_end(value: str) -> int:
    """Where a band of ages or a step of schooling begins."""
    return band(value)[0]


def school_steps(text: str, words: StructureWords) -> Hit | None:
    """初中及以下 -> steps 0-2; 高中/中专 -> 3-3. The whole text must be words of schooling."""
    low_open = high_open = False
    bare = text.replace("(", "、").replace(")", "")
    for ending in ("及其以下", "及以下", "或以下", "以下"):
        if bare.endswith(ending):
            low_open, bare = True, bare.removesuffix(ending)
            break
    for ending in ("及其以上", "及以上", "或以上", "以上"):
        if bare.endswith(ending):
            high_open, bare = True, bare.removesuffix(ending)
            break
    bare = _SCHOOL_NOISE.sub("", bare)
    steps = [words.schooling.get(piece) for piece in _SCHOOL_JOINT.split(bare) if piece]
    known = [step for step in steps if step is not None]
    if not known or len(known) != len(steps):
        return None
    low = 0 if low_open else min(step[0] for step in known)
    high = words.last_step if high_open else max(step[1] for step in known)
    return Hit(SCHOOLING, f"{low}-{high}", "")


def _worded(text: str, words: StructureWords) -> list[Hit]:
    found: list[Hit] = []
    for facet in words.facets:
        for word, value in facet.words:
            rest = _without(text, word)
            if rest is not None:
                found.append(Hit(facet.id, value, rest))
                break
    return found


def _without(text: str, word: str) -> str | None:
    """The text without a word it holds; a word of one character only at its start or end."""
    if text == word:
        return ""
    if len(word) == 1:
        if text.startswith(word):
            return text[1:].removeprefix("的")
        return text[:-1] if text.endswith(word) else None
    at = text.find(word)
    return None if at < 0 else text[:at] + text[at + len(word) :].removeprefix("的")


class Facets:
    """Finds facet values in label texts."""

    def __init__(self, labels: Labels, words: StructureWords) -> None:
        self.labels, self.words = labels, words
        self.hits = lru_cache(maxsize=50_000)(self._hits)

    def _hits(self, text: str) -> tuple[Hit, ...]:
        found = _worded(text, self.words)
        age = self.age(text)
        if age:
            found.append(Hit(AGE, age, _AGE_TEXT.sub("", text, count=1)))
        school = school_steps(text, self.words)
        if school:
            found.append(school)
        return tuple(found)

    def age(self, text: str) -> str:
        """The one age band a text names, "" for none or several."""
        value = self.labels.parts(text).value("age")
        return value if value and "+" not in value else ""

    def range_of(self, text: str) -> tuple[int, int]:
        """The ages that a total covers: its own band, or that of the group it names by law (老年人 from 60), else all."""
        age = self.age(text)
        if age:
            return band(age)
        groups = self.labels.lexicon.groups
        for part in self.labels.parts(text).core:
            group = groups.get(part.removeprefix("@")) if part.startswith("@") else None
            if group is not None and group.age is not None:
                return group.age[0] or 0, group.age[1] or OLDEST
        return 0, OLDEST

    def whole(self, facet: str, values: Sequence[str], total: str) -> bool:
        """Whether the values leave nothing out and (but for shared bounds of age bands) count nothing twice."""
        if len(values) < 2 or len(set(values)) != len(values):
            return False
        if facet == AGE:
            return _follow([band(value) for value in values], *self.range_of(total), shared=True)
        if facet == SCHOOLING:
            bands = sorted(band(value) for value in values)
            return _follow(bands, min(1, bands[0][0]), self.words.last_step, shared=True)
        return any(full == set(values) for f in self.words.facets if f.id == facet for full in f.full)

    def sizes(self, facet: str) -> tuple[int, ...]:
        """How many values a whole list of a facet has, longest first."""
        return tuple(sorted({len(full) for f in self.words.facets if f.id == facet for full in f.full}, reverse=True))

    def name(self, facet: str) -> str:
        """The facet's name in Chinese."""
        fixed = {AGE: "年龄", SCHOOLING: "文化程度"}
        return fixed.get(facet) or next(f.name for f in self.words.facets if f.id == facet)

    def source(self, facet: str) -> str:
        return next((f.source for f in self.words.facets if f.id == facet), "")


def _follow(bands: Sequence[tuple[int, int]], start: int, end: int, *, shared: bool) -> bool:
    """Whether bands tile [start, end]."""
    ordered = sorted(bands)
    if ordered[0][0] > start or ordered[-1][1] < end:
        return False
    return all(low == high + 1 or (shared and low == high) for (_, high), (low, _) in pairwise(ordered))
