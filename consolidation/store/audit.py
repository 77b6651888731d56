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
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert

from .schema import audit, audit_head, region_above

SYSTEM = "system"  # the chain of what belongs to no region
PRUNED = "audit.prune"  # the act that anchors a chain of which the oldest entries were deleted


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
    what: str  # changed, missing, head, cut


@dataclass(frozen=True, slots=True)
class End:
    """The last entry of a chain, or the last one that was pruned."""

    seq: int
    hash: str


def record(connection: Connection, act: Act, at: str, key: bytes) -> None:
    """Appends an act to its chain, in the transaction of what it tells of. Call it last: it holds the chain until the commit."""
    # One statement takes the lock on the chain's head and gives the hash before; whoever is second sees the first one's.
    head = connection.execute(_next_in_chain(connection.dialect.name), {"chain": act.chain, "seq": 1, "hash": ""})
    seq, previous = head.one()
    detail = json.dumps(act.detail or {}, ensure_ascii=False, sort_keys=True)
    row = {"at": at, "actor": act.actor, "act": act.act, "target": act.target, "detail": detail}
    digest = _hash(key, act.chain, seq, row, previous)
    entry = {**row, "chain": act.chain, "seq": seq, "previous": previous, "hash": digest}
    after = {"of_chain": act.chain, "next_hash": digest}
    if connection.dialect.name == "postgresql":  # one way to the server and back fewer, while others wait for the chain
        connection.execute(_BOTH, after | {f"new_{name}": value for name, value in entry.items()})
    else:
        connection.execute(_ENTRY, entry)
        connection.execute(_NEW_HEAD, after)


# Statements made once: to make one takes longer than to run it.
_ENTRY = insert(audit)
_NEW_HEAD = update(audit_head).where(audit_head.c.chain == bindparam("of_chain")).values(hash=bindparam("next_hash"))
_BOTH = _NEW_HEAD.add_cte(insert(audit).values({column: bindparam(f"new_{column.name}") for column in audit.c}).cte("entry"))


@lru_cache(maxsize=2)
def _next_in_chain(dialect: str) -> Any:
    make = (pg_insert if dialect == "postgresql" else lite_insert)(audit_head)
    make = make.on_conflict_do_update(index_elements=["chain"], set_={"seq": audit_head.c.seq + 1})
    return make.returning(audit_head.c.seq, audit_head.c.hash)


def verify(connection: Connection, key: bytes) -> Iterator[Broken]:
    """Every place where the log is not as it was written; nothing when it is whole. A chain that was pruned begins behind its
    anchor. What one look cannot see is a chain cut off at its end, head and all: `differing` sees it."""
    heads = ends(connection)
    last = {chain: (end.seq, end.hash) for chain, end in anchors(connection).items()}
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
        if last.get(chain, (0, "")) != (head.seq, head.hash):
            yield Broken(chain, head.seq, "head")
    for chain in last.keys() - heads.keys():
        yield Broken(chain, last[chain][0], "head")


def ends(connection: Connection) -> dict[str, End]:
    """Where each chain ends now: what somebody keeps elsewhere, to compare with later."""
    return {row.chain: End(row.seq, row.hash) for row in connection.execute(select(audit_head))}


def differing(connection: Connection, kept: Mapping[str, End]) -> Iterator[Broken]:
    """Where the log is not the continuation of what its ends once were: cut off, or written anew."""
    pruned = anchors(connection)
    for chain, end in kept.items():
        entry = select(audit.c.hash).where(audit.c.chain == chain, audit.c.seq == end.seq)
        found = connection.execute(entry).scalar_one_or_none()
        if found != end.hash and end.seq > pruned.get(chain, End(0, "")).seq:
            yield Broken(chain, end.seq, "cut" if found is None else "changed")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries somebody looks for; blank = any. `region`: with all that lies in it; `act`: how its name begins."""

    region: str = ""
    actor: str = ""
    act: str = ""
    since: datetime | None = None


def entries(connection: Connection, wanted: Wanted, most: int) -> list[dict[str, object]]:
    """The newest entries that are looked for, newest first."""
    query = select(audit).order_by(audit.c.at.desc(), audit.c.chain, audit.c.seq.desc()).limit(most)
    if wanted.region:
        inside = select(region_above.c.code).where(region_above.c.above == wanted.region)
        query = query.where((audit.c.chain == wanted.region) | audit.c.chain.in_(inside))
    if wanted.actor:
        query = query.where(audit.c.actor == wanted.actor)
    if wanted.act:
        query = query.where(audit.c.act.startswith(wanted.act, autoescape=True))
    if wanted.since:
        query = query.where(audit.c.at >= wanted.since.astimezone(UTC).isoformat(timespec="microseconds"))
    return [{**row._mapping, "detail": json.loads(row.detail)} for row in connection.execute(query)]


def anchors(connection: Connection) -> dict[str, End]:
    """For each chain of which the oldest entries were deleted, the last that was: its newest entry of the act PRUNED says so."""
    rows = connection.execute(select(audit.c.chain, audit.c.detail).where(audit.c.act == PRUNED).order_by(audit.c.seq))
    found = {}
    for row in rows:  # the newest comes last
        try:
            detail = json.loads(row.detail)
            found[row.chain] = End(int(detail["seq"]), str(detail["hash"]))
        except (ValueError, KeyError, TypeError):
            continue  # not as it was written: its hash will tell
    return found


def _hash(key: bytes, chain: str, seq: int, row: Mapping[str, str], previous: str) -> str:
    content = [row[name] for name in ("at", "actor", "act", "target", "detail")]
    text = json.dumps([chain, seq, *content, previous], ensure_ascii=False)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
