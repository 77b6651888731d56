"""How a value becomes the content of a cell."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from forms.grid import read_bytes
from forms.model import Address, Blank, CellKind, CellValue
from forms.render import Write, fill
from forms.render.content import to_serial
from forms.values import Absence
from tests.forms.render_book import plain_form
from tests.forms.test_render_package import cell_xml

# Styles of the test form: 2 plain, 3 a date format, 4 text (@), 5 #,##0.00
B1 = Address("表", 1, 2)


def written(value: CellValue, style: int = 2, before: str = "") -> str:
    source = plain_form({"A1": "项目", "B1": before})
    if style != 2:
        source = _with_style(source, style)
    return cell_xml(fill(source, "表.xlsx", [Write(B1, value)]).data, "B1")


def _with_style(source: bytes, style: int) -> bytes:
    from tests.forms.render_book import pack
    from tests.forms.test_render_package import contents

    found = {name: data.decode() for name, data in contents(source).items()}
    found["xl/worksheets/sheet1.xml"] = found["xl/worksheets/sheet1.xml"].replace('r="B1" s="2"', f'r="B1" s="{style}"')
    return pack(found)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (Decimal("12.50"), '<c r="B1" s="2"><v>12.50</v></c>'),
        (Decimal("0"), '<c r="B1" s="2"><v>0</v></c>'),
        (Decimal("-0.00"), '<c r="B1" s="2"><v>0.00</v></c>'),
        (Decimal("1E+3"), '<c r="B1" s="2"><v>1000</v></c>'),
        (Decimal("0.1"), '<c r="B1" s="2"><v>0.1</v></c>'),
        (Decimal("123456789012345.6"), '<c r="B1" s="2" t="inlineStr"><is><t>123456789012345.6</t></is></c>'),
        (Decimal("990101199001010000"), '<c r="B1" s="2" t="inlineStr"><is><t>990101199001010000</t></is></c>'),
        ("990101199001011234", '<c r="B1" s="2" t="inlineStr"><is><t>990101199001011234</t></is></c>'),
        ("13800000000", '<c r="B1" s="2" t="inlineStr"><is><t>13800000000</t></is></c>'),
        ("007", '<c r="B1" s="2" t="inlineStr"><is><t>007</t></is></c>'),
        (True, '<c r="B1" s="2" t="b"><v>1</v></c>'),
        ("", '<c r="B1" s="2"/>'),
        ("—", '<c r="B1" s="2" t="inlineStr"><is><t>—</t></is></c>'),
        (Absence.BLANK, '<c r="B1" s="2"/>'),
        (Absence.DASH, '<c r="B1" s="2" t="inlineStr"><is><t>—</t></is></c>'),
        (Absence.NOT_APPLICABLE, '<c r="B1" s="2" t="inlineStr"><is><t>不适用</t></is></c>'),
        ("不适用", '<c r="B1" s="2" t="inlineStr"><is><t>不适用</t></is></c>'),
        (" 前后 ", '<c r="B1" s="2" t="inlineStr"><is><t xml:space="preserve"> 前后 </t></is></c>'),
        ("a<b>&\"c\"", '<c r="B1" s="2" t="inlineStr"><is><t>a&lt;b&gt;&amp;"c"</t></is></c>'),
        ("_x0041_", '<c r="B1" s="2" t="inlineStr"><is><t>_x005F_x0041_</t></is></c>'),
        (date(2026, 10, 31), '<c r="B1" s="2" t="inlineStr"><is><t>2026年10月31日</t></is></c>'),
        (datetime(2026, 10, 31, 9, 5), '<c r="B1" s="2" t="inlineStr"><is><t>2026年10月31日 09:05</t></is></c>'),
        (time(9, 5), '<c r="B1" s="2" t="inlineStr"><is><t>09:05</t></is></c>'),
    ],
)  # fmt: skip
def test_value_in_a_plain_cell(value: CellValue, cell: str) -> None:
    assert written(value) in (cell, cell.replace('"/>', '"></c>'))


@pytest.mark.parametrize("text", ["=1+1", "+86 138", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_what_looks_like_a_formula_is_text(text: str) -> None:
    xml = written(text)
    assert "<f" not in xml
    assert 't="inlineStr"' in xml
    book = read_bytes(fill(plain_form({"B1": ""}), "表.xlsx", [Write(B1, text)]).data, "表.xlsx")
    cell = book.grids[0].cell(1, 2)
    assert cell is not None
    assert (cell.formula, cell.text) == (None, text.replace("\r", "\n"))


def test_a_date_is_a_day_number_where_the_cell_shows_dates() -> None:
    assert written(date(2026, 10, 31), style=3) == '<c r="B1" s="3"><v>46326</v></c>'
    assert written(datetime(2026, 10, 31, 12, 0), style=3) == '<c r="B1" s="3"><v>46326.5</v></c>'


def test_a_date_in_a_text_or_number_cell_is_text() -> None:
    assert "2026年10月31日" in written(date(2026, 10, 31), style=4)
    assert "2026年10月31日" in written(date(2026, 10, 31), style=5)


@pytest.mark.parametrize(
    ("day", "serial", "since_1904"),
    [
        (date(1900, 1, 1), 1, None),
        (date(1900, 2, 28), 59, None),
        (date(1900, 3, 1), 61, None),  # day 60 is the leap day that never was
        (date(1904, 1, 1), 1462, 0),
        (date(2026, 10, 31), 46326, 44864),
        (date(1899, 12, 31), None, None),
    ],
)
def test_day_numbers_of_both_date_systems(day: date, serial: int | None, since_1904: int | None) -> None:
    assert (to_serial(day), to_serial(day, True)) == (serial, since_1904)


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("    年  月  日", "2026年3月5日"),
        ("____年__月__日", "2026年3月5日"),
        ("   年   月", "2026年3月"),
        ("2025年12月31日", "2026年3月5日"),
        ("     -    -    ", "2026-03-05"),
        ("    .   .   ", "2026.03.05"),
    ],
)
def test_a_date_follows_the_places_that_the_form_prints(printed: str, text: str) -> None:
    assert f">{text}<" in written(date(2026, 3, 5), before=printed)


@pytest.mark.parametrize(
    ("text", "blank", "value", "after"),
    [
        ("填报单位：______  填报人：", (5, 11), "幸福社区", "填报单位：幸福社区  填报人："),
        ("填报单位：______  填报人：", (17, 17), "张三", "填报单位：______  填报人：张三"),
        ("填报单位：____________填报人：", (5, 17), "幸福社区", "填报单位：幸福社区    填报人："),
        ("共____人，其中：男____人", (1, 5), Decimal(12), "共12人，其中：男____人"),
        ("填报日期：    年  月  日", (5, 16), date(2026, 10, 31), "填报日期：2026年10月31日"),
        ("填报日期：    年  月  日（盖章）", (5, 16), date(2026, 10, 31), "填报日期：2026年10月31日（盖章）"),
        ("填报日期：    年  月  日", (5, 9), date(2026, 10, 31), "填报日期：2026年10月31日"),
        ("统计月份：    年  月", (5, 13), date(2026, 10, 31), "统计月份：2026年10月"),
        ("单位：（  ）", (4, 6), "万元", "单位：（万元）"),
    ],
)
def test_a_blank_inside_a_text(text: str, blank: tuple[int, int], value: CellValue, after: str) -> None:
    result = fill(plain_form({"A1": text}), "表.xlsx", [Write(Address("表", 1, 1), value, Blank(*blank))])
    assert result.problems == ()
    assert read_bytes(result.data, "表.xlsx").grids[0].text(1, 1) == after


def test_both_blanks_of_a_line_in_one_go() -> None:
    a1 = Address("表", 1, 1)
    writes = [Write(a1, "张三", Blank(17, 17)), Write(a1, "幸福社区", Blank(5, 11))]
    result = fill(plain_form({"A1": "填报单位：______  填报人："}), "表.xlsx", writes)
    assert read_bytes(result.data, "表.xlsx").grids[0].text(1, 1) == "填报单位：幸福社区  填报人：张三"


def test_no_value_leaves_a_blank_as_printed() -> None:
    source = plain_form({"A1": "填报人：____", "B1": "□是 □否"})
    assert fill(source, "表.xlsx", [Write(Address("表", 1, 1), None, Blank(4, 8)), Write(B1, None)]).data == source


def test_a_number_leaves_the_unit_that_is_printed_in_its_cell() -> None:
    assert ">120平方米<" in written(Decimal(120), before="      平方米")
    assert ">5人<" in written(Decimal(5), before="____人")
    assert "<v>5</v>" in written(Decimal(5), before="去年的数")


def test_a_blank_that_is_not_there_is_a_problem() -> None:
    source = plain_form({"A1": "填报人："})
    result = fill(source, "表.xlsx", [Write(Address("表", 1, 1), "张三", Blank(4, 20))])
    assert (result.data, [p.code for p in result.problems]) == (source, ["render.blank-moved"])


def test_no_value_empties_a_cell_and_keeps_its_style() -> None:
    assert written(None, before="去年的") == '<c r="B1" s="2"/>'


def test_characters_that_xml_forbids_are_taken_out_and_told() -> None:
    result = fill(plain_form({"B1": ""}), "表.xlsx", [Write(B1, "王\x0b小\x00明\ufffe")])
    cell = read_bytes(result.data, "表.xlsx").grids[0].cell(1, 2)
    assert cell is not None
    assert (cell.text, cell.kind) == ("王小明", CellKind.TEXT)
    assert [(p.code, p.cell) for p in result.problems] == [("render.illegal-characters", "B1")]


@pytest.mark.parametrize(("value", "code"), [(Decimal("NaN"), "render.not-a-number"), ("长" * 32768, "render.too-long")])
def test_what_fits_no_cell_is_a_problem(value: CellValue, code: str) -> None:
    source = plain_form({"B1": ""})
    result = fill(source, "表.xlsx", [Write(B1, value)])
    assert (result.data, [p.code for p in result.problems]) == (source, [code])
