"""Figures that rows give: wholes and parts of one set of rows, statuses by class, lists with one row a household."""

from __future__ import annotations

from decimal import Decimal

import pytest

from consolidation.codes import load_codes
from consolidation.derive.counts import fact_classes
from consolidation.lexicon import normalise
from tests.consolidation.inline import statistic
from tests.consolidation.test_fill import FAR, OLD, REGISTER, VILLAGE, YOUNG, figures, filled, listed, number

TOWNSHIP = "990101001"
PEOPLE = listed(
    "户籍人口", "户号,姓名,公民身份号码,性别,出生日期,户籍状态,所属村（社区）",
    *(f"H{i},人{i},{number(f'19{50 + i}0101', 1 + i % 2)},,,正常,柳坝村" for i in range(49)),
    "H99,无名,,男,,正常,柳坝村",
    department="公安",
)  # fmt: skip


@pytest.mark.parametrize("code_list", ["employment", "employment_short"])
def test_every_employment_status_of_the_code_lists_has_one_class(code_list: str) -> None:
    classes = fact_classes()["employment"]
    for item in load_codes()[code_list].codes:
        for word in (item.name, *item.aliases):
            held = [name for name, values in classes.items() if normalise(word) in map(normalise, values)]
            assert len(held) == 1, word


def test_employed_and_not_employed_make_up_the_labour_and_the_retired_are_none_of_it() -> None:
    rows = ["务农", "灵活就业", "未就业", "登记失业", "离退休", "无劳动能力", "现役军人", "在校学生"]
    workers = listed(
        "劳动力资源", "姓名,身份证号,就业状况,村（社区）",
        *(f"人{i},{number(f'19{80 + i}0101', 1)},{word},柳坝村" for i, word in enumerate(rows)), department="人社",
    )  # fmt: skip
    table = statistic("劳动力情况统计表", "劳动力资源总数[人]", "劳动力资源总数/已就业[人]", "劳动力资源总数/未就业[人]")
    found = figures(table, workers)
    assert found == {"劳动力资源总数": Decimal(4), "已就业": Decimal(2), "未就业": Decimal(2)}


def test_a_whole_leaves_out_whom_none_of_its_parts_can_count_and_says_so() -> None:
    table = statistic(
        "人口情况统计表",
        "户籍人口总数[人]",
        "按年龄分/0-59岁[人]",
        "按年龄分/60岁及以上[人]",
        "按性别分/男[人]",
        "按性别分/女[人]",
    )
    merged, result = filled([table], PEOPLE)
    names = {e.members[0].field.label: e.id for e in merged.elements}
    found = {label: result.places[element, VILLAGE] for label, element in names.items()}
    young, old, men, women = (Decimal(str(found[label].value)) for label in ("0-59岁", "60岁及以上", "男", "女"))
    assert found["户籍人口总数"].value == young + old == men + women == Decimal(49)
    assert "1人没有登记年龄" in found["户籍人口总数"].provenance.detail and "BETWEEN" in found["户籍人口总数"].provenance.detail


def test_where_the_ages_of_many_are_not_known_the_whole_stays_whole() -> None:
    few = listed(
        "户籍人口", "户号,姓名,公民身份号码,出生日期,户籍状态,所属村（社区）",
        *(f"H{i},人{i},{number(f'19{50 + i}0101', 1)},,正常,柳坝村" for i in range(9)), "H99,无名,,,正常,柳坝村",
    )  # fmt: skip
    table = statistic("人口情况统计表", "户籍人口总数[人]", "按年龄分/0-59岁[人]", "按年龄分/60岁及以上[人]")
    assert figures(table, few)["户籍人口总数"] == Decimal(10)


def test_bands_of_one_form_count_nobody_twice() -> None:
    table = statistic("人口情况统计表", "户籍人口总数[人]", "按年龄分/75岁以下[人]", "按年龄分/75岁以上[人]")
    found = figures(table, PEOPLE)
    assert Decimal(str(found["75岁以下"])) + Decimal(str(found["75岁以上"])) == found["户籍人口总数"]


# ---- lists with one row a household ------------------------------------------------------------------------------------

LOW_INCOME = (
    f"张建国,{OLD},3,2,农村低保,800,正常,柳坝村",
    f"李四,{YOUNG},4,4,城市低保,1200.50,正常,柳坝村",
    f"赵六,{number('19700101', 7)},2,2,农村低保,600,停保,柳坝村",
    f"王五,{FAR},1,1,农村低保,400,正常,石港村",
)
HEADERS = "户主姓名,身份证号,家庭人口,保障人口,低保类别,月保障金额(元),保障状态,村（社区）"
ASKED = statistic(
    "社会救助月报", "低保户数[户]", "低保人数[人]", "农村低保户数[户]", "农村低保人数[人]", "城市低保户数[户]", "当月发放低保金[元]",
    period="monthly",
)  # fmt: skip


def households(*rows: str, title: str = "低保家庭台账", headers: str = HEADERS) -> dict[str, object]:
    return figures(ASKED, listed(title, headers, *rows, department="民政", level="household"), REGISTER)


def test_a_list_of_households_tells_households_people_kinds_and_the_money_of_a_month() -> None:
    assert households(*LOW_INCOME) == {
        "低保户数": Decimal(2), "低保人数": Decimal(6), "农村低保户数": Decimal(1), "农村低保人数": Decimal(2),
        "城市低保户数": Decimal(1), "当月发放低保金": Decimal("2000.5"),
    }  # fmt: skip


def test_the_source_of_such_a_figure_is_the_list_and_the_question() -> None:
    merged, result = filled([ASKED], listed("低保家庭台账", HEADERS, *LOW_INCOME, department="民政", level="household"))
    (element,) = (e.id for e in merged.elements if e.name == "低保人数")
    source = result.places[element, VILLAGE].provenance
    assert source.source == "民政《低保家庭台账》" and 'SUM("数")' in source.detail and "柳坝村" in source.detail


def test_a_household_listed_twice_counts_once() -> None:
    found = households(*LOW_INCOME, LOW_INCOME[0])
    assert (found["低保户数"], found["低保人数"]) == (Decimal(2), Decimal(6))


def test_a_list_that_is_not_known_to_be_whole_for_the_place_gives_no_figure() -> None:
    somewhere = f"钱七,{number('19750101', 9)},1,1,农村低保,400,正常,某地"
    assert households(*LOW_INCOME, somewhere) == {}
    assert households(LOW_INCOME[3]) == {}


def test_what_a_row_leaves_open_is_not_counted() -> None:
    no_number = f"张建国,{OLD},3,,,800,正常,柳坝村"
    found = households(no_number, LOW_INCOME[1])
    assert found == {"低保户数": Decimal(2), "当月发放低保金": Decimal("2000.5")}


def test_a_list_of_something_else_is_not_the_groups_own() -> None:
    assert "低保户数" not in households(*LOW_INCOME, title="低保和特困家庭台账")
    assert "低保户数" not in households(*LOW_INCOME, title="困难家庭走访台账")
