"""Reporting periods, and reading one from the lines of a form."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.periods import Period, PeriodKind, period_in_text

PERIODS = st.builds(
    Period.containing, st.dates(min_value=date(1902, 1, 1), max_value=date(2098, 1, 1)), st.sampled_from(PeriodKind)
)


@pytest.mark.parametrize(
    ("written", "start", "end", "before", "after"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2025", "2027"),
        ("2026-H1", date(2026, 1, 1), date(2026, 6, 30), "2025-H2", "2026-H2"),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30), "2026-Q2", "2026-Q4"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024-01", "2024-03"),
        ("2026-10-31", date(2026, 10, 31), date(2026, 10, 31), "2026-10-30", "2026-11-01"),
    ],
)
def test_a_period_has_first_and_last_day_and_neighbours(written: str, start: date, end: date, before: str, after: str) -> None:
    period = Period.parse(written)
    assert (period.start, period.end) == (start, end)
    assert (str(period.previous()), str(period), str(period.next())) == (before, written, after)


@given(PERIODS)
def test_periods_come_back_from_text_and_chinese(period: Period) -> None:
    assert Period.parse(str(period)) == period
    assert period_in_text(period.chinese) == (period.kind, period)


@given(PERIODS)
def test_neighbours_touch_and_stay_in_order(period: Period) -> None:
    assert period.next().previous() == period
    assert period.previous() < period < period.next()
    assert (period.next().start - period.end).days == 1


def test_of_two_with_one_start_the_shorter_is_first() -> None:
    parsed = [Period.parse(text) for text in ("2026", "2026-01-01", "2026-Q1", "2025-12", "2026-01", "2026-H1")]
    assert [str(period) for period in sorted(parsed)] == ["2025-12", "2026-01-01", "2026-01", "2026-Q1", "2026-H1", "2026"]


def test_a_month_lies_in_its_quarter() -> None:
    assert Period.parse("2026-08") in Period.parse("2026-Q3")
    assert Period.parse("2026-10") not in Period.parse("2026-Q3")
    assert date(2026, 9, 30) in Period.parse("2026-Q3")


def test_the_year_before() -> None:
    assert str(Period.parse("2024-02-29").year_before()) == "2023-02-28"
    assert str(Period.parse("2026-Q3").year_before()) == "2025-Q3"


@pytest.mark.parametrize("written", ["", "26", "2026-13", "2026-Q5", "2026-H3", "2026-02-30", "2026年", "2026-1"])
def test_anything_else_is_no_period(written: str) -> None:
    with pytest.raises(ValueError):
        Period.parse(written)


def test_no_quarter_starts_in_february() -> None:
    with pytest.raises(ValueError, match="quarter"):
        Period(PeriodKind.QUARTER, date(2026, 2, 1))


@pytest.mark.parametrize(
    ("line", "kind", "period"),
    [
        ("2016年", "year", "2016"),
        ("（ 2016 年 ）", "year", "2016"),
        ("2026年度", "year", "2026"),
        ("二〇一六年", "year", "2016"),
        ("2016年农林牧渔业综合统计报表制度", "year", "2016"),
        ("（2026）", "year", "2026"),
        ("2026年三季度", "quarter", "2026-Q3"),
        ("2026年第3季度", "quarter", "2026-Q3"),
        ("2026年1—3季度", "quarter", "2026-Q3"),
        ("2026年上半年", "half-year", "2026-H1"),
        ("二〇二六年下半年", "half-year", "2026-H2"),
        ("二〇二六年十月", "month", "2026-10"),
        ("2026 年 10 月份", "month", "2026-10"),
        ("（2026.10）", "month", "2026-10"),
        ("2026年1-10月", "month", "2026-10"),
        ("2026年10月31日", "day", "2026-10-31"),
        ("填报日期：2026-10-31", "day", "2026-10-31"),
        ("残疾人基本情况月报表（2026年10月）", "month", "2026-10"),
        ("2017年3月印制 2016年年报", "year", "2016"),
    ],
)
def test_a_printed_period_is_read(line: str, kind: str, period: str) -> None:
    assert period_in_text(line) == (PeriodKind(kind), Period.parse(period))


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("20  年", "year"),
        ("20__年", "year"),
        ("       年", "year"),
        ("二〇  年", "year"),
        ("20  年  月", "month"),
        ("    年    月", "month"),
        ("20  年   季度", "quarter"),
        ("2016年第  季度", "quarter"),
        ("填报日期：    年   月   日", "day"),
        ("本月", "month"),
        ("老年人口情况季报", "quarter"),
        ("生产情况半年报", "half-year"),
        ("农业统计年报", "year"),
        ("2026年度月报", "month"),
        ("2016-2020年", "year"),
    ],
)
def test_a_blank_or_unnamed_period_still_has_a_kind(line: str, kind: str) -> None:
    assert period_in_text(line) == (PeriodKind(kind), None)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "姓名",
        "年龄",
        "近三年受灾情况",
        "一年以上",
        "60岁以上人数",
        "2000年以前出生人数",
        "有效期至：2017年1月",
        "1949年10月1日前参加工作",
        "出生年级",
    ],
)
def test_other_lines_speak_of_no_period(line: str) -> None:
    assert period_in_text(line) == (None, None)


@given(st.text(max_size=20) | st.text(alphabet="0123456789年月日季度上下半第 .-—二〇一", max_size=16))
def test_no_line_makes_the_reader_raise(line: str) -> None:
    period_in_text(line)
