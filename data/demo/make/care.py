"""Health, disability and relief: who needs help, and what help the household gets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.demo.make import households
from data.demo.make.people import Site, columns, iso
from data.demo.make.settings import Flags, Texts, any_of, by_age, padded, pick, settings, texts


def care(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with health, disability, relief, family facts and the household's economy."""
    frame = _health(site, frame)
    frame = _family(site, frame)
    frame = _relief(site, frame)
    return _economy(site, frame)


def _health(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    rng, size, age = site.rng, len(frame), frame["age"].to_numpy()
    county = settings("county")
    living = (frame["state"] == "在").to_numpy()
    rates = county["disability"]
    disabled = living & ~frame["migrant"].to_numpy() & (rng.random(size) < by_age(rates["by_age"], age))
    kind = np.where(disabled, pick(rng, rates["kinds"], size), "").astype(object)
    grade = np.where(disabled, pick(rng, rates["grades"], size), "").astype(object)
    # 残疾人证号: ID number, one digit of kind, one of grade (中国残疾人联合会 残疾人证管理办法)
    certificate = np.where(disabled, frame["id"].to_numpy() + kind + grade, "").astype(object)
    chronic = county["chronic"]
    hypertension = rng.random(size) < by_age(chronic["hypertension"], age)
    diabetes = rng.random(size) < by_age(chronic["diabetes"], age)
    mental = (age >= 16) & (rng.random(size) < chronic["mental"])
    tuberculosis = rng.random(size) < chronic["tuberculosis"]
    serious = rng.random(size) < by_age(chronic["serious"], age)
    disease = np.where(serious, any_of(rng, ["恶性肿瘤", "终末期肾病", "脑卒中", "冠心病", "血友病"], size), "").astype(object)
    health = np.where(disabled, "残疾", np.where(serious, "大病", np.where(hypertension | diabetes | mental, "慢性病", "健康")))
    health[(health == "健康") & (age > 70)] = "体弱"
    elder = living & (age >= 60)
    worse = np.clip((age - 60) / 60, 0, 0.5) + 0.12 * disabled
    drawn = rng.random(size)
    able = np.where(drawn < worse * 0.12, "4", np.where(drawn < worse * 0.25, "3", np.where(drawn < worse * 0.5, "2", "1")))
    able[drawn > worse] = "0"
    rate = np.where(elder, county["doctor_signed"]["elder"], county["doctor_signed"]["young"])
    signed = living & (rng.random(size) < rate)
    doctor = f"{site.place.township}卫生院{'一二三四五六七八九'[site.place.number % 9]}组"
    woman = living & frame["female"].to_numpy() & (age >= 20) & (age <= 41) & np.isin(frame["marital"], ("21", "22", "23"))
    pregnant = woman & (rng.random(size) < 0.035)
    due = np.where(pregnant, iso(site.day + rng.integers(5, 270, size).astype("timedelta64[D]")), "")
    return columns(
        frame,
        disability=kind,
        disability_grade=grade,
        disability_certificate=certificate,
        disability_cause=np.where(disabled, any_of(rng, settings("names")["causes"]["disability"], size), "").astype(object),
        hypertension=hypertension & living,
        diabetes=diabetes & living,
        mental=mental & living,
        tuberculosis=tuberculosis & living,
        serious=serious & living,
        disease=np.where(living, disease, "").astype(object),
        health=health.astype(object),
        care_ability=np.where(elder, able, "").astype(object),
        signed=signed,
        doctor=np.where(signed, doctor, "").astype(object),
        pregnant=pregnant,
        due_on=due.astype(object),
        blood=pick(rng, {"1": 28, "2": 24, "3": 34, "4": 8, "5": 6}, size),
        height=np.clip(
            np.where(age < 18, 50 + age * 6.6, np.where(frame["female"], 157, 168)) + rng.normal(0, 5, size), 45, 195
        ).astype(np.int64),
        weight=np.clip(
            np.where(age < 18, 4 + age * 3.0, np.where(frame["female"], 57, 66)) + rng.normal(0, 7, size), 3, 120
        ).astype(np.int64),
        death_cause=np.where(frame["state"] == "死亡", any_of(rng, settings("names")["causes"]["death"], size), "").astype(
            object
        ),
    )


def _family(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    """Who lives alone, who looks after whom. Only those who are really there count (常住)."""
    household, age = frame["household"].to_numpy(), frame["age"].to_numpy()
    homes = int(household.max()) + 1
    in_list = (frame["state"] == "在").to_numpy()
    here = np.isin(frame["residence"], ("1", "3"))
    present = np.bincount(household[here], minlength=homes)[household]
    adults = np.bincount(household[here & (age < 60)], minlength=homes)[household]
    elder = here & (age >= 60)
    living = np.where(~elder, "", np.where(present == 1, "独居", np.where(adults == 0, "空巢（与配偶同住）", "与子女同住")))
    members = np.bincount(household[in_list], minlength=homes)[household]
    guardian = _oldest(frame, here & (age >= 18))[household]
    guardian = np.where(guardian == "", _oldest(frame, in_list & (age >= 18))[household], guardian)
    child = in_list & (age < 18)
    contact = _oldest(frame, in_list & (age >= 18) & (age < 60))[household]
    orphan = child & (frame["kind"] == "祖孙").to_numpy()
    marks = np.where(frame["left_behind"], "农村留守儿童", np.where(orphan, "事实无人抚养儿童", ""))
    return columns(
        frame,
        living_with=living.astype(object),
        household_size=members.astype(np.int64),
        child_kind=marks.astype(object),
        guardian=np.where(child, guardian, "").astype(object),
        contact=contact.astype(object),
        orphan=orphan,
        bereaved=in_list & (age >= 49) & (site.rng.random(len(frame)) < settings("county")["bereaved"]),
    )


def _oldest(frame: pd.DataFrame, among: Flags) -> Texts:
    """Per household the pid of its oldest member among some, "" for none."""
    found = texts([""] * (int(frame["household"].max()) + 1))
    some = frame.loc[among, ["household", "age", "pid"]].sort_values("age", kind="stable")
    found[some["household"].to_numpy()] = some["pid"].to_numpy()  # the last assignment, the oldest, stays
    return found


def _relief(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    rng, relief = site.rng, settings("county")["relief"]
    household = frame["household"].to_numpy()
    homes, kind = int(household.max()) + 1, site.place.kind_key
    in_list = (frame["state"] == "在").to_numpy() & ~frame["migrant"].to_numpy()
    own = np.bincount(household[in_list], minlength=homes) > 0

    def any_in(flags: Flags) -> Flags:
        return np.bincount(household[flags & in_list], minlength=homes) > 0

    weak = (frame["disability_grade"].isin(["1", "2"]) | frame["serious"]).to_numpy()
    alone_elder = any_in((frame["kind"] == "独居老人").to_numpy())
    weight = np.where(alone_elder, relief["weight"]["elder_alone"], 1.0)
    weight *= np.where(any_in((frame["disability"] != "").to_numpy()), relief["weight"]["disabled"], 1.0)
    weight *= np.where(any_in(frame["serious"].to_numpy()), relief["weight"]["serious"], 1.0)
    rate = relief[f"low_income_{kind}"] * weight / weight[own].mean()
    unmarried = any_in((frame["marital"] == "10").to_numpy() & (frame["role"] < households.CHILD).to_numpy())
    destitute = own & alone_elder & unmarried & (rng.random(homes) < relief["destitute_of_alone_unmarried"])
    low = own & ~destitute & (rng.random(homes) < rate)
    single = low & any_in(weak) & (rng.random(homes) < relief["single_person"])
    margin = own & ~destitute & ~low & (rng.random(homes) < relief["margin"])
    code = np.where(low, "2" if site.place.rural else "1", np.where(margin, "5", "")).astype(object)
    code[destitute] = np.where(rng.random(homes) < 0.3, "4", "3")[destitute]
    covered = in_list & ((low & ~single) | destitute | margin)[household] | (in_list & single[household] & weak)
    low_amount, high_amount = relief[f"monthly_{kind}"]
    amount = np.where(
        low, rng.integers(low_amount // 10, high_amount // 10, homes) * 10, np.where(destitute, high_amount * 2 - 110, 0)
    )
    since = iso(site.days_ago(60, 3000, homes))
    person_code = np.where(covered, code[household], "").astype(object)
    lifted = own & site.place.rural & (rng.random(homes) < relief["lifted_out_village"])
    monitored = own & site.place.rural & (rng.random(homes) < relief["monitored_village"])
    causes = any_of(rng, settings("names")["causes"]["poverty"], homes)
    temporary = own & (rng.random(homes) < relief["temporary"])
    age = frame["age"].to_numpy()
    allowance = np.zeros(len(frame), np.int64)
    for start, sum_of_money in settings("county")["high_age"].items():
        allowance[in_list & (age >= int(start))] = sum_of_money
    poor = np.where(np.isin(code, ("1", "2", "3", "4")), 0.3, np.where(code == "5", 0.5, np.where(lifted | monitored, 0.65, 1.0)))
    frame["income"] = np.round(frame["income"] * poor[household], -2).astype(np.int64)
    number = np.where(code != "", f"{site.place.code}D" + padded(np.arange(homes), 5), "").astype(object)
    return columns(
        frame,
        relief=person_code,
        relief_household=np.where(in_list, code[household], "").astype(object),
        relief_amount=np.where(covered, amount[household], 0).astype(np.int64),
        relief_since=np.where(code != "", since, "").astype(object)[household],
        relief_number=number[household],
        lifted_out=lifted[household] & in_list,
        monitored=monitored[household] & in_list,
        monitor_kind=np.where(
            monitored, pick(rng, {"脱贫不稳定户": 4, "边缘易致贫户": 4, "突发严重困难户": 2}, homes), ""
        ).astype(object)[household],
        poverty_cause=np.where((code != "") | lifted | monitored, causes, "").astype(object)[household],
        temporary=np.where(temporary, rng.integers(5, 60, homes) * 100, 0).astype(np.int64)[household]
        * (frame["relation"] == "02"),
        temporary_on=np.where(temporary, iso(site.days_ago(5, 300, homes)), "").astype(object)[household],
        high_age_allowance=allowance,
        disability_living=in_list & (frame["disability"] != "").to_numpy() & (person_code != ""),
        disability_nursing=in_list & frame["disability_grade"].isin(["1", "2"]).to_numpy(),
    )


def _economy(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    """The household's year, in yuan: wages, business, property, transfers, expenses (four kinds of income of 住户收支调查)."""
    rng, household = site.rng, frame["household"].to_numpy()
    homes = int(household.max()) + 1
    farm = (frame["work"] == "务农").to_numpy()
    own_shop = (frame["work"] == "个体经营").to_numpy()
    year = frame["income"].to_numpy() * 12
    wages = np.bincount(household, weights=np.where(farm | own_shop, 0, year), minlength=homes)
    business = np.bincount(household, weights=np.where(farm | own_shop, year, 0), minlength=homes)
    transfer = np.bincount(
        household,
        weights=12 * (frame["pension_month"] + frame["relief_amount"] + frame["high_age_allowance"] + frame["veteran_pay"]),
        minlength=homes,
    )
    rent = np.where(rng.random(homes) < 0.2, rng.integers(3, 60, homes) * 100, 0)
    expense = (wages + business + transfer) * rng.uniform(0.35, 0.8, homes)
    numbers = {"wages": wages, "business": business, "transfer": transfer, "property": rent, "expense": expense}
    return columns(frame, **{f"year_{name}": np.round(values).astype(np.int64)[household] for name, values in numbers.items()})
