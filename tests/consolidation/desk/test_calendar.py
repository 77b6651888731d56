"""Working days and deadlines: the State Council's arrangement, an office's own days, and years nobody has announced yet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidation.desk.calendar import (
    FILE,
    Calendar,
    Rule,
    check_deadlines,
    deadline,
    due_day,
    is_overdue,
    load_deadlines,
)
from forms.periods import Period, PeriodKind
from forms.problems import CannotDo

NATIONAL = Calendar()
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 7), False),  # its last day off, a Wednesday
        (date(2026, 10, 10), True),  # the Saturday on which it is made up
        (date(2026, 10, 11), False),  # a Sunday
    ],
)
def test_holidays_and_make_up_days_are_known(day: date, worked: bool) -> None:
    assert NATIONAL.is_working_day(day) is worked


def test_five_working_days_after_september_fall_behind_the_holiday() -> None:
    due = deadline(Period.parse("2026-09"), Rule(5))
    assert due.day == date(2026, 10, 13) and due.warnings == ()  # 8, 9, 10 (made up), 12, 13
    assert str(Rule(5)) == "报告期结束后5个工作日内"


def test_days_of_the_calendar_take_no_heed_of_holidays() -> None:
    assert deadline(Period.parse("2026-09"), Rule(5, working=False)).day == date(2026, 10, 5)


def test_of_a_year_not_announced_weekends_are_known_and_it_is_said() -> None:
    beyond = max(chinese_calendar.constants.holidays).year + 1
    due = deadline(Period(PeriodKind.MONTH, date(beyond, 9, 1)), Rule(5))
    assert due.day.weekday() < 5
    assert [str(beyond) in warning.message for warning in due.warnings] == [True]


def test_an_office_that_wrote_a_year_down_itself_is_not_warned() -> None:
    beyond = max(chinese_calendar.constants.holidays).year + 1
    own = Calendar(days_off=frozenset({date(beyond, 10, 1)}), years=frozenset({beyond}))
    due = deadline(Period(PeriodKind.MONTH, date(beyond, 9, 1)), Rule(1), own)
    assert due.day != date(beyond, 10, 1) and due.warnings == ()


def test_local_days_off_and_on_outweigh_the_national_ones() -> None:
    local = Calendar(days_off=frozenset({date(2026, 11, 2)}), days_on=frozenset({date(2026, 11, 1)}))
    assert [local.is_working_day(date(2026, 11, day)) for day in (1, 2, 3)] == [True, False, True]


@given(DAYS, st.integers(1, 60))
def test_adding_and_counting_agree(day: date, n: int) -> None:
    last = NATIONAL.add_working_days(day, n)
    assert NATIONAL.is_working_day(last)
    assert NATIONAL.working_days_between(day, last) == n
    assert NATIONAL.working_days_between(last, day) == -n


@given(DAYS, st.integers(1, 30))
def test_going_back_comes_to_a_working_day_so_many_before(day: date, n: int) -> None:
    first = NATIONAL.add_working_days(day, -n)
    assert NATIONAL.working_days_between(first, day - timedelta(days=1)) == n - 1


def test_a_deadline_is_the_end_of_the_day_in_china_whatever_the_server_says() -> None:
    due = deadline(Period.parse("2026-09"), Rule(5))
    assert due.text == "2026-10-13T15:59:59.999999+00:00" and due_day(due.text) == due.day
    assert not is_overdue(due.text, datetime(2026, 10, 13, 15, 59, tzinfo=UTC))  # 23:59 in China
    assert is_overdue(due.text, datetime(2026, 10, 13, 16, 0, tzinfo=UTC))  # the next day there
    assert not is_overdue("2026-10-13", datetime(2026, 10, 13, 15, 59, tzinfo=UTC))
    assert not is_overdue("", datetime(2026, 10, 13, tzinfo=UTC))


# ---- the file that an office edits ----------------------------------------------------------------------------------------


def edited(tmp_path: Path, old: str, new: str) -> Path:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "deadlines.yml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_the_file_we_ship_is_right() -> None:
    assert check_deadlines() == []
    assert load_deadlines().rule(PeriodKind.MONTH, "民政局") == Rule(5)


def test_a_department_may_have_rules_of_its_own(tmp_path: Path) -> None:
    rules = load_deadlines(edited(tmp_path, "departments: {}", "departments: {统计局: {monthly: {working_days: 3}}}"))
    assert rules.rule(PeriodKind.MONTH, "统计局") == Rule(3)
    assert rules.rule(PeriodKind.YEAR, "统计局") == rules.rule(PeriodKind.YEAR)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("monthly: {working_days: 5}", "monthly: {working_days: 五}", "整数"),
        ("monthly: {working_days: 5}", "monthly: {working_days: 0}", "整数"),
        ("monthly: {working_days: 5}", "monthly: 5", "应写成"),
        ("monthly: {working_days: 5}", "monthy: {working_days: 5}", "不是频率"),
        ("  monthly: {working_days: 5}\n", "", "缺 monthly"),
        ("days_off: []", "days_off: [七月一日]", "日期"),
        ("days_off: []", "days_off: 2026-02-30", "YAML"),
        ("days_off: []\ndays_on: []", "days_off: [2026-11-02]\ndays_on: [2026-11-02]", "既在"),
        ("years: []", "years: [27]", "年份"),
        ("years: []", "", "应当正好有"),
        ("departments: {}", "departments: [统计局]", "departments"),
        ("departments: {}", "departments: {", "YAML"),
    ],
)
def test_what_is_wrong_with_an_edit_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = edited(tmp_path, old, new)
    assert said in " ".join(check_deadlines(path))
    with pytest.raises(CannotDo):
        load_deadlines(path)
