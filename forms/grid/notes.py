"""Gathers the problems of one file while it is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from forms.grid import limits
from forms.model import Problem
from forms.problems import problem


@dataclass
class Notes:
    """The problems of one file. Of many alike on one sheet, the first are told one by one, the rest by their number."""

    file: str
    _found: list[Problem] = field(default_factory=list)
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, code: str, sheet: str = "", cell: str = "", **values: object) -> None:
        """Notes one problem; the code and its values are those of the catalogue."""
        self._seen[code, sheet] += 1
        if self._seen[code, sheet] <= limits.PROBLEMS_OF_A_KIND:
            self._found.append(problem(code, self.file, sheet, cell, **values))

    def found(self, code: str) -> bool:
        """Whether a problem with this code was noted."""
        return any(problem.code == code for problem in self._found)

    def all(self) -> tuple[Problem, ...]:
        """Every problem, in the order met."""
        more = [
            self._rest(code, sheet, count - limits.PROBLEMS_OF_A_KIND)
            for (code, sheet), count in self._seen.items()
            if count > limits.PROBLEMS_OF_A_KIND
        ]
        return (*self._found, *more)

    def _rest(self, code: str, sheet: str, count: int) -> Problem:
        return problem("sheet.more-of-a-kind", self.file, sheet, count=count, first=self._first(code, sheet))

    def _first(self, code: str, sheet: str) -> str:
        return next(p.message for p in self._found if (p.code, p.sheet) == (code, sheet))
