"""Signing in as a person does it: in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from consolidation.desk import accounts, demo_accounts
from consolidation.desk.model import PROGRAM, Role
from forms.values import DemoRegions
from tests.browser import needs_browser
from tests.desk_people import COUNTY, GOOD, VILLAGE, cheap_hashes, hire  # noqa: F401 - a fixture
from tests.web.desk import World, browsing, type_sign_in, world
from tests.web.npm import axe_script

pytestmark = [pytest.mark.usefixtures("cheap_hashes"), needs_browser]
NEW = "一个全新的密码 2026 秋"
REFUSED = ("status of 401", "status of 429", "status of 422", "status of 403", "status of 404")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as found:
        yield found


def test_signing_in_and_out_by_keyboard(desk: World) -> None:
    desk.person()
    with browsing(desk) as tab:
        tab.keyboard.press("Tab")
        expect(tab.get_by_role("link", name="跳到正文")).to_be_focused()
        tab.get_by_label("登录名").focus()
        tab.keyboard.type("wang")
        tab.keyboard.press("Tab")
        tab.keyboard.type(GOOD)
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("heading", name="王芳，您好")).to_be_visible()
        expect(tab.get_by_text("春风社区").first).to_be_visible()
        cookies = {one["name"]: one for one in tab.context.cookies()}
        assert cookies["yibiao"]["httpOnly"] and cookies["yibiao"]["sameSite"] == "Lax" and cookies["yibiao"]["expires"] == -1
        assert tab.evaluate("document.cookie") == ""
        tab.get_by_role("button", name="退出").click()
        expect(tab.get_by_role("heading", name="登录")).to_be_visible()
        tab.go_back()
        expect(tab.get_by_role("heading", name="登录")).to_be_visible()


def test_a_wrong_password_and_the_lock_are_explained(desk: World) -> None:
    desk.person()
    with browsing(desk, expected=REFUSED) as tab:
        for _ in range(5):
            type_sign_in(tab, "wang", "wrong")
            expect(tab.get_by_role("alert")).to_contain_text("登录名或密码不对")
            expect(tab.get_by_label("登录名")).to_have_value("wang")
            expect(tab.get_by_label("密码", exact=True)).to_have_value("")
        type_sign_in(tab, "wang", GOOD)
        expect(tab.get_by_role("alert")).to_contain_text("请在 30 秒后再试")
        desk.clock.move(seconds=31)
        type_sign_in(tab, "wang", GOOD)
        expect(tab.get_by_role("heading", name="王芳，您好")).to_be_visible()


def test_the_first_password_is_changed_before_anything_else(desk: World) -> None:
    _, first = hire(desk.desk)
    with browsing(desk, expected=REFUSED) as tab:
        type_sign_in(tab, "wang", first)
        expect(tab.get_by_text("请换成只有自己知道的密码")).to_be_visible()
        tab.goto(tab.url.replace("/account/password", "/account"))
        expect(tab.get_by_role("heading", name="修改密码")).to_be_visible()
        for new, again, told in (
            ("short", "short", "太短"),
            (NEW, NEW + "x", "不一样"),
            ("password123", "password123", "太常见"),
        ):
            _type_passwords(tab, first, new, again)
            expect(tab.get_by_role("alert")).to_contain_text(told)
        _type_passwords(tab, first, NEW, NEW)
        expect(tab.get_by_role("status")).to_contain_text("请用新密码登录")
        tab.get_by_role("link", name="继续").click()
        expect(tab.get_by_role("heading", name="王芳，您好")).to_be_visible()


def test_after_the_session_has_ended_one_signs_in_and_goes_on_where_one_was(desk: World) -> None:
    desk.person()
    with browsing(desk) as tab:
        type_sign_in(tab, "wang", GOOD)
        tab.get_by_role("link", name="我的账号").first.click()
        desk.clock.move(hours=3)
        tab.reload()
        expect(tab.get_by_role("heading", name="登录")).to_be_visible()
        type_sign_in(tab, "wang", GOOD)
        expect(tab.get_by_role("heading", name="我的账号")).to_be_visible()
        desk.clock.move(hours=3)
        tab.get_by_role("button", name="在所有地方退出").click()
        expect(tab.get_by_role("heading", name="登录")).to_be_visible()


def test_an_administrator_makes_an_account_and_closes_it(desk: World) -> None:
    desk.person("boss", Role.ADMINISTRATOR, COUNTY)
    with browsing(desk, expected=REFUSED) as tab:
        type_sign_in(tab, "boss", GOOD)
        tab.get_by_role("link", name="账号", exact=True).first.click()
        for region in ("990101001009", VILLAGE):
            tab.get_by_label("登录名").fill("li")
            tab.get_by_label("姓名").fill("李明")
            tab.get_by_label("角色").select_option("leader")
            tab.get_by_label("管辖区域代码").fill(region)
            tab.get_by_role("button", name="新建").click()
        password = tab.locator(".secret code").inner_text()
        assert re.fullmatch(r"(\w{4}-){3}\w{4}", password)
        tab.get_by_role("link", name="回账号列表").click()
        tab.get_by_role("button", name="停用 li").click()
        expect(tab.get_by_role("row", name="li 李明")).to_contain_text("已停用")
        one = next(one for one in accounts.accounts(desk.desk, PROGRAM) if one.login == "li")
        assert one.role is Role.LEADER and not one.active


def test_a_token_is_shown_once(desk: World) -> None:
    desk.person("boss", Role.ADMINISTRATOR, COUNTY)
    with browsing(desk) as tab:
        type_sign_in(tab, "boss", GOOD)
        tab.get_by_role("link", name="接口令牌").first.click()
        tab.get_by_label("名称").fill("市大数据局")
        tab.get_by_label("读取数").check()
        tab.get_by_role("button", name="新建").click()
        shown = tab.locator(".secret code").inner_text()
        assert shown.startswith("yibiao_")
        tab.get_by_role("link", name="接口令牌").first.click()
        assert shown not in tab.content()
        tab.get_by_role("button", name="停用 市大数据局").click()
        expect(tab.get_by_role("row", name="市大数据局")).to_contain_text("已停用")


def test_the_demo_says_that_it_is_one(desk: World) -> None:
    demo_accounts.add_demo_accounts(desk.desk, DemoRegions(("99",)))
    with browsing(desk) as tab:
        expect(tab.get_by_role("heading", name="示范账号")).to_be_visible()
        password = tab.locator(".demo-accounts p code").inner_text()
        type_sign_in(tab, f"worker-{VILLAGE}", password)
        expect(tab.get_by_text("示范账号：这里的人和事都是虚构的")).to_be_visible()


def test_no_inline_script_runs(desk: World) -> None:
    with browsing(desk, expected=("Content Security Policy",)) as tab:
        ran = tab.evaluate(
            "() => { const s = document.createElement('script'); s.textContent = 'window.ran = true';"
            " document.body.append(s); document.body.setAttribute('style', 'color: red'); return window.ran === true }"
        )
        assert not ran


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1366, 768)])
def test_every_page_is_accessible_and_fits(desk: World, width: int, height: int) -> None:
    demo_accounts.add_demo_accounts(desk.desk, DemoRegions(("99",)))
    desk.person("boss", Role.ADMINISTRATOR, COUNTY)
    with browsing(desk, width, height, expected=REFUSED, bypass_csp=True) as tab:
        home = tab.url.partition("/sign-in")[0]
        accessible(tab)
        type_sign_in(tab, "boss", "wrong")
        accessible(tab)
        type_sign_in(tab, "boss", GOOD)
        accessible(tab)
        one = next(one for one in accounts.accounts(desk.desk, PROGRAM) if one.login == "boss")
        for path in ("/account", "/account/password", "/accounts", f"/accounts/{one.id}", "/tokens", "/none"):
            tab.goto(home + path)
            accessible(tab)
        tab.goto(home + "/tokens")
        tab.get_by_role("button", name="新建").click()
        accessible(tab)
        tab.get_by_label("名称").fill("市大数据局")
        tab.get_by_label("读取数").check()
        tab.get_by_role("button", name="新建").click()
        accessible(tab)
        tab.goto(home + "/accounts")
        tab.get_by_role("button", name=f"重置密码 {one.login}").click()
        accessible(tab)


def accessible(tab: Page) -> None:
    """axe finds nothing against WCAG 2.2 AA, and nothing stands out of the window."""
    tab.add_script_tag(path=axe_script())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = tab.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", rules)
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found["violations"]] == [], tab.url
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{tab.url} is wider than the window"


def _type_passwords(tab: Page, old: str, new: str, again: str) -> None:
    tab.get_by_label("初始密码").fill(old)
    tab.get_by_label("新密码", exact=True).fill(new)
    tab.get_by_label("再输一次新密码").fill(again)
    tab.get_by_role("button", name="修改密码").click()
