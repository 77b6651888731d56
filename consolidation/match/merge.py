"""Which fields are one data element.

Certain: equal meanings merge. Likely: a person is asked, with the reason. Different in any qualifier: apart, always.
Fields are blocked by meaning, so the work grows with the number of fields, not of pairs.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from consolidation.codes import short_list_of
from consolidation.exact import factor_between
from consolidation.lexicon import Lexicon, normalise
from consolidation.meaning import FieldMeaning, Meaning, meanings
from consolidation.model import Decided, DefinitionConflict, Element, Member, Merged, Relation
from forms.model import Form, ValueType

from .conflicts import definition_conflicts
from .decisions import Decisions
from .review import reviews


def element_id(meaning: Meaning) -> str:
    """Stable over runs and machines: the first 12 hex digits of the meaning's SHA-256."""
    text = "\x1f".join(
        (
            meaning.entity,
            meaning.role,
            *meaning.concept,
            "|",
            meaning.measure,
            *(f"{k}={v}" for k, v in meaning.qualifiers),
            "|",
            meaning.dimension,
            meaning.period,
            *meaning.context,
        )
    )
    return "e" + hashlib.sha256(text.encode()).hexdigest()[:12]


def _most_common(values: Iterable[str]) -> str:
    counts = Counter(value for value in values if value)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else ""


def _factor(lexicon: Lexicon, base: str, unit: str) -> Decimal:
    """Element value (in `base`) x factor = the field's value (in `unit`)."""
    here, there = lexicon.unit(normalise(base)), lexicon.unit(normalise(unit))
    if here is None or there is None or here.dimension != there.dimension:
        return Decimal(1)
    return factor_between(here.factor, there.factor)


def _member(item: FieldMeaning, lexicon: Lexicon, unit: str, decided: Decided, size: int) -> Member:
    factor = _factor(lexicon, unit, item.unit) if item.unit and unit else Decimal(1)
    if factor != 1:
        return Member(
            item.form,
            item.field,
            Relation.CONVERTED,
            f"{unit}换算为{item.unit}",
            f"口径相同，计量单位不同（{item.unit}与{unit}）",
            decided,
            factor,
        )
    concept = lexicon.concepts.get(item.meaning.concept[0]) if len(item.meaning.concept) == 1 else None
    short = short_list_of(item.field.options, concept.codes) if concept is not None and item.field.options else None
    if short is not None and concept is not None:
        rule = f"所列选项按对照表换算为代码（{concept.codes}，data/codes/mappings/{short.id}.yml）"
        return Member(item.form, item.field, Relation.CONVERTED, rule, "口径相同，选项列法不同", decided, factor)
    reason = "口径、计量单位都相同" if size > 1 else "没有别的栏目与它口径相同"
    if decided is Decided.PERSON:
        reason = "经人工确认为同一数据元"
    return Member(item.form, item.field, Relation.SAME, "", reason, decided, factor)


def _type(items: Sequence[FieldMeaning]) -> str:
    return _most_common(item.field.type.value for item in items) or ValueType.TEXT.value


def _element(meaning: Meaning, items: Sequence[FieldMeaning], lexicon: Lexicon, decided: Mapping[int, Decided]) -> Element:
    unit = _most_common(item.unit for item in items)
    members = tuple(_member(item, lexicon, unit, decided.get(id(item), Decided.AUTO), len(items)) for item in items)
    concept = lexicon.concepts.get(meaning.concept[0]) if len(meaning.concept) == 1 else None
    options = max((item.field.options for item in items), key=len, default=())
    period = meaning.period or _most_common(item.form.period for item in items)
    return Element(
        element_id(meaning),
        _most_common(item.name for item in items),
        meaning,
        members,
        period,
        unit,
        _type(items),
        concept.codes if concept else "",
        options,
    )


def _unsure(item: FieldMeaning) -> Meaning:
    """The meaning of a field that was not read with certainty: its own, so that nothing merges into it unasked."""
    return replace(item.meaning, context=(*item.meaning.context, item.form.file, item.form.id, item.field.id))


def merge_meanings(found: Sequence[FieldMeaning], lexicon: Lexicon, decisions: Decisions) -> Merged:
    """Elements, questions for a person, and conflicts of definition, from fields with their meanings."""
    groups: dict[Meaning, list[FieldMeaning]] = defaultdict(list)
    decided: dict[int, Decided] = {}
    for item in found:
        meaning = item.meaning if item.certain else _unsure(item)
        agreed = decisions.canonical(meaning)
        if agreed != meaning:
            decided[id(item)] = Decided.PERSON
        groups[agreed].append(item)
    groups = _apart_by_options(groups, lexicon)
    elements = tuple(_element(meaning, items, lexicon, decided) for meaning, items in groups.items())
    forms: dict[int, Form] = {id(item.form): item.form for item in found}
    return Merged(tuple(forms.values()), elements, reviews(groups, lexicon, decisions), _conflicts(elements, lexicon))


_SHARED_OPTIONS = 0.34  # of the shorter list: two lists that share less cannot be answers to one question


def _options(item: FieldMeaning) -> frozenset[str]:
    return frozenset(normalise(option) for option in item.field.options)


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Share of the shorter list that the other has, too; an option within another (视力 / 视力残疾) counts."""
    short, long = sorted((a, b), key=len)
    return sum(any(x in y or y in x for y in long) for x in short) / len(short)


def _apart_by_options(groups: dict[Meaning, list[FieldMeaning]], lexicon: Lexicon) -> dict[Meaning, list[FieldMeaning]]:
    """Fields of one meaning whose printed options have next to nothing in common ask different questions (two 家庭类型):
    they stay apart and are shown to a person. Concepts with a national code list are not touched: their lists map to it."""
    result: dict[Meaning, list[FieldMeaning]] = {}
    for meaning, items in groups.items():
        concept = lexicon.concepts.get(meaning.concept[0]) if len(meaning.concept) == 1 else None
        lists: list[tuple[frozenset[str], list[FieldMeaning]]] = []
        free = []
        for item in items:
            own = _options(item)
            if len(own) < 2 or (concept is not None and concept.codes.startswith("GB")) or meaning.measure == "member":
                free.append(item)
                continue
            home = next((members for options, members in lists if _overlap(options, own) >= _SHARED_OPTIONS), None)
            if home is None:
                lists.append((own, [item]))
            else:
                home.append(item)
        lists.sort(key=lambda pair: -len(pair[1]))
        result[meaning] = (lists[0][1] if lists else []) + free
        for options, members in lists[1:]:
            result[replace(meaning, context=(*meaning.context, "选项：" + "、".join(sorted(options))[:60]))] = members
    return result


def _conflicts(elements: Sequence[Element], lexicon: Lexicon) -> tuple[DefinitionConflict, ...]:
    return definition_conflicts(elements, lexicon)


def merge(forms: Iterable[Form], lexicon: Lexicon, decisions: Decisions | None = None) -> Merged:
    """Merges forms: every field of every form is in exactly one element of the result."""
    found = [item for form in forms for item in meanings(form, lexicon)]
    return merge_meanings(found, lexicon, decisions or Decisions())
