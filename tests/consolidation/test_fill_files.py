"""A folder of shared data as it really comes: every file is read or told, and no file does harm."""

from __future__ import annotations

import sqlite3
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from consolidation.fill import read_sources
from consolidation.lexicon import load_lexicon
from forms.grid import limits
from tests.consolidation.test_fill_sources import number

LEXICON = load_lexicon()
GOOD = "姓名,性别\n张三,男\n"


def saved(path: Path, *rows: list[object], merges: tuple[str, ...] = ()) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for block in merges:
        book.active.merge_cells(block)
    book.save(path)


def codes(folder: Path) -> list[tuple[str, str]]:
    return [(p.code, p.file) for p in read_sources(folder, LEXICON).problems]


def headers(folder: Path) -> list[str]:
    (found,) = read_sources(folder, LEXICON).datasets
    return [column.header for column in found.columns]


def repacked(path: Path, part: str, data: bytes) -> None:
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in {**parts, part: data}.items():
            new.writestr(name, content)


# ---- files that would harm ------------------------------------------------------------------------------------------------


def test_a_zip_bomb_is_not_opened_and_the_others_go_on(tmp_path: Path) -> None:
    saved(tmp_path / "大.xlsx", ["姓名"], ["张三"])
    repacked(tmp_path / "大.xlsx", "xl/worksheets/sheet1.xml", bytes(limits.ZIP_RATIO_FROM + 1))
    (tmp_path / "好.csv").write_text(GOOD, encoding="utf-8")
    found = read_sources(tmp_path, LEXICON)
    assert [(p.code, p.file) for p in found.problems] == [("file.zip-bomb", "大.xlsx")] and len(found.datasets) == 1


def test_entities_in_the_xml_are_refused(tmp_path: Path) -> None:
    saved(tmp_path / "名册.xlsx", ["姓名"], ["张三"])
    sheet = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><worksheet>&x;</worksheet>'
    repacked(tmp_path / "名册.xlsx", "xl/worksheets/sheet1.xml", sheet)
    assert ("file.xml-entities", "名册.xlsx") in codes(tmp_path)


def test_a_sheet_that_claims_every_cell_of_excel_costs_what_it_holds(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "性别"])
    book.active.append(["张三", "男"])
    book.active["A1048576"] = "李四"
    book.save(tmp_path / "名册.xlsx")
    (found,) = read_sources(tmp_path, LEXICON).datasets
    assert list(found.frame[0]) == ["张三", "李四"]


def test_a_sheet_too_wide_for_its_rows_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIST_PLACES", 1000)
    saved(tmp_path / "名册.xlsx", ["姓名", *[None] * 600, "误填"], ["张三"])
    assert ("data.too-wide", "名册.xlsx") in codes(tmp_path)


# ---- files that are no lists ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("通知.pdf", b"%PDF-1.7 ...", "file.not-a-workbook"),
        ("照片.jpg", b"\xff\xd8\xff\xe0" + bytes(50), "file.not-a-workbook"),
        ("名单.doc", "张三 李四".encode(), "file.not-a-workbook"),
        ("记录.txt", "今天开会".encode(), "file.not-a-workbook"),
        ("空.csv", b" \n", "data.empty-file"),
        ("只有表头.csv", "姓名,性别\n".encode(), "data.no-rows"),
    ],
)
def test_no_file_is_passed_over(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "好.csv").write_text(GOOD, encoding="utf-8")
    assert codes(tmp_path) == [(code, name)]


@pytest.mark.parametrize(("part", "kind"), [("mimetype", "ods"), ("xl/workbook.bin", "xlsb"), ("word/document.xml", "docx")])
def test_packages_of_other_kinds_are_told_with_a_remedy(tmp_path: Path, part: str, kind: str) -> None:
    with zipfile.ZipFile(tmp_path / f"名册.{kind}", "w") as archive:
        archive.writestr(part, "application/vnd.oasis.opendocument.spreadsheet")
    (told,) = read_sources(tmp_path, LEXICON).problems
    assert told.file == f"名册.{kind}" and told.hint


def test_side_files_are_nothing_to_complain_of(tmp_path: Path) -> None:
    for name in ("README.md", "~$名册.xlsx", ".DS_Store", "数据说明.txt", "regions.csv"):
        (tmp_path / name).write_text("code,name,parent\n", encoding="utf-8")
    (tmp_path / "好.csv").write_text(GOOD, encoding="utf-8")
    assert codes(tmp_path) == [] and len(read_sources(tmp_path, LEXICON).datasets) == 1


def test_what_the_manifest_does_not_name_is_told(tmp_path: Path) -> None:
    for name in ("好.csv", "新.csv", "答案.db"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    (tmp_path / "manifest.yml").write_text("datasets:\n- file: 好.csv\n  table: ''\naside: [答案.db]\n", encoding="utf-8")
    assert codes(tmp_path) == [("data.not-in-manifest", "新.csv")]


def test_an_empty_database_and_an_empty_table(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "空.db").close()
    with sqlite3.connect(tmp_path / "人员.db") as base:
        base.execute("CREATE TABLE 人员 (姓名 TEXT)")
    assert sorted(codes(tmp_path)) == [("data.no-rows", "人员.db"), ("data.no-tables", "空.db")]


def test_an_empty_sheet_beside_a_full_one_is_told_quietly(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "性别"])
    book.active.append(["张三", "男"])
    book.create_sheet("Sheet2")
    book.save(tmp_path / "名册.xlsx")
    (told,) = read_sources(tmp_path, LEXICON).problems
    assert (told.code, told.severity) == ("data.empty-sheet", "info")
    openpyxl.Workbook().save(tmp_path / "名册.xlsx")
    assert codes(tmp_path) == [("data.empty-file", "名册.xlsx")]


# ---- headers and values as people make them -------------------------------------------------------------------------------


def test_a_merged_title_and_a_header_merged_over_two_rows(tmp_path: Path) -> None:
    saved(
        tmp_path / "名册.xlsx",
        ["2026年残疾人名册"],
        ["序号", "姓名", "基本情况", None, None, "备注"],
        [None, None, "性别", "民族", "家庭住址", None],
        [1, "张三", "男", "汉族", "柳坝村", "无"],
        merges=("A1:F1", "A2:A3", "B2:B3", "C2:E2", "F2:F3"),
    )
    assert headers(tmp_path) == ["序号", "姓名", "基本情况/性别", "基本情况/民族", "基本情况/家庭住址", "备注"]
    (found,) = read_sources(tmp_path, LEXICON).datasets
    assert found.name == "2026年残疾人名册" and list(found.frame[1]) == ["张三"] and found.first_row == 4


def test_a_row_of_words_fuller_than_the_header_is_no_header(tmp_path: Path) -> None:
    (tmp_path / "名册.csv").write_text("残疾人名册\n姓名,性别,民族,,\n张三,男,汉族,柳坝村,无\n", encoding="utf-8")
    assert headers(tmp_path)[:3] == ["姓名", "性别", "民族"]


def test_a_text_merged_over_a_household_holds_for_each_row_and_an_amount_does_not(tmp_path: Path) -> None:
    saved(
        tmp_path / "名册.xlsx",
        ["户主姓名", "成员姓名", "补贴金额（元）"],
        ["张三", "张三", 500],
        [None, "李四", None],
        merges=("A2:A3", "C2:C3"),
    )
    (found,) = read_sources(tmp_path, LEXICON).datasets
    assert found.frame.values.tolist() == [["张三", "张三", "500"], ["张三", "李四", ""]]


def test_values_in_a_dozen_shapes(tmp_path: Path) -> None:
    saved(
        tmp_path / "名册.xlsx",
        ["姓名", "证件号码", "出生日期", "人数", "是否低保"],
        ["张三", number("19700102", 1), date(1970, 1, 2), 3.0, True],
        ["李四", 990101197001020016, "1970.1.2", "1,234", "√"],
    )
    found = read_sources(tmp_path, LEXICON)
    (dataset,) = found.datasets
    assert dataset.frame.values.tolist() == [
        ["张三", number("19700102", 1), "1970-01-02", "3", "是"],
        ["李四", "", "1970.1.2", "1,234", "√"],
    ]
    assert [(p.code, p.cell) for p in found.problems] == [("cell.rounded-id", "B3")]


def test_long_numbers_that_excel_rounded_in_a_csv_are_told_once_a_column(tmp_path: Path) -> None:
    rows = "张三,5.11023E+17\n李四,5.11024E+17\n"
    (tmp_path / "名册.csv").write_text("姓名,身份证号\n" + rows, encoding="gb18030")
    found = read_sources(tmp_path, LEXICON)
    assert [p.code for p in found.problems] == ["data.rounded"] and list(found.datasets[0].frame[1]) == ["", ""]


def test_a_few_broken_characters_cost_a_warning_not_the_file(tmp_path: Path) -> None:
    (tmp_path / "名册.csv").write_bytes(("姓名,性别\n" + "张三,男\n" * 50).encode() + b"\xc0\xee,\xe7\n")
    found = read_sources(tmp_path, LEXICON)
    assert len(found.datasets[0].frame) == 51 and [p.code for p in found.problems] == ["file.encoding-doubtful"]


def test_two_columns_of_one_name_lose_nothing(tmp_path: Path) -> None:
    (tmp_path / "名册.csv").write_text("姓名,联系电话,联系电话\n张三,10030000001,10030000002\n", encoding="utf-8")
    (found,) = read_sources(tmp_path, LEXICON).datasets
    assert found.frame.values.tolist() == [["张三", "10030000001", "10030000002"]] and len(found.columns) == 3


def test_totals_and_signatures_are_no_records_and_rows_keep_their_place(tmp_path: Path) -> None:
    saved(
        tmp_path / "名册.xlsx",
        ["残疾人名册"],
        ["填报单位：残联", None, "2026年10月：全部"],
        ["姓名", "性别", "残疾类别"],
        ["小计", None, 2],
        ["张三", "男", "肢体"],
        [],
        ["李四", "女", "视力"],
        ["填表人：王五", None, "联系电话：略"],
    )
    found = read_sources(tmp_path, LEXICON)
    (dataset,) = found.datasets
    assert [column.header for column in dataset.columns] == ["姓名", "性别", "残疾类别"]
    assert list(dataset.frame[0]) == ["张三", "李四"] and [dataset.line(0), dataset.line(1)] == [5, 7]
    assert [(p.code, p.severity) for p in found.problems] == [("data.not-rows", "info")]
