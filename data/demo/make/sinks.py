"""Files that grow place by place: CSV, SQLite and Excel, each written as a stream so that memory stays bounded."""

from __future__ import annotations

import csv
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol
from xml.sax.saxutils import escape

_FIXED_TIME = (2026, 10, 31, 8, 0, 0)  # the same bytes for the same seed


class Sink(Protocol):
    """Takes rows of texts in the order of its headers."""

    def add(self, columns: Sequence[Sequence[Any]]) -> None: ...

    def close(self) -> None: ...


@dataclass
class CsvSink:
    """A CSV file in the encoding of the department."""

    path: Path
    headers: Sequence[str]
    encoding: str
    _file: IO[str] = field(init=False)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w", encoding=self.encoding, newline="")
        csv.writer(self._file).writerow(self.headers)

    def add(self, columns: Sequence[Sequence[Any]]) -> None:
        csv.writer(self._file).writerows(zip(*columns, strict=True))

    def close(self) -> None:
        self._file.close()


@dataclass
class TableSink:
    """A table of a SQLite file; every column is TEXT unless said otherwise, so that "007" stays "007"."""

    base: sqlite3.Connection
    table: str
    headers: Sequence[str]
    types: Sequence[str] = ()

    def __post_init__(self) -> None:
        types = self.types or ("TEXT",) * len(self.headers)
        names = ", ".join(f'"{header}" {kind}' for header, kind in zip(self.headers, types, strict=True))
        self.base.execute(f'CREATE TABLE "{self.table}" ({names})')

    def add(self, columns: Sequence[Sequence[Any]]) -> None:
        marks = ", ".join("?" * len(self.headers))
        self.base.executemany(f'INSERT INTO "{self.table}" VALUES ({marks})', zip(*columns, strict=True))  # noqa: S608

    def close(self) -> None:
        self.base.commit()


def letters(col: int) -> str:
    """Column number (from 1) as Excel letters."""
    text = ""
    while col:
        col, rest = divmod(col - 1, 26)
        text = chr(65 + rest) + text
    return text


@dataclass
class SheetSink:
    """One sheet: merged title rows, one or two header rows (“group/header”), then rows. Kept in a temporary file until the
    book is closed, since a zip archive can be written one member at a time only."""

    name: str
    titles: Sequence[str]
    headers: Sequence[str]
    days: frozenset[str]  # headers whose whole numbers are days
    _file: IO[str] = field(init=False)
    _row: int = field(init=False, default=0)
    _merges: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed with the book
        last = letters(len(self.headers))
        for title in self.titles:
            self._row += 1
            self._file.write(
                f'<row r="{self._row}"><c r="A{self._row}" s="1" t="inlineStr"><is><t>{escape(title)}</t></is></c></row>'
            )
            self._merges.append(f"A{self._row}:{last}{self._row}")
        self._write_headers()

    @property
    def header_row(self) -> int:
        """Number of the last header row, known from the start."""
        return len(self.titles) + (2 if any("/" in header for header in self.headers) else 1)

    def _write_headers(self) -> None:
        parts = [header.rpartition("/") for header in self.headers]
        if not any(group for group, _, _ in parts):
            self._header_line([name for _, _, name in parts])
            return
        top, below = self._row + 1, self._row + 2
        self._header_line([group or name for group, _, name in parts])
        self._header_line([name if group else "" for group, _, name in parts])
        start = 0
        for col in range(1, len(parts) + 1):
            group = parts[start][0]
            if col == len(parts) or not group or parts[col][0] != group:
                left, right = letters(start + 1), letters(col)
                if not group:
                    self._merges.append(f"{left}{top}:{left}{below}")
                elif left != right:
                    self._merges.append(f"{left}{top}:{right}{top}")
                start = col

    def _header_line(self, names: Sequence[str]) -> None:
        self._row += 1
        seen = ""
        cells = []
        for col, name in enumerate(names, 1):
            shown = name if name != seen else ""  # a merged block holds its text once
            seen = name
            if shown:
                cells.append(f'<c r="{letters(col)}{self._row}" s="2" t="inlineStr"><is><t>{escape(shown)}</t></is></c>')
        self._file.write(f'<row r="{self._row}">{"".join(cells)}</row>')

    def add(self, columns: Sequence[Sequence[Any]]) -> None:
        numbers = range(self._row + 1, self._row + len(columns[0]) + 1)
        cells: list[Iterable[str]] = []
        for col, (header, column) in enumerate(zip(self.headers, columns, strict=True), 1):
            cells.append(_cells(letters(col), numbers, column, header in self.days))
        self._file.writelines(
            f'<row r="{number}">{"".join(row)}</row>' for number, row in zip(numbers, zip(*cells, strict=True), strict=True)
        )
        self._row += len(columns[0])

    def xml(self) -> Iterable[bytes]:
        """The sheet's XML in pieces."""
        yield b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        yield b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        yield b'<sheetFormatPr defaultRowHeight="15"/>'
        yield f'<cols><col min="1" max="{len(self.headers)}" width="16" customWidth="1"/></cols><sheetData>'.encode()
        self._file.seek(0)
        while piece := self._file.read(1 << 20):
            yield piece.encode()
        merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in self._merges)
        block = f'<mergeCells count="{len(self._merges)}">{merges}</mergeCells>' if merges else ""
        yield f"</sheetData>{block}</worksheet>".encode()
        self._file.close()

    def close(self) -> None:
        """Nothing: the book takes the sheet in."""


def _cells(letter: str, numbers: Iterable[int], column: Sequence[Any], days: bool) -> list[str]:
    result = []
    for number, value in zip(numbers, column, strict=True):
        if value == "":
            result.append("")
        elif isinstance(value, str):
            text = escape(value) if "&" in value or "<" in value else value
            result.append(f'<c r="{letter}{number}" t="inlineStr"><is><t>{text}</t></is></c>')
        else:
            result.append(f'<c r="{letter}{number}"{" s=" + chr(34) + "3" + chr(34) if days else ""}><v>{value}</v></c>')
    return result


_STYLES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy/m/d"/></numFmts>'
    '<fonts count="3"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="16"/><name val="黑体"/></font>'
    '<font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf xfId="0"/>'
    '<xf xfId="0" fontId="1" applyFont="1" applyAlignment="1"><alignment horizontal="center"/></xf>'
    '<xf xfId="0" fontId="2" applyFont="1" applyAlignment="1"><alignment horizontal="center" wrapText="1"/></xf>'
    '<xf xfId="0" numFmtId="164" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="常规" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEETML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def write_book(path: Path, sheets: Sequence[SheetSink]) -> None:
    """Puts finished sheets into one .xlsx (ECMA-376), inline strings, four cell styles."""
    path.parent.mkdir(parents=True, exist_ok=True)
    numbered = list(enumerate(sheets, 1))
    parts: Mapping[str, str] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="'
        f'{_SHEETML}.sheet.main+xml"/>'
        '<Override PartName="/xl/styles.xml" ContentType="'
        f'{_SHEETML}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_SHEETML}.worksheet+xml"/>'
            for number, _ in numbered
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        f'xmlns:r="{_OFFICE}"><sheets>'
        + "".join(f'<sheet name="{escape(sheet.name)}" sheetId="{number}" r:id="rId{number}"/>' for number, sheet in numbered)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n, _ in numbered)
        + f'<Relationship Id="rId{len(sheets) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _FIXED_TIME), text, zipfile.ZIP_DEFLATED)
        for number, sheet in numbered:
            member = zipfile.ZipInfo(f"xl/worksheets/sheet{number}.xml", _FIXED_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w", force_zip64=True) as target:
                for piece in sheet.xml():
                    target.write(piece)
