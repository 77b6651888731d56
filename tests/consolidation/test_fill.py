"""Filling: one source for each fact, figures counted from rows, and forms given their values - or none, where nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest

from consolidation.derive import derivations
from consolidation.fill import FilledData, Giver, Regions, fill, read_back
from consolidation.fill.bands import are_bands, band_for
from consolidation.fill.choices import option_for
from consolidation.fill.model import DataSet
from consolidation.fill.sources import Entry, Raw
from consolidation.fill.understand import understand
from consolidation.lexicon import load_lexicon
from consolidation.match import merge
from consolidation.model import Merged
from forms.model import Book, Form, Reading, Rect
from forms.periods import Period
from forms.values import DemoRegions
from tests.consolidation.inline import form, statistic
from tests.consolidation.test_fill_sources import number

LEXICON = load_lexicon()
DEMO = DemoRegions(("99",))
VILLAGE = "990101001201"
REGIONS = Regions({"990101001": ("柳河镇", "990101"), VILLAGE: ("柳坝村", "990101001"), "990101001202": ("石港村", "990101001")})
OCTOBER = Period.parse("2026-10")
OLD, YOUNG, DEAD, FAR = number("19500101", 1), number("20001231", 2), number("19400101", 3), number("19800101", 5)


def listed(title: str, header: str, *rows: str, department: str = "", level: str = "person", precedence: int = 1) -> DataSet:
    names = tuple(header.split(","))
    frame = pd.DataFrame([row.split(",") for row in rows], columns=range(len(names)), dtype=object)
    entry = Entry(f"{title}.csv", department=department, level=level, precedence=precedence)
    return understand(Raw(f"{title}.csv", "", title, names, frame), entry, LEXICON)


REGISTER = listed(
    "户籍人口", "户号,与户主关系,姓名,公民身份号码,民族,户籍地址,户籍状态,所属村（社区）",
    f"H1,户主,张建国,{OLD},汉族,柳坝村1号,正常,柳坝村",
    f"H1,女,张丽,{YOUNG},汉族,柳坝村1号,正常,柳坝村",
    f"H2,户主,李秀英,{DEAD},回族,柳坝村2号,死亡,柳坝村",
    f"H3,户主,王伟,{FAR},回族,石港村3号,正常,石港村",
    department="公安",
)  # fmt: skip
DISABLED = listed(
    "持证残疾人", "姓名,身份证号,残疾人证号,残疾类别,家庭住址,联系电话,村（社区）",
    f"张健国,{OLD},{OLD}44,肢体残疾,柳坝村老屋,10030000001,柳坝村",
    f"李秀英,{DEAD},{DEAD}11,视力残疾,柳坝村2号,,柳坝村",
    department="残联", precedence=2,
)  # fmt: skip


def filled(forms: Sequence[Form], *lists: DataSet, region: str = VILLAGE) -> tuple[Merged, FilledData]:
    merged = merge(forms, LEXICON)
    return merged, fill(merged, derivations(merged, LEXICON), lists, REGIONS, region, OCTOBER, LEXICON, DEMO)


def figures(table: Form, *lists: DataSet, region: str = VILLAGE) -> dict[str, object]:
    merged, result = filled([table], *lists, region=region)
    names = {e.id: e.members[0].field.label for e in merged.elements}
    return {names[element]: figure.value for (element, _), figure in result.places.items()}


def test_figures_are_counted_from_those_who_are_still_there() -> None:
    table = statistic(
        "村基本情况统计表", "户籍人口[人]", "户籍户数[户]", "60岁以上户籍人口[人]", "持证残疾人数[人]", "少数民族人数[人]"
    )
    assert figures(table, REGISTER, DISABLED) == {
        "户籍人口": Decimal(2), "户籍户数": Decimal(1), "60岁以上户籍人口": Decimal(1),
        "持证残疾人数": Decimal(1), "少数民族人数": Decimal(0),
    }  # fmt: skip


def test_a_township_is_the_sum_of_its_villages() -> None:
    assert figures(statistic("村基本情况统计表", "户籍人口[人]"), REGISTER, region="990101001") == {"户籍人口": Decimal(3)}


def test_every_figure_shows_its_source_and_query() -> None:
    _, result = filled([statistic("村基本情况统计表", "持证残疾人数[人]")], REGISTER, DISABLED)
    ((_, figure),) = result.places.items()
    assert (
        "残联" in figure.provenance.source and "SELECT COUNT" in figure.provenance.detail and "柳坝村" in figure.provenance.detail
    )


def test_what_no_list_can_tell_is_left_open() -> None:
    assert figures(statistic("村基本情况统计表", "独居老人人数[人]", "接受培训的户籍人口[人]"), REGISTER) == {}


def test_a_fact_known_of_a_few_does_not_count_the_many() -> None:
    partly = listed("高龄津贴发放表", "姓名,身份证号,文化程度,村（社区）", f"张建国,{OLD},小学,柳坝村")
    table = statistic("村基本情况统计表", "户籍人口[人]", "户籍人口/初中及以下[人]")
    assert figures(table, REGISTER, partly) == {"户籍人口": Decimal(2)}


def test_the_department_that_answers_for_a_fact_goes_first_and_the_other_is_shown() -> None:
    table = form("残疾人花名册", "姓名", "身份证号", "户籍地址", "残疾类别")
    merged, result = filled([table], REGISTER, DISABLED)
    name = next(e.id for e in merged.elements if e.meaning.concept == ("name",))
    figure = result.figures[name, OLD]
    assert figure.value == "张建国" and figure.provenance.source.startswith("公安") and "第 2 行" in figure.provenance.detail
    (conflict,) = [c for c in result.conflicts if c.element == name]
    assert conflict.other.value == "张健国" and "残联" in conflict.other.provenance.source and "公安" in conflict.reason


def roster(title: str, *columns: str) -> Form:
    made = form(title, *columns)
    fields = tuple(
        replace(f, cell=replace(f.cell, row=3, col=at), rows=Rect(3, at, 5, at)) for at, f in enumerate(made.fields, 1)
    )  # fmt: skip
    return replace(made, fields=fields)


def test_a_roster_gets_those_whom_its_title_names() -> None:
    table = roster("残疾人花名册", "姓名", "性别", "年龄[岁]", "残疾类别", "联系电话")
    merged, result = filled([table], REGISTER, DISABLED)
    given = Giver(merged, result, LEXICON).form_values(table)
    (rows,) = given.rosters
    assert rows.records == (("张建国", "男", Decimal(76), "肢体残疾", "10030000001"),)
    assert (given.asked, given.filled) == (5, 5)


def test_a_fact_that_a_coded_one_gives_is_translated_with_its_rule() -> None:
    married = listed("婚姻登记", "姓名,身份证号,婚姻状况,村（社区）", f"张建国,{OLD},再婚,柳坝村", department="民政")
    table = roster("户籍人口花名册", "姓名", "是否已婚{是|否}", "婚姻状况")
    merged, result = filled([table], REGISTER, married)
    (rows,) = Giver(merged, result, LEXICON).form_values(table).rosters
    assert [record[:2] for record in rows.records] == [("张建国", "是"), ("张丽", None)]  # nothing is known of 张丽


def test_a_roster_of_a_group_that_no_list_knows_stays_empty() -> None:
    table = roster("社区矫正对象花名册", "姓名", "性别", "年龄[岁]")
    merged, result = filled([table], REGISTER)
    assert Giver(merged, result, LEXICON).form_values(table).rosters == ()


def test_a_card_is_for_the_person_chosen() -> None:
    card = replace(form("居民登记表", "姓名", "出生日期", "民族", "户籍地址"))
    card = replace(card, kind=type(card.kind).CARD)
    merged, result = filled([card], REGISTER)
    giver = Giver(merged, result, LEXICON)
    assert giver.subjects(card) == [OLD, YOUNG] or set(giver.subjects(card)) == {OLD, YOUNG}
    assert [w.value for w in giver.form_values(card, YOUNG).writes] == ["张丽", "2000-12-31", "汉族", "柳坝村1号"]


def test_values_are_written_as_the_forms_own_options() -> None:
    assert option_for("初婚", ("未婚", "已婚", "丧偶", "离婚"), "marital-status") == "已婚"
    assert option_for("技工学校毕业", ("大学本科教育", "中等职业教育", "初级中学教育"), "education") == "中等职业教育"
    assert option_for("初中毕业", ("小学及以下", "初中", "高中及以上"), "education") == "初中"
    assert option_for("是", ("有", "无"), "is-low-income") in ("有", None)
    assert option_for("外星人", ("汉族", "回族"), "nation") is None


def test_last_periods_figures_are_read_back_and_blanks_are_not_zero() -> None:
    now = statistic("村基本情况统计表", "户籍人口[人]", "公厕个数[个]", "自然村个数[个]", "机电井个数[个]")
    values = ("3,210", "无", "—", None)
    before = replace(now, fields=tuple(replace(f, value=v) for f, v in zip(now.fields, values, strict=True)))
    merged = merge([now], LEXICON)
    found = read_back([Reading(Book("上期.xlsx", "xlsx", ()), (before,))], merged, LEXICON, VILLAGE, "2026-10")
    names = {e.id: e.members[0].field.label for e in merged.elements}
    assert {names[e]: f.value for e, f in found.items()} == {"户籍人口": Decimal(3210), "公厕个数": Decimal(0)}


@pytest.mark.parametrize("options", [("是", "否"), ("黄", "红"), ("有", "无"), ("汉族", "其他")])
def test_a_name_is_no_option_whatever_the_field_is_called(options: tuple[str, ...]) -> None:
    for concept in ("name", "~谁", ""):
        assert [option_for(name, options, concept) for name in ("黄可依", "黄是", "王有才")] == [None] * 3


BANDS = "60—69周岁|70—79周岁|80—89周岁|90周岁及以上"


@pytest.mark.parametrize("label", ["年龄", "年龄段", "享受待遇类别"])
def test_the_age_band_at_the_periods_end_is_ticked(label: str) -> None:
    card = form("老年人登记卡", "姓名", "公民身份号码", f"{label} {{{BANDS}}}")
    card = replace(card, kind=type(card.kind).CARD)
    merged, result = filled([card], REGISTER)
    giver = Giver(merged, result, LEXICON)
    assert [w.value for w in giver.form_values(card, OLD).writes][-1] == "70—79周岁"
    assert [w.value for w in giver.form_values(card, YOUNG).writes] == ["张丽", YOUNG], (
        "no band holds 25 years: nothing is ticked"
    )


@pytest.mark.parametrize(
    ("age", "options", "band"),
    [
        ("70", ("60-70岁", "70-80岁"), "70-80岁"),
        ("90", ("80—89周岁", "90—99周岁", "100周岁及以上"), "90—99周岁"),
        ("101", ("80—89周岁", "90—99周岁", "100周岁及以上"), "100周岁及以上"),
        ("17", ("不满18周岁", "18周岁以上"), "不满18周岁"),
        ("18", ("不满18周岁", "18周岁以上"), "18周岁以上"),
        ("", ("不满18周岁", "18周岁以上"), None),
        ("59", ("60—69周岁", "70周岁以上"), None),
    ],
)
def test_which_band_holds_an_age(age: str, options: tuple[str, ...], band: str | None) -> None:
    assert band_for(age, options) == band


def test_a_list_of_other_options_is_no_list_of_bands() -> None:
    assert not are_bands(("是", "否")) and not are_bands(("60岁以上", "残疾人", "低保户"))
