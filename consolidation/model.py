"""What consolidation gives: data elements, the fields that point to them, derivations, figures and their provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from consolidation.meaning.model import Meaning
from forms.model import CellValue, Field, Form


@dataclass(frozen=True, slots=True, order=True)
class FieldKey:
    """One field of one form of one file."""

    file: str
    form: str
    field: str


class Relation(StrEnum):
    SAME = "same"
    CONVERTED = "converted"
    DERIVED = "derived"


class Decided(StrEnum):
    AUTO = "auto"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Member:
    """A field as a member of an element: how it relates to it, why, and who decided."""

    form: Form
    field: Field
    relation: Relation = Relation.SAME
    rule: str = ""  # the formula in words, for converted and derived
    reason: str = ""
    decided: Decided = Decided.AUTO
    factor: Decimal = Decimal(1)  # element value x factor = the field's value (units)

    @property
    def key(self) -> FieldKey:
        return FieldKey(self.form.file, self.form.id, self.field.id)


@dataclass(frozen=True, slots=True)
class Element:
    """A data element: one meaning, that one or many fields point to."""

    id: str
    name: str
    meaning: Meaning
    members: tuple[Member, ...]
    period: str = ""
    unit: str = ""
    type: str = "text"
    codes: str = ""  # code list of its concept, "" = none
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """Two fields that a person should look at side by side."""

    a: FieldKey
    b: FieldKey
    reason: str
    score: float


@dataclass(frozen=True, slots=True)
class DefinitionConflict:
    """One name, two definitions (老年人 from 60 and from 65; two option lists): shown, never smoothed."""

    name: str
    reason: str
    fields: tuple[FieldKey, ...]


@dataclass(frozen=True)
class Merged:
    forms: tuple[Form, ...]
    elements: tuple[Element, ...]
    review: tuple[Review, ...] = ()
    conflicts: tuple[DefinitionConflict, ...] = ()


class Formula(StrEnum):
    """How a derived element follows from its inputs."""

    SUM = "sum"  # weights in `weights`, parallel to inputs
    RATIO = "ratio"  # inputs[0] / inputs[1] x scale
    SEX_OF_ID = "sex-of-id"
    BIRTH_OF_ID = "birth-of-id"
    AGE_OF_ID = "age-of-id"
    AGE_OF_BIRTH = "age-of-birth"
    PART_OF_DATE = "part-of-date"
    COUNT = "count"  # rows of a roster that meet `where`
    ROLL_UP = "roll-up"  # sum over the places below
    MAPPED = "mapped"  # code list mapping


@dataclass(frozen=True, slots=True)
class Derivation:
    """`target` follows from `inputs`. `exact`: always; otherwise only as far as the form means what it seems to."""

    target: str
    inputs: tuple[str, ...]
    formula: Formula
    rule: str  # in Chinese, with the printed relation or the standard it rests on
    exact: bool = True
    weights: tuple[int, ...] = ()
    scale: Decimal = Decimal(1)
    where: tuple[tuple[str, str], ...] = ()  # for COUNT: (element id or facet, condition); for MAPPED: (source, target concept)


@dataclass(frozen=True)
class Plan:
    """What has still to be asked: the smallest set from which, with the derivations, everything follows."""

    asked: frozenset[str]
    derived: Mapping[str, Derivation]
    prefilled: frozenset[str] = frozenset()
    optimal: bool = True


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a figure comes from."""

    source: str  # data set, form or formula, as shown to people
    detail: str = ""  # row, cell, query or formula with its inputs
    as_of: date | None = None
    person: str = ""
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """The value of one element for one entity (a person's, household's or region's key) and one period."""

    element: str
    entity: str
    period: str
    value: CellValue
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources disagree about one figure; both are shown, the one that declared precedence chose first."""

    element: str
    entity: str
    period: str
    chosen: Figure
    other: Figure
    reason: str
    kind: str = ""  # of the entity: person, household, dwelling, organisation


@dataclass(frozen=True)
class Filled:
    figures: Mapping[tuple[str, str], Figure] = field(default_factory=dict)  # (element, entity) -> figure
    conflicts: tuple[Conflict, ...] = ()
