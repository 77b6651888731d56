"""The worker's and the leader's pages: what HTTP answers, and what a person does in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from consolidation.desk import worksheet
from tests.browser import needs_browser
from tests.consolidation.desk.county import WANG, WILLOW
from tests.desk_people import cheap_hashes  # noqa: F401 - a fixture
from tests.web.county import PERIOD, County, browsing, county

SHEET = f"/desk/{PERIOD}/{WILLOW}"


@pytest.fixture
def found(tmp_path: Path, cheap_hashes: None) -> Iterator[County]:  # noqa: F811
    with county(tmp_path) as one:
        yield one


def send(found: County, login: str, path: str, body: dict[str, object]) -> object:
    client = found.client(login)
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/desk" if login in ("wang", "shi") else "/account").text)
    if token is None:
        token = re.search(r'name="csrf" value="([^"]+)"', client.get("/account").text)
    assert token is not None
    return client.post(path, json=body, headers={"X-CSRF-Token": token[1]})


def test_nobody_sees_a_report_without_signing_in(found: County) -> None:
    assert found.client().get(SHEET).headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("rest", ["", "/submit", "/forms", "/forms/yanglao", "/download/yanglao.xlsx", "/package.zip"])
def test_another_villages_pages_are_not_there(found: County, rest: str) -> None:
    assert found.client("shi").get(SHEET + rest).status_code == 404
    assert found.client("stranger").get(SHEET + rest).status_code == 404


def test_another_villages_cells_cannot_be_saved(found: County) -> None:
    cell = {"element": found.element("耕地面积"), "text": "5"}
    assert send(found, "shi", f"{SHEET}/cells", {"cells": [cell]}).status_code == 404
    assert send(found, "leader", f"{SHEET}/cells", {"cells": [cell]}).status_code == 403


def test_nothing_is_saved_without_the_pages_own_token(found: County) -> None:
    client = found.client("wang")
    assert client.post(f"{SHEET}/cells", json={"cells": []}).status_code == 403


def test_a_save_tells_what_was_kept_and_what_was_not(found: County) -> None:
    good, bad = found.element("耕地面积"), found.element("养老床位")
    body = {
        "cells": [
            {"element": good, "text": "12.50"},
            {"element": bad, "text": "<b>几张</b>"},
            {"element": "nothing", "text": "1"},
        ]
    }
    said = send(found, "wang", f"{SHEET}/cells", body).json()
    assert [(one["element"], one["value"]) for one in said["saved"]] == [(good, "12.5")]
    assert set(said["refused"]) == {bad, "nothing"} and "养老床位" in said["refused"][bad]["message"]


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "-1+1", "<script>alert(1)</script>", '"><img src=x>']
)
def test_what_people_type_is_text_on_the_page_and_in_the_form(found: County, text: str) -> None:
    phone = next(i for name, i in found.made.names.items() if "电话" in name)
    assert send(found, "wang", f"{SHEET}/cells", {"cells": [{"element": phone, "text": text}]}).json()["saved"]
    client = found.client("wang")
    for path in (SHEET, f"{SHEET}/forms/yanglao", f"{SHEET}/cell/{phone}"):
        shown = client.get(path).text
        assert "<script>alert" not in shown and "<img src=x" not in shown
    data = client.get(f"{SHEET}/download/yanglao.xlsx").content
    assert b"<f>" not in _sheet(data)


def _sheet(data: bytes) -> bytes:
    import zipfile
    from io import BytesIO

    with zipfile.ZipFile(BytesIO(data)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist() if "worksheets/" in name)


def test_the_plain_form_works_without_script(found: County) -> None:
    client = found.client("wang")
    page = client.get(SHEET).text
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token is not None
    area = found.element("耕地面积")
    data = {"csrf": token[1], f"v:{area}": "8", f"n:{area}": "0", f"o:{area}": ""}
    assert client.post(f"{SHEET}/save", data=data).status_code == 303
    assert 'value="8"' in client.get(SHEET).text


# ---- in a browser -------------------------------------------------------------------------------------------------------
@needs_browser
def test_a_month_from_the_first_cell_to_approval(found: County) -> None:
    with browsing(found, "wang") as tab:
        tab.get_by_role("navigation").get_by_role("link", name="填报", exact=True).click()
        expect(tab.locator("#progress")).to_contain_text("还需填写")
        people = tab.get_by_label("户籍人口", exact=True)
        expect(people).to_have_value("2")
        assert people.get_attribute("readonly") is not None
        tab.get_by_label("耕地面积", exact=True).fill("１２.5")
        tab.get_by_label("耕地面积", exact=True).press("Enter")
        expect(tab.locator("#kept")).to_contain_text("已自动保存", timeout=15000)
        tab.get_by_label("养老床位", exact=True).fill("很多")
        expect(tab.locator(".wrong")).to_contain_text("养老床位", timeout=15000)
        tab.get_by_label("养老床位", exact=True).fill("6")
        tab.get_by_label("村文书联系电话", exact=True).fill("13800000000")
        tab.get_by_label("村文书联系电话", exact=True).press("Tab")
        expect(tab.locator("#progress")).to_contain_text("都填好了")
        expect(tab.locator("tr.waiting")).to_have_count(0, timeout=15000)
        tab.reload()
        expect(tab.get_by_label("耕地面积", exact=True)).to_have_value("12.5")
        tab.get_by_role("link", name="检查并提交").click()
        for reason in tab.locator("ol.soft input").all():
            reason.fill("核对过")
        tab.get_by_role("button", name="提交").click()
        expect(tab.locator(".standing")).to_contain_text("已提交")
        tab.get_by_role("link", name="看各部门报表").click()
        tab.get_by_role("link", name="村养老服务情况统计表").click()
        expect(tab.locator(".picture")).to_contain_text("13800000000")
    with browsing(found, "leader") as tab:
        tab.get_by_role("navigation").get_by_role("link", name="审核", exact=True).click()
        tab.get_by_label("选 柳坝村").check()
        tab.get_by_role("button", name="通过选中的").click()
        expect(tab.locator("tr.state-approved")).to_contain_text("柳坝村")


@needs_browser
def test_drafts_survive_a_lost_connection_and_a_closed_tab(found: County) -> None:
    with browsing(found, "wang", expected=("net::ERR_INTERNET_DISCONNECTED",)) as tab:
        address = "/".join(tab.url.split("/")[:3]) + SHEET
        tab.goto(address)
        tab.context.set_offline(True)
        tab.get_by_label("耕地面积", exact=True).fill("77")
        expect(tab.locator("#kept")).to_contain_text("网络断了", timeout=15000)
        again = tab.context.new_page()
        tab.close()
        again.context.set_offline(False)
        again.goto(address)
        expect(again.get_by_label("耕地面积", exact=True)).to_have_value("77")
        expect(again.locator("#kept")).to_contain_text("已自动保存", timeout=15000)
    sheet = worksheet.worksheet(found.desk, WANG, WILLOW, PERIOD)
    assert [item.value for item in sheet.items if item.name == "耕地面积"] == ["77"]


@needs_browser
def test_cells_copied_from_excel_go_where_their_names_are(found: County) -> None:
    with browsing(found, "wang") as tab:
        tab.goto("/".join(tab.url.split("/")[:3]) + SHEET)
        paste = """text => {
          const data = new DataTransfer(); data.setData('text/plain', text);
          document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
        tab.get_by_label("耕地面积", exact=True).focus()
        tab.evaluate(paste, "养老床位\t9\n耕地面积\t1,250.5\n没有的栏\t3\n")
        expect(tab.get_by_label("养老床位", exact=True)).to_have_value("9")
        expect(tab.get_by_label("耕地面积", exact=True)).to_have_value(re.compile("1,?250.5"))
        expect(tab.locator("tr.waiting")).to_have_count(0, timeout=15000)
    values = {item.name: item.value for item in worksheet.worksheet(found.desk, WANG, WILLOW, PERIOD).items}
    assert (values["养老床位"], values["耕地面积"]) == ("9", "1250.5")


@needs_browser
def test_on_a_phone_nothing_is_wider_than_the_screen(found: County) -> None:
    with browsing(found, "wang", 360, 740) as tab:
        for path in (SHEET, f"{SHEET}/forms", f"{SHEET}/submit", f"{SHEET}/cell/{found.element('户籍人口')}"):
            tab.goto("/".join(tab.url.split("/")[:3]) + path)
            assert tab.evaluate("document.documentElement.scrollWidth") <= 360, path
