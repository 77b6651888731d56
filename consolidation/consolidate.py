"""Forms merged into elements, with what follows from what and the smallest set of figures to ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consolidation.derive import derivations as find_derivations
from consolidation.derive import smallest_ask
from consolidation.lexicon import Lexicon, load_lexicon
from consolidation.match import Decisions, merge
from consolidation.model import Derivation, FieldKey, Formula, Merged, Plan
from consolidation.promised import all_problems, merge_json, problem_json
from forms.model import Problem, Purpose, Reading


@dataclass(frozen=True)
class Consolidation:
    """Forms merged: what was read, the elements, what follows from what, what has still to be asked."""

    readings: tuple[Reading, ...]
    merged: Merged
    derivations: tuple[Derivation, ...]
    plan: Plan
    rules: Mapping[FieldKey, str]  # fields that others of their own form determine: the formula in words
    departments: Mapping[str, str] = field(default_factory=dict)  # file -> department
    other_problems: tuple[Problem, ...] = ()  # of what was read beside the forms: people's decisions

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (*(problem for reading in self.readings for problem in all_problems(reading)), *self.other_problems)

    @property
    def questions(self) -> int:
        """Pairs of elements that a person should look at: one answer settles all their fields."""
        home = {member.key: element.id for element in self.merged.elements for member in element.members}
        return len({(home[review.a], home[review.b]) for review in self.merged.review})

    def to_json(self) -> dict[str, Any]:
        """`yibiao merge --json`."""
        extra = {"problems": [problem_json(p) for p in self.problems]}
        return merge_json(self.merged, self.plan, self.rules, self.derivations, extra)


def consolidate(
    readings: Sequence[Reading],
    decisions: Decisions | None = None,
    held: frozenset[str] = frozenset(),
    departments: Mapping[str, str] | None = None,
    lexicon: Lexicon | None = None,
) -> Consolidation:
    """Merges the forms of `readings` and finds the smallest set of figures to ask, given the elements already `held`."""
    lexicon = lexicon or load_lexicon()
    merged = merge([form for reading in readings for form in reading.forms], lexicon, decisions)
    found = tuple(find_derivations(merged, lexicon))
    plan = smallest_ask(merged.elements, found, held)
    named = dict(departments or {})
    for form in merged.forms:
        named.setdefault(form.file, form.issuer or "未注明")
    told = decisions.problems if decisions is not None else ()
    return Consolidation(tuple(readings), merged, found, plan, field_rules(merged, found), named, told)


def field_rules(merged: Merged, found: Iterable[Derivation]) -> dict[FieldKey, str]:
    """For each field whose value other fields of its own form determine (or, for a roll-up, the places below): the rule."""
    on_form: dict[str, dict[tuple[str, str], list[FieldKey]]] = defaultdict(lambda: defaultdict(list))
    for element in merged.elements:
        for member in element.members:
            if member.field.purpose is Purpose.DATA:
                on_form[element.id][member.form.file, member.form.id].append(member.key)
    rules: dict[FieldKey, str] = {}
    for derivation in found:
        if not derivation.exact:
            continue
        for form, keys in on_form[derivation.target].items():
            if derivation.formula is Formula.ROLL_UP or all(form in on_form[source] for source in derivation.inputs):
                for key in keys:
                    rules.setdefault(key, derivation.rule)
    return rules
