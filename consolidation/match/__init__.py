"""Which fields are one data element: certain ones merge, likely ones go to a person, all others stay apart."""

from .decisions import Decision, Decisions, append_decisions, decision_from, decision_line, read_decisions
from .merge import element_id, merge, merge_meanings
from .review import qualifier_difference

__all__ = [
    "Decision",
    "Decisions",
    "append_decisions",
    "decision_from",
    "decision_line",
    "element_id",
    "merge",
    "merge_meanings",
    "qualifier_difference",
    "read_decisions",
]
