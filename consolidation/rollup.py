"""Rolling figures up: village -> township -> county -> city -> province, each element by its own rule. Pure.

A place that has not reported is missing: it is named and never counted as zero. A blank, a stroke and 不适用 are told apart and
add nothing; 0 does. Sums are exact (Decimal); means and ratios are made anew from what they are made of, at every level. The
same over many million figures is consolidation/engines; one specification (tests/consolidation/test_rollup.py) holds for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, Inexact, localcontext
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from consolidation.exact import scaled
from forms.values import Absence, Failure, absence, parse_number

DIGITS = Decimal("0.01")  # of means and ratios, as statistical reports print them (consolidation.derive.evaluate)


# ---- rules --------------------------------------------------------------------------------------------------------------


class Kind(StrEnum):
    SUM = "sum"
    MEAN = "mean"  # weighted
    RATIO = "ratio"  # of two sums
    LAST = "last"  # what was written last
    MAX = "max"
    MIN = "min"
    DISTINCT = "distinct"  # how many different people, households …, wherever they were met
    NONE = "none"


KIND_NAMES = {
    Kind.SUM: "相加", Kind.MEAN: "加权平均", Kind.RATIO: "分子分母分别相加后重算", Kind.LAST: "取最后报的", Kind.MAX: "取最大",
    Kind.MIN: "取最小", Kind.DISTINCT: "去重计数", Kind.NONE: "不汇总",
}  # fmt: skip
_KINDS = frozenset(str(kind) for kind in Kind)
PAIRED = (Kind.MEAN, Kind.RATIO)
_GRAMMAR = re.compile(
    r"(?P<kind>[a-z]+)(?::(?P<a>[^/+*:]+)(?:/(?P<b>[^/+*:]+))?(?P<more>(?:\+[^/+*:]+)*))?"
    r"(?:\*(?P<scale>\d+(?:[./]\d+)?))?"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How an element is rolled up. `inputs`: the elements it is made from, none = itself; MEAN: (value, weight), RATIO:
    (numerator, denominator). `scale`: factor on the result (units, per cent)."""

    kind: Kind
    inputs: tuple[str, ...] = ()
    scale: Fraction = Fraction(1)

    def __str__(self) -> str:
        """As the store holds it: sum, sum:e1*1/15, mean:e1/e2, ratio:e1/e2*100, last, max, min, distinct:e1+e2, none."""
        joined = ("/" if self.kind in PAIRED else "+").join(self.inputs)
        return self.kind + (f":{joined}" if joined else "") + (f"*{self.scale}" if self.scale != 1 else "")

    @classmethod
    def parse(cls, text: str) -> Rule:
        """What `str()` wrote. Raises ValueError for anything else."""
        found = _GRAMMAR.fullmatch(text.strip())
        if found is None or found["kind"] not in _KINDS:
            raise ValueError(f"not a rule: {text!r}")
        kind = Kind(found["kind"])
        inputs = tuple(name for name in (found["a"], found["b"], *(found["more"] or "").split("+")[1:]) if name)
        if (kind in PAIRED) != (found["b"] is not None) or (len(inputs) > 1 and kind not in (*PAIRED, Kind.DISTINCT)):
            raise ValueError(f"{kind} takes other elements: {text!r}")
        if "/0" in (found["scale"] or "") or not Fraction(found["scale"] or 1):
            raise ValueError(f"a scale of nothing: {text!r}")
        return cls(kind, inputs, Fraction(found["scale"] or 1))

    def of(self, element: str) -> tuple[str, ...]:
        """The elements whose figures it needs."""
        return self.inputs or (element,)


@dataclass(frozen=True, slots=True)
class Target:
    """An element to be rolled up. `level`: of the places that report it, "" = the lowest that report. `roster`: its figures are
    of people, households … of the place, not of the place itself; then a place that reported an empty list counts with 0."""

    element: str
    rule: Rule
    level: str = ""
    roster: bool = False


# ---- what is reported ---------------------------------------------------------------------------------------------------


class Status(StrEnum):
    """What a place has for an element."""

    GIVEN = "given"
    PARTIAL = "partial"  # a list with figures, but for some of its people there is none
    BLANK = "blank"
    DASH = "dash"
    NOT_APPLICABLE = "not-applicable"
    UNREADABLE = "unreadable"  # “约三十”, “30%”: no number that adds up
    MISSING = "missing"  # nothing was reported


STATUS_WORDS = {
    Status.MISSING: "缺", Status.BLANK: "空着", Status.PARTIAL: "没填全", Status.UNREADABLE: "不是数", Status.DASH: "填“—”",
    Status.NOT_APPLICABLE: "不适用",
}  # fmt: skip
_OF_ABSENCE = {Absence.BLANK: Status.BLANK, Absence.DASH: Status.DASH, Absence.NOT_APPLICABLE: Status.NOT_APPLICABLE}


@dataclass(frozen=True, slots=True)
class Given:
    """A figure as it was reported. `entity`: the place's code, or the keyed hash of a person's or household's number."""

    region: str
    element: str
    entity: str
    value: str | None
    at: str = ""


@lru_cache(maxsize=16_384)  # few figures are read again and again: once for the sum, once for who is missing
def reading(value: str | None) -> tuple[Status, Decimal | None]:
    """What a reported value says as a figure: 0 and 无 are zero, a blank is nothing; what is only about so many, or per cent of
    something, is no figure that adds up."""
    said = absence(value)
    if said is Absence.NONE:
        return Status.GIVEN, Decimal(0)
    if said is not None:
        return _OF_ABSENCE[said], None
    number = parse_number(value)
    if isinstance(number, Failure) or number.approximate or number.ratio:
        return Status.UNREADABLE, None
    return Status.GIVEN, number.value


def stamp(given: Given) -> str:
    """Orders values by when they were written (then by place), and holds the value itself at its end."""
    return f"{given.at}\t{given.region}\t{given.value}"


@dataclass(frozen=True)
class Places:
    """The tree of places. `parent`: code -> code ("" = the top); `level`: code -> village, township …; `reporters`: from whom a
    report is due this period; `done`: those of them who have handed it in."""

    parent: Mapping[str, str]
    level: Mapping[str, str]
    reporters: frozenset[str]
    done: frozenset[str] = frozenset()
    _expected: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def above(self, region: str) -> Iterator[str]:
        """The region itself and all it lies in."""
        while region:
            yield region
            region = self.parent.get(region, "")

    def expected(self, level: str) -> frozenset[str]:
        """From whom a figure is due: the reporters of a level; for "", those below whom nobody reports."""
        if level not in self._expected:
            if level:
                found = frozenset(region for region in self.reporters if self.level.get(region) == level)
            else:
                over = {above for region in self.reporters for above in list(self.above(region))[1:]}
                found = self.reporters - over
            self._expected[level] = found
        return self._expected[level]

    def inside(self, region: str, level: str) -> list[str]:
        """Those of `expected` that lie in a region, in the order of their codes."""
        return sorted(one for one in self.expected(level) if region in self.above(one))


# ---- rolled up ----------------------------------------------------------------------------------------------------------


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


def plain(number: Decimal) -> str:
    """A number as people write it: no exponent, no zeros at the end of its fraction."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) if number else "0"


# ---- one county, in memory ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """What one entity (or the place itself) has for one target."""

    entity: str
    status: Status
    first: Decimal | None
    second: Decimal | None
    stamp: str


def roll_up(
    places: Places, targets: Sequence[Target], figures: Iterable[Given], regions: Sequence[str] = ()
) -> dict[tuple[str, str], Rolled]:
    """(region, element) -> value, for the regions asked for, or all of the tree."""
    held = _by_element(figures)
    wanted = list(regions) or list(places.parent)
    found = {}
    for target in targets:
        rows = _rows(target, held)
        expected = places.expected(target.level)
        inside: dict[str, list[str]] = {region: [] for region in wanted}
        for one in sorted(expected):
            for above in places.above(one):
                if above in inside:
                    inside[above].append(one)
        for region in wanted:
            here = inside[region]
            part = _total(target, [(one, rows[one]) for one in here if one in rows], places.done)
            found[region, target.element] = finish(target, region, part, len(here), len(places.done.intersection(here)))
    return found


def not_given(places: Places, targets: Sequence[Target], figures: Iterable[Given]) -> dict[tuple[str, str], Status]:
    """(place, element) -> why it has no (whole) figure, of every place from which one is due."""
    held = _by_element(figures)
    found: dict[tuple[str, str], Status] = {}
    for target in targets:
        if target.rule.kind is Kind.NONE:
            continue
        rows = _rows(target, held)
        for one in places.expected(target.level):
            status = place_status([row.status for row in rows.get(one, [])], target.roster and one in places.done)
            if status is not Status.GIVEN:
                found[one, target.element] = status
    return found


def _by_element(figures: Iterable[Given]) -> dict[str, list[Given]]:
    held: dict[str, list[Given]] = {}
    for one in figures:
        held.setdefault(one.element, []).append(one)
    return held


def _rows(target: Target, held: Mapping[str, list[Given]]) -> dict[str, list[_Row]]:
    """By place, what is held for a target. A place's own figure is of the place; a list's figures are of somebody else."""
    rule = target.rule
    if rule.kind is Kind.NONE:
        return {}
    columns = [
        {(one.region, one.entity): one for one in held.get(name, ()) if (one.entity != one.region) == target.roster}
        for name in rule.of(target.element)
    ]
    rows: dict[str, list[_Row]] = {}
    if rule.kind in PAIRED:
        for key in columns[0].keys() | columns[1].keys():
            rows.setdefault(key[0], []).append(_pair(key[1], columns[0].get(key), columns[1].get(key)))
        return rows
    for column in columns:
        for (region, entity), one in column.items():
            status, number = reading(one.value)
            if rule.kind in (Kind.DISTINCT, Kind.LAST) and status is Status.UNREADABLE:
                status = Status.GIVEN  # a text is what was asked for
            rows.setdefault(region, []).append(_Row(entity, status, number, None, stamp(one)))
    return rows


def _pair(entity: str, a: Given | None, b: Given | None) -> _Row:
    (sa, first), (sb, second) = (reading(one.value) if one is not None else (Status.BLANK, None) for one in (a, b))
    return _Row(entity, max(sa, sb, key=WORST.index), first, second, "")


WORST = (Status.GIVEN, Status.NOT_APPLICABLE, Status.DASH, Status.BLANK, Status.UNREADABLE)


def place_status(statuses: Sequence[Status], empty_list: bool) -> Status:
    """What a place has, from what its single figures are. `empty_list`: it has handed in a list, and nobody is on it."""
    if not statuses:
        return Status.GIVEN if empty_list else Status.MISSING
    if Status.GIVEN in statuses:
        return Status.PARTIAL if Status.BLANK in statuses or Status.UNREADABLE in statuses else Status.GIVEN
    return max(statuses, key=WORST.index)


def _total(target: Target, here: Sequence[tuple[str, Sequence[_Row]]], done: frozenset[str]) -> Partial:
    part = Partial()
    members = set()
    with localcontext(prec=200) as context:
        context.traps[Inexact] = True  # a sum that is not exact is no sum
        for one, rows in here:
            status = place_status([row.status for row in rows], False)
            name = status.value.replace("-", "_")
            setattr(part, name, getattr(part, name) + 1)
            part.present_done += one in done
            for row in rows:
                if row.status is Status.GIVEN:
                    members.add(row.entity)
                    _add(target.rule.kind, part, row)
    part.members = len(members)
    return part


def _add(kind: Kind, part: Partial, row: _Row) -> None:
    part.values += 1
    part.last = max(part.last, row.stamp)
    if row.first is None:
        return
    if kind is Kind.MEAN and row.second is not None:
        part.first += row.first * row.second
    else:
        part.first += row.first
    part.second += row.second or 0
    part.low = row.first if part.low is None else min(part.low, row.first)
    part.high = row.first if part.high is None else max(part.high, row.first)


# ---- in words -----------------------------------------------------------------------------------------------------------


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
