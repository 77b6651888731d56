"""Lists as an Excel workbook, numbers as numbers as far as Excel holds them exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .sheets import Column, ListBook

_EXACT = 15  # digits that a spreadsheet holds


@dataclass(frozen=True)
class Table:
    """A sheet: its name, title, note, columns and rows."""

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]


def write_tables(target: Any, tables: Sequence[Table]) -> None:
    """Writes the tables to a file object. Text stays text, whatever it begins with; so
    does a number of more digits than Excel holds."""
    book = ListBook(target)
    for table in tables:
        sheet = book.sheet(table.name, table.title, table.note, table.columns)
        for number, row in enumerate(table.rows, book.first_row):
            for at, value in enumerate(row):
                style = book.formats[table.columns[at].format]
                if isinstance(value, int | Decimal) and len(Decimal(value).as_tuple().digits) <= _EXACT:
                    sheet.write_number(number, at, value, style)
                else:
                    sheet.write_string(number, at, "" if value is None else str(value), style)
        if table.rows:
            sheet.autofilter(book.first_row - 1, 0, book.first_row - 1 + len(table.rows), len(table.columns) - 1)
    book.close()
