"""Conflicts: two values for one figure, by place; one of them or a third is taken."""

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from consolidation.service import steward
from consolidation.service.desk import Refused
from web.steward_parts import Count, Doors, Number, Text, goes, to

BASE = "/steward/conflicts"


def router(doors: Doors) -> APIRouter:
    """The pages below /steward/conflicts."""
    pages = APIRouter()

    @pages.get(BASE)
    def conflicts(request: Request, state: str = "open", place: Annotated[str, Query(pattern=r"^[0-9]{0,12}$")] = "") -> Response:
        desk, actor = doors.of(request)
        state = state if state in ("open", "resolved") else "open"
        found = steward.conflicts(desk, actor, state, place)
        places = [(name, list(ones)) for name, ones in groupby(found, lambda one: one.place_name)]
        return doors.page(request, "conflicts.html", places=places, count=len(found), state=state, base=BASE)

    def shown(request: Request, seq: Number, refused: Refused | None = None) -> Response:
        desk, actor = doors.of(request)
        return doors.page(request, "conflict.html", refused, one=steward.conflict_of(desk, actor, seq), base=BASE)

    @pages.get(BASE + "/{seq}")
    def conflict(request: Request, seq: Number) -> Response:
        return shown(request, seq)

    @pages.post(BASE + "/{seq}")
    def resolve(
        request: Request, seq: Number, version: Count, take: Text = "", third: Text = "", reason: Text = ""
    ) -> Response:  # fmt: skip
        desk, actor = doors.of(request)
        try:
            steward.resolve(desk, actor, seq, take, reason, third, version)
        except Refused as error:
            if goes(error):
                raise
            return shown(request, seq, error)
        return to(f"{BASE}/{seq}")

    return pages
