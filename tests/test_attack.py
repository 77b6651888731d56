"""What a hostile or careless folder does to the commands: no traceback, a Problem in Chinese for each bad thing, the rest
goes on, nothing is dropped in silence, nothing turns into a formula, no ID number or telephone leaves unmasked."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from cli.__main__ import main
from tests.forms.workbooks import data, package, row, text

ROSTER = ("姓名", "公民身份号码", "联系电话")
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>'
)
ID, PHONE = "990101199001010016", "13800138000"


def run(*args: object, status: int | None = None) -> Result:
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert status is None or result.exit_code == status, (result.exit_code, result.stderr)
    return result


def roster(path: Path, title: str = "残疾人花名册", labels: tuple[str, ...] = ROSTER) -> Path:
    """An empty roster as text cells, whatever the labels begin with."""
    letters = [chr(65 + i) for i in range(len(labels))]
    head = row(2, *(text(f"{letter}2", label) for letter, label in zip(letters, labels, strict=True)))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = data(row(1, text("A1", title)), head) + f'<mergeCells><mergeCell ref="A1:{letters[-1]}1"/></mergeCells>'
    path.write_bytes(package(sheet, {"[Content_Types].xml": TYPES}))
    return path


def codes(result: Result) -> list[tuple[str, str]]:
    """(file, problem code) of a `--json` answer, which stands alone on standard output."""
    answer: dict[str, Any] = json.loads(result.stdout)
    problems = answer.get("problems") or [p for file in answer.get("files", ()) for p in file["problems"]]
    return [(problem["file"], problem["code"]) for problem in problems]


# ---- file names ------------------------------------------------------------------------------------------------------
def test_a_file_name_in_gbk_bytes_is_read_as_what_it_says(tmp_path: Path) -> None:
    roster(tmp_path / "好.xlsx").rename(Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "老人表.xlsx".encode("gbk"))))
    answer = json.loads(run("read", *tmp_path.iterdir(), "--json", status=0).stdout)
    assert [file["file"] for file in answer["files"]] == ["老人表.xlsx"]


def test_files_of_one_name_stay_apart_however_many(tmp_path: Path) -> None:
    paths = [roster(tmp_path / folder / "同名.xlsx") for folder in ("a", "b/a", "c/a", "d/a")]
    answer = json.loads(run("read", *paths, "--json").stdout)
    assert len({file["file"] for file in answer["files"]}) == 4


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = roster(tmp_path / "表.xlsx")
    assert len(json.loads(run("read", path, path, tmp_path, "--json").stdout)["files"]) == 1


def test_word_and_pdf_forms_in_a_folder_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    roster(tmp_path / "好.xlsx")
    (tmp_path / "附件.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "说明.md").write_text("not a form", encoding="utf-8")
    assert codes(run("merge", tmp_path, "--json", status=1)) == [("附件.pdf", "file.not-a-workbook")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "管道.xlsx")
    assert codes(run("read", tmp_path / "管道.xlsx", "--json", status=2)) == [("管道.xlsx", "file.not-a-file")]


# ---- cells -----------------------------------------------------------------------------------------------------------
def test_characters_that_no_file_may_hold_become_blanks(tmp_path: Path) -> None:
    path = roster(tmp_path / "控制.xlsx", "登_x001B_[2J记_xD83D_表", ("姓_x0000_名", "住址_xFFFE_", "电话_xD83D__xDE00_"))
    answer = json.loads(run("read", path, "--json").stdout)
    shown = json.dumps(answer, ensure_ascii=False)
    assert not re.search("[\x00-\x09\x0b-\x1f\ud800-\udfff\ufffe]", shown.replace("\\u0000", "\x00").replace("\\u001b", "\x1b"))
    assert "电话😀" in shown


@pytest.mark.parametrize("value", ["NaN", "1e99999", "Infinity", "-1e400"])
def test_a_number_that_is_none_is_text(tmp_path: Path, value: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(package(data(row(1, text("A1", "指标"), f'<c r="B1"><v>{value}</v></c>'))))
    run("read", tmp_path / "a.xlsx", "--json")


@pytest.mark.parametrize(
    "place",
    [
        '<row r="99999999999"><c><v>1</v></c></row>',
        '<row r="0"><c r="A0"><v>1</v></c></row>',
        '<row r="-5"><c><v>1</v></c></row>',
        '<row r="3"><c r="ZZZZZ3"><v>1</v></c></row>',
    ],
)
def test_a_cell_beyond_the_sheet_is_told_and_costs_no_memory(tmp_path: Path, place: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(package(f"<sheetData>{row(1, text('A1', '姓名'), text('B1', '电话'))}{place}</sheetData>"))
    assert ("a.xlsx", "cell.out-of-sheet") in codes(run("read", tmp_path / "a.xlsx", "--json"))


def test_a_text_table_cut_in_the_middle_of_a_character(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("残疾人名单\n姓名,公民身份号码\n,\n".encode("utf-16")[:-1])
    assert filled(tmp_path / "a.csv", shared(tmp_path), tmp_path / "out").exit_code == 1


def test_one_cell_in_the_last_row_of_the_sheet_costs_no_time(tmp_path: Path) -> None:
    head = row(1, text("A1", "姓名"), text("B1", "电话"), text("XFD1", "备注"))
    (tmp_path / "角落.xlsx").write_bytes(package(data(head, row(1_048_576, text("A1048576", "填表人：")))))
    start = time.perf_counter()
    run("read", tmp_path / "角落.xlsx", "--json")
    assert time.perf_counter() - start < 60  # a bomb would take for ever


# ---- the command line ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nosuch",), "没有“nosuch”这个命令"),
        (("merge",), "缺少"),
        (("read", "--bad"), "--bad"),
        (("serve", "--port", "abc"), "整数"),
        (("decide", "没有.xlsx", "x"), "没有这个文件"),
    ],
)
def test_a_wrong_command_is_answered_in_chinese(words: tuple[str, ...], said: str) -> None:
    result = run(*words, status=2)
    assert said in result.stderr and "Error" not in result.stderr and not result.stdout


def test_an_output_folder_that_cannot_be_written(tmp_path: Path) -> None:
    path = roster(tmp_path / "表.xlsx")
    (tmp_path / "文件").write_text("x")
    for out in (tmp_path / "文件", tmp_path / "文件" / "下面"):
        for words in (("merge", path, "--out", out), ("read", path, "--annotate", out)):
            result = run(*words, status=2)
            assert "文件夹" in result.stderr and "Errno" not in result.stderr


# ---- people's decisions ----------------------------------------------------------------------------------------------
@pytest.fixture
def forms(tmp_path: Path) -> Path:
    roster(tmp_path / "报表" / "残疾人.xlsx")
    return roster(tmp_path / "报表" / "志愿者.xlsx", "志愿者名单", ("姓名", "身份证号", "手机号码")).parent


@pytest.mark.parametrize(
    "line", ["garbage", "{}", "[]", "null", '{"a": {}, "b": {}}', '{"a":{"entity":1,"qualifiers":[1]},"b":1}']
)
def test_a_damaged_decision_is_told_by_its_line_and_the_others_count(forms: Path, tmp_path: Path, line: str) -> None:
    mapping = answered(forms, tmp_path, "是")
    run("decide", mapping, forms, status=0)
    store = mapping.with_name("decisions.jsonl")
    store.write_text(f"{line}\n{store.read_text(encoding='utf-8')}", encoding="utf-8")
    result = run("merge", forms, "--json", "--decisions", store, status=1)
    assert codes(result) == [("decisions.jsonl", "decisions.bad-line")]
    assert json.loads(result.stdout)["counts"]["elements"] == 3, "the good line is in force"


def test_decisions_that_are_no_text(forms: Path, tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_bytes(b"\xff\xfe\x00")
    assert codes(run("merge", forms, "--json", "--decisions", tmp_path / "d.jsonl", status=1)) == [
        ("d.jsonl", "decisions.unreadable")
    ]


def answered(forms: Path, tmp_path: Path, answer: str) -> Path:
    """The mapping workbook with one answer in its review sheet."""
    run("merge", forms, "--out", tmp_path / "out", status=0)
    mapping = tmp_path / "out" / "栏目对照.xlsx"
    book = openpyxl.load_workbook(mapping)
    book["待人工确认"]["I4"] = answer
    book.save(mapping)
    return mapping


def edited(mapping: Path, edit: Callable[[Any], object]) -> Path:
    book = openpyxl.load_workbook(mapping)
    edit(book["待人工确认"])
    book.save(mapping)
    return mapping


def test_a_mapping_with_columns_deleted_is_refused_by_their_names(forms: Path, tmp_path: Path) -> None:
    mapping = edited(answered(forms, tmp_path, "是"), lambda sheet: sheet.delete_cols(9))
    result = run("decide", mapping, forms, status=2)
    assert "是否同一" in result.stderr


def test_a_mapping_with_lines_above_and_columns_moved_is_understood(forms: Path, tmp_path: Path) -> None:
    def edit(sheet: Any) -> None:
        sheet.insert_rows(1, 2)
        sheet.insert_cols(1)

    assert "采用了 1 个决定" in run("decide", edited(answered(forms, tmp_path, " 是。"), edit), forms, status=0).stderr


@pytest.mark.parametrize("answer", ["不确定", "yes", "1"])
def test_an_answer_that_is_neither_yes_nor_no_is_told_with_its_cell(forms: Path, tmp_path: Path, answer: str) -> None:
    result = run("decide", answered(forms, tmp_path, answer), forms, status=2)
    assert "I4" in result.stderr and answer in result.stderr


def test_an_answer_about_forms_that_are_not_given_is_told(forms: Path, tmp_path: Path) -> None:
    mapping = answered(forms, tmp_path, "是")
    assert "志愿者.xlsx" in run("decide", mapping, forms / "残疾人.xlsx", status=2).stderr


@pytest.mark.parametrize("content", [b"junk", b"", b"a,b\n1,2\n"])
def test_a_mapping_that_is_none(forms: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "对照.xlsx").write_bytes(content)
    assert "对照.xlsx" in run("decide", tmp_path / "对照.xlsx", forms, status=2).stderr


# ---- filling ---------------------------------------------------------------------------------------------------------
REGION = "990101001001"


def shared(tmp_path: Path) -> Path:
    """A list of one region with contents that would be formulas, scripts and control characters elsewhere."""
    names = ('=cmd|"/C calc"!A0', "+1+1", "@SUM(A1)", "-2+3", "<script>alert(1)</script>", "张\x01三")
    rows = [f'"{name.replace(chr(34), chr(34) * 2)}",{demo_id(i)},1380013800{i},{REGION}' for i, name in enumerate(names)]
    folder = tmp_path / "数据"
    folder.mkdir()
    (folder / "残疾人.csv").write_text("\n".join(("姓名,公民身份号码,联系电话,村居代码", *rows)), encoding="utf-8")
    (folder / "manifest.yml").write_text("demo: true\ndatasets:\n- file: 残疾人.csv\n", encoding="utf-8")
    return folder


def demo_id(number: int) -> str:
    """An invented ID number: region 990101 is assigned to no place (GB/T 2260); check digit by GB 11643."""
    body = f"9901011990010100{number}"[:17]
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def filled(forms: Path, where: object, out: Path, *more: object, region: str = REGION, period: str = "2026-10") -> Result:
    return run("fill", forms, "--data", where, "--region", region, "--period", period, "--out", out, *more)


@pytest.mark.parametrize(
    "where",
    ["", "/no/such/folder", "nosuch://x", "http://x/y", "://", "sqlite:////no/such/x.db", "mysql+pymysql://clerk:hunter2@h/d"],
)
def test_data_that_cannot_be_reached_is_told_without_its_password(forms: Path, tmp_path: Path, where: str) -> None:
    result = filled(forms, where, tmp_path / "out", "--json")
    assert result.exit_code == 2 and result.stderr and "hunter2" not in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("period", ["", "26", "2026-13", "2026-02-30", "2026-Q5", "0001", "明年"])
def test_a_period_that_is_none(forms: Path, tmp_path: Path, period: str) -> None:
    result = filled(forms, shared(tmp_path), tmp_path / "out", period=period)
    assert result.exit_code == 2 and "2026-Q3" in result.stderr and "not a period" not in result.stderr


@pytest.mark.parametrize("region", ["", "abc", "../../x", "99010100100"])
def test_a_region_that_is_no_code(forms: Path, tmp_path: Path, region: str) -> None:
    assert "行政区划代码" in filled(forms, shared(tmp_path), tmp_path / "out", region=region).stderr


def test_a_region_without_any_record_is_told(forms: Path, tmp_path: Path) -> None:
    result = filled(forms, shared(tmp_path), tmp_path / "out", "--json", region="990101001009")
    assert result.exit_code == 1 and ("数据", "fill.nothing-for-region") in codes(result)


@pytest.mark.parametrize("text", ["- a\n- b\n", "datasets: [1, 2]", "a: [", "\x00"])
def test_a_manifest_that_is_none(forms: Path, tmp_path: Path, text: str) -> None:
    folder = shared(tmp_path)
    (folder / "manifest.yml").write_text(text, encoding="utf-8")
    result = filled(forms, folder, tmp_path / "out")
    assert result.exit_code == 2 and "manifest.yml" in result.stderr


def test_garbage_among_the_forms_of_the_last_period_is_told(forms: Path, tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04")
    result = filled(forms, shared(tmp_path), tmp_path / "out", "--previous", tmp_path / "坏.xlsx", "--json")
    assert ("坏.xlsx", "file.damaged") in codes(result)


def test_what_is_filled_in_is_text_and_never_a_formula(forms: Path, tmp_path: Path) -> None:
    assert filled(forms, shared(tmp_path), tmp_path / "out").exit_code == 1, "the control character is told"
    values = [cell for path in (tmp_path / "out").rglob("*.xlsx") for cell in cells(path)]
    assert "@SUM(A1)" in [cell.value for cell in values] and '=cmd|"/C calc"!A0' in [cell.value for cell in values]
    assert {cell.data_type for cell in values} <= {"s", "n", "d", "b", "inlineStr"}


def cells(path: Path) -> list[Any]:
    book = openpyxl.load_workbook(path)
    return [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]


def test_forms_in_the_results_folder_are_not_deleted_by_filling_them(forms: Path, tmp_path: Path) -> None:
    given = (tmp_path / "out" / "还表").joinpath("手工.xlsx")
    roster(given)
    assert filled(given, shared(tmp_path), tmp_path / "out").exit_code == 2
    assert given.is_file()


def test_what_a_clerk_typed_into_a_returned_form_survives_the_next_run(forms: Path, tmp_path: Path) -> None:
    data_folder, out = shared(tmp_path), tmp_path / "out"
    filled(forms, data_folder, out)
    typed = next((out / "还表").glob("残疾人*.xlsx"))
    book = openpyxl.load_workbook(typed)
    book.worksheets[0]["A30"] = "手填"
    book.save(typed)
    result = filled(forms, data_folder, out, "--json")
    assert ("还表", "result.kept") in codes(result)
    assert "手填" in [cell.value for cell in cells(out / "还表（保留1）" / typed.name)]
    assert len(list((out / "还表").glob("*.xlsx"))) == 2
    filled(forms, data_folder, out)
    assert not (out / "还表（保留2）").exists(), "what nobody touched is replaced"


def test_a_run_without_any_form_leaves_earlier_results_alone(forms: Path, tmp_path: Path) -> None:
    data_folder, out = shared(tmp_path), tmp_path / "out"
    filled(forms, data_folder, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    result = filled(tmp_path / "写错了", data_folder, out, "--json")
    assert result.exit_code == 2 and codes(result) == [("写错了", "file.missing")]
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_results_among_the_forms_are_not_read_as_forms(forms: Path) -> None:
    run("merge", forms, "--out", forms, status=0)
    assert json.loads(run("merge", forms, "--json").stdout)["counts"]["forms"] == 2


def test_a_form_called_as_the_result_is_not_overwritten(tmp_path: Path) -> None:
    path = roster(tmp_path / "一表.xlsx")
    before = path.read_bytes()
    run("merge", path, "--out", tmp_path, status=2)
    assert path.read_bytes() == before


# ---- personal data and html ------------------------------------------------------------------------------------------
def test_no_id_or_telephone_number_in_messages_or_reports(tmp_path: Path) -> None:
    lines = (
        row(1, text("A1", "残疾人登记卡")),
        row(2, text("A2", "姓名"), text("B2", "张三"), text("C2", "身份证号"), text("D2", ID)),
        row(3, text("A3", "联系电话"), text("B3", PHONE), text("C3", "住址"), text("D3", f"王村（{ID}）")),
        row(4, text("A4", "□是 □否"), text("B4", "是"), text("C4", "备注"), text("D4", PHONE)),
    )
    path = tmp_path / "已填.xlsx"
    path.write_bytes(package(data(*lines)))
    shown = [run("read", path), run("merge", path, "--out", tmp_path / "out"), run("check", path)]
    texts = [text for result in shown for text in (result.stdout, result.stderr)]
    texts.append((tmp_path / "out" / "合并报告.html").read_text(encoding="utf-8"))
    assert not [text for text in texts if ID in text or PHONE in text]


def test_captions_cannot_become_html_or_formulas(tmp_path: Path) -> None:
    labels = ("=1+1", "+姓名", "@电话", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}")
    path = roster(tmp_path / "坏.xlsx", '=HYPERLINK("http://x")花名册', labels)
    run("merge", path, "--out", tmp_path / "out")
    page = (tmp_path / "out" / "合并报告.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page and "<img" not in page and "{{7*7}}" in page
    written = [cell for book in (tmp_path / "out").glob("*.xlsx") for cell in cells(book)]
    assert "f" not in {cell.data_type for cell in written}


# ---- what is written -------------------------------------------------------------------------------------------------
def test_no_column_of_a_very_wide_list_is_missing_in_the_one_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["五百列花名册"])
    book.worksheets[0].append(["姓名", *(f"第{i}类情况说明" for i in range(500))])
    book.save(tmp_path / "宽.xlsx")
    run("merge", tmp_path / "宽.xlsx", "--out", tmp_path / "out", status=0)
    assert (
        len({str(cell.value).strip("*") for cell in cells(tmp_path / "out" / "一表.xlsx") if "情况说明" in str(cell.value)})
        == 500
    )


def test_options_with_commas_are_no_drop_down_that_tears_them_apart(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in (["登记表"], ["姓名", None], ["等级", "□甲,上 □乙"]):
        sheet.append(line)
    book.save(tmp_path / "选项.xlsx")
    run("merge", tmp_path / "选项.xlsx", "--out", tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "一表.xlsx")
    assert "甲,上" not in "".join(v.formula1 for one in book for v in one.data_validations.dataValidation)


def test_coloured_copies_of_files_with_one_name_do_not_replace_each_other(tmp_path: Path) -> None:
    paths = [roster(tmp_path / folder / f"{'长' * 80}.xlsx", title) for folder, title in (("a", "一"), ("b", "二"), ("c", "三"))]
    run("read", *paths, "--annotate", tmp_path / "标注")
    assert len([openpyxl.load_workbook(path) for path in (tmp_path / "标注").iterdir()]) == 3


@pytest.mark.parametrize("title", ["长" * 200, "😀" * 90, 'a/b\\c:d*e?f"g<h>i|j', "CON", "..", "_x0000__x000A_", "=1+1"])
def test_a_form_is_given_back_under_a_name_that_every_system_takes(tmp_path: Path, title: str) -> None:
    path = roster(tmp_path / "f" / "表.xlsx", title)
    filled(path, shared(tmp_path), tmp_path / "out")
    (given,) = (tmp_path / "out" / "还表").glob("*.xlsx")
    assert len(os.fsencode(given.name)) <= 200 and given.stem.upper() not in {"CON", "", ".."}
    assert not set('\\/:*?"<>|\x00\n') & set(given.name)


# ---- serving ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / "results").mkdir(parents=True)
    (tmp_path / "home" / "results" / "一表.xlsx").write_bytes(b"x")
    return tmp_path / "home"


def test_a_port_that_is_taken_is_told_at_once(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--home", home, "--port", taken.getsockname()[1], status=2)
    assert "--port" in result.stderr and "端口" in result.stderr


@pytest.mark.parametrize("words", [("--port", "99999"), ("--host", "999.1.1.1"), ("--host", "a" * 70)])
def test_an_address_that_is_none(home: Path, words: tuple[str, str]) -> None:
    assert not run("serve", "--home", home, *words, status=2).stdout


# ---- checking a new form ---------------------------------------------------------------------------------------------
def test_a_new_form_is_not_held_against_itself(tmp_path: Path) -> None:
    new = roster(tmp_path / "新" / "同名.xlsx", "新表", ("姓名", "鞋码"))
    roster(tmp_path / "旧" / "同名.xlsx", "旧表", ("姓名", "公民身份号码"))
    for against in ((tmp_path / "旧",), (tmp_path,)):
        (form,) = json.loads(run("check", new, "--against", *against, "--json").stdout)["forms"]
        assert [[one["name"] for one in form[sort]] for sort in ("held", "new")] == [["姓名"], ["鞋码"]]


def test_forms_in_use_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    new = roster(tmp_path / "新.xlsx")
    result = run("check", new, "--against", tmp_path / "没有", "--json", status=1)
    assert codes(result) == [("没有", "file.missing")]


def test_a_workbook_with_a_wrong_extension_is_given_back_with_the_right_one(tmp_path: Path) -> None:
    path = roster(tmp_path / "f" / "表.xls")
    filled(path, shared(tmp_path), tmp_path / "out")
    assert [one.suffix for one in (tmp_path / "out" / "还表").glob("*.xls*")] == [".xlsx"]
