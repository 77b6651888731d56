"""What is read from an old .xls workbook: the same as from a new one. old.xls is made by tests/data/grid/make_old.py."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from forms.grid import read_book
from forms.model import Book, Cell, CellKind, Rect

OLD = Path(__file__).parents[1] / "data" / "grid" / "old.xls"


@cache
def book() -> Book:
    return read_book(OLD)


def at(place: str) -> Cell:
    return book().grids[0].cells[int(place[1:]), ord(place[0]) - 64]


def test_merges_styles_and_what_is_hidden() -> None:
    grid = book().grids[0]
    assert (book().format, grid.merges, grid.extent) == ("xls", (Rect(1, 1, 1, 6),), Rect(1, 1, 5, 6))
    assert (at("A1").style.bold, at("A1").style.font_size) == (True, 16)
    assert at("A4").style.indent == 2
    style = at("C3").style
    assert (style.top, style.left, style.right, style.fill) == (True, True, False, "FFFF99")
    assert (grid.hidden_rows, grid.hidden_cols) == ({6}, {8})
    assert at("C3").comment == "年末数"


def test_figures_codes_ratios_and_dates_read_as_they_are_shown() -> None:
    assert (at("C3").text, at("C3").value) == ("2016", Decimal(2016))
    assert (at("B3").text, at("B3").value) == ("01", Decimal(1))
    assert (at("D3").text, at("D3").value) == ("12.5%", Decimal("0.125"))
    assert (at("E3").text, at("E3").value) == ("2026-03-05", date(2026, 3, 5))
    assert at("F3").text == "2026-03"


def test_a_formula_keeps_its_source_and_its_result() -> None:
    assert (at("C4").formula, at("C4").value) == ("C3*2", Decimal(4032))
    assert at("D4").formula == "1/0"


def test_drop_downs_printed_or_taken_from_another_sheet() -> None:
    found = {str(validation.rect): validation.options for validation in book().grids[0].validations}
    assert found == {"E5": ("男", "女"), "F5": ("汉族", "土家族", "苗族")}


def test_errors_rounded_ids_and_hidden_sheets_are_told() -> None:
    assert (at("D4").kind, at("C5").kind) == (CellKind.ERROR, CellKind.ERROR)
    assert {(problem.code, problem.sheet, problem.cell) for problem in book().problems} == {
        ("cell.error-value", "表一", "D4"),
        ("cell.rounded-id", "表一", "C5"),
        ("sheet.hidden", "字典", ""),
    }
