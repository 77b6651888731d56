"""Signing in and out, one's own account and password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from consolidation.service.people import Desk, Locked, Problem, Refused, demo_accounts, passwords, sessions
from web.pages import Link, Part, TheDesk, render
from web.requests import (
    CurrentSession,
    SignedIn,
    address_of,
    begin,
    end,
    is_secure,
    keep_before,
    safe_next,
    session_of,
    source_of,
)

router = APIRouter()
_MOST = 400  # characters of a field here; no rule of ours allows as many


def _text(value: str) -> str:
    return value[:_MOST]


@router.get("/sign-in")
def sign_in_page(request: Request, desk: TheDesk, next: str = "/") -> Response:
    """The form; who is signed in already goes on."""
    if session_of(request) is not None:
        return RedirectResponse(safe_next(next), 303)
    return _sign_in_form(request, desk, safe_next(next))


def _sign_in_form(
    request: Request, desk: Desk, goal: str, login: str = "", told: Problem | None = None, status: int = 200
) -> Response:
    oidc = request.app.state.oidc
    page = render(
        request,
        "sign_in.html",
        status,
        goal=goal,
        login=login,
        problem=told,
        demo=demo_accounts.demo_sign_in(desk),
        provider=oidc.settings.name if oidc is not None else "",
        unsafe=is_secure(request) and request.url.scheme == "http",
    )
    keep_before(request, page)
    return page


@router.post("/sign-in")
def sign_in(
    request: Request,
    desk: TheDesk,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    goal: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Opens a session, and goes on to where the person wanted to go."""
    request.app.state.limits.demand_sign_in(address_of(request))
    try:
        given = sessions.sign_in(desk, request.app.state.attempts, _text(login), _text(password), source_of(request))
    except Refused as error:
        status = 429 if isinstance(error, Locked) else 401
        # The form is empty again but for the login: it is as it was typed, and goes to nobody else.
        return _sign_in_form(request, desk, safe_next(goal), _text(login), error.problem, status)
    response = RedirectResponse("/account/password" if given.account.must_change else safe_next(goal), 303)
    begin(request, response, given)
    return response


@router.post("/sign-out")
def sign_out(request: Request, desk: TheDesk, session: SignedIn) -> Response:
    """Ends this session."""
    sessions.sign_out(desk, session)
    return _out(request)


@router.post("/sign-out/everywhere")
def sign_out_everywhere(request: Request, desk: TheDesk, session: SignedIn) -> Response:
    """Ends the person's sessions on all computers and telephones."""
    sessions.sign_out_everywhere(desk, session)
    return _out(request)


def _out(request: Request) -> Response:
    response = RedirectResponse("/sign-in", 303)
    end(request, response)
    return response


@router.get("/account")
def account(request: Request, desk: TheDesk, session: CurrentSession) -> Response:
    """My account."""
    return render(request, "account.html", sessions=sessions.sessions_of(desk, session.account))


@router.get("/account/password")
def password_page(request: Request, session: SignedIn) -> Response:
    """The form for another password."""
    return _password_form(request)


@router.post("/account/password")
def change_password(
    request: Request,
    desk: TheDesk,
    session: SignedIn,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Changes it: all other sessions of the person end."""
    try:
        if new != again:
            raise Refused("password.repeat")
        source = source_of(request)
        given = sessions.change_password(desk, request.app.state.attempts, session, _text(old), _text(new), source)
    except Refused as error:
        return _password_form(request, error.problem)
    response = RedirectResponse("/account/password/changed", 303)
    begin(request, response, given)
    return response


@router.get("/account/password/changed")
def changed(request: Request, session: CurrentSession) -> Response:
    """Says that it is done."""
    return render(request, "password_changed.html")


_FIELD_OF = {"password.wrong": "old", "password.repeat": "again"}


def _password_form(request: Request, told: Problem | None = None) -> Response:
    field = _FIELD_OF.get(told.code, "new") if told else ""
    if told is not None and told.code.startswith("account."):
        field = "old"
    return render(request, "password.html", 422 if told else 200, problem=told, field=field, least=passwords.LEAST)


PART = Part(router, (Link("/account", "我的账号"),))
