"""A new form against what is already held (报表准入): which of its fields are held, derivable, new or doubtful."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consolidation.consolidate import Consolidation, consolidate
from consolidation.match import Decisions
from consolidation.model import Element, FieldKey
from forms.model import Form, Purpose, Reading

SORTS = {"held": "已有", "derivable": "可推算", "doubtful": "待确认", "new": "新增"}
LAW = "《政务数据共享条例》（国务院令第809号）第十九条"
BAN = "通过共享获取政务数据能够满足履行职责需要的，政府部门不得重复收集"
"""The rule of the article in our words, not the article's."""


@dataclass(frozen=True)
class Admission:
    """A new form against what is already held (报表准入): which of its fields are held, derivable, new or doubtful."""

    form: Form
    held: tuple[Element, ...]
    derivable: tuple[Element, ...]
    new: tuple[Element, ...]
    doubtful: tuple[Element, ...]

    @property
    def verdict(self) -> str:
        return verdict_of([self])

    @property
    def sorts(self) -> Mapping[str, tuple[Element, ...]]:
        """The elements by what is known about them, in the order of `SORTS`."""
        return {"held": self.held, "derivable": self.derivable, "doubtful": self.doubtful, "new": self.new}


def verdict_of(admissions: Iterable[Admission]) -> str:
    """47 栏：39 栏已有，5 栏可推算，3 栏新增. A fact that several tables of one file ask for counts once."""
    found: dict[str, set[str]] = {sort: set() for sort in SORTS}
    for admission in admissions:
        for sort, elements in admission.sorts.items():
            found[sort] |= {element.id for element in elements}
    total = sum(map(len, found.values()))
    return f"{total} 栏：" + "，".join(f"{len(found[sort])} 栏{word}" for sort, word in SORTS.items())


def admissions_json(admissions: Iterable[Admission]) -> dict[str, Any]:
    """`yibiao check --json`: per form its verdict, and the elements by what is known about them."""

    def names(elements: Sequence[Element]) -> list[dict[str, str]]:
        return [{"id": element.id, "name": element.name} for element in elements]

    return {
        "forms": [
            {
                "file": a.form.file,
                "form": a.form.id,
                "title": a.form.title,
                "verdict": a.verdict,
                "held": names(a.held),
                "derivable": names(a.derivable),
                "doubtful": names(a.doubtful),
                "new": names(a.new),
            }
            for a in admissions
        ]
    }


def admit(readings: Sequence[Reading], held: Sequence[Reading]) -> tuple[Admission, ...]:
    """`yibiao check`: each form of `readings` against the forms already in use (`held`)."""
    return admitted(consolidate((*held, *readings)), readings, Decisions())


def admitted(result: Consolidation, readings: Sequence[Reading], decisions: Decisions) -> tuple[Admission, ...]:
    """Each form of `readings` within `result`, which merges them with the forms already in use. `decisions`: what people have
    said about the doubtful pairs of `result` since."""
    own_files = {reading.book.file for reading in readings}
    known = {e.id for e in result.merged.elements if any(m.form.file not in own_files for m in e.members)}
    by_key = {m.key: e for e in result.merged.elements for m in e.members}
    beside = _beside(result, by_key, own_files)

    def sort_of(element: Element) -> str:
        pairs = beside.get(element.id, ())
        agreed = [other for other in pairs if decisions.same(element.meaning, other.meaning)]
        if element.id in known or any(other.id in known for other in agreed):
            return "held"
        if element.id in result.plan.derived or any(other.id in result.plan.derived for other in agreed):
            return "derivable"
        open_pairs = [o for o in pairs if o not in agreed and not decisions.refused(element.meaning, o.meaning)]
        return "doubtful" if open_pairs else "new"

    found = []
    for form in (form for reading in readings for form in reading.forms):
        elements = {element.id: element for element in _data_elements(form, by_key)}
        sorts: dict[str, list[Element]] = {sort: [] for sort in SORTS}
        for element in elements.values():
            sorts[sort_of(element)].append(element)
        found.append(Admission(form, *(tuple(sorts[sort]) for sort in ("held", "derivable", "new", "doubtful"))))
    return tuple(found)


def _data_elements(form: Form, by_key: Mapping[FieldKey, Element]) -> Iterable[Element]:
    for field in form.fields:
        if field.purpose is Purpose.DATA:
            yield by_key[FieldKey(form.file, form.id, field.id)]


def _beside(result: Consolidation, by_key: Mapping[FieldKey, Element], own_files: set[str]) -> Mapping[str, tuple[Element, ...]]:
    """Of each element that a doubtful pair with a field of the new form names: those that it may be one with."""
    found: dict[str, dict[str, Element]] = defaultdict(dict)
    for review in result.merged.review:
        if review.a.file in own_files or review.b.file in own_files:
            a, b = by_key[review.a], by_key[review.b]
            found[a.id][b.id] = b
            found[b.id][a.id] = a
    return {name: tuple(others.values()) for name, others in found.items()}
