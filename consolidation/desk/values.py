"""What a worker types into a cell, and what the database holds of it: text in one canonical spelling.

Blank, zero, — and not applicable stay four different values: None, "0", "—", "不适用".
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from consolidation.exact import plain
from consolidation.fill.choices import option_for
from consolidation.model import Element
from forms.model import CellValue
from forms.problems import problem
from forms.values import Absence, Failure, absence, parse_date, parse_number

from .model import Invalid

DASH, NOT_APPLICABLE = "—", "不适用"
LONGEST = 500  # characters of a text cell


def stored(value: CellValue) -> str | None:
    """A value as the database writes it."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def as_cell(text: str | None, kind: str) -> CellValue:
    """A stored value of an element of type `kind` as forms are filled with it."""
    if text is None:
        return None
    if kind == "number" and text not in (DASH, NOT_APPLICABLE):
        number = figure_of(text)
        return text if number is None else number
    if kind == "date":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def typed(element: Element, text: str) -> str | None:
    """What somebody typed, as it is stored; None for a blank cell. Raises Invalid, saying what is wrong with it."""
    text = text.strip()
    if len(text) > LONGEST:
        raise Invalid("desk.bad-value", name=element.name, reason=f"超过 {LONGEST} 个字")
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in text):
        raise Invalid("desk.bad-value", name=element.name, reason="含有看不见的控制字符")
    kind = absence(text or None)
    if kind is Absence.BLANK or not text:
        return None
    if kind is Absence.NOT_APPLICABLE:
        return NOT_APPLICABLE
    if kind is Absence.DASH:
        return DASH
    if element.type == "number":
        return _number(element, text, kind)
    if element.type == "date":
        day = parse_date(text)
        if not isinstance(day, Failure):
            return day.isoformat()
        return text
    if element.options:
        chosen = option_for(text, element.options, element.meaning.concept[0] if len(element.meaning.concept) == 1 else "")
        if chosen is None:
            raise Invalid("desk.bad-value", name=element.name, reason="不在选项里：" + "、".join(element.options[:12]))
        return chosen
    return text


def _number(element: Element, text: str, kind: Absence | None) -> str:
    if kind is Absence.NONE:
        return "0"
    number = parse_number(text)
    if isinstance(number, Failure):
        raise Invalid("desk.bad-value", name=element.name, reason=problem(number.code, "", shown=number.shown).message)
    if number.value.adjusted() > 15 or len(number.value.as_tuple().digits) > 25:
        raise Invalid("desk.bad-value", name=element.name, reason="数太大")
    return plain(number.value)


def figure_of(text: str | None) -> Decimal | None:
    """The number a stored value is; None for a blank, — and not applicable."""
    if text is None or text in (DASH, NOT_APPLICABLE):
        return None
    number = parse_number(text)
    return None if isinstance(number, Failure) else number.value
