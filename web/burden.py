"""The burden page: what the forms ask, what people were still asked, the time saved and on what assumption that rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from consolidation.service import desk as use
from web.pages import Link, Part, TheDesk, render
from web.requests import CurrentActor
from web.tables import as_csv, as_workbook
from web.worker import attachment

router = APIRouter()
COLUMNS = (
    use.SheetColumn("报告期", 10),
    use.SheetColumn("部门", 20),
    use.SheetColumn("报表", 8, "number"),
    use.SheetColumn("填报的地方", 10, "number"),
    use.SheetColumn("栏目", 8, "number"), use.SheetColumn("数据元", 8, "number"), use.SheetColumn("要填的空", 10, "number"),
    use.SheetColumn("已填上", 10, "number"), use.SheetColumn("请人填写的数", 12, "number"),
    use.SheetColumn("自动填好", 10, "number"),
    use.SheetColumn("还空着", 10, "number"), use.SheetColumn("节省（分钟）", 12, "number"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart. Shares are per cent of the longest bar."""

    name: str
    count: use.Count
    automatic: Decimal
    asked: Decimal
    empty: Decimal
    saved: Decimal

    @property
    def missing(self) -> int:
        return self.count.cells - self.count.filled

    @property
    def hours(self) -> Decimal:
        return (self.count.minutes_saved / 60).quantize(Decimal("0.1"))


def bars(counts: Sequence[tuple[str, use.Count]]) -> tuple[Bar, ...]:
    """The bars of a chart, all to one scale."""
    most = Decimal(max((one.cells for _, one in counts), default=0) or 1)
    longest = max((one.minutes_saved for _, one in counts), default=Decimal(0)) or Decimal(1)

    def share(part: int | Decimal, whole: Decimal) -> Decimal:
        return (max(Decimal(part), Decimal(0)) * 100 / whole).quantize(Decimal("0.01"))

    return tuple(
        Bar(
            name, one, share(one.automatic, most), share(one.asked, most), share(one.cells - one.filled, most),
            share(one.minutes_saved, longest),
        )
        for name, one in counts
    )  # fmt: skip


@router.get("/burden")
def page(request: Request, desk: TheDesk, actor: CurrentActor, region: str = "", period: str = "") -> Response:
    """The charts: by month, and by department for one month."""
    return _page(request, desk, actor, region, period)


def _page(
    request: Request, desk: use.Desk, actor: use.Actor, region: str, period: str = "", refused: use.Refused | None = None
) -> Response:  # fmt: skip
    code = region or actor.region
    found = use.burden_page(desk, actor, code)
    chosen = next((one for one in found.months if one.period == period), found.months[0] if found.months else None)
    return render(
        request, "leader/burden.html", 422 if refused else 200, burden=found, chosen=chosen, code=code,
        place=use.place_name(desk, code), months=bars([(one.period, one.total) for one in found.months]),
        departments=bars(list(chosen.departments.items())) if chosen else (), may_assume=_may_assume(actor),
        problem=refused.problem if refused else None,
    )  # fmt: skip


def _may_assume(actor: use.Actor) -> bool:
    return actor.role in (use.Role.STEWARD, use.Role.ADMINISTRATOR)


@router.post("/burden/assume")
def assume(
    request: Request, desk: TheDesk, actor: CurrentActor,
    minutes: Annotated[str, Form(max_length=40)], basis: Annotated[str, Form(max_length=500)] = "",
) -> Response:  # fmt: skip
    """A steward states another assumption, and what it rests on."""
    try:
        use.assume(desk, actor, minutes, basis)
    except use.Invalid as error:
        return _page(request, desk, actor, "", refused=error)
    return RedirectResponse("/burden#assumptions", 303)


@router.get("/burden/download.{kind}")
def download(desk: TheDesk, actor: CurrentActor, kind: str, region: str = "") -> Response:
    """Everything that the charts show, as a table."""
    code = region or actor.region
    found = use.burden_page(desk, actor, code)
    rows = [
        (month.period, name, *_cells(one))
        for month in found.months
        for name, one in (("合计", month.total), *month.departments.items())
    ]
    name = f"减负-{use.place_name(desk, code)}"
    if kind == "csv":
        return attachment(f"{name}.csv", as_csv(COLUMNS, rows))
    if kind != "xlsx":
        raise use.NotThere("这种格式")
    assumed = found.assumptions
    note = f"{assumed.formula}；每个空 {assumed.minutes_per_cell} 分钟：{assumed.basis}"
    return attachment(f"{name}.xlsx", as_workbook([use.Table("减负", name, note, COLUMNS, rows)]))


def _cells(one: use.Count) -> tuple[object, ...]:
    return (
        one.forms, one.places, one.fields, one.elements, one.cells, one.filled, one.asked, one.automatic, one.cells - one.filled,
        one.minutes_saved,
    )  # fmt: skip


PART = Part(router, (Link("/burden", "减负", frozenset({use.Role.LEADER, use.Role.STEWARD})),))
