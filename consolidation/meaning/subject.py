"""What a form is about: a person, a household, a couple, an organisation, or a place at its level.

姓名 of the applicant is not 姓名 of the guardian, and 联系电话 of a household is not that of a village: every field's
meaning starts from here. Evidence is the form's own labels first, its title second.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from consolidation.lexicon import Lexicon, clean_label, normalise
from forms.model import Field, Form, Kind, Purpose, ValueType

from .language import LabelLanguage
from .roles import block_roles, open_role, role_of_caption, split_role

_STRONG_ORGANISATION = frozenset(
    {"uscc", "org-code", "licence-number", "legal-representative", "registered-capital", "business-address", "business-scope",
     "registration-kind", "food-licence", "industry", "operator-name", "business-content", "revenue", "employees", "org-status"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """`entity`: what the form is about; `place`: level of the place its figures are of; `own_name`: 姓名 without any
    role is asked, so that personal facts without a role are that person's; `roles`: roles that occur on the form."""

    entity: str
    place: str
    own_name: bool
    roles: frozenset[str]
    family: bool = False  # mother, father and child of one application, no person concerned
    members: bool = False  # rows are members of households
    block_roles: Mapping[tuple[str, ...], str] = dataclasses.field(default_factory=dict)  # of blocks about other people
    sure: bool = True  # the rule that decided leaves no doubt whose the unmarked facts are
    self_role: str = ""  # the open role that names the person concerned (矫正对象姓名 -> "~矫正对象")
    why: str = ""


def _caption_roles(field: Field, lexicon: Lexicon, blocks: Mapping[tuple[str, ...], str]) -> list[str]:
    if field.path[:-1] in blocks:
        return [blocks[field.path[:-1]]]
    return [role for caption in field.path[:-1] if (role := role_of_caption(caption, lexicon))]


def _labels(form: Form) -> list[tuple[Field, str]]:
    return [(f, clean_label(f.label)) for f in form.fields if f.purpose is Purpose.DATA]


def _place_level(title: str, labels: list[tuple[Field, str]], form: Form, lexicon: Lexicon) -> str:
    """The level of the place that figures are of; "place" when nothing on the form says it."""
    rules = lexicon.places
    if form.kind is Kind.ROSTER:  # one row a place: its name's column says which
        named = {concept for f, label in labels if len(f.path) == 1 for concept in lexicon.named(label)}
        if named & {"place-name", "village"}:
            return "village"
        if "township" in named:
            return "township"
    lines = normalise(" ".join((*form.lines, *form.notes)))
    for text, patterns in ((title, rules.titles), (lines, rules.lines)):
        for level, pattern in patterns:
            if pattern.search(text):
                return level
    text = " ".join(label for _, label in labels)
    for level, pattern in rules.labels:
        if level == "large-units":
            if sum(f.unit in rules.large_units for f, _ in labels) > len(labels) * 0.3:
                return "county"
        elif pattern.search(text):
            return level
    return "place"


def _title_entity(title: str, lexicon: Lexicon) -> str:
    """The entity whose longest word stands latest in the title: the head of a Chinese noun phrase comes last."""
    best = ("", -1, 0)
    for entity, words in lexicon.subjects:
        for word in words:
            at = title.rfind(word)
            if at >= 0 and (at + len(word), len(word)) > (best[1], best[2]):
                best = (entity, at + len(word), len(word))
    return best[0]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a form's title and labels say about its subject."""

    title: str
    hinted: str  # entity its title names
    roles: Counter[str]
    concepts: Counter[str]
    own_name: bool
    figures: int
    total: int
    household_captions: int
    household_facts: int
    house_facts: int
    person_facts: int
    row_relation: bool  # 与户主关系 is asked without saying whose

    @property
    def figure_form(self) -> bool:
        least = 1 if self.counts and not self.own_name else 3  # a 统计表 of two lines still counts something
        return self.total > 0 and self.figures >= max(least, self.total * 0.5)

    @property
    def of_organisation(self) -> int:
        return sum(1 for concept in _STRONG_ORGANISATION if self.concepts[concept])

    @property
    def counts(self) -> bool:
        return "统计" in self.title


# Rules after which a person may still ask whether the rows are the people concerned, heads or members of households.
_DOUBTFUL = frozenset(
    (
        "题目说的是家庭成员",
        "每行一个人，并填与户主关系",
        "题目说的是户，姓名是户主的",
        "题目说的是户，姓名是家庭成员的",
        "申请人代表家庭申请",
        "没有更明确的依据",
        "多数栏目是个人的情况",
    )
)
_FAMILY_COLUMNS = ("household-code", "family-relation")  # rows with them may be members of households
_MEMBER_TITLE = re.compile(r"^家庭成员|家庭成员[^申审批]{0,6}$|成员子?表$|家庭人[口员](?:明细|基本|情况|信息|统计|登记|花?名)")
_PLACE_WORDS = ("village", "township", "county", "city")
_Rule = tuple[str, str, Callable[[_Evidence], bool]]
# In this order: the first rule that holds says what the form is about.
_RULES: tuple[_Rule, ...] = (
    ("couple", "表上有女方和男方两栏", lambda e: bool(e.roles["wife"] and e.roles["husband"])),
    ("dwelling", "题目和栏目说的是房屋",
     lambda e: e.hinted == "dwelling" and e.house_facts >= 2 and not e.own_name and not e.figure_form and not e.counts),
    ("household", "题目说的是户，姓名是家庭成员的",
     lambda e: e.own_name and bool(e.roles["head"]) and e.household_facts >= 2 and e.hinted == "household"),
    ("members", "题目说的是家庭成员", lambda e: bool(_MEMBER_TITLE.search(e.title)) and not e.figure_form),
    ("person", "每行一个人，并填与户主关系",
     lambda e: e.concepts["relation-to-head"] > 0 and e.row_relation and e.person_facts >= 3 and not e.figure_form),
    ("household", "题目说的是户，姓名是户主的",
     lambda e: e.own_name and e.hinted == "household" and e.household_facts >= 3 and not e.figure_form),
    ("household", "申请人代表家庭申请",
     lambda e: bool(e.roles["member"])
     and ((e.roles["applicant"] >= 3 and e.household_facts >= 2 and e.hinted != "person")
          or (e.concepts["applicant-name"] > 0 and e.hinted == "household" and not e.own_name))),
    ("person", "表上直接填姓名", lambda e: e.own_name and not e.figure_form and e.of_organisation < 3),
    ("person", "表上填申请人姓名",
     lambda e: bool(e.concepts["applicant-name"]) and not e.roles["head"] and e.household_facts < 3 and e.of_organisation < 2
     and not e.figure_form),
    ("family", "表上有母亲、父亲而没有本人",
     lambda e: bool(e.roles["father"] and e.roles["mother"]) and not e.own_name and not e.figure_form),
    ("household", "多数栏目是家庭的情况",
     lambda e: not e.own_name and e.household_facts >= 5 and (e.household_captions > e.total * 0.25 or bool(e.roles["head"]))
     and not e.counts),
    ("place", "多数栏目是统计数字",
     lambda e: e.figure_form and (e.hinted in _PLACE_WORDS
                                  or (e.concepts["place-name"] > 0 and not e.concepts["org-name"] and not e.hinted))),
    ("organisation", "表上填单位名称、代码或经营情况",
     lambda e: not (e.hinted == "person" and e.person_facts > e.of_organisation)
     and (e.of_organisation >= 2 or (bool(e.concepts["org-name"]) and e.hinted == "organisation")
          or (e.of_organisation > 0 and not e.own_name))),
    ("household", "多数栏目是家庭的情况",
     lambda e: e.household_facts >= 4 and e.household_facts > e.figures * 0.5 and not e.counts),
    ("place", "多数栏目是统计数字", lambda e: e.figure_form and (e.hinted != "household" or e.counts)),
    ("household", "表上填户主或家庭情况",
     lambda e: bool(e.roles["head"] or e.concepts["household-size"]) or e.hinted == "household"),
    ("place", "题目说的是村（社区）或更上一级", lambda e: e.hinted in _PLACE_WORDS),
    ("dwelling", "题目说的是房屋", lambda e: bool(e.concepts["house-address"]) and e.hinted == "dwelling"),
    ("person", "题目说的是人", lambda e: e.hinted == "person"),
    ("organisation", "题目说的是单位", lambda e: e.hinted == "organisation"),
    ("dwelling", "题目说的是房屋", lambda e: e.hinted == "dwelling"),
    ("couple", "题目说的是夫妻", lambda e: e.hinted == "couple"),
    ("person", "多数栏目是个人的情况", lambda e: e.person_facts >= max(2, e.total * 0.3) and not e.figure_form),
    ("place", "多数栏目是统计数字", lambda e: e.figures * 2 > e.total),
    ("item", "没有更明确的依据", lambda e: e.figures * 4 < e.total and not e.own_name and not e.concepts["place-name"]
     and not e.concepts["id-number"] and not e.concepts["certificate-number"]),
    ("person", "没有更明确的依据", lambda e: e.own_name or bool(e.concepts["id-number"] or e.concepts["certificate-number"])),
)  # fmt: skip


def _speaks_of_another(role: str, lexicon: Lexicon) -> bool:
    """Whether an open role ends in a role the lexicon knows (原配偶, 孩子父亲): then it is not the person concerned."""
    others = (word for word, known in lexicon.role_words.items() if known not in ("self", "applicant") and len(word) > 1)
    return role.endswith(tuple(others)) or role.endswith(lexicon.staff)


def names_concerned(role: str, title: str, subject: Subject, lexicon: Lexicon) -> bool:
    """Whether an open role is what the title calls the person concerned: 士兵身份证号码 in 退役士兵报到登记表."""
    word = role.removeprefix("~")
    about = subject.entity == "person" and len(word) > 1 and word in normalise(title)
    return about and not _speaks_of_another(word, lexicon)


@dataclass(slots=True)
class _Tally:
    """Labels and captions counted, one field after the other."""

    roles: Counter[str]
    concepts: Counter[str]
    own_name: bool = False
    figures: int = 0
    self_role: str = ""
    row_relation: bool = False
    blocks: Mapping[tuple[str, ...], str] = dataclasses.field(default_factory=dict)

    def add(self, field: Field, label: str, lexicon: Lexicon, labels: LabelLanguage) -> None:
        captions = _caption_roles(field, lexicon, self.blocks)
        others = set(captions) - {"self", "applicant"}
        text, _ = labels.strip_unit(label)
        ids = lexicon.named(text)
        role, rest = split_role(text, lexicon)
        self.roles.update(captions)
        if role and not ids:
            self.roles[role] += 1
        self.concepts.update(ids)
        if role == "self" and rest == "姓名" and not others:
            ids = ("name",)
        self.concepts["applicant-name"] += role == "applicant" and rest in ("", "姓名")
        self.own_name = self.own_name or ("name" in ids and not others)
        if not ids and not role and not self.self_role and not captions:
            found, what = open_role(text, lexicon)
            self.self_role = found if what == "姓名" and not _speaks_of_another(found, lexicon) else ""
        self.row_relation = self.row_relation or ("relation-to-head" in ids and not captions)
        self.figures += field.type is ValueType.NUMBER and not ids


def _block_roles(pairs: list[tuple[Field, str]], lexicon: Lexicon, labels: LabelLanguage) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], set[str]] = {}
    for field, label in pairs:
        found.setdefault(field.path[:-1], set()).update(lexicon.named(labels.strip_unit(label)[0]))
    return block_roles({block: frozenset(ids) for block, ids in found.items()}, lexicon)


def subject_of(form: Form, lexicon: Lexicon, labels: LabelLanguage) -> Subject:
    """What the form is about. Never fails: the least certain case is a village's figures."""
    title = normalise(form.title)
    pairs = _labels(form)
    blocks = _block_roles(pairs, lexicon, labels)
    tally = _Tally(Counter(), Counter(), blocks=blocks)
    for field, label in pairs:
        tally.add(field, label, lexicon, labels)
    known = [lexicon.concepts[c] for c in tally.concepts if c in lexicon.concepts]
    evidence = _Evidence(
        title,
        _title_entity(title, lexicon),
        tally.roles,
        tally.concepts,
        tally.own_name,
        tally.figures,
        len(pairs),
        sum(any("家庭" in c or "住房" in c for c in f.path[:-1]) for f, _ in pairs),
        sum(c.of[0] == "household" and "dwelling" not in c.of for c in known),
        sum("dwelling" in c.of for c in known),
        sum(c.of[0] == "person" for c in known),
        tally.row_relation,
    )
    entity, why = next(((found, why) for found, why, holds in _RULES if holds(evidence)), ("place", "没有更明确的依据"))
    applicant = entity == "person" and tally.concepts["applicant-name"] > 0
    self_role = "" if tally.own_name or applicant or entity != "person" else tally.self_role
    place = _place_level(title, pairs, form, lexicon)
    subject = {"place": place, "family": "couple", "members": "household"}.get(entity, entity)
    own_name = tally.own_name or applicant or bool(self_role)
    members = entity == "members"
    of_a_family = entity == "person" and form.kind is Kind.ROSTER and any(tally.concepts[c] for c in _FAMILY_COLUMNS)
    return Subject(
        subject,
        place,
        own_name,
        frozenset(tally.roles),
        entity == "family",
        members,
        blocks,
        why not in _DOUBTFUL and not of_a_family,
        self_role,
        why,
    )
