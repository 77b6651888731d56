"""The language knowledge of an office, read from data/lexicon: concepts, groups, roles, qualifiers, measures, units."""

from .check import check_lexicon
from .load import load_lexicon
from .model import Concept, Group, Lexicon, Measure, Near, Qualifier, RoleWord, Unit
from .text import bare, clean_label, normalise

__all__ = [
    "Concept",
    "Group",
    "Lexicon",
    "Measure",
    "Near",
    "Qualifier",
    "RoleWord",
    "Unit",
    "bare",
    "check_lexicon",
    "clean_label",
    "load_lexicon",
    "normalise",
]
