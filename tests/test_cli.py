"""The command line's promises (design, section 6): JSON alone on standard output, exit status 0, 1, 2."""

import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from cli.__main__ import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    forms = tmp_path / "报表"
    forms.mkdir()
    for name, labels in {
        "残疾人花名册": ["姓名", "身份证号", "联系电话"],
        "志愿者名单": ["姓名", "公民身份号码", "手机"],
    }.items():
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet["A1"] = name
        sheet.merge_cells("A1:C1")
        for i, label in enumerate(labels, 1):
            sheet.cell(2, i, label)
        book.save(forms / f"{name}.xlsx")
    return forms


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def test_read_json(folder: Path) -> None:
    result = run("read", folder / "残疾人花名册.xlsx", "--json")
    data = json.loads(result.stdout)
    (form,) = data["files"][0]["forms"]
    assert result.exit_code == 0
    assert (form["title"], form["kind"], form["entity"]) == ("残疾人花名册", "roster", "person")
    assert [(f["cell"], f["path"]) for f in form["fields"]] == [
        ("Sheet!A3", ["姓名"]),
        ("Sheet!B3", ["身份证号"]),
        ("Sheet!C3", ["联系电话"]),
    ]
    assert form["roles"]["Sheet!A1"] == "title" and form["roles"]["Sheet!B2"] == "column-header"


def test_read_explains_itself_to_a_clerk(folder: Path) -> None:
    result = run("read", folder / "志愿者名单.xlsx")
    assert "志愿者名单" in result.stdout and "姓名" in result.stdout


def test_read_saves_a_coloured_copy(folder: Path, tmp_path: Path) -> None:
    run("read", folder / "志愿者名单.xlsx", "--annotate", tmp_path / "标注")
    (copy,) = (tmp_path / "标注").iterdir()
    assert len(openpyxl.load_workbook(copy).sheetnames) == 2, "the sheet and a legend"


def test_merge_json_has_every_field_in_one_element(folder: Path) -> None:
    data = json.loads(run("merge", folder, "--json").stdout)
    fields = [(f["file"], f["cell"]) for element in data["elements"] for f in element["fields"]]
    assert len(fields) == len(set(fields)) == data["counts"]["fields"] == 6
    assert data["counts"]["forms"] == 2 and data["counts"]["elements"] == 4
    assert {q["reason"] for q in data["review"]}


def test_merge_writes_its_three_files_and_takes_decisions_back(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "结果"
    assert run("merge", folder, "--out", out).exit_code == 0
    assert {path.name for path in out.iterdir()} == {"一表.xlsx", "栏目对照.xlsx", "合并报告.html"}
    book = openpyxl.load_workbook(out / "栏目对照.xlsx")
    sheet = book["待人工确认"]
    for row in sheet.iter_rows(min_row=4):
        row[8].value, row[9].value = "是", "李站长"
    book.save(out / "栏目对照.xlsx")
    run("decide", out / "栏目对照.xlsx", folder)
    assert json.loads(run("merge", folder, "--out", out, "--json").stdout)["counts"]["elements"] == 3


def test_a_bad_file_is_a_problem_and_the_others_go_on(folder: Path) -> None:
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 not a zip")
    result = run("merge", folder, "--json")
    data = json.loads(result.stdout)
    assert result.exit_code == 1
    assert data["counts"]["forms"] == 2
    assert any(problem["file"] == "坏.xlsx" and problem["hint"] for problem in data["problems"])


def test_nothing_usable_is_status_2(tmp_path: Path) -> None:
    (tmp_path / "空.xlsx").write_bytes(b"")
    assert run("read", tmp_path / "空.xlsx").exit_code == 2


def test_check_tells_what_is_already_held(folder: Path) -> None:
    result = run("check", folder / "志愿者名单.xlsx", "--against", folder / "残疾人花名册.xlsx", "--json")
    (form,) = json.loads(result.stdout)["forms"]
    assert {element["name"] for element in form["held"]} == {"姓名", "公民身份号码"}
    assert form["verdict"].startswith("3 栏：2 栏已有")


def test_every_command_is_in_the_readme() -> None:
    root = Path(__file__).resolve().parents[1]
    names = [path.stem for path in (root / "cli" / "commands").glob("[a-z]*.py")]
    for readme in ("README.md", "README.zh-CN.md"):
        text = (root / readme).read_text(encoding="utf-8")
        assert not [name for name in names if f"yibiao {name}" not in text]


PROMISED = {
    "read": {"files", "problems"},
    "merge": {"forms", "elements", "review", "counts", "problems"},
    "fill": {"region", "period", "forms", "counts", "problems"},
    "check": {"forms", "problems"},
}
FILL = ("--data", "没有", "--region", "990101001001", "--period", "2026-10", "--out", "结果")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("read",), "command.usage"),
        (("merge", "--colour"), "command.usage"),
        (("check",), "command.usage"),
        (("fill",), "command.usage"),
        (("fill", *FILL[:5], "十月", *FILL[6:]), "fill.bad-period"),
        (("fill", *FILL[:3], "99-01", *FILL[4:]), "fill.bad-region"),
        (("fill", "没有.xlsx", *FILL), "file.missing"),
    ],
)
def test_a_run_that_stops_before_starting_prints_one_document_too(
    words: tuple[str, ...], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words, "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 2
    assert set(document) == PROMISED[words[0]]
    assert code in {problem["code"] for problem in document["problems"]}
    assert not any(document[name] for name in ("files", "forms", "elements", "review") if name in document)


@pytest.mark.parametrize(
    "words", [(), ("read",), ("merge",), ("fill",), ("check",), ("decide",), ("serve",), ("train",), ("chat",)]
)
def test_help_speaks_chinese(words: tuple[str, ...]) -> None:
    text = run(*words, "--help").output
    assert text.startswith("用法：") and "选项：" in text and "显示这份说明。" in text
    assert not [english for english in ("Usage", "Options", "Commands", "Positional", "Show this", "required") if english in text]
