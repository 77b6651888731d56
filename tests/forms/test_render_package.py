"""A filled form is the original file with other bytes in the filled cells, and nowhere else."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

from forms.model import Address, Blank
from forms.render import Write, fill
from tests.forms.render_book import ROSTER, WORKBOOK, hard_form, pack, parts, plain_form

SHEET = "xl/worksheets/sheet1.xml"


def at(a1: str, sheet: str = ROSTER) -> Address:
    return Address.parse(sheet, a1)


def contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed_parts(before: bytes, after: bytes) -> set[str]:
    old, new = contents(before), contents(after)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def sheet_xml(data: bytes, part: str = SHEET) -> str:
    return contents(data)[part].decode("utf-8")


def cell_xml(data: bytes, a1: str, part: str = SHEET) -> str:
    found = re.search(rf'<c r="{a1}"[^>]*?(?:/>|>.*?</c>)', sheet_xml(data, part), re.S)
    return found[0] if found else ""


def test_a_filled_cell_without_formulas_changes_one_part_only() -> None:
    source = plain_form({"A1": "姓名", "B1": "", "A2": "年龄", "B2": ""})
    result = fill(source, "表.xlsx", [Write(at("B1", "表"), "王小明")])
    assert result.problems == ()
    assert changed_parts(source, result.data) == {SHEET}


def test_every_byte_outside_the_filled_cell_stays() -> None:
    source = plain_form({"A1": "姓名", "B1": "", "C1": "性别", "D1": ""})
    before, after = sheet_xml(source), sheet_xml(fill(source, "表.xlsx", [Write(at("B1", "表"), "王小明")]).data)
    assert after == before.replace('<c r="B1" s="2"/>', '<c r="B1" s="2" t="inlineStr"><is><t>王小明</t></is></c>')


def test_in_a_form_with_everything_on_it_only_filled_sheets_and_sheets_with_dependent_formulas_change() -> None:
    source = hard_form()
    result = fill(source, "花名册.xlsx", [Write(at("B6"), "王小明"), Write(at("D6"), Decimal("12.50"))])
    assert changed_parts(source, result.data) == {SHEET, "xl/worksheets/sheet2.xml"}


def test_untouched_elements_of_the_sheet_are_the_same_in_the_same_order() -> None:
    source = hard_form()
    result = fill(source, "花名册.xlsx", [Write(at("B6"), "王小明"), Write(at("E3"), date(1990, 1, 2))])
    before, after = (etree.fromstring(sheet_xml(data).encode()) for data in (source, result.data))
    filled = {"B6", "E3"}
    formulas = {"E6", "E7", "E8", "D9", "E9", "A13"}
    for old, new in zip(before.iter(), after.iter(), strict=False):
        if old.tag.endswith("}sheetData"):
            break
        assert (old.tag, dict(old.attrib), old.text) == (new.tag, dict(new.attrib), new.text)
    old_cells, new_cells = ({c.get("r"): etree.tostring(c) for c in tree.iter("{*}c")} for tree in (before, after))
    assert list(old_cells) == list(new_cells)
    assert {place for place in old_cells if old_cells[place] != new_cells[place]} == filled | formulas
    assert re.split("<sheetData>.*</sheetData>", sheet_xml(source)) == re.split(
        "<sheetData>.*</sheetData>", sheet_xml(result.data)
    )


def test_entries_keep_order_names_stamps_and_compression() -> None:
    source = hard_form()
    result = fill(source, "花名册.xlsx", [Write(at("B6"), "王小明")])
    old, new = (zipfile.ZipFile(io.BytesIO(data)).infolist() for data in (source, result.data))
    described = [[(i.filename, i.date_time, i.compress_type, i.external_attr) for i in infos] for infos in (old, new)]
    assert described[0] == described[1]


def test_nothing_to_write_gives_the_same_file() -> None:
    source = hard_form()
    assert fill(source, "花名册.xlsx", []).data == source


def test_formulas_stay_and_forget_their_results() -> None:
    result = fill(hard_form(), "花名册.xlsx", [Write(at("D6"), Decimal(5))])
    assert cell_xml(result.data, "D9") == '<c r="D9" s="5"><f>SUM(D6:D8)</f></c>'
    assert cell_xml(result.data, "E6") == '<c r="E6" s="5"><f t="shared" ref="E6:E8" si="0">D6/2</f></c>'


def test_formulas_of_other_sheets_forget_results_only_when_they_look_at_a_filled_sheet() -> None:
    result = fill(hard_form(), "花名册.xlsx", [Write(at("D6"), Decimal(5))])
    summary = sheet_xml(result.data, "xl/worksheets/sheet2.xml")
    assert "<v>" not in summary  # by sheet name, by way of A1, and through the defined name 合计数
    assert "<f>1+1</f><v>2</v>" in sheet_xml(result.data, "xl/worksheets/sheet3.xml")


def test_manual_calculation_is_asked_to_compute_once_on_opening() -> None:
    contents_ = parts()
    contents_["xl/workbook.xml"] = WORKBOOK.replace('calcId="191029"', 'calcId="191029" calcMode="manual"')
    result = fill(pack(contents_), "花名册.xlsx", [Write(at("D6"), Decimal(5))])
    workbook = contents(result.data)["xl/workbook.xml"].decode()
    assert workbook == contents_["xl/workbook.xml"].replace('calcMode="manual"', 'calcMode="manual" fullCalcOnLoad="1"')


def test_a_formula_cell_is_not_written_over() -> None:
    source = hard_form()
    result = fill(source, "花名册.xlsx", [Write(at("D9"), Decimal(5))])
    assert result.data == source
    assert [(p.code, p.sheet, p.cell) for p in result.problems] == [("render.formula-kept", ROSTER, "D9")]


def test_a_cell_that_is_printed_closed_is_not_written_to() -> None:
    source = plain_form({"A1": "—", "B1": "/"})
    result = fill(source, "表.xlsx", [Write(at("A1", "表"), Decimal(5)), Write(at("B1", "表"), "无")])
    assert result.data == source
    assert [p.code for p in result.problems] == ["render.blocked-cell"] * 2


def test_writing_into_a_merged_block_goes_to_its_first_cell() -> None:
    result = fill(hard_form(), "花名册.xlsx", [Write(at("F11"), "李四")])
    assert "李四" in cell_xml(result.data, "D11")
    assert cell_xml(result.data, "F11") == ""


def test_cells_and_rows_that_the_file_lacks_come_in_at_their_place() -> None:
    source = plain_form({"A1": "姓名", "C1": "性别", "A5": "备注"})
    writes = [Write(at(a1, "表"), a1) for a1 in ("B1", "D1", "B3", "A3", "A9")]
    result = fill(source, "表.xlsx", writes)
    assert re.findall(r'<(?:row|c) r="(\w+)"', sheet_xml(result.data)) == [
        "1", "A1", "B1", "C1", "D1", "3", "A3", "B3", "5", "A5", "9", "A9",
    ]  # fmt: skip


def test_a_sheet_written_with_a_namespace_prefix_is_filled_with_it() -> None:
    contents_ = parts()
    prefixed = re.sub(
        r"<(/?)(?=[a-zA-Z])", r"<\1x:", '<worksheet><sheetData><row r="1"><c r="A1" s="2"/></row></sheetData></worksheet>'
    )
    prefixed = prefixed.replace(
        "<x:worksheet>", '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    )
    contents_["xl/worksheets/sheet3.xml"] = prefixed
    result = fill(pack(contents_), "表.xlsx", [Write(at("A1", "说明"), "有"), Write(at("B2", "说明"), Decimal(3))])
    after = etree.fromstring(contents(result.data)["xl/worksheets/sheet3.xml"])
    assert [(c.get("r"), "".join(c.itertext())) for c in after.iter("{*}c")] == [("A1", "有"), ("B2", "3")]


def test_an_unknown_sheet_is_a_problem_and_the_others_are_filled() -> None:
    result = fill(hard_form(), "花名册.xlsx", [Write(at("A1", "没有"), "x"), Write(at("B6"), "王小明")])
    assert [p.code for p in result.problems] == ["render.no-sheet"]
    assert "王小明" in cell_xml(result.data, "B6")


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"PK\x03\x04 no zip at all", "file.damaged"),
        (pack({"readme.txt": "hello"}), "file.not-a-workbook"),
        (pack({**parts(), "xl/worksheets/sheet1.xml": "<worksheet><sheetData>"}), "file.damaged"),
        (
            pack({**parts(), "xl/worksheets/sheet1.xml": '<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData/></worksheet>'}),
            "file.xml-entities",
        ),
    ],
)
def test_a_file_that_cannot_be_edited_comes_back_with_a_problem(source: bytes, code: str) -> None:
    result = fill(source, "坏.xlsx", [Write(at("A1"), "x")])
    assert result.data == source
    assert [p.code for p in result.problems] == [code]


def test_two_values_for_one_cell_are_a_problem() -> None:
    result = fill(hard_form(), "花名册.xlsx", [Write(at("F11"), "李四"), Write(at("F11"), "王五")])
    assert "李四" in cell_xml(result.data, "D11")
    assert [p.code for p in result.problems] == ["render.written-twice"]


def test_a_merged_block_that_is_to_hold_several_figures_is_taken_apart_and_told() -> None:
    source = plain_form({"A1": "男", "B1": "", "A2": "女", "B2": ""}, extra='<mergeCells><mergeCell ref="B1:B2"/></mergeCells>')
    result = fill(source, "表.xlsx", [Write(at("B1", "表"), Decimal(3)), Write(at("B2", "表"), Decimal(4))])
    assert [(p.code, p.cell) for p in result.problems] == [("render.unmerged", "B1:B2")]
    assert cell_xml(result.data, "B1") + cell_xml(result.data, "B2") == '<c r="B1" s="2"><v>3</v></c><c r="B2" s="2"><v>4</v></c>'
    assert "mergeCell" not in sheet_xml(result.data)


def test_several_blanks_of_one_rich_text_cell_are_filled_at_once() -> None:
    text = "填报单位：            填报日期：    年  月  日"
    writes = [
        Write(at("A2"), "幸福社区", Blank(5, 17)),
        Write(at("A2"), date(2026, 10, 31), Blank(22, len(text))),
    ]
    result = fill(hard_form(), "花名册.xlsx", writes)
    runs = re.findall(r"<r>(.*?)</r>", cell_xml(result.data, "A2"))
    texts = [re.sub("<[^>]*>", "", run) for run in runs]
    assert texts == ["填报单位：", "幸福社区    ", "填报日期：2026年10月31日"]  # the second label keeps its place on the line
    assert ["<b/>" in runs[0], "<u/>" in runs[1], "<b/>" in runs[2]] == [True, True, False]
