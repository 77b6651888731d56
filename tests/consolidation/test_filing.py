"""Blanks about the filing: filled as far as they follow from the region and the period."""

import pytest

from consolidation.fill.filing import period_for_blank
from forms.periods import Period


@pytest.mark.parametrize(
    ("period", "before", "after", "words"),
    [
        ("2026-10", "（", "年）", "2026"),
        ("2026-10", "20", "年", "26"),
        ("2026-10", "2026年", "月低保对象花名册", "10"),
        ("2026-Q3", "（", "季度）", "2026年三"),
        ("2026-10", "（", "）", "2026年10月"),
    ],
)
def test_a_period_is_written_as_its_blank_wants(period: str, before: str, after: str, words: str) -> None:
    assert period_for_blank(Period.parse(period), before, after) == words
