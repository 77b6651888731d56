"""The demo county: the same seed gives the same files, nobody in it can be real, and its faults are as declared."""

import csv
import hashlib
import re
import sqlite3
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import yaml

from consolidation.codes import load_codes
from data.demo.make import Manifest, generate
from data.demo.make.export import rows
from data.demo.make.identity import Sequence, credit_code, id_numbers
from data.demo.make.manifest import read_manifest
from data.demo.make.people import Site, ages
from data.demo.make.region import places
from data.demo.make.settings import settings, texts
from data.demo.make.truth import queries
from data.demo.make.views import Views, build

PEOPLE, PLACES = 900, 3
AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return generate(tmp_path_factory.mktemp("county"), people=PEOPLE, communities=PLACES)


@pytest.fixture(scope="module")
def village() -> Views:
    place = next(place for place in places(5, 20000) if place.rural)
    return build(Site(place, np.random.default_rng(7), AS_OF), 3000, Sequence(), 0)


def table(county: Manifest, name: str) -> list[dict[str, str]]:
    """A CSV list as rows by header."""
    dataset = county[name]
    with (county.folder / dataset.file).open(encoding=dataset.encoding, newline="") as file:
        return list(csv.DictReader(file))


def truth(county: Manifest, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(county.folder / "truth.db") as base:
        return base.execute(sql).fetchall()


def check_digit(number: str) -> str:
    """GB 11643, 4.2.4, worked out here once more on its own: sum of digit x 2^(17 - place) mod 11."""
    return "10X98765432"[sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(number[:17])) % 11]


# --- the same seed, the same files


def digests(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".db":
            found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.is_file():  # SQLite stamps its own version into a file
            with sqlite3.connect(path) as base:
                found[path.name] = hashlib.sha256("\n".join(base.iterdump()).encode()).hexdigest()
    return found


def test_one_seed_gives_the_same_files_and_another_seed_other_ones(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / name, people=120, communities=1, seed=seed)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a")["公安/户籍人口.csv"] != digests(tmp_path / "c")["公安/户籍人口.csv"]


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    generate(tmp_path, people=200, communities=2)
    (tmp_path / "mine.txt").write_text("not the generator's", encoding="utf-8")
    manifest = generate(tmp_path, people=60, communities=1)
    assert len(table(manifest, "police_residents")) < 70
    assert (tmp_path / "mine.txt").exists()


@pytest.mark.parametrize(("people", "communities"), [(10, 1), (100, 0), (100, 6)])
def test_too_few_people_are_refused(tmp_path: Path, people: int, communities: int) -> None:
    with pytest.raises(ValueError, match="20 people"):
        generate(tmp_path, people=people, communities=communities)


# --- nobody can be real


def test_id_numbers_are_right_unique_and_of_no_assigned_region(county: Manifest) -> None:
    people = truth(county, "SELECT id, birth, sex FROM person")
    regions = load_codes()["region"]
    assert len({number for number, _, _ in people}) == len(people)
    for number, birth, sex in people:
        assert isinstance(number, str)
        assert number[17] == check_digit(number)
        assert number[6:14] == str(birth).replace("-", "")
        assert (int(number[16]) % 2 == 1) == (sex == "1")
        assert not regions.assigned(number[:6])


def test_phones_and_accounts_are_given_out_by_nobody(county: Manifest) -> None:
    phones = {str(phone) for (phone,) in truth(county, "SELECT phone FROM person WHERE phone <> ''")}
    assert all(re.fullmatch(r"1003\d{7}", phone) for phone in phones)
    accounts = [row["卡号"] for row in table(county, "civil_old_age")]
    assert all(re.fullmatch(r"9900\d{15}", account) for account in accounts)


def test_order_numbers_go_on_over_places() -> None:
    orders, birth = Sequence(), np.array(["1980-01-01"] * 3, dtype="datetime64[D]")
    region, female = texts(["990101"] * 3), np.array([False, True, False])
    first, second = orders.next(region, birth, female), orders.next(region, birth, female)
    assert first.tolist() == [1, 2, 3]
    assert second.tolist() == [5, 4, 7]
    assert id_numbers(region, birth, first)[0] == "99010119800101001" + check_digit("99010119800101001")


def test_too_many_births_a_day_are_refused_rather_than_doubled() -> None:
    birth, region = np.array(["1980-01-01"] * 500, dtype="datetime64[D]"), texts(["990101"] * 500)
    with pytest.raises(OverflowError, match="more counties"):
        Sequence().next(region, birth, np.zeros(500, bool))


def test_credit_code_by_the_example_of_the_standard() -> None:
    code = credit_code("91", "990101", 12345)
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    assert len(code) == 18
    assert (
        sum(letters.index(sign) * 3**place % 31 for place, sign in enumerate(code[:17])) % 31
        == (31 - letters.index(code[17])) % 31
    )


# --- a county that hangs together


def test_the_asked_number_of_people_live_there(county: Manifest) -> None:
    assert truth(county, "SELECT COUNT(*) FROM person WHERE state = '在'") == [(PEOPLE,)]
    assert truth(county, "SELECT COUNT(DISTINCT village_code) FROM person") == [(PLACES,)]


def test_every_household_has_one_head(county: Manifest) -> None:
    heads = truth(county, "SELECT hid, SUM(relation = '02') FROM person WHERE state = '在' GROUP BY hid")
    assert {count for _, count in heads} == {1}


def test_age_counts_the_birthday_itself() -> None:
    birth = np.array(["1966-10-31", "1966-11-01", "2026-10-31"], dtype="datetime64[D]")
    assert ages(birth, np.datetime64("2026-10-31")).tolist() == [60, 59, 0]


def test_the_pyramid_is_that_of_an_inland_county(village: Views) -> None:
    living = village.person.loc[village.person["state"] == "在"]
    share = {name: float(mask.mean()) for name, mask in {
        "under 15": living["age"] < 15, "60 and over": living["age"] >= 60, "80 and over": living["age"] >= 80,
        "women": living["sex"] == "2", "away": living["residence"] == "2",
    }.items()}  # fmt: skip
    assert 0.08 < share["under 15"] < 0.24
    assert 0.16 < share["60 and over"] < 0.34
    assert 0.015 < share["80 and over"] < 0.08
    assert 0.45 < share["women"] < 0.55
    assert 0.08 < share["away"] < 0.30


def test_left_behind_children_have_both_parents_away_and_a_guardian(village: Views) -> None:
    people = village.person.set_index("pid")
    left = people.loc[people["left_behind"]]
    assert len(left) > 5
    assert (left["age"] < 16).all()
    for parent in ("father", "mother"):
        assert (people.loc[left[parent], "residence"] == "2").all()
    assert (left["guardian"] != "").mean() > 0.9


def test_relief_is_one_number_a_household(county: Manifest) -> None:
    shared = truth(
        county, "SELECT COUNT(DISTINCT hid) n FROM person WHERE relief_number <> '' GROUP BY relief_number HAVING n > 1"
    )
    assert shared == []


# --- departments' lists


def test_manifest_says_where_everything_is(county: Manifest) -> None:
    assert read_manifest(county.folder) == county
    assert len({dataset.department for dataset in county.datasets}) >= 9
    assert {dataset.format for dataset in county.datasets} == {"csv", "xlsx", "sqlite"}
    for dataset in county.datasets:
        assert (county.folder / dataset.file).is_file(), dataset.file
        assert dataset.level in {"person", "household", "housing", "enterprise", "village"}


def test_an_office_workbook_has_titles_over_its_header(county: Manifest) -> None:
    dataset = county["civil_relief"]
    sheet = openpyxl.load_workbook(county.folder / dataset.file)[dataset.table]
    assert dataset.header_row == 3
    assert [cell.value for cell in sheet[3]][:3] == ["序号", "救助证号", "户主姓名"]
    assert "A1:U1" in {str(block) for block in sheet.merged_cells.ranges}
    assert sheet.max_row == dataset.header_row + dataset.rows


def test_grouped_headers_are_merged(county: Manifest) -> None:
    dataset = county["police_rentals"]
    sheet = openpyxl.load_workbook(county.folder / dataset.file)[dataset.table]
    top, below = ([cell.value for cell in sheet[row]] for row in (dataset.header_row - 1, dataset.header_row))
    place = top.index("出租人")
    assert below[place : place + 3] == ["姓名", "身份证号", "联系电话"]
    assert top[place + 1] is None


def test_names_of_columns_and_ways_of_dates_differ(county: Manifest) -> None:
    def first(name: str, header: str) -> str:
        return next(row[header] for row in table(county, name) if row[header])

    assert re.fullmatch(r"\d{4}-\d\d-\d\d", first("police_residents", "出生日期"))
    assert re.fullmatch(r"\d{4}/\d+/\d+", first("labour_pension", "出生日期"))
    assert re.fullmatch(r"\d{8}", first("students", "出生日期"))
    assert re.fullmatch(r"\d{4}-\d\d", first("volunteers", "出生年月"))
    ids = {header for dataset in settings("datasets") for header, rule in dataset["columns"].items() if rule == "id"}
    assert {"公民身份号码", "身份证号", "证件号码"} <= ids


def test_a_link_names_the_person_behind_each_row(county: Manifest) -> None:
    printed = table(county, "labour_workers")
    links = truth(county, 'SELECT "row", who, faults FROM link WHERE dataset = \'labour_workers\' ORDER BY "row"')
    people = {pid: (name, number) for pid, name, number in truth(county, "SELECT pid, name, id FROM person")}
    assert [number for number, _, _ in links] == list(range(1, len(printed) + 1))
    for row, (_, who, faults) in zip(printed, links, strict=True):
        name, number = people[str(who)]
        assert (row["姓名"] == name) == ("typo" not in str(faults).split())
        assert row["身份证号"] == ("" if "missing_id" in str(faults) else number)


@pytest.mark.parametrize("name", ["health_records", "volunteers", "labour_workers", "medical_insurance"])
def test_faults_come_at_the_declared_rates(village: Views, name: str) -> None:
    spec = next(dataset for dataset in settings("datasets") if dataset["id"] == name)
    found = rows(spec, village, np.random.default_rng(11), 0)
    seen = Counter(fault for marks in found.faults for fault in marks.split())
    for fault, rate in spec["faults"].items():
        expected = rate * len(found.who)
        spread = 4 * max(expected, 1) ** 0.5
        highest = expected + spread
        lowest = (expected - spread) * (0.4 if fault in ("typo", "address") else 1)  # not every name has a look-alike
        assert lowest <= seen[fault] <= highest, (fault, seen[fault], expected)


def test_the_dead_stand_on_lists_that_are_not_kept_up(village: Views) -> None:
    spec = next(dataset for dataset in settings("datasets") if dataset["id"] == "health_records")
    found = rows(spec, village, np.random.default_rng(11), 0)
    state = dict(zip(village.person["pid"], village.person["state"], strict=True))
    dead = sum(state[who] == "死亡" for who in found.who)
    assert dead == pytest.approx(spec["stale"]["死亡"] * Counter(state.values())["死亡"], rel=0.6)


def test_village_figures_are_missing_as_declared(county: Manifest) -> None:
    figures = truth(county, "SELECT true, written FROM figure WHERE true <> ''")
    missing = sum(true != written for true, written in figures)
    assert missing / len(figures) == pytest.approx(settings("village")["missing"], abs=0.05)


def test_totals_of_the_village_accounts_are_right(county: Manifest) -> None:
    parts = "('经营收入(万元)', '发包及上交收入(万元)', '投资收益(万元)', '补助收入(万元)', '其他收入(万元)')"
    sums = truth(
        county,
        f"SELECT ROUND(SUM(CASE WHEN name IN {parts} THEN true END), 2), "  # noqa: S608
        "ROUND(SUM(CASE WHEN name = '村集体经济总收入(万元)' THEN true END), 2) FROM figure GROUP BY village_code",
    )
    assert any(total is not None for _, total in sums)
    assert all(total == added for added, total in sums)


def test_true_counts_stand_for_each_village(county: Manifest) -> None:
    counted = truth(county, 'SELECT key, SUM(value) FROM "count" GROUP BY key')
    known = {str(key): float(str(value)) for key, value in counted}
    assert known["pop.hj+m"] + known["pop.hj+f"] == known["pop.hj"]
    assert known["pop.cz+age0_14"] + known["pop.cz+age15_64"] + known["pop.cz+age65"] == known["pop.cz"]
    assert set(known) <= set(queries(2026))


def test_police_list_counts_to_the_truth_but_for_its_declared_gaps(county: Manifest) -> None:
    listed = sum(row["户籍状态"] == "正常" for row in table(county, "police_residents"))
    (registered,) = truth(county, "SELECT SUM(value) FROM \"count\" WHERE key = 'pop.hj'")[0]
    assert 0.98 * float(str(registered)) <= listed <= float(str(registered))


# --- any size


def test_regions_grow_with_the_county() -> None:
    many = places(400, 1_600_000)
    assert len({place.code for place in many}) == 400
    assert len({place.county_code for place in many}) == 3
    assert len({place.name for place in many}) == 400
    regions = load_codes()["region"]
    assert not any(regions.assigned(place.county_code) for place in many)


def test_more_people_than_counties_are_refused() -> None:
    with pytest.raises(ValueError, match="more counties"):
        places(5000, 20_000_000)


def test_settings_are_readable_and_name_known_things() -> None:
    codes = load_codes()
    for dataset in settings("datasets"):
        for rule in dataset["columns"].values():
            if "|code:" in rule:
                assert rule.split("code:")[1] in codes
    assert yaml.safe_dump(settings("county"))
