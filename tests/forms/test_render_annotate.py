"""The annotated copy: cells coloured by role, and a legend."""

from __future__ import annotations

import io

import openpyxl
import pytest

from forms.grid import read_bytes
from forms.library import shipped
from forms.model import Reading, Role
from forms.recognise import recognise
from forms.render import annotate
from forms.render.annotate import roles, words
from tests.forms.render_book import hard_form
from tests.forms.test_render_package import contents


def read(source: bytes, name: str) -> Reading:
    return recognise(read_bytes(source, name))


def fills(data: bytes) -> dict[tuple[str, str], str]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {
        (sheet.title, cell.coordinate): cell.fill.fgColor.rgb
        for sheet in book
        for line in sheet.iter_rows()
        for cell in line
        if cell.fill.fill_type == "solid"
    }


@pytest.mark.parametrize("form", shipped()[::7], ids=lambda form: form.slug)
def test_every_cell_with_a_role_has_its_colour_and_all_text_stays(form: object) -> None:
    source = form.template.read_bytes()  # type: ignore[attr-defined]
    reading = read(source, "template.xlsx")
    data = annotate(source, "template.xlsx", reading)
    shown = fills(data)
    grids = {grid.name: grid for grid in reading.book.grids}
    for address, role in roles(reading).items():
        block = grids[address.sheet].rect(address.row, address.col)
        if (block.top, block.left) == (address.row, address.col):
            assert shown[(address.sheet, address.a1)] == words()["roles"][role]["fill"]
    after = read_bytes(data, "x.xlsx").grids
    for before, now in zip(reading.book.grids, after, strict=False):
        assert {k: c.text for k, c in before.cells.items() if c.text} == {k: c.text for k, c in now.cells.items() if c.text}


def test_the_legend_names_every_colour_and_every_field() -> None:
    form = shipped()[0]
    reading = read(form.template.read_bytes(), "template.xlsx")
    legend = read_bytes(annotate(form.template.read_bytes(), "template.xlsx", reading), "x.xlsx").grids[-1]
    assert legend.name == "颜色说明"
    texts = {cell.text for cell in legend.cells.values()}
    assert {words()["roles"][role]["name"] for role in Role} <= texts
    assert {" → ".join(field.path) for found in reading.forms for field in found.fields} <= texts


def test_drawings_boxes_and_everything_else_stay_in_the_copy() -> None:
    source = hard_form()
    before, after = contents(source), contents(annotate(source, "x.xlsx", read(source, "x.xlsx")))
    changed = {name for name in before if before[name] != after[name]}
    described = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
    assert described | {"xl/worksheets/sheet1.xml"} <= changed
    assert all(name in described or name.startswith("xl/worksheets/sheet") for name in changed)
    assert after.keys() - before.keys() == {"xl/worksheets/sheet4.xml"}


@pytest.mark.parametrize("source", ["姓名,性别\n,\n".encode(), b"\x00 nothing", "姓名\n=1+1\n".encode("gb18030")])
def test_a_file_that_is_no_workbook_is_drawn_anew(source: bytes) -> None:
    reading = read(source, "名单.csv")
    grids = read_bytes(annotate(source, "名单.csv", reading), "x.xlsx").grids
    assert grids[-1].name == "颜色说明"
    texts = {cell.text for cell in grids[0].cells.values()} - {""}
    assert texts == {cell.text for grid in reading.book.grids for cell in grid.cells.values()}
