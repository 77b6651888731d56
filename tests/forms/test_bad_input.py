"""A folder of awkward files: each gives its problem with file, place and remedy, none raises, and the others go on."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from forms.grid import limits, read_book, read_bytes
from forms.model import CellKind
from tests.forms.workbooks import EXTERNAL_LINK, MAIN, STYLES_LINK, data, external, made, number, package, row, text

OLD = Path(__file__).parents[1] / "data" / "grid" / "old.xls"
SPREADSHEET_2003 = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
    "<Worksheet><Table><Row><Cell>1</Cell></Row></Table></Worksheet></Workbook>"
)
GOOD = package(data(row(1, text("A1", "姓名"), text("B1", "人数")), row(2, text("A2", "张三"), number("B2", "3"))))


def zipped(**parts: bytes | str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def one_cell(cell: str) -> bytes:
    return package(data(row(1, cell)))


def bomb() -> bytes:
    return package("", {"xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * (limits.ZIP_RATIO_FROM + 1) + b"</worksheet>"})


def many_parts() -> bytes:
    return zipped(**{"[Content_Types].xml": ""}, **{f"xl/part{index}.xml": "" for index in range(limits.ZIP_ENTRIES)})


def laughs() -> str:
    return f'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet xmlns="{MAIN}"><sheetData/></worksheet>'


def locked_old() -> bytes:
    """The old workbook with a FILEPASS record (MS-XLS 2.4.117) where its WRITEACCESS record was: as a password leaves it."""
    out = io.BytesIO(OLD.read_bytes())
    with olefile.OleFileIO(out, write_mode=True) as ole:
        stream = bytearray(ole.openstream("Workbook").read())
        place = stream.index(struct.pack("<HH", 0x5C, 112))
        stream[place : place + 116] = struct.pack("<HHH", 0x2F, 112, 1) + bytes(110)
        ole.write_stream("Workbook", bytes(stream))
    return out.getvalue()


def encrypted_new() -> bytes:
    """The old workbook's container with its stream named as a locked .xlsx names it (MS-OFFCRYPTO 2.3.4.4)."""
    name, locked = "Workbook".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")
    content = bytearray(OLD.read_bytes())
    place = content.index(name)
    content[place : place + 66] = locked.ljust(64, b"\0") + struct.pack("<H", len(locked) + 2)
    return bytes(content)


def merged_figure(book: Workbook) -> None:
    form = book["表一"]
    for line, (village, people) in enumerate((("甲村", 12), ("乙村", None)), 1):
        form.cell(line, 1, village)
        form.cell(line, 2, people)
    form.merge_cells("B1:B2")


AWKWARD: dict[str, tuple[Callable[[], bytes], str, str]] = {
    # file name: (its content, the code told, the cell told)
    "空.xlsx": (bytes, "file.empty", ""),
    "全零.xls": (lambda: bytes(4096), "file.empty", ""),
    "截断.xlsx": (lambda: GOOD[: len(GOOD) // 2], "file.damaged", ""),
    "截断.xls": (lambda: OLD.read_bytes()[:3000], "file.damaged", ""),
    "坏表.xlsx": (lambda: package("<sheetData><row><c r='A1'><v>1</v></row>"), "file.part-damaged", ""),
    "缺表.xlsx": (
        lambda: package("", workbook="<sheets><sheet name='表二' sheetId='2' r:id='rId7'/></sheets>"),
        "file.part-damaged",
        "",
    ),
    "加密.xls": (locked_old, "file.encrypted", ""),
    "加密.xlsx": (encrypted_new, "file.encrypted", ""),
    "假.xlsx": (lambda: b"%PDF-1.7 ...", "file.not-a-workbook", ""),
    "照片.xls": (lambda: b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4, "file.not-a-workbook", ""),
    "信.xls": (lambda: "各村：\n请按时上报。\n此致".encode("gbk"), "file.not-a-workbook", ""),
    "文档.xlsx": (lambda: zipped(**{"[Content_Types].xml": "", "word/document.xml": ""}), "file.not-a-workbook", ""),
    "压缩包.xlsx": (lambda: zipped(**{"表.txt": "x"}), "file.not-a-workbook", ""),
    "乱码.csv": (lambda: bytes(range(1, 256)) * 20, "file.not-a-workbook", ""),
    "二进制.xlsb": (lambda: zipped(**{"[Content_Types].xml": "", "xl/workbook.bin": ""}), "file.unsupported-workbook", ""),
    "开放.ods": (lambda: zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "file.unsupported-workbook", ""),
    "表格2003.xls": (SPREADSHEET_2003.encode, "file.unsupported-workbook", ""),
    "炸弹.xlsx": (bomb, "file.zip-bomb", ""),
    "部件太多.xlsx": (many_parts, "file.zip-bomb", ""),
    "实体.xlsx": (lambda: package("", {"xl/worksheets/sheet1.xml": laughs()}), "file.xml-entities", ""),
    "实体十六.xlsx": (lambda: package("", {"xl/worksheets/sheet1.xml": laughs().encode("utf-16")}), "file.xml-entities", ""),
    "共享串实体.xlsx": (lambda: package("", {"xl/workbook.xml": laughs()}), "file.xml-entities", ""),
    "宏.xlsm": (lambda: package(data(row(1, text("A1", "姓名"))), {"xl/vbaProject.bin": b"\0"}), "file.macros", ""),
    "外链.xlsx": (
        lambda: package(data(row(1, number("A1", "3", "[1]表!A1"))), external("file:///D:/%E5%8E%BF.xlsx"), links=EXTERNAL_LINK),
        "file.external-links",
        "",
    ),
    "网页.xls": (lambda: "<table><tr><td>姓名</td></tr></table>".encode("gbk"), "file.html-as-xls", ""),
    "文本.xls": (lambda: "姓名\t人数\n张三\t3\n".encode("gbk"), "file.csv-as-xls", ""),
    "改名.xls": (lambda: GOOD, "file.other-format", ""),
    "改名.xlsx": (OLD.read_bytes, "file.other-format", ""),
    "无内容.xlsx": (lambda: package("<sheetData/>"), "file.no-cells", ""),
    "身份证.xlsx": (lambda: one_cell(number("B1", "5.11023199001011E+17")), "cell.rounded-id", "B1"),
    "身份证整数.xlsx": (lambda: one_cell(number("C1", "511023199001011000")), "cell.rounded-id", "C1"),
    "身份证文字.xlsx": (lambda: one_cell(text("D1", "5.11E+17")), "cell.rounded-id", "D1"),
    "引用.xlsx": (lambda: one_cell('<c r="B1" t="e"><f>A9</f><v>#REF!</v></c>'), "cell.error-value", "B1"),
    "没算.xlsx": (lambda: one_cell('<c r="B1"><f>SUM(A1:A9)</f></c>'), "cell.no-cached-value", "B1"),
    "文字数.xlsx": (lambda: one_cell(text("B1", "1,234")), "cell.number-as-text", "B1"),
    "合并数.xlsx": (lambda: made(merged_figure), "cell.merged-data", "B1"),
    "太长.csv": (("说明,数\n" + "长" * 40_000 + ",1\n").encode, "cell.too-long", "A2"),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_each_awkward_file_tells_what_is_wrong_where_and_what_to_do(name: str, tmp_path: Path) -> None:
    make, code, cell = AWKWARD[name]
    (tmp_path / name).write_bytes(make())
    book = read_book(tmp_path / name)
    told = [problem for problem in book.problems if problem.code == code]
    assert told, [problem.code for problem in book.problems]
    assert (told[0].file, told[0].cell) == (name, cell)
    assert told[0].message and told[0].hint


def test_a_folder_of_them_is_read_to_its_end(tmp_path: Path) -> None:
    for name, (make, _, _) in AWKWARD.items():
        (tmp_path / name).write_bytes(make())
    (tmp_path / "好.xlsx").write_bytes(GOOD)
    books = [read_book(path) for path in sorted(tmp_path.iterdir())]
    assert len(books) == len(AWKWARD) + 1
    good = next(book for book in books if book.file == "好.xlsx")
    assert (good.problems, good.grids[0].text(2, 1)) == ((), "张三")


def test_a_missing_file_a_folder_and_one_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [problem.code for problem in read_book(tmp_path / "没有.xlsx").problems] == ["file.missing"]
    assert [problem.code for problem in read_book(tmp_path).problems] == ["file.not-a-file"]
    (tmp_path / "大.xlsx").write_bytes(GOOD)
    monkeypatch.setattr(limits, "FILE_BYTES", 100)
    assert [problem.code for problem in read_book(tmp_path / "大.xlsx").problems] == ["file.too-large"]


def test_a_damaged_sheet_keeps_what_was_read_before_the_damage() -> None:
    book = read_bytes(package("<sheetData>" + row(1, text("A1", "姓名")) + "<row r='2'><c"), "坏.xlsx")
    assert book.grids[0].text(1, 1) == "姓名"


def test_rounded_ids_and_errors_are_never_values() -> None:
    for make in (
        AWKWARD["身份证.xlsx"][0],
        AWKWARD["身份证整数.xlsx"][0],
        AWKWARD["身份证文字.xlsx"][0],
        AWKWARD["引用.xlsx"][0],
    ):
        cell = next(iter(read_bytes(make(), "a.xlsx").grids[0].cells.values()))
        assert (cell.value, cell.kind) == (None, CellKind.ERROR)
        assert cell.text


def test_a_million_blank_formatted_rows_are_read_in_seconds(tmp_path: Path) -> None:
    blanks = "".join(f'<row r="{line}" s="0" customFormat="1"><c r="A{line}" s="0"/></row>' for line in range(3, 200_000))
    last = row(1_000_000, text("A1000000", "填表人："))
    styles = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"><alignment horizontal="center"/></xf></cellXfs></styleSheet>'
    content = package(data(row(1, text("A1", "姓名")), blanks, last), {"xl/styles.xml": styles}, links=STYLES_LINK)
    start = time.perf_counter()
    book = read_bytes(content, "名单.xlsx")
    assert time.perf_counter() - start < 60
    cells = book.grids[0].cells
    assert (cells[1, 1].text, cells[1_000_000, 1].text) == ("姓名", "填表人：")
    assert (3, 1) in cells and (250, 1) in cells, "blank lines to be filled below the header stay"
    assert len(cells) < 1_000
    assert [problem.code for problem in book.problems] == ["sheet.blank-rows"]


def test_a_sheet_with_too_many_cells_is_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CELLS", 5)
    rows = [row(line, number(f"A{line}", str(line))) for line in range(1, 10)]
    book = read_bytes(package(data(*rows)), "大.xlsx")
    assert len(book.grids[0].cells) == 5
    assert [problem.code for problem in book.problems] == ["sheet.too-large"]


def test_many_problems_of_a_kind_are_summed_up() -> None:
    errors = [row(line, f'<c r="A{line}" t="e"><v>#N/A</v></c>') for line in range(1, 101)]
    problems = read_bytes(package(data(*errors)), "a.xlsx").problems
    assert len(problems) == limits.PROBLEMS_OF_A_KIND + 1
    assert (problems[-1].code, "50" in problems[-1].message) == ("sheet.more-of-a-kind", True)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255), st.integers(0, len(GOOD)))
def test_no_broken_workbook_raises(place: int, flip: int, length: int) -> None:
    broken = bytearray(GOOD)
    broken[place] ^= flip
    read_bytes(bytes(broken), "坏.xlsx")
    read_bytes(GOOD[:length], "断.xlsx")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 20_000), st.binary(min_size=1, max_size=8))
def test_no_broken_old_workbook_raises(place: int, noise: bytes) -> None:
    broken = bytearray(OLD.read_bytes())
    place %= len(broken)
    broken[place : place + len(noise)] = noise
    read_bytes(bytes(broken), "坏.xls")
    read_bytes(bytes(broken[: place + 1]), "断.xls")


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(str.encode)
    | st.text(alphabet="<>/tabletrd =\"'&;1,\t\n", max_size=200).map(str.encode)
)
def test_no_bytes_raise(content: bytes) -> None:
    for name in ("a.xlsx", "a.xls", "a.csv", "a"):
        read_bytes(content, name)
