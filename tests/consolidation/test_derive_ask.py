"""The smallest set of figures to ask: exact, compared with trying everything."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from consolidation.derive import smallest_ask
from consolidation.meaning.model import Meaning
from consolidation.model import Derivation, Element, Formula


def element(name: str, entity: str = "village") -> Element:
    return Element(name, name, Meaning(entity, "", (name,)), ())


def follows(target: str, *inputs: str, exact: bool = True) -> Derivation:
    return Derivation(target, inputs, Formula.SUM, "", exact)


def closure(known: set[str], derivations: list[Derivation]) -> set[str]:
    while True:
        fresh = {d.target for d in derivations if set(d.inputs) <= known} - known
        if not fresh:
            return known
        known = known | fresh


def test_what_nothing_gives_is_asked_and_what_follows_is_not() -> None:
    plan = smallest_ask([element("total"), element("men"), element("women")], [follows("total", "men", "women")], set())
    assert plan.asked == {"men", "women"} and set(plan.derived) == {"total"} and plan.optimal


def test_held_elements_cost_nothing() -> None:
    plan = smallest_ask(
        [element("total"), element("men"), element("women")], [follows("total", "men", "women")], {"men", "women"}
    )
    assert plan.asked == frozenset() and plan.prefilled == {"men", "women"}


def test_elements_that_give_each_other_are_asked_once() -> None:
    circle = [follows("b", "a"), follows("c", "b"), follows("a", "c")]
    plan = smallest_ask([element(n) for n in "abc"], circle, set())
    assert len(plan.asked) == 1 and len(plan.derived) == 2


def test_what_is_not_exact_is_not_relied_upon_and_filings_are_not_asked() -> None:
    plan = smallest_ask([element("a"), element("b"), element("signature", "filing")], [follows("b", "a", exact=False)], set())
    assert plan.asked == {"a", "b"}


NAMES = tuple("abcdefg")


@st.composite
def hypergraphs(draw: st.DrawFn) -> tuple[list[Derivation], set[str]]:
    edges = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), min_size=1, max_size=3)), max_size=9))
    held = draw(st.sets(st.sampled_from(NAMES), max_size=2))
    return [follows(t, *sorted(s - {t})) for t, s in edges if s - {t}], held


@settings(max_examples=150, deadline=None)
@given(hypergraphs())
def test_no_smaller_set_would_do(case: tuple[list[Derivation], set[str]]) -> None:
    derivations, held = case
    plan = smallest_ask([element(n) for n in NAMES], derivations, held)
    assert plan.optimal
    assert closure(set(plan.asked) | held, derivations) >= set(NAMES)
    for size in range(len(plan.asked)):
        assert not any(closure(set(c) | held, derivations) >= set(NAMES) for c in combinations(NAMES, size))


@settings(max_examples=50, deadline=None)
@given(hypergraphs())
def test_each_derived_element_follows_from_what_came_before_it(case: tuple[list[Derivation], set[str]]) -> None:
    derivations, held = case
    plan = smallest_ask([element(n) for n in NAMES], derivations, held)
    assert closure(set(plan.asked) | held, list(plan.derived.values())) >= set(NAMES)


def test_eighty_thousand_elements_are_planned_to_the_optimum() -> None:
    elements = [element(f"e{i}") for i in range(80_000)]
    derivations = [follows(f"e{i}", f"e{i + 1}", f"e{i + 2}") for i in range(0, 79_000, 4)]
    derivations += [follows(f"e{i}", f"e{i - 1}") for i in range(3, 20_000, 40)] + [
        follows(f"e{i - 1}", f"e{i}") for i in range(3, 20_000, 40)
    ]
    assert smallest_ask(elements, derivations, set()).optimal  # within its own limit of time
