"""Shared data from CSV, Excel, SQLite, a database URL or a folder with a manifest.yml: each table a DataSet.

Text stays text ("007" is not 7); a table whose header stands below title lines is read from its header on.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pandas as pd
import sqlalchemy as sa
import yaml
from lxml.etree import LxmlError
from openpyxl.utils.exceptions import InvalidFileException

from consolidation.lexicon import Lexicon
from forms.grid import read_book
from forms.model import Grid, Problem
from forms.problems import problem
from forms.problems import reason as reason_of

from .model import DataSet
from .understand import understand

_ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
_TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".et", ".db", ".sqlite", ".sqlite3"})
_HEADER_DEPTH = 12  # rows looked at for the header


class _Unreadable(ValueError):
    """Why a file is of no use, in words for people."""


@dataclass(frozen=True)
class Raw:
    """A table as it lies in its file: header texts (levels joined by /), rows of text, and where it came from."""

    file: str
    table: str
    title: str
    header: tuple[str, ...]
    rows: pd.DataFrame
    first_row: int = 2


@dataclass(frozen=True)
class Entry:
    """What a manifest says about a table."""

    file: str
    table: str = ""
    title: str = ""
    department: str = ""
    level: str = ""
    as_of: date | None = None
    precedence: int = 9
    coverage: str = ""
    encoding: str = ""
    header_row: int = 0
    id: str = ""


@dataclass(frozen=True)
class Sources:
    """All lists found, what was wrong, and the manifest's own words (region, period, regions file)."""

    datasets: tuple[DataSet, ...]
    problems: tuple[Problem, ...] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)


def read_sources(where: str | Path, lexicon: Lexicon) -> Sources:
    """Shared data at a path (file or folder) or a database URL. Files that cannot be read become Problems."""
    text = str(where)
    if "://" in text:
        raws = list(_database(sa.create_engine(text), text.rsplit("/", 1)[-1]))
        return Sources(tuple(understand(raw, Entry(raw.file, raw.table), lexicon) for raw in raws))
    path = Path(where)
    manifest = path / "manifest.yml"
    if path.is_dir() and manifest.is_file():
        return _folder(path, yaml.safe_load(manifest.read_text(encoding="utf-8")), lexicon)
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() in _TABLES) if path.is_dir() else [path]
    root = path if path.is_dir() else path.parent
    found: list[DataSet] = []
    problems: list[Problem] = []
    for file in files:
        name = str(file.relative_to(root))
        department = file.parent.name if file.parent != root else ""
        as_of = date.fromtimestamp(file.stat().st_mtime) if file.is_file() else None
        entry = Entry(name, department=department, as_of=as_of)
        found += _understood(root, entry, lexicon, problems)
    return Sources(tuple(found), tuple(problems))


def _folder(path: Path, manifest: Mapping[str, Any], lexicon: Lexicon) -> Sources:
    problems: list[Problem] = []
    found: list[DataSet] = []
    known = set(Entry.__dataclass_fields__)
    for item in manifest.get("datasets", ()):
        entry = Entry(**{key: value for key, value in item.items() if key in known})
        found += _understood(path, entry, lexicon, problems)
    return Sources(tuple(found), tuple(problems), manifest)


def _understood(root: Path, entry: Entry, lexicon: Lexicon, problems: list[Problem]) -> Iterator[DataSet]:
    try:
        for raw in _raw(root, entry):
            yield understand(raw, entry, lexicon)
    except _Unreadable as error:
        problems.append(problem("data.unreadable", entry.file, sheet=entry.table, reason=str(error)))
    except OSError as error:
        problems.append(problem("data.unreadable", entry.file, sheet=entry.table, reason=reason_of(error)))
    except (ValueError, KeyError, BadZipFile, LxmlError, InvalidFileException, csv.Error, sa.exc.SQLAlchemyError):
        problems.append(
            problem("data.unreadable", entry.file, sheet=entry.table, reason="文件已损坏，或者不是扩展名说的那种文件")
        )


def _raw(root: Path, entry: Entry) -> Iterator[Raw]:
    path = root / entry.file
    suffix = path.suffix.lower()
    if suffix in (".db", ".sqlite", ".sqlite3"):
        if not path.is_file():
            raise _Unreadable("没有这个文件")
        tables = _database(sa.create_engine(f"sqlite:///{path}"), entry.file)
        yield from (raw for raw in tables if not entry.table or raw.table == entry.table)
    elif suffix in (".xlsx", ".xlsm"):
        yield from _workbook(path, entry)
    elif suffix in (".xls", ".et"):
        yield from _old_workbook(path, entry)
    else:
        yield _text(path, entry)


def _decode(data: bytes, encoding: str) -> str:
    for name in (encoding, *_ENCODINGS) if encoding else _ENCODINGS:
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise _Unreadable("文字编码认不出，请另存为 UTF-8")


def _text(path: Path, entry: Entry) -> Raw:
    text = _decode(path.read_bytes(), entry.encoding)
    dialect = (
        "\t" if path.suffix.lower() == ".tsv" or text.split("\n", 1)[0].count("\t") > text.split("\n", 1)[0].count(",") else ","
    )
    head = list(islice(csv.reader(io.StringIO(text), delimiter=dialect), _HEADER_DEPTH))
    if not head:
        raise _Unreadable("文件是空的")
    at = entry.header_row or _header_row(head)
    header = _joined(head[:at])
    frame = _lines(text, dialect, at, len(header))
    header += ("",) * (frame.shape[1] - len(header))
    return Raw(entry.file, "", entry.title or _title(head[: at - 1]) or path.stem, header, frame, at + 1)


def _lines(text: str, delimiter: str, skip: int, width: int) -> pd.DataFrame:
    """The rows behind the header. A row longer than its header keeps what it has, in columns without a name."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            return pd.read_csv(
                io.StringIO(text),
                dtype=str,
                keep_default_na=False,
                header=None,
                skiprows=skip,
                sep=delimiter,
                names=range(width),
                index_col=False,
            )
        except (pd.errors.ParserError, pd.errors.ParserWarning):
            rows = [row for row in islice(csv.reader(io.StringIO(text), delimiter=delimiter), skip, None) if any(row)]
    widest = max([width, *map(len, rows)])
    return pd.DataFrame([row + [""] * (widest - len(row)) for row in rows], columns=range(widest), dtype=object)


def _old_workbook(path: Path, entry: Entry) -> Iterator[Raw]:
    """An .xls, or a web page that calls itself one, read as forms are."""
    book = read_book(path)
    if not book.grids:
        raise _Unreadable(book.problems[0].message.rstrip("。") if book.problems else "文件是空的")
    for grid in book.grids:
        if not entry.table or grid.name == entry.table:
            yield from _table(_grid_rows(grid), grid.name, path, entry)


def _grid_rows(grid: Grid) -> list[list[str]]:
    extent = grid.extent
    if extent is None:
        return []
    places = [[grid.cells.get((row, col)) for col in range(1, extent.right + 1)] for row in range(1, extent.bottom + 1)]
    return [[_cell(cell.text if cell.value is None else cell.value) if cell else "" for cell in row] for row in places]


def _workbook(path: Path, entry: Entry) -> Iterator[Raw]:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it does not know; values are not affected
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            if entry.table and sheet.title != entry.table:
                continue
            rows = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
            yield from _table(rows, sheet.title, path, entry)
    finally:
        book.close()


def _table(rows: list[list[str]], sheet: str, path: Path, entry: Entry) -> Iterator[Raw]:
    """The rows of a sheet as a table, from its header on; nothing for an empty sheet."""
    if not any(any(row) for row in rows):
        return
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    at = entry.header_row or _header_row(rows[:_HEADER_DEPTH])
    frame = pd.DataFrame([row for row in rows[at:] if any(row)], columns=range(width), dtype=object)
    yield Raw(entry.file, sheet, entry.title or _title(rows[: at - 1]) or path.stem, _joined(rows[:at]), frame, at + 1)


def _database(engine: sa.Engine, name: str) -> Iterator[Raw]:
    for table in sa.inspect(engine).get_table_names():
        with engine.connect() as connection:
            result = connection.execute(sa.select(sa.text("*")).select_from(sa.table(table)))
            header = tuple(result.keys())
            rows = [[_cell(value) for value in row] for row in result]
        frame = pd.DataFrame(rows, columns=range(len(header)), dtype=object)
        yield Raw(name, table, table, header, frame, 1)


def _cell(value: object) -> str:
    """A stored value as text: whole numbers without a point, dates as 2026-03-05, nothing as ""."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(Decimal(str(value)))
    return str(value)


def _header_row(rows: Sequence[Sequence[str]]) -> int:
    """The number (from 1) of the last header row: the fullest of the first rows, the earliest of equals, all texts."""
    best, most = 1, 0
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row if cell.strip()]
        words = [cell for cell in cells if not cell.replace(".", "").replace("-", "").isdigit()]
        if len(words) > most and len(words) == len(cells):
            best, most = number, len(words)
    return best


def _joined(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The header texts; a row above the last one that holds several captions is a second level (基本信息/姓名)."""
    last = [cell.strip() for cell in rows[-1]]
    above = [cell.strip() for cell in rows[-2]] if len(rows) > 1 else []
    if sum(bool(cell) for cell in above) < 2:
        return tuple(last)
    joined, caption = [], ""
    for i, cell in enumerate(last):
        caption = above[i] if i < len(above) and above[i] else caption
        joined.append(f"{caption}/{cell}" if cell and caption and caption != cell else cell or caption)
    return tuple(joined)


def _title(rows: Iterable[Sequence[str]]) -> str:
    return next((cell.strip() for row in rows for cell in row if cell.strip()), "")
