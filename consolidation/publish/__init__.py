"""What people get: the one table, the mapping with reasons, the report."""

from .burden import by_department, totals
from .mapping import Answer, answers, decisions_from, mapping_workbook
from .one_table import one_table_workbook
from .report import html_report

__all__ = [
    "Answer",
    "answers",
    "by_department",
    "decisions_from",
    "html_report",
    "mapping_workbook",
    "one_table_workbook",
    "totals",
]
