"""How long the audit log is kept: at least three years (政务数据共享条例, 国务院令第809号, 第二十九条), then its oldest entries
may be deleted, each chain anchored by an entry that holds the hash of the last one deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import partial

from sqlalchemy import Connection, delete, func, select

from forms.problems import CannotDo, problem

from .audit import PRUNED, Act, record
from .engine import Store
from .schema import audit

YEARS = 3
CHINA = timezone(timedelta(hours=8))  # no summer time since 1991


def may_go(now: datetime) -> datetime:
    """Entries before this moment are old enough to be deleted."""
    try:
        return now.replace(year=now.year - YEARS)
    except ValueError:  # 29 February
        return now.replace(year=now.year - YEARS, day=28)


def prune(store: Store, before: datetime, now: datetime, actor: str, key: bytes) -> int:
    """Deletes what was noted before a moment, each chain in a transaction of its own; gives how many entries. Raises CannotDo
    when any of it could be younger than three years."""
    if before > may_go(now):
        limit = may_go(now).astimezone(CHINA).date().isoformat()
        raise CannotDo(problem("store.too-young", "", before=before.astimezone(CHINA).date().isoformat(), limit=limit))
    with store.read() as connection:
        chains = connection.execute(select(audit.c.chain).distinct().where(audit.c.at < _text(before))).scalars().all()
    job = partial(_prune, before=_text(before), now=_text(now), actor=actor, key=key)
    return sum(store.write_apart(partial(job, chain=chain)) for chain in chains)


def _prune(connection: Connection, chain: str, before: str, now: str, actor: str, key: bytes) -> int:
    """Deletes the entries of a chain up to the first that is young enough: a clock that was set back loses nothing."""
    in_chain = audit.c.chain == chain
    young = connection.execute(select(func.min(audit.c.seq)).where(in_chain, audit.c.at >= before)).scalar_one()
    old = in_chain if young is None else in_chain & (audit.c.seq < young)
    last = connection.execute(select(audit.c.seq, audit.c.hash).where(old).order_by(audit.c.seq.desc()).limit(1)).one_or_none()
    if last is None:
        return 0
    gone = connection.execute(delete(audit).where(in_chain, audit.c.seq <= last.seq)).rowcount
    record(connection, Act(actor, PRUNED, chain=chain, detail={"seq": last.seq, "hash": last.hash, "count": gone}), now, key)
    return gone


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
