"""By which rule an element is rolled up, and how the store writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


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
