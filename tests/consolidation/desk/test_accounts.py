"""Accounts and tokens: who may make them, for what, and that nobody reaches beyond their own region."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from consolidation.desk import accounts, passwords, tokens
from consolidation.desk.accounts import Wanted
from consolidation.desk.attempts import Attempts
from consolidation.desk.context import Desk
from consolidation.desk.demo_accounts import add_demo_accounts, demo_sign_in
from consolidation.desk.model import PROGRAM, Clash, Invalid, NotAllowed, NotThere, Refused, Role
from consolidation.desk.sessions import Source, sign_in
from consolidation.store import Store, verify
from consolidation.store.schema import account, audit, token
from forms.values import NO_DEMO, DemoRegions
from tests.desk_people import (
    CITY,
    COUNTY,
    OTHER_VILLAGE,
    SECRETS,
    STREET,
    VILLAGE,
    Clock,
    cheap_hashes,  # noqa: F401 - a fixture
    hire,
    make_desk,
)

pytestmark = pytest.mark.usefixtures("cheap_hashes")

WORKER = Role.WORKER.value


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return make_desk(store, clock)


def administrator(desk: Desk, place: str = STREET) -> accounts.Account:
    return hire(desk, f"admin{place}", Role.ADMINISTRATOR, place)[0]


def test_an_administrator_makes_accounts_in_the_own_region_only(desk: Desk) -> None:
    boss = administrator(desk).actor()
    made = accounts.create_account(desk, boss, Wanted("Ｗang.Fang", " 王 芳 ", WORKER, VILLAGE)).account
    assert (made.login, made.name, made.place, made.must_change) == ("wang.fang", "王 芳", "春风社区", True)
    for place in (OTHER_VILLAGE, COUNTY, CITY, "nowhere"):
        with pytest.raises(NotThere):
            accounts.create_account(desk, boss, Wanted("li", "李", WORKER, place))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_looks_after_accounts(desk: Desk, role: Role) -> None:
    me = hire(desk, "somebody", role, STREET)[0]
    other = hire(desk, "other")[0]
    for act in (
        lambda: accounts.accounts(desk, me.actor()),
        lambda: accounts.create_account(desk, me.actor(), Wanted("new", "新", WORKER, VILLAGE)),
        lambda: accounts.change_account(desk, me.actor(), me.id, me.name, "administrator", STREET),
        lambda: accounts.reset_password(desk, me.actor(), other.id),
        lambda: accounts.deactivate(desk, me.actor(), other.id),
        lambda: accounts.bind_subject(desk, me.actor(), me.id, "x y"),
        lambda: tokens.create_token(desk, me.actor(), "外部", VILLAGE, ["figures:read"]),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_account_elsewhere_is_not_even_known(desk: Desk) -> None:
    boss = administrator(desk).actor()
    there = hire(desk, "far", place=OTHER_VILLAGE)[0]
    above = administrator(desk, COUNTY)
    assert {one.login for one in accounts.accounts(desk, boss)} == {f"admin{STREET}"}
    for id_ in (there.id, above.id, "no-such-id"):
        for act in (accounts.reset_password, accounts.deactivate, accounts.activate):
            with pytest.raises(NotThere, match="没有找到这个账号"):
                act(desk, boss, id_)


def test_nobody_is_moved_out_of_or_into_another_region(desk: Desk) -> None:
    boss = administrator(desk).actor()
    mine = hire(desk)[0]
    with pytest.raises(NotThere):
        accounts.change_account(desk, boss, mine.id, "王芳", WORKER, COUNTY)
    assert accounts.change_account(desk, boss, mine.id, "王方", "leader", STREET).role is Role.LEADER


def test_an_administrator_cannot_raise_or_remove_themselves(desk: Desk) -> None:
    me = administrator(desk)
    with pytest.raises(Refused, match="自己"):
        accounts.deactivate(desk, me.actor(), me.id)
    with pytest.raises(Refused, match="自己"):
        accounts.change_account(desk, me.actor(), me.id, me.name, WORKER, STREET)


@pytest.mark.parametrize("login", ["", "a", "a b", "<b>", "../x", "x" * 65, "990101199003078888", "13800138000", "ab\n"])
def test_logins_that_are_refused(desk: Desk, login: str) -> None:
    if login == "ab\n":
        assert accounts.create_account(desk, PROGRAM, Wanted(login, "甲", WORKER, VILLAGE)).account.login == "ab"
        return
    with pytest.raises(Invalid):
        accounts.create_account(desk, PROGRAM, Wanted(login, "甲", WORKER, VILLAGE))


def test_a_login_is_given_once_however_it_is_written(desk: Desk) -> None:
    hire(desk, "wang")
    with pytest.raises(Clash, match="wang"):
        hire(desk, "ＷANG")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password.short"),
        ("１２３", "password.short"),
        ("x" * 129, "password.long"),
        ("my-Wang-is-here", "password.login"),
        ("password123", "password.common"),
        ("ＰＡＳＳＷＯＲＤ１２３", "password.common"),
        ("abababababab", "password.common"),
        ("3456789:;<", "password.common"),
    ],
)
def test_passwords_that_are_refused(password: str, code: str) -> None:
    with pytest.raises(Invalid) as told:
        passwords.demand_good(password, "wang")
    assert told.value.problem.code == code


def test_a_password_is_kept_as_argon2id_and_known_again_in_full_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher())
    stored = passwords.hashed("correct horse 12")
    assert stored.startswith("$argon2id$") and "correct" not in stored
    assert passwords.is_right(stored, "ｃorrect horse １２") and not passwords.is_right(stored, "correct horse 13")
    assert not passwords.is_right("", "anything") and not passwords.is_outdated(stored)


def test_an_invented_password_is_a_good_one() -> None:
    passwords.demand_good(passwords.invented(), "wang")


def test_the_first_start_makes_one_administrator_of_everything(desk: Desk) -> None:
    made = accounts.first_administrator(desk)
    assert made is not None and (made.account.region, made.account.must_change) == (CITY, True)
    assert accounts.first_administrator(desk) is None


def test_without_places_there_is_no_administrator(store: Store) -> None:
    with pytest.raises(Refused, match="行政区划"):
        accounts.first_administrator(Desk(store, SECRETS))


def test_demo_accounts_exist_with_demo_data_alone(desk: Desk) -> None:
    assert add_demo_accounts(desk, NO_DEMO) == 0 and demo_sign_in(desk) is None
    assert add_demo_accounts(desk, DemoRegions(("99",))) == 7, "2 workers, 2 + 1 leaders, a steward, a trainer"
    assert add_demo_accounts(desk, DemoRegions(("99",))) == 0
    shown = demo_sign_in(desk)
    assert shown is not None and [(one.role_name, one.place) for one in shown.accounts] == [
        ("填报员", "春风社区"), ("审核员", "桃园街道"), ("审核员", "示范县"), ("数据管理员", "示范县"), ("训练员", "示范县"),
    ]  # fmt: skip
    assert all(one.demo for one in shown.accounts)


def test_a_demo_account_whose_password_everybody_knows_gets_no_other_rights(desk: Desk) -> None:
    add_demo_accounts(desk, DemoRegions(("99",)))
    one = next(one for one in accounts.accounts(desk, PROGRAM) if one.demo)
    for act in (
        lambda: accounts.change_account(desk, PROGRAM, one.id, "甲", "administrator", CITY),
        lambda: accounts.reset_password(desk, PROGRAM, one.id),
        lambda: accounts.bind_subject(desk, PROGRAM, one.id, "issuer subject"),
    ):
        with pytest.raises(Refused, match="示范账号"):
            act()
    assert not accounts.deactivate(desk, PROGRAM, one.id).active


def test_an_identity_is_bound_to_one_account(desk: Desk) -> None:
    first, second = hire(desk, "wang")[0], hire(desk, "li")[0]
    assert accounts.bind_subject(desk, PROGRAM, first.id, "https://id.example a1").subject == "https://id.example a1"
    with pytest.raises(Clash):
        accounts.bind_subject(desk, PROGRAM, second.id, "https://id.example a1")


def test_a_token_is_shown_once_and_says_what_it_may_do(desk: Desk) -> None:
    boss = administrator(desk).actor()
    shown = tokens.create_token(desk, boss, "市大数据局", VILLAGE, ["figures:read"], days=30)
    with desk.store.read() as c:
        kept = c.execute(select(token)).one()
    assert shown not in str(kept._mapping)
    actor = tokens.token_actor(desk, shown)
    assert actor is not None and (actor.region, actor.scopes) == (VILLAGE, frozenset({"figures:read"}))
    with pytest.raises(NotAllowed):
        accounts.accounts(desk, actor)


def test_a_token_ends_by_time_and_by_hand(desk: Desk, clock: Clock) -> None:
    shown = tokens.create_token(desk, PROGRAM, "省平台", COUNTY, ["forms:read"], days=30)
    clock.move(days=29)
    assert tokens.token_actor(desk, shown) is not None
    clock.move(days=1)
    assert tokens.token_actor(desk, shown) is None
    other = tokens.create_token(desk, PROGRAM, "省平台", COUNTY, ["forms:read"])
    with pytest.raises(NotThere):
        tokens.revoke_token(desk, administrator(desk).actor(), tokens.tokens(desk, PROGRAM)[0].id)
    tokens.revoke_token(desk, PROGRAM, tokens.tokens(desk, PROGRAM)[0].id)
    assert tokens.token_actor(desk, other) is None
    assert tokens.token_actor(desk, "yibiao_invented") is None and tokens.token_actor(desk, "") is None


@pytest.mark.parametrize(("scopes", "days"), [(["all"], 30), ([], 30), (["forms:read"], 0), (["forms:read"], 1000)])
def test_tokens_that_are_refused(desk: Desk, scopes: list[str], days: int) -> None:
    with pytest.raises(Invalid):
        tokens.create_token(desk, PROGRAM, "x", VILLAGE, scopes, days)


def test_every_act_is_in_the_log_and_no_password_is(desk: Desk) -> None:
    boss = administrator(desk).actor()
    made = accounts.create_account(desk, boss, Wanted("wang", "王芳", WORKER, VILLAGE))
    again = accounts.reset_password(desk, boss, made.account.id)
    accounts.deactivate(desk, boss, made.account.id)
    shown = tokens.create_token(desk, boss, "平台", VILLAGE, ["forms:read"])
    with desk.store.read() as c:
        rows = [row for row in c.execute(select(audit).order_by(audit.c.at)) if row.actor == boss.id]
        assert list(verify(c, desk.secrets.finder)) == []
    assert {row.act for row in rows} == {"account.create", "account.reset", "account.deactivate", "token.create"}
    for secret in (made.password, again.password, shown, "argon2"):
        assert secret not in str(rows)


def test_a_password_of_older_parameters_is_hashed_anew_at_sign_in(desk: Desk) -> None:
    made, first = hire(desk)
    old = PasswordHasher(time_cost=1, memory_cost=8192).hash(first)
    desk.store.write(lambda c: c.execute(update(account).values(password=old)).rowcount)
    sign_in(desk, Attempts(), "wang", first, Source("127.0.0.1"))
    with desk.store.read() as c:
        kept = c.execute(select(account.c.password).where(account.c.id == made.id)).scalar_one()
    assert kept != old and not passwords.is_outdated(kept) and passwords.is_right(kept, first)
