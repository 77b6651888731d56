"""The pages of rosters: what HTTP answers to whom, and what a person does in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from playwright.sync_api import expect
from sqlalchemy import update

from consolidation.desk import passwords
from consolidation.store import Store
from consolidation.store.migrate import upgrade
from consolidation.store.schema import account
from tests.browser import needs_browser
from tests.consolidation.desk.county import STEWARD, STONE, WILLOW
from tests.consolidation.desk.roster_county import NEW, PERIOD, RESIDENTS_ID, many, with_households, with_rosters
from tests.desk_people import GOOD, cheap_hashes  # noqa: F401 - a fixture
from tests.web.county import County, browsing

ROSTER = f"/rosters/{WILLOW}/{PERIOD}/canji"


@pytest.fixture
def found(tmp_path: Path, cheap_hashes: None) -> Iterator[County]:  # noqa: F811
    store = Store(f"sqlite:///{tmp_path / 'desk.db'}")
    upgrade(store)
    made = with_rosters(store, tmp_path / "county", many(120), datetime.now(UTC))
    stored = passwords.hashed(GOOD)
    store.write(lambda c: c.execute(update(account).values(password=stored)).rowcount)
    try:
        yield County(made)
    finally:
        store.close()


def post(client: TestClient, path: str, data: dict[str, object], files: object = None) -> object:
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/account").text)
    assert token is not None
    return client.post(path, data={"csrf": token[1], **data}, files=files)


def subject(found: County, client: TestClient) -> str:
    match = re.search(r'data-subject="([0-9a-f]{32})"', client.get(ROSTER).text)
    assert match is not None
    return match[1]


def test_another_villages_rosters_and_rows_are_not_there(found: County) -> None:
    row = subject(found, found.client("wang"))
    for login in ("shi", "stranger"):
        client = found.client(login)
        for rest in ("", "/add", "/sheet.xlsx", "/form.xlsx", f"/rows/{row}"):
            assert client.get(ROSTER + rest).status_code == 404, rest
        for rest in (f"/rows/{row}/cell", f"/rows/{row}/remove", f"/rows/{row}/restore", "/uploads/1", "/imports/1/undo"):
            answer = post(client, ROSTER + rest, {"element": found.element("联系电话"), "text": "1", "reason": "死亡"})
            assert answer.status_code in (403, 404), rest
    own = f"/rosters/{STONE}/{PERIOD}/canji/rows/{row}"
    client = found.client("shi")
    assert client.get(own).status_code == 404
    assert post(client, own + "/cell", {"element": found.element("联系电话"), "text": "1"}).status_code == 404


def test_nothing_is_written_without_the_pages_own_token_or_by_those_who_only_look(found: County) -> None:
    row = subject(found, found.client("wang"))
    data = {"element": found.element("联系电话"), "text": "10030000077", "version": "0"}
    assert found.client("wang").post(f"{ROSTER}/rows/{row}/cell", data=data).status_code == 403
    assert post(found.client("leader"), f"{ROSTER}/rows/{row}/cell", data).status_code == 403


def test_those_who_do_not_work_with_the_people_see_them_masked(found: County) -> None:
    seen = found.client("steward").get(ROSTER).text
    assert "990101195001010010" not in seen and "张建国" not in seen and "10030000001" not in seen and "张＊＊" in seen
    assert found.client("steward").get(ROSTER + "/sheet.xlsx").status_code == 403
    assert "990101195001010010" in found.client("leader").get(ROSTER).text


def test_what_somebody_types_is_text_on_the_page_and_in_the_sheet(found: County) -> None:
    client = found.client("wang")
    row = subject(found, client)
    for text in ("<script>alert(1)</script>", '=HYPERLINK("http://x","y")', "@SUM(A1)"):
        assert post(client, f"{ROSTER}/rows/{row}/cell", {"element": found.element("现住址"), "text": text}).status_code in (
            200,
            409,
        )
        page = client.get(f"{ROSTER}/rows/{row}").text
        assert "<script>alert" not in page
        sheet = load_workbook(BytesIO(client.get(ROSTER + "/sheet.xlsx").content))["名册"]
        assert not [cell for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]


def test_a_file_that_is_none_is_told_on_the_page(found: County) -> None:
    answer = post(found.client("wang"), ROSTER + "/upload", {}, {"file": ("名册.exe", b"MZ", "application/octet-stream")})
    assert answer.status_code == 422 and "只收" in answer.text
    large = post(
        found.client("wang"), ROSTER + "/upload", {}, {"file": ("名册.xlsx", b"0" * (11 << 20), "application/octet-stream")}
    )
    assert large.status_code == 413


@needs_browser
@pytest.mark.parametrize(("width", "height"), [(1366, 768), pytest.param(360, 740, marks=pytest.mark.slow)])
def test_a_worker_edits_adds_removes_and_undoes(found: County, width: int, height: int) -> None:
    with browsing(found, "wang", width, height) as tab:
        tab.goto(tab.url.split("/", 3)[0] + "//" + tab.url.split("/", 3)[2] + f"/rosters/{WILLOW}/{PERIOD}")
        tab.get_by_role("link", name="残疾人花名册").click()
        tab.wait_for_load_state()
        expect(tab.get_by_role("link", name="张建国")).to_be_visible()
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        row = tab.locator("tr", has=tab.get_by_role("link", name="张建国"))
        cell = row.locator(f"td[data-element={found.element('联系电话')}]")
        cell.get_by_role("button").focus()
        tab.keyboard.press("Enter")
        tab.keyboard.press("Control+a")
        tab.keyboard.type("10039999988")
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("status")).to_contain_text("联系电话已保存")
        tab.reload()
        expect(row).to_contain_text("10039999988")
        expect(row).to_contain_text("共享数据：10030000001")
        tab.get_by_label("查找").fill("10039999988")
        tab.get_by_role("button", name="查找").click()
        expect(tab.locator("tbody tr")).to_have_count(1)
        assert "10039999988" not in tab.url
        tab.get_by_role("link", name="新增一行").click()
        tab.get_by_label("姓名").fill("李新")
        tab.get_by_label("公民身份号码").fill(NEW)
        tab.get_by_role("button", name="加到名册").click()
        tab.get_by_label("只看").select_option("改过的")
        tab.get_by_role("button", name="查找").click()
        expect(tab.locator("tbody tr")).to_have_count(2)
        tab.get_by_role("link", name="李新").click()
        tab.get_by_label("原因").select_option("登记有误")
        tab.get_by_role("button", name="移出", exact=True).click()
        expect(tab.get_by_role("heading", name="已移出（1）")).to_be_visible()
        tab.get_by_role("button", name="撤销移出 李新").click()
        expect(tab.get_by_role("heading", name="已移出")).to_have_count(0)
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@needs_browser
def test_a_worker_brings_a_sheet_back_and_sees_first_what_it_changes(found: County, tmp_path: Path) -> None:
    data = found.client("wang").get(ROSTER + "/sheet.xlsx").content
    book = load_workbook(BytesIO(data))
    sheet = book["名册"]
    titles = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, titles["联系电话"], "10030000066")
    last = next(line for line in range(2, 1000) if not sheet.cell(line, titles["姓名"]).value)
    sheet.cell(last, titles["姓名"], "李新")
    sheet.cell(last, titles["公民身份号码"], NEW)
    sheet.cell(last + 1, titles["姓名"], "没号码")
    path = tmp_path / "改好的名册.xlsx"
    book.save(path)
    with browsing(found, "wang") as tab:
        tab.goto(tab.url.split("/", 3)[0] + "//" + tab.url.split("/", 3)[2] + ROSTER)
        tab.get_by_label("选择文件").set_input_files(path)
        tab.get_by_role("button", name="上传并预览").click()
        expect(tab.get_by_text("还没有写入")).to_be_visible()
        expect(tab.get_by_role("heading", name="改动（1 行）")).to_be_visible()
        expect(tab.get_by_role("heading", name="不能采用（1 行）")).to_be_visible()
        tab.get_by_role("button", name="确认应用").click()
        expect(tab.get_by_text("新增 1 行 改动 1 行")).to_be_visible()
        tab.get_by_role("button", name="整批撤销").click()
        expect(tab.get_by_text("已撤销")).to_be_visible()


def test_where_lists_disagree_the_page_says_so_until_it_is_decided(found: County) -> None:
    from consolidation.desk import conflicts, dispatch

    dispatch.prefill(found.desk, STEWARD, WILLOW, PERIOD)
    client = found.client("wang")
    page = client.get(ROSTER).text
    assert "待裁定" in page and "持证残疾人" in page
    assert "来源不一致" in client.get(f"/desk/{PERIOD}/{WILLOW}/forms/canji").text
    one = next(each for each in conflicts.conflicts(found.desk, STEWARD) if each.name == "姓名")
    masked = found.client("steward").get(ROSTER).text
    assert "待裁定" in masked and str(one.other) not in masked
    conflicts.resolve(found.desk, STEWARD, one.seq, "other", "查过户口簿", "", one.version)
    page = client.get(ROSTER).text
    assert f">{one.other}</a>" in page and f"：{one.other}</small>" not in page


@pytest.fixture
def household(tmp_path: Path, cheap_hashes: None) -> Iterator[County]:  # noqa: F811
    store = Store(f"sqlite:///{tmp_path / 'desk.db'}")
    upgrade(store)
    made = with_households(store, tmp_path / "county", datetime.now(UTC))
    stored = passwords.hashed(GOOD)
    store.write(lambda c: c.execute(update(account).values(password=stored)).rowcount)
    try:
        yield County(made)
    finally:
        store.close()


@needs_browser
def test_what_a_household_shares_is_changed_in_all_its_rows_before_ones_eyes(household: County) -> None:
    with browsing(household, "wang") as tab:
        tab.goto("/".join(tab.url.split("/", 3)[:3]) + f"/rosters/{WILLOW}/{PERIOD}/{RESIDENTS_ID}")
        cells = tab.locator(f"td[data-element={household.element('户籍地址')}]")
        cells.nth(0).get_by_role("button").click()
        cells.nth(0).locator("input").fill("柳坝村8号")
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("status")).to_contain_text("同户另外 1 人的行一起改了")
        expect(cells).to_have_text(["柳坝村8号", "柳坝村2号", "柳坝村8号"])
        cells.nth(2).get_by_role("button").click()  # the version that was kept is that of all its rows
        cells.nth(2).locator("input").fill("柳坝村9号")
        tab.keyboard.press("Enter")
        expect(cells).to_have_text(["柳坝村9号", "柳坝村2号", "柳坝村9号"])
        tab.locator("th.roster-who a").first.click()
        expect(tab.get_by_text("全户共用：改了这一项，同户另外 1 人的行也一起改")).to_have_count(2)
