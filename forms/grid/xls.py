"""Old Excel workbooks (.xls, BIFF 2 to 8), read with xlrd."""

from __future__ import annotations

import io
import struct
from decimal import Decimal
from typing import Any

import xlrd
from xlrd.biffh import error_text_from_code

from forms.grid.biff import sheet_extras
from forms.grid.cells import BLANK, Content, Draft, Place, of_boolean, of_date, of_error, of_number, of_text, with_options
from forms.grid.notes import Notes
from forms.grid.numfmt import date_shape
from forms.model import PLAIN, Cell, Grid, Rect, Style
from forms.values.serials import from_serial

# What xlrd lets out when a file is cut short or overwritten.
DAMAGED = (
    xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error, AssertionError, IndexError, KeyError, ValueError, TypeError,
    AttributeError, OverflowError, NotImplementedError, EOFError, MemoryError, RecursionError, ZeroDivisionError,
)  # fmt: skip
_STATES = ("visible", "hidden", "veryHidden")
_HALIGN = {1: "left", 2: "center", 3: "right", 6: "center", 7: "center"}


def read_xls(data: bytes, notes: Notes) -> tuple[Grid, ...]:
    """The sheets of a BIFF stream (what a .xls file holds in its container); what cannot be read is noted."""
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, on_demand=True, logfile=io.StringIO()
        )
    except DAMAGED as error:
        encrypted = "encrypt" in str(error).lower() or "password" in str(error).lower()
        if encrypted:
            notes.add("file.encrypted")
        else:
            notes.add("file.damaged", part=type(error).__name__)
        return ()
    styles = _Styles(book)
    grids: list[Grid] = []
    drop_downs: dict[str, list[tuple[Rect, str]]] = {}
    for index, name in enumerate(book.sheet_names()):
        try:
            extras = sheet_extras(book, index)
            grids.append(_sheet(book.sheet_by_index(index), book, styles, extras.formulas, notes))
            drop_downs[name] = extras.drop_downs
        except DAMAGED:
            notes.add("file.part-damaged", name, part=name)
        book.unload_sheet(index)
    return with_options(grids, drop_downs, {name.name: name.result.text for name in book.name_obj_list if name.result})


def _sheet(sheet: Any, book: Any, styles: _Styles, formulas: dict[Place, str], notes: Notes) -> Grid:
    draft = Draft(sheet.name, notes, state=_STATES[min(sheet.visibility, 2)])
    comments = {place: note.text for place, note in sheet.cell_note_map.items()}
    for row in range(sheet.nrows):
        for col in range(sheet.row_len(row)):
            stored = sheet.cell(row, col)
            if stored.ctype == xlrd.XL_CELL_EMPTY:
                continue
            style = styles[stored.xf_index]
            place = (row + 1, col + 1)
            content = _content(stored, style, book.datemode == 1, draft, place)
            comment = comments.get((row, col), "")
            draft.put(Cell(*place, content.text, content.value, content.kind, formulas.get(place), style, comment))
    draft.merges = [Rect(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells]
    draft.hidden_rows = {row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden}
    draft.hidden_cols = {col + 1 for col, info in sheet.colinfo_map.items() if info.hidden}
    return draft.grid()


def _content(stored: Any, style: Style, system_1904: bool, draft: Draft, place: Place) -> Content:
    if stored.ctype == xlrd.XL_CELL_TEXT:
        return of_text(stored.value, draft, place)
    if stored.ctype == xlrd.XL_CELL_BOOLEAN:
        return of_boolean(bool(stored.value))
    if stored.ctype == xlrd.XL_CELL_ERROR:
        return of_error(error_text_from_code.get(stored.value, "#N/A"), draft, place)
    if stored.ctype not in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return BLANK
    raw = Decimal(repr(stored.value))
    shape = date_shape(style.number_format)
    if shape is not None:
        return of_date(from_serial(raw, system_1904), raw, shape, draft, place)
    return of_number(raw, style, draft, place)


class _Styles:
    """The book's cell formats as Style values, made once each."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[int, Style] = {}

    def __getitem__(self, index: int | None) -> Style:
        if index is None or not 0 <= index < len(self._book.xf_list):
            return PLAIN
        style = self._made.get(index)
        if style is None:
            style = self._made[index] = self._make(self._book.xf_list[index])
        return style

    def _make(self, xf: Any) -> Style:
        book = self._book
        font = book.font_list[xf.font_index] if xf.font_index < len(book.font_list) else None
        number_format = book.format_map.get(xf.format_key)
        border = xf.border
        return Style(
            bold=font is not None and (bool(font.bold) or font.weight >= 600),
            font_size=font.height / 20 if font is not None else 0.0,
            indent=xf.alignment.indent_level,
            halign=_HALIGN.get(xf.alignment.hor_align, ""),
            fill=self._fill(xf.background),
            top=bool(border.top_line_style),
            left=bool(border.left_line_style),
            bottom=bool(border.bottom_line_style),
            right=bool(border.right_line_style),
            number_format=number_format.format_str if number_format is not None else "General",
        )

    def _fill(self, background: Any) -> str:
        if not background.fill_pattern:
            return ""
        rgb = self._book.colour_map.get(background.pattern_colour_index)
        if rgb is None or rgb == (255, 255, 255):
            return ""
        return "{:02X}{:02X}{:02X}".format(*rgb)
