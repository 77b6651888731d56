"""Working days by the Chinese calendar (放假调休) and the deadlines that follow from them.

The rules are those of data/desk/deadlines.yml, which an office edits. Days are days in China: a deadline is the end of a local
day, whatever clock the server has. The State Council announces each year's holidays late in the year before; of a year that
nobody has announced yet, weekends alone are known, and whoever shows such a date shows the warning that comes with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar  # type: ignore[import-untyped]
import yaml

from forms.model import Problem
from forms.periods import Period, PeriodKind
from forms.problems import CannotDo, problem

from .model import now_text

CHINA = ZoneInfo("Asia/Shanghai")
FILE = Path(__file__).resolve().parents[2] / "data" / "desk" / "deadlines.yml"
FREQUENCIES = {
    "daily": PeriodKind.DAY,
    "monthly": PeriodKind.MONTH,
    "quarterly": PeriodKind.QUARTER,
    "half-yearly": PeriodKind.HALF_YEAR,
    "yearly": PeriodKind.YEAR,
}
_DAY = timedelta(days=1)
_MOST = 366  # days that a rule may give


@dataclass(frozen=True, slots=True)
class Rule:
    """A deadline: so many working days, or days of the calendar, after the period's last day."""

    days: int
    working: bool = True

    def __str__(self) -> str:
        return f"报告期结束后{self.days}{'个工作日' if self.working else '天'}内"


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: the national arrangement, and an office's own days off and on. `years`: those whose whole
    arrangement the office wrote itself."""

    days_off: frozenset[date] = frozenset()
    days_on: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def is_working_day(self, day: date) -> bool:
        if day in self.days_on:
            return True
        if day in self.days_off:
            return False
        announced = _announced(day)
        return day.weekday() < 5 if announced is None else announced

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after a day (before it when n < 0); n = 0 gives the day itself."""
        step = _DAY if n > 0 else -_DAY
        left = abs(n)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, after: date, until: date) -> int:
        """Working days after one day up to and with another one; negative when `until` comes first."""
        if until < after:
            return -self.working_days_between(until, after)
        return sum(self.is_working_day(after + timedelta(days=n)) for n in range(1, (until - after).days + 1))

    def warnings(self, first: date, last: date) -> list[Problem]:
        """One for each year between two days of which weekends alone are known."""
        unknown = [
            year for year in range(first.year, last.year + 1)
            if year not in self.years and _announced(date(year, 1, 1)) is None
        ]  # fmt: skip
        return [problem("deadlines.year-not-known", FILE.name, year=year) for year in unknown]


def _announced(day: date) -> bool | None:
    """Whether the national arrangement makes it a working day; None for a year that the library does not hold."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


@dataclass(frozen=True)
class Deadlines:
    """The rules of data/desk/deadlines.yml. `departments`: those that have rules of their own."""

    rules: Mapping[PeriodKind, Rule]
    departments: Mapping[str, Mapping[PeriodKind, Rule]] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)

    def rule(self, kind: PeriodKind, department: str = "") -> Rule:
        return self.departments.get(department, {}).get(kind) or self.rules[kind]


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline: the local day at whose end it falls, and what must be said beside it."""

    day: date
    warnings: tuple[Problem, ...] = ()

    @property
    def moment(self) -> datetime:
        return end_of_day(self.day)

    @property
    def text(self) -> str:
        """As the database writes it."""
        return now_text(self.moment)


def deadline(period: Period, rule: Rule, calendar: Calendar | None = None) -> Due:
    """When a period's report is due."""
    days = calendar or Calendar()
    if not rule.working:
        return Due(period.end + timedelta(days=rule.days))
    last = days.add_working_days(period.end, rule.days)
    return Due(last, tuple(days.warnings(period.end + _DAY, last)))


def end_of_day(day: date) -> datetime:
    """The last moment of a day in China: the day that people read in it is the day itself."""
    return datetime.combine(day, time.max, CHINA)


def today(now: datetime) -> date:
    """The day it is in China."""
    return now.astimezone(CHINA).date()


def due_day(text: str) -> date | None:
    """The local day of a deadline as the database holds it (a moment, or a day alone); None for "". Raises ValueError."""
    if not text:
        return None
    if len(text) == len("2026-11-06"):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return today(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def is_overdue(text: str, now: datetime) -> bool:
    """Whether a deadline as the database holds it has passed; one that is not set never has."""
    day = due_day(text)
    return day is not None and now > end_of_day(day)


# ---- the file -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def load_deadlines(path: Path = FILE) -> Deadlines:
    """The rules of a file. Raises CannotDo with the first thing that is wrong with it."""
    wrong = check_deadlines(path)
    if wrong:
        raise CannotDo(problem("deadlines.bad-file", path.name, reason=wrong[0]))
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    calendar = Calendar(frozenset(data["days_off"]), frozenset(data["days_on"]), frozenset(data["years"]))
    departments = {name: _rules(own) for name, own in data["departments"].items()}
    return Deadlines(_rules(data["frequencies"]), departments, calendar)


def _rules(entries: Mapping[str, Mapping[str, int]]) -> dict[PeriodKind, Rule]:
    return {
        FREQUENCIES[name]: Rule(entry.get("working_days", entry.get("days", 0)), "working_days" in entry)
        for name, entry in entries.items()
    }


def check_deadlines(path: Path = FILE) -> list[str]:
    """What is wrong with an office's edit of the file, in plain words; nothing when all is well."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:  # ValueError: 2026-02-30
        return [f"不是能读懂的 YAML（{str(error).splitlines()[0]}）"]
    wanted = {"frequencies", "departments", "days_off", "days_on", "years"}
    if not isinstance(data, dict) or set(data) != wanted:
        return [f"应当正好有 {'、'.join(sorted(wanted))} 这几项"]
    return list(_wrong(data))


def _wrong(data: Mapping[str, Any]) -> Iterator[str]:
    yield from _wrong_rules("frequencies", data["frequencies"])
    missing = [name for name in FREQUENCIES if name not in (data["frequencies"] or {})]
    if missing:
        yield f"frequencies 缺 {'、'.join(missing)}"
    if not isinstance(data["departments"], dict):
        yield "departments 应写成“部门: {频率: …}”"
    else:
        for name, own in data["departments"].items():
            yield from _wrong_rules(f"departments 的“{name}”", own)
    for key in ("days_off", "days_on"):
        days = data[key] if isinstance(data[key], list) else [data[key]]
        yield from (f"{key} 里的“{day}”不是 2026-07-01 这样的日期" for day in days if type(day) is not date)
    years = data["years"] if isinstance(data["years"], list) else [data["years"]]
    yield from (f"years 里的“{year}”不是年份" for year in years if type(year) is not int or not 1949 < year < 2200)
    if isinstance(data["days_off"], list) and isinstance(data["days_on"], list):
        yield from (f"{day} 既在 days_off 又在 days_on" for day in data["days_off"] if day in data["days_on"])


def _wrong_rules(where: str, entries: object) -> Iterator[str]:
    if not isinstance(entries, dict):
        yield f"{where} 应写成“频率: {{working_days: 天数}}”"
        return
    for name, entry in entries.items():
        if name not in FREQUENCIES:
            yield f"{where} 里的“{name}”不是频率，只能是 {'、'.join(FREQUENCIES)}"
        if not isinstance(entry, dict) or len(entry) != 1 or not set(entry) <= {"working_days", "days"}:
            yield f"{where} 的 {name} 应写成 {{working_days: 天数}} 或 {{days: 天数}}"
        elif type(next(iter(entry.values()))) is not int or not 0 < next(iter(entry.values())) <= _MOST:
            yield f"{where} 的 {name} 的天数应是 1 到 {_MOST} 的整数"
