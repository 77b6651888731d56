"""Figures that only the village itself or a department keeps; some are missing on purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pandas as pd

from data.demo.make.people import Site
from data.demo.make.settings import pick, settings


@dataclass(frozen=True)
class Size:
    """What a place's figures hang on."""

    people: int
    households: int
    farmland_mu: float


@dataclass(frozen=True)
class Figure:
    """One true figure and what the department's cell says: `written` differs where it is missing on purpose."""

    dataset: str
    group: str
    name: str
    unit: str
    true: str
    written: str


def figures(site: Site, size: Size, frame: pd.DataFrame) -> list[Figure]:
    """Every figure of every village-level file that applies to the kind of place, in the order of the files."""
    village = settings("village")
    found: list[Figure] = []
    for file in village["files"]:
        known: dict[str, str] = {}
        for group, name, rule in _indicators(file):
            unit, kind = _unit_and_kind(rule)
            if kind not in ("", site.place.kind):
                found.append(Figure(file["id"], group, name, unit, "", ""))
                continue
            true = known[name] = _value(site, size, rule, known)
            missing = site.rng.random() < village["missing"]
            written = str(pick(site.rng, village["marks"], 1)[0]) if missing else true
            found.append(Figure(file["id"], group, name, unit, true, written))
        if file.get("officers"):
            found.extend(Figure(file["id"], "负责人", name, "", value, value) for name, value in _officers(frame))
    return found


def _indicators(file: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for group, indicators in file["groups"].items():
        for name, rule in indicators.items():
            yield group, name, rule


def _unit_and_kind(rule: Any) -> tuple[str, str]:
    if isinstance(rule, dict):
        return rule.get("unit", ""), rule.get("kind", "")
    return rule[0], rule[5] if len(rule) > 5 else ""


def _value(site: Site, size: Size, rule: Any, known: Mapping[str, str]) -> str:
    if isinstance(rule, dict) and "sum" in rule:
        return str(sum((Decimal(known[name]) for name in rule["sum"]), Decimal(0)))
    if isinstance(rule, dict) and "of" in rule:
        low, high = rule["share"]
        part = Decimal(known[rule["of"]]) * Decimal(str(low + (high - low) * site.rng.random()))
        return str(part.quantize(Decimal(1).scaleb(-rule.get("digits", 0)), ROUND_DOWN))
    if isinstance(rule, dict):
        return str(pick(site.rng, rule["options"], 1)[0])
    _, low, high, per, digits = rule[:5]
    scale = {"place": 1.0, "thousand": size.people / 1000, "household": size.households, "mu": size.farmland_mu}[per]
    drawn = low + (high - low) * site.rng.random()
    return str(Decimal(str(drawn * scale)).quantize(Decimal(1).scaleb(-digits)))


def _officers(frame: pd.DataFrame) -> Sequence[tuple[str, str]]:
    chief = frame.loc[frame["post"].str.contains("书记、主任", regex=False)]
    if chief.empty:
        return (("书记（主任）姓名", ""), ("书记（主任）联系电话", ""))
    return (("书记（主任）姓名", chief["name"].iloc[0]), ("书记（主任）联系电话", chief["phone"].iloc[0]))
