"""Says in plain words what is wrong with an edit of data/lexicon."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import yaml

from consolidation.codes import load_codes

from .check_words import contradictory_words, idle_near_pairs, membership_names, shadowed_words, unreachable_words
from .load import FOLDER, load_lexicon, read_concepts
from .model import Lexicon
from .text import normalise

ENTITIES = frozenset({"person", "household", "organisation", "place", "dwelling", "couple", "plot", "event", "item"})
MEASURES = frozenset({"identity", "attribute", "count", "amount", "area", "ratio", "date"})
TYPES = frozenset({"text", "number", "date", "choice"})


def _concept_problems(folder: Path) -> list[str]:
    problems, seen = [], set()
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for concept in read_concepts(folder):
        if concept.id in seen:
            problems.append(f"概念编号重复：{concept.id}")
        seen.add(concept.id)
        if not concept.words:
            problems.append(f"概念“{concept.name}”没有任何叫法（words）")
        for value, allowed, what in (
            (concept.measure, MEASURES, "measure"),
            (concept.type, TYPES, "type"),
            *((entity, ENTITIES, "of") for entity in concept.of),
        ):
            if value not in allowed:
                problems.append(f"概念“{concept.name}”的 {what} 写成了“{value}”，只能是 {'、'.join(sorted(allowed))}")
        for word in {normalise(w) for w in (*concept.words, *concept.misprints)}:
            for entity in concept.of:
                owners[entity, word].append(concept.name)
    for (entity, word), names in sorted(owners.items()):
        if len(names) > 1:
            problems.append(f"“{word}”（{entity}）同时属于 {'、'.join(names)}：一个叫法只能指一个概念")
    return problems


def _reference_problems(lexicon: Lexicon) -> list[str]:
    problems = []
    for near in lexicon.near:
        for end in (near.a, near.b):
            if end not in lexicon.concepts and end.removeprefix("@") not in (lexicon.groups if end.startswith("@") else ()):
                problems.append(f"near.yml 提到的概念“{end}”不存在")
        if not near.reason:
            problems.append(f"near.yml：{near.a} 与 {near.b} 没有写原因")
    for group in lexicon.groups.values():
        if group.same_as and group.same_as not in lexicon.groups:
            problems.append(f"人群“{group.name}”的 same_as 指向不存在的“{group.same_as}”")
    spellings: dict[str, list[str]] = defaultdict(list)
    for group in lexicon.groups.values():
        for word in group.words:
            spellings[normalise(word)].append(group.name)
    for word, names in spellings.items():
        if len(names) > 1:
            problems.append(f"groups.yml：“{word}”同时属于 {'、'.join(names)}")
    return problems


def _value_problems(lexicon: Lexicon) -> list[str]:
    """Code lists that do not exist, and values of `lift` and `default` that nothing understands."""
    lists = {name for code_list in load_codes().values() for name in (code_list.id, code_list.standard)}
    dimensions = {unit.dimension for unit in lexicon.units.values()}
    problems = []
    for concept in lexicon.concepts.values():
        if concept.codes and concept.codes not in lists:
            problems.append(f"概念“{concept.name}”的 codes 写成了“{concept.codes}”，data/codes 里没有这个代码表")
        if concept.lift and (concept.lift not in concept.of or "person" not in concept.of):
            problems.append(f"概念“{concept.name}”的 lift 是“{concept.lift}”，of 里却没有它和 person")
    for group in lexicon.groups.values():
        if group.default not in dimensions:
            problems.append(f"人群“{group.name}”的 default 写成了“{group.default}”，只能是 units.yml 里的一种")
    return problems


def _word_problems(lexicon: Lexicon, folder: Path) -> list[str]:
    return (
        unreachable_words(lexicon)
        + contradictory_words(lexicon)
        + membership_names(lexicon)
        + shadowed_words(lexicon, folder)
        + idle_near_pairs(lexicon)
    )


def check_lexicon(folder: Path = FOLDER) -> list[str]:
    """What is wrong with the files in `folder`, one sentence each; an empty list when all is well."""
    try:
        lexicon = load_lexicon(folder)
        found = _concept_problems(folder) + _reference_problems(lexicon) + _value_problems(lexicon)
        return found + _word_problems(lexicon, folder)
    except yaml.YAMLError as error:
        return [f"文件不是合法的 YAML：{error}"]
    except (KeyError, TypeError, ValueError) as error:
        return [f"有一条缺少必填项或写法不对：{error!r}"]
