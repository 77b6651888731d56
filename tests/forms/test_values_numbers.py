"""Numbers, yes and no, and absence, in the ways people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.values import Absence, Failure, Number, absence, parse_number, parse_options, parse_quantity, parse_yes_no
from forms.values.numerals import chinese_number, to_chinese


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", "12"),
        (" 12 ", "12"),
        ("１２", "12"),
        ("１２．５", "12.5"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("+3", "3"),
        ("0", "0"),
        ("1,234", "1234"),
        ("1，234，567.8", "1234567.8"),
        ("1 234", "1234"),
        ("￥1,234.50", "1234.50"),
        ("1.5E3", "1500"),
        ("12.5万", "125000"),
        ("3亿", "300000000"),
        ("3千", "3000"),
        ("3万5千", "35000"),
        ("1.2万亿", "1200000000000"),
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("廿五", "25"),
        ("一百零五", "105"),
        ("一百一十", "110"),
        ("两百五", "250"),
        ("一千零一", "1001"),
        ("一千零一十", "1010"),
        ("一万二", "12000"),
        ("一万零五十", "10050"),
        ("一亿两千万", "120000000"),
        ("壹仟贰佰叁拾肆", "1234"),
        ("二〇二六", "2026"),
        ("零", "0"),
        ("三点一四", "3.14"),
        ("负五", "-5"),
    ],
)
def test_a_number_is_read_however_it_is_written(written: str, value: str) -> None:
    assert parse_number(written) == Number(Decimal(value))


@pytest.mark.parametrize(
    ("written", "value", "ratio"),
    [
        ("5%", "0.05", "%"),
        ("12.5％", "0.125", "%"),
        ("5‰", "0.005", "‰"),
        ("百分之五", "0.05", "%"),
        ("千分之3", "0.003", "‰"),
        ("三成", "0.3", "%"),
    ],
)
def test_a_ratio_is_kept_as_one(written: str, value: str, ratio: str) -> None:
    assert parse_number(written) == Number(Decimal(value), ratio=ratio)


@pytest.mark.parametrize(
    ("written", "value"), [("约30", 30), ("30余", 30), ("30多", 30), ("近30", 30), ("30左右", 30), ("30余万", 300000)]
)
def test_an_approximate_number_says_so(written: str, value: int) -> None:
    assert parse_number(written) == Number(Decimal(value), approximate=True)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("10-20", "value.range"),
        ("10～20", "value.range"),
        ("三至五", "value.range"),
        ("30以上", "value.range"),
        ("≥3", "value.range"),
        ("不足30", "value.range"),
        ("十几", "value.vague"),
        ("数十", "value.vague"),
        ("几百", "value.vague"),
        ("三四十", "value.vague"),
        ("5.11E+17", "value.rounded"),
        ("4.20102E+11", "value.rounded"),
        ("1,23", "value.not-a-number"),
        ("①", "value.not-a-number"),
        ("1.2.3", "value.not-a-number"),
        ("3.", "value.not-a-number"),
        ("(1)", "value.not-a-number"),
        ("张三", "value.not-a-number"),
        ("", "value.not-a-number"),
        ("无", "value.not-a-number"),
        ("12人", "value.not-a-number"),
        ("十百", "value.not-a-number"),
        ("百千", "value.not-a-number"),
        ("2026年", "value.not-a-number"),
    ],
)
def test_what_is_no_single_figure_is_refused_with_the_reason(written: str, code: str) -> None:
    assert parse_number(written) == Failure(code, written)


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("30人", 30, "人"),
        ("12.5万元", 125000, "元"),
        ("十二户", 12, "户"),
        ("1,200 平方米", 1200, "平方米"),
        ("2026年", 2026, "年"),
        ("7", 7, ""),
    ],
)
def test_a_quantity_keeps_its_unit_as_written(written: str, value: int, unit: str) -> None:
    quantity = parse_quantity(written)
    assert not isinstance(quantity, Failure)
    assert (quantity.number.value, quantity.unit) == (Decimal(value), unit)


def test_a_quantity_with_a_range_is_refused_as_one() -> None:
    assert parse_quantity("10-20人") == Failure("value.range", "10-20人")


@given(st.integers(min_value=0, max_value=99_999_999))
def test_chinese_numerals_come_back(number: int) -> None:
    assert chinese_number(to_chinese(number)) == number


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_grouped_and_full_width_numbers_come_back(number: Decimal) -> None:
    written = f"{number:,.2f}"
    full_width = written.translate({ord(a): ord(b) for a, b in zip("0123456789.,-", "０１２３４５６７８９．，－", strict=True)})
    assert parse_number(written) == parse_number(full_width) == Number(number)


@given(st.text(max_size=12))
def test_no_text_makes_the_readers_raise(text: str) -> None:
    assert isinstance(parse_number(text), Number | Failure)
    assert isinstance(parse_yes_no(text), bool | Failure)
    parse_quantity(text), parse_options(text), absence(text)


@given(st.text(alphabet="零一二三十百千万亿两点负几余约0123.,%年-", max_size=10))
def test_no_heap_of_numerals_makes_the_reader_raise(text: str) -> None:
    assert isinstance(parse_quantity(text).__class__, type)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (None, Absence.BLANK),
        ("", Absence.BLANK),
        ("　 ", Absence.BLANK),
        ("____", Absence.BLANK),
        ("—", Absence.DASH),
        ("——", Absence.DASH),
        ("-", Absence.DASH),
        ("/", Absence.DASH),
        ("……", Absence.DASH),
        ("不适用", Absence.NOT_APPLICABLE),
        ("无此项", Absence.NOT_APPLICABLE),
        ("×", Absence.NOT_APPLICABLE),
        ("N/A", Absence.NOT_APPLICABLE),
        ("无", Absence.NONE),
        (" 没有 ", Absence.NONE),
        ("0", None),
        ("０", None),
        (Decimal(0), None),
        ("不详", None),
        ("无锡市", None),
        ("-3", None),
    ],
)
def test_blank_dash_not_applicable_and_none_are_four_things_and_zero_is_a_value(
    written: str | None, kind: Absence | None
) -> None:
    assert absence(written) is kind


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("是", True),
        ("√", True),
        ("☑", True),
        ("Y", True),
        ("有", True),
        ("否", False),
        ("×", False),
        ("无", False),
        (True, True),
        ("□是 ☑否", False),
        ("√是 □否", True),
        ("√□是 □否", True),
        ("□√是 □否", True),
        ("□是√ □否", True),
        ("是☑ 否□", True),
        ("是□ 否■", False),
    ],
)
def test_yes_and_no(written: str | bool, answer: bool) -> None:
    assert parse_yes_no(written) is answer


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1", "value.not-yes-no"),
        ("0", "value.not-yes-no"),
        ("", "value.not-yes-no"),
        ("□是 □否", "value.not-one-tick"),
        ("☑是 ☑否", "value.not-one-tick"),
        ("□是√□否", "value.not-one-tick"),
    ],
)
def test_an_answer_nobody_can_tell_is_refused(written: str, code: str) -> None:
    assert parse_yes_no(written) == Failure(code, written)


def test_ticked_options_are_told_apart() -> None:
    options = parse_options("☑低保户  □特困供养  ☑残疾人")
    assert [(option.label, option.ticked) for option in options] == [("低保户", True), ("特困供养", False), ("残疾人", True)]
