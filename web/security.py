"""What stands before every page: headers, sizes, times, rates, a log without people's data, and pages for what goes wrong."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import traceback
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consolidation.service.people import CannotDo, Clash, Invalid, Locked, NotAllowed, NotThere, Problem, network, problem
from web.pages import render
from web.requests import ChangePasswordFirst, NotOurs, SignInFirst, safe_next

LOG = logging.getLogger("yibiao.request")
REPORT = "/report"  # the merge report carries its style within
STATIC = "/static/"
MEGABYTE = 1024 * 1024

# No inline script or style, nothing from elsewhere; nobody may frame a page or send a form away.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
REPORT_POLICY = POLICY.replace("script-src 'self'", "script-src 'none'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


_UTF8 = re.compile(r'\bcharset="?utf-?8"?\s*(;|$)')


@dataclass(frozen=True)
class Bounds:
    """How much, how long, how often. `uploads`: path prefix -> bytes, where more than `body` is taken. Rates are of one address
    (an office behind one line has many people) and of one session or token."""

    body: int = 2 * MEGABYTE
    uploads: tuple[tuple[str, int], ...] = ()
    body_seconds: float = 60
    address: str = "6000 per minute"
    session: str = "1200 per minute"
    sign_in: str = "60 per minute"

    def of(self, path: str) -> int:
        return max([self.body, *(size for prefix, size in self.uploads if path.startswith(prefix))])


class Limits:
    """Counts requests in memory; raises 429 where there are too many."""

    def __init__(self, bounds: Bounds) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._address, self._session, self._sign_in = map(parse, (bounds.address, bounds.session, bounds.sign_in))

    def address_may(self, address: str) -> bool:
        return self._limiter.hit(self._address, "address", address)

    def demand_session(self, id_: str) -> None:
        self._demand(self._session, "session", id_)

    def demand_sign_in(self, address: str) -> None:
        self._demand(self._sign_in, "sign-in", address)

    def _demand(self, limit: RateLimitItem, kind: str, who: str) -> None:
        if not self._limiter.hit(limit, kind, who):
            raise HTTPException(429, headers={"Retry-After": "10"})


@dataclass
class Guard:
    """The outermost layer: an ASGI application around ours."""

    app: ASGIApp
    limits: Limits
    bounds: Bounds = field(default_factory=Bounds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(scope, MutableHeaders(scope=message))
            await send(message)

        request = Request(scope, receive)
        try:
            refused = self._refusal(request)
            if refused is not None:
                request.state.session = None  # nobody is looked up for a request that is not heard
                await error_page(request, refused)(scope, receive, sending)
            else:
                await self.app(scope, self._bounded(scope, receive), sending)
        except Exception as error:  # noqa: BLE001 - answered with a page that says nothing; the log gets the place, not the data
            _log_failure(error)
            if status == 0:
                request.state.session = None  # the database may be what failed
                await error_page(request, 500)(scope, receive, sending)
        finally:
            # The route's pattern, not the address: ids, query and body may hold people's data.
            route = getattr(scope.get("route"), "path", "-")
            LOG.info("%s %s %s %.0f ms", scope["method"], route, status, (time.perf_counter() - started) * 1000)

    def _refusal(self, request: Request) -> int | None:
        """The status with which a request is refused before anything of it is read."""
        if not _is_plain(request):
            return 400
        length = request.headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return 400
        if int(length) > self.bounds.of(request.url.path):
            return 413
        if request.client and not self.limits.address_may(network(request.client.host)):
            return 429
        return None

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """The body as it comes, but no more and no longer than it may."""
        most, got, ends, complete = self.bounds.of(scope["path"]), 0, time.monotonic() + self.bounds.body_seconds, False

        async def bounded() -> Message:
            nonlocal got, complete
            if complete:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, ends - time.monotonic()))
            except TimeoutError:
                raise HTTPException(408) from None
            got += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if got > most:
                raise HTTPException(413)
            return message

        return bounded


def _is_plain(request: Request) -> bool:
    """Whether an address can be kept in a database, and a form says nothing of other letters than UTF-8's: some of Python's
    codecs give text that cannot be written down again."""
    if b"%00" in request.scope.get("raw_path", b"") or b"%00" in request.scope["query_string"] or "\0" in request.url.path:
        return False
    kind, _, rest = request.headers.get("content-type", "").lower().partition(";")
    foreign = "charset" in rest and not _UTF8.search(rest)
    return not (kind.strip() == "multipart/form-data" and foreign)


def _add_headers(scope: Scope, headers: MutableHeaders) -> None:
    headers.update(HEADERS)
    headers["Content-Security-Policy"] = REPORT_POLICY if scope["path"] == REPORT else POLICY
    # People's data stays out of the browser's cache on a shared computer; the style may stay, if it is asked for anew.
    headers["Cache-Control"] = "no-cache" if scope["path"].startswith(STATIC) else "no-store"
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"


def _log_failure(error: Exception) -> None:
    """What kind of failure, and where in the code. Its message may hold what somebody typed."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    LOG.error("%s at %s", type(error).__name__, where)


# ---- what goes wrong ----------------------------------------------------------------------------------------------------
_SAID = {
    400: "web.400",
    401: "desk.not-signed-in",
    403: "web.403",
    404: "web.404",
    405: "web.405",
    408: "web.408",
    409: "web.409",
    413: "web.413",
    422: "web.422",
    429: "web.429",
    500: "web.500",
}
_REFUSED: tuple[tuple[type[CannotDo], int], ...] = (
    (NotAllowed, 403),
    (NotThere, 404),
    (Clash, 409),
    (Invalid, 422),
    (Locked, 429),
    (CannotDo, 400),
)


def wants_json(request: Request) -> bool:
    """Other systems and our own script; people get a page."""
    accept = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or ("json" in accept and "text/html" not in accept)


def said(status: int) -> Problem:
    """What is said of a status where nothing better is known."""
    known = status if status in _SAID else 500 if status >= 500 else 400
    return problem(_SAID[known], "")


def error_page(request: Request, status: int, told: Problem | None = None, headers: dict[str, str] | None = None) -> Response:
    """A page, or JSON, that says what is wrong and what to do: from the catalogue alone, with no word of what was sent."""
    told = told or said(status)
    if wants_json(request):
        body = {"code": told.code, "message": told.message, "hint": told.hint}
        return JSONResponse(body, status, headers=headers)
    page = render(request, "error.html", status, problem=told)
    page.headers.update(headers or {})
    return page


def add_error_pages(app: FastAPI) -> None:
    """Every failure becomes one of our pages."""

    @app.exception_handler(SignInFirst)
    def sign_in_first(request: Request, error: SignInFirst) -> Response:
        if wants_json(request):
            return error_page(request, 401, headers={"WWW-Authenticate": "Bearer"})
        return RedirectResponse(f"/sign-in?next={quote(_back_to(request), safe='')}", 303)

    @app.exception_handler(ChangePasswordFirst)
    def change_first(request: Request, error: ChangePasswordFirst) -> Response:
        return error_page(request, 403) if wants_json(request) else RedirectResponse("/account/password", 303)

    @app.exception_handler(CannotDo)
    def refused(request: Request, error: CannotDo) -> Response:
        status = next(status for kind, status in _REFUSED if isinstance(error, kind))
        headers = {"Retry-After": str(error.wait)} if isinstance(error, Locked) else None
        return error_page(request, status, error.problem, headers)

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, error: RequestValidationError) -> Response:
        return error_page(request, 422)

    @app.exception_handler(StarletteHTTPException)
    def failed(request: Request, error: StarletteHTTPException) -> Response:
        told = problem("web.csrf", "") if isinstance(error, NotOurs) else None
        headers = dict(error.headers) if error.headers else None
        return error_page(request, error.status_code, told, headers)


def _back_to(request: Request) -> str:
    """Where somebody wanted to go: the page itself, or the one whose form was sent."""
    if request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        return safe_next(request.url.path + query)
    referer = urlsplit(request.headers.get("referer", ""))
    return safe_next(referer.path) if referer.netloc == request.headers.get("host") else "/"
