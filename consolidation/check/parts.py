"""其中: a figure printed as a part of another is no more than it."""

from __future__ import annotations

from collections.abc import Iterator

from consolidation.derive.outline import Outline, fits
from consolidation.derive.view import FormView, Spot

from .model import Force
from .relations import Places, Relation, relation
from .settings import Definitions

_TIMES = frozenset({"time", "change", "herd"})


def of_which(view: FormView, outline: Outline, places: Places, rules: Definitions) -> Iterator[Relation]:
    """Each 其中 figure against its total: certain where the total is the caption that it stands under, likely where the total is
    the row before."""
    for part in view.figures:
        found = _total(part, outline)
        if found is None or part.factor == 0 or found[0].factor == 0:
            continue
        total, direct = found
        if _can_be_negative(total, rules) or part.element.id == total.element.id:
            continue
        certain = direct and part.dimension == total.dimension != "" and _when(part) == _when(total)
        code, force = ("check.part", Force.HARD) if certain else ("check.likely-part", Force.SOFT)
        made = relation(
            places, code, force, ((part.factor, part.element.id),), "<=", ((total.factor, total.element.id),), part.element.id,
            f"“{part.text}”是“{total.text}”的其中项", (places.title(view.form.file, view.form.id),),
        )  # fmt: skip
        if made is not None:
            yield made


def _total(part: Spot, outline: Outline) -> tuple[Spot, bool] | None:
    """The total of a 其中 figure, and whether the figure stands under it."""
    for at in reversed([k for k, mark in enumerate(part.marks) if mark.of_which]):
        prefix, suffix = part.path[:at], part.path[at + 1 :]
        above = [s for s in outline.at_path.get((prefix + suffix, part.unit), ()) if s is not part] if prefix else []
        if above:
            return above[0], True
        before = outline.before(part, prefix, suffix, [part])
        if before is not None and before.unit == part.unit and fits(before, part):
            return before, False
    return None


def _when(spot: Spot) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in spot.element.meaning.qualifiers if pair[0] in _TIMES)


def _can_be_negative(total: Spot, rules: Definitions) -> bool:
    named = total.dimension in rules.counted or not total.dimension
    return not named or any(word in caption for word in rules.signed for caption in (*total.path, total.element.name))
