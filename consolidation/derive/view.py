"""A merged form as derivations look at it: its number fields in order, each with its words, unit and element."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from consolidation.exact import factor_between
from consolidation.lexicon import Lexicon, clean_label, normalise
from consolidation.meaning import language
from consolidation.meaning.language import Parts
from consolidation.model import Element, FieldKey, Member, Merged
from forms.model import Field, Form, Purpose, ValueType
from forms.recognise.labels import Mark, mark_of

from .words import StructureWords, structure_words

RATIOS = frozenset({"ratio", "money-per-person", "age", "temperature", "yield"})


@dataclass(frozen=True, slots=True)
class Spot:
    """One field of a form. `path`: its captions, cleaned, and its own words last, without units. `marks`: the numbering
    of each. `unit`: the unit of the figure as printed, "" = none printed."""

    at: int
    field: Field
    element: Element
    factor: Decimal
    path: tuple[str, ...]
    marks: tuple[Mark, ...]
    unit: str
    dimension: str
    number: bool

    @property
    def text(self) -> str:
        return self.path[-1]

    @property
    def parent(self) -> tuple[str, ...]:
        return self.path[:-1]

    @property
    def of_which(self) -> bool:
        return self.marks[-1].of_which

    @property
    def additive(self) -> bool:
        """Whether the figures of parts add up: counts, areas, money; no rates, means, growth."""
        return (
            self.number
            and self.element.meaning.measure != "ratio"
            and self.dimension not in RATIOS
            and not any(kind == "aggregate" for kind, _ in self.element.meaning.qualifiers)
        )


_LETTERED = re.compile(r"^([A-Z]\d{1,3})([a-z])[、.．\s:：]*(?=[\u4e00-\u9fff])")
_CODED = re.compile(r"^([A-Z]\d{1,3})[、.．\s:：]*(?=[\u4e00-\u9fff])")
_ROMAN = {word: i + 1 for i, word in enumerate(["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"])}


def numbering(label: str) -> tuple[str, int]:
    """(style, ordinal) of a label's number: 1. -> num 1, B -> alpha 2, II -> roman 2, A17b -> under A17, 2; ("", 0) for none.
    A lone I is the first of a roman list."""
    lettered = _LETTERED.match(label)
    if lettered:
        return lettered[1], ord(lettered[2]) - 96
    mark = mark_of(label)
    if mark.ordinal or not mark.style:
        return mark.style, mark.ordinal
    front = label.removesuffix(mark.rest).strip(" 、.．()（）")
    if front in _ROMAN:
        return "roman", _ROMAN[front]
    return mark.style, ord(front[-1].upper()) - 64 if front[-1:].isascii() and front[-1:].isalpha() else 0


def code_of(label: str) -> str:
    """The printed code in front of a label (A17 家庭总收入), "" for none."""
    found = _CODED.match(label)
    return found[1] if found else ""


@dataclass(frozen=True)
class FormView:
    form: Form
    spots: tuple[Spot, ...]
    words: StructureWords

    @property
    def figures(self) -> tuple[Spot, ...]:
        return tuple(spot for spot in self.spots if spot.additive)


class Labels:
    """Label texts without unit, by a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.language = language(lexicon)
        self.plain = lru_cache(maxsize=100_000)(self._plain)

    def _plain(self, label: str) -> str:
        return self.language.strip_unit(clean_label(label))[0]

    def parts(self, label: str) -> Parts:
        return self.language.parts(label)

    def unit(self, field: Field) -> tuple[str, str]:
        """(unit as printed, its dimension); the label's own when the field has none."""
        if field.unit:
            unit = self.lexicon.unit(normalise(field.unit))
            return field.unit, unit.dimension if unit else ""
        for caption in reversed(field.path):
            unit = self.language.strip_unit(clean_label(caption))[1]
            if unit is not None:
                return unit.name, unit.dimension
        return "", ""


def _spot(at: int, field: Field, element: Element, member: Member, labels: Labels) -> Spot:
    path = field.path or (field.label,)
    if len(path) > 1 and labels.plain(path[-1]) in structure_words().value_columns:
        path = path[:-1]
    unit, dimension = labels.unit(field)
    number = field.purpose is Purpose.DATA and (field.type is ValueType.NUMBER or (bool(unit) and dimension not in ("", "code")))
    return Spot(
        at=at,
        field=field,
        element=element,
        factor=member.factor,
        path=tuple(labels.plain(caption) for caption in path),
        marks=tuple(mark_of(caption) for caption in path),
        unit=normalise(unit),
        dimension=dimension or element.meaning.dimension,
        number=number and dimension != "code" and not field.options,
    )


def views(merged: Merged, labels: Labels) -> Iterator[FormView]:
    """Each form of a merge with its fields' elements. Fields without an element (refused by a person) are left out."""
    where: dict[FieldKey, tuple[Element, Member]] = {m.key: (e, m) for e in merged.elements for m in e.members}
    words = structure_words()
    for form in merged.forms:
        spots = []
        for at, field in enumerate(form.fields):
            found = where.get(FieldKey(form.file, form.id, field.id))
            if found is not None:
                spots.append(_spot(at, field, found[0], found[1], labels))
        yield FormView(form, tuple(spots), words)


def one_scale(target: Spot, parts: Sequence[Spot]) -> Decimal | None:
    """By what the sum of the parts' element values is multiplied to give the target's: 1 where all are printed in one unit,
    None where the parts' units differ among themselves."""
    factors = {part.factor for part in parts}
    if len(factors) != 1 or not target.factor:
        return None
    return factor_between(factors.pop(), target.factor)
