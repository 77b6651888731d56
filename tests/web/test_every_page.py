"""Every page of the desk in a real browser: for everybody, at any size, by keyboard alone, on paper.

The pages are those of the one table of routes (tests/web/rights.py): a route that shows a page and is not walked through fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Page

from consolidation.desk import passwords
from consolidation.desk.model import Role
from tests.browser import needs_browser, page, served
from tests.consolidation.desk.county import STONE, WILLOW
from tests.consolidation.desk.roster_county import PERIOD
from tests.desk_people import GOOD
from tests.web.desk import type_sign_in
from tests.web.everything import LOGINS, ROSTER, Everything, everything
from tests.web.looks import accessible, used_by_keyboard
from tests.web.rights import PAGE, RIGHTS, Right

pytestmark = [pytest.mark.slow, needs_browser]
SIZES = pytest.mark.parametrize("size", [(360, 740), (1366, 768), (683, 384)], ids=["360", "1366", "1366 at 200 %"])
PAGES = {name.removeprefix("GET "): right for name, right in RIGHTS.items() if name.startswith("GET ") and right.shows == PAGE}
ORDER = (Role.WORKER, Role.STEWARD, Role.LEADER, Role.ADMINISTRATOR, Role.TRAINER)
# What another role sees of a page that a worker sees as well, or what is there only when it is asked for; address, status.
SHEET = f"/desk/{PERIOD}/{WILLOW}"
MORE: dict[Role, dict[str, int]] = {
    Role.WORKER: {f"/rosters/{WILLOW}/{PERIOD}/{ROSTER}?show=changed": 200, "/none": 404, "/accounts": 403},
    Role.STEWARD: {"/": 200, "/steward/elements?q=残疾": 200, "/steward/admission?form={steward.form}": 200},
    Role.LEADER: {
        "/": 200, "/desk": 200, SHEET: 200, f"{SHEET}/cell/{{element}}": 200, f"/desk/{PERIOD}/{STONE}": 200,
        f"/review/{PERIOD}/{STONE}": 200, f"/rosters/{WILLOW}/{PERIOD}/{ROSTER}": 200, f"/rollups/{PERIOD}?region={WILLOW}": 200,
    },
    Role.ADMINISTRATOR: {"/": 200, "/audit?act=save": 200},
    Role.TRAINER: {"/": 200},
}  # fmt: skip
TROUBLES = ("status of 400", "status of 401", "status of 403", "status of 404", "status of 409", "status of 413", "status of 422")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        passwords._nobodys.cache_clear()
        with everything(tmp_path_factory.mktemp("everything")) as one:
            yield one


@pytest.fixture(scope="module")
def address(found: Everything) -> Iterator[str]:
    with served(found.app) as one:
        yield one


@contextmanager
def browsing(address: str, login: str, size: tuple[int, int]) -> Iterator[Page]:
    """A browser in which somebody has signed in, into whose pages a tool's script may be put."""
    with page(*size, TROUBLES, bypass_csp=True) as tab:
        tab.set_default_timeout(60_000)
        tab.goto(address)
        type_sign_in(tab, login, GOOD)
        tab.wait_for_url(lambda url: "sign-in" not in url)
        yield tab


def visits(found: Everything, role: Role) -> dict[str, int]:
    """The pages that this role is the first to look at, and those of MORE, each with the status it has to have."""
    mine = [route for route, right in PAGES.items() if not right.public and first(found, route, right) is role]
    return {found.address(path, role): status for path, status in {**dict.fromkeys(mine, 200), **MORE[role]}.items()}


def first(found: Everything, route: str, right: Right) -> Role | None:
    """Who shows a page: the first of its roles for whom the county has something there."""
    return next((role for role in ORDER if role in right.roles and found.address(route, role)), None)


def test_the_county_has_something_to_show_on_every_page(found: Everything) -> None:
    assert [route for route, right in PAGES.items() if not right.public and first(found, route, right) is None] == []


@SIZES
@pytest.mark.parametrize("role", ORDER)
def test_every_page_is_for_everybody_fits_and_is_used_by_keyboard_alone(
    found: Everything, address: str, role: Role, size: tuple[int, int]
) -> None:
    with browsing(address, LOGINS[role], size) as tab:
        for path, status in visits(found, role).items():
            answer = tab.goto(address + path)
            assert answer is not None and answer.status == status, path
            used_by_keyboard(tab)
            accessible(tab)
