"""The results of a merge on the desk: the report, the one table, the mapping, the forms given back, to look at and to keep."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, Response

from consolidation.service.desk import Role
from web.pages import Link, Part, render
from web.requests import CurrentActor
from web.worker import attachment

REPORT = "合并报告.html"
OFFERED = frozenset({".xlsx", ".xlsm", ".xls", ".html", ".csv", ".tsv", ".db"})
_READERS = frozenset({Role.STEWARD, Role.LEADER})


@dataclass(frozen=True)
class Download:
    """One file of the results: its path below the folder, and its size in bytes."""

    path: str
    size: int

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def kilobytes(self) -> int:
        return max(1, round(self.size / 1024))


def downloads(results: Path) -> list[Download]:
    """The files that people may take away, folder by folder. Hidden files are ours, not theirs."""
    found = (path for path in results.rglob("*") if path.is_file() and not path.is_symlink())
    listed = [Download(path.relative_to(results).as_posix(), path.stat().st_size) for path in found]
    return sorted((one for one in listed if _may_be_taken(one.path)), key=lambda one: (one.folder, one.name))


def _may_be_taken(path: str) -> bool:
    """Whether a path below the results is one of those that are offered."""
    parts = PurePosixPath(path)
    return parts.suffix.lower() in OFFERED and not any(part.startswith(".") for part in parts.parts)


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
        if found is None:
            raise HTTPException(404)
        return attachment(found.name, (results / found.path).read_bytes())

    return Part(router, (Link("/results", "合并结果", _READERS),))


def _demand(role: Role) -> None:
    if role not in (*_READERS, Role.ADMINISTRATOR):
        raise HTTPException(403)
