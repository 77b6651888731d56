"""Figures of people and households on demand: a million values are columns; one becomes a Figure when somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from consolidation.model import Figure, Provenance

from .model import Chosen, DataSet, Fact, Table
from .world import COMPUTED


@dataclass(frozen=True)
class Held:
    """An element's values for the rows of one table: which fact answers it, and (for a stand-in or relative) what was used."""

    element: str
    table: Table
    chosen: Chosen
    fact: Fact
    note: str = ""


def provenance(held: Held, at: int) -> Provenance:
    """Where one value comes from: the list and its row, or the rule that computed it."""
    number, row = int(held.chosen.source.iloc[at]), int(held.chosen.row.iloc[at])
    if number == COMPUTED or number < 0:
        return Provenance(held.chosen.rule or "推算", held.note)
    dataset: DataSet = held.table.sources[number]
    where = f"{dataset.file} 第 {dataset.line(row)} 行"
    return Provenance(dataset.label, f"{where}{'；' + held.note if held.note else ''}", dataset.as_of)


class Figures(Mapping[tuple[str, str], Figure]):
    """(element, entity key) -> Figure, over place figures (made) and rows (made when asked)."""

    def __init__(self, places: Mapping[tuple[str, str], Figure], rows: Mapping[str, Sequence[Held]], period: str) -> None:
        self.places, self.rows, self.period = places, rows, period

    def __getitem__(self, key: tuple[str, str]) -> Figure:
        if key in self.places:
            return self.places[key]
        for held in self.rows.get(key[0], ()):
            at = int(held.table.index.get_indexer(pd.Index([key[1]], dtype=object))[0])
            if at >= 0 and held.chosen.values.iloc[at] != "":
                return Figure(key[0], key[1], self.period, str(held.chosen.values.iloc[at]), provenance(held, at))
        raise KeyError(key)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        yield from self.places
        for element, tables in self.rows.items():
            for held in tables:
                for key in held.table.index[(held.chosen.values != "").to_numpy()]:
                    yield element, key

    def __len__(self) -> int:
        return len(self.places) + sum(int((held.chosen.values != "").sum()) for tables in self.rows.values() for held in tables)


def blank(index: pd.Index[Any]) -> pd.Series[Any]:
    """A column with nothing in it."""
    return pd.Series("", index=index, dtype=object)
