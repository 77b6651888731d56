"""Who did what, when: entries chained by hash, one chain for each region, so that offices do not wait for each other.

Each entry's hash covers its own content and the hash before it; with a key it is an HMAC, which somebody who can only write to
the database cannot make. Kept for at least three years: 政务数据共享条例 (国务院令第809号) 第二十九条.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class _Noted:
    """An act of a transaction that goes on, as it will be appended."""

    chain: str
    content: Mapping[str, str]
    key: bytes = field(repr=False)


def record(connection: Connection, act: Act, at: str, key: bytes) -> None:
    """Notes an act: it is appended to its chain at the end of the transaction of what it tells of, so that others wait for the
    chain only while that one is put on disk. The connection is one of `Store.write`. Raises ValueError for a text that no
    database keeps."""
    detail = json.dumps(act.detail or {}, ensure_ascii=False, sort_keys=True)
    content = {"at": at, "actor": act.actor, "act": act.act, "target": act.target, "detail": detail}
    if b"\0" in "".join((act.chain, *content.values())).encode():  # said now: when it is appended, others' acts are with it
        raise ValueError("a NUL character in the audit log")
    _notes(connection).append(_Noted(act.chain, content, key))


@contextmanager
def noting(connection: Connection) -> Iterator[None]:
    """Around the work of a transaction: what is noted meanwhile is appended when the work is done."""
    connection.info[_NOTES] = []
    try:
        yield
        _append(connection, _notes(connection))
    finally:
        connection.info.pop(_NOTES, None)


def noted(connection: Connection) -> int:
    """How many acts the transaction has noted up to now."""
    return len(_notes(connection))


def forget(connection: Connection, after: int) -> None:
    """Takes back what was noted after so many acts: the work that it tells of was undone."""
    del _notes(connection)[after:]


_NOTES = "acts noted"


def _notes(connection: Connection) -> list[_Noted]:
    notes: list[_Noted] = connection.info[_NOTES]
    return notes


def _append(connection: Connection, notes: Sequence[_Noted]) -> None:
    """Each act as the next entry of its chain."""
    if not notes:
        return
    # One statement takes the lock on each chain's head and gives the hash before; whoever is second sees the first one's. All
    # take them in one order: nobody waits for somebody who waits for him.
    counts = Counter(note.chain for note in notes)
    places = [{"chain": chain, "seq": counts[chain], "hash": ""} for chain in sorted(counts)]
    heads = {
        row.chain: End(row.seq - counts[row.chain], row.hash)
        for row in connection.execute(_more(connection.dialect.name), places)
    }
    rows = []
    for note in notes:
        before = heads[note.chain]
        digest = _hash(note.key, note.chain, before.seq + 1, note.content, before.hash)
        rows.append({**note.content, "chain": note.chain, "seq": before.seq + 1, "previous": before.hash, "hash": digest})
        heads[note.chain] = End(before.seq + 1, digest)
    connection.execute(_ENTRY, rows)
    connection.execute(_NEW_HEAD, [{"of_chain": chain, "next_hash": end.hash} for chain, end in heads.items()])


# Statements made once: to make one takes longer than to run it.
_ENTRY = insert(audit)
_NEW_HEAD = update(audit_head).where(audit_head.c.chain == bindparam("of_chain")).values(hash=bindparam("next_hash"))


@lru_cache(maxsize=2)
def _more(dialect: str) -> Any:
    make = (pg_insert if dialect == "postgresql" else lite_insert)(audit_head)
    make = make.on_conflict_do_update(index_elements=["chain"], set_={"seq": audit_head.c.seq + make.excluded.seq})
    return make.returning(audit_head.c.chain, audit_head.c.seq, audit_head.c.hash)


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
