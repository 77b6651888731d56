"""Rows of many lists joined into people: by identity number, and where that is missing by record linkage with Splink.

A pair above `SURE` is one person; between `DOUBT` and `SURE` a person decides; below, they stay two. The linkage looks only at
rows without a valid number and at the people who could be meant (same name and birth, same birth and sex …), so that its
time does not grow with the county.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from consolidation.lexicon import normalise

from .ids import births, sexes
from .model import DataSet, Fact

SURE = 0.98
DOUBT = 0.55
_PRIOR = 0.0005  # of two rows that a blocking rule brings together, before anything is compared
COMPARED = ("name", "birth", "sex", "address", "phone", "village")


@dataclass(frozen=True)
class Possible:
    """A row that may be a person already known: for somebody to decide."""

    dataset: str
    row: int  # number of the row in its file
    name: str
    person: str  # the known person's key
    person_name: str
    probability: float
    reason: str


@dataclass(frozen=True)
class Joined:
    """For each list (by its place in the input) the person key of every row; keys are ID numbers, or list and row where a
    row's person is not known. `possible`: pairs that a person should decide."""

    keys: tuple[pd.Series[Any], ...]
    possible: tuple[Possible, ...] = ()
    linked: int = 0


def mentions(dataset: DataSet, role: str, numbers: pd.Series[Any]) -> pd.DataFrame:
    """The facts that tell people apart, of the people in one role of a list; `numbers` are their valid ID numbers."""
    frame = pd.DataFrame({"id": numbers}, index=dataset.frame.index)
    for name, concepts in _CONCEPTS.items():
        column = pd.Series("", index=frame.index, dtype=object)
        for concept in concepts:
            for at in dataset.positions(Fact(role, concept)):
                column = column.where(column != "", dataset.frame[at])
        frame[name] = column
    frame["name"] = frame["name"].str.replace(r"[\s·•]", "", regex=True)
    frame["sex"] = frame["sex"].map(_SEX).fillna("")
    frame["birth"] = _birth_texts(frame["birth"])
    frame["birth"] = births(numbers).dt.strftime("%Y-%m-%d").where(numbers != "", frame["birth"]).fillna("")
    frame["sex"] = sexes(numbers).where(numbers != "", frame["sex"])
    return frame


_CONCEPTS = {
    "name": ("name",),
    "birth": ("birth-date", "birth-month"),
    "sex": ("sex", "~性别代码"),
    "address": ("current-address", "home-address", "registered-address"),
    "phone": ("phone", "mobile"),
    "village": ("village", "registered-village"),
}
_SEX = {"1": "男", "2": "女", "男": "男", "女": "女", "男性": "男", "女性": "女"}


@lru_cache(maxsize=200_000)
def _birth_text(text: str) -> str:
    from consolidation.derive.evaluate import born

    day = born(text) if text else None
    return day.isoformat() if day else ""


def _birth_texts(column: pd.Series[Any]) -> pd.Series[Any]:
    return column.map({text: _birth_text(text) for text in column.unique()})


def join(lists: Sequence[tuple[DataSet, pd.DataFrame]]) -> Joined:
    """Person keys for the rows of many lists (each with its `mentions`), linking rows without an ID number to people with one."""
    keys: list[pd.Series[Any]] = []
    known: list[pd.DataFrame] = []
    unknown: list[pd.DataFrame] = []
    for number, (dataset, frame) in enumerate(lists):
        key = frame["id"].where(frame["id"] != "", [f"{dataset.file}#{dataset.table}#{i}" for i in frame.index])
        keys.append(key.where(frame["name"] != "", key.where(frame["id"] != "", "")))
        known.append(frame[frame["id"] != ""])
        missing = frame[(frame["id"] == "") & (frame["name"] != "")]
        unknown.append(missing.assign(list=number, row=missing.index))
    registry = pd.concat(known).drop_duplicates("id") if known else pd.DataFrame()
    open_rows = pd.concat(unknown) if unknown else pd.DataFrame()
    if registry.empty or open_rows.empty:
        return Joined(tuple(keys))
    best = _link(registry, open_rows)
    possible = []
    for item in best[best["match_probability"] < SURE].to_dict("records"):
        dataset = lists[int(item["list"])][0]
        row = dataset.line(int(item["row"]))
        known_as, chance = str(item["known_name"]), float(item["match_probability"])
        possible.append(Possible(dataset.label, row, str(item["name"]), str(item["id"]), known_as, chance, str(item["reason"])))
    sure = best[best["match_probability"] >= SURE]
    for at in sure["list"].astype(int).unique():
        part = sure[sure["list"] == at]
        keys[at] = keys[at].copy()
        keys[at].loc[part["row"]] = part["id"].to_numpy()
    return Joined(tuple(keys), tuple(possible), len(sure))


def _link(registry: pd.DataFrame, open_rows: pd.DataFrame) -> pd.DataFrame:
    """The best known person for each open row, above DOUBT."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    left = registry.assign(unique_id=registry["id"])
    right = open_rows.reset_index(drop=True)
    right["unique_id"] = right.index.astype(str)
    # m: how often two rows of one person agree so; u: how often two people do by chance. From the census' distributions of
    # names (a full name recurs about once in 3000) and births; not trained, so that one pair's answer never depends on others.
    comparisons = [
        _levels(cl.JaroWinklerAtThresholds("name", [0.85]), [0.93, 0.05, 0.02], [0.0004, 0.004, 0.9956]),
        _levels(cl.DamerauLevenshteinAtThresholds("birth", [1]), [0.93, 0.05, 0.02], [0.00005, 0.001, 0.99895]),
        _levels(cl.ExactMatch("sex"), [0.995, 0.005], [0.5, 0.5]),
        _levels(cl.JaroWinklerAtThresholds("address", [0.97, 0.9]), [0.6, 0.25, 0.1, 0.05], [0.001, 0.02, 0.3, 0.679]),
        _levels(cl.ExactMatch("phone"), [0.6, 0.4], [0.0002, 0.9998]),
        _levels(cl.ExactMatch("village"), [0.95, 0.05], [0.2, 0.8]),
    ]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[
            block_on("name", "village"),
            block_on("name", "birth"),
            block_on("birth", "sex", "village"),
        ],
        probability_two_random_records_match=_PRIOR,
        retain_intermediate_calculation_columns=True,
    )
    database = DuckDBAPI()
    columns = ["unique_id", *COMPARED]
    tables = [
        database.register(frame[columns].replace("", None), dataset_display_name=name)
        for frame, name in ((left, "known"), (right, "open"))
    ]
    predicted: Any = Linker(tables, settings, log_level="ERROR").inference.predict(threshold_match_probability=DOUBT)
    return _best(predicted.as_pandas_dataframe(), left, right)


def _levels(comparison: Any, m: list[float], u: list[float]) -> Any:
    return comparison.configure(m_probabilities=m, u_probabilities=u)


def _best(pairs: pd.DataFrame, left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    if pairs.empty:
        return pd.DataFrame(columns=["list", "row", "name", "id", "known_name", "match_probability", "reason"])
    known_left = pairs["source_dataset_l"] == "known"
    pairs["id"] = pairs["unique_id_l"].where(known_left, pairs["unique_id_r"])
    pairs["open"] = pairs["unique_id_r"].where(known_left, pairs["unique_id_l"])
    pairs = pairs.sort_values(["open", "match_probability"], ascending=[True, False])
    best = pairs.drop_duplicates("open").copy()
    runner_up = pairs[pairs.duplicated("open")].groupby("open")["match_probability"].max()
    # two people fit alike (father and son of one house with one name): nobody but a person can tell
    alike = (best["open"].map(runner_up).fillna(0) > best["match_probability"] - 0.02).to_numpy()
    best["match_probability"] = best["match_probability"].where(~alike, best["match_probability"].clip(upper=SURE - 1e-6))
    names = left.set_index("unique_id")["name"]
    rows = right.set_index("unique_id").loc[best["open"]]
    best = best.assign(
        list=rows["list"].to_numpy(),
        row=rows["row"].to_numpy(),
        name=rows["name"].to_numpy(),
        known_name=best["id"].map(names).to_numpy(),
    )
    return best.assign(reason=[_reason(item) for item in best.to_dict("records")])


_SHOWN = {"name": "姓名", "birth": "出生日期", "sex": "性别", "address": "住址", "phone": "电话", "village": "村（社区）"}


def _reason(pair: Mapping[Any, Any]) -> str:
    """Which facts agree, in words."""
    same = [shown for column, shown in _SHOWN.items() if pair.get(f"gamma_{column}", 0) == _TOP[column]]
    differ = [shown for column, shown in _SHOWN.items() if pair.get(f"gamma_{column}", -1) == 0]
    return f"{'、'.join(same)}相同" + (f"，{'、'.join(differ)}不同" if differ else "")


_TOP = {"name": 2, "birth": 2, "sex": 1, "address": 3, "phone": 1, "village": 1}


def normal_name(text: str) -> str:
    """A person's name as lists are compared: without spaces and the dot of foreign and minority names."""
    return normalise(text).replace("·", "")
