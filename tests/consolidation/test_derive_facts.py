"""What follows from a person's number, from rosters, from the places below; and the values themselves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from consolidation.derive import derivations, evaluate
from consolidation.lexicon import load_lexicon
from consolidation.match import merge
from consolidation.model import Derivation, Formula
from forms.model import CellValue, Form
from forms.values import DemoRegions
from tests.consolidation.inline import form, statistic

LEXICON = load_lexicon()
DEMO = DemoRegions(("99",))
END = date(2026, 10, 31)
ZHANG = "990101196011010019"  # 1 November 1960, odd 17th digit


def derived(*forms: Form) -> dict[str, list[tuple[tuple[str, ...], Derivation]]]:
    """Target's printed label -> (labels of the inputs, derivation)."""
    merged = merge(forms, LEXICON)
    labels = {e.id: "/".join(e.members[0].field.path) for e in merged.elements}
    result: dict[str, list[tuple[tuple[str, ...], Derivation]]] = {}
    for item in derivations(merged, LEXICON):
        result.setdefault(labels[item.target], []).append((tuple(labels[i] for i in item.inputs), item))
    return result


def test_sex_birth_and_age_follow_from_the_persons_own_number() -> None:
    found = derived(form("残疾人登记表", "姓名", "性别{男|女}", "出生日期", "年龄[岁]", "身份证号", "户籍地址"))
    assert {label: inputs for label, ((inputs, item), *_) in found.items() if item.exact} == {
        "性别": ("身份证号",), "出生日期": ("身份证号",), "年龄": ("身份证号",),
    }  # fmt: skip
    assert "GB 11643" in found["性别"][0][1].rule


def test_nobodys_age_follows_from_somebody_elses_number() -> None:
    found = derived(form("学生登记表", "姓名", "年龄[岁]", "监护人姓名", "监护人身份证号"))
    assert "年龄" not in found


def test_a_month_of_birth_gives_the_age_only_nearly() -> None:
    ((_, item),) = derived(form("人员登记表", "姓名", "出生年月", "年龄[岁]", "民族"))["年龄"]
    assert not item.exact


def test_incomes_follow_by_definition_where_one_form_prints_all_terms() -> None:
    found = derived(
        form("贫困户登记表", "户主姓名", "家庭总收入[元]", "工资性收入[元]", "经营性收入[元]", "财产性收入[元]",
             "转移性收入[元]", "生产经营支出[元]", "家庭纯收入[元]")
    )  # fmt: skip
    ((inputs, item),) = found["家庭纯收入"]
    assert inputs == ("家庭总收入", "生产经营支出") and item.weights == (1, -1)
    assert "家庭总收入" in found


def test_figures_above_a_roster_are_counted_from_its_rows() -> None:
    table = statistic(
        "在册党员概况及名册", "党员总数[人]", "男党员[人]", "60岁以上党员[人]", "姓名", "性别{男|女}", "出生年月", "家庭住址"
    )
    found = derived(table)
    counts = {label: item for label, pairs in found.items() for _, item in pairs if item.formula is Formula.COUNT and item.exact}
    assert set(counts) == {"党员总数", "男党员", "60岁以上党员"}


def test_a_county_form_that_asks_what_the_villages_were_asked_is_their_sum() -> None:
    lines = ("低保户数[户]", "低保人数[人]", "特困人员人数[人]", "耕地面积[亩]")
    found = derived(statistic("村基本情况统计表", "村名称", *lines), statistic("县（市）基本情况统计表", "县（市）名称", *lines))
    rolls = [item for pairs in found.values() for _, item in pairs if item.formula is Formula.ROLL_UP]
    assert len(rolls) == 4 and all(item.exact for item in rolls)


def test_rates_and_means_of_villages_are_not_added_up() -> None:
    lines = ("参保率[%]", "人均纯收入[元]")
    found = derived(statistic("村基本情况统计表", "村名称", *lines), statistic("县（市）基本情况统计表", "县（市）名称", *lines))
    assert not [item for pairs in found.values() for _, item in pairs if item.formula is Formula.ROLL_UP]


def one(formula: Formula, *inputs: str, **more: object) -> Derivation:
    return Derivation("t", inputs, formula, "", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("item", "value", "result"),
    [
        (one(Formula.SEX_OF_ID, "a"), ZHANG, "男"),
        (one(Formula.BIRTH_OF_ID, "a", where=(("as", "day"),)), ZHANG, date(1960, 11, 1)),
        (one(Formula.BIRTH_OF_ID, "a", where=(("as", "month"),)), ZHANG, "1960-11"),
        (one(Formula.AGE_OF_ID, "a"), ZHANG, Decimal(65)),  # the birthday is the day after the period's end
        (one(Formula.AGE_OF_BIRTH, "a"), "1960年10月31日", Decimal(66)),
        (one(Formula.PART_OF_DATE, "a", where=(("as", "year"),)), "1960.10", "1960"),
        (one(Formula.SEX_OF_ID, "a"), "990101196011010018", None),  # wrong check digit
        (one(Formula.AGE_OF_ID, "a"), "5.11E+17", None),
    ],
)
def test_values_of_one_input(item: Derivation, value: CellValue, result: CellValue) -> None:
    assert evaluate(item, {"a": value}, END, DEMO) == result


def test_sums_keep_signs_and_scale_and_say_nothing_when_a_part_is_missing() -> None:
    item = one(Formula.SUM, "a", "b", weights=(1, -1), scale=Decimal("0.1"))
    assert evaluate(item, {"a": Decimal(30), "b": "1,0"[0]}, END) == Decimal("2.9")
    assert evaluate(item, {"a": Decimal(30), "b": "—"}, END) is None
    assert evaluate(item, {"a": Decimal(30)}, END) is None


def test_a_rate_over_nothing_is_no_figure() -> None:
    item = one(Formula.RATIO, "a", "b", scale=Decimal(100))
    assert evaluate(item, {"a": Decimal(1), "b": Decimal(3)}, END) == Decimal("33.33")
    assert evaluate(item, {"a": Decimal(1), "b": Decimal(0)}, END) is None


def test_counting_reads_ages_out_of_numbers_on_the_periods_last_day() -> None:
    item = one(Formula.COUNT, "id", where=(("id", "age<id-number|within|60-"),))
    assert evaluate(item, {"id": [ZHANG, "990101198811110019", None]}, END, DEMO) == Decimal(1)


def test_places_are_added_up_in_the_targets_unit() -> None:
    item = one(Formula.ROLL_UP, "a", scale=Decimal("0.0001"))
    assert evaluate(item, {"a": [Decimal(12000), "8,000"]}, END) == Decimal("2.0000")


def test_what_a_coded_fact_says_through_a_code_list_need_not_be_asked() -> None:
    found = derived(
        form("居民信息登记表", "姓名", "民族", "是否少数民族{是|否}", "政治面貌", "是否党员{是|否}", "婚姻状况", "是否已婚{是|否}",
             "残疾等级", "是否重度残疾{是|否}", "户口性质", "是否农业户口{是|否}"),
        form("企业登记表", "企业名称", "行业代码", "行业门类", "统一社会信用代码"),
    )  # fmt: skip
    mapped = {label: inputs for label, pairs in found.items() for inputs, d in pairs if d.formula is Formula.MAPPED and d.exact}
    assert mapped == {
        "是否少数民族": ("民族",), "是否党员": ("政治面貌",), "是否已婚": ("婚姻状况",), "是否重度残疾": ("残疾等级",),
        "是否农业户口": ("户口性质",), "行业门类": ("行业代码",),
    }  # fmt: skip


def test_nobodys_party_membership_follows_from_somebody_elses_status() -> None:
    assert "是否党员" not in derived(form("学生登记表", "姓名", "是否党员{是|否}", "父亲姓名", "父亲政治面貌"))


@pytest.mark.parametrize(
    ("source", "target", "value", "wanted"),
    [
        ("nation", "@minority", "汉族", "否"),
        ("nation", "@minority", "蒙古族", "是"),
        ("nation", "@minority", "01", "否"),
        ("nation", "@minority", "不详", None),
        ("political-status", "@party-member", "中共预备党员", "是"),
        ("political-status", "@party-member", "民主党派", "否"),
        ("political-status", "@party-member", "群众", "否"),
        ("marital-status", "is-married", "再婚", "是"),
        ("marital-status", "is-married", "丧偶", "否"),
        ("house-danger-grade", "@dangerous-house", "C级", "是"),
        ("disability-grade", "@severe-disabled", "三级", "否"),
        ("industry", "industry-section", "13", "制造业"),
        ("disability-kind", "health", "视力残疾", "视力残疾"),
        ("employment", "is-employed", "务工", "是"),
        ("employment", "is-employed", "离退休", "否"),
        ("nation", "@minority", None, None),
    ],
)
def test_coded_values_are_translated(source: str, target: str, value: CellValue, wanted: CellValue) -> None:
    item = Derivation("t", ("s",), Formula.MAPPED, "", where=((source, target),))
    assert evaluate(item, {"s": value}, END) == wanted
