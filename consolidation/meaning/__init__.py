"""Label path -> Meaning: what exactly a field asks for."""

from .bands import neighbours_apart
from .compose import meanings, unknown_words
from .language import LabelLanguage, Parts, language
from .model import PLACES, FieldMeaning, Meaning
from .state import programme_of
from .subject import Subject, subject_of

__all__ = [
    "PLACES",
    "FieldMeaning",
    "LabelLanguage",
    "Meaning",
    "Parts",
    "Subject",
    "language",
    "meanings",
    "neighbours_apart",
    "programme_of",
    "subject_of",
    "unknown_words",
]
