"""Admission: a form is handed in, looked at page by page, its doubtful fields settled, and put to use or refused."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response, UploadFile

from consolidation.service import steward
from consolidation.service.desk import Refused
from web.steward_parts import Doors, Id, Number, Text, goes, to, tried

BASE = "/steward/admission"
FREQUENCIES = {name: steward.PERIODS[name] for name in steward.frequencies()}
LEVELS = {"village": "村（社区）", "township": "乡镇（街道）", "county": "县（区）"}


def router(doors: Doors) -> APIRouter:
    """The pages below /steward/admission."""
    pages = APIRouter()
    pages.include_router(_handing_in(doors))
    pages.include_router(_looking(doors))
    return pages


def _handing_in(doors: Doors) -> APIRouter:
    pages = APIRouter()

    def listed(request: Request, refused: Refused | None = None, given: steward.Proposal | None = None) -> Response:
        desk, actor = doors.of(request)
        return doors.page(
            request, "admission.html", refused, versions=steward.proposals(desk, actor), forms=steward.forms(desk, actor),
            frequencies=FREQUENCIES, levels=LEVELS, kinds=",".join(sorted(steward.EXTENSIONS)),
            most=steward.UPLOAD_BYTES // 1024 // 1024, given=given, chosen=request.query_params.get("form", ""),
        )  # fmt: skip

    @pages.get(BASE)
    def proposals(request: Request) -> Response:
        return listed(request)

    @pages.post(BASE)
    def propose(
        request: Request, file: UploadFile | None = None, department: Text = "", frequency: Text = "", level: Text = "",
        basis: Text = "", form: Text = "",
    ) -> Response:  # fmt: skip
        desk, actor = doors.of(request)
        data = file.file.read(steward.UPLOAD_BYTES + 1) if file is not None else b""
        name = (file.filename if file is not None else None) or ""
        given = steward.Proposal(name, data, department, frequency, level, basis, form)
        if form:  # a new edition is said to be what the form is said to be
            one = steward.form_entry(desk, actor, form)
            given = steward.Proposal(name, data, one.department, one.frequency, one.level, one.basis, form)
        try:
            made = steward.propose(desk, actor, given)
        except Refused as error:
            if goes(error):
                raise
            return listed(request, error, given)
        return to(f"{BASE}/{made.form}/{made.version}")

    return pages


def _looking(doors: Doors) -> APIRouter:
    pages = APIRouter()

    def examined(request: Request, form: Id, version: Number, refused: Refused | None = None) -> Response:
        desk, actor = doors.of(request)
        seen = steward.examine(desk, actor, form, version)
        return doors.page(
            request, "examine.html", refused, seen=seen, one=seen.version, base=f"{BASE}/{form}/{version}", law=steward.LAW,
            ban=steward.BAN, sorts=steward.SORTS, frequencies=FREQUENCIES, levels=LEVELS,
        )  # fmt: skip

    @pages.get(BASE + "/{form}/{version}")
    def examine(request: Request, form: Id, version: Number) -> Response:
        return examined(request, form, version)

    @pages.get(BASE + "/{form}/{version}/sheet/{number}")
    def sheet(request: Request, form: Id, version: Number, number: Number) -> Response:
        desk, actor = doors.of(request)
        picture = steward.sheet(desk, actor, form, version, number)
        seen = steward.examine(desk, actor, form, version)
        return doors.page(
            request, "sheet.html", picture=picture, one=seen.version, sheets=seen.sheets, base=f"{BASE}/{form}/{version}"
        )

    @pages.post(BASE + "/{form}/{version}/match")
    def match(
        request: Request, form: Id, version: Number, pair: Text = "", answer: Text = "", reason: Text = ""
    ) -> Response:  # fmt: skip
        desk, actor = doors.of(request)
        acts: dict[str, Callable[[], object]] = {
            "rest": lambda: steward.settle_rest(desk, actor, form, version),
            "same": lambda: steward.settle(desk, actor, form, version, pair, same=True, reason=reason),
            "different": lambda: steward.settle(desk, actor, form, version, pair, same=False, reason=reason),
        }
        return tried(
            acts.get(answer, _nothing), lambda e: examined(request, form, version, e), f"{BASE}/{form}/{version}#questions"
        )

    @pages.post(BASE + "/{form}/{version}/decide")
    def decide(
        request: Request, form: Id, version: Number, answer: Text = "", valid_from: Text = "", reason: Text = ""
    ) -> Response:  # fmt: skip
        desk, actor = doors.of(request)
        acts: dict[str, Callable[[], object]] = {
            "live": lambda: steward.go_live(desk, actor, form, version, valid_from.strip()),
            "refuse": lambda: steward.refuse(desk, actor, form, version, reason),
        }
        return tried(acts.get(answer, _nothing), lambda e: examined(request, form, version, e), f"{BASE}/{form}/{version}")

    return pages


def _nothing() -> None:
    """An answer that no button of ours gives."""
