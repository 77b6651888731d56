"""Problems: something wrong with an input, in words that the person at the desk understands.

All wording lives in the YAML files of this folder; the code only names a problem's code and its values. A package adds
its own codes by putting `forms/problems/<package>.yml` beside `catalogue.yml`: every file there is read.
"""

from __future__ import annotations

import errno
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from forms.model import Problem
from forms.problems.masks import masked as masked

_FOLDER = Path(__file__).parent
SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Wording:
    """One entry of the catalogue. `names` are the values that message and hint ask for beside file, sheet and cell."""

    severity: str
    message: str
    hint: str
    names: frozenset[str]


def problem(code: str, file: str, sheet: str = "", cell: str = "", **values: object) -> Problem:
    """The Problem with this code, its message and hint worded from the catalogue.

    `cell` is an A1 address or block, "" for the whole sheet or file. Raises KeyError for a code that the catalogue does
    not hold and for a value that its wording asks for but was not given: both are mistakes of the programmer.
    """
    wording = catalogue()[code]
    missing = wording.names - values.keys()
    if missing:
        raise KeyError(f"problem {code} needs a value for {', '.join(sorted(missing))}")
    values = {name: masked(value) if isinstance(value, str) else value for name, value in values.items()}
    values |= {"file": file, "sheet": sheet, "cell": cell}
    return Problem(
        code=code,
        file=file,
        sheet=sheet,
        cell=cell,
        message=wording.message.format_map(values),
        hint=wording.hint.format_map(values),
        severity=wording.severity,
    )


class CannotDo(Exception):
    """What was asked for cannot be done at all; `problem` says why, and what to do about it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def reason(error: OSError) -> str:
    """Why the operating system would not read or write, in Chinese; English words for it stay out of what people see."""
    name = errno.errorcode.get(error.errno or 0, "EOTHER")
    return _system().get(name, _system()["EOTHER"])


@lru_cache(maxsize=1)
def _system() -> Mapping[str, str]:
    found: Mapping[str, str] = yaml.safe_load((_FOLDER / "words" / "system.yml").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Wording]:
    """All codes with their wording, from every *.yml of this folder. Raises ValueError for a code given twice or badly."""
    entries: dict[str, Wording] = {}
    for path in sorted(_FOLDER.glob("*.yml")):
        for code, entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            if code in entries:
                raise ValueError(f"{path.name}: {code} is in the catalogue twice")
            entries[code] = _wording(code, entry)
    return entries


def _wording(code: str, entry: Mapping[str, str]) -> Wording:
    if set(entry) != {"severity", "message", "hint"} or entry["severity"] not in SEVERITIES:
        raise ValueError(f"{code}: needs severity ({', '.join(SEVERITIES)}), message and hint")
    names = {
        name for text in (entry["message"], entry["hint"]) for _, name, _, _ in string.Formatter().parse(text) if name is not None
    }
    names -= {"file", "sheet", "cell"}
    return Wording(entry["severity"], entry["message"].strip(), entry["hint"].strip(), frozenset(names))
