"""What is asked of a region: the periods dispatched in it, and their forms; for other systems, which know their region alone."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select

from consolidation.store.schema import region_above, submission

from .catalogue import FormEdition
from .closing import CLOSED, closed_for
from .context import Desk
from .dispatch import OPEN, OpenPeriod, catalogue_of, open_periods
from .model import Actor, NotThere, Role, demand

_READERS = (Role.WORKER, Role.LEADER, Role.STEWARD)


def periods_of(desk: Desk, actor: Actor) -> tuple[OpenPeriod, ...]:
    """The periods that were dispatched to a place of the actor's, the latest first, each open as long as it is for one of them.
    Raises NotAllowed."""
    with desk.store.read() as connection:
        demand(connection, actor, actor.region, "查看报告期", *_READERS, scope=("figures:read", "forms:read"))
        here, closed = _dispatched(connection, actor.region), closed_for(connection, actor.region)
    found = (one for one in open_periods(desk) if one.period in here)
    return tuple(replace(one, state=CLOSED if one.period in closed else OPEN) for one in found)


def editions_of(desk: Desk, actor: Actor, period: str) -> tuple[FormEdition, ...]:
    """The forms of a period that was dispatched to a place of the actor's, each in its version for it. Raises NotAllowed,
    NotThere."""
    with desk.store.read() as connection:
        demand(connection, actor, actor.region, "查看报表", *_READERS, scope="forms:read")
        if period not in _dispatched(connection, actor.region):
            raise NotThere(f"报告期 {period}")
    return tuple(catalogue_of(desk, period).editions.values())


def _dispatched(connection: Connection, top: str) -> frozenset[str]:
    inside = select(region_above.c.code).where(region_above.c.above == top)
    return frozenset(connection.execute(select(submission.c.period).where(submission.c.region.in_(inside)).distinct()).scalars())
