"""Departments' lists: read as they come, understood as forms are, people joined by number or by likeness."""

from __future__ import annotations

import re
import sqlite3
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from consolidation.fill import Fact, read_sources
from consolidation.fill.ids import ages, births, id_numbers, sexes
from consolidation.fill.model import DataSet
from consolidation.fill.people import join, mentions
from consolidation.lexicon import load_lexicon
from forms.values import DemoRegions
from forms.values.ids import check_digit

LEXICON = load_lexicon()
DEMO = DemoRegions(("99",))


def number(birth: str, order: int) -> str:
    first = f"990101{birth}{order:03d}"
    return first + check_digit(first)


def test_a_ragged_row_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "名册.csv").write_text("姓名,性别,年龄\n张三,男,60\n李四,女,70,多出\n王五\n", encoding="utf-8")
    found = read_sources(tmp_path, LEXICON)
    assert not found.problems
    assert list(found.datasets[0].frame[0]) == ["张三", "李四", "王五"]


def test_an_old_workbook_that_is_a_web_page_is_read(tmp_path: Path) -> None:
    page = "<table><tr><td>姓名</td><td>性别</td></tr><tr><td>张三</td><td>男</td></tr></table>"
    (tmp_path / "名册.xls").write_text(f"<html><meta charset='utf-8'>{page}</html>", encoding="utf-8")
    (found,) = read_sources(tmp_path, LEXICON).datasets
    assert [column.fact.concept for column in found.columns] == ["name", "sex"] and found.frame.loc[0, 0] == "张三"


@pytest.mark.parametrize("name", ["坏.xlsx", "坏.xls"])
def test_a_damaged_list_is_told_in_chinese_and_the_others_go_on(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04" + bytes(60))
    (tmp_path / "名册.csv").write_text("姓名,性别\n张三,男\n", encoding="utf-8")
    found = read_sources(tmp_path, LEXICON)
    assert len(found.datasets) == 1
    (told,) = found.problems
    assert (told.code, told.file) == ("file.damaged", name)
    assert not re.search(r"[a-z]+ [a-z]+", told.message)  # no library's English


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_below_its_title_lines_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "残联.csv").write_text(
        "持证残疾人名册\n\n姓名,身份证号,残疾类别,村（社区）\n张三,007,肢体,柳坝村\n", encoding=encoding
    )
    (found,) = read_sources(tmp_path, LEXICON).datasets
    assert found.name == "持证残疾人名册" and len(found.frame) == 1
    assert [column.fact.concept for column in found.columns] == ["name", "id-number", "disability-kind", "village"]
    assert found.frame.loc[0, 1] == "007"  # text stays text


def test_headers_in_two_rows_of_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["退役军人信息采集表"])
    sheet.append(["基本信息", None, "服役情况", None, "联系电话"])
    sheet.append(["姓名", "身份证号码", "入伍时间", "退役时间", None])
    sheet.append(["张三", number("19700102", 1), date(1990, 12, 1), "1993.12", 10031234567])
    book.save(tmp_path / "名册.xlsx")
    (found,) = read_sources(tmp_path, LEXICON).datasets
    assert [column.header for column in found.columns][:3] == ["基本信息/姓名", "基本信息/身份证号码", "服役情况/入伍时间"]
    assert list(found.frame.loc[0])[2:] == ["1990-12-01", "1993.12", "10031234567"]


def test_every_table_of_a_database_and_a_column_of_somebody_else_does_not_take_over(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "公共卫生.db") as base:
        base.execute("CREATE TABLE 健康档案 (姓名 TEXT, 证件号码 TEXT, 联系人姓名 TEXT, 联系人电话 TEXT, 身高 TEXT)")
        base.execute("INSERT INTO 健康档案 VALUES ('张三', '1', '李四', '2', '170')")
    (found,) = read_sources(tmp_path, LEXICON).datasets
    assert Fact("", "height") in [column.fact for column in found.columns]  # the person's own, not the contact's
    assert Fact("contact", "phone") in [column.fact for column in found.columns]


def test_a_broken_file_is_a_problem_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"")
    (tmp_path / "好.csv").write_text("姓名,性别\n张三,男\n", encoding="utf-8")
    sources = read_sources(tmp_path, LEXICON)
    assert [d.file for d in sources.datasets] == ["好.csv"]
    assert [(p.code, p.file) for p in sources.problems] == [("file.empty", "坏.xlsx")]


def test_numbers_are_checked_in_bulk_as_one_by_one() -> None:
    good = number("19601101", 1)
    given = pd.Series(
        [good, good.lower(), f" {good} ", good[:-1] + ("0" if good[-1] != "0" else "1"), "5.11E+17", "", good[:6] + good[8:17]]
    )
    assert list(id_numbers(given, DEMO)) == [good, good, good, "", "", "", number("19601101", 1)]
    assert list(id_numbers(given, DemoRegions())) == [""] * 7  # invented people are nobody in real data


def test_ages_are_those_of_the_periods_last_day() -> None:
    numbers = pd.Series([number("19601031", 1), number("19601101", 2), ""])
    assert list(ages(births(numbers), pd.Timestamp(2026, 10, 31)).fillna(-1)) == [66, 65, -1]
    assert list(sexes(numbers)) == ["男", "女", ""]


def people_list(name: str, *rows: tuple[str, str, str, str, str]) -> tuple[DataSet, pd.DataFrame]:
    from consolidation.fill.sources import Entry, Raw
    from consolidation.fill.understand import understand

    header = ("姓名", "身份证号", "性别", "出生日期", "现住址", "所属村（社区）")
    frame = pd.DataFrame([[*row, "柳坝村"] for row in rows], columns=range(6), dtype=object)
    dataset = understand(Raw(f"{name}.csv", "", name, header, frame), Entry(f"{name}.csv", level="person"), LEXICON)
    return dataset, mentions(dataset, "", id_numbers(frame[1], DEMO))


ZHANG = number("19601101", 1)
REGISTER = people_list(
    "户籍人口",
    ("张建国", ZHANG, "男", "1960-11-01", "柳坝村3组12号"),
    ("李秀英", number("19701203", 2), "女", "1970-12-03", "柳坝村1组2号"),
    ("王伟", number("19850506", 1), "男", "1985-05-06", "柳坝村2组7号"),
    ("王伟", number("19990909", 1), "男", "1999-09-09", "柳坝村2组7号"),
)


def test_a_row_without_number_is_the_person_whom_all_else_fits() -> None:
    joined = join([REGISTER, people_list("健康档案", ("张建国", "", "男", "1960-11-01", "柳坝村3组12号"))])
    assert joined.keys[1][0] == ZHANG and joined.linked == 1 and not joined.possible


def test_father_and_son_of_one_name_are_for_a_person_to_tell_apart() -> None:
    joined = join([REGISTER, people_list("健康档案", ("王伟", "", "男", "", "柳坝村2组7号"))])
    assert "#" in joined.keys[1][0]
    assert [p.name for p in joined.possible] in ([], ["王伟"])


def test_somebody_else_of_the_same_name_stays_apart() -> None:
    joined = join([REGISTER, people_list("健康档案", ("张建国", "", "男", "2001-02-03", "外地某处"))])
    assert joined.keys[1][0] != ZHANG
