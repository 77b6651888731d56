"""What cells hold, read once: numbers in the element's unit, the four ways of saying nothing, and what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from consolidation.exact import converted, factor_between, plain
from consolidation.lexicon import Lexicon, normalise
from consolidation.model import Element
from forms.model import CellValue
from forms.problems import masked
from forms.values import Absence, Failure, Number, absence, parse_quantity

_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?")
_PER = {"%": Decimal(100), "‰": Decimal(1000)}
_ZERO = Decimal(0)
_SHOWN = {Absence.BLANK: "空", Absence.DASH: "—", Absence.NOT_APPLICABLE: "不适用", Absence.NONE: "无"}


@dataclass(frozen=True)
class Figures:
    """`numbers`: element -> its figure in the element's unit (无 is 0 of a figure); `absent`: what is not answered, and how;
    `unread`: what a number was asked for and cannot be read as one; `vague`: 约30."""

    numbers: Mapping[str, Decimal]
    absent: Mapping[str, Absence]
    unread: Mapping[str, Failure]
    vague: frozenset[str]


def state(value: CellValue) -> Absence | None:
    """How a value says that there is none; None when it is a value."""
    return value if isinstance(value, Absence) else absence(value)


def read_figures(elements: Iterable[Element], values: Mapping[str, CellValue], lexicon: Lexicon) -> Figures:
    """The values of the elements as numbers, as far as they are asked for numbers."""
    numbers: dict[str, Decimal] = {}
    absent: dict[str, Absence] = {}
    unread: dict[str, Failure] = {}
    vague = set()
    for element in elements:
        value = values.get(element.id)
        figure = element.type == "number"
        if figure and type(value) is Decimal:
            numbers[element.id] = value
            continue
        if figure and isinstance(value, str) and _PLAIN.fullmatch(value):
            numbers[element.id] = Decimal(value)
            continue
        said = state(value)
        if said is not None:
            absent[element.id] = said
            if figure and said is Absence.NONE:
                numbers[element.id] = _ZERO
        elif figure:
            number = _number(value, element.unit, lexicon)
            if isinstance(number, Failure):
                unread[element.id] = number
                continue
            numbers[element.id] = number.value
            if number.approximate:
                vague.add(element.id)
    return Figures(numbers, absent, unread, frozenset(vague))


def _number(value: CellValue, unit: str, lexicon: Lexicon) -> Number | Failure:
    """The figure in the element's unit: 85% in % is 85, 2万元 in 元 is 20000; a unit of another kind is refused."""
    found = parse_quantity(value)
    if isinstance(found, Failure):
        return found
    number = found.number
    if number.ratio:
        return Number(number.value * _PER.get(normalise(unit), Decimal(1)), number.approximate)
    if not found.unit or normalise(found.unit) == normalise(unit):
        return number
    written, wanted = lexicon.unit(normalise(found.unit)), lexicon.unit(normalise(unit))
    if written is None or wanted is None or written.dimension != wanted.dimension:
        return Failure("value.not-a-number", str(value))
    return Number(converted(number.value, factor_between(written.factor, wanted.factor)), number.approximate)


def shown(value: CellValue) -> str:
    """A value as people write it, ID and telephone numbers masked; 空 for nothing."""
    said = state(value)
    if said is not None:
        return _SHOWN[said]
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else masked(str(value).strip())


def same_value(value: CellValue) -> str:
    """A value as the fingerprint has it: 12, 12.0 and １２ are one, blank and 0 are not."""
    said = state(value)
    if said is not None:
        return f"<{said.value}>"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, str):
        text = normalise(value)
        return plain(Decimal(text)) if _PLAIN.fullmatch(text) else text
    return str(value)
