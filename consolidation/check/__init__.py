"""What figures must meet before they are submitted: printed relations, ranges, required cells, changes, definitions, rosters.

`prepare` finds the checks of a merge once; `check` runs them on the figures of one region and period. No database, no clock.
"""

from .model import Checked, Finding, Force, Given, Item, Printed, Unchecked
from .prepare import Prepared, prepare
from .run import check
from .say import Explanation, explain
from .settings import check_settings, load_settings

__all__ = [
    "Checked",
    "Explanation",
    "Finding",
    "Force",
    "Given",
    "Item",
    "Prepared",
    "Printed",
    "Unchecked",
    "check",
    "check_settings",
    "explain",
    "load_settings",
    "prepare",
]
