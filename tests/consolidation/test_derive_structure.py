"""Totals and parts: what a form's own outline proves, what it only suggests, and what it does not say."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from consolidation.derive import checks, derivations
from consolidation.lexicon import load_lexicon
from consolidation.match import merge
from consolidation.model import Derivation, Formula, Merged
from forms.model import Address, Form, Rule
from tests.consolidation.inline import form, statistic

LEXICON = load_lexicon()


def found(*forms: Form, exact: bool = True) -> dict[str, set[frozenset[str]]]:
    """Target -> the sets of parts it is the sum of; labels as printed stand for the elements."""
    merged = merge(forms, LEXICON)
    labels = {e.id: e.members[0].field.path[-1] for e in merged.elements}
    result: dict[str, set[frozenset[str]]] = {}
    for item in derivations(merged, LEXICON):
        if item.formula is Formula.SUM and item.exact is exact:
            result.setdefault(labels[item.target], set()).add(frozenset(labels[i] for i in item.inputs))
    return result


def parts(*labels: str) -> frozenset[str]:
    return frozenset(labels)


def test_men_and_women_are_everyone_also_when_their_labels_start_with_of_which() -> None:
    table = statistic("人口情况统计表", "实有人口总数[人]", "其中：男性[人]", "女性[人]")
    assert found(table) == {"实有人口总数": {parts("其中：男性", "女性")}}


def test_women_alone_are_no_partition() -> None:
    table = statistic("党员情况统计表", "党员总数[人]", "其中：女党员[人]")
    assert found(table) == {} and found(table, exact=False) == {}


def test_one_total_can_be_divided_in_several_ways() -> None:
    table = statistic(
        "在册党员概况", "党员总数[人]", "其中：正式党员[人]", "预备党员[人]", "男党员[人]", "女党员[人]",
        "党员文化程度/初中及以下[人]", "党员文化程度/高中[人]", "党员文化程度/大专及以上[人]",
    )  # fmt: skip
    assert len(found(table)["党员总数"]) == 3


def test_age_bands_that_follow_each_other_are_whole_and_those_with_a_gap_are_not() -> None:
    whole = statistic(
        "人口年龄情况统计表", "人口总数[人]", "年龄分布/0-14岁[人]", "年龄分布/15-64岁[人]", "年龄分布/65岁及以上[人]"
    )
    gap = statistic(
        "人口年龄情况统计表", "人口总数[人]", "年龄分布/0-14岁[人]", "年龄分布/16-64岁[人]", "年龄分布/65岁及以上[人]"
    )
    assert found(whole)["人口总数"] == {parts("0-14岁", "15-64岁", "65岁及以上")}
    assert "人口总数" not in found(gap)


def test_bands_of_the_elderly_need_only_begin_at_the_age_the_law_names() -> None:
    table = statistic(
        "老年人情况统计表", "老年人总数[人]", "按年龄分/60-69岁[人]", "按年龄分/70-79岁[人]", "按年龄分/80岁以上[人]"
    )
    assert parts("60-69岁", "70-79岁", "80岁以上") in found(table)["老年人总数"]


def test_a_list_of_kinds_goes_as_far_as_it_stands_there() -> None:
    kinds = [f"按残疾类别分/{kind}残疾[人]" for kind in ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")]
    table = statistic("残疾人情况统计表", "残疾人总数[人]", *kinds)
    assert all(len(sum_of) == 7 for sum_of in found(table)["残疾人总数"])


def test_a_printed_equality_over_two_units_converts_them() -> None:
    table = statistic("收支情况表", "甲类资金[万元]", "乙类资金[元]", "丙类资金[元]")
    rule = Rule("01=02+03", Address("Sheet1", 9, 1), ((1, "f0"),), "=", ((1, "f1"), (1, "f2")))
    merged = merge([replace(table, rules=(rule,))], LEXICON)
    scales = {item.scale for item in derivations(merged, LEXICON) if item.formula is Formula.SUM}
    assert scales == {Decimal("0.0001")}


@pytest.mark.parametrize(
    ("steps", "whole"),
    [
        (("小学及以下", "初中", "高中及以上"), True),
        (("初中及以下", "高中", "大专及以上"), True),
        (("小学及以下", "高中及以上"), False),
        (("初中", "高中", "大专及以上"), False),
    ],
)
def test_schooling_is_whole_when_no_step_is_left_out(steps: tuple[str, ...], whole: bool) -> None:
    table = statistic("外出从业情况", "外出从业人员[人]", *(f"外出从业人员/按文化程度分/{step}[人]" for step in steps))
    assert (parts(*steps) in found(table).get("外出从业人员", set())) is whole


def test_parts_numbered_one_after_another_under_their_total_are_whole() -> None:
    table = statistic(
        "渔业生产情况", "一、养殖面积[亩]", "一、养殖面积/1.池塘[亩]", "一、养殖面积/2.湖泊[亩]", "一、养殖面积/3.水库[亩]"
    )
    assert found(table) == {"一、养殖面积": {parts("1.池塘", "2.湖泊", "3.水库")}}


def test_a_missing_number_or_another_unit_breaks_the_proof() -> None:
    missing = statistic("渔业生产情况", "一、养殖面积[亩]", "一、养殖面积/1.池塘[亩]", "一、养殖面积/3.水库[亩]")
    unit = statistic("渔业生产情况", "一、养殖面积[亩]", "一、养殖面积/1.池塘[亩]", "一、养殖面积/2.产量[吨]")
    assert found(missing) == {} and found(unit) == {}


def test_things_one_village_can_have_all_of_do_not_add_up() -> None:
    table = statistic("村基础设施", "自然村个数[个]", "自然村个数/1.通电自然村[个]", "自然村个数/2.通电话自然村[个]")
    assert found(table) == {} and found(table, exact=False) == {}


def test_of_which_ending_in_other_is_offered_but_not_relied_upon() -> None:
    table = statistic("农林牧渔场", "国有场个数[个]", "国有场个数/其中：农场[个]", "国有场个数/林场[个]", "国有场个数/其他[个]")
    assert found(table) == {}


def test_subtotal_columns_are_the_sum_of_what_stands_beside_them() -> None:
    table = statistic("承包地情况", "承包地/合计[亩]", "承包地/川地[亩]", "承包地/山地[亩]", "承包地/园子[亩]")
    assert found(table) == {"合计": {parts("川地", "山地", "园子")}}


def test_two_splits_at_once_give_the_totals_along_each() -> None:
    table = statistic(
        "贫困户类型统计", "贫困户类型/有劳动能力的低保户[户]", "贫困户类型/无劳动能力的低保户[户]",
        "贫困户类型/有劳动能力的低收入家庭[户]",
        "贫困户类型/无劳动能力的低收入家庭[户]", "低保户[户]", "低收入家庭[户]", "有劳动能力[户]", "无劳动能力[户]",
    )  # fmt: skip
    sums = found(table)
    assert parts("有劳动能力的低保户", "有劳动能力的低收入家庭") in sums["有劳动能力"]
    assert parts("无劳动能力的低收入家庭", "有劳动能力的低收入家庭") in sums["低收入家庭"]


def test_letters_after_a_code_divide_what_the_code_stands_for() -> None:
    table = form("家庭登记表", "A1户主姓名", "A17家庭总收入[元]", "A17a务工收入[元]", "A17b种养收入[元]", "A17c其他收入[元]")
    assert parts("A17a务工收入", "A17b种养收入", "A17c其他收入") in found(table)["A17家庭总收入"]


def with_rule(table: Form, left: tuple[tuple[int, int], ...], op: str, right: tuple[tuple[int, int], ...]) -> Form:
    """The form with one printed rule over its fields by their place."""
    from dataclasses import replace

    def side(terms: tuple[tuple[int, int], ...]) -> tuple[tuple[int, str], ...]:
        return tuple((sign, table.fields[at].id) for sign, at in terms)

    return replace(table, rules=(Rule("04=01+02-03", Address("S", 9, 1), side(left), op, side(right)),))


def test_a_printed_equality_outweighs_the_outline_and_keeps_its_signs() -> None:
    table = statistic("耕地情况", "年初耕地[亩]", "年内增加[亩]", "年内减少[亩]", "年末耕地[亩]")
    merged = merge([with_rule(table, ((1, 3),), "=", ((1, 0), (1, 1), (-1, 2)))], LEXICON)
    (item,) = [d for d in derivations(merged, LEXICON) if d.formula is Formula.SUM]
    assert item.weights == (1, 1, -1) and item.exact and "04=01+02-03" in item.rule


def test_a_printed_inequality_is_a_check_and_refutes_the_partition() -> None:
    table = statistic("畜禽情况", "牛[头]", "牛/1.肉牛[头]", "牛/2.奶牛[头]")
    ruled = merge([with_rule(table, ((1, 0),), ">=", ((1, 1), (1, 2)))], LEXICON)
    assert not [d for d in derivations(ruled, LEXICON) if d.formula is Formula.SUM]
    (check,) = checks(ruled, LEXICON)
    assert check.op == ">=" and len(check.right) == 2


def rates(merged: Merged) -> list[Derivation]:
    return [d for d in derivations(merged, LEXICON) if d.formula is Formula.RATIO]


def test_a_rate_finds_its_two_figures_by_words() -> None:
    merged = merge([statistic("资金情况", "到账资金数额[元]", "支出资金数额[元]", "到账资金支出率[%]")], LEXICON)
    (rate,) = rates(merged)
    names = {e.id: e.members[0].field.label for e in merged.elements}
    assert [names[i] for i in rate.inputs] == ["支出资金数额", "到账资金数额"] and rate.scale == 100


def test_growth_is_no_rate_of_two_figures_of_the_form() -> None:
    assert not rates(merge([statistic("经济情况", "集体收入[元]", "集体支出[元]", "集体收入增长率[%]")], LEXICON))
