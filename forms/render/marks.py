"""The printed signs of `marks.yml` as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Marks:
    boxes: Mapping[str, str]  # open -> ticked
    ticked: Mapping[str, str]  # ticked -> open
    fonts: Mapping[str, Mapping[str, str]]  # symbol font, lower case -> open -> ticked
    lookalike: Mapping[str, str]
    brackets: tuple[str, ...]
    tick: str
    absence: Mapping[str, str]
    yes: str
    no: str
    unquoted: str
    blocked: frozenset[str]
    date: str
    month: str
    clock: str
    option_number: re.Pattern[str]
    around: str
    date_words: str
    tail: re.Pattern[str]
    several: re.Pattern[str]


@lru_cache(maxsize=1)
def marks() -> Marks:
    data = yaml.safe_load((Path(__file__).parent / "marks.yml").read_text(encoding="utf-8"))
    return Marks(
        boxes=data["boxes"],
        ticked=data["ticked"],
        fonts=data["fonts"],
        lookalike=data["lookalike"],
        brackets=tuple(data["brackets"]),
        tick=data["tick"],
        absence=data["absence"],
        yes=data["yes"],
        no=data["no"],
        unquoted=data["unquoted"],
        blocked=frozenset(data["blocked"]),
        date=data["date"],
        month=data["month"],
        clock=data["clock"],
        option_number=re.compile(data["option_number"]),
        around=data["around"],
        date_words=data["date_words"],
        tail=re.compile(data["tail"]),
        several=re.compile(data["several"]),
    )
