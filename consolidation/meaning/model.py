"""Meaning (口径): the typed identity of what a field asks for (design, section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from forms.model import Field, Form


@dataclass(frozen=True, slots=True, order=True)
class Meaning:
    """Two fields are one data element only when every member of their meanings is equal.

    `entity`: kind of the thing described (person, household, organisation, dwelling, village, township, county, city,
    filing). `role`: for a person, who it is seen from the form's subject ("self", "head", "spouse" ...).
    `concept`: ids of lexicon concepts and groups, and open words ("~通电"), sorted. `qualifiers`: (kind, value) pairs.
    `dimension`: of the unit. `context`: captions or a programme needed to tell it apart, outermost last.
    """

    entity: str
    role: str
    concept: tuple[str, ...]
    measure: str = "attribute"
    qualifiers: tuple[tuple[str, str], ...] = ()
    dimension: str = ""
    period: str = ""
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldMeaning:
    """A field of a form with its meaning, and how sure the reading is.

    `certain`: nothing was guessed, so that equality of meanings is enough to merge. `why`: the reasons in Chinese.
    """

    form: Form
    field: Field
    meaning: Meaning
    name: str
    certain: bool
    unit: str = ""
    why: tuple[str, ...] = ()
    guessed: bool = False  # whose fact it is was concluded from the form as a whole, no label or caption says it


PLACES = ("village", "township", "county", "city", "province", "place")  # "place": level unknown
