"""The shipped forms: real layouts, in order, as their specs say; and the gold that is made from the same specs."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from forms.grid import read_book
from forms.library import HOME, ShippedForm, faults, shipped
from forms.library.make.gold import unknown_prefixes
from forms.library.make.notation import Notation, join_keys
from forms.library.make.shelf import Shelf, render_form, render_gold
from forms.library.score import score
from forms.model import Address

FORMS = shipped()
BY_SLUG = {form.slug: form for form in FORMS}
each_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.slug)


@cache
def shelf() -> Shelf:
    return Shelf.load(HOME / "make")


@cache
def workbook(form: ShippedForm) -> Workbook:
    return load_workbook(form.template)


def cell_at(form: ShippedForm, address: str) -> Any:
    sheet, a1 = address.split("!")
    return workbook(form)[sheet][a1]


def squeezed(value: object) -> str:
    return re.sub(r"[\s＿]", "", str(value or ""))


# What is on the shelf


def test_there_are_forms_of_many_departments_and_of_all_three_kinds() -> None:
    assert len(FORMS) >= 44
    assert len({form.department for form in FORMS}) >= 12
    kinds = Counter(form.kind for form in FORMS)
    assert kinds["roster"] >= 18 and kinds["statistic"] >= 14 and kinds["card"] >= 13
    assert {form.frequency for form in FORMS} == {"once", "monthly", "quarterly", "half-yearly", "yearly"}


def test_every_slug_is_the_name_of_one_folder() -> None:
    assert len(BY_SLUG) == len(FORMS)


def test_every_about_is_in_order() -> None:
    assert [fault for form in FORMS for fault in faults(form.template.with_name("about.yml"))] == []


GOOD = {
    "title": "村情况表", "department": "民政局", "basis": "《中华人民共和国统计法》", "frequency": "yearly",
    "audience": "村委会", "entity": "village", "level": "village", "kind": "statistic",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"basis": None}, "“basis”必须填写文字"),
        ({"frequency": "weekly"}, "“frequency”的值“weekly”不在可选范围内：once、monthly、quarterly、half-yearly、yearly"),
        ({"entity": "village", "owner": "x"}, "不认识的项目“owner”"),
        ({"basis": "上级要求填写"}, ""),
        ({"basis": "领导口头布置"}, "“basis”须写明依据的法律、法规"),
        ({"basis": "某某通知（国发2016-13号）"}, "文号“国发2016-13号”格式不对"),
    ],
)
def test_the_checker_says_what_is_wrong_with_an_about(tmp_path: Path, change: dict[str, object], words: str) -> None:
    about = tmp_path / "about.yml"
    about.with_name("template.xlsx").write_bytes(b"")
    about.write_text(yaml.safe_dump({**GOOD, **change}, allow_unicode=True), encoding="utf-8")
    found = faults(about)
    assert len(found) == (1 if words else 0)
    assert words in "".join(found)


def test_the_checker_names_missing_members_and_a_missing_template(tmp_path: Path) -> None:
    about = tmp_path / "about.yml"
    about.write_text("title: 表\n", encoding="utf-8")
    found = "".join(faults(about))
    assert "缺少必填项“basis”" in found and "没有表样 template.xlsx" in found


def test_the_checker_survives_what_is_no_yaml(tmp_path: Path) -> None:
    about = tmp_path / "about.yml"
    about.write_text("title: [", encoding="utf-8")
    assert "不是有效的 YAML" in faults(about)[0]


# Committed files and specs


@pytest.mark.parametrize("slug", ["huji-biandong", "jiuye-kunnan", "zizhu-canbao", "jiuzhu-yuebao", "manbing-taizhang"])
def test_the_committed_files_are_what_the_specs_give(slug: str) -> None:
    spec = next(spec for spec in shelf().specs if spec["slug"] == slug)
    built, about, fields = render_form(spec, shelf())
    folder = BY_SLUG[slug].template.parent
    assert (folder / "about.yml").read_text(encoding="utf-8") == about
    assert (folder / "fields.json").read_text(encoding="utf-8") == fields
    assert _parts(built.template) == _parts((folder / "template.xlsx").read_bytes())


def _parts(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_spec_has_its_folder_and_every_folder_its_spec() -> None:
    assert {spec["slug"] for spec in shelf().specs} == set(BY_SLUG)


def test_the_gold_is_what_the_committed_fields_give() -> None:
    fields = {spec["slug"]: BY_SLUG[spec["slug"]].expected_fields() for spec in shelf().specs}
    gold, near = render_gold(fields, shelf())
    assert (HOME / "gold.json").read_text(encoding="utf-8") == gold
    assert (HOME / "near.json").read_text(encoding="utf-8") == near


# Each template, as openpyxl reads it


@each_form
def test_the_title_stands_at_the_head_of_the_first_sheet(form: ShippedForm) -> None:
    sheet = workbook(form).worksheets[0]
    head = "".join(squeezed(cell.value) for row in sheet.iter_rows(max_row=4) for cell in row)
    several_tables = any(entry.get("table", 1) > 1 for entry in form.expected_fields()) and len(workbook(form).worksheets) == 1
    assert squeezed(form.title) in head or several_tables


@each_form
def test_every_blank_is_empty_and_no_two_share_a_place(form: ShippedForm) -> None:
    fields = form.expected_fields()
    places = Counter((entry["cell"], tuple(entry.get("inside", ()))) for entry in fields)
    assert [place for place, count in places.items() if count > 1] == []
    for entry in fields:
        text = str(cell_at(form, entry["cell"]).value or "")
        if "inside" in entry:
            start, end = entry["inside"]
            assert re.fullmatch(r"[\s_＿年月日]*", text[start:end]), entry
        elif "blocked" in entry:
            assert text == "—", entry
        elif entry.get("purpose") == "serial":
            assert text in {"", "1"}, entry
        elif "formula" in entry:
            assert text == entry["formula"]
        elif entry.get("purpose") != "remark":
            assert text == "" or "□" in text, entry


@each_form
def test_every_printed_option_is_an_option_of_its_field(form: ShippedForm) -> None:
    for entry in form.expected_fields():
        text = str(cell_at(form, entry["cell"]).value or "")
        if "□" in text and "inside" not in entry:
            assert all(option in text for option in entry["options"]) and entry["options"], entry


@each_form
def test_every_label_is_printed_on_its_sheet(form: ShippedForm) -> None:
    printed = {
        sheet.title: "\n".join(squeezed(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
        for sheet in workbook(form).worksheets
    }
    running_text = {entry["cell"] for entry in form.expected_fields() if "inside" in entry}
    for entry in form.expected_fields():
        sheet = entry["cell"].split("!")[0]
        wanted = entry["path"] if entry["cell"] not in running_text else []
        assert [label for label in wanted if squeezed(label) not in printed[sheet]] == [], entry


@each_form
def test_rosters_leave_rows_to_fill_and_statistics_a_unit_for_each_figure(form: ShippedForm) -> None:
    fields = form.expected_fields()
    if form.kind == "roster":
        rows = [entry["rows"] for entry in fields if "rows" in entry]
        assert len(rows) >= 9 and all(last - first >= 9 for first, last in rows)
    if form.kind == "statistic":
        assert [entry for entry in fields if entry["type"] == "number" and not entry["unit"]] == []


# The layouts that are there to be hard


def fields_of(slug: str) -> dict[str, dict[str, Any]]:
    return {entry["cell"].split("!")[1]: entry for entry in BY_SLUG[slug].expected_fields() if "inside" not in entry}


def test_a_cross_table_names_row_and_column() -> None:
    women_over_65 = fields_of("huji-biandong")["E13"]
    assert women_over_65["path"] == ["二、年末总人口", "60岁及以上", "其中：65岁及以上", "按性别分", "女"]
    assert (women_over_65["unit"], women_over_65["code"], women_over_65["key"]) == ("人", "07", "V.pop+age65+f+hj@yearly")


def test_side_by_side_blocks_go_on_under_the_caption_of_the_first() -> None:
    assert fields_of("jiuzhu-yuebao")["I8"]["path"] == ["二、特困人员救助供养", "（二）特困供养资金支出", "月末数"]


def test_a_five_level_header_gives_a_path_of_five() -> None:
    entry = next(e for e in fields_of("liushou-kunjing-ertong").values() if e["label"] == "现住址")
    assert entry["path"] == ["儿童基本情况", "身份信息", "户籍与居住", "现居住地", "现住址"]


def test_a_blank_in_running_text_is_found_by_its_characters() -> None:
    form = BY_SLUG["xiangcun-jianshe"]
    entry = next(e for e in form.expected_fields() if e["label"] == "常住人口")
    text, (start, end) = cell_at(form, entry["cell"]).value, entry["inside"]
    assert text[:start].endswith("常住人口") and text[end] == entry["unit"] == "人"


def test_every_part_of_the_drawn_forms_is_well_formed_and_linked() -> None:
    for slug, wanted in {
        "jiuye-kunnan": ["vmlDrawing1.vml", "drawing1.xml"],
        "zizhu-canbao": ["drawing1.xml", "image1.png"],
    }.items():
        parts = _parts(BY_SLUG[slug].template.read_bytes())
        for name in wanted:
            assert any(part.endswith(name) for part in parts), (slug, name)
        for name, data in parts.items():
            if not name.endswith(".png"):
                etree.fromstring(data)
        links = b"".join(data for name, data in parts.items() if name.endswith(".rels")).decode()
        assert all(f"/{name}" in links for name in parts if "/drawings/" in name and not name.endswith(".rels"))


def test_the_hard_features_are_there() -> None:
    assert {"字典", "代码表"} <= {sheet.title for form in FORMS for sheet in workbook(form).worksheets}
    assert len(workbook(BY_SLUG["jiance-duixiang"]).worksheets) == len(workbook(BY_SLUG["renkou-jiuye"]).worksheets) == 2
    hidden = workbook(BY_SLUG["fangwu-anquan"]).worksheets[0]
    assert hidden.column_dimensions["B"].hidden and hidden.row_dimensions[3].hidden
    assert set(workbook(BY_SLUG["jiuzhu-yuebao"]).defined_names) == {"低保户数", "低保人数"}
    assert hidden.conditional_formatting and hidden.data_validations.dataValidation
    tables = {
        slug: {entry.get("table") for entry in BY_SLUG[slug].expected_fields()}
        for slug in ("dangyuan-tongji", "funv-ertong-jiankang")
    }
    assert all(len(numbers) == 2 for numbers in tables.values())
    assert any(sheet.freeze_panes and sheet.print_title_rows for form in FORMS for sheet in workbook(form).worksheets)
    assert any(
        "<r><rPr>" in part.decode("utf-8", "ignore").replace("<r><rPr >", "<r><rPr>")
        for part in _parts(BY_SLUG["jiuye-kunnan"].template.read_bytes()).values()
    )


def test_highlighted_cells_are_those_of_the_rows_to_fill() -> None:
    for form in FORMS:
        for sheet in workbook(form).worksheets:
            first_rows = {
                entry["rows"][0]
                for entry in form.expected_fields()
                if entry["cell"].startswith(f"{sheet.title}!") and "rows" in entry
            }
            for area in sheet.conditional_formatting:
                assert {cells.min_row for cells in area.sqref.ranges} <= first_rows, form.slug


# Gold


def gold() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((HOME / "gold.json").read_text(encoding="utf-8"))
    return found


def test_every_field_of_every_form_is_in_exactly_one_cluster() -> None:
    members = Counter((slug, cell, *inside) for cluster in gold() for slug, cell, inside in cluster["members"])
    fields = Counter((form.slug, entry["cell"], *entry.get("inside", ())) for form in FORMS for entry in form.expected_fields())
    assert members == fields and set(members.values()) == {1}


def test_a_form_asks_twice_for_one_fact_only_where_the_same_item_is_printed_twice() -> None:
    for cluster in gold():
        twice = {slug for slug, count in Counter(slug for slug, *_ in cluster["members"]).items() if count > 1}
        assert twice <= {"jiance-duixiang"}, cluster


def test_concept_keys_name_known_kinds_of_entity_and_every_datum_has_one() -> None:
    data = [cluster for cluster in gold() if cluster["purpose"] == "data"]
    assert unknown_prefixes((cluster["key"] for cluster in data), shelf().entities) == set()
    assert [cluster["key"] for cluster in data if "#" in cluster["key"]] == []


def test_one_cluster_has_one_dimension_of_unit() -> None:
    same = [{"元", "万元"}, {"亩", "公顷"}, {"人", "名"}]
    units = {
        (form.slug, entry["cell"], *entry.get("inside", ())): entry["unit"] for form in FORMS for entry in form.expected_fields()
    }
    for cluster in gold():
        found = {units[slug, cell, *inside] for slug, cell, inside in cluster["members"]} - {""}
        assert len(found) <= 1 or any(found <= pair for pair in same), (cluster["key"], found)


def test_figures_of_another_period_age_or_residence_are_other_facts() -> None:
    keys = {cluster["key"] for cluster in gold()}
    assert {"V.pop.dibao@monthly", "V.pop.dibao@yearly", "V.pop.dibao@half-yearly"} <= keys
    assert {"V.pop+age60+cz@yearly", "V.pop+age65+cz@yearly", "V.pop+age60+hj@yearly"} <= keys
    assert {
        "P.addr_hukou",
        "P.addr_now",
        "HD.name",
        "P.name",
        "M.name",
        "HH.type_relief",
        "HH.type_monitor",
        "HH.type_house",
    } <= keys


def test_the_library_overlaps_as_the_forms_of_one_village_do() -> None:
    shared = [cluster for cluster in gold() if len({slug for slug, *_ in cluster["members"]}) > 1]
    assert len(shared) >= 100


# The scorer


def merged(*elements: list[tuple[str, str, str]]) -> dict[str, Any]:
    return {
        "elements": [
            {
                "id": str(number),
                "fields": [
                    {"file": f"x/{slug}/template.xlsx", "cell": cell, "path": [label], "field": cell, "relation": "same"}
                    for slug, cell, label in fields
                ],
            }
            for number, fields in enumerate(elements)
        ]
    }


def test_the_scorer_counts_right_and_wrong_pairs() -> None:
    name, other = ("dangyuan-mingce", "党员花名册!B4", "姓名"), ("zhiyuanzhe", "志愿者!B4", "姓名")
    sex = ("zhiyuanzhe", "志愿者!C4", "性别")
    assert score(merged([name, other])).precision == 1.0
    assert len(score(merged([name, other])).right) == 1
    assert score(merged([name, sex])).precision == 0.0


def test_the_scorer_leaves_near_pairs_uncounted() -> None:
    phone, mobile = ("tiaojieyuan", "登记表!F6", "联系电话"), ("zhiyuanzhe", "志愿者!L4", "手机号码")
    assert fields_of("tiaojieyuan")["F6"]["label"] == "联系电话" and fields_of("zhiyuanzhe")["L4"]["label"] == "手机号码"
    result = score(merged([phone, mobile]))
    assert (len(result.right), len(result.wrong)) == (0, 0)


# The notation of the specs


def test_an_item_is_read_from_its_compact_text() -> None:
    item = Notation({"edu": ["小学", "初中"]}).item("^^文化⏎程度 @P.edu {edu} w12 /data 1+3 !dv")
    assert (item.label, item.key, item.options, item.depth, item.pair) == ("文化程度", "P.edu", ("小学", "初中"), 2, (1, 3))
    assert Notation({}).item("家庭年收入（万元） @HH.income").unit == "万元"
    assert Notation({}).item("A7 家庭人口（人）").code == "A7"


def test_an_unknown_list_is_refused() -> None:
    with pytest.raises(ValueError, match="edu"):
        Notation({}).item("文化程度 {edu}")


def test_row_and_column_keys_join_to_one() -> None:
    assert join_keys("", "pop+hj", "+f", "+age60") == "pop+age60+f+hj"


@pytest.mark.parametrize("form", [form for form in FORMS if form.kind == "statistic"], ids=lambda form: form.slug)
def test_the_code_of_a_figure_is_printed_in_its_row(form: ShippedForm) -> None:
    book = read_book(form.template)
    shown: dict[tuple[str, int], set[str]] = {}
    for grid in book.grids:
        for (row, _), cell in grid.cells.items():
            shown.setdefault((grid.name, row), set()).add(cell.text.strip())
    figures = [field for field in form.expected_fields() if field.get("code") and "inside" not in field]
    places = [(Address.parse(*field["cell"].split("!")), field["code"]) for field in figures]
    assert [place.a1 for place, code in places if not any(code in text for text in shown[place.sheet, place.row])] == []
