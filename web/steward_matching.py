"""Matching review: one doubtful pair after the other, the decisions made, conflicts of definition."""

from fastapi import APIRouter, Request, Response

from consolidation.service import steward
from consolidation.service.desk import Refused
from web.steward_parts import Count, Doors, Text, goes, to

BASE = "/steward/review"


def router(doors: Doors) -> APIRouter:
    """The pages below /steward/review."""
    pages = APIRouter()

    def shown(request: Request, at: int, refused: Refused | None = None) -> Response:
        desk, actor = doors.of(request)
        queue = steward.queue(desk, actor, at, most=1)
        return doors.page(request, "review.html", refused, queue=queue, at=max(0, min(at, queue.open - 1)), base=BASE)

    @pages.get(BASE)
    def review(request: Request, at: int = 0) -> Response:
        return shown(request, at)

    @pages.post(BASE)
    def decide(
        request: Request, pair: Text = "", answer: Text = "", reason: Text = "", at: Count = 0
    ) -> Response:  # fmt: skip
        desk, actor = doors.of(request)
        try:
            if answer in ("same", "different"):
                steward.decide(desk, actor, pair, same=answer == "same", reason=reason)
        except Refused as error:
            if goes(error):
                raise
            return shown(request, at, error)
        return to(f"{BASE}?at={at}")

    @pages.get(BASE + "/decisions")
    def decisions(request: Request) -> Response:
        desk, actor = doors.of(request)
        return doors.page(request, "decisions.html", made=steward.made(desk, actor), base=BASE)

    @pages.post(BASE + "/decisions")
    def withdraw(request: Request, decision: Count, reason: Text = "") -> Response:
        desk, actor = doors.of(request)
        try:
            steward.withdraw(desk, actor, decision, reason)
        except Refused as error:
            if goes(error):
                raise
            return doors.page(request, "decisions.html", error, made=steward.made(desk, actor), base=BASE)
        return to(f"{BASE}/decisions")

    @pages.get(BASE + "/definitions")
    def definitions(request: Request) -> Response:
        desk, actor = doors.of(request)
        return doors.page(request, "definitions.html", found=steward.disagreements(desk, actor), base=BASE)

    return pages
