"""The reporting desk on one address. A part of the desk is a router with its links: put it into PARTS."""

from __future__ import annotations

from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from consolidation.service.people import Attempts, Desk
from web import (
    audit,
    burden,
    home,
    leader,
    moves,
    oidc,
    opening,
    packages,
    people,
    rollups,
    rosters,
    signin,
    steward,
    worker,
)
from web.api import create_api
from web.jobs import Jobs
from web.pages import Part
from web.requests import demand_own_form
from web.security import Bounds, Guard, Limits, add_error_pages

LOCAL = ("127.0.0.1", "localhost", "[::1]")
_STATIC = Path(__file__).parent / "static"
# The pages of the desk, in the order of the navigation. Here is the one place to add to.
PARTS: tuple[Part, ...] = (
    home.PART, worker.PART, rosters.PART, moves.PART, leader.PART, rollups.PART, packages.PART, opening.PART, burden.PART,
    steward.PART, people.PART, audit.PART, signin.PART,
)  # fmt: skip


def create_desk_app(
    desk: Desk,
    hosts: tuple[str, ...] = LOCAL,
    parts: tuple[Part, ...] = PARTS,
    bounds: Bounds | None = None,
    provider: oidc.Settings | None = None,
) -> FastAPI:
    """The desk as a web application. `hosts`: the names it answers to (against DNS rebinding); `provider`: of OpenID Connect."""
    bounds = bounds or Bounds(uploads=(*steward.UPLOADS, *rosters.UPLOADS))
    app = FastAPI(title="一表", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(demand_own_form)])
    app.state.desk = desk
    app.state.attempts = Attempts()
    app.state.limits = Limits(bounds)
    app.state.jobs = Jobs()
    app.state.links = tuple(link for part in parts for link in part.links)
    app.state.oidc = oidc.Provider(provider) if provider is not None else None
    for part in parts:
        app.include_router(part.router)
    if provider is not None:
        app.include_router(oidc.router)
    _add_common(app)
    app.mount("/api/v1", create_api(desk, app.state.limits))
    add_error_pages(app)
    # Innermost first: Guard sees everything, the host check's refusals too.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.add_middleware(Guard, limits=app.state.limits, bounds=bounds)
    return app


def _add_common(app: FastAPI) -> None:
    """The icon, the style, the sign of life."""

    @app.get("/favicon.ico")
    def icon() -> FileResponse:
        return FileResponse(_STATIC / "icon.svg", media_type="image/svg+xml")

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
