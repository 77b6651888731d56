"""Two splits at once: 有劳动能力的低保户, 无劳动能力的低保户, 有劳动能力的低收入家庭 … and the totals along each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from .outline import Outline, Sum
from .view import Spot

Cell = tuple[str, str, Spot]  # facet value, what else the label says, field


def cross_sums(outline: Outline) -> Iterator[Sum]:
    """Sums over a full table of facet value x kind, laid out as labels or as captions with labels under them."""
    for (facet, prefix, unit), cells in _cells(outline).items():
        for block in _blocks(cells):
            values = sorted({value for value, _, _ in block})
            if outline.facets.whole(facet, values, ""):
                yield from _sums(outline, facet, prefix, unit, block)


def _cells(outline: Outline) -> dict[tuple[str, tuple[str, ...], str], list[Cell]]:
    """Figures by what is left when a facet value is taken from the label, or from the caption right above it."""
    found: dict[tuple[str, tuple[str, ...], str], list[Cell]] = defaultdict(list)
    for spot in outline.figures:
        for hit in outline.facets.hits(spot.text):
            if hit.rest:
                found[hit.facet, spot.parent, spot.unit].append((hit.value, outline.stem(hit.rest), spot))
        if len(spot.path) > 1:
            for hit in outline.facets.hits(spot.path[-2]):
                if not hit.rest:
                    found[hit.facet, spot.path[:-2], spot.unit].append((hit.value, outline.stem(spot.text), spot))
    return found


def _blocks(cells: Sequence[Cell]) -> Iterator[list[Cell]]:
    """Full tables: every value with every kind, two kinds at least."""
    kinds: dict[str, dict[str, Cell]] = defaultdict(dict)
    for cell in cells:
        kinds[cell[1]].setdefault(cell[0], cell)
    values = {value for kind in kinds.values() for value in kind}
    whole = [kind for kind in kinds.values() if set(kind) == values]
    if len(whole) >= 2 and len(values) >= 2:
        yield [cell for kind in whole for cell in kind.values()]


def _sums(outline: Outline, facet: str, prefix: tuple[str, ...], unit: str, block: Sequence[Cell]) -> Iterator[Sum]:
    spots = sorted((spot for _, _, spot in block), key=lambda s: s.at)
    inside = {spot.at for spot in spots}
    near = [s for s in outline.figures if s.at not in inside and s.unit == unit and s.parent in (prefix, prefix[:-1])]
    for spot in near:
        hit = next((h for h in outline.facets.hits(spot.text) if h.facet == facet and not h.rest), None)
        if hit is not None:
            along = tuple(s for value, _, s in block if value == hit.value)
            yield Sum(spot, along, f"{'＋'.join(s.text for s in along)}（{spot.text}的各类）", True)
        across = tuple(s for _, kind, s in block if kind == outline.stem(spot.text))
        if across and hit is None:
            yield Sum(spot, across, f"{'＋'.join(s.text for s in across)}（{outline.facets.name(facet)}各项齐全）", True)
    ahead = outline.before(spots[0], prefix, (), spots, facet)
    if (
        ahead is not None
        and spots[0].at - ahead.at <= len({s.unit for s in outline.figures})
        and _kinds_apart(block, ahead, outline)
    ):
        names = dict.fromkeys(kind for _, kind, _ in block)
        rule = f"{'＋'.join(names)}（各分{outline.facets.name(facet)}）"
        yield Sum(ahead, tuple(spots), rule, True)


def _kinds_apart(block: Sequence[Cell], total: Spot, outline: Outline) -> bool:
    """The kinds do not look like things one household can be several of, and none is the total itself."""
    kinds = {kind for _, kind, _ in block}
    return outline.stem(total.text) not in kinds and not outline.overlapping(sorted(kinds))
