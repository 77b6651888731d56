"""The steward's pages alone, in a plain frame with the blocks of the house layout and its strict policy; a cookie says who asks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined

from consolidation.service.desk import Actor, Clash, Desk, NotAllowed, NotThere, Refused
from web import steward
from web.steward_parts import Doors

WEB = Path(steward.__file__).parent
FRAME = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}{% endblock %} - 一表</title><link rel="icon" href="data:,">{% block head %}{% endblock %}</head>
<body><main id="main">{% block main %}{% endblock %}</main></body></html>"""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def steward_app(desk: Desk, people: Mapping[str, Actor], who: str = "") -> FastAPI:
    """The pages; `who` asks when no cookie says."""
    loader = ChoiceLoader([DictLoader({"layout.html": FRAME}), FileSystemLoader(WEB / "templates")])
    templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)

    def render(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
        return HTMLResponse(
            templates.get_template(template).render(here=request.url.path, csrf="", viewer=None, **values), status
        )

    app = FastAPI()
    doors = Doors(lambda _: desk, lambda request: people[request.cookies.get("who", who)], render)
    app.include_router(steward.router(doors))
    app.mount("/static", StaticFiles(directory=WEB / "static"))

    @app.exception_handler(Refused)
    def told(request: Request, error: Refused) -> Response:
        statuses = {NotAllowed: 403, NotThere: 404, Clash: 409}
        return PlainTextResponse(error.problem.message, statuses.get(type(error), 422))

    @app.middleware("http")
    async def guard(request: Request, call_next):  # type: ignore[no-untyped-def]
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return app
