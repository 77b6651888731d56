"""What departments' lists are made from: people, households, dwellings, enterprises of one place as flat tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.demo.make.care import care
from data.demo.make.facts import facts
from data.demo.make.holdings import enterprises, farms, heads, housing
from data.demo.make.identity import Sequence
from data.demo.make.lives import lives
from data.demo.make.people import Site, population
from data.demo.make.registers import registers, survey
from data.demo.make.settings import Numbers
from data.demo.make.village import Figure, Size, figures


@dataclass(frozen=True)
class Views:
    """One place, complete. Every table has the columns village, village_code, township and county."""

    person: pd.DataFrame
    household: pd.DataFrame
    housing: pd.DataFrame
    farm: pd.DataFrame
    enterprise: pd.DataFrame
    figures: list[Figure]


def build(site: Site, people: int, orders: Sequence, serial: int) -> Views:
    """Everything about a place. `orders` and `serial` carry on over places: the numbers given out so far."""
    person = registers(site, facts(site, care(site, lives(site, population(site, people, orders)))))
    homes = heads(person)
    dwellings = survey(site, housing(site, homes), person)
    land = farms(site, homes)
    firms = enterprises(site, person, serial)
    place = {name: person[name].iloc[0] for name in ("village", "village_code", "township", "county", "committee")}
    tables = tuple(table.assign(**place) if len(table) else table for table in (dwellings, land, firms))
    registered = int((~homes["migrant"]).sum())
    mu = float(land["land"].sum()) if len(land) else 0.0
    size = Size(int((person["state"] == "在").sum()), registered, mu)
    households = _households(person, homes, dwellings, land)
    return Views(person, households, tables[0], tables[1], tables[2], figures(site, size, person))


def _households(person: pd.DataFrame, homes: pd.DataFrame, dwellings: pd.DataFrame, land: pd.DataFrame) -> pd.DataFrame:
    """Heads with their dwelling, land and counts over the members."""
    number = int(person["household"].max()) + 1
    household = person["household"].to_numpy()
    living = (person["state"] == "在").to_numpy()
    age = person["age"].to_numpy()
    covered = living & (person["relief"] != "").to_numpy()
    here = living & np.isin(person["residence"], ("1", "3"))
    severe = person["disability_grade"].isin(["1", "2"]).to_numpy()

    def count(flags: np.ndarray) -> Numbers:
        found: Numbers = np.bincount(household[flags], minlength=number)[homes["household"].to_numpy()]
        return found

    counts = pd.DataFrame(
        {
            "covered": count(covered),
            "covered_old": count(covered & (age >= 60)),
            "covered_young": count(covered & (age < 18)),
            "covered_severe": count(covered & severe),
            "members_here": count(here),
            "old_here": count(here & (age >= 60)),
            "children_here": count(here & (age < 14)),
            "disabled_members": count(living & (person["disability"] != "").to_numpy()),
            "labourers": count(living & person["labour"].isin(["普通劳动力", "技能劳动力"]).to_numpy()),
            "students": count(living & person["stage"].isin(["小学", "初中"]).to_numpy()),
            "insured_members": count(living & (person["medical"] != "").to_numpy()),
        }
    )
    table = pd.concat([homes.reset_index(drop=True), counts], axis=1)
    own = dwellings.loc[~dwellings["let"]].drop_duplicates("hid").drop(columns=["owner", "tenant", "address", "let"])
    table = table.merge(own, on="hid", how="left")
    if len(land):
        table = table.merge(land.drop(columns=["owner", "members"]), on="hid", how="left")
    income = table[["year_wages", "year_business", "year_transfer", "year_property"]].sum(axis=1)
    spent = np.minimum((table["year_business"] * 0.3).round(), table["year_business"]).astype(np.int64)
    return pd.concat(
        [
            table,
            pd.DataFrame(
                {
                    "year_income": income,
                    "business_cost": spent,
                    "year_net": income - spent,
                    "net_per_head": ((income - spent) / table["household_size"].clip(lower=1)).round().astype(np.int64),
                    "relief_month": table["relief_amount"] * table["covered"],
                }
            ),
        ],
        axis=1,
    )


def look_up(person: pd.DataFrame, pids: pd.Series, name: str) -> np.ndarray:
    """A column of the people whose pids are given, "" where there is none."""
    place = np.array([int(pid[-5:]) - 1 if pid else -1 for pid in pids.tolist()], dtype=np.int64)
    values = person[name].to_numpy(dtype=object)[place]
    values[place < 0] = ""
    return values
