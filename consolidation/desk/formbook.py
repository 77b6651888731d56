"""The forms that are in use, by department, with their versions; what is said about a form can be changed, and it can end."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from consolidation.store.schema import form, form_version
from consolidation.store.schema import period as periods
from forms.library import faults_of_basis, frequencies

from .catalogue import LIVE, RETIRED
from .context import Desk
from .dispatch import OPEN
from .model import Actor, Clash, Invalid, NotThere, Role, demand
from .stewards import demand_steward, line
from .versions import Version, demand_not_dispatched, listed, period_of, select_versions, version_of

WHAT = "管理报表"


@dataclass(frozen=True, slots=True)
class Entry:
    """A form with its versions, the newest first."""

    id: str
    title: str
    department: str
    basis: str
    frequency: str
    level: str
    kind: str
    versions: tuple[Version, ...]

    @property
    def state(self) -> str:
        """live, retired, proposed or refused: of the version that counts."""
        states = [one.state for one in self.versions]
        return next((state for state in (LIVE, "proposed", RETIRED) if state in states), states[0] if states else "")


def forms(desk: Desk, actor: Actor) -> tuple[Entry, ...]:
    """All forms, by department and title. Raises NotAllowed."""
    v = form_version
    with desk.store.read() as connection:
        demand(connection, actor, actor.region, WHAT, Role.STEWARD, Role.LEADER)
        about = connection.execute(select(form).order_by(form.c.department, form.c.title)).all()
        versions: dict[str, list[Version]] = {}
        for one in listed(connection, select_versions().order_by(v.c.version.desc())):
            versions.setdefault(one.form, []).append(one)
    return tuple(
        Entry(row.id, row.title, row.department, row.basis, row.frequency, row.level, row.kind, tuple(versions.get(row.id, ())))
        for row in about
    )


def form_entry(desk: Desk, actor: Actor, name: str) -> Entry:
    """One form. Raises NotAllowed, NotThere."""
    found = next((one for one in forms(desk, actor) if one.id == name), None)
    if found is None:
        raise NotThere("这张报表")
    return found


def template(desk: Desk, actor: Actor, name: str, number: int) -> tuple[str, bytes]:
    """The blank form as it was handed in: its file name and bytes. Raises NotAllowed, NotThere."""
    v = form_version
    with desk.store.read() as connection:
        demand(connection, actor, actor.region, WHAT, Role.STEWARD, Role.LEADER)
        row = connection.execute(
            select(v.c.title, v.c.file, v.c.template).where(v.c.form == name, v.c.version == number)
        ).one_or_none()
    if row is None:
        raise NotThere("这张报表的这一版")
    return f"{row.title}（第{number}版）.{row.file.rpartition('.')[2]}", row.template


def edit_form(desk: Desk, actor: Actor, name: str, department: str, frequency: str, basis: str) -> None:
    """Changes what is said about a form. Raises NotAllowed, NotThere, Invalid, Clash for the frequency of a form that is being
    filled in now (it is part of what its figures mean)."""
    if frequency not in frequencies():
        raise Invalid("steward.not-offered", name="报送频率")
    new = {
        "department": line(department, "发表部门", 40, needed=True),
        "frequency": frequency,
        "basis": line(basis, "依据", 300, needed=True),
    }
    if faults_of_basis(new["basis"]):
        raise Invalid("steward.bad-basis")

    def job(connection: Connection) -> None:
        demand_steward(connection, actor, WHAT)
        row = connection.execute(select(form).where(form.c.id == name)).mappings().one_or_none()
        if row is None:
            raise NotThere("这张报表")
        changes = {key: [row[key], value] for key, value in new.items() if row[key] != value}
        if "frequency" in changes:
            _demand_not_open(connection, name)
        if changes:
            connection.execute(update(form).where(form.c.id == name).values(**{key: new[key] for key in changes}))
            desk.note(connection, actor, "edit-form", name, changes=changes)

    desk.store.write(job)


def _demand_not_open(connection: Connection, name: str) -> None:
    rows = connection.execute(select(periods.c.period, periods.c.forms).where(periods.c.state == OPEN))
    for row in rows:
        if name in json.loads(row.forms):
            raise Clash("steward.dispatched", period=row.period)


def retire(desk: Desk, actor: Actor, name: str, last: str, reason: str) -> Version:
    """Ends a form: `last` is the last period that it is filled in for. Raises NotAllowed, NotThere, Invalid, Clash when it was
    dispatched for a later one."""
    end = period_of(last)
    said = line(reason, "停用的理由", 300, needed=True)
    v = form_version

    def job(connection: Connection) -> Version:
        demand_steward(connection, actor, WHAT)
        number = connection.execute(select(v.c.version).where(v.c.form == name, v.c.state == LIVE)).scalar_one_or_none()
        if number is None:
            raise NotThere("这张报表在用的版本")
        demand_not_dispatched(connection, name, end.next())
        here = (v.c.form == name) & (v.c.version == number)
        connection.execute(update(v).where(here).values(
            state=RETIRED, valid_to=str(end), reason=said, decided_at=desk.now(), decided_by=actor.id
        ))  # fmt: skip
        desk.note(connection, actor, "retire-form", name, version=number, valid_to=str(end))
        return version_of(connection, name, number)

    return desk.store.write(job)
