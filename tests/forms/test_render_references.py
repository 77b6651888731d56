"""References when rows come in. The example roster has printed rows 5 to 7 and gets 3 more, so row 7 becomes row 10."""

from __future__ import annotations

import pytest

from forms.render.references import Growth, RowMap, shift_block, shift_formula, shift_list

MAP = RowMap((Growth(5, 7, 3),))
ONE = RowMap((Growth(5, 5, 3),))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SUM(C5:C7)", "SUM(C5:C10)"),
        ("SUM(C$5:C$7)", "SUM(C$5:C$10)"),
        ("C8+$C$9", "C11+$C$12"),
        ("C4+C5+C6", "C4+C5+C6"),
        ("SUM(5:7)", "SUM(5:10)"),
        ("SUM(C:C)", "SUM(C:C)"),
        ('IF(C8="C8","C5:C7",LOG10(C8))', 'IF(C11="C8","C5:C7",LOG10(C11))'),
        ("表!C8+别处!C8", "表!C11+别处!C8"),
        ("'表'!C8", "'表'!C11"),
        ("[1]表!C8", "[1]表!C8"),
        ("名称8+C8", "名称8+C11"),
        ("OFFSET(C8,0,0,ROWS(C5:C7))", "OFFSET(C11,0,0,ROWS(C5:C10))"),
        ("{1,2;3,4}+C8", "{1,2;3,4}+C11"),
        ("SUMIF($B$5:$B$7,\"男\",C5:C7)/C8%", "SUMIF($B$5:$B$10,\"男\",C5:C10)/C11%"),
        ("AA8:AB9 AB8", "AA11:AB12 AB11"),
        ("#REF!+C8", "#REF!+C11"),
        ("SUM(C8", "SUM(C11"),
    ],
)  # fmt: skip
def test_formula_on_the_sheet_that_grew(before: str, after: str) -> None:
    assert shift_formula(before, "表", {"表": MAP}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("C8", "C8"),
        ("表!C8", "表!C11"),
        ("SUM(表!C5:C7)", "SUM(表!C5:C10)"),
        ("'表 1'!C8", "'表 1'!C8"),
        ('LEN("表!C8")', 'LEN("表!C8")'),
    ],
)
def test_formula_on_another_sheet(before: str, after: str) -> None:
    assert shift_formula(before, "汇总", {"表": MAP}) == after


def test_a_sheet_name_with_an_apostrophe() -> None:
    assert shift_formula("'O''Neil 表'!C8", "汇总", {"O'Neil 表": MAP}) == "'O''Neil 表'!C11"


def test_a_block_that_ends_in_a_one_row_roster_grows_but_not_for_the_row_itself() -> None:
    assert shift_formula("SUM(C5:C5)", "表", {"表": ONE}, own_row=6) == "SUM(C5:C8)"
    assert shift_formula("SUM(A5:B5)", "表", {"表": ONE}, own_row=5) == "SUM(A5:B5)"
    assert shift_block("A5:H5", ONE, elastic=False) == "A5:H5"


def test_several_growths_add_up() -> None:
    rows = RowMap((Growth(5, 7, 3), Growth(10, 12, 2)))
    assert [rows.row(old) for old in (6, 7, 9, 11, 12, 20)] == [6, 10, 12, 14, 17, 25]


def test_new_rows_join_a_block_that_holds_the_first_row() -> None:
    assert shift_list("C5:D5 H1", MAP) == "C5:D5 C7:D9 H1"
    assert shift_list("C5:C7", MAP) == "C5:C10"
    assert shift_list("C9:C20", MAP) == "C12:C23"
