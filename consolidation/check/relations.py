"""Linear relations between figures: sum(coefficient x figure) <op> 0. The same relation from two forms is one, naming both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from consolidation.derive import Check
from consolidation.exact import factor_between
from consolidation.lexicon import Lexicon, normalise
from consolidation.model import Derivation, Element, Formula, Member, Merged
from forms.model import Form

from .model import Force, Printed
from .settings import Definitions

_FLIPPED = {">=": "<=", ">": "<", "<=": ">=", "<": ">", "=": "="}
Terms = tuple[tuple[Decimal, str], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """sum of coefficient x element's figure <op> 0; `op` is =, <= or <.

    `subject`: the element to look at first; `rough`: the figures are in large units, so that whole numbers may be rounded ones;
    `blank_is_zero`: the form says so; `via`: when one of these elements has a figure, other relations say the same already;
    `rivals`: other totals that the subject may be a part of - only the largest total is compared with.
    """

    code: str
    force: Force
    terms: Terms
    op: str
    subject: str
    rule: str
    forms: tuple[Printed, ...]
    rough: bool = False
    blank_is_zero: bool = False
    via: frozenset[str] = frozenset()
    rivals: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, tuple[tuple[str, Decimal], ...]]:
        """What the relation says, whatever its scale and the order of its terms."""
        ordered = sorted((element, coefficient) for coefficient, element in self.terms)
        scale = ordered[0][1] if self.op == "=" else abs(ordered[0][1])
        return self.op, tuple((element, coefficient / scale) for element, coefficient in ordered)


class Places:
    """Where the elements of a merge are printed."""

    def __init__(self, merged: Merged, departments: Mapping[str, str], lexicon: Lexicon) -> None:
        self.elements = {element.id: element for element in merged.elements}
        self.departments, self.lexicon = departments, lexicon
        self.forms = {(form.file, form.id): form for form in merged.forms}
        self.on: dict[tuple[str, str], dict[str, list[Member]]] = {key: {} for key in self.forms}
        for element in merged.elements:
            for member in element.members:
                self.on[member.form.file, member.form.id].setdefault(element.id, []).append(member)
        self.order = {
            member.key: at for at, member in enumerate(m for form in merged.forms for m in self._members(form.file, form.id))
        }

    def _members(self, file: str, form: str) -> list[Member]:
        held = [member for members in self.on[file, form].values() for member in members]
        position = {field.id: at for at, field in enumerate(self.forms[file, form].fields)}
        return sorted(held, key=lambda member: position.get(member.field.id, 0))

    def first(self, element: str) -> int:
        """Where an element is asked first, counting all fields of all forms: findings are told in this order."""
        return min((self.order[member.key] for member in self.elements[element].members), default=len(self.order))

    def department(self, form: Form) -> str:
        return self.departments.get(form.file, "") or form.issuer

    def title(self, file: str, form: str, cell: str = "") -> Printed:
        """A form as the place where a rule is printed."""
        found = self.forms[file, form]
        return Printed(found.title or found.sheet, self.department(found), file, form, cell)

    def printed(self, element: str) -> tuple[Printed, ...]:
        """Every cell that asks for an element."""
        return tuple(
            Printed(
                m.form.title or m.form.sheet, self.department(m.form), m.form.file, m.form.id, str(m.field.cell), m.field.unit
            )
            for m in sorted(self.elements[element].members, key=lambda m: self.order[m.key])
        )

    def asking(self, elements: Sequence[str]) -> tuple[Printed, ...]:
        """The forms that ask for all of the elements; where none does, the forms that ask for the first."""
        together = [key for key, held in self.on.items() if all(element in held for element in elements)]
        return tuple(self.title(*key) for key in together or [k for k, held in self.on.items() if elements[0] in held])

    def scale(self, part: Element, whole: Element) -> Decimal | None:
        """By what a figure of `part` is multiplied to be in the unit of `whole`; None when the units do not allow it."""
        if normalise(part.unit) == normalise(whole.unit):
            return Decimal(1)
        here, there = self.lexicon.unit(normalise(part.unit)), self.lexicon.unit(normalise(whole.unit))
        if here is None or there is None:
            return None
        same = here.dimension == there.dimension or {here.dimension, there.dimension} <= {"person", "household"}
        return factor_between(here.factor, there.factor) if same else None

    def rough(self, elements: Iterable[str]) -> bool:
        """Whether one of the figures is in a unit larger than the base unit (万元, 公顷): a whole number may be a rounded one."""
        units = (self.lexicon.unit(normalise(self.elements[element].unit)) for element in elements)
        return any(unit is not None and unit.factor > 1 for unit in units)


def relation(
    places: Places, code: str, force: Force, left: Terms, op: str, right: Terms, subject: str, rule: str,
    forms: tuple[Printed, ...], *, blank_is_zero: bool = False,
) -> Relation | None:  # fmt: skip
    """left <op> right as one sum; None when nothing is left to compare (a figure with itself)."""
    net: dict[str, Decimal] = {}
    for sign, side in ((1, left), (-1, right)):
        for coefficient, element in side:
            net[element] = net.get(element, Decimal(0)) + sign * coefficient
    terms = tuple((coefficient, element) for element, coefficient in net.items() if coefficient)
    if len(terms) < 2:
        return None
    if op in (">=", ">"):
        op, terms = _FLIPPED[op], tuple((-coefficient, element) for coefficient, element in terms)
    looked_at = subject if net.get(subject) else terms[0][1]
    rough = places.rough(element for _, element in terms)
    return Relation(code, force, terms, op, looked_at, rule, forms, rough, blank_is_zero)


def from_printed(printed: Sequence[Check], places: Places, rules: Definitions) -> Iterator[Relation]:
    """The relations that the forms print, over figures as each form prints them: units converted."""
    for check in printed:
        held = places.on.get((check.file, check.form))
        if held is None:
            continue
        if any(element not in held for _, element in (*check.left, *check.right)):
            continue
        members = {element: held[element][0] for _, element in (*check.left, *check.right)}
        factors = _factors(members, places.lexicon)
        left, right = (tuple((weight * factors[e], e) for weight, e in side) for side in (check.left, check.right))
        advisory = any(word in check.text for word in rules.advisory)
        notes = (check.text, *places.forms[check.file, check.form].notes)
        made = relation(
            places, "check.advisory" if advisory else "check.relation", Force.SOFT if advisory else Force.HARD,
            left, check.op, right, _subject(check), check.text, (places.title(check.file, check.form, check.cell),),
            blank_is_zero=any(rules.blank_is_zero.search(normalise(note)) for note in notes),
        )  # fmt: skip
        if made is not None:
            yield made


def _factors(members: Mapping[str, Member], lexicon: Lexicon) -> Mapping[str, Decimal]:
    """Element's figure x factor = the figure as the relation compares it: as printed, but where it mixes units of one dimension
    (亩, 公顷), in the unit printed first."""
    units = {element: lexicon.unit(normalise(member.field.unit)) for element, member in members.items()}
    known = [unit for unit in units.values() if unit is not None]
    if len(known) < len(units) or len({unit.dimension for unit in known}) != 1:
        return {element: member.factor for element, member in members.items()}
    scales = dict(zip(units, (factor_between(unit.factor, known[0].factor) for unit in known), strict=True))
    return {element: member.factor * scales[element] for element, member in members.items()}


def _subject(check: Check) -> str:
    """The figure to look at: what stands alone; of two that stand alone, the total of a sum and the part of a comparison."""
    larger, smaller = (check.left, check.right) if check.op in (">=", ">", "=") else (check.right, check.left)
    first, second = (larger, smaller) if check.op == "=" else (smaller, larger)
    return (first if len(first) == 1 else second if len(second) == 1 else first)[0][1]


def from_derivations(derivations: Sequence[Derivation], places: Places) -> Iterator[Relation]:
    """Sums that follow from the forms' structure and from what figures mean: certain ones are hard, likely ones soft."""
    for item in derivations:
        if item.formula is not Formula.SUM or not {item.target, *item.inputs} <= places.elements.keys():
            continue
        weights = item.weights or tuple(1 for _ in item.inputs)
        right = tuple((item.scale * weight, element) for weight, element in zip(weights, item.inputs, strict=True))
        sure = item.exact and not _overlap([places.elements[element] for element in item.inputs])
        code, force = ("check.sum", Force.HARD) if sure else ("check.likely-sum", Force.SOFT)
        forms = places.asking((item.target, *item.inputs))
        made = relation(places, code, force, ((Decimal(1), item.target),), "=", right, item.target, item.rule, forms)
        if made is not None:
            yield made


def _overlap(parts: Sequence[Element]) -> bool:
    """Whether two parts' ages share a year although their neighbours have been set apart (meaning.bands): 35岁及以下 and
    35岁及以上. Who is counted where, only the person who counted knows."""
    bands = [dict(part.meaning.qualifiers).get("age", "").partition("-") for part in parts]
    ends = sorted((int(low or 0), int(high or 999)) for low, dash, high in bands if dash and (low + high).isdigit())
    return any(high >= low for (_, high), (low, _) in pairwise(ends))


def distinct(found: Iterable[Relation]) -> tuple[Relation, ...]:
    """Each relation once, naming all forms that print it; a hard one goes before a soft one, an earlier before a later."""
    kept: dict[object, Relation] = {}
    for one in found:
        before = kept.get(one.key)
        if before is None:
            kept[one.key] = one
            continue
        stronger, other = (one, before) if one.force is Force.HARD and before.force is Force.SOFT else (before, one)
        forms = tuple(dict.fromkeys((*stronger.forms, *(f for f in other.forms if not _named(f, stronger.forms)))))
        kept[one.key] = replace(stronger, forms=forms)
    return tuple(kept.values())


def _named(form: Printed, among: Sequence[Printed]) -> bool:
    return any((form.file, form.form) == (other.file, other.form) for other in among)
