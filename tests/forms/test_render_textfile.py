"""Text tables come back with their own encoding, separator, quotes and line ends."""

from __future__ import annotations

from decimal import Decimal

import pytest

from forms.model import Address, Blank, CellValue, Rect
from forms.render import RosterRows, Write, fill


def filled(source: bytes, *writes: tuple[int, int, CellValue]) -> bytes:
    return fill(source, "表.csv", [Write(Address("表", row, col), value) for row, col, value in writes]).data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_only_the_filled_field_changes(encoding: str, end: str, mark: str) -> None:
    def text(name: str) -> bytes:
        lines = ["姓名,性别,住址", f'{name},女,"幸福路, 1 号"', ' 前后 ,"男",""']
        return end.join(line.replace(",", mark) for line in lines).encode(encoding)

    assert filled(text(""), (2, 1, "王小明")) == text("王小明")


def test_quotes_where_needed_and_where_they_were() -> None:
    assert filled(b'a,"",c\n', (1, 1, 'x"y,z'), (1, 2, "q")) == b'"x""y,z","q",c\n'


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+86 138", "'+86 138"),
        ("-5", "-5"),
        ("-", "-"),
        (Decimal("-5.10"), "-5.10"),
        ("—", "—"),
        (None, ""),
    ],
)
def test_nothing_that_could_run(value: CellValue, field: str) -> None:
    assert filled("x,旧\n".encode(), (1, 2, value)).decode() == f"x,{field}\n"


def test_missing_fields_and_lines_are_added() -> None:
    assert filled(b"a,b", (1, 4, "d"), (3, 1, "x")) == b"a,b,,d\r\n\r\nx"


def test_boxes_and_blanks_in_fields() -> None:
    source = "□是 □否,填报人：____\n".encode()
    writes = [Write(Address("表", 1, 1), choice="否"), Write(Address("表", 1, 2), "张三", Blank(4, 8))]
    assert fill(source, "表.csv", writes).data.decode() == "□是 ☑否,填报人：张三\n"


def test_a_roster_grows_by_lines() -> None:
    source = "序号,姓名\n1,\n2,\n合计,\n".encode()
    roster = RosterRows("表", Rect(2, 1, 3, 2), (2,), (("甲",), ("乙",), ("丙",)), serial=1)
    result = fill(source, "表.csv", [], [roster])
    assert result.data.decode() == "序号,姓名\n1,甲\n2,乙\n3,丙\n合计,\n"
    assert result.moved == {"表": {3: 4, 4: 5}}


def test_a_roster_at_the_end_of_a_file_without_a_last_line_break() -> None:
    roster = RosterRows("表", Rect(2, 1, 2, 2), (1, 2), (("甲", "1"), ("乙", "2")))
    assert fill("姓名,数".encode(), "表.csv", [], [roster]).data.decode() == "姓名,数\r\n甲,1\r\n乙,2"


def test_long_numbers_are_written_in_full_with_a_warning_about_excel() -> None:
    result = fill("号码\n\n".encode(), "表.csv", [Write(Address("表", 2, 1), "990101199001011234")])
    assert result.data.decode() == "号码\n990101199001011234\n"
    assert [p.code for p in result.problems] == ["render.csv-long-digits"]


@pytest.mark.parametrize(
    ("source", "code"),
    [(b"<html><table><tr><td>a</td></tr></table></html>", "render.html"), (b"\x00\xff\x81", "file.not-a-workbook")],
)
def test_what_is_no_table_comes_back_with_a_problem(source: bytes, code: str) -> None:
    result = fill(source, "表.xls", [Write(Address("表", 1, 1), "x")])
    assert (result.data, [p.code for p in result.problems]) == (source, [code])
