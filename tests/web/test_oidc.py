"""Signing in by OpenID Connect, against a real (certified) provider that the test starts."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from consolidation.desk import accounts
from consolidation.desk.model import PROGRAM
from forms.problems import CannotDo
from tests.browser import needs_browser, page, served
from tests.desk_people import cheap_hashes, hire  # noqa: F401 - a fixture
from tests.web.desk import World, world
from tests.web.npm import tools
from web import oidc

pytestmark = pytest.mark.usefixtures("cheap_hashes")
# The provider's own page asks for a font and an icon that are not to be had here.
REFUSED = ("status of 400", "status of 404", "net::ERR_FAILED")
SECRET = "a secret of the tests"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def provider(port: int, desk: str) -> Iterator[None]:
    node = shutil.which("node")
    assert node is not None
    command = [node, "provider.mjs", str(port), f"{desk}/sign-in/oidc/back"]
    running = subprocess.Popen(command, cwd=tools(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert running.stdout is not None
        assert any(line.strip() == "ready" for line in running.stdout)
        yield
    finally:
        running.terminate()
        running.wait(timeout=10)


@contextmanager
def signing_in(folder: Path, claim: str = "") -> Iterator[tuple[World, Page, str]]:
    """A desk with a provider, and a browser on its first page."""
    tools()
    port = free_port()
    settings = oidc.Settings(f"http://127.0.0.1:{port}", "yibiao", SECRET, claim, "市统一身份认证")
    with (
        world(folder, provider=settings) as found,
        served(found.app) as address,
        provider(port, address),
        page(expected=REFUSED) as tab,
    ):
        tab.route(lambda url: "//127.0.0.1:" not in url, lambda route: route.abort())
        tab.goto(address)
        yield found, tab, address


def over_there(tab: Page, name: str) -> None:
    """Signs in at the provider as whoever."""
    tab.get_by_role("link", name="用市统一身份认证登录").click()
    tab.get_by_placeholder("Enter any login").fill(name)
    tab.get_by_placeholder("and password").fill("anything")
    tab.get_by_role("button", name="Sign-in").click()
    tab.get_by_role("button", name="Continue").click()


@pytest.mark.slow
@needs_browser
def test_an_identity_that_an_administrator_bound_signs_in(tmp_path: Path) -> None:
    with signing_in(tmp_path) as (found, tab, address):
        made = hire(found.desk)[0]
        over_there(tab, "zhang")
        expect(tab.get_by_text("没有和它绑定的账号")).to_be_visible()
        assert len(accounts.accounts(found.desk, PROGRAM)) == 1, "no account is made by itself"
        accounts.bind_subject(found.desk, PROGRAM, made.id, f"{found.app.state.oidc.settings.issuer} zhang")
        issued = {one["name"] for one in tab.context.cookies()}
        assert "yibiao" not in issued
        tab.goto(f"{address}/sign-in?next=/account")
        tab.get_by_role("link", name="用市统一身份认证登录").click()
        expect(tab.get_by_role("heading", name="修改密码")).to_be_visible()


@pytest.mark.slow
@needs_browser
def test_a_configured_claim_binds_the_account_of_that_login(tmp_path: Path) -> None:
    with signing_in(tmp_path, claim="preferred_username") as (found, tab, _):
        hire(found.desk, "wang")
        over_there(tab, "Wang")
        expect(tab.get_by_role("heading", name="修改密码")).to_be_visible()
        (one,) = accounts.accounts(found.desk, PROGRAM)
        assert one.subject == f"{found.app.state.oidc.settings.issuer} Wang"
        assert "yibiao" in {cookie["name"] for cookie in tab.context.cookies()}


@pytest.mark.slow
@needs_browser
def test_answers_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with signing_in(tmp_path, claim="preferred_username") as (found, tab, address):
        hire(found.desk, "wang")
        tab.goto(f"{address}/sign-in/oidc/back?code=x&state=y")
        expect(tab.get_by_text("没有保留登录信息")).to_be_visible()
        tab.goto(address)
        went: list[str] = []
        tab.on("request", lambda request: went.append(request.url) if "/oidc/back" in request.url else None)
        over_there(tab, "wang")
        expect(tab.get_by_role("heading", name="修改密码")).to_be_visible()
        tab.goto(went[-1])
        expect(tab.get_by_text("没有保留登录信息"), "the same answer a second time").to_be_visible()
        tab.context.clear_cookies()
        tab.goto(f"{address}/sign-in")
        tab.get_by_role("link", name="用市统一身份认证登录").click()
        tab.goto(f"{address}/sign-in/oidc/back?code=x&state=y")
        expect(tab.get_by_text("应答和请求对不上")).to_be_visible()


@pytest.mark.slow
def test_what_is_sent_there_has_a_challenge_a_state_and_a_nonce(tmp_path: Path) -> None:
    tools()
    port = free_port()
    with world(tmp_path, provider=oidc.Settings(f"http://127.0.0.1:{port}", "yibiao", SECRET)) as found:
        client = found.client()
        assert "联系不上" in client.get("/sign-in/oidc").text
        with provider(port, "http://127.0.0.1"):
            answer = client.get("/sign-in/oidc?next=//evil.example")
            where = answer.headers["location"]
            assert re.search(r"code_challenge=[\w-]{43}&", where + "&") and "code_challenge_method=S256" in where
            assert "state=" in where and "nonce=" in where and SECRET not in where and "evil" not in where
            sealed = answer.headers["set-cookie"]
            assert "HttpOnly" in sealed and "sm4:" in sealed and "Max-Age=600" in sealed
            state = re.search(r"[?&]state=([\w-]+)", where)
            assert state is not None
            refused = client.get(f"/sign-in/oidc/back?code=invented&state={state[1]}")
            assert refused.status_code == 400 and "没有通过核验" in refused.text
            found.clock.move(minutes=11)
            assert "时间太长" in client.get(f"/sign-in/oidc/back?code=invented&state={state[1]}").text


def test_settings_come_from_a_file_and_the_environment_over_it(tmp_path: Path) -> None:
    file = tmp_path / "oidc.yml"
    assert oidc.settings_from(file, {}) is None
    file.write_text("issuer: https://id.example\nclient_id: a\nclient_secret: b\nname: 粤政易\n", encoding="utf-8")
    file.chmod(0o600)
    found = oidc.settings_from(file, {"YIBIAO_OIDC_CLIENT_ID": "c"})
    assert found == oidc.Settings("https://id.example", "c", "b", name="粤政易")


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [
        ("issuer: https://id.example\nclient_id: a\n", 0o600, "缺少 client_secret"),
        ("issuer: http://id.example\nclient_id: a\nclient_secret: b\n", 0o600, "https"),
        ("issuer: https://id.example\nclient_id: a\nclient_secret: b\nclaims: x\n", 0o600, "claims"),
        ("issuer: https://id.example\nclient_id: a\nclient_secret: b\n", 0o644, "别人也能读"),
        ("- issuer\n", 0o600, "名称: 值"),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, text: str, mode: int, told: str) -> None:
    file = tmp_path / "oidc.yml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    with pytest.raises(CannotDo, match=told):
        oidc.settings_from(file, {})


def test_without_a_provider_there_is_no_such_page(tmp_path: Path) -> None:
    with world(tmp_path) as found:
        assert found.client().get("/sign-in/oidc").status_code == 404
        assert "oidc" not in found.client().get("/sign-in").text
