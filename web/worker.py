"""The worker's desk: what is due, the one table of a place, its cells saved one by one, its forms as they will go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from consolidation.service import desk as use
from web.pages import Link, Part, TheDesk, render
from web.requests import CurrentActor, OwnForm

router = APIRouter()
_MOST_CELLS = 2000


class CellIn(BaseModel):
    """One cell as the page sends it."""

    element: str = Field(max_length=64)
    text: str = Field(max_length=2000)
    version: int | None = Field(default=None, ge=0, le=use.LAST_VERSION)
    note: str = Field(default="", max_length=1000)


class CellsIn(BaseModel):
    cells: list[CellIn] = Field(max_length=_MOST_CELLS)


@dataclass(frozen=True, slots=True)
class Told:
    """Why a cell was not kept, for the page."""

    message: str
    hint: str


@router.get("/desk")
def start(request: Request, desk: TheDesk, actor: CurrentActor) -> Response:
    """What is due: every open period and place of the worker's, with how much is done."""
    due = use.due(desk, actor)
    if len(due) == 1:
        return RedirectResponse(sheet_path(due[0].period, due[0].place), 303)
    return render(request, "worker/due.html", due=due)


def sheet_path(period: str, place: str, rest: str = "") -> str:
    """The address of a place's one table."""
    return f"/desk/{quote(period)}/{quote(place)}{rest}"


@router.get("/desk/{period}/{place}")
def sheet(request: Request, desk: TheDesk, actor: CurrentActor, period: str, place: str) -> Response:
    """The one table: missing cells first, prefilled ones greyed with their source."""
    found = use.worksheet(desk, actor, place, period)
    return render(
        request, "worker/sheet.html", sheet=found, fillable=use.may_fill(actor, found), states=use.STATE_NAMES,
        path=sheet_path(period, place), events=use.events(desk, actor, place, period),
    )  # fmt: skip


@router.post("/desk/{period}/{place}/cells")
def save(desk: TheDesk, actor: CurrentActor, period: str, place: str, given: CellsIn) -> Response:
    """Keeps cells as drafts: each that can be, every other one with its reason."""
    cells = [use.Cell(cell.element, cell.text, cell.version, cell.note) for cell in given.cells]
    outcome = use.save_cells(desk, actor, place, period, cells)
    return JSONResponse(
        {
            "saved": [
                {"element": one.element, "value": one.value, "version": one.version, "at": one.at} for one in outcome.saved
            ],
            "refused": {
                element: {"message": error.problem.message, "hint": error.problem.hint, "code": error.problem.code}
                for element, error in outcome.refused.items()
            },
        }
    )


@router.post("/desk/{period}/{place}/save")
def save_all(request: Request, desk: TheDesk, actor: CurrentActor, form: OwnForm, period: str, place: str) -> Response:
    """The same for browsers without our script: the whole table as one form."""
    cells = []
    for name, text in form.multi_items():
        kind, _, element = name.partition(":")
        if kind != "v" or not isinstance(text, str):
            continue
        version, before = form.get(f"n:{element}"), form.get(f"o:{element}")
        if text.strip() != str(before or "").strip():
            cells.append(use.Cell(element, text, _version(version)))
    if len(cells) > _MOST_CELLS:
        raise HTTPException(413)
    outcome = use.save_cells(desk, actor, place, period, cells)
    told = {element: Told(error.problem.message, error.problem.hint) for element, error in outcome.refused.items()}
    if not told:
        return RedirectResponse(sheet_path(period, place), 303)
    found = use.worksheet(desk, actor, place, period)
    return render(
        request, "worker/sheet.html", 422, sheet=found, fillable=use.may_fill(actor, found), states=use.STATE_NAMES,
        path=sheet_path(period, place), events=use.events(desk, actor, place, period), told=told,
    )  # fmt: skip


def _version(text: object) -> int:
    """Which version of a figure a form says it was made from. Raises HTTPException (422) for what is none: a guess would write
    over what somebody else has written meanwhile."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= use.LAST_VERSION:
        return int(text)
    raise HTTPException(422)


@router.get("/desk/{period}/{place}/cell/{element}")
def cell(request: Request, desk: TheDesk, actor: CurrentActor, period: str, place: str, element: str) -> Response:
    """One figure: where it comes from, what it was, and the ways to correct or dispute it."""
    found = use.worksheet(desk, actor, place, period)
    item = use.item_of(found, element)
    past = use.figure_history(desk, actor, place, period, element)
    return render(
        request, "worker/cell.html", sheet=found, item=item, history=past, path=sheet_path(period, place),
        fillable=use.may_fill(actor, found), may_write=use.may_write(actor), states=use.STATE_NAMES,
    )  # fmt: skip


@router.post("/desk/{period}/{place}/cell/{element}")
def change(
    desk: TheDesk, actor: CurrentActor, period: str, place: str, element: str,
    what: Annotated[Literal["save", "correct", "dispute"], Form()], text: Annotated[str, Form(max_length=2000)] = "",
    note: Annotated[str, Form(max_length=1000)] = "", version: Annotated[int | None, Form(ge=0, le=use.LAST_VERSION)] = None,
) -> Response:  # fmt: skip
    """Replaces a prefilled figure, corrects a reported one, or disputes it: all with a reason."""
    given = use.Cell(element, text, version, note)
    if what == "correct":
        use.correct(desk, actor, place, period, given)
    elif what == "dispute":
        use.dispute(desk, actor, place, period, element, note, text)
    else:
        use.save_cell(desk, actor, place, period, given)
    return RedirectResponse(sheet_path(period, place) + f"#c-{quote(element)}", 303)


@router.get("/desk/{period}/{place}/submit")
def before_submit(request: Request, desk: TheDesk, actor: CurrentActor, period: str, place: str) -> Response:
    """What the checks say, before anything is submitted."""
    found = use.worksheet(desk, actor, place, period)
    findings = use.findings(desk, actor, place, period)
    return render(request, "worker/submit.html", sheet=found, findings=findings, path=sheet_path(period, place))


@router.post("/desk/{period}/{place}/submit")
def submit(desk: TheDesk, actor: CurrentActor, form: OwnForm, period: str, place: str) -> Response:
    reasons = {
        name.removeprefix("r:"): text for name, text in form.multi_items() if name.startswith("r:") and isinstance(text, str)
    }
    use.submit(desk, actor, place, period, reasons)
    return RedirectResponse(sheet_path(period, place), 303)


@router.get("/desk/{period}/{place}/forms")
def forms(request: Request, desk: TheDesk, actor: CurrentActor, period: str, place: str) -> Response:
    """The departments' forms as they will go out."""
    found = use.worksheet(desk, actor, place, period)
    by_department = use.departments(use.catalogue_of(desk, period))
    return render(request, "worker/forms.html", sheet=found, departments=by_department, path=sheet_path(period, place))


@router.get("/desk/{period}/{place}/forms/{form}")
def preview(request: Request, desk: TheDesk, actor: CurrentActor, period: str, place: str, form: str) -> Response:
    """One form on the screen, as it will go out."""
    outgoing = use.form_of(desk, actor, place, period, form)
    found = use.worksheet(desk, actor, place, period)
    pictures = use.pictures(outgoing.data, outgoing.name)
    return render(
        request, "worker/preview.html", sheet=found, outgoing=outgoing, pictures=pictures, path=sheet_path(period, place)
    )  # fmt: skip


@router.get("/desk/{period}/{place}/download/{form}.{kind}")
def download(desk: TheDesk, actor: CurrentActor, period: str, place: str, form: str, kind: str) -> Response:
    """One form as a file: xlsx (or what the template is) or pdf."""
    outgoing = use.form_of(desk, actor, place, period, form)
    return attachment(*use.file_of(outgoing, kind))


@router.get("/desk/{period}/{place}/package.zip")
def package(desk: TheDesk, actor: CurrentActor, period: str, place: str, department: str = "") -> Response:
    """All forms of the place in one file."""
    data, _ = use.package(desk, actor, place, period, department)
    return attachment(f"{place}-{period}.zip", data)


def attachment(name: str, data: bytes) -> Response:
    """A file to be kept, under its Chinese name (RFC 6266)."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type="application/octet-stream", headers=headers)


PART = Part(router, (Link("/desk", "填报", frozenset({use.Role.WORKER})),))
