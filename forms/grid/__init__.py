"""Workbooks as grids of cells: .xlsx, .xlsm, .xls, .csv, and html or csv that only calls itself a workbook."""

from forms.grid.lists import ListBook, ListSheet, read_lists, text_of
from forms.grid.read import read_book, read_bytes

__all__ = ["ListBook", "ListSheet", "read_book", "read_bytes", "read_lists", "text_of"]
