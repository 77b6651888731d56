"""Who may use which route of the desk. A route that is not here fails tests/web/test_rights.py: whoever adds one says it here.

`roles`: those that may; everybody else who is signed in is refused (403, or 404), and who is not goes to the sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass

from consolidation.desk.model import Role

W, L, S, T, A = Role.WORKER, Role.LEADER, Role.STEWARD, Role.TRAINER, Role.ADMINISTRATOR
EVERYBODY = frozenset(Role)
READERS = frozenset({W, L, S, A})


PAGE, FILE, LEADS, DATA = "page", "file", "leads on", "data"


@dataclass(frozen=True)
class Right:
    """`bound`: the address names something of a region: a person of another region gets 403 or 404, and nothing changes.
    Otherwise the page is everybody's of the roles, and shows each only what lies in the own region.
    `public`: without signing in. `json`: the body is JSON, not a form. `there`: the walk knows one that is really there (a roster,
    an admission of another number); otherwise those who may are told that it is not. `shows`: what a GET answers with; each
    PAGE is looked at by tests/web/test_every_page.py."""

    roles: frozenset[Role] = EVERYBODY
    bound: bool = False
    public: bool = False
    json: bool = False
    there: bool = True
    shows: str = PAGE


LOOK_UP = frozenset({L, S, A})
STEWARDS = frozenset({S, A})
ROSTER = "/rosters/{place}/{period}/{roster}"
ROSTER_CHANGES = (
    "/add", "/imports/{number}/undo", "/rows/{subject}", "/rows/{subject}/cell", "/rows/{subject}/remove", "/rows/{subject}/restore",
    "/rows/{subject}/revert", "/upload", "/uploads/{seq}",
)  # fmt: skip
STEWARD_PAGES = ("", "/admission", "/conflicts", "/review", "/review/decisions", "/review/definitions")
STEWARD_THINGS = (
    "/admission/{form}/{version}", "/admission/{form}/{version}/sheet/{number}", "/conflicts/{seq}",
)  # fmt: skip
STEWARD_CHANGES = (
    "/admission", "/admission/{form}/{version}/decide", "/admission/{form}/{version}/match", "/conflicts/{seq}", "/elements/{name}",
    "/forms/{form}", "/review", "/review/decisions",
)  # fmt: skip
RESULTS = frozenset({L, S, A})
PUBLIC = Right(public=True)
OWN = Right()  # about the person's own account alone
RIGHTS: dict[str, Right] = {
    "GET /": OWN,
    "GET /favicon.ico": Right(public=True, shows=FILE),
    "GET /health": Right(public=True, shows=DATA),
    "GET /sign-in": PUBLIC,
    "POST /sign-in": PUBLIC,
    "GET /sign-in/oidc": Right(public=True, there=False, shows=LEADS),
    "GET /sign-in/oidc/back": Right(public=True, there=False, shows=LEADS),
    "POST /sign-out": OWN,
    "POST /sign-out/everywhere": OWN,
    "GET /account": OWN,
    "GET /account/password": OWN,
    "POST /account/password": OWN,
    "GET /account/password/changed": OWN,
    # the worker's desk
    "GET /desk": OWN,
    "GET /desk/{period}/{place}": Right(READERS, bound=True),
    "POST /desk/{period}/{place}/cells": Right(frozenset({W, A}), bound=True, json=True),
    "POST /desk/{period}/{place}/save": Right(frozenset({W, A}), bound=True),
    "GET /desk/{period}/{place}/cell/{element}": Right(READERS, bound=True),
    "POST /desk/{period}/{place}/cell/{element}": Right(frozenset({W, A}), bound=True),
    "GET /desk/{period}/{place}/submit": Right(READERS, bound=True),
    "POST /desk/{period}/{place}/submit": Right(frozenset({W, A}), bound=True),
    "GET /desk/{period}/{place}/forms": Right(READERS, bound=True),
    "GET /desk/{period}/{place}/forms/{form}": Right(READERS, bound=True),
    "GET /desk/{period}/{place}/download/{form}.{kind}": Right(READERS, bound=True, shows=FILE),
    "GET /desk/{period}/{place}/package.zip": Right(READERS, bound=True, shows=FILE),
    # the leader's
    "GET /review": Right(shows=LEADS),  # leads to the latest period, which looks at the role
    "GET /review/{period}": Right(frozenset({L, S, A})),
    "POST /review/{period}/approve": Right(frozenset({L, A}), bound=True),
    "GET /review/{period}/{place}": Right(READERS, bound=True),
    "POST /review/{period}/{place}": Right(frozenset({L, A}), bound=True),
    # accounts and tokens
    "GET /accounts": Right(frozenset({A})),
    "POST /accounts": Right(frozenset({A}), bound=True),
    "GET /accounts/{id_}": Right(frozenset({A}), bound=True),
    "POST /accounts/{id_}": Right(frozenset({A}), bound=True),
    "POST /accounts/{id_}/reset": Right(frozenset({A}), bound=True),
    "POST /accounts/{id_}/close": Right(frozenset({A}), bound=True),
    "POST /accounts/{id_}/open": Right(frozenset({A}), bound=True),
    "GET /tokens": Right(frozenset({A})),
    "POST /tokens": Right(frozenset({A}), bound=True),
    "POST /tokens/{id_}/revoke": Right(frozenset({A}), bound=True),
    # periods opened, forms taken away, figures rolled up, the burden, the audit log
    "POST /reminders/{seq}/seen": Right(bound=True, there=False),
    "GET /periods": Right(LOOK_UP),
    "GET /periods/new": Right(LOOK_UP),
    "POST /periods/new": Right(LOOK_UP, bound=True, there=False),
    "GET /periods/{period}": Right(LOOK_UP, there=False),
    "POST /periods/{period}/prefill": Right(LOOK_UP, bound=True, there=False),
    **{f"POST /periods/{{period}}/{act}": Right(LOOK_UP, bound=True) for act in ("close", "reopen")},
    "POST /periods/{period}/extend": Right(LOOK_UP, bound=True, there=False),
    "GET /jobs/{id_}": Right(bound=True, there=False),
    "GET /jobs/{id_}/state": Right(bound=True, there=False, shows=DATA),
    "POST /jobs/{id_}/stop": Right(bound=True, there=False),
    "GET /jobs/{id_}/file": Right(bound=True, there=False, shows=FILE),
    "GET /packages": Right(shows=LEADS),  # leads to the latest period, which looks at the role
    "GET /packages/{period}": Right(LOOK_UP),
    "POST /packages/{period}": Right(LOOK_UP, bound=True, there=False),
    "GET /rollups": Right(shows=LEADS),
    "GET /rollups/{period}": Right(READERS),
    "GET /rollups/{period}/download.xlsx": Right(READERS, shows=FILE),
    "GET /rollups/{period}/rule/{element}": Right(READERS, there=False),
    "POST /rollups/{period}/rule/{element}": Right(STEWARDS, bound=True, there=False),
    "GET /burden": Right(READERS),
    "POST /burden/assume": Right(STEWARDS, there=False),
    "GET /burden/download.{kind}": Right(READERS, shows=FILE),
    "GET /audit": Right(frozenset({A})),
    "POST /audit/verify": Right(frozenset({A})),
    # rosters
    "GET /rosters": Right(READERS),
    "GET /rosters/{place}/{period}": Right(READERS, bound=True),
    **{f"GET {ROSTER}{rest}": Right(READERS, bound=True, there=False) for rest in ("", "/rows/{subject}")},
    f"GET {ROSTER}/add": Right(READERS, bound=True, there=False),
    f"GET {ROSTER}/form.xlsx": Right(READERS, bound=True, there=False, shows=FILE),
    f"GET {ROSTER}/sheet.xlsx": Right(frozenset({W, L, A}), bound=True, there=False, shows=FILE),
    **{f"POST {ROSTER}{rest}": Right(frozenset({W, A}), bound=True, there=False) for rest in ROSTER_CHANGES},
    f"POST {ROSTER}/search": Right(READERS, bound=True, there=False),
    "GET /moves": Right(READERS),
    "POST /moves/{seq}": Right(READERS, bound=True, there=False),
    # stewards
    "GET /disputes": OWN,
    **{f"GET /steward{rest}": Right(STEWARDS) for rest in STEWARD_PAGES},
    # what is asked, and how, is no secret among those who look after it
    **{f"GET /steward{rest}": Right(LOOK_UP) for rest in ("/elements", "/forms")},
    **{f"GET /steward{rest}": Right(LOOK_UP, there=False) for rest in ("/elements/{name}", "/forms/{form}")},
    "GET /steward/forms/{form}/{version}/template": Right(LOOK_UP, there=False, shows=FILE),
    **{f"GET /steward{rest}": Right(STEWARDS, there=False) for rest in STEWARD_THINGS},
    **{f"POST /steward{rest}": Right(STEWARDS, there=False) for rest in STEWARD_CHANGES},
    # the results of a merge, which `serve` adds
    "GET /results": Right(RESULTS),
    "GET /report": Right(RESULTS),
    "GET /results/files/{path:path}": Right(RESULTS, shows=FILE),
    # by tokens alone: tests/web/test_api_attack.py, test_oidc.py
    "MOUNT /api/v1": PUBLIC,
    "MOUNT /static": PUBLIC,
}
