"""One way to lay out a list sheet: title, header, widths, frozen panes, filter, A4 print set-up. Text is written as text,
so that nothing a form says can turn into a formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

_FORMATS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "valign": "vcenter"},
    "note": {"font_color": "#555555", "text_wrap": True, "valign": "top"},
    "head": {"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "vcenter", "align": "center"},
    "cell": {"border": 1, "text_wrap": True, "valign": "vcenter"},
    "number": {"border": 1, "valign": "vcenter", "align": "right"},
    "missing": {"border": 2, "bg_color": "#FFF2CC", "valign": "vcenter", "border_color": "#BF9000"},
    "held": {"border": 1, "font_color": "#595959", "bg_color": "#F2F2F2", "valign": "vcenter"},
    "section": {"bold": True, "bg_color": "#EAF1DD", "border": 1, "valign": "vcenter"},
}


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: float
    format: str = "cell"


class ListBook:
    """A workbook of list sheets, written straight to a file object."""

    def __init__(self, target: Any) -> None:
        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        }
        self.book = xlsxwriter.Workbook(target, options)
        self.formats = {
            name: self.book.add_format({"font_name": "宋体", "font_size": 10.5, **spec}) for name, spec in _FORMATS.items()
        }

    def sheet(self, name: str, title: str, note: str, columns: Sequence[Column], *, landscape: bool = True) -> Any:
        """A sheet with its head; data starts in the row that `first_row` gives."""
        sheet = self.book.add_worksheet(name[:31])
        last = len(columns) - 1
        sheet.merge_range(0, 0, 0, max(last, 1), title, self.formats["title"])
        sheet.merge_range(1, 0, 1, max(last, 1), note, self.formats["note"])
        sheet.set_row(0, 28)
        sheet.set_row(1, 15 * max(1, -(-len(note) * 2 // max(20, int(sum(c.width for c in columns))))))
        for i, column in enumerate(columns):
            sheet.set_column(i, i, column.width)
            sheet.write_string(2, i, column.title, self.formats["head"])
        sheet.freeze_panes(3, 0)
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        sheet.set_footer("&C第 &P 页，共 &N 页")
        return sheet

    @property
    def first_row(self) -> int:
        return 3

    def rows(self, sheet: Any, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> int:
        """Writes rows under the head; gives the number written and sets the filter over them."""
        count = 0
        for count, row in enumerate(rows, 1):
            for i, value in enumerate(row):
                sheet.write_string(2 + count, i, "" if value is None else str(value), self.formats[columns[i].format])
        if count:
            sheet.autofilter(2, 0, 2 + count, len(columns) - 1)
        return count

    def close(self) -> None:
        self.book.close()
