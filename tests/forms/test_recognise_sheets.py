"""Whole sheets: several tables, hidden rows and columns, code lists, look-up lists, sheets that are no form."""

from dataclasses import replace

from forms.model import Book, Kind
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
