"""The results of a merge on the desk: the report, the one table, the mapping, the forms given back, to look at and to keep."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, Response

from consolidation.service.desk import Role
from web.app import REPORT, downloads, may_be_taken
from web.pages import Link, Part, render
from web.requests import CurrentActor
from web.worker import attachment

_READERS = frozenset({Role.STEWARD, Role.LEADER})


def part(results: Path) -> Part:
    """The pages over one folder of results; for stewards and leaders, who may see the forms of the whole demo county."""
    router = APIRouter()

    @router.get("/results")
    def start(request: Request, actor: CurrentActor) -> Response:
        _demand(actor.role)
        return render(request, "results/list.html", files=downloads(results), report=(results / REPORT).is_file())

    @router.get("/report")
    def report(actor: CurrentActor) -> Response:
        _demand(actor.role)
        if not (results / REPORT).is_file():
            raise HTTPException(404)
        return FileResponse(results / REPORT, media_type="text/html")

    @router.get("/results/files/{path:path}")
    def file(actor: CurrentActor, path: str) -> Response:
        _demand(actor.role)
        found = next((one for one in downloads(results) if one.path == path), None)
        if found is None or not may_be_taken(path):
            raise HTTPException(404)
        return attachment(found.name, (results / found.path).read_bytes())

    return Part(router, (Link("/results", "合并结果", _READERS),))


def _demand(role: Role) -> None:
    if role not in (*_READERS, Role.ADMINISTRATOR):
        raise HTTPException(403)
