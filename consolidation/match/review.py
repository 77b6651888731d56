"""Likely matches: pairs that a person should see side by side, each with its reason in plain words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product

from consolidation.lexicon import Lexicon
from consolidation.meaning import PLACES, FieldMeaning, Meaning
from consolidation.model import FieldKey, Review

from .decisions import Decisions

Groups = Mapping[Meaning, Sequence[FieldMeaning]]
_MOST_PAIRS = 40  # field pairs shown for two elements; one decision settles them all
_MOST_NEIGHBOURS = 12  # meanings of one block compared with each other

_KIND_NAMES = {
    "sex": "性别",
    "registration": "户籍口径",
    "area": "城乡",
    "hukou": "户口性质",
    "time": "时间口径",
    "ability": "劳动能力",
    "aggregate": "合计方式",
    "pure": "折纯",
    "scale": "规模",
    "state": "状态",
    "age": "年龄段",
    "since": "起始时间",
    "year": "年份",
    "work": "就业状态",
    "herd": "存栏或出栏",
    "married": "婚姻",
    "degree": "程度",
}


def _key(item: FieldMeaning) -> FieldKey:
    return FieldKey(item.form.file, item.form.id, item.field.id)


def _pairs(a: Sequence[FieldMeaning], b: Sequence[FieldMeaning], reason: str, score: float) -> list[Review]:
    found = []
    for left, right in product(a, b):
        if left.form.file == right.form.file and left.form.id == right.form.id:
            continue
        found.append(Review(_key(left), _key(right), reason, score))
        if len(found) >= _MOST_PAIRS:
            break
    return found


def _near(groups: Groups, lexicon: Lexicon) -> list[tuple[Meaning, Meaning, str, float]]:
    """Concepts that a careful person could take for one another (data/lexicon/near.yml), of the same owner."""
    reasons = {frozenset((near.a, near.b)): near.reason for near in lexicon.near}
    owners: dict[tuple[str, str], dict[str, list[Meaning]]] = defaultdict(lambda: defaultdict(list))
    for meaning in groups:
        if len(meaning.concept) == 1 and not meaning.context:
            owners[meaning.entity, meaning.role][meaning.concept[0]].append(meaning)
    found = []
    for by_concept in owners.values():
        for pair, reason in reasons.items():
            a, b = sorted(pair) if len(pair) == 2 else (next(iter(pair)),) * 2
            pairs = product(by_concept.get(a, ()), by_concept.get(b, ()))
            found += [(x, y, reason, 0.6) for x, y in pairs if x != y and (not a.startswith("@") or _counted_alike(x, y))]
    return found


def _counted_alike(a: Meaning, b: Meaning) -> bool:
    """Two groups that may be one (@poor, @registered-poor) are only asked about where all the rest of the figure agrees."""
    return replace(a, concept=()) == replace(b, concept=())


def _same_but(meaning: Meaning) -> dict[str, Meaning]:
    """The meaning with one part taken out: equal results are meanings that differ in that part alone."""
    parts = {"context": replace(meaning, context=())}
    if meaning.entity in PLACES:
        parts["level"] = replace(meaning, entity="place", context=())
        parts["period"] = replace(meaning, period="")
    if meaning.entity in ("household", "dwelling") and not meaning.role:
        parts["house"] = replace(meaning, entity="dwelling", context=())
    if not meaning.dimension:
        parts["unit"] = replace(meaning, dimension="?", context=())
    elif meaning.measure == "figure":
        parts["unit"] = replace(meaning, dimension="?")
    return parts


def _blocks(groups: Groups) -> dict[tuple[str, Meaning], list[Meaning]]:
    blocks: dict[tuple[str, Meaning], list[Meaning]] = defaultdict(list)
    for meaning in groups:
        if meaning.entity == "filing":
            continue
        for part, rest in _same_but(meaning).items():
            blocks[part, rest].append(meaning)
    return blocks


def _differences(part: str, a: Meaning, b: Meaning) -> tuple[str, float] | None:
    """Why two meanings that agree but in `part` may be one; None when they may not."""
    if part == "context":
        if _vague(a) and _vague(b) and a.context and b.context:
            return None
        return "名称、计量单位相同，所在栏目不同（" + " / ".join("、".join(m.context) or "无" for m in (a, b)) + "）", 0.7
    if part == "house" and a.entity != b.entity:
        return "名称、计量单位相同，一张表按户填、一张表按房屋填", 0.6
    if part == "level" and "place" in (a.entity, b.entity) and a.entity != b.entity:
        return "口径相同，但有一张表没有写明是哪一级（村、乡镇、县）", 0.75
    if part == "period" and a.period != b.period:
        return f"计量单位相同，仅报告期不同（{a.period or '未注明'} / {b.period or '未注明'}）", 0.65
    if part == "unit" and "" in (a.dimension, b.dimension) and a.dimension != b.dimension:
        return "名称相同，但有一张表没有写计量单位", 0.6
    return None


def _asked_of(
    a: Sequence[FieldMeaning], b: Sequence[FieldMeaning], reason: str
) -> tuple[Sequence[FieldMeaning], Sequence[FieldMeaning]]:
    """Of two elements of which only some fields are in doubt, those come first."""
    if not reason.startswith("表上没有写明是谁的"):
        return a, b
    return sorted(a, key=lambda item: not item.guessed), sorted(b, key=lambda item: not item.guessed)


def _vague(meaning: Meaning) -> bool:
    return all(len(word) <= 3 for word in meaning.concept)


def reviews(groups: Groups, lexicon: Lexicon, decisions: Decisions) -> tuple[Review, ...]:
    """Questions for a person, likeliest first. Pairs that a person already refused are not asked again."""
    candidates = _near(groups, lexicon)
    for (part, _rest), members in _blocks(groups).items():
        if 1 < len(members) <= _MOST_NEIGHBOURS:
            for a, b in combinations(members, 2):
                why = _differences(part, a, b)
                if why is not None:
                    candidates.append((a, b, *why))
    candidates += _uncertain(groups) + _whose(groups)
    best: dict[frozenset[Meaning], tuple[Meaning, Meaning, str, float]] = {}
    for a, b, reason, score in candidates:
        key = frozenset((a, b))
        if not decisions.refused(a, b) and (key not in best or best[key][3] < score):
            best[key] = (a, b, reason, score)
    found = [
        pair for a, b, reason, score in best.values() for pair in _pairs(*_asked_of(groups[a], groups[b], reason), reason, score)
    ]
    return tuple(sorted(found, key=lambda review: (-review.score, review.a, review.b)))


_WHOSE = {"self": "本人", "head": "户主", "member": "家庭成员", "applicant": "申请人"}


def _whose(groups: Groups) -> list[tuple[Meaning, Meaning, str, float]]:
    """One fact, asked on one form of a person whom nothing names: it may be the person concerned, the head or a member."""
    blocks: dict[Meaning, list[Meaning]] = defaultdict(list)
    for meaning in groups:
        if meaning.entity == "person" and meaning.role in _WHOSE:
            blocks[replace(meaning, role="?")].append(meaning)
    found = []
    for members in blocks.values():
        for a, b in combinations(members, 2):
            if any(item.guessed for item in (*groups[a], *groups[b])):
                reason = f"表上没有写明是谁的（{_WHOSE[a.role]} / {_WHOSE[b.role]}）"
                found.append((a, b, reason, 0.55))
    return found


def _uncertain(groups: Groups) -> list[tuple[Meaning, Meaning, str, float]]:
    """Fields whose reading was a guess stand alone; each is shown beside those that would be equal."""
    certain: dict[Meaning, Meaning] = {}
    guesses: dict[Meaning, list[Meaning]] = defaultdict(list)
    for meaning, items in groups.items():
        read = items[0].meaning
        if items[0].certain:
            certain[read] = meaning
        else:
            guesses[read].append(meaning)
    found = []
    for read, alone in guesses.items():
        targets = [certain[read]] if read in certain else []
        pairs = list(product(alone, targets)) + list(combinations(alone, 2))[:_MOST_NEIGHBOURS]
        found += [(a, b, "名称相同，但栏目名太短，不能确定口径", 0.5) for a, b in pairs]
    return found


def qualifier_difference(a: Meaning, b: Meaning) -> str:
    """In words, how two meanings with one concept differ: why they stay apart (仅年龄段不同：60岁以上 / 65岁以上)."""
    left, right = dict(a.qualifiers), dict(b.qualifiers)
    kinds = [kind for kind in sorted(left.keys() | right.keys()) if left.get(kind) != right.get(kind)]
    return "、".join(f"{_KIND_NAMES.get(kind, kind)}：{left.get(kind, '未注明')} / {right.get(kind, '未注明')}" for kind in kinds)
