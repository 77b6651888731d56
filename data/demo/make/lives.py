"""What the people of a place do: school, marriage, work, party, service, insurance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.demo.make import households
from data.demo.make.identity import bank_accounts
from data.demo.make.people import Site, columns, iso
from data.demo.make.settings import Flags, Texts, any_of, padded, pick, settings, texts

# Stage of schooling by age (Compulsory Education Law, article 11: six years old), with the share that attends.
_STAGES = (
    (3, 5, "学前教育", 0.94),
    (6, 11, "小学", 1.0),
    (12, 14, "初中", 0.995),
    (18, 19, "大学专科", 0.24),
    (18, 21, "大学本科", 0.34),
)
_GRADES = {"小学": "一二三四五六", "初中": "七八九", "普通高中": "一二三", "中等职业学校": "一二三", "学前教育": "小中大"}
_FINISHED = {
    "学前教育": "90",
    "小学": "90",
    "初中": "81",
    "普通高中": "71",
    "中等职业学校": "71",
    "大学专科": "61",
    "大学本科": "61",
}


def lives(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with schooling, marriage, work, party, service and insurance. Empty text = does not apply."""
    frame = _school(site, frame)
    frame = _marriage(site, frame)
    frame = _work(site, frame)
    frame = _party(site, frame)
    frame = _service(site, frame)
    return _insurance(site, frame)


def _school(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    rng, age, size = site.rng, frame["age"].to_numpy(), len(frame)
    stage = texts([""] * size)
    for low, high, name, share in _STAGES:
        stage[(age >= low) & (age <= high) & (rng.random(size) < share) & (stage == "")] = name
    senior = (age >= 15) & (age <= 17) & (rng.random(size) < 0.94)
    stage[senior] = np.where(rng.random(size) < 0.6, "普通高中", "中等职业学校")[senior]
    stage[(frame["state"] != "在").to_numpy()] = ""
    education = texts([""] * size)
    first = 0
    for band in settings("county")["education"]:
        here = (age >= first) & (age <= band["to"])
        education[here] = pick(rng, band["codes"], size)[here]
        first = band["to"] + 1
    school, grade = texts([""] * size), texts([""] * size)
    for name, schools in settings("names")["schools"].items():
        here = stage == name
        education[here] = _FINISHED[name]
        near = site.place.township if name in ("学前教育", "小学", "初中") else ""
        school[here] = near + any_of(rng, schools, int(here.sum()))
        if name in _GRADES:
            steps = _GRADES[name]
            start = {"小学": 6, "初中": 12, "学前教育": 3}.get(name, 15)
            before = "高" if name == "普通高中" else ""
            at = np.clip(age[here] - start, 0, len(steps) - 1)
            grade[here] = before + texts(list(steps))[at] + {"学前教育": "班", "普通高中": ""}.get(name, "年级")
    away = (frame["residence"] == "2").to_numpy() & (school != "")
    school[away] = "外地学校"
    pupil = np.isin(stage, ("小学", "初中", "普通高中", "中等职业学校"))
    boards = pupil & (rng.random(size) < np.where(np.isin(stage, ("普通高中", "中等职业学校")), 0.85, 0.12))
    number = np.where(stage != "", "G" + frame["id"].to_numpy(), "").astype(object)
    return columns(frame, stage=stage, education=education, school=school, grade=grade, boards=boards, school_number=number)


def _marriage(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    rng, size, age = site.rng, len(frame), frame["age"].to_numpy()
    role, female = frame["role"].to_numpy(), frame["female"].to_numpy()
    elder = np.isin(role, (households.ELDER_M, households.ELDER_F))
    couple = np.where(elder, frame["elder_m"] & frame["elder_f"], frame["middle_m"] & frame["middle_f"]) & (
        role < households.CHILD
    )
    married = pick(rng, {"21": 95, "22": 4, "23": 1}, size)
    left = pick(rng, {"30": 80, "10": 12, "40": 8}, size)
    single = np.where(age < 35, pick(rng, {"10": 88, "40": 12}, size), pick(rng, {"10": 48, "40": 40, "30": 12}, size))
    parent = (role < households.CHILD) & ~elder & np.isin(frame["kind"], ("单亲",))
    status = np.where(couple, married, np.where(elder, left, np.where(parent, pick(rng, {"40": 65, "30": 35}, size), single)))
    status[(role >= households.CHILD) & ((age < 22 - 2 * female) | (rng.random(size) < 0.93))] = "10"
    status[age < 20] = "10"
    since = np.where(status != "10", iso(site.day - np.clip((age - 24) * 365, 100, None).astype("timedelta64[D]")), "")
    spouse = _spouses(frame, couple)
    return columns(frame, marital=status.astype(object), married_on=since.astype(object), spouse=spouse)


def _spouses(frame: pd.DataFrame, couple: NDArray[Any]) -> Texts:
    """The pid of husband or wife in the same household and generation, "" for none."""
    role = frame["role"].to_numpy()
    partner_role = np.array([1, 0, 3, 2])[np.minimum(role, 3)]
    key = frame["household"].to_numpy() * 10 + role
    there = dict(zip(key[couple].tolist(), frame["pid"].to_numpy()[couple].tolist(), strict=True))
    wanted = (frame["household"].to_numpy() * 10 + partner_role).tolist()
    return texts([there.get(place, "") if tied else "" for place, tied in zip(wanted, couple.tolist(), strict=True)])


def _work(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    rng, size, age = site.rng, len(frame), frame["age"].to_numpy()
    rural, away = site.place.rural, (frame["residence"] == "2").to_numpy()
    here = {"务农": 44, "企业就业": 18, "灵活就业": 15, "个体经营": 9, "机关事业单位": 4, "公益性岗位": 2, "未就业": 8}
    town = {"企业就业": 40, "灵活就业": 18, "个体经营": 15, "机关事业单位": 13, "公益性岗位": 2, "未就业": 11, "务农": 1}
    gone = {"企业就业": 66, "灵活就业": 24, "个体经营": 9, "机关事业单位": 1}
    work = np.where(away | frame["migrant"], pick(rng, gone, size), pick(rng, here if rural else town, size)).astype(object)
    old = age >= np.where(frame["female"], 56, 61)  # 2025 on: retirement ages rise step by step; farmers go on
    work[old] = np.where(rng.random(size) < (0.42 if rural else 0.04), "务农", "离退休")[old]
    work[old & (age >= 75)] = "离退休"
    work[(frame["stage"] != "").to_numpy()] = "在校学生"
    work[age < 16] = np.where(frame["stage"] != "", "在校学生", "")[age < 16]
    unable = (age >= 16) & ~old & (work == "未就业") & (rng.random(size) < 0.3)
    work[unable] = "无劳动能力"
    names = settings("names")
    occupation, unit = texts([""] * size), texts([""] * size)
    for kind, words in names["occupations"].items():
        at = work == kind
        occupation[at] = any_of(rng, words, int(at.sum()))
    for kind, words in names["employers"].items():
        at = work == kind
        unit[at] = any_of(rng, words, int(at.sum()))
    unit[away & (unit != "")] = "外地用人单位"
    earns = np.isin(work, list(names["occupations"]))
    income = np.where(earns, np.round(rng.lognormal(np.where(work == "务农", 7.35, 8.25), 0.35, size), -2), 0).astype(np.int64)
    lost = (work == "未就业") & (rng.random(size) < 0.35)
    skills = np.where(
        earns & (rng.random(size) < 0.16), any_of(rng, ["电工证", "驾驶证", "育婴员证", "厨师证", "焊工证"], size), ""
    )
    labour = np.where(
        age < 16,
        "无劳动力",
        np.where(work == "无劳动能力", "丧失劳动力", np.where(age >= 65, "弱劳动力或半劳动力", "普通劳动力")),
    )
    labour[(age >= 80) | (work == "在校学生")] = "无劳动力"
    labour[(skills != "") & (labour == "普通劳动力")] = "技能劳动力"
    return columns(
        frame,
        work=work,
        occupation=occupation,
        work_unit=unit,
        income=income,
        registered_jobless=lost,
        skill=skills.astype(object),
        labour=labour.astype(object),
    )


def _party(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    rng, size, age = site.rng, len(frame), frame["age"].to_numpy()
    county = settings("county")
    rate = county["party"]["rate" if site.place.rural else "community_rate"]
    factor = np.where(frame["female"], 0.6, 1.35) * np.where(age < 25, 0.35, np.where(age > 60, 1.4, 1.0))
    living = (frame["state"] == "在").to_numpy() & ~frame["migrant"].to_numpy()
    member = (age >= 19) & living & (rng.random(size) < rate * 1.25 * factor)
    probationary = member & (rng.random(size) < county["party"]["probationary"]) & (age < 50)
    joined_age = np.minimum(age - 1, rng.integers(18, 46, size))
    joined = site.day - ((age - joined_age) * 365 + rng.integers(0, 300, size)).astype("timedelta64[D]")
    joined = np.where(probationary, site.days_ago(20, 350, size), np.minimum(joined, site.day - np.timedelta64(400, "D")))
    league = living & (age >= 14) & (age <= 27) & ~member & (rng.random(size) < county["league"])
    political = np.where(probationary, "02", np.where(member, "01", np.where(league, "03", np.where(age < 14, "", "13"))))
    full = np.where(member & ~probationary, iso((joined + np.timedelta64(365, "D")).astype("datetime64[D]")), "")
    branch = np.where(member, f"{site.place.name}党支部" if site.place.rural else f"{site.place.name}第一党支部", "")
    post = texts([""] * size)
    fit = np.flatnonzero(member & ~probationary & (age >= 28) & (age <= 59) & (frame["residence"] == "1").to_numpy())
    posts = ["书记、主任", "副书记", "副主任", "委员", "委员", "委员", "监督委员会主任"]
    for place, name in zip(fit, posts, strict=False):
        post[place] = f"村{name}" if site.place.rural else f"社区{name}"
    return columns(
        frame,
        political=political.astype(object),
        party_joined=np.where(member, iso(joined), "").astype(object),
        party_full=full.astype(object),
        party_branch=branch.astype(object),
        post=post,
        party_poor=member & (rng.random(size) < 0.06),
        volunteer=living & (age >= 16) & (rng.random(size) < county["volunteer"]),
    )


def _service(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    rng, size, age = site.rng, len(frame), frame["age"].to_numpy()
    veteran = settings("county")["veteran"]
    living = (frame["state"] == "在").to_numpy() & ~frame["migrant"].to_numpy()
    served = living & (age >= 21) & (age <= 92) & (rng.random(size) < veteran["rate"] * np.where(frame["female"], 0.06, 1.3))
    kind = np.where(served, pick(rng, veteran["special"], size), "").astype(object)
    kind[(kind == "35") & ((age < 60) | (not site.place.rural))] = "20"
    kind[(kind == "31") & (age < 86)] = "20"  # 在乡复员军人 enlisted before November 1954
    drawn = rng.random(size)
    kind[living & (kind == "") & (age >= 40) & (drawn < veteran["martyr_family"])] = "40"
    family = living & (kind == "") & (age >= 38) & (drawn > 1 - veteran["soldier_family"])
    kind[family] = "50"
    serving = (
        living
        & (kind == "")
        & (age >= 18)
        & (age <= 24)
        & ~frame["female"].to_numpy()
        & (rng.random(size) < veteran["serving"] * 9)
    )
    kind[serving] = "10"
    joined = site.day - ((age - 19) * 365 + rng.integers(0, 200, size)).astype("timedelta64[D]")
    army = (served | serving) & (kind != "")
    left = np.where(served, iso(joined + (rng.integers(2, 9, size) * 365).astype("timedelta64[D]")), "")
    pay = np.where(np.isin(kind, ("30", "31", "32", "33", "34", "35", "40")), rng.integers(60, 320, size) * 10, 0)
    unit = np.where(army, any_of(rng, settings("names")["army"], size), "").astype(object)
    return columns(
        frame,
        veteran=kind,
        enlisted=np.where(army, iso(joined), "").astype(object),
        discharged=left.astype(object),
        army_unit=unit,
        veteran_pay=pay.astype(np.int64),
    )


def _insurance(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    rng, size, age = site.rng, len(frame), frame["age"].to_numpy()
    rates = settings("county")["insurance"]
    living = (frame["state"] == "在").to_numpy()
    here: Flags = living & (~frame["migrant"].to_numpy() | (rng.random(size) < rates["migrant_here"]))
    worker = np.isin(frame["work"], ("企业就业", "机关事业单位")) & (rng.random(size) < 0.72)
    pensioner = (frame["work"] == "离退休").to_numpy() & (rng.random(size) < (0.08 if site.place.rural else 0.55))
    medical = np.where(worker | pensioner, "310", "390").astype(object)
    medical[~here | (rng.random(size) >= rates["medical"])] = ""
    pension = np.where(worker | pensioner, np.where(frame["work"] == "机关事业单位", "120", "110"), "170").astype(object)
    none = ~here | (age < 16) | (frame["work"] == "在校学生").to_numpy() | (rng.random(size) >= rates["pension"])
    pension[none] = ""
    receives = (pension == "170") & (age >= 60) | ((pension != "") & pensioner)
    paused = (pension != "") & ~receives & (rng.random(size) < 0.04)
    state = np.where(pension == "", "", np.where(receives, "待遇领取", np.where(paused, "暂停缴费", "参保缴费")))
    amount = np.where(receives, np.where(pension == "170", rng.integers(143, 260, size), rng.integers(190, 460, size) * 10), 0)
    grade = np.where(
        (pension == "170") & ~receives, rng.choice([200, 300, 500, 1000, 2000], size, p=[0.5, 0.2, 0.16, 0.1, 0.04]), 0
    )
    account = np.where(age >= 16, bank_accounts(rng, size), "").astype(object)
    return columns(
        frame,
        medical=medical,
        pension=pension,
        pension_state=state.astype(object),
        pension_month=amount.astype(np.int64),
        pension_grade=grade.astype(np.int64),
        bank=np.where(account != "", any_of(rng, settings("county")["bank"]["names"], size), ""),
        account=account,
        medical_on=np.where(medical != "", iso(site.days_ago(300, 420, size)), "").astype(object),
        social_card=np.where(living, "99" + padded(rng.integers(10**7, size=size), 7), "").astype(object),
        only_child=(frame["role"] >= households.CHILD).to_numpy() & (rng.random(size) < settings("county")["only_child"]),
    )
