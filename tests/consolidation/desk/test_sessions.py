"""Signing in: sessions, failures, locks, and what a stranger cannot do to anybody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from consolidation.desk import accounts, passwords, sessions
from consolidation.desk.attempts import Attempts, Failures, Locked, network, one_more, spoken
from consolidation.desk.context import Desk
from consolidation.desk.model import PROGRAM, Invalid, Refused, Role
from consolidation.desk.sessions import SignedIn, Source, find_session, sign_in
from consolidation.store import Store
from consolidation.store.schema import account, audit, session
from tests.desk_people import (
    GOOD,
    VILLAGE,
    Clock,
    cheap_hashes,  # noqa: F401 - a fixture
    hire,
    make_desk,
    settled,
)

pytestmark = pytest.mark.usefixtures("cheap_hashes")

HERE = Source("192.0.2.1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return make_desk(store, clock)


def refused(desk: Desk, attempts: Attempts, login: str = "wang", password: str = "wrong", source: Source = HERE) -> str:  # noqa: S107
    with pytest.raises(Refused) as told:
        sign_in(desk, attempts, login, password, source)
    return told.value.problem.code


def test_the_table_holds_nothing_that_opens_a_session(desk: Desk) -> None:
    given = settled(desk)
    found = find_session(desk, given.cookie)
    assert found is not None and found.account.login == "wang"
    with desk.store.read() as c:
        kept = str(c.execute(select(session)).one()._mapping)
    assert given.cookie not in kept and len(given.cookie) >= 43
    assert find_session(desk, found.id) is None and find_session(desk, "") is None


def test_a_session_ends_after_hours_of_rest_and_after_a_working_day(desk: Desk, clock: Clock) -> None:
    given = settled(desk)
    for _ in range(7):
        clock.move(hours=1.5)
        assert find_session(desk, given.cookie) is not None
    clock.move(hours=1.6)
    assert find_session(desk, given.cookie) is None, "12 hours are over"
    given = sign_in(desk, Attempts(), "wang", GOOD, HERE)
    clock.move(hours=2, seconds=1)
    assert find_session(desk, given.cookie) is None, "two hours of rest"


def test_each_sign_in_is_a_new_session_and_ends_the_one_it_replaces(desk: Desk) -> None:
    first = settled(desk)
    second = sign_in(desk, Attempts(), "wang", GOOD, Source("192.0.2.1", session=first.cookie))
    assert second.cookie != first.cookie
    assert find_session(desk, first.cookie) is None and find_session(desk, second.cookie) is not None


def test_signing_out_here_and_everywhere(desk: Desk) -> None:
    here, there, third = settled(desk), *(sign_in(desk, Attempts(), "wang", GOOD, HERE) for _ in range(2))
    sessions.sign_out(desk, _session(desk, here))
    assert find_session(desk, here.cookie) is None and sessions.sessions_of(desk, there.account) == 2
    sessions.sign_out_everywhere(desk, _session(desk, there))
    assert find_session(desk, there.cookie) is None and find_session(desk, third.cookie) is None


def test_a_closed_account_is_out_at_once_and_a_role_changes_at_once(desk: Desk) -> None:
    given = settled(desk)
    accounts.change_account(desk, PROGRAM, given.account.id, "王芳", Role.LEADER.value, VILLAGE)
    assert _session(desk, given).account.role is Role.LEADER
    accounts.deactivate(desk, PROGRAM, given.account.id)
    assert find_session(desk, given.cookie) is None
    assert refused(desk, Attempts(), password=GOOD) == "account.inactive"
    assert refused(desk, Attempts(), password="other") == "account.wrong", "who does not know the password learns nothing"


def test_another_password_ends_all_sessions_and_opens_a_new_one(desk: Desk) -> None:
    given = settled(desk)
    other = sign_in(desk, Attempts(), "wang", GOOD, HERE)
    new = "一个全新的密码 2026 秋"
    fresh = sessions.change_password(desk, Attempts(), _session(desk, given), GOOD, new, HERE)
    assert find_session(desk, given.cookie) is None and find_session(desk, other.cookie) is None
    assert not _session(desk, fresh).account.must_change
    assert refused(desk, Attempts(), password=GOOD) == "account.wrong"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("wrong", "一个全新的密码 2026", "password.wrong"), (GOOD, GOOD, "password.same"), (GOOD, "short", "password.short")],
)
def test_changes_of_password_that_are_refused(desk: Desk, old: str, new: str, code: str) -> None:
    given = settled(desk)
    with pytest.raises(Invalid) as told:
        sessions.change_password(desk, Attempts(), _session(desk, given), old, new, HERE)
    assert told.value.problem.code == code and find_session(desk, given.cookie) is not None


def test_the_lock_grows_and_opens_again(desk: Desk, clock: Clock) -> None:
    hire(desk)
    attempts = Attempts(address="1000 per minute")
    assert [refused(desk, attempts) for _ in range(6)] == ["account.wrong"] * 5 + ["account.locked"]
    waits = []
    for _ in range(7):
        with pytest.raises(Locked) as told:
            sign_in(desk, attempts, "wang", "wrong", HERE)
        waits.append(told.value.wait)
        clock.move(seconds=told.value.wait)
        assert refused(desk, attempts) == "account.wrong"
    assert waits == [30, 60, 120, 240, 480, 900, 900]
    clock.move(minutes=15)
    made = accounts.accounts(desk, PROGRAM)[0]
    issued = accounts.reset_password(desk, PROGRAM, made.id)
    assert sign_in(desk, attempts, "wang", issued.password, HERE).account.id == made.id


def test_the_right_password_does_not_open_a_locked_account_but_an_administrator_does(desk: Desk) -> None:
    given = settled(desk)
    attempts = Attempts()
    for _ in range(5):
        refused(desk, attempts)
    assert refused(desk, attempts, password=GOOD) == "account.locked"
    issued = accounts.reset_password(desk, PROGRAM, given.account.id)
    assert sign_in(desk, attempts, "wang", issued.password, HERE).account.must_change


def test_a_stranger_cannot_keep_somebody_out(desk: Desk) -> None:
    mine = settled(desk)
    attempts = Attempts(address="1000 per minute")
    for _ in range(10):
        refused(desk, attempts, source=Source("198.51.100.9"))
    assert refused(desk, attempts, password=GOOD, source=Source("198.51.100.9", device="1.2.3")) == "account.locked"
    known = Source("192.0.2.1", device=mine.device)
    assert sign_in(desk, attempts, "wang", GOOD, known).account.login == "wang"


def test_the_mark_of_a_browser_is_of_one_person_for_half_a_year_and_has_its_own_limit(desk: Desk, clock: Clock) -> None:
    mine, other = settled(desk), settled(desk, "li")
    attempts = Attempts(address="1000 per minute")
    for _ in range(5):
        refused(desk, attempts)
    assert refused(desk, attempts, source=Source("192.0.2.1", device=other.device)) == "account.locked"
    known = Source("192.0.2.1", device=mine.device)
    assert [refused(desk, attempts, source=known) for _ in range(11)] == ["account.wrong"] * 10 + ["account.too-many"]
    clock.move(days=181)
    for _ in range(4):
        refused(desk, Attempts(), source=known)
    assert refused(desk, Attempts(), source=known) == "account.wrong"
    assert refused(desk, Attempts(), source=known) == "account.locked", "an old mark is none"


def test_one_address_cannot_try_everybody(desk: Desk) -> None:
    attempts = Attempts()
    for number in range(30):
        refused(desk, attempts, f"somebody{number}")
    assert refused(desk, attempts, "another") == "account.too-many"
    settled(desk)
    assert sign_in(desk, attempts, "wang", GOOD, Source("192.0.2.77")).account.login == "wang"


def test_a_login_that_does_not_exist_is_answered_like_one_that_does(desk: Desk) -> None:
    hire(desk)
    there = Attempts()
    codes = [[refused(desk, there, login) for _ in range(7)] for login in ("wang", "nobody")]
    assert codes[0] == codes[1]


def test_and_takes_as_long(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher())
    hire(desk)
    passwords._nobodys.cache_clear()
    refused(desk, Attempts(), "nobody")  # makes the hash that nobody has

    def taken(login: str) -> float:
        start = perf_counter()
        refused(desk, Attempts(), login)
        return perf_counter() - start

    known, unknown = (sorted(taken(login) for _ in range(3))[1] for login in ("wang", "nobody"))
    assert 0.1 < unknown / known < 10  # without the hash it would be a hundredth


def test_many_guesses_at_once_are_counted_one_by_one(desk: Desk) -> None:
    hire(desk)
    attempts = Attempts(address="1000 per minute")
    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(lambda _: refused(desk, attempts), range(40)))
    assert codes.count("account.wrong") == 5 and codes.count("account.locked") == 35


def test_failures_are_logged_and_what_was_typed_is_not(desk: Desk) -> None:
    hire(desk)
    refused(desk, Attempts(), "wang", "guessed-password")
    refused(desk, Attempts(), "typed my password here", "x")
    with desk.store.read() as c:
        rows = c.execute(select(audit).where(audit.c.act == "sign-in.failed")).all()
    assert len(rows) == 2
    assert not any(word in str(rows) for word in ("guessed-password", "typed", "192.0.2.1"))


def test_an_identity_opens_the_account_that_is_bound_to_it_and_makes_none(desk: Desk) -> None:
    made, _ = hire(desk)
    with pytest.raises(Refused, match="没有和它绑定"):
        sessions.sign_in_with_identity(desk, "https://id.example 7", "", HERE)
    accounts.bind_subject(desk, PROGRAM, made.id, "https://id.example 7")
    assert sessions.sign_in_with_identity(desk, "https://id.example 7", "", HERE).account.id == made.id


def test_a_claim_binds_the_account_of_that_login_once(desk: Desk) -> None:
    made, _ = hire(desk)
    assert sessions.sign_in_with_identity(desk, "https://id.example 7", "WANG", HERE).account.id == made.id
    with pytest.raises(Refused, match="没有和它绑定"):
        sessions.sign_in_with_identity(desk, "https://id.example 8", "wang", HERE)
    accounts.deactivate(desk, PROGRAM, made.id)
    with pytest.raises(Refused, match="停用"):
        sessions.sign_in_with_identity(desk, "https://id.example 7", "", HERE)


@pytest.mark.parametrize("device", ["", ".", "a.b.c", "99999999999999.x.y", "１２.x.y", "1.2.é"])
def test_a_mark_that_we_did_not_make_is_none(desk: Desk, device: str) -> None:
    assert not sessions._is_device_of(desk, "id", device)


def test_words_and_addresses() -> None:
    assert (spoken(5), spoken(60), spoken(61)) == ("5 秒", "1 分钟", "2 分钟")
    assert network("2001:db8:0:1:aaaa::1") == network("2001:db8:0:1:bbbb::2") != network("2001:db8:0:2::1")
    assert network("::ffff:192.0.2.1") == "192.0.2.1" and network("testclient") == "testclient"


def test_failures_are_forgotten_after_a_day() -> None:
    clock = Clock()
    after = one_more(Failures(40, clock().isoformat()), clock())
    assert after.count == 41
    clock.move(days=2)
    assert one_more(after, clock()).count == 1


def _session(desk: Desk, given: SignedIn) -> sessions.Session:
    found = find_session(desk, given.cookie)
    assert found is not None
    return found


def test_only_the_password_hash_is_kept(desk: Desk) -> None:
    settled(desk)
    with desk.store.read() as c:
        assert GOOD not in str(c.execute(select(account)).all())
