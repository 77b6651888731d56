"""A small tree of invented places, a clock that the test moves, and a desk over them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from consolidation.desk import passwords
from consolidation.desk.accounts import Account, Wanted, create_account
from consolidation.desk.attempts import Attempts
from consolidation.desk.context import Desk
from consolidation.desk.model import PROGRAM, Role
from consolidation.desk.sessions import SignedIn, Source, change_password, find_session, sign_in
from consolidation.store import Secrets, Store
from consolidation.store.schema import region, region_above

CITY, COUNTY, STREET, OTHER_STREET = "9900", "990101", "990101001", "990101002"
VILLAGE, OTHER_VILLAGE = "990101001001", "990101002001"
_PLACES = (
    (CITY, "示范市", "city", ""),
    (COUNTY, "示范县", "county", CITY),
    (STREET, "桃园街道", "township", COUNTY),
    (OTHER_STREET, "柳河镇", "township", COUNTY),
    (VILLAGE, "春风社区", "village", STREET),
    (OTHER_VILLAGE, "河湾村", "village", OTHER_STREET),
)
GOOD = "春风社区第三网格 27"
SECRETS = Secrets({"1": b"k" * 32}, "1", b"f" * 32)


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing that takes no time, for tests of something else: the real one takes 64 MiB and a twentieth of a second each."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = datetime(2026, 11, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def add_places(store: Store) -> None:
    parents = {code: parent for code, _, _, parent in _PLACES}
    store.write(
        lambda c: (
            c.execute(
                region.insert(), [{"code": code, "name": name, "level": level, "parent": up} for code, name, level, up in _PLACES]
            ).rowcount
        )
    )
    above = []
    for code in parents:
        at = code
        while at:
            above.append({"code": code, "above": at})
            at = parents[at]
    store.write(lambda c: c.execute(region_above.insert(), above).rowcount)


def make_desk(store: Store, clock: Clock | None = None) -> Desk:
    """The desk over the places, its clock in the test's hand."""
    add_places(store)
    return Desk(store, SECRETS, clock or Clock())


def hire(desk: Desk, login: str = "wang", role: Role = Role.WORKER, place: str = VILLAGE) -> tuple[Account, str]:
    """A new account and its first password."""
    made = create_account(desk, PROGRAM, Wanted(login, "王芳", role.value, place))
    return made.account, made.password


def settled(desk: Desk, login: str = "wang", role: Role = Role.WORKER, place: str = VILLAGE) -> SignedIn:
    """A person who has signed in and chosen GOOD as a password."""
    _, first = hire(desk, login, role, place)
    given = sign_in(desk, Attempts(), login, first, Source("127.0.0.1"))
    session = find_session(desk, given.cookie)
    assert session is not None
    return change_password(desk, Attempts(), session, first, GOOD, Source("127.0.0.1"))
