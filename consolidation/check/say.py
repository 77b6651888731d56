"""Findings in words. All wording is data: forms/problems/check.yml, and words/check.yml for the telephone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

import forms.problems
from consolidation.exact import plain
from forms.problems import masked, problem

from .figures import same_value, shown
from .model import Finding, Force, Given, Item, Printed, Unchecked
from .relations import Places

_MOST_FIGURES = 8
_MOST_FORMS = 3


@lru_cache(maxsize=1)
def check_words() -> Mapping[str, Any]:
    """forms/problems/words/check.yml."""
    path = Path(forms.problems.__file__).parent / "words" / "check.yml"
    found: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def expected(word: str, value: str, unit: str = "") -> str:
    """What was expected: 等于 12 人."""
    return str(check_words()[word]).format(value=f"{value} {unit}".rstrip())


@dataclass(frozen=True)
class Sayer:
    """Makes findings about the figures given. `places`: where the elements are printed."""

    places: Places
    given: Given

    def held(self, element: str) -> str:
        return shown(self.given.values.get(element))

    def item(self, element: str) -> Item:
        one = self.places.elements[element]
        return Item(element, one.name, one.unit, self.held(element), self.places.printed(element))

    def finding(
        self, code: str, force: Force, elements: Sequence[str], wanted: str, rule: str = "", forms: tuple[Printed, ...] = (),
        compared: Sequence[str] = (), **values: str,
    ) -> Finding:  # fmt: skip
        """`elements`: the one to look at first leading; `compared`: other values that the finding rests on (the last period's),
        which belong to its fingerprint; `values`: what else the wording of `code` asks for."""
        first = self.places.elements[elements[0]]
        where = forms or self.places.asking(elements[:1])
        said = {
            "name": first.name, "held": self.held(first.id), "unit": first.unit or "无单位", "expected": wanted, "rule": rule,
            "where": _titles(where), "figures": self.figures(elements, where), **values,
        }  # fmt: skip
        worded = problem(code, "", **said)
        return Finding(
            code, force, tuple(self.item(element) for element in elements), wanted, worded.message, worded.hint,
            _short(code, said), rule, where, self._fingerprint(code, elements, compared),
        )  # fmt: skip

    def unchecked(self, rule: str, missing: Sequence[str], forms: tuple[Printed, ...]) -> Unchecked:
        names = "、".join(f"“{self.places.elements[element].name}”" for element in missing[:_MOST_FIGURES])
        return Unchecked(rule, tuple(missing), problem("check.incomplete", "", rule=rule, missing=names).message, forms)

    def figures(self, elements: Sequence[str], where: Sequence[Printed]) -> str:
        """The cells that are compared, with what they hold: 低保人数（月报!B4）5 人，…"""
        if len(elements) < 2:
            return ""
        cells = [self._figure(element, where) for element in elements[:_MOST_FIGURES]]
        more = f"等 {len(elements)} 项" if len(elements) > _MOST_FIGURES else ""
        return f"各格：{'，'.join(cells)}{more}。"

    def _figure(self, element: str, where: Sequence[Printed]) -> str:
        one = self.places.elements[element]
        named = {(form.file, form.form) for form in where}
        printed = self.places.printed(element)
        cell = next((p.cell for p in printed if (p.file, p.form) in named), printed[0].cell if printed else "")
        return f"{one.name}（{cell}）{self.held(element)} {one.unit}".rstrip()

    def _fingerprint(self, code: str, elements: Sequence[str], compared: Sequence[str]) -> str:
        values = (f"{element}={same_value(self.given.values.get(element))}" for element in sorted(set(elements)))
        text = "\x1f".join((code, *values, "|", *compared))
        return hashlib.blake2b(text.encode(), digest_size=12, key=self.given.key[:64]).hexdigest()


def _titles(forms: Sequence[Printed]) -> str:
    names = list(dict.fromkeys(f"{form.department}《{form.title}》" for form in forms))
    more = f"等 {len(names)} 张表" if len(names) > _MOST_FORMS else ""
    return "、".join(names[:_MOST_FORMS]) + more


def _short(code: str, said: Mapping[str, str]) -> str:
    """The sentence for a telephone: the name is cut, then what was expected, so that it stays within the limit."""
    words = check_words()
    template, longest = str(words["short"][code]), int(words["longest"])
    bare = {**said, "rule": "", "figures": "", "where": ""}
    bare["held"] = _cut(said["held"], 16)
    if "former" in bare:
        bare["former"] = _cut(bare["former"], 16)
    frame = len(template.format_map({**bare, "name": "", "expected": ""}))
    if "{expected}" in template:
        bare["expected"] = _cut(said["expected"], max(0, longest - frame - 12))
        frame += len(bare["expected"])
    bare["name"] = _cut(said["name"], max(1, longest - frame))
    return masked(template.format_map(bare))[:longest]


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: max(0, longest - 1)] + "…"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding for people: one sentence of at most 60 characters for a telephone, and the whole text."""

    short: str
    long: str


def explain(finding: Finding) -> Explanation:
    """A finding in one sentence and in full: what is wrong, and what to do about it."""
    return Explanation(finding.short, f"{finding.message}{finding.hint}")


def percent(share: Decimal) -> str:
    """A share as people say it: 35 for 0.352, 0.4 for 0.0042."""
    hundredths = share * 100
    return plain(hundredths.quantize(Decimal(1) if hundredths >= 1 else Decimal("0.1")))
