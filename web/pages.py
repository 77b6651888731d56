"""How every page of the desk is made: the house layout around a template, with who is signed in and where they may go."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from consolidation.service.desk import open_periods
from consolidation.service.people import Desk, Role, shown_moment
from web.requests import csrf_token, session_of

HERE = Path(__file__).parent
_PACKED_FROM = 20_000  # characters
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


TEMPLATES.filters["moment"] = shown_moment


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the navigation, for these roles; no roles = everybody who is signed in. Administrators see all."""

    path: str
    label: str
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Part:
    """A part of the desk: its pages, and where the navigation leads to."""

    router: APIRouter
    links: tuple[Link, ...] = ()


def links_for(links: Sequence[Link], role: Role) -> list[Link]:
    """The navigation of a role."""
    return [link for link in links if not link.roles or role in link.roles or role is Role.ADMINISTRATOR]


def render(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page of the desk. Every template that extends layout.html is rendered by this."""
    session = session_of(request)
    navigation = links_for(request.app.state.links, session.account.role) if session and not session.account.must_change else []
    text = TEMPLATES.get_template(template).render(
        viewer=session.account if session else None,
        navigation=navigation,
        here=request.url.path,
        csrf=csrf_token(request),
        **values,
    )
    return _page(request, text, status)


def _page(request: Request, text: str, status: int) -> HTMLResponse:
    """A page, packed when it is large: a one table of 600 items is 440 kB, and a village's line is slow. What must stay secret
    looks different each time (`csrf_token`), so that the size tells nothing of it (BREACH)."""
    if len(text) < _PACKED_FROM or "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(text, status)
    return HTMLResponse(gzip.compress(text.encode(), 5), status, {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})


def desk_of(request: Request) -> Desk:
    """The desk that the application serves (a dependency of every page)."""
    found: Desk = request.app.state.desk
    return found


TheDesk = Annotated[Desk, Depends(desk_of)]


def to_latest_period(request: Request, desk: Desk, path: str) -> Response:
    """On to the page of the latest period below `path`; a page that says so when none was opened yet."""
    found = open_periods(desk)
    if not found:
        return render(request, "leader/none.html")
    return RedirectResponse(f"{path}/{quote(found[0].period)}", 303)
