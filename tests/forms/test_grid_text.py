"""Tables in csv and html, also when they call themselves workbooks."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from forms.grid import read_bytes
from forms.model import Book, CellKind, Rect
from forms.recognise import recognise

ROSTER = "姓名,村组,人数\n张三,一组,3\n李四,二组,4\n"


def shown(book: Book) -> list[list[str]]:
    grid = book.grids[0]
    block = grid.extent
    assert block is not None
    return [[grid.text(row, col) for col in range(block.left, block.right + 1)] for row in range(block.top, block.bottom + 1)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_every_encoding_and_separator_gives_the_same_table(encoding: str, separator: str) -> None:
    book = read_bytes(ROSTER.replace(",", separator).encode(encoding), "花名册.csv")
    assert shown(book) == [["姓名", "村组", "人数"], ["张三", "一组", "3"], ["李四", "二组", "4"]]
    assert (book.format, book.problems, book.grids[0].name) == ("csv", (), "花名册")


def test_rare_characters_of_names_survive_gb18030() -> None:
    assert read_bytes("姓名,村\n㙓𠮷,甲\n".encode("gb18030"), "a.csv").grids[0].text(2, 1) == "㙓𠮷"


def test_quotes_commas_and_line_breaks_inside_a_cell() -> None:
    book = read_bytes('指标,说明\n"人口,户籍","第一行\n第二行"\n'.encode(), "a.csv")
    assert shown(book)[1] == ["人口,户籍", "第一行\n第二行"]


def test_codes_stay_text_and_plain_numbers_become_numbers() -> None:
    cells = read_bytes(b'a,b,c,d\n007,12.50,420101199001011234,="0012"\n', "a.csv").grids[0].cells
    assert [(cells[2, col].value, cells[2, col].kind) for col in (1, 2, 3, 4)] == [
        ("007", CellKind.TEXT),
        (Decimal("12.50"), CellKind.NUMBER),
        ("420101199001011234", CellKind.TEXT),
        ("0012", CellKind.TEXT),
    ]


def test_an_id_number_that_a_csv_export_shortened_is_a_problem_and_no_value() -> None:
    book = read_bytes("姓名,身份证号\n张三,4.20101E+17\n".encode("gbk"), "名单.csv")
    assert [(problem.code, problem.cell) for problem in book.problems] == [("cell.rounded-id", "B2")]
    assert book.grids[0].cells[2, 2].value is None


PAGE = """<html><head><meta charset="{0}"><title>导出</title><style>td {{}}</style></head><body><h3>人口情况表</h3>
<table border="1"><tr><th rowspan="2">村名</th><th colspan="2">人口</th></tr><tr><th>男</th><th>女</th></tr>
<tr><td>&nbsp;&nbsp;甲村</td><td>3</td><td style="text-align:right">4<br>（约）</td></tr></table><p>填表人：</p></body></html>"""


@pytest.mark.parametrize(("encoding", "named"), [("utf-8", "utf-8"), ("gbk", "gb2312"), ("gb18030", "")])
def test_a_page_that_calls_itself_xls(encoding: str, named: str) -> None:
    book = read_bytes(PAGE.format(named).encode(encoding), "人口.xls")
    grid = book.grids[0]
    assert book.format == "html"
    assert [problem.code for problem in book.problems] == ["file.html-as-xls"]
    assert shown(book) == [
        ["人口情况表", "", ""],
        ["村名", "人口", "人口"],
        ["村名", "男", "女"],
        ["  甲村", "3", "4\n（约）"],
        ["", "", ""],
        ["填表人：", "", ""],
    ]
    assert set(grid.merges) == {Rect(2, 1, 3, 1), Rect(2, 2, 2, 3)}
    assert grid.cells[2, 1].style.bold
    assert grid.cells[4, 3].style.halign == "right"
    assert grid.cells[4, 2].style.top


def test_two_tables_of_a_page_come_one_under_the_other_and_nothing_is_lost() -> None:
    book = read_bytes(
        "<table><tr><td>甲</td></tr></table>说明<table><tr><td>乙<table><tr><td>丙</td></tr></table></td></tr></table>".encode(),
        "a.html",
    )
    assert [text for line in shown(book) for text in line if text] == ["甲", "说明", "乙", "丙"]


def test_a_single_file_web_page_is_opened() -> None:
    page = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=B\n\n--B\nContent-Type: text/html; charset=utf-8\n"
    content = (
        page + "Content-Transfer-Encoding: 8bit\n\n" + "<html><body><table><tr><td>姓名</td></tr></table></body></html>\n--B--\n"
    )
    assert read_bytes(content.encode(), "a.xls").grids[0].text(1, 1) == "姓名"


def test_absurd_spans_do_no_harm() -> None:
    book = read_bytes(b'<table><tr><td colspan="99999999" rowspan="99999999">a</td></tr></table>', "a.html")
    assert book.grids[0].text(1, 1) == "a"


@pytest.mark.parametrize(
    "spans",
    [
        'rowspan="1000" colspan="1000"',
        *(
            pytest.param(spans, marks=pytest.mark.slow)
            for spans in ('rowspan="2000"', 'colspan="1000"', 'rowspan="65536" colspan="16384"')
        ),
    ],
)
def test_thousands_of_huge_spans_cost_seconds_and_are_told(spans: str) -> None:
    lines = "".join(f"<tr><td {spans}>项目{number}</td><td></td></tr>" for number in range(2000))
    start = time.process_time()
    book = read_bytes(f"<table border=1>{lines}</table>".encode(), "a.xls")
    recognise(book)
    assert time.process_time() - start < 5  # 50 s before; a third of this on an idle machine
    assert "cell.absurd-span" in {problem.code for problem in book.problems}
    assert {cell.text for cell in book.grids[0].cells.values() if cell.text} == {f"项目{number}" for number in range(2000)}


def test_a_cell_is_merged_down_to_the_last_row_of_its_table_at_most() -> None:
    page = '<table><tr><td rowspan="9">甲</td><td>1</td></tr><tr><td>2</td></tr></table><p>后面</p>'
    grid = read_bytes(page.encode(), "a.html").grids[0]
    assert grid.merges == (Rect(1, 1, 2, 1),)
    assert [place for place, cell in grid.cells.items() if cell.text == "后面"] == [(4, 1)]
