"""The word lists of words.yml, and how words are compared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20, 0x2212: 0x2D}


def half_width(text: str) -> str:
    """Full-width letters, digits and signs (１２．５％) as ASCII, the ideographic and the hard space as a space. Other signs
    stay: Unicode's own NFKC would turn ① into 1 and m² into m2."""
    return text.translate(_FULL_WIDTH)


def bare(text: str) -> str:
    """For comparing: half width, no white space at all, small letters."""
    return "".join(half_width(text).split()).lower()


@lru_cache(maxsize=1)
def words() -> Mapping[str, Any]:
    """words.yml as it stands."""
    loaded: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yml").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=32)
def word_set(*path: str) -> frozenset[str]:
    """One list of words.yml, made comparable: ``word_set("absence", "dash")``."""
    node: Any = words()
    for step in path:
        node = node[step]
    return frozenset(bare(word) for word in node)
