"""How well a merge of the library agrees with gold.json: `python -m forms.library.score MERGE.json [--show N]`.

MERGE.json is what `yibiao merge forms/library --json` prints. The rules are those of the development set's scorer: pairs of
fields of different forms; fields about the filing are left out; pairs across two clusters of near.json count neither way.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from forms.library import HOME, shipped

Node = tuple[str, str, str]  # form slug, cell, label: several blanks may stand in one cell
Pair = tuple[Node, Node]


@dataclass(frozen=True)
class Score:
    """Pairs merged and right, merged and wrong, missed; fields found among those expected."""

    right: frozenset[Pair]
    wrong: frozenset[Pair]
    missed: frozenset[Pair]
    found: int
    expected: int

    @property
    def precision(self) -> float:
        merged = len(self.right) + len(self.wrong)
        return len(self.right) / merged if merged else 1.0

    @property
    def recall(self) -> float:
        wanted = len(self.right) + len(self.missed)
        return len(self.right) / wanted if wanted else 1.0


def score(merge: Mapping[str, Any], home: Path = HOME) -> Score:
    """Compares a merge with the gold. A field of the merge is found by the folder of its file, its cell and, where several
    blanks share a cell, its label."""
    gold = json.loads((home / "gold.json").read_text(encoding="utf-8"))
    near = {frozenset((pair["a"], pair["b"])) for pair in json.loads((home / "near.json").read_text(encoding="utf-8"))}
    labels = {
        (form.slug, entry["cell"], tuple(entry.get("inside", ()))): entry["label"]
        for form in shipped()
        for entry in form.expected_fields()
    }
    truth: dict[Node, str] = {}
    for cluster in gold:
        for slug, cell, inside in cluster["members"]:
            if cluster["purpose"] == "data":
                truth[slug, cell, labels[slug, cell, tuple(inside)]] = cluster["key"]
    predicted = dict(_predicted(merge["elements"], truth))
    wanted = _pairs(truth)
    got = {pair for pair in _pairs(predicted) if frozenset(truth[node] for node in pair) not in near}
    return Score(frozenset(got & wanted), frozenset(got - wanted), frozenset(wanted - got), len(predicted), len(truth))


def _predicted(elements: Iterable[Mapping[str, Any]], truth: Mapping[Node, str]) -> Iterator[tuple[Node, str]]:
    at: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in truth:
        at[node[0], node[1]].append(node)
    for element in elements:
        for field in element["fields"]:
            file = Path(field["file"])
            here = at.get((file.parent.name if file.stem == "template" else file.stem, field["cell"]), [])
            named = here if len(here) == 1 else [node for node in here if node[2] == (field["path"] or [""])[-1]]
            for node in named[:1]:
                yield node, f"{element['id']}{'#' + field['field'] if field['relation'] == 'derived' else ''}"


def _pairs(label: Mapping[Node, str]) -> set[Pair]:
    groups: dict[str, list[Node]] = defaultdict(list)
    for node, group in label.items():
        groups[group].append(node)
    return {(a, b) for members in groups.values() for a, b in combinations(sorted(members), 2) if a[0] != b[0]}


def main(arguments: Sequence[str]) -> int:
    """Prints the score and, on request, wrong and missed pairs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("merge", type=Path)
    parser.add_argument("--show", type=int, default=0)
    given = parser.parse_args(arguments)
    result = score(json.loads(given.merge.read_text(encoding="utf-8")))
    print(f"fields found {result.found}/{result.expected}  precision {result.precision:.3f}  recall {result.recall:.3f}")
    for name, pairs in (("wrong", result.wrong), ("missed", result.missed)):
        for one, other in sorted(pairs)[: given.show]:
            print(name, *one, "|", *other)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
