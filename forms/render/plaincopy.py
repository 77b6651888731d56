"""A new workbook drawn from a book as it was read: texts and merged blocks, nothing else. For files that are no .xlsx."""

from __future__ import annotations

import io
import re

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from forms.grid.cells import UNSEEN
from forms.model import Book, Grid

_NOT_IN_TITLE = re.compile(r"[\\/*?:\[\]]")


def plain_copy(book: Book) -> bytes:
    """The sheets of `book` as an .xlsx; one empty sheet when it has none. All cells are text, as shown."""
    workbook = Workbook()
    for sheet in workbook.worksheets:
        workbook.remove(sheet)
    for grid in book.grids:
        _draw(workbook.create_sheet(_NOT_IN_TITLE.sub("_", grid.name)[:31]), grid)
    if not book.grids:
        workbook.create_sheet()
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _draw(sheet: Worksheet, grid: Grid) -> None:
    for (row, col), cell in grid.cells.items():
        if not cell.text:
            continue
        target = sheet.cell(row, col)
        target.value = UNSEEN.sub("", cell.text)
        target.data_type = "s"  # a text that begins with "=" is no formula
        target.alignment = Alignment(wrap_text="\n" in cell.text)
    for block in grid.merges:
        sheet.merge_cells(start_row=block.top, start_column=block.left, end_row=block.bottom, end_column=block.right)
