"""Words that would mislead: unreachable, claimed twice, too vague for what they stand for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from .load import read_yaml
from .model import Concept, Lexicon
from .text import clean_label, normalise

_UNIT_BRACKET = re.compile(r"\(([^()]*)\)$")
_IS = re.compile(r"^是否(?:为)?")
_PERSONAL = frozenset({"person", "household"})


def _repeated(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """(word, owners) of the words that have more than one owner; `pairs`: (word as written, owner)."""
    owners: dict[str, list[str]] = defaultdict(list)
    for word, owner in pairs:
        if owner not in owners[normalise(word)]:
            owners[normalise(word)].append(owner)
    yield from ((word, names) for word, names in sorted(owners.items()) if len(names) > 1)


def _as_label(word: str, lexicon: Lexicon) -> str:
    """What is left of a word when it is read as a label: numbering, option lists and units are gone."""
    text = clean_label(word)
    unit = _UNIT_BRACKET.search(text)
    return text[: unit.start()] if unit and lexicon.unit(unit[1]) is not None else text


def unreachable_words(lexicon: Lexicon) -> list[str]:
    """Words of concepts that no label is ever equal to, because labels lose that part before they are looked up."""
    return [
        f"概念“{concept.name}”的叫法“{word}”永远用不到：读表时它会变成“{_as_label(word, lexicon)}”，请直接写后者"
        for concept in lexicon.concepts.values()
        for word in (*concept.words, *concept.misprints)
        if _as_label(word, lexicon) != normalise(word)
    ]


def _ambiguous(lexicon: Lexicon) -> frozenset[str]:
    return frozenset(end for near in lexicon.near for end in (near.a, near.b))


def contradictory_words(lexicon: Lexicon) -> list[str]:
    """A person's or household's fact that generic.yml calls vague (and no near pair asks about), or that it keeps to one
    programme while the concept shares it; a personal fact whose word alone already names a person."""
    problems, ambiguous = [], _ambiguous(lexicon)
    people = lexicon.role_words.keys() - lexicon.kinds_of_group.keys()
    for concept in lexicon.concepts.values():
        asked = concept.id in ambiguous or not _PERSONAL & set(concept.of)
        names_person = concept.of == ("person",) and concept.id != "name"
        for word in map(normalise, (*concept.words, *concept.misprints)):
            if word in lexicon.vague and not asked:
                problems.append(f"“{word}”在 generic.yml 里算说明不了什么（vague），却又是概念“{concept.name}”的叫法：只留一处")
            if word in lexicon.once and not concept.once:
                problems.append(f"“{word}”在 generic.yml 里只属于一次办理（once），概念“{concept.name}”却各表共用：只留一处")
            if names_person and word in people:
                problems.append(f"“{word}”单独出现时指一个人（roles.yml），不能又是概念“{concept.name}”的叫法")
    return problems


def membership_names(lexicon: Lexicon) -> list[str]:
    """是否低保对象 asks whether somebody belongs to a group: when one of its words names a group, its name must, too, or
    是否低保 and 是否低保户 would be two facts of different kinds."""
    problems = []
    groups = lexicon.kinds_of_group
    for concept in lexicon.concepts.values():
        if not concept.id.startswith("is-") or _IS.sub("", normalise(concept.name)) in groups:
            continue
        named = [word for word in concept.words if _IS.sub("", normalise(word)) in groups]
        if named:
            problems.append(f"概念“{concept.name}”的叫法“{named[0]}”问的是一个人群，概念的名称也要写成“是否＋人群名”")
    return problems


def shadowed_words(lexicon: Lexicon, folder: Path) -> list[str]:
    """One spelling with two readings in a figure's label, of which only the first would ever be taken."""
    kinds = [(word, f"人群“{group.name}”") for group in lexicon.groups.values() for word in group.words]
    kinds += [(word, f"限定词“{q.kind}={q.value}”") for q in lexicon.qualifiers for word in q.words]
    kinds += [(str(word), f"统计词“{terms[0]}”") for terms in read_yaml(folder / "terms.yml") for word in terms]
    problems = [f"“{word}”同时是 {'、'.join(names)}：一个词只能有一种读法" for word, names in _repeated(kinds)]
    roles = [(word, f"“{role.name}”") for role in lexicon.roles for word in (*role.words, *role.captions)]
    problems += [f"roles.yml：“{word}”同时属于 {'、'.join(names)}" for word, names in _repeated(roles)]
    units = [(str(unit), dimension) for dimension, entry in read_yaml(folder / "units.yml").items() for unit in entry["units"]]
    problems += [f"units.yml：单位“{word}”同时属于 {'、'.join(names)}" for word, names in _repeated(units)]
    endings = [(ending, measure.id) for measure in lexicon.measures for ending in measure.endings]
    problems += [f"measures.yml：词尾“{word}”同时属于 {'、'.join(names)}" for word, names in _repeated(endings)]
    return problems


def _owners_meet(a: Concept, b: Concept) -> bool:
    return bool(set(a.of) & set(b.of)) or (bool(_PERSONAL & set(a.of)) and bool(_PERSONAL & set(b.of)))


def idle_near_pairs(lexicon: Lexicon) -> list[str]:
    """Pairs of near.yml that can never be asked, or are written twice."""
    problems = []
    for near in lexicon.near:
        a, b = lexicon.concepts.get(near.a), lexicon.concepts.get(near.b)
        if near.a == near.b:
            problems.append(f"near.yml：“{near.a}”与自己配成了一对")
        elif a is not None and b is not None and not _owners_meet(a, b):
            problems.append(f"near.yml：{a.name} 与 {b.name} 不会是同一主体的情况，永远问不到")
    ends = sorted("|".join(sorted((near.a, near.b))) for near in lexicon.near)
    problems += [f"near.yml：{first.replace('|', ' 与 ')} 写了两次" for first, second in pairwise(ends) if first == second]
    return problems
