"""Opening a period: forms due, deadline by rule, to whom; prefilling with its progress; the pages of long work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from consolidation.service import desk as use
from consolidation.service.people import CannotDo
from web.jobs import Job, jobs_of, new_job
from web.pages import Link, Part, TheDesk, render
from web.requests import CurrentActor
from web.worker import attachment

router = APIRouter()
Ticked = Annotated[list[str], Form(max_length=1000)]


@router.get("/periods")
def listed(request: Request, desk: TheDesk, actor: CurrentActor) -> Response:
    """The periods, and the way to open another."""
    free = use.choices(desk)
    use.offer(desk, actor, free[0])  # who may not open one does not see the page
    states = {one.period: one.state for one in use.periods_of(desk, actor)}
    return render(
        request, "leader/periods.html", periods=use.open_periods(desk), states=states, choices=free, names=_names(desk)
    )  # fmt: skip


def _names(desk: use.Desk) -> dict[str, str]:
    return {one.period: use.Period.parse(one.period).chinese for one in use.open_periods(desk)}


def parsed(text: str) -> use.Period:
    """A period from an address or a form. Raises NotThere."""
    try:
        return use.Period.parse(text)
    except ValueError as error:
        raise use.NotThere("这个报告期") from error


@router.get("/periods/new")
def new(request: Request, desk: TheDesk, actor: CurrentActor, period: str = "") -> Response:
    """What is proposed for a period; everything can be changed."""
    return _new(request, desk, actor, parsed(period) if period else use.choices(desk)[0])


def _new(
    request: Request, desk: use.Desk, actor: use.Actor, period: use.Period, ticked: list[str] | None = None, deadline: str = "",
    top: str = "", refused: use.Refused | None = None,
) -> Response:  # fmt: skip
    found = use.offer(desk, actor, period)
    chosen = ticked if ticked is not None else [one.id for forms in found.forms.values() for one in forms if one.due]
    status = 200 if refused is None else 409 if isinstance(refused, use.Clash) else 422
    return render(
        request, "leader/opening.html", status, offer=found, choices=use.choices(desk), ticked=set(chosen),
        deadline=deadline or found.deadline.isoformat(), top=top or actor.region,
        problem=refused.problem if refused else None,
    )  # fmt: skip


@router.post("/periods/new")
def open_one(
    request: Request, desk: TheDesk, actor: CurrentActor, period: Annotated[str, Form()], deadline: Annotated[str, Form()],
    top: Annotated[str, Form()], form: Ticked = [],  # noqa: B006 - FastAPI copies it
) -> Response:  # fmt: skip
    """Opens the period, and begins to prefill it."""
    of = parsed(period)
    try:
        places = use.open_period(desk, actor, of, _day(deadline, of), form, top)
    except (use.Clash, use.Invalid) as error:
        return _new(request, desk, actor, of, form, deadline, top, error)
    _prefill(request, desk, actor, str(of), places)
    return RedirectResponse(f"/periods/{quote(str(of))}", 303)


def _day(text: str, period: use.Period) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise use.Invalid("desk.bad-value", name="截止日期", reason="应是 2026-11-06 这样的日期") from error
    if day < period.end.replace(day=1):
        raise use.Invalid("desk.bad-value", name="截止日期", reason="早于报告期的最后一个月")
    return day


@router.get("/periods/{period}")
def one(request: Request, desk: TheDesk, actor: CurrentActor, period: str) -> Response:
    """A period: its forms, its places, how far prefilling is, and closing it."""
    return _one(request, desk, actor, str(parsed(period)))


def _one(
    request: Request, desk: use.Desk, actor: use.Actor, period: str, refused: use.Refused | None = None, reason: str = ""
) -> Response:  # fmt: skip
    found = use.opened(desk, actor, period)
    job = jobs_of(request).latest(f"prefill {period} {actor.region}")
    status = 200 if refused is None else 409 if isinstance(refused, use.Clash) else 422
    return render(
        request, "leader/period.html", status, found=found, job=job, own=job is not None and job.owner == actor.id,
        problem=refused.problem if refused else None, reason=reason,
    )  # fmt: skip


@router.post("/periods/{period}/prefill")
def again(
    request: Request, desk: TheDesk, actor: CurrentActor, period: str, place: Annotated[str, Form(max_length=20)] = ""
) -> Response:  # fmt: skip
    """Prefills anew, all places or one: what people wrote stays."""
    found = use.opened(desk, actor, str(parsed(period)))
    places = tuple(each.place for each in found.places if place in ("", each.place))
    if not places:
        raise use.NotThere("这个地方")
    _prefill(request, desk, actor, period, places)
    return RedirectResponse(f"/periods/{quote(period)}", 303)


@router.post("/periods/{period}/extend")
def extend(
    request: Request, desk: TheDesk, actor: CurrentActor, period: str, deadline: Annotated[str, Form()] = ""
) -> Response:  # fmt: skip
    """Gives an open period to the places below that do not have it yet."""
    of = parsed(period)
    places = use.extend_period(desk, actor, str(of), actor.region, _day(deadline, of))
    if places:
        _prefill(request, desk, actor, str(of), places)
    return RedirectResponse(f"/periods/{quote(str(of))}", 303)


@router.post("/periods/{period}/close")
def close(
    request: Request, desk: TheDesk, actor: CurrentActor, period: str, reason: Annotated[str, Form(max_length=500)] = ""
) -> Response:  # fmt: skip
    """Closes the period for the actor's places; where some are not approved, with a reason alone."""
    return _decided(request, desk, actor, period, reason, use.close_period)


@router.post("/periods/{period}/reopen")
def reopen(
    request: Request, desk: TheDesk, actor: CurrentActor, period: str, reason: Annotated[str, Form(max_length=500)] = ""
) -> Response:  # fmt: skip
    """Opens it again, with a reason."""
    return _decided(request, desk, actor, period, reason, use.reopen_period)


def _decided(
    request: Request, desk: use.Desk, actor: use.Actor, period: str, reason: str,
    act: Callable[[use.Desk, use.Actor, str, str, str], tuple[str, ...]],
) -> Response:  # fmt: skip
    of = str(parsed(period))
    try:
        act(desk, actor, of, actor.region, reason)
    except (use.Clash, use.Invalid) as error:
        return _one(request, desk, actor, of, error, reason)
    return RedirectResponse(f"/periods/{quote(of)}", 303)


def _prefill(request: Request, desk: use.Desk, actor: use.Actor, period: str, places: tuple[str, ...]) -> Job:
    names = {place: use.place_name(desk, place) for place in places}

    def work(job: Job) -> None:
        job.step("读取报表")
        use.keep_rules_of(desk, use.catalogue_of(desk, period))
        for number, place in enumerate(places):
            job.step(f"预填{names[place]}", number)
            try:
                use.prefill(desk, actor, place, period)
            except CannotDo as error:
                job.skip(error)
        job.step("预填完成", len(places))

    back = f"/periods/{quote(period)}"
    return jobs_of(request).begin(
        new_job(f"prefill {period} {actor.region}", actor.id, f"预填 {use.Period.parse(period).chinese}", len(places), back), work
    )  # fmt: skip


# ---- long work ----------------------------------------------------------------------------------------------------------
@router.get("/jobs/{id_}")
def job(request: Request, actor: CurrentActor, id_: str) -> Response:
    """How far a piece of long work is; the file when it is done."""
    return render(request, "leader/job.html", job=jobs_of(request).of(actor.id, id_))


@router.get("/jobs/{id_}/state")
def state(request: Request, actor: CurrentActor, id_: str) -> Response:
    """The same for the page's script."""
    found = jobs_of(request).of(actor.id, id_)
    return JSONResponse({"said": found.said, "done": found.done, "total": found.total, "live": found.live})


@router.post("/jobs/{id_}/stop")
def stop(request: Request, actor: CurrentActor, id_: str) -> Response:
    """Ends it after the step that is being done."""
    found = jobs_of(request).of(actor.id, id_)
    found.stop = True
    return RedirectResponse(found.back if found.data is None else f"/jobs/{id_}", 303)


@router.get("/jobs/{id_}/file")
def file(request: Request, actor: CurrentActor, id_: str) -> Response:
    """What was made."""
    found = jobs_of(request).of(actor.id, id_)
    if found.data is None:
        raise use.NotThere("这个文件")
    return attachment(found.name, found.data)


PART = Part(router, (Link("/periods", "报告期", frozenset({use.Role.LEADER, use.Role.STEWARD})),))
