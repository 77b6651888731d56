"""The people of one place: names, births, ID numbers, addresses, households' ties. What they do and have comes in lives.py."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.demo.make import households
from data.demo.make.identity import Sequence, id_numbers, phones
from data.demo.make.region import Place
from data.demo.make.settings import Flags, Numbers, Texts, any_of, padded, pick, settings, texts


@dataclass(frozen=True)
class Site:
    """One place under construction. Each has its own generator, so that a place's people do not depend on the other places."""

    place: Place
    rng: np.random.Generator
    as_of: date

    @property
    def day(self) -> np.datetime64:
        return np.datetime64(self.as_of)

    def aside(self) -> Site:
        """The same place with a generator of its own: what it draws changes nothing that is drawn here."""
        return replace(self, rng=self.rng.spawn(1)[0])

    def days_ago(self, low: int, high: int, size: int) -> NDArray[np.datetime64]:
        """Days between `low` and `high` days before the as-of date."""
        return self.day - self.rng.integers(low, high + 1, size).astype("timedelta64[D]")


def iso(days: NDArray[np.datetime64]) -> Texts:
    """Days as 2026-10-31, "" for none."""
    return texts(["" if text == "NaT" else text for text in days.astype("datetime64[D]").astype(str).tolist()])


def ages(birth: NDArray[np.datetime64], day: np.datetime64) -> Numbers:
    """Completed years of life on a day (a birthday counts: Civil Code, article 204 and the reply of the courts)."""
    birth = birth.astype("datetime64[D]")
    years = birth.astype("datetime64[Y]").astype(np.int64)
    offset = (birth - birth.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    months = birth.astype("datetime64[M]").astype(np.int64) % 12
    today = day.astype("datetime64[D]").item()
    earlier = (months + 1 < today.month) | ((months + 1 == today.month) & (offset + 1 <= today.day))
    result: Numbers = (today.year - 1970) - years - np.where(earlier, 0, 1)
    return result


def population(site: Site, people: int, orders: Sequence) -> pd.DataFrame:
    """Everybody of a place: `people` living ones (registered and migrants) and, after them, some who died or moved away."""
    county = settings("county")
    migrants = round(people * county["migrant_share"])
    registered = households.draw(site.rng, households.registered_types(), site.place.kind_key, people - migrants)
    incoming = households.draw(site.rng, households.migrant_types(), "weight", migrants) if migrants else registered.iloc[:0]
    incoming = incoming.assign(household=incoming["household"] + registered["household"].max() + 1, migrant=True)
    frame = pd.concat([registered.assign(migrant=False), incoming], ignore_index=True)
    frame["state"] = plain(frame, "在")
    frame = pd.concat([frame, _gone(site, frame, round(people * county["dead_or_moved"]))], ignore_index=True)
    _births(site, frame)
    _names(site, frame)
    _identity(site, frame, orders)
    _away(site, frame)
    _addresses(site, frame)
    return frame


def _gone(site: Site, frame: pd.DataFrame, size: int) -> pd.DataFrame:
    """People who died or moved away within two years: their households go on without them."""
    homes = frame.loc[~frame["migrant"] & (frame["relation"] == "02")]
    gone = homes.iloc[site.rng.integers(len(homes), size=size)].copy()
    died = site.rng.random(size) < 0.62
    gone["state"] = np.where(died, "死亡", "迁出")
    gone["age"] = np.where(died, np.clip(site.rng.normal(77, 10, size), 30, 101), site.rng.integers(19, 40, size)).astype(
        np.int64
    )
    gone["female"] = site.rng.random(size) < 0.5
    gone["relation"] = np.where(died, np.where(gone["female"], "52", "51"), np.where(gone["female"], "30", "20"))
    gone["role"] = 9
    return gone


def _births(site: Site, frame: pd.DataFrame) -> None:
    size = len(frame)
    months = (site.as_of.year - 1970) * 12 + site.as_of.month - 1 - frame["age"].to_numpy() * 12 - site.rng.integers(0, 12, size)
    month = months.astype("datetime64[M]").astype("datetime64[D]")
    birth = month + site.rng.integers(0, 28, size).astype("timedelta64[D]")
    birth = np.minimum(birth, site.day)
    frame["birth"] = plain(frame, birth)
    frame["age"] = plain(frame, ages(birth, site.day))
    gone = np.full(size, np.datetime64("NaT"), dtype="datetime64[D]")
    left = (frame["state"] != "在").to_numpy()
    gone[left] = site.days_ago(5, 720, int(left.sum()))
    frame["gone_on"] = plain(frame, iso(gone))


def _names(site: Site, frame: pd.DataFrame) -> None:
    names = settings("names")
    size = len(frame)
    own = pick(site.rng, names["surnames"], size)
    household, role = frame["household"].to_numpy(), frame["role"].to_numpy()
    line = pick(site.rng, names["surnames"], int(household.max()) + 1)[household]
    married_in = np.isin(role, (households.ELDER_F, households.MIDDLE_F))
    frame["surname"] = plain(frame, np.where(married_in, own, line))
    given = texts([""] * size)
    year = frame["birth"].to_numpy().astype("datetime64[Y]").astype(np.int64) + 1970
    first = 0
    for era in names["given"]:
        for sex, female in (("男", False), ("女", True)):
            here = np.flatnonzero((year >= first) & (year <= era["to"]) & (frame["female"].to_numpy() == female))
            letters = list(era[sex])
            second = np.where(site.rng.random(len(here)) < era["one_char"], "", any_of(site.rng, letters, len(here)))
            given[here] = any_of(site.rng, letters, len(here)) + second.astype(object)
        first = era["to"] + 1
    frame["name"] = plain(frame, frame["surname"] + given)


def _identity(site: Site, frame: pd.DataFrame, orders: Sequence) -> None:
    rng, region = site.rng, settings("county")["region"]
    size = len(frame)
    elsewhere = frame["migrant"].to_numpy() | (rng.random(size) < region["first_register_elsewhere"])
    code = np.where(elsewhere, any_of(rng, region["elsewhere"], size), site.place.county_code).astype(object)
    birth, female = frame["birth"].to_numpy(), frame["female"].to_numpy()
    frame["id"] = plain(frame, id_numbers(code, birth, orders.next(code, birth, female)))
    frame["pid"] = plain(frame, f"{site.place.code}-" + padded(np.arange(size) + 1, 5))
    frame["hid"] = plain(frame, f"{site.place.code}" + padded(frame["household"].to_numpy() + 1, 5))
    frame["sex"] = plain(frame, np.where(female, "2", "1").astype(object))
    frame["phone"] = plain(frame, np.where(frame["age"] >= 12, phones(rng, size), "").astype(object))
    nations = settings("county")["minority"]
    head_nation = pick(rng, nations["nations"], int(frame["household"].max()) + 1)[frame["household"]]
    minority = (rng.random(int(frame["household"].max()) + 1) < nations["household"])[frame["household"]]
    frame["ethnic"] = plain(frame, np.where(minority & (frame["role"] != households.MIDDLE_F), head_nation, "01").astype(object))


def _away(site: Site, frame: pd.DataFrame) -> None:
    """Who of the registered lives elsewhere for half a year and more, and the children whom they leave behind."""
    rng, away = site.rng, settings("county")["away"]
    size, kind = len(frame), "village" if site.place.rural else "community"
    household, role, age = (frame[name].to_numpy() for name in ("household", "role", "age"))
    homes = int(household.max()) + 1
    both = ((rng.random(homes) < away[f"couple_{kind}"])[household]) & frame["middle_m"].to_numpy() & frame["middle_f"].to_numpy()
    middle = np.isin(role, (households.MIDDLE_M, households.MIDDLE_F)) & (age < 60)
    one = (rng.random(homes) < away[f"one_{kind}"])[household] & ~both
    goes = np.zeros(size, bool)
    goes |= middle & both
    goes |= middle & one & np.where(frame["middle_m"], role == households.MIDDLE_M, True)
    child = role >= households.CHILD
    goes |= child & (age >= 18) & (rng.random(size) < away["young"])
    elders = (frame["elder_m"] | frame["elder_f"]).to_numpy()
    stays = np.where(elders, away["child_stays_with_elders"], away["child_stays_alone"])
    goes |= child & (age < 18) & both & ~((rng.random(homes)[household]) < stays)
    goes |= np.isin(role, (households.ELDER_M, households.ELDER_F)) & (rng.random(size) < away["elder"])
    alive = (frame["state"] == "在").to_numpy()
    goes &= alive & ~frame["migrant"].to_numpy()
    frame["residence"] = plain(frame, np.where(frame["migrant"], "3", np.where(goes, "2", "1")).astype(object))
    frame.loc[~alive, "residence"] = ""
    frame["away_place"] = plain(frame, np.where(goes, pick(rng, away["places"], size), "").astype(object))
    frame["away_since"] = plain(frame, np.where(goes, iso(site.days_ago(190, 3200, size)), "").astype(object))
    _left_behind(frame, goes)


def _left_behind(frame: pd.DataFrame, goes: Flags) -> None:
    """农村留守儿童: under 16, both parents away (国发〔2016〕13号); the guardian is the eldest who stayed."""
    role, household = frame["role"].to_numpy(), frame["household"].to_numpy()
    parent = np.isin(role, (households.MIDDLE_M, households.MIDDLE_F))
    homes = int(household.max()) + 1
    parents = np.bincount(household[parent], minlength=homes)
    parents_away = np.bincount(household[parent & goes], minlength=homes)
    left = (role >= households.CHILD) & (role < 9) & (frame["age"].to_numpy() < 16) & ~goes & ~frame["migrant"].to_numpy()
    frame["left_behind"] = plain(frame, left & ((parents == 2) & (parents_away == 2))[household])


def _addresses(site: Site, frame: pd.DataFrame) -> None:
    rng, region = site.rng, settings("county")["region"]
    homes = int(frame["household"].max()) + 1
    household = frame["household"].to_numpy()
    groups = rng.integers(1, 9, homes)
    chinese = texts(list("零一二三四五六七八九"))
    if site.place.rural:
        frame["group"] = plain(frame, (chinese[groups] + "组")[household])
        home = site.place.address + chinese[groups] + "组" + texts([f"{n}号" for n in rng.integers(1, 180, homes).tolist()])
    else:
        frame["group"] = plain(frame, texts([f"第{n}网格" for n in groups.tolist()])[household])
        road = any_of(rng, region["roads"], homes)
        parts = rng.integers([1, 1, 1, 1], [160, 18, 5, 19], (homes, 4)).tolist()
        doors = rng.integers(1, 5, homes).tolist()
        home = (
            site.place.address
            + road
            + texts([f"{a}号{b}栋{c}单元{d}0{e}室" for (a, b, c, d), e in zip(parts, doors, strict=True)])
        )
    frame["home_address"] = plain(frame, home[household])
    migrant_home = any_of(rng, region["migrant_home"], homes) + texts(
        [f"{n}村{n % 9 + 1}组" for n in rng.integers(1, 60, homes).tolist()]
    )
    migrant = frame["migrant"].to_numpy()
    frame["registered_address"] = plain(frame, np.where(migrant, migrant_home[household], home[household]).astype(object))
    away = np.where(frame["residence"] == "2", frame["away_place"], "").astype(object)
    frame["address"] = plain(frame, np.where(away != "", "（外出）" + away, home[household]).astype(object))


def columns(frame: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """The frame with further columns, added at once (one by one would fragment it). Texts stay Python objects: for many short
    columns that is several times faster than pandas' own text type."""
    return pd.concat([frame, pd.DataFrame({name: plain(frame, value) for name, value in values.items()})], axis=1)


def plain(frame: pd.DataFrame, values: Any) -> pd.Series:
    """Values, or one value for all, as a column of the frame; texts as Python objects."""
    kind = getattr(getattr(values, "dtype", None), "kind", "")
    as_objects = isinstance(values, str) or kind in ("O", "U", "T")  # "O" is also the kind of pandas' own text type
    return pd.Series(values, index=frame.index, dtype=object) if as_objects else pd.Series(values, index=frame.index)
