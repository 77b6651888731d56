"""Tokens for other systems: shown once, kept as a hash, limited to a region and to what they are for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, insert, select, update

from consolidation.store.schema import region, region_above
from consolidation.store.schema import token as table

from .context import Desk
from .model import PROGRAM, Actor, Invalid, NotThere, Role, demand, now_text
from .names import TOKEN, TOKEN_DIGITS

SCOPES = {"figures:read": "读取数", "figures:write": "上报数", "forms:read": "读取报表"}
MOST_DAYS = 366
_MARK = "yibiao_"  # so that a leaked one is recognised by those who look for them


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token: not itself. `revoked_at`: "" = it holds."""

    id: str
    name: str
    region: str
    place: str
    scopes: tuple[str, ...]
    created_at: str
    expires_at: str
    revoked_at: str


def create_token(desk: Desk, actor: Actor, name: str, place: str, scopes: Iterable[str], days: int = 90) -> str:
    """A new token for a region of the actor's; the only time that it is seen. Raises NotAllowed, NotThere, Invalid."""
    wanted = sorted(set(scopes))
    if unknown := [scope for scope in wanted if scope not in SCOPES] or ([] if wanted else [""]):
        raise Invalid("token.bad-scope", scope=unknown[0][:30], scopes="、".join(SCOPES))
    if not 1 <= days <= MOST_DAYS:
        raise Invalid("token.bad-days", most=MOST_DAYS)
    name = " ".join(name.split())[:50]
    if not name or not name.isprintable():
        raise Invalid("account.bad-name")
    token = _MARK + secrets.token_urlsafe(32)

    def job(c: Connection) -> None:
        demand(c, actor, place, "新建接口令牌")
        if c.execute(select(region.c.code).where(region.c.code == place)).first() is None:
            raise NotThere("这个地方")
        row = {"name": name, "region": place, "scopes": " ".join(wanted), "created_at": desk.now(), "created_by": actor.id}
        c.execute(insert(table).values(id=_hash(token), expires_at=now_text(desk.clock() + timedelta(days=days)), **row))
        desk.note(c, actor, "token.create", _hash(token)[:12], place, scopes=wanted, days=days)

    desk.store.write(job)
    return token


def tokens(desk: Desk, actor: Actor) -> tuple[Token, ...]:
    """The tokens of the actor's subtree, newest first. Raises NotAllowed."""
    with desk.store.read() as c:
        wanted = select(table, region.c.name.label("place")).join_from(table, region, region.c.code == table.c.region)
        if actor is not PROGRAM:
            demand(c, actor, actor.region, "查看接口令牌")
            mine = select(region_above.c.code).where(region_above.c.above == actor.region)
            wanted = wanted.where(table.c.region.in_(mine))
        return tuple(
            Token(r.id, r.name, r.region, r.place, tuple(r.scopes.split()), r.created_at, r.expires_at, r.revoked_at)
            for r in c.execute(wanted.order_by(table.c.created_at.desc()))
        )


def revoke_token(desk: Desk, actor: Actor, id_: str) -> None:
    """Ends a token at once. Raises NotAllowed, NotThere."""

    def job(c: Connection) -> None:
        if actor is not PROGRAM:
            demand(c, actor, actor.region, "停用接口令牌")
        place = c.execute(select(table.c.region).where(table.c.id == id_)).scalar_one_or_none()
        if place is None:
            raise NotThere("这个令牌")
        try:
            demand(c, actor, place, "停用接口令牌")
        except NotThere:
            raise NotThere("这个令牌") from None
        c.execute(update(table).where(table.c.id == id_, table.c.revoked_at == "").values(revoked_at=desk.now()))
        desk.note(c, actor, "token.revoke", id_[:12], place)

    desk.store.write(job)


def token_actor(desk: Desk, token: str) -> Actor | None:
    """Who acts with a token: its region and scopes; None when it does not hold (any more)."""
    if not token.startswith(_MARK):
        return None
    with desk.store.read() as c:
        holds = (table.c.id == _hash(token), table.c.revoked_at == "", table.c.expires_at > desk.now())
        row = c.execute(select(table).where(*holds)).one_or_none()
    if row is None:
        return None
    return Actor(f"{TOKEN}{row.id[:TOKEN_DIGITS]}", row.name, Role.WORKER, row.region, frozenset(row.scopes.split()))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
