"""What one cell can hold, what changed since the last period, what rosters count, and how the settings are checked."""

from __future__ import annotations

import shutil
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from consolidation.check import Force, Given, check, check_settings, explain
from consolidation.check.settings import FOLDER
from forms.model import CellValue, Form
from forms.periods import Period
from forms.problems import catalogue
from forms.values import Absence, DemoRegions
from forms.values.ids import check_digit
from tests.consolidation.inline import form, statistic
from tests.consolidation.test_check_relations import element, held, prepared, said

OCTOBER = Period.parse("2026-10")
DEMO = DemoRegions(("99",))
INVENTED = "99010119900307001" + check_digit("99010119900307001")


def codes(one: Form, path: str, value: CellValue) -> list[tuple[str, Force]]:
    of = prepared(one)
    found = check(of, Given(held(of, {path: value}), OCTOBER, demo=DEMO))
    return [(finding.code, finding.force) for finding in found.findings]


@pytest.mark.parametrize(
    ("label", "value", "code"),
    [
        ("低保人数[人]", -1, "check.least"),
        ("低保人数[人]", "12.5", "check.whole"),
        ("低保人数[人]", "十二", ""),
        ("低保人数[人]", "12人", ""),
        ("低保人数[人]", "12户", "check.unreadable"),
        ("低保人数[人]", "很多", "check.unreadable"),
        ("低保人数[人]", "5-6", "check.unreadable"),
        ("低保人数[人]", "约30", "check.approximate"),
        ("低保人数[人]", 0, ""),
        ("低保人数[人]", "无", ""),
        ("低保人数[人]", "—", ""),
        ("常住人口[万人]", "1.2345", ""),
        ("常住人口[万人]", "1.23456", "check.whole"),
        ("耕地面积[亩]", "12.5", ""),
        ("耕地面积[亩]", "-0.1", "check.least"),
        ("绿化覆盖率[%]", "100.1", "check.most"),
        ("绿化覆盖率[%]", "85%", ""),
        ("村集体净收入[万元]", "-3", ""),
    ],
)
def test_a_number_is_within_what_it_can_be(label: str, value: CellValue, code: str) -> None:
    found = codes(statistic("村社会经济基本情况统计表", label), label.partition("[")[0], value)
    assert [each for each, _ in found] == ([code] if code else [])


@pytest.mark.parametrize(
    ("label", "value", "code"),
    [
        ("年龄[岁]", 131, "check.most"),
        ("年龄[岁]", 0, ""),
        ("出生日期", "2026-11-01", "check.future"),
        ("出生日期", "2026-10-31", ""),
        ("出生日期", date(1990, 3, 7), ""),
        ("公民身份号码", INVENTED[:-1] + str((int(INVENTED[-1]) + 1) % 10), "check.unreadable"),
        ("联系电话", "1380", "check.doubtful-form"),
        ("性别{男|女}", "男", ""),
        ("性别{男|女}", "1", ""),
        ("性别{男|女}", "不男不女", "check.option"),
        ("婚姻状况{1.未婚|2.已婚|3.其他}", "别的", ""),
        ("备注事由", "很" * 501, "check.long"),
    ],
)
def test_a_fact_of_a_person_is_what_it_can_be(label: str, value: CellValue, code: str) -> None:
    path = label.partition("[")[0].partition("{")[0]
    assert [each for each, _ in codes(form("人员花名册", "姓名", label), path, value)] == ([code] if code else [])


def test_an_id_number_is_never_shown_whole() -> None:
    of = prepared(form("人员花名册", "姓名", "公民身份号码"))
    wrong = INVENTED[:-1] + str((int(INVENTED[-1]) + 1) % 10)
    finding = check(of, Given(held(of, {"公民身份号码": wrong}), OCTOBER, demo=DEMO)).hard[0]
    assert wrong not in repr(finding)


def test_what_an_id_number_says_is_compared_with_what_is_written() -> None:
    of = prepared(form("人员花名册", "姓名", "公民身份号码", "性别{男|女}", "出生日期"))
    right: dict[str, CellValue] = {"公民身份号码": INVENTED, "性别": "男", "出生日期": "1990-03-07"}
    assert not check(of, Given(held(of, right), OCTOBER, demo=DEMO)).findings
    wrong = check(of, Given(held(of, {**right, "性别": "女", "出生日期": "1990-03-08"}), OCTOBER, demo=DEMO))
    assert [f.code for f in wrong.findings] == ["check.identity", "check.identity"] and not wrong.hard


COUNTS = statistic("社会救助工作情况月报表", "低保人数[人]", "临时救助人次/本月[人次]", "救助人次/本年累计[人次]")


def test_blank_zero_dash_and_not_applicable_are_four_different_values() -> None:
    of = prepared(COUNTS)
    asked = frozenset({element(of, "低保人数")})

    def of_value(value: CellValue) -> list[tuple[str, Force]]:
        values = held(of, {"低保人数": value})
        return [(f.code, f.force) for f in check(of, Given(values, OCTOBER, required=asked)).findings]

    assert of_value(None) == of_value("  ") == of_value(Absence.BLANK) == [("check.missing", Force.HARD)]
    assert of_value(Decimal(0)) == of_value("0") == of_value("无") == []
    assert of_value("—") == of_value("不适用") == [("check.no-answer", Force.SOFT)]
    assert not check(of, Given(held(of, {"低保人数": None}), OCTOBER)).findings, "what is not required may be blank"


def changed(now: dict[str, CellValue], before: dict[str, CellValue], period: Period = OCTOBER) -> list[tuple[str, str]]:
    of = prepared(COUNTS)
    return said(check(of, Given(held(of, now), period, previous=held(of, before))).findings)


@pytest.mark.parametrize(
    ("now", "before", "asks"),
    [(100, 95, False), (100, 60, True), (3, 9, False), (40, 0, True), (0, 40, True), (5, 0, False)],
)
def test_a_change_asks_for_a_reason_when_it_is_large_and_not_of_a_few(now: int, before: int, asks: bool) -> None:
    assert (changed({"低保人数": now}, {"低保人数": before}) == [("check.change", "低保人数")]) is asks


def test_what_happens_within_a_month_may_vary_more_than_what_there_is_at_its_end() -> None:
    assert changed({"低保人数": 30}, {"低保人数": 18})
    assert not changed({"临时救助人次/本月": 30}, {"临时救助人次/本月": 18})


def test_a_cumulative_figure_never_falls_within_a_year_but_starts_anew_in_january() -> None:
    now: dict[str, CellValue] = {"救助人次/本年累计": 30}
    before: dict[str, CellValue] = {"救助人次/本年累计": 31}
    assert [code for code, _ in changed(now, before)] == ["check.fall"]
    assert not changed(now, before, Period.parse("2026-01"))


def test_a_change_against_last_year_is_asked_about_when_the_last_period_is_not_known() -> None:
    of = prepared(COUNTS)
    found = check(of, Given(held(of, {"低保人数": 100}), OCTOBER, last_year=held(of, {"低保人数": 50})))
    assert [f.code for f in found.soft] == ["check.change-year"] and "多了 50 人（100%）" in found.soft[0].message


def test_a_figure_of_last_year_is_what_was_reported_last_year() -> None:
    of = prepared(statistic("人口情况年报表", "享受低保人数/本年[人]", "享受低保人数/上年[人]"))
    values, then = held(of, {"享受低保人数/上年": 40}), held(of, {"享受低保人数/本年": 41})
    found = check(of, Given(values, Period.parse("2026"), last_year=then))
    assert not check(of, Given(held(of, {"享受低保人数/上年": 41}), Period.parse("2026"), last_year=then)).findings
    assert [f.code for f in found.soft] == ["check.repeat"]


def test_a_figure_that_is_not_what_its_roster_counts_asks_with_both_shown() -> None:
    of = prepared(COUNTS)
    figure = element(of, "低保人数")
    given = Given({figure: Decimal(40)}, OCTOBER, counted={figure: Decimal(38)}, roster_names={figure: "《低保对象花名册》"})
    (finding,) = check(of, given).findings
    assert finding.force is Force.SOFT and finding.code == "check.roster"
    assert all(text in finding.message for text in ("40", "38", "低保对象花名册", "相差 2 人"))
    assert "40" in finding.short and "38" in finding.short


def test_a_reason_for_a_change_is_asked_again_when_the_last_period_is_corrected() -> None:
    of = prepared(COUNTS)
    prints = {
        check(of, Given(held(of, {"低保人数": 100}), OCTOBER, previous=held(of, {"低保人数": n}))).soft[0].fingerprint
        for n in (10, 20)
    }
    assert len(prints) == 2


def test_every_wording_has_a_short_one() -> None:
    from consolidation.check.say import check_words

    worded = {code for code in catalogue() if code.startswith("check.") and code != "check.incomplete"}
    assert worded == set(check_words()["short"])


def test_the_shipped_settings_are_well_formed_and_a_bad_edit_is_told_in_words(tmp_path: Path) -> None:
    assert check_settings() == []
    folder = tmp_path / "checks"
    shutil.copytree(FOLDER, folder)
    with (folder / "ranges.yml").open("a", encoding="utf-8") as file:
        file.write("- {concept: [no-such], dimension: [heads], least: 5, most: 1, force: hard, why: 试}\n")
    faults = check_settings(folder)
    assert any("no-such" in fault for fault in faults) and any("heads" in fault for fault in faults)
    assert any("下限 5 大于上限 1" in fault for fault in faults)
    (folder / "changes.yml").write_text("thresholds: [", encoding="utf-8")
    assert len(check_settings(folder)) == 1


def test_three_hundred_elements_are_checked_in_less_than_a_blink() -> None:
    lines = [f"{group}/{sex}{age}岁[人]" for group in ("党员", "残疾人", "低保对象", "退役军人") for sex in ("男", "女")
             for age in [f"{low}-{low + 1}" for low in range(0, 76, 2)]]  # fmt: skip
    of = prepared(statistic("人口情况统计表", *lines))
    values: dict[str, CellValue] = {e.id: "12" for e in of.elements}
    given = Given(values, OCTOBER, previous=values, last_year=values, required=frozenset(values))
    check(of, given)
    start = time.perf_counter()
    check(of, given)
    assert len(of.elements) >= 300 and time.perf_counter() - start < 10


def test_explaining_gives_the_short_and_the_long_text() -> None:
    of = prepared(COUNTS)
    finding = check(of, Given({}, OCTOBER, required=frozenset({element(of, "低保人数")}))).hard[0]
    text = explain(finding)
    assert text.short == "“低保人数”还没有填" and "没有的数填 0" in text.long
