"""The words by which forms print totals, parts, rates and persons, read from data/derivations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from consolidation.lexicon import normalise
from consolidation.lexicon.load import read_yaml

FOLDER = Path(__file__).resolve().parents[2] / "data" / "derivations"


@dataclass(frozen=True, slots=True)
class Facet:
    """Labels of which everyone counted has exactly one. `words`: (word, value), longest first; `full`: the whole sets."""

    id: str
    name: str
    words: tuple[tuple[str, str], ...]
    full: tuple[frozenset[str], ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class StructureWords:
    totals: frozenset[str]
    total_words: tuple[str, ...]
    measure_words: tuple[str, ...]
    by_captions: tuple[re.Pattern[str], ...]
    overlapping: tuple[str, ...]
    rest_parts: frozenset[str]
    facets: tuple[Facet, ...]
    schooling: Mapping[str, tuple[int, int]]  # word -> first and last step, 0 = lowest
    last_step: int
    value_columns: frozenset[str] = frozenset()

    def splits(self, caption: str) -> bool:
        """Whether a caption says that its members add up (按年龄分, 资金构成)."""
        return any(pattern.match(caption) for pattern in self.by_captions)


def read(name: str) -> Any:
    """One file of data/derivations."""
    return read_yaml(FOLDER / f"{name}.yml")


def _facet(entry: Mapping[str, Any]) -> Facet:
    words = [(normalise(word), value) for value, spellings in entry["words"].items() for word in spellings]
    return Facet(
        id=entry["id"],
        name=entry["name"],
        words=tuple(sorted(words, key=lambda pair: -len(pair[0]))),
        full=tuple(frozenset(values) for values in entry["full"]),
        source=entry.get("source", ""),
    )


def _longest_first(words: list[str]) -> tuple[str, ...]:
    return tuple(sorted((normalise(word) for word in words), key=len, reverse=True))


@lru_cache(maxsize=1)
def structure_words() -> StructureWords:
    """data/derivations/structure.yml, read once."""
    data = read("structure")
    steps: dict[str, tuple[int, int]] = {}
    for step, words in enumerate(data["schooling"]):
        for word in map(normalise, words):
            steps[word] = (steps.get(word, (step, step))[0], step)
    return StructureWords(
        totals=frozenset(map(normalise, data["totals"])),
        total_words=_longest_first(data["total_words"]),
        measure_words=_longest_first(data["measure_words"]),
        by_captions=tuple(re.compile(pattern) for pattern in data["by_captions"]),
        overlapping=_longest_first(data["overlapping"]),
        rest_parts=frozenset(map(normalise, data["rest_parts"])),
        facets=tuple(_facet(entry) for entry in data["facets"]),
        schooling=steps,
        last_step=len(data["schooling"]) - 1,
        value_columns=frozenset(map(normalise, data["value_columns"])),
    )
