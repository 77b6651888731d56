"""The demo county's registers hold what the shipped forms ask of departments, and hang together with the people they tell of."""

import csv
import json
import re
import sqlite3
from pathlib import Path

import openpyxl
import pytest

from data.demo.make import Manifest, generate

LIBRARY = Path(__file__).parents[2] / "forms" / "library"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return generate(tmp_path_factory.mktemp("county"), people=3000, communities=3)


def table(county: Manifest, name: str) -> list[dict[str, str]]:
    """A list as rows by header, whatever file it stands in."""
    held = county[name]
    path = county.folder / held.file
    if held.format == "sqlite":
        with sqlite3.connect(path) as base:
            found = base.execute(f'SELECT * FROM "{held.table}"')  # noqa: S608
            headers = [column[0] for column in found.description]
            return [dict(zip(headers, [value or "" for value in row], strict=True)) for row in found]
    if held.format == "xlsx":
        over, under, *lines = openpyxl.load_workbook(path)[held.table].iter_rows(min_row=held.header_row - 1, values_only=True)
        headers = [str(low or high) for high, low in zip(over, under, strict=True)]  # a lone header spans both rows
        return [dict(zip(headers, [str(value or "") for value in row], strict=True)) for row in lines]
    with path.open(encoding=held.encoding, newline="") as file:
        return list(csv.DictReader(file))


def truth(county: Manifest, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(county.folder / "truth.db") as base:
        return base.execute(sql).fetchall()


def options(form: str, label: str) -> set[str]:
    """What a shipped form lets one choose from."""
    fields = json.loads((LIBRARY / form / "fields.json").read_text(encoding="utf-8"))
    return set(next(field["options"] for field in fields if field["label"] == label))


@pytest.mark.parametrize(
    ("name", "header", "form", "label"),
    [
        ("police_residents", "居住类别", "gongan/shiyou-renkou", "居住类别"),
        ("police_migrants", "居住类别", "gongan/shiyou-renkou", "居住类别"),
        ("police_residents", "是否重点服务对象", "gongan/shiyou-renkou", "是否重点服务对象"),
        ("police_migrants", "是否重点服务对象", "gongan/shiyou-renkou", "是否重点服务对象"),
        ("houses", "土地性质", "zhujian/fangwu-anquan", "土地性质"),
        ("houses", "整治措施", "zhujian/fangwu-anquan", "整治措施"),
        ("houses", "是否经营性自建房", "zhujian/fangwu-anquan", "是否经营性自建房"),
        ("houses", "是否出租", "zhujian/fangwu-anquan", "是否出租"),
        ("health_records", "慢性病病种", "weijian/manbing-taizhang", "病种（填代码）"),
    ],
)
def test_values_are_what_the_form_offers(county: Manifest, name: str, header: str, form: str, label: str) -> None:
    seen = {row[header] for row in table(county, name)} - {""}
    assert seen
    assert seen <= options(form, label)


def test_who_is_away_lives_apart_from_the_register(county: Manifest) -> None:
    for row in table(county, "police_residents"):
        if row["户籍状态"] == "正常":
            assert row["居住类别"] == ("户籍人口（人户分离）" if row["是否外出半年以上"] == "是" else "户籍人口（人户一致）")
    assert {row["居住类别"] for row in table(county, "police_migrants")} == {"流动人口"}


def test_one_in_sixteen_is_looked_after(county: Manifest) -> None:
    rows = table(county, "police_residents")
    assert sum(row["是否重点服务对象"] == "是" for row in rows) / len(rows) == pytest.approx(0.06, abs=0.02)


def test_people_in_a_house_are_those_who_live_there(county: Manifest) -> None:
    found = truth(
        county,
        "SELECT house, COUNT(pid) FROM housing LEFT JOIN person ON person.hid = housing.hid "
        "AND state = '在' AND residence <> '2' GROUP BY house",
    )
    counted = {house: people for house, people in found}
    for row in table(county, "houses"):
        assert int(row["实际居住人数（人）"]) == counted[row["房屋编号"]]
        if row["房屋用途"] != "出租":
            assert (row["房屋用途"] == "闲置") == (row["实际居住人数（人）"] == "0")


def test_houses_on_the_rental_list_are_let(county: Manifest) -> None:
    rented = {row["房屋编码"] for row in table(county, "police_rentals")}
    assert rented
    assert {row["是否出租"] for row in table(county, "houses") if row["房屋编号"] in rented} == {"是"}


def test_dangerous_houses_are_appraised_and_put_right(county: Manifest) -> None:
    rows = table(county, "houses")
    bad = [row for row in rows if row["安全等级"] in ("C级", "D级")]
    assert bad
    assert all(row["鉴定日期"] and row["整治措施"] != "无需整治" for row in bad)
    assert all(row["整治措施"] == "无需整治" for row in rows if row["安全等级"] in ("A级", "B级") and row["隐患等级"] == "无")
    assert all(row["建成年份"] <= row["鉴定日期"][:4] for row in rows if row["鉴定日期"])
    assert sum(row["鉴定日期"].startswith("2023") for row in rows) > len(rows) / 2


def test_a_pension_account_is_one_persons_and_no_issuers(county: Manifest) -> None:
    owners: dict[str, set[str]] = {}
    for row in table(county, "labour_pension"):
        assert re.fullmatch(r"9900\d{15}", row["社保卡银行账号"])
        owners.setdefault(row["社保卡银行账号"], set()).add(row["证件号码"])
    assert all(len(numbers) == 1 for numbers in owners.values())


def test_who_signed_has_the_villages_doctor(county: Manifest) -> None:
    by_village: dict[str, set[str]] = {}
    for row in table(county, "health_records"):
        assert (row["签约医生"] != "") == (row["是否签约家庭医生"] == "是")
        by_village.setdefault(row["村居"], set()).add(row["签约医生"])
    assert len(by_village) == 3
    assert all(len(doctors - {""}) == 1 for doctors in by_village.values())


def test_the_chronically_ill_are_followed_up_after_the_diagnosis(county: Manifest) -> None:
    for row in table(county, "health_records"):
        ill = "是" in (row["高血压"], row["糖尿病"], row["严重精神障碍"], row["肺结核"])
        assert (row["慢性病病种"] != "") == (row["最近随访日期"] != "") == ill
        assert row["最近随访日期"] >= row["慢病确诊日期"]
        assert (row["慢性病病种"] == "高血压合并糖尿病") == (row["高血压"] == row["糖尿病"] == "是")


def test_a_pupils_guardian_is_the_parent_on_file(county: Manifest) -> None:
    rows = table(county, "students")
    assert all((row["监护人姓名"], row["监护人电话"]) == (row["家长姓名"], row["家长电话"]) for row in rows)
    assert all((row["监护人关系"] != "") == (row["监护人姓名"] != "") for row in rows)
    assert {"父亲", "母亲", "祖父", "祖母"} <= {row["监护人关系"] for row in rows}
    women = {"母亲", "祖母", "外祖母", "姐姐"}
    sex = {phone: code for phone, code in truth(county, "SELECT phone, sex FROM person WHERE phone <> ''")}
    assert all((row["监护人关系"] in women) == (sex[row["监护人电话"]] == "2") for row in rows if row["监护人姓名"])
