"""Options that are age bands (60—69周岁, 70—79周岁 …): which of them holds an age."""

from __future__ import annotations

from functools import lru_cache

from consolidation.lexicon import load_lexicon
from consolidation.meaning import language

_OLDEST = 200


@lru_cache(maxsize=1000)
def are_bands(options: tuple[str, ...]) -> bool:
    """Whether options are age bands; one of another kind (其他) may stand among several."""
    found = [option for option in options if _band(option) is not None]
    return len(found) >= 2 and len(found) >= len(options) - 1


@lru_cache(maxsize=10_000)
def band_for(age: str, options: tuple[str, ...]) -> str | None:
    """The band that an age lies in. Bands that share a bound (60-70岁, 70-80岁) follow each other: 70 begins the second.
    None for what is no age, and for an age in no band."""
    if not age.isdecimal():
        return None
    held = [(band[0], option) for option in options if (band := _band(option)) and band[0] <= int(age) <= band[1]]
    return max(held, default=(0, None))[1]


def _band(option: str) -> tuple[int, int] | None:
    value = language(load_lexicon()).parts(option).value("age")
    low, dash, high = value.partition("-")
    return (int(low or 0), int(high or _OLDEST)) if dash and "+" not in value else None
