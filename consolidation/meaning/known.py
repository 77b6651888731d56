"""Facts the lexicon names whole (身份证号, 户籍地址): whose they are, and when they need the caption they stand under."""

from __future__ import annotations

import re
from dataclasses import dataclass

from consolidation.lexicon import Concept, clean_label, normalise
from forms.model import Field

from .captions import is_section
from .model import PLACES, FieldMeaning, Meaning
from .roles import open_role, split_role
from .state import ATTACHED, HEAD_ROLES, FormReading, attribute_qualifiers, caption_role_of, unit_of
from .subject import names_concerned

# Roles that a person has towards what the form is about: an enterprise's 负责人 is not a household's.
_OF_THE_SUBJECT = frozenset({"manager", "contact", "agent", "witness", "helper", "operator", "legal-rep", "sponsor"})


_VILLAGE = re.compile(r"村|社区|居委")
_IDENTITY_PAPERS = frozenset({"certificate-type", "id-number", "certificate-number"})
_LOOSE_ROLES = frozenset({"grandfather", "helper", "witness", "kin", "agent", "tenant"})
_PLACE_LINES = {
    "village": "village",
    "place-name": "village",
    "township": "township",
    "county": "county",
    "city": "city",
    "province": "province",
}
_ALWAYS_PEOPLE = frozenset({"self", "head", "spouse", "father", "mother", "child", "member", "guardian", "landlord"})
# People who serve the person concerned, and what is asked of them behind their name.
_ON_DUTY = frozenset(
    {"teacher", "headmaster", "doctor", "duty-doctor", "follow-doctor", "village-doctor", "police", "grid-worker", "grid-head",
     "social-worker", "building-head", "child-director", "contact", "emergency-contact"}
)  # fmt: skip
_ASKED_OF_STAFF = frozenset(
    {"name", "sex", "phone", "mobile", "office-phone", "id-number", "work-unit", "job-title", "relation-to-person"}
)
_OWN_FIRST = frozenset({"sex", "nation", "birth-date", "birth-month", "age"})
_RELATED = frozenset({"head", "applicant", "member"})  # captions under which a relation stands for the rows of a family
# What forms ask of a relative or guardian behind his name; other facts end the run of columns that are about him.
_ASKED_OF_KIN = frozenset(
    {"name", "sex", "nation", "birth-date", "birth-month", "age", "id-number", "certificate-type", "certificate-number", "phone",
     "mobile", "home-phone", "work-unit", "occupation", "education", "political-status", "relation-to-person",
     "relation-to-head", "township", "village", "current-address", "registered-address"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    concept: Concept
    role: str  # role the label itself names
    note: str = ""  # what a bracket adds that changes the fact


def find_concept(reading: FormReading, text: str, holders: tuple[str, ...]) -> Found | None:
    """The lexicon concept a label names, whole or behind a role word; one that `holders` can have comes first."""
    lexicon = reading.lexicon
    for role, rest in (("", text), split_role(text, lexicon)):
        if role == "" and rest != text:
            continue
        ids = lexicon.named(rest) if rest else ()
        stands_alone = role != "self" or reading.subject.entity == "household"  # 享受人 beside 户主姓名 is a name
        if role and not rest and stands_alone and reading.labels.kinds.get(text, ("", ""))[0] != "group":
            # a column 党员 or 孕产妇 may be a tick as well as a name
            ids = ("name",)
        if rest in ("名称", "名字") and role in _ALWAYS_PEOPLE:
            ids = ("name",)
        ranked = sorted(
            (lexicon.concepts[i] for i in ids), key=lambda c: min((holders.index(o) for o in c.of if o in holders), default=99)
        )
        for concept in ranked:
            if any(o in holders for o in concept.of) or role:
                return Found(concept, role)
    role, rest = open_role(text, lexicon)
    if role and reading.subject.entity == "organisation" and role[1:] in dict(lexicon.subjects)["organisation"]:
        return find_concept(reading, rest, holders)  # 企业联系电话 of an enterprise is its own
    if role and "person" in holders:
        concerned = role == reading.subject.self_role or names_concerned(role, reading.form.title, reading.subject, lexicon)
        return Found(lexicon.concepts[lexicon.concept_words[rest][0]], "self" if concerned else role)
    return None


def holders_of(reading: FormReading) -> tuple[str, ...]:
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


def _ends_run(reading: FormReading, found: Found, role: str, block: tuple[str, ...]) -> bool:
    """Keeps account of whose facts the columns are about, from one person's name to the next; whether `found` ends it."""
    if found.role:
        if found.concept.id == "name":
            reading.person, reading.person_block, reading.person_repeated = role, block, False
        elif role == reading.person:
            reading.person_repeated = True
        return False
    # 监护人姓名, 监护人电话, 婚姻状况: who is meant is said each time, so what stands behind them is the own one
    own = reading.person_repeated and found.concept.id not in _ASKED_OF_KIN
    own = own or (reading.person in _ON_DUTY and found.concept.id not in _ASKED_OF_STAFF)
    if block != reading.person_block or found.concept.id == "name" or own:
        reading.person = ""
    return not reading.person


def _asks_own(reading: FormReading, found: Found) -> bool:
    """Whether a fact behind another person's name is the own one: 监护人姓名, 性别, 年龄 where nobody else's is asked."""
    subject = reading.subject
    return subject.entity == "person" and subject.own_name and found.concept.id in _OWN_FIRST and found.concept.id in reading.once


def _person_role(reading: FormReading, found: Found, caption_role: str, field: Field) -> str:
    """Whose personal fact it is: the label's role, the caption's, the block's (父亲姓名, 出生日期), else the subject."""
    role = caption_role if found.role == "self" and caption_role else found.role or caption_role
    if caption_role in ("child", "spouse", "father", "mother") and found.role not in ("", caption_role, "self"):
        role = f"{caption_role}-{found.role}"
    block = field.path[:-1]
    ended = _ends_run(reading, found, role, block)
    if found.concept.id == "relation-to-head" and role not in _RELATED and reading.person in HEAD_ROLES:
        reading.person, ended = "", True  # 户主姓名, 与户主关系: nobody is asked how he is related to himself
    if not (found.role or caption_role) and _asks_own(reading, found):
        reading.person, ended = "", True
    if not (found.role or ended or caption_role == "self") and reading.subject.entity != "organisation":
        role = reading.person
    if role in ("self", "applicant") and reading.subject.entity == "person":
        return "self"
    if role:
        return role
    if reading.subject.entity in ("household", "dwelling"):
        return _household_role(reading, found, block)
    if reading.subject.entity == "couple":
        return "couple" if not reading.subject.family else "child"
    return "self"


def _household_role(reading: FormReading, found: Found, block: tuple[str, ...]) -> str:
    if reading.subject.members or found.concept.id in reading.asked_of_head:
        return "member"
    if found.concept.id == "name" and (reading.head_named or block in reading.rows_of_members):
        reading.person, reading.person_block = "member", block
        return "member"
    return "member" if block in reading.rows_of_members else "head"


def _owner(reading: FormReading, field: Field, found: Found, caption_role: str) -> tuple[str, str]:
    """(kind of entity, role) that the fact belongs to."""
    concept, subject = found.concept, reading.subject
    if concept.of[0] == "couple":
        return "couple", ""
    owners = [o for o in holders_of(reading) if o in concept.of]
    owner = owners[0] if owners else "person"
    role = found.role or caption_role
    if concept.lift == "household" and found.role == "head":
        return "household", ""  # 户主联系电话 is the household's, on a roster of persons, too
    of_family = role == "member" and concept.name.startswith("家庭")  # 家庭成员情况/家庭人口数 is no member's
    other = role not in ("", "self", *HEAD_ROLES) and not of_family
    if not (owner == "person" or (role and "person" in concept.of) or (other and owner == "household")):
        named_village = concept.id == "place-name" and _VILLAGE.search(field.label)
        return ("village" if named_village else subject.place if owner == "place" else owner), ""
    role = _person_role(reading, found, caption_role, field)
    if role in HEAD_ROLES and subject.entity == "household" and concept.lift == "household":
        return "household", ""
    if role == "applicant" and subject.entity == "person":
        role = "self"
    if subject.entity == "organisation" and role == "contact" and "organisation" in concept.of:
        return "organisation", ""
    if subject.family and role in ("father", "mother", "self"):
        role = f"family-{role}"
    return "person", role


def _context(reading: FormReading, field: Field, concept: Concept, owner: str, role: str) -> tuple[str, ...]:
    """What must be equal besides, for facts that only mean something where they stand."""
    subject = reading.subject
    in_place = subject.entity in PLACES
    if concept.once or subject.entity == "item":
        return (reading.programme,)
    if owner in PLACES and concept.id in ATTACHED:
        return (reading.last_text,)
    if owner == "organisation" or owner in PLACES:
        return _other_body(reading, field)
    if owner != "person":
        return ()
    if in_place and not subject.own_name and role == "self":
        return (reading.last_text, reading.programme)
    if in_place and role in _LOOSE_ROLES:
        return (reading.programme,)
    if concept.id == "phone" and reading.last_concept == "work-unit" and reading.other_phone:
        return ("承工作单位",)
    if concept.id == "certificate-number" and "证" in reading.last_text and reading.last_concept not in _IDENTITY_PAPERS:
        return (reading.last_text,)  # 办证类型, 证件号码: the number of that certificate
    return (subject.entity,) if role in _OF_THE_SUBJECT or role.startswith("~") else ()


def known_fact(reading: FormReading, field: Field, found: Found) -> FieldMeaning:
    """The meaning of a field whose label is a concept of the lexicon."""
    concept = found.concept
    caption_role = caption_role_of(reading, field)
    if field.blank is not None and concept.id in _PLACE_LINES and not caption_role:
        return _filing_place(reading, field, concept)
    owner, role = _owner(reading, field, found, caption_role)
    context = _context(reading, field, concept, owner, role)
    dimension = _dimension(reading, field, concept.measure)
    qualifiers = attribute_qualifiers(reading, field)
    if found.note:
        qualifiers = tuple(sorted((*qualifiers, ("note", found.note))))
    meaning = Meaning(owner, role, (concept.id,), concept.measure, qualifiers, dimension, "", context)
    why = (f"“{field.label}”是{concept.name}",)
    guessed = owner == "person" and not reading.subject.sure and not found.role and not caption_role
    return FieldMeaning(reading.form, field, meaning, concept.name, True, unit_of(reading, field), why, guessed)


def _other_body(reading: FormReading, field: Field) -> tuple[str, ...]:
    """A caption that names another body on an organisation's form (业主组织/成立日期): its facts are not the organisation's."""
    for caption in reversed(field.path[:-1]):
        if not is_section(reading, caption):
            return (clean_label(caption),)
    return ()


def _filing_place(reading: FormReading, field: Field, concept: Concept) -> FieldMeaning:
    """村（社区）：____ above a roster names the place that files it, not a fact of each row."""
    level = _PLACE_LINES[concept.id]
    meaning = Meaning(level, "", ("place-name",), "identity")
    return FieldMeaning(reading.form, field, meaning, concept.name, True, "", (f"“{field.label}”是填报地的名称",))


def _dimension(reading: FormReading, field: Field, measure: str) -> str:
    if measure not in ("count", "amount", "area", "ratio"):
        return ""
    unit = reading.lexicon.unit(normalise(unit_of(reading, field)))
    if unit is not None and unit.dimension in ("money", "area", "mass", "ratio"):
        return unit.dimension
    return {"count": "count", "amount": "money", "area": "area", "ratio": "ratio"}[measure]
