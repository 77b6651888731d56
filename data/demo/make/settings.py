"""The demo county's settings, read from the YAML files beside this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

Texts = NDArray[np.object_]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@cache
def settings(name: str) -> Any:
    """One settings file (county, names, datasets, village) as plain mappings and lists."""
    text = (Path(__file__).parent / f"{name}.yml").read_text(encoding="utf-8")
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe; the one in C is ten times faster


def pick(rng: np.random.Generator, weights: Mapping[str, float], size: int) -> Texts:
    """`size` keys drawn by their weight."""
    share = np.array(list(weights.values()), dtype=float)
    return texts(list(weights))[rng.choice(len(share), size=size, p=share / share.sum())]


def any_of(rng: np.random.Generator, words: Sequence[str], size: int) -> Texts:
    """`size` words, each as likely as the other."""
    return texts(words)[rng.integers(len(words), size=size)]


def texts(words: Sequence[Any]) -> Texts:
    """A list as an array of Python objects (numpy would otherwise cut or widen the texts)."""
    array = np.empty(len(words), dtype=object)
    array[:] = list(words)
    return array


def by_age(steps: Sequence[tuple[int, float]], age: Numbers) -> NDArray[np.float64]:
    """A rate per person from steps [[last age, rate], …]."""
    ends = np.array([step[0] for step in steps])
    rates = np.array([step[1] for step in steps], dtype=float)
    return rates[np.minimum(np.searchsorted(ends, age), len(rates) - 1)]


def padded(numbers: NDArray[Any], width: int) -> Texts:
    """Whole numbers as text with leading zeros."""
    return texts([f"{number:0{width}d}" for number in numbers.tolist()])
