"""Reads data/lexicon. An office edits these files; `check_lexicon` says what is wrong with an edit."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from .model import Concept, Group, Lexicon, Measure, Near, PlaceRules, Qualifier, RoleWord, Unit
from .text import normalise

FOLDER = Path(__file__).resolve().parents[2] / "data" / "lexicon"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """The content of one data file. Raises yaml.YAMLError with line and column when it is not YAML."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader either way


def _words(values: list[Any] | None) -> tuple[str, ...]:
    return tuple(str(value) for value in values or ())


def _concept(entry: dict[str, Any]) -> Concept:
    return Concept(
        id=entry["id"],
        name=entry["name"],
        of=_words(entry["of"]),
        measure=entry["measure"],
        type=entry["type"],
        words=_words(entry["words"]),
        misprints=_words(entry.get("misprints")),
        codes=entry.get("codes", ""),
        lift=entry.get("lift", ""),
        once=bool(entry.get("once", False)),
        pattern=str(entry.get("pattern", "")),
    )


def _group(entry: dict[str, Any]) -> Group:
    age = (entry.get("definition") or {}).get("age")
    return Group(
        id=entry["id"],
        name=entry["name"],
        default=entry["default"],
        words=_words(entry["words"]),
        same_as=entry.get("same_as", ""),
        qualifiers=tuple(sorted((entry.get("qualifiers") or {}).items())),
        age=(age[0], age[1]) if age else None,
        by_age=bool(entry.get("by_age", False)),
        source=entry.get("source", ""),
    )


def _units(data: dict[str, Any]) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for dimension, entry in data.items():
        for name, factor in entry["units"].items():
            units[normalise(str(name))] = Unit(str(name), dimension, Decimal(str(factor)), str(entry["base"]))
    return units


def _places(data: dict[str, Any]) -> PlaceRules:
    def rules(key: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
        return tuple((level, re.compile(pattern)) for level, pattern in data[key])

    return PlaceRules(rules("titles"), rules("lines"), rules("labels"), frozenset(_words(data["large_units"])))


def read_concepts(folder: Path) -> list[Concept]:
    return [_concept(entry) for path in sorted((folder / "concepts").glob("*.yml")) for entry in read_yaml(path)]


def _concept_words(concepts: list[Concept]) -> dict[str, tuple[str, ...]]:
    index: dict[str, list[str]] = defaultdict(list)
    for concept in concepts:
        for word in dict.fromkeys(map(normalise, (concept.name, *concept.words, *concept.misprints))):
            if concept.id not in index[word]:
                index[word].append(concept.id)
    return {word: tuple(ids) for word, ids in index.items()}


@lru_cache(maxsize=4)
def load_lexicon(folder: Path = FOLDER) -> Lexicon:
    """The lexicon in `folder`. Raises KeyError, TypeError or yaml.YAMLError when a file is not as the checker wants it."""
    concepts = read_concepts(folder)
    generic = read_yaml(folder / "generic.yml")
    roles = tuple(
        RoleWord(entry["id"], entry["name"], _words(entry["words"]), _words(entry.get("captions")))
        for entry in read_yaml(folder / "roles.yml")
    )
    return Lexicon(
        concepts={concept.id: concept for concept in concepts},
        groups={entry["id"]: _group(entry) for entry in read_yaml(folder / "groups.yml")},
        roles=roles,
        qualifiers=tuple(
            Qualifier(entry["kind"], entry["value"], entry["name"], _words(entry["words"]))
            for entry in read_yaml(folder / "qualifiers.yml")
        ),
        measures=tuple(
            Measure(entry["id"], entry["name"], entry["dimension"], _words(entry["endings"]))
            for entry in read_yaml(folder / "measures.yml")
        ),
        units=_units(read_yaml(folder / "units.yml")),
        near=tuple(Near(*entry) for entry in read_yaml(folder / "near.yml")),
        terms={normalise(str(w)): normalise(str(ws[0])) for ws in read_yaml(folder / "terms.yml") for w in ws},
        subjects=tuple((e["entity"], tuple(map(normalise, e["words"]))) for e in read_yaml(folder / "subjects.yml")),
        sections=frozenset(map(normalise, generic["sections"])),
        section_endings=_words(generic["section_endings"]),
        vague=frozenset(map(normalise, generic["vague"])),
        fillers=_words(generic["fillers"]),
        once=frozenset(map(normalise, generic["once"])),
        places=_places(read_yaml(folder / "places.yml")),
        remarks=frozenset(map(normalise, generic["remarks"])),
        remark_parts=_words(generic["remark_parts"]),
        staff=_words(generic["staff"]),
        patterns=tuple((c.id, re.compile(c.pattern)) for c in concepts if c.pattern),
        umbrella=frozenset(map(normalise, generic["umbrella"])),
        concept_words=_concept_words(concepts),
        role_words={normalise(w): role.id for role in roles for w in (*role.words, *role.captions)},
    )
