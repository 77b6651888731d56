"""The smallest set of figures that still has to be asked, so that everything else follows.

Elements and derivations are a directed hypergraph; asking a set of elements makes known whatever its closure reaches. Most of
it is settled without a solver: what nothing derives must be asked, what follows from known things is free. What is left are
circles (birth month from birth date and the like, totals that give each other); each strongly connected component is a small
mixed-integer program for scipy's HiGHS, whose certificate against circular reasoning is an order of the elements.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from consolidation.model import Derivation, Element, Plan

NOT_ASKED = frozenset({"filing"})
_LIMIT = 20.0  # seconds for all components together


class _Graph:
    """Usable derivations by target and by input, and what is known so far."""

    def __init__(self, ids: Sequence[str], derivations: Iterable[Derivation], held: Collection[str]) -> None:
        wanted = set(ids) | set(held)
        self.ids = ids
        self.known: set[str] = set(held)
        self.used: dict[str, Derivation] = {}
        self.into: dict[str, list[Derivation]] = defaultdict(list)
        self.uses: dict[str, list[Derivation]] = defaultdict(list)
        self.missing: dict[int, int] = {}
        for item in derivations:
            useful = item.exact and item.target in wanted and item.target not in self.known
            if useful and item.target not in item.inputs and wanted.issuperset(item.inputs):
                self._add(item)

    def _add(self, item: Derivation) -> None:
        self.into[item.target].append(item)
        for source in set(item.inputs):
            self.uses[source].append(item)
        self.missing[id(item)] = len(set(item.inputs) - self.known)

    def learn(self, fresh: Iterable[str]) -> None:
        """Adds known elements and all that follows from them."""
        queue = [e for e in fresh if e not in self.known]
        self.known.update(queue)
        while queue:
            for item in self.uses.get(queue.pop(), ()):
                self.missing[id(item)] -= 1
                if not self.missing[id(item)] and item.target not in self.known:
                    self.known.add(item.target)
                    self.used[item.target] = item
                    queue.append(item.target)

    def start(self) -> list[str]:
        """What must be asked, whatever else is: nothing derives it. Learns that and what follows."""
        for items in self.into.values():
            for item in items:
                if not self.missing[id(item)] and item.target not in self.known:
                    self.used[item.target] = item
                    self.learn([item.target])
        forced = [e for e in self.ids if e not in self.known and not self.into.get(e)]
        self.learn(forced)
        return forced

    def open(self) -> list[str]:
        return [e for e in self.ids if e not in self.known]


def smallest_ask(
    elements: Iterable[Element], derivations: Iterable[Derivation], held: Collection[str], limit: float = _LIMIT
) -> Plan:
    """The fewest elements to ask for so that, with the exact derivations and what is held, all are known.

    `held`: ids of elements that shared data holds (cost nothing). Elements about the filing itself are not asked. `limit`:
    seconds for the solver; past it the plan is still complete but `optimal` is False. The result does not depend on the
    order of the derivations' inputs.
    """
    ids = [element.id for element in elements if element.meaning.entity not in NOT_ASKED]
    graph = _Graph(ids, derivations, held)
    asked = graph.start()
    optimal = True
    until = time.monotonic() + limit
    for members in _components(graph):
        inside = [e for e in members if e not in graph.known]
        if not inside:
            continue
        chosen, proven = _solve(graph, inside, max(0.5, until - time.monotonic()))
        optimal &= proven
        asked += chosen
        graph.learn(chosen)
    return Plan(frozenset(asked), graph.used, frozenset(held) & frozenset(ids), optimal)


def _components(graph: _Graph) -> list[list[str]]:
    """The strongly connected components of what is still open, those that others lean on first."""
    rest = graph.open()
    if not rest:
        return []
    import numpy as np  # here and below: loading scipy takes as long as merging fifty forms, and only circles need it
    from scipy.sparse import coo_array, csr_array
    from scipy.sparse.csgraph import connected_components

    at = {e: i for i, e in enumerate(rest)}
    edges = {(at[s], at[t]) for t in rest for item in graph.into[t] for s in item.inputs if s in at}
    rows, cols = zip(*edges, strict=True)
    matrix = coo_array((np.ones(len(rows)), (rows, cols)), shape=(len(rest), len(rest)))
    count, labels = connected_components(csr_array(matrix), directed=True, connection="strong")
    groups: list[list[str]] = [[] for _ in range(count)]
    for element, label in zip(rest, labels, strict=True):
        groups[label].append(element)
    return [groups[i] for i in _ordered(count, {(int(labels[a]), int(labels[b])) for a, b in edges})]


def _ordered(count: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """Topological order of the components (Kahn)."""
    after: dict[int, set[int]] = defaultdict(set)
    waiting = [0] * count
    for a, b in edges:
        if a != b and b not in after[a]:
            after[a].add(b)
            waiting[b] += 1
    ready = [i for i in range(count) if not waiting[i]]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for other in after[node]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return order


def _solve(graph: _Graph, members: list[str], limit: float) -> tuple[list[str], bool]:
    """The fewest of a component's elements to ask for, everything it leans on being known; whether that is proven."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    at = {e: i for i, e in enumerate(members)}
    edges = _tight([(at[t], frozenset(at[s] for s in item.inputs if s in at)) for t in members for item in graph.into[t]])
    n, m = len(members), len(edges)
    rows: list[int] = []
    cols: list[int] = []
    values: list[float] = []
    lower: list[float] = []

    def constrain(terms: Mapping[int, float], least: float) -> None:
        for col, value in terms.items():
            rows.append(len(lower))
            cols.append(col)
            values.append(value)
        lower.append(least)

    # columns: n asked flags, m used derivations, n potentials (the order in which elements become known)
    for i in range(n):
        constrain({i: 1, **{n + j: 1 for j, (target, _) in enumerate(edges) if target == i}}, 1)
    for j, (target, sources) in enumerate(edges):
        for source in sources:  # potential of the target is one above that of each input of a used derivation
            constrain({n + m + target: 1, n + m + source: -1, n + j: -n}, 1 - n)
    matrix = csr_array((values, (rows, cols)), shape=(len(lower), 2 * n + m))
    result = milp(
        np.concatenate([np.ones(n), np.zeros(m + n)]),
        constraints=LinearConstraint(matrix, lb=np.array(lower), ub=np.inf),
        integrality=np.concatenate([np.ones(n + m), np.zeros(n)]),
        bounds=Bounds(0, np.concatenate([np.ones(n + m), np.full(n, n - 1)])),
        options={"time_limit": limit},
    )
    if result.x is None:
        return _greedy(members, edges), False
    return [e for i, e in enumerate(members) if result.x[i] > 0.5], bool(result.status == 0)


def _tight(edges: Iterable[tuple[int, frozenset[int]]]) -> list[tuple[int, frozenset[int]]]:
    """Without derivations that need all that another one of the same target needs, and more."""
    by_target: dict[int, set[frozenset[int]]] = defaultdict(set)
    for target, sources in edges:
        by_target[target].add(sources)
    return [
        (target, sources) for target, many in by_target.items() for sources in many if not any(other < sources for other in many)
    ]


def _greedy(members: Sequence[str], edges: Sequence[tuple[int, frozenset[int]]]) -> list[str]:
    """A complete, not necessarily smallest choice: ask one after another until all is known."""
    known: set[int] = set()
    asked: list[str] = []
    for i, element in enumerate(members):
        if i in known:
            continue
        asked.append(element)
        known.add(i)
        grown = True
        while grown:
            fresh = {target for target, sources in edges if target not in known and sources <= known}
            known |= fresh
            grown = bool(fresh)
    return asked
