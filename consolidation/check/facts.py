"""What follows from others but is no sum: rates, and what an ID number says of its bearer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from consolidation.codes import codes_and_mappings
from consolidation.derive import evaluate
from consolidation.derive.evaluate import born
from consolidation.exact import plain
from consolidation.model import Derivation, Formula
from forms.model import CellValue

from .figures import Figures, shown, state
from .model import Finding, Force, Given, Printed
from .say import Sayer, expected

_OF_ID = (Formula.SEX_OF_ID, Formula.BIRTH_OF_ID, Formula.AGE_OF_ID, Formula.AGE_OF_BIRTH)
_SEX = "sex"


@dataclass(frozen=True, slots=True)
class Follows:
    """A derivation as a check, with the forms that print its figures."""

    derivation: Derivation
    forms: tuple[Printed, ...]


def wanted(derivation: Derivation) -> bool:
    """Whether a derivation is checked here: rates, and what an ID number or a birth date says."""
    return derivation.formula is Formula.RATIO or (derivation.formula in _OF_ID and derivation.exact)


def of_rate(one: Follows, figures: Figures, sayer: Sayer) -> Iterator[Finding]:
    """A rate that its numerator and denominator do not give, within the digits it is written with."""
    item = one.derivation
    rate, top, low = (figures.numbers.get(e) for e in (item.target, *item.inputs))
    if rate is None or top is None or not low:
        return
    result = top / low * item.scale
    digits = max(0, -int(rate.normalize().as_tuple().exponent))
    if abs(result - rate) <= Decimal("0.5").scaleb(-digits):
        return
    said = expected("equal", plain(round(result, max(digits, 2))), sayer.places.elements[item.target].unit)
    yield sayer.finding("check.ratio", Force.SOFT, [item.target, *item.inputs], said, item.rule, one.forms)


def of_identity(one: Follows, given: Given, sayer: Sayer) -> Iterator[Finding]:
    """Sex, birth or age that is not what the ID number, or the date of birth, says."""
    item = one.derivation
    value, source = given.values.get(item.target), given.values.get(item.inputs[0])
    if state(value) is not None or state(source) is not None:
        return
    said = evaluate(item, {item.inputs[0]: source}, given.period.end, given.demo)
    if said is None or _agree(item, value, said, given.values, given.period.end):
        return
    wanted_ = expected("equal", shown(said))
    yield sayer.finding("check.identity", Force.SOFT, [item.target, *item.inputs], wanted_, item.rule, one.forms)


def _agree(item: Derivation, value: CellValue, said: CellValue, values: Mapping[str, CellValue], on: date) -> bool:
    if item.formula is Formula.SEX_OF_ID:
        sexes = codes_and_mappings()[0][_SEX]
        return sexes.find(shown(value)) in (None, sexes.find(shown(said)))
    if item.formula is Formula.BIRTH_OF_ID:
        one, other = born(value), born(said)
        as_month = dict(item.where).get("as") in ("month", "year")
        return one is None or other is None or one == other or (as_month and (one.year, one.month) == (other.year, other.month))
    try:
        age = Decimal(str(value))
    except ArithmeticError:
        return True  # said elsewhere: it is no number
    return abs(age - Decimal(str(said))) <= 1  # ages are written on another day than the period's last, or as 虚岁
