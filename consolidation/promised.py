"""The JSON that the command line promises (design, section 6): stable, checked by programs we do not see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from consolidation.lexicon import Lexicon
from consolidation.meaning import PLACES, language, subject_of
from consolidation.model import Derivation, Element, FieldKey, Member, Merged, Plan
from forms.model import Field, Form, Problem, Reading

# What is promised of a run that stopped before it found anything: the same members, empty. `problems` says why.
_NO_COUNTS = dict.fromkeys(("forms", "fields", "elements", "asked", "derived", "prefilled"), 0)
NOTHING_READ: Mapping[str, Any] = {"files": []}
NOTHING_CHECKED: Mapping[str, Any] = {"forms": []}
NOTHING_MERGED: Mapping[str, Any] = {"forms": [], "elements": [], "review": [], "counts": _NO_COUNTS}
NOTHING_FILLED: Mapping[str, Any] = {
    "region": None,
    "period": None,
    "forms": [],
    "counts": {**dict.fromkeys(("cells", "filled", "conflicts", "possible"), 0), **_NO_COUNTS},
}

_ENTITY_NAMES = {"organisation": "enterprise", "place": "village"}


def entity_name(entity: str) -> str:
    """The word for an entity in the promised JSON; a place of unknown level counts as a village."""
    return _ENTITY_NAMES.get(entity, entity)


def problem_json(problem: Problem) -> dict[str, Any]:
    where = f"{problem.sheet}!{problem.cell}" if problem.cell and problem.sheet else problem.cell or problem.sheet
    return {
        "code": problem.code,
        "file": problem.file,
        "cell": where,
        "message": problem.message,
        "hint": problem.hint,
        "severity": problem.severity,
    }


def field_json(field: Field) -> dict[str, Any]:
    return {
        "id": field.id,
        "cell": str(field.cell),
        "path": list(field.path),
        "label": field.label,
        "unit": field.unit or None,
        "type": field.type.value,
        "options": list(field.options),
        "code": field.code or None,
        "purpose": field.purpose.value,
    }


def form_json(form: Form, lexicon: Lexicon) -> dict[str, Any]:
    subject = subject_of(form, lexicon, language(lexicon))
    return {
        "id": form.id,
        "title": form.title,
        "issuer": form.issuer or None,
        "kind": form.kind.value,
        "entity": entity_name(subject.entity),
        "period": form.period or None,
        "fields": [field_json(field) for field in form.fields],
        "roles": {str(address): role.value for address, role in sorted(form.roles.items())},
        "rules": [{"cell": str(rule.cell), "text": rule.text} for rule in form.rules],
    }


def read_json(readings: Iterable[Reading], lexicon: Lexicon) -> dict[str, Any]:
    """`yibiao read --json`."""
    return {
        "files": [
            {
                "file": reading.book.file,
                "forms": [form_json(form, lexicon) for form in reading.forms],
                "problems": [problem_json(problem) for problem in all_problems(reading)],
            }
            for reading in readings
        ]
    }


def all_problems(reading: Reading) -> tuple[Problem, ...]:
    """Every problem of a file once, from its book, its recognition and its forms."""
    found = (*reading.book.problems, *reading.problems, *(problem for form in reading.forms for problem in form.problems))
    return tuple(dict.fromkeys(found))


def _member_json(member: Member, derivation: str, relation: str) -> dict[str, Any]:
    return {
        "file": member.form.file,
        "form": member.form.id,
        "field": member.field.id,
        "cell": str(member.field.cell),
        "path": list(member.field.path),
        "relation": relation,
        "rule": member.rule or derivation or None,
        "reason": member.reason,
        "decided": member.decided.value,
    }


_FIGURES = frozenset({"figure", "ratio", "count", "amount", "area"})


def _element_json(element: Element, rules: Mapping[FieldKey, str]) -> dict[str, Any]:
    """A field that others of its own form determine is `derived` when it is a figure (a total whose parts stand beside
    it is never asked there) or when no form needs to ask its element at all. A personal fact that some form has to ask
    (性别 where no ID number is given) is `same` on all forms; `rule` says where it follows from others all the same."""
    wholly = all(member.key in rules for member in element.members)
    figure = element.meaning.measure in _FIGURES
    fields = []
    for member in element.members:
        derived = member.key in rules and (wholly or figure)
        relation = "derived" if derived else member.relation.value
        fields.append(_member_json(member, rules.get(member.key, ""), relation))
    return {
        "id": element.id,
        "name": element.name,
        "entity": entity_name(element.meaning.entity),
        "period": element.period or None,
        "unit": element.unit or None,
        "type": element.type,
        "fields": fields,
    }


def merge_json(
    merged: Merged,
    plan: Plan,
    rules: Mapping[FieldKey, str],
    derivations: Sequence[Derivation],
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """`yibiao merge --json`. `rules`: for fields that others on their form determine, the formula in words."""
    cells = {member.key: str(member.field.cell) for element in merged.elements for member in element.members}
    return {
        "forms": [{"file": f.file, "form": f.id, "title": f.title, "fields": len(f.fields)} for f in merged.forms],
        "elements": [_element_json(element, rules) for element in merged.elements],
        "review": [
            {
                "a": {"file": r.a.file, "cell": cells[r.a]},
                "b": {"file": r.b.file, "cell": cells[r.b]},
                "reason": r.reason,
                "score": r.score,
            }
            for r in merged.review
        ],
        "counts": {
            "forms": len(merged.forms),
            "fields": sum(len(form.fields) for form in merged.forms),
            "elements": len(merged.elements),
            "asked": len(plan.asked),
            "derived": len(plan.derived),
            "prefilled": len(plan.prefilled),
        },
        **(extra or {}),
    }


def is_figure(element: Element) -> bool:
    """Whether the element is a place's figure (as opposed to a fact of a person, a household or a filing)."""
    return element.meaning.entity in PLACES
