"""Dates and months in the ways people write them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.values import Failure, YearMonth, parse_date, parse_year_month
from forms.values.numerals import to_chinese
from forms.values.serials import from_serial

DAYS = st.dates(min_value=date(1850, 1, 1), max_value=date(2150, 12, 31))


@pytest.mark.parametrize(
    "written",
    [
        "2026.3.5",
        "2026-3-5",
        "2026/03/05",
        "2026-03-05",
        "20260305",
        "2026年3月5日",
        "2026 年 3 月 5 日",
        "2026年03月05号",
        "二〇二六年三月五日",
        "二零二六年三月五日",
        "26.3.5",
        "26年3月5日",
        "２０２６．３．５",
        "2026。3。5",
        "2026、3、5",
        "2026-03-05 10:30:00",
        "2026/3/5 8:05",
        datetime(2026, 3, 5, 10),
        date(2026, 3, 5),
        Decimal(20260305),
        Decimal(46086),
        Decimal("46086.75"),
    ],
)
def test_one_day_however_it_is_written(written: str | Decimal | date) -> None:
    assert parse_date(written) == date(2026, 3, 5)


def test_two_digit_years_follow_excels_rule() -> None:
    assert parse_date("29.1.1") == date(2029, 1, 1)
    assert parse_date("30.1.1") == date(1930, 1, 1)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2026-02-30", "value.impossible-date"),
        ("20261301", "value.impossible-date"),
        ("0026-01-01", "value.impossible-date"),
        ("2026年3月", "value.date-without-day"),
        ("2026", "value.date-without-day"),
        ("3/5/2026", "value.date-order"),
        ("2026.3.5-2026.3.8", "value.range"),
        ("2026年3月5日至8日", "value.range"),
        ("46086", "value.not-a-date"),
        ("", "value.not-a-date"),
        ("明天", "value.not-a-date"),
        ("农历三月初五", "value.not-a-date"),
    ],
)
def test_what_is_no_day_is_refused_with_the_reason(written: str, code: str) -> None:
    assert parse_date(written) == Failure(code, written)


def test_a_bare_number_outside_this_century_and_the_last_is_a_figure() -> None:
    assert isinstance(parse_date(Decimal(120)), Failure)
    assert isinstance(parse_date(Decimal(999999)), Failure)


@pytest.mark.parametrize(
    "written",
    [
        "2026年3月",
        "2026.3",
        "2026-03",
        "2026/3",
        "202603",
        "二〇二六年三月",
        "2026年3月份",
        "2026-03-05",
        Decimal("2026.03"),
        Decimal(202603),
        date(2026, 3, 1),
    ],
)
def test_one_month_however_it_is_written(written: str | Decimal | date) -> None:
    assert parse_year_month(written) == YearMonth(2026, 3)


def test_the_number_2026_1_may_be_january_or_october() -> None:
    assert parse_year_month(Decimal("2026.1")) == Failure("value.month-lost", "2026.1")
    assert parse_year_month("2026.1") == YearMonth(2026, 1)
    assert parse_year_month("2026.10") == YearMonth(2026, 10)


def test_an_impossible_month_is_refused() -> None:
    assert parse_year_month("2026年13月") == Failure("value.impossible-date", "2026年13月")


@given(DAYS)
def test_every_day_comes_back_from_every_way_of_writing_it(day: date) -> None:
    chinese_year = "".join("〇一二三四五六七八九"[int(digit)] for digit in f"{day.year:04d}")
    for written in (
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month:02d}月{day.day:02d}日",
        day.strftime("%Y%m%d"),
        day.isoformat(),
        f"{chinese_year}年{to_chinese(day.month)}月{to_chinese(day.day)}日",
    ):
        assert parse_date(written) == day
    assert parse_year_month(f"{day.year}年{day.month}月") == YearMonth(day.year, day.month)


@given(st.text(max_size=14) | st.text(alphabet="0123456789年月日.-/ 二〇十", max_size=14))
def test_no_text_makes_the_readers_raise(text: str) -> None:
    assert isinstance(parse_date(text), date | Failure)
    assert isinstance(parse_year_month(text), YearMonth | Failure)


@given(st.dates(min_value=date(1900, 3, 1)))
def test_day_numbers_count_from_1900_or_1904(day: date) -> None:
    assert from_serial(Decimal((day - date(1899, 12, 30)).days)) == day
    if day >= date(1904, 1, 2):
        assert from_serial(Decimal((day - date(1904, 1, 1)).days), system_1904=True) == day


def test_day_numbers_at_their_edges() -> None:
    assert from_serial(Decimal(1)) == date(1900, 1, 1)
    assert from_serial(Decimal(59)) == date(1900, 2, 28)
    assert from_serial(Decimal(60)) is None  # 29 February 1900, which never was
    assert from_serial(Decimal(-1)) is None
    assert from_serial(Decimal(3_000_000)) is None
    assert from_serial(Decimal("0.5")) == time(12)
    assert from_serial(Decimal("46086.5")) == datetime(2026, 3, 5, 12)
