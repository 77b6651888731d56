"""Personal values as a copy for analysts shows them: enough to count and to recognise a mistake, not enough to find somebody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from forms.problems import masked

_FILE = Path(__file__).resolve().parents[2] / "data" / "privacy" / "masks.yml"
HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class About:
    """What is known of the element that a value belongs to; of an unknown one all is blank."""

    name: str = ""
    entity: str = ""
    measure: str = ""
    type: str = ""
    codes: str = ""


@dataclass(frozen=True)
class _Rules:
    about: frozenset[str]
    kept: frozenset[str]
    kinds: tuple[tuple[str, tuple[str, ...]], ...]
    parts: str


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    held = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    kinds = tuple((entry["kind"], tuple(entry["words"])) for entry in held["kinds"])
    unknown = {kind for kind, _ in kinds} - _SHOWN.keys()
    if unknown:
        raise ValueError(f"{_FILE.name}: no such kind: {', '.join(sorted(unknown))}")
    return _Rules(frozenset(held["about"]), frozenset(held["kept"]), kinds, held["parts"])


def shown_masked(text: str, about: About, is_personal: bool) -> str:
    """A value for an analyst. `is_personal`: it is sealed in the database, so it is masked whatever its element seems to be."""
    rules = _rules()
    if not text:
        return text
    kind = next((kind for kind, words in rules.kinds if any(word in about.name for word in words)), "")
    if about.measure in rules.kept and not is_personal:
        return text
    if kind and (kind == "birth" or is_personal or about.type in ("text", "")):
        return _SHOWN[kind](text)
    free_text = about.type in ("text", "") and not about.codes
    if is_personal or (free_text and (about.entity in rules.about or not about.entity)):
        return HIDDEN
    return masked(text)


def _number(text: str) -> str:
    hidden = masked(text)
    return hidden if hidden != text else _middle(text, 2, 2)


def _phone(text: str) -> str:
    hidden = masked(text)
    return hidden if hidden != text else _middle(text, 3, 2)


def _address(text: str) -> str:
    last = max((text.rfind(part) for part in _rules().parts), default=-1)
    return text[: last + 1] + HIDDEN


def _birth(text: str) -> str:
    return f"{text[:4]}-**-**" if text[:4].isdecimal() and len(text) > 4 else HIDDEN


def _name(text: str) -> str:
    return text[:1] + "*" * max(len(text) - 1, 1)


def _middle(text: str, first: int, last: int) -> str:
    """The first and last characters; of a short text none."""
    return f"{text[:first]}{HIDDEN}{text[-last:]}" if len(text) >= 2 * (first + last) else HIDDEN


_SHOWN: Mapping[str, Callable[[str], str]] = {
    "number": _number, "phone": _phone, "address": _address, "birth": _birth, "name": _name,
}  # fmt: skip
