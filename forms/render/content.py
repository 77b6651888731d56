"""A value as the content of a cell.

Text goes in as an inline string. That keeps xl/sharedStrings.xml byte-equal, and it also makes a formula impossible: in a
workbook only an <f> element is a formula, so “=1+1” as an inline string is just text (Excel's leading apostrophe, the
style attribute quotePrefix, matters only when a person edits the cell later).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from forms.grid.cells import UNSEEN
from forms.grid.numfmt import DateShape
from forms.model import CellValue
from forms.render.marks import marks
from forms.render.runs import Run, runs_xml
from forms.values import Absence

LONGEST_TEXT = 32_767  # characters in a cell (Excel specifications and limits)
EXACT_DIGITS = 15  # what a binary double keeps; longer numbers are written as text so that no digit is lost
_YEAR_MONTH_DAY = re.compile(r"[\d\s\u3000_＿]*年[\d\s\u3000_＿]*月[\d\s\u3000_＿]*日")
_YEAR_MONTH = re.compile(r"[\d\s\u3000_＿]*年[\d\s\u3000_＿]*月[\s\u3000_＿]*")
_SEPARATED = re.compile(r"[\s\u3000_＿]+([-/.])[\s\u3000_＿]+[-/.][\s\u3000_＿]*")


class Unwritable(Exception):
    """The value fits no cell. `code` is the Problem to show, `values` fill its wording."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Content:
    """What stands between the tags of a <c>, and its type attribute ("" = none). Both empty: a blank cell with its style."""

    kind: str = ""
    inner: str = ""


BLANK = Content()


def rich(runs: tuple[Run, ...], prefix: str) -> Content:
    """Text with its runs as an inline string."""
    head = f"{prefix}:" if prefix else ""
    return Content("inlineStr", f"<{head}is>{runs_xml(runs, prefix)}</{head}is>")


def clean(text: str) -> tuple[str, str]:
    """The text with line breaks as Excel writes them and without the characters that XML 1.0 forbids; and those characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    removed = "".join(dict.fromkeys(UNSEEN.findall(text)))
    return UNSEEN.sub("", text) if removed else text, removed


def as_text(value: CellValue, pattern: str = "") -> str:
    """The value as a person writes it. `pattern` is what the form prints in its place (“  年  月  日”), for dates."""
    if value is None:
        return ""
    if isinstance(value, Absence):
        return marks().absence[value.value]
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return number_text(value)
    return _date_text(value, pattern)


def number_text(value: Decimal) -> str:
    """All digits of a number, without an exponent. Raises Unwritable for NaN and infinity."""
    if not value.is_finite():
        raise Unwritable("render.not-a-number", shown=str(value))
    return f"{value if value else abs(value):f}"


def _date_text(value: date | datetime | time, pattern: str) -> str:
    signs = marks()
    if isinstance(value, time):
        return signs.clock.format(H=value.hour, M=value.minute)
    parts = {"y": value.year, "m": value.month, "d": value.day}
    separated = _SEPARATED.fullmatch(pattern)
    if separated:
        return f"{value.year}{separated[1]}{value.month:02d}{separated[1]}{value.day:02d}"
    if _YEAR_MONTH.fullmatch(pattern):
        return signs.month.format(**parts)
    text = signs.date.format(**parts)
    has_clock = isinstance(value, datetime) and value.time() != time()
    if has_clock and isinstance(value, datetime) and not _YEAR_MONTH_DAY.fullmatch(pattern.strip()):
        text += " " + signs.clock.format(H=value.hour, M=value.minute)
    return text


def is_date_pattern(text: str) -> bool:
    """Whether a text is nothing but the printed places of a date: “    年  月  日”."""
    bare = text.strip()
    return any(pattern.fullmatch(bare) for pattern in (_YEAR_MONTH_DAY, _YEAR_MONTH)) or bool(_SEPARATED.fullmatch(text))


def date_span(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole printed place of a date (“  年  月  日”) that characters [start, end) lie in or touch; else these."""
    for pattern in (_YEAR_MONTH_DAY, _YEAR_MONTH):
        for found in pattern.finditer(text):
            if found.start() <= end and start <= found.end():
                return min(start, found.start()), max(end, found.end())
    return start, end


def content(value: CellValue, shape: DateShape | None, system_1904: bool, prefix: str) -> Content:
    """The cell content for a value. `shape` is what the cell's number format shows of a date, None for other formats.

    Numbers keep every digit: up to 15 significant ones as a number, beyond as text. A date is a day number where the
    cell is formatted as a date, else text. Raises Unwritable.
    """
    if value is None or value == "":
        return BLANK
    head = f"{prefix}:" if prefix else ""
    if isinstance(value, bool):
        return Content("b", f"<{head}v>{int(value)}</{head}v>")
    if isinstance(value, Decimal):
        text = number_text(value)
        if significant_digits(value) <= EXACT_DIGITS and abs(value.adjusted()) < 300:
            return Content("", f"<{head}v>{text}</{head}v>")
        return rich((Run(text),), prefix)
    if isinstance(value, (date, time)) and shape is not None and _shows(shape, value):
        serial = to_serial(value, system_1904)
        if serial is not None:
            return Content("", f"<{head}v>{serial:f}</{head}v>")
    text = as_text(value)
    if len(text) > LONGEST_TEXT:
        raise Unwritable("render.too-long", length=len(text), limit=LONGEST_TEXT)
    return rich((Run(text),), prefix)


def _shows(shape: DateShape, value: date | time) -> bool:
    """Whether a format shows what the value says: a day in a cell for clock times would read 0:00."""
    return shape.clock if isinstance(value, time) else shape.year or shape.month or shape.day


def significant_digits(value: Decimal) -> int:
    """Digits that must survive, zeros at the end of a whole number included: they count in an ID number."""
    text = f"{abs(value):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return len(text.replace(".", "").lstrip("0")) or 1


def to_serial(value: date | datetime | time, system_1904: bool = False) -> Decimal | None:
    """Excel's day number (ECMA-376 part 1, 18.17.4.1); None for a day before its calendar begins."""
    moment = value if isinstance(value, time) else value.time() if isinstance(value, datetime) else time()
    seconds = Decimal(moment.hour * 3600 + moment.minute * 60 + moment.second)
    part = (seconds / 86400).quantize(Decimal("1.0000000000")).normalize()
    if isinstance(value, time):
        return part
    day = value.date() if isinstance(value, datetime) else value
    if system_1904:
        days = (day - date(1904, 1, 1)).days
        return days + part if days >= 0 else None
    days = (day - date(1899, 12, 30)).days
    if days <= 60:  # the 1900 system counts a 29th of February 1900 that never was
        days -= 1
    return days + part if days >= 1 else None
