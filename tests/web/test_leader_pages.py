"""The leaders', stewards' and administrators' pages: roll-up, burden, opening, packages, audit, the first page."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select, update

from consolidation.desk import dispatch, drafts, review
from consolidation.desk.model import Actor, Role
from consolidation.store import State
from consolidation.store.schema import account, audit, element, figure, reminder, submission
from forms.periods import Period
from tests.browser import needs_browser
from tests.consolidation.desk.county import COUNTY, SHI, STEWARD, STONE, TOWN, WANG, WILLOW
from tests.desk_people import cheap_hashes  # noqa: F401 - a fixture
from tests.web.county import PERIOD, County, browsing, county
from tests.web.desk import csrf
from tests.web.test_sign_in_pages import accessible

BOSS = Actor("boss", "周主任", Role.ADMINISTRATOR, COUNTY)
PAGES = ["/", f"/rollups/{PERIOD}", "/burden", "/periods", "/periods/new", f"/periods/{PERIOD}", f"/packages/{PERIOD}"]


@pytest.fixture
def found(tmp_path: Path, cheap_hashes: None) -> Iterator[County]:  # noqa: F811
    with county(tmp_path) as one:
        stored = _password(one)
        row = {
            "id": BOSS.id,
            "login": BOSS.id,
            "name": BOSS.name,
            "role": str(BOSS.role),
            "region": BOSS.region,
            "password": stored,
        }
        one.desk.store.write(lambda c: c.execute(insert(account).values(**row)))
        yield one


def _password(found: County) -> str:
    with found.desk.store.read() as c:
        return str(c.execute(select(account.c.password).where(account.c.id == "wang")).scalar_one())


def fill(found: County, actor: Actor, place: str, area: str, beds: str, hand_in: bool = True) -> None:
    phone = next(i for name, i in found.made.names.items() if "电话" in name)
    values = {found.element("耕地面积"): area, found.element("养老床位"): beds, phone: "13800000000"}
    drafts.save_cells(found.desk, actor, place, PERIOD, [drafts.Cell(name, text) for name, text in values.items()])
    if hand_in:
        reasons = {one.fingerprint: "核对过" for one in _findings(found, actor, place)}
        review.submit(found.desk, actor, place, PERIOD, reasons)


def _findings(found: County, actor: Actor, place: str) -> tuple[object, ...]:
    from consolidation.desk.findings import findings

    return findings(found.desk, actor, place, PERIOD)  # type: ignore[return-value]


def post(found: County, login: str, path: str, **data: object):  # type: ignore[no-untyped-def]
    client = found.client(login)
    return client.post(path, data={"csrf": csrf(client, "/account"), **data})


def row_of(text: str, name: str) -> str:
    """The table's row of an element, without its tags."""
    rows = re.findall(r"<tr>.*?</tr>", text, re.S)
    return next(re.sub(r"<[^>]+>|\s+", " ", row) for row in rows if f'"row">{name}<' in row)


# ---- rolling up ---------------------------------------------------------------------------------------------------------
def test_who_has_not_reported_is_named_and_never_zero(found: County) -> None:
    fill(found, WANG, WILLOW, "12.5", "6")
    text = found.client("leader").get(f"/rollups/{PERIOD}").text
    row = row_of(text, "耕地面积")
    assert "12.5" in row and "已报 1/2：缺 石港村" in row and row.rstrip().endswith("缺")
    assert " 0 " not in row


def test_all_reported_adds_up_and_drafts_count_when_asked_for(found: County) -> None:
    fill(found, WANG, WILLOW, "12.5", "6")
    fill(found, SHI, STONE, "7.5", "0", hand_in=False)
    client = found.client("leader")
    assert "缺 石港村" in row_of(client.get(f"/rollups/{PERIOD}").text, "耕地面积")
    row = row_of(client.get(f"/rollups/{PERIOD}?drafts=true").text, "耕地面积")
    assert " 20 " in row and "缺" not in row


def test_the_steward_goes_down_from_the_county_and_the_leader_not_up(found: County) -> None:
    fill(found, WANG, WILLOW, "12.5", "6")
    text = found.client("steward").get(f"/rollups/{PERIOD}").text
    assert f"region={TOWN}" in text and "1/2" in row_of(text, "耕地面积")
    assert "柳坝村" in found.client("steward").get(f"/rollups/{PERIOD}?region={TOWN}").text
    leader = found.client("leader")
    assert leader.get(f"/rollups/{PERIOD}?region={COUNTY}").status_code == 404
    assert f'region={COUNTY}"' not in leader.get(f"/rollups/{PERIOD}").text
    assert found.client("stranger").get(f"/rollups/{PERIOD}?region={TOWN}").status_code == 404


def test_the_table_is_narrowed_by_form_word_and_what_is_missing(found: County) -> None:
    client = found.client("leader")
    text = client.get(f"/rollups/{PERIOD}?form=yanglao").text
    assert "养老床位" in text and ">耕地面积<" not in text
    assert ">耕地面积<" in client.get(f"/rollups/{PERIOD}?q=耕地").text
    fill(found, WANG, WILLOW, "12.5", "6")
    fill(found, SHI, STONE, "7.5", "0")
    assert "没有符合条件的项目" in client.get(f"/rollups/{PERIOD}?incomplete=true").text


def test_the_table_goes_to_excel_as_it_is_filtered(found: County) -> None:
    fill(found, WANG, WILLOW, "12.5", "6")
    data = found.client("leader").get(f"/rollups/{PERIOD}/download.xlsx?q=耕地").content
    rows = list(openpyxl.load_workbook(BytesIO(data)).active.iter_rows(min_row=3, values_only=True))
    assert rows[0][-2:] == ("柳坝村", "石港村") and len(rows) == 2
    assert rows[1][3] == 12.5 and rows[1][-2:] == (12.5, "缺")


def test_no_element_is_without_a_rule_and_a_steward_sets_it(found: County) -> None:
    found.client("leader").get(f"/rollups/{PERIOD}")
    with found.desk.store.read() as c:
        rules = {row.id: row.rollup for row in c.execute(select(element.c.id, element.c.rollup))}
    assert set(rules) == set(found.made.names.values()) and all(rules.values())
    beds = found.element("养老床位")
    path = f"/rollups/{PERIOD}/rule/{beds}"
    assert post(found, "leader", path, kind="max", reason="因为").status_code == 403
    assert post(found, "steward", path, kind="max", reason=" ").status_code == 422
    assert post(found, "steward", path, kind="drop table", reason="因为").status_code == 422
    assert post(found, "steward", path, kind="max", reason="取最大的一处").status_code == 303
    fill(found, WANG, WILLOW, "1", "6")
    fill(found, SHI, STONE, "1", "4")
    row = row_of(found.client("leader").get(f"/rollups/{PERIOD}").text, "养老床位")
    assert "取最大" in row and " 6 " in row


def test_a_yearly_figure_asked_in_october_is_found_where_it_is_held(found: County) -> None:
    from consolidation.desk.rollups import roll_up
    from consolidation.store import Entry, Key, figures

    found.client("leader").get(f"/rollups/{PERIOD}")
    area = found.element("耕地面积")
    entry = Entry(Key(area, WILLOW, "2026"), WILLOW, "9", State.REPORTED, "填报", actor="wang", at=found.desk.now())
    found.desk.store.write(lambda c: figures.save(c, entry))
    assert roll_up(found.desk, STEWARD, COUNTY, PERIOD, [area]).lines[0].value.text is None
    assert roll_up(found.desk, STEWARD, COUNTY, PERIOD, [area], periods={area: "2026"}).lines[0].value.text == "9"


# ---- burden -------------------------------------------------------------------------------------------------------------
def test_the_burden_of_the_month_counts_what_was_really_asked(found: County) -> None:
    fill(found, WANG, WILLOW, "12.5", "6")
    text = found.client("leader").get("/burden").text
    total = re.search(r"<tbody>\s*<tr><th scope=\"row\">2026-10</th>(.*?)</tr>", text, re.S)
    assert total is not None
    numbers = [int(float(cell)) for cell in re.findall(r">([\d.]+)</td>", total[1])]
    forms, fields, elements, cells, automatic, asked, empty, _ = numbers
    assert (forms, fields, elements, cells) == (2, 8, 7, 16)
    assert asked == 3 and automatic + asked + empty == cells and automatic > 0
    assert "假定值" in text and "公安局" in text and "民政局" in text


def test_the_numbers_of_the_burden_can_be_taken_away(found: County) -> None:
    client = found.client("leader")
    rows = client.get("/burden/download.csv").content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("报告期,部门,报表") and [row.split(",")[1] for row in rows[1:]] == ["合计", "公安局", "民政局"]
    sheet = openpyxl.load_workbook(BytesIO(client.get("/burden/download.xlsx").content)).active
    assert sheet["G4"].value == 16 and sheet["B4"].value == "合计"
    assert client.get("/burden/download.exe").status_code == 404
    assert found.client("wang").get(f"/burden?region={TOWN}").status_code == 404


def test_stewards_and_administrators_state_the_assumption(found: County) -> None:
    assert post(found, "leader", "/burden/assume", minutes="2", basis="计时").status_code == 403
    wrong = post(found, "steward", "/burden/assume", minutes="很久", basis="计时")
    assert wrong.status_code == 422 and "每个空的填写时间" in wrong.text
    assert post(found, "boss", "/burden/assume", minutes="2", basis="五人计时").status_code == 303
    assert "五人计时" in found.client("leader").get("/burden").text


# ---- opening ------------------------------------------------------------------------------------------------------------
def finished(found: County, login: str, path: str) -> str:
    """The page when its work has ended."""
    client = found.client(login)
    for _ in range(200):
        text = client.get(path).text
        if 'data-live="yes"' not in text and "排队" not in text:
            return text
        time.sleep(0.05)
    raise AssertionError("the work does not end")


def test_a_steward_opens_a_month_with_the_forms_that_are_due(found: County) -> None:
    page = found.client("steward").get("/periods/new?period=2026-12").text
    assert page.count(" checked") == 2 and "个工作日" in page and "云溪县（2 个村、社区）" in page
    answer = post(found, "steward", "/periods/new", period="2026-12", deadline="2027-01-08", top=COUNTY, form=["renkou"])
    assert answer.headers["location"] == "/periods/2026-12"
    text = finished(found, "steward", "/periods/2026-12")
    assert "完成（2/2）" in text and "柳坝村" in text and "1 张报表" in text
    with found.desk.store.read() as c:
        filled = c.execute(select(figure.c.region).where(figure.c.period == "2026-12").distinct()).scalars().all()
    assert set(filled) == {WILLOW, STONE}


@pytest.mark.parametrize(("change", "status"), [
    ({"period": PERIOD}, 409), ({"form": []}, 422), ({"form": ["nothing"]}, 404), ({"deadline": "明天"}, 422), ({"deadline": "2020-01-01"}, 422),
    ({"top": "110101"}, 404), ({"period": "<b>"}, 404),
])  # fmt: skip
def test_what_cannot_be_opened_is_refused(found: County, change: dict[str, object], status: int) -> None:
    given = {"period": "2026-12", "deadline": "2027-01-08", "top": COUNTY, "form": ["renkou"], **change}
    assert post(found, "steward", "/periods/new", **given).status_code == status


def test_only_leaders_and_stewards_open_and_only_below_them(found: County) -> None:
    given = {"period": "2026-12", "deadline": "2027-01-08", "form": ["renkou"]}
    assert post(found, "wang", "/periods/new", top=WILLOW, **given).status_code == 403
    assert post(found, "leader", "/periods/new", top=COUNTY, **given).status_code == 404
    assert found.client("wang").get("/periods").status_code == 403


def test_prefilling_again_leaves_what_people_wrote(found: County) -> None:
    people = found.element("户籍人口")
    drafts.save_cell(found.desk, WANG, WILLOW, PERIOD, drafts.Cell(people, "77", None, "入户核过"))
    assert post(found, "leader", f"/periods/{PERIOD}/prefill").status_code == 303
    assert "完成（2/2）" in finished(found, "leader", f"/periods/{PERIOD}")
    with found.desk.store.read() as c:
        assert c.execute(select(figure.c.value).where(figure.c.element == people, figure.c.region == WILLOW)).scalar_one() == "77"
    assert post(found, "leader", f"/periods/{PERIOD}/prefill", place=COUNTY).status_code == 404


def test_an_open_month_goes_to_places_that_were_left_out(found: County) -> None:
    dispatch.open_period(found.desk, STEWARD, Period.parse("2026-12"), date(2027, 1, 8), ["renkou"], WILLOW)
    assert "还没有布置的地方（1 个）" in found.client("leader").get("/periods/2026-12").text
    assert post(found, "leader", "/periods/2026-12/extend", deadline="2027-01-09").status_code == 303
    with found.desk.store.read() as c:
        rows = c.execute(select(submission.c.region, submission.c.deadline).where(submission.c.period == "2026-12")).all()
    assert {tuple(row) for row in rows} == {(WILLOW, "2027-01-08"), (STONE, "2027-01-09")}


# ---- packages -----------------------------------------------------------------------------------------------------------
def test_one_departments_forms_of_all_places_in_one_file(found: County) -> None:
    answer = post(found, "leader", f"/packages/{PERIOD}", department="民政局", kind="xlsx")
    path = answer.headers["location"]
    assert "下载" in finished(found, "leader", path)
    data = found.client("leader").get(f"{path}/file").content
    names = zipfile.ZipFile(BytesIO(data)).namelist()
    assert len(names) == 2 and all(name.startswith("民政局/") and name.endswith(".xlsx") for name in names)


def test_one_place_alone_and_nothing_of_elsewhere(found: County) -> None:
    path = post(found, "leader", f"/packages/{PERIOD}", place=STONE).headers["location"]
    finished(found, "leader", path)
    names = zipfile.ZipFile(BytesIO(found.client("leader").get(f"{path}/file").content)).namelist()
    assert len(names) == 2 and all("石港村" in name for name in names)
    assert post(found, "stranger", f"/packages/{PERIOD}", place=STONE).status_code == 404
    assert post(found, "leader", f"/packages/{PERIOD}", kind="exe").status_code == 404
    assert post(found, "wang", f"/packages/{PERIOD}").status_code == 403


def test_what_somebody_else_let_make_is_not_there(found: County) -> None:
    path = post(found, "leader", f"/packages/{PERIOD}", place=STONE).headers["location"]
    finished(found, "leader", path)
    for rest in ("", "/state", "/file"):
        assert found.client("steward").get(path + rest).status_code == 404
    assert post(found, "steward", f"{path}/stop").status_code == 404


# ---- audit --------------------------------------------------------------------------------------------------------------
def test_administrators_look_for_who_did_what(found: County) -> None:
    fill(found, WANG, WILLOW, "12.5", "6")
    boss = found.client("boss")
    text = boss.get("/audit?who=王填报&act=submit").text
    assert "王填报" in text and "提交" in text and "柳坝村" in text and "石填报" not in text
    assert "没有这样的记录" in boss.get("/audit?who=nobody").text
    assert "没有这样的记录" in boss.get("/audit?until=2020-01-01").text
    assert boss.get("/audit?since=gestern").status_code == 422
    assert boss.get("/audit?place=110101").status_code == 404
    for login in ("wang", "leader", "steward"):
        assert found.client(login).get("/audit").status_code == 403


def test_the_log_shows_nobodys_data(found: County) -> None:
    reason = "张建国的电话 13800000000 和 110101195001010018 登错了"
    found.desk.store.write(
        lambda c: found.desk.note(c, WANG, "correct", "电话13800000000", chain=WILLOW, reason=reason, period=PERIOD)
    )
    text = found.client("boss").get("/audit").text
    assert "张建国" not in text and "13800000000" not in text and "110101195001010018" not in text
    assert "（文字，这里不显示）" in text and "报告期 2026-10" in text


def test_a_changed_log_is_told(found: County) -> None:
    whole = post(found, "boss", "/audit/verify")
    assert "完整" in whole.text
    found.desk.store.write(lambda c: c.execute(update(audit).where(audit.c.act == "prefill").values(actor="nobody")))
    assert "对不上" in post(found, "boss", "/audit/verify").text
    assert "对不上" in found.client("boss").get("/").text
    assert post(found, "leader", "/audit/verify").status_code == 403


# ---- the first page -----------------------------------------------------------------------------------------------------
def remind(found: County, place: str, kind: str, text: str) -> None:
    row = {"region": place, "period": PERIOD, "kind": kind, "text": text, "at": found.desk.now()}
    found.desk.store.write(lambda c: c.execute(insert(reminder).values(**row)))


def test_a_worker_sees_what_is_due_and_says_that_a_reminder_was_seen(found: County) -> None:
    remind(found, WILLOW, "three-before", "还有三天")
    remind(found, STONE, "three-before", "石港村还有三天")
    client = found.client("wang")
    text = client.get("/").text
    assert "还需填写 <strong>3</strong> 项" in text and "1 条未看" in text and "石港村" not in text
    seq = re.search(r"/reminders/(\d+)/seen", text)
    assert seq is not None
    assert post(found, "shi", f"/reminders/{seq[1]}/seen").status_code == 404
    assert post(found, "wang", f"/reminders/{seq[1]}/seen").status_code == 303
    assert "0 条未看" in client.get("/").text


def test_a_leader_sees_what_waits(found: County) -> None:
    fill(found, WANG, WILLOW, "12.5", "6")
    text = re.sub(r"<[^>]+>", "", found.client("leader").get("/").text)
    assert "1个地方等着审核" in text and "1个正在填报" in text and "0个已通过" in text


def test_stewards_and_administrators_see_their_own(found: County) -> None:
    drafts.dispute(found.desk, WANG, WILLOW, PERIOD, found.element("户籍人口"), "少了一户")
    steward = re.sub(r"<[^>]+>", "", found.client("steward").get("/").text)
    assert "1个异议待处理" in steward and "0张报表待准入" in steward
    boss = re.sub(r"<[^>]+>", "", found.client("boss").get("/").text)
    assert "还没有备份过" in boss and "还没有核验过" in boss


def test_every_act_that_is_noted_has_a_name() -> None:
    from consolidation.desk.auditing import act_names

    told = set()
    for file in (*Path("consolidation").rglob("*.py"),):
        told |= set(re.findall(r'note\(\s*\w+, [\w.()]+, "([a-z.-]+)"', file.read_text(encoding="utf-8")))
    assert len(told) > 20 and told <= set(act_names()), told - set(act_names())


# ---- in a browser -------------------------------------------------------------------------------------------------------
def go(tab: Page, path: str) -> None:
    tab.goto("/".join(tab.url.split("/")[:3]) + path)


@needs_browser
def test_a_leader_finds_out_who_is_missing(found: County) -> None:
    fill(found, WANG, WILLOW, "12.5", "6")
    with browsing(found, "steward") as tab:
        tab.get_by_role("navigation", name="主导航").get_by_role("link", name="汇总", exact=True).click()
        row = tab.get_by_role("row", name=re.compile("^耕地面积"))
        expect(row).to_contain_text("缺 石港村")
        tab.get_by_role("columnheader", name="柳河镇").get_by_role("link").click()
        expect(tab.get_by_role("heading", level=1)).to_contain_text("柳河镇")
        expect(tab.get_by_role("row", name=re.compile("^耕地面积")).locator(".lack")).to_have_text("缺")
        tab.get_by_label("项目里有").fill("床位")
        tab.get_by_role("button", name="筛选").click()
        expect(tab.locator("table.rolled tbody tr:not(.chapter)")).to_have_count(1)
        with tab.expect_download() as got:
            tab.get_by_role("link", name="下载 Excel").click()
        assert got.value.suggested_filename == f"汇总-柳河镇-{PERIOD}.xlsx"


@needs_browser
def test_the_burden_is_read_without_colour(found: County) -> None:
    fill(found, WANG, WILLOW, "12.5", "6")
    with browsing(found, "steward") as tab:
        tab.get_by_role("navigation", name="主导航").get_by_role("link", name="减负", exact=True).click()
        bar = tab.get_by_role("img", name=re.compile("^2026-10：自动填好 .*请人填写 3 个"))
        expect(bar.locator("rect")).to_have_count(3)
        fills = bar.locator("rect").evaluate_all("all => all.map(one => getComputedStyle(one).fill)")
        assert len(set(fills)) == len(fills) == 3
        widths = bar.locator("rect").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
        assert all(width > 1 for width in widths)
        tab.get_by_label("每个空的填写时间").fill("2")
        tab.get_by_label("依据").fill("五位填报人计时")
        tab.get_by_role("button", name="修改假定值").click()
        expect(tab.locator("#assumptions + p + p")).to_contain_text("2 分钟")


@needs_browser
def test_a_steward_opens_a_month_and_watches_it_being_prefilled(found: County) -> None:
    with browsing(found, "steward") as tab:
        tab.get_by_role("navigation", name="主导航").get_by_role("link", name="报告期", exact=True).click()
        tab.get_by_role("button", name="下一步").click()
        tab.get_by_label("村养老服务情况统计表").uncheck()
        tab.get_by_label("截止日期").fill(f"{date.today().year + 1}-12-31")
        tab.get_by_role("button", name="开启并预填").click()
        expect(tab.get_by_role("status")).to_contain_text("完成（2/2）", timeout=15000)
        expect(tab.get_by_role("row", name=re.compile("柳坝村"))).to_contain_text("个")
        tab.get_by_role("button", name="全部重新预填").click()
        expect(tab.get_by_role("status")).to_contain_text("完成（2/2）", timeout=15000)


@pytest.mark.slow
@needs_browser
@pytest.mark.parametrize("size", [(1366, 768), (360, 740)])
def test_every_page_is_for_everybody(found: County, size: tuple[int, int]) -> None:
    fill(found, WANG, WILLOW, "12.5", "6")
    remind(found, STONE, "three-before", "还有三天")
    jobs = post(found, "boss", f"/packages/{PERIOD}", department="民政局").headers["location"]
    finished(found, "boss", jobs)
    rule = f"/rollups/{PERIOD}/rule/{found.element('养老床位')}"
    with browsing(found, "boss", *size, bypass_csp=True) as tab:
        for path in (*PAGES, "/audit", jobs, rule, f"/rollups/{PERIOD}?region={WILLOW}"):
            go(tab, path)
            accessible(tab)
    for login in ("leader", "shi"):
        with browsing(found, login, *size, bypass_csp=True) as tab:
            accessible(tab)
