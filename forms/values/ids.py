"""Citizen identity numbers (公民身份号码, GB 11643-1999): 6 digits region, 8 birth date, 3 sequence, 1 check digit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from forms.model import CellValue
from forms.values.failure import Failure
from forms.values.words import half_width

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # 2^(17-i) mod 11, ISO 7064 MOD 11-2
_CHECKS = "10X98765432"
_SHAPE = re.compile(r"\d{17}[\dX]|\d{15}")
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()  # noqa: SIM905
)
_EARLIEST = date(1880, 1, 1)

RegionPredicate = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class DemoRegions:
    """Region codes that GB/T 2260 does not assign and that invented people carry, by their first digits. Nothing accepts
    them unless this object is passed, so that no invented person gets into real data."""

    prefixes: tuple[str, ...] = ()

    def __contains__(self, region: object) -> bool:
        return isinstance(region, str) and region.startswith(self.prefixes) if self.prefixes else False


NO_DEMO = DemoRegions()


def province_assigned(region: str) -> bool:
    """Whether the first two digits are a province's (GB/T 2260; 81-83 on residence permits of Hong Kong, Macao and Taiwan
    residents). The rest is not looked at: counties come and go, and a number keeps the one of its issue."""
    return region[:2] in _PROVINCES


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A valid number, always with 18 characters, X in capitals. `upgraded`: it was written with 15 digits."""

    number: str
    upgraded: bool = False

    @property
    def region(self) -> str:
        return self.number[:6]

    @property
    def birth(self) -> date:
        return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))

    @property
    def sex(self) -> str:
        """男 for an odd sequence number, 女 for an even one (GB 11643-1999, 4.2.3)."""
        return "男" if int(self.number[16]) % 2 else "女"

    def age_on(self, day: date) -> int:
        """Full years (周岁) on a day; the birthday itself counts."""
        born = self.birth
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def __str__(self) -> str:
        return self.number

    @classmethod
    def parse(
        cls, content: CellValue, assigned: RegionPredicate = province_assigned, demo: DemoRegions = NO_DEMO
    ) -> IdNumber | Failure:
        """The number in a cell. `assigned` says whether a 6-digit region code was ever given out.

        Failures: id.rounded (Excel turned it into a number), id.length, id.characters, id.region, id.birth, id.check-digit.
        """
        if isinstance(content, Decimal):
            content = f"{content:f}"
            if len(content) > 15:
                return Failure("id.rounded", content)
        if not isinstance(content, str):
            return Failure("id.length", "" if content is None else str(content))
        text = re.sub(r"[\s'’‘`\-]", "", half_width(content)).upper().replace("Χ", "X").replace("Х", "X").replace("×", "X")
        shape = _shape_failure(text, content)
        if shape is not None:
            return shape
        upgraded = len(text) == 15
        number = _upgrade(text) if upgraded else text
        if not (assigned(number[:6]) or number[:6] in demo):
            return Failure("id.region", content)
        if _birth(number) is None:
            return Failure("id.birth", content)
        if number[17] != check_digit(number[:17]):
            return Failure("id.rounded" if number.endswith("000") else "id.check-digit", content)
        return cls(number, upgraded)


def check_digit(first_17: str) -> str:
    """The 18th character for 17 digits (ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def _shape_failure(text: str, shown: str) -> Failure | None:
    if _SHAPE.fullmatch(text):
        return None
    if re.fullmatch(r"\d(\.\d+)?E\+?\d+", text):
        return Failure("id.rounded", shown)
    return Failure("id.length" if re.fullmatch(r"[\dX]*", text) else "id.characters", shown)


def _upgrade(text: str) -> str:
    """15 digits as 18: all 15-digit numbers were given to people born in the 1900s, but for a few centenarians long dead."""
    number = f"{text[:6]}19{text[6:]}"
    return number + check_digit(number)


def _birth(number: str) -> date | None:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if born >= _EARLIEST else None
