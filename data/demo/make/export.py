"""From the tables of a place to the rows a department's list prints, with the link back to who each row really is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.demo.make.faults import spoil
from data.demo.make.formats import write
from data.demo.make.select import matching
from data.demo.make.settings import texts
from data.demo.make.views import Views, look_up

# What a stale row shows of the person; all else is what the list last held, taken from another row of the kind.
_OWN = frozenset(
    {"name", "id", "birth", "age", "sex", "phone", "address", "home_address", "registered_address", "hid", "ethnic", "pid"}
    | {"account"}
    | {"member_number", "health_file", "head", "state", "gone_on", "relation", "village", "village_code", "township", "county"}
)


@dataclass(frozen=True)
class Rows:
    """Printed rows of one list and place; `who` (pid, household or unit) and `faults` are parallel to the rows."""

    table: pd.DataFrame
    who: list[str]
    faults: list[str]


def rows(spec: Mapping[str, Any], views: Views, rng: np.random.Generator, serial: int) -> Rows:
    """The rows of a list for one place. `serial`: how many rows the list holds already (for 序号)."""
    view: pd.DataFrame = getattr(views, spec["view"])
    if view.empty:
        return Rows(pd.DataFrame(columns=list(spec["columns"])), [], [])
    printed = _sources(spec) & set(view.columns)
    wanted = view.loc[matching(view, spec["where"]), sorted(printed)]
    wanted = wanted.loc[rng.random(len(wanted)) < spec["coverage"]]
    stale = _stale(spec, view, wanted, rng)
    chosen = pd.concat([wanted, stale]).sort_index() if len(stale) else wanted
    repeated = chosen.loc[rng.random(len(chosen)) < spec["faults"].get("duplicate", 0)]
    chosen = pd.concat([chosen, repeated]) if len(repeated) else chosen
    table = _printed(spec["columns"], chosen, views.person, serial)
    faults = {name: rate for name, rate in spec["faults"].items() if name != "duplicate"}
    marks = spoil(rng, table, spec["columns"], faults)
    gone = set(stale.index.tolist())
    first = len(chosen) - len(repeated)
    for number, index in enumerate(chosen.index.tolist()):
        marks[number] += (" stale" if index in gone else "") + (" duplicate" if number >= first else "")
    return Rows(table, chosen[_KEYS[spec["view"]]].tolist(), [mark.strip() for mark in marks])


_KEYS = {"person": "pid", "household": "hid", "farm": "hid", "housing": "house", "enterprise": "uscc"}


def _sources(spec: Mapping[str, Any]) -> set[str]:
    """The columns of the view that the list needs."""
    return {rule.split("|")[0].split(">")[0] for rule in spec["columns"].values()} | {_KEYS[spec["view"]]}


def _stale(spec: Mapping[str, Any], view: pd.DataFrame, wanted: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Dead and departed people still on the list, with what the list last said of them."""
    rates = spec.get("stale")
    if not rates or wanted.empty:
        return wanted.iloc[:0]
    share = view["state"].map(rates).fillna(0.0).to_numpy()
    old = view["age"].to_numpy() >= spec.get("stale_age", 0)
    gone = view.loc[(rng.random(len(view)) < share) & old, wanted.columns].copy()
    if gone.empty:
        return gone
    donors = wanted.iloc[rng.integers(len(wanted), size=len(gone))]
    for column in wanted.columns.difference(list(_OWN)):
        gone[column] = donors[column].to_numpy()
    return gone


def _printed(columns: Mapping[str, str], chosen: pd.DataFrame, person: pd.DataFrame, serial: int) -> pd.DataFrame:
    printed: dict[str, Any] = {}
    for header, rule in columns.items():
        source, _, how = rule.partition("|")
        if source == "=serial":
            printed[header] = texts(list(range(serial + 1, serial + len(chosen) + 1)))
        elif ">" in source:
            key, name = source.split(">")
            printed[header] = write(look_up(person, chosen[key], name), how)
        elif source in chosen:
            printed[header] = write(chosen[source], how)
        else:  # land of a place without farms
            printed[header] = texts([""] * len(chosen))
    return pd.DataFrame(printed, dtype=object)
