"""A changed edition of a form against the one before it: fields added, removed, moved, renamed, with another unit; relations."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from consolidation.consolidate import consolidate
from consolidation.lexicon import normalise
from consolidation.model import FieldKey
from consolidation.reading import renamed
from forms.model import Field, Form, Purpose, Reading

_ALIKE = 0.6  # of two captions at one place: below that the place holds another field now


@dataclass(frozen=True, slots=True)
class Spot:
    """A field of an edition: where it stands, its captions from the outermost to the innermost."""

    form: Form
    field: Field

    @property
    def path(self) -> str:
        return " / ".join(self.field.path)

    @property
    def cell(self) -> str:
        return str(self.field.cell)


@dataclass(frozen=True, slots=True)
class Change:
    """A field that both editions have, and what is different: `what` of moved, renamed, unit, options."""

    before: Spot
    after: Spot
    what: frozenset[str]


@dataclass(frozen=True)
class Comparison:
    """What became of a form. `relations_*`: printed 逻辑关系 as they are written."""

    added: tuple[Spot, ...]
    removed: tuple[Spot, ...]
    changed: tuple[Change, ...]
    kept: int  # fields that are as they were
    relations_added: tuple[str, ...]
    relations_removed: tuple[str, ...]

    def of(self, what: str) -> tuple[Change, ...]:
        """The changes of a kind."""
        return tuple(change for change in self.changed if what in change.what)

    @property
    def nothing(self) -> bool:
        return not (self.added or self.removed or self.changed or self.relations_added or self.relations_removed)


def compare(old: Reading, new: Reading) -> Comparison:
    """An edition beside the one before. Fields are found again by their captions, then by what they mean, then by their place
    where the captions there are alike."""
    before, after = renamed(old, f"旧版/{old.book.file}"), renamed(new, f"新版/{new.book.file}")
    merged = consolidate((before, after)).merged
    means = {member.key: element.id for element in merged.elements for member in element.members}
    left, right = _spots(before), _spots(after)
    pairs: list[tuple[Spot, Spot]] = []
    for key in (
        lambda spot: (spot.form.sheet, _captions(spot), spot.field.code),
        _captions,
        lambda spot: means[FieldKey(spot.form.file, spot.form.id, spot.field.id)],
    ):
        pairs += _paired(left, right, key)
    pairs += _alike(left, right)
    changes = [Change(a, b, what) for a, b in pairs if (what := _differences(a, b))]
    order = {id(spot.field): number for number, spot in enumerate(_spots(after))}
    changes.sort(key=lambda change: order[id(change.after.field)])
    old_rules, new_rules = _relations(before), _relations(after)
    return Comparison(
        tuple(right), tuple(left), tuple(changes), len(pairs) - len(changes),
        tuple(text for key, text in new_rules.items() if key not in old_rules),
        tuple(text for key, text in old_rules.items() if key not in new_rules),
    )  # fmt: skip


def _spots(reading: Reading) -> list[Spot]:
    return [Spot(form, field) for form in reading.forms for field in form.fields if field.purpose is Purpose.DATA]


def _captions(spot: Spot) -> Hashable:
    return tuple(normalise(label) for label in spot.field.path)


def _paired(left: list[Spot], right: list[Spot], key: Callable[[Spot], Hashable]) -> list[tuple[Spot, Spot]]:
    """Pairs with equal keys, in order; what is paired is taken out of both lists."""
    waiting: dict[Hashable, list[Spot]] = {}
    for spot in left:
        waiting.setdefault(key(spot), []).append(spot)
    found = []
    for spot in tuple(right):
        if same := waiting.get(key(spot)):
            found.append((same.pop(0), spot))
    _take_out(left, right, found)
    return found


def _alike(left: list[Spot], right: list[Spot]) -> list[tuple[Spot, Spot]]:
    """Fields at one place whose innermost captions are spelt much alike."""
    at = {(spot.form.sheet, spot.cell): spot for spot in left}
    found = []
    for spot in tuple(right):
        other = at.get((spot.form.sheet, spot.cell))
        if other is not None:
            likeness = SequenceMatcher(None, normalise(other.field.label), normalise(spot.field.label)).ratio()
            if likeness >= _ALIKE:
                found.append((other, spot))
    _take_out(left, right, found)
    return found


def _take_out(left: list[Spot], right: list[Spot], pairs: Sequence[tuple[Spot, Spot]]) -> None:
    gone = {id(spot) for pair in pairs for spot in pair}
    left[:] = [spot for spot in left if id(spot) not in gone]
    right[:] = [spot for spot in right if id(spot) not in gone]


def _differences(a: Spot, b: Spot) -> frozenset[str]:
    differs = {
        "moved": a.cell != b.cell,
        "renamed": _captions(a) != _captions(b),
        "unit": normalise(a.field.unit) != normalise(b.field.unit),
        "options": [normalise(o) for o in a.field.options] != [normalise(o) for o in b.field.options],
    }
    return frozenset(what for what, differ in differs.items() if differ)


def _relations(reading: Reading) -> dict[str, str]:
    return {normalise(rule.text): rule.text for form in reading.forms for rule in form.rules}
