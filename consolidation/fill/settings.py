"""How departments' lists are read and which of them goes first: data/derivations/sources.yml and precedence.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from consolidation.derive.words import read
from consolidation.lexicon import normalise

from .model import FIRST, DataSet


@dataclass(frozen=True)
class HouseholdList:
    """How a list with one row a household tells of its group: concepts of columns, and of figures that ask for their money."""

    persons: tuple[str, ...]
    amounts: tuple[str, ...]
    money: frozenset[str]


@dataclass(frozen=True)
class SourceWords:
    status_columns: tuple[str, ...]
    gone: frozenset[str]
    death_lists: tuple[str, ...]
    region_code: tuple[str, ...]
    region_name: tuple[str, ...]
    township_name: tuple[str, ...]
    region_code_parts: Mapping[str, tuple[str, ...]]
    region_elsewhere: tuple[str, ...]
    place_endings: Mapping[str, tuple[str, ...]]
    side_files: tuple[str, ...]
    total_words: tuple[str, ...]
    foot_words: tuple[str, ...]
    codes: Mapping[str, Mapping[str, str]]
    keys: Mapping[str, tuple[str, ...]]
    same_fact: Mapping[str, str]
    code_lists: Mapping[str, str]
    stand_in: Mapping[str, tuple[str, ...]]
    role_names: Mapping[str, tuple[str, ...]]
    place_words: Mapping[str, int]
    loose_endings: tuple[tuple[str, ...], ...]
    household_lists: Mapping[str, HouseholdList]
    household_stopped: Mapping[str, frozenset[str]]


@lru_cache(maxsize=1)
def source_words() -> SourceWords:
    """data/derivations/sources.yml, read once."""
    data = read("sources")
    return SourceWords(
        status_columns=tuple(map(normalise, data["status_columns"])),
        gone=frozenset(data["gone"]),
        death_lists=tuple(data["death_lists"]),
        region_code=tuple(map(normalise, data["region_code"])),
        region_name=tuple(map(normalise, data["region_name"])),
        township_name=tuple(map(normalise, data["township_name"])),
        region_code_parts={part: tuple(map(normalise, words)) for part, words in data["region_code_parts"].items()},
        region_elsewhere=tuple(map(normalise, data["region_elsewhere"])),
        place_endings={ending: tuple(instead) for ending, instead in data["place_endings"].items()},
        side_files=tuple(data["side_files"]),
        total_words=tuple(data["total_words"]),
        foot_words=tuple(data["foot_words"]),
        codes=data["codes"],
        keys={kind: tuple(facts) for kind, facts in data["keys"].items()},
        same_fact=data["same_fact"],
        code_lists=data["code_lists"],
        stand_in={fact: tuple(facts) for fact, facts in data["stand_in"].items()},
        role_names={role: tuple(names) for role, names in data["role_names"].items()},
        place_words=data["place_words"],
        loose_endings=tuple(tuple(words) for words in data["loose_endings"]),
        household_lists={
            group: HouseholdList(tuple(entry["persons"]), tuple(entry["amounts"]), frozenset(entry["money"]))
            for group, entry in data["household_lists"].items()
        },
        household_stopped={part: frozenset(map(normalise, words)) for part, words in data["household_stopped"].items()},
    )


@lru_cache(maxsize=1)
def _declared() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for entry in read("precedence"):
        for fact in entry["facts"]:
            found.setdefault(fact, []).extend(entry["departments"])
    return {fact: tuple(dict.fromkeys(departments)) for fact, departments in found.items()}


def rank(dataset: DataSet, concept: str) -> tuple[int, int, float]:
    """Sort key of a list for a fact, the source of truth first: what was typed at the desk, the declared department, then the
    list's own precedence, then the freshest."""
    if dataset.precedence == FIRST:
        return FIRST, FIRST, 0.0
    departments = _declared().get(concept.split("|", 1)[0], ())
    place = next((i for i, name in enumerate(departments) if name in dataset.department), len(departments))
    return place, dataset.precedence, -(dataset.as_of.toordinal() if dataset.as_of else 0)


def answers_for(department: str, concept: str) -> bool:
    """Whether a department is the declared source of truth of a fact (一数一源)."""
    return any(name in department for name in _declared().get(concept.split("|", 1)[0], ()))


def rank_reason(dataset: DataSet, concept: str) -> str:
    """Why a list goes first, in Chinese."""
    if dataset.precedence == FIRST:
        return "社区核对后填报的优先"
    departments = _declared().get(concept.split("|", 1)[0], ())
    if any(name in dataset.department for name in departments):
        return f"按数源目录，以{dataset.department}为准"
    return "按数据集的优先次序和新旧"
