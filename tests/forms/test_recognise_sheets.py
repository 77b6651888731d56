"""Whole sheets: several tables, hidden rows and columns, code lists, look-up lists, sheets that are no form."""

from dataclasses import replace

import pytest

from forms.model import Book, Kind, Purpose, Reading
from forms.recognise import explain, recognise
from tests.forms.layouts import grid_from_text, paths, read


def test_several_tables_with_their_own_titles() -> None:
    reading = read("""
        ~表一：低保对象名册
        姓名 | 身份证号
        _ | _
        ~注：由村委会填写。
        ~表二：村组织情况统计表
        指标名称 | 计量单位 | 数量
        支部数 | 个 | _
        党员数 | 人 | _
    """)
    assert [f.id for f in reading.forms] == ["Sheet1", "Sheet1#2"]
    assert [f.title for f in reading.forms] == ["表一：低保对象名册", "表二：村组织情况统计表"]
    assert [f.kind for f in reading.forms] == [Kind.ROSTER, Kind.STATISTIC]
    assert reading.forms[0].notes == ("注：由村委会填写。",)


def test_a_list_beside_a_form_is_no_form() -> None:
    rows = "\n".join(f"{left} | . | 某市 | 甲镇 | {village}" for left, village in ROWS)
    reading = read(rows)
    assert len(reading.forms) == 1
    assert list(paths(reading).values()) == ["一、家庭/人口", "一、家庭/人口/其中：老人", "一、家庭/收入"]
    assert [p.code for p in reading.problems] == ["sheet.list-beside"]


ROWS = [
    ("编号 | 项目 | 单位 | 数量", "东村"),
    ("_ | 一、家庭 | _ | _", "西村"),
    ("1 | 人口 | 人 | _", "南村"),
    ("2 | 其中：老人 | 人 | _", "北村"),
    ("3 | 收入 | 元 | _", "中村"),
]


def test_hidden_columns_are_reported_and_not_read() -> None:
    grid = replace(
        grid_from_text("""
        ~名册
        姓名 | 内部编号 | 电话
        _ | _ | _
        _ | _ | _
    """),
        hidden_cols=frozenset({2}),
    )
    reading = recognise(Book("表.xlsx", "xlsx", (grid,)))
    assert paths(reading) == {"A3": "姓名", "C3": "电话"}
    assert [p.code for p in reading.problems] == ["sheet.hidden-lines"]
    assert "第 B 列" in reading.problems[0].message


def test_a_dictionary_sheet_gives_code_lists() -> None:
    grid = grid_from_text(
        """
        残疾类别 | _ | 婚姻状况 | _
        1 | 视力残疾 | 10 | 未婚
        2 | 听力残疾 | 20 | 已婚
        3 | 言语残疾 | 30 | 丧偶
    """,
        name="字典",
    )
    reading = recognise(Book("表.xlsx", "xlsx", (grid,)))
    assert reading.forms == ()
    assert list(reading.code_lists.values()) == [
        (("1", "视力残疾"), ("2", "听力残疾"), ("3", "言语残疾")),
        (("10", "未婚"), ("20", "已婚"), ("30", "丧偶")),
    ]


def test_a_sheet_of_prose_is_no_form() -> None:
    reading = read("""
        ~关于做好统计工作的通知
        ~各乡镇人民政府，各村民委员会：为做好今年的统计工作，现将有关事项通知如下。
    """)
    assert reading.forms == ()
    assert [p.code for p in reading.problems] == ["form.none-found"]


def test_an_empty_sheet_is_passed_over() -> None:
    assert recognise(Book("表.xlsx", "xlsx", (grid_from_text("~"),))).problems == ()


def test_explained_in_words() -> None:
    text = explain(
        read("""
        ~农村基本情况年报
        指标名称 | 计量单位 | 代码 | 数量
        人口 | 人 | 1 | _
        其中：男 | 人 | 2 | _
        女 | 人 | 3 | —
        ~说明：平衡关系：1≥2。
    """)
    )
    assert "【第 1 张】农村基本情况年报" in text
    assert "统计表" in text and "年报" in text
    assert "要填 2 个" in text and "不用填的 1 个" in text
    assert "“人口” 不小于 “其中：男”" in text


# ---- filing lines inside the frame ------------------------------------------------------------------------------------
def _filed(reading: Reading) -> dict[str, Purpose]:
    """Label -> purpose of every field that the form has besides what it asks about."""
    return {f.label: f.purpose for form in reading.forms for f in form.fields if f.purpose is not Purpose.DATA}


def _asked(reading: Reading) -> dict[str, str]:
    return {f.cell.a1: "/".join(f.path) for form in reading.forms for f in form.fields if f.purpose is Purpose.DATA}


FILED = {"填报单位": Purpose.META, "填报日期": Purpose.META}


@pytest.mark.parametrize(
    "line",
    [
        "填报单位： | . | . | 填报日期：····年··月··日",
        "填报单位： | _ | _ | 填报日期：····年··月··日",
        "填报单位： | < | 填报日期：····年··月··日 | <",
        "填报单位： | _ | 填报日期： | _",
        "填报单位 | _ | 填报日期 | _",
    ],
)
def test_a_framed_filing_line_is_no_header_of_a_statistic(line: str) -> None:
    reading = read(f"""
        ~村级集体经济情况统计表
        {line}
        指标名称 | 计量单位 | 代码 | 数量
        集体收入 | 万元 | 01 | _
        集体支出 | 万元 | 02 | _
    """)
    assert [f.kind for f in reading.forms] == [Kind.STATISTIC]
    assert _asked(reading) == {"D4": "集体收入", "D5": "集体支出"}
    assert _filed(reading) == FILED


def test_a_framed_filing_line_is_no_caption_of_a_roster() -> None:
    reading = read("""
        ~行政区划代码登记表
        填报单位： | . | . | 填报日期：····年··月··日
        行政编码 | 名称 | 人口 | <
        ^ | ^ | 男 | 女
        _ | _ | _ | _
        _ | _ | _ | _
    """)
    assert [f.kind for f in reading.forms] == [Kind.ROSTER]
    assert _asked(reading) == {"A5": "行政编码", "B5": "名称", "C5": "人口/男", "D5": "人口/女"}
    assert _filed(reading) == FILED


def test_a_framed_filing_line_is_no_row_of_a_card() -> None:
    reading = read("""
        ~农户基本情况登记卡
        填报单位： | . | . | 填报日期：····年··月··日
        户主姓名 | 家庭人口 | 住址 | 民族
        _ | _ | _ | _
        耕地面积 | 林地面积 | 房屋结构 | 建房年份
        _ | _ | _ | _
    """)
    assert [f.kind for f in reading.forms] == [Kind.CARD]
    assert list(_asked(reading).values()) == [
        "户主姓名", "家庭人口", "住址", "民族", "耕地面积", "林地面积", "房屋结构", "建房年份",
    ]  # fmt: skip
    assert _filed(reading) == FILED


def test_framed_filing_lines_between_a_framed_title_and_the_header() -> None:
    reading = read("""
        村级集体经济情况统计表 | < | <
        表号：村经1表 | _ | 制定机关：某县农业农村局
        填报单位：············ | < | 计量单位：万元
        指标名称 | 代码 | 数量
        集体收入 | 01 | _
        集体支出 | 02 | _
    """)
    form = reading.forms[0]
    assert (form.title, form.number, form.issuer) == ("村级集体经济情况统计表", "村经1表", "某县农业农村局")
    assert [(f.cell.a1, f.path, f.unit) for f in form.fields if f.purpose is Purpose.DATA] == [
        ("C5", ("集体收入",), "万元"),
        ("C6", ("集体支出",), "万元"),
    ]


BODIES = {
    Kind.STATISTIC: "指标名称 | 计量单位 | 代码 | 数量\n人口 | 人 | 01 | _\n户数 | 户 | 02 | _",
    Kind.ROSTER: "姓名 | 性别 | 年龄 | 住址\n_ | _ | _ | _\n_ | _ | _ | _",
    Kind.CARD: "姓名 | _ | 性别 | _\n住址 | _ | 民族 | _\n年龄 | _ | 学历 | _",
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize(
    "line",
    [
        "单位负责人： | 填表人： | 联系电话： | 报出日期：····年··月··日",
        "单位负责人：········填表人： | < | 联系电话：········报出日期：····年··月··日 | <",
    ],
)
def test_a_framed_filing_line_below_a_table_is_no_row_of_it(kind: Kind, line: str) -> None:
    plain = read("~情况登记表\n" + BODIES[kind])
    reading = read(f"~情况登记表\n{BODIES[kind]}\n{line}")
    assert [f.kind for f in reading.forms] == [kind]
    assert _asked(reading) == _asked(plain)
    assert _filed(reading) == dict.fromkeys(("单位负责人", "填表人", "联系电话", "报出日期"), Purpose.META)
    assert [f.rows for f in reading.forms[0].fields if f.rows] == [f.rows for f in plain.forms[0].fields if f.rows]


def test_captions_that_are_words_of_filing_too_stay_the_header_of_a_list() -> None:
    reading = read("""
        ~联系人名单
        单位 | 负责人 | 联系电话
        _ | _ | _
        _ | _ | _
    """)
    assert paths(reading) == {"A3": "单位", "B3": "负责人", "C3": "联系电话"}
    assert [f.kind for f in reading.forms] == [Kind.ROSTER]


def test_a_card_may_ask_for_a_unit_and_whom_to_call() -> None:
    reading = read("""
        ~帮扶单位登记卡
        单位名称： | _ | 负责人： | _ | 联系电话： | _
        地址： | _ | 人数： | _ | 性质： | _
    """)
    assert "单位名称" in _asked(reading).values() and "联系电话" in _asked(reading).values()


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("place", ["above", "below"])
@pytest.mark.parametrize(
    "line",
    [
        "填报单位： | 甲镇 | 填报日期： | 2024年3月1日",
        "填报单位 | 甲镇 | 填报日期 | 2024-03-01",
        "填报人签字： | _ | 填报时间 | ····年··月··日",
        "单位： | _ | 日期： | ····年··月··日",
    ],
)
def test_a_filing_line_with_its_values_in_boxes_leaves_the_table_as_it_is(kind: Kind, place: str, line: str) -> None:
    rows = (line, BODIES[kind]) if place == "above" else (BODIES[kind], line)
    reading = read("\n".join(("~情况登记表", *rows)))
    plain = read(f"~情况登记表\n{BODIES[kind]}")
    filed = 2 if place == "above" else 2 + BODIES[kind].count("\n") + 1
    asked = [f.path for form in reading.forms for f in form.fields if f.cell.row != filed]
    assert [f.kind for f in reading.forms] == [kind]
    assert asked == [f.path for form in plain.forms for f in form.fields]
    assert all(f.purpose is Purpose.META for f in reading.forms[0].fields if f.cell.row == filed and "填报" in line)


@pytest.mark.parametrize("captions", ["填报单位 | 项目 | 填报日期 | 备注", "填报单位 | 填报人 | 填报日期 | 联系电话"])
def test_words_of_filing_may_be_the_captions_of_a_list(captions: str) -> None:
    reading = read(f"~上报情况登记表\n{captions}\n_ | _ | _ | _\n_ | _ | _ | _")
    assert [f.kind for f in reading.forms] == [Kind.ROSTER]
    assert list(paths(reading).values()) == captions.split(" | ")
