"""Rows of a table by a condition written in YAML (pandas' query language), looking at the columns it names and no others."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd

from data.demo.make.settings import Flags

_WORDS = re.compile(r"'[^']*'|([^\W\d]\w*)")


@cache
def _names(where: str) -> frozenset[str]:
    return frozenset(match[1] for match in _WORDS.finditer(where) if match[1])


def matching(table: pd.DataFrame, where: str) -> Flags:
    """Which rows fulfil the condition. Raises pandas' UndefinedVariableError for a column that is not there."""
    used = [name for name in table.columns if name in _names(where)]
    result: Flags = np.asarray(table[used].eval(where, engine="python"), dtype=bool)
    return result
