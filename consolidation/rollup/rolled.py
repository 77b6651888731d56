"""A rolled-up value: what places add up to so far, what it comes to in the end, of how many places, and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from consolidation.exact import plain, scaled
from forms.values import Absence

from .reported import STATUS_WORDS, Status
from .rule import KIND_NAMES, PAIRED, Kind, Rule, Target

DIGITS = Decimal("0.01")  # of means and ratios, as statistical reports print them (consolidation.derive.evaluate)


@dataclass(slots=True)
class Partial:
    """What the places of a region that reported add up to: enough to go on adding at the next level. Counts are of places;
    `first` and `second` are the sums, or the parts of a mean (value x weight, weight) or ratio."""

    given: int = 0
    partial: int = 0
    blank: int = 0
    dash: int = 0
    not_applicable: int = 0
    unreadable: int = 0
    present_done: int = 0  # of all these, those that have handed in their report
    values: int = 0  # figures
    first: Decimal = Decimal(0)
    second: Decimal = Decimal(0)
    low: Decimal | None = None
    high: Decimal | None = None
    last: str = ""  # the greatest stamp
    members: int = 0

    @property
    def present(self) -> int:
        return self.given + self.partial + self.blank + self.dash + self.not_applicable + self.unreadable


@dataclass(frozen=True, slots=True)
class Counts:
    """Of how many places a value is made, and what the others have."""

    expected: int
    given: int = 0
    partial: int = 0
    blank: int = 0
    dash: int = 0
    not_applicable: int = 0
    unreadable: int = 0

    @property
    def answered(self) -> int:
        """Places that said something: a figure, a stroke, 不适用."""
        return self.given + self.partial + self.dash + self.not_applicable

    @property
    def missing(self) -> int:
        return self.expected - self.answered - self.blank - self.unreadable

    @property
    def complete(self) -> bool:
        return self.expected > 0 and self.answered == self.expected and not self.partial


@dataclass(frozen=True, slots=True)
class Rolled:
    """The value of an element for a region: a number, the text last written, or, when there is neither, why not."""

    element: str
    region: str
    rule: Rule
    counts: Counts
    number: Decimal | None = None
    text: str | None = None  # as it is shown; None = there is none
    absence: Absence | None = None

    @property
    def provenance(self) -> str:
        """Where it comes from, in words."""
        return f"{KIND_NAMES[self.rule.kind]}；{self.counts.given + self.counts.partial}/{self.counts.expected} 个地方的数"


def finish(target: Target, region: str, part: Partial, expected: int, done: int) -> Rolled:
    """The value that a partial stands for. `expected`, `done`: from how many places of the region a report is due, and how
    many have handed it in."""
    rule = target.rule
    empty = done - part.present_done if target.roster and rule.kind is not Kind.NONE else 0  # handed in, with nobody on the list
    counts = Counts(expected, part.given + empty, part.partial, part.blank, part.dash, part.not_applicable, part.unreadable)
    number, text = _value(rule, part, bool(empty))
    if number is not None:
        text = plain(number)
    return Rolled(target.element, region, rule, counts, number, text, None if text is not None else _why_not(counts, part))


def _value(rule: Rule, part: Partial, empty: bool) -> tuple[Decimal | None, str | None]:
    if rule.kind is Kind.LAST:
        return None, part.last.split("\t", 2)[2] if part.last else None
    if rule.kind is Kind.DISTINCT:
        return (Decimal(part.members) if part.values or empty else None), None
    if rule.kind is Kind.SUM:
        return (scaled(part.first, rule.scale) if part.values or empty else None), None
    if not part.values or rule.kind is Kind.NONE:
        return None, None
    if rule.kind in PAIRED:
        return (quotient(part.first, part.second, rule.scale) if part.second else None), None
    edge = part.high if rule.kind is Kind.MAX else part.low
    return (scaled(edge, rule.scale) if edge is not None else None), None


def _why_not(counts: Counts, part: Partial) -> Absence:
    if part.values:  # figures there are, but their weights or denominators are all 0
        return Absence.NOT_APPLICABLE
    if counts.expected == 0 or counts.missing or counts.blank or counts.unreadable or counts.given:
        return Absence.BLANK
    return Absence.DASH if counts.dash else Absence.NOT_APPLICABLE


def quotient(first: Decimal, second: Decimal, scale: Fraction) -> Decimal:
    """first / second x scale to two places; a half goes to the even neighbour (GB/T 8170)."""
    hundredths = round(Fraction(first) / Fraction(second) * scale / Fraction(DIGITS))  # a Fraction rounds a half to even
    with localcontext(prec=80):
        return Decimal(hundredths) * DIGITS


def completeness(counts: Counts, lacking: Mapping[Status, Sequence[str]], most: int = 10) -> str:
    """How whole a value is: 已报 4/5：缺 石港村. `lacking`: names of places by what they have instead of a figure."""
    if not counts.expected:
        return "没有要报的地方"
    parts = []
    for status, word in STATUS_WORDS.items():
        names = lacking.get(status, ())
        if names:
            rest = f"等 {len(names)} 个" if len(names) > most else ""
            parts.append(f"{word} {'、'.join(names[:most])}{rest}")
    return f"已报 {counts.answered}/{counts.expected}" + (f"：{'；'.join(parts)}" if parts else "")
