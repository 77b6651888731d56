"""The desk for other systems: JSON over HTTP, described by OpenAPI at /api/v1/openapi.json, with tokens limited by region and
scope (figures:read, figures:write, forms:read). No cookies: a page of another site can do nothing here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, FastAPI, Path, Query, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from consolidation.service import desk as use
from consolidation.service.people import CannotDo, tokens
from web.security import Limits, said
from web.worker import attachment

_PERIOD = r"^\d{4}(-(H[12]|Q[1-4]|\d{2}(-\d{2})?))?$"
Period = Annotated[str, Path(pattern=_PERIOD, description="报告期：2026、2026-H1、2026-Q3、2026-10", max_length=10)]
Place = Annotated[str, Path(pattern=r"^[0-9A-Za-z]{1,15}$", description="行政区划代码")]


class Problem(BaseModel):
    """为什么没有做成，怎么办。"""

    code: str
    message: str
    hint: str


class PeriodOut(BaseModel):
    """一个报告期。"""

    period: str
    state: str = Field(description="open 填报中，closed 在令牌的区域内已结束")
    deadline: str
    forms: list[str] = Field(description="本期布置的报表")


class FigureOut(BaseModel):
    """一个数：口径、值、来源。"""

    element: str
    name: str
    unit: str
    type: str
    period: str
    value: str | None = Field(description="空着是 null；“—”和“不适用”照写")
    state: str = Field(description="prefilled 预填、draft 草稿、reported 已报、approved 已审，空 = 还没有")
    given: str = Field(description="typed 填报、prefilled 预填、computed 推算，空 = 缺")
    source: str
    detail: str
    at: str
    version: int


class SheetOut(BaseModel):
    """一个地方一期的一表。"""

    region: str
    region_name: str
    period: str
    state: str
    deadline: str
    closed: bool
    missing: int
    figures: list[FigureOut]


class FigureIn(BaseModel):
    """报一个数。"""

    model_config = ConfigDict(extra="forbid", strict=True)
    element: str = Field(min_length=1, max_length=64)
    value: str = Field(max_length=500, description="照人写的样子写；空 = 清掉草稿")
    version: int | None = Field(default=None, ge=0, le=use.LAST_VERSION, description="您看到的版本；不写 = 别人填了草稿就不改")
    note: str = Field(default="", max_length=500, description="说明；改写预填或推算出来的数时必填")


class FiguresIn(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    figures: list[FigureIn] = Field(min_length=1, max_length=2000)


class CorrectionIn(BaseModel):
    """更正一个已报的数，原因必填。"""

    model_config = ConfigDict(extra="forbid", strict=True)
    value: str = Field(max_length=500)
    reason: str = Field(min_length=1, max_length=500)
    version: int | None = Field(default=None, ge=0, le=use.LAST_VERSION)


class SavedOut(BaseModel):
    element: str
    value: str | None
    version: int
    at: str


class OutcomeOut(BaseModel):
    """每个数的结果：存下的，和没有存下的原因。"""

    saved: list[SavedOut]
    refused: dict[str, Problem]


class PlaceOut(BaseModel):
    """一个地方的填报状态。closed：本期对它已结束，只能更正报过的数。"""

    region: str
    name: str
    state: str
    deadline: str
    overdue: bool
    closed: bool
    filled: int
    total: int


class FormOut(BaseModel):
    id: str
    title: str
    department: str
    version: int


def api_desk(request: Request) -> use.Desk:
    desk: use.Desk = request.app.state.desk
    return desk


_BEARER = HTTPBearer(auto_error=False, description="接口令牌，由管理员在“接口令牌”一页新建")


def api_actor(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> use.Actor:
    """The system that a token stands for. Raises Unknown (401)."""
    found = tokens.token_actor(request.app.state.desk, given.credentials) if given is not None else None
    if found is None:
        raise Unknown
    request.app.state.limits.demand_session(found.id)
    return found


class Unknown(Exception):
    """No token, or none of ours."""


TheDesk = Annotated[use.Desk, Depends(api_desk)]
# The scope is said to whoever reads the description; the use case is what demands it.
Reader = Annotated[use.Actor, Security(api_actor, scopes=["figures:read"])]
Writer = Annotated[use.Actor, Security(api_actor, scopes=["figures:write"])]
FormReader = Annotated[use.Actor, Security(api_actor, scopes=["forms:read"])]
_OR_FORMS = {"security": [{"HTTPBearer": ["forms:read"]}]}  # an alternative, added to the scope of the parameter
_PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {"model": Problem, "description": words}
    for status, words in (
        (400, "请求看不懂"), (401, "没有令牌，或令牌无效"), (403, "令牌没有这个范围"), (404, "没有，或不在令牌的区域内"),
        (405, "不能这样访问"), (408, "太慢"), (409, "已报过，或被别人改过"), (413, "太大"), (422, "内容不对"),
        (429, "太频繁"), (500, "系统出了问题"),
    )
}  # fmt: skip


_FILE: dict[int | str, dict[str, object]] = {200: {"content": {"application/octet-stream": {}}, "description": "报表文件"}}


def create_api(desk: use.Desk, limits: Limits) -> FastAPI:
    """The API as an application of its own, to be mounted at /api/v1."""
    api = FastAPI(
        title="一表 接口", version="1", description="一数一报：同一个数只收一次，再报会得到谁、何时已报。", docs_url=None,
        redoc_url=None, openapi_url="/openapi.json", responses=_PROBLEMS,
    )  # fmt: skip
    api.state.desk, api.state.limits = desk, limits
    _add_problems(api)
    _add_reading(api)
    _add_writing(api)
    return api


def _add_reading(api: FastAPI) -> None:
    @api.get("/periods", openapi_extra=_OR_FORMS)
    def periods(desk: TheDesk, system: Reader) -> list[PeriodOut]:
        """布置到令牌区域的报告期，最近的在前。"""
        found = use.periods_of(desk, system)
        return [PeriodOut(period=p.period, state=p.state, deadline=p.deadline, forms=list(p.forms)) for p in found]

    @api.get("/periods/{period}/places")
    def places(desk: TheDesk, system: Reader, period: Period) -> list[PlaceOut]:
        """令牌区域内各地的填报状态。"""
        return [
            PlaceOut(
                region=p.place,
                name=p.name,
                state=p.state,
                deadline=p.deadline,
                overdue=p.overdue,
                closed=p.closed,
                filled=p.filled,
                total=p.total,
            )
            for p in use.overview(desk, system, period).places
        ]

    @api.get("/periods/{period}/places/{place}/figures")
    def figures(desk: TheDesk, system: Reader, period: Period, place: Place) -> SheetOut:
        """一个地方一期的全部数。"""
        sheet = use.worksheet(desk, system, place, period)
        return SheetOut(
            region=sheet.region, region_name=sheet.region_name, period=sheet.period, state=sheet.state, deadline=sheet.deadline,
            closed=sheet.closed, missing=sheet.missing, figures=[_figure(item) for item in sheet.items],
        )  # fmt: skip

    @api.get("/periods/{period}/forms")
    def forms(desk: TheDesk, system: FormReader, period: Period) -> list[FormOut]:
        """本期布置到令牌区域的报表。"""
        return [
            FormOut(id=e.id, title=e.title, department=e.department, version=e.version)
            for e in use.editions_of(desk, system, period)
        ]

    @api.get("/periods/{period}/places/{place}/forms/{form}", response_class=Response, responses=_FILE)
    def form(
        desk: TheDesk, system: FormReader, period: Period, place: Place, form: Annotated[str, Path(max_length=80)],
        kind: Annotated[str, Query(pattern="^(xlsx|pdf)$")] = "xlsx",
    ) -> Response:  # fmt: skip
        """一张报表，按原来的样子填好。"""
        return attachment(*use.file_of(use.form_of(desk, system, place, period, form), kind))


def _add_writing(api: FastAPI) -> None:
    @api.post("/periods/{period}/places/{place}/figures")
    def report(desk: TheDesk, system: Writer, period: Period, place: Place, given: FiguresIn) -> OutcomeOut:
        """报数（存为草稿，由当地提交）：能存的都存，其余说明原因。改写预填或推算出来的数，note 必须写原因。"""
        cells = [use.Cell(one.element, one.value, one.version, one.note) for one in given.figures]
        outcome = use.save_cells(desk, system, place, period, cells, use.PUSHED)
        return OutcomeOut(saved=[_saved(one) for one in outcome.saved], refused={k: _told(e) for k, e in outcome.refused.items()})

    @api.post("/periods/{period}/places/{place}/figures/{element}/corrections")
    def correct(
        desk: TheDesk, system: Writer, period: Period, place: Place, element: Annotated[str, Path(max_length=64)],
        given: CorrectionIn,
    ) -> SavedOut:  # fmt: skip
        """更正一个已报的数。"""
        cell = use.Cell(element, given.value, given.version, given.reason)
        return _saved(use.correct(desk, system, place, period, cell, use.PUSHED))


def _figure(item: use.Item) -> FigureOut:
    names = ("element", "name", "unit", "type", "period", "value", "state", "given", "source", "detail", "at", "version")
    return FigureOut(**{name: getattr(item, name) for name in names})


def _saved(one: use.Saved) -> SavedOut:
    return SavedOut(element=one.element, value=one.value, version=one.version, at=one.at)


def _told(error: CannotDo) -> Problem:
    return Problem(code=error.problem.code, message=error.problem.message, hint=error.problem.hint)


_STATUS: tuple[tuple[type[CannotDo], int], ...] = (
    (use.NotAllowed, 403), (use.NotThere, 404), (use.Clash, 409), (use.Invalid, 422),
)  # fmt: skip


def _add_problems(api: FastAPI) -> None:
    @api.exception_handler(CannotDo)
    async def told(_request: Request, error: CannotDo) -> JSONResponse:
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 422)
        return JSONResponse(_told(error).model_dump(), status)

    @api.exception_handler(Unknown)
    async def unknown(_request: Request, _error: Unknown) -> JSONResponse:
        hint = "请在请求头里写 Authorization: Bearer 令牌。"
        problem = Problem(code="api.no-token", message="没有令牌，或令牌无效。", hint=hint)
        return JSONResponse(problem.model_dump(), 401, {"WWW-Authenticate": "Bearer"})

    @api.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        where = "、".join(sorted({_where(one["loc"]) for one in error.errors()}))[:300]
        problem = Problem(code="api.invalid", message=f"请求的内容不对：{where}。", hint="请对照 /api/v1/openapi.json。")
        return JSONResponse(problem.model_dump(), 422)

    @api.exception_handler(StarletteHTTPException)
    async def failed(_request: Request, error: StarletteHTTPException) -> JSONResponse:
        return JSONResponse(_said(error.status_code).model_dump(), error.status_code, error.headers)

    @api.exception_handler(Exception)
    async def broken(_request: Request, _error: Exception) -> JSONResponse:  # Guard puts into the log where it happened
        return JSONResponse(_said(500).model_dump(), 500)


def _where(place: Sequence[int | str]) -> str:
    """Which part of a request: names of ours alone, never a word of what was sent."""
    return ".".join(str(part) if isinstance(part, int) or part in _NAMES else "…" for part in place)


_NAMES = {"body", "path", "query", "period", "place", "form", "kind", *FigureIn.model_fields, *FiguresIn.model_fields, "reason"}


def _said(status: int) -> Problem:
    told = said(status)
    return Problem(code=told.code, message=told.message, hint=told.hint)
