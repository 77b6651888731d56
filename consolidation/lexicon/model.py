"""What the lexicon holds. Built once from data/lexicon and never changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from .text import normalise


@dataclass(frozen=True, slots=True)
class Concept:
    """A quality or quantity that forms ask for. `of`: the kinds of entity that can have it, most usual first.
    `lift`: asked of the head of household, it is the household's (a household has one telephone for the office)."""

    id: str
    name: str
    of: tuple[str, ...]
    measure: str
    type: str
    words: tuple[str, ...]
    misprints: tuple[str, ...] = ()
    codes: str = ""
    lift: str = ""
    once: bool = False  # a fact of one application, never shared between programmes
    pattern: str = ""  # regular expression over the whole normalised label, for words built by rule (户籍/现住 + 详细 + 地址)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people, households or things that forms count, with its definition and the source of it."""

    id: str
    name: str
    default: str  # dimension counted when the label does not say
    words: tuple[str, ...]
    same_as: str = ""  # the group it is a qualified form of (户籍人口 is 人口, 户籍)
    qualifiers: tuple[tuple[str, str], ...] = ()
    age: tuple[int | None, int | None] | None = None
    by_age: bool = False  # age is all that makes the group: 65岁以上老年人 are the population from 65
    source: str = ""


@dataclass(frozen=True, slots=True)
class RoleWord:
    """Who a personal fact is about, seen from the form's subject."""

    id: str
    name: str
    words: tuple[str, ...]
    captions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Qualifier:
    kind: str
    value: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    id: str
    name: str
    dimension: str
    endings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit word; `factor` turns a figure in it into one in the base unit of its dimension."""

    name: str
    dimension: str
    factor: Decimal
    base: str


@dataclass(frozen=True, slots=True)
class Near:
    """Two concepts that only a person may take for one another, and why."""

    a: str
    b: str
    reason: str


@dataclass(frozen=True)
class PlaceRules:
    """Which level (village, township, county, city) a statistic is about: (level, pattern) pairs, tried in order."""

    titles: tuple[tuple[str, re.Pattern[str]], ...]
    lines: tuple[tuple[str, re.Pattern[str]], ...]
    labels: tuple[tuple[str, re.Pattern[str]], ...]
    large_units: frozenset[str]


@dataclass(frozen=True)
class Lexicon:
    concepts: Mapping[str, Concept]
    groups: Mapping[str, Group]
    roles: tuple[RoleWord, ...]
    qualifiers: tuple[Qualifier, ...]
    measures: tuple[Measure, ...]
    units: Mapping[str, Unit]
    near: tuple[Near, ...]
    terms: Mapping[str, str]  # any spelling -> the first of its set
    subjects: tuple[tuple[str, tuple[str, ...]], ...]  # (entity, title words)
    sections: frozenset[str]
    section_endings: tuple[str, ...]
    vague: frozenset[str]
    fillers: tuple[str, ...]
    once: frozenset[str]
    umbrella: frozenset[str]
    places: PlaceRules
    remarks: frozenset[str]  # bracketed words that do not change a label's meaning (必填)
    remark_parts: tuple[str, ...]  # and the words that make a bracket such a remark (请, 填, 如)
    staff: tuple[str, ...] = ()  # endings of those who work on the form or serve the people on it
    patterns: tuple[tuple[str, re.Pattern[str]], ...] = ()  # (concept id, pattern)
    concept_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # normalised word -> concept ids
    role_words: Mapping[str, str] = field(default_factory=dict)  # normalised word or caption -> role id

    def named(self, text: str) -> tuple[str, ...]:
        """Ids of the concepts that a whole normalised label names, by its words first, by the concepts' patterns else."""
        found = self.concept_words.get(text)
        if found is None and 2 < len(text) <= 16:
            found = tuple(concept for concept, pattern in self.patterns if pattern.fullmatch(text))
        return found or ()

    @cached_property
    def kinds_of_group(self) -> Mapping[str, str]:
        """Normalised word of a group -> the group's id."""
        return {normalise(word): group.id for group in self.groups.values() for word in group.words}

    def name_of(self, concept: str) -> str:
        """The name of a concept; what is none (a list's own ~列, an @group) as it is written, without its mark."""
        known = self.concepts.get(concept)
        return known.name if known else concept.lstrip("~@")

    def unit(self, text: str) -> Unit | None:
        return self.units.get(text)
