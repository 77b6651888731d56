"""The audit log for administrators: who did what, when; and whether the log is whole. What it shows holds nobody's data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

import yaml
from sqlalchemy import ColumnElement, Select, func, or_, select

from consolidation.store import SYSTEM, Broken, verify
from consolidation.store.schema import account, audit, region, region_above
from forms.problems import masked

from .calendar import CHINA
from .context import Desk
from .model import Actor, NotAllowed, Role, demand, now_text
from .todo import VERIFIED

FILE = Path(__file__).resolve().parents[2] / "data" / "desk" / "acts.yml"
PAGE = 100
WHOLE = "全系统"
LEFT_OUT = "（文字，这里不显示）"
_MOST_TEXT = 80


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are looked for; blank = any. `who`: login or a piece of the name; `act`: one of data/desk/acts.yml;
    `place`: a region with all that lies in it; days are days in China."""

    who: str = ""
    act: str = ""
    place: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One act as it is shown. `detail`: counts and codes; free text is left out."""

    at: str
    who: str
    act: str
    target: str
    place: str
    detail: str
    number: str


@dataclass(frozen=True)
class Found:
    entries: tuple[Entry, ...]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found. `entries`: how many there are."""

    entries: int
    broken: tuple[Broken, ...]


@lru_cache(maxsize=1)
def act_names() -> Mapping[str, str]:
    """What each act is called, in the order of the file."""
    found: Mapping[str, str] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["acts"]
    return found


@lru_cache(maxsize=1)
def _shown_details() -> Mapping[str, str]:
    found: Mapping[str, str] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["details"]
    return found


def search(desk: Desk, actor: Actor, wanted: Wanted) -> Found:
    """Entries of the actor's region, the newest first; those of no region (the whole system) only for whoever looks after all of
    it. Raises NotAllowed, NotThere."""
    with desk.store.read() as connection:
        demand(connection, actor, wanted.place or actor.region, "查看审计日志")
        if actor.scopes is not None:
            raise NotAllowed("查看审计日志")
        all_of_it = not connection.execute(select(region.c.parent).where(region.c.code == actor.region)).scalar_one_or_none()
        query = _query(wanted, actor, all_of_it).limit(PAGE + 1).offset(PAGE * (wanted.page - 1))
        rows = connection.execute(query).all()
        names = {row.code: row.name for row in connection.execute(select(region.c.code, region.c.name))}
        people = select(account.c.id, account.c.name, account.c.login).where(account.c.id.in_([row.target for row in rows]))
        logins = {row.id: f"{row.name} {row.login}" for row in connection.execute(people)}
    shown = tuple(
        Entry(
            datetime.fromisoformat(row.at).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"), row.name or _program(row.actor),
            act_names().get(row.act, row.act), logins.get(row.target) or _target(row.target, names), names.get(row.chain, WHOLE),
            _detail(row.detail), f"{row.chain}#{row.seq}",
        )
        for row in rows[:PAGE]
    )  # fmt: skip
    return Found(shown, wanted.page, len(rows) > PAGE)


def _query(wanted: Wanted, actor: Actor, all_of_it: bool) -> Select[tuple[object, ...]]:
    top = wanted.place or actor.region
    inside = select(region_above.c.code).where(region_above.c.above == top)
    here: ColumnElement[bool] = audit.c.chain.in_(inside)
    if all_of_it and not wanted.place:
        here = or_(here, audit.c.chain == SYSTEM)
    query = select(audit, account.c.name).outerjoin(account, account.c.id == audit.c.actor).where(here)
    if wanted.who:
        who = wanted.who.strip()
        query = query.where(
            or_(account.c.login == who, audit.c.actor == who, account.c.name.contains(who, autoescape=True))
        )  # fmt: skip
    if wanted.act:
        query = query.where(audit.c.act == wanted.act)
    if wanted.since:
        query = query.where(audit.c.at >= now_text(datetime.combine(wanted.since, time.min, CHINA)))
    if wanted.until:
        query = query.where(audit.c.at < now_text(datetime.combine(wanted.until + timedelta(days=1), time.min, CHINA)))
    return query.order_by(audit.c.at.desc(), audit.c.chain, audit.c.seq.desc())


def _program(actor: str) -> str:
    return "程序" if actor == "program" else actor.replace("operator:", "运维：")


def _target(target: str, names: Mapping[str, str]) -> str:
    return f"{names[target]} {target}" if target in names else masked(target)[:_MOST_TEXT]


def _detail(text: str) -> str:
    """Counts and codes in words; free text, which may speak of people, is left out."""
    known = _shown_details()
    told = []
    for name, value in json.loads(text).items():
        if name not in known:
            told.append(LEFT_OUT)
        elif name == "address":  # a keyed hash: enough of it to see whether two are the same
            told.append(f"{known[name]} {str(value)[:8]}")
        elif isinstance(value, bool):
            told.append(f"{known[name]}：{'是' if value else '否'}")
        elif isinstance(value, list | tuple | dict):
            told.append(f"{known[name]} {len(value)} 项")
        else:
            told.append(f"{known[name]} {masked(str(value))[:_MOST_TEXT]}")
    return "，".join(dict.fromkeys(told))


def verify_log(desk: Desk, actor: Actor) -> Verified:
    """Counts the whole log anew, and notes what was found. Raises NotAllowed."""
    if actor.scopes is not None or actor.role is not Role.ADMINISTRATOR:
        raise NotAllowed("核验审计日志")
    with desk.store.read() as connection:
        broken = tuple(verify(connection, desk.secrets.finder))
        entries = connection.execute(select(func.count()).select_from(audit)).scalar_one()
    desk.store.write(lambda c: desk.note(c, actor, VERIFIED, entries=entries, broken=len(broken)))
    return Verified(entries, broken)
