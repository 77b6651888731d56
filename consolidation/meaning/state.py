"""A form while its meanings are read: the words of the form as a whole that single fields lean on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from consolidation.lexicon import Lexicon, clean_label, normalise
from forms.model import Field, Form

from .language import LabelLanguage
from .roles import role_of_caption
from .subject import Subject

BRACKETED = re.compile(r"\([^()]*\)")


_PROGRAMME_NOISE = re.compile(
    r"\([^()]*\)|《|》|\d{4}年?度?|[第\d]+[季月]度?|导出|编辑|样表|样本|模板|空白|汇总|统计|登记|申请|申报|审批|情况|基本|信息|明细|采集|花名册|名册|名单|台账|一览|表$|表"
)


_NUMBERED = re.compile(r"^(?:附件|附表|表)?[\d.\-_、:]+(?=[\u4e00-\u9fff])")


ATTACHED = frozenset(
    {"phone", "mobile", "office-phone", "org-contact", "email", "fax", "postcode", "home-phone", "place-office-address"}
)


HEAD_ROLES = frozenset({"head", "applicant"})


SHORT_PERIODS = frozenset({"daily", "weekly", "monthly", "quarterly", "half-yearly"})


def programme_of(title: str) -> str:
    """What the form is for, without its place, year and kind of table: two editions of a form share it."""
    text = _NUMBERED.sub("", _PROGRAMME_NOISE.sub("", normalise(title)))
    return re.sub(r"^.{2,9}?(?:自治区|省|市|县|区)(?=.{2,})", "", text)


@dataclass(slots=True)
class FormReading:
    """A form being read: the words of the form as a whole that single fields lean on."""

    form: Form
    subject: Subject
    programme: str
    lexicon: Lexicon
    labels: LabelLanguage
    person: str = ""  # role that unmarked personal facts of the current block belong to
    person_block: tuple[str, ...] = ()
    person_repeated: bool = False  # that role was named again in a later label of the block
    last_text: str = ""  # the last field of the form that stands for itself, for 电话 that belongs to it
    last_concept: str = ""
    title_groups: frozenset[str] = frozenset()  # groups that the title names: what an unnamed 总计 counts
    repeated: frozenset[str] = frozenset()  # labels that stand on the form more than once
    once: frozenset[str] = frozenset()  # concepts that the form asks for once
    asked_of_head: frozenset[str] = frozenset()  # concepts that the form asks of the head by name (户主身份证号)
    other_phone: bool = False  # the form asks for a mobile or home telephone, too
    head_named: bool = False
    rows_of_members: frozenset[tuple[str, ...]] = frozenset()  # blocks with both a name and its relation to the head


def caption_role_of(reading: FormReading, field: Field) -> str:
    """The role that the captions above a field give it: by their words, else by what stands in their block."""
    by_block = reading.subject.block_roles.get(field.path[:-1])
    if by_block:
        return by_block
    for caption in reversed(field.path[:-1]):
        role = role_of_caption(caption, reading.lexicon)
        if role:
            return role
    return ""


def attribute_qualifiers(reading: FormReading, field: Field) -> tuple[tuple[str, str], ...]:
    """Captions can turn a fact into another one: 现宅基地 / 拟申请宅基地 ... 面积."""
    found = []
    for caption in field.path[:-1]:
        text = clean_label(caption)
        if text.startswith(("拟", "新建", "拟申请")):
            found.append(("time", "forecast"))
        if text.startswith("原") or text.startswith("迁出"):
            found.append(("time", "before"))
    return tuple(sorted(set(found)))


def unit_of(reading: FormReading, field: Field) -> str:
    if field.unit:
        return field.unit
    _, unit = reading.labels.strip_unit(clean_label(field.label))
    return unit.name if unit else ""
