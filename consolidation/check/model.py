"""What a check is given and what it says. Pure values: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from forms.model import CellValue
from forms.periods import Period
from forms.values import NO_DEMO, DemoRegions


class Force(StrEnum):
    HARD = "hard"  # 必须改正: stops submission
    SOFT = "soft"  # 请说明: asks for a reason


@dataclass(frozen=True, slots=True, order=True)
class Printed:
    """Where a form prints a figure, or a rule: `cell` is its address there ("月报!B4"), `unit` the unit printed with it."""

    title: str
    department: str
    file: str
    form: str
    cell: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a finding: its name, what it holds as people write it ("" = nobody wrote anything), and where it stands."""

    element: str
    name: str
    unit: str
    held: str
    printed: tuple[Printed, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that figures should not say, in words for the person at the desk.

    `items`: the cells concerned, the one to look at first leading; `expected`: what was expected of it; `rule`: the relation
    or bound in words, with its source; `forms`: the forms that print the rule, or ask for the figure; `fingerprint`: of the
    check, the elements and their values - a reason that somebody gave belongs to it, and is asked again when a value changes.
    """

    code: str
    force: Force
    items: tuple[Item, ...]
    expected: str
    message: str
    hint: str
    short: str
    rule: str
    forms: tuple[Printed, ...]
    fingerprint: str

    @property
    def elements(self) -> tuple[str, ...]:
        return tuple(item.element for item in self.items)

    @property
    def hard(self) -> bool:
        return self.force is Force.HARD


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A relation that could not be checked, because some of its figures are not there (or cannot be read as numbers)."""

    rule: str
    missing: tuple[str, ...]  # element ids
    message: str
    forms: tuple[Printed, ...] = ()


@dataclass(frozen=True)
class Given:
    """The figures of one region, or of one person's or household's row, in one period.

    `values`: element id -> what is held; a missing key and None are blank, "—" and 不适用 are what they say, 0 is a figure.
    `previous`, `last_year`: what was reported last period and in the same period last year (a missing key: not known).
    `counted`: what rosters count. `required`: elements that must be answered. `roster_names`: element -> the roster counted.
    `key`: of the hash that fingerprints are (the desk's finder key, where values of people are checked).
    """

    values: Mapping[str, CellValue]
    period: Period
    previous: Mapping[str, CellValue] = field(default_factory=dict)
    last_year: Mapping[str, CellValue] = field(default_factory=dict)
    counted: Mapping[str, Decimal] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    roster_names: Mapping[str, str] = field(default_factory=dict)
    demo: DemoRegions = NO_DEMO
    key: bytes = b""


@dataclass(frozen=True)
class Checked:
    """All that the checks say of some figures, always in the same order: forms as merged, hard before soft on one cell."""

    findings: tuple[Finding, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()

    @property
    def hard(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.hard)

    @property
    def soft(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.hard)

    def unanswered(self, reasons: Mapping[str, str]) -> tuple[Finding, ...]:
        """Soft findings for which no reason is given yet. `reasons`: fingerprint -> the reason somebody wrote."""
        return tuple(finding for finding in self.soft if not reasons.get(finding.fingerprint, "").strip())
