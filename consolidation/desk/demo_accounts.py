"""Accounts to try the desk with: only for demo regions, marked as such, with one password that the sign-in page shows.

They are bound to places that GB/T 2260 does not assign, so they see nobody's real data, even if some is added later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from consolidation.store.schema import account as table
from consolidation.store.schema import region, setting
from consolidation.store.upsert import insert_into
from forms.values import DemoRegions

from . import passwords
from .accounts import Account, Wanted, account_of, insert_account, selected
from .context import Desk
from .model import PROGRAM, Role

_KEY = "demo.password"
# Who works at which level; the login is the role and the region's code.
_STAFF = {
    "village": (Role.WORKER,),
    "township": (Role.LEADER,),
    "county": (Role.LEADER, Role.STEWARD, Role.TRAINER),
}
_NAMES = {Role.WORKER: "示范填报员", Role.LEADER: "示范审核员", Role.STEWARD: "示范数据管理员", Role.TRAINER: "示范训练员"}


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """What the sign-in page tells a visitor: accounts to try, and their password."""

    accounts: tuple[Account, ...]
    password: str


def add_demo_accounts(desk: Desk, demo: DemoRegions) -> int:
    """Makes the demo accounts that demo regions lack, and says how many. With NO_DEMO none: real data has no demo accounts."""
    password = passwords.invented()
    stored = passwords.hashed(password)  # one for all: everybody may read it anyway

    def job(c: Connection) -> int:
        places = [row for row in c.execute(select(region).order_by(region.c.code)) if row.code in demo]
        there = set(c.execute(select(table.c.login)).scalars())
        wanted = [one for place in places for one in _staff(place.code, place.level) if one.login not in there]
        if not wanted:
            return 0
        kept = c.execute(select(table.c.password).where(table.c.demo == 1).limit(1)).scalar_one_or_none()
        if kept is None:
            _keep(c, desk, password)
        for one in wanted:
            insert_account(c, desk, PROGRAM, one, {"password": kept or stored, "demo": 1})
        return len(wanted)

    return desk.store.write_apart(job)


def demo_sign_in(desk: Desk) -> DemoSignIn | None:
    """A few demo accounts, one for each role, and their password; None when there are none."""
    with desk.store.read() as c:
        sealed = c.execute(select(setting.c.value).where(setting.c.key == _KEY)).scalar_one_or_none()
        if sealed is None:
            return None
        shown: dict[tuple[Role, int], Account] = {}
        for row in c.execute(selected().where(table.c.demo == 1, table.c.active == 1).order_by(table.c.region.desc())):
            one = account_of(row)
            shown[one.role, len(one.region)] = one
    order = list(Role)
    listed = sorted(shown.values(), key=lambda one: (order.index(one.role), -len(one.region)))
    return DemoSignIn(tuple(listed), desk.secrets.open(sealed, _KEY)) if listed else None


def _staff(code: str, level: str) -> Iterator[Wanted]:
    for role in _STAFF.get(level, ()):
        yield Wanted(f"{role.value}-{code}", _NAMES[role], role.value, code)


def _keep(c: Connection, desk: Desk, password: str) -> None:
    row = {"value": desk.secrets.seal(password, _KEY), "changed_at": desk.now(), "changed_by": PROGRAM.id}
    made = insert_into(setting, c.dialect.name).values(key=_KEY, **row)
    c.execute(made.on_conflict_do_update(index_elements=["key"], set_=row))
