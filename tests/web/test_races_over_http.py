"""Two hundred people report one figure through the served pages, each signed in for themselves, on both databases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from sqlalchemy import func, insert, select

from consolidation.desk import findings, passwords, review
from consolidation.desk.drafts import Cell, save_cells
from consolidation.desk.model import PROGRAM
from consolidation.desk.tokens import create_token
from consolidation.store import Store, verify
from consolidation.store.schema import account, figure_history
from tests.browser import served
from tests.consolidation.desk.county import WANG, WILLOW
from tests.desk_people import GOOD, cheap_hashes  # noqa: F401 - a fixture
from tests.web.county import PERIOD, County, county_in
from web.desk_app import create_desk_app
from web.security import Bounds

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("cheap_hashes")]
MANY = 200
SHEET = f"/desk/{PERIOD}/{WILLOW}"
FREE = Bounds(address="999999 per minute", session="999999 per minute", sign_in="999999 per minute")


@dataclass
class Person:
    """Somebody signed in, with a connection and a session of their own."""

    login: str
    name: str
    client: httpx.Client
    csrf: str

    def report(self, element: str, text: str) -> httpx.Response:
        cells = {"cells": [{"element": element, "text": text, "version": 0}]}
        return self.client.post(f"{SHEET}/cells", json=cells, headers={"X-CSRF-Token": self.csrf, "Accept": "application/json"})


@pytest.fixture
def found(store: Store, tmp_path: Path, cheap_hashes: None) -> County:  # noqa: F811
    one = county_in(store, tmp_path)
    one.app = create_desk_app(one.desk, bounds=FREE)
    stored = passwords.hashed(GOOD)
    rows = [
        {"id": f"p{n}", "login": f"p{n}", "name": f"第{n}人", "role": "worker", "region": WILLOW, "password": stored}
        for n in range(MANY)
    ]  # fmt: skip
    store.write(lambda c: c.execute(insert(account), rows).rowcount)
    return one


@pytest.fixture
def address(found: County) -> Iterator[str]:
    with served(found.app) as one:
        yield one


@pytest.fixture
def people(address: str) -> Iterator[list[Person]]:
    with ExitStack() as stack:

        def signed_in(number: int) -> Person:
            client = stack.enter_context(connected(address))
            data = {"csrf": token(client.get("/sign-in")), "login": f"p{number}", "password": GOOD, "next": "/account"}
            assert client.post("/sign-in", data=data).status_code == 303
            return Person(f"p{number}", f"第{number}人", client, token(client.get("/account")))

        yield [signed_in(number) for number in range(MANY)]


def connected(address: str) -> httpx.Client:
    """A new connection for each request: the server closes those that rest for five seconds, also in the midst of a test."""
    fresh = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(base_url=address, timeout=120, trust_env=False, verify=False, limits=fresh)  # noqa: S501 - plain http


def token(page: httpx.Response) -> str:
    (own, *_) = re.findall(r'name="csrf" value="([^"]+)"', page.text)
    return str(own)


def at_once(jobs: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], httpx.Response]) -> httpx.Response:
        barrier.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def refusals(answers: list[httpx.Response], element: str) -> list[dict[str, str]]:
    """Why each was refused; everybody got a proper answer."""
    assert Counter(one.status_code for one in answers) == {200: len(answers)}
    return [one.json()["refused"][element] for one in answers if one.json()["refused"]]


def whole(found: County, element: str, versions: int) -> None:
    with found.desk.store.read() as connection:
        count = select(func.count()).select_from(figure_history).where(figure_history.c.element == element)
        assert connection.execute(count).scalar_one() == versions
        assert list(verify(connection, found.desk.secrets.finder)) == []


def test_of_two_hundred_one_wins_and_the_others_are_told_by_whom_when_and_what_to_do(found: County, people: list[Person]) -> None:
    area = found.element("耕地面积")
    answers = at_once([lambda who=who, n=n: who.report(area, str(1000 + n)) for n, who in enumerate(people)])
    (won,) = [one.json()["saved"][0] for one in answers if one.json()["saved"]]
    winner = people[int(won["value"]) - 1000]
    told = refusals(answers, area)
    assert len(told) == MANY - 1
    for one in told:
        assert winner.name in one["message"] and won["value"] in one["message"]
        assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", one["message"]), "when"
        assert "再保存" in one["hint"] and "提出异议" in one["hint"], "how to change it, how to dispute it"
    whole(found, area, 1)


def test_a_reported_figure_is_reported_by_nobody_again(found: County, people: list[Person]) -> None:
    area, phone = found.element("耕地面积"), next(id_ for name, id_ in found.made.names.items() if "电话" in name)
    cells = [Cell(area, "12"), Cell(found.element("养老床位"), "3"), Cell(phone, "13800000000")]
    assert not save_cells(found.desk, WANG, WILLOW, PERIOD, cells).refused
    review.submit(
        found.desk,
        WANG,
        WILLOW,
        PERIOD,
        {one.fingerprint: "核对过" for one in findings.findings(found.desk, WANG, WILLOW, PERIOD)},
    )
    told = refusals(at_once([lambda who=who: who.report(area, "77") for who in people]), area)
    assert len(told) == MANY
    for one in told:
        assert WANG.name in one["message"] and " 12。" in one["message"] and "更正" in one["hint"] and "提出异议" in one["hint"]
    whole(found, area, 2)  # as a draft, and as it was submitted


def test_two_hundred_pushes_through_the_api_without_a_version_overwrite_nobody(found: County, address: str) -> None:
    area = found.element("耕地面积")
    heads = [
        {"authorization": f"Bearer {create_token(found.desk, PROGRAM, f'系统{n}', WILLOW, ['figures:write'])}"}
        for n in range(MANY)
    ]
    path = f"/api/v1/periods/{PERIOD}/places/{WILLOW}/figures"
    with connected(address) as client:

        def push(n: int) -> Callable[[], httpx.Response]:
            body = {"figures": [{"element": area, "value": str(1000 + n)}]}
            return lambda: client.post(path, json=body, headers=heads[n])

        told = refusals(at_once([push(n) for n in range(MANY)]), area)
    assert len(told) == MANY - 1 and all("系统" in one["message"] for one in told)
    whole(found, area, 1)
