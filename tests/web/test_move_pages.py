"""The pages of moves: a village puts on its roster who moved there, the one they left answers, a steward decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from consolidation.desk import passwords
from consolidation.store import Store
from consolidation.store.migrate import upgrade
from consolidation.store.schema import account
from tests.browser import needs_browser
from tests.consolidation.desk.county import STONE, WILLOW
from tests.consolidation.desk.roster_county import FLOATER, FLOATING_ID, PERIOD, with_floating
from tests.desk_people import GOOD, cheap_hashes  # noqa: F401 - a fixture
from tests.web.county import County, browsing
from tests.web.desk import csrf
from tests.web.test_sign_in_pages import accessible

ROSTER = f"/rosters/{STONE}/{PERIOD}/{FLOATING_ID}"


@pytest.fixture
def found(tmp_path: Path, cheap_hashes: None) -> Iterator[County]:  # noqa: F811
    store = Store(f"sqlite:///{tmp_path / 'desk.db'}")
    upgrade(store)
    made = with_floating(store, tmp_path / "county", datetime.now(UTC))
    stored = passwords.hashed(GOOD)
    store.write(lambda c: c.execute(update(account).values(password=stored)).rowcount)
    try:
        yield County(made)
    finally:
        store.close()


def test_the_form_asks_for_the_number_first_and_not_for_what_it_says(found: County) -> None:
    page = found.client("shi").get(ROSTER + "/add").text
    asked = [part.partition('"')[0] for part in page.split('<label for="f')[1:]]
    names = [part.partition(">")[2].partition("<")[0] for part in page.split("<label for=")[1:]]
    assert names[0].startswith("公民身份号码") and len(asked) == 4 and not any(name.startswith("性别") for name in names)
    assert '<optgroup label="柳河镇">' in page and "柳坝村" in page and "邻县" not in page


def test_who_is_registered_elsewhere_is_added_once_the_move_is_said_and_the_old_village_hears(found: County) -> None:
    shi, wang = found.client("shi"), found.client("wang")
    given = {found.element("姓名"): "刘小流", found.element("公民身份号码"): FLOATER, "csrf": csrf(shi, "/account")}
    refused = shi.post(ROSTER + "/add", data=given)
    assert refused.status_code == 409 and '<details class="moving" open>' in refused.text
    assert shi.post(ROSTER + "/add", data={**given, "move.origin": WILLOW, "move.since": "2026-10-05"}).status_code == 303
    assert "人被其他村（社区）登记为搬走，请核对" in wang.get("/").text and "登记为搬走" not in shi.get("/").text
    gone = wang.get(f"/rosters/{WILLOW}/{PERIOD}/{FLOATING_ID}").text
    assert "搬到石港村" in gone and 'href="/moves">去核对' in gone and "撤销移出 刘小流" not in gone
    seen = found.client("steward").get("/moves").text
    assert "刘＊＊" in seen and "小流" not in seen and FLOATER not in seen
    assert "没有搬迁登记" in found.client("stranger").get("/moves").text
    told = wang.post("/moves/1", data={"what": "dispute", "reason": "", "csrf": csrf(wang, "/account")})
    assert told.status_code == 422 and "要写明" in told.text


@needs_browser
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (360, 740)])
def test_a_move_is_registered_disputed_and_decided_by_hand(found: County, width: int, height: int) -> None:
    with browsing(found, "shi", width, height, bypass_csp=True) as tab:
        go(tab, ROSTER)
        tab.get_by_role("link", name="新增一行").click()
        tab.get_by_label("公民身份号码").fill(FLOATER)
        tab.get_by_label("姓名").fill("刘小流")
        tab.get_by_text("从本县别的村（社区）搬来的").click()
        tab.get_by_label("从哪里搬来").select_option("柳坝村")
        tab.get_by_label("从哪天起住在这里").fill("2026-10-05")
        accessible(tab)
        tab.get_by_role("button", name="加到名册").click()
        expect(tab.get_by_role("link", name="刘小流")).to_be_visible()
        tab.get_by_role("navigation").get_by_role("link", name="搬迁").click()
        expect(tab.get_by_text("等原村（社区）核对")).to_be_visible()
        accessible(tab)
    with browsing(found, "wang", width, height, bypass_csp=True) as tab:
        tab.get_by_role("link", name="人被其他村（社区）登记为搬走，请核对").click()
        tab.get_by_text("没有搬走，提出异议").click()
        tab.get_by_label("为什么不对").fill("人还住在这里")
        accessible(tab)
        tab.get_by_role("button", name="提出异议").click()
        expect(tab.get_by_text("有异议，等数据管理员裁定")).to_be_visible()
    with browsing(found, "steward", width, height) as tab:
        tab.get_by_role("link", name="次搬迁有异议").click()
        tab.get_by_label("撤回的理由").fill("实地看过")
        tab.get_by_role("button", name="撤回，仍算在柳坝村").click()
        expect(tab.get_by_text("已撤回：仍算在原村（社区）")).to_be_visible()
    with browsing(found, "wang", width, height) as tab:
        go(tab, f"/rosters/{WILLOW}/{PERIOD}/{FLOATING_ID}")
        expect(tab.get_by_role("link", name="刘小流")).to_be_visible()


def go(tab: Page, path: str) -> None:
    tab.goto("/".join(tab.url.split("/", 3)[:3]) + path)
