"""The leader's pages: places by state, one place's report with its findings, approving (one or many) and returning by cell."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from consolidation.service import desk as use
from web.pages import Link, Part, TheDesk, render, to_latest_period
from web.requests import CurrentActor, OwnForm

router = APIRouter()


@router.get("/review")
def start(request: Request, desk: TheDesk, _actor: CurrentActor) -> Response:
    """The latest period."""
    return to_latest_period(request, desk, "/review")


@router.get("/review/{period}")
def matrix(request: Request, desk: TheDesk, actor: CurrentActor, period: str) -> Response:
    """Every place below with its state."""
    found = use.overview(desk, actor, period)
    return render(
        request, "leader/matrix.html", overview=found, periods=use.open_periods(desk), states=use.STATE_NAMES,
        may_approve=use.may_approve(actor),
    )  # fmt: skip


@router.post("/review/{period}/approve")
def approve_many(request: Request, desk: TheDesk, actor: CurrentActor, form: OwnForm, period: str) -> Response:
    """Approves all the places that were ticked, or none of them. Where some have unusual values, they are shown first: what was
    not looked at goes through by ticking it once more alone."""
    places = [place for place in form.getlist("place") if isinstance(place, str)]
    if not places:
        raise HTTPException(422)
    if form.get("looked") != "1" and use.may_approve(actor):
        found = use.overview(desk, actor, period)
        chosen = [one for one in found.places if one.place in places]
        unusual = [one for one in chosen if one.unusual or one.stale]
        if unusual:
            return render(request, "leader/approving.html", 409, overview=found, places=chosen, unusual=unusual)
    use.approve(desk, actor, places, period)
    return RedirectResponse(f"/review/{period}", 303)


@router.get("/review/{period}/{place}")
def report(request: Request, desk: TheDesk, actor: CurrentActor, period: str, place: str) -> Response:
    """One place's report, to be approved or returned with remarks by cell."""
    sheet = use.worksheet(desk, actor, place, period)
    return render(
        request, "leader/report.html", sheet=sheet, findings=use.findings(desk, actor, place, period), states=use.STATE_NAMES,
        events=use.events(desk, actor, place, period), may_approve=use.may_approve(actor),
    )  # fmt: skip


@router.post("/review/{period}/{place}")
def decide(desk: TheDesk, actor: CurrentActor, form: OwnForm, period: str, place: str) -> Response:
    """Approves or returns one place's report."""
    what, text = form.get("what"), form.get("text", "")
    if what == "approve":
        use.approve(desk, actor, [place], period)
    elif what != "return" or not isinstance(text, str):
        raise HTTPException(422)
    else:
        remarks = {
            name.removeprefix("m:"): text
            for name, text in form.multi_items()
            if name.startswith("m:") and isinstance(text, str) and text.strip()
        }
        use.send_back(desk, actor, place, period, remarks, text)
    return RedirectResponse(f"/review/{period}", 303)


PART = Part(router, (Link("/review", "审核", frozenset({use.Role.LEADER, use.Role.STEWARD})),))
