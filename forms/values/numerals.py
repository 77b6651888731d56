"""Chinese numerals: 十二, 一百零五, 二〇二六, 壹万贰仟, and mixed ones as 3万5千."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {
    "零": 0, "〇": 0, "○": 0, "Ｏ": 0, "O": 0, "o": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9, "壹": 1, "贰": 2, "貳": 2, "叁": 3, "參": 3, "肆": 4, "伍": 5, "陆": 6, "陸": 6, "柒": 7,
    "捌": 8, "玖": 9, "幺": 1,
}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_TENS = {"廿": "二十", "卅": "三十", "卌": "四十"}
NUMERAL = re.compile(
    "[" + "".join(_DIGITS).replace("O", "").replace("o", "") + "".join(_UNITS) + "".join(_LARGE) + "".join(_TENS) + "]"
)


def digit_by_digit(text: str) -> int | None:
    """二〇二六 -> 2026, as years and codes are written; None when a character is no digit."""
    digits = [_DIGITS.get(char) for char in text]
    if not digits or None in digits:
        return None
    return int("".join(str(digit) for digit in digits))


def chinese_number(text: str) -> Decimal | None:
    """The number that Chinese numerals (with Arabic ones before a unit: 3千, 1.5亿) say; None when they say none.

    一万二 and 两百五 mean 12,000 and 250: a last digit right after a unit counts in the next lower one.
    """
    for short, long in _TENS.items():
        text = text.replace(short, long)
    if text.startswith("负"):
        inner = chinese_number(text[1:])
        return -inner if inner is not None else None
    whole, point, fraction = text.partition("点")
    if point:
        return _with_fraction(whole, fraction)
    if len(text) > 1 and all(char in _DIGITS for char in text):
        spelt = digit_by_digit(text)
        return Decimal(spelt) if spelt is not None else None
    return _large(text, 10**12)


def _with_fraction(whole: str, fraction: str) -> Decimal | None:
    before = chinese_number(whole) if whole else None
    after = [_DIGITS.get(char) for char in fraction]
    if before is None or not after or None in after:
        return None
    return Decimal(f"{before:f}." + "".join(str(digit) for digit in after))


def _large(text: str, below: int) -> Decimal | None:
    """Splits at the largest of 亿 and 万; each may occur once, the larger one first."""
    for mark, size in sorted(_LARGE.items(), key=lambda item: -item[1]):
        if mark not in text or size >= below:
            continue
        left, _, right = text.rpartition(mark) if size == 10**8 else text.partition(mark)
        head = _large(left, 10**8 if size == 10**4 else 10**12) if left else None
        if head is None:
            return None
        tail = _tail(right, size) if right else Decimal(0)
        return None if tail is None else head * size + tail
    return _small(text)


def _tail(text: str, size: int) -> Decimal | None:
    if len(text) == 1 and text in _DIGITS and text not in "零〇":
        return Decimal(_DIGITS[text]) * (size // 10)
    return _large(text.removeprefix("零").removeprefix("〇"), size)


def _small(text: str) -> Decimal | None:
    """Up to 9,999: digits and 千, 百, 十 in falling order."""
    total, rest, last = Decimal(0), text, 10**4
    while rest:
        found = re.match(r"(\d+(?:\.\d+)?|[^\d])?([十拾百佰千仟])", rest)
        if found is None:
            break
        unit, digit = _UNITS[found[2]], found[1]
        value = Decimal(1) if not digit and unit == 10 else _digit(digit)
        if value is None or unit >= last:
            return None
        total, last, rest = total + value * unit, unit, rest[found.end() :]
        if rest[:1] in ("零", "〇") and len(rest) > 1:
            rest, last = rest[1:], min(last, 100)
            if len(rest) == 1:
                last = 10
    if not rest:
        return total
    value = _digit(rest)
    if value is None or (total and (len(rest) > 1 or value >= 10)):
        return None
    colloquial = total and last >= 100 and text[-2:-1] not in ("零", "〇")
    return total + value * (last // 10 if colloquial else 1)


def _digit(text: str | None) -> Decimal | None:
    if not text:
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return Decimal(text)
    return Decimal(_DIGITS[text]) if text in _DIGITS else None


def to_chinese(number: int) -> str:
    """0 to 99,999,999 in plain numerals: 105 -> 一百零五."""
    if number < 0 or number >= 10**8:
        raise ValueError(f"out of range: {number}")
    if number >= 10**4:
        head, rest = divmod(number, 10**4)
        zero = "零" if 0 < rest < 1000 else ""
        tail = to_chinese(rest) if rest else ""
        return to_chinese(head) + "万" + zero + ("一" + tail if tail.startswith("十") else tail)
    words, gap = "", False
    for unit, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            words += ("零" if gap else "") + "零一二三四五六七八九"[digit] + mark
            gap = False
        elif words:
            gap = True
    return words.removeprefix("一") if words.startswith("一十") else words or "零"
