"""Label path + unit + title + subject -> Meaning.

Personal and household facts are named whole (身份证号, 户籍地址): the label, without a role word, must be a word of the
lexicon. Figures are composed (有劳动能力的低保户户数): group, qualifiers, measure and what is left as open text, every part of
which must be equal. Captions above add what a label does not say itself.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from consolidation.lexicon import Concept, Lexicon, clean_label, normalise
from forms.model import Field, Form, Purpose, ValueType

from .language import LabelLanguage, Parts, language
from .model import PLACES, FieldMeaning, Meaning
from .subject import Subject, open_role, role_of_caption, split_role, subject_of

_BRACKETED = re.compile(r"\([^()]*\)")
_PROGRAMME_NOISE = re.compile(
    r"\([^()]*\)|《|》|\d{4}年?度?|[第\d]+[季月]度?|导出|编辑|样表|样本|模板|空白|汇总|统计|登记|申请|申报|审批|情况|基本|信息|明细|采集|花名册|名册|名单|台账|一览|表$|表"
)
_ATTACHED = frozenset(
    {"phone", "mobile", "office-phone", "org-contact", "email", "fax", "postcode", "home-phone", "place-office-address"}
)
# Roles that a person has towards what the form is about: an enterprise's 负责人 is not a household's.
_OF_THE_SUBJECT = frozenset({"manager", "contact", "agent", "witness", "helper", "operator", "legal-rep", "sponsor"})
_HEAD_ROLES = frozenset({"head", "applicant"})
_SHORT_PERIODS = frozenset({"daily", "weekly", "monthly", "quarterly", "half-yearly"})
_YEARLY_DEFAULT = frozenset({"year-end", "year"})


def programme_of(title: str) -> str:
    """What the form is for, without its place, year and kind of table: two editions of a form share it."""
    text = _PROGRAMME_NOISE.sub("", normalise(title))
    return re.sub(r"^.{2,9}?(?:自治区|省|市|县|区)(?=.{2,})", "", text)


@dataclass(slots=True)
class _Reading:
    """A form being read: the words of the form as a whole that single fields lean on."""

    form: Form
    subject: Subject
    programme: str
    lexicon: Lexicon
    labels: LabelLanguage
    person: str = ""  # role that unmarked personal facts of the current block belong to
    person_block: tuple[str, ...] = ()
    last_text: str = ""  # the last field of the form that stands for itself, for 电话 that belongs to it
    last_concept: str = ""
    title_groups: frozenset[str] = frozenset()  # groups that the title names: what an unnamed 总计 counts
    repeated: frozenset[str] = frozenset()  # labels that stand on the form more than once
    other_phone: bool = False  # the form asks for a mobile or home telephone, too
    head_named: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    concept: Concept
    role: str  # role the label itself names
    misprint: bool = False


def _concept(reading: _Reading, text: str, holders: tuple[str, ...]) -> _Found | None:
    """The lexicon concept a label names, whole or behind a role word; one that `holders` can have comes first."""
    lexicon = reading.lexicon
    for role, rest in (("", text), split_role(text, lexicon)):
        if role == "" and rest != text:
            continue
        ids = lexicon.concept_words.get(rest, ()) if rest else ()
        if role and not rest and role != "self":  # a column 党员 or 残疾人 may be a tick as well as a name
            ids = ("name",)
        ranked = sorted(
            (lexicon.concepts[i] for i in ids), key=lambda c: min((holders.index(o) for o in c.of if o in holders), default=99)
        )
        for concept in ranked:
            if any(o in holders for o in concept.of) or role:
                return _Found(concept, role)
    role, rest = open_role(text, lexicon)
    if role and "person" in holders:
        return _Found(lexicon.concepts[lexicon.concept_words[rest][0]], "self" if role == reading.subject.self_role else role)
    return None


def _holders(reading: _Reading) -> tuple[str, ...]:
    entity = reading.subject.entity
    if entity in PLACES:
        return ("place", "person") if not reading.subject.own_name else ("person", "place")
    return {
        "person": ("person", "household", "dwelling"),
        "household": ("household", "person", "dwelling"),
        "couple": ("couple", "person", "household"),
        "organisation": ("organisation", "dwelling", "person"),
        "dwelling": ("dwelling", "household", "person"),
    }.get(entity, ("person", "household", "place"))


def _caption_role(reading: _Reading, field: Field) -> str:
    for caption in reversed(field.path[:-1]):
        role = role_of_caption(caption, reading.lexicon)
        if role:
            return role
    return ""


def _person_role(reading: _Reading, found: _Found, caption_role: str, field: Field) -> str:
    """Whose personal fact it is: the label's role, the caption's, the block's (父亲姓名, 出生日期), else the subject."""
    role = caption_role if found.role == "self" and caption_role else found.role or caption_role
    if caption_role in ("child", "spouse", "father", "mother") and found.role not in ("", caption_role, "self"):
        role = f"{caption_role}-{found.role}"
    block = field.path[:-1]
    if found.role and found.concept.id == "name":
        reading.person, reading.person_block = role, block
    elif not found.role and reading.person and block == reading.person_block:
        if found.concept.id == "name":
            reading.person = ""
        elif not caption_role or caption_role != "self":
            role = reading.person if reading.subject.entity != "organisation" else role
    elif not found.role:
        reading.person = ""
    if role in ("self", "applicant") and reading.subject.entity == "person":
        return "self"
    if role:
        return role
    if reading.subject.entity in ("household", "dwelling"):
        return _household_role(reading, found, block)
    if reading.subject.entity == "couple":
        return "couple" if not reading.subject.family else "child"
    return "self"


def _household_role(reading: _Reading, found: _Found, block: tuple[str, ...]) -> str:
    if found.concept.id == "name" and reading.head_named:
        reading.person, reading.person_block = "member", block
        return "member"
    return "head"


def _known(reading: _Reading, field: Field, found: _Found) -> FieldMeaning:
    concept, subject = found.concept, reading.subject
    caption_role = _caption_role(reading, field)
    holders = _holders(reading)
    owners = [o for o in holders if o in concept.of]
    owner = owners[0] if owners else "person"
    role = ""
    context: tuple[str, ...] = ()
    other = (found.role or caption_role) not in ("", "self", *_HEAD_ROLES)
    if owner == "person" or ((found.role or caption_role) and "person" in concept.of) or (other and owner == "household"):
        role = _person_role(reading, found, caption_role, field)
        owner = "person"
    if owner == "person" and role in _HEAD_ROLES and subject.entity == "household" and concept.lift == "household":
        owner, role = "household", ""
    if owner == "person" and role == "applicant" and subject.entity == "household" and concept.id == "name":
        role = "applicant"
    elif owner == "person" and role == "applicant" and subject.entity == "person":
        role = "self"
    if subject.entity == "organisation" and owner == "person" and role == "contact" and "organisation" in concept.of:
        owner, role = "organisation", ""
    if concept.of[0] == "couple":
        owner, role = "couple", ""
    if concept.id == "phone" and reading.last_concept == "work-unit" and reading.other_phone and owner == "person":
        context = ("承工作单位",)
    if field.blank is not None and concept.id in _PLACE_LINES and not caption_role:
        return _filing_place(reading, field, concept)
    if owner == "organisation":
        context = _other_body(reading, field)
    if owner == "place":
        owner = subject.place
        context = _other_body(reading, field)
        if concept.id in _ATTACHED:
            context = (reading.last_text,)
    if owner == "person" and subject.family and role in ("father", "mother", "self"):
        role = f"family-{role}"
    if concept.once or concept.id == "person-kind":
        context = (reading.programme,)
    if owner == "person" and subject.entity in PLACES and not subject.own_name and role == "self":
        context = (reading.last_text, reading.programme)
    if role in ("grandfather", "helper", "witness", "kin", "agent", "tenant") and subject.entity in PLACES:
        context = (reading.programme,)
    if owner == "person" and (role in _OF_THE_SUBJECT or role.startswith("~")) and not context:
        context = (subject.entity,)
    measure = concept.measure
    dimension = _dimension(reading, field, measure)
    meaning = Meaning(owner, role, (concept.id,), measure, _attribute_qualifiers(reading, field), dimension, "", context)
    why = (f"“{field.label}”是{concept.name}",)
    return FieldMeaning(reading.form, field, meaning, concept.name, True, _unit(reading, field), why)


def _other_body(reading: _Reading, field: Field) -> tuple[str, ...]:
    """A caption that names another body on an organisation's form (业主组织/成立日期): its facts are not the organisation's."""
    for caption in reversed(field.path[:-1]):
        if not _is_section(reading, caption):
            return (clean_label(caption),)
    return ()


_PLACE_LINES = {
    "village": "village",
    "place-name": "village",
    "township": "township",
    "county": "county",
    "city": "city",
    "province": "province",
}


def _filing_place(reading: _Reading, field: Field, concept: Concept) -> FieldMeaning:
    """村（社区）：____ above a roster names the place that files it, not a fact of each row."""
    level = _PLACE_LINES[concept.id]
    meaning = Meaning(level, "", ("place-name",), "identity")
    return FieldMeaning(reading.form, field, meaning, concept.name, True, "", (f"“{field.label}”是填报地的名称",))


def _attribute_qualifiers(reading: _Reading, field: Field) -> tuple[tuple[str, str], ...]:
    """Captions can turn a fact into another one: 现宅基地 / 拟申请宅基地 ... 面积."""
    found = []
    for caption in field.path[:-1]:
        text = clean_label(caption)
        if text.startswith(("拟", "新建", "拟申请")):
            found.append(("time", "forecast"))
        if text.startswith("原") or text.startswith("迁出"):
            found.append(("time", "before"))
    return tuple(sorted(set(found)))


def _unit(reading: _Reading, field: Field) -> str:
    if field.unit:
        return field.unit
    _, unit = reading.labels.strip_unit(clean_label(field.label))
    return unit.name if unit else ""


def _dimension(reading: _Reading, field: Field, measure: str) -> str:
    if measure not in ("count", "amount", "area", "ratio"):
        return ""
    unit = reading.lexicon.unit(normalise(_unit(reading, field)))
    if unit is not None and unit.dimension in ("money", "area", "mass", "ratio"):
        return unit.dimension
    return {"count": "count", "amount": "money", "area": "area", "ratio": "ratio"}[measure]


def _heading(reading: _Reading, caption: str) -> str:
    """A caption's words without what only says that a section begins (残疾人情况 -> 残疾人); "" when nothing else is left."""
    lexicon = reading.lexicon
    text = clean_label(caption)
    text = _BRACKETED.sub("", text) or text
    if text in lexicon.sections:
        return ""
    ending = max((e for e in lexicon.section_endings if text.endswith(e)), key=len, default="")
    return text.removesuffix(ending).removesuffix("基本")


def _is_section(reading: _Reading, caption: str) -> bool:
    """A caption that only groups: it names no group of people or things. 配偶信息 says whose a fact is and not what is
    counted; 残疾人情况 does both, so that 残疾人情况/人数 is never the population."""
    words = _heading(reading, caption)
    if not words:
        return True
    if any(reading.labels.kinds[span.text][0] == "group" for span in reading.labels.spans(words)):
        return False
    return bool(role_of_caption(caption, reading.lexicon)) or clean_label(caption).endswith(reading.lexicon.section_endings)


def _inherited(reading: _Reading, field: Field) -> list[Parts]:
    """What the captions above say, innermost first, without those that only group."""
    found = []
    for caption in reversed(field.path[:-1]):
        if _is_section(reading, caption):
            continue
        parts = reading.labels.parts(_heading(reading, caption))
        if _CHAPTER.match(caption):
            parts = replace(parts, qualifiers=tuple(q for q in parts.qualifiers if q[0] in _FROM_CHAPTER))
        found.append(parts)
    return found


_CHAPTER = re.compile(r"^\s*[一二三四五六七八九十]{1,3}[、.．]")
_FROM_CHAPTER = frozenset({"herd", "pure", "state", "age", "sex", "time"})


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


def _effective(reading: _Reading, field: Field) -> _Effective:
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


def _composed(reading: _Reading, field: Field) -> FieldMeaning:
    """A figure: its parts, completed from the captions inside and above the one that names what is counted."""
    lexicon = reading.lexicon
    found = _effective(reading, field)
    parts = found.parts
    unit = lexicon.unit(normalise(field.unit)) if field.unit else None
    dimension = unit.dimension if unit is not None and unit.dimension != "code" else ""
    dimension = dimension or _first(p.dimension for p in (*found.inner, parts, *found.above))
    core = set(parts.core) | {
        c for p in found.inner for c in p.core if p.text not in lexicon.vague and c[1:] not in lexicon.vague
    }
    counted = _first(p.measure for p in (*found.inner, parts)) in ("persons", "households")
    if not core and (counted or dimension in ("person", "household")):
        core |= reading.title_groups or (
            {"@population"} if _merge_qualifiers(parts, [*found.inner, *found.above]) or _says_all(parts) else set()
        )
    core = core or set(reading.title_groups)
    dimension = dimension or _group_default(lexicon, core)
    vague = not core or (found.is_label and parts.text in lexicon.vague)
    context: list[str] = []
    if not vague and not parts.measure and len(found.text) <= 4:
        context += _needed_caption(reading, found.above, core)
    if vague:
        context.append(reading.programme)
    entity, role = _figure_owner(reading, field)
    qualifiers = _merge_qualifiers(Parts("", frozenset(), (), "", "", None), [*found.inner, parts, *found.above])
    measure = (
        "ratio"
        if dimension == "ratio" or parts.measure == "ratio" or any(p.measure == "ratio" for p in found.inner)
        else "figure"
    )
    period = reading.form.period if reading.form.period in _SHORT_PERIODS else ""
    meaning = Meaning(entity, role, tuple(sorted(core)), measure, qualifiers, dimension, period, tuple(context))
    open_text = sum(len(c) - 1 for c in core if c.startswith("~"))
    name = _figure_name(field, found)
    why = (f"由“{'/'.join(field.path)}”组成",)
    return FieldMeaning(reading.form, field, meaning, name, not vague and open_text != 1, _unit(reading, field), why)


def _says_all(parts: Parts) -> bool:
    return parts.text.startswith(("总", "全", "合计"))


def _group_default(lexicon: Lexicon, core: set[str]) -> str:
    groups = [lexicon.groups[c[1:]] for c in sorted(core) if c.startswith("@") and c[1:] in lexicon.groups]
    return groups[0].default if groups and len(groups) == len(core) else ""


def _needed_caption(reading: _Reading, above: Sequence[Parts], core: set[str]) -> list[str]:
    """A short label (文化室, 小麦) means what its caption counts: the caption's own words, unless they are an umbrella
    (畜禽产品) or were taken over as a qualifier (存栏)."""
    for caption in above[:1]:
        words = [c.lstrip("~@") for c in sorted(caption.core - core) if c.lstrip("~") not in reading.lexicon.umbrella]
        if words:
            return ["+".join(words)]
    return []


def _figure_owner(reading: _Reading, field: Field) -> tuple[str, str]:
    subject = reading.subject
    if subject.entity in PLACES or reading.form.kind == "statistic":
        return (subject.entity if subject.entity in PLACES else (subject.place if subject.own_name else subject.entity)), ""
    role = _caption_role(reading, field)
    if role and role not in ("self", "applicant"):
        return "person", role
    if subject.entity == "person":
        return "person", "self"
    return subject.entity, ""


def _figure_name(field: Field, found: _Effective) -> str:
    label = clean_label(field.label)
    return label if found.is_label else f"{found.text}·{label}"


def _open(reading: _Reading, field: Field) -> FieldMeaning:
    """A fact the lexicon does not know: its own words, its owner, and (for words that say little) its captions."""
    lexicon = reading.lexicon
    text = reading.labels.strip_unit(clean_label(field.label))[0]
    role, rest = split_role(text, lexicon)
    caption_role = _caption_role(reading, field)
    entity, owner_role = reading.subject.entity, ""
    if entity in ("person", "couple") or role or caption_role:
        owner_role = role or caption_role or "self"
        if owner_role == "applicant":
            owner_role = "self" if entity == "person" else "head"
        entity = "person" if entity in ("person", "couple", "household") and owner_role != "self" else entity
    word = rest if role and rest else text
    context: list[str] = []
    once = text in lexicon.once or word in lexicon.once or word.endswith(("意见", "原因", "理由"))
    vague = text in lexicon.vague or len(word) <= 2
    if vague and text in reading.repeated:
        context += [clean_label(c) for c in reversed(field.path[:-1]) if clean_label(c) not in lexicon.sections][:1]
    if once or vague:
        context.append(reading.programme)
    meaning = Meaning(
        entity, owner_role, (f"~{word}",), "attribute", _attribute_qualifiers(reading, field), "", "", tuple(context)
    )
    return FieldMeaning(
        reading.form, field, meaning, text, True, _unit(reading, field), (f"“{field.label}”不在词库中，按原文认",)
    )


def _filing(reading: _Reading, field: Field) -> FieldMeaning:
    """About the filing itself. Serial numbers, remarks and opinions stay with their form."""
    text = clean_label(field.label)
    own = () if field.purpose is Purpose.META else (reading.form.file, reading.form.id, field.id)
    meaning = Meaning("filing", "", (f"~{text}",), "attribute", context=own)
    return FieldMeaning(reading.form, field, meaning, text or "（空）", True, why=("关于填报本身",))


def _is_figure(reading: _Reading, field: Field, found: _Found | None) -> bool:
    """Figures of places and counts of groups are composed; a single person's or household's number is a known fact."""
    if reading.subject.entity in PLACES:
        if found is None:
            return field.type is ValueType.NUMBER or bool(reading.lexicon.unit(normalise(field.unit)))
        return (
            field.type is ValueType.NUMBER and found.concept.measure not in ("identity", "date") and not reading.subject.own_name
        )
    if found is not None:
        return False
    return field.type is ValueType.NUMBER


_IS = re.compile(r"^(?:是否|有无)?(?:为|是|属于|属|享受|纳入|列为|列入)?")


def _membership(reading: _Reading, text: str, found: _Found | None) -> tuple[str, bool]:
    """The group whose members a tick or 是/否 counts among (是否低保户, a column 低保对象), "" when it is none; and whether
    the word is one of households (低保家庭)."""
    if reading.subject.entity not in ("person", "household", "couple"):
        return "", False
    if found is not None and not found.concept.id.startswith("is-"):
        return "", False
    for word in (_BRACKETED.sub("", text), found.concept.name if found else ""):
        stem = _IS.sub("", word)
        kind, target = reading.labels.kinds.get(stem, ("", ""))
        if kind == "group" and not reading.lexicon.groups[target].same_as:
            return target, stem.endswith(("户", "家庭"))
    return "", False


def _member_of(reading: _Reading, field: Field, group: str, of_household: bool) -> FieldMeaning:
    role = _caption_role(reading, field)
    entity, owner = ("household", "") if of_household else _figure_owner(reading, field)
    among_members = reading.subject.entity == "household" and reading.person == "member" and not of_household
    if among_members or (reading.person not in ("", "self", "head") and field.path[:-1] == reading.person_block):
        entity, owner = "person", reading.person
    elif entity == "person" and role and role not in ("self", "applicant"):
        owner = role
    meaning = Meaning(entity, owner, ("@" + group,), "member", _attribute_qualifiers(reading, field))
    name = f"是否{reading.lexicon.groups[group].name}"
    return FieldMeaning(
        reading.form, field, meaning, name, True, why=(f"“{field.label}”问是不是{reading.lexicon.groups[group].name}",)
    )


def _read_field(reading: _Reading, field: Field) -> FieldMeaning:
    if field.purpose is not Purpose.DATA:
        return _filing(reading, field)
    text = reading.labels.strip_unit(clean_label(field.label))[0]
    found = _concept(reading, text, _holders(reading))
    if found is None and _BRACKETED.search(text):
        found = _concept(reading, _BRACKETED.sub("", text), _holders(reading))
    if found is None and text in reading.lexicon.vague and len(field.path) > 1:
        above = _BRACKETED.sub("", clean_label(field.path[-2]))
        found = _concept(reading, above + text, _holders(reading))
    if _is_figure(reading, field, found):
        return _composed(reading, field)
    group, of_household = _membership(reading, text, found)
    if group:
        return _member_of(reading, field, group, of_household)
    if found is not None:
        result = _known(reading, field, found)
        reading.last_concept = found.concept.id
        if found.concept.id not in _ATTACHED:
            reading.last_text = text
        return result
    reading.last_text = text
    return _open(reading, field)


def _separate(reading: _Reading, found: list[FieldMeaning]) -> list[FieldMeaning]:
    """Two fields of one form are two facts: those that came out equal get captions, then neighbours, as context."""
    result = list(found)
    for depth in range(1, 6):
        same: dict[Meaning, list[int]] = defaultdict(list)
        for i, item in enumerate(result):
            same[item.meaning].append(i)
        clashes = [indices for indices in same.values() if len(indices) > 1]
        if not clashes:
            return result
        for indices in clashes:
            extra = {i: _distinguishing(reading, result, i, depth) for i in indices}
            if len(set(extra.values())) > 1:
                for i in indices[1:] if depth == 5 else indices:
                    if extra[i]:
                        result[i] = replace(
                            result[i], meaning=replace(result[i].meaning, context=(*result[i].meaning.context, extra[i]))
                        )
    return result


def _distinguishing(reading: _Reading, found: list[FieldMeaning], i: int, depth: int) -> str:
    path = found[i].field.path[:-1]
    if depth <= 3:
        return clean_label(path[-depth]) if len(path) >= depth else ""
    if depth == 4:
        return "/".join(found[i].field.path[:-1])
    for j in range(i - 1, -1, -1):
        other = found[j]
        if (
            other.field.purpose is Purpose.DATA
            and other.meaning.concept != found[i].meaning.concept
            and other.field.path[:-1] == path
        ):
            return "承" + clean_label(other.field.label)
    return ""


def meanings(form: Form, lexicon: Lexicon) -> tuple[FieldMeaning, ...]:
    """The meaning of every field of a form, in the form's order."""
    labels = language(lexicon)
    subject = subject_of(form, lexicon, labels)
    head_named = any(split_role(clean_label(f.label), lexicon)[0] == "head" for f in form.fields)
    phones = any({"mobile", "home-phone"} & set(lexicon.concept_words.get(clean_label(f.label), ())) for f in form.fields)
    reading = _Reading(form, subject, programme_of(form.title), lexicon, labels, other_phone=phones, head_named=head_named)
    groups = labels.parts(programme_of(form.title)).core if form.title else frozenset()
    reading.title_groups = frozenset(core for core in groups if core.startswith("@"))
    reading.repeated = frozenset(label for label, n in Counter(clean_label(f.label) for f in form.fields).items() if n > 1)
    return tuple(_separate(reading, [_read_field(reading, field) for field in form.fields]))


def unknown_words(found: tuple[FieldMeaning, ...]) -> Counter[str]:
    """Labels that the lexicon does not know, how often: what an office could add."""
    return Counter(
        item.name for item in found if any(c.startswith("~") for c in item.meaning.concept) and item.meaning.entity != "filing"
    )
