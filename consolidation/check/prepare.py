"""The checks of a merge, found once and used for every region and period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from consolidation.derive import Check
from consolidation.derive.facets import Facets
from consolidation.derive.outline import Outline
from consolidation.derive.view import Labels, views
from consolidation.lexicon import Lexicon
from consolidation.model import Derivation, Element, Formula, Merged
from forms.problems import catalogue

from . import definitions
from .cells import Bounds, bounds_of
from .changes import Repeated, Watch, repeats, watch_of
from .facts import Follows, wanted
from .parts import of_which
from .relations import Places, Relation, distinct, from_derivations, from_printed
from .say import check_words
from .settings import Settings, load_settings


@dataclass(frozen=True)
class Prepared:
    """All checks of a merge. `elements` are in the order in which forms ask for them."""

    settings: Settings
    places: Places
    elements: tuple[Element, ...]
    position: Mapping[str, int]
    relations: tuple[Relation, ...]
    bounds: Mapping[str, Bounds]
    watches: Mapping[str, Watch]
    repeated: tuple[Repeated, ...]
    rates: tuple[Follows, ...]
    facts: tuple[Follows, ...]

    @property
    def count(self) -> int:
        """How many checks there are."""
        kinds = (self.relations, self.bounds, self.watches, self.repeated, self.rates, self.facts)
        return sum(len(kind) for kind in kinds)


def prepare(
    merged: Merged, derivations: Sequence[Derivation], printed: Sequence[Check], lexicon: Lexicon,
    departments: Mapping[str, str] | None = None, settings: Settings | None = None,
) -> Prepared:  # fmt: skip
    """The checks that the forms print, that follow from their structure, from what figures mean and from data/checks.

    `departments`: file -> department. Takes a moment; the result serves every region and period.
    """
    settings = settings or load_settings()
    catalogue()  # read now, so that the first check of a day is as quick as the others
    check_words()
    places = Places(merged, departments or {}, lexicon)
    elements = tuple(sorted(merged.elements, key=lambda element: (places.first(element.id), element.id)))
    found = distinct(_relations(merged, derivations, printed, places, settings, lexicon))
    watches = {element.id: watch_of(element, settings.changes, lexicon) for element in elements}
    followed = [Follows(d, places.asking((d.target, *d.inputs))) for d in derivations if wanted(d) and _known(d, places)]
    position = {element.id: at for at, element in enumerate(elements)}
    return Prepared(
        settings, places, elements, position,
        tuple(sorted(found, key=lambda one: (position[one.subject], one.code))),
        {element.id: bounds_of(element, settings.ranges, lexicon) for element in elements},
        {element: watch for element, watch in watches.items() if watch is not None},
        repeats(places.elements, settings.changes),
        tuple(one for one in followed if one.derivation.formula is Formula.RATIO),
        tuple(one for one in followed if one.derivation.formula is not Formula.RATIO),
    )  # fmt: skip


def _known(item: Derivation, places: Places) -> bool:
    return {item.target, *item.inputs} <= places.elements.keys()


def _relations(
    merged: Merged, derivations: Sequence[Derivation], printed: Sequence[Check], places: Places, settings: Settings,
    lexicon: Lexicon,
) -> Iterator[Relation]:  # fmt: skip
    """All relations, the surest source first: of two that say one thing, the first gives the words."""
    rules = settings.definitions
    yield from from_printed(printed, places, rules)
    yield from from_derivations(derivations, places)
    labels = Labels(lexicon)
    facets: Facets | None = None
    for view in views(merged, labels):
        facets = facets or Facets(labels, view.words)
        yield from of_which(view, Outline(view, facets), places, rules)
    found = definitions.counted(merged.elements, lexicon, rules)
    yield from definitions.group_sums(found, places, rules)
    yield from definitions.at_most(found, places, rules)
    yield from definitions.households(found, places, rules)
    yield from definitions.of_population(found, places, rules)
