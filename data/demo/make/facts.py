"""Further facts of one person that departments keep: parents, examinations, contributions, moves, and the words for codes."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from consolidation.codes import load_codes, load_mappings
from data.demo.make import households
from data.demo.make.people import Site, columns, iso
from data.demo.make.settings import Flags, Texts, any_of, padded, pick, settings, texts

_lists = cache(load_codes)
_mappings = cache(load_mappings)


@cache
def names_of(code_list: str) -> dict[str, str]:
    """Code -> name of a list in data/codes."""
    return {code.code: code.name for code in _lists()[code_list].codes}


def facts(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with what is needed to print departments' lists."""
    frame = _ties(site, frame)
    frame = _moves(site, frame)
    frame = _examination(site, frame)
    return _payments(site, frame)


def _in_household(frame: pd.DataFrame, flags: Flags) -> Texts:
    """Per person the pid of the one of the household who is flagged, "" for none."""
    found = texts([""] * (int(frame["household"].max()) + 1))
    found[frame["household"].to_numpy()[flags]] = frame["pid"].to_numpy()[flags]
    result: Texts = found[frame["household"].to_numpy()]
    return result


def _ties(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    place, role = site.place, frame["role"].to_numpy()
    child = (role >= households.CHILD) & (role < 9)
    father, mother = _in_household(frame, role == households.MIDDLE_M), _in_household(frame, role == households.MIDDLE_F)
    back = _mappings()["education_short"]
    word = {code: names_of("education_short").get(back.back(code) or "", "") for code in names_of("education")}
    schooling = texts(frame["education"].map(word).tolist())
    schooling[schooling == ""] = np.where(frame["age"] < 6, "学龄前", "文盲或半文盲")[schooling == ""]
    political = (
        frame["political"]
        .map({"01": "中共党员", "02": "中共预备党员", "03": "共青团员", "13": "群众", "": ""})
        .to_numpy(dtype=object)
    )
    marital = frame["marital"].map({"10": "未婚", "21": "已婚", "22": "已婚", "23": "已婚", "30": "丧偶", "40": "离婚"})
    member = texts(list(map(str, frame.groupby("household").cumcount().add(1).tolist())))
    return columns(
        frame,
        head=_in_household(frame, (frame["relation"] == "02").to_numpy() & (frame["state"] == "在").to_numpy()),
        father=np.where(child, father, "").astype(object),
        mother=np.where(child, mother, "").astype(object),
        village=place.name,
        village_code=place.code,
        township=place.township,
        county=place.county,
        committee=place.committee,
        grid=place.name + "第" + texts([str(n) for n in (frame["household"].to_numpy() % 8 + 1).tolist()]) + "网格",
        schooling=schooling,
        political_word=political,
        marital_word=marital.to_numpy(dtype=object),
        member_number=member,
        hukou_kind="农业户口" if place.rural else "非农业户口",
        birth_year=frame["birth"].to_numpy().astype("datetime64[Y]").astype(np.int64) + 1970,
        period_year=site.as_of.year,
        gone_year=texts([int(day[:4]) if day else 0 for day in frame["gone_on"].tolist()]).astype(np.int64),
        guard_state=np.where(frame["left_behind"], "父母双方外出", "").astype(object),
    )


def _moves(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    rng, size = site.rng, len(frame)
    born_this_year = (frame["birth"].to_numpy().astype("datetime64[Y]") == site.day.astype("datetime64[Y]")) & ~frame[
        "migrant"
    ].to_numpy()
    moved_in = ~frame["migrant"].to_numpy() & (frame["state"] == "在").to_numpy() & (rng.random(size) < 0.05) & ~born_this_year
    when = np.where(rng.random(size) < 0.12, iso(site.days_ago(5, 300, size)), iso(site.days_ago(310, 8000, size)))
    origin = any_of(rng, ["县内", "市内", "省内", "省外"], size)
    gone = (frame["state"] == "迁出").to_numpy()
    in_reason = pick(rng, {"务工": 66, "经商": 12, "随迁": 14, "就学": 4, "投靠亲属": 4}, size)
    migrant = frame["migrant"].to_numpy()
    former = np.where(rng.random(size) < 0.02, frame["surname"].to_numpy() + any_of(rng, list("国建秀英小明春"), size), "")
    return columns(
        frame,
        moved_in_on=np.where(moved_in, when, "").astype(object),
        moved_from=np.where(moved_in, origin, "").astype(object),
        moved_to=np.where(gone, any_of(rng, ["市内", "省内", "省外"], size), "").astype(object),
        former_name=former.astype(object),
        arrived_on=np.where(migrant, iso(site.days_ago(20, 2200, size)), "").astype(object),
        in_reason=np.where(migrant, np.where(frame["age"] < 16, "随迁", in_reason), "").astype(object),
        permit=np.where(migrant & (rng.random(size) < 0.7), "99" + padded(rng.integers(10**10, size=size), 10), "").astype(
            object
        ),
        lodging=np.where(migrant, pick(rng, {"租赁房屋": 88, "单位宿舍": 8, "借住亲友家": 4}, size), "").astype(object),
    )


def _examination(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    """Figures of the yearly check-up (国家基本公共卫生服务规范); blank for those who were not examined."""
    rng, size, age = site.rng, len(frame), frame["age"].to_numpy()
    examined = (frame["state"] == "在").to_numpy() & (rng.random(size) < np.where(age >= 65, 0.78, np.where(age < 7, 0.9, 0.22)))
    high = np.round(112 + age * 0.22 + 18 * frame["hypertension"] + rng.normal(0, 8, size)).astype(np.int64)

    def known(values: Texts) -> Texts:
        return np.where(examined, values, "").astype(object)

    smoke = pick(rng, {"从不吸烟": 70, "已戒烟": 8, "吸烟": 22}, size)
    packs = np.where(age >= 65, "老年人包", np.where(age < 7, "儿童包", np.where(frame["hypertension"], "高血压包", "基础包")))
    chronic = frame["hypertension"] | frame["diabetes"]
    return columns(
        frame,
        examined_on=known(iso(site.days_ago(5, 330, size))),
        pressure_high=known(texts([str(n) for n in high.tolist()])),
        pressure_low=known(texts([str(round(n * 0.62)) for n in high.tolist()])),
        pulse=known(texts([str(n) for n in rng.integers(58, 96, size).tolist()])),
        sugar=known(texts([f"{n:.1f}" for n in (5.2 + 2.4 * frame["diabetes"] + rng.normal(0, 0.5, size)).tolist()])),
        waist=known(texts([str(n) for n in rng.integers(62, 101, size).tolist()])),
        smoking=np.where(age < 16, "从不吸烟", smoke).astype(object),
        drinking=np.where(age < 16, "从不", pick(rng, {"从不": 64, "偶尔": 26, "经常": 7, "每天": 3}, size)).astype(object),
        exercise=pick(rng, {"每天": 28, "每周一次以上": 24, "偶尔": 30, "不锻炼": 18}, size),
        chronic_control=np.where(chronic, pick(rng, {"控制满意": 66, "控制不满意": 34}, size), "").astype(object),
        chronic_since=np.where(chronic, iso(site.days_ago(100, 4000, size)), "").astype(object),
        health_file=np.where(frame["state"] == "在", f"{site.place.code}" + padded(np.arange(size) + 1, 5), "").astype(object),
        doctor_package=np.where(frame["signed"], packs, "").astype(object),
        signed_on=np.where(frame["signed"], iso(site.days_ago(10, 290, size)), "").astype(object),
        self_care=frame["care_ability"]
        .map(
            {
                "": "",
                "0": "完全自理",
                "1": "部分丧失自理能力",
                "2": "部分丧失自理能力",
                "3": "完全丧失自理能力",
                "4": "完全丧失自理能力",
            }
        )
        .to_numpy(dtype=object),
    )


def _payments(site: Site, frame: pd.DataFrame) -> pd.DataFrame:
    rng, size, age = site.rng, len(frame), frame["age"].to_numpy()
    years = np.clip(age - 20 - rng.integers(0, 25, size), 1, 40)
    resident = (frame["pension"] == "170").to_numpy()
    paid_aid = np.isin(frame["relief"], ("1", "2", "3", "4")) | frame["disability_grade"].isin(["1", "2"]).to_numpy()
    standard = 400  # yuan a year and person, the contribution to the residents' medical insurance for 2026
    insured = (frame["medical"] == "390").to_numpy()
    help_kind = np.where(
        np.isin(frame["relief"], ("3", "4")),
        "特困人员",
        np.where(
            np.isin(frame["relief"], ("1", "2")),
            "低保对象",
            np.where(
                frame["monitored"],
                "监测对象",
                np.where(
                    frame["disability_grade"].isin(["1", "2"]),
                    "重度残疾人",
                    np.where(frame["relief"] == "5", "低保边缘家庭成员", "普通居民"),
                ),
            ),
        ),
    )
    party = frame["political"].isin(["01", "02"]).to_numpy()
    return columns(
        frame,
        insured_kind=np.where(frame["medical"] != "", help_kind, "").astype(object),
        medical_paid=np.where(insured, np.where(paid_aid, 0, standard), 0),
        medical_aid=np.where(insured & paid_aid, standard, 0),
        pension_from=np.where(resident & (age < 60), iso(site.days_ago(400, 5000, size)), "").astype(object),
        pension_start=np.where(frame["pension_state"] == "待遇领取", iso(site.days_ago(20, 5400, size)), "").astype(object),
        pension_years=np.where(resident, years, 0),
        pension_subsidy=np.where(frame["pension_grade"] > 0, 30 + frame["pension_grade"] // 20, 0),
        volunteer_from=np.where(frame["volunteer"], iso(site.days_ago(30, 2500, size)), "").astype(object),
        volunteer_hours=np.where(frame["volunteer"], rng.integers(2, 400, size), 0),
        veteran_card=np.where(frame["veteran"] != "", "示优" + padded(rng.integers(10**8, size=size), 8), "").astype(object),
        party_kind=np.where(frame["political"] == "01", "正式党员", np.where(frame["political"] == "02", "预备党员", "")).astype(
            object
        ),
        party_flow=party & (frame["residence"] == "2").to_numpy(),
        party_fee=np.where(party, rng.integers(1, 40, size), 0),
        job_place=np.where(
            frame["away_place"] != "", frame["away_place"], np.where(frame["income"] > 0, "乡（镇）内", "")
        ).astype(object),
        job_card=np.where(frame["registered_jobless"], "99" + padded(rng.integers(10**12, size=size), 14), "").astype(object),
        jobless_since=np.where(frame["registered_jobless"], iso(site.days_ago(30, 900, size)), "").astype(object),
        temporary_bank=any_of(rng, settings("county")["bank"]["names"], size),
    )
