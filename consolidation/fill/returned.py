"""What people filled in before: last period's returned forms, read in the departments' own layouts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from consolidation.lexicon import Lexicon
from consolidation.meaning import meanings
from consolidation.meaning.model import PLACES
from consolidation.model import Figure, Merged, Provenance
from forms.model import CellValue, Purpose, Reading, ValueType
from forms.values import Failure, absence, parse_number

from .model import Fact


def read_back(
    readings: Iterable[Reading], merged: Merged, lexicon: Lexicon, region: str, period: str, as_of: date | None = None
) -> Mapping[str, Figure]:
    """Figures of a place that returned forms hold, by the element they mean: element id -> figure of `period`.

    Blank, — and 不适用 are no figures; 0 and 无 (for a count) are. Of two forms that give one element the later in the input
    counts. Values that cannot be read as the number they should be are left out: the form's own Problems say so.
    """
    by_meaning = {element.meaning: element for element in merged.elements}
    by_fact = {(e.meaning.entity in PLACES, Fact.of(e.meaning), e.meaning.dimension): e for e in merged.elements}
    found: dict[str, Figure] = {}
    for reading in readings:
        for form in reading.forms:
            for item in meanings(form, lexicon):
                if item.field.purpose is not Purpose.DATA or item.field.value is None or item.field.rows is not None:
                    continue
                key = (item.meaning.entity in PLACES, Fact.of(item.meaning), item.meaning.dimension)
                element = by_meaning.get(item.meaning) or by_fact.get(key)
                value = _value(item.field.value, item.field.type) if element is not None else None
                if element is not None and value is not None:
                    source = Provenance(f"上期报送《{form.title}》", f"{form.file} {item.field.cell}", as_of)
                    found[element.id] = Figure(element.id, region, period, value, source)
    return found


def _value(content: CellValue, wanted: ValueType) -> CellValue:
    missing = absence(content)
    if missing is not None:
        return Decimal(0) if missing.value == "none" and wanted is ValueType.NUMBER else None
    if wanted is not ValueType.NUMBER:
        return content
    number = parse_number(content)
    return None if isinstance(number, Failure) else number.value
