"""The small county of the desk's tests with its web application, everybody able to sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi.testclient import TestClient
from playwright.sync_api import Page
from sqlalchemy import update

from consolidation.desk import dispatch, passwords
from consolidation.store import Store
from consolidation.store.migrate import upgrade
from consolidation.store.schema import account
from tests.browser import page, served
from tests.consolidation.desk.county import STEWARD, STONE, WILLOW, Made, opened
from tests.desk_people import GOOD
from tests.web.desk import csrf, type_sign_in
from web.desk_app import PARTS, create_desk_app
from web.oidc import Settings
from web.pages import Part
from web.results import part as results_part

PERIOD = "2026-10"
PROVIDER = Settings("http://127.0.0.1:9", "yibiao", "secret")  # of OpenID Connect; nobody answers there


def as_served(results: Path) -> tuple[Part, ...]:
    """Every part of the desk as `serve` puts them together, with the results of a merge beside."""
    return (*PARTS, results_part(results))


class County:
    """The desk with October open and prefilled in both villages, and its application."""

    def __init__(self, made: Made) -> None:
        self.made, self.desk, self.app = made, made.desk, create_desk_app(made.desk)

    def element(self, name: str) -> str:
        return self.made.element(name)

    def client(self, login: str = "") -> TestClient:
        """A client; with a login it has signed in."""
        found = TestClient(self.app, base_url="http://127.0.0.1", follow_redirects=False, raise_server_exceptions=False)
        if login:
            data = {"csrf": csrf(found), "login": login, "password": GOOD, "next": "/"}
            assert found.post("/sign-in", data=data).status_code == 303
        return found


@contextmanager
def county(folder: Path) -> Iterator[County]:
    store = Store(f"sqlite:///{folder / 'desk.db'}")
    upgrade(store)
    try:
        yield county_in(store, folder)
    finally:
        store.close()


def county_in(store: Store, folder: Path) -> County:
    """The county in a database of the test's own."""
    made = opened(store, folder, datetime.now(UTC))
    for place in (WILLOW, STONE):
        dispatch.prefill(made.desk, STEWARD, place, PERIOD)
    stored = passwords.hashed(GOOD)
    store.write(lambda c: c.execute(update(account).values(password=stored)).rowcount)
    return County(made)


@contextmanager
def browsing(
    found: County, login: str, width: int = 1366, height: int = 768, expected: tuple[str, ...] = (), **options: bool
) -> Iterator[Page]:
    """A browser in which somebody has signed in."""
    with served(found.app) as address, page(width, height, expected, **options) as tab:
        tab.goto(address)
        type_sign_in(tab, login, GOOD)
        tab.wait_for_url(lambda url: "sign-in" not in url)
        yield tab
