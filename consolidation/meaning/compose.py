"""Label path + unit + title + subject -> Meaning: which way of reading a field is the right one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from consolidation.lexicon import Lexicon, clean_label
from forms.model import Field, Form, Purpose

from .addresses import part_of_address
from .bands import apart
from .brackets import open_brackets
from .figures import composed_figure, is_figure
from .known import Found, find_concept, holders_of, known_fact
from .language import language
from .model import FieldMeaning
from .other import counts_people, filing_fact, group_of_tick, membership_fact, open_fact
from .roles import split_role
from .separate import separate
from .state import ATTACHED, BRACKETED, FormReading, programme_of
from .subject import subject_of

_OF_THIS = re.compile(r"^(?:本户|本家庭|该户|全户|您家中?|我家)的?")


def _behind_brackets(reading: FormReading, text: str) -> Found | None:
    opened = open_brackets(text, reading.lexicon)
    found = find_concept(reading, opened.text, holders_of(reading))
    if found is None:
        return None
    return replace(found, role=found.role or opened.role, note=opened.note)


def _read_field(reading: FormReading, field: Field) -> FieldMeaning:
    if field.purpose is not Purpose.DATA or field.blocked:
        return filing_fact(reading, field)
    text = reading.labels.strip_unit(clean_label(field.label))[0]
    found = find_concept(reading, text, holders_of(reading))
    if found is None and _OF_THIS.match(text):
        found = find_concept(reading, _OF_THIS.sub("", text), holders_of(reading))
    if found is None and BRACKETED.search(text):
        found = _behind_brackets(reading, text)
    found = part_of_address(reading, field, text, found)
    if found is None and text in reading.lexicon.vague and len(field.path) > 1:
        above = BRACKETED.sub("", clean_label(field.path[-2]))
        found = find_concept(reading, above + text, holders_of(reading))
    if is_figure(reading, field, found) or (found is None and counts_people(reading, field)):
        return composed_figure(reading, field)
    group, of_household = group_of_tick(reading, field, text, found)
    if group:
        return membership_fact(reading, field, group, of_household)
    if found is not None:
        result = known_fact(reading, field, found)
        reading.last_concept = found.concept.id
        if found.concept.id not in ATTACHED:
            reading.last_text = text
        return result
    reading.last_text = text
    return open_fact(reading, field)


def meanings(form: Form, lexicon: Lexicon) -> tuple[FieldMeaning, ...]:
    """The meaning of every field of a form, in the form's order."""
    labels = language(lexicon)
    subject = subject_of(form, lexicon, labels)
    head_named = any(split_role(clean_label(f.label), lexicon)[0] == "head" for f in form.fields)
    phones = any({"mobile", "home-phone"} & set(lexicon.concept_words.get(clean_label(f.label), ())) for f in form.fields)
    reading = FormReading(form, subject, programme_of(form.title), lexicon, labels, other_phone=phones, head_named=head_named)
    groups = labels.parts(programme_of(form.title)).core if form.title else frozenset()
    reading.title_groups = frozenset(core for core in groups if core.startswith("@") and _counted(core, lexicon))
    reading.repeated = frozenset(label for label, n in Counter(clean_label(f.label) for f in form.fields).items() if n > 1)
    asked = Counter(concept for f in form.fields for concept in lexicon.named(labels.strip_unit(clean_label(f.label))[0]))
    reading.once = frozenset(concept for concept, n in asked.items() if n == 1)
    marked = (split_role(clean_label(f.label), lexicon) for f in form.fields if not f.path[:-1])
    reading.asked_of_head = frozenset(c for role, rest in marked if role == "head" for c in lexicon.named(rest) if rest)
    reading.rows_of_members = _rows_of_members(reading)
    found = apart(form, labels, [_read_field(reading, field) for field in form.fields])
    return tuple(separate(reading, found))


def _counted(core: str, lexicon: Lexicon) -> bool:
    """Whether a group is one of people or households: a title's 村民委员会 does not say whose 人数 is meant."""
    group = lexicon.groups.get(core[1:])
    return group is not None and group.default in ("person", "household")


def _rows_of_members(reading: FormReading) -> frozenset[tuple[str, ...]]:
    """Blocks of a household's form whose rows are people: they hold 姓名 and 与户主关系 without saying whose."""
    found: dict[tuple[str, ...], set[str]] = {}
    for field in reading.form.fields:
        ids = reading.lexicon.named(reading.labels.strip_unit(clean_label(field.label))[0])
        found.setdefault(field.path[:-1], set()).update(ids)
    return frozenset(block for block, ids in found.items() if "name" in ids and "relation-to-head" in ids)


def unknown_words(found: tuple[FieldMeaning, ...]) -> Counter[str]:
    """Labels that the lexicon does not know, how often: what an office could add."""
    return Counter(
        item.name for item in found if any(c.startswith("~") for c in item.meaning.concept) and item.meaning.entity != "filing"
    )
