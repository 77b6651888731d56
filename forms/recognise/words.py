"""The recogniser's word lists, read once from words.yml: knowledge is data, not code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Words:
    """Word lists and compiled patterns, as words.yml explains them."""

    units: Mapping[str, str]  # unit -> dimension
    unit_hints: Mapping[str, tuple[str, ...]]
    not_row_unit: re.Pattern[str]
    grouping: re.Pattern[str]
    headers: Mapping[str, frozenset[str]]
    serial: frozenset[str]
    remark: frozenset[str]
    totals: frozenset[str]
    continued: tuple[str, ...]
    fill: frozenset[str]
    fill_pattern: re.Pattern[str]
    printed: frozenset[str]
    number_keys: frozenset[str]
    issuer_keys: frozenset[str]
    unit_keys: frozenset[str]
    line_only: frozenset[str]
    region_suffix: tuple[str, ...]
    workflow: re.Pattern[str]
    not_workflow: re.Pattern[str]
    signer: re.Pattern[str]
    signature: tuple[str, ...]
    note_heads: tuple[str, ...]
    rule_heads: tuple[str, ...]
    addendum_heads: tuple[str, ...]
    title: re.Pattern[str]
    periods: tuple[tuple[str, re.Pattern[str]], ...]
    period_line: tuple[tuple[str, re.Pattern[str]], ...]
    once: tuple[str, ...]
    types: Mapping[str, re.Pattern[str]]
    personal: tuple[str, ...]
    card_label: re.Pattern[str]
    photo: re.Pattern[str]


def _longest_first(words: list[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=len, reverse=True))


def _pairs(rows: list[list[str]]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(pattern)) for name, pattern in rows)


@lru_cache(maxsize=1)
def words() -> Words:
    """The lists of words.yml."""
    raw: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yml").read_text(encoding="utf-8"))
    meta = raw["meta"]
    return Words(
        units={unit: dimension for dimension, units in raw["units"].items() for unit in units},
        unit_hints={dimension: tuple(hints) for dimension, hints in raw["unit_hints"].items()},
        not_row_unit=re.compile(raw["not_row_unit"]),
        grouping=re.compile(raw["grouping"]),
        headers={name: frozenset(values) for name, values in raw["headers"].items()},
        serial=frozenset(raw["serial_words"]),
        remark=frozenset(raw["remark_words"]),
        totals=frozenset(raw["totals"]),
        continued=_longest_first(raw["continued"]),
        fill=frozenset(meta["fill"]),
        fill_pattern=re.compile(meta["fill_pattern"]),
        printed=frozenset(meta["printed"]),
        number_keys=frozenset(meta["number"]),
        issuer_keys=frozenset(meta["issuer"]),
        unit_keys=frozenset(meta["unit"]),
        line_only=frozenset(meta["line_only"]),
        region_suffix=_longest_first(meta["region_suffix"]),
        workflow=re.compile(raw["workflow_pattern"]),
        not_workflow=re.compile(raw["not_workflow_pattern"]),
        signer=re.compile(raw["signer_pattern"]),
        signature=_longest_first(raw["signature_words"]),
        note_heads=_longest_first(raw["note_heads"]),
        rule_heads=_longest_first(raw["rule_heads"]),
        addendum_heads=_longest_first(raw["addendum_heads"]),
        title=re.compile(raw["title_pattern"]),
        periods=_pairs(raw["periods"]),
        period_line=_pairs(raw["period_line"]),
        once=tuple(raw["once"]),
        personal=tuple(raw["personal"]),
        card_label=re.compile(re.sub(r"\s", "", raw["card_label_pattern"])),
        photo=re.compile(raw["photo_pattern"]),
        types={name: re.compile("|".join(patterns)) for name, patterns in raw["types"].items()},
    )
