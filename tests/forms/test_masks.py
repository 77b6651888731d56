"""No text for people shows a whole personal number."""

from __future__ import annotations

import pytest

from forms.problems import masked


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("990101196011010016", "990101********0016"),
        ("99010119601101001x", "990101********001x"),
        ("990101601101001", "990101******001"),
        ("13900001234", "139****1234"),
        ("6222000000000001234", "6222********1234"),
        ("92990101MA0ABC123X", "929901********123X"),
    ],
)
def test_first_and_last_digits_stay(number: str, shown: str) -> None:
    assert masked(f"号码{number}。") == f"号码{shown}。"


@pytest.mark.parametrize("text", ["990101001001", "2026-10-31", "GB32100", "1234567890"])
def test_codes_of_places_dates_and_amounts_stay_as_they_are(text: str) -> None:
    assert masked(text) == text
