"""Who may change what is asked of everybody: a steward or administrator of a county or above."""

from __future__ import annotations

from sqlalchemy import Connection, select

from consolidation.store.schema import region

from .model import PROGRAM, Actor, Invalid, NotAllowed, Role, demand

_LEVELS = ("county", "city", "province", "")  # "": a top without a level of its own


def demand_steward(connection: Connection, actor: Actor, what: str) -> None:
    """Passes for a steward or administrator whose region is a county or more: forms and elements are everybody's, and what is
    asked of a whole county is not for one township to say. Raises NotAllowed, NotThere."""
    demand(connection, actor, actor.region, what, Role.STEWARD)
    if actor is PROGRAM:
        return
    level = connection.execute(select(region.c.level).where(region.c.code == actor.region)).scalar_one_or_none()
    if level not in _LEVELS:
        raise NotAllowed(what)


def line(text: str, name: str, most: int, *, needed: bool = False) -> str:
    """One line of text that somebody typed, tidied. Raises Invalid when it is too long, blank though needed, or not text."""
    tidy = " ".join(text.split())
    if needed and not tidy:
        raise Invalid("steward.blank", name=name)
    if len(tidy) > most or any(not letter.isprintable() for letter in tidy):
        raise Invalid("steward.bad-text", name=name, most=most)
    return tidy
