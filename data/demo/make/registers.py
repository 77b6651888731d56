"""What departments' registers note besides: service groups, follow-ups of the chronically ill, guardians, the housing survey.

Drawn from a generator of its own (`Site.aside`), so that these columns leave all that is drawn elsewhere as it is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.demo.make import households
from data.demo.make.people import Site, columns, iso
from data.demo.make.settings import Flags, Texts, any_of, pick, settings, texts


def registers(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    """The people with key_person, the doctor they signed with, chronic illness and its last follow-up, tie to the guardian."""
    aside = site.aside()
    return columns(
        frame,
        key_person=_key_person(aside, frame),
        doctor_name=np.where(frame["signed"], _doctor(aside), "").astype(object),
        chronic_kind=_chronic_kind(frame),
        followed_on=_followed_on(aside, frame),
        guardian_tie=_guardian_tie(frame),
    )


def survey(site: Site, dwellings: pd.DataFrame, person: pd.DataFrame) -> pd.DataFrame:
    """The dwellings with what a survey of house safety notes: land, who lives there, business, appraisal and remedy.

    A dwelling of its owner that nobody lives in stands idle, and no other does; `use` is put right accordingly.
    """
    aside, county = site.aside(), settings("county")["housing"]
    size, let = len(dwellings), dwellings["let"].to_numpy()
    here = person.loc[(person["state"] == "在") & person["residence"].isin(["1", "3"]), "hid"].value_counts()
    residents = dwellings["hid"].map(here).fillna(0).to_numpy().astype(np.int64)
    use = dwellings["use"].to_numpy(dtype=object).copy()
    use[~let & (use == "闲置")] = "住宅"
    use[~let & (residents == 0)] = "闲置"
    # 经营性自建房: self-built and used for business (国办发明电〔2022〕10号, 全国自建房安全专项整治)
    trades = (use == "商住两用") | dwellings["lease_use"].isin(["商业", "仓储"]).to_numpy()
    return dwellings.assign(
        use=use,
        land_kind=pick(aside.rng, county[f"land_kind_{site.place.kind_key}"], size),
        self_run=(dwellings["tenure"] == "1").to_numpy() & trades,
        residents=residents,
        appraised_on=_appraised_on(aside, dwellings),
        remedy=_remedy(aside, dwellings),
    )


def _key_person(site: Site, frame: pd.DataFrame) -> Flags:
    """重点服务对象: drawn by need, the declared share of all who are there."""
    county = settings("county")["key_service"]
    groups = {
        "relief": frame["relief"] != "",
        "alone": frame["living_with"] == "独居",
        "severe": frame["disability_grade"].isin(["1", "2"]),
        "mental": frame["mental"],
        "child": frame["child_kind"] != "",
    }
    there = (frame["state"] == "在").to_numpy()
    weight = np.ones(len(frame))
    for name, members in groups.items():
        weight += county["weight"][name] * members.to_numpy()
    rate = county["share"] * weight / weight[there].mean()
    flags: Flags = there & (site.rng.random(len(frame)) < rate)
    return flags


def _doctor(site: Site) -> str:
    """The name of the place's family doctor, of working age."""
    names, rng = settings("names"), site.rng
    era = next(era for era in names["given"] if site.as_of.year - 45 <= era["to"])
    given = any_of(rng, list(era["女" if rng.random() < 0.5 else "男"]), 2)
    return str(pick(rng, names["surnames"], 1)[0] + "".join(given.tolist()))


def _chronic_kind(frame: pd.DataFrame) -> Texts:
    """The illness under management (国家基本公共卫生服务规范 manages these four); the commonest first where there are several."""
    high, sugar = frame["hypertension"].to_numpy(), frame["diabetes"].to_numpy()
    cases = [high & sugar, high, sugar, frame["mental"].to_numpy(), frame["tuberculosis"].to_numpy()]
    words = texts(["高血压合并糖尿病", "高血压", "2型糖尿病", "严重精神障碍", "肺结核"])
    kind: Texts = np.select(cases, list(words), "").astype(object)
    return kind


def _followed_on(site: Site, frame: pd.DataFrame) -> Texts:
    """Follow-ups come four times a year (国家基本公共卫生服务规范); with some patients the last is longer ago."""
    size, late = len(frame), settings("county")["chronic"]["follow_up_late"]
    days = np.where(site.rng.random(size) < late, site.days_ago(100, 330, size), site.days_ago(21, 95, size))
    after = np.maximum(iso(days), frame["chronic_since"].to_numpy(dtype=object))  # never before the diagnosis
    found: Texts = np.where(_chronic_kind(frame) != "", after, "").astype(object)
    return found


def _guardian_tie(frame: pd.DataFrame) -> Texts:
    """What the guardian of a child is to the child: parent, grandparent or, where neither is there, a grown brother or sister."""
    guardian = frame.drop_duplicates("pid").set_index("pid").reindex(frame["guardian"])
    role = guardian["role"].to_numpy(dtype=float)
    maternal = ~frame["middle_m"].to_numpy()  # children of the household's daughter
    words = {households.MIDDLE_M: "父亲", households.MIDDLE_F: "母亲"}
    cases = [role == code for code in words]
    elder_m, elder_f = role == households.ELDER_M, role == households.ELDER_F
    cases += [elder_m & maternal, elder_m, elder_f & maternal, elder_f]
    sibling, female = role >= households.CHILD, (guardian["sex"] == "2").to_numpy()
    cases += [sibling & female, sibling]
    tie: Texts = np.select(cases, [*words.values(), "外祖父", "祖父", "外祖母", "祖母", "姐姐", "哥哥"], "").astype(object)
    return tie


def _appraised_on(site: Site, dwellings: pd.DataFrame) -> Texts:
    """The survey reached most houses that stood then; dangerous ones were appraised, many of them again later."""
    county, size = settings("county")["housing"]["appraisal"], len(dwellings)
    year = site.as_of.year - county["survey_years_ago"]
    surveyed = iso(np.datetime64(f"{year}-03-01") + site.rng.integers(0, 270, size).astype("timedelta64[D]"))
    later = iso(site.days_ago(100, 290, size))
    stood = dwellings["built"].to_numpy(dtype=object).astype(np.int64) < year
    bad = dwellings["danger"].isin(["C", "D"]).to_numpy()
    again = bad & (~stood | (site.rng.random(size) < county["again"]))
    reached = stood & (bad | (site.rng.random(size) < county["reached"]))
    days: Texts = np.where(again, later, np.where(reached, surveyed, "")).astype(object)
    return days


def _remedy(site: Site, dwellings: pd.DataFrame) -> Texts:
    """整治措施 by grade of danger (危险性鉴定 A to D) and by the hazard found."""
    weights, size = settings("county")["housing"]["remedy"], len(dwellings)
    danger, hazard = dwellings["danger"].to_numpy(), dwellings["hazard"].to_numpy()
    grave = (danger == "D") | (hazard == "重大隐患")
    some = (danger == "C") | (hazard == "一般隐患")
    chosen = np.where(some, pick(site.rng, weights["some"], size), "无需整治")
    measure: Texts = np.where(grave, pick(site.rng, weights["grave"], size), chosen).astype(object)
    return measure
