"""What is read from an .xlsx workbook."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

from forms.grid import read_bytes
from forms.model import Book, CellKind, Grid, Rect
from tests.forms.workbooks import MAIN, STYLES_LINK, data, made, number, package, row, text


def sheet(content: bytes, name: str = "人口.xlsx") -> Grid:
    return read_bytes(content, name).grids[0]


def codes(book: Book) -> list[str]:
    return [problem.code for problem in book.problems]


def fill_form(book: Workbook) -> None:
    form = book["表一"]
    form["A1"], form["A2"], form["B2"], form["A3"], form["B3"] = "人口情况表", "指标", "数量", "其中：女", 12
    form.merge_cells("A1:B1")
    form["A1"].font = Font(bold=True, size=16)
    form["A3"].alignment = Alignment(indent=2, horizontal="left")
    form["B3"].border = Border(top=Side("thin"), bottom=Side("thin"))
    form["B3"].fill = PatternFill("solid", fgColor="FFD9D9D9")
    form["B4"].border = Border(top=Side("thin"))
    form["B3"].comment = Comment("年末数", "统计站")
    form.row_dimensions[2].hidden = True
    form.column_dimensions["C"].hidden = True


def test_cells_merges_styles_comments_and_what_is_hidden() -> None:
    grid = sheet(made(fill_form))
    assert grid.merges == (Rect(1, 1, 1, 2),)
    assert grid.text(1, 2) == "人口情况表"
    assert (grid.cells[1, 1].style.bold, grid.cells[1, 1].style.font_size) == (True, 16)
    assert (grid.cells[3, 1].style.indent, grid.cells[3, 1].style.halign) == (2, "left")
    value = grid.cells[3, 2]
    assert (value.text, value.value, value.kind, value.comment) == ("12", Decimal(12), CellKind.NUMBER, "年末数")
    assert (value.style.top, value.style.left, value.style.bottom, value.style.fill) == (True, False, True, "D9D9D9")
    assert grid.cells[4, 2].kind is CellKind.BLANK
    assert grid.cells[4, 2].style.top
    assert (grid.hidden_rows, grid.hidden_cols) == ({2}, {3})
    assert grid.extent == Rect(1, 1, 3, 2)


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (2016, "General", "2016"),
        (0.30000000000000004, "General", "0.3"),
        (1, "00", "01"),
        (1234.5, "#,##0.00", "1,234.50"),
        (0.125, "0.0%", "12.5%"),
        (0.5, "0%", "50%"),
        (12, '0"人"', "12人"),
        (-3, "0;-0;0", "-3"),
        (0, '0;-0;"—"', "—"),
        (-1234, "#,##0.0_);(#,##0.0)", "(1,234.0)"),
        (2.5, "#.##", "2.5"),
        (3, "0.00_ ", "3.00"),
        (12345, "0.0,", "12.3"),
        (1.5, "[Red]0.0", "1.5"),
        (420101001001, "General", "420101001001"),
        (5, "@", "5"),
        (1200, "[$¥-804]#,##0", "¥1,200"),
    ],
)
def test_a_number_reads_as_its_format_shows_it(value: float, number_format: str, shown: str) -> None:
    def fill(book: Workbook) -> None:
        book["表一"]["A1"] = value
        book["表一"]["A1"].number_format = number_format

    cell = sheet(made(fill)).cells[1, 1]
    assert cell.text == shown
    assert cell.value == Decimal(repr(value)).quantize(Decimal("0.0001"))


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [
        ("yyyy-mm-dd", "2026-03-05"),
        ('yyyy"年"m"月"d"日"', "2026-03-05"),
        ('yyyy"年"m"月"', "2026-03"),
        ("yyyy/m", "2026-03"),
        ('[DBNum1][$-804]yyyy"年"m"月"d"日"', "2026-03-05"),
        ("m/d/yy", "2026-03-05"),
        ("yyyy", "2026"),
        ("mmm-yy", "2026-03"),
    ],
)
def test_a_date_reads_to_the_precision_of_its_format(number_format: str, shown: str) -> None:
    def fill(book: Workbook) -> None:
        book["表一"]["A1"] = date(2026, 3, 5)
        book["表一"]["A1"].number_format = number_format

    cell = sheet(made(fill)).cells[1, 1]
    assert (cell.text, cell.value, cell.kind) == (shown, date(2026, 3, 5), CellKind.DATE)


def test_a_date_with_a_clock_time() -> None:
    def fill(book: Workbook) -> None:
        book["表一"]["A1"] = datetime(2026, 3, 5, 14, 30)

    cell = sheet(made(fill)).cells[1, 1]
    assert (cell.text, cell.value) == ("2026-03-05 14:30", datetime(2026, 3, 5, 14, 30))


def test_the_1904_date_system() -> None:
    styles = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    content = package(
        data(row(1, '<c r="A1" s="1"><v>44624</v></c>')),
        {"xl/styles.xml": styles},
        links=STYLES_LINK,
        workbook='<workbookPr date1904="1"/>',
    )
    assert sheet(content).cells[1, 1].value == date(2026, 3, 5)


def test_a_formula_keeps_its_source_and_its_result() -> None:
    book = read_bytes(package(data(row(1, number("A1", "3"), number("B1", "5"), number("C1", "8", "A1+B1")))), "合计.xlsx")
    cell = book.grids[0].cells[1, 3]
    assert (cell.formula, cell.value, cell.text) == ("A1+B1", Decimal(8), "8")
    assert codes(book) == []


def test_a_shared_formula_reads_as_it_stands_in_each_cell() -> None:
    first = '<c r="C1"><f t="shared" ref="C1:C2" si="0">A1+B1</f><v>8</v></c>'
    second = '<c r="C2"><f t="shared" si="0"/><v>9</v></c>'
    grid = sheet(package(data(row(1, first), row(2, second))))
    assert [grid.cells[place].formula for place in ((1, 3), (2, 3))] == ["A1+B1", "A2+B2"]


def test_a_formula_without_a_result_is_told() -> None:
    book = read_bytes(package(data(row(1, '<c r="B2"><f>SUM(B3:B9)</f></c>'))), "合计.xlsx")
    told = book.problems[0]
    assert (told.code, told.sheet, told.cell) == ("cell.no-cached-value", "表一", "B1")
    assert "=SUM(B3:B9)" in told.message


def test_rich_text_reads_whole_and_without_its_reading_aids() -> None:
    parts = '<r><t xml:space="preserve">其中： </t></r><r><rPr><b/></rPr><t>女</t></r><rPh sb="0" eb="1"><t>nv</t></rPh>'
    grid = sheet(package(data(row(1, f'<c r="A1" t="inlineStr"><is>{parts}</is></c>'))))
    assert grid.text(1, 1) == "其中： 女"


def test_leading_spaces_and_line_breaks_stay() -> None:
    grid = sheet(package(data(row(1, text("A1", "　　1.男\n（人）")))))
    assert grid.text(1, 1) == "　　1.男\n（人）"


def test_rows_and_cells_without_addresses_count_on() -> None:
    grid = sheet(
        package("<sheetData><row><c t='str'><v>甲</v></c><c t='str'><v>乙</v></c></row><row><c><v>1</v></c></row></sheetData>")
    )
    assert {place: cell.text for place, cell in grid.cells.items()} == {(1, 1): "甲", (1, 2): "乙", (2, 1): "1"}


def test_drop_downs_printed_or_taken_from_another_sheet() -> None:
    def fill(book: Workbook) -> None:
        codes_sheet = book.create_sheet("字典")
        for place, word in enumerate(("汉族", "土家族", "苗族"), 1):
            codes_sheet.cell(place, 1, word)
        for source, block in (('"男,女"', "B2:B9"), ("字典!$A$1:$A$3", "C2:C9")):
            validation = DataValidation(type="list", formula1=source)
            validation.add(block)
            book["表一"].add_data_validation(validation)
        book["表一"]["A1"] = "姓名"

    found = {str(validation.rect): validation.options for validation in sheet(made(fill)).validations}
    assert found == {"B2:B9": ("男", "女"), "C2:C9": ("汉族", "土家族", "苗族")}


def test_hidden_sheets_are_read_and_told() -> None:
    def fill(book: Workbook) -> None:
        book["表一"]["A1"] = "姓名"
        for name, state in (("辅助", "hidden"), ("参数", "veryHidden")):
            book.create_sheet(name)["A1"] = "内容"
            book[name].sheet_state = state

    book = read_bytes(made(fill), "人口.xlsx")
    assert [(grid.name, grid.state) for grid in book.grids] == [("表一", "visible"), ("辅助", "hidden"), ("参数", "veryHidden")]
    assert [(problem.code, problem.sheet) for problem in book.problems] == [
        ("sheet.hidden", "辅助"),
        ("sheet.very-hidden", "参数"),
    ]


def test_the_strict_variant_of_the_format_is_read_too() -> None:
    grid = sheet(
        package(
            "",
            {
                "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><sheetData>'
                '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row></sheetData></worksheet>'
            },
        )
    )
    assert grid.text(1, 1) == "姓名"


def test_elements_with_a_prefix_are_read_too() -> None:
    rows = '<x:row r="1"><x:c r="A1"><x:v>5</x:v></x:c></x:row>'
    written = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    assert sheet(package("", {"xl/worksheets/sheet1.xml": written})).cells[1, 1].value == Decimal(5)


def test_a_merge_of_whole_columns_is_cut_to_the_used_block() -> None:
    grid = sheet(package(data(row(1, text("A1", "姓名"))) + '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'))
    assert grid.merges[0].height * grid.merges[0].width < 50_000
    assert grid.text(2, 2) == "姓名"
