"""One spec -> the workbook and the list of its blanks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from forms.library.make.canvas import Blank, Canvas, Look, fit_heights
from forms.library.make.cards import card_columns, draw_card
from forms.library.make.notation import Notation
from forms.library.make.package import pack
from forms.library.make.rosters import draw_roster, roster_columns
from forms.library.make.statistics import draw_statistic, statistic_columns
from forms.library.make.texts import TEXT_BLOCKS

_TABLES: Mapping[str, Any] = {"roster": draw_roster, "card": draw_card, "statistic": draw_statistic}
_WIDTHS: Mapping[str, Any] = {"roster": roster_columns, "card": card_columns, "statistic": statistic_columns}


@dataclass(frozen=True)
class Built:
    """A finished form: the file's bytes and every blank on it."""

    template: bytes
    blanks: tuple[Blank, ...]


def build(spec: Mapping[str, Any], notation: Notation) -> Built:
    """Draws all sheets of a form's spec.

    Raises ValueError for a spec that does not fit together, KeyError for a missing member.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    blanks: list[Blank] = []
    drawings: dict[int, Sequence[Mapping[str, Any]]] = {}
    look = Look(**spec.get("look", {}))
    for number, sheet in enumerate(spec["sheets"], 1):
        blanks += _sheet(book.create_sheet(sheet["name"]), sheet, look, notation)
        if "drawings" in sheet:
            drawings[number] = sheet["drawings"]
    for name, key in spec.get("names", {}).items():
        named = next(blank for blank in blanks if blank.key == key)
        place = f"'{named.sheet}'!${get_column_letter(named.col)}${named.row}"
        book.defined_names[name] = DefinedName(name, attr_text=place)
    if "codes" in spec:
        _code_lists(book.create_sheet(spec["codes"]["name"]), spec["codes"], notation, look)
    book.properties.creator = spec["department"]
    book.properties.title = spec["title"]
    return Built(pack(book, drawings), tuple(blanks))


def _sheet(sheet: Worksheet, spec: Mapping[str, Any], look: Look, notation: Notation) -> list[Blank]:
    left = int(spec.get("left", 1))
    blocks = [next(iter(block.items())) for block in spec["blocks"]]
    wide = max(_WIDTHS[kind](body, notation) for kind, body in blocks if kind in _WIDTHS)
    canvas = Canvas(sheet, look, left, left + wide - 1, [], row=int(spec.get("top", 1)))
    if left > 1:
        canvas.widths({col: 2.5 for col in range(1, left)})
    for kind, body in blocks:  # the widths of the columns first: lines of text are spread over them
        if kind in _TABLES:
            trial = Canvas(Workbook().create_sheet(), look, left, canvas.right, [], widths_of=canvas.widths)
            _TABLES[kind](trial, body, notation)
    for kind, body in blocks:
        (_TABLES[kind] if kind in _TABLES else TEXT_BLOCKS[kind])(canvas, body, notation)
    for col, width in spec.get("widths", {}).items():
        sheet.column_dimensions[col].width = width
    fit_heights(canvas)
    _page(canvas, spec)
    _extras(canvas, spec)
    return canvas.blanks


def _page(canvas: Canvas, spec: Mapping[str, Any]) -> None:
    sheet = canvas.sheet
    page = spec.get("page", "portrait")
    wide = sum(sheet.column_dimensions[get_column_letter(x)].width for x in range(canvas.left, canvas.right + 1))
    sheet.page_setup.orientation, sheet.page_setup.paperSize = page, 8 if wide > 230 else 9  # 8 = A3, 9 = A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.7
    sheet.page_margins.footer = 0.3
    sheet.print_options.horizontalCentered = True
    footer = sheet.oddFooter
    if footer is not None and footer.center is not None:
        footer.center.text = "第 &P 页，共 &N 页"
    if canvas.header_rows and spec.get("freeze"):
        sheet.freeze_panes = f"{spec['freeze']}{canvas.header_rows[1] + 1}"
        sheet.print_title_rows = f"{canvas.header_rows[0]}:{canvas.header_rows[1]}"


def _extras(canvas: Canvas, spec: Mapping[str, Any]) -> None:
    sheet = canvas.sheet
    for row in spec.get("hidden_rows", ()):
        sheet.row_dimensions[row].hidden = True
    for col in spec.get("hidden_columns", ()):
        sheet.column_dimensions[col].hidden = True
    for rule in spec.get("highlight", ()):
        fill = PatternFill("solid", bgColor=rule.get("colour", "FFC7CE"))
        top, bottom = next(blank.rows for blank in canvas.blanks if blank.rows)
        formula = str(rule["formula"]).format(cell=f"${rule['column']}{top}")
        marking = Rule(type="expression", dxf=DifferentialStyle(fill=fill), formula=[formula])
        sheet.conditional_formatting.add(f"{rule['column']}{top}:{rule['column']}{bottom}", marking)
    if spec.get("state"):
        sheet.sheet_state = spec["state"]


def _code_lists(sheet: Worksheet, spec: Mapping[str, Any], notation: Notation, look: Look) -> None:
    """A sheet of code lists (字典): for each list a column of codes and a column of texts."""
    canvas = Canvas(sheet, look, 1, 2 * len(spec["lists"]), [])
    canvas.put(1, 1, spec.get("title", "代码表"), "title", right=canvas.right)
    for number, (caption, listed) in enumerate(spec["lists"].items()):
        col = 1 + 2 * number
        canvas.put(2, col, caption, "header", right=col + 1)
        canvas.put(3, col, "代码", "header")
        canvas.put(3, col + 1, "名称", "header")
        canvas.widths({col: 7, col + 1: 22})
        for row, text in enumerate(notation.lists[listed], 4):
            canvas.put(row, col, f"{row - 3:02d}", "unit")
            canvas.sheet.cell(row, col).number_format = "@"
            canvas.put(row, col + 1, text, "stub")
        canvas.row = max(canvas.row, 4 + len(notation.lists[listed]))
    fit_heights(canvas)
    sheet.freeze_panes = f"{get_column_letter(1)}4"
