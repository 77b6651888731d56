"""Departments' shared data at the desk: read once, joined once for each period's end, and asked for many regions."""

from __future__ import annotations

import threading
from datetime import date

from consolidation import filling
from consolidation.fill import FilledData, Regions, Sources
from consolidation.fill.fill import fill_world
from consolidation.fill.world import World, build
from consolidation.lexicon import Lexicon
from forms.periods import Period
from forms.values import NO_DEMO, DemoRegions

from .catalogue import Catalogue


class SharedData:
    """The data at an address (a folder, a file, a database). Safe to use from many threads."""

    def __init__(self, where: str, demo: DemoRegions = NO_DEMO) -> None:
        self.where, self.demo = where, demo
        self._lock = threading.Lock()
        self._sources: Sources | None = None
        self._worlds: dict[date, World] = {}
        self._filled: dict[tuple[Catalogue, str, str], FilledData] = {}

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

    def forget(self) -> None:
        """Reads everything anew the next time: the data changed."""
        with self._lock:
            self._sources = None
            self._worlds.clear()
            self._filled.clear()
