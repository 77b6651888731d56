"""What the steward's pages share: who asks, how a page is rendered, how a refusal is shown where it happened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Annotated
from urllib.parse import quote

from fastapi import Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from consolidation.service.desk import Actor, Clash, Desk, NotAllowed, NotThere, Refused

Text = Annotated[str, Form()]
Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Number = Annotated[int, Path(ge=0, le=2**31 - 1)]
Count = Annotated[int, Form(ge=0, le=2**31 - 1)]
CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Doors:
    """`render(request, template, status, **values)`: a page in the house layout (web.pages.render)."""

    desk: Callable[[Request], Desk]
    actor: Callable[[Request], Actor]
    render: Callable[..., Response]

    def of(self, request: Request) -> tuple[Desk, Actor]:
        """The desk and who is at it."""
        return self.desk(request), self.actor(request)

    def page(self, request: Request, template: str, refused: Refused | None = None, **values: object) -> Response:
        """One of our pages; with a refusal at its top when there is one."""
        status = 200 if refused is None else 409 if isinstance(refused, Clash) else 422
        told = refused.problem if refused is not None else None
        return self.render(request, f"steward/{template}", status, problem=told, moment=moment, **values)


def moment(text: str) -> str:
    """A moment of the database as the clock in the office shows it."""
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def tried(act: Callable[[], object], again: Callable[[Refused], Response], then: str) -> Response:
    """Does what was asked and goes on to `then`; when it is refused, the same page comes `again` and says why."""
    try:
        act()
    except Refused as error:
        if goes(error):
            raise
        return again(error)
    return to(then)


def goes(error: Refused) -> bool:
    """Whether a refusal leaves the page: there is no such thing, or not for this person."""
    return isinstance(error, NotAllowed | NotThere)


def to(path: str) -> Response:
    """On to a page of ours after something was done."""
    return RedirectResponse(path, 303)


def attachment(name: str, data: bytes) -> Response:
    """A file to take away, never to be opened in the page."""
    header = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, media_type="application/octet-stream", headers={"Content-Disposition": header})
