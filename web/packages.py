"""Departments' packages: all forms of one department, or of all, for one place or every one, as Excel or PDF, in one zip."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from consolidation.service import desk as use
from web.jobs import Job, jobs_of, new_job
from web.opening import parsed
from web.pages import Link, Part, TheDesk, render, to_latest_period
from web.requests import CurrentActor

router = APIRouter()
KINDS = {"xlsx": "Excel", "pdf": "PDF"}


@router.get("/packages")
def start(request: Request, desk: TheDesk, _actor: CurrentActor) -> Response:
    """The latest period."""
    return to_latest_period(request, desk, "/packages")


@router.get("/packages/{period}")
def page(request: Request, desk: TheDesk, actor: CurrentActor, period: str) -> Response:
    """The departments with their forms, the places with their state."""
    found = use.overview(desk, actor, period)
    catalogue = use.catalogue_of(desk, period)
    return render(
        request, "leader/packages.html", overview=found, departments=use.departments(catalogue), kinds=KINDS,
        periods=use.open_periods(desk), approved=found.counts[use.SubmissionState.APPROVED],
    )  # fmt: skip


@router.post("/packages/{period}")
def make(
    request: Request, desk: TheDesk, actor: CurrentActor, period: str, kind: Annotated[str, Form()] = "xlsx",
    department: Annotated[str, Form(max_length=100)] = "", place: Annotated[str, Form(max_length=20)] = "",
) -> Response:  # fmt: skip
    """Begins to make a package; the next page says how far it is and has the file."""
    period = str(parsed(period))
    overview = use.overview(desk, actor, period)
    places = {one.place: one.name for one in overview.places}
    by_department = use.departments(use.catalogue_of(desk, period))
    if kind not in KINDS or (place and place not in places) or (department and department not in by_department) or not places:
        raise use.NotThere("这种报表包")
    forms = sum(len(some) for name, some in by_department.items() if department in ("", name))
    where = places.get(place) or use.place_name(desk, actor.region)
    title = f"{department or '全部部门'} {where} {period} {KINDS[kind]}"

    def work(job: Job) -> None:
        def progress(now: str) -> None:
            job.step(now, min(job.done + (job.now != "排队等候"), job.total))

        data, problems = use.package(desk, actor, place or actor.region, period, department, progress, kind == "pdf")
        job.problems.extend(problems)
        job.data = data
        job.step("完成", job.total)

    key = f"package {period} {place or actor.region} {department} {kind}"
    total = forms * (1 if place else len(places))
    job = new_job(key, actor.id, title, total, f"/packages/{quote(period)}")
    job.name = f"{title.replace(' ', '-')}.zip"
    return RedirectResponse(f"/jobs/{jobs_of(request).begin(job, work).id}", 303)


PART = Part(router, (Link("/packages", "还表", frozenset({use.Role.LEADER, use.Role.STEWARD})),))
