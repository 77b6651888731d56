"""Numbers as people write them: １２, 1,234, 12.5万, 一百零五, 约30, 30余, 百分之五, 5‰."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from forms.model import CellValue
from forms.values.failure import Failure
from forms.values.numerals import NUMERAL, chinese_number
from forms.values.words import half_width, words

_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+")
_POWER = re.compile(r"([+-]?\d(?:\.\d+)?)e([+-]?\d{1,3})", re.I)
_SCALED = re.compile(r"([+-]?[\d,]*\.?\d+)(万亿|亿|千万|百万|十万|万|千|百)")
_RANGE = re.compile(r"[\d一二三四五六七八九十百千万%][\s]*(?:-|~|—|–|至|到|～)[\s]*[\d一二三四五六七八九十百千万]")
_VAGUE = re.compile(r"[几数]")
_NEIGHBOURS = re.compile(r"一二|二三|两三|三四|三五|四五|五六|六七|七八|八九")
_SCALES = {"百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}
_RATIOS = {"%": ("%", 2), "‰": ("‰", 3)}
_PARTS = {"百分之": ("%", 2), "千分之": ("‰", 3), "万分之": ("‱", 4)}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written. `ratio` is %, ‰ or ‱ when it was written as one (`value` is then the pure ratio: 5% is 0.05)."""

    value: Decimal
    approximate: bool = False
    ratio: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what stands behind it (30人, 12.5万元 -> 125000 元); `unit` is as written, "" for none."""

    number: Number
    unit: str = ""


def parse_number(content: CellValue) -> Number | Failure:
    """The number that a cell's content says. A unit behind it is refused (see parse_quantity), a range is no number
    (value.range), nor is a bound (30以上), a vague one (十几, 数十) or one with digits lost (5.11E+17)."""
    if isinstance(content, Decimal):
        return Number(content)
    if not isinstance(content, str):
        return Failure("value.not-a-number", "" if content is None else str(content))
    text = half_width(content).strip()
    for mark in ("¥", "￥", "人民币"):
        text = text.removeprefix(mark).strip()
    refused = _refused(text, content)
    if refused is not None:
        return refused
    core, approximate = _without_about(text)
    value, ratio = _ratio(core)
    if value is None:
        return Failure("value.rounded" if _digits_lost(core) else "value.not-a-number", content)
    return Number(value, approximate, ratio)


def parse_quantity(content: CellValue) -> Quantity | Failure:
    """A number with or without a unit behind it. The caller must look at the unit: 2026年 is a quantity, too."""
    whole = parse_number(content)
    if isinstance(whole, Number) or not isinstance(content, str):
        return Quantity(whole) if isinstance(whole, Number) else whole
    if whole.code != "value.not-a-number":
        return whole
    text = half_width(content).strip()
    for end in range(len(text) - 1, max(len(text) - 9, 0), -1):
        unit = text[end:].strip()
        if not unit or re.search(r"[\d.,\s()%‰]", unit):
            continue
        number = parse_number(text[:end])
        if isinstance(number, Number):
            return Quantity(number, unit)
    return whole


def _refused(text: str, shown: str) -> Failure | None:
    bounds = words()["bound"]
    if any(text.startswith(half_width(word)) for word in bounds["before"]) or any(
        text.endswith(word) for word in bounds["after"]
    ):
        return Failure("value.range", shown)
    if _RANGE.search(text):
        return Failure("value.range", shown)
    if NUMERAL.search(text) and (_VAGUE.search(text) or (_NEIGHBOURS.search(text) and not _spelt(text))):
        return Failure("value.vague", shown)
    if _VAGUE.match(text):
        return Failure("value.vague", shown)
    return None


def _spelt(text: str) -> bool:
    """Digits one by one (一二三四), not 三四十."""
    return len(text) > 2 and not re.search(r"[十百千万亿]", text)


def _without_about(text: str) -> tuple[str, bool]:
    """The text without 约 before or 余 behind it. 余 may stand before the scale: 30余万."""
    about = words()["approximate"]
    approximate = False
    for word in sorted(about["before"], key=len, reverse=True):
        if text.startswith(word):
            text, approximate = text.removeprefix(word).strip(), True
            break
    for word in about["after"]:
        if text.endswith(word) and len(text) > len(word):
            return text.removesuffix(word).strip(), True
        found = re.fullmatch(rf"(.+){word}([万亿千百]+)", text)
        if found:
            return found[1] + found[2], True
    return text, approximate


def _ratio(text: str) -> tuple[Decimal | None, str]:
    if text[-1:] in _RATIOS:
        ratio, places = _RATIOS[text[-1]]
        value = _value(text[:-1].rstrip())
        return (value.scaleb(-places) if value is not None else None), ratio
    for prefix, (ratio, places) in _PARTS.items():
        if text.startswith(prefix):
            value = _value(text.removeprefix(prefix).strip())
            return (value.scaleb(-places) if value is not None else None), ratio
    if len(text) == 2 and text[1] == "成":
        value = _value(text[0])
        return (value.scaleb(-1) if value is not None else None), "%"
    return _value(text), ""


def _value(text: str) -> Decimal | None:
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if _SPACED.fullmatch(text):
        return Decimal(text.replace(" ", ""))
    scaled = _SCALED.fullmatch(text)
    if scaled:
        value = _value(scaled[1])
        return _positional(value.scaleb(_SCALES[scaled[2]])) if value is not None else None
    power = _POWER.fullmatch(text)
    if power:
        return None if _digits_lost(text) else _positional(Decimal(text))
    return chinese_number(text) if NUMERAL.search(text) else None


def _digits_lost(text: str) -> bool:
    """5.11E+17: more places before the point than digits were kept, and more than a figure ever has."""
    power = _POWER.fullmatch(text)
    return power is not None and abs(int(power[2])) >= 11


def _positional(value: Decimal) -> Decimal:
    return Decimal(f"{value:f}")
