"""Old .xls files become .xlsx once, through LibreOffice; without it a Problem says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from forms.grid import read_bytes
from forms.model import Address, Problem
from forms.render import Write, fill, modern, modernise
from tests.forms.render_book import hard_form

needs_office = pytest.mark.skipif(modern.office() is None, reason="LibreOffice is not installed; CI installs it")
OLD = modern.OLE + b"\0" * 600


def test_without_libreoffice_a_problem_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(modern, "office", lambda: None)
    path = tmp_path / "旧表.xls"
    path.write_bytes(OLD)
    result = modernise(path)
    assert isinstance(result, Problem)
    assert (result.code, result.file) == ("render.no-office", "旧表.xls")
    assert "LibreOffice" in result.hint
    filled = fill(OLD, "旧表.xls", [Write(Address("表", 1, 1), "x")])
    assert (filled.data, filled.name, [p.code for p in filled.problems]) == (OLD, "旧表.xls", ["render.no-office"])


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    result = modernise(tmp_path / "没有.xls")
    assert isinstance(result, Problem)
    assert result.code == "file.unreadable"


def test_a_file_that_is_modern_already_comes_back_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "新表.xls"
    path.write_bytes(hard_form())
    assert modernise(path) == hard_form()


@pytest.mark.slow
@needs_office
def test_an_old_form_is_converted_and_filled(tmp_path: Path) -> None:
    old = _old_form(tmp_path)
    result = fill(old, "旧表.xls", [Write(Address("表", 2, 2), "王小明")])
    assert (result.name, result.problems) == ("旧表.xlsx", ())
    grid = read_bytes(result.data, result.name).grids[0]
    assert [grid.text(1, 1), grid.text(2, 1), grid.text(2, 2)] == ["登记表", "姓名", "王小明"]
    assert [str(block) for block in grid.merges] == ["A1:B1"]


def _old_form(folder: Path) -> bytes:
    """An .xls made by LibreOffice itself from a small .xlsx."""
    import subprocess

    from tests.forms.render_book import plain_form

    merges = '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    (folder / "a.xlsx").write_bytes(plain_form({"A1": "登记表", "B1": "", "A2": "姓名", "B2": ""}, extra=merges))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    office = modern.office()
    assert office is not None
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "xls", "--outdir", str(folder), str(folder / "a.xlsx")],
        capture_output=True, check=True, timeout=100,
    )  # fmt: skip
    return (folder / "a.xls").read_bytes()
