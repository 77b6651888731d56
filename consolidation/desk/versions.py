"""The versions of forms: how they are listed, and when they may not be changed any more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from consolidation.store.schema import account, form, form_version
from consolidation.store.schema import period as periods
from forms.periods import Period

from .catalogue import valid_in
from .model import Clash, Invalid, NotThere

PROPOSED, REFUSED = "proposed", "refused"
STATE_NAMES = {"proposed": "待审", "live": "在用", "retired": "停用", "refused": "未准入"}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a form, as it is listed."""

    form: str
    version: int
    title: str
    department: str
    frequency: str
    level: str
    basis: str
    file: str
    state: str
    valid_from: str
    valid_to: str
    proposed_at: str
    proposed_by: str
    decided_at: str
    decided_by: str
    reason: str
    verdict: str

    @property
    def state_name(self) -> str:
        return STATE_NAMES.get(self.state, self.state)


def select_versions() -> Any:
    """The query behind `Version`; further conditions can be added."""
    v, f = form_version, form
    by, who = account.alias(), account.alias()
    return (
        select(
            v.c.form, v.c.version, v.c.title, f.c.department, f.c.frequency, f.c.level, f.c.basis, v.c.file, v.c.state,
            v.c.valid_from, v.c.valid_to, v.c.proposed_at, func.coalesce(by.c.name, "程序"), v.c.decided_at,
            func.coalesce(who.c.name, "程序"), v.c.reason, v.c.verdict,
        )
        .join(f, f.c.id == v.c.form)
        .outerjoin(by, by.c.id == v.c.proposed_by)
        .outerjoin(who, who.c.id == v.c.decided_by)
    )  # fmt: skip


def listed(connection: Connection, query: Any) -> Sequence[Version]:
    """The versions that such a query finds."""
    return [Version(*row) for row in connection.execute(query)]


def version_of(connection: Connection, name: str, number: int) -> Version:
    """One version. Raises NotThere."""
    found = listed(connection, select_versions().where(form_version.c.form == name, form_version.c.version == number))
    if not found:
        raise NotThere("这张报表的这一版")
    return found[0]


def template_of(connection: Connection, name: str, number: int) -> bytes:
    """The file of a version."""
    v = form_version
    data: bytes = connection.execute(select(v.c.template).where(v.c.form == name, v.c.version == number)).scalar_one()
    return data


def demand_not_dispatched(connection: Connection, name: str, start: Period) -> None:
    """Passes while no period from `start` on was opened with the form: what is asked does not change under those who fill it
    in. Raises Clash."""
    for row in connection.execute(select(periods.c.period, periods.c.forms)):
        if name in json.loads(row.forms) and valid_in(str(start), "", Period.parse(row.period)):
            raise Clash("steward.dispatched", period=Period.parse(row.period).chinese)


def period_of(text: str) -> Period:
    """The period that somebody typed. Raises Invalid."""
    try:
        found = Period.parse(text)
    except ValueError:
        raise Invalid("steward.bad-period") from None
    if not 2000 <= found.start.year <= 2100:
        raise Invalid("steward.bad-period")
    return found
