"""What people decided about likely matches: stored with who and when, applied next time, undone by a later decision.

The store is a file of lines, one decision each, only ever appended to (design, rule 8).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from consolidation.meaning.model import Meaning
from forms.model import Problem
from forms.problems import problem


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on two meanings: one element (`same`) or two."""

    a: Meaning
    b: Meaning
    same: bool
    who: str
    when: str  # ISO date and time
    reason: str = ""


def _meaning(data: dict[str, Any]) -> Meaning:
    def words(key: str) -> tuple[str, ...]:
        value = data.get(key, ())
        if not isinstance(value, list):
            raise TypeError(f"{key} is no list")
        return tuple(str(word) for word in value)

    qualifiers = tuple((str(k), str(v)) for k, v in data.get("qualifiers", ()))
    return Meaning(
        str(data["entity"]),
        str(data["role"]),
        words("concept"),
        str(data["measure"]),
        qualifiers,
        str(data["dimension"]),
        str(data["period"]),
        words("context"),
    )


class Decisions:
    """The decisions in force: the last word on a pair counts. `problems`: lines of their file that could not be read."""

    def __init__(self, decisions: Iterable[Decision] = (), problems: tuple[Problem, ...] = ()) -> None:
        self.problems = problems
        self._last: dict[tuple[Meaning, Meaning], Decision] = {}
        for decision in decisions:
            self._last[self._key(decision.a, decision.b)] = decision
        self._parent: dict[Meaning, Meaning] = {}
        for (a, b), decision in self._last.items():
            if decision.same:
                low, high = sorted((self._root(a), self._root(b)))
                if low != high:
                    self._parent[high] = low

    @staticmethod
    def _key(a: Meaning, b: Meaning) -> tuple[Meaning, Meaning]:
        return (a, b) if a <= b else (b, a)

    def _root(self, meaning: Meaning) -> Meaning:
        while meaning in self._parent:
            meaning = self._parent[meaning]
        return meaning

    def canonical(self, meaning: Meaning) -> Meaning:
        """The meaning that stands for all those people said are one with it."""
        return self._root(meaning)

    def refused(self, a: Meaning, b: Meaning) -> bool:
        """Whether a person said that the two are different facts."""
        decision = self._last.get(self._key(a, b))
        return decision is not None and not decision.same

    def same(self, a: Meaning, b: Meaning) -> bool:
        """Whether people said, of the two or by way of others, that they are one."""
        return self._root(a) == self._root(b)

    def __len__(self) -> int:
        return len(self._last)


def read_decisions(path: Path) -> Decisions:
    """The decisions in a file of JSON lines; none when the file is not there yet. A line that cannot be read is a Problem
    of the result and the others count. Raises OSError."""
    if not path.exists():
        return Decisions()
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError:
        return Decisions(problems=(problem("decisions.unreadable", path.name),))
    found: list[Decision] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(decision_from(json.loads(line)))
            except (ValueError, TypeError, KeyError, AttributeError):
                problems.append(problem("decisions.bad-line", path.name, line=number))
    return Decisions(found, tuple(problems))


def decision_from(data: dict[str, Any]) -> Decision:
    """A decision from what its line holds. Raises TypeError, ValueError, KeyError or AttributeError for what is no decision."""
    if not isinstance(data["same"], bool):
        raise TypeError("same is neither true nor false")
    return Decision(
        _meaning(data["a"]), _meaning(data["b"]), data["same"], str(data["who"]), str(data["when"]), str(data.get("reason", ""))
    )


def decision_line(decision: Decision) -> str:
    """A decision as one line of JSON."""
    return json.dumps(asdict(decision), ensure_ascii=False, sort_keys=True)


def append_decisions(path: Path, decisions: Iterable[Decision]) -> int:
    """Adds decisions at the end of the file; gives how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [decision_line(decision) for decision in decisions]
    torn = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in (["", *lines] if torn and lines else lines))
    return len(lines)
