"""The audit log for administrators: looking for acts, counting the chains anew."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from consolidation.service import desk as use
from web.pages import Link, Part, TheDesk, render
from web.requests import CurrentActor

router = APIRouter()
Short = Annotated[str, Query(max_length=100)]


@router.get("/audit")
def page(
    request: Request, desk: TheDesk, actor: CurrentActor, who: Short = "", act: Short = "", place: Short = "", since: Short = "",
    until: Short = "", at: Annotated[int, Query(alias="page", ge=1, le=1000)] = 1,
) -> Response:  # fmt: skip
    """The newest acts that were looked for."""
    wanted = use.WantedEntries(who.strip(), act, place.strip(), _day(since), _day(until), at)
    return _page(request, desk, actor, wanted)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise use.Invalid("desk.bad-value", name="日期", reason="应是 2026-11-06 这样的日期") from error


def _page(
    request: Request, desk: use.Desk, actor: use.Actor, wanted: use.WantedEntries, verified: use.Verified | None = None
) -> Response:  # fmt: skip
    found = use.search(desk, actor, wanted)
    asked = {
        "who": wanted.who, "act": wanted.act, "place": wanted.place, "since": wanted.since or "", "until": wanted.until or "",
    }  # fmt: skip
    rest = urlencode({name: value for name, value in asked.items() if value})
    return render(
        request, "leader/audit.html", found=found, wanted=asked, rest=rest, acts=use.act_names(), verified=verified,
        state=use.administrator_todo(desk, actor),
    )  # fmt: skip


@router.post("/audit/verify")
def verify(request: Request, desk: TheDesk, actor: CurrentActor) -> Response:
    """Counts every chain anew, and says where it does not hold."""
    verified = use.verify_log(desk, actor)
    return _page(request, desk, actor, use.WantedEntries(), verified)


PART = Part(router, (Link("/audit", "审计", frozenset({use.Role.ADMINISTRATOR})),))
