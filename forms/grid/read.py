"""The door: a file as a Book, whatever it is. Bad content gives Problems, never an exception."""

from __future__ import annotations

from pathlib import Path

from forms.grid import limits
from forms.grid.notes import Notes
from forms.grid.xls import read_xls
from forms.grid.xlsx import read_xlsx
from forms.model import Book

_ZIP = b"PK\x03\x04"
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_book(path: Path) -> Book:
    """The workbook at `path`. A missing or unreadable file is a Book without sheets and with a Problem."""
    notes = Notes(path.name)
    try:
        size = path.stat().st_size
        if size > limits.FILE_BYTES:
            notes.add("file.too-large", size=size // limits.MB, limit=limits.FILE_BYTES // limits.MB)
            return Book(path.name, "", (), notes.all())
        data = path.read_bytes()
    except FileNotFoundError:
        notes.add("file.missing")
        return Book(path.name, "", (), notes.all())
    except OSError as error:
        notes.add("file.unreadable", reason=error.strerror or type(error).__name__)
        return Book(path.name, "", (), notes.all())
    return read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> Book:
    """The workbook in `data`; `name` is only what problems call the file and what its extension is compared with."""
    notes = Notes(name)
    if data.startswith(_ZIP):
        grids = read_xlsx(data, notes)
        return Book(name, "xlsm" if name.lower().endswith(".xlsm") else "xlsx", grids, notes.all())
    if data.startswith(_OLE2):
        return Book(name, "xls", read_xls(data, notes), notes.all())
    notes.add("file.not-a-workbook", looks="别的文件")
    return Book(name, "", (), notes.all())
