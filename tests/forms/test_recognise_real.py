"""Real workbooks (../shared/real-forms): counted by hand, and every cell accounted for. Skipped only where they are absent."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from forms.grid import read_book
from forms.model import Kind, Purpose, Reading
from forms.recognise import recognise
from forms.recognise.rules import plain_code

REAL = Path(__file__).parents[3] / "shared" / "real-forms"
pytestmark = pytest.mark.skipif(not REAL.exists(), reason="the real workbooks are not part of the repository")
AGRICULTURE = "2016年湖北农林牧渔业综合统计报表制度.xls"

# Coded indicators of each of the 28 sheets, counted in the cells: the codes run from 1 without a gap, the last ones partly
# in the lines above (village and township types) or below the table (附报, 补充资料).
INDICATORS = {
    "农业生产条件（一）": 37,
    "农业生产条件（二）": 34,
    "农业机械化情况": 32,
    "农村劳动力转移情况": 56,
    "粮食作物生产情况": 25,
    "经济作物生产情况": 72,
    "设施农业生产情况": 19,
    "茶叶、水果及食用坚果生产情况": 37,
    "林业生产情况": 56,
    "主要畜禽生产情况": 32,
    "非主要畜禽生产情况": 19,
    "畜禽规模养殖情况": 17,
    "渔业生产情况": 22,
    "农林牧渔业总产值": 82,
    "农林牧渔业总产值年度计算表": 108,
    "农林牧渔业增加值计算表": 96,
    "县(市)社会经济基本情况": 143,
    "乡(镇)社会经济基本情况": 77,
    "村社会经济基本情况": 36,
    "粮食作物生产情况季节报表": 26,
    "经济作物生产情况季节报表": 15,
    "农业生产经营单位农作物播种面积情况": 48,
    "全年主要农林牧渔产品产量及产值预计": 27,
    "畜禽水产季节报": 23,
    "蔬菜、瓜果生产情况": 41,
    "农林牧渔业总产值、增加值季节报": 16,
    "农林牧渔业总产值季度计算表": 35,
    "农村劳动力转移季报": 25,
}
# Printed checks over codes, counted in the notes (one for each left side; a comparison with last year's figure is none).
CHECKS = {
    "农业生产条件（一）": 10,
    "农业生产条件（二）": 12,
    "乡(镇)社会经济基本情况": 30,
    "主要畜禽生产情况": 6,
    "渔业生产情况": 4,
}


@cache
def reading_of(name: str) -> Reading:
    folder = "official" if (REAL / "official" / name).exists() else "workbooks"
    return recognise(read_book(REAL / folder / name))


def test_every_indicator_of_the_agricultural_statistics_is_read() -> None:
    forms = reading_of(AGRICULTURE).forms
    assert {f.title: len({plain_code(x.code) for x in f.fields if x.code}) for f in forms} == INDICATORS
    assert {f.kind for f in forms} == {Kind.STATISTIC}
    for form in forms:
        codes = {int(plain_code(x.code)) for x in form.fields if x.code}
        assert codes == set(range(1, INDICATORS[form.title] + 1)), form.title


def test_printed_checks_of_the_agricultural_statistics() -> None:
    forms = {f.title: f for f in reading_of(AGRICULTURE).forms}
    assert {title: len({r.text for r in forms[title].rules}) for title in CHECKS} == CHECKS


def field(title: str, code: str, last: str = "") -> tuple[str, str]:
    form = next(f for f in reading_of(AGRICULTURE).forms if f.title == title)
    found = next(f for f in form.fields if plain_code(f.code) == code and f.label.endswith(last))
    return "/".join(found.path), found.unit


@pytest.mark.parametrize(
    ("title", "code", "last", "path", "unit"),
    [
        ("农业生产条件（一）", "20", "", "三、乡村人口与从业人员/（四）乡村从业人员数/2．女/其中：从事农业人员", "万人"),
        ("农业生产条件（一）", "31", "", "附报/30国有农林牧渔场个数/其中：31农场", "个"),
        ("农业生产条件（二）", "15", "", "一、耕地情况/(四)年末耕地总资源/1.常用耕地面积/②旱地/其中：水浇地", "千公顷"),
        ("农业机械化情况", "7", "", "一、耕作机械/大中型拖拉机", "千瓦"),
        ("农村劳动力转移情况", "24", "", "二、农村劳动力转移情况/(二)外出从业情况/4.外出地点/②省内县外", "万人"),
        ("农村劳动力转移情况", "28", "", "二、农村劳动力转移情况/(二)外出从业情况/5.外出从业人员从事行业/①第一产业", "万人"),
        ("粮食作物生产情况", "7", "总产量(吨)", "粮食作物/(一)夏收粮食/3.杂粮/燕麦/总产量(吨)", "吨"),
        ("经济作物生产情况", "39", "产量", "七、蔬菜及食用菌/（五）瓜菜类/南瓜/产量", "吨"),
        ("设施农业生产情况", "15", "面积", "四、食用菌/2.鲜品/其中：蘑菇/面积", "公顷"),
        ("茶叶、水果及食用坚果生产情况", "31", "", "五、年末果园面积/其中：苹果园", "公顷"),
        ("林业生产情况", "7", "", "一、荒山荒（沙）地造林面积/按经济成份分/1.公有经济造林", "公顷"),
        ("主要畜禽生产情况", "13", "", "一、畜禽存栏/活家禽/其中：活鸡/蛋鸡", "万只"),
        ("主要畜禽生产情况", "6", "", "一、畜禽存栏/牛/其中：能繁母牛", "万头"),
        ("畜禽规模养殖情况", "16", "", "四、家禽规模养殖户（单位）个数/家禽存笼/其中：鸡", "万只"),
        ("渔业生产情况", "5", "", "一、水产品产量/(一)淡水捕捞产量/3.贝类", "吨"),
        ("农林牧渔业总产值", "82", "按可比价格计算", "五、农林牧渔服务业/按可比价格计算", "万元"),
        ("农林牧渔业总产值年度计算表", "89", "本年", "三、牧业/（三）家禽饲养/2.禽蛋/其中：鸡蛋/产量/本年", "吨"),
        ("农林牧渔业增加值计算表", "15", "数量", "农林牧渔业中间消耗/(一)农林牧渔业中间物质消耗/1、用种量/稻谷/数量", "吨"),
        ("县(市)社会经济基本情况", "47", "", "四、农业/(二)农作物播种面积/粮食作物播种面积/小麦", "公顷"),
        ("乡(镇)社会经济基本情况", "20", "", "二、人口与就业/第一产业从业人员", "人"),
        ("村社会经济基本情况", "21", "", "一、人口与就业/从业人员/其中：农业从业人员", "人"),
        ("全年主要农林牧渔产品产量及产值预计", "23", "", "二十、农林牧渔业总产值(现价)/1.农业", "万元"),
        ("畜禽水产季节报", "21", "本季", "十七、蚕茧合计/柞蚕茧/本季", "吨"),
        ("农林牧渔业总产值、增加值季节报", "11", "上年同期", "二、农林牧渔业增加值/按现行价格计算/1—本季/上年同期", ""),
        ("农林牧渔业总产值季度计算表", "32", "现价", "四、渔业/淡水产品/1.鱼类/本季产值(万元)/现价", "万元"),
        ("农村劳动力转移季报", "25", "", "二、实际从业人员/（三）外出返乡人员/返乡人员再就业情况/2.本地从事第二、三产业", "人"),
    ],
)  # fmt: skip
def test_paths_and_units_of_the_agricultural_statistics(title: str, code: str, last: str, path: str, unit: str) -> None:
    assert field(title, code, last) == (path, unit)


def test_the_columns_that_a_dash_blocks_are_not_asked() -> None:
    form = next(f for f in reading_of(AGRICULTURE).forms if f.title == "非主要畜禽生产情况")
    values = [f for f in form.fields if f.code]
    assert (len(values), sum(1 for f in values if f.blocked)) == (57, 24)


def test_poverty_relief_reports() -> None:
    one, two = reading_of("report1.xls").forms
    assert (len(one.fields), len(two.fields)) == (31, 30)
    assert one.fields[5].path == ("1.贫困户基本情况", "有劳动能力", "低保对象(人)")
    assert one.title == "广州市农村扶贫开发“规划到户责任到人”工作统计表（一）"
    (three,) = reading_of("report2.xls").forms
    assert len(three.fields) == 11
    assert [len(r.right) for r in three.rules] == [2, 5]
    (party,) = reading_of("report_dang.xls").forms
    assert len(party.fields) == 47  # 46 figures and the month
    assert party.fields[4].path[0] == "村组织情况"


def test_questionnaires() -> None:
    (one,) = reading_of("question_q1.xls").forms
    assert sum(1 for f in one.fields if f.code) == 104
    assert [f.label for f in one.fields[:2]] == ["贫困村（盖章）", "帮扶单位（盖章）"]
    (two,) = reading_of("question_q2.xls").forms
    assert sum(1 for f in two.fields if f.code) == 47
    assert {f.cell.col for f in two.fields} <= {1, 2, 3, 4}  # the hidden look-up list in F:J is not read


def test_import_template() -> None:
    (form,) = reading_of("syrkplcjb.xls").forms
    assert [f.label for f in form.fields] == [
        "姓名", "身份证号码", "电话号码", "居住时间", "居住事由", "居住处所", "与户主关系", "拟居住期限", "备注",
    ]  # fmt: skip
    assert {f.cell.row for f in form.fields} == {2}


def workbooks() -> list[str]:
    return [p.name for folder in ("official", "workbooks") for p in sorted((REAL / folder).glob("*.xls*"))]


@pytest.mark.parametrize("name", workbooks())
def test_every_cell_ends_with_a_role_or_a_problem(name: str) -> None:
    reading = reading_of(name)
    roles = {str(a) for form in reading.forms for a in form.roles}
    reported = {(p.sheet, p.cell) for p in reading.problems}
    for grid in reading.book.grids:
        for (row, col), cell in grid.cells.items():
            if not cell.text.strip() or row in grid.hidden_rows or col in grid.hidden_cols:
                continue
            address = grid.address(*((r := grid.rect(row, col)).top, r.left))
            assert str(address) in roles or (grid.name, address.a1) in reported or (grid.name, "") in reported, address


def test_the_development_set_is_found_cell_by_cell() -> None:
    cells = json.loads((REAL / "workbooks" / "cells.json").read_text())
    missed = []
    for name, wanted in cells.items():
        found = {f.cell.a1 for form in reading_of(f"{name}.xlsx").forms for f in form.fields if f.blank is None}
        missed += [(name, a1) for a1 in wanted if a1 not in found]
    assert missed == []


def test_few_fields_are_read_that_nobody_asks_for() -> None:
    cells = json.loads((REAL / "workbooks" / "cells.json").read_text())
    extra = [
        (name, f.cell.a1)
        for name, wanted in cells.items()
        for form in reading_of(f"{name}.xlsx").forms
        for f in form.fields
        if f.blank is None and f.purpose is not Purpose.META and f.cell.a1 not in wanted
    ]
    assert extra == []
