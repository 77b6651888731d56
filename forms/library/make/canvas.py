"""A sheet under construction: puts printed cells down in the look of an office form and records every blank."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Color, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from forms.library.make.notation import Item

_THIN = Side(style="thin")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_UNDER = Border(bottom=_THIN)
_BORDERLESS = {"title", "subtitle", "line", "line-right", "line-center", "note", "underlined"}
_HALIGN = {
    "title": "center", "subtitle": "center", "line": "left", "line-right": "right", "line-center": "center", "note": "left",
    "header": "center", "label": "center", "group": "center", "value": "center", "value-left": "left", "stub": "left",
    "unit": "center", "number": "right", "box": "left", "text": "left", "underlined": "left",
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """Fonts and colours of one form; offices differ, so each spec may set its own."""

    font: str = "宋体"
    size: float = 11
    title_font: str = "方正小标宋简体"
    title_size: float = 18
    label_bold: bool = False
    head_bold: bool = True
    head_fill: str = ""
    row_height: float = 0  # least height of a row of values, in points; 0 = as the text needs


@dataclass(frozen=True)
class Blank:
    """One place that takes a value, as the expected reading (fields.json) lists it."""

    sheet: str
    row: int
    col: int
    path: tuple[str, ...]
    item: Item
    key: str
    unit: str
    table: int
    rows: tuple[int, int] | None = None  # roster: first and last row
    inside: tuple[int, int] | None = None  # characters of the cell's own text that the value replaces
    group: str = ""
    formula: str = ""
    blocked: bool = False

    @property
    def cell(self) -> str:
        return f"{self.sheet}!{get_column_letter(self.col)}{self.row}"


@dataclass
class Canvas:
    """Where the blocks of one sheet draw. `row` is the next free row, `left`..`right` the columns the sheet uses."""

    sheet: Worksheet
    look: Look
    left: int
    right: int
    blanks: list[Blank]
    row: int = 1
    table: int = 0
    header_rows: tuple[int, int] | None = None
    widths_of: Callable[[Mapping[int, float]], None] | None = None  # a trial run hands its widths to the real sheet
    _widths: dict[int, float] = field(default_factory=dict)

    def put(self, row: int, col: int, text: str, style: str, *, bottom: int = 0, right: int = 0) -> None:
        """Prints `text` at a cell, merged down to `bottom` and across to `right` when these lie beyond it."""
        bottom, right = max(row, bottom), max(col, right)
        if (bottom, right) != (row, col):
            self.sheet.merge_cells(start_row=row, start_column=col, end_row=bottom, end_column=right)
        self._dress(row, col, bottom, right, style)
        if style in {"label", "header"}:
            text = self._broken(text, col, right)
        if text:
            self.sheet.cell(row, col).value = self._rich(text) if text.startswith("*") else text

    def blank(self, row: int, col: int, item: Item, path: tuple[str, ...], key: str = "", **more: Any) -> None:
        """Records the place of a value. `more`: the optional members of Blank."""
        unit = more.pop("unit", "") or item.unit
        self.blanks.append(Blank(self.sheet.title, row, col, path, item, key or item.key, unit, self.table, **more))

    def drop_down(self, item: Item, block: str) -> None:
        """Offers the item's options for the cells of `block`, the way Excel keeps an inline list (at most 255 characters)."""
        listed = ",".join(item.options)
        if not item.options or len(listed) > 250:
            return
        rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=True)
        rule.errorTitle, rule.error = "输入有误", "请从下拉列表中选择"
        rule.add(block)
        self.sheet.add_data_validation(rule)

    def widths(self, columns: Mapping[int, float]) -> None:
        """Column widths in characters; where several blocks share a column the widest wins."""
        if self.widths_of:
            self.widths_of(columns)
        for col, width in columns.items():
            self._widths[col] = max(width, self._widths.get(col, 0))
            self.sheet.column_dimensions[get_column_letter(col)].width = self._widths[col]

    def _dress(self, row: int, col: int, bottom: int, right: int, style: str) -> None:
        look = self.look
        bold = (style == "label" and look.label_bold) or (style in {"header", "group"} and look.head_bold)
        size = {"title": look.title_size, "subtitle": look.size + 2}.get(style, look.size)
        font = Font(name=look.title_font if style == "title" else look.font, size=size, bold=bold)
        fill = PatternFill("solid", start_color=look.head_fill) if style == "header" and look.head_fill else None
        border = _UNDER if style == "underlined" else None if style in _BORDERLESS else _BOX
        vertical = "top" if style in {"text", "note"} else "center"
        for y in range(row, bottom + 1):
            for x in range(col, right + 1):
                cell = self.sheet.cell(y, x)
                cell.font = font
                if border:
                    cell.border = border
                if fill:
                    cell.fill = fill
        self.sheet.cell(row, col).alignment = Alignment(_HALIGN[style], vertical, wrap_text=style not in {"line", "line-right"})

    def _broken(self, text: str, col: int, right: int) -> str:
        """A label too wide for its cell breaks before its closing bracket, as a clerk would break it."""
        room = sum(self.sheet.column_dimensions[get_column_letter(x)].width for x in range(col, right + 1)) - 1
        at = text.rfind("（")
        fits = "\n" in text or text_width(text) * self.look.size / 11 <= room
        return text if fits or at < 2 or not text.endswith("）") else f"{text[:at]}\n{text[at:]}"

    def _rich(self, text: str) -> CellRichText:
        """A required item: its star red, the rest as usual."""
        face, size = self.look.font, self.look.size
        red = TextBlock(InlineFont(rFont=face, sz=size, b=True, color=Color(rgb="FFFF0000")), "*")
        return CellRichText(red, TextBlock(InlineFont(rFont=face, sz=size, b=self.look.label_bold or None), text[1:]))


def text_width(text: str) -> int:
    """Width in Excel's character units: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def fit_heights(canvas: Canvas) -> None:
    """Makes each row as high as its wrapped text needs, which Excel itself does not do for merged cells."""
    sheet, line = canvas.sheet, canvas.look.size * 1.35
    spans = {(m.min_row, m.min_col): m for m in sheet.merged_cells.ranges}
    need: dict[int, float] = {}
    tall: list[tuple[int, int, float]] = []
    for cells in sheet.iter_rows():
        for cell in cells:
            if cell.value is None or str(cell.value).startswith("="):
                continue
            span = spans.get((cell.row, cell.column))
            height = _text_height(canvas, cell, span.max_col if span else cell.column, line)
            if span and span.max_row > cell.row:
                tall.append((cell.row, span.max_row, height))
            else:
                need[cell.row] = max(need.get(cell.row, 0), height)
    for row in range(1, canvas.row):
        given = sheet.row_dimensions[row].height
        sheet.row_dimensions[row].height = round(max(need.get(row, 0), given or 0, line + 6), 1)
    for top, bottom, height in tall:
        have = sum(sheet.row_dimensions[y].height or 0 for y in range(top, bottom + 1))
        if have < height:
            sheet.row_dimensions[bottom].height = round((sheet.row_dimensions[bottom].height or 0) + height - have, 1)


def _text_height(canvas: Canvas, cell: Any, right: int, line: float) -> float:
    """Points that a cell's text needs when it wraps at the width of its (merged) columns."""
    columns = canvas.sheet.column_dimensions
    room = sum(columns[get_column_letter(x)].width or 8.43 for x in range(cell.column, right + 1)) - 1
    scale = (cell.font.size or 11) / 11
    parts = str(cell.value).split("\n")
    lines = sum(max(1, math.ceil(text_width(part) * scale / max(room, 1))) for part in parts) if cell.alignment.wrap_text else 1
    return float(lines * line * max(scale, 1) + 6)


_DATE_BLANK = re.compile("[ \u3000_＿]*年[ \u3000_＿]*月([ \u3000_＿]*日)?")


def blank_after_colon(text: str) -> tuple[int, int]:
    """Where the value goes in a printed “label：   ” cell: the characters after the colon, a printed 年 月 日 included."""
    colon = max(text.find("："), text.find(":"))
    start = colon + 1
    match = _DATE_BLANK.match(text, start)
    return (start, match.end()) if match else (start, len(text))
