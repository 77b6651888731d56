"""What the checks say of a place's figures, with the reasons that people gave for what is unusual but right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import Connection, insert, select

from consolidation.check import Finding, Given, Prepared, check, prepare
from consolidation.store.schema import remark
from forms.periods import Period
from forms.values import NO_DEMO

from . import soft_count
from .catalogue import Catalogue
from .context import Desk
from .dispatch import catalogue_of
from .model import Actor, Invalid, demand, words
from .worksheet import READERS, Item, Worksheet, read_worksheet

REASON = "reason"


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as the page shows it. `cells`: (element, name); `values`: the items of those cells; `reason`: what somebody wrote
    about it already."""

    hard: bool
    message: str
    hint: str
    short: str
    rule: str
    cells: tuple[tuple[str, str], ...]
    fingerprint: str
    reason: str = ""
    values: tuple[Item, ...] = ()


def findings(desk: Desk, actor: Actor, place: str, period: str) -> tuple[Told, ...]:
    """The findings on a place's figures as they are now, the hard ones first. Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)
    with desk.store.read() as connection:
        demand(connection, actor, place, "查看报表", *READERS, scope="figures:read")
        sheet = read_worksheet(connection, desk, catalogue, place, period)
        given = reasons(connection, place, period)
        counted = soft_count.read(connection, place, period)
    found = check_sheet(desk, catalogue, sheet)
    now = soft_count.of(found, given)
    if counted is not None and counted != now:  # corrected since it was submitted: whoever looks brings the number up to date
        desk.store.write(lambda c: soft_count.keep(c, place, period, now, desk.now()))
    ordered = sorted(found, key=lambda one: not one.hard)
    by_id = {item.element: item for item in sheet.items}
    return tuple(_told(catalogue, one, given.get(one.fingerprint, ""), by_id) for one in ordered)


def check_sheet(desk: Desk, catalogue: Catalogue, sheet: Worksheet) -> tuple[Finding, ...]:
    """Every finding on a one table; what is still missing is told elsewhere."""
    counted, named = _counted(desk, catalogue, sheet)
    given = Given(
        values={item.element: item.value for item in sheet.items},
        period=Period.parse(sheet.period),
        previous={item.element: item.previous for item in sheet.items if item.previous is not None},
        counted=counted,
        roster_names=named,
        demo=desk.shared.demo if desk.shared is not None else NO_DEMO,
        key=desk.secrets.finder,
    )
    return check(_prepared(catalogue), given).findings


def demand_passed(
    connection: Connection, desk: Desk, catalogue: Catalogue, sheet: Worksheet, written: Mapping[str, str]
) -> dict[str, str]:  # fmt: skip
    """Passes when nothing hard is found and every soft finding has its reason (written now or before); gives the reasons.
    Raises Invalid."""
    found = check_sheet(desk, catalogue, sheet)
    hard = [one for one in found if one.hard]
    if hard:
        raise Invalid("desk.hard-findings", count=len(hard), first=hard[0].message)
    kept_now = {fingerprint: kept for fingerprint, said in written.items() if (kept := words(said))}
    held = {**reasons(connection, sheet.region, sheet.period), **kept_now}
    open_now = [one for one in found if not held.get(one.fingerprint)]
    if open_now:
        raise Invalid("desk.soft-findings", count=len(open_now), first=open_now[0].message)
    return {one.fingerprint: held[one.fingerprint] for one in found}


def keep_reasons(connection: Connection, actor: Actor, sheet: Worksheet, given: Mapping[str, str], at: str) -> None:
    """Appends the reasons that are new, and counts what was explained: nothing is submitted with less."""
    soft_count.keep(connection, sheet.region, sheet.period, soft_count.SoftCount(len(given), 0), at)
    known = reasons(connection, sheet.region, sheet.period)
    for fingerprint, text in given.items():
        if known.get(fingerprint) != text:
            row = {"region": sheet.region, "period": sheet.period, "element": fingerprint, "entity": sheet.region}
            connection.execute(insert(remark).values(**row, kind=REASON, text=text, actor=actor.id, at=at))


def reasons(connection: Connection, place: str, period: str) -> dict[str, str]:
    """Fingerprint of a finding -> the reason last given for it."""
    r = remark
    query = select(r.c.element, r.c.text).where(r.c.region == place, r.c.period == period, r.c.kind == REASON).order_by(r.c.seq)
    return {row.element: row.text for row in connection.execute(query)}


def _told(catalogue: Catalogue, one: Finding, reason: str, by_id: Mapping[str, Item]) -> Told:
    cells = tuple((item.element, catalogue.label(catalogue.elements[item.element])) for item in one.items)
    values = tuple(by_id[element] for element, _ in cells if element in by_id)
    return Told(one.hard, one.message, one.hint, one.short, one.rule, cells, one.fingerprint, reason, values)


def _counted(desk: Desk, catalogue: Catalogue, sheet: Worksheet) -> tuple[dict[str, Decimal], dict[str, str]]:
    """What the rows of shared data count for the place: element -> figure, and the list it was counted from."""
    if desk.shared is None:
        return {}, {}
    filled = desk.shared.filled(catalogue, sheet.region, Period.parse(sheet.period))
    asked = {item.element for item in sheet.items}
    found = {
        element: figure for (element, entity), figure in filled.places.items()
        if entity == sheet.region and element in asked and isinstance(figure.value, Decimal) and figure.provenance.detail
    }  # fmt: skip
    counted = {element: figure.value for element, figure in found.items() if isinstance(figure.value, Decimal)}
    return counted, {element: figure.provenance.source for element, figure in found.items()}


@lru_cache(maxsize=4)
def _prepared(catalogue: Catalogue) -> Prepared:
    departments = {file: edition.department for file, edition in catalogue.editions.items()}
    return prepare(catalogue.merged, catalogue.derivations, catalogue.checks, catalogue.lexicon, departments)
