"""Addresses printed in parts: 省, 县 and 乡镇 under 户籍地址 are not those of 现住址, nor those the form is filed from."""

from __future__ import annotations

from consolidation.lexicon import clean_label
from forms.model import Field

from .known import Found
from .state import BRACKETED, FormReading, caption_role_of

_ADDRESSES = {
    "registered-address": "registered",
    "current-address": "current",
    "home-address": "home",
    "usual-address": "usual",
    "temporary-address": "temporary",
    "mailing-address": "mailing",
    "native-place": "native",
    "birth-place": "birth",
}
_PARTS = frozenset(
    {"province", "city", "county", "township", "village", "group", "building-number", "unit-number", "room-number"}
)
_WHOLE = frozenset({"详细地址", "地址", "详址", "详细住址", "具体地址", "住址"})


def _address_above(reading: FormReading, field: Field) -> str:
    """The concept of the address that a caption names, "" when none does."""
    for caption in reversed(field.path[:-1]):
        text = BRACKETED.sub("", clean_label(caption))
        for concept in reading.lexicon.named(text):
            if concept in _ADDRESSES:
                return concept
    return ""


def part_of_address(reading: FormReading, field: Field, text: str, found: Found | None) -> Found | None:
    """What a field under the caption of an address asks for; `found` where it stands under none."""
    address = _address_above(reading, field)
    if not address and reading.subject.entity == "household" and text in _WHOLE and not caption_role_of(reading, field):
        return Found(reading.lexicon.concepts["home-address"], "")  # the address of a household that says no more
    if not address:
        return found
    concepts = reading.lexicon.concepts
    bare = BRACKETED.sub("", text)
    if bare in _WHOLE:
        block = field.path[:-1]
        parts = sum(other.path[:-1] == block for other in reading.form.fields) > 1
        return Found(concepts[address], found.role if found else "", "详细" if parts else "")
    if found is None or found.concept.id not in _PARTS:
        return found
    own = concepts.get(f"{_ADDRESSES[address]}-{found.concept.id}")
    return Found(own, found.role) if own else Found(found.concept, found.role, concepts[address].name)
