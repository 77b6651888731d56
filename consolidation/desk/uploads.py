"""A form that somebody hands in: how large it may be, how it is read, and what it looks like, cell by cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from consolidation.promised import all_problems
from consolidation.reading import EXTENSIONS, with_periods
from forms.grid import read_bytes
from forms.model import Address, CellKind, Field, Grid, Problem, Purpose, Reading, Role, column_letters
from forms.recognise import recognise

from .model import Invalid

MB = 1024 * 1024
UPLOAD_BYTES = 10 * MB  # of any file; the largest form known to us has 1.5 MB
UNPACKED_BYTES = 100 * MB
CELLS = 60_000  # of all sheets; the largest form known to us has about 6,000
FIELDS = 3_000
SHOWN_ROWS, SHOWN_COLS = 300, 80  # of a sheet's picture

ROLE_NAMES = {
    Role.TITLE: "标题", Role.COLUMN_HEADER: "列标题", Role.ROW_HEADER: "行标题", Role.VALUE: "填写", Role.NOTE: "说明",
    Role.BLANK_LABEL: "标题和填写",
}  # fmt: skip
_FIELD = "field"  # a blank cell that takes a value


def read_upload(data: bytes, name: str, frequency: str = "") -> Reading:
    """A workbook as it is understood. Raises Invalid for what is too large, cannot be read or is no form."""
    shown = PurePath(name.replace("\\", "/")).name[:120] or "报表"
    if not data:
        raise Invalid("steward.no-file")
    if PurePath(shown).suffix.lower() not in EXTENSIONS:
        raise Invalid("steward.file-kind", kinds="、".join(sorted(EXTENSIONS)))
    if len(data) > UPLOAD_BYTES or _unpacked(data) > UNPACKED_BYTES:
        raise Invalid("steward.file-large", most=UPLOAD_BYTES // MB, unpacked=UNPACKED_BYTES // MB)
    book = read_bytes(data, shown)
    if not book.grids:
        first = next((p for p in book.problems if p.severity == "error"), next(iter(book.problems), None))
        reason = f"{first.message}{first.hint}" if first is not None else "里面没有表"
        raise Invalid("steward.file-unreadable", reason=reason)
    cells = sum(1 for grid in book.grids for cell in grid.cells.values() if cell.text.strip())
    if cells > CELLS:
        raise Invalid("steward.no-form-but-data", cells=cells, most=CELLS)
    reading = with_periods(recognise(book), {book.file: frequency})
    count = sum(field.purpose is Purpose.DATA for form in reading.forms for field in form.fields)
    if not count:
        raise Invalid("steward.no-fields")
    if count > FIELDS:
        raise Invalid("steward.many-fields", count=count, most=FIELDS)
    return reading


def _unpacked(data: bytes) -> int:
    """Bytes of a zip archive's parts as its directory declares them; unzipping never gives more. 0 for any other file."""
    if data[:2] != b"PK":
        return 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return 0  # the reader says what is wrong with it


@dataclass(frozen=True, slots=True)
class PictureCell:
    """One cell of a sheet's picture. `role`: a Role, "field" for a blank to be filled in, "" for an empty cell."""

    a1: str
    text: str
    role: str
    name: str
    rowspan: int = 1
    colspan: int = 1
    path: str = ""
    unit: str = ""
    formula: bool = False
    bold: bool = False
    right: bool = False


@dataclass(frozen=True)
class Picture:
    """A sheet as people see it, each cell with its role in words. `cut`: it goes on beyond what is shown."""

    number: int
    name: str
    hidden: bool
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[PictureCell, ...]], ...]
    counts: Mapping[str, int]
    forms: tuple[str, ...]
    problems: tuple[Problem, ...]
    cut: bool


def picture(reading: Reading, number: int) -> Picture | None:
    """The sheet with this number (1 = the first); None when there is none."""
    if not 1 <= number <= len(reading.book.grids):
        return None
    grid = reading.book.grids[number - 1]
    forms = [form for form in reading.forms if form.sheet == grid.name]
    roles: dict[Address, Role] = {address: role for form in forms for address, role in form.roles.items()}
    fields = {field.cell: field for form in forms for field in form.fields}
    extent = grid.extent
    bottom, right = (extent.bottom, extent.right) if extent is not None else (0, 0)
    bottom, right = max([bottom, *(cell.row for cell in fields)]), max([right, *(cell.col for cell in fields)])
    cut = bottom > SHOWN_ROWS or right > SHOWN_COLS
    bottom, right = min(bottom, SHOWN_ROWS), min(right, SHOWN_COLS)
    rows = tuple((row, _row(grid, row, right, bottom, roles, fields)) for row in range(1, bottom + 1))
    counts: dict[str, int] = {}
    for _, cells in rows:
        for cell in cells:
            if cell.name:
                counts[cell.name] = counts.get(cell.name, 0) + 1
    problems = tuple(problem for problem in all_problems(reading) if problem.sheet in ("", grid.name))
    letters = tuple(column_letters(col) for col in range(1, right + 1))
    titles = tuple(form.title for form in forms)
    return Picture(number, grid.name, grid.state != "visible", letters, rows, counts, titles, problems, cut)


def _row(
    grid: Grid, row: int, right: int, bottom: int, roles: Mapping[Address, Role], fields: Mapping[Address, Field]
) -> tuple[PictureCell, ...]:  # fmt: skip
    found = []
    for col in range(1, right + 1):
        block = grid.rect(row, col)
        if (block.top, block.left) != (row, col):
            continue
        address = grid.address(row, col)
        cell, field, role = grid.cell(row, col), fields.get(address), roles.get(address)
        kind = str(role) if role is not None else _FIELD if field is not None else ""
        name = ROLE_NAMES[role] if role is not None else "待填" if field is not None else ""
        text = cell.text.strip() if cell is not None else ""
        found.append(PictureCell(
            address.a1, text, kind, name, min(block.bottom, bottom) - row + 1, min(block.right, right) - col + 1,
            " / ".join(field.path) if field is not None else "", field.unit if field is not None else "",
            cell is not None and cell.formula is not None, cell is not None and cell.style.bold,
            cell is not None and cell.kind is CellKind.NUMBER,
        ))  # fmt: skip
    return tuple(found)
