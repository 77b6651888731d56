"""Who did what, when: entries chained by hash, one chain for each region, so that offices do not wait for each other.

Each entry's hash covers its own content and the hash before it; with a key it is an HMAC, which somebody who can only write to
the database cannot make. Kept for at least three years: 政务数据共享条例 (国务院令第809号) 第二十九条.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert

from .schema import audit, audit_head

SYSTEM = "system"  # the chain of what belongs to no region


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done. `target`: what it was done to (never personal data in the clear); `detail`: whatever explains it."""

    actor: str
    act: str
    target: str = ""
    chain: str = SYSTEM
    detail: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """A place where a chain does not hold."""

    chain: str
    seq: int
    what: str  # changed, missing, head


def record(connection: Connection, act: Act, at: str, key: bytes) -> None:
    """Appends an act to its chain, in the transaction of what it tells of. Call it last: it holds the chain until the commit."""
    make = pg_insert if connection.dialect.name == "postgresql" else lite_insert
    start = make(audit_head).values(chain=act.chain, seq=0, hash="").on_conflict_do_nothing()
    connection.execute(start)
    # The update takes the lock on the chain's head; whoever is second sees the first one's hash.
    seq = connection.execute(
        update(audit_head).where(audit_head.c.chain == act.chain).values(seq=audit_head.c.seq + 1).returning(audit_head.c.seq)
    ).scalar_one()
    previous = connection.execute(select(audit_head.c.hash).where(audit_head.c.chain == act.chain)).scalar_one()
    detail = json.dumps(act.detail or {}, ensure_ascii=False, sort_keys=True)
    row = {"at": at, "actor": act.actor, "act": act.act, "target": act.target, "detail": detail}
    digest = _hash(key, act.chain, seq, row, previous)
    connection.execute(insert(audit).values(chain=act.chain, seq=seq, previous=previous, hash=digest, **row))
    connection.execute(update(audit_head).where(audit_head.c.chain == act.chain).values(hash=digest))


def verify(connection: Connection, key: bytes) -> Iterator[Broken]:
    """Every place where the log is not as it was written; nothing when it is whole."""
    heads = {row.chain: (row.seq, row.hash) for row in connection.execute(select(audit_head))}
    last: dict[str, tuple[int, str]] = {}
    rows = connection.execution_options(yield_per=1000).execute(select(audit).order_by(audit.c.chain, audit.c.seq))
    for row in rows:
        seq, previous = last.get(row.chain, (0, ""))
        if row.seq != seq + 1:
            yield Broken(row.chain, seq + 1, "missing")
            previous = row.previous
        content = {"at": row.at, "actor": row.actor, "act": row.act, "target": row.target, "detail": row.detail}
        if row.previous != previous or row.hash != _hash(key, row.chain, row.seq, content, row.previous):
            yield Broken(row.chain, row.seq, "changed")
        last[row.chain] = (row.seq, row.hash)
    for chain, head in heads.items():
        if last.get(chain, (0, "")) != head:
            yield Broken(chain, head[0], "head")
    for chain in last.keys() - heads.keys():
        yield Broken(chain, last[chain][0], "head")


def _hash(key: bytes, chain: str, seq: int, row: Mapping[str, str], previous: str) -> str:
    content = [row[name] for name in ("at", "actor", "act", "target", "detail")]
    text = json.dumps([chain, seq, *content, previous], ensure_ascii=False)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
