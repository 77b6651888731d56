"""Shared data from CSV, Excel, SQLite, a database URL or a folder with a manifest.yml: each table a DataSet.

Text stays text ("007" is not 7). Every file of a folder is a list, a problem, or one of the side files (README, lock files).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from consolidation.lexicon import Lexicon, clean_label
from forms.model import Problem
from forms.problems import problem

from .headers import Knows
from .model import DataSet
from .settings import source_words
from .tables import Entry, Raw, Reader
from .understand import understand

MANIFEST = "manifest.yml"


@dataclass(frozen=True)
class Sources:
    """All lists found, what was wrong, and the manifest's own words (region, period, regions file)."""

    datasets: tuple[DataSet, ...]
    problems: tuple[Problem, ...] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)


def read_sources(where: str | Path, lexicon: Lexicon) -> Sources:
    """Shared data at a path (file or folder) or a database URL. Files that cannot be read become Problems. Raises
    SQLAlchemyError for a database address that does not answer."""
    text = str(where)
    problems: list[Problem] = []
    if "://" in text:
        name = text.rsplit("/", 1)[-1]
        reader = Reader(Path(), problems.append, _knows(lexicon))
        tables = reader.database(sa.create_engine(text, hide_parameters=True), Entry(name))
        found = [understand(raw, Entry(raw.file, raw.table), lexicon) for raw in tables]
        return Sources(tuple(found), tuple(problems))
    path = Path(where)
    manifest: Mapping[str, Any] = {}
    if path.is_dir() and (path / MANIFEST).is_file():
        manifest = yaml.safe_load((path / MANIFEST).read_text(encoding="utf-8"))
        entries = _declared(path, manifest, problems)
    else:
        entries = list(_met(path))
    reader = Reader(path if path.is_dir() else path.parent, problems.append, _knows(lexicon))
    found = [understand(raw, entry, lexicon) for entry in entries for raw in reader.tables(entry)]
    return Sources(tuple(found), tuple(problems), manifest)


def _declared(path: Path, manifest: Mapping[str, Any], problems: list[Problem]) -> list[Entry]:
    """The lists that a manifest names. A file beside them that it names nowhere is told: it may be the newest list of all."""
    known = set(Entry.__dataclass_fields__)
    named = [Entry(**{key: value for key, value in item.items() if key in known}) for item in manifest.get("datasets", ())]
    aside = {MANIFEST, str(manifest.get("regions", "")), *manifest.get("aside", ()), *(entry.file for entry in named)}
    problems += [problem("data.not-in-manifest", name) for name in _files(path) if name not in aside]
    return named


def _met(path: Path) -> Iterator[Entry]:
    """Every file of a folder (or the one file), with what its place and age say."""
    root = path if path.is_dir() else path.parent
    for name in _files(path) if path.is_dir() else (path.name,):
        file = root / name
        as_of = date.fromtimestamp(file.stat().st_mtime) if file.is_file() else None
        yield Entry(name, department=file.parent.name if file.parent != root else "", as_of=as_of)


def _files(folder: Path) -> list[str]:
    """The files below a folder as paths in it, but for the side files that nobody takes for lists."""
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [path.as_posix() for path in files if not any(map(_is_aside, path.parts))]


def _is_aside(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in source_words().side_files)


def _knows(lexicon: Lexicon) -> Knows:
    """Whether a text is a label that the lexicon knows."""
    return lambda text: clean_label(text) in lexicon.concept_words


__all__ = ["Entry", "Raw", "Sources", "read_sources"]
