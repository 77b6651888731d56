"""A whole and its parts are counted from one set of rows.

Where a form says for certain that figures are all the parts of another one (男＋女, 02=03+06), the whole
counts those rows that are in some part: who has no known age is in no band, and so not in the whole. What the whole
leaves out its other parts (男, 女) leave out too. The source of the figure says how many were left out and why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from consolidation.derive.counts import Condition, qualifier_condition
from consolidation.derive.facets import OLDEST, band
from consolidation.derive.words import read, structure_words
from consolidation.model import Derivation, Formula

from .select import Selection

Narrowed = Mapping[str, tuple[Condition, ...]]
_RANGES = frozenset({"within", "steps"})


@dataclass(frozen=True, slots=True)
class _Partition:
    """`whole` is the sum of `parts`, which differ in one fact; `union`: what holds of everyone who is in some part."""

    whole: str
    parts: tuple[str, ...]
    union: Condition


def narrowed(
    counted: Mapping[str, Selection], derivations: Iterable[Derivation], known: Callable[[Selection, Condition], bool]
) -> Narrowed:
    """Element -> what its rows must meet besides its own selection. `counted`: how each figure of people was counted; `known`:
    whether a condition's fact is known of nearly everyone selected. Where it is not, a whole stays as it is."""
    made = (_partition(item, counted) for item in derivations)
    found = [one for one in made if one is not None and known(counted[one.whole], one.union)]
    needed: dict[str, set[Condition]] = defaultdict(set)
    for one in found:
        needed[one.whole].add(one.union)
    grown = True
    while grown:
        grown = any([_hand_on(one, needed, counted) for one in found])
    wanted = {element: _further(counted[element], conditions) for element, conditions in needed.items()}
    return {element: further for element, further in wanted.items() if further}


def _hand_on(one: _Partition, needed: dict[str, set[Condition]], counted: Mapping[str, Selection]) -> bool:
    """A whole's conditions go down to its parts; a part's that only ask that a fact is known go up to the whole."""
    up = {c for part in one.parts for c in needed[part] if _asks_only_to_be_known(c)}
    before = sum(len(needed[element]) for element in (one.whole, *one.parts))
    needed[one.whole] |= up
    for part in one.parts:
        needed[part] |= set(_further(counted[part], needed[one.whole]))
    return sum(len(needed[element]) for element in (one.whole, *one.parts)) > before


def _further(selection: Selection, conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Those conditions that a selection does not meet by its own on the same fact."""
    own = {c.fact for c in selection.conditions}
    return tuple(sorted((c for c in conditions if c.fact not in own), key=lambda c: (c.fact, c.op, c.values)))


def _partition(item: Derivation, counted: Mapping[str, Selection]) -> _Partition | None:
    plain = item.formula is Formula.SUM and item.exact and item.scale == 1 and set(item.weights or (1,)) == {1}
    if not plain or len(item.inputs) < 2 or any(element not in counted for element in (item.target, *item.inputs)):
        return None
    whole, parts = counted[item.target], [counted[element] for element in item.inputs]
    if any((p.groups, p.lists, p.area, p.born) != (whole.groups, whole.lists, whole.area, whole.born) for p in parts):
        return None
    own = [_apart(whole, part) for part in parts]
    first = own[0]
    if first is None or any(c is None or (c.fact, c.op) != (first.fact, first.op) for c in own):
        return None
    union = _union([c for c in own if c is not None])
    return _Partition(item.target, item.inputs, union) if union is not None else None


def _apart(whole: Selection, part: Selection) -> Condition | None:
    """The one condition by which a part differs from its whole."""
    own = [c for c in part.conditions if c not in whole.conditions]
    lost = [c for c in whole.conditions if c not in part.conditions]
    return own[0] if len(own) == 1 and own[0].fact and all(c.fact == own[0].fact for c in lost) else None


def _union(parts: Sequence[Condition]) -> Condition | None:
    """What holds of everyone who meets one of the conditions; None where ranges leave a gap."""
    first = parts[0]
    if first.op == "is":
        return Condition(first.fact, "is", tuple(dict.fromkeys(value for part in parts for value in part.values)))
    if first.op not in _RANGES:
        return None
    bands = sorted(band(part.values[0]) for part in parts)
    if any(low > high + 1 for (_, high), (low, _) in pairwise(bands)):
        return None
    low, high = bands[0][0], max(high for _, high in bands)
    return Condition(first.fact, first.op, (f"{low}-{high if high < OLDEST else ''}",))


def _asks_only_to_be_known(condition: Condition) -> bool:
    """Whether everyone of whom the fact is known meets a condition: all ages, all steps of schooling, 男 or 女."""
    if condition.op == "within":
        return band(condition.values[0]) == (0, OLDEST)
    if condition.op == "steps":
        low, high = band(condition.values[0])
        return low <= 1 and high >= structure_words().last_step
    return condition.op == "is" and any(values <= set(condition.values) for values in _whole_sets().get(condition.fact, ()))


@lru_cache(maxsize=1)
def _whole_sets() -> Mapping[str, Sequence[frozenset[str]]]:
    """Fact -> sets of values of which everyone has one (data/derivations/elements.yml)."""
    found: dict[str, list[frozenset[str]]] = defaultdict(list)
    for entry in read("elements")["qualifier_sets"]:
        conditions = [qualifier_condition(entry["kind"], value) for value in entry["values"]]
        known = [c for c in conditions if c is not None and c.op == "is"]
        if known and len(known) == len(conditions):
            found[known[0].fact].append(frozenset(value for c in known for value in c.values))
    return found
