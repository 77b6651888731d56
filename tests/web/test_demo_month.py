"""A month of the demo county in a real browser: five communities fill, submit, are approved, and every form goes back."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from cli.opening import open_demo_month, set_up
from consolidation.desk import demo_accounts
from consolidation.desk.context import Desk
from consolidation.desk.shared import SharedData
from consolidation.store import Store, load_secrets, verify
from consolidation.store.migrate import upgrade
from data.demo.make import generate
from forms.library import shipped
from forms.periods import Period
from forms.values import DemoRegions
from tests.browser import needs_browser, page, served
from tests.desk_people import cheap_hashes  # noqa: F401 - a fixture
from tests.web.desk import type_sign_in
from web.desk_app import create_desk_app

PERIOD = "2026-10"
PEOPLE = 1500
_ROUNDS = 30  # a worker looks at the findings and mends them, until none is left

pytestmark = [pytest.mark.slow, needs_browser]


@dataclass
class Demo:
    desk: Desk
    app: FastAPI
    password: str


@pytest.fixture
def demo(tmp_path: Path, cheap_hashes: None) -> Iterator[Demo]:  # noqa: F811
    generate(tmp_path / "demo", people=PEOPLE)
    store = Store(f"sqlite:///{tmp_path / 'desk.db'}")
    upgrade(store)
    shared = SharedData(str(tmp_path / "demo"), DemoRegions(("99",)))
    desk = Desk(store, load_secrets(tmp_path / "keys.json"), shared=shared)
    assert set_up(desk, lambda _: None)
    open_demo_month(desk, Period.parse(PERIOD), lambda _: None)
    signs = demo_accounts.demo_sign_in(desk)
    assert signs is not None
    yield Demo(desk, create_desk_app(desk), signs.password)
    store.close()


def fill(tab: Page, address: str, place: str) -> None:
    """What a worker does: 0 where nothing is known, “—” where a printed rule says that 0 cannot be, reasons where asked."""
    sheet = f"{address}/desk/{PERIOD}/{place}"
    tab.goto(sheet)
    put(tab, "0", tab.locator("#sheet [data-version]:not([readonly])").all())
    for _ in range(_ROUNDS):
        tab.goto(f"{sheet}/submit")
        wrong = {link.get_attribute("href").partition("#")[2] for link in tab.locator(".errors a").all()}  # type: ignore[union-attr]
        if not wrong:
            break
        tab.goto(sheet)
        cells = [tab.locator(f"[id='{cell}'] [data-version]:not([readonly])") for cell in sorted(wrong)]
        typed = [cell for cell in cells if cell.count()]
        if typed:
            put(tab, "—", typed)
        else:
            replace_prefilled(tab, sheet, sorted(wrong)[0].removeprefix("c-"))
    for reason in tab.locator("ol.soft input").all():
        reason.fill("核对过，与实际一致")
    tab.get_by_role("button", name="提交").click()
    expect(tab.locator(".standing")).to_contain_text("已提交", timeout=60_000)


def replace_prefilled(tab: Page, sheet: str, element: str) -> None:
    """“不对？”: what shared data holds contradicts the form's own rules; the worker says so, with a reason."""
    tab.goto(f"{sheet}/cell/{element}")
    tab.get_by_label("改成").fill("—")
    tab.get_by_label("原因（必填）", exact=True).fill("与台账核对，暂不能确定")
    tab.get_by_role("button", name="改好").click()
    tab.wait_for_url(lambda url: "/cell/" not in url)


def put(tab: Page, text: str, cells) -> None:  # type: ignore[no-untyped-def]
    for cell in cells:
        if cell.evaluate("node => node.tagName") == "SELECT":
            cell.select_option(index=1)
        elif text == "—" or not cell.input_value():
            kind = cell.get_attribute("inputmode")
            cell.fill(text if kind == "decimal" else "无")
    expect(tab.locator("tr.waiting")).to_have_count(0, timeout=120_000)


def test_a_month_of_five_communities_ends_with_every_form_given_back(demo: Demo) -> None:
    with demo.desk.store.read() as connection:
        places = connection.exec_driver_sql("SELECT region FROM submission ORDER BY region").scalars().all()
    assert len(places) == 5
    with served(demo.app) as address:
        for place in places:
            with page(1366, 768) as tab:
                tab.set_default_timeout(120_000)
                tab.goto(address)
                type_sign_in(tab, f"worker-{place}", demo.password)
                tab.wait_for_url(lambda url: "sign-in" not in url)
                fill(tab, address, place)
        with page(1366, 768, expected=("409",)) as tab:
            tab.set_default_timeout(120_000)
            tab.goto(address)
            type_sign_in(tab, "leader-990101", demo.password)
            tab.get_by_role("navigation").get_by_role("link", name="审核", exact=True).click()
            for box in tab.locator("input[name=place]").all():
                box.check()
            tab.get_by_role("button", name="通过选中的").click()
            expect(tab.get_by_role("alert")).to_contain_text("个有异常值")  # which are looked at before they are passed
            for box in tab.locator("input[name=place]").all():
                box.check()
            tab.get_by_role("main").get_by_role("button", name=re.compile("通过")).click()
            expect(tab.locator("tr.state-approved")).to_have_count(5)
            with tab.expect_download() as taken:
                tab.evaluate("path => { location.href = path }", f"/desk/{PERIOD}/990101/package.zip")
            data = Path(taken.value.path()).read_bytes()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        given = Counter(name.split("/")[1] for name in archive.namelist())
        assert archive.testzip() is None
    assert len(given) == 5 and set(given.values()) == {len(shipped())}
    with demo.desk.store.read() as connection:
        assert list(verify(connection, demo.desk.secrets.finder)) == []
