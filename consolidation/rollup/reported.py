"""What places report, as it is rolled up: which figure a text is, what a place without one has, and the tree of places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from forms.values import Absence, Failure, absence, parse_number


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
WORST = (Status.GIVEN, Status.NOT_APPLICABLE, Status.DASH, Status.BLANK, Status.UNREADABLE)


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


def place_status(statuses: Sequence[Status], empty_list: bool) -> Status:
    """What a place has, from what its single figures are. `empty_list`: it has handed in a list, and nobody is on it."""
    if not statuses:
        return Status.GIVEN if empty_list else Status.MISSING
    if Status.GIVEN in statuses:
        return Status.PARTIAL if Status.BLANK in statuses or Status.UNREADABLE in statuses else Status.GIVEN
    return max(statuses, key=WORST.index)


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
