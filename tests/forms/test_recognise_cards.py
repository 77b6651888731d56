"""Cards: where a label's value goes, whatever way the office lays it out."""

from forms.model import Kind, Purpose, Role, ValueType
from tests.forms.layouts import paths, read


def test_label_and_value_side_by_side_with_options_in_the_value_cell() -> None:
    reading = read("""
        ~居民信息登记卡
        姓名 | _ | 性别 | □男  □女
        民族： | _ | 出生日期： | _
    """)
    assert paths(reading) == {"B2": "姓名", "D2": "性别", "B3": "民族", "D3": "出生日期"}
    form = reading.forms[0]
    assert (form.title, form.kind) == ("居民信息登记卡", Kind.CARD)
    sex = form.fields[1]
    assert (sex.type, sex.options) == (ValueType.CHOICE, ("男", "女"))
    assert form.fields[3].type is ValueType.DATE
    assert form.roles[sex.cell] is Role.BLANK_LABEL


def test_values_under_their_labels() -> None:
    reading = read("""
        ~住户信息卡
        户主姓名 | 联系电话 | 家庭人口
        _ | _ | _
        户籍地址 | 现住址 | 住房面积（平方米）
        _ | _ | _
    """)
    assert paths(reading) == {
        "A3": "户主姓名", "B3": "联系电话", "C3": "家庭人口", "A5": "户籍地址", "B5": "现住址", "C5": "住房面积（平方米）",
    }  # fmt: skip
    assert reading.forms[0].fields[-1].unit == "平方米"


def test_group_captions_down_the_left_in_two_levels() -> None:
    reading = read("""
        ~申请表
        申请人情况 | 本人 | 姓名 | _ | 电话 | _
        ^ | ^ | 住址 | _ | 邮编 | _
        ^ | 配偶 | 姓名 | _ | 电话 | _
        ^ | ^ | 住址 | _ | 邮编 | _
    """)
    found = paths(reading)
    assert found["D2"] == "申请人情况/本人/姓名"
    assert found["F3"] == "申请人情况/本人/邮编"
    assert found["D4"] == "申请人情况/配偶/姓名"


def test_a_group_caption_of_one_row_stands_before_its_first_label() -> None:
    reading = read("""
        ~登记表
        姓名 | _ | 性别 | _ | .
        住房情况 | 面积 | _ | 结构 | _
    """)
    assert paths(reading)["C3"] == "住房情况/面积"


def test_a_repeating_table_inside_a_card() -> None:
    reading = read("""
        ~家庭登记卡
        户主 | _ | 电话 | _
        家庭成员 | 姓名 | 与户主关系 | 年龄
        ^ | _ | _ | _
        ^ | _ | _ | _
        申请理由 | _ | < | <
    """)
    assert paths(reading) == {
        "B2": "户主", "D2": "电话", "B4": "家庭成员/姓名", "C4": "家庭成员/与户主关系", "D4": "家庭成员/年龄", "B6": "申请理由",
    }  # fmt: skip
    members = [f for f in reading.forms[0].fields if f.group]
    assert len(members) == 3
    assert str(members[0].rows) == "B4:B5"
    assert {f.group for f in members} == {"1"}


def test_big_boxes_for_opinions_are_workflow() -> None:
    reading = read("""
        ~救助申请审批表
        姓名 | _ | 身份证号 | _
        村（社区）意见 | （盖章）      年  月  日 | < | <
        乡镇意见 | _ | < | <
    """)
    assert paths(reading) == {"B2": "姓名", "D2": "身份证号", "B3": "村（社区）意见", "B4": "乡镇意见"}
    assert [f.purpose for f in reading.forms[0].fields[2:]] == [Purpose.WORKFLOW, Purpose.WORKFLOW]


def test_an_opinion_in_one_cell_with_its_date_is_a_blank_inside_the_text() -> None:
    reading = read("""
        ~审批表
        姓名 | _ | 性别 | _
        填表人：        填表日期：   年  月  日 | < | < | <
    """)
    form = reading.forms[0]
    inside = [f for f in form.fields if f.blank is not None]
    assert [(f.label, f.purpose) for f in inside] == [("填表人", Purpose.META), ("填表日期", Purpose.META)]
    text = "填表人：        填表日期：   年  月  日"
    first = inside[0].blank
    assert first is not None and text[first.start : first.end].strip() == ""


def test_the_eighteen_boxes_of_an_id_number_are_one_field() -> None:
    boxes = " | ".join(["_"] * 18)
    reading = read(f"""
        ~登记表
        身份证号 | {boxes}
        姓名 | _ | <{" | <" * 16}
    """)
    assert paths(reading) == {"B2": "身份证号", "B3": "姓名"}
    assert str(reading.forms[0].fields[0].area) == "B2:S2"


def test_printed_codes_and_units_in_labels() -> None:
    reading = read("""
        ~贫困户登记表
        A1户主姓名 | _ | A2人均纯收入（元） | _
    """)
    assert [(f.code, f.unit) for f in reading.forms[0].fields] == [("A1", ""), ("A2", "元")]


def test_alignment_blanks_stars_and_colons_are_no_part_of_a_label() -> None:
    reading = read("""
        ~登记表
        姓  名： | _ | 身份证号* | _
        住　　址 | _ | 联系//电话 | _
    """)
    assert list(paths(reading).values()) == ["姓名", "身份证号", "住址", "联系电话"]


def test_a_card_in_a_sheet_without_any_lines() -> None:
    reading = read(
        """
        ~登记表
        姓名： | _ | 性别： | _
        住址： | _ | 电话： | _
    """,
        lines="none",
    )
    assert paths(reading) == {"B2": "姓名", "D2": "性别", "B3": "住址", "D3": "电话"}


def test_a_value_cell_may_print_its_unit() -> None:
    reading = read("""
        ~小区情况表
        小区名称 | _ | 总户数 | ····户
        物业企业 | _ | 建筑面积 | ········平方米
    """)
    assert paths(reading) == {"B2": "小区名称", "D2": "总户数", "B3": "物业企业", "D3": "建筑面积"}
    assert [f.unit for f in reading.forms[0].fields] == ["", "户", "", "平方米"]


def test_numbered_options_with_a_box_to_write_the_number_into() -> None:
    reading = read("""
        ~健康登记表
        性别 | 1 男　2 女　　□ | 文化程度 | 1 文盲　2 小学　3 初中　　□
        身高 | _ | 体重 | _
    """)
    assert [f.options for f in reading.forms[0].fields] == [("男", "女"), ("文盲", "小学", "初中"), (), ()]


def test_values_under_labels_in_a_row_that_is_not_full() -> None:
    reading = read("""
        ~登记卡
        户主姓名 | 性别 | 民族
        _ | □男 □女 | _
        联系电话 | _ | _
        _ | _ | _
    """)
    assert paths(reading) == {"A3": "户主姓名", "B3": "性别", "C3": "民族", "A5": "联系电话"}


def test_a_caption_over_a_list_names_that_list_only() -> None:
    reading = read("""
        ~申请表
        一、本人情况 | < | <
        姓名 | _ | <
        二、家庭成员 | < | <
        姓名 | 年龄 | 关系
        _ | _ | _
        _ | _ | _
        申请人签字 | _ | <
    """)
    assert list(paths(reading).values()) == [
        "一、本人情况/姓名", "二、家庭成员/姓名", "二、家庭成员/年龄", "二、家庭成员/关系", "申请人签字",
    ]  # fmt: skip
