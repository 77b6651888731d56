"""The steward's pages: what waits, admission, forms, elements, matching review, conflicts; and everybody's own disputes.

`router(doors)` makes them: the doors say who asks, at which desk, and how a page is rendered.
"""

from fastapi import APIRouter, Request, Response

from consolidation.service import steward
from consolidation.service.desk import Role
from web import steward_admission, steward_conflicts, steward_elements, steward_forms, steward_matching
from web.pages import Link, Part, desk_of, render
from web.requests import current_actor
from web.steward_parts import Doors


def router(doors: Doors) -> APIRouter:
    """All pages below /steward, and /disputes."""
    pages = APIRouter()

    @pages.get("/steward")
    def home(request: Request) -> Response:
        desk, actor = doors.of(request)
        waiting = [one for one in steward.proposals(desk, actor) if one.state == "proposed"]
        return doors.page(
            request, "home.html", waiting=waiting, questions=steward.queue(desk, actor, most=1),
            conflicts=steward.conflicts(desk, actor), forms=steward.forms(desk, actor),
            disagreements=steward.disagreements(desk, actor),
        )  # fmt: skip

    @pages.get("/disputes")
    def disputes(request: Request) -> Response:
        desk, actor = doors.of(request)
        return doors.page(request, "disputes.html", disputes=steward.my_disputes(desk, actor))

    for part in (steward_admission, steward_forms, steward_elements, steward_matching, steward_conflicts):
        pages.include_router(part.router(doors))
    return pages


UPLOADS = ((steward_admission.BASE, steward.UPLOAD_BYTES + 64 * 1024),)  # a form, and what is said about it
PART = Part(
    router(Doors(desk_of, current_actor, render)),
    (
        Link("/steward", "数据管理", frozenset({Role.STEWARD})),
        Link("/disputes", "我的异议", frozenset({Role.WORKER, Role.LEADER})),
    ),
)
