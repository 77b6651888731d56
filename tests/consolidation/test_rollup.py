"""Rolling up, one specification for both ways of doing it: in memory (consolidation.rollup) and set-based (engines on DuckDB).

柳河镇 has five communities and 石港镇 two; both lie in one county.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from consolidation import rollup
from consolidation.engines import Duck, TooWide, columns
from consolidation.engines import roll_up as roll_up_in_engine
from consolidation.exact import plain, scaled
from consolidation.rollup import Counts, Given, Kind, Places, Rolled, Rule, Status, Target, completeness, quotient
from forms.values import Absence

COUNTY, TOWN, OTHER_TOWN = "99", "9901", "9902"
VILLAGES = [f"9901{n:02d}" for n in range(1, 6)]
OTHERS = [f"9902{n:02d}" for n in range(1, 3)]
PARENT = {COUNTY: "", TOWN: COUNTY, OTHER_TOWN: COUNTY} | dict.fromkeys(VILLAGES, TOWN) | dict.fromkeys(OTHERS, OTHER_TOWN)
LEVEL = {COUNTY: "county", TOWN: "township", OTHER_TOWN: "township"} | dict.fromkeys([*VILLAGES, *OTHERS], "village")
PLACES = Places(PARENT, LEVEL, frozenset(VILLAGES + OTHERS))
ALL = list(PARENT)
Result = tuple[dict[tuple[str, str], Rolled], dict[tuple[str, str], Status]]
Way = Callable[[Places, Sequence[Target], Iterable[Given]], Result]


def in_memory(places: Places, targets: Sequence[Target], figures: Iterable[Given]) -> Result:
    held = list(figures)
    return rollup.roll_up(places, targets, held), rollup.not_given(places, targets, held)


def in_engine(places: Places, targets: Sequence[Target], figures: Iterable[Given]) -> Result:
    stamped = frozenset(name for t in targets if t.rule.kind is Kind.LAST for name in t.rule.of(t.element))
    with Duck(memory="500MB", threads=1) as duck:
        done = roll_up_in_engine(duck, duck.frame(columns(figures, stamped)), places, targets)
        return {(one.region, one.element): one for one in done.values(list(places.parent))}, done.not_given()


@pytest.fixture(params=[in_memory, in_engine], ids=["memory", "engine"])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


def own(element: str, values: dict[str, str | None], at: str = "") -> list[Given]:
    """Figures of places themselves."""
    return [Given(region, element, region, value, at) for region, value in values.items()]


def of(kind: str, element: str = "e1", **more: object) -> Target:
    return Target(element, Rule.parse(kind), **more)  # type: ignore[arg-type]


def one(way: Way, target: Target, figures: Iterable[Given], region: str = TOWN, places: Places = PLACES) -> Rolled:
    return way(places, [target], figures)[0][region, target.element]


# ---- adding up ------------------------------------------------------------------------------------------------------------


def test_a_township_has_the_sum_of_its_communities_and_the_county_that_of_its_townships(way: Way) -> None:
    values, lacking = way(PLACES, [of("sum")], own("e1", {v: str(n) for n, v in enumerate(VILLAGES + OTHERS, 1)}))
    assert [values[r, "e1"].text for r in (TOWN, OTHER_TOWN, COUNTY)] == ["15", "13", "28"]
    assert values[COUNTY, "e1"].counts == Counts(7, 7) and values[COUNTY, "e1"].counts.complete and not lacking


def test_a_place_that_has_not_reported_is_named_and_is_no_zero(way: Way) -> None:
    values, lacking = way(PLACES, [of("sum")], own("e1", dict.fromkeys(VILLAGES[:4], "10") | dict.fromkeys(OTHERS, "0")))
    town, other = values[TOWN, "e1"], values[OTHER_TOWN, "e1"]
    assert (town.text, town.counts.missing, town.counts.complete) == ("40", 1, False)
    assert lacking == {(VILLAGES[4], "e1"): Status.MISSING}
    assert (other.text, other.counts.complete) == ("0", True)
    assert completeness(town.counts, {Status.MISSING: ["石港村"]}) == "已报 4/5：缺 石港村"
    assert town.provenance == "相加；4/5 个地方的数"


def test_when_nobody_reported_there_is_no_value(way: Way) -> None:
    value = one(way, of("sum"), [])
    assert (value.text, value.absence, value.counts) == (None, Absence.BLANK, Counts(5))


@pytest.mark.parametrize(
    ("written", "text", "absence"),
    [("0", "0", None), ("无", "0", None), ("", None, Absence.BLANK), (None, None, Absence.BLANK), ("—", None, Absence.DASH),
     ("不适用", None, Absence.NOT_APPLICABLE), ("约三十户", None, Absence.BLANK)],
)  # fmt: skip
def test_blank_zero_stroke_and_not_applicable_are_four_values(
    way: Way, written: str | None, text: str | None, absence: Absence | None
) -> None:
    value = one(way, of("sum"), own("e1", dict.fromkeys(VILLAGES, written)))
    assert (value.text, value.absence) == (text, absence)


def test_what_is_no_figure_adds_nothing_and_is_told_apart(way: Way) -> None:
    figures = own("e1", dict(zip(VILLAGES, ["7", "", "—", "不适用", "约三十"], strict=True)))
    values, lacking = way(PLACES, [of("sum")], figures)
    value = values[TOWN, "e1"]
    assert value.text == "7" and value.counts == Counts(5, 1, 0, 1, 1, 1, 1)
    assert (value.counts.answered, value.counts.missing) == (3, 0)
    inside = {status: [region] for (region, _), status in lacking.items() if region in VILLAGES}
    assert completeness(value.counts, inside) == "已报 3/5：空着 990102；不是数 990105；填“—” 990103；不适用 990104"


def test_sums_are_exact(way: Way) -> None:
    assert one(way, of("sum"), own("e1", dict.fromkeys(VILLAGES, "0.1"))).number == Decimal("0.5")
    wide = own("e1", {VILLAGES[0]: "999999999999.999999", VILLAGES[1]: "0.000001"})
    assert one(way, of("sum"), wide).text == "1000000000000"


def test_units_are_converted_without_rounding_on_the_way(way: Way) -> None:
    target = of("sum:e2*1/15")  # 亩 -> 公顷
    figures = own("e2", dict.fromkeys(VILLAGES, "3"))
    assert one(way, target, figures).text == "1"
    assert one(way, target, figures[:2]).text == "0.4"
    assert one(way, target, own("e2", {VILLAGES[0]: "10"})).text == "0.666667"


def test_a_places_own_figure_is_not_added_to_those_below_it(way: Way) -> None:
    both = Places(PARENT, LEVEL, PLACES.reporters | {TOWN})
    assert one(way, of("sum"), own("e1", {TOWN: "99", VILLAGES[0]: "1"}), places=both).text == "1"
    asked_of_towns = one(way, of("sum", level="township"), own("e1", {TOWN: "99", VILLAGES[0]: "1"}), COUNTY, both)
    assert (asked_of_towns.text, asked_of_towns.counts) == ("99", Counts(1, 1))


# ---- means, ratios, edges -------------------------------------------------------------------------------------------------


def test_a_mean_is_weighted_at_every_level_anew(way: Way) -> None:
    target = of("mean:e1/e2")
    incomes = own("e1", {VILLAGES[0]: "10000", VILLAGES[1]: "20000", OTHERS[0]: "40000"})
    people = own("e2", {VILLAGES[0]: "300", VILLAGES[1]: "100", OTHERS[0]: "400"})
    values, _ = way(PLACES, [target], incomes + people)
    assert (values[TOWN, "e1"].text, values[COUNTY, "e1"].text) == ("12500", "26250")  # not (12500 + 40000) / 2 by places


def test_a_place_without_its_weight_is_left_out_of_the_mean_and_said_to_be_blank(way: Way) -> None:
    figures = own("e1", {VILLAGES[0]: "10", VILLAGES[1]: "90"}) + own("e2", {VILLAGES[0]: "2"})
    value = one(way, of("mean:e1/e2"), figures)
    assert (value.text, value.counts) == ("10", Counts(5, 1, 0, 1))


def test_a_rate_is_made_anew_from_numerator_and_denominator(way: Way) -> None:
    figures = own("n", {VILLAGES[0]: "1", VILLAGES[1]: "1"}) + own("d", {VILLAGES[0]: "2", VILLAGES[1]: "4"})
    assert one(way, of("ratio:n/d*100"), figures).text == "33.33"


def test_a_rate_of_nothing_is_not_applicable(way: Way) -> None:
    figures = own("n", {VILLAGES[0]: "0"}) + own("d", {VILLAGES[0]: "0"})
    value = one(way, of("ratio:n/d*100"), figures)
    assert (value.text, value.absence) == (None, Absence.NOT_APPLICABLE)


def test_greatest_least_and_last(way: Way) -> None:
    figures = [
        Given(VILLAGES[0], "e1", VILLAGES[0], "9", "2026-10-01"),
        Given(VILLAGES[1], "e1", VILLAGES[1], "10", "2026-10-03"),
        Given(VILLAGES[2], "e1", VILLAGES[2], "-2", "2026-10-02"),
    ]
    assert [one(way, of(kind), figures).text for kind in ("max", "min", "last", "none")] == ["10", "-2", "10", None]


def test_the_last_text_is_kept_as_it_is(way: Way) -> None:
    figures = own("e1", {VILLAGES[0]: "旧址"}, "2026-01") + own("e1", {OTHERS[0]: "新址\t二楼"}, "2026-02")
    assert one(way, of("last"), figures, COUNTY).text == "新址\t二楼"


# ---- lists of people ------------------------------------------------------------------------------------------------------


def on_list(region: str, *people: tuple[str, str | None], element: str = "e1") -> list[Given]:
    return [Given(region, element, person, value) for person, value in people]


def test_who_is_on_two_lists_is_counted_once(way: Way) -> None:
    figures = on_list(VILLAGES[0], ("a", "是"), ("b", "是")) + on_list(VILLAGES[1], ("b", "是")) + on_list(OTHERS[0], ("a", "是"))
    values, _ = way(PLACES, [of("distinct", roster=True)], figures)
    assert [values[r, "e1"].text for r in (VILLAGES[0], VILLAGES[1], TOWN, COUNTY)] == ["2", "1", "2", "2"]


def test_people_are_counted_once_over_several_columns(way: Way) -> None:
    figures = on_list(VILLAGES[0], ("a", "是")) + on_list(VILLAGES[1], ("a", "是"), ("c", "是"), element="e2")
    assert one(way, of("distinct:e1+e2", "people", roster=True), figures).text == "2"


def test_an_empty_list_that_was_handed_in_is_zero_one_that_was_not_is_missing(way: Way) -> None:
    places = Places(PARENT, LEVEL, PLACES.reporters, frozenset({VILLAGES[0], VILLAGES[1]}))
    target, figures = of("sum", roster=True), on_list(VILLAGES[1], ("a", "500"), ("b", "0"))
    values, lacking = way(places, [target], figures)
    assert (values[VILLAGES[0], "e1"].text, values[VILLAGES[1], "e1"].text, values[VILLAGES[2], "e1"].text) == ("0", "500", None)
    assert values[TOWN, "e1"].counts == Counts(5, 2) and len(lacking) == 5


def test_a_list_that_is_not_filled_in_for_all_says_so(way: Way) -> None:
    values, lacking = way(PLACES, [of("sum", roster=True)], on_list(VILLAGES[0], ("a", "500"), ("b", "")))
    assert values[TOWN, "e1"].text == "500" and values[TOWN, "e1"].counts == Counts(5, 0, 1)
    assert lacking[VILLAGES[0], "e1"] is Status.PARTIAL


# ---- both ways agree, and with arithmetic -----------------------------------------------------------------------------------

NUMBERS = st.decimals(-(10**6), 10**6, places=3, allow_nan=False).map(str)
WRITTEN = st.one_of(NUMBERS, st.sampled_from(["0", "", "—", "不适用", "无", "约十", "5%", None]))
SHAPES = [
    of("sum", "e0"), of("sum:e1*1/15", "hectares"), of("mean:e0/e1", "mean"), of("ratio:e0/e1*100", "rate"), of("max", "e1"),
    of("min:e0", "low"), of("last:e0", "last"), of("none:e0", "nothing"), of("sum", "p0", roster=True),
    of("distinct:p0+p1", "people", roster=True), of("mean:p0/p1", "pay", roster=True), of("sum:e0", "towns", level="township"),
]  # fmt: skip
PLACE_FIGURES = st.dictionaries(st.tuples(st.sampled_from(ALL), st.sampled_from(["e0", "e1"])), WRITTEN, max_size=14)
PEOPLE = st.dictionaries(
    st.tuples(st.sampled_from([*VILLAGES, *OTHERS]), st.sampled_from(["p0", "p1"]), st.sampled_from("abc")), WRITTEN, max_size=14
)
REPORTERS = st.frozensets(st.sampled_from(ALL))


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLACE_FIGURES, PEOPLE, REPORTERS, REPORTERS)
@example({}, {}, frozenset(), frozenset())
def test_both_ways_give_the_same(
    figures: dict[tuple[str, str], str | None],
    people: dict[tuple[str, str, str], str | None],
    reporters: frozenset[str],
    done: frozenset[str],
) -> None:
    places = Places(PARENT, LEVEL, reporters, done & reporters)
    held = [Given(r, e, r, value, f"t{len(value or '')}") for (r, e), value in figures.items()]
    held += [Given(r, e, p, value) for (r, e, p), value in people.items()]
    assert in_engine(places, SHAPES, held) == in_memory(places, SHAPES, held)


@given(st.lists(st.tuples(st.sampled_from([*VILLAGES, *OTHERS]), NUMBERS), unique_by=lambda pair: pair[0]))
def test_sums_are_those_of_decimal_arithmetic_and_nothing_is_counted_twice(figures: list[tuple[str, str]]) -> None:
    values, lacking = in_memory(PLACES, [of("sum")], own("e1", dict(figures)))
    county = values[COUNTY, "e1"]
    assert (county.number or 0) == sum(Decimal(value) for _, value in figures)
    assert (county.number is None) == (not figures)
    for region in ALL:
        counts = values[region, "e1"].counts
        inside = [place for place, _ in lacking if region in PLACES.above(place)]
        assert counts.missing == len(inside) == counts.expected - counts.given


# ---- parts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["sum", "sum:e1*1/15", "mean:e1/e2", "ratio:e1/e2*100", "last", "max", "min", "distinct:e1+e2+e3", "none"]
)
def test_a_rule_is_read_as_it_was_written(text: str) -> None:
    assert str(Rule.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "add", "mean", "mean:e1", "ratio:e1+e2", "sum:e1+e2", "sum:e1/e2", "sum*0", "sum*1/0", "sum; drop"]
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rule|elements|scale"):
        Rule.parse(text)


@pytest.mark.parametrize("value", ["1234567890123", "0.1234567", "1000000000000"])
def test_a_number_too_wide_for_the_column_is_refused_not_rounded(value: str) -> None:
    with pytest.raises(TooWide):
        columns(own("e1", {VILLAGES[0]: value}))


def test_quotients_are_rounded_once_half_to_even() -> None:
    assert quotient(Decimal("0.125"), Decimal(1), Fraction(1)) == Decimal("0.12")
    assert quotient(Decimal("0.135"), Decimal(1), Fraction(1)) == Decimal("0.14")
    assert plain(scaled(Decimal("1500.0"), Fraction(1))) == "1500"
