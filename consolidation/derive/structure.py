"""Totals and their parts, as a form's own outline shows them.

A sum is exact where the parts are provably all there is: a whole facet (男 + 女, age bands without a gap), parts numbered
1 2 3 … straight under their total, what stands beside 合计. 其中 is no partition. What a form only seems to add up is
offered as not exact.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from .cross import cross_sums
from .facets import AGE, SCHOOLING, Facets, low_end
from .outline import FACET_ENDING, Outline, Path, Sum, fits
from .view import FormView, Spot, code_of, numbering


@dataclass(frozen=True, slots=True)
class _List:
    """Values of one facet that stand together. `rest`: what else their labels say; `prefix`, `suffix`: the captions
    before and behind the one that names the value."""

    facet: str
    rest: str
    prefix: Path
    suffix: Path
    values: tuple[str, ...]
    spots: tuple[Spot, ...]


def facet_sums(outline: Outline) -> Iterator[Sum]:
    """合计 = 男 + 女, and every other facet whose values all stand there, wherever in the captions they stand."""
    for (prefix, suffix), members in outline.family.items():
        groups: dict[tuple[str, str, str], list[tuple[str, Spot]]] = defaultdict(list)
        for text, _, spot in members:
            for hit in outline.facets.hits(text):
                groups[hit.facet, outline.rest(hit.rest), spot.unit].append((hit.value, spot))
        for (facet, rest, _), found in groups.items():
            for run in _runs(outline, facet, found):
                values, spots = tuple(value for value, _ in run), tuple(spot for _, spot in run)
                yield from _facet_sum(outline, _List(facet, rest, prefix, suffix, values, spots))


def _runs(outline: Outline, facet: str, found: Sequence[tuple[str, Spot]]) -> Iterator[Sequence[tuple[str, Spot]]]:
    """The lists in a row of values (男, 女, 男, 女): whole ones, of them the longest (with 多重残疾, where it stands there), then
    the closest together first; ages and schooling start anew where the steps fall back."""
    if facet in (AGE, SCHOOLING):
        run: list[tuple[str, Spot]] = []
        for value, spot in found:
            if run and low_end(value) <= low_end(run[-1][0]):
                yield run
                run = []
            run.append((value, spot))
        yield run
        return
    windows = [
        found[start : start + size]
        for size in outline.facets.sizes(facet)
        for start in range(len(found) - size + 1)
        if outline.facets.whole(facet, [value for value, _ in found[start : start + size]], "")
    ]
    used: set[int] = set()
    for window in sorted(windows, key=lambda w: (-len(w), w[-1][1].at - w[0][1].at, w[0][1].at)):
        places = {spot.at for _, spot in window}
        if not places & used:
            used |= places
            yield window


def _facet_sum(outline: Outline, found: _List) -> Iterator[Sum]:
    if len(found.spots) < 2 or not all(fits(found.spots[0], spot) for spot in found.spots):
        return
    at = len(found.prefix)
    for total, exact in _facet_totals(outline, found):
        if outline.facets.whole(found.facet, found.values, total.path[len(total.path) - len(found.suffix) - 1]):
            name, source = outline.facets.name(found.facet), outline.facets.source(found.facet)
            parts = "＋".join(spot.path[at] for spot in found.spots)
            yield Sum(total, found.spots, f"{parts}（{name}各项齐全{'，' + source if source else ''}）", exact)
            return


def _facet_totals(outline: Outline, found: _List) -> Iterator[tuple[Spot, bool]]:
    for level in dict.fromkeys((found.prefix, outline.bare(found.prefix))):
        yield from _totals_at(outline, found, level)


def _totals_at(outline: Outline, found: _List, level: Path) -> Iterator[tuple[Spot, bool]]:
    """Figures that can be the total of a list, surest first: the row above, a like-named one beside, the one before."""
    first, inside = found.spots[0], {id(spot) for spot in found.spots}
    if not found.rest and level:
        for spot in outline.at_path.get((level + found.suffix, first.unit), ()):
            if id(spot) not in inside:
                yield spot, True
    for text, _, spot in outline.family.get((level, found.suffix), ()):
        if id(spot) in inside or not fits(spot, first):
            continue
        if (outline.is_total(text) and not found.rest) or (found.rest and outline.stem(text) == found.rest):
            yield spot, True
    ahead = _named_before(outline, found, level)
    if ahead is None:
        return
    alike = found.rest and outline.stem(ahead.path[len(level)]).endswith(found.rest)
    if alike or _announced(outline, found, ahead, level):
        yield ahead, _adjacent(outline, ahead, found.spots)


def _named_before(outline: Outline, found: _List, level: Path) -> Spot | None:
    """The total before a list: the one that the list's own caption names (党员文化程度: 党员总数), else the nearest."""
    first = found.spots[0]
    caption = first.path[len(level)] if len(first.path) > len(level) + 1 + len(found.suffix) else ""
    named = outline.stem(FACET_ENDING.sub("", caption)) if caption else ""
    if named and not caption.startswith("按"):
        same = [s for t, _, s in outline.family.get((level, found.suffix), ()) if outline.stem(t) == named and s.at < first.at]
        if same and fits(same[-1], first):
            return same[-1]
    return outline.before(first, level, found.suffix, found.spots, found.facet)


def _announced(outline: Outline, found: _List, total: Spot, level: Path) -> bool:
    """Whether something says that the list divides the figure before it: 其中, numbering, a caption that splits, or a
    total's own words (总数, 总面积, 人数)."""
    text, first = total.path[len(level)], found.spots[0]
    return (
        any(mark.of_which or (mark.style and not found.rest) for mark in first.marks[len(level) :])
        or any(outline.words.splits(caption) for caption in first.path[:-1])
        or (not found.rest and outline.stem(text) != text)
    )


def _adjacent(outline: Outline, total: Spot, spots: Sequence[Spot]) -> bool:
    """Nothing of the same level and unit stands between a total and its parts but 其中 parts and other splits."""
    between = [
        s
        for s in outline.figures
        if total.at < s.at < spots[0].at and s.unit == total.unit and len(s.path) <= len(total.path) and not s.of_which
    ]
    return not between or any(outline.words.splits(caption) for caption in spots[0].path[:-1])


def tree_sums(outline: Outline) -> Iterator[Sum]:
    """A total and the rows straight under it; captions that split (按…分) make one sum each."""
    for total in outline.figures:
        for cut in {len(total.path), len(total.path) - 1}:
            if cut < 1:
                continue
            prefix, suffix = total.path[:cut], total.path[cut:]
            children = outline.family.get((prefix, suffix), ())
            yield from _children(
                outline, total, [(text, k, spot) for text, k, spot in children if spot is not total], "", total.path[cut - 1]
            )


def split_sums(outline: Outline) -> Iterator[Sum]:
    """What stands under 按…分 or …构成 adds up to the figure above or before it."""
    for (prefix, suffix), members in outline.family.items():
        if not prefix or not outline.words.splits(prefix[-1]):
            continue
        first = members[0][2]
        level = outline.bare(prefix)
        named = re.sub("(?:构成|分布|分组|结构)$", "", prefix[-1])
        same_level = [s for t, _, s in outline.family.get((level, suffix), ()) if outline.stem(t) == outline.stem(named)]
        above = outline.at_path.get((level + suffix, first.unit), []) if level else []
        total = next(iter([*same_level, *above]), None) or outline.before(first, level, suffix, [m[2] for m in members])
        if total is not None:
            yield from _children(outline, total, members, prefix[-1], total.text)


def _children(outline: Outline, total: Spot, members: Sequence[tuple[str, int, Spot]], caption: str, name: str) -> Iterator[Sum]:
    parts = [(text, k, spot) for text, k, spot in sorted(members, key=lambda m: m[2].at) if spot is not total]
    plain = _without_of_which(parts)
    fitting = [m for m in plain if fits(m[2], total)]
    texts = [text for text, _, _ in fitting]
    if len(fitting) < 2 or outline.overlapping(texts):
        return
    spots = tuple(spot for _, _, spot in fitting)
    rule = "＋".join(texts)
    if _numbered(plain) and len(fitting) == len(plain):
        yield Sum(total, spots, f"{rule}（“{name}”下依次编号的各项）", True)
    elif any(outline.facets.hits(text) for text in texts):
        return  # a list of facet values that is not whole is no partition; one that is has been found as such
    elif caption:
        yield Sum(total, spots, f"{rule}（{caption}）", len(fitting) == len(plain) == len(parts))
    elif texts[-1] in outline.words.rest_parts and len(plain) == len(fitting):
        yield Sum(total, spots, f"{rule}（“{name}”下的各项，末项为{texts[-1]}）", len(parts) == len(plain))
    elif len(plain) == len(fitting) == len(parts):
        yield Sum(total, spots, f"{rule}（“{name}”下的各项）", False)


def _without_of_which(parts: Sequence[tuple[str, int, Spot]]) -> list[tuple[str, int, Spot]]:
    """Without 其中 rows and the rows that go on with them: unnumbered ones after an unnumbered 其中."""
    kept: list[tuple[str, int, Spot]] = []
    among = False
    for text, k, spot in parts:
        mark = spot.marks[k]
        if mark.of_which:
            among = True
        elif not (among and not mark.style):
            among = among and bool(mark.style) and not kept
            kept.append((text, k, spot))
    return kept


def _numbered(parts: Sequence[tuple[str, int, Spot]]) -> bool:
    """Whether the parts are numbered 1, 2, 3 … in one style."""
    numbers = [numbering(spot.field.path[k]) if spot.field.path else ("", 0) for _, k, spot in parts]
    return (
        len({style for style, _ in numbers}) == 1
        and numbers[0][0] != ""
        and [n for _, n in numbers] == list(range(1, len(numbers) + 1))
    )


def coded_sums(outline: Outline) -> Iterator[Sum]:
    """A17 = A17a + A17b + A17c: letters after a printed code divide what the code stands for."""
    totals = {code_of(spot.field.label): spot for spot in outline.figures if code_of(spot.field.label)}
    parts: dict[str, list[Spot]] = defaultdict(list)
    for spot in outline.figures:
        style, _ = numbering(spot.field.label)
        if style in totals:
            parts[style].append(spot)
    for code, spots in parts.items():
        ordered = [numbering(spot.field.label)[1] for spot in spots]
        if len(spots) >= 2 and ordered == list(range(1, len(spots) + 1)) and all(fits(totals[code], spot) for spot in spots):
            yield Sum(totals[code], tuple(spots), f"{'＋'.join(s.text for s in spots)}（{code}的分项 a、b …）", True)


def beside_sums(outline: Outline) -> Iterator[Sum]:
    """合计, 小计, 总计 as a row or column: the sum of the rows or columns of the same family."""
    for (prefix, _), members in outline.family.items():
        for text, _, total in members:
            if outline.is_total(text):
                yield from _beside(outline, total, prefix, [m for m in members if m[2] is not total])


def _beside(outline: Outline, total: Spot, prefix: Path, members: Sequence[tuple[str, int, Spot]]) -> Iterator[Sum]:
    parts = [m for m in _without_of_which(sorted(members, key=lambda m: m[2].at)) if not outline.is_total(m[0])]
    fitting = [m for m in parts if fits(m[2], total)]
    texts = [text for text, _, _ in fitting]
    certain = bool(prefix) or bool(total.unit)
    if len(fitting) >= 2 and not outline.overlapping(texts) and not any(outline.facets.hits(text) for text in texts):
        spots = tuple(spot for _, _, spot in fitting)
        yield Sum(total, spots, f"{'＋'.join(texts)}（与“{total.text}”并列的各项）", certain and len(fitting) == len(parts))
        return
    yield from _block_before(outline, total)


def _block_before(outline: Outline, total: Spot) -> Iterator[Sum]:
    """A captioned group that ends right before a 合计 one level higher."""
    earlier = [s for s in outline.figures if s.at < total.at]
    if not earlier:
        return
    for depth, block in groupby(reversed(earlier), key=lambda s: s.parent):
        spots = tuple(s for s in reversed(list(block)) if s.unit in (total.unit, "") or not total.unit)
        if depth and depth[:-1] == total.parent and len(spots) >= 2 and not any(s.of_which for s in spots):
            yield Sum(total, spots, f"{'＋'.join(s.text for s in spots)}（“{depth[-1]}”各项）", True)
        return


def sums(view: FormView, facets: Facets) -> Iterator[Sum]:
    """Every sum a form's outline shows; the same one is not given twice."""

    outline = Outline(view, facets)
    seen: set[tuple[int, frozenset[int]]] = set()
    for found in (
        *facet_sums(outline),
        *cross_sums(outline),
        *tree_sums(outline),
        *split_sums(outline),
        *coded_sums(outline),
        *beside_sums(outline),
    ):
        key = (found.total.at, frozenset(spot.at for spot in found.parts))
        if key not in seen and found.total.at not in key[1]:
            seen.add(key)
            yield found
