"""Files to readings: every form workbook below the given paths, each under a name that is unique among them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from consolidation.results import is_result
from forms.encoding import decode
from forms.grid import read_book
from forms.model import Book, Reading
from forms.recognise import recognise

EXTENSIONS = frozenset({".xlsx", ".xlsm", ".xls", ".csv", ".et", ".xltx", ".xltm", ".xlt", ".tsv"})
# Other kinds in which forms are handed round: read where that is possible, else told what to do, never passed over.
_KINDRED = frozenset({".htm", ".html", ".ods", ".xlsb", ".mht", ".doc", ".docx", ".wps", ".pdf", ".ofd", ".rar", ".zip", ".7z"})
_LOOKED_AT = EXTENSIONS | _KINDRED
_PARALLEL_FROM = 60  # files; below that starting processes costs more than it saves


def form_files(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """(path, name) of every workbook; a folder is searched through. `name` is what results call the file: the path as
    given, with folders relative to the given one. Lock files of an open Excel (~$…), hidden files and
    what earlier runs wrote are left out."""
    found: list[tuple[Path, str]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in _LOOKED_AT and _ours(p.relative_to(path)))
            forms = [p for p in inside if not p.is_dir() and not is_result(p, path)]
            found += [(p, readable(str(p.relative_to(path)))) for p in forms]
        else:
            found.append((path, readable(path.name)))
    return _unique(found)


def readable(name: str) -> str:
    """A file name that can be shown and stored. Archives packed on Windows unpack elsewhere to names whose bytes are GBK and
    no UTF-8: they are read as that."""
    data = os.fsencode(name)
    found = decode(data)
    return found.text if found is not None else data.decode("utf-8", "replace")


def template_files(paths: Iterable[Path]) -> dict[str, Path]:
    """File name -> path of every form below the paths."""
    return {name: path for path, name in form_files(paths)}


def _ours(path: Path) -> bool:
    return not any(part.startswith((".", "~$")) for part in path.parts)


def _unique(files: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """Each file once, under a name of its own: the folder before it, then a number, tells files of one name apart."""
    taken: set[str] = set()
    paths: set[Path] = set()
    result = []
    for path, name in files:
        if path.resolve() in paths:
            continue
        paths.add(path.resolve())
        longer = f"{readable(path.parent.name)}/{name}"
        choices = chain((name, longer), (f"{longer}（{number}）" for number in count(2)))
        free = next(choice for choice in choices if choice not in taken)
        taken.add(free)
        result.append((path, free))
    return result


def read_one(path: Path, name: str) -> Reading:
    """One file, read and recognised under `name`. Never raises for bad content: that is a Problem of the reading."""
    book: Book = read_book(path, name)
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


def renamed(reading: Reading, name: str) -> Reading:
    """The same reading under another file name."""
    book = replace(reading.book, file=name)
    return replace(reading, book=book, forms=tuple(replace(form, file=name) for form in reading.forms))
