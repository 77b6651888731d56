"""One file or database of shared data as tables of text. What is wrong with it is told, never raised for content alone."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from forms.encoding import decode_as
from forms.grid import ListSheet, read_lists, text_of
from forms.grid.cells import rounded_text
from forms.grid.text import separator
from forms.model import Problem
from forms.problems import problem, reason

from .headers import HEADER_DEPTH, Knows, beside_rows, header_row, joined, spread, title_of

DATABASES = frozenset({".db", ".sqlite", ".sqlite3"})
TEXTS = frozenset({".csv", ".tsv", ".txt"})
_SEPARATOR_IN = 65_536  # characters looked at for the separator


@dataclass(frozen=True)
class Raw:
    """A table as it lies in its file: header texts (levels joined by /), rows of text, and where it came from."""

    file: str
    table: str
    title: str
    header: tuple[str, ...]
    rows: pd.DataFrame
    first_row: int = 2
    lines: tuple[int, ...] = ()  # where each row stands in the file, where they do not follow one another


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
class Reader:
    """Reads the files below `root`. `tell` takes every problem; `knows`: whether a text is a label that the lexicon knows."""

    root: Path
    tell: Callable[[Problem], None]
    knows: Knows

    def tables(self, entry: Entry) -> Iterator[Raw]:
        """The tables of a file; none for one that cannot be read."""
        path = self.root / entry.file
        suffix = path.suffix.lower()
        try:
            if suffix in DATABASES:
                yield from self._database(path, entry)
            elif suffix in TEXTS:
                yield from self._text(path, entry)
            else:
                yield from self._workbook(path, entry)
        except OSError as error:
            self._say("data.unreadable", entry, reason=reason(error))
        except (csv.Error, sa.exc.SQLAlchemyError):
            self._say("data.unreadable", entry, reason="文件已损坏，或者不是扩展名说的那种文件")

    def _say(self, code: str, entry: Entry, sheet: str = "", **values: object) -> None:
        self.tell(problem(code, entry.file, sheet or entry.table, "", **values))

    # ---- text ---------------------------------------------------------------------------------------------------------

    def _text(self, path: Path, entry: Entry) -> Iterator[Raw]:
        data = path.read_bytes()
        found = decode_as(data, entry.encoding)
        if found is None:
            self._say("data.unreadable", entry, reason="文字编码认不出，或者不是文字文件")
            return
        if found.broken:
            self._say("file.encoding-doubtful", entry, encoding=found.shown_encoding)
        text = found.text.lstrip("\ufeff")
        if not text.strip():
            self._say("data.empty-file", entry)
            return
        mark = separator(text[:_SEPARATOR_IN])
        if not mark and path.suffix.lower() == ".txt":
            self._say("file.not-a-workbook", entry, looks="普通文字")
            return
        mark = mark or ","
        head = list(islice(csv.reader(io.StringIO(text), delimiter=mark), HEADER_DEPTH))
        at = entry.header_row or header_row(head, (), self.knows)
        header = joined(head[:at])
        frame = _lines(text, mark, at, len(header))
        header += ("",) * (frame.shape[1] - len(header))
        if "E+" in text or "e+" in text:
            self._without_rounded(frame, entry, "", header)
        yield self._told(Raw(entry.file, "", entry.title or title_of(head[: at - 1]) or path.stem, header, frame, at + 1), entry)

    # ---- workbooks ----------------------------------------------------------------------------------------------------

    def _workbook(self, path: Path, entry: Entry) -> Iterator[Raw]:
        book = read_lists(path, entry.file)
        for told in book.problems:
            if told.severity != "info" and told.code != "file.no-cells":
                self.tell(told)
        wanted = [sheet for sheet in book.sheets if not entry.table or sheet.name == entry.table]
        if book.sheets and not wanted:
            self._say("data.no-such-table", entry, table=entry.table)
        empty = [sheet for sheet in wanted if not sheet.rows]
        if empty and len(empty) == len(wanted) == len(book.sheets):
            self._say("data.empty-file", entry)
        else:
            for sheet in empty:
                self._say("data.empty-sheet", entry, sheet.name, table=sheet.name)
        for sheet in wanted:
            if sheet.rows:
                yield self._told(self._sheet(sheet, path, entry), entry)

    def _sheet(self, sheet: ListSheet, path: Path, entry: Entry) -> Raw:
        """The rows of a sheet as a table, from its header on."""
        width = max(map(len, sheet.rows.values()))
        top = [sheet.rows.get(number, [])[:] for number in range(1, max(HEADER_DEPTH, entry.header_row) + 1)]
        top = [row + [""] * (width - len(row)) for row in top[: max(sheet.rows)]]
        spread(top, [block for block in sheet.merges if block.top <= len(top)])
        at = entry.header_row or header_row(top, sheet.merges, self.knows)
        _spread_down(sheet, at)
        lines = tuple(number for number in sorted(sheet.rows) if number > at and any(sheet.rows[number]))
        body = [sheet.rows[number] + [""] * (width - len(sheet.rows[number])) for number in lines]
        frame = pd.DataFrame(body, columns=range(width), dtype=object)
        merged = any(block.top <= at and block.width > 1 for block in sheet.merges)
        header = joined(top[:at], merged=merged)
        return Raw(entry.file, sheet.name, entry.title or title_of(top[: at - 1]) or path.stem, header, frame, at + 1, lines)

    # ---- databases ----------------------------------------------------------------------------------------------------

    def _database(self, path: Path, entry: Entry) -> Iterator[Raw]:
        if not path.is_file():
            self._say("file.missing", entry)
            return
        engine = sa.create_engine(f"sqlite:///{path}", hide_parameters=True)
        try:
            yield from self.database(engine, entry)
        finally:
            engine.dispose()

    def database(self, engine: sa.Engine, entry: Entry) -> Iterator[Raw]:
        """The tables of a database. Raises SQLAlchemyError for one that does not answer."""
        names = sa.inspect(engine).get_table_names()
        wanted = [name for name in names if not entry.table or name == entry.table]
        if not wanted:
            self._say("data.no-such-table" if names else "data.no-tables", entry, table=entry.table)
        for table in wanted:
            with engine.connect() as connection:
                result = connection.execute(sa.select(sa.text("*")).select_from(sa.table(table)))
                header = tuple(result.keys())
                rows = [[text_of(value) for value in row] for row in result]
            frame = pd.DataFrame(rows, columns=range(len(header)), dtype=object)
            if rows:
                self._without_rounded(frame, entry, table, header)
            yield self._told(Raw(entry.file, table, table, header, frame, 1), entry)

    # ---- what is told of every table ----------------------------------------------------------------------------------

    def _told(self, raw: Raw, entry: Entry) -> Raw:
        if raw.rows.empty:
            self._say("data.no-rows", entry, raw.table, table=raw.table or raw.title)
            return raw
        aside = beside_rows(raw.rows)
        if aside.all() or not aside.any():
            return raw
        lines = np.array(raw.lines or range(raw.first_row, raw.first_row + len(raw.rows)))
        shown = "、".join(map(str, lines[aside][:5]))
        self._say("data.not-rows", entry, raw.table, table=raw.table or raw.title, count=int(aside.sum()), rows=shown)
        return replace(raw, rows=raw.rows[~aside].reset_index(drop=True), lines=tuple(lines[~aside].tolist()))

    def _without_rounded(self, frame: pd.DataFrame, entry: Entry, sheet: str, header: Sequence[str]) -> None:
        """Long numbers of which Excel kept the first digits (5.11E+17) are no values: blank, and told."""
        for at, name in enumerate(header):
            if not frame[at].str.contains("[eE][+]", regex=True).any():
                continue
            lost: pd.Series[Any] = frame[at].map(rounded_text).astype(bool)
            if lost.any():
                shown, column = frame.loc[lost, at].iloc[0].strip(), name or f"第 {at + 1} 列"
                self._say("data.rounded", entry, sheet, count=int(lost.sum()), column=column, shown=shown)
                frame.loc[lost, at] = ""


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


def _spread_down(sheet: ListSheet, header: int) -> None:
    """A text merged over several rows of the list holds for each of them (户主, 户编号). A number does not: as an amount it would
    be added up as often as it is repeated."""
    for block in sheet.merges:
        held = sheet.rows.get(block.top, [])[block.left - 1 : block.left]
        if block.top <= header or block.height == 1 or not held or not held[0] or _is_number(held[0]):
            continue
        for row in range(block.top + 1, block.bottom + 1):
            line = sheet.rows.get(row)
            if line is not None:
                line.extend([""] * (block.left - len(line)))
                line[block.left - 1] = held[0]


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).isdigit() and len(text) < 12
