"""What holds between figures by what they mean, on whatever forms they stand: 女 <= 总人口, 60岁以上 >= 65岁以上,
低保户数 <= 低保人数, 集中供养 + 分散供养 = 特困, sub-groups of a group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from consolidation.derive.counts import Condition, count_rules
from consolidation.lexicon import Lexicon
from consolidation.meaning.model import PLACES
from consolidation.model import Element
from forms.model import Kind

from .model import Force, Printed
from .relations import Places, Relation, relation
from .settings import Definitions

_ONE = Decimal(1)
_OLDEST = 999
Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Counted:
    """A place's figure by what it counts. `base`: all of its meaning that must agree before two figures are compared;
    `narrow`: qualifiers that only make it smaller; `age`: the ages it counts."""

    element: Element
    group: str
    base: tuple[object, ...]
    dimension: str
    narrow: Pairs
    age: tuple[int, int]
    plain: bool  # no qualifiers but narrowing ones and the registration


@dataclass(frozen=True, slots=True)
class Wider:
    """`part` belongs to `whole`."""

    part: str
    whole: str
    certain: bool
    source: str


def _band(value: str) -> tuple[int, int] | None:
    low, dash, high = value.partition("-")
    if not dash or not (low + high).isdigit():
        return None
    return int(low or 0), int(high or _OLDEST)


def counted(elements: Iterable[Element], lexicon: Lexicon, rules: Definitions) -> list[Counted]:
    """The figures of places that count one group or thing, in comparable form: 老年人 are the population from 60."""
    found = []
    for element in elements:
        m = element.meaning
        if m.measure != "figure" or element.type != "number" or not _of_place(element) or len(m.concept) != 1:
            continue
        if m.dimension not in rules.counted or any(word in element.name for word in rules.signed):
            continue
        one = _counted(element, lexicon, rules)
        if one is not None:
            found.append(one)
    return found


def _of_place(element: Element) -> bool:
    """Whether a figure is a place's: it says so, or a statistic asks for it. The figures checked together are of one region, so
    that the level that a form names (村, 乡镇, or none) tells them apart no further."""
    return element.meaning.entity in PLACES or any(member.form.kind is Kind.STATISTIC for member in element.members)


def _counted(element: Element, lexicon: Lexicon, rules: Definitions) -> Counted | None:
    m = element.meaning
    qualifiers = dict(m.qualifiers)
    concept, age = m.concept[0], _band(qualifiers["age"]) if "age" in qualifiers else (0, _OLDEST)
    group = lexicon.groups.get(concept.removeprefix("@")) if concept.startswith("@") else None
    if age is None or any("+" in value for value in qualifiers.values()):
        return None
    if group is not None and group.by_age and group.age is not None:
        concept = f"@{rules.population}"
        if "age" not in qualifiers:
            age = (group.age[0] or 0, group.age[1] if group.age[1] is not None else _OLDEST)
    elif group is not None and group.same_as and not qualifiers.keys() & dict(group.qualifiers).keys():
        concept = f"@{group.same_as}"
        qualifiers |= dict(group.qualifiers)
    narrow = frozenset((kind, value) for kind, value in qualifiers.items() if kind in rules.narrowing and kind != "age")
    others = tuple(sorted((k, v) for k, v in qualifiers.items() if k not in rules.narrowing))
    base = (m.role, m.period, m.context, others)
    plain = all(kind == "registration" for kind, _ in others) and not m.context
    return Counted(element, concept, base, m.dimension, narrow, age, plain)


def wider_groups(rules: Definitions) -> dict[tuple[str, str], Wider]:
    """(part, whole) -> how it is known, closed over steps: what relations.yml says, and groups that counts.yml defines by
    another group and something more."""
    known = {(f"@{s.part}", f"@{s.whole}"): Wider(f"@{s.part}", f"@{s.whole}", s.certain, s.source) for s in rules.subsets}
    for part, entries in count_rules().groups.items():
        for whole in _in_all(entries):
            known.setdefault((f"@{part}", f"@{whole}"), Wider(f"@{part}", f"@{whole}", False, "data/derivations/counts.yml"))
    grown = True
    while grown:
        steps = [(a, b) for a in known.values() for b in known.values() if a.whole == b.part != a.part]
        fresh = {(a.part, b.whole): Wider(a.part, b.whole, a.certain and b.certain, a.source) for a, b in steps}
        fresh = {key: wider for key, wider in fresh.items() if key not in known and key[0] != key[1]}
        known |= fresh
        grown = bool(fresh)
    return known


def _in_all(entries: Iterable[tuple[Condition, ...]]) -> set[str]:
    """Groups that every definition of a group names beside something else."""
    named = [{c.values[0] for c in entry if c.op == "group"} if len(entry) > 1 else set() for entry in entries]
    return set.intersection(*named) if named else set()


def at_most(found: list[Counted], places: Places, rules: Definitions) -> Iterator[Relation]:
    """part <= whole for every two figures where one counts a part of what the other counts."""
    wider = wider_groups(rules)
    buckets: dict[tuple[object, ...], list[Counted]] = defaultdict(list)
    for one in found:
        buckets[(one.base, one.dimension)].append(one)
    for bucket in buckets.values():
        inside = {
            (a.element.id, b.element.id): _why(a, b, wider) for a in bucket for b in bucket if a is not b and _within(a, b, wider)
        }
        wholes: dict[str, set[str]] = defaultdict(set)
        for part, whole in inside:
            wholes[part].add(whole)
        by_id = {one.element.id: one for one in bucket}
        for (part, whole), (certain, source) in inside.items():
            if part in wholes[whole]:
                continue  # each within the other: two names of one thing
            made = _at_most(by_id[part], by_id[whole], certain, source, places, rules)
            if made is not None:
                yield replace(made, via=frozenset(m for m in wholes[part] if whole in wholes[m]))


def _within(a: Counted, b: Counted, wider: Mapping[tuple[str, str], Wider]) -> bool:
    if a.group != b.group and (a.group, b.group) not in wider:
        return False
    same = a.group == b.group and a.narrow == b.narrow and a.age == b.age
    if (a.element.meaning.context or b.element.meaning.context) and not _one_caption(a.element, b.element):
        return False
    return not same and b.narrow <= a.narrow and b.age[0] <= a.age[0] and a.age[1] <= b.age[1]


def _one_caption(a: Element, b: Element) -> bool:
    """Whether two figures stand under one outermost caption of one form: captions that a meaning only keeps as context (儿童总数
    （0—17岁）) may say more than the context does."""
    under = {(m.form.file, m.form.id, m.field.path[:1]) for m in a.members}
    return any((m.form.file, m.form.id, m.field.path[:1]) in under for m in b.members)


def _why(a: Counted, b: Counted, wider: Mapping[tuple[str, str], Wider]) -> tuple[bool, str]:
    if a.group == b.group:
        return True, ""
    known = wider[a.group, b.group]
    return known.certain, known.source


def _at_most(a: Counted, b: Counted, certain: bool, source: str, places: Places, rules: Definitions) -> Relation | None:
    scale = places.scale(a.element, b.element)
    if scale is None:
        return None
    sure = certain and _one_population(a, b, rules) and _one_report(a.element, b.element)
    code, force = ("check.part", Force.HARD) if sure else ("check.likely-part", Force.SOFT)
    rule = f"“{a.element.name}”是“{b.element.name}”的一部分" + (f"，{source}" if source else "")
    forms = _both(a.element, b.element, places)
    return relation(places, code, force, ((scale, a.element.id),), "<=", ((_ONE, b.element.id),), a.element.id, rule, forms)


def _one_population(a: Counted, b: Counted, rules: Definitions) -> bool:
    """Whether two figures count the same people for certain: what one form calls 人口 may be 户籍, another's 常住."""
    if b.group != f"@{rules.population}" or "registration" in dict(b.element.meaning.qualifiers):
        return True
    return any((m.form.file, m.form.id) == (n.form.file, n.form.id) for m in a.element.members for n in b.element.members)


def _one_report(a: Element, b: Element) -> bool:
    """Whether two figures are of the same level and rhythm: a yearly and a monthly figure are of other days."""
    return a.period == b.period and a.meaning.entity == b.meaning.entity


def _both(a: Element, b: Element, places: Places) -> tuple[Printed, ...]:
    return tuple(dict.fromkeys((*places.asking((a.id, b.id)), *places.asking((b.id, a.id)))))


def households(found: list[Counted], places: Places, rules: Definitions) -> Iterator[Relation]:
    """No more households than people of one group."""
    people = {(one.base, one.group, one.narrow, one.age): one for one in found if one.dimension == "person"}
    for one in found:
        other = people.get((one.base, one.group, one.narrow, one.age)) if one.dimension == "household" else None
        scale = places.scale(one.element, other.element) if other is not None else None
        if other is None or scale is None:
            continue
        sure = one.group.removeprefix("@") in rules.households and _one_report(one.element, other.element)
        code, force = ("check.households", Force.HARD) if sure else ("check.likely-households", Force.SOFT)
        forms = _both(one.element, other.element, places)
        left, right = ((scale, one.element.id),), ((_ONE, other.element.id),)
        made = relation(places, code, force, left, "<=", right, one.element.id, rules.households_rule, forms)
        if made is not None:
            yield made


def of_population(found: list[Counted], places: Places, rules: Definitions) -> Iterator[Relation]:
    """Groups of people are no more than everyone, whichever of 户籍 and 常住 are more: asks for a reason only."""
    whole = f"@{rules.population}"
    everyone = [one for one in found if one.group == whole and one.plain and not one.narrow and one.age == (0, _OLDEST)]
    for one in found:
        name = one.group.removeprefix("@")
        group = places.lexicon.groups.get(name) if one.group.startswith("@") else None
        if group is None or name in rules.not_population or not one.plain or group.default not in ("person", "household"):
            continue
        for all_ in everyone:
            scale = places.scale(one.element, all_.element)
            if scale is None or one.dimension != all_.dimension or one.dimension not in ("person", "household"):
                continue
            rule = f"“{one.element.name}”一般不超过“{all_.element.name}”"
            forms, left = _both(one.element, all_.element, places), ((scale, one.element.id),)
            right = ((_ONE, all_.element.id),)
            made = relation(places, "check.likely-part", Force.SOFT, left, "<=", right, one.element.id, rule, forms)
            if made is not None:
                rivals = (o.element for o in everyone if o.dimension == all_.dimension and o is not all_)
                yield replace(made, rivals=tuple(o.id for o in rivals if places.scale(o, all_.element) == 1))


def group_sums(found: list[Counted], places: Places, rules: Definitions) -> Iterator[Relation]:
    """集中供养 + 分散供养 = 特困."""
    at = {(one.base, one.dimension, one.narrow, one.age, one.group): one for one in found}
    for one in found:
        for known in rules.sums:
            if one.group != f"@{known.whole}":
                continue
            parts = [at.get((one.base, one.dimension, one.narrow, one.age, f"@{part}")) for part in known.parts]
            terms = [(places.scale(part.element, one.element), part.element.id) for part in parts if part is not None]
            right = tuple((scale, element) for scale, element in terms if scale is not None)
            if len(right) != len(known.parts):
                continue
            code, force = ("check.sum", Force.HARD) if known.certain else ("check.likely-sum", Force.SOFT)
            forms = places.asking((one.element.id, *(element for _, element in right)))
            target = ((_ONE, one.element.id),)
            made = relation(places, code, force, target, "=", right, one.element.id, known.source, forms)
            if made is not None:
                yield made
