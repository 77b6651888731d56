"""The burden of filling in forms, before and after. Every assumption is stated where the figure is shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from consolidation.model import Merged, Plan
from forms.model import Purpose

MINUTES_PER_CELL = Decimal("0.5")  # to find a figure and type it; an office can set its own in the report's settings


def minutes(cells: int, minutes_per_cell: Decimal) -> Decimal:
    """The time that cells take: the one formula of every page and report. Saved = minutes(cells of all forms) - minutes(figures
    that people were still asked)."""
    return cells * minutes_per_cell


@dataclass(frozen=True, slots=True)
class Burden:
    """Cells to be filled in, counted once per form as printed (a roster's column counts once, not per row)."""

    department: str
    forms: int
    fields: int
    new: int  # elements that no department listed before it asks for
    minutes_before: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    forms: int
    fields: int
    elements: int
    asked: int
    derived: int
    prefilled: int
    minutes_before: Decimal
    minutes_after: Decimal
    minutes_per_cell: Decimal

    @property
    def saved_share(self) -> int:
        """Per cent of typing that is no longer needed."""
        return int(100 * (self.fields - self.asked) / self.fields) if self.fields else 0


def totals(merged: Merged, plan: Plan, minutes_per_cell: Decimal = MINUTES_PER_CELL) -> Totals:
    """Fields before, figures asked after. The filing's own fields (填表人, 序号, 意见) count on neither side."""
    fields = sum(1 for form in merged.forms for field in form.fields if field.purpose is Purpose.DATA)
    elements = sum(1 for element in merged.elements if element.meaning.entity != "filing")
    asked = len(plan.asked)
    return Totals(
        len(merged.forms),
        fields,
        elements,
        asked,
        len(plan.derived),
        len(plan.prefilled),
        minutes(fields, minutes_per_cell),
        minutes(asked, minutes_per_cell),
        minutes_per_cell,
    )


def by_department(merged: Merged, departments: Mapping[str, str], minutes_per_cell: Decimal = MINUTES_PER_CELL) -> list[Burden]:
    """Per department (file -> department), in the order of their number of fields."""
    owners: dict[str, set[str]] = defaultdict(set)
    fields: Counter[str] = Counter()
    forms: Counter[str] = Counter(departments.get(form.file, "未注明") for form in merged.forms)
    for element in merged.elements:
        if element.meaning.entity == "filing":
            continue
        for member in element.members:
            department = departments.get(member.form.file, "未注明")
            fields[department] += 1
            owners[element.id].add(department)
    order = sorted(forms, key=lambda d: (-fields[d], d))
    first: Counter[str] = Counter()
    for wanted in owners.values():
        first[min(wanted, key=order.index)] += 1
    return [Burden(d, forms[d], fields[d], first[d], minutes(fields[d], minutes_per_cell)) for d in order]


def most_shared(merged: Merged, departments: Mapping[str, str], limit: int = 20) -> list[tuple[str, str, int, int]]:
    """(element, owner, fields, departments) of the elements that most forms ask for."""
    from .words import owner

    rows = []
    for element in merged.elements:
        if element.meaning.entity != "filing" and len(element.members) > 1:
            asking = {departments.get(m.form.file, "未注明") for m in element.members}
            rows.append((element.name, owner(element), len(element.members), len(asking)))
    return sorted(rows, key=lambda row: (-row[2], row[0]))[:limit]
