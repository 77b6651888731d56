"""A form's figures by their captions: which stand under which, and what is a total of what (`Sum`)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from .facets import Facets
from .view import FormView, Spot

_BRACKETS = re.compile(r"\([^()]*\)")
FACET_ENDING = re.compile("(?:文化程度|学历|年龄段?|性别|残疾类别|残疾等级|民族|婚姻状况)?(?:构成|分布|分组|结构|情况|状况)?$")
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """`total` is the sum of `parts`; all are fields of one form."""

    total: Spot
    parts: tuple[Spot, ...]
    rule: str
    exact: bool


class Outline:
    """The figures of a form by their captions."""

    def __init__(self, view: FormView, facets: Facets) -> None:
        self.view, self.facets, self.words = view, facets, view.words
        self.figures = view.figures
        self.at_path: dict[tuple[Path, str], list[Spot]] = defaultdict(list)
        self.family: dict[tuple[Path, Path], list[tuple[str, int, Spot]]] = defaultdict(list)
        for spot in self.figures:
            self.at_path[spot.path, spot.unit].append(spot)
            for k in range(len(spot.path)):
                self.family[spot.path[:k], spot.path[k + 1 :]].append((spot.path[k], k, spot))

    def bare(self, path: Path) -> Path:
        """A caption path without the captions that only say how things are split, and without a lone 其中."""
        kept = list(path)
        while kept and (self.words.splits(kept[-1]) or kept[-1] in ("", "其中")):
            kept.pop()
        return tuple(kept)

    def stem(self, text: str) -> str:
        """A label without words that only a total, or only a measure, has."""
        text = _BRACKETS.sub("", text)
        for word in self.words.total_words:
            text = text.replace(word, "") if len(text) > len(word) else text
        for word in self.words.measure_words:
            if text.endswith(word) and len(text) > len(word):
                return text.removesuffix(word)
        return text

    def rest(self, text: str) -> str:
        """What a facet value leaves of a label; a measure alone (面积) says nothing."""
        return "" if text in self.words.measure_words else self.stem(text) if text else ""

    def is_total(self, text: str) -> bool:
        return _BRACKETS.sub("", text) in self.words.totals

    def overlapping(self, texts: Sequence[str]) -> bool:
        """Parts that one and the same thing can have several of."""
        hits = sum(text.startswith(self.words.overlapping) for text in texts)
        return hits >= 2 or (hits == 1 and len(texts) == 2)

    def before(self, first: Spot, prefix: Path, suffix: Path, members: Sequence[Spot], facet: str = "") -> Spot | None:
        """The nearest figure before a group that can be its total: same level, unit and column, itself no 其中 part."""
        inside = {id(spot) for spot in members}
        for spot in reversed([s for s in self.figures if s.at < first.at]):
            if id(spot) in inside or not fits(spot, first):
                continue
            cut = len(spot.path) - len(suffix)
            if cut < 1 or spot.path[cut:] != suffix or spot.path[: cut - 1] != prefix:
                continue
            if spot.marks[cut - 1].of_which or (
                facet and any(h.facet == facet and not h.rest for h in self.facets.hits(spot.path[cut - 1]))
            ):
                continue
            return spot
        return None


def fits(a: Spot, b: Spot) -> bool:
    """Whether two figures can be total and part: one unit, or none printed on one side and nothing against it."""
    return (a.unit == b.unit or not (a.unit and b.unit)) and (a.dimension == b.dimension or not (a.dimension and b.dimension))
