"""The first page: what is to be done now, by role, and the reminders."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from consolidation.service import desk as use
from web.pages import Part, TheDesk, links_for, render
from web.requests import CurrentActor, CurrentSession

router = APIRouter()
_WORK = frozenset({use.Role.WORKER, use.Role.LEADER, use.Role.STEWARD, use.Role.ADMINISTRATOR})


@router.get("/")
def home(request: Request, desk: TheDesk, session: CurrentSession) -> Response:
    """What is to be done now."""
    actor = session.account.actor()
    role = actor.role
    reminders = use.reminders(desk, actor) if role in (use.Role.WORKER, use.Role.LEADER) else []
    paths = [link.path for link in links_for(request.app.state.links, role)]
    return render(
        request, "home.html", due=use.due(desk, actor) if role is use.Role.WORKER else None,
        tallies=use.leader_todo(desk, actor) if role in (use.Role.LEADER, use.Role.STEWARD) else None,
        worker=use.worker_todo(desk, actor) if role is use.Role.WORKER else None,
        steward=use.steward_todo(desk, actor) if role is use.Role.STEWARD else None,
        boss=use.administrator_todo(desk, actor) if role is use.Role.ADMINISTRATOR else None,
        reminders=sorted(reminders, key=lambda one: bool(one.seen_at)), may_see=role is use.Role.WORKER,
        steward_pages=any(path.startswith("/steward") for path in paths), leader=role is use.Role.LEADER,
    )  # fmt: skip


@router.post("/reminders/{seq}/seen")
def seen(desk: TheDesk, actor: CurrentActor, seq: int) -> Response:
    """“看过了”."""
    use.seen(desk, actor, seq)
    return RedirectResponse("/#reminders", 303)


PART = Part(router)
