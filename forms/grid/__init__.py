"""Workbooks as grids of cells: .xlsx, .xlsm, .xls, .csv, and html or csv that only calls itself a workbook."""

from forms.grid.read import read_book, read_bytes

__all__ = ["read_book", "read_bytes"]
