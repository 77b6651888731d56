"""The folder of results: what lies there already, and whose it is.

A clerk types into the forms she was given back and runs the program again: what she typed must survive. So each run keeps a
list of what it wrote, with check sums; the next run removes only what is still exactly as written and moves the rest aside.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from forms.model import Problem
from forms.problems import CannotDo, problem

FORMS = "还表"
REPORT = "合并报告.html"
WRITTEN = ("一表.xlsx", "栏目对照.xlsx", "数据冲突.xlsx", REPORT)
_LIST = ".yibiao.json"
_NOT_IN_NAMES = '\\/:*?"<>|'
_NAME_BYTES = 180  # of 255 (ext4, NTFS): room for a number and an extension
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))}


def is_result(path: Path, root: Path) -> bool:
    """Whether a file below `root` was written by an earlier run: one's own results are not read as departments' forms."""
    if path.name in WRITTEN and (path.parent / REPORT).is_file():
        return True
    inside = path.relative_to(root).parts[:-1]
    above = [root.joinpath(*inside[:depth]) for depth in range(len(inside))]
    return any(name.startswith(FORMS) and (folder / REPORT).is_file() for folder, name in zip(above, inside, strict=True))


def file_name(text: str) -> str:
    """A text as a file name that Windows, macOS and Linux all take, at most 180 bytes long ("报表" when nothing is left)."""
    kept = "".join("_" if character in _NOT_IN_NAMES or not character.isprintable() else character for character in text)
    kept = kept.encode("utf-8", "replace")[:_NAME_BYTES].decode("utf-8", "ignore").strip(" ._")
    return f"{kept}_" if kept.upper() in _DEVICES else kept or "报表"


def refuse_overwriting(inputs: Iterable[Path], out: Path) -> None:
    """Raises CannotDo when a result would be written over one of the files it is made from."""
    written = {(out / name).resolve() for name in WRITTEN}
    forms = (out / FORMS).resolve()
    for path in inputs:
        real = path.resolve()
        if real in written or real.is_relative_to(forms):
            raise CannotDo(problem("result.over-input", str(path), out=str(out)))


def make_room(folder: Path) -> tuple[Problem, ...]:
    """Empties `folder` of what an earlier run wrote there; anything else moves aside with its folder, and that is told."""
    if not folder.exists():
        return ()
    ours = _written(folder)
    for path in [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]:
        if ours.get(path.relative_to(folder).as_posix()) == _sum(path):
            path.unlink()
    (folder / _LIST).unlink(missing_ok=True)
    for path in sorted((path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink()), reverse=True):
        if not any(path.iterdir()):
            path.rmdir()
    if not any(folder.iterdir()):
        return ()
    kept, number = folder.with_name(f"{folder.name}（保留1）"), 1
    while kept.exists():
        number += 1
        kept = folder.with_name(f"{folder.name}（保留{number}）")
    folder.rename(kept)
    return (problem("result.kept", folder.name, kept=kept.name),)


def remember(folder: Path) -> None:
    """Notes what lies in `folder` as written by this run."""
    if folder.is_dir():
        sums = {p.relative_to(folder).as_posix(): _sum(p) for p in sorted(folder.rglob("*")) if p.is_file()}
        (folder / _LIST).write_text(json.dumps(sums, ensure_ascii=False, indent=0), encoding="utf-8")


def _written(folder: Path) -> Mapping[str, str]:
    try:
        found = json.loads((folder / _LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
