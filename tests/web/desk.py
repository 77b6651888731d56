"""A desk to look at in tests: places, people with passwords, the application over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Page

from consolidation.desk.context import Desk
from consolidation.desk.model import Role
from consolidation.store import Store
from consolidation.store.schema import metadata
from tests.browser import page, served
from tests.desk_people import GOOD, VILLAGE, Clock, make_desk, settled
from web import oidc
from web.desk_app import PARTS, create_desk_app
from web.pages import Part
from web.security import Bounds


@dataclass
class World:
    """A desk, its clock and its application."""

    desk: Desk
    clock: Clock
    app: FastAPI

    def client(self, base: str = "http://127.0.0.1") -> TestClient:
        return TestClient(self.app, base_url=base, follow_redirects=False, raise_server_exceptions=False)

    def person(self, login: str = "wang", role: Role = Role.WORKER, place: str = VILLAGE) -> None:
        settled(self.desk, login, role, place)

    def signed_in(self, login: str = "wang") -> TestClient:
        """A client that has signed in."""
        client = self.client()
        assert sign_in(client, login).status_code == 303
        return client


@contextmanager
def world(
    folder: Path, parts: tuple[Part, ...] = PARTS, bounds: Bounds | None = None, provider: oidc.Settings | None = None
) -> Iterator[World]:
    store = Store(f"sqlite:///{folder / 'desk.db'}")
    store.write(metadata.create_all)
    clock = Clock()
    desk = make_desk(store, clock)
    try:
        yield World(desk, clock, create_desk_app(desk, parts=parts, bounds=bounds, provider=provider))
    finally:
        store.close()


def csrf(client: TestClient, path: str = "/sign-in") -> str:
    """What a form on a page sends back."""
    text = client.get(path).text
    return text.partition('name="csrf" value="')[2].partition('"')[0]


def sign_in(client: TestClient, login: str = "wang", password: str = GOOD, goal: str = "/"):  # type: ignore[no-untyped-def]
    data = {"csrf": csrf(client), "login": login, "password": password, "next": goal}
    return client.post("/sign-in", data=data)


@contextmanager
def browsing(
    found: World, width: int = 1366, height: int = 768, expected: tuple[str, ...] = (), **options: bool
) -> Iterator[Page]:
    """A browser on the desk's first page."""
    with served(found.app) as address, page(width, height, expected, **options) as tab:
        tab.goto(address)
        yield tab


def type_sign_in(tab: Page, login: str, password: str) -> None:
    tab.get_by_label("登录名").fill(login)
    tab.get_by_label("密码", exact=True).fill(password)
    tab.get_by_role("button", name="登录").click()
