"""Ticking printed options."""

from __future__ import annotations

import re
from datetime import date

import pytest

from forms.grid import read_bytes
from forms.model import Address, Blank, CellValue
from forms.render import Write, fill
from forms.render.choices import NoSuchOption, tick
from forms.render.runs import Run, change, plain
from tests.forms.render_book import ROSTER, hard_form, pack, parts, plain_form
from tests.forms.test_render_package import cell_xml

A1 = Address("表", 1, 1)


def ticked(text: str, *options: str) -> str:
    runs = (Run(text),)
    return plain(change(runs, tick(runs, 0, len(text), options)))


@pytest.mark.parametrize(
    ("printed", "option", "after"),
    [
        ("□是 □否", "是", "☑是 □否"),
        ("□是 □否", "否", "□是 ☑否"),
        ("□1 男 □2 女", "男", "☑1 男 □2 女"),
        ("□1.男　□2.女", "女", "□1.男　☑2.女"),
        ("□①男□②女", "女", "□①男☑②女"),
        ("是□ 否□", "是", "是☑ 否□"),
        ("是□ 否□", "否", "是□ 否☑"),
        ("是否低保：是□ 否□", "是", "是否低保：是☑ 否□"),
        ("是否低保：□是 □否", "否", "是否低保：□是 ☑否"),
        ("☐未婚\n☐已婚\n☐丧偶", "已婚", "☐未婚\n☑已婚\n☐丧偶"),
        ("○城镇 ○农村", "农村", "○城镇 ●农村"),
        ("（ ）是 （ ）否", "是", "（√）是 （ ）否"),
        ("是(  )  否(  )", "否", "是(  )  否(√)"),
        ("口是 口否", "否", "口是 ☑否"),
        ("□自有 □租赁 □其他____", "其他", "□自有 □租赁 ☑其他____"),
        ("□其他（请注明） □无", "其他", "☑其他（请注明） □无"),
        ("□一级 □二级 □三级", "二级", "□一级 ☑二级 □三级"),
        ("□1人户 □2人户", "2人户", "□1人户 ☑2人户"),
        ("□肢体残疾、□多重残疾", "多重残疾", "□肢体残疾、☑多重残疾"),
        ("□普通家庭 □最低生活\n  保障家庭", "最低生活保障家庭", "□普通家庭 ☑最低生活\n  保障家庭"),
        ("□残疾 □多重残疾", "残疾", "☑残疾 □多重残疾"),
    ],
)
def test_one_option(printed: str, option: str, after: str) -> None:
    assert ticked(printed, option) == after


def test_a_new_choice_takes_the_old_tick_back() -> None:
    assert ticked("☑是 □否", "否") == "□是 ☑否"
    assert ticked("■是 □否", "是") == "■是 □否"  # ticked already, in its own way
    assert ticked("（√）是 （ ）否", "否") == "（ ）是 （√）否"


@pytest.mark.parametrize("options", [("低保", "残疾"), ("低保、残疾",), ("残疾；低保",)])
def test_several_options(options: tuple[str, ...]) -> None:
    assert ticked("□低保 □特困 □残疾", *options) == "☑低保 □特困 ☑残疾"


@pytest.mark.parametrize(
    ("printed", "option"),
    [("□是 □否", "不详"), ("□1人户 □2人户", "3人户"), ("□是 □否  □是 □否", "是"), ("□男 □女", "男、不详"), ("姓名", "男")],
)
def test_an_option_that_is_missing_or_not_the_only_one_is_refused(printed: str, option: str) -> None:
    with pytest.raises(NoSuchOption):
        ticked(printed, option)


@pytest.mark.parametrize(
    ("printed", "blank", "value", "after"),
    [
        ("行政区划代码    □□□□□□  □□□", (10, 21), "990101002", "行政区划代码    990101  002"),
        ("邮政编码：□□□□□□", None, "430000", "邮政编码：430000"),
        ("出生日期：□□□□年□□月□□日", None, date(1990, 3, 5), "出生日期：1990年03月05日"),
        ("02 县级政府驻地  □ 1是 2否 ", (11, 12), "否", "02 县级政府驻地  ② 1是 2否 "),
        ("01 乡镇类型 □ 1重点镇  2 非重点镇 3乡", (8, 9), "非重点镇", "01 乡镇类型 ② 1重点镇  2 非重点镇 3乡"),
        ("05驻地 □ 1是 2否   06连接 □ 1是 2否", (5, 6), "是", "05驻地 ① 1是 2否   06连接 □ 1是 2否"),
    ],
)
def test_boxes_without_words_take_digits_or_the_number_of_the_option(
    printed: str, blank: tuple[int, int] | None, value: CellValue, after: str
) -> None:
    result = fill(plain_form({"A1": printed}), "表.xlsx", [Write(A1, value, Blank(*blank) if blank else None)])
    assert result.problems == ()
    assert read_bytes(result.data, "x.xlsx").grids[0].text(1, 1) == after


def test_a_code_that_does_not_fit_its_boxes_is_a_problem() -> None:
    source = plain_form({"A1": "邮政编码：□□□□□□"})
    result = fill(source, "表.xlsx", [Write(A1, "43000")])
    assert (result.data, [p.code for p in result.problems]) == (source, ["render.boxes-do-not-fit"])


def test_a_missing_option_is_a_problem_that_names_those_there_are() -> None:
    source = plain_form({"A1": "□是 □否"})
    result = fill(source, "表.xlsx", [Write(A1, choice="不详")])
    assert result.data == source
    assert [(p.code, p.cell) for p in result.problems] == [("render.no-option", "A1")]
    assert "是、否" in result.problems[0].message


def test_a_plain_value_for_a_cell_with_boxes_ticks_and_never_writes_over_them() -> None:
    source = plain_form({"A1": "□是 □否"})
    assert read_bytes(fill(source, "表.xlsx", [Write(A1, True)]).data, "x.xlsx").grids[0].text(1, 1) == "☑是 □否"
    refused = fill(source, "表.xlsx", [Write(A1, "不知道")])
    assert (refused.data, [p.code for p in refused.problems]) == (source, ["render.no-option"])


def test_two_sets_of_boxes_in_one_cell_are_told_apart_by_their_blanks() -> None:
    text = "低保：□是 □否  残疾：□是 □否"
    first, second = Blank(3, 8), Blank(13, 18)
    result = fill(
        plain_form({"A1": text}), "表.xlsx", [Write(A1, choice="是", blank=first), Write(A1, choice="否", blank=second)]
    )
    assert result.problems == ()
    assert read_bytes(result.data, "x.xlsx").grids[0].text(1, 1) == "低保：☑是 □否  残疾：□是 ☑否"


def test_runs_of_rich_text_keep_their_formatting() -> None:
    result = fill(hard_form(), "表.xlsx", [Write(Address(ROSTER, 3, 1), choice="否")])
    runs = re.findall(r"<r>(.*?)</r>", cell_xml(result.data, "A3"))
    assert [re.sub("<[^>]*>", "", run) for run in runs] == ["是否公示：□是 ", "☑否"]
    assert ["<b/>" in run for run in runs] == [False, True]


def test_boxes_of_a_symbol_font_are_ticked_in_that_font() -> None:
    contents = parts()
    symbol = '<r><rPr><rFont val="Wingdings 2"/></rPr><t>£</t></r><r><t>{}</t></r>'
    contents["xl/sharedStrings.xml"] = contents["xl/sharedStrings.xml"].replace(
        "<si><t>□男 □女</t></si>", f"<si>{symbol.format('男')}{symbol.format('女')}</si>"
    )
    result = fill(pack(contents), "表.xlsx", [Write(Address(ROSTER, 6, 3), choice="女")])
    assert re.findall(r"<t>(.*?)</t>", cell_xml(result.data, "C6")) == ["£", "男", "R", "女"]


def test_a_choice_for_an_empty_cell_is_written_as_text() -> None:
    result = fill(plain_form({"A1": ""}), "表.xlsx", [Write(A1, choice="低保"), Write(A1, choice="残疾")])
    assert read_bytes(result.data, "x.xlsx").grids[0].text(1, 1) == "低保、残疾"


def test_a_choice_for_a_cell_without_boxes_is_a_problem() -> None:
    source = plain_form({"A1": "家庭情况"})
    result = fill(source, "表.xlsx", [Write(A1, choice="低保")])
    assert (result.data, [p.code for p in result.problems]) == (source, ["render.no-boxes"])


@pytest.mark.parametrize(
    "cells",
    [
        {"A1": "□是 □否"},
        {"A1": "<f>1+1</f><v>2</v>"},
        {"A1": "—"},
        {"A1": "邮政编码：□□□□□□"},
    ],
)
def test_no_problem_quotes_a_text_that_may_be_about_a_person(cells: dict[str, str]) -> None:
    result = fill(plain_form(cells), "表.xlsx", [Write(A1, "黄可依")])
    told = "".join(p.message + p.hint for p in result.problems)
    assert told and "黄可依" not in told
    twice = fill(plain_form({"A1": ""}), "表.xlsx", [Write(A1, "黄可依"), Write(A1, "钱多多")])
    assert [p.code for p in twice.problems] == ["render.written-twice"]
    assert not [name for name in ("黄可依", "钱多多") if name in twice.problems[0].message]


@pytest.mark.parametrize(
    ("printed", "after"),
    [("□ 1 文盲　2 小学　3 初中", "③ 1 文盲　2 小学　3 初中"), ("□\n1 文盲　2 小学　3 初中", "③\n1 文盲　2 小学　3 初中")],
)
def test_one_box_before_its_numbered_options_takes_the_number(printed: str, after: str) -> None:
    result = fill(plain_form({"A1": printed}), "表.xlsx", [Write(A1, choice="初中")])
    assert result.problems == ()
    assert read_bytes(result.data, "x.xlsx").grids[0].text(1, 1) == after
