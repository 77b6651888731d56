"""The worker's, leader's and results' pages in a real browser: accessible, by keyboard alone, with what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from consolidation.desk import worksheet
from tests.browser import needs_browser, page, served
from tests.consolidation.desk.county import WANG, WILLOW
from tests.desk_people import GOOD, cheap_hashes  # noqa: F401 - a fixture
from tests.web.county import PERIOD, County, browsing, county
from tests.web.desk import type_sign_in
from tests.web.test_sign_in_pages import accessible

pytestmark = needs_browser
SHEET = f"/desk/{PERIOD}/{WILLOW}"
AREA = "耕地面积"


@pytest.fixture
def found(tmp_path: Path, cheap_hashes: None) -> Iterator[County]:  # noqa: F811
    with county(tmp_path) as one:
        yield one


def home(tab: Page) -> str:
    return "/".join(tab.url.split("/")[:3])


def value(found: County, name: str = AREA) -> str | None:
    return next(item.value for item in worksheet.worksheet(found.desk, WANG, WILLOW, PERIOD).items if item.name == name)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1366, 768), (683, 384)])  # the last: 1366x768 at 200 %
@pytest.mark.parametrize("login", ["wang", "leader"])
def test_every_page_is_accessible_and_fits(found: County, login: str, width: int, height: int) -> None:
    element = found.element("户籍人口")
    pages = {
        "wang": ["/desk", SHEET, f"{SHEET}/cell/{element}", f"{SHEET}/submit", f"{SHEET}/forms", f"{SHEET}/forms/yanglao", "/", f"/desk/{PERIOD}/x"],
        "leader": ["/desk", "/review", f"/review/{PERIOD}", f"/review/{PERIOD}/{WILLOW}", SHEET, f"{SHEET}/cell/{element}"],
    }  # fmt: skip
    with served(found.app) as address, page(width, height, ("status of 404",), bypass_csp=True) as tab:
        tab.goto(address)
        type_sign_in(tab, login, GOOD)
        tab.wait_for_url(lambda url: "sign-in" not in url)
        for path in pages[login]:
            tab.goto(address + path)
            accessible(tab)
            tab.emulate_media(forced_colors="active")
            assert tab.evaluate("matchMedia('(forced-colors: active)').matches")
            accessible(tab)
            tab.emulate_media(forced_colors="none")


def test_a_sheet_is_filled_saved_and_submitted_by_keyboard_alone(found: County) -> None:
    phone = next(name for name in found.made.names if "电话" in name)
    with browsing(found, "wang") as tab:
        tab.goto(home(tab) + SHEET)

        def to(name: str) -> None:
            for _ in range(80):
                if tab.evaluate("(document.activeElement.labels?.[0] || document.activeElement).textContent.trim()") == name:
                    return
                tab.keyboard.press("Tab")
            raise AssertionError(name)

        first = tab.locator("input[data-version]:not([readonly])").all()
        labels = [one.evaluate("input => input.labels[0].textContent.trim()") for one in first]
        texts = {AREA: "12", "养老床位": "3", phone: "13800000000"}
        to(labels[0])
        for label in labels:
            tab.keyboard.type(next(text for name, text in texts.items() if label.endswith(name) or name.endswith(label)))
            tab.keyboard.press("Enter")
        expect(tab.locator("tr.waiting")).to_have_count(0, timeout=15000)
        tab.evaluate("scrollTo(0, 0); document.activeElement.blur()")
        tab.locator("#main").focus()
        to("检查并提交")
        tab.keyboard.press("Enter")
        tab.wait_for_url("**/submit")
        reasons = tab.locator("ol.soft input").count()
        for _ in range(reasons):
            for _ in range(40):
                if tab.evaluate("document.activeElement.matches('ol.soft input') && !document.activeElement.value"):
                    break
                tab.keyboard.press("Tab")
            tab.keyboard.type("核对过")
        to("提交")
        tab.keyboard.press("Enter")
        expect(tab.locator(".standing")).to_contain_text("已提交")


def test_an_answer_that_is_lost_does_not_clash_with_oneself(found: County) -> None:
    with browsing(found, "wang", expected=("ERR_", "Failed to load")) as tab:
        tab.goto(home(tab) + SHEET)
        lost: list[str] = []

        def lose(route: Route) -> None:
            if lost:
                route.continue_()
                return
            lost.append(route.request.post_data or "")
            route.fetch()  # the desk keeps it, and its answer never comes
            tab.get_by_label(AREA, exact=True).evaluate(
                "input => { input.value = '123'; input.dispatchEvent(new Event('input', {bubbles: true})) }"
            )
            route.abort()

        tab.route("**/cells", lose)
        tab.get_by_label(AREA, exact=True).fill("12")
        expect(tab.locator("#kept")).to_contain_text("网络断了", timeout=15000)
        expect(tab.locator("#kept")).to_contain_text("已自动保存", timeout=15000)
        expect(tab.locator("tr.waiting, tr.refused")).to_have_count(0, timeout=15000)
    assert value(found) == "123"


def test_a_busy_desk_is_left_alone_as_long_as_it_asks(found: County) -> None:
    with browsing(found, "wang", expected=("status of 429",)) as tab:
        tab.goto(home(tab) + SHEET)
        asked: list[float] = []

        def busy(route: Route) -> None:
            asked.append(tab.evaluate("performance.now()"))
            if len(asked) == 1:
                route.fulfill(status=429, headers={"Retry-After": "3"}, json={"message": "太频繁"})
            else:
                route.continue_()

        tab.route("**/cells", busy)
        tab.get_by_label(AREA, exact=True).fill("5")
        expect(tab.locator("#kept")).to_contain_text("太忙", timeout=5000)
        tab.get_by_label(AREA, exact=True).fill("56")
        expect(tab.locator("#kept")).to_contain_text("已自动保存", timeout=15000)
        assert asked[1] - asked[0] >= 2900
    assert value(found) == "56"


def test_an_old_draft_does_not_write_over_what_a_colleague_did(found: County) -> None:
    from consolidation.desk.drafts import Cell, save_cell
    from consolidation.desk.model import Actor, Role

    with browsing(found, "wang", expected=("ERR_INTERNET",)) as tab:
        address = home(tab) + SHEET
        tab.goto(address)
        tab.context.set_offline(True)
        tab.get_by_label(AREA, exact=True).fill("77")
        expect(tab.locator("#kept")).to_contain_text("网络断了", timeout=15000)
        save_cell(found.desk, Actor("shi", "石填报", Role.WORKER, WILLOW), WILLOW, PERIOD, Cell(found.element(AREA), "88"))
        again = tab.context.new_page()
        tab.close()
        again.context.set_offline(False)
        again.goto(address)
        expect(again.locator(".wrong")).to_contain_text("88", timeout=15000)
        again.locator(".wrong").get_by_role("link", name="不对？").click()
        expect(again.get_by_role("button", name="提出异议")).to_be_visible()
    assert value(found) == "88"


def test_a_second_tab_does_not_take_away_what_the_first_keeps(found: County) -> None:
    with browsing(found, "wang", expected=("ERR_", "Failed to load")) as tab:
        address = home(tab) + SHEET
        tab.goto(address)
        tab.route("**/cells", lambda route: route.abort())
        tab.get_by_label(AREA, exact=True).fill("77")
        expect(tab.locator("#kept")).to_contain_text("网络断了", timeout=15000)
        other = tab.context.new_page()
        other.route("**/cells", lambda route: route.abort())
        other.goto(address)
        other.get_by_label("养老床位", exact=True).fill("4")
        expect(other.locator("#kept")).to_contain_text("网络断了", timeout=15000)
        kept = other.evaluate("JSON.stringify(Object.values(localStorage))")
        assert "77" in kept and "4" in kept


def test_a_telephone_is_kept_until_the_browser_closes_and_signing_out_asks_first(found: County) -> None:
    phone = next(id_ for name, id_ in found.made.names.items() if "电话" in name)
    with browsing(found, "wang", expected=("ERR_", "Failed to load")) as tab:
        tab.goto(home(tab) + SHEET)
        tab.route("**/cells", lambda route: route.abort())
        tab.locator(f"#v-{phone}").fill("13800000000")
        expect(tab.locator("#kept")).to_contain_text("网络断了", timeout=15000)
        assert "13800000000" not in tab.evaluate("JSON.stringify(Object.entries(localStorage))")
        assert "13800000000" in tab.evaluate("JSON.stringify(Object.entries(sessionStorage))")
        asked: list[str] = []
        tab.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        tab.get_by_role("button", name="退出").click()
        expect(tab.locator(f"#v-{phone}")).to_have_value("13800000000")
        assert "1 项" in asked[0]
        tab.on("dialog", lambda dialog: dialog.accept())
        tab.get_by_role("button", name="退出").click()
        expect(tab.get_by_role("heading", name="登录")).to_be_visible()
        assert tab.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.slow
def test_typing_into_a_large_table_is_quick(found: County) -> None:
    with browsing(found, "wang") as tab:
        tab.route("**" + SHEET, _six_hundred)
        tab.route("**/cells", lambda route: route.fulfill(json={"saved": [], "refused": {}}))
        tab.goto(home(tab) + SHEET)
        assert tab.locator("input[data-version]").count() >= 600
        taken = tab.evaluate(
            """() => Array.from({length: 200}, (_, i) => {
              const input = document.querySelectorAll('input[data-version]:not([readonly])')[i];
              const from = performance.now();
              input.value = String(i); input.dispatchEvent(new Event('input', {bubbles: true})); document.body.offsetHeight;
              return performance.now() - from;
            })"""
        )
        taken = sorted(taken)[: int(0.95 * len(taken))]  # quiet machine: below 50 ms; here only that nobody waits
        assert taken[-1] < 500, (taken[len(taken) // 2], taken[-1])


def _six_hundred(route: Route) -> None:
    answer = route.fetch()
    text = answer.text()
    start = text.index('<tr id="c-', text.index("data-version") - 1500)
    row = text[start : text.index("</tr>", start) + 5]
    element = row.partition('<tr id="c-')[2].partition('"')[0]
    many = "".join(row.replace(element, f"x{number}") for number in range(600))
    route.fulfill(response=answer, body=text.replace(row, row + many, 1))
