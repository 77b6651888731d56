"""What people decided about likely matches: stored with who and when, applied next time, undone by a later decision.

The store is a file of lines, one decision each, only ever appended to (design, rule 8).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from consolidation.meaning.model import Meaning


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on two meanings: one element (`same`) or two."""

    a: Meaning
    b: Meaning
    same: bool
    who: str
    when: str  # ISO date and time
    reason: str = ""


def _meaning(data: dict[str, object]) -> Meaning:
    def words(key: str) -> tuple[str, ...]:
        value = data.get(key, ())
        assert isinstance(value, list | tuple)  # noqa: S101 - the file is ours; a wrong one must not pass
        return tuple(str(word) for word in value)

    qualifiers = tuple((str(k), str(v)) for k, v in data.get("qualifiers", ()))  # type: ignore[attr-defined]
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
    """The decisions in force: the last word on a pair counts."""

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
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

    def __len__(self) -> int:
        return len(self._last)


def read_decisions(path: Path) -> Decisions:
    """The decisions in a file of JSON lines; none when the file is not there yet."""
    if not path.exists():
        return Decisions()
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            data = json.loads(line)
            found.append(
                Decision(
                    _meaning(data["a"]),
                    _meaning(data["b"]),
                    bool(data["same"]),
                    data["who"],
                    data["when"],
                    data.get("reason", ""),
                )
            )
    return Decisions(found)


def append_decisions(path: Path, decisions: Iterable[Decision]) -> int:
    """Adds decisions at the end of the file; gives how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(decision), ensure_ascii=False, sort_keys=True) for decision in decisions]
    with path.open("a", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines)
    return len(lines)
