"""Excel's day numbers as dates (ECMA-376 part 1, 18.17.4.1)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

_LAST_1900 = 2_958_465  # 9999-12-31
_LAST_1904 = 2_957_003
_SECONDS = 86_400


def from_serial(serial: Decimal, system_1904: bool = False) -> date | datetime | time | None:
    """The date, date with time, or time of day (serial below 1) that a day number stands for; None when there is none.

    Day 60 of the 1900 system is the 29th of February 1900, which never was: None.
    """
    days = int(serial)
    seconds = int(((serial - days) * _SECONDS).to_integral_value())
    if serial < 0 or days > (_LAST_1904 if system_1904 else _LAST_1900):
        return None
    if days == 0 and not (system_1904 and seconds == 0):
        return (datetime.min + timedelta(seconds=seconds % _SECONDS)).time()
    if not system_1904 and days == 60:
        return None
    first_1900 = date(1899, 12, 30) if days > 60 else date(1899, 12, 31)
    start = date(1904, 1, 1) if system_1904 else first_1900
    try:
        moment = datetime.combine(start, time()) + timedelta(days=days, seconds=seconds)
    except OverflowError:
        return None
    return moment if seconds else moment.date()
