"""Unusual values on the leader's pages: counted for each place, side by side with the reasons, shown before many are approved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from consolidation.desk import drafts, findings, review, worksheet
from consolidation.desk.drafts import Cell
from tests.browser import needs_browser
from tests.consolidation.desk.county import LEADER, SHI, STONE, WANG, WILLOW
from tests.desk_people import cheap_hashes  # noqa: F401 - a fixture
from tests.web.county import PERIOD, County, browsing, county
from tests.web.desk import csrf
from tests.web.test_sign_in_pages import accessible

MATRIX = f"/review/{PERIOD}"


@pytest.fixture
def found(tmp_path: Path, cheap_hashes: None) -> Iterator[County]:  # noqa: F811
    """Both villages handed in; Willow explained one unusual value."""
    with county(tmp_path) as one:
        elderly = next(id_ for name, id_ in one.made.names.items() if "60岁" in name)
        drafts.save_cell(one.desk, WANG, WILLOW, PERIOD, Cell(elderly, "2", note="入户核过"))
        for actor, place in ((WANG, WILLOW), (SHI, STONE)):
            sheet = worksheet.worksheet(one.desk, actor, place, PERIOD)
            cells = [Cell(item.element, "13800000000" if "电话" in item.name else "5") for item in sheet.items if item.missing]
            drafts.save_cells(one.desk, actor, place, PERIOD, cells)
            told = findings.findings(one.desk, actor, place, PERIOD)
            review.submit(one.desk, actor, place, PERIOD, {each.fingerprint: "名册还没有登记" for each in told})
        yield one


def approve(found: County, *places: str, **more: str) -> Any:
    client = found.client("leader")
    return client.post(f"{MATRIX}/approve", data={"csrf": csrf(client, "/account"), "place": list(places), **more})


def states(found: County) -> list[str]:
    return [str(worksheet.worksheet(found.desk, LEADER, place, PERIOD).state) for place in (WILLOW, STONE)]


def test_the_matrix_counts_them_and_leads_to_the_reasons(found: County) -> None:
    text = found.client("leader").get(MATRIX).text
    rows = {name: row for row in re.findall(r"<tr.*?</tr>", text, re.S) for name in ("柳坝村", "石港村") if name in row}
    assert (
        f'href="/review/{PERIOD}/{WILLOW}#unusual" aria-label="柳坝村 1 处异常值">1 处' in rows["柳坝村"]
        and "#unusual" not in rows["石港村"]
    )
    report = found.client("leader").get(f"{MATRIX}/{WILLOW}").text.partition('id="unusual"')[2].partition("</section>")[0]
    assert "名册还没有登记" in report and "2 人" in report and "请核对" in report


def test_many_are_approved_at_once_where_nothing_is_unusual(found: County) -> None:
    assert approve(found, STONE).status_code == 303
    assert states(found) == ["submitted", "approved"]


def test_places_with_unusual_values_are_shown_first_and_nothing_is_approved(found: County) -> None:
    told = approve(found, WILLOW, STONE)
    assert told.status_code == 409 and "柳坝村</a>：1 处" in told.text and states(found) == ["submitted", "submitted"]
    assert approve(found, WILLOW, STONE, looked="1").status_code == 303
    assert states(found) == ["approved", "approved"]


@needs_browser
@pytest.mark.parametrize("size", [(1366, 768), (360, 740)])
def test_a_leader_looks_and_approves(found: County, size: tuple[int, int]) -> None:
    with browsing(found, "leader", *size, bypass_csp=True, expected=("409",)) as tab:
        tab.goto("/".join(tab.url.split("/")[:3]) + MATRIX)
        accessible(tab)
        for name in ("柳坝村", "石港村"):
            tab.get_by_label(f"选 {name}").check()
        tab.get_by_role("button", name="通过选中的").click()
        expect(tab.get_by_role("alert")).to_contain_text("1 个有异常值")
        accessible(tab)
        tab.get_by_role("main").get_by_role("link", name="柳坝村").click()
        expect(tab.get_by_role("cell", name="名册还没有登记")).to_be_visible()
        accessible(tab)
        tab.get_by_role("button", name="审核通过").click()
        expect(tab.get_by_role("row", name=re.compile("柳坝村")).get_by_text("已通过")).to_be_visible()
