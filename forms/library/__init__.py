"""The forms that come with the program: real layouts of two dozen departments, each in its own folder.

A folder holds `template.xlsx` (the blank form), `about.yml` (whose form it is, on what basis, how often) and `fields.json`
(what a reader should find on it). `gold.json` says which blanks of different forms ask for the same fact, `near.json` which
pairs of facts a careful person could judge either way. All are made by `python -m forms.library.make` from specs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HOME = Path(__file__).resolve().parent
_BRACKETED = re.compile(r"（([^（）]*(?:号|〕)[^（）]*)）")
_NUMBER = re.compile(r"^(?:[\u4e00-\u9fff]+〔\d{4}〕\d+号|国务院令第\d+号|[\u4e00-\u9fff]+令第\d+号)$")


@dataclass(frozen=True, slots=True)
class ShippedForm:
    """One form of the library. `template` is the blank workbook; `frequency` as in about_rules.yml; `entity` is what one
    card, one roster row or one statistic is about; `kind` is card, roster or statistic."""

    slug: str
    department: str
    title: str
    template: Path
    basis: str
    frequency: str
    entity: str
    level: str = ""
    kind: str = ""
    audience: str = ""
    notes: str = ""

    def expected_fields(self) -> list[dict[str, Any]]:
        """What a reader should find on the form: cell, path, label, unit, type, options, code, and more where it applies
        (purpose, rows of a roster, characters `inside` a cell's text, group of a sub-table, formula, concept key)."""
        fields: list[dict[str, Any]] = json.loads(self.template.with_name("fields.json").read_text(encoding="utf-8"))
        return fields


@cache
def shipped() -> tuple[ShippedForm, ...]:
    """All forms of the library, by department folder and form folder.

    Raises ValueError, naming each fault, when an about.yml is wrong: the library is part of the program.
    """
    wrong = [f"{path.relative_to(HOME)}: {fault}" for path in _abouts(HOME) for fault in faults(path)]
    if wrong:
        raise ValueError("\n".join(wrong))
    return tuple(_form(path) for path in _abouts(HOME))


def faults(about: Path) -> tuple[str, ...]:
    """What is wrong with an about.yml, in Chinese; empty when it is in order."""
    rules = _rules()
    words: Mapping[str, str] = rules["messages"]
    try:
        said = yaml.safe_load(about.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        return (words["unreadable"].format(detail=str(error).splitlines()[0]),)
    if not isinstance(said, Mapping):
        return (words["unreadable"].format(detail=type(said).__name__),)
    found = list(_member_faults(said, rules))
    if not about.with_name("template.xlsx").is_file():
        found.append(words["template"])
    return tuple(found)


def _member_faults(said: Mapping[Any, Any], rules: Mapping[str, Any]) -> Iterator[str]:
    words, known = rules["messages"], [*rules["required"], *rules["optional"]]
    for name in rules["required"]:
        if name not in said:
            yield words["missing"].format(name=name)
    for name, value in said.items():
        if name not in known:
            yield words["unknown"].format(name=name, allowed="、".join(known))
        elif not isinstance(value, str) or not value.strip():
            yield words["empty"].format(name=name)
        elif name in rules["allowed"] and value not in rules["allowed"][name]:
            yield words["value"].format(name=name, value=value, allowed="、".join(rules["allowed"][name]))
    basis = said.get("basis")
    if isinstance(basis, str) and basis.strip():
        yield from faults_of_basis(basis)


def faults_of_basis(basis: str) -> tuple[str, ...]:
    """What is wrong with the words for a form's basis, in Chinese; empty when they name one."""
    rules = _rules()
    words: Mapping[str, str] = rules["messages"]
    named = any(word in basis for word in rules["basis_words"])
    wrong = [value for value in _BRACKETED.findall(basis) if not _NUMBER.match(value)]
    return (*(() if named else (words["basis"],)), *(words["number"].format(value=value) for value in wrong))


def frequencies() -> tuple[str, ...]:
    """How often a form can be due."""
    return tuple(_rules()["allowed"]["frequency"])


def levels() -> tuple[str, ...]:
    """Of which level of places a form can be asked."""
    return tuple(_rules()["allowed"]["level"])


def _abouts(home: Path) -> list[Path]:
    return sorted(home.glob("*/*/about.yml"))


def _form(about: Path) -> ShippedForm:
    said = yaml.safe_load(about.read_text(encoding="utf-8"))
    return ShippedForm(slug=about.parent.name, template=about.with_name("template.xlsx"), **said)


@cache
def _rules() -> Mapping[str, Any]:
    rules: Mapping[str, Any] = yaml.safe_load((HOME / "about_rules.yml").read_text(encoding="utf-8"))
    return rules
