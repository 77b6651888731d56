"""Who a request comes from: the session's cookie, a token, the proof that a form is ours, the address."""

from __future__ import annotations

import secrets
from base64 import b64decode, urlsafe_b64encode
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from consolidation.service.people import Actor, Desk, network, sessions, tokens

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
SAFE = ("GET", "HEAD", "OPTIONS")
MOST_FIELDS = 20_000  # of a form: a whole table without script has three for each cell
_SESSION, _DEVICE, _BEFORE = "yibiao", "yibiao-device", "yibiao-before"
_DEVICE_SECONDS = 180 * 24 * 3600


class SignInFirst(Exception):
    """Nobody is signed in (HTTP 401; a page leads to the sign-in)."""


class ChangePasswordFirst(Exception):
    """The first password has to be changed before anything else."""


class NotOurs(HTTPException):
    """A request that was not made from a page of ours (HTTP 403)."""

    def __init__(self) -> None:
        super().__init__(403, "csrf")


def is_secure(request: Request) -> bool:
    """Cookies go over https alone; only on this very machine plain http will do."""
    return not (request.url.scheme == "http" and request.url.hostname in LOOPBACK)


def cookie_name(request: Request, name: str) -> str:
    """Over https a browser takes a __Host- cookie from this very host alone."""
    return f"__Host-{name}" if is_secure(request) else name


def cookie(request: Request, name: str) -> str:
    return request.cookies.get(cookie_name(request, name), "")


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """A cookie that no script reads; without `seconds` it ends with the browser."""
    secure = is_secure(request)
    name = cookie_name(request, name)
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure, path="/")


def drop_cookie(request: Request, response: Response, name: str) -> None:
    secure = is_secure(request)
    response.delete_cookie(cookie_name(request, name), path="/", httponly=True, samesite="lax", secure=secure)


def session_of(request: Request) -> sessions.Session | None:
    """The session of the request's cookie, looked up once. A failing page is rendered without any."""
    if not hasattr(request.state, "session"):
        desk: Desk = request.app.state.desk
        request.state.session = sessions.find_session(desk, cookie(request, _SESSION))
    found: sessions.Session | None = request.state.session
    return found


def begin(request: Request, response: Response, given: sessions.SignedIn) -> None:
    """Gives the browser its session, and the mark by which it is known again."""
    set_cookie(request, response, _SESSION, given.cookie)
    set_cookie(request, response, _DEVICE, given.device, _DEVICE_SECONDS)
    drop_cookie(request, response, _BEFORE)


def end(request: Request, response: Response) -> None:
    drop_cookie(request, response, _SESSION)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def source_of(request: Request) -> sessions.Source:
    """Where an attempt to sign in comes from."""
    return sessions.Source(address_of(request), cookie(request, _DEVICE), cookie(request, _SESSION))


def address_of(request: Request) -> str:
    return network(request.client.host) if request.client else ""


# ---- forms that are ours ------------------------------------------------------------------------------------------------
def csrf_token(request: Request) -> str:
    """What a form of ours sends back: the session's own, or, before anybody has signed in, one bound to a cookie of its own;
    masked, so that no two pages hold the same text."""
    session = session_of(request)
    if session is not None:
        return _masked(session.csrf)
    if not hasattr(request.state, "before"):
        request.state.before = cookie(request, _BEFORE) or secrets.token_urlsafe(24)
    return _masked(_before(request, request.state.before))


def keep_before(request: Request, response: Response) -> None:
    """Sets the cookie to which a form without a session is bound."""
    if (value := getattr(request.state, "before", "")) and not cookie(request, _BEFORE):
        set_cookie(request, response, _BEFORE, value)


async def demand_own_form(request: Request) -> None:
    """Passes for what changes nothing, for other systems with a token, and for our own pages. Raises NotOurs (CSRF), and
    SignInFirst where the session has ended meanwhile."""
    form = await _form(request)
    if request.method in SAFE or bearer(request):
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise NotOurs
    session = await run_in_threadpool(session_of, request)
    before = cookie(request, _BEFORE)
    if session is None and not before:
        raise SignInFirst
    wanted = session.csrf if session is not None else _before(request, before)
    given = request.headers.get("x-csrf-token")
    if given is None:
        field = form.get("csrf")
        given = field if isinstance(field, str) else None
    if not given or not secrets.compare_digest(_unmasked(given), wanted.encode()):
        raise NotOurs


def _masked(token: str) -> str:
    """A token under a mask of its own: packed pages whose size is watched tell nothing of it."""
    mask = secrets.token_bytes(len(token.encode()))
    return urlsafe_b64encode(mask + _xor(mask, token.encode())).decode()


def _unmasked(text: str) -> bytes:
    """What was masked; empty for what was not."""
    try:
        both = b64decode(text.encode(), b"-_", validate=True)
    except ValueError:
        return b""
    return _xor(both[: len(both) // 2], both[len(both) // 2 :])


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


async def _form(request: Request) -> FormData:
    """The form that came, read once for everybody; empty where none did. Raises HTTPException (400) for one that no page of ours
    sends: too many fields, or letters that no database takes."""
    if not request.headers.get("content-type", "").startswith(("application/x-www-form", "multipart/form-data")):
        return FormData()
    form = await request.form(max_fields=MOST_FIELDS)
    if any("\0" in name or (isinstance(text, str) and "\0" in text) for name, text in form.multi_items()):
        raise HTTPException(400)
    return form


def _before(request: Request, value: str) -> str:
    desk: Desk = request.app.state.desk
    return desk.secrets.find(f"before sign-in {value}")


def safe_next(text: str) -> str:
    """A page of ours to go on to: never another site's, whatever a link says."""
    plain = text if len(text) <= 2000 and text.isprintable() and "\\" not in text else ""
    parts = urlsplit(plain) if plain.startswith("/") and not plain.startswith("//") else None
    return plain if parts is not None and not parts.scheme and not parts.netloc else "/"


# ---- who acts -----------------------------------------------------------------------------------------------------------
def bearer(request: Request) -> str:
    """The token of another system; "" when it has none. Only below /api/: pages are for people, and what comes with a session's
    cookie always has to show that it is from a page of ours."""
    if not request.url.path.startswith("/api/"):
        return ""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def signed_in(request: Request) -> sessions.Session:
    """A person's session, whether or not the password has to be changed first. Raises SignInFirst."""
    session = session_of(request)
    if session is None:
        raise SignInFirst
    request.app.state.limits.demand_session(session.id)
    return session


def current_session(session: Annotated[sessions.Session, Depends(signed_in)]) -> sessions.Session:
    """The session of a person who may work. Raises SignInFirst, ChangePasswordFirst."""
    if session.account.must_change:
        raise ChangePasswordFirst
    return session


def current_actor(request: Request) -> Actor:
    """Who acts: another system by its token, or the person signed in. Raises SignInFirst, ChangePasswordFirst."""
    if token := bearer(request):
        found = tokens.token_actor(request.app.state.desk, token)
        if found is None:
            raise SignInFirst
        request.app.state.limits.demand_session(found.id)
        return found
    return current_session(signed_in(request)).account.actor()


OwnForm = Annotated[FormData, Depends(_form)]
"""The form that came with the request. Routes that take one this way need not be `async`: what they do may take its time."""
CurrentActor = Annotated[Actor, Depends(current_actor)]
CurrentSession = Annotated[sessions.Session, Depends(current_session)]
SignedIn = Annotated[sessions.Session, Depends(signed_in)]
