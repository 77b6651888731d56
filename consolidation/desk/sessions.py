"""Signing in and out: sessions in the database, of which the browser holds the only key.

The cookie is 256 random bits, the table holds its SHA-256. A session ends after hours of rest and after a working day, when the
person signs out (here or everywhere), when the password changes and when the account is closed.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from consolidation.store.schema import account as account_table
from consolidation.store.schema import session as table

from . import passwords
from .accounts import Account, account_of, bind, end_sessions, held_account, normalised, selected
from .attempts import Attempts, Failures, one_more
from .context import Desk
from .model import PROGRAM, Invalid, Refused, now_text

IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)  # a read that writes each time would make readers wait for writers
_DEVICE_DAYS = 180


@dataclass(frozen=True, slots=True)
class Source:
    """Where an attempt comes from: its network address, the mark of a known browser, the session that it may replace."""

    address: str
    device: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the browser gets: the session's cookie and the mark of a known browser."""

    account: Account
    cookie: str
    device: str


@dataclass(frozen=True, slots=True)
class Session:
    """Who a cookie belongs to. `id`: the cookie's hash; `csrf`: what each form has to send back."""

    id: str
    account: Account
    csrf: str


def sign_in(desk: Desk, attempts: Attempts, login: str, password: str, source: Source) -> SignedIn:
    """A session for the right password. Raises Locked after too many wrong ones, Refused for a wrong one or a closed account."""
    attempts.demand_address(source.address)
    known = normalised(login)
    with desk.store.read() as c:
        row = c.execute(select(account_table.c.id, account_table.c.password).where(account_table.c.login == known)).one_or_none()
    id_, stored = (row.id, row.password) if row is not None else ("", "")
    device = source.device if id_ and _is_device_of(desk, id_, source.device) else ""
    _count_attempt(desk, attempts, known, id_, device)
    if not passwords.is_right(stored, password):
        attempts.failed(source.address, device)
        _note_failure(desk, known, id_, source)
        raise Refused("account.wrong")
    renewed = passwords.hashed(password) if passwords.is_outdated(stored) else stored

    def job(c: Connection) -> SignedIn:
        values = {"failures": 0, "locked_until": "", "password": renewed}
        # Another password since we looked: then this one does not count any more.
        still = (account_table.c.id == id_, account_table.c.password == stored)
        if c.execute(update(account_table).where(*still).values(**values)).rowcount != 1:
            raise Refused("account.wrong")
        return _open(c, desk, held_account(c, id_), source, "password")

    return desk.store.write(job)


def sign_in_with_identity(desk: Desk, subject: str, login: str, source: Source) -> SignedIn:
    """A session for whom the OpenID Connect provider vouches. `subject`: "issuer subject"; `login`: what a configured claim says,
    "" = none: it binds the account of that login at the first time, if none is bound to it. No account is made.
    Raises Refused when there is none, or when it is closed."""

    def job(c: Connection) -> SignedIn:
        row = c.execute(selected().where(account_table.c.subject == subject)).one_or_none()
        if row is None and login:
            free = (account_table.c.login == normalised(login), account_table.c.subject == "", account_table.c.demo == 0)
            row = c.execute(selected().where(*free)).one_or_none()
            if row is not None:
                bind(c, account_of(row).id, subject)
        if row is None:
            raise Refused("account.not-bound")
        return _open(c, desk, held_account(c, account_of(row).id), source, "identity")

    return desk.store.write(job)


def find_session(desk: Desk, cookie: str) -> Session | None:
    """The session of a cookie; None when it is none of ours, has expired, or its account is closed."""
    if not cookie:
        return None
    now = desk.clock()
    alive = (
        table.c.id == _hash(cookie),
        table.c.expires_at > now_text(now),
        table.c.seen_at > now_text(now - IDLE),
        account_table.c.active == 1,
    )
    wanted = selected().add_columns(table.c.id.label("session"), table.c.csrf, table.c.seen_at)
    with desk.store.read() as c:
        row = c.execute(wanted.join(table, table.c.account == account_table.c.id).where(*alive)).one_or_none()
    if row is None:
        return None
    found = row._mapping
    if found["seen_at"] < now_text(now - _SEEN_EVERY):
        seen = update(table).where(table.c.id == found["session"]).values(seen_at=now_text(now))
        desk.store.write(lambda c: c.execute(seen).rowcount)
    return Session(found["session"], account_of(row), found["csrf"])


def sign_out(desk: Desk, session: Session) -> None:
    """Ends a session."""

    def job(c: Connection) -> None:
        c.execute(delete(table).where(table.c.id == session.id))
        desk.note(c, session.account.actor(), "sign-out", session.account.id, session.account.region)

    desk.store.write(job)


def sign_out_everywhere(desk: Desk, session: Session) -> None:
    """Ends all sessions of the person, this one too."""

    def job(c: Connection) -> None:
        end_sessions(c, session.account.id)
        desk.note(c, session.account.actor(), "sign-out.everywhere", session.account.id, session.account.region)

    desk.store.write(job)


def sessions_of(desk: Desk, account: Account) -> int:
    """How many sessions of a person are alive."""
    now = desk.clock()
    alive = (table.c.expires_at > now_text(now), table.c.seen_at > now_text(now - IDLE))
    with desk.store.read() as c:
        return len(c.execute(select(table.c.id).where(table.c.account == account.id, *alive)).all())


def change_password(desk: Desk, attempts: Attempts, session: Session, old: str, new: str, source: Source) -> SignedIn:
    """Another password: all sessions end, and a new one begins. Raises Locked, Invalid (the rule that the new one breaks),
    Refused (a demo account)."""
    who = session.account
    if who.demo:
        raise Refused("account.demo")
    passwords.demand_good(new, who.login)
    attempts.demand_device(who.id)
    with desk.store.read() as c:
        stored = c.execute(select(account_table.c.password).where(account_table.c.id == who.id)).scalar_one()
    if not passwords.is_right(stored, old):
        attempts.failed(source.address, who.id)
        raise Invalid("password.wrong")
    if passwords.is_right(stored, new):
        raise Invalid("password.same")
    fresh = passwords.hashed(new)

    def job(c: Connection) -> SignedIn:
        still = (account_table.c.id == who.id, account_table.c.password == stored)
        if c.execute(update(account_table).where(*still).values(password=fresh, must_change=0)).rowcount != 1:
            raise Invalid("password.wrong")
        end_sessions(c, who.id)
        desk.note(c, who.actor(), "account.password", who.id, who.region)
        return _open(c, desk, held_account(c, who.id), source, "password")

    return desk.store.write(job)


def _open(c: Connection, desk: Desk, account: Account, source: Source, by: str) -> SignedIn:
    """A new session: never the one that the browser came with, which somebody may have put there."""
    if not account.active:
        raise Refused("account.inactive")
    now = desk.clock()
    cookie = secrets.token_urlsafe(32)
    over = or_(table.c.expires_at <= now_text(now), table.c.seen_at <= now_text(now - IDLE))
    c.execute(delete(table).where(table.c.account == account.id, over))
    if source.session:
        c.execute(delete(table).where(table.c.id == _hash(source.session)))
    row = {"created_at": now_text(now), "seen_at": now_text(now), "expires_at": now_text(now + LONGEST)}
    c.execute(insert(table).values(id=_hash(cookie), account=account.id, csrf=secrets.token_urlsafe(32), **row))
    where = desk.secrets.find(source.address)
    desk.note(c, account.actor(), "sign-in", account.id, account.region, by=by, address=where)
    return SignedIn(account, cookie, _device(desk, account.id))


def _count_attempt(desk: Desk, attempts: Attempts, login: str, id_: str, device: str) -> None:
    """Counts the attempt before the password is looked at: many at once then do not slip through. Raises Locked."""
    if device:
        attempts.demand_device(device)
        return
    if not id_:
        attempts.count_unknown(desk.secrets.find(login), desk.clock())
        return

    def job(c: Connection) -> None:
        columns = (account_table.c.failures, account_table.c.locked_until)
        row = c.execute(select(*columns).where(account_table.c.id == id_).with_for_update()).one()
        after = one_more(Failures(row.failures, row.locked_until), desk.clock())
        values = {"failures": after.count, "locked_until": after.until}
        c.execute(update(account_table).where(account_table.c.id == id_).values(**values))

    desk.store.write(job)


def _note_failure(desk: Desk, login: str, id_: str, source: Source) -> None:
    """Into the log. People type passwords where the login belongs: of a login that does not exist, the hash alone."""
    target = id_ or desk.secrets.find(login)
    where = desk.secrets.find(source.address)

    def job(c: Connection) -> None:
        region = c.execute(select(account_table.c.region).where(account_table.c.id == id_)).scalar_one_or_none()
        desk.note(c, PROGRAM, "sign-in.failed", target, region or "", address=where)

    desk.store.write(job)


def _device(desk: Desk, id_: str) -> str:
    """The mark of a browser in which somebody has signed in: when, a random part, and our seal on both for this account."""
    body = f"{int(desk.clock().timestamp())}.{secrets.token_hex(8)}"
    return f"{body}.{desk.secrets.find(f'device {id_} {body}')}"


def _is_device_of(desk: Desk, id_: str, device: str) -> bool:
    body, _, seal = device.rpartition(".")
    when = body.partition(".")[0]
    if not when.isascii() or not when.isdigit() or len(when) > 12:
        return False
    fresh = desk.clock().timestamp() - int(when) < _DEVICE_DAYS * 24 * 3600
    return fresh and secrets.compare_digest(seal.encode(), desk.secrets.find(f"device {id_} {body}").encode())


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
