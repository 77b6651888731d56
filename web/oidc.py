"""Signing in by an OpenID Connect provider (a city's single sign-on): code flow with PKCE, state and nonce.

No account is made by it: an administrator binds the provider's identity to an account, or a configured claim names the login.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from consolidation.service.people import CannotDo, Desk, Refused, problem, sessions
from web.pages import TheDesk
from web.requests import begin, cookie, drop_cookie, safe_next, set_cookie, source_of

router = APIRouter()
_FLOW = "yibiao-oidc"
_MINUTES = 10  # for signing in over there
_LEEWAY = 120  # seconds between their clock and ours
_ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "RS384", "RS512", "PS384", "PS512", "EdDSA", "Ed25519")  # no shared secrets
_PREFIX = "YIBIAO_OIDC_"
_WORDS = ("issuer", "client_id", "client_secret", "claim", "name")


@dataclass(frozen=True)
class Settings:
    """How to reach the provider. `claim`: which claim holds the login of an account ("" = identities are bound by hand);
    `name`: what the button says."""

    issuer: str
    client_id: str
    client_secret: str
    claim: str = ""
    name: str = "统一身份认证"


def settings_from(file: Path, environment: Mapping[str, str] = os.environ) -> Settings | None:
    """From a YAML file, and the environment over it (YIBIAO_OIDC_ISSUER …); None when there is neither. Raises CannotDo."""
    found: dict[str, str] = {}
    if file.is_file():
        if file.stat().st_mode & 0o077:
            raise _bad_config(f"{file.name} 别人也能读，请改成只有本人可读（chmod 600）")
        held = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        if not isinstance(held, dict):
            raise _bad_config(f"{file.name} 应是“名称: 值”的行")
        found = {str(key): str(value) for key, value in held.items()}
    found |= {word: environment[_PREFIX + word.upper()] for word in _WORDS if environment.get(_PREFIX + word.upper())}
    if not found:
        return None
    if unknown := sorted(found.keys() - set(_WORDS)):
        raise _bad_config(f"不认识 {unknown[0]}")
    if missing := [word for word in _WORDS[:3] if not found.get(word)]:
        raise _bad_config(f"缺少 {missing[0]}")
    address = httpx.URL(found["issuer"])
    if address.scheme != "https" and address.host not in ("127.0.0.1", "localhost"):
        raise _bad_config("issuer 应是 https 网址")
    return Settings(**found)


def _bad_config(reason: str) -> CannotDo:
    return CannotDo(problem("oidc.bad-config", "", reason=reason))


class Provider:
    """The provider as its own description says (discovery), asked once an hour."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._described: tuple[float, dict[str, Any], KeySet] | None = None

    def client(self, redirect: str) -> OAuth2Client:
        s = self.settings
        return OAuth2Client(
            s.client_id, s.client_secret, scope="openid profile", redirect_uri=redirect, code_challenge_method="S256", timeout=10
        )

    def description(self, fresh: bool = False) -> tuple[dict[str, Any], KeySet]:
        """Their endpoints and keys. Raises httpx.HTTPError, ValueError."""
        if self._described is None or fresh or time.monotonic() - self._described[0] > 3600:
            with httpx.Client(timeout=10) as client:
                where = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
                held = client.get(where).raise_for_status().json()
                if held.get("issuer") != self.settings.issuer:
                    raise ValueError("another issuer than the one configured")
                keys = KeySet.import_key_set(client.get(held["jwks_uri"]).raise_for_status().json())
            self._described = (time.monotonic(), held, keys)
        return self._described[1], self._described[2]

    def identity(self, redirect: str, answer: str, flow: Mapping[str, str]) -> tuple[str, str]:
        """Who signed in over there: "issuer subject", and the login that the configured claim holds ("" = none).
        Raises what `_FAILURES` lists."""
        described, _ = self.description()
        with self.client(redirect) as client:
            token = client.fetch_token(
                described["token_endpoint"], authorization_response=answer, state=flow["state"], code_verifier=flow["verifier"]
            )
            claims = self._claims(token, flow["nonce"])
            told = dict(claims)
            if self.settings.claim and self.settings.claim not in told and "userinfo_endpoint" in described:
                more = client.get(described["userinfo_endpoint"]).raise_for_status().json()
                if more.get("sub") != claims["sub"]:
                    raise ValueError("the identity and the details are of two people")
                told = {**more, **told}
        return f"{claims['iss']} {claims['sub']}", self._login(told)

    def _claims(self, token: Mapping[str, Any], nonce: str) -> CodeIDToken:
        """The identity, its signature, issuer, audience, time and nonce checked."""
        _, keys = self.description()
        try:
            decoded = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):  # they may have new keys since we asked
            decoded = jwt.decode(token["id_token"], self.description(fresh=True)[1], algorithms=_ALGORITHMS)
        issuer, me = self.settings.issuer, self.settings.client_id
        mine = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": me}}
        params = {"nonce": nonce, "client_id": me, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, mine, params)
        claims.validate(leeway=_LEEWAY)
        return claims

    def _login(self, told: Mapping[str, Any]) -> str:
        claim = self.settings.claim
        if claim == "email" and told.get("email_verified") is not True:
            return ""
        value = told.get(claim) if claim else None
        return value if isinstance(value, str) else ""


_FAILURES = (AuthlibBaseError, JoseError, httpx.HTTPError, ValueError, KeyError, TypeError)


@router.get("/sign-in/oidc")
def leave(request: Request, desk: TheDesk, next: str = "/") -> Response:
    """Sends the person to the provider; a sealed cookie remembers what its answer has to fit."""
    provider: Provider = request.app.state.oidc
    flow = {name: secrets.token_urlsafe(48) for name in ("state", "nonce", "verifier")}
    flow |= {"next": safe_next(next), "ends": str(int(desk.clock().timestamp()) + _MINUTES * 60)}
    try:
        described, _ = provider.description()
        with provider.client(_redirect(request)) as client:
            where, _ = client.create_authorization_url(
                described["authorization_endpoint"], state=flow["state"], nonce=flow["nonce"], code_verifier=flow["verifier"]
            )
    except _FAILURES as error:
        raise Refused("oidc.failed", reason="认证服务联系不上") from error
    response = RedirectResponse(where, 303)
    set_cookie(request, response, _FLOW, desk.secrets.seal(json.dumps(flow), _FLOW), _MINUTES * 60)
    return response


@router.get("/sign-in/oidc/back")
def come_back(request: Request, desk: TheDesk) -> Response:
    """The provider's answer: opens the session of the account that is bound to the identity."""
    provider: Provider = request.app.state.oidc
    flow = _flow(request, desk)
    if not secrets.compare_digest(request.query_params.get("state", "").encode(), flow["state"].encode()):
        raise Refused("oidc.failed", reason="应答和请求对不上")
    if "error" in request.query_params:
        raise Refused("oidc.failed", reason="认证服务没有同意，或您取消了登录")
    try:
        subject, login = provider.identity(_redirect(request), str(request.url), flow)
    except _FAILURES as error:
        raise Refused("oidc.failed", reason="认证服务的应答没有通过核验") from error
    given = sessions.sign_in_with_identity(desk, subject, login, source_of(request))
    response = RedirectResponse(flow["next"], 303)
    begin(request, response, given)
    drop_cookie(request, response, _FLOW)
    return response


def _flow(request: Request, desk: Desk) -> dict[str, str]:
    """What we remembered of this sign-in. Raises Refused when there is nothing, or it is too old."""
    sealed = cookie(request, _FLOW)
    try:
        flow: dict[str, str] = json.loads(desk.secrets.open(sealed, _FLOW)) if sealed.startswith("sm4:") else {}
    except ValueError:
        flow = {}
    if not flow or int(flow["ends"]) < desk.clock().timestamp():
        raise Refused("oidc.failed", reason="登录用的时间太长，或浏览器没有保留登录信息")
    return flow


def _redirect(request: Request) -> str:
    return str(request.url.replace(path="/sign-in/oidc/back", query="", fragment=""))
