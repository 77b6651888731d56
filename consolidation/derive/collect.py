"""All derivations of a merge, from the forms' structure and rules, identities, rosters, ratios and places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from consolidation.lexicon import Lexicon
from consolidation.model import Derivation, Formula, Merged

from . import printed
from .counts import counts_from_table, counts_on_form
from .facets import Facets
from .identity import definitions, identities
from .outline import Outline, Sum
from .places import complements, roll_ups
from .ratios import ratios
from .structure import sums
from .view import FormView, Labels, one_scale, views


def derivations(merged: Merged, lexicon: Lexicon) -> tuple[Derivation, ...]:
    """Every way in which an element of the merge follows from others; one element may have several.

    Exact ones hold always (a whole facet, a printed rule, a standard); the others only as far as a form means what it seems
    to, and are shown but not relied upon.
    """
    labels = Labels(lexicon)
    forms = list(views(merged, labels))
    facets = Facets(labels, forms[0].words) if forms else None
    found: list[Derivation] = []
    for view in forms:
        if facets is not None:
            found += _of_form(view, facets)
    found += identities(merged, forms)
    found += definitions(forms)
    found += complements(merged, lexicon)
    found += roll_ups(merged, lexicon)
    found += counts_from_table(merged)
    return _distinct(found)


def checks(merged: Merged, lexicon: Lexicon) -> tuple[printed.Check, ...]:
    """The printed relations of all forms, as conditions that figures must meet."""
    return printed.checks(merged, Labels(lexicon))


def _of_form(view: FormView, facets: Facets) -> Iterator[Derivation]:
    equal = list(printed.equalities(view))
    for equality in equal:
        made = printed.derivation(equality, facets.labels)
        if made is not None:
            yield made
    ruled = {equality.total.field.id for equality in equal}
    parts_of = printed.bounded(view)
    shown = list(sums(view, facets))
    for found in shown:
        made = _sum(found)
        if made is not None and found.total.field.id not in ruled and not _contradicted(found, parts_of):
            yield made
    yield from ratios(view, Outline(view, facets), shown)
    yield from counts_on_form(view, facets)


def _contradicted(found: Sum, parts_of: dict[str, set[str]]) -> bool:
    """A printed rule says the parts are less than the whole."""
    named = parts_of.get(found.total.field.id, set())
    return any(part.field.id in named for part in found.parts)


def _sum(found: Sum) -> Derivation | None:
    scale = one_scale(found.total, found.parts)
    if scale is None:
        return None
    inputs = tuple(part.element.id for part in found.parts)
    if found.total.element.id in inputs or len(set(inputs)) != len(inputs):
        return None
    weights = tuple(1 for _ in inputs)
    return Derivation(found.total.element.id, inputs, Formula.SUM, found.rule, found.exact, weights, scale)


def _distinct(found: Iterable[Derivation]) -> tuple[Derivation, ...]:
    """Each derivation once; of two that say the same, the exact one."""
    kept: dict[tuple[str, frozenset[str], Formula, tuple[tuple[str, str], ...]], Derivation] = {}
    for item in found:
        if item.target in item.inputs:
            continue
        key = (item.target, frozenset(item.inputs), item.formula, item.where)
        if key not in kept or (item.exact and not kept[key].exact):
            kept[key] = item
    return tuple(kept.values())
