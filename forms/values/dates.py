"""Dates and months as people write them: 2026.3.5, 2026年3月5日, 20260305, 二〇二六年三月五日, 26.3.5, Excel's day numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from forms.model import CellValue
from forms.values.failure import Failure
from forms.values.numerals import chinese_number, digit_by_digit
from forms.values.serials import from_serial
from forms.values.words import half_width

_FIRST_YEAR, _LAST_YEAR = 1850, 2150  # nobody alive or planned for lies outside
_SERIALS = (7_306, 73_415)  # 1920-01-01 to 2100-12-31: a bare number outside is a figure, not a date that lost its format
_TWO_DIGIT_PIVOT = 29  # Excel's and Windows' rule: 00-29 is 2000-2029, 30-99 is 1930-1999

_SEP = r"\s*[-./。、,\\－—]\s*"
_CLOCK = r"(?:[\sT]*\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?)?[秒分Zz]?)?"
_DAY_FORMS = tuple(
    re.compile(form + _CLOCK)
    for form in (
        r"(\d{4}|\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?",
        rf"(\d{{4}}|\d{{2}}){_SEP}(\d{{1,2}}){_SEP}(\d{{1,2}})\s*[日号]?",
        r"(\d{4})(\d{2})(\d{2})",
        r"(\d{4})\s+(\d{1,2})\s+(\d{1,2})",
    )
)
_MONTH_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(\d{4}|\d{2})\s*年\s*(\d{1,2})\s*月份?",
        rf"(\d{{4}}){_SEP}(\d{{1,2}})\s*月?",
        r"(\d{4})(\d{2})",
        r"(\d{4})\s+(\d{1,2})",
    )
)
_CHINESE = re.compile(
    r"([零〇○Oo一二三四五六七八九]{4}|[零〇○Oo一二三四五六七八九]{2})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十廿卅]{1,3})[日号]?)?"
)
_MONTH_LAST = re.compile(rf"\d{{1,2}}{_SEP}\d{{1,2}}{_SEP}\d{{4}}")
_SEVERAL = re.compile(r"\d\s*日?\s*(?:至|到|~|～|——|—)\s*\d|[-]\s*\d{4}[./年]")


@dataclass(frozen=True, order=True, slots=True)
class YearMonth:
    """A month of a year, as 出生年月 asks for it. `str()` gives 2026-03."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def parse_date(content: CellValue) -> date | Failure:
    """The date that a cell's content says. A Decimal is Excel's day number or 20260305; text "46086" is no date.

    Failures: value.not-a-date, value.impossible-date (2026-02-30), value.date-without-day (2026年3月),
    value.date-order (3/5/2026: month or day first?), value.range (two dates).
    """
    if isinstance(content, datetime):
        return content.date()
    if isinstance(content, date):
        return content
    if isinstance(content, Decimal):
        return _of_number(content)
    if not isinstance(content, str):
        return Failure("value.not-a-date", "" if content is None else str(content))
    text = _arabic(half_width(content).strip())
    for form in _DAY_FORMS:
        found = form.fullmatch(text)
        if found:
            return _date(found[1], found[2], found[3], content)
    return Failure(_why_no_date(text), content)


def parse_year_month(content: CellValue) -> YearMonth | Failure:
    """The month that a cell's content says (a whole date says one, too).

    The number 2026.1 is refused (value.month-lost): Excel drops the last zero of 2026.10.
    """
    if isinstance(content, Decimal):
        return _month_of_number(content)
    if isinstance(content, str):
        text = _arabic(half_width(content).strip())
        for form in _MONTH_FORMS:
            found = form.fullmatch(text)
            if found:
                return _year_month(found[1], found[2], content)
    day = parse_date(content)
    if isinstance(day, Failure):
        return Failure("value.not-a-month" if day.code == "value.not-a-date" else day.code, day.shown)
    return YearMonth(day.year, day.month)


def full_year(digits: str) -> int:
    """The year that two or four digits mean (see _TWO_DIGIT_PIVOT)."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year <= _TWO_DIGIT_PIVOT else 1900)


def _of_number(number: Decimal) -> date | Failure:
    shown = f"{number:f}"
    if number == number.to_integral_value():
        whole = int(number)
        if 10**7 <= whole < 10**8:
            digits = str(whole)
            return _date(digits[:4], digits[4:6], digits[6:], shown)
    if _SERIALS[0] <= number <= _SERIALS[1]:
        moment = from_serial(number)
        return (
            moment.date()
            if isinstance(moment, datetime)
            else moment
            if isinstance(moment, date)
            else Failure("value.not-a-date", shown)
        )
    return Failure("value.not-a-date", shown)


def _month_of_number(number: Decimal) -> YearMonth | Failure:
    shown = f"{number:f}"
    found = re.fullmatch(r"(\d{4})\.(\d{1,2})", shown)
    if found:
        if found[2] == "1":
            return Failure("value.month-lost", shown)
        return _year_month(found[1], found[2], shown)
    if re.fullmatch(r"\d{6}", shown):
        return _year_month(shown[:4], shown[4:], shown)
    day = _of_number(number)
    return YearMonth(day.year, day.month) if isinstance(day, date) else Failure("value.not-a-month", shown)


def _date(year: str, month: str, day: str, shown: str) -> date | Failure:
    try:
        found = date(full_year(year), int(month), int(day))
    except ValueError:
        return Failure("value.impossible-date", shown)
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else Failure("value.impossible-date", shown)


def _year_month(year: str, month: str, shown: str) -> YearMonth | Failure:
    if not 1 <= int(month) <= 12 or not _FIRST_YEAR <= full_year(year) <= _LAST_YEAR:
        return Failure("value.impossible-date", shown)
    return YearMonth(full_year(year), int(month))


def _arabic(text: str) -> str:
    """A date in Chinese numerals with Arabic ones; any other text as it is."""
    found = _CHINESE.fullmatch("".join(text.split()))
    if found is None:
        return text
    year, month = digit_by_digit(found[1]), chinese_number(found[2])
    day = chinese_number(found[3]) if found[3] else None
    if year is None or month is None:
        return text
    return f"{year:0{len(found[1])}d}年{month}月" + (f"{day}日" if day is not None else "")


def _why_no_date(text: str) -> str:
    if _SEVERAL.search(text):
        return "value.range"
    if any(form.fullmatch(text) for form in _MONTH_FORMS) or re.fullmatch(r"\d{4}\s*年?", text):
        return "value.date-without-day"
    if _MONTH_LAST.fullmatch(text):
        return "value.date-order"
    return "value.not-a-date"
