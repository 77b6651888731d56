"""Age bands that stand beside one another: of two that share an age, one counts it.

By law 以上 and 以下 include the number (民法典 第一千二百五十九条), and yet forms print 18岁以下 beside 18—59岁. Nobody
on such a form is counted twice: the shared age begins the upper band (未成年人 are under 18, 第十七条), unless only the lower
one says that it includes it (35岁及以下 beside 35—45岁). A band without such a neighbour keeps what the law says.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from consolidation.lexicon import clean_label
from forms.model import Form

from .language import LabelLanguage
from .model import FieldMeaning

_INCLUDED = re.compile(r"及其?以[上下]|[(（]含[)）]|含以[上下]")
_OLDEST = 999


@dataclass(frozen=True, slots=True)
class _Band:
    """A band as printed: in whole years, with whether its caption says that the number is included."""

    field: str
    read: str
    low: int
    high: int
    says: bool


def neighbours_apart(form: Form, labels: LabelLanguage) -> Mapping[str, tuple[str, str]]:
    """Field id -> (band as read, band as meant), for the bands of a form that share an age with a neighbour."""
    families: dict[tuple[object, ...], list[_Band]] = defaultdict(list)
    for field in form.fields:
        path = tuple(map(clean_label, field.path or (field.label,)))
        for at, caption in enumerate(path):
            parts = labels.parts(caption)
            read = parts.value("age")
            low, dash, high = read.partition("-")
            if dash and "+" not in read:
                band = _Band(field.id, read, int(low or 0), int(high or _OLDEST), bool(_INCLUDED.search(caption)))
                families[path[:at], path[at + 1 :], parts.text, parts.core].append(band)
    found = {band.field: (band.read, _meant(band, family)) for family in families.values() for band in family}
    return {field: (read, meant) for field, (read, meant) in found.items() if read != meant}


def _meant(band: _Band, family: list[_Band]) -> str:
    low, high = band.low, band.high
    for other in family:
        if other.high == band.low > other.low and band.high > band.low and other.says and not band.says:
            low = band.low + 1
        if other.low == band.high < other.high and band.low < band.high and not (band.says and not other.says):
            high = band.high if band.says else band.high - 1
    if (low, high) == (band.low, band.high):
        return band.read
    return f"{low if band.read[0] != '-' else ''}-{high if band.high != _OLDEST else ''}"


def apart(form: Form, labels: LabelLanguage, found: list[FieldMeaning]) -> list[FieldMeaning]:
    """The meanings of a form's fields, with the ages that its bands mean beside their neighbours."""
    changed = neighbours_apart(form, labels)
    return [_with_age(item, *changed[item.field.id]) if item.field.id in changed else item for item in found]


def _with_age(item: FieldMeaning, read: str, meant: str) -> FieldMeaning:
    qualifiers = tuple((k, meant) if (k, v) == ("age", read) else (k, v) for k, v in item.meaning.qualifiers)
    return replace(item, meaning=replace(item.meaning, qualifiers=qualifiers))
