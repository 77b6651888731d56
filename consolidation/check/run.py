"""All checks on the figures of one region and period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from consolidation.exact import plain
from consolidation.model import Element
from forms.model import CellValue
from forms.values import Absence

from .cells import of_cell
from .changes import of_change, of_repeat, of_roster
from .facts import of_identity, of_rate
from .figures import Figures, read_figures
from .model import Checked, Finding, Force, Given, Unchecked
from .prepare import Prepared
from .relations import Relation
from .say import Sayer, expected

_ZERO, _HALF = Decimal(0), Decimal("0.5")
_EXPECTED = {"=": "equal", "<=": "at_most", "<": "below"}
_OTHER_SIDE = {"=": "equal", "<=": "at_least", "<": "above"}


def check(prepared: Prepared, given: Given) -> Checked:
    """What the figures of one region and period (or one person's row) should not say, and what could not be checked."""
    now = read_figures(prepared.elements, given.values, prepared.places.lexicon)
    previous = read_figures(_held(prepared, given.previous), given.previous, prepared.places.lexicon)
    last_year = read_figures(_held(prepared, given.last_year), given.last_year, prepared.places.lexicon)
    sayer = Sayer(prepared.places, given)
    findings: list[Finding] = []
    unchecked: list[Unchecked] = []
    for element in prepared.elements:
        if element.id in given.required and element.id in now.absent:
            findings += _unanswered(element.id, now.absent[element.id], prepared, sayer)
        if element.id in given.values:
            findings += of_cell(element, prepared.bounds[element.id], now, given, sayer)
        watch = prepared.watches.get(element.id)
        if watch is not None and (given.previous or given.last_year):
            findings += of_change(element, watch, now, previous, last_year, given, sayer)
        if element.id in given.counted:
            findings += of_roster(element, now, prepared.settings.changes, given, sayer)
    for one in prepared.relations:
        findings += _related(one, now, sayer, unchecked)
    for repeated in prepared.repeated:
        findings += of_repeat(repeated, now, previous, last_year, given, sayer)
    for rate in prepared.rates:
        findings += of_rate(rate, now, sayer)
    for fact in prepared.facts:
        findings += of_identity(fact, given, sayer)
    findings.sort(key=lambda f: (prepared.position[f.items[0].element], not f.hard, f.code, f.fingerprint))
    return Checked(tuple(findings), tuple(unchecked))


def _held(prepared: Prepared, values: Mapping[str, CellValue]) -> list[Element]:
    """The elements that earlier values speak of."""
    return [prepared.places.elements[element] for element in values if element in prepared.places.elements]


def _unanswered(element: str, how: Absence, prepared: Prepared, sayer: Sayer) -> Iterator[Finding]:
    """Blank is missing; — and 不适用 are answers that may need a reason; 无 is one of its own."""
    if how is Absence.BLANK:
        if any(not member.field.blocked for member in prepared.places.elements[element].members):
            yield sayer.finding("check.missing", Force.HARD, [element], "")
    elif how.value in prepared.settings.changes.ask_reason and prepared.places.elements[element].type == "number":
        yield sayer.finding("check.no-answer", Force.SOFT, [element], "")


def _related(one: Relation, now: Figures, sayer: Sayer, unchecked: list[Unchecked]) -> Iterator[Finding]:
    """A relation that does not hold. Where a term is missing it is not checked, and that is said, once any term is there."""
    if one.via and any(element in now.numbers for element in one.via):
        return
    if one.rivals and _outdone(one, now):
        return
    total, missing = _ZERO, []
    for coefficient, element in one.terms:
        figure = now.numbers.get(element)
        if figure is not None:
            total += coefficient * figure
        elif not (one.blank_is_zero and element in now.absent):
            missing.append(element)
    if missing:
        if len(missing) < len(one.terms) and one.force is Force.HARD:
            unchecked.append(sayer.unchecked(one.rule, missing, one.forms))
        return
    if not _broken(one.op, total) or not _broken(one.op, total, _tolerance(one, now)):
        return
    elements = [one.subject, *(element for _, element in one.terms if element != one.subject)]
    yield sayer.finding(one.code, one.force, elements, _wanted(one, total, now, sayer), one.rule, one.forms)


def _outdone(one: Relation, now: Figures) -> bool:
    """Whether another total is larger (of equal ones, the first is compared with)."""
    whole = next(element for _, element in one.terms if element != one.subject)
    figure = now.numbers.get(whole)
    others = [(now.numbers[rival], rival) for rival in one.rivals if rival in now.numbers]
    return figure is None or any(other > figure or (other == figure and rival < whole) for other, rival in others)


def _broken(op: str, total: Decimal, tolerance: Decimal = _ZERO) -> bool:
    if op == "=":
        return abs(total) > tolerance
    return total > tolerance if op == "<=" else total >= tolerance if not tolerance else total > tolerance


def _tolerance(one: Relation, now: Figures) -> Decimal:
    """By how much rounding alone can put the relation out: half of each figure's last digit. Whole numbers count as exact,
    but for those in large units, and those beside figures with decimals."""
    digits = {element: _decimals(now.numbers[element]) for _, element in one.terms if element in now.numbers}
    most = max(digits.values(), default=0)
    if not most and not one.rough:
        return _ZERO
    errors = (abs(c) * _HALF.scaleb(-(digits[e] or most)) for c, e in one.terms if e in digits)
    return sum(errors, _ZERO)


def _decimals(number: Decimal) -> int:
    return max(0, -int(number.as_tuple().exponent))


def _wanted(one: Relation, total: Decimal, now: Figures, sayer: Sayer) -> str:
    """What the relation's subject should be, the other figures being right."""
    coefficient = next(c for c, element in one.terms if element == one.subject)
    held = now.numbers.get(one.subject, _ZERO)
    wanted = held - total / coefficient
    words = _EXPECTED if coefficient > 0 else _OTHER_SIDE
    text = plain(round(wanted, max(_decimals(held), 6)) if wanted % 1 else wanted)
    return expected(words[one.op], text, sayer.places.elements[one.subject].unit)
