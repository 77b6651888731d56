"""The roll-up pages: what a region's places come to, with what is missing and from whom; how each element is added up."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from consolidation.service import desk as use
from web.pages import Link, Part, TheDesk, render, to_latest_period
from web.requests import CurrentActor
from web.tables import as_workbook
from web.worker import attachment

router = APIRouter()
Short = Annotated[str, Query(max_length=200)]


@router.get("/rollups")
def start(request: Request, desk: TheDesk, _actor: CurrentActor) -> Response:
    """The latest period."""
    return to_latest_period(request, desk, "/rollups")


@router.get("/rollups/{period}")
def page(
    request: Request, desk: TheDesk, actor: CurrentActor, period: str, region: Short = "", form: Short = "", section: Short = "",
    q: Short = "", incomplete: bool = False, drafts: bool = False,
) -> Response:  # fmt: skip
    """One region's figures, each with how whole it is; the places below beside it."""
    wanted = use.WantedRows(form, section, q, incomplete)
    found = use.summary(desk, actor, region or actor.region, period, use.WITH_DRAFTS if drafts else use.FINAL)
    rows = [row for row in found.rows if wanted.meets(row)]
    return render(
        request, "leader/rollup.html", found=found, rows=rows, wanted=wanted, drafts=drafts, periods=use.open_periods(desk),
        query=request.url.query, may_rule=_may_rule(actor),
    )  # fmt: skip


def _may_rule(actor: use.Actor) -> bool:
    return actor.role in (use.Role.STEWARD, use.Role.ADMINISTRATOR)


@router.get("/rollups/{period}/download.xlsx")
def download(
    desk: TheDesk, actor: CurrentActor, period: str, region: Short = "", form: Short = "", section: Short = "", q: Short = "",
    incomplete: bool = False, drafts: bool = False,
) -> Response:  # fmt: skip
    """The same as an Excel table: what the filter leaves."""
    wanted = use.WantedRows(form, section, q, incomplete)
    found = use.summary(desk, actor, region or actor.region, period, use.WITH_DRAFTS if drafts else use.FINAL)
    columns = [
        use.SheetColumn("章节", 24), use.SheetColumn("项目", 30), use.SheetColumn("单位", 8),
        use.SheetColumn("合计", 12, "number"),
        use.SheetColumn("汇总方式", 14),
        use.SheetColumn("齐不齐", 28),
        *(use.SheetColumn(one.name, 12, "number") for one in found.below),
    ]  # fmt: skip
    rows = [
        (
            row.section, row.label, row.line.unit, _number(row.line.value.number, row.line.value.text), row.rule_name,
            row.line.said, *(_number(child.value.number, child.value.text) for child in row.line.children),
        )
        for row in found.rows if wanted.meets(row)
    ]  # fmt: skip
    name = f"汇总-{found.region.name}-{period}"
    note = "没有报的地方写“缺”，不当作 0。" + ("含还没有提交的数。" if drafts else "只含已提交的数。")
    return attachment(f"{name}.xlsx", as_workbook([use.Table("汇总", name, note, columns, rows)]))


def _number(number: Decimal | None, text: str | None) -> object:
    return number if number is not None else text if text is not None else "缺"


@router.get("/rollups/{period}/rule/{element}")
def rule(request: Request, desk: TheDesk, actor: CurrentActor, period: str, element: str) -> Response:
    """How one element is added up."""
    return _rule(request, desk, actor, period, element)


def _rule(
    request: Request, desk: use.Desk, actor: use.Actor, period: str, element: str, refused: use.Refused | None = None
) -> Response:  # fmt: skip
    found = use.rule_page(desk, actor, period, element)
    return render(
        request, "leader/rule.html", 422 if refused else 200, found=found, period=period, may_rule=_may_rule(actor),
        problem=refused.problem if refused else None,
    )  # fmt: skip


@router.post("/rollups/{period}/rule/{element}")
def change_rule(
    request: Request, desk: TheDesk, actor: CurrentActor, period: str, element: str,
    kind: Annotated[str, Form(max_length=200)], reason: Annotated[str, Form(max_length=500)] = "",
    weight: Annotated[str, Form(max_length=64)] = "",
) -> Response:  # fmt: skip
    """A steward says how, and why."""
    try:
        use.set_rule(desk, actor, element, f"mean:{element}/{weight}" if kind == "mean" else kind, reason)
    except use.Invalid as error:
        return _rule(request, desk, actor, period, element, error)
    return RedirectResponse(f"/rollups/{period}/rule/{element}", 303)


PART = Part(router, (Link("/rollups", "汇总", frozenset({use.Role.LEADER, use.Role.STEWARD})),))
