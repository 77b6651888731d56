"""Who lives together: household types drawn by weight, expanded into people with role, sex and age. Vectorised per community."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.demo.make.settings import Flags, Numbers, settings, texts

ELDER_M, ELDER_F, MIDDLE_M, MIDDLE_F, CHILD = range(5)
# Relation to the head (GB/T 4761), by the head's role and the person's role; a child's by sex and by whose child it is.
_TO_MIDDLE = {ELDER_M: "51", ELDER_F: "52", MIDDLE_F: "12"}


def draw(rng: np.random.Generator, types: Sequence[Mapping[str, Any]], weight: str, people: int) -> pd.DataFrame:
    """Households with exactly `people` members in all: one row a person with household, role, female, age, kind, head."""
    share = np.array([kind[weight] for kind in types], dtype=float)
    drawn = rng.choice(len(types), size=people + 8, p=share / share.sum())
    plan = _plan(rng, types, drawn)
    sizes = plan["members"].cumsum()
    kept = int(np.searchsorted(sizes, people, side="right"))
    plan = plan.iloc[:kept]
    left = people - (int(sizes.iloc[kept - 1]) if kept else 0)
    if left:
        singles = [number for number, kind in enumerate(types) if kind["name"].endswith("单身")]
        plan = pd.concat([plan, _plan(rng, types, np.full(left, singles[0]))], ignore_index=True)
    plan = plan.reset_index(drop=True)
    return _expand(rng, types, plan)


def _sexes(rng: np.random.Generator, weights: Sequence[float], size: int) -> tuple[Flags, Flags]:
    """Whether the man, the woman of a generation is there; weights of man only, woman only, both."""
    if not weights:
        return np.zeros(size, bool), np.zeros(size, bool)
    share = np.array(weights, dtype=float)
    drawn = rng.choice(3, size=size, p=share / share.sum())
    return drawn != 1, drawn != 0


def _plan(rng: np.random.Generator, types: Sequence[Mapping[str, Any]], drawn: Numbers) -> pd.DataFrame:
    size = len(drawn)
    flags = {role: np.zeros(size, bool) for role in (ELDER_M, ELDER_F, MIDDLE_M, MIDDLE_F)}
    children = np.zeros(size, np.int64)
    low, high = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for number, kind in enumerate(types):
        here = np.flatnonzero(drawn == number)
        flags[ELDER_M][here], flags[ELDER_F][here] = _sexes(rng, kind["elders"], len(here))
        flags[MIDDLE_M][here], flags[MIDDLE_F][here] = _sexes(rng, kind["middle"], len(here))
        share = np.array(kind["children"], dtype=float)
        children[here] = rng.choice(len(share), size=len(here), p=share / share.sum())
        low[here], high[here] = kind["age"]
    reference = np.floor(low + (high - low + 1) * rng.beta(1.25, 1.35, size)).astype(np.int64)
    first_child = np.where(flags[MIDDLE_M] | flags[MIDDLE_F], reference, reference - 26) - rng.integers(21, 31, size)
    ages = {f"child{order}": first_child - order * rng.integers(2, 5, size) for order in range(3)}
    for order, name in enumerate(ages):  # a child not yet born, or grown up and gone, is not there (-1)
        ages[name] = np.where((children > order) & (ages[name] >= 0) & (ages[name] <= 27), ages[name], -1)
    members = sum((age >= 0).astype(np.int64) for age in ages.values()) + sum(flag.astype(np.int64) for flag in flags.values())
    plan = pd.DataFrame({"type": drawn, "reference": reference, "members": members, **ages})
    for role, flag in flags.items():
        plan[role] = flag
    return plan.loc[plan["members"] > 0].reset_index(drop=True)


def _expand(rng: np.random.Generator, types: Sequence[Mapping[str, Any]], plan: pd.DataFrame) -> pd.DataFrame:
    household = np.arange(len(plan))
    has_middle = (plan[MIDDLE_M] | plan[MIDDLE_F]).to_numpy()
    reference = plan["reference"].to_numpy()
    elder_age = np.where(has_middle, reference + rng.integers(22, 33, len(plan)), reference)
    parts: list[tuple[NDArray[Any], int, Flags, Numbers]] = []
    gap = rng.integers(-4, 3, len(plan))
    for role, base in ((ELDER_M, elder_age), (ELDER_F, elder_age + gap), (MIDDLE_M, reference), (MIDDLE_F, reference + gap)):
        there = plan[role].to_numpy()
        parts.append((household[there], role, np.full(there.sum(), role in (ELDER_F, MIDDLE_F)), base[there]))
    for order in range(3):
        age = plan[f"child{order}"].to_numpy()
        there = age >= 0
        parts.append((household[there], CHILD + order, rng.random(there.sum()) < 0.47, age[there]))
    people = pd.DataFrame(
        {
            "household": np.concatenate([part[0] for part in parts]),
            "role": np.concatenate([np.full(len(part[0]), part[1]) for part in parts]),
            "female": np.concatenate([part[2] for part in parts]),
            "age": np.clip(np.concatenate([part[3] for part in parts]), 0, 104),
        }
    )
    people = people.sort_values(["household", "role"], kind="stable", ignore_index=True)
    kinds = texts([kind["name"] for kind in types])
    elder_heads = np.array([kind["head"] == "elder" for kind in types])
    of_type = plan["type"].to_numpy()[people["household"].to_numpy()]
    people["kind"] = pd.Series(kinds[of_type], dtype=object)
    for role, name in ((ELDER_M, "elder_m"), (ELDER_F, "elder_f"), (MIDDLE_M, "middle_m"), (MIDDLE_F, "middle_f")):
        people[name] = plan[role].to_numpy()[people["household"].to_numpy()]
    # A family where the middle generation is past 45 is led by it; a younger one by the elders.
    old_enough = plan["reference"].to_numpy()[people["household"].to_numpy()] >= 45
    elder_head = elder_heads[of_type] & ~(old_enough & (people["middle_m"] | people["middle_f"]).to_numpy())
    people["relation"] = pd.Series(_relations(people, elder_head), dtype=object)
    return people


def _relations(people: pd.DataFrame, elder_head: Flags) -> Any:
    role, female = people["role"].to_numpy(), people["female"].to_numpy()
    middle_m, elder_m = people["middle_m"].to_numpy(), people["elder_m"].to_numpy()
    relation = np.where(female, "30", "20").astype(object)  # children of a head of the middle generation
    for code_role, code in _TO_MIDDLE.items():
        relation[~elder_head & (role == code_role)] = code
    child = role >= CHILD
    relation[elder_head & child & middle_m] = np.where(female, "42", "41")[elder_head & child & middle_m]
    outer = elder_head & child & ~middle_m
    relation[outer] = np.where(female, "44", "43")[outer]
    relation[elder_head & (role == MIDDLE_M)] = "20"
    relation[elder_head & (role == MIDDLE_F)] = np.where(middle_m, "38", "30")[elder_head & (role == MIDDLE_F)]
    relation[elder_head & (role == ELDER_F)] = "12"
    head_role = np.where(elder_head, np.where(elder_m, ELDER_M, ELDER_F), np.where(middle_m, MIDDLE_M, MIDDLE_F))
    relation[role == head_role] = "02"
    return relation


def registered_types() -> Sequence[Mapping[str, Any]]:
    types: Sequence[Mapping[str, Any]] = settings("county")["households"]
    return types


def migrant_types() -> Sequence[Mapping[str, Any]]:
    types: Sequence[Mapping[str, Any]] = settings("county")["migrant_households"]
    return types
