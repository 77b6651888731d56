"""Which facts are personal (data/desk/personal.yml), sealed on their way into the database and opened on their way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from consolidation.lexicon.load import read_yaml
from consolidation.model import Element
from consolidation.store import Held, Key, Secrets
from consolidation.store.sealed import figure_context

FILE = Path(__file__).resolve().parents[2] / "data" / "desk" / "personal.yml"


@lru_cache(maxsize=1)
def _words() -> Mapping[str, frozenset[str]]:
    found = read_yaml(FILE)
    return {name: frozenset(found[name]) for name in ("sealed", "named")}


def is_sealed(element: Element) -> bool:
    """Whether the element's values are sealed in the database."""
    return any(concept in _words()["sealed"] for concept in element.meaning.concept)


def is_personal(element: Element) -> bool:
    """Whether the element's values say who somebody is: never in a log, masked for analysts."""
    return is_sealed(element) or any(concept in _words()["named"] for concept in element.meaning.concept)


def sealed(secrets: Secrets, element: Element, key: Key, value: str | None) -> str | None:
    """A value of an element as it is stored: a personal one sealed, bound to its element and whom it is about."""
    return secrets.seal(value, figure_context(key.element, key.entity)) if value and is_sealed(element) else value


def opened(secrets: Secrets, key: Key, value: str | None) -> str | None:
    """A stored value as people read it. Raises CannotOpen."""
    return secrets.open(value, figure_context(key.element, key.entity)) if value else value


def readable(secrets: Secrets, element: Element | None, held: Held) -> Held:
    """A figure with its value as people read it. `element`: None when no live form asks for it. Raises CannotOpen."""
    if element is None or not is_sealed(element):
        return held
    return replace(held, value=opened(secrets, held.key, held.value))
