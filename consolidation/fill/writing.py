"""How a value is written into a field: its option, its unit, a number, a date, else text."""

from __future__ import annotations

from decimal import Decimal

from consolidation.derive.evaluate import born
from consolidation.exact import converted, factor_between
from consolidation.lexicon import Lexicon, normalise
from forms.model import CellValue, ValueType
from forms.values import Failure, absence, parse_number

from .bands import are_bands, band_for
from .blocks import Slot
from .choices import option_for
from .lazy import Held


class Writing:
    """Values as fields want them."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def stated(self, slot: Slot, value: CellValue) -> CellValue:
        """A value of the slot's element as its field writes it; None for a blank."""
        if value is None or value == "":
            return None
        if isinstance(value, str) and absence(value) is not None:
            return value  # —, 不适用 and 无 are what somebody wrote, and stay
        return self.value(slot, value, slot.element.unit)

    def held(self, held: Held, text: str, slot: Slot) -> CellValue:
        """What a row holds, in the unit of its list, as the field writes it; None for a blank."""
        if not text:
            return None
        return self.value(slot, text, held.chosen.unit)

    def value(self, slot: Slot, value: CellValue, unit: str) -> CellValue:
        """The value as the field wants it: its option, its unit, a number, a date, else text."""
        field, concept = slot.field, slot.element.meaning.concept[0] if slot.element.meaning.concept else ""
        if are_bands(field.options) and (band := band_for(str(value), field.options)) is not None:
            return band
        if field.options:
            return option_for(str(value), field.options, concept)
        if value == "无":
            return None  # for a count that would be 0, for a text nothing: the form's own words for it are not known
        if isinstance(value, Decimal):
            return _plain(converted(value, slot.member.factor))
        if field.type is ValueType.NUMBER:
            number = parse_number(value)
            if isinstance(number, Failure):
                return None
            factor = self._factor(unit, field.unit)
            return None if factor is None else _plain(converted(number.value, factor))
        if field.type is ValueType.DATE or concept.endswith("-date"):
            day = born(value)
            if day is None:
                return value
            return day.isoformat()[:7] if concept.endswith("-month") or "年月" in field.label else day.isoformat()
        return value

    def _factor(self, unit: str, wanted: str) -> Decimal | None:
        if not unit or not wanted or normalise(unit) == normalise(wanted):
            return Decimal(1)
        here, there = self.lexicon.unit(normalise(unit)), self.lexicon.unit(normalise(wanted))
        if here is None or there is None:
            return Decimal(1)
        return factor_between(here.factor, there.factor) if here.dimension == there.dimension else None


def _plain(number: Decimal) -> Decimal:
    """Without trailing zeros, and never in powers of ten."""
    rounded = round(number, 4)
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded.normalize()
