"""Cards handed in filled: values stand beside their labels, drawn or not, and a list of records stays a list."""

from dataclasses import replace

import pytest

from forms.model import Book, Field, Form, Kind, Rect, Role, Validation
from forms.recognise import recognise
from tests.forms.layouts import grid_from_text, read

BOTH = pytest.mark.parametrize("lines", ["none", "boxed"])


def values(form: Form) -> dict[str, str]:
    return {"/".join(f.path): "" if f.value is None else str(f.value) for f in form.fields}


def only_form(text: str, lines: str) -> Form:
    (form,) = read(text, lines=lines).forms
    return form


@BOTH
@pytest.mark.parametrize("colon", ["", "："])
def test_two_pairs_a_row(lines: str, colon: str) -> None:
    form = only_form(
        f"""
        ~居民信息登记卡
        姓名{colon} | 测试甲 | 性别{colon} | 男
        民族{colon} | 汉族 | 出生日期{colon} | 1980-01-01
        住址{colon} | 柳坝村3号 | 电话{colon} | 10039580131
    """,
        lines,
    )
    assert (form.kind, form.title) == (Kind.CARD, "居民信息登记卡")
    assert values(form) == {
        "姓名": "测试甲", "性别": "男", "民族": "汉族", "出生日期": "1980-01-01", "住址": "柳坝村3号", "电话": "10039580131",
    }  # fmt: skip
    name: Field = form.fields[0]
    assert form.roles[name.cell] is Role.VALUE and form.roles[name.label_cells[0]] is Role.ROW_HEADER


@BOTH
@pytest.mark.parametrize("pairs", [1, 2, 3, 4])
@pytest.mark.parametrize("title", ["~村民登记卡", ""])
def test_one_to_four_pairs_a_row(lines: str, pairs: int, title: str) -> None:
    facts = [
        ("姓名", "测试甲"), ("性别", "女"), ("民族", "汉族"), ("出生年月", "1980.1"), ("文化程度", "初中"), ("政治面貌", "群众"),
        ("婚姻状况", "已婚"), ("联系电话", "10039580131"), ("家庭住址", "柳坝村3号"), ("职业", "务农"), ("健康状况", "良好"), ("籍贯", "云溪县"),
    ]  # fmt: skip
    rows = [" | ".join(f"{a} | {b}" for a, b in facts[at : at + pairs]) for at in range(0, len(facts), pairs)]
    form = only_form("\n".join([title, *rows]), lines)
    assert form.kind is Kind.CARD
    assert values(form) == dict(facts)


@BOTH
def test_a_value_merged_over_several_cells_and_a_number(lines: str) -> None:
    form = only_form(
        """
        ~居民信息登记卡
        姓名 | 测试甲 | 性别 | 男
        家庭住址 | 云溪县柳河镇柳坝村 | < | <
        电话 | 10039580131 | 家庭人口 | #3
        致贫原因 | 因病 | < | <
    """,
        lines,
    )
    assert form.kind is Kind.CARD
    assert values(form) == {
        "姓名": "测试甲", "性别": "男", "家庭住址": "云溪县柳河镇柳坝村", "电话": "10039580131", "家庭人口": "3", "致贫原因": "因病",
    }  # fmt: skip


@BOTH
@pytest.mark.parametrize("photo", ["照片", "_", "贴照片处"])
def test_a_photo_box_at_the_right(lines: str, photo: str) -> None:
    form = only_form(
        f"""
        ~居民信息登记卡
        姓名 | 测试甲 | 性别 | 男 | {photo}
        民族 | 汉族 | 出生日期 | 1980-01-01 | ^
        住址 | 柳坝村3号 | 电话 | 10039580131 | ^
    """,
        lines,
    )
    assert form.kind is Kind.CARD
    assert [v for v in values(form).values() if v] == ["测试甲", "男", "汉族", "1980-01-01", "柳坝村3号", "10039580131"]
    assert not [f for f in form.fields if f.value == photo]


@BOTH
def test_values_still_missing_are_blank_fields(lines: str) -> None:
    form = only_form(
        """
        ~居民信息登记卡
        姓名 | 测试甲 | 性别 | 男
        民族 | _ | 出生日期 | 1980-01-01
        住址 | 柳坝村3号 | 电话 | _
    """,
        lines,
    )
    assert form.kind is Kind.CARD
    assert values(form) == {"姓名": "测试甲", "性别": "男", "民族": "", "出生日期": "1980-01-01", "住址": "柳坝村3号", "电话": ""}


def test_group_captions_down_the_left_stay_captions() -> None:
    form = only_form(
        """
        ~救助申请表
        申请人 | 姓名 | 测试甲 | 电话 | 10039580131
        ^ | 住址 | 柳坝村3号 | 民族 | 汉族
        配偶 | 姓名 | 测试乙 | 电话 | 10039580132
        ^ | 住址 | 柳坝村3号 | 民族 | 汉族
    """,
        "boxed",
    )
    found = values(form)
    assert (found["申请人/姓名"], found["配偶/姓名"], found["配偶/民族"]) == ("测试甲", "测试乙", "汉族")


@BOTH
def test_filled_facts_over_a_filled_list(lines: str) -> None:
    form = only_form(
        """
        ~家庭登记表
        户主姓名 | 测试甲 | 联系电话 | 10039580131
        家庭住址 | 柳坝村3号 | 民族 | 汉族
        成员姓名 | 与户主关系 | 性别 | 年龄
        测试乙 | 妻 | 女 | #40
        测试丙 | 子 | 男 | #12
        测试丁 | 女 | 女 | #9
    """,
        lines,
    )
    assert values(form)["户主姓名"] == "测试甲" and values(form)["民族"] == "汉族"
    assert [f.label for f in form.fields if f.rows is not None] == ["成员姓名", "与户主关系", "性别", "年龄"]


ROSTERS = [
    "姓名 | 性别 | 民族 | 电话\n测试甲 | 男 | 汉族 | 10039580131\n测试乙 | 女 | 汉族 | 10039580132\n测试丙 | 女 | 汉族 | 10039580133",
    "姓名 | 电话\n测试甲 | 10039580131\n测试乙 | 10039580132",
    "姓名 | 性别 | 民族 | 电话\n测试甲 | 男 | 汉族 | 10039580131",
    "序号 | 姓名 | 低保类别 | 备注\n#1 | 测试甲 | 农村低保 | 低保证号\n#2 | 测试乙 | 城市低保 | _",
    "单位名称 | 单位类型 | 联系人 | 地址\n柳坝村委会 | 事业单位 | 测试甲 | 村部\n石港卫生室 | 事业单位 | 测试乙 | 石港",
    "户主 | 成员 | 关系\n测试甲 | 测试乙 | 配偶\n测试甲 | 测试丙 | 长子",
]


@BOTH
@pytest.mark.parametrize("records", ROSTERS)
def test_a_list_of_records_stays_a_list(lines: str, records: str) -> None:
    form = only_form("~名册\n" + records, lines)
    header = [label.strip() for label in records.split("\n", maxsplit=1)[0].split("|")]
    assert form.kind is Kind.ROSTER
    assert [f.label for f in form.fields] == header
    assert all(f.rows is not None for f in form.fields)


@BOTH
@pytest.mark.parametrize(
    "rows",
    [
        "指标名称 | 数量\n总人口 | #120\n总户数 | #40\n耕地面积 | #300\n低保人数 | #7",
        "项目 | 2025年\n总人口 | #120\n总户数 | #40\n耕地面积 | #300\n低保人数 | #7",
        "指标名称 | 计量单位 | 数量\n总人口 | 人 | #120\n总户数 | 户 | #40\n耕地面积 | 亩 | #300",
    ],
)
def test_a_filled_statistic_stays_a_statistic(lines: str, rows: str) -> None:
    form = only_form("~村基本情况统计表\n" + rows, lines)
    assert form.kind is Kind.STATISTIC


def test_what_was_chosen_from_a_drop_down_is_the_value() -> None:
    grid = grid_from_text("姓名 | 测试甲 | 性别 | 男\n民族 | 汉族 | 电话 | 10039580131")
    listed = replace(grid, validations=(Validation(Rect(1, 4, 1, 4), ("男", "女")),))
    (form,) = recognise(Book("表.xlsx", "xlsx", (listed,))).forms
    assert (form.fields[1].options, form.fields[1].value) == (("男", "女"), "男")
