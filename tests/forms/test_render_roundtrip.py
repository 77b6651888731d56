"""What is written is what is read: any values, any shipped form."""

from __future__ import annotations

import string
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.grid import read_bytes
from forms.library import ShippedForm, shipped
from forms.model import Address, CellKind, CellValue, Field, Form, Grid, ValueType
from forms.recognise import recognise
from forms.render import Rendered, Write, fill
from tests.forms.render_book import plain_form

PLAIN = st.text(
    alphabet=st.one_of(
        st.sampled_from(string.printable + "０一二三年月日□☑—／（）：=+-@_x"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"),
    ),
    max_size=40,
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4)


@settings(max_examples=200, deadline=None)
@given(PLAIN)
def test_a_text_is_read_back_but_for_what_xml_forbids(text: str) -> None:
    result = fill(plain_form({"A1": ""}), "表.xlsx", [Write(Address("表", 1, 1), text)])
    cell = read_bytes(result.data, "表.xlsx").grids[0].cell(1, 1)
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    allowed = "".join(one for one in expected if one in "\t\n" or (ord(one) >= 32 and not 0x7F <= ord(one) <= 0x9F))
    assert (cell.text if cell else "") == allowed
    assert cell is None or cell.formula is None
    assert bool(result.problems) == (allowed != expected)


@settings(max_examples=100, deadline=None)
@given(NUMBERS)
def test_a_number_is_read_back_to_the_last_digit(number: Decimal) -> None:
    result = fill(plain_form({"A1": ""}), "表.xlsx", [Write(Address("表", 1, 1), number)])
    cell = read_bytes(result.data, "表.xlsx").grids[0].cell(1, 1)
    assert cell is not None
    assert (cell.kind, cell.value) == (CellKind.NUMBER, number)


def _value(field: Field, number: int) -> Write:
    if field.type is ValueType.CHOICE and field.options:
        return Write(field.cell, None, field.blank, field.options[-1])
    values: dict[ValueType, CellValue] = {ValueType.NUMBER: Decimal(number) + Decimal("0.5"), ValueType.DATE: date(2026, 3, 9)}
    return Write(field.cell, values.get(field.type, f"值{number}"), field.blank)


def _writes(forms: tuple[Form, ...]) -> list[Write]:
    fields = [field for form in forms for field in form.fields if field.rows is None and not field.blocked]
    return [_value(field, number) for number, field in enumerate(fields)]


def _shown(grid: Grid, write: Write) -> bool:
    text = grid.text(write.address.row, write.address.col)
    wanted = write.choice if write.choice is not None else write.value
    if isinstance(wanted, date):
        return "2026" in text and "3" in text
    return "".join(str(wanted).split()) in "".join(text.split())


def _untouched(before: Grid, after: Grid, writes: list[Write]) -> bool:
    touched = {(before.rect(*place).top, before.rect(*place).left) for w in writes for place in [(w.address.row, w.address.col)]}
    return all(
        place in touched or cell.formula is not None or cell == after.cells.get(place) for place, cell in before.cells.items()
    ) and (before.merges == after.merges)


def _fill(shipped_form: ShippedForm) -> tuple[tuple[Grid, ...], list[Write], Rendered]:
    source = shipped_form.template.read_bytes()
    reading = recognise(read_bytes(source, shipped_form.template.name))
    writes = _writes(reading.forms)
    return reading.book.grids, writes, fill(source, shipped_form.template.name, writes)


@pytest.mark.parametrize("form", shipped(), ids=lambda form: form.slug)
def test_every_shipped_form_takes_a_value_in_every_single_field_and_changes_nowhere_else(form: ShippedForm) -> None:
    before, writes, result = _fill(form)
    kept = {(p.sheet, p.cell) for p in result.problems if p.code == "render.formula-kept"}
    assert {p.code for p in result.problems} <= {"render.formula-kept"}
    after = {grid.name: grid for grid in read_bytes(result.data, "x.xlsx").grids}
    for write in writes:
        assert (write.address.sheet, write.address.a1) in kept or _shown(after[write.address.sheet], write), write
    for grid in before:
        assert _untouched(grid, after[grid.name], [write for write in writes if write.address.sheet == grid.name])
