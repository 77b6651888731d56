"""Unit factors without the rounding of their decimals: 亩 is 666.666… 平方米, and yet 15 亩 are 1 公顷 exactly.

Every conversion of a figure goes through here, so that a figure filled, derived, checked and rolled up is one figure.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, Inexact, localcontext
from fractions import Fraction

_LARGEST = 10**6  # denominators of unit factors: 15 亩 are 1 公顷
_PRECISION = 80  # digits while calculating: what ends within them is exact
_ROUGH = Decimal("0.000001")  # figures in a unit that does not go evenly into the other one (亩 in 公顷)
_DIGITS = 28  # of a factor that does not end, as decimal's own


def exact_factor(scale: Decimal) -> Fraction:
    """A unit factor without the rounding of its decimals: 14.999… is 15 (亩 in a 公顷), 0.0666… is 1/15."""
    whole = Fraction(scale)
    near = whole.limit_denominator(_LARGEST)
    return near if near and abs(near - whole) < abs(whole) / 10**20 else whole


def factor_between(here: Decimal, there: Decimal) -> Decimal:
    """What turns a figure of one unit into one of another, by the factors of both to their base unit: 15, not 14.999….
    A factor that has no end (1/15) has 28 digits; `converted` reads it as the fraction that it is."""
    factor = exact_factor(here) / exact_factor(there)
    with localcontext(prec=_PRECISION) as context:
        context.traps[Inexact] = False
        context.clear_flags()
        found = Decimal(factor.numerator) / factor.denominator
        ends = not context.flags[Inexact]
    with localcontext(prec=_DIGITS):
        return found if ends else +found


def converted(number: Decimal, factor: Decimal) -> Decimal:
    """A figure times a unit factor, exact where it can be, else to six places."""
    return scaled(number, exact_factor(factor))


def scaled(number: Decimal, scale: Fraction) -> Decimal:
    """number x scale: exact where it can be, else to six places."""
    if scale == 1:
        return number
    with localcontext(prec=_PRECISION) as context:
        context.traps[Inexact] = False
        context.clear_flags()
        found = number * scale.numerator / scale.denominator
        return found.quantize(_ROUGH, ROUND_HALF_EVEN) if context.flags[Inexact] else found


def plain(number: Decimal) -> str:
    """A number as people write it: no exponent, no zeros at the end of its fraction, no -0: 12, 0.5, 1200."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) if number else "0"
