"""What a person reads in a number or date cell, from its value and its Excel number format (ECMA-376 part 1, 18.8.31).

Not the whole of Excel: enough that 2016.0 reads 2016, a code with format 00 reads 01, 0.125 with 0.0% reads 12.5%, and a
date reads as yyyy-mm-dd, or yyyy-mm when the format shows no day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

# Formats that a file may name by number only (ECMA-376 part 1, 18.8.30, with those of the Chinese locale).
BUILTIN: dict[int, str] = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-m-d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: 'h"时"mm"分"', 35: 'h"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"', 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
    41: "#,##0", 42: "#,##0", 43: "#,##0.00", 44: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0",
    49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"',
    55: 'h"时"mm"分"', 56: 'h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip

_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_UP)
_ELEVEN = Context(prec=11, rounding=ROUND_HALF_UP)
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[([^\]]*)\]|([0#?.,]+(?:[eE][+-][0#?]+)?)|(%)|(General)|(.)', re.I | re.S)
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.I | re.S)


@dataclass(frozen=True, slots=True)
class DateShape:
    """Which parts of a date or time a format shows."""

    year: bool
    month: bool
    day: bool
    clock: bool


@dataclass(frozen=True, slots=True)
class _Section:
    prefix: str
    suffix: str
    digits: str  # "" = general or literal only
    percents: int
    general: bool


@lru_cache(maxsize=4096)
def date_shape(number_format: str) -> DateShape | None:
    """The date parts that a format shows; None when it is no date format."""
    if number_format in ("General", "", "@"):
        return None
    bare = _LITERALS.sub("", number_format.split(";", 1)[0]).lower().replace("am/pm", "h").replace("上午/下午", "h")
    if "general" in bare or re.search(r"[0#?](?!.*[ymdhs])", re.sub(r"s\.0+", "s", bare)):
        return None
    era_year = bool(re.search(r"e(?![+-])", bare))
    year, day = "y" in bare or era_year, "d" in bare
    clock = "h" in bare or "s" in bare
    months = "m" in bare
    if not (year or day or clock or months):
        return None
    month = months and (not clock or year or day)
    return DateShape(year, month, day, clock)


def tidy(value: Decimal) -> Decimal:
    """A stored binary number as the decimal that Excel shows: 15 significant digits, no trailing zeros or exponent."""
    rounded = _FIFTEEN.plus(value)
    if rounded == rounded.to_integral_value():
        return rounded.quantize(Decimal(1), context=_WIDE) if rounded.adjusted() < 50 else rounded
    return rounded.normalize(_FIFTEEN)


def show_number(value: Decimal, number_format: str) -> str:
    """The number as the format shows it."""
    if number_format in ("General", "@", ""):
        return _plain(value)
    section, shown = _choose(value, number_format)
    if not section.digits:
        return section.prefix + (_plain(shown) if section.general else "") + section.suffix
    scaled = shown * Decimal(100) ** section.percents
    return section.prefix + _digits(scaled, section.digits) + section.suffix


def show_date(value: date | datetime | time, shape: DateShape) -> str:
    """ISO date to the precision of the format: yyyy-mm-dd, yyyy-mm, yyyy, with hh:mm[:ss] when there is a clock time."""
    if isinstance(value, time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    if shape.year and shape.month and not shape.day and not shape.clock:
        return f"{value.year:04d}-{value.month:02d}"
    if shape.year and not (shape.month or shape.day or shape.clock):
        return f"{value.year:04d}"
    day = f"{value.year:04d}-{value.month:02d}-{value.day:02d}"
    if isinstance(value, datetime) and shape.clock:
        return f"{day} {show_date(value.time(), shape)}"
    return day


def _plain(value: Decimal) -> str:
    if abs(value) >= Decimal(10) ** 15 or (value and abs(value) < Decimal(10) ** -9):
        coefficient = f"{value:.5E}".split("E")
        return f"{coefficient[0].rstrip('0').rstrip('.')}E{int(coefficient[1]):+03d}"
    text = f"{_ELEVEN.plus(value) if value != value.to_integral_value() else value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _choose(value: Decimal, number_format: str) -> tuple[_Section, Decimal]:
    """The section for this value and the number to show in it (without its sign where the section carries its own)."""
    sections = _sections(number_format)
    if value < 0 and len(sections) > 1:
        return sections[1], -value
    if value == 0 and len(sections) > 2:
        return sections[2], value
    return sections[0], value


@lru_cache(maxsize=4096)
def _sections(number_format: str) -> tuple[_Section, ...]:
    parts = re.findall(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[]|["\\\[])*?)(?:;|$)', number_format)
    found = tuple(_section(part) for part in parts[:3] if part or number_format.startswith(";"))
    return found or (_Section("", "", "", 0, True),)


def _section(text: str) -> _Section:
    before, after, digits, percents, general = "", "", "", 0, False
    for quoted, escaped, bracket, spec, percent, word, other in _TOKEN.findall(text):
        literal = quoted or escaped or other
        if spec and any(mark in spec for mark in "0#?"):
            if digits:  # "# ?/?": a fraction is shown as a decimal number
                return _Section("", "", "", 0, True)
            digits = spec
        elif word or other == "@":
            general, literal = True, ""
        elif percent:
            percents, literal = percents + 1, "%"
        elif bracket.startswith("$"):
            literal = bracket[1:].split("-")[0]
        elif spec:
            literal = spec
        if digits or general:
            after += literal
        else:
            before += literal
    return _Section(before, after, digits, percents, general)


def _digits(value: Decimal, spec: str) -> str:
    if "E" in spec.upper():
        mantissa = re.split("[eE]", spec)[0]
        places = len(mantissa.partition(".")[2])
        head, _, power = f"{value:.{places}E}".partition("E")
        return f"{head}E{int(power):+03d}"
    whole, _, fraction = spec.partition(".")
    scale = len(whole) - len(whole.rstrip(",")) if not fraction else len(fraction) - len(fraction.rstrip(","))
    fraction = fraction.replace(",", "")
    value = value / Decimal(1000) ** scale
    rounded = value.quantize(Decimal(1).scaleb(-len(fraction)), context=_WIDE)
    shown = f"{abs(rounded):f}"
    left, _, right = shown.partition(".")
    optional = len(fraction) - len(fraction.rstrip("#?"))
    while optional and right.endswith("0"):
        right, optional = right[:-1], optional - 1
    least = whole.count("0")
    left = left.lstrip("0").rjust(least, "0") if least or right else left
    if "," in whole.rstrip(","):
        left = f"{int(left or 0):,}".rjust(least, "0")
    sign = "-" if rounded < 0 else ""
    return sign + left + ("." + right if right else "")
