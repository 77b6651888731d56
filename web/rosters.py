"""Rosters, for workers and those who check them: look, search, change, take out to Excel and bring back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Path, Query, Request, Response, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse

from consolidation.service import desk as door
from consolidation.service import moves
from consolidation.service.desk import Actor, Cell, Clash, Desk, Invalid, NotThere, Refused, RosterPage, Row
from web.pages import Link, Part, TheDesk, render
from web.requests import CurrentActor

UPLOADS = (("/rosters/", door.UPLOAD_BYTES + 64 * 1024),)  # a body may be larger than elsewhere
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200  # lines of a preview that can be chosen one by one; more are applied together
FILTERS = (
    ("", "全部"), ("missing", "有空格的"), ("changed", "改过的"), ("differing", "与共享数据不同的"),
    ("undecided", "来源不一致的"),
)  # fmt: skip
HERE = "/{place}/{period}/{roster}"
ROW = HERE + "/rows/{subject}"
Text = Annotated[str, Form()]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
router = APIRouter(prefix="/rosters")


@router.get("")
def start(request: Request, desk: TheDesk, actor: CurrentActor) -> Response:
    places = door.roster_places(desk, actor)
    if len(places) == 1:
        return RedirectResponse(f"/rosters/{places[0].place}/{places[0].periods[0]}", 303)
    return render(request, "rosters/places.html", places=places)


@router.get("/{place}/{period}")
def listed(request: Request, desk: TheDesk, actor: CurrentActor, place: str, period: str) -> Response:
    found = door.rosters(desk, actor, place, period)
    return render(request, "rosters/list.html", rosters=found, place=place, period=period)


@router.get(HERE)
def table(
    request: Request, desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1, show: str = "",
) -> Response:  # fmt: skip
    return _Pages(desk).table(request, actor, place, period, roster, "", show, page)


@router.post(HERE + "/search")
def search(
    request: Request, desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str, q: Text = "", show: Text = "",
    page: Annotated[int, Form(ge=1, le=10_000)] = 1,
) -> Response:  # fmt: skip
    """A search is sent, not put into the address: whom somebody looked for stays out of histories and logs."""
    return _Pages(desk).table(request, actor, place, period, roster, q[:100], show, page)


@router.get(ROW)
def edit(
    request: Request, desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str, subject: str
) -> Response:  # fmt: skip
    return _Pages(desk).row(request, actor, place, period, roster, subject)


@router.post(ROW)
async def save(
    request: Request, desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str, subject: str
) -> Response:  # fmt: skip
    sent = await _sent(request)
    return await _apart(lambda: _Pages(desk).save(request, actor, place, period, roster, subject, sent))


@router.post(ROW + "/cell")
def cell(
    desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str, subject: str, element: Text, text: Text = "",
    version: Annotated[int, Form(ge=0, le=2**31 - 1)] = 0,
) -> Response:  # fmt: skip
    """One cell, edited in place by the page's script."""
    try:
        outcome = door.edit_row(desk, actor, place, period, roster, subject, [Cell(element, text, version)])
        if element in outcome.refused:
            raise outcome.refused[element]
    except Refused as error:
        return JSONResponse({"message": error.problem.message, "hint": error.problem.hint}, _status(error))
    saved = outcome.saved[0]
    return JSONResponse({"value": saved.value or "", "version": saved.version})


@router.post(ROW + "/remove")
def remove(
    desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str, subject: str, reason: Text = "", note: Text = ""
) -> Response:  # fmt: skip
    door.remove_row(desk, actor, place, period, roster, subject, reason, note)
    return _back(place, period, roster)


@router.post(ROW + "/restore")
def restore(
    desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str, subject: str, note: Text = ""
) -> Response:  # fmt: skip
    door.restore_row(desk, actor, place, period, roster, subject, note)
    return _back(place, period, roster)


@router.post(ROW + "/revert")
def revert(
    desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str, subject: str, element: Text, note: Text = ""
) -> Response:  # fmt: skip
    door.revert_cell(desk, actor, place, period, roster, subject, element, note)
    return _back(place, period, roster, f"/rows/{quote(subject)}")


@router.get(HERE + "/add")
def new(request: Request, desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str) -> Response:
    return _Pages(desk).new(request, actor, place, period, roster)


@router.post(HERE + "/add")
async def add(request: Request, desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str) -> Response:
    sent = await _sent(request)
    return await _apart(lambda: _Pages(desk).add(request, actor, place, period, roster, sent))


@router.get(HERE + "/sheet.xlsx")
def sheet(desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str) -> Response:
    return _file(*door.working_sheet(desk, actor, place, period, roster))


@router.get(HERE + "/form.xlsx")
def form(desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str) -> Response:
    about = door.blank_roster(desk, actor, place, period, roster).roster
    made = door.form_of(desk, actor, place, period, about.form)
    return _file(made.name, made.data)


@router.post(HERE + "/upload")
def upload(
    request: Request, desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str,
    file: Annotated[UploadFile, File()],
) -> Response:  # fmt: skip
    data = file.file.read(door.UPLOAD_BYTES + 1)
    try:
        found = door.preview_upload(desk, actor, place, period, roster, file.filename or "", data)
    except Invalid as error:
        return _Pages(desk).table(request, actor, place, period, roster, "", "", 1, error)
    return _Pages(desk).preview(request, actor, place, period, found)


@router.post(HERE + "/uploads/{seq}")
async def apply(
    request: Request, desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str, seq: Number
) -> Response:  # fmt: skip
    sent = await request.form(max_fields=2000)
    chosen = {str(one) for one in sent.getlist("line")} if sent.get("which") == "chosen" else None
    note, missing = str(sent.get("note") or ""), sent.get("remove") == "yes"
    await _apart(lambda: door.apply_upload(desk, actor, place, period, roster, seq, chosen, missing, note))
    return _back(place, period, roster)


@router.post(HERE + "/imports/{number}/undo")
def undo(
    desk: TheDesk, actor: CurrentActor, place: str, period: str, roster: str, number: Number, note: Text = ""
) -> Response:  # fmt: skip
    door.undo_import(desk, actor, place, period, roster, number, note)
    return _back(place, period, roster)


class _Pages:
    """Pages that several addresses lead to."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(
        self, request: Request, actor: Actor, place: str, period: str, roster: str, search: str, show: str, number: int,
        told: Refused | None = None,
    ) -> Response:  # fmt: skip
        page = door.roster_page(self.desk, actor, place, period, roster, search, show, number)
        batches = door.imports(self.desk, actor, place, period, roster)
        return render(
            request, "rosters/table.html", _status(told) if told else 200, page=page, search=search, show=show, filters=FILTERS,
            batches=batches, may_write=may_write(actor), reasons=door.REASONS, problem=told.problem if told else None,
            columns=_besides_name(page), megabytes=door.UPLOAD_BYTES // 1024 // 1024,
        )  # fmt: skip

    def row(
        self, request: Request, actor: Actor, place: str, period: str, roster: str, subject: str,
        sent: dict[str, str] | None = None, refused: dict[str, Refused] | None = None, told: Refused | None = None,
    ) -> Response:  # fmt: skip
        page, row = door.roster_row(self.desk, actor, place, period, roster, subject)
        status = 200 if not refused and told is None else 422
        return render(
            request, "rosters/row.html", status, page=page, row=row, fields=_fields(page, row), sent=sent or {},
            refused={name: error.problem for name, error in (refused or {}).items()}, problem=told.problem if told else None,
            reasons=door.REASONS, may_write=may_write(actor),
        )  # fmt: skip

    def save(
        self, request: Request, actor: Actor, place: str, period: str, roster: str, subject: str, sent: dict[str, str]
    ) -> Response:  # fmt: skip
        _, row = door.roster_row(self.desk, actor, place, period, roster, subject)
        cells = [
            Cell(cell.element, sent[cell.element], _version(sent.get(f"version.{cell.element}", "")))
            for cell in row.cells if cell.element in sent and sent[cell.element] != sent.get(f"was.{cell.element}", cell.text)
        ]  # fmt: skip
        if not cells:
            return _back(place, period, roster)
        try:
            outcome = door.edit_row(self.desk, actor, place, period, roster, subject, cells, sent.get("note", ""))
        except (Clash, Invalid) as error:
            return self.row(request, actor, place, period, roster, subject, sent, None, error)
        if outcome.refused:
            return self.row(request, actor, place, period, roster, subject, sent, dict(outcome.refused))
        return _back(place, period, roster, f"?page={(row.at - 1) // 50 + 1}")

    def new(
        self, request: Request, actor: Actor, place: str, period: str, roster: str, sent: dict[str, str] | None = None,
        told: Refused | None = None,
    ) -> Response:  # fmt: skip
        page = door.blank_roster(self.desk, actor, place, period, roster)
        code = told.problem.code if told else ""
        return render(
            request, "rosters/add.html", _status(told) if told else 200, page=page, sent=sent or {},
            problem=told.problem if told else None, columns=_number_first(page), unknown=moves.UNKNOWN,
            origins=moves.origins(self.desk, actor, place) if page.roster.kind == "person" else (),
            moving=code == "roster.elsewhere" or code.startswith("roster.moved") or bool((sent or {}).get("move.origin")),
        )  # fmt: skip

    def add(
        self, request: Request, actor: Actor, place: str, period: str, roster: str, sent: dict[str, str]
    ) -> Response:  # fmt: skip
        try:
            arrival = moves.Arrival(sent["move.origin"], sent.get("move.since", "")) if sent.get("move.origin") else None
            door.add_row(self.desk, actor, place, period, roster, _elements(sent), sent.get("note", ""), arrival)
        except (Clash, Invalid) as error:
            return self.new(request, actor, place, period, roster, sent, error)
        return _back(place, period, roster)

    def preview(self, request: Request, actor: Actor, place: str, period: str, found: door.Preview) -> Response:
        page = door.blank_roster(self.desk, actor, place, period, found.roster)
        return render(request, "rosters/preview.html", 200, preview=found, page=page, shown=SHOWN)


def may_write(actor: Actor) -> bool:
    """Whether the page offers changes (the use cases decide)."""
    return actor.role in (door.Role.WORKER, door.Role.ADMINISTRATOR)


def _besides_name(page: RosterPage) -> list[tuple[int, door.Column]]:
    """The columns beside that of the name, which stands at the head of each row."""
    return [(at, column) for at, column in enumerate(page.columns) if column.element != page.name_element]


def _number_first(page: RosterPage) -> list[door.Column]:
    """The columns that somebody new is asked for: the number by which they are known leads, what follows from it is not asked."""
    asked = [column for column in page.columns if column.editable and not column.follows]
    return sorted(asked, key=lambda column: not column.number)


def _fields(page: RosterPage, row: Row) -> list[tuple[door.Column, door.RosterCell]]:
    return list(zip(page.columns, row.cells, strict=True))


async def _sent(request: Request) -> dict[str, str]:
    """The fields of a form whose names are elements; files among them are none of ours."""
    form = await request.form(max_files=0, max_fields=500)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _elements(sent: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in sent.items() if name not in ("csrf", "note") and "." not in name}


async def _apart(work: Callable[[], Response | object]) -> Response:
    """Runs work that waits for the database away from the loop that serves everybody."""
    done = await run_in_threadpool(work)
    return done if isinstance(done, Response) else Response(status_code=204)


def _back(place: str, period: str, roster: str, more: str = "") -> RedirectResponse:
    return RedirectResponse(f"/rosters/{quote(place)}/{quote(period)}/{quote(roster)}{more}", 303)


def _file(name: str, data: bytes) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(data, media_type=XLSX, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})


def _status(error: Refused) -> int:
    return 404 if isinstance(error, NotThere) else 409 if isinstance(error, Clash) else 422 if isinstance(error, Invalid) else 403


PART = Part(router, (Link("/rosters", "名册", frozenset({door.Role.WORKER, door.Role.LEADER, door.Role.STEWARD})),))
