"""A new form against what is already held (报表准入): which of its fields are held, derivable, new or doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from consolidation.consolidate import consolidate
from consolidation.model import Element, FieldKey
from forms.model import Form, Purpose, Reading


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
        total = sum(map(len, (self.held, self.derivable, self.new, self.doubtful)))
        parts = ((self.held, "已有"), (self.derivable, "可推算"), (self.doubtful, "待确认"), (self.new, "新增"))
        return f"{total} 栏：" + "，".join(f"{len(elements)} 栏{word}" for elements, word in parts)


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
    result = consolidate((*held, *readings))
    own_files = {reading.book.file for reading in readings}
    known = {e.id for e in result.merged.elements if any(m.form.file not in own_files for m in e.members)}
    by_key = {m.key: e for e in result.merged.elements for m in e.members}
    asked_about = {by_key[key].id for r in result.merged.review for key in (r.a, r.b) if key.file in own_files}
    found = []
    for form in (form for reading in readings for form in reading.forms):
        elements = {
            by_key[FieldKey(form.file, form.id, f.id)].id: by_key[FieldKey(form.file, form.id, f.id)]
            for f in form.fields
            if f.purpose is Purpose.DATA
        }
        sorts: dict[str, list[Element]] = {"held": [], "derivable": [], "new": [], "doubtful": []}
        for element in elements.values():
            sort = (
                "held"
                if element.id in known
                else "derivable"
                if element.id in result.plan.derived
                else "doubtful"
                if element.id in asked_about
                else "new"
            )
            sorts[sort].append(element)
        found.append(Admission(form, *(tuple(sorts[s]) for s in ("held", "derivable", "new", "doubtful"))))
    return tuple(found)
