"""Rosters that get more records than they have printed rows, and all that has to move with them."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from forms.grid import read_bytes
from forms.model import Address, CellValue, Rect
from forms.render import Rendered, RosterRows, Write, fill
from tests.forms.render_book import ROSTER, hard_form, plain_form
from tests.forms.test_render_package import SHEET, cell_xml, changed_parts, contents, sheet_xml

PRINTED = Rect(6, 1, 8, 7)


def people(count: int) -> tuple[tuple[CellValue, ...], ...]:
    return tuple((f"人{i}", "男" if i % 2 else "女", Decimal(i), f"幸福路{i}号") for i in range(1, count + 1))


def grown(count: int = 6, source: bytes | None = None) -> Rendered:
    """The hard form with `count` people: for 6 the three printed rows become six, so that row 9 moves to 12."""
    roster = RosterRows(ROSTER, PRINTED, (2, 3, 4, 6), people(count), serial=1)
    return fill(source or hard_form(), "花名册.xlsx", [Write(Address(ROSTER, 11, 2), "李四")], [roster])


def table(data: bytes, sheet: int = 0) -> list[list[str]]:
    grid = read_bytes(data, "x.xlsx").grids[sheet]
    extent = grid.extent
    assert extent is not None
    return [[grid.text(row, col) for col in range(1, extent.right + 1)] for row in range(1, extent.bottom + 1)]


def part(data: bytes, name: str) -> str:
    return contents(data)[name].decode("utf-8")


def test_records_fill_printed_rows_then_new_ones_and_are_numbered_on() -> None:
    rows = table(grown().data)[5:11]
    assert [row[:4] for row in rows] == [
        ["1", "人1", "☑男 □女", "1.00"],
        ["2", "人2", "□男 ☑女", "2.00"],
        ["3", "人3", "☑男 □女", "3.00"],
        ["4", "人4", "□男 ☑女", "4.00"],
        ["5", "人5", "☑男 □女", "5.00"],
        ["6", "人6", "□男 ☑女", "6.00"],
    ]


def test_what_stands_below_moves_and_the_result_says_where() -> None:
    result = grown()
    assert result.problems == ()
    assert result.moved == {ROSTER: {8: 11, 9: 12, 11: 14, 13: 16, 10: 13, 12: 15}}
    assert table(result.data)[13][:2] == ["经办人", "李四"]
    assert result.place(Address(ROSTER, 11, 2)) == Address(ROSTER, 14, 2)
    assert result.place(Address(ROSTER, 2, 1)) == Address(ROSTER, 2, 1)


def test_rows_and_cells_are_numbered_in_order() -> None:
    xml = sheet_xml(grown().data)
    rows = [int(number) for number in re.findall(r'<row r="(\d+)"', xml)]
    assert rows == sorted(set(rows))
    for number, body in re.findall(r'<row r="(\d+)".*?(?:/>|>(.*?)</row>)', xml):
        assert set(re.findall(r'<c r="[A-Z]+(\d+)"', body)) <= {number}


def test_new_rows_have_style_height_and_merges_of_the_first() -> None:
    result = grown()
    xml = sheet_xml(result.data)
    assert re.findall(r'<row r="(\d+)"[^>]*ht="22.5" customHeight="1"', xml) == ["6", "7", "8", "9", "10", "11"]
    assert {re.search(r's="(\d)"', cell_xml(result.data, f"D{row}"))[1] for row in range(6, 12)} == {"5"}  # type: ignore[index]
    merged = set(re.findall(r'<mergeCell ref="([^"]*)"', xml))
    assert merged == {"A1:G1", "B4:C4", "D14:F14", *(f"F{row}:G{row}" for row in range(6, 12))}
    assert '<mergeCells count="9">' in xml


def test_formulas_grow_move_and_repeat() -> None:
    data = grown().data
    formulas = dict(re.findall(r'<c r="(\w+)"[^>]*><f>(.*?)</f>', sheet_xml(data)))
    assert formulas == {
        **{f"E{row}": f"D{row}/2" for row in range(6, 12)},
        "D12": "SUM(D6:D11)",
        "E12": 'IF(D12&gt;0,SUM(E6:E11),"D6:D8")',
        "A16": "D12-D$6",
    }
    summary = part(data, "xl/worksheets/sheet2.xml")
    assert re.findall(r"<f>(.*?)</f>", summary) == [
        f"{ROSTER}!D12*2", f'SUM({ROSTER}!$D$6:$D$11)+LEN("{ROSTER}!D9")', "A1+1", "合计数",
    ]  # fmt: skip


def test_the_sheet_s_own_blocks_move_and_grow() -> None:
    xml = sheet_xml(grown().data)
    assert '<dimension ref="A1:G16"/>' in xml
    assert 'activeCell="B12" sqref="B12"' in xml
    assert 'topLeftCell="A6"' in xml
    assert '<protectedRange sqref="B6:D11"' in xml
    assert '<conditionalFormatting sqref="D6:D11">' in xml
    assert "<formula>$D6&gt;$D$12</formula>" in xml
    assert '<conditionalFormatting sqref="D12">' in xml
    assert "<formula>$D$14</formula>" in xml
    assert 'type="decimal" allowBlank="1" sqref="D6 D8:D10"' in xml  # printed on the first row only: the new rows get it too
    assert 'type="list" sqref="B14"><formula1>$A$12:$A$14</formula1>' in xml
    assert f'<hyperlink ref="A14" location="{ROSTER}!A16"' in xml
    assert '<brk id="13" max="16383" man="1"/>' in xml
    assert f"<xm:f>汇总!$A$1&gt;{ROSTER}!$D$12</xm:f>" in xml
    assert "<xm:sqref>E6:E11</xm:sqref>" in xml


def test_drawings_controls_comments_tables_and_charts_move() -> None:
    data = grown().data
    drawing = part(data, "xl/drawings/drawing1.xml")
    corners = re.findall(r"<xdr:row>(\d+)</xdr:row>", drawing)
    assert corners == ["12", "15", "1", "12", "20", "21"]  # the seal moved whole, the chart grew, the fixed box stayed
    assert f'textlink="{ROSTER}!$D$12"' in drawing
    vml = part(data, "xl/drawings/vmlDrawing1.vml")
    assert "1, 0, 14, 2, 2, 0, 15, 2</x:Anchor><x:FmlaLink>$G$14<" in vml
    assert "4, 15, 11, 4, 6, 31, 14, 9</x:Anchor><x:Row>11</x:Row>" in vml
    assert re.findall(r">(\d+)</xdr:row>", sheet_xml(data)) == ["14", "15"]
    assert 'fmlaLink="$G$14"' in part(data, "xl/ctrlProps/ctrlProp1.xml")
    assert '<comment ref="D12"' in part(data, "xl/comments1.xml")
    assert part(data, "xl/tables/table1.xml").count('ref="A14:D15"') == 2
    assert re.findall("<c:f>(.*?)</c:f>", part(data, "xl/charts/chart1.xml")) == [f"{ROSTER}!$B$6:$B$11", f"{ROSTER}!$D$6:$D$11"]


def test_defined_names_move_and_grow() -> None:
    names = dict(re.findall(r'<definedName name="([^"]*)"[^>]*>(.*?)</definedName>', part(grown().data, "xl/workbook.xml")))
    assert names == {
        "_xlnm.Print_Area": f"{ROSTER}!$A$1:$F$16",
        "_xlnm.Print_Titles": f"{ROSTER}!$A:$A,{ROSTER}!$4:$5",
        "合计数": f"{ROSTER}!$D$12",
        "全部金额": f"{ROSTER}!$D$6:$D$11",
    }


def test_the_calculation_chain_goes_with_its_entries_and_nothing_else() -> None:
    source, result = hard_form(), grown()
    before, after = contents(source), contents(result.data)
    assert before.keys() - after.keys() == {"xl/calcChain.xml"}
    assert "calcChain" not in part(result.data, "[Content_Types].xml") + part(result.data, "xl/_rels/workbook.xml.rels")
    untouched = {"xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet3.xml", "_rels/.rels"}
    assert not untouched & changed_parts(source, result.data)


def test_fewer_records_than_printed_rows_leave_the_rows_and_the_rest_of_the_package() -> None:
    source = hard_form()
    result = grown(2, source)
    assert changed_parts(source, result.data) == {SHEET, "xl/worksheets/sheet2.xml"}
    assert [row[:4] for row in table(result.data)[5:9]] == [
        ["1", "人1", "☑男 □女", "1.00"],
        ["2", "人2", "□男 ☑女", "2.00"],
        ["3", "", "□男 □女", ""],
        ["合计", "", "", ""],
    ]


def test_a_second_filling_with_fewer_people_leaves_nobody_behind() -> None:
    first = grown(3)
    second = grown(1, first.data)
    assert "人2" not in str(table(second.data)) + str(table(second.data))
    assert [row[1] for row in table(second.data)[5:8]] == ["人1", "", ""]


ONE_ROW = {"A1": "姓名", "B1": "金额", "A2": "", "B2": "", "A3": "合计", "B3": "<f>SUM(B2:B2)</f><v>0</v>"}


def test_a_roster_with_one_printed_row_grows_under_it_and_its_total_with_it() -> None:
    roster = RosterRows("表", Rect(2, 1, 2, 2), (1, 2), (("甲", Decimal(1)), ("乙", Decimal(2)), ("丙", Decimal(3))))
    merges = '<mergeCells><mergeCell ref="D1:D2"/></mergeCells>'
    result = fill(plain_form(ONE_ROW, extra=merges), "x.xlsx", [], [roster])
    assert [row[:2] for row in table(result.data)] == [["姓名", "金额"], ["甲", "1"], ["乙", "2"], ["丙", "3"], ["合计", ""]]
    assert "<f>SUM(B2:B4)</f>" in cell_xml(result.data, "B5")
    assert '<mergeCell ref="D1:D4"/>' in sheet_xml(result.data)  # the caption down the left still spans header and rows


def test_a_row_that_adds_up_its_own_cells_does_not_take_in_the_new_rows() -> None:
    form = {"A1": "甲", "B1": "乙", "C1": "计", "A2": "", "B2": "", "C2": "<f>SUM(A2:B2)</f>", "C3": "<f>SUM(C2:C2)</f>"}
    roster = RosterRows("表", Rect(2, 1, 2, 3), (1, 2), ((Decimal(1), Decimal(2)), (Decimal(3), Decimal(4))))
    result = fill(plain_form(form), "x.xlsx", [], [roster])
    assert re.findall("<f>(.*?)</f>", sheet_xml(result.data)) == ["SUM(A2:B2)", "SUM(A3:B3)", "SUM(C2:C3)"]


def test_a_running_total_goes_on_over_the_new_rows() -> None:
    form = {
        "A1": "金额",
        "B1": "累计",
        "A2": "",
        "B2": "<f>A2</f>",
        "A3": "",
        "B3": "<f>B2+A3</f>",
        "A4": "",
        "B4": "<f>B3+A4</f>",
    }
    roster = RosterRows("表", Rect(2, 1, 4, 2), (1,), tuple((Decimal(i),) for i in range(5)))
    result = fill(plain_form(form), "x.xlsx", [], [roster])
    assert re.findall("<f>(.*?)</f>", sheet_xml(result.data)) == ["A2", "B2+A3", "B3+A4", "B4+A5", "B5+A6"]


def test_a_total_that_names_the_rows_one_by_one_is_told() -> None:
    form = {"A1": "金额", "A2": "", "A3": "", "A4": "<f>A2+A3</f>"}
    roster = RosterRows("表", Rect(2, 1, 3, 1), (1,), tuple((Decimal(i),) for i in range(4)))
    result = fill(plain_form(form), "x.xlsx", [], [roster])
    assert [(p.code, p.cell) for p in result.problems] == [("render.adds-row-by-row", "A4")]


def test_a_block_merged_down_a_roster_keeps_one_value_and_is_taken_apart_for_several() -> None:
    form = {"A1": "户号", "B1": "姓名", "A2": "", "B2": "", "A3": "", "B3": ""}
    merges = '<mergeCells count="2"><mergeCell ref="A2:A3"/><mergeCell ref="D1:E1"/></mergeCells>'
    for second, blocks, told in (("1", ["A2:A3", "D1:E1"], []), ("2", ["D1:E1"], ["render.unmerged"])):
        roster = RosterRows("表", Rect(2, 1, 3, 2), (1, 2), (("1", "甲"), (second, "乙")))
        result = fill(plain_form(form, extra=merges), "x.xlsx", [], [roster])
        assert re.findall(r'<mergeCell ref="([^"]*)"', sheet_xml(result.data)) == blocks
        assert f'<mergeCells count="{len(blocks)}">' in sheet_xml(result.data)
        assert [p.code for p in result.problems] == told
        assert table(result.data)[2][:2] == [second, "乙"]


def test_two_rosters_one_below_the_other_both_grow() -> None:
    form = {"A1": "一", "A2": "", "A3": "", "A4": "二", "A5": "", "A6": "", "A7": "完"}
    rosters = [
        RosterRows("表", Rect(2, 1, 3, 1), (1,), tuple((f"甲{i}",) for i in range(3))),
        RosterRows("表", Rect(5, 1, 6, 1), (1,), tuple((f"乙{i}",) for i in range(4))),
    ]
    result = fill(plain_form(form), "x.xlsx", [], rosters)
    assert [row[0] for row in table(result.data)] == ["一", "甲0", "甲1", "甲2", "二", "乙0", "乙1", "乙2", "乙3", "完"]
    assert result.moved["表"] == {3: 4, 4: 5, 5: 6, 6: 9, 7: 10}


def test_two_rosters_side_by_side_share_the_new_rows() -> None:
    form = {"A1": "男", "B1": "女", "A2": "", "B2": "", "A3": "", "B3": "", "A4": "完"}
    rosters = [
        RosterRows("表", Rect(2, 1, 3, 1), (1,), tuple((f"男{i}",) for i in range(4))),
        RosterRows("表", Rect(2, 2, 3, 2), (2,), tuple((f"女{i}",) for i in range(3))),
    ]
    result = fill(plain_form(form), "x.xlsx", [], rosters)
    assert table(result.data) == [["男", "女"], ["男0", "女0"], ["男1", "女1"], ["男2", "女2"], ["男3", ""], ["完", ""]]


def test_rosters_whose_rows_cross_are_a_problem_with_the_number_left_out() -> None:
    form = {"A1": "", "A2": "", "A3": "", "B2": "", "B3": ""}
    rosters = [
        RosterRows("表", Rect(1, 1, 2, 1), (1,), tuple((f"甲{i}",) for i in range(3))),
        RosterRows("表", Rect(2, 2, 3, 2), (2,), tuple((f"乙{i}",) for i in range(5))),
    ]
    result = fill(plain_form(form), "x.xlsx", [], rosters)
    assert [p.code for p in result.problems] == ["render.rosters-overlap"]
    assert "3 条" in result.problems[0].message


@pytest.mark.parametrize("count", [0, 1, 3, 4, 200])
def test_every_record_is_on_the_sheet_once(count: int) -> None:
    rows = table(grown(count).data)
    names = [row[1] for row in rows if row[1].startswith("人")]
    assert names == [f"人{i}" for i in range(1, count + 1)]
