"""The burden page's input: the forms of each period as burden counts them, from what was really dispatched with it."""

from __future__ import annotations

from sqlalchemy import select

from consolidation.store.schema import period as periods
from consolidation.store.schema import region
from forms.model import Purpose
from forms.periods import Period

from .burden import AskedForm, BurdenPage, Month, burden
from .catalogue import Catalogue, figure_period
from .context import Desk
from .dispatch import catalogue_of
from .model import Actor

MOST_MONTHS = 12


def asked_forms(catalogue: Catalogue) -> tuple[AskedForm, ...]:
    """The forms with the element of each data field; what belongs to the filing itself (填表人, 序号) is no burden, as in
    the merge report."""
    fields: dict[str, list[str]] = {file: [] for file in catalogue.editions}
    for element in catalogue.merged.elements:
        if element.meaning.entity == "filing":
            continue
        for member in element.members:
            if member.form.file in fields and member.field.purpose is Purpose.DATA:
                fields[member.form.file].append(element.id)
    return tuple(AskedForm(one.id, one.department, tuple(fields[file])) for file, one in catalogue.editions.items())


def burden_page(desk: Desk, actor: Actor, code: str, most: int = MOST_MONTHS) -> BurdenPage:
    """The burden of a region over the latest periods, the latest first. Raises NotAllowed, NotThere."""
    with desk.store.read() as connection:
        known = list(connection.execute(select(periods.c.period).order_by(periods.c.opened_at.desc()).limit(most)).scalars())
    latest = sorted(known, key=lambda text: Period.parse(text).end, reverse=True)
    page = burden(desk, actor, code, [], [])  # the rights come first, and the assumptions
    months: list[Month] = []
    for period in latest:
        catalogue = catalogue_of(desk, period)
        reported = Period.parse(period)
        of = {one.id: str(figure_period(one, reported)) for one in catalogue.figures}
        months.extend(burden(desk, actor, code, [period], asked_forms(catalogue), of).months)
    return BurdenPage(page.assumptions, tuple(months))


def place_name(desk: Desk, code: str) -> str:
    """A place's name; its code when it has none."""
    with desk.store.read() as connection:
        return connection.execute(select(region.c.name).where(region.c.code == code)).scalar_one_or_none() or code
