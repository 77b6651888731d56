"""What stands before every page: cookies, CSRF, headers, sizes, rates, errors that tell nothing."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, Request
from fastapi.testclient import TestClient

from consolidation.desk import accounts, tokens
from consolidation.desk.model import PROGRAM, Clash, Invalid, NotAllowed, NotThere, Role
from tests.browser import served
from tests.desk_people import COUNTY, VILLAGE, cheap_hashes, hire  # noqa: F401 - a fixture
from tests.web.desk import World, csrf, sign_in, world
from web.desk_app import PARTS
from web.pages import Part
from web.requests import CurrentActor, safe_next
from web.security import Bounds

pytestmark = pytest.mark.usefixtures("cheap_hashes")
SECRET = "990101199003078888"
extra = APIRouter()


@extra.get("/api/who")
def who(actor: CurrentActor) -> dict[str, object]:
    return {"id": actor.id, "region": actor.region, "scopes": sorted(actor.scopes) if actor.scopes else None}


@extra.post("/api/echo")
async def echo(request: Request, actor: CurrentActor) -> dict[str, int]:
    return {"size": len(await request.body())}


@extra.get("/fails/{kind}")
def fails(kind: str) -> None:
    raise {
        "403": NotAllowed("这样做"), "404": NotThere("这一页"), "409": Clash("desk.wrong-state", state="x", what="y"),
        "422": Invalid("password.same"), "500": RuntimeError(f"about {SECRET}"),
    }[kind]  # fmt: skip


@extra.get("/number")
def number(value: int) -> int:
    return value


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[World]:
    bounds = Bounds(body=100_000, uploads=(("/api/big", 1_000_000),))
    with world(tmp_path, (*PARTS, Part(extra)), bounds) as found:
        yield found


def test_the_cookie_is_for_the_browser_alone(desk: World) -> None:
    desk.person()
    plain = sign_in(desk.client())
    (session,) = [line for line in plain.headers.get_list("set-cookie") if line.startswith("yibiao=")]
    assert "HttpOnly" in session and "SameSite=lax" in session and "Path=/" in session
    assert "Secure" not in session and "Max-Age" not in session, "loopback; ends with the browser"
    secure = sign_in(desk.client("https://localhost"))
    assert all("Secure" in line for line in secure.headers.get_list("set-cookie"))
    assert any(line.startswith("__Host-yibiao=") for line in secure.headers.get_list("set-cookie"))


def test_over_plain_http_from_elsewhere_no_session_is_given_in_the_clear(tmp_path: Path) -> None:
    with world(tmp_path) as found:
        from web.desk_app import create_desk_app

        found.app = create_desk_app(found.desk, hosts=("desk.example",))
        client = found.client("http://desk.example")
        text = client.get("/sign-in")
        assert "不是 https" in text.text and all("Secure" in line for line in text.headers.get_list("set-cookie"))


@pytest.mark.parametrize("path", ["/sign-in", "/none", "/static/desk.css", "/health", "/fails/500"])
def test_every_answer_carries_the_headers(desk: World, path: str) -> None:
    headers = desk.client().get(path).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == ("no-cache" if "static" in path else "no-store")
    assert "server" not in headers and "strict-transport-security" not in headers


def test_https_is_remembered_and_the_report_alone_keeps_its_style(desk: World) -> None:
    assert "max-age" in desk.client("https://localhost").get("/sign-in").headers["strict-transport-security"]
    policy = desk.client().get("/report").headers["content-security-policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy and "script-src 'none'" in policy


@pytest.mark.parametrize("given", [{}, {"csrf": ""}, {"csrf": "wrong"}, {"csrf": "别"}])
def test_a_form_of_somebody_else_is_refused(desk: World, given: dict[str, str]) -> None:
    desk.person()
    client = desk.signed_in()
    refused = client.post("/sign-out", data=given)
    assert refused.status_code == 403 and "没有办理" in refused.text
    assert client.get("/account").status_code == 200, "still signed in"


def test_a_token_of_another_session_and_of_before_are_refused(desk: World) -> None:
    desk.person()
    desk.person("li")
    mine, other, before = desk.signed_in(), desk.signed_in("li"), desk.client()
    for wrong in (csrf(other, "/account"), csrf(before)):
        assert mine.post("/sign-out", data={"csrf": wrong}).status_code == 403
    assert mine.post("/sign-out", headers={"x-csrf-token": csrf(mine, "/account")}).status_code == 303


def test_another_site_is_refused_even_with_the_token(desk: World) -> None:
    desk.person()
    client = desk.signed_in()
    token = csrf(client, "/account")
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example", "http://127.0.0.1:81"):
        assert client.post("/sign-out", data={"csrf": token}, headers={"origin": origin}).status_code == 403
    assert client.post("/sign-out", data={"csrf": token}, headers={"origin": "http://127.0.0.1"}).status_code == 303


def test_signing_somebody_in_from_another_site_is_refused(desk: World) -> None:
    desk.person()
    client = desk.client()
    form = {"login": "wang", "password": "x", "csrf": csrf(desk.client())}
    assert client.post("/sign-in", data=form).status_code == 303, "no cookie at all: to the form"
    client.get("/sign-in")
    assert client.post("/sign-in", data=form).status_code == 403


@pytest.mark.parametrize("kind", ["403", "404", "409", "422", "500"])
def test_failures_are_pages_in_chinese(desk: World, kind: str) -> None:
    answer = desk.client().get(f"/fails/{kind}")
    assert answer.status_code == int(kind) and "没有办成" in answer.text and 'lang="zh-CN"' in answer.text
    assert SECRET not in answer.text and "Traceback" not in answer.text
    as_json = desk.client().get(f"/fails/{kind}", headers={"accept": "application/json"})
    assert set(as_json.json()) == {"code", "message", "hint"} and as_json.status_code == int(kind)


def test_what_was_typed_is_not_sent_back_nor_logged(desk: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "yibiao.request")
    client = desk.client()
    assert client.get("/none/" + SECRET).status_code == 404
    answer = client.get(f"/number?value={SECRET}x")
    assert answer.status_code == 422 and SECRET not in answer.text
    client.get("/fails/500")
    client.post("/sign-in", data={"login": SECRET, "password": SECRET, "csrf": csrf(client)})
    assert SECRET not in caplog.text and "/none" not in caplog.text
    assert "GET /number 422" in caplog.text and "RuntimeError at test_security.py" in caplog.text
    assert "POST /sign-in 401" in caplog.text


def test_a_wrong_method_and_a_wrong_host(desk: World) -> None:
    assert desk.client().delete("/sign-in").status_code in (303, 405)
    assert desk.client("http://evil.example").get("/sign-in").status_code == 400


def test_what_is_too_large_is_refused_before_it_is_read(desk: World) -> None:
    desk.person()
    client = desk.signed_in()
    token = {"x-csrf-token": csrf(client, "/account")}
    assert client.post("/api/echo", content=b"x" * 100_000, headers=token).json() == {"size": 100_000}
    assert client.post("/api/echo", content=b"x" * 100_001, headers=token).status_code == 413

    def stream() -> Iterator[bytes]:  # says nothing of its length
        for _ in range(11):
            yield b"x" * 10_000

    assert client.post("/api/echo", content=stream(), headers=token).status_code == 413
    assert client.post("/api/echo", content=b"x", headers={**token, "content-length": "-1"}).status_code == 400


def test_a_slow_client_is_not_waited_for(tmp_path: Path) -> None:
    with world(tmp_path, bounds=Bounds(body_seconds=0.5)) as found, served(found.app) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as line:
            head = "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: yibiao-before=x\r\nContent-Length: 1000\r\n"
            line.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\na=".encode())
            assert b" 408 " in line.recv(200)


def test_too_many_requests(tmp_path: Path) -> None:
    bounds = Bounds(session="5 per minute", sign_in="4 per minute")
    with world(tmp_path, (*PARTS, Part(extra)), bounds) as found:
        found.person()
        client = found.signed_in()
        codes = [client.get("/api/who").status_code for _ in range(8)]
        assert codes == [200] * 5 + [429] * 3
        other = found.client()
        assert [sign_in(other, password="x").status_code for _ in range(4)][-1] == 429


def test_too_many_requests_from_one_address(tmp_path: Path) -> None:
    with world(tmp_path, bounds=Bounds(address="3 per minute")) as found:
        client = found.client()
        assert [client.get("/health").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert "太频繁" in client.get("/").text


def test_another_system_acts_with_its_token_and_without_a_form(desk: World) -> None:
    shown = tokens.create_token(desk.desk, PROGRAM, "省平台", VILLAGE, ["figures:read"])
    client, header = desk.client(), {"authorization": f"Bearer {shown}"}
    assert client.get("/api/who", headers=header).json() == {
        "id": f"token:{tokens.tokens(desk.desk, PROGRAM)[0].id[:12]}", "region": VILLAGE, "scopes": ["figures:read"]
    }  # fmt: skip
    assert client.post("/api/echo", content=b"12", headers=header).json() == {"size": 2}
    assert client.get("/api/who", headers={"authorization": "Bearer yibiao_no"}).status_code == 401
    assert client.get("/accounts", headers=header).status_code == 303, "pages are for people"
    assert client.get("/api/who").status_code == 401


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("/accounts?page=2", "/accounts?page=2"), ("", "/"), ("https://evil.example", "/"), ("//evil.example", "/"),
        ("/\\evil.example", "/"), ("\\\\evil.example", "/"), ("javascript:alert(1)", "/"), ("/a\nb", "/"), ("/\t/evil.example", "/"),
        ("evil", "/"), ("/" + "x" * 2001, "/"), ("///evil.example", "/"),
    ],
)  # fmt: skip
def test_going_back_stays_here(desk: World, text: str, goal: str) -> None:
    assert safe_next(text) == goal
    desk.person()
    assert sign_in(desk.client(), goal=text).headers["location"] == goal


def test_who_is_not_signed_in_goes_to_the_form_and_back(desk: World) -> None:
    desk.person("boss", Role.ADMINISTRATOR, COUNTY)
    client = desk.client()
    away = client.get("/accounts?x=1").headers["location"]
    assert away == "/sign-in?next=%2Faccounts%3Fx%3D1"
    assert 'name="next" value="/accounts?x=1"' in client.get(away).text


def test_before_the_first_password_is_changed_nothing_else_opens(desk: World) -> None:
    _, first = hire(desk.desk)
    client = desk.client()
    assert sign_in(client, password=first, goal="/account").headers["location"] == "/account/password"
    assert client.get("/account").headers["location"] == "/account/password"
    assert client.get("/api/who").status_code == 403
    assert client.post("/sign-out", data={"csrf": csrf(client, "/account/password")}).status_code == 303


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_the_pages_of_administrators_are_for_nobody_else(desk: World, role: Role) -> None:
    desk.person("somebody", role, COUNTY)
    victim = hire(desk.desk, "victim")[0]
    client = desk.signed_in("somebody")
    form = {"csrf": csrf(client, "/account"), "login": "new", "name": "新", "role": "administrator", "region": COUNTY}
    assert client.get("/accounts").status_code == client.get("/tokens").status_code == 403
    for path in (
        "/accounts",
        f"/accounts/{victim.id}",
        f"/accounts/{victim.id}/reset",
        f"/accounts/{victim.id}/close",
        "/tokens",
    ):
        assert client.post(path, data=form).status_code == 403
    assert "/accounts" not in client.get("/").text, "nor in the navigation"
    assert len(accounts.accounts(desk.desk, PROGRAM)) == 2


def test_an_administrator_of_elsewhere_finds_nobody(desk: World) -> None:
    desk.person("boss", Role.ADMINISTRATOR, "990101002")
    victim = hire(desk.desk, "victim", place=VILLAGE)[0]
    client = desk.signed_in("boss")
    token = csrf(client, "/account")
    assert "victim" not in client.get("/accounts").text
    for path in (f"/accounts/{victim.id}/reset", f"/accounts/{victim.id}/close", f"/accounts/{victim.id}/open"):
        assert client.post(path, data={"csrf": token}).status_code == 404
    assert client.get(f"/accounts/{victim.id}").status_code == 404
    for path in ("/accounts", "/tokens"):
        form = {"csrf": token, "login": "new", "name": "新", "role": "worker", "region": VILLAGE, "scope": "figures:read"}
        assert client.post(path, data=form).status_code == 422


def test_names_cannot_become_html(desk: World) -> None:
    desk.person("boss", Role.ADMINISTRATOR, COUNTY)
    client = desk.signed_in("boss")
    form = {"csrf": csrf(client, "/account"), "login": "ok", "name": "<script>x</script>", "role": "worker", "region": VILLAGE}
    assert "<script>" not in client.post("/accounts", data=form).text
    assert "<script>" not in client.get("/accounts").text and "&lt;script&gt;" in client.get("/accounts").text


def test_signing_out_ends_the_session_on_the_server(desk: World) -> None:
    desk.person()
    client: TestClient = desk.signed_in()
    kept = dict(client.cookies)
    client.post("/sign-out", data={"csrf": csrf(client, "/account")})
    again = desk.client()
    again.cookies.update(kept)
    assert again.get("/account").status_code == 303


def test_a_large_page_is_packed(desk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk.client()
    whole = client.get("/sign-in", headers={"accept-encoding": "identity"})
    monkeypatch.setattr("web.pages._PACKED_FROM", 100)
    packed = client.get("/sign-in", headers={"accept-encoding": "gzip"})
    assert (
        "content-encoding" not in whole.headers
        and "content-encoding" not in client.get("/sign-in", headers={"accept-encoding": "br"}).headers
    )
    assert packed.headers["content-encoding"] == "gzip" and packed.headers["vary"] == "Accept-Encoding"
    assert "登录" in packed.text and int(packed.headers["content-length"]) < len(whole.content)


def test_no_two_pages_hold_the_same_token(desk: World) -> None:
    desk.person()
    client = desk.signed_in()
    first, second = csrf(client, "/account"), csrf(client, "/account")
    assert first != second, "what is packed may not tell by its size what a token begins with"
    assert client.post("/sign-out", data={"csrf": first}).status_code == 303
