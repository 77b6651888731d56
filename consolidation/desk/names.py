"""What people call those who act at the desk."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from consolidation.store.schema import account, token

TOKEN = "token:"  # noqa: S105 - how another system's id as an actor begins; the rest is the beginning of its token's hash
TOKEN_DIGITS = 12


def names_of(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Actors' ids -> names: accounts' and other systems'. Parts of the program have none."""
    wanted = {one for one in ids if one}
    systems = {one.removeprefix(TOKEN) for one in wanted if one.startswith(TOKEN)}
    people = wanted - {TOKEN + one for one in systems}
    found: dict[str, str] = {}
    if people:
        rows = connection.execute(select(account.c.id, account.c.name).where(account.c.id.in_(people)))
        found |= {row.id: row.name for row in rows}
    if systems:
        digits = func.substr(token.c.id, 1, TOKEN_DIGITS)
        rows = connection.execute(select(digits.label("digits"), token.c.name).where(digits.in_(systems)))
        found |= {TOKEN + row.digits: row.name for row in rows}
    return found
