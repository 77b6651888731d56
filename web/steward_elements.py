"""Data elements: the list with its filters, and the page of one."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from consolidation.service import steward
from consolidation.service.desk import Refused
from web.steward_parts import Doors, Id, Text, goes, to

BASE = "/steward/elements"
A_PAGE = 50


def router(doors: Doors) -> APIRouter:
    """The pages below /steward/elements."""
    pages = APIRouter()

    @pages.get(BASE)
    def elements(
        request: Request, q: str = "", department: str = "", truth: str = "", unit: str = "", period: str = "",
        rollup: str = "", sharing: str = "", page: int = 1,
    ) -> Response:  # fmt: skip
        desk, actor = doors.of(request)
        wanted = steward.Wanted(q, department, truth, unit, period, rollup, sharing)
        listing = steward.elements(desk, actor, wanted)
        pages_ = max(1, -(-len(listing.found) // A_PAGE))
        page = min(max(1, page), pages_)
        asked = {"q": q, "department": department, "truth": truth, "unit": unit, "period": period, "rollup": rollup}
        query = urlencode({key: value for key, value in {**asked, "sharing": sharing}.items() if value})
        return doors.page(
            request, "elements.html", listing=listing, shown=listing.found[(page - 1) * A_PAGE : page * A_PAGE], wanted=wanted,
            number=page, pages=pages_, query=query, rollups=steward.ROLLUPS, sharings=steward.SHARING,
        )  # fmt: skip

    def shown(request: Request, name: Id, refused: Refused | None = None, edit: steward.Edit | None = None) -> Response:
        desk, actor = doors.of(request)
        found = steward.element_page(desk, actor, name)
        return doors.page(
            request, "element.html", refused, found=found, one=found.listed, edit=edit or found.listed,
            rollups=steward.ROLLUPS, sharings=steward.SHARING,
        )  # fmt: skip

    @pages.get(BASE + "/{name}")
    def element(request: Request, name: Id) -> Response:
        return shown(request, name)

    @pages.post(BASE + "/{name}")
    def change(
        request: Request, name: Id, definition: Text = "", truth: Text = "", sharing: Text = "", rollup: Text = "",
        reason: Text = "",
    ) -> Response:  # fmt: skip
        desk, actor = doors.of(request)
        edit = steward.Edit(definition, truth, sharing, rollup, reason)
        try:
            steward.edit_element(desk, actor, name, edit)
        except Refused as error:
            if goes(error):
                raise
            return shown(request, name, error, edit)
        return to(f"{BASE}/{name}")

    return pages
