"""Files to readings: every form workbook below the given paths, each under a name that is unique among them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from forms.grid import read_book, read_bytes
from forms.model import Book, Reading
from forms.recognise import recognise

EXTENSIONS = frozenset({".xlsx", ".xlsm", ".xls", ".csv", ".et", ".xltx"})
_PARALLEL_FROM = 60  # files; below that starting processes costs more than it saves


def form_files(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """(path, name) of every workbook; a folder is searched through. `name` is what results call the file: the path as
    given, with folders relative to the given one. Lock files of an open Excel (~$…) and hidden files are left out."""
    found: list[tuple[Path, str]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in EXTENSIONS and _ours(p.relative_to(path)))
            found += [(p, str(p.relative_to(path))) for p in inside]
        else:
            found.append((path, path.name))
    return _unique(found)


def template_files(paths: Iterable[Path]) -> dict[str, Path]:
    """File name -> path of every form below the paths."""
    return {name: path for path, name in form_files(paths)}


def _ours(path: Path) -> bool:
    return not any(part.startswith((".", "~$")) for part in path.parts)


def _unique(files: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    seen: dict[str, int] = {}
    result = []
    for path, name in files:
        seen[name] = seen.get(name, 0) + 1
        result.append((path, name if seen[name] == 1 else f"{path.parent.name}/{name}"))
    return result


def read_one(path: Path, name: str) -> Reading:
    """One file, read and recognised under `name`. Never raises for bad content: that is a Problem of the reading."""
    book: Book = read_bytes(path.read_bytes(), name) if path.is_file() else replace(read_book(path), file=name)
    return recognise(book)


def _read_pair(pair: tuple[Path, str]) -> Reading:
    return read_one(*pair)


def read_all(files: Sequence[tuple[Path, str]], periods: Mapping[str, str] | None = None) -> Iterator[Reading]:
    """Readings in the order of `files`, one after the other as they are done. `periods`: how often a form is due, by file
    name, for forms that do not print it."""
    if len(files) < _PARALLEL_FROM or (os.cpu_count() or 1) < 2:
        readings: Iterable[Reading] = map(_read_pair, files)
        yield from (with_periods(reading, periods or {}) for reading in readings)
        return
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for reading in pool.map(_read_pair, files, chunksize=8):
            yield with_periods(reading, periods or {})


def with_periods(reading: Reading, periods: Mapping[str, str]) -> Reading:
    """The reading with the known frequency of its forms where they print none."""
    due = periods.get(reading.book.file, "")
    if not due or all(form.period for form in reading.forms):
        return reading
    return replace(reading, forms=tuple(form if form.period else replace(form, period=due) for form in reading.forms))
