"""Statistics: indicator rows with unit and code, levels, blocks side by side, cross tables, additional blanks, checks."""

from forms.model import Kind, Purpose, Role, ValueType
from tests.forms.layouts import paths, read

HEAD = """
        ~农村基本情况表
        ~表    号：农年01表
        ~制定机关：某省统计局
        ~综合机关名称：             2026年
"""


def test_units_codes_sections_and_of_which() -> None:
    reading = read(
        HEAD
        + """
        指标名称 | 计量单位 | 代码 | 数量
        甲 | 乙 | 丙 | 1
        一、基层组织 | — | — | _
        （一）乡镇个数 | 个 | 01 | _
        其中：镇个数 | 个 | 02 | _
        （二）村民委员会 | 个 | 03 | _
        二、人口 | — | — | _
        （一）乡村人口 | 万人 | 04 | _
        1．男 | 万人 | 05 | _
        其中：从业人员 | 万人 | 06 | _
        2．女 | 万人 | 07 | _
    """
    )
    form = reading.forms[0]
    assert (form.kind, form.title, form.number, form.issuer, form.period) == (
        Kind.STATISTIC, "农村基本情况表", "农年01表", "某省统计局", "yearly",
    )  # fmt: skip
    data = [f for f in form.fields if f.purpose is Purpose.DATA]
    assert [(f.cell.a1, f.code, f.unit, "/".join(f.path)) for f in data] == [
        ("D8", "01", "个", "一、基层组织/（一）乡镇个数"),
        ("D9", "02", "个", "一、基层组织/（一）乡镇个数/其中：镇个数"),
        ("D10", "03", "个", "一、基层组织/（二）村民委员会"),
        ("D12", "04", "万人", "二、人口/（一）乡村人口"),
        ("D13", "05", "万人", "二、人口/（一）乡村人口/1．男"),
        ("D14", "06", "万人", "二、人口/（一）乡村人口/1．男/其中：从业人员"),
        ("D15", "07", "万人", "二、人口/（一）乡村人口/2．女"),
    ]
    assert {f.type for f in data} == {ValueType.NUMBER}


def test_a_section_with_a_unit_is_a_field_and_the_parent() -> None:
    reading = read("""
        ~养殖情况表
        指标名称 | 计量单位 | 代码 | 数量
        一、养殖户个数 | 家 | 1 | _
        生猪出栏 | 头 | 2 | _
        生猪存栏 | 头 | 3 | _
        其中：能繁母猪 | 头 | 4 | _
        二、牛养殖户个数 | 家 | 5 | _
        牛出栏 | 头 | 6 | _
    """)
    assert list(paths(reading).values()) == [
        "一、养殖户个数",
        "一、养殖户个数/生猪出栏",
        "一、养殖户个数/生猪存栏",
        "一、养殖户个数/生猪存栏/其中：能繁母猪",
        "二、牛养殖户个数",
        "二、牛养殖户个数/牛出栏",
    ]


def test_indentation_alone_shows_the_level() -> None:
    reading = read("""
        ~财政情况表
        指标 | 单位 | 代码 | 数量
        地区生产总值 | 万元 | 1 | _
        ··第一产业 | 万元 | 2 | _
        ····农业 | 万元 | 3 | _
        ····林业 | 万元 | 4 | _
        ··第二产业 | 万元 | 5 | _
        ······其中：工业 | 万元 | 6 | _
        财政收入 | 万元 | 7 | _
    """)
    assert list(paths(reading).values()) == [
        "地区生产总值",
        "地区生产总值/第一产业",
        "地区生产总值/第一产业/农业",
        "地区生产总值/第一产业/林业",
        "地区生产总值/第二产业",
        "地区生产总值/第二产业/其中：工业",
        "财政收入",
    ]


def test_rows_behind_of_which_go_on_with_it_until_the_words_or_the_unit_change() -> None:
    reading = read("""
        ~村情表
        指标名称 | 计量单位 | 代码 | 数量
        村委会个数 | 个 | 1 | _
        其中：通公共汽车的村个数 | 个 | 2 | _
        通宽带的村个数 | 个 | 3 | _
        户籍人口 | 人 | 4 | _
        其中：男 | 人 | 5 | _
        女 | 人 | 6 | _
        工业总产值 | 万元 | 7 | _
    """)
    assert list(paths(reading).values()) == [
        "村委会个数",
        "村委会个数/其中：通公共汽车的村个数",
        "村委会个数/通宽带的村个数",
        "户籍人口",
        "户籍人口/其中：男",
        "户籍人口/女",
        "工业总产值",
    ]


def test_printed_checks_decide_what_a_row_is_part_of() -> None:
    reading = read("""
        ~畜牧表
        指标名称 | 计量单位 | 代码 | 数量
        牛 | 头 | 03 | _
        1.肉牛 | 头 | 04 | _
        2.奶牛 | 头 | 05 | _
        其中：能繁母牛 | 头 | 06 | _
        ~说明：平衡关系：04+05≤03，06≤03。
    """)
    assert list(paths(reading).values())[-1] == "牛/其中：能繁母牛"
    assert [(r.text, r.op) for r in reading.forms[0].rules] == [("04+05<=03", "<="), ("06<=03", "<=")]


def test_two_blocks_side_by_side_go_on_with_one_outline() -> None:
    reading = read("""
        ~作物表
        ~综合机关名称：              2026年         计量单位：千公顷、吨
        指标名称 | 代码 | 播种面积 | 产量 | 指标名称 | 代码 | 播种面积 | 产量
        甲 | 乙 | 1 | 2 | 甲 | 乙 | 1 | 2
        一、油料 | 01 | _ | _ | （二）茎类 | 05 | _ | _
        二、蔬菜 | 02 | _ | _ | 其中：萝卜 | 06 | _ | _
        （一）叶菜 | 03 | _ | _ | 三、食用菌 | 07 | — | _
        其中：芹菜 | 04 | _ | _ | _ | _ | _ | _
    """)
    form = reading.forms[0]
    by_code = {(f.code, f.label): f for f in form.fields if f.code}
    assert by_code[("06", "产量")].path == ("二、蔬菜", "（二）茎类", "其中：萝卜", "产量")
    assert by_code[("06", "产量")].unit == "吨"
    assert by_code[("06", "播种面积")].unit == "千公顷"
    assert by_code[("07", "播种面积")].blocked
    assert not by_code[("07", "产量")].blocked


def test_checks_speak_of_the_columns_they_name() -> None:
    reading = read("""
        ~作物表
        指标名称 | 代码 | 面积 | 产量
        合计 | 01 | _ | _
        粮食 | 02 | _ | _
        其他 | 03 | _ | —
        ~说明：指标关系：01（面积）=02+03；
        ~01（面积、产量）≥02。
    """)
    assert [(r.text, r.column) for r in reading.forms[0].rules] == [
        ("01（面积）=02+03", "面积"), ("01（面积、产量）>=02", "产量"), ("01（面积、产量）>=02", "面积"),
    ]  # fmt: skip


def test_a_relation_over_column_numbers_is_no_relation_over_rows() -> None:
    reading = read("""
        ~人口表
        指标名称 | 代码 | 合计 | 男 | 女
        甲 | 乙 | 1 | 2 | 3
        总户数 | 01 | _ | — | —
        总人口 | 02 | _ | _ | _
        未成年人 | 03 | _ | _ | _
        ~平衡关系：02≥03；1＝2＋3。
    """)
    assert {r.text for r in reading.forms[0].rules} == {"02>=03"}


def test_a_table_continued_on_the_same_sheet_keeps_its_sections() -> None:
    reading = read("""
        ~情况表
        指标名称 | 计量单位 | 代码 | 数量
        一、农业 | — | — | _
        （一）面积 | 亩 | 1 | _
        ~续表一
        指标名称 | 计量单位 | 代码 | 数量
        （二）产量 | 吨 | 2 | _
        二、工业 | — | — | _
        企业数 | 个 | 3 | _
        ~单位负责人：        填表人：        报出日期：20   年  月  日
    """)
    assert list(paths(reading).values()) == ["一、农业/（一）面积", "一、农业/（二）产量", "二、工业/企业数"]
    assert len(reading.forms) == 1


def test_captions_merged_down_several_columns_are_the_path() -> None:
    reading = read("""
        ~党员情况表
        序号 | 项目 | < | 数量
        一 | 村组织情况 | < | _
        1 | 支部数（个） | < | _
        2 | 年龄分布（人） | 35岁以下 | _
        ^ | ^ | 60岁以上 | _
        二 | 党员情况 | < | _
        3 | 党员人数（人） | < | _
    """)
    assert paths(reading) == {
        "D4": "村组织情况/支部数（个）",
        "D5": "村组织情况/年龄分布（人）/35岁以下",
        "D6": "村组织情况/年龄分布（人）/60岁以上",
        "D8": "党员情况/党员人数（人）",
    }
    assert [f.unit for f in reading.forms[0].fields] == ["个", "人", "人", "人"]


def test_a_cross_table_has_a_field_for_each_row_and_column() -> None:
    reading = read("""
        ~人口年龄统计表
        _ | 合计 | 男 | 女
        0-14岁 | _ | _ | _
        15-59岁 | _ | _ | _
        60岁以上 | _ | _ | _
    """)
    found = paths(reading)
    assert len(found) == 9
    assert found["C5"] == "60岁以上/男"
    assert reading.forms[0].kind is Kind.STATISTIC


def test_the_same_caption_counted_in_two_units() -> None:
    reading = read("""
        ~机械表
        指标名称 | 计量单位 | 代码 | 数量
        拖拉机 | 台 | 1 | _
        _ | 千瓦 | 2 | _
    """)
    assert [("/".join(f.path), f.unit) for f in reading.forms[0].fields] == [("拖拉机", "台"), ("拖拉机", "千瓦")]


def test_blanks_in_the_text_below_a_table_are_fields_with_codes() -> None:
    reading = read("""
        ~条件表
        指标名称 | 计量单位 | 代码 | 数量
        耕地 | 亩 | 01 | _
        林地 | 亩 | 02 | _
        ~附报：30国有农场个数     个，其中：31农场     个，32林场     个。
    """)
    extra = [f for f in reading.forms[0].fields if f.blank is not None]
    assert [(f.code, "/".join(f.path), f.unit, f.purpose) for f in extra] == [
        ("30", "附报/30国有农场个数", "个", Purpose.DATA),
        ("31", "附报/30国有农场个数/其中：31农场", "个", Purpose.DATA),
        ("32", "附报/30国有农场个数/32林场", "个", Purpose.DATA),
    ]
    text = "附报：30国有农场个数     个，其中：31农场     个，32林场     个。"
    assert all(f.blank is not None and text[f.blank.start : f.blank.end].isspace() for f in extra)


def test_choices_above_a_table_are_fields_with_codes_and_options() -> None:
    reading = read("""
        ~村社会经济基本情况
        ~01地势              □ 1 平原    2 丘陵    3 山区
        ~05是否镇政府驻地  □ 1是 2否          06是否通公共交通   □ 1是 2否
        指标名称 | 计量单位 | 代码 | 数量
        常住人口 | 人 | 07 | _
        户籍人口 | 人 | 08 | _
    """)
    choices = [f for f in reading.forms[0].fields if f.options]
    assert [(f.code, f.label, f.options) for f in choices] == [
        ("01", "01地势", ("平原", "丘陵", "山区")),
        ("05", "05是否镇政府驻地", ("是", "否")),
        ("06", "06是否通公共交通", ("是", "否")),
    ]


def test_options_printed_behind_the_caption_of_an_indicator() -> None:
    reading = read("""
        ~调查表
        编号 | 填表项目 | 单位 | 数量
        _ | 一、责任落实 | _ | _
        101 | （一）调研次数 | 次 | _
        102 | （二）发文成立小组：1.是2.否 | 代码 | _
    """)
    fields = reading.forms[0].fields
    assert [(f.code, f.type, f.options) for f in fields] == [
        ("101", ValueType.NUMBER, ()), ("102", ValueType.CHOICE, ("是", "否")),
    ]  # fmt: skip
    assert fields[0].path == ("一、责任落实", "（一）调研次数")


def test_captions_in_a_check_are_matched_to_the_columns() -> None:
    reading = read("""
        ~帮扶资金统计表
        贫困村 | 已投入资金（元） | 用于到户资金（元） | 用于到村资金（元）
        _ | _ | _ | _
        ~注：1.已投入资金= 用于到户资金 + 用于到村资金
    """)
    (rule,) = reading.forms[0].rules
    assert (rule.left, rule.op, rule.right) == (((1, "f2"),), "=", ((1, "f3"), (1, "f4")))


def test_values_merged_by_mistake_are_read_row_by_row_and_reported() -> None:
    reading = read("""
        ~条件表
        指标名称 | 计量单位 | 代码 | 数量
        耕地 | 亩 | 01 | _
        林地 | 亩 | 02 | ^
        草地 | 亩 | 03 | ^
    """)
    assert list(paths(reading)) == ["D3", "D4", "D5"]
    assert [p.code for p in reading.problems] == ["statistic.merged-values"]


def test_roles_of_a_statistic() -> None:
    reading = read("""
        ~条件表
        指标名称 | 计量单位 | 代码 | 数量
        耕地 | 亩 | 01 | #12
        林地 | 亩 | 02 | —
        ~说明：本表由乡镇填报。
    """)
    roles = {str(a).partition("!")[2]: role for a, role in reading.forms[0].roles.items()}
    assert roles["A1"] is Role.TITLE
    assert roles["A2"] is Role.COLUMN_HEADER
    assert roles["A3"] is roles["B3"] is roles["C3"] is Role.ROW_HEADER
    assert roles["D3"] is roles["D4"] is Role.VALUE
    assert roles["A5"] is Role.NOTE
    assert reading.forms[0].notes == ("说明：本表由乡镇填报。",)
    assert reading.forms[0].fields[0].value == 12


def test_group_captions_down_the_left_and_levels_by_indentation_beside_them() -> None:
    reading = read("""
        ~养老服务统计表
        ~（＿＿＿＿季度）
        指标分类 | 指标名称 | 计量单位 | 代码 | 数量
        老年人口 | 60岁以上老年人 | 人 | 01 | _
        ^ | ·其中：女性 | 人 | 02 | _
        服务设施 | 养老机构 | 个 | 03 | _
        ^ | ··床位数 | 张 | 04 | _
    """)
    form = reading.forms[0]
    assert list(paths(reading).values()) == [
        "老年人口/60岁以上老年人",
        "老年人口/60岁以上老年人/其中：女性",
        "服务设施/养老机构",
        "服务设施/养老机构/床位数",
    ]
    assert (form.fields[0].label, form.fields[0].purpose, form.fields[0].type) == ("报告期", Purpose.META, ValueType.DATE)
    assert form.period == "quarterly"


def test_a_list_that_restarts_under_each_row_without_a_number() -> None:
    reading = read("""
        ~畜禽表
        指标名称 | 计量单位 | 代码 | 数量
        一、存栏 | — | — | _
        牛 | 头 | 1 | _
        1.肉牛 | 头 | 2 | _
        2奶牛 | 头 | 3 | _
        羊 | 只 | 4 | _
        1.山羊 | 只 | 5 | _
    """)
    assert list(paths(reading).values()) == [
        "一、存栏/牛", "一、存栏/牛/1.肉牛", "一、存栏/牛/2奶牛", "一、存栏/羊", "一、存栏/羊/1.山羊",
    ]  # fmt: skip


def test_sentences_with_blanks_and_units_are_fields() -> None:
    reading = read("""
        ~村情况表
        ~一、基本情况：全村共有村民小组＿＿＿＿个，户籍人口＿＿＿＿户＿＿＿＿人。
        指标 | 单位 | 代码 | 数量
        低保户 | 户 | 1 | _
        低保人口 | 人 | 2 | _
    """)
    inside = [f for f in reading.forms[0].fields if f.blank is not None]
    assert [(f.label, f.unit) for f in inside] == [("全村共有村民小组", "个"), ("户籍人口", "户"), ("户籍人口", "人")]
