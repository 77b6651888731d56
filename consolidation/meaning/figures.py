"""Figures (有劳动能力的低保户户数): composed of group, qualifiers, measure and open text, every part of which must be equal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consolidation.lexicon import Lexicon, clean_label, normalise
from forms.model import Field, ValueType

from .captions import _inherited
from .known import Found
from .language import Parts
from .model import PLACES, FieldMeaning, Meaning
from .state import SHORT_PERIODS, FormReading, caption_role_of, unit_of

_HEADS = frozenset({"person", "household"})
_YEARLY_DEFAULT = frozenset({"year-end", "year"})


def _merge_qualifiers(parts: Parts, above: Sequence[Parts]) -> tuple[tuple[str, str], ...]:
    kept = dict(parts.qualifiers)
    for caption in above:
        for kind, value in caption.qualifiers:
            kept.setdefault(kind, value)
    if kept.get("time") in _YEARLY_DEFAULT:
        del kept["time"]
    return tuple(sorted(kept.items()))


@dataclass(frozen=True, slots=True)
class _Effective:
    """The caption that names what is counted (the innermost with words of its own), those inside it (女, 本年末数), which
    only qualify, and those above it."""

    parts: Parts
    text: str
    inner: tuple[Parts, ...]  # innermost first
    above: tuple[Parts, ...]  # innermost first
    is_label: bool


def _effective(reading: FormReading, field: Field) -> _Effective:
    labels, lexicon = reading.labels, reading.lexicon
    own = labels.parts(field.label)
    above = _inherited(reading, field)
    inner: list[Parts] = []
    chain = [own, *above]
    for i, parts in enumerate(chain):
        text = labels.strip_unit(parts.text)[0]
        says_little = (
            not parts.core or text in lexicon.vague or all(c.startswith("~") and c[1:] in lexicon.vague for c in parts.core)
        )
        if not says_little or (i == len(chain) - 1 and parts.core):
            return _Effective(parts, text, tuple(inner), tuple(chain[i + 1 :]), i == 0)
        inner.append(parts)
    return _Effective(own, own.text, tuple(inner[1:]), (), True)


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")


def composed_figure(reading: FormReading, field: Field) -> FieldMeaning:
    """A figure: its parts, completed from the captions inside and above the one that names what is counted."""
    lexicon = reading.lexicon
    found = _effective(reading, field)
    parts = found.parts
    unit = lexicon.unit(normalise(field.unit)) if field.unit else None
    dimension = unit.dimension if unit is not None and unit.dimension != "code" else ""
    if parts.unit is None and parts.group_word and dimension in _HEADS and parts.dimension in _HEADS:
        dimension = parts.dimension  # “计量单位：户、人” over the table does not turn 总人口 into households
    dimension = dimension or _first(p.dimension for p in (*found.inner, parts, *found.above))
    core = set(parts.core) | {
        c for p in found.inner for c in p.core if p.text not in lexicon.vague and c[1:] not in lexicon.vague
    }
    counted = _first(p.measure for p in (*found.inner, parts)) in ("persons", "households")
    if not core and (counted or dimension in ("person", "household")):
        own = _merge_qualifiers(parts, [*found.inner, *found.above])
        of_all = any(kind == "registration" for kind, _ in own)
        core |= (set() if of_all else set(reading.title_groups)) or ({"@population"} if own or _says_all(parts) else set())
    core = core or set(reading.title_groups)
    dimension = dimension or _group_default(lexicon, core)
    unsaid = found.is_label and parts.text in lexicon.vague and not parts.qualifiers
    vague = not core or (unsaid and not _counts_title(reading, parts, core))
    context: list[str] = []
    if not vague and not parts.measure and len(found.text) <= 4:
        context += _needed_caption(reading, found.above, core)
    if vague:
        context.append(reading.programme)
    entity, role = figure_owner(reading, field)
    own_age = any(kind == "age" for kind, _ in (*parts.qualifiers, *(q for p in found.inner for q in p.qualifiers)))
    core = _without_age_groups(core, lexicon) if own_age else core
    qualifiers = _merge_qualifiers(Parts("", frozenset(), (), "", "", None), [*found.inner, parts, *found.above])
    measure = (
        "ratio"
        if dimension == "ratio" or parts.measure == "ratio" or any(p.measure == "ratio" for p in found.inner)
        else "figure"
    )
    period = reading.form.period if reading.form.period in SHORT_PERIODS else ""
    meaning = Meaning(entity, role, tuple(sorted(core)), measure, qualifiers, dimension, period, tuple(context))
    open_text = sum(len(c) - 1 for c in core if c.startswith("~"))
    name = _figure_name(field, found)
    why = (f"由“{'/'.join(field.path)}”组成",)
    return FieldMeaning(reading.form, field, meaning, name, not vague and open_text != 1, unit_of(reading, field), why)


def _counts_title(reading: FormReading, parts: Parts, core: set[str]) -> bool:
    """Whether 人数 or 户数 counts just those whom the title names and nothing else: 贫困人口统计表/人数."""
    named = reading.labels.parts(reading.programme).core
    return parts.measure in ("persons", "households") and len(core) == 1 and named == core


def _without_age_groups(core: set[str], lexicon: Lexicon) -> set[str]:
    """With an age printed, a group that age alone makes adds nothing: 65岁以上老年人 is the population from 65."""
    aged = {c for c in core if c.startswith("@") and c[1:] in lexicon.groups and lexicon.groups[c[1:]].by_age}
    return (core - aged) | ({"@population"} if aged and core == aged else set())


def _says_all(parts: Parts) -> bool:
    return parts.text.startswith(("总", "全", "合计"))


def _group_default(lexicon: Lexicon, core: set[str]) -> str:
    groups = [lexicon.groups[c[1:]] for c in sorted(core) if c.startswith("@") and c[1:] in lexicon.groups]
    return groups[0].default if groups and len(groups) == len(core) else ""


def _needed_caption(reading: FormReading, above: Sequence[Parts], core: set[str]) -> list[str]:
    """A short label (文化室, 小麦) means what its caption counts: the caption's own words, unless they are an umbrella
    (畜禽产品) or were taken over as a qualifier (存栏)."""
    for caption in above[:1]:
        words = [c.lstrip("~@") for c in sorted(caption.core - core) if c.lstrip("~") not in reading.lexicon.umbrella]
        if words:
            return ["+".join(words)]
    return []


def figure_owner(reading: FormReading, field: Field) -> tuple[str, str]:
    subject = reading.subject
    if subject.entity in PLACES or reading.form.kind == "statistic":
        return (subject.entity if subject.entity in PLACES else (subject.place if subject.own_name else subject.entity)), ""
    role = caption_role_of(reading, field)
    if role and role not in ("self", "applicant"):
        return "person", role
    if subject.entity == "person":
        return "person", "self"
    return subject.entity, ""


def _figure_name(field: Field, found: _Effective) -> str:
    label = clean_label(field.label)
    return label if found.is_label else f"{found.text}·{label}"


def is_figure(reading: FormReading, field: Field, found: Found | None) -> bool:
    """Figures of places and counts of groups are composed; a single person's or household's number is a known fact."""
    if reading.subject.entity in PLACES:
        unit = reading.lexicon.unit(normalise(unit_of(reading, field)))
        if unit is not None and unit.dimension != "code":
            return not reading.subject.own_name
        if found is None:
            return field.type is ValueType.NUMBER or bool(reading.lexicon.unit(normalise(field.unit)))
        return (
            field.type is ValueType.NUMBER and found.concept.measure not in ("identity", "date") and not reading.subject.own_name
        )
    if found is not None:
        return False
    return field.type is ValueType.NUMBER
