"""Accounts: who may work with the desk, in which role, for which part of the country.

Administrators look after the accounts of their own region and of what lies below it. Nobody grants a region wider than their own;
a role is granted by administrators alone, so nobody grants a higher one either.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass

from sqlalchemy import Connection, Row, Select, delete, select, update

from consolidation.store.schema import account as table
from consolidation.store.schema import region, region_above
from consolidation.store.schema import session as session_table
from consolidation.store.upsert import insert_into
from forms.problems import masked

from . import passwords
from .context import Desk
from .model import PROGRAM, ROLE_NAMES, Actor, Clash, Invalid, NotThere, Refused, Role, demand

_LOGIN = re.compile(r"[\w][\w.@-]{1,63}")
_NAME_MOST = 50


@dataclass(frozen=True, slots=True)
class Account:
    """A person's account, without its password. `place`: the name of its region. `subject`: the identity at the OpenID Connect
    provider, "" = none. `locked_until`: "" = never locked."""

    id: str
    login: str
    name: str
    role: Role
    region: str
    place: str
    subject: str
    must_change: bool
    active: bool
    demo: bool
    locked_until: str
    created_at: str

    @property
    def role_name(self) -> str:
        return ROLE_NAMES[self.role]

    def actor(self) -> Actor:
        """Who acts, once the person has signed in."""
        return Actor(self.id, self.name, self.role, self.region)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an account is to be."""

    login: str
    name: str
    role: str
    region: str


@dataclass(frozen=True, slots=True)
class Issued:
    """An account with a new password, which nobody will see again."""

    account: Account
    password: str


def normalised(login: str) -> str:
    """A login as it is compared: input methods give full-width letters, and nobody should have to mind capitals."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def accounts(desk: Desk, actor: Actor) -> tuple[Account, ...]:
    """The accounts of the actor's subtree, place by place. Raises NotAllowed."""
    with desk.store.read() as c:
        if actor is not PROGRAM:
            demand(c, actor, actor.region, "查看账号")
        found = selected().order_by(table.c.region, table.c.login)
        if actor is not PROGRAM:
            mine = select(region_above.c.code).where(region_above.c.above == actor.region)
            found = found.where(table.c.region.in_(mine))
        return tuple(account_of(row) for row in c.execute(found))


def account(desk: Desk, actor: Actor, id_: str) -> Account:
    """One account of the actor's subtree. Raises NotAllowed, NotThere."""
    with desk.store.read() as c:
        return _manageable(c, actor, id_, "查看账号")


def create_account(desk: Desk, actor: Actor, wanted: Wanted) -> Issued:
    """A new account with a first password, which its owner has to change at once. Raises NotAllowed, NotThere, Invalid, Clash."""
    password = passwords.invented()
    stored = passwords.hashed(password)

    def job(c: Connection) -> Account:
        return insert_account(c, desk, actor, wanted, {"password": stored, "must_change": 1})

    return Issued(desk.store.write(job), password)


def insert_account(c: Connection, desk: Desk, actor: Actor, wanted: Wanted, values: dict[str, object]) -> Account:
    """Puts a new account into the table, with `values` for its other columns."""
    demand(c, actor, wanted.region, "新建账号")
    _demand_region(c, wanted.region)
    login, name, role = _checked_login(wanted.login), _checked_name(wanted.name), _checked_role(wanted.role)
    row = {
        "id": secrets.token_hex(16),
        "login": login,
        "name": name,
        "role": role.value,
        "region": wanted.region,
        "created_at": desk.now(),
        "created_by": actor.id,
        **values,
    }
    made = c.execute(
        insert_into(table, c.dialect.name).values(**row).on_conflict_do_nothing(index_elements=["login"]).returning(table.c.id)
    )
    if (new := made.scalar_one_or_none()) is None:
        raise Clash("account.login-taken", login=login)
    desk.note(c, actor, "account.create", new, wanted.region, login=login, role=role.value)
    return held_account(c, new)


def change_account(desk: Desk, actor: Actor, id_: str, name: str, role: str, place: str) -> Account:
    """Gives an account another name, role or region. Raises NotAllowed, NotThere, Invalid."""

    def job(c: Connection) -> Account:
        was = _manageable(c, actor, id_, "修改账号")
        demand(c, actor, place, "修改账号")
        _demand_region(c, place)
        if was.demo:
            raise Refused("account.demo")
        if was.id == actor.id and (role, place) != (was.role.value, was.region):
            raise Refused("account.own")
        values = {"name": _checked_name(name), "role": _checked_role(role).value, "region": place}
        c.execute(update(table).where(table.c.id == id_).values(**values))
        before = {"role": was.role.value, "region": was.region}
        desk.note(c, actor, "account.change", id_, place, role=values["role"], region=place, before=before)
        return held_account(c, id_)

    return desk.store.write(job)


def reset_password(desk: Desk, actor: Actor, id_: str) -> Issued:
    """A new first password, told once; all sessions end, a lock is lifted. Raises NotAllowed, NotThere, Refused."""
    password = passwords.invented()
    stored = passwords.hashed(password)

    def job(c: Connection) -> Account:
        was = _manageable(c, actor, id_, "重置密码")
        if was.demo:
            raise Refused("account.demo")
        values = {"password": stored, "must_change": 1, "failures": 0, "locked_until": ""}
        c.execute(update(table).where(table.c.id == id_).values(**values))
        end_sessions(c, id_)
        desk.note(c, actor, "account.reset", id_, was.region)
        return held_account(c, id_)

    return Issued(desk.store.write(job), password)


def deactivate(desk: Desk, actor: Actor, id_: str) -> Account:
    """Closes an account: its sessions end at once. Raises NotAllowed, NotThere, Refused (one's own)."""

    def job(c: Connection) -> Account:
        was = _manageable(c, actor, id_, "停用账号")
        if was.id == actor.id:
            raise Refused("account.own")
        c.execute(update(table).where(table.c.id == id_).values(active=0))
        end_sessions(c, id_)
        desk.note(c, actor, "account.deactivate", id_, was.region)
        return held_account(c, id_)

    return desk.store.write(job)


def activate(desk: Desk, actor: Actor, id_: str) -> Account:
    """Opens a closed account again. Raises NotAllowed, NotThere."""

    def job(c: Connection) -> Account:
        was = _manageable(c, actor, id_, "启用账号")
        c.execute(update(table).where(table.c.id == id_).values(active=1, failures=0, locked_until=""))
        desk.note(c, actor, "account.activate", id_, was.region)
        return held_account(c, id_)

    return desk.store.write(job)


def bind_subject(desk: Desk, actor: Actor, id_: str, subject: str) -> Account:
    """Binds an account to an identity of the OpenID Connect provider ("issuer subject"; "" = unbinds). Raises Clash, Refused."""

    def job(c: Connection) -> Account:
        was = _manageable(c, actor, id_, "绑定统一身份")
        if was.demo:
            raise Refused("account.demo")
        bind(c, id_, subject.strip())
        desk.note(c, actor, "account.bind", id_, was.region, bound=bool(subject.strip()))
        return held_account(c, id_)

    return desk.store.write(job)


def bind(c: Connection, id_: str, subject: str) -> None:
    """Writes the identity down. Raises Clash when another account has it."""
    if subject and c.execute(select(table.c.id).where(table.c.subject == subject, table.c.id != id_)).first() is not None:
        raise Clash("account.subject-taken")
    c.execute(update(table).where(table.c.id == id_).values(subject=subject))


def first_administrator(desk: Desk, login: str = "admin") -> Issued | None:
    """On the first start: an administrator of the whole tree, with a password that is told once. None when there is one already.
    Raises Refused when there is no region yet."""
    password = passwords.invented()
    stored = passwords.hashed(password)

    def job(c: Connection) -> Account | None:
        there = select(table.c.id).where(table.c.role == Role.ADMINISTRATOR.value, table.c.demo == 0)
        if c.execute(there).first() is not None:
            return None
        wanted = Wanted(login, "管理员", Role.ADMINISTRATOR.value, top_region(c))
        return insert_account(c, desk, PROGRAM, wanted, {"password": stored, "must_change": 1})

    made = desk.store.write(job)
    return Issued(made, password) if made is not None else None


def top_region(c: Connection) -> str:
    """The region that nothing lies above. Raises Refused when there is none."""
    found = c.execute(select(region.c.code).where(region.c.parent == "").order_by(region.c.code).limit(1)).scalar_one_or_none()
    if found is None:
        raise Refused("account.no-regions")
    return str(found)


# ---- shared with sessions and demo accounts -------------------------------------------------------------------------------
def selected() -> Select[tuple[object, ...]]:
    """Accounts with the names of their places, without their passwords."""
    columns = [column for column in table.c if column.name not in ("password", "failures", "settings", "created_by")]
    return select(*columns, region.c.name.label("place")).join_from(table, region, region.c.code == table.c.region, isouter=True)


def account_of(row: Row[tuple[object, ...]]) -> Account:
    held = row._mapping
    return Account(
        **{name: str(held[name]) for name in ("id", "login", "name", "region", "subject", "locked_until", "created_at")},
        role=Role(held["role"]),
        place=str(held["place"] or ""),
        must_change=bool(held["must_change"]),
        active=bool(held["active"]),
        demo=bool(held["demo"]),
    )


def held_account(c: Connection, id_: str) -> Account:
    """Raises NotThere."""
    row = c.execute(selected().where(table.c.id == id_)).one_or_none()
    if row is None:
        raise NotThere("这个账号")
    return account_of(row)


def end_sessions(c: Connection, id_: str, but: str = "") -> None:
    """Ends all sessions of an account, `but` this one."""
    c.execute(delete(session_table).where(session_table.c.account == id_, session_table.c.id != but))


def _manageable(c: Connection, actor: Actor, id_: str, what: str) -> Account:
    """An account that the actor may change. Who may not is not told whether it exists."""
    if actor is not PROGRAM:
        demand(c, actor, actor.region, what)
    found = held_account(c, id_)
    try:
        demand(c, actor, found.region, what)
    except NotThere:
        raise NotThere("这个账号") from None
    return found


def _demand_region(c: Connection, code: str) -> None:
    if c.execute(select(region.c.code).where(region.c.code == code)).first() is None:
        raise NotThere("这个地方")


def _checked_login(login: str) -> str:
    plain = normalised(login)
    if not _LOGIN.fullmatch(plain):
        raise Invalid("account.bad-login", reason="太短、太长，或有不能用的字符")
    if masked(plain) != plain:
        raise Invalid("account.bad-login", reason="不要用身份证号或电话号码")
    return plain


def _checked_name(name: str) -> str:
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not plain or len(plain) > _NAME_MOST or not plain.isprintable():
        raise Invalid("account.bad-name")
    return plain


def _checked_role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError:
        raise Invalid("account.bad-role", role=role[:20], roles="、".join(ROLE_NAMES.values())) from None
