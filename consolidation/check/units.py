"""Bounds and thresholds in the unit of the element that they are held against."""

from __future__ import annotations

from decimal import Decimal

from consolidation.exact import factor_between
from consolidation.lexicon import Lexicon, normalise
from consolidation.model import Element


def in_unit(unit: str, element: Element, lexicon: Lexicon) -> Decimal:
    """By what a number in `unit` is multiplied to be in the element's unit; 1 where one of them is unknown or of another kind."""
    said, own = lexicon.unit(normalise(unit)), lexicon.unit(normalise(element.unit))
    if said is None or own is None or said.dimension != own.dimension:
        return Decimal(1)
    return factor_between(said.factor, own.factor)
