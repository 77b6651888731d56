"""Facts the lexicon does not know, ticks that say whether somebody belongs to a group, and the filing itself."""

from __future__ import annotations

import re

from consolidation.lexicon import clean_label
from forms.model import Field, Purpose

from .figures import figure_owner
from .known import Found
from .model import FieldMeaning, Meaning
from .roles import split_role
from .state import BRACKETED, FormReading, attribute_qualifiers, caption_role_of, unit_of


def open_fact(reading: FormReading, field: Field) -> FieldMeaning:
    """A fact the lexicon does not know: its own words, its owner, and (for words that say little) its captions."""
    lexicon = reading.lexicon
    text = reading.labels.strip_unit(clean_label(field.label))[0]
    role, rest = split_role(text, lexicon)
    caption_role = caption_role_of(reading, field)
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
    if once or vague or entity == "item":
        context.append(reading.programme)
    meaning = Meaning(
        entity, owner_role, (f"~{_plain(word)}",), "attribute", attribute_qualifiers(reading, field), "", "", tuple(context)
    )
    return FieldMeaning(
        reading.form, field, meaning, text, True, unit_of(reading, field), (f"“{field.label}”不在词库中，按原文认",)
    )


_CONDITION = re.compile(r"(?:基本)?(?:状况|状态|现状)$")
_AND = re.compile(r"(?<=[\u4e00-\u9fff])(?:以及|[和与及、/])(?=[\u4e00-\u9fff])")
_WHETHER = re.compile(r"^(?:有无|是否有|是否存在|是否具有|是否具备)")


def _plain(word: str) -> str:
    """One spelling of an unknown fact: 困难和诉求 is 困难及诉求, 在校生状况 is 在校生情况, 有无厕所 is 是否有厕所."""
    text = _WHETHER.sub("是否有", _CONDITION.sub("情况", word))
    return _AND.sub("、", text).replace("的", "") if not text.startswith("与") else text


def filing_fact(reading: FormReading, field: Field) -> FieldMeaning:
    """About the filing itself, or a cell printed “—” that asks nothing. Serial numbers, remarks and opinions stay with
    their form."""
    text = clean_label(field.label)
    own = () if field.purpose is Purpose.META else (reading.form.file, reading.form.id, field.id)
    meaning = Meaning("filing", "", (f"~{text}",), "attribute", context=own)
    return FieldMeaning(reading.form, field, meaning, text or "（空）", True, why=("关于填报本身",))


_IS = re.compile(r"^(?:是否|有无)?(?:为|是|属于|属|享受|纳入|列为|列入)?")


def counts_people(reading: FormReading, field: Field) -> bool:
    """Whether a caption above says that heads are counted (保障人口/其中/老年人), so that a group's name is no tick."""
    if caption_role_of(reading, field):
        return False  # 家庭人员/工作单位: the rows are people, none is counted
    captions = (reading.labels.parts(caption) for caption in field.path[:-1])
    return any(p.measure in ("persons", "households") or p.text.endswith(("人口", "人员")) for p in captions)


def group_of_tick(reading: FormReading, field: Field, text: str, found: Found | None) -> tuple[str, bool]:
    """The group whose members a tick or 是/否 counts among (是否低保户, a column 低保对象), "" when it is none; and whether
    the word is one of households (低保家庭)."""
    if reading.subject.entity not in ("person", "household", "couple") or counts_people(reading, field):
        return "", False
    if found is not None and not found.concept.id.startswith("is-"):
        return "", False
    for word in (BRACKETED.sub("", text), found.concept.name if found else ""):
        stem = _IS.sub("", word)
        kind, target = reading.labels.kinds.get(stem, ("", ""))
        if kind == "group" and not reading.lexicon.groups[target].same_as:
            return target, stem.endswith(("户", "家庭"))
    return "", False


def membership_fact(reading: FormReading, field: Field, group: str, of_household: bool) -> FieldMeaning:
    role = caption_role_of(reading, field)
    entity, owner = ("household", "") if of_household else figure_owner(reading, field)
    if reading.subject.members and not of_household:
        reading.person = "member"
    among_members = reading.subject.entity == "household" and reading.person == "member" and not of_household
    if among_members or (reading.person not in ("", "self", "head") and field.path[:-1] == reading.person_block):
        entity, owner = "person", reading.person
    elif entity == "person" and role and role not in ("self", "applicant"):
        owner = role
    meaning = Meaning(entity, owner, ("@" + group,), "member", attribute_qualifiers(reading, field))
    name = f"是否{reading.lexicon.groups[group].name}"
    return FieldMeaning(
        reading.form, field, meaning, name, True, why=(f"“{field.label}”问是不是{reading.lexicon.groups[group].name}",)
    )
