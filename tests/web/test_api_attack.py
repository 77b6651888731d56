"""The JSON API under attack: requests made from its own OpenAPI description, good ones and broken ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from consolidation.desk import tokens
from consolidation.desk.model import PROGRAM
from tests.consolidation.desk.county import STONE, TOWN, WILLOW
from tests.web.county import PERIOD, County, county
from web.desk_app import create_desk_app
from web.security import Bounds

ALL = ["figures:read", "figures:write", "forms:read"]
CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance, unsupported_method,
    ignored_auth, negative_data_rejection,
)  # fmt: skip
MANY = Bounds(address="9999999 per minute", session="9999999 per minute")
CHINESE = re.compile(r"[一-鿿]")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    with county(tmp_path_factory.mktemp("api")) as one:
        one.app = create_desk_app(one.desk, hosts=("testserver", "127.0.0.1"), bounds=MANY)
        yield one


@pytest.fixture(scope="module")
def token(found: County) -> str:
    return tokens.create_token(found.desk, PROGRAM, "省平台", TOWN, ALL)


@pytest.fixture(scope="module")
def description(found: County) -> Any:
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", found.app)


def attacked(case: schemathesis.Case, found: County, token: str, good: bool) -> None:
    """One request with everything that must hold of its answer. Of those that fit, every other one is about what is really there."""
    real = {"period": PERIOD, "place": WILLOW, "form": "yanglao", "element": found.element("耕地面积")}
    given = case.path_parameters or {}
    if good and sum(len(str(value)) for value in given.values()) % 2:
        given.update({name: value for name, value in real.items() if name in given})
    answer = case.call(headers={"Authorization": f"Bearer {token}"})
    case.validate_response(answer, checks=CHECKS, headers={"Authorization": f"Bearer {token}"})
    if answer.status_code >= 400:
        told = answer.json()
        assert set(told) == {"code", "message", "hint"} and CHINESE.search(told["message"]) and CHINESE.search(told["hint"])


OPERATIONS = (
    ("GET", "/periods"), ("GET", "/periods/{period}/places"), ("GET", "/periods/{period}/forms"),
    ("GET", "/periods/{period}/places/{place}/figures"), ("POST", "/periods/{period}/places/{place}/figures"),
    ("GET", "/periods/{period}/places/{place}/forms/{form}"),
    ("POST", "/periods/{period}/places/{place}/figures/{element}/corrections"),
)  # fmt: skip
QUIET = [HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


def attack(found: County, token: str, description: Any, method: str, path: str, examples: int) -> None:
    """So many requests that fit the description, and as many that do not."""
    _attack(found, token, description[path][method].as_strategy(generation_mode=GenerationMode.POSITIVE), True, examples)
    if "{" in path:  # nothing can be wrong where nothing is asked
        _attack(found, token, description[path][method].as_strategy(generation_mode=GenerationMode.NEGATIVE), False, examples)


def _attack(found: County, token: str, strategy: Any, good: bool, examples: int) -> None:
    @given(case=strategy)
    @settings(max_examples=examples, deadline=None, derandomize=examples < 50, database=None, suppress_health_check=QUIET)
    def one(case: schemathesis.Case) -> None:
        attacked(case, found, token, good)

    one()


def test_every_operation_is_attacked(description: Any) -> None:
    assert {(o.ok().method.upper(), o.ok().path) for o in description.get_all_operations()} == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_the_api_is_as_it_is_described(found: County, token: str, description: Any, method: str, path: str) -> None:
    attack(found, token, description, method, path, 4)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_whatever_is_sent_the_api_is_as_it_is_described(
    found: County, token: str, description: Any, method: str, path: str
) -> None:  # fmt: skip
    attack(found, token, description, method, path, 100)


SHEET = f"/api/v1/periods/{PERIOD}/places/{WILLOW}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/none", 404), ("DELETE", "/api/v1/periods", 405), ("GET", "/api/none", 404),
        ("GET", "/api/v1/periods/2026-13/forms", 404), ("GET", "/api/v1/periods/x/forms", 422),
        ("GET", "/api/v1/periods/2026-10%00/forms", 400), ("POST", f"{SHEET}/figures", 422), ("GET", f"{SHEET}/forms/%FF", 404),
        ("GET", f"/api/v1/periods/{PERIOD}/places/990102/figures", 404),
    ],
)  # fmt: skip
def test_every_refusal_is_a_problem_in_chinese(found: County, token: str, method: str, path: str, status: int) -> None:
    answer = TestClient(found.app).request(method, path, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == status and answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"code", "message", "hint"} and CHINESE.search(answer.json()["message"])


def test_a_failure_of_ours_is_a_problem_too(found: County, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("张三")

    monkeypatch.setattr("consolidation.service.desk.periods_of", broken)
    client = TestClient(found.app, raise_server_exceptions=False)
    answer = client.get("/api/v1/periods", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 500 and answer.json()["code"] == "web.500" and "张三" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b'{"figures":[{"element":"a","value":"1","\\ud800":1}]}', b'{"figures":[{"element":"\\ud800","value":"1"}]}',
        b'{"figures":[{"element":"a","value":"1","note":"\xed\xa0\x80"}]}', b"[" * 200_000, b'{"figures":' * 90_000, b"\xff\xfe", b"",
        b"null", b'{"figures":null}', b'{"figures":[null]}', b'{"figures":[{"element":"a","value":1e400}]}',
        b'{"figures":[{"element":"a","value":"1","version":' + b"9" * 5000 + b"}]}",
        b'{"figures":[{"element":"a","value":"1","version":99999999999}]}', b'{"figures":[{"element":"a","value":"1","version":-1}]}',
        b'{"figures":[{"element":"a","value":"1","version":"0"}]}', b"{\x00}",
        b'{"figures":[' + b",".join([b'{"element":"a","value":"1"}'] * 60_000) + b"]}",
    ],
)  # fmt: skip
def test_a_broken_body_is_refused(found: County, token: str, body: bytes) -> None:
    head = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    answer = TestClient(found.app, raise_server_exceptions=False).post(f"{SHEET}/figures", content=body, headers=head)
    assert answer.status_code in (400, 422) and CHINESE.search(answer.json()["message"]), answer.text
    assert "ud800" not in answer.text


def test_a_token_stays_in_its_region_and_scope(found: County) -> None:
    client = TestClient(found.app)
    reads = tokens.create_token(found.desk, PROGRAM, "只读", STONE, ["figures:read"])
    head = {"authorization": f"Bearer {reads}"}
    own = f"/api/v1/periods/{PERIOD}/places/{STONE}"
    body = {"figures": [{"element": found.element("耕地面积"), "value": "1"}]}
    assert client.get(f"{own}/figures", headers=head).status_code == 200
    assert client.get(f"{SHEET}/figures", headers=head).status_code == 404
    assert client.get(f"{own}/forms/yanglao", headers=head).status_code == 403
    assert client.post(f"{own}/figures", json=body, headers=head).status_code == 403
    places = client.get(f"/api/v1/periods/{PERIOD}/places", headers=head).json()
    assert {place["region"] for place in places} <= {STONE}


def test_a_token_opens_no_page(found: County, token: str) -> None:
    client = TestClient(found.app, base_url="http://127.0.0.1", follow_redirects=False)
    for path in (
        "/desk",
        f"/desk/{PERIOD}/{WILLOW}",
        f"/desk/{PERIOD}/{WILLOW}/forms/yanglao",
        "/review",
        "/accounts",
        "/account",
    ):
        assert client.get(path, headers={"authorization": f"Bearer {token}"}).status_code == 303


def test_a_token_beside_a_session_does_not_stand_for_the_pages_own(found: County, token: str) -> None:
    client = found.client("wang")
    head = {"authorization": f"Bearer {token}"}
    assert client.post("/sign-out", headers=head).status_code == 403
    assert client.get("/account").status_code == 200
