"""Telephone numbers, unified social credit codes and bank cards: shape and check digit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from forms.model import CellValue
from forms.values.failure import Failure
from forms.values.words import half_width

# GB 32100-2015, table 1: no I, O, S, V, Z
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_SHAPE = re.compile(f"[1-9A-HJ-NP-RT-UW-Y][{_CREDIT}]\\d{{6}}[{_CREDIT}]{{10}}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_AREA = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))([2-8]\d{6,7})")
_SERVICE = re.compile(r"[48]00\d{7}|95\d{3,6}|1[0-2]\d|12\d{3}|96\d{3,4}")


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number. `kind`: mobile, landline or service (400, 12345); `extension` "" for none."""

    number: str
    kind: str
    extension: str = ""

    def __str__(self) -> str:
        return self.number + (f"转{self.extension}" if self.extension else "")


def parse_phone(content: CellValue) -> Phone | Failure:
    """One telephone number: 138 0013 8000, +86 138…, 027-8765 4321转8, 87654321, 12345.

    Failures: phone.several, phone.not-a-number.
    """
    written = _written(content)
    text = re.sub(r"^\s*(?:电话|手机|固话|tel)?\s*[::：]?\s*(?:\(?(?:\+|00)\s*86\)?[\s-]*)?", "", half_width(written), flags=re.I)
    parts = [part for part in re.split(r"[/、;,；，\n]|\s{2,}|或", text) if re.sub(r"\D", "", part)]
    if len(parts) > 1 and all(len(re.sub(r"\D", "", part)) >= 7 for part in parts):
        return Failure("phone.several", written)
    body, _, extension = re.sub(r"转|ext\.?|#", "转", text, flags=re.I).partition("转")
    digits = re.sub(r"[\s().·-]", "", body)
    extension = re.sub(r"[\s()-]", "", extension)
    if not digits.isascii() or not digits.isdigit() or (extension and not extension.isdigit()):
        return Failure("phone.not-a-number", written)
    if _MOBILE.fullmatch(digits) and not extension:
        return Phone(digits, "mobile")
    area = _AREA.fullmatch(digits)
    if area:
        return Phone(f"{area[1]}-{area[2]}", "landline", extension)
    if _SERVICE.fullmatch(digits):
        return Phone(digits, "service", extension)
    if re.fullmatch(r"[2-8]\d{6,7}", digits):
        return Phone(digits, "landline", extension)
    return Failure("phone.not-a-number", written)


def parse_credit_code(content: CellValue) -> str | Failure:
    """A unified social credit code (统一社会信用代码, GB 32100-2015) in capitals.

    Failures: credit-code.shape, credit-code.check-digit.
    """
    written = _written(content)
    text = re.sub(r"[\s-]", "", half_width(written)).upper()
    if not _CREDIT_SHAPE.fullmatch(text):
        return Failure("credit-code.shape", written)
    if text[17] != credit_check_digit(text[:17]):
        return Failure("credit-code.check-digit", written)
    return text


def credit_check_digit(first_17: str) -> str:
    """The 18th character: 31 less the sum of the values times 3^i, modulo 31 (GB 32100-2015, annex A)."""
    total = sum(_CREDIT.index(char) * pow(3, place, 31) for place, char in enumerate(first_17))
    return _CREDIT[(31 - total % 31) % 31]


def parse_bank_card(content: CellValue) -> str | Failure:
    """A bank card number of 12 to 19 digits with the right Luhn digit (ISO/IEC 7812-1).

    Failures: bank-card.shape (an account of a passbook may have its own shape), bank-card.check-digit.
    """
    written = _written(content)
    text = re.sub(r"[\s-]", "", half_width(written))
    if not re.fullmatch(r"[1-9][0-9]{11,18}", text):
        return Failure("bank-card.shape", written)
    return text if text[-1] == luhn_digit(text[:-1]) else Failure("bank-card.check-digit", written)


def luhn_digit(digits: str) -> str:
    """The check digit that follows these digits (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def _written(content: CellValue) -> str:
    if isinstance(content, Decimal):
        return f"{content:f}"
    return content if isinstance(content, str) else "" if content is None else str(content)
