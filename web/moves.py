"""Moves within the county: what another village registered is looked at, agreed to, objected to, decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from consolidation.service import moves as use
from consolidation.service.desk import Actor, Clash, Desk, Invalid, Refused, Role
from web.pages import Link, Part, TheDesk, render
from web.requests import CurrentActor

router = APIRouter(prefix="/moves")
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str, Form(max_length=1000)]


@router.get("")
def listed(request: Request, desk: TheDesk, actor: CurrentActor) -> Response:
    """The moves out of and into one's places."""
    return _page(request, desk, actor)


@router.post("/{seq}")
def act(
    request: Request, desk: TheDesk, actor: CurrentActor, seq: Number,
    what: Annotated[Literal["confirm", "dispute", "stand", "back", "seen"], Form()], reason: Text = "",
) -> Response:  # fmt: skip
    """One answer or decision."""
    acts: dict[str, Callable[[], None]] = {
        "confirm": lambda: use.confirm(desk, actor, seq),
        "dispute": lambda: use.dispute(desk, actor, seq, reason),
        "stand": lambda: use.let_stand(desk, actor, seq, reason),
        "back": lambda: use.take_back(desk, actor, seq, reason),
        "seen": lambda: use.seen(desk, actor, seq),
    }
    try:
        acts[what]()
    except (Clash, Invalid) as error:
        return _page(request, desk, actor, error)
    return RedirectResponse(f"/moves#m{seq}", 303)


def _page(request: Request, desk: Desk, actor: Actor, told: Refused | None = None) -> Response:
    status = 200 if told is None else 409 if isinstance(told, Clash) else 422
    found = use.moves(desk, actor)
    return render(request, "moves.html", status, moves=found, problem=told.problem if told else None)


PART = Part(router, (Link("/moves", "搬迁", frozenset({Role.WORKER, Role.LEADER, Role.STEWARD})),))
