"""Forms and their versions."""

from fastapi import APIRouter, Request, Response

from consolidation.service import steward
from consolidation.service.desk import Refused
from web.steward_admission import FREQUENCIES, LEVELS
from web.steward_parts import Doors, Id, Number, Text, attachment, goes, to

BASE = "/steward/forms"


def router(doors: Doors) -> APIRouter:
    """The pages below /steward/forms."""
    pages = APIRouter()

    @pages.get(BASE)
    def forms(request: Request, q: str = "", department: str = "", state: str = "") -> Response:
        desk, actor = doors.of(request)
        every = steward.forms(desk, actor)
        found = [
            one for one in every
            if q.strip() in one.title and department in ("", one.department) and state in ("", one.state)
        ]  # fmt: skip
        departments = sorted({one.department for one in every})
        return doors.page(
            request, "forms.html", forms=found, total=len(every), departments=departments, q=q, department=department,
            state=state, frequencies=FREQUENCIES,
        )  # fmt: skip

    def shown(request: Request, form: Id, refused: Refused | None = None) -> Response:
        desk, actor = doors.of(request)
        one = steward.form_entry(desk, actor, form)
        return doors.page(request, "form.html", refused, one=one, frequencies=FREQUENCIES, levels=LEVELS, base=f"{BASE}/{form}")

    @pages.get(BASE + "/{form}")
    def form(request: Request, form: Id) -> Response:
        return shown(request, form)

    @pages.post(BASE + "/{form}")
    def edit(
        request: Request, form: Id, answer: Text = "", department: Text = "", frequency: Text = "", basis: Text = "",
        last: Text = "", reason: Text = "",
    ) -> Response:  # fmt: skip
        desk, actor = doors.of(request)
        try:
            if answer == "retire":
                steward.retire(desk, actor, form, last.strip(), reason)
            elif answer == "edit":
                steward.edit_form(desk, actor, form, department, frequency, basis)
        except Refused as error:
            if goes(error):
                raise
            return shown(request, form, error)
        return to(f"{BASE}/{form}")

    @pages.get(BASE + "/{form}/{version}/template")
    def template(request: Request, form: Id, version: Number) -> Response:
        desk, actor = doors.of(request)
        return attachment(*steward.template(desk, actor, form, version))

    return pages
