"""What a label means: the danger is labels that look alike."""

import pytest

from consolidation.lexicon import clean_label, load_lexicon
from consolidation.meaning import language, subject_of
from tests.consolidation.inline import form, read, statistic


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ("（一）60岁及以上人数", "60岁及以上人数"),
        ("其中：男", "男"),
        ("A4姓名", "姓名"),
        ("身份证号码*", "身份证号码"),
        ("50平米以上的超市个数", "50平米以上的超市个数"),
        ("14-25周岁闲散青少年", "14-25周岁闲散青少年"),
        ("2009年6月份以来新党员（人）", "2009年6月份以来新党员(人)"),
        ("①水田", "水田"),
        ("姓　名", "姓名"),
        ("（二）发文成立领导小组：1.是2.否", "发文成立领导小组"),
        ("A1 识别标准(单选)", "识别标准"),
        ("3000元以上", "3000元以上"),
    ],
)
def test_numbering_and_marks_are_no_part_of_a_label(printed: str, words: str) -> None:
    assert clean_label(printed) == words


SAME = [
    ("村基本情况统计表", "低保户数（户）", "低保家庭户数[户]"),
    ("村基本情况统计表", "贫困户总人数[人]", "贫困人口数[人]"),
    ("村基本情况统计表", "60岁以上老年人数[人]", "老年人（60周岁及以上）人数[人]"),
    ("村基本情况统计表", "通电自然村数（个）", "自然村个数/1.通电自然村[个]"),
    ("村基本情况统计表", "耕地总面积（亩）", "耕地面积[公顷]"),
    ("村基本情况统计表", "年末户籍人口[人]", "户籍人口数[人]"),
    ("全县畜禽生产情况", "一、畜禽存栏/猪[万头]", "农业/年末生猪存栏[头]"),
]
APART = [
    ("村基本情况统计表", "60岁以上人数[人]", "65岁以上人数[人]"),
    ("村基本情况统计表", "低保户数[户]", "低保人数[人]"),
    ("村基本情况统计表", "低保户数[户]", "累计低保户数[户]"),
    ("村基本情况统计表", "新增低保户数[户]", "累计低保户数[户]"),
    ("村基本情况统计表", "户籍人口[人]", "常住人口[人]"),
    ("村基本情况统计表", "残疾人数[人]", "其中：女性残疾人数[人]"),
    ("村基本情况统计表", "村集体经济收入[元]", "上年村集体经济收入[元]"),
    ("村基本情况统计表", "有劳动能力的低保户户数[户]", "无劳动能力的低保户户数[户]"),
    ("全县畜禽生产情况", "一、畜禽存栏/猪[头]", "二、畜禽出栏/猪[头]"),
    ("全县农业生产条件", "化肥施用量（折纯量）[吨]", "化肥施用量（实物量）[吨]"),
]


@pytest.mark.parametrize(("title", "a", "b"), SAME)
def test_one_figure_in_two_wordings(title: str, a: str, b: str) -> None:
    (first,) = read(statistic(title, a)).values()
    (second,) = read(statistic(title, b)).values()
    assert first.meaning == second.meaning


@pytest.mark.parametrize(("title", "a", "b"), APART)
def test_figures_that_look_alike_stay_apart(title: str, a: str, b: str) -> None:
    (first,) = read(statistic(title, a)).values()
    (second,) = read(statistic(title, b)).values()
    assert first.meaning != second.meaning


def test_name_of_the_person_concerned_is_not_that_of_head_guardian_or_member() -> None:
    found = read(form("困境儿童登记表", "姓名", "户主姓名", "监护人姓名", "家庭成员/姓名", "父亲姓名"))
    roles = {path: item.meaning.role for path, item in found.items()}
    assert roles == {
        "姓名": "self",
        "户主姓名": "head",
        "监护人姓名": "guardian",
        "家庭成员/姓名": "member",
        "父亲姓名": "father",
    }
    assert {item.meaning.concept for item in found.values()} == {("name",)}


def test_behind_a_guardian_named_in_each_label_own_facts_go_on() -> None:
    lines = ("姓名", "监护人姓名", "监护人电话", "工作单位", "婚姻状况", "开户银行", "现住址")
    roles = {path: item.meaning.role for path, item in read(form("残疾人台账", *lines)).items()}
    assert roles["工作单位"] == "guardian"
    assert {roles[path] for path in ("姓名", "婚姻状况", "开户银行", "现住址")} == {"self"}


def test_an_unmarked_fact_behind_a_named_person_is_that_persons() -> None:
    lines = ("姓名", "出生日期", "家庭情况/父亲姓名", "家庭情况/联系电话", "家庭情况/母亲姓名", "家庭情况/联系电话")
    roles = [item.meaning.role for item in (read(form("留守儿童登记表", *lines))).values()]
    assert roles == ["self", "self", "father", "mother", "mother"], (
        "the two 联系电话 share a path: the later one is kept by the dict"
    )


def test_the_heads_telephone_is_the_households_but_the_heads_sex_is_the_heads() -> None:
    found = read(form("低保户登记表", "户主姓名", "性别", "联系电话", "家庭人口数"))
    assert (found["联系电话"].meaning.entity, found["性别"].meaning.role) == ("household", "head")


def test_a_role_the_lexicon_does_not_know_is_kept_as_printed() -> None:
    found = read(form("党员名册", "姓名", "联系电话", "结对党员姓名", "联系电话（结对）"))
    assert found["结对党员姓名"].meaning.role == "~结对党员"


@pytest.mark.parametrize(
    ("title", "lines", "entity"),
    [
        ("残疾人花名册", ("姓名", "性别", "残疾类别"), "person"),
        ("低保户花名册", ("户主姓名", "家庭人口数", "月低保金额"), "household"),
        ("二孩生育登记表", ("女方/姓名", "男方/姓名"), "couple"),
        ("企业基本情况表", ("企业名称", "统一社会信用代码", "法定代表人"), "organisation"),
        ("村社会经济基本情况", ("户籍人口[人]", "耕地面积[亩]", "村民小组数[个]"), "village"),
        ("乡(镇)社会经济基本情况", ("户籍人口[人]", "耕地面积[公顷]", "村民委员会个数[个]"), "township"),
    ],
)
def test_what_a_form_is_about(title: str, lines: tuple[str, ...], entity: str) -> None:
    lexicon = load_lexicon()
    assert subject_of(form(title, *lines), lexicon, language(lexicon)).entity == entity


def test_a_figure_of_a_county_is_not_a_villages() -> None:
    (county,) = read(statistic("县(市)社会经济基本情况", "耕地面积[公顷]")).values()
    (village,) = read(statistic("村社会经济基本情况", "耕地面积[亩]")).values()
    assert (county.meaning.entity, village.meaning.entity) == ("county", "village")


def test_a_reason_for_applying_belongs_to_its_programme() -> None:
    (low_income,) = read(form("低保申请表", "申请理由")).values()
    (housing,) = read(form("公租房申请表", "申请理由")).values()
    assert low_income.meaning != housing.meaning


def test_printed_twice_in_two_sections_is_two_facts() -> None:
    found = read(statistic("党组织情况表", "村组织情况/其中：女干部[人]", "挂扶干部情况/其中：女干部[人]"))
    assert len({item.meaning for item in found.values()}) == 2


def test_a_short_statistic_is_about_its_place_whatever_people_its_title_names() -> None:
    found = read(statistic("村养老服务情况统计表", "60岁以上户籍人口[人]", "养老床位[张]"))
    assert {item.meaning.entity for item in found.values()} == {"village"}
