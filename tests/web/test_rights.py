"""Every route of the desk, each role, at home and elsewhere: who is refused gets nothing and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from consolidation.desk import passwords, tokens
from consolidation.desk.model import PROGRAM, Role
from consolidation.store import schema
from tests.consolidation.desk.county import COUNTY, ELSEWHERE, WILLOW
from tests.desk_people import GOOD
from tests.web.county import PERIOD, PROVIDER, County, as_served, county
from tests.web.rights import EVERYBODY, RIGHTS, Right
from web.desk_app import create_desk_app
from web.results import REPORT
from web.security import Bounds

# Nothing of the county may stand on a page that somebody of elsewhere sees.
MARKS = ("云溪县", "柳河镇", "柳坝村", "石港村", "王填报", "张建国", "省平台")
MAY_CHANGE = ("session", "audit", "audit_head", "setting")  # that somebody was here at all


def routes_of(routes: Iterable[Any]) -> Iterator[str]:
    """ "GET /desk/{period}" and so on, of everything that the application answers."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from routes_of(route.original_router.routes)
        elif getattr(route, "methods", None):
            yield from (f"{method} {route.path}" for method in route.methods if method != "HEAD")
        else:
            yield f"MOUNT {route.path}"


class Place(County):
    """The county with one account of each role at home and one elsewhere, and something of each kind to aim at."""

    def prepare(self, folder: Path) -> None:
        bounds = Bounds(sign_in="9999 per minute", session="99999 per minute")
        (folder / "一表.xlsx").write_bytes(b"one table")
        (folder / REPORT).write_text("<!doctype html><title>合并报告</title>", encoding="utf-8")
        self.app = create_desk_app(self.desk, parts=as_served(folder), bounds=bounds, provider=PROVIDER)
        hashed = passwords.hashed(GOOD)
        rows = [
            {"id": f"{role}-{region}", "login": f"{role}-{region}", "name": "某人", "role": str(role), "region": region, "password": hashed}
            for role in Role for region in (COUNTY, ELSEWHERE)
        ]  # fmt: skip
        self.desk.store.write(lambda c: c.execute(insert(schema.account), rows).rowcount)
        tokens.create_token(self.desk, PROGRAM, "省平台", WILLOW, ["figures:read"])
        (self.token,) = tokens.tokens(self.desk, PROGRAM)
        self.clients = {(role, region): self.client(f"{role}-{region}") for role in Role for region in (COUNTY, ELSEWHERE)}
        self.area = self.element("耕地面积")
        # The first look at an element writes down those of the library: nobody's data.
        self.send(self.clients[Role.STEWARD, COUNTY], "POST /steward/elements/{element}", RIGHTS["GET /"])

    def send(self, client: TestClient, name: str, right: Right) -> Any:
        """A request as somebody makes it who knows every code there is."""
        method, _, path = name.partition(" ")
        wanted = {
            "period": PERIOD, "place": WILLOW, "element": self.area, "form": "yanglao", "kind": "xlsx", "seq": "1",
            "number": "1", "version": "1", "path:path": "一表.xlsx",
            "id_": self.token.id if path.startswith("/tokens") else "wang",
        }  # fmt: skip
        address = re.sub(r"\{([\w:]+)\}", lambda found: wanted.get(found[1], WILLOW), path)
        if method == "GET":
            return client.get(address, params={"place": WILLOW, "region": WILLOW, "period": PERIOD})
        token = re.search(r'name="csrf" value="([^"]+)"', client.get("/account").text)
        head = {"X-CSRF-Token": token[1] if token else ""}
        if right.json:
            return client.request(method, address, json={"cells": [{"element": self.area, "text": "666"}]}, headers=head)
        return client.request(
            method, address, data={**self.form(), "what": "return" if path.startswith("/review") else "save"}, headers=head
        )

    def form(self) -> Mapping[str, str | list[str]]:
        return {
            "place": [WILLOW], "region": WILLOW, "period": PERIOD, "element": self.area, f"v:{self.area}": "666", f"n:{self.area}": "0",
            "text": "666", "note": "因为", f"m:{self.area}": "不对", "login": "neu", "name": "新人", "role": "worker",
            "scope": "figures:read", "days": "9", "version": "0", "old": "x", "new": "y", "again": "z",
        }  # fmt: skip

    def everything(self) -> dict[str, list[Any]]:
        with self.desk.store.read() as c:
            return {
                name: sorted(map(repr, c.execute(select(schema.metadata.tables[name]))))
                for name in sorted(schema.metadata.tables)
                if name not in MAY_CHANGE
            }


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("rights")
    with county(folder) as made, pytest.MonkeyPatch.context() as patch:
        from argon2 import PasswordHasher

        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        found = Place(made.made)
        found.prepare(tmp_path_factory.mktemp("results"))
        yield found


def test_every_route_says_who_may_use_it(at: Place) -> None:
    routes = set(routes_of(at.app.routes))
    assert len(routes) > 30
    assert routes - RIGHTS.keys() == set(), "say in tests/web/rights.py who may use them"
    assert RIGHTS.keys() - routes == set(), "no longer there"


ROUTES = [(name, right) for name, right in RIGHTS.items() if not name.startswith("MOUNT")]
HERE = pytest.mark.parametrize(("name", "right"), ROUTES, ids=[name for name, _ in ROUTES])


@HERE
def test_without_signing_in_nothing_is_to_be_had(at: Place, name: str, right: Right) -> None:
    before = at.everything()
    answer = at.send(at.client(), name, right)
    if right.public:
        assert answer.status_code < 500
    else:
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    assert at.everything() == before and not any(mark in answer.text for mark in MARKS)


@HERE
def test_other_roles_are_refused(at: Place, name: str, right: Right) -> None:
    before = at.everything()
    for role in EVERYBODY - right.roles:
        answer = at.send(at.clients[role, COUNTY], name, right)
        assert answer.status_code in refusals(name, right), f"{role}: {answer.status_code}"
        assert not any(mark in _main(answer.text) for mark in MARKS if mark != "云溪县"), role
    assert at.everything() == before


@HERE
def test_people_of_elsewhere_see_nothing_and_change_nothing(at: Place, name: str, right: Right) -> None:
    if "password" in name or "sign-" in name:
        pytest.skip("about oneself")
    before = at.everything()
    for role in Role:
        answer = at.send(at.clients[role, ELSEWHERE], name, right)
        assert not any(mark in answer.text for mark in MARKS), role
        if right.bound:
            assert answer.status_code in refusals(name, right), f"{role}: {answer.status_code}"
        assert answer.status_code < 500
    assert at.everything() == before


@HERE
def test_the_roles_that_may_can(at: Place, name: str, right: Right) -> None:
    if not name.startswith("GET"):
        pytest.skip("what it does is tested where it belongs")
    for role in right.roles:
        answer = at.send(at.clients[role, COUNTY], name, right)
        if not right.there:
            assert answer.status_code in (200, 303, 400, 404, 422), role
            continue
        assert answer.status_code == 200 or (answer.status_code == 303 and "sign-in" not in answer.headers["location"]), role


def refusals(name: str, right: Right) -> tuple[int, ...]:
    """How a request may be refused. Where the walk knows no thing that is there, a form is looked at before the rights."""
    before_rights = name in ("POST /accounts", "POST /tokens") or (name.startswith("POST") and not right.there)
    return (303, 403, 404, 422) if before_rights else (403, 404)


def _main(text: str) -> str:
    return text.partition("<main")[2]
