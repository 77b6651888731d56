"""Rosters and wide tables: headers of several rows, records below, totals, notes."""

import pytest

from forms.model import Kind, Purpose, ValueType
from tests.forms.layouts import paths, read


def test_one_header_row_over_blank_rows() -> None:
    reading = read("""
        ~残疾人花名册
        ~填报单位：        填报日期：   年  月  日
        序号 | 姓名 | 身份证号 | 残疾等级 | 备注
        _ | _ | _ | _ | _
        _ | _ | _ | _ | _
    """)
    form = reading.forms[0]
    assert form.kind is Kind.ROSTER
    assert paths(reading) == {"A4": "序号", "B4": "姓名", "C4": "身份证号", "D4": "残疾等级", "E4": "备注"}
    columns = [f for f in form.fields if f.rows is not None]
    assert [f.purpose for f in columns] == [Purpose.SERIAL, Purpose.DATA, Purpose.DATA, Purpose.DATA, Purpose.REMARK]
    assert {str(f.rows) for f in columns} == {"A4:A5", "B4:B5", "C4:C5", "D4:D5", "E4:E5"}
    assert [f.label for f in form.fields if f.purpose is Purpose.META] == ["填报单位", "填报日期"]


def test_merged_header_of_three_levels() -> None:
    reading = read("""
        ~帮扶统计表
        村名 | 贫困户情况 | < | < | < | 备注
        ^ | 有劳动能力 | < | 无劳动能力 | < | ^
        ^ | 户数(户) | 人数(人) | 户数(户) | 人数(人) | ^
        _ | _ | _ | _ | _ | _
    """)
    found = paths(reading)
    assert found["B5"] == "贫困户情况/有劳动能力/户数(户)"
    assert found["E5"] == "贫困户情况/无劳动能力/人数(人)"
    assert found["F5"] == "备注"
    assert [f.unit for f in reading.forms[0].fields] == ["", "户", "人", "户", "人", ""]
    assert reading.forms[0].kind is Kind.STATISTIC


def test_header_without_merges_shows_its_span_by_blank_cells() -> None:
    reading = read("""
        ~花名册
        姓名 | 家庭情况 | _ | 电话
        _ | 人口 | 收入 | _
        _ | _ | _ | _
        _ | _ | _ | _
    """)
    assert list(paths(reading).values()) == ["姓名", "家庭情况/人口", "家庭情况/收入", "电话"] or list(
        paths(reading).values()
    ) == ["姓名", "家庭情况/人口", "收入", "电话"]


def test_header_without_merges_and_without_lines() -> None:
    reading = read(
        """
        姓名 | 家庭情况 | _ | 电话
        _ | 人口 | 收入 | _
        张三 | #3 | #20000 | 12345
        李四 | #4 | #30000 | 23456
    """,
        lines="none",
    )
    assert list(paths(reading).values()) == ["姓名", "家庭情况/人口", "家庭情况/收入", "电话"]


def test_filled_rows_are_records_and_totals_are_none() -> None:
    reading = read("""
        ~低保对象名册
        序号 | 户主姓名 | 保障人口 | 月保障金额（元）
        #1 | 赵一 | #3 | #1200
        #2 | 钱二 | #2 | #800
        合计 | _ | #5 | #2000
    """)
    form = reading.forms[0]
    assert form.kind is Kind.ROSTER or form.kind is Kind.STATISTIC
    assert str(form.fields[1].rows) == "B3:B4"
    assert [f.type for f in form.fields] == [ValueType.TEXT, ValueType.TEXT, ValueType.NUMBER, ValueType.NUMBER]
    assert not reading.problems


def test_numbering_row_gives_columns_their_codes_and_notes_their_checks() -> None:
    reading = read("""
        ~劳动力统计表
        村名 | 合计 | 男 | 女
        甲 | 1 | 2 | 3
        _ | _ | _ | _
        ~注：平衡关系：1=2+3
    """)
    form = reading.forms[0]
    assert paths(reading) == {"A4": "村名", "B4": "合计", "C4": "男", "D4": "女"}
    assert [f.code for f in form.fields] == ["甲", "1", "2", "3"]
    (rule,) = form.rules
    assert (rule.left, rule.op, rule.right) == (((1, "f2"),), "=", ((1, "f3"), (1, "f4")))


def test_duplicate_and_empty_captions_are_problems() -> None:
    reading = read("""
        ~名册
        姓名 | 电话 | _ | 电话 | 住址
        _ | _ | _ | _ | _
        _ | _ | _ | _ | _
        _ | _ | _ | _ | _
    """)
    codes = [p.code for p in reading.problems]
    assert codes.count("header.duplicate") == 2
    assert codes.count("header.empty") == 1


def test_a_csv_with_a_header_alone() -> None:
    reading = read("姓名 | 身份证号 | 电话", lines="none")
    assert paths(reading) == {"A2": "姓名", "B2": "身份证号", "C2": "电话"}


def test_unit_row_under_the_captions() -> None:
    reading = read("""
        ~农业统计表
        村名 | 播种面积 | 总产量
        _ | (亩) | (公斤)
        _ | _ | _
        _ | _ | _
    """)
    assert [f.unit for f in reading.forms[0].fields] == ["", "亩", "公斤"]


def test_blank_edges_do_not_matter() -> None:
    reading = read("""
        . | . | .
        ~ | 党员名册 | .
        . | 姓名 | 电话
        . | _ | _
        . | _ | _
    """)
    assert list(paths(reading).values()) == ["姓名", "电话"]
    assert reading.forms[0].title == "党员名册"


def test_a_row_of_units_with_dashes_under_a_merged_header() -> None:
    reading = read("""
        ~承包地台账
        户主姓名 | 承包地 | < | 联系电话
        ^ | 水田 | 旱地 | ^
        — | 亩 | 亩 | —
        _ | _ | _ | _
    """)
    fields = reading.forms[0].fields
    assert [("/".join(f.path), f.unit, f.cell.a1) for f in fields] == [
        ("户主姓名", "", "A5"), ("承包地/水田", "亩", "B5"), ("承包地/旱地", "亩", "C5"), ("联系电话", "", "D5"),
    ]  # fmt: skip


@pytest.mark.parametrize("lines", ["boxed", "none"])
@pytest.mark.parametrize(("under", "beside"), [("_", "_"), ("甲", "乙"), ("#3", "#4")])
def test_a_list_whose_middle_captions_are_missing_stays_one_list(lines: str, under: str, beside: str) -> None:
    records = "\n".join(f"#{n} | 某人{n} | {under} | {beside} | 99010119800101001{n} | 1003958013{n}" for n in (1, 2, 3))
    reading = read(f"~残疾人花名册\n序号 | 姓名 | _ | _ | 身份证号 | 电话\n{records}", lines=lines)
    (form,) = reading.forms
    assert form.kind is Kind.ROSTER
    assert paths(reading) == {"A3": "序号", "B3": "姓名", "E3": "身份证号", "F3": "电话"}
    assert [(p.code, p.cell) for p in form.problems] == [("header.empty", "C2"), ("header.empty", "D2")]


@pytest.mark.parametrize("lines", ["boxed", "none"])
@pytest.mark.parametrize(
    ("gap", "under"), [(["_"], ["甲"]), (["_", "_"], ["甲", "乙"]), (["_", "_"], ["甲", "_"]), (["_"], ["_"])]
)
def test_so_does_one_that_numbers_nothing(lines: str, gap: list[str], under: list[str]) -> None:
    records = "\n".join(" | ".join([f"某人{n}", "男", *under, f"99010119800101001{n}", f"1003958013{n}"]) for n in (1, 2, 3))
    reading = read(f"~残疾人花名册\n{' | '.join(['姓名', '性别', *gap, '身份证号', '电话'])}\n{records}", lines=lines)
    (form,) = reading.forms
    assert form.kind is Kind.ROSTER
    assert [f.label for f in form.fields] == ["姓名", "性别", "身份证号", "电话"]
    assert [(p.code, p.cell) for p in form.problems] == [("header.empty", cell) for cell in ("C2", "D2")[: len(gap)]]


def test_so_does_a_drawn_list_that_waits_for_records() -> None:
    blank = " | ".join(["_"] * 6)
    (form,) = read(f"~残疾人花名册\n姓名 | 性别 | _ | _ | 身份证号 | 电话\n{blank}\n{blank}\n{blank}").forms
    assert form.kind is Kind.ROSTER
    assert [f.label for f in form.fields] == ["姓名", "性别", "身份证号", "电话"]
    assert [p.cell for p in form.problems] == ["C2", "D2"]


@pytest.mark.parametrize("lines", ["boxed", "none"])
def test_two_lists_side_by_side_without_numbers_stay_two(lines: str) -> None:
    rows = "\n".join(f"某人{n} | 1003 | 柳坝 | . | . | 甲社 | 1004 | 石港" for n in (1, 2, 3))
    reading = read(f"姓名 | 电话 | 住址 | . | . | 单位 | 电话 | 地址\n{rows}", lines=lines)
    assert [len(form.fields) for form in reading.forms] == [3, 3]


def test_two_numbered_lists_side_by_side_stay_two() -> None:
    reading = read(
        "序号 | 姓名 | 电话 | _ | _ | 序号 | 单位 | 地址\n"
        + "\n".join(f"#{n} | 甲 | 乙 | _ | _ | #{n} | 丙 | 丁" for n in (1, 2, 3)),
        lines="none",
    )
    assert len(reading.forms) == 2
