"""Tables that people download: one sheet as CSV, several as an Excel workbook. What people say is written as text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

from consolidation.service import desk as use

_HURTS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(columns: Sequence[use.SheetColumn], rows: Sequence[Sequence[object]]) -> bytes:
    """With the mark by which Excel knows UTF-8; text that a spreadsheet would run is quoted."""
    target = StringIO()
    writer = csv.writer(target)
    writer.writerow(column.title for column in columns)
    for row in rows:
        writer.writerow(_safe(value) for value in row)
    return target.getvalue().encode("utf-8-sig")


def _safe(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_HURTS) else text


def as_workbook(sheets: Sequence[use.Table]) -> bytes:
    """A workbook of list sheets, in the house layout; numbers as numbers."""
    target = BytesIO()
    use.write_tables(target, sheets)
    return target.getvalue()
