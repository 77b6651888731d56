"""The value of a derivation from the values of its inputs. Pure: ages are those on the day given (the period's end)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, localcontext

from consolidation.codes import normal
from consolidation.exact import converted
from consolidation.model import Derivation, Formula
from forms.model import CellValue
from forms.values import (
    NO_DEMO,
    DemoRegions,
    Failure,
    IdNumber,
    YearMonth,
    parse_date,
    parse_number,
    parse_year_month,
    parse_yes_no,
)

from .mapped import rule_between
from .words import structure_words

Values = Mapping[str, CellValue | Sequence[CellValue]]
RATIO_DIGITS = Decimal("0.01")
"""Rates are given with two decimals, as statistical reports print them."""


def evaluate(derivation: Derivation, values: Values, on: date, demo: DemoRegions = NO_DEMO) -> CellValue:
    """The target's value, None when an input is missing or cannot be read.

    `values`: element id -> value; for COUNT and ROLL_UP a sequence, one value per row or place. `on`: the period's last day.
    """
    work = _WORK.get(derivation.formula)
    if work is None or any(source not in values for source in derivation.inputs):
        return None
    return work(derivation, [values[source] for source in derivation.inputs], on, demo)


def _numbers(values: Sequence[CellValue | Sequence[CellValue]]) -> list[Decimal] | None:
    found = []
    for value in values:
        if isinstance(value, Sequence) and not isinstance(value, str):
            return None
        number = parse_number(value)
        if isinstance(number, Failure):
            return None
        found.append(number.value)
    return found


Inputs = Sequence[CellValue | Sequence[CellValue]]


def _sum(derivation: Derivation, inputs: Inputs, on: date, demo: DemoRegions) -> CellValue:
    numbers = _numbers(inputs)
    if numbers is None:
        return None
    weights = derivation.weights or tuple(1 for _ in numbers)
    return converted(sum((w * n for w, n in zip(weights, numbers, strict=True)), Decimal(0)), derivation.scale)


def _ratio(derivation: Derivation, inputs: Inputs, on: date, demo: DemoRegions) -> CellValue:
    numbers = _numbers(inputs)
    if numbers is None or not numbers[1]:
        return None
    with localcontext() as context:
        context.prec = 34
        return (numbers[0] / numbers[1] * derivation.scale).quantize(RATIO_DIGITS)


def _roll_up(derivation: Derivation, inputs: Inputs, on: date, demo: DemoRegions) -> CellValue:
    column = inputs[0]
    if isinstance(column, str) or not isinstance(column, Sequence):
        return None
    numbers = _numbers(list(column))
    return None if numbers is None else converted(sum(numbers, Decimal(0)), derivation.scale)


def _id(value: CellValue | Sequence[CellValue], demo: DemoRegions) -> IdNumber | None:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return None
    found = IdNumber.parse(value, demo=demo)
    return None if isinstance(found, Failure) else found


def _single(value: CellValue | Sequence[CellValue]) -> CellValue:
    return None if isinstance(value, Sequence) and not isinstance(value, str) else value


def _sex(derivation: Derivation, inputs: Inputs, on: date, demo: DemoRegions) -> CellValue:
    number = _id(inputs[0], demo)
    return number.sex if number else None


def _written(day: date, how: str) -> CellValue:
    if how == "month":
        return str(YearMonth(day.year, day.month))
    return str(day.year) if how == "year" else day


def _birth(derivation: Derivation, inputs: Inputs, on: date, demo: DemoRegions) -> CellValue:
    number = _id(inputs[0], demo)
    return _written(number.birth, dict(derivation.where).get("as", "day")) if number else None


def _age_of_id(derivation: Derivation, inputs: Inputs, on: date, demo: DemoRegions) -> CellValue:
    number = _id(inputs[0], demo)
    return Decimal(number.age_on(on)) if number and number.birth <= on else None


def born(value: CellValue) -> date | None:
    """A day of birth; of a month alone its first day."""
    day = parse_date(value)
    if isinstance(day, date):
        return day
    month = parse_year_month(value)
    return None if isinstance(month, Failure) else date(month.year, month.month, 1)


def age_on(birth: date, on: date) -> int:
    """Full years (周岁); the birthday itself counts."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _age_of_birth(derivation: Derivation, inputs: Inputs, on: date, demo: DemoRegions) -> CellValue:
    birth = born(_single(inputs[0]))
    return Decimal(age_on(birth, on)) if birth and birth <= on else None


def _part(derivation: Derivation, inputs: Inputs, on: date, demo: DemoRegions) -> CellValue:
    value = _single(inputs[0])
    day = value.date() if isinstance(value, datetime) else born(value)
    return _written(day, dict(derivation.where).get("as", "month")) if day else None


def _mapped(derivation: Derivation, inputs: Inputs, on: date, demo: DemoRegions) -> CellValue:
    value = _single(inputs[0])
    ((source, target),) = derivation.where
    rule = rule_between(target, source)
    return rule.answer(str(value)) if rule is not None and value is not None else None


def _count(derivation: Derivation, inputs: Inputs, on: date, demo: DemoRegions) -> CellValue:
    columns = {}
    for source, column in zip(derivation.inputs, inputs, strict=True):
        if isinstance(column, str) or not isinstance(column, Sequence):
            return None
        columns[source] = column
    rows = len(next(iter(columns.values())))
    tests = [(columns[source], condition.split("|")) for source, condition in derivation.where]
    if not tests:
        return Decimal(sum(_filled(value) for value in next(iter(columns.values()))))
    return Decimal(sum(all(_meets(column[i], test, on, demo) for column, test in tests) for i in range(rows)))


def _filled(value: CellValue) -> bool:
    return value is not None and str(value).strip() not in ("", "—", "-", "无", "/")


def _meets(value: CellValue, test: Sequence[str], on: date, demo: DemoRegions) -> bool:
    reading, op, *wanted = test
    value = _as_fact(value, reading, on, demo)
    if op == "filled":
        return _filled(value)
    if op == "affirmed":
        said = parse_yes_no(value)
        return said is True
    if not _filled(value):
        return False
    if op in ("is", "not"):
        return (normal(str(value)) in {normal(word) for word in wanted}) == (op == "is")
    low, _, high = wanted[0].partition("-")
    if op == "within":
        number = parse_number(value)
        return not isinstance(number, Failure) and int(low or 0) <= number.value <= int(high or 999)
    step = structure_words().schooling.get(normal(str(value)))
    return step is not None and int(low) <= step[0] and step[1] <= int(high)


def _as_fact(value: CellValue, reading: str, on: date, demo: DemoRegions) -> CellValue:
    """A stand-in fact read as the wanted one: "age<id-number", "sex<id-number", "age<birth-date"."""
    wanted, _, source = reading.partition("<")
    if not source:
        return value
    if source == "id-number":
        number = _id(value, demo)
        if number is None:
            return None
        return number.sex if wanted == "sex" else Decimal(number.age_on(on))
    birth = born(value)
    return Decimal(age_on(birth, on)) if birth else None


Work = Callable[[Derivation, Inputs, date, DemoRegions], CellValue]
_WORK: Mapping[Formula, Work] = {
    Formula.SUM: _sum,
    Formula.RATIO: _ratio,
    Formula.ROLL_UP: _roll_up,
    Formula.SEX_OF_ID: _sex,
    Formula.BIRTH_OF_ID: _birth,
    Formula.AGE_OF_ID: _age_of_id,
    Formula.AGE_OF_BIRTH: _age_of_birth,
    Formula.PART_OF_DATE: _part,
    Formula.COUNT: _count,
    Formula.MAPPED: _mapped,
}
