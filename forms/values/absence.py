"""When there is no figure: four ways of saying so that must not be mixed up. Zero is a figure."""

from __future__ import annotations

from enum import StrEnum

from forms.model import CellValue
from forms.values.words import bare, word_set


class Absence(StrEnum):
    """BLANK: nobody wrote anything. DASH: a stroke. NOT_APPLICABLE: the question does not apply (不适用, 无此项, ×).
    NONE: somebody looked and there is nothing (无) - for a count that means 0, for a text it means "none"; blank never does."""

    BLANK = "blank"
    DASH = "dash"
    NOT_APPLICABLE = "not-applicable"
    NONE = "none"


def absence(content: CellValue) -> Absence | None:
    """Which kind of absence the content states; None when it is a value (0 is one)."""
    if content is None:
        return Absence.BLANK
    if not isinstance(content, str):
        return None
    word = bare(content)
    if not word or set(word) == {"_"} or word in word_set("absence", "blank"):
        return Absence.BLANK
    for kind in (Absence.DASH, Absence.NOT_APPLICABLE, Absence.NONE):
        if word in word_set("absence", kind.value):
            return kind
    return None
