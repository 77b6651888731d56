"""Reporting periods: a day, month, quarter, half-year or year, and reading one from the lines of a form."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache, total_ordering
from pathlib import Path

import yaml

from forms.values.numerals import chinese_number, digit_by_digit
from forms.values.words import half_width


class PeriodKind(StrEnum):
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"


_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF_YEAR: 6, PeriodKind.YEAR: 12}
_WRITTEN = re.compile(r"(\d{4})(?:-(?:H([12])|Q([1-4])|(\d{2})(?:-(\d{2}))?))?")
_FINENESS = tuple(PeriodKind)


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """One reporting period, named by its kind and first day. Ordered by time; of two with one start, the shorter is first.

    `Period.parse` and the named constructors give well-formed ones; a start inside a period raises ValueError.
    """

    kind: PeriodKind
    start: date

    def __post_init__(self) -> None:
        months = _MONTHS.get(self.kind)
        if months and (self.start.day != 1 or (self.start.month - 1) % months):
            raise ValueError(f"no {self.kind} starts on {self.start}")

    @property
    def end(self) -> date:
        """The last day."""
        if self.kind is PeriodKind.DAY:
            return self.start
        month = self.start.month + _MONTHS[self.kind] - 1
        return date(self.start.year, month, monthrange(self.start.year, month)[1])

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that `str()` wrote: 2026, 2026-H1, 2026-Q3, 2026-10, 2026-10-31. Raises ValueError for anything else."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"not a period: {text!r}")
        year = int(found[1])
        if found[2]:
            return cls(PeriodKind.HALF_YEAR, date(year, int(found[2]) * 6 - 5, 1))
        if found[3]:
            return cls(PeriodKind.QUARTER, date(year, int(found[3]) * 3 - 2, 1))
        if found[5]:
            return cls(PeriodKind.DAY, date(year, int(found[4]), int(found[5])))
        return cls(PeriodKind.MONTH, date(year, int(found[4]), 1)) if found[4] else cls(PeriodKind.YEAR, date(year, 1, 1))

    @classmethod
    def containing(cls, day: date, kind: PeriodKind) -> Period:
        """The period of a kind that a day lies in."""
        if kind is PeriodKind.DAY:
            return cls(kind, day)
        months = _MONTHS[kind]
        return cls(kind, date(day.year, (day.month - 1) // months * months + 1, 1))

    def previous(self) -> Period:
        """The period of the same kind just before. Raises OverflowError before the year 1."""
        return Period.containing(self.start - timedelta(days=1), self.kind)

    def next(self) -> Period:
        """The period of the same kind just after. Raises OverflowError after the year 9999."""
        return Period.containing(self.end + timedelta(days=1), self.kind)

    def year_before(self) -> Period:
        """The same period of the year before (上年同期); the 29th of February has the 28th."""
        day = min(self.start.day, monthrange(self.start.year - 1, self.start.month)[1])
        return Period(self.kind, date(self.start.year - 1, self.start.month, day))

    def __contains__(self, other: object) -> bool:
        """Whether a day or a whole period lies inside."""
        if isinstance(other, Period):
            return self.start <= other.start and other.end <= self.end
        return isinstance(other, date) and self.start <= other <= self.end

    def __lt__(self, other: Period) -> bool:
        return (self.start, self.end) < (other.start, other.end)

    def __str__(self) -> str:
        year = f"{self.start.year:04d}"
        if self.kind is PeriodKind.YEAR:
            return year
        if self.kind is PeriodKind.HALF_YEAR:
            return f"{year}-H{1 + self.start.month // 7}"
        if self.kind is PeriodKind.QUARTER:
            return f"{year}-Q{(self.start.month + 2) // 3}"
        return f"{year}-{self.start.month:02d}" + (f"-{self.start.day:02d}" if self.kind is PeriodKind.DAY else "")

    @property
    def chinese(self) -> str:
        """As people write it: 2026年, 2026年上半年, 2026年三季度, 2026年10月, 2026年10月31日."""
        year, month = f"{self.start.year}年", self.start.month
        if self.kind is PeriodKind.YEAR:
            return year
        if self.kind is PeriodKind.HALF_YEAR:
            return year + ("上半年" if month == 1 else "下半年")
        if self.kind is PeriodKind.QUARTER:
            return f"{year}{'一二三四'[month // 3]}季度"
        return f"{year}{month}月" + (f"{self.start.day}日" if self.kind is PeriodKind.DAY else "")


_NUM = r"[0-9一二三四五六七八九十]{1,3}"
_YEAR = r"(?P<year>(?:19|20)\d{2}|[一二][零〇○Oo一二三四五六七八九]{3})"
_READ = re.compile(
    rf"(?<![0-9.]){_YEAR}(?:\s*[年./-])\s*(?:"
    rf"(?P<half>[上下])半年"
    rf"|(?:第|(?:1|一)\s*[-~—–至]\s*)?\s*(?P<quarter>[1-4一二三四])\s*季度?"
    rf"|(?:(?:1|一)\s*[-~—–至]\s*)?(?P<month>{_NUM})\s*(?:月|(?=[./-]\s*\d)|(?![0-9]))(?:份|\s*[./-]?\s*(?P<day>{_NUM})\s*(?:日|号|(?![0-9])))?"
    r")|(?<![0-9.])" + _YEAR.replace("?P<year>", "?P<only>") + r"\s*(?:年|$|(?=\s*[)）]))"
)
_QUARTER_BLANK = re.compile(r"第?\s*[_\s]*季度?")
_DAY_BLANK = re.compile(r"年[\s_]*月[\s_]*日")
_MONTH_BLANK = re.compile(r"(?:年|^|[\s_])[\s_]*月(?!报|度|末|底|均|工)")
_YEAR_BLANK = re.compile(
    r"(?:(?:19|20)\d?[\s_×xX]+|二[〇零○][一二三]?[\s_×xX]*|[\s_×xX]{2,}|^\s*(?=年[\s_]*[月季]))年(?![龄限级内均])"
)
_YEARS = re.compile(r"(?:19|20)\d{2}\s*年?度?\s*[-—–~至到]+\s*(?:19|20)\d{2}")


def period_in_text(text: str) -> tuple[PeriodKind | None, Period | None]:
    """What a title or line of a form says about its period: how long it is, and which it is when that is printed.

    2026年三季度 -> (QUARTER, 2026-Q3); 20  年  月 -> (MONTH, None); 本月 -> (MONTH, None); 2016年农业统计季报 -> (QUARTER, None).
    A word for the kind outweighs a date: the month in which a yearly report was printed is not its period.
    """
    line = half_width(text)
    named = _named_kind(line)
    if _YEARS.search(line):
        return named or PeriodKind.YEAR, None
    found = list(_periods(line))
    if found:
        best = _choose(found, named)
        if named is None or best.kind is named:
            return best.kind, best
        if _FINENESS.index(named) < _FINENESS.index(best.kind):
            return named, None
        return named, Period.containing(best.start, named)
    return _blank_kind(line) or named, None


def _choose(found: list[Period], named: PeriodKind | None) -> Period:
    return next((period for period in found if period.kind is named), found[0])


def _named_kind(line: str) -> PeriodKind | None:
    """The kind that a word names. The name of a report (月报) outweighs other words (2026年度), then the longest word does
    (半年报 is no 年报), then the last."""
    hits = [
        ("报" in word, len(word), line.rfind(word), kind)
        for kind, words in _words()["kinds"].items()
        for word in words
        if word in line
    ]
    return PeriodKind(max(hits)[3]) if hits else None


def _periods(line: str) -> Iterator[Period]:
    for found in _READ.finditer(line):
        if _is_other(line, found.start(), found.end()):
            continue
        period = _period(found)
        if period is not None:
            yield period


def _is_other(line: str, start: int, end: int) -> bool:
    """Whether the words around a date show that it is none of the form: 有效期至…, …以前出生."""
    words = _words()["not-a-period"]
    before, after = line[max(0, start - 8) : start].strip(" :："), line[end:].strip()
    return any(before.endswith(word) for word in words["before"]) or any(after.startswith(word) for word in words["after"])


def _period(found: re.Match[str]) -> Period | None:
    year = _number(found["year"] or found["only"])
    half, quarter, month, day = found["half"], found["quarter"], found["month"], found["day"]
    try:
        if half:
            return Period(PeriodKind.HALF_YEAR, date(year, 1 if half == "上" else 7, 1))
        if quarter:
            return Period(PeriodKind.QUARTER, date(year, _number(quarter) * 3 - 2, 1))
        if month and day:
            return Period(PeriodKind.DAY, date(year, _number(month), _number(day)))
        return Period(PeriodKind.MONTH, date(year, _number(month), 1)) if month else Period(PeriodKind.YEAR, date(year, 1, 1))
    except ValueError:
        return None


def _number(text: str) -> int:
    if text.isdigit() and text.isascii():
        return int(text)
    spelt = digit_by_digit(text) if len(text) == 4 else None
    said = chinese_number(text) if spelt is None else None
    return spelt if spelt is not None else int(said) if said is not None else 0


def _blank_kind(line: str) -> PeriodKind | None:
    """The kind of a period that is still to be written in: 20  年  季度."""
    if _DAY_BLANK.search(line):
        return PeriodKind.DAY
    if "季" in line and _YEAR_BLANK.search(line) and _QUARTER_BLANK.search(line):
        return PeriodKind.QUARTER
    if "年" in line and _MONTH_BLANK.search(line):
        return PeriodKind.MONTH
    return PeriodKind.YEAR if _YEAR_BLANK.search(line) else None


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Mapping[str, list[str]]]:
    loaded: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return loaded
