"""Accounts and tokens, for administrators: within their own region."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from consolidation.service.people import ROLE_NAMES, Actor, Desk, NotAllowed, Problem, Refused, Role, accounts, tokens
from web.pages import Link, Part, TheDesk, render
from web.requests import CurrentSession

router = APIRouter()
Text = Annotated[str, Form()]


def administrator(session: CurrentSession) -> Actor:
    """The person, when they look after accounts. Raises NotAllowed."""
    if session.account.role is not Role.ADMINISTRATOR:
        raise NotAllowed("管理账号")
    return session.account.actor()


Boss = Annotated[Actor, Depends(administrator)]


@router.get("/accounts")
def listed(request: Request, desk: TheDesk, actor: Boss) -> Response:
    """The accounts of the region, and the form for a new one."""
    return _page(request, desk, actor)


@router.post("/accounts")
def create(
    request: Request, desk: TheDesk, actor: Boss, login: Text = "", name: Text = "", role: Text = "", region: Text = ""
) -> Response:
    """A new account; its first password is shown once."""
    wanted = accounts.Wanted(login, name, role, region.strip())
    try:
        issued = accounts.create_account(desk, actor, wanted)
    except Refused as error:
        return _page(request, desk, actor, wanted, error.problem)
    return render(request, "issued.html", issued=issued)


@router.post("/accounts/{id_}/reset")
def reset(request: Request, desk: TheDesk, actor: Boss, id_: str) -> Response:
    """Another first password, shown once."""
    return render(request, "issued.html", issued=accounts.reset_password(desk, actor, id_))


@router.post("/accounts/{id_}/close")
def close(desk: TheDesk, actor: Boss, id_: str) -> Response:
    accounts.deactivate(desk, actor, id_)
    return RedirectResponse("/accounts", 303)


@router.post("/accounts/{id_}/open")
def reopen(desk: TheDesk, actor: Boss, id_: str) -> Response:
    accounts.activate(desk, actor, id_)
    return RedirectResponse("/accounts", 303)


@router.get("/accounts/{id_}")
def one(request: Request, desk: TheDesk, actor: Boss, id_: str) -> Response:
    """One account, to change."""
    return render(request, "account_edit.html", one=accounts.account(desk, actor, id_), roles=ROLE_NAMES, problem=None)


@router.post("/accounts/{id_}")
def change(
    request: Request,
    desk: TheDesk,
    actor: Boss,
    id_: str,
    name: Text = "",
    role: Text = "",
    region: Text = "",
    subject: Text = "",
) -> Response:
    """Another name, role or region, and the identity it is bound to."""
    was = accounts.account(desk, actor, id_)
    try:
        if (name, role, region) != (was.name, was.role.value, was.region):
            accounts.change_account(desk, actor, id_, name, role, region.strip())
        if subject.strip() != was.subject:
            accounts.bind_subject(desk, actor, id_, subject)
    except Refused as error:
        return render(request, "account_edit.html", 422, one=was, roles=ROLE_NAMES, problem=error.problem)
    return RedirectResponse("/accounts", 303)


@router.get("/tokens")
def tokens_page(request: Request, desk: TheDesk, actor: Boss) -> Response:
    """The tokens of other systems."""
    return _tokens(request, desk, actor)


@router.post("/tokens")
def create_token(
    request: Request,
    desk: TheDesk,
    actor: Boss,
    name: Text = "",
    region: Text = "",
    days: Annotated[int, Form()] = 90,
    scope: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """A new token, shown once."""
    try:
        shown = tokens.create_token(desk, actor, name, region.strip(), scope or [], days)
    except Refused as error:
        return _tokens(request, desk, actor, problem=error.problem)
    return _tokens(request, desk, actor, shown=shown)


@router.post("/tokens/{id_}/revoke")
def revoke(desk: TheDesk, actor: Boss, id_: str) -> Response:
    tokens.revoke_token(desk, actor, id_)
    return RedirectResponse("/tokens", 303)


def _page(
    request: Request, desk: Desk, actor: Actor, wanted: accounts.Wanted | None = None, told: Problem | None = None
) -> Response:
    listed = accounts.accounts(desk, actor)
    given = wanted or accounts.Wanted("", "", Role.WORKER.value, "")
    return render(request, "accounts.html", 422 if told else 200, accounts=listed, wanted=given, roles=ROLE_NAMES, problem=told)


def _tokens(request: Request, desk: Desk, actor: Actor, shown: str = "", problem: Problem | None = None) -> Response:
    held = tokens.tokens(desk, actor)
    status = 422 if problem else 200
    now = desk.now()
    return render(request, "tokens.html", status, tokens=held, now=now, shown=shown, scopes=tokens.SCOPES, problem=problem)


_BOSS = frozenset({Role.ADMINISTRATOR})
PART = Part(router, (Link("/accounts", "账号", _BOSS), Link("/tokens", "接口令牌", _BOSS)))
