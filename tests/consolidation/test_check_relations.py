"""Relations that figures must meet: what forms print, what follows from their structure, what figures mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given as hypothesis
from hypothesis import settings, strategies

from consolidation.check import Checked, Finding, Force, Given, Prepared, check, explain, prepare
from consolidation.derive import checks, derivations
from consolidation.lexicon import load_lexicon
from consolidation.match import merge
from forms.model import Address, CellValue, Form, Rule
from forms.periods import Period
from tests.consolidation.inline import statistic

LEXICON = load_lexicon()
OCTOBER = Period.parse("2026-10")


def prepared(*forms: Form) -> Prepared:
    merged = merge(forms, LEXICON)
    departments = {form.file: "民政局" for form in forms}
    return prepare(merged, derivations(merged, LEXICON), checks(merged, LEXICON), LEXICON, departments)


def element(of: Prepared, path: str) -> str:
    """The element that a label path (as the inline form writes it) of any form asks for."""
    wanted = tuple(path.split("/"))
    return next(e.id for e in of.elements for m in e.members if m.field.path == wanted)


def held(of: Prepared, figures: Mapping[str, CellValue]) -> dict[str, CellValue]:
    return {element(of, path): Decimal(v) if isinstance(v, int) else v for path, v in figures.items()}


def run(of: Prepared, figures: Mapping[str, CellValue]) -> Checked:
    return check(of, Given(held(of, figures), OCTOBER))


def said(found: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.items[0].name) for finding in found]


def ruled(form: Form, text: str, left: str, op: str, right: str) -> Form:
    """The form with a printed rule over field numbers: `left` and `right` as "0" or "1+2-3"."""

    def terms(side: str) -> tuple[tuple[int, str], ...]:
        return tuple((-1 if t[0] == "-" else 1, f"f{t.lstrip('+-')}") for t in side.replace("+", " +").replace("-", " -").split())

    return replace(form, rules=(*form.rules, Rule(text, Address("Sheet1", 99, 1), terms(left), op, terms(right))))


DESTITUTE = ruled(
    statistic("特困人员供养情况月报表", "特困供养对象数[人]", "其他甲类[人]", "其他乙类[人]"), "01=02+03", "0", "=", "1+2"
)


def test_a_printed_equality_that_does_not_hold_is_hard_and_names_cells_figures_and_what_was_expected() -> None:
    found = run(prepared(DESTITUTE), {"特困供养对象数": 12, "其他甲类": 5, "其他乙类": 6})
    (finding,) = found.hard
    assert finding.code == "check.relation" and finding.expected == "等于 11 人"
    assert [(item.held, item.printed[0].cell) for item in finding.items] == [
        ("12", "Sheet1!B1"), ("5", "Sheet1!B2"), ("6", "Sheet1!B3"),
    ]  # fmt: skip
    assert "01=02+03" in finding.message and "民政局《特困人员供养情况月报表》" in finding.message and "12" in finding.message
    assert finding.forms[0].cell == "Sheet1!A99"


def test_a_finding_that_was_put_right_is_gone() -> None:
    assert not run(prepared(DESTITUTE), {"特困供养对象数": 11, "其他甲类": 5, "其他乙类": 6}).findings


def test_a_relation_with_a_missing_term_is_not_checked_but_that_is_said() -> None:
    found = run(prepared(DESTITUTE), {"特困供养对象数": 12, "其他甲类": 5})
    assert not found.findings
    (unchecked,) = found.unchecked
    assert "其他乙类" in unchecked.message and unchecked.rule == "01=02+03"


def test_nothing_is_said_of_a_relation_of_which_no_term_is_there_yet() -> None:
    assert run(prepared(DESTITUTE), {}) == Checked()


def test_a_dash_is_no_zero_but_wu_is() -> None:
    of = prepared(DESTITUTE)
    assert run(of, {"特困供养对象数": 12, "其他甲类": 5, "其他乙类": "—"}).unchecked
    assert run(of, {"特困供养对象数": 12, "其他甲类": 5, "其他乙类": "无"}).hard


def test_a_missing_term_is_zero_where_the_rule_says_so() -> None:
    form = replace(DESTITUTE, notes=("空白项视同 0。",))
    assert said(run(prepared(form), {"特困供养对象数": 12, "其他甲类": 5}).hard) == [("check.relation", "特困供养对象数")]


def test_a_rule_that_asks_to_look_again_is_soft() -> None:
    form = ruled(statistic("企业情况表", "甲类数[人]", "乙类数[人]"), "01>=02（否则核实）", "0", ">=", "1")
    assert [(f.code, f.force) for f in run(prepared(form), {"甲类数": 1, "乙类数": 2}).findings] == [
        ("check.advisory", Force.SOFT)
    ]


@pytest.mark.parametrize(
    ("op", "left", "holds"), [(">=", 5, True), (">=", 4, False), (">", 5, False), ("<=", 6, False), ("<", 4, True)]
)
def test_inequalities(op: str, left: int, holds: bool) -> None:
    form = ruled(statistic("情况统计表", "甲类数[人]", "乙类数[人]"), f"01{op}02", "0", op, "1")
    assert (not run(prepared(form), {"甲类数": left, "乙类数": 5}).hard) is holds


def test_units_are_converted_before_figures_are_compared() -> None:
    form = ruled(statistic("收支情况表", "甲类资金[万元]", "乙类资金[元]", "丙类资金[元]"), "01=02+03", "0", "=", "1+2")
    of = prepared(form)
    right = {"甲类资金": "12.5", "乙类资金": 100000, "丙类资金": 25000}
    assert not run(of, right).findings
    assert run(of, {**right, "丙类资金": 26000}).hard


def test_rounding_to_the_printed_digits_is_no_error_but_more_than_rounding_is() -> None:
    form = ruled(statistic("收支情况表", "甲类资金[万元]", "乙类资金[万元]", "丙类资金[万元]"), "01=02+03", "0", "=", "1+2")
    of = prepared(form)
    assert not run(of, {"甲类资金": "6.7", "乙类资金": "3.3", "丙类资金": "3.3"}).findings
    assert run(of, {"甲类资金": "6.9", "乙类资金": "3.3", "丙类资金": "3.3"}).hard


def test_people_are_counted_not_rounded() -> None:
    assert run(prepared(DESTITUTE), {"特困供养对象数": 12, "其他甲类": 5, "其他乙类": 6}).hard


def test_a_total_must_be_the_sum_of_a_whole_facet() -> None:
    of = prepared(statistic("人口情况统计表", "实有人口总数[人]", "其中：男性[人]", "女性[人]"))
    found = run(of, {"实有人口总数": 10, "其中：男性": 6, "女性": 5})
    assert said(found.hard) == [("check.sum", "实有人口总数")] and found.hard[0].expected == "等于 11 人"


def test_bands_that_both_say_they_count_one_age_only_ask() -> None:
    of = prepared(statistic("人口统计表", "人口总数[人]", "年龄分布/35岁及以下[人]", "年龄分布/35岁及以上[人]"))
    found = run(of, {"人口总数": 10, "年龄分布/35岁及以下": 6, "年龄分布/35岁及以上": 5})
    assert not found.hard and said(found.soft) == [("check.likely-sum", "人口总数")]


def test_bands_whose_neighbours_leave_each_age_to_one_of_them_must_add_up() -> None:
    of = prepared(
        statistic("人口统计表", "人口总数[人]", "年龄分布/18岁以下[人]", "年龄分布/18-59岁[人]", "年龄分布/60岁以上[人]")
    )
    found = run(of, {"人口总数": 10, "年龄分布/18岁以下": 3, "年龄分布/18-59岁": 5, "年龄分布/60岁以上": 3})
    assert said(found.hard) == [("check.sum", "人口总数")]


def test_one_of_which_cannot_be_more_than_its_total() -> None:
    of = prepared(statistic("党员情况统计表", "党员总数[人]", "党员总数/其中：女党员[人]"))
    found = run(of, {"党员总数": 5, "党员总数/其中：女党员": 6})
    assert [f.code for f in found.hard] == ["check.part"] and found.hard[0].expected == "不大于 5 人"


def test_the_older_are_among_the_old_on_whatever_forms_they_stand_and_only_the_tightest_relation_is_told() -> None:
    of = prepared(
        statistic("高龄津贴统计表", "80周岁以上户籍老年人[人]"),
        statistic("养老统计表", "60周岁以上户籍老年人[人]", "65周岁以上户籍老年人[人]"),
    )
    fine = {"60周岁以上户籍老年人": 30, "65周岁以上户籍老年人": 20, "80周岁以上户籍老年人": 5}
    assert not run(of, fine).findings
    found = run(of, {**fine, "80周岁以上户籍老年人": 40})
    assert len(found.findings) == 1 and found.findings[0].expected == "不大于 20 人"


def test_a_sub_group_of_the_lexicon_is_no_more_than_the_group() -> None:
    of = prepared(statistic("残疾人统计表", "残疾人数[人]", "重度残疾人数[人]"))
    assert [f.force for f in run(of, {"残疾人数": 5, "重度残疾人数": 6}).findings] == [Force.HARD]


def test_households_are_no_more_than_people() -> None:
    of = prepared(statistic("低保统计表", "低保户数[户]", "低保人数[人]"))
    assert said(run(of, {"低保户数": 9, "低保人数": 8}).hard) == [("check.households", "低保户数")]


def test_those_kept_in_homes_and_those_kept_at_home_are_all_the_destitute() -> None:
    of = prepared(statistic("特困统计表", "特困人员[人]"), statistic("供养统计表", "集中供养[人]", "分散供养[人]"))
    found = run(of, {"特困人员": 9, "集中供养": 3, "分散供养": 5})
    assert said(found.hard) == [("check.sum", "特困人员")] and "社会救助暂行办法" in found.hard[0].rule


def test_a_group_larger_than_the_population_only_asks() -> None:
    of = prepared(statistic("基本情况统计表", "总人口[人]", "党员[人]"))
    found = run(of, {"总人口": 5, "党员": 6})
    assert not found.hard and [f.code for f in found.soft] == ["check.likely-part"]


def test_a_group_is_compared_with_the_largest_population_only() -> None:
    of = prepared(statistic("基本情况统计表", "户籍人口[人]", "常住人口[人]", "党员[人]"))
    assert not run(of, {"户籍人口": 7, "常住人口": 5, "党员": 6}).findings
    (finding,) = run(of, {"户籍人口": 7, "常住人口": 5, "党员": 8}).findings
    assert finding.expected == "不大于 7 人"


def test_one_relation_on_two_forms_is_one_finding_that_names_both() -> None:
    other = replace(DESTITUTE, file="二.xlsx", title="特困人员救助季报表")
    found = run(prepared(DESTITUTE, other), {"特困供养对象数": 12, "其他甲类": 5, "其他乙类": 6})
    assert len(found.hard) == 1
    assert "特困人员供养情况月报表" in found.hard[0].message and "特困人员救助季报表" in found.hard[0].message


def test_a_reason_belongs_to_the_values_it_was_given_for() -> None:
    of = prepared(statistic("基本情况统计表", "总人口[人]", "党员[人]"))
    first = run(of, {"总人口": 5, "党员": 6})
    reasons = {first.soft[0].fingerprint: "口径不同"}
    assert not first.unanswered(reasons)
    assert not run(of, {"总人口": "5.0", "党员": "６"}).unanswered(reasons), "the same figures, written differently"
    assert run(of, {"总人口": 5, "党员": 7}).unanswered(reasons)


def test_fingerprints_of_another_key_tell_nothing() -> None:
    of = prepared(statistic("基本情况统计表", "总人口[人]", "党员[人]"))
    values = held(of, {"总人口": 5, "党员": 6})
    one, other = (check(of, Given(values, OCTOBER, key=key)).soft[0].fingerprint for key in (b"a", b"b"))
    assert one != other


def test_findings_come_in_the_order_of_the_forms_every_time() -> None:
    of = prepared(DESTITUTE, statistic("低保统计表", "低保户数[户]", "低保人数[人]"))
    figures: dict[str, CellValue] = {"特困供养对象数": 12, "其他甲类": 5, "其他乙类": 6, "低保户数": 9, "低保人数": 8}
    backwards = dict(reversed(figures.items()))
    assert said(run(of, figures).findings) == [("check.relation", "特困供养对象数"), ("check.households", "低保户数")]
    assert run(of, figures) == run(of, backwards)


def test_the_short_text_fits_a_telephone_and_the_long_one_says_what_to_do() -> None:
    form = ruled(statistic("情况统计表", f"{'很长的指标名称' * 12}数[人]", "乙类数[人]"), "01=02", "0", "=", "1")
    finding = run(prepared(form), {f"{'很长的指标名称' * 12}数": 123456789012, "乙类数": 5}).hard[0]
    text = explain(finding)
    assert len(text.short) <= 60 and "123456789012" in text.short
    assert text.long == finding.message + finding.hint


TREE = statistic(
    "党员基本情况统计表", "党员总数[人]", "其中：正式党员[人]", "预备党员[人]", "男党员[人]", "女党员[人]", "少数民族党员[人]"
)
WHOLE = prepared(TREE)


@settings(max_examples=60, deadline=None)
@hypothesis(strategies.lists(strategies.tuples(strategies.booleans(), strategies.booleans(), strategies.booleans()), max_size=40))
def test_figures_counted_from_people_never_give_a_hard_finding(people: list[tuple[bool, bool, bool]]) -> None:
    full, male, minority = (sum(person[i] for person in people) for i in range(3))
    every = len(people)
    figures: dict[str, CellValue] = {
        "党员总数": every, "其中：正式党员": full, "预备党员": every - full, "男党员": male, "女党员": every - male,
        "少数民族党员": minority,
    }  # fmt: skip
    assert not run(WHOLE, figures).hard


@settings(max_examples=60, deadline=None)
@hypothesis(strategies.integers(0, 50), strategies.integers(0, 50), strategies.integers(1, 9))
def test_a_total_that_is_off_is_always_found(male: int, female: int, off: int) -> None:
    assert run(WHOLE, {"党员总数": male + female + off, "男党员": male, "女党员": female}).hard
