"""Identity numbers, telephones, credit codes, bank cards. All people and numbers are invented."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.values import DemoRegions, Failure, IdNumber, parse_bank_card, parse_credit_code, parse_phone
from forms.values.codes import credit_check_digit, luhn_digit
from forms.values.ids import check_digit

DEMO = DemoRegions(("9901",))
SEVENTEEN = st.builds(
    lambda day, sequence: f"990101{day:%Y%m%d}{sequence:03d}",
    st.dates(min_value=date(1900, 1, 1), max_value=date(2025, 12, 31)),
    st.integers(0, 999),
)


def number(first_17: str) -> str:
    return first_17 + check_digit(first_17)


def test_the_standards_own_example_holds() -> None:
    """GB 11643-1999, annex A: 11010519491231002X."""
    assert check_digit("11010519491231002") == "X"
    parsed = IdNumber.parse("11010519491231002x")
    assert isinstance(parsed, IdNumber)
    assert (parsed.number, parsed.region, parsed.birth, parsed.sex) == ("11010519491231002X", "110105", date(1949, 12, 31), "女")


@given(SEVENTEEN)
def test_a_number_tells_birth_date_and_sex(first: str) -> None:
    parsed = IdNumber.parse(number(first), demo=DEMO)
    assert isinstance(parsed, IdNumber)
    assert f"{parsed.birth:%Y%m%d}" == first[6:14]
    assert parsed.sex == ("男" if int(first[16]) % 2 else "女")


@given(SEVENTEEN, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(first: str, place: int, shift: int) -> None:
    """ISO 7064 MOD 11-2 finds every single wrong digit."""
    right = number(first)
    digit = "0123456789"[(int(right[place]) + shift) % 10] if right[place] != "X" else str(shift)
    wrong = right[:place] + digit + right[place + 1 :]
    assert isinstance(IdNumber.parse(wrong, assigned=lambda _: True), Failure)


@given(SEVENTEEN)
def test_fifteen_digits_are_upgraded(first: str) -> None:
    first = first[:6] + "19" + first[8:]
    if not _is_date(first[6:14]):
        return
    parsed = IdNumber.parse(first[:6] + first[8:], demo=DEMO)
    assert isinstance(parsed, IdNumber)
    assert (parsed.number, parsed.upgraded) == (number(first), True)


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    "written", ["990101 19900307 2132", "９９０１０１１９９００３０７２１３２", "'990101199003072132", " 990101199003072132\t"]
)
def test_spaces_full_width_and_the_apostrophe_do_not_matter(written: str) -> None:
    parsed = IdNumber.parse(
        written.replace("2132", number("99010119900307213")[-4:]).replace("２１３２", number("99010119900307213")[-4:]), demo=DEMO
    )
    assert isinstance(parsed, IdNumber)
    assert parsed.birth == date(1990, 3, 7)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("5.11023E+17", "id.rounded"),
        (Decimal("511023199001010000"), "id.rounded"),
        ("9901011990010100", "id.length"),
        ("", "id.length"),
        ("99010119900101A234", "id.characters"),
        ("见户口本", "id.characters"),
        (number("99010119901301123"), "id.birth"),
        (number("99010118000101123"), "id.birth"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(written: str | Decimal, code: str) -> None:
    failure = IdNumber.parse(written, demo=DEMO)
    assert isinstance(failure, Failure)
    assert failure.code == code


def test_a_number_that_excel_rounded_is_told_from_a_typing_mistake() -> None:
    rounded = IdNumber.parse("990101199003072000", demo=DEMO)
    assert isinstance(rounded, Failure)
    assert rounded.code == ("id.rounded")


def test_invented_people_are_refused_unless_asked_for() -> None:
    demo = number("99010119900307213")
    assert IdNumber.parse(demo) == Failure("id.region", demo)
    assert isinstance(IdNumber.parse(demo, demo=DEMO), IdNumber)
    assert isinstance(IdNumber.parse(demo, assigned=lambda region: region == "990101"), IdNumber)


def test_age_counts_full_years() -> None:
    parsed = IdNumber.parse(number("99010119660307213"), demo=DEMO)
    assert isinstance(parsed, IdNumber)
    assert parsed.age_on(date(2026, 3, 6)) == 59
    assert parsed.age_on(date(2026, 3, 7)) == 60


@pytest.mark.parametrize(
    ("written", "shown", "kind"),
    [
        ("13900000000", "13900000000", "mobile"),
        ("+86 139 0000 0000", "13900000000", "mobile"),
        ("139-0000-0000", "13900000000", "mobile"),
        ("027-20000000", "027-20000000", "landline"),
        ("（0719）2000000", "0719-2000000", "landline"),
        ("20000000", "20000000", "landline"),
        ("027-20000000转8", "027-20000000转8", "landline"),
        ("12345", "12345", "service"),
        ("400-800-0000", "4008000000", "service"),
        (Decimal(13900000000), "13900000000", "mobile"),
    ],
)
def test_telephones(written: str | Decimal, shown: str, kind: str) -> None:
    phone = parse_phone(written)
    assert not isinstance(phone, Failure)
    assert (str(phone), phone.kind) == (shown, kind)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("13900000000/13900000001", "phone.several"),
        ("1390000000", "phone.not-a-number"),
        ("无", "phone.not-a-number"),
        ("", "phone.not-a-number"),
        ("12900000000", "phone.not-a-number"),
        ("990101199003072130", "phone.not-a-number"),
    ],
)
def test_what_is_no_telephone(written: str, code: str) -> None:
    assert parse_phone(written) == Failure(code, written)


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9))
def test_credit_codes(body: str) -> None:
    first = "91990101" + body
    whole = first + credit_check_digit(first)
    assert parse_credit_code(whole.lower()) == whole
    other = "A" if whole[-1] != "A" else "B"
    assert parse_credit_code(first + other) == Failure("credit-code.check-digit", first + other)


def test_credit_code_check_digit_of_a_published_code() -> None:
    """The example that GB 32100-2015 users know: 91350100M000100Y43."""
    assert parse_credit_code("91350100M000100Y43") == "91350100M000100Y43"
    assert parse_credit_code("91350100M000100O43") == Failure("credit-code.shape", "91350100M000100O43")


@given(st.integers(10**14, 10**18 - 1))
def test_bank_cards(body: int) -> None:
    card = f"{body}{luhn_digit(str(body))}"
    assert parse_bank_card(" ".join([card[:4], card[4:]])) == card
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    assert parse_bank_card(wrong) == Failure("bank-card.check-digit", wrong)
