"""One exact factor between units, wherever figures are converted: 15 亩 are 1 公顷 to the last digit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from consolidation.derive.evaluate import evaluate
from consolidation.exact import converted, exact_factor, factor_between
from consolidation.lexicon import load_lexicon
from consolidation.model import Derivation, Formula

LEXICON = load_lexicon()


@pytest.mark.parametrize(
    ("here", "there", "factor"),
    [("公顷", "亩", "15"), ("万亩", "公顷", "666.6666666666666666666666667"), ("万元", "元", "10000"), ("元", "万元", "0.0001")],
)
def test_a_unit_in_another_one(here: str, there: str, factor: str) -> None:
    a, b = LEXICON.unit(here), LEXICON.unit(there)
    assert a is not None and b is not None
    assert factor_between(a.factor, b.factor) == Decimal(factor)


def test_there_and_back_is_where_it_began() -> None:
    hectare, mu = LEXICON.unit("公顷"), LEXICON.unit("亩")
    assert hectare is not None and mu is not None
    there = converted(Decimal("30.6"), factor_between(mu.factor, hectare.factor))
    assert there == Decimal("2.04")
    assert converted(there, factor_between(hectare.factor, mu.factor)) == Decimal("30.6")


def test_a_rounded_scale_is_read_as_the_factor_it_stands_for() -> None:
    assert exact_factor(Decimal("14.99999999999999999999999999")) == 15
    item = Derivation("mu", ("hectare",), Formula.SUM, "", True, (1,), Decimal("14.99999999999999999999999999"))
    assert evaluate(item, {"hectare": "2.04"}, date(2026, 10, 31)) == Decimal("30.6")


def test_a_sum_over_places_is_exact_too() -> None:
    item = Derivation("hectare", ("mu",), Formula.ROLL_UP, "", True, (1,), Decimal(1) / Decimal(15))
    assert evaluate(item, {"mu": ["15", "7.5"]}, date(2026, 10, 31)) == Decimal("1.5")


def test_what_has_no_end_is_given_to_six_places() -> None:
    assert converted(Decimal(1), Decimal(1) / Decimal(15)) == Decimal("0.066667")
