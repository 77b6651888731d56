"""Departments' shared data at the desk: read once, joined once for each period's end, and asked for many regions."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date
from typing import Any

from consolidation import filling
from consolidation.fill import DataSet, FilledData, Giver, Regions, Sources
from consolidation.fill.blocks import Block
from consolidation.fill.fill import fill_world
from consolidation.fill.world import World, build
from consolidation.lexicon import Lexicon
from forms.model import Form
from forms.periods import Period
from forms.values import NO_DEMO, DemoRegions

from .catalogue import Catalogue

_GIVERS, _BLOCKS = 50, 500  # kept at the most: of so many places, so many rosters


class SharedData:
    """The data at an address (a folder, a file, a database). Safe to use from many threads."""

    def __init__(self, where: str, demo: DemoRegions = NO_DEMO) -> None:
        self.where, self.demo = where, demo
        self._lock = threading.Lock()
        self._sources: Sources | None = None
        self._worlds: dict[date, World] = {}
        self._counted: tuple[tuple[str, date], World] | None = None
        self._filled: dict[tuple[Catalogue, str, str], FilledData] = {}
        self._givers: dict[tuple[Catalogue, str, str], Giver] = {}
        self._blocks: dict[tuple[Catalogue, str, str, str, str], tuple[Block, ...]] = {}

    def sources(self, lexicon: Lexicon) -> Sources:
        """The lists, read. Raises CannotDo when they cannot be had at all."""
        with self._lock:
            if self._sources is None:
                self._sources = filling.read_shared(self.where, lexicon)
            return self._sources

    def regions(self, lexicon: Lexicon) -> Regions:
        """The region tree that comes with the data."""
        return filling.regions_of(self.sources(lexicon), self.where)

    def world(self, lexicon: Lexicon, end: date) -> World:
        """Everybody and everything, joined, as of a day."""
        sources = self.sources(lexicon)
        regions = self.regions(lexicon)
        with self._lock:
            if end not in self._worlds:
                self._worlds.clear()  # a county's people take hundreds of megabytes: one period at a time
                self._filled.clear()
                self._drop_copies()
                self._worlds[end] = build(sources.datasets, regions, end, lexicon, self.demo)
            return self._worlds[end]

    def filled(self, catalogue: Catalogue, region: str, period: Period) -> FilledData:
        """What the data gives for a region and period."""
        world = self.world(catalogue.lexicon, period.end)
        key = (catalogue, region, str(period))
        with self._lock:
            if key not in self._filled:
                self._filled[key] = fill_world(catalogue.merged, catalogue.derivations, world, region, period, catalogue.lexicon)
            return self._filled[key]

    def counted(
        self, catalogue: Catalogue, region: str, period: Period, reported: Sequence[DataSet], mark: str
    ) -> FilledData:  # fmt: skip
        """What the data gives once people's own lists go before it. `mark` changes when `reported` does: the world joined with
        them is kept as long as it stays the same."""
        if not reported:
            return self.filled(catalogue, region, period)
        sources, regions = self.sources(catalogue.lexicon), self.regions(catalogue.lexicon)
        with self._lock:
            if self._counted is None or self._counted[0] != (mark, period.end):
                self._counted = None  # the old one goes before the new one is made
                datasets = (*reported, *sources.datasets)
                self._counted = (mark, period.end), build(datasets, regions, period.end, catalogue.lexicon, self.demo)
            world = self._counted[1]
        return fill_world(catalogue.merged, catalogue.derivations, world, region, period, catalogue.lexicon)

    def giver(self, catalogue: Catalogue, region: str, period: Period) -> Giver:
        """What gives forms of a region and period back, without anybody's edits."""
        filled = self.filled(catalogue, region, period)
        key = (catalogue, region, str(period))
        with self._lock:
            found = self._givers.get(key)
            if found is None or found.filled is not filled:
                _make_room(self._givers, _GIVERS)
                found = self._givers[key] = Giver(catalogue.merged, filled, catalogue.lexicon)
            return found

    def blocks(self, catalogue: Catalogue, region: str, period: Period, form: Form) -> tuple[Giver, tuple[Block, ...]]:
        """A roster's lists as shared data has them, made once."""
        giver = self.giver(catalogue, region, period)
        key = (catalogue, region, str(period), form.file, form.id)
        found = self._blocks.get(key)
        if found is None:
            found = giver.blocks(form)
            with self._lock:
                _make_room(self._blocks, _BLOCKS)
                self._blocks[key] = found
        return giver, found

    def forget(self) -> None:
        """Reads everything anew the next time: the data changed."""
        with self._lock:
            self._sources = None
            self._counted = None
            self._worlds.clear()
            self._filled.clear()
            self._drop_copies()

    def _drop_copies(self) -> None:
        self._givers.clear()
        self._blocks.clear()


def _make_room(kept: dict[Any, Any], most: int) -> None:
    while len(kept) >= most:
        del kept[next(iter(kept))]
