"""Closing a period and opening it again, on the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from consolidation.desk import tokens
from consolidation.desk.model import PROGRAM
from tests.browser import needs_browser
from tests.consolidation.desk.county import STONE, TOWN, WILLOW
from tests.desk_people import cheap_hashes  # noqa: F401 - a fixture
from tests.web.county import PERIOD, County, browsing, county
from tests.web.desk import csrf
from tests.web.test_sign_in_pages import accessible

PATH = f"/periods/{PERIOD}"


@pytest.fixture
def found(tmp_path: Path, cheap_hashes: None) -> Iterator[County]:  # noqa: F811
    with county(tmp_path) as one:
        yield one


def post(found: County, login: str, path: str, **data: object):  # type: ignore[no-untyped-def]
    client = found.client(login)
    return client.post(path, data={"csrf": csrf(client, "/account"), **data})


def test_the_page_names_what_is_open_and_asks_for_the_reason(found: County) -> None:
    text = found.client("leader").get(PATH).text
    assert "还有 2 个地方没有通过审核" in text and 'name="reason"' in text
    told = post(found, "leader", f"{PATH}/close", reason="")
    assert told.status_code == 422 and "柳坝村（待填报）" in told.text
    assert post(found, "leader", f"{PATH}/close", reason="县里今天上报").status_code == 303
    again = post(found, "leader", f"{PATH}/close", reason="再来")
    assert again.status_code == 409 and "本期已结束" in again.text
    assert "已结束" in found.client("leader").get("/periods").text
    assert post(found, "leader", f"{PATH}/reopen", reason=" ").status_code == 422
    assert post(found, "leader", f"{PATH}/reopen", reason="石港村漏报").status_code == 303


def test_a_worker_sees_that_it_is_over_and_cannot_type(found: County) -> None:
    post(found, "leader", f"{PATH}/close", reason="县里今天上报")
    text = found.client("wang").get(f"/desk/{PERIOD}/{WILLOW}").text
    assert "本期已结束" in text and 'data-fillable="0"' in text and "检查并提交" not in text
    client = found.client("wang")
    told = client.post(
        f"/desk/{PERIOD}/{WILLOW}/cells", json={"cells": [{"element": found.element("耕地面积"), "text": "3"}]},
        headers={"X-CSRF-Token": csrf(client, "/account"), "accept": "application/json"},
    )  # fmt: skip
    assert told.status_code == 409 and "已结束" in told.text


def test_other_systems_are_told_too(found: County) -> None:
    post(found, "leader", f"{PATH}/close", reason="县里今天上报")
    token = tokens.create_token(found.desk, PROGRAM, "省平台", TOWN, ["figures:read", "figures:write"])
    client, head = found.client(), {"authorization": f"Bearer {token}"}
    assert client.get("/api/v1/periods", headers=head).json()[0]["state"] == "closed"
    assert all(one["closed"] for one in client.get(f"/api/v1/periods/{PERIOD}/places", headers=head).json())
    body = {"figures": [{"element": found.element("耕地面积"), "value": "3"}]}
    told = client.post(f"/api/v1/periods/{PERIOD}/places/{STONE}/figures", headers=head, json=body)
    assert told.status_code == 409 and told.json()["code"] == "desk.closed"


@needs_browser
@pytest.mark.parametrize("size", [(1366, 768), (360, 740)])
def test_a_leader_closes_a_month_and_opens_it_again(found: County, size: tuple[int, int]) -> None:
    with browsing(found, "leader", *size, bypass_csp=True) as tab:
        go(tab, PATH)
        tab.get_by_label("现在就结束的原因").fill("县里今天上报")
        tab.get_by_role("button", name="结束本期").click()
        expect(tab.get_by_text("本期已结束：")).to_be_visible()
        expect(tab.get_by_role("row", name="柳坝村").get_by_text("已结束")).to_be_visible()
        accessible(tab)
        go(tab, f"/review/{PERIOD}")
        accessible(tab)
        go(tab, PATH)
        tab.get_by_label("重新开启的原因").fill("石港村漏报")
        tab.get_by_role("button", name="重新开启").click()
        expect(tab.get_by_role("heading", name="结束本期")).to_be_visible()


def go(tab: Page, path: str) -> None:
    tab.goto("/".join(tab.url.split("/")[:3]) + path)
