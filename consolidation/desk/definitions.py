"""What an element means, in a sentence that a steward can check and rewrite: about whom, what is counted, how it is bounded."""

from __future__ import annotations

from consolidation.lexicon import Lexicon
from consolidation.model import Element
from consolidation.publish.words import owner, period_name


def definition(element: Element, lexicon: Lexicon) -> str:
    """The definition as the program understands it; a steward's own words go before it."""
    meaning = element.meaning
    parts = [f"{owner(element)}的{_concepts(element, lexicon) or element.name}"]
    bounds = [_qualifier(kind, value, lexicon) for kind, value in meaning.qualifiers]
    if bounds:
        parts.append("限于：" + "、".join(bounds))
    context = [_name(word, lexicon) for word in meaning.context]
    if context:
        parts.append("所在栏目：" + "、".join(context))
    if element.unit:
        parts.append(f"计量单位：{element.unit}")
    if element.period:
        parts.append(f"报告期：{period_name(element.period)}")
    sources = [lexicon.groups[c].source for c in meaning.concept if c in lexicon.groups and lexicon.groups[c].source]
    sources += [lexicon.groups[c[1:]].source for c in meaning.concept if c[1:] in lexicon.groups and lexicon.groups[c[1:]].source]
    if sources:
        parts.append("依据：" + "；".join(dict.fromkeys(sources)))
    return "。".join(parts) + "。"


def _concepts(element: Element, lexicon: Lexicon) -> str:
    return "、".join(_name(concept, lexicon) for concept in element.meaning.concept)


def _name(concept: str, lexicon: Lexicon) -> str:
    if concept.startswith("~"):
        return concept[1:]
    bare = concept.removeprefix("@")
    if concept in lexicon.concepts:
        return lexicon.concepts[concept].name
    group = lexicon.groups.get(concept) or lexicon.groups.get(bare)
    return group.name if group is not None else bare


def _qualifier(kind: str, value: str, lexicon: Lexicon) -> str:
    if kind == "age":
        low, _, high = value.partition("-")
        return f"{low}—{high}岁" if low and high else f"{low}岁以上" if low else f"不满{high}岁" if high else value
    return next((one.name for one in lexicon.qualifiers if (one.kind, one.value) == (kind, value)), value)
