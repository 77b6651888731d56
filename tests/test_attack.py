"""What a hostile or careless folder does to the commands: no traceback, a Problem in Chinese for each bad thing, the rest
goes on, nothing is dropped in silence, nothing turns into a formula, no ID number or telephone leaves unmasked."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.__main__ import main
from tests.forms.workbooks import data, package, row, text

ROSTER = ("姓名", "公民身份号码", "联系电话")
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
    path.write_bytes(
        package(data(row(1, text("A1", title)), head) + f'<mergeCells><mergeCell ref="A1:{letters[-1]}1"/></mergeCells>')
    )
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


def test_one_cell_in_the_last_row_of_the_sheet_costs_no_time(tmp_path: Path) -> None:
    head = row(1, text("A1", "姓名"), text("B1", "电话"), text("XFD1", "备注"))
    (tmp_path / "角落.xlsx").write_bytes(package(data(head, row(1_048_576, text("A1048576", "填表人：")))))
    start = time.perf_counter()
    run("read", tmp_path / "角落.xlsx", "--json")
    assert time.perf_counter() - start < 5
