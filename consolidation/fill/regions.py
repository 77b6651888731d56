"""The region tree, and to which of its places a row of a list belongs.

Codes are hierarchical (GB/T 2260 for county and above, GB/T 10114 and the statistical codes below it: 6 digits county,
3 township, 3 village), so that a place's parent is known by its code where nobody tells it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from consolidation.lexicon import clean_label

from .model import PLACE, DataSet
from .settings import source_words

Objects = NDArray[np.object_]
_LENGTHS = (2, 4, 6, 9, 12)
VILLAGE = 12  # digits of a village's code
_FILLERS = ((12, "000"), (9, "000"), (6, "00"), (4, "00"))
_CODE = re.compile(r"(?:[1-9]\d{8}|[1-9]\d{11})(?:\.0)?")  # a township or village
_DIGITS = re.compile(r"\d+")
_SAMPLE, _MOSTLY = 200, 0.6


def short(code: str) -> str:
    """A code without the zeros that only fill it up: 990101001000 is the township 990101001."""
    for length, filler in _FILLERS:
        if len(code) == length and code.endswith(filler):
            code = code[: -len(filler)]
    return code


@dataclass(frozen=True)
class Regions:
    """The region tree: code -> (name, parent code; "" where only the code tells it)."""

    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def _by_short(self) -> Mapping[str, str]:
        return {short(code): code for code in self.places}

    @cached_property
    def _children(self) -> Mapping[str, Sequence[str]]:
        children: dict[str, list[str]] = defaultdict(list)
        for code in self.places:
            children[self.parent(code)].append(code)
        return children

    @cached_property
    def _of_name(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for code, (name, _) in self.places.items():
            found[name].append(code)
        return found

    def known(self, code: str) -> str:
        """The tree's own code for a code as people write it, also for what lies inside a village (15 digits: a group); "" when
        the tree has no such place."""
        plain = short(code.strip().removesuffix(".0"))
        return self._by_short.get(plain) or (self._by_short.get(plain[:12], "") if len(plain) > 12 and plain.isdigit() else "")

    def parent(self, code: str) -> str:
        """The place that a place lies in: as the tree says, else by its code."""
        told = self.places[code][1]
        if told in self.places:
            return told
        plain = short(code)
        above = (self._by_short.get(plain[:length], "") for length in reversed(_LENGTHS) if length < len(plain))
        return next((found for found in above if found), told)

    def below(self, region: str) -> frozenset[str]:
        """The region and all regions under it; a region that the tree does not know has those whose codes begin with its own."""
        found, waiting = {region}, [region]
        if region not in self.places:
            waiting += [code for code in self.places if short(code).startswith(short(region))]
            found.update(waiting)
        while waiting:
            more = [code for code in self._children.get(waiting.pop(), ()) if code not in found]
            found.update(more)
            waiting += more
        return frozenset(found)

    def name(self, region: str) -> str:
        return self.places.get(region, (region, ""))[0]

    def above(self, region: str) -> list[str]:
        """The region and those it lies in, lowest first."""
        chain: list[str] = []
        while region in self.places and region not in chain:
            chain.append(region)
            region = self.parent(region)
        return chain

    def named(self, text: str, inside: str = "") -> str:
        """The one place of a name (柳坝村, 柳坝村委会, 云溪县柳河镇柳坝村) inside a region; "" for none or several."""
        found: set[str] = set()
        for written in _ways(text.strip()):
            found |= {code for code in self._of_name.get(written, ()) if not inside or inside in self.above(code)}
        found = found or {code for code in self._ending(text.strip()) if not inside or inside in self.above(code)}
        return found.pop() if len(found) == 1 else ""

    def _ending(self, text: str) -> Iterator[str]:
        """Places whose name ends the text and whose superior places are all that stands before it."""
        for start in range(1, len(text) - 1):
            for code in self._of_name.get(text[start:], ()):
                before = text[:start]
                for above in self.above(code)[1:]:
                    before = before.replace(self.name(above), "", 1)
                if not before.strip("/- 　"):
                    yield code


def _ways(text: str) -> Iterator[str]:
    """The names that a committee's name may stand for: 柳坝村委会 is 柳坝村."""
    yield text
    for ending, instead in source_words().place_endings.items():
        if text.endswith(ending) and text != ending:
            yield from (text.removesuffix(ending) + word for word in instead)


def regions_of(dataset: DataSet, regions: Regions) -> Objects:
    """The region code of each row of a list, "" where it names none that the tree knows. Where a code or the township's name
    tells only the township, the village's name beside it tells the village."""
    blank = pd.Series("", index=dataset.frame.index, dtype=object)
    town = _town_column(dataset, regions)
    found = (_code_column(dataset, regions), town, _name_column(dataset, regions, beside=town))
    columns = [dataset.frame[at].str.strip().fillna("") if at is not None else blank for at in found]
    numbers, distinct = pd.MultiIndex.from_arrays(columns).factorize()
    places = np.array([_place(code, name_of_town, name, regions) for code, name_of_town, name in distinct] or [""], dtype=object)
    return np.asarray(places[numbers], dtype=object)


def _place(code: str, town: str, name: str, regions: Regions) -> str:
    known = (regions.known(code) if code else "") or (regions.named(town) if town else "")
    return (regions.named(name, known) if name else "") or known


def grown(regions: Regions, datasets: Sequence[DataSet], region: str) -> Regions:
    """The tree with the places that lists name below its last branches, or below `region` where there is no tree: their codes
    say where they lie. Names come from the column of names beside the codes."""
    trunk = regions if regions.places else Regions({region: (region, "")})
    parents = {trunk.parent(code) for code in trunk.places}
    leaves = {short(code): code for code in trunk.places if code not in parents and len(short(code)) < _LENGTHS[-1]}
    found: dict[str, tuple[str, str]] = {}
    for dataset in datasets if leaves or not regions.places else ():
        for code, name in _told(dataset, trunk):
            parent = next((leaves[code[:n]] for n in reversed(_LENGTHS) if n < len(code) and code[:n] in leaves), "")
            if parent and code not in found:
                found[code] = (name or code, parent)
            elif code in trunk.places and trunk.name(code) == code and name:  # asked for by its code, named by a list
                trunk = Regions({**trunk.places, code: (name, "")})
    ordered = {code: (name, _nearest(code, found) or parent) for code, (name, parent) in found.items()}
    return Regions({**trunk.places, **ordered}) if ordered else trunk


def _nearest(code: str, found: Mapping[str, object]) -> str:
    return next((code[:n] for n in reversed(_LENGTHS) if n < len(code) and code[:n] in found), "")


def gathered(datasets: Sequence[DataSet]) -> Regions:
    """The places that lists name where nobody has a tree or asks for one of them: their codes say what lies where."""
    anywhere = Regions({"": ("", "")})
    told = [pair for dataset in datasets for pair in _told(dataset, anywhere)]
    return Regions({code: (name or code, "") for code, name in reversed(told)})


def _told(dataset: DataSet, trunk: Regions) -> Iterator[tuple[str, str]]:
    """The codes of townships and villages that a list bears, each with the name beside it."""
    at = _column_of_codes(dataset, trunk)
    if at is None:
        return
    words = source_words().region_name
    labels = _labels(dataset)
    beside = next((labels.index(word) for word in words if word in labels), None)
    pairs = pd.DataFrame({"code": dataset.frame[at], "name": dataset.frame[beside] if beside is not None else ""})
    for code, name in pairs.drop_duplicates("code").itertuples(index=False):
        if _CODE.fullmatch(str(code).strip()):
            yield short(str(code).strip().removesuffix(".0")), str(name).strip()


def _column_of_codes(dataset: DataSet, trunk: Regions) -> int | None:
    """The column that holds codes of places, told by its header or, where codes repeat as places do, by what it holds."""
    inside = tuple(short(code) for code in trunk.places)

    def lies_inside(text: str) -> bool:
        return bool(_CODE.fullmatch(text)) and text.startswith(inside)

    for at in _called(dataset):
        if any(map(lies_inside, dataset.frame[at].unique())):
            return at
    for at in _others(dataset):
        filled = _filled(dataset, at)
        repeats = filled.nunique() <= max(1, len(filled) // 2)
        if (repeats or dataset.level == PLACE) and _mostly(filled, lies_inside):
            return at
    return None


def _code_column(dataset: DataSet, regions: Regions) -> int | None:
    for at in _called(dataset):
        if any(regions.known(text) for text in dataset.frame[at].unique() if text):
            return at
    return next((at for at in _others(dataset) if _mostly(_filled(dataset, at), _is_code(regions))), None)


def _is_code(regions: Regions) -> Callable[[str], bool]:
    return lambda text: bool(_CODE.fullmatch(text)) and bool(regions.known(text))


def _town_column(dataset: DataSet, regions: Regions) -> int | None:
    return _known_names(dataset, regions, source_words().township_name)


def _known_names(dataset: DataSet, regions: Regions, words: Sequence[str]) -> int | None:
    """The first column under one of these headers that names places of the tree."""
    labels = _labels(dataset)
    for wanted in words:
        if wanted in labels:
            at = labels.index(wanted)
            if any(regions._of_name.get(text.strip()) or regions.named(text) for text in dataset.frame[at].unique() if text):
                return at
    return None


def _name_column(dataset: DataSet, regions: Regions, beside: int | None) -> int | None:
    """The column with the villages' names, which the column `beside` of townships is not."""
    known = _known_names(dataset, regions, source_words().region_name)
    if known is not None:
        return known
    others = [at for at in _others(dataset) if at != beside]
    return next((at for at in others if _mostly(_filled(dataset, at), lambda t: len(regions.named(t)) >= 9)), None)


def _mostly(filled: pd.Series[Any], holds: Callable[[str], bool]) -> bool:
    """Whether a condition holds for most of a column's texts; a column whose first texts are far from it costs nothing more."""
    first = filled.head(5)
    return any(map(holds, first)) and sum(map(holds, filled)) > _MOSTLY * len(filled)


def _called(dataset: DataSet) -> list[int]:
    """Columns whose header says that they hold a place's code: the known words first, then a place's word with a code's."""
    words, labels = source_words(), _labels(dataset)
    known = [labels.index(word) for word in words.region_code if word in labels]
    alike = [
        at
        for at in _others(dataset)
        if at not in known
        and labels[at].endswith(words.region_code_parts["code"])
        and any(part in labels[at] for part in words.region_code_parts["place"])
    ]
    return known + alike


def _others(dataset: DataSet) -> list[int]:
    """Columns that may say where a row belongs: not those that say where somebody came from or went."""
    elsewhere = source_words().region_elsewhere
    return [at for at, label in enumerate(_labels(dataset)) if not any(word in label for word in elsewhere)]


def _labels(dataset: DataSet) -> list[str]:
    return [clean_label(column.header.split("/")[-1]) for column in dataset.columns]


def _filled(dataset: DataSet, at: int) -> pd.Series[Any]:
    sample = dataset.frame[at].head(_SAMPLE).astype(str).str.strip()
    return sample[sample != ""]
