"""What `yibiao serve` shows: the results of a merge, to look at and to take away."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import Scope

REPORT = "合并报告.html"
ICON = Path(__file__).parent / "static" / "icon.svg"
OFFERED = frozenset({".xlsx", ".xlsm", ".xls", ".html", ".csv", ".tsv", ".db"})
LOCAL = ("127.0.0.1", "localhost", "[::1]")
# Everything comes from this address; the report carries its style within. Nothing may frame a page or send a form away.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # people's data stays out of the browser's cache on a shared computer
}
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


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
    return sorted((one for one in listed if may_be_taken(one.path)), key=lambda one: (one.folder, one.name))


def may_be_taken(path: str) -> bool:
    """Whether a path below the results is one of those that are offered."""
    parts = PurePosixPath(path)
    return parts.suffix.lower() in OFFERED and not any(part.startswith(".") for part in parts.parts)


class Offered(StaticFiles):
    """The results' files, of which only those that are offered can be had: people's decisions and our own lists stay here."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if not may_be_taken(path.replace(os.sep, "/")):
            raise HTTPException(404, "没有这个文件。")
        return await super().get_response(path, scope)


_SAID = {404: "没有这一页，或者没有这个文件。请核对网址。", 405: "这一页不能这样打开。"}
_WRONG_NAME = "这个网址不是一表开放的网址。请用启动时屏幕上显示的网址打开。"
_HEADINGS = {400: "打不开", 404: "没有找到", 405: "打不开"}


def error_page(status: int, what: str = "", *, home: bool = True) -> HTMLResponse:
    """A page that says in Chinese why nothing else came; `home`: whether the start page can be had from here."""
    heading = _HEADINGS.get(status, "出错了")
    said = what if what and not what.isascii() else _SAID.get(status, "请稍后再试；仍不行时请联系管理员。")
    page = TEMPLATES.get_template("results/error.html").render(heading=heading, what=said, home=home)
    return HTMLResponse(page, status, HEADERS)


def create_app(results: Path, hosts: tuple[str, ...] = LOCAL) -> FastAPI:
    """The web application over one folder of results; `hosts` are the names it answers to (against DNS rebinding)."""
    app = FastAPI(title="一表", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        if response.status_code == 400 and response.headers.get("content-type", "").startswith("text/plain"):
            response = error_page(400, _WRONG_NAME, home=False)  # Starlette refuses a name that is not ours in English
        response.headers.update(HEADERS)
        return response

    @app.exception_handler(AnyHTTPException)
    async def told(_request: Request, error: AnyHTTPException) -> Response:
        return error_page(error.status_code, str(error.detail))

    @app.get("/", response_class=HTMLResponse)
    def start() -> str:
        files = downloads(results)
        return TEMPLATES.get_template("results/start.html").render(files=files, report=(results / REPORT).is_file())

    @app.get("/report")
    def report() -> FileResponse:
        if not (results / REPORT).is_file():
            raise HTTPException(404, "还没有合并报告，请先运行合并。")
        return FileResponse(results / REPORT, media_type="text/html")

    @app.get("/favicon.ico")
    def icon() -> FileResponse:
        return FileResponse(ICON, media_type="image/svg+xml")

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    app.mount("/files", Offered(directory=results), name="files")
    return app
