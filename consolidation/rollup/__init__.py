"""Rolling figures up: village -> township -> county -> city -> province, each element by its own rule. Pure.

A place that has not reported is missing: it is named and never counted as zero. A blank, a stroke and 不适用 are told apart and
add nothing; 0 does. Sums are exact (Decimal); means and ratios are made anew from what they are made of, at every level. The
same over many million figures is consolidation/engines; one specification (tests/consolidation/test_rollup.py) holds for both.
"""

from .in_memory import not_given, roll_up
from .reported import STATUS_WORDS, WORST, Given, Places, Status, place_status, reading, stamp
from .rolled import DIGITS, Counts, Partial, Rolled, completeness, finish, quotient
from .rule import KIND_NAMES, PAIRED, Kind, Rule, Target

__all__ = [
    "DIGITS", "KIND_NAMES", "PAIRED", "STATUS_WORDS", "WORST", "Counts", "Given", "Kind", "Partial", "Places", "Rolled", "Rule",
    "Status", "Target", "completeness", "finish", "not_given", "place_status", "quotient", "reading", "roll_up", "stamp",
]  # fmt: skip
