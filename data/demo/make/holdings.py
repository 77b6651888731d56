"""What households hold: housing, land, livestock; and the enterprises of a place."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.demo.make.identity import credit_code
from data.demo.make.people import Site, iso
from data.demo.make.settings import Texts, any_of, padded, pick, settings, texts

_MU_PER_HECTARE = 15


def heads(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a household, that of its head; households of which nobody is left are not there."""
    return frame.loc[(frame["relation"] == "02") & (frame["state"] == "在")].reset_index(drop=True)


def housing(site: Site, homes: pd.DataFrame) -> pd.DataFrame:
    """One row a dwelling: every registered household's own, and one let to each migrant household by somebody of the place."""
    rng, rural = site.rng, site.place.rural
    county = settings("county")["housing"]
    own = homes.loc[~homes["migrant"]].reset_index(drop=True)
    guests = homes.loc[homes["migrant"]].reset_index(drop=True)
    landlords = own.iloc[rng.integers(len(own), size=len(guests))].reset_index(drop=True)
    owner = pd.concat([own, landlords], ignore_index=True)
    size = len(owner)
    let = np.arange(size) >= len(own)
    structure = pick(rng, county[f"structure_{site.place.kind_key}"], size)
    grades = np.array([county["danger"][code] for code in structure.tolist()], dtype=float)
    grade = texts(list("ABCD"))[
        (rng.random((size, 1)) > (grades / grades.sum(axis=1, keepdims=True)).cumsum(axis=1)).sum(axis=1).clip(0, 3)
    ]
    built = np.where(
        np.isin(structure, ("5", "6", "7")), rng.integers(1965, 1998, size), rng.integers(1992, site.as_of.year, size)
    )
    area = np.round(np.where(rural, rng.normal(142, 38, size), rng.normal(94, 24, size)).clip(32, 420), 1)
    tenure = np.where(rural, "1", pick(rng, county["tenure_community"], size)).astype(object)
    address = np.where(
        let, np.concatenate([np.full(len(own), "", dtype=object), guests["home_address"].to_numpy()]), owner["home_address"]
    )
    tenant = np.concatenate([np.full(len(own), "", dtype=object), guests["pid"].to_numpy()])
    use = np.where(let, "出租", pick(rng, {"住宅": 91, "商住两用": 5, "闲置": 4}, size)).astype(object)
    return pd.DataFrame(
        {
            "house": f"{site.place.code}F" + padded(np.arange(size) + 1, 5),
            "hid": np.where(let, np.concatenate([np.full(len(own), "", dtype=object), guests["hid"].to_numpy()]), owner["hid"]),
            "owner": owner["pid"],
            "tenant": tenant,
            "address": address,
            "structure": structure,
            "danger": grade,
            "built": texts([str(year) for year in built.tolist()]),
            "area": area,
            "use_area": np.round(area * 0.82, 1),
            "floors": np.where(rural, rng.integers(1, 4, size), rng.integers(1, 19, size)),
            "rooms": np.clip((area // 24).astype(np.int64), 1, 9),
            "tenure": tenure,
            "use": use,
            "hazard": pick(rng, county["hazard"], size),
            "certificate": np.where(
                rng.random(size) < 0.86,
                f"示（{site.as_of.year - 4}）不动产权第" + padded(rng.integers(10**7, size=size), 7) + "号",
                "",
            ),
            "homestead": np.where(rural & ~let, np.round(rng.uniform(80, 200, size), 1), 0.0),
            "let": let,
            "rent": np.where(let, rng.integers(3, 22, size) * 100, 0),
            "lease_from": np.where(let, iso(site.days_ago(20, 1400, size)), "").astype(object),
            "lease_use": np.where(let, pick(rng, {"居住": 92, "商业": 5, "仓储": 3}, size), "").astype(object),
            "water": pick(rng, {"自来水": 94, "井水": 5, "山泉水": 1} if rural else {"自来水": 1}, size),
            "toilet": pick(rng, {"水冲式卫生厕所": 78, "卫生旱厕": 14, "普通旱厕": 8} if rural else {"水冲式卫生厕所": 1}, size),
            "fuel": pick(
                rng, {"液化气": 42, "柴草": 26, "电": 24, "天然气": 8} if rural else {"天然气": 72, "电": 18, "液化气": 10}, size
            ),
        }
    )


def farms(site: Site, homes: pd.DataFrame) -> pd.DataFrame:
    """One row a registered household of a village: contracted land in mu, what it is used for, animals, machines."""
    own = homes.loc[~homes["migrant"]].reset_index(drop=True)
    if not site.place.rural or own.empty:
        return pd.DataFrame()
    rng, county = site.rng, settings("county")["farm"]
    size = len(own)
    land = rng.random(size) < county["with_land"]
    low, high = county["mu_per_head"]
    area = np.where(land, np.round(own["household_size"] * rng.uniform(low, high, size), 2), 0.0)
    let = np.where(rng.random(size) < county["transferred"], np.round(area * rng.uniform(0.3, 1.0, size), 2), 0.0)
    worked = area - let
    paddy = np.round(area * rng.uniform(0.3, 0.8, size), 2)
    result = {
        "hid": own["hid"],
        "owner": own["pid"],
        "members": own["household_size"],
        "land": area,
        "paddy": paddy,
        "dry": area - paddy,
        "plots": np.where(land, rng.integers(2, 9, size), 0),
        "transferred": let,
        "worked": worked,
        "grain": np.round(worked * rng.uniform(0.7, 1.5, size), 2),
        "vegetables": np.round(worked * rng.uniform(0.05, 0.3, size), 2),
        "forest": np.where(rng.random(size) < county["forest"], np.round(rng.uniform(0.5, 14, size), 2), 0.0),
        "orchard": np.where(rng.random(size) < 0.16, np.round(rng.uniform(0.3, 5, size), 2), 0.0),
        "contract": np.where(land, f"{site.place.code}" + padded(np.arange(size) + 1, 4) + "J", ""),
        "cooperative": rng.random(size) < county["cooperative"],
        "tractors": (rng.random(size) < 0.09).astype(np.int64),
    }
    for name, (share, most) in county["livestock"].items():
        big = np.where(rng.random(size) < county["big_livestock"], 30, 1)
        result[name] = np.where(rng.random(size) < share, rng.integers(1, most + 1, size) * big, 0)
    return pd.DataFrame(result)


def enterprises(site: Site, frame: pd.DataFrame, serial: int) -> pd.DataFrame:
    """Enterprises, traders and cooperatives of the place. `serial`: how many codes were given out before."""
    rng, names = site.rng, settings("names")
    county = settings("county")["enterprise"]
    people = int((frame["state"] == "在").sum())
    size = round(people * county[f"per_thousand_{site.place.kind_key}"] / 1000)
    adults = frame.loc[(frame["age"] >= 22) & (frame["age"] <= 68) & (frame["state"] == "在")]
    if not size or adults.empty:
        return pd.DataFrame()
    boss = adults.iloc[rng.integers(len(adults), size=size)].reset_index(drop=True)
    kind = pick(rng, county["kinds"], size)
    trade = [names["trades"][code][number] for code, number in zip(kind.tolist(), _trade_numbers(rng, kind), strict=True)]
    word = any_of(rng, names["enterprise_word"], size)
    company = kind == "91"
    label = texts(
        [_enterprise_name(site, *row) for row in zip(kind.tolist(), word.tolist(), [item[0] for item in trade], strict=True)]
    )
    since = site.days_ago(60, 7000, size)
    staff = np.where(
        company, rng.integers(3, 120, size), np.where(kind == "93", rng.integers(5, 60, size), rng.integers(1, 6, size))
    )
    capital = np.where(
        company, rng.integers(1, 60, size) * 10, np.where(kind == "93", rng.integers(1, 40, size) * 5, rng.integers(1, 20, size))
    )
    return pd.DataFrame(
        {
            "uscc": texts([credit_code(code, site.place.county_code, serial + n) for n, code in enumerate(kind.tolist())]),
            "name": label,
            "kind": kind,
            "operator": boss["pid"],
            "industry": texts([item[1] for item in trade]),
            "scope": texts([item[2] for item in trade]),
            "founded": iso(since),
            "capital": capital.astype(np.int64),
            "address": boss["home_address"],
            "employees": staff.astype(np.int64),
            "area": rng.integers(2, 60, size) * 10,
            "status": pick(rng, {"存续": 90, "停业": 6, "注销": 4}, size),
            "food_licence": np.where(
                np.isin([item[1] for item in trade], ("52", "62", "13")), "JY9" + padded(rng.integers(10**12, size=size), 13), ""
            ),
            "revenue": np.round(staff * rng.uniform(4, 26, size), 1),
            "tax": np.round(staff * rng.uniform(0.05, 0.9, size), 2),
            "hazard": pick(rng, {"无": 91, "一般隐患": 8, "重大隐患": 1}, size),
        }
    )


def _trade_numbers(rng: np.random.Generator, kind: Texts) -> list[int]:
    trades = settings("names")["trades"]
    return [int(share * len(trades[code])) for share, code in zip(rng.random(len(kind)).tolist(), kind.tolist(), strict=True)]


def _enterprise_name(site: Site, kind: str, word: str, trade: str) -> str:
    county = site.place.county
    if kind == "91":
        return f"{county}{word}{trade}有限公司"
    return f"{county}{site.place.name}{word}{trade}" if kind == "92" else f"{county}{word}{trade}"
