"""What a new database needs: the region tree and the shipped forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, func, insert, select

from consolidation.fill import Regions
from consolidation.store.schema import form, form_version, region, region_above
from forms.library import ShippedForm

from .catalogue import LIVE, sha256
from .context import Desk
from .model import PROGRAM


def is_empty(desk: Desk) -> bool:
    """Whether nothing was set up yet."""
    with desk.store.read() as connection:
        return not connection.execute(select(func.count()).select_from(region)).scalar_one()


def set_up(desk: Desk, regions: Regions, levels: Mapping[str, str], shipped: Iterable[ShippedForm]) -> None:
    """Writes the region tree (`levels`: code -> village, township, county, city, province) and the forms, each as its first
    version, live from the beginning."""
    now = desk.now()

    def job(connection: Connection) -> None:
        _regions(connection, regions, levels)
        count = sum(_form(connection, one, now) for one in shipped)
        desk.note(connection, PROGRAM, "set-up", detail_regions=len(regions.places), forms=count)

    desk.store.write_apart(job)


def _regions(connection: Connection, regions: Regions, levels: Mapping[str, str]) -> None:
    rows = [
        {"code": code, "name": name, "level": levels.get(code, ""), "parent": parent}
        for code, (name, parent) in regions.places.items()
    ]
    closure = [{"code": code, "above": above} for code in regions.places for above in regions.above(code)]
    connection.execute(insert(region), rows)
    connection.execute(insert(region_above), closure)


def _form(connection: Connection, one: ShippedForm, now: str) -> int:
    data = one.template.read_bytes()
    about = {
        "title": one.title, "department": one.department, "basis": one.basis, "frequency": one.frequency, "level": one.level,
        "kind": one.kind,
    }  # fmt: skip
    connection.execute(insert(form).values(id=one.slug, **about))
    connection.execute(
        insert(form_version).values(
            form=one.slug, version=1, title=one.title, file=f"{one.slug}.xlsx", state=LIVE, template=data, sha256=sha256(data),
            proposed_at=now, proposed_by=PROGRAM.id, decided_at=now, decided_by=PROGRAM.id, reason="随程序提供",
        )
    )  # fmt: skip
    return 1


LEVELS = ("village", "township", "county", "city", "province")


def levels_of(regions: Regions) -> dict[str, str]:
    """The level of each place from its code (GB/T 10114: province 2, city 4, county 6, township 9, village 12 digits)."""
    lengths = {12: "village", 9: "township"}
    found = {}
    for code in regions.places:
        if len(code) in lengths:
            found[code] = lengths[len(code)]
        elif len(code) == 6:
            found[code] = "province" if code.endswith("0000") else "city" if code.endswith("00") else "county"
    return found
