"""Why a value could not be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """A value that could not be read. `code` is a code of the problems' catalogue whose wording asks for `shown`:
    ``problem(failure.code, file, sheet, cell, shown=failure.shown)`` tells it to a person."""

    code: str
    shown: str

    def __bool__(self) -> bool:
        """False, so that ``if parse_date(text):`` reads as it should (a number may be 0: ask with isinstance there)."""
        return False
