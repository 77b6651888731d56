"""The JSON API: what a token of each scope and region may read and write, and how it is told what it may not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from consolidation.desk import tokens
from consolidation.desk.model import PROGRAM
from tests.consolidation.desk.county import ELSEWHERE, STONE, TOWN, WILLOW
from tests.web.county import PERIOD, County, county
from web.desk_app import create_desk_app
from web.security import Bounds

MANY = Bounds(address="9999999 per minute", session="9999999 per minute")
AT = f"/periods/{PERIOD}"
SHEET = f"{AT}/places/{WILLOW}"
READ, WRITE, FORMS = "figures:read", "figures:write", "forms:read"
# What each operation asks for: any one of these scopes.
SCOPES = {
    ("get", "/periods"): {READ, FORMS},
    ("get", "/periods/{period}/forms"): {FORMS},
    ("get", "/periods/{period}/places"): {READ},
    ("get", "/periods/{period}/places/{place}/figures"): {READ},
    ("get", "/periods/{period}/places/{place}/forms/{form}"): {FORMS},
    ("post", "/periods/{period}/places/{place}/figures"): {WRITE},
    ("post", "/periods/{period}/places/{place}/figures/{element}/corrections"): {WRITE},
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    with county(tmp_path_factory.mktemp("api")) as one:
        one.app = create_desk_app(one.desk, hosts=("testserver", "127.0.0.1"), bounds=MANY)
        yield one


class System:
    """Another system with a token."""

    def __init__(self, county: County, region: str, *scopes: str) -> None:
        self.client = TestClient(county.app)
        self.head = {"authorization": f"Bearer {tokens.create_token(county.desk, PROGRAM, '省平台', region, scopes)}"}

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.head)

    def post(self, path: str, body: object) -> Any:
        return self.client.post(f"/api/v1{path}", headers=self.head, json=body)


@pytest.mark.parametrize("scope", [READ, WRITE, FORMS])
def test_every_operation_asks_for_its_scope(found: County, scope: str) -> None:
    system = System(found, TOWN, scope)
    for (method, path), scopes in SCOPES.items():
        real = path.format(period=PERIOD, place=WILLOW, form="yanglao", element=found.element("耕地面积"))
        bodies = {"figures": [{"element": found.element("耕地面积"), "value": "12"}]}, {"value": "1", "reason": "复核"}
        answer = system.get(real) if method == "get" else system.post(real, bodies["corrections" in path])
        assert (answer.status_code != 403) == (scope in scopes), f"{method} {path} with {scope}: {answer.status_code}"
        if answer.status_code == 403:
            assert answer.json()["code"] == "desk.not-allowed"


def test_the_description_says_which_scope_each_operation_asks_for(found: County) -> None:
    paths = TestClient(found.app).get("/api/v1/openapi.json").json()["paths"]
    said = {
        (method, path): {scope for one in operation["security"] for scopes in one.values() for scope in scopes}
        for path, methods in paths.items() for method, operation in methods.items()
    }  # fmt: skip
    assert said == SCOPES
    # Each requirement names one scope alone: they are alternatives, as OpenAPI reads a list.
    assert all(
        len(scopes) == 1
        for methods in paths.values() for operation in methods.values() for one in operation["security"] for scopes in one.values()
    )  # fmt: skip


@pytest.mark.parametrize("scope", [READ, FORMS])
def test_periods_are_those_dispatched_in_the_tokens_region(found: County, scope: str) -> None:
    assert [one["period"] for one in System(found, WILLOW, scope).get("/periods").json()] == [PERIOD]
    assert System(found, ELSEWHERE, scope).get("/periods").json() == []


def test_forms_are_those_of_a_period_dispatched_in_the_tokens_region(found: County) -> None:
    assert {one["id"] for one in System(found, STONE, FORMS).get(f"{AT}/forms").json()} == {"renkou", "yanglao"}
    assert System(found, ELSEWHERE, FORMS).get(f"{AT}/forms").status_code == 404
    assert System(found, STONE, FORMS).get("/periods/2026-09/forms").status_code == 404


def test_a_prefilled_figure_is_typed_over_with_a_note_only(found: County) -> None:
    system, people = System(found, WILLOW, READ, WRITE), found.element("户籍人口")
    told = system.post(f"{SHEET}/figures", {"figures": [{"element": people, "value": "9"}]})
    assert told.status_code == 200 and told.json()["saved"] == []
    refused = told.json()["refused"][people]
    assert set(refused) == {"code", "message", "hint"} and refused["code"] == "desk.typed-over" and "note" in refused["hint"]
    held = next(one for one in system.get(f"{SHEET}/figures").json()["figures"] if one["element"] == people)
    assert (held["value"], held["given"]) == ("2", "prefilled")
    done = system.post(f"{SHEET}/figures", {"figures": [{"element": people, "value": "9", "note": "入户核过"}]})
    assert [one["value"] for one in done.json()["saved"]] == ["9"]
