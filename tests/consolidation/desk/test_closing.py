"""A reporting period is closed for the places of a region, and opened again by an appended decision; between, only corrections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from consolidation.desk import (
    asked,
    closing,
    conflicts,
    dispatch,
    drafts,
    due,
    opening,
    overview,
    reminders,
    review,
    todo,
    worksheet,
)
from consolidation.desk.drafts import Cell
from consolidation.desk.model import Actor, Clash, Invalid, NotAllowed, NotThere, Role
from consolidation.store import Store, verify
from consolidation.store.schema import audit
from consolidation.store.schema import period as periods
from tests.consolidation.desk.county import COUNTY, ELSEWHERE, LEADER, STEWARD, STONE, STRANGER, TOWN, WANG, WILLOW, Made, opened

PERIOD = "2026-10"
LATE = datetime(2027, 1, 5, 2, 0, tzinfo=UTC)
SHI = Actor("shi", "石填报", Role.WORKER, STONE)


@pytest.fixture
def county(store: Store, tmp_path: Path) -> Made:
    """Willow is approved, Stone is not even filled in."""
    made = opened(store, tmp_path)
    dispatch.prefill(made.desk, STEWARD, WILLOW, PERIOD)
    sheet = worksheet.worksheet(made.desk, WANG, WILLOW, PERIOD)
    cells = [Cell(one.element, "13800000000" if "电话" in one.name else "5") for one in sheet.items if one.missing]
    assert not drafts.save_cells(made.desk, WANG, WILLOW, PERIOD, cells).refused
    review.submit(made.desk, WANG, WILLOW, PERIOD)
    review.approve(made.desk, LEADER, [WILLOW], PERIOD)
    return made


def close(county: Made, actor: Actor = STEWARD, top: str = COUNTY, reason: str = "县里今天上报") -> tuple[str, ...]:
    return closing.close_period(county.desk, actor, PERIOD, top, reason)


def state(county: Made) -> str:
    with county.desk.store.read() as c:
        return str(c.execute(select(periods.c.state).where(periods.c.period == PERIOD)).scalar_one())


def test_it_is_not_closed_over_what_is_still_open_without_a_reason(county: Made) -> None:
    with pytest.raises(Invalid) as told:
        close(county, reason=" ")
    assert told.value.problem.code == "desk.still-open" and "石港村（待填报）" in told.value.problem.message
    assert "柳坝村" not in told.value.problem.message
    assert state(county) == "open"
    assert close(county) == (WILLOW, STONE)
    assert state(county) == "closed"


def test_where_everything_is_approved_no_reason_is_asked(county: Made) -> None:
    worker = Actor("wang", "王填报", Role.LEADER, WILLOW)
    assert close(county, worker, WILLOW, "") == (WILLOW,)


def test_the_places_that_are_open_are_told_beforehand(county: Made) -> None:
    (one,) = opening.opened(county.desk, LEADER, PERIOD).still_open
    assert (one.place, one.state_name) == (STONE, "待填报")


@pytest.mark.parametrize(
    "act",
    [
        lambda c: drafts.save_cell(c.desk, SHI, STONE, PERIOD, Cell(c.element("耕地面积"), "3")),
        lambda c: drafts.correct(c.desk, SHI, STONE, PERIOD, Cell(c.element("耕地面积"), "3", note="补填")),
        lambda c: review.submit(c.desk, SHI, STONE, PERIOD),
        lambda c: review.approve(c.desk, LEADER, [STONE], PERIOD),
        lambda c: review.send_back(c.desk, LEADER, WILLOW, PERIOD, {}, "重报"),
        lambda c: dispatch.prefill(c.desk, STEWARD, STONE, PERIOD),
        lambda c: dispatch.extend_period(c.desk, LEADER, PERIOD, TOWN, date(2026, 11, 9)),
        close,
    ],
    ids=["save", "correct a draft", "submit", "approve", "return", "prefill", "extend", "close again"],
)  # fmt: skip
def test_nothing_is_saved_submitted_or_approved_any_more(county: Made, act: Callable[[Made], object]) -> None:
    close(county)
    before = worksheet.worksheet(county.desk, SHI, STONE, PERIOD)
    with pytest.raises(Clash) as told:
        act(county)
    assert "已结束" in told.value.problem.message
    assert worksheet.worksheet(county.desk, SHI, STONE, PERIOD) == before


def test_a_reported_figure_is_corrected_with_a_reason(county: Made) -> None:
    close(county)
    beds = county.element("养老床位")
    with pytest.raises(Invalid):
        drafts.correct(county.desk, WANG, WILLOW, PERIOD, Cell(beds, "9"))
    assert drafts.correct(county.desk, WANG, WILLOW, PERIOD, Cell(beds, "9", note="漏了西院四张")).value == "9"
    (willow,) = [one for one in overview.overview(county.desk, LEADER, PERIOD).places if one.place == WILLOW]
    assert willow.corrections == 1 and willow.closed and not willow.overdue


def test_a_dispute_about_a_reported_figure_can_be_settled_but_no_draft_comes_of_one(county: Made) -> None:
    people = county.element("户籍人口")
    dispatch.prefill(county.desk, STEWARD, STONE, PERIOD)
    drafts.dispute(county.desk, WANG, WILLOW, PERIOD, people, "少一人", "3")
    drafts.dispute(county.desk, SHI, STONE, PERIOD, people, "少一人", "3")
    close(county)
    found = {one.place: one.seq for one in conflicts.conflicts(county.desk, STEWARD)}
    conflicts.resolve(county.desk, STEWARD, found[WILLOW], "other", "派出所复核")
    assert worksheet.item_of(worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD), people).value == "3"
    with pytest.raises(Clash):
        conflicts.resolve(county.desk, STEWARD, found[STONE], "other", "派出所复核")


def test_nobody_is_asked_or_reminded_any_more(county: Made) -> None:
    county_late = type(county.desk)(
        county.desk.store, county.desk.secrets, lambda: LATE, county.desk.catalogues, county.desk.shared
    )
    assert [one.place for one in due.due(county_late, SHI)] == [STONE] and reminders.remind(county_late).written
    close(county)
    assert due.due(county_late, SHI) == () and reminders.remind(county_late).written == ()
    assert reminders.reminders(county_late, SHI) == [] and todo.leader_todo(county_late, LEADER) == ()


def test_one_township_closes_for_its_own_places_alone(county: Made) -> None:
    assert close(county, LEADER, TOWN) == (WILLOW, STONE)
    assert [one.state for one in asked.periods_of(county.desk, LEADER)] == ["closed"]
    far = Actor("far", "邻县", Role.STEWARD, ELSEWHERE)
    with pytest.raises(NotThere):
        close(county, far, ELSEWHERE)
    with pytest.raises(NotThere):
        close(county, far, TOWN)
    with pytest.raises(NotThere):
        close(county, STRANGER, TOWN)


@pytest.mark.parametrize("role", [Role.WORKER, Role.TRAINER])
def test_only_who_may_open_a_period_closes_it(county: Made, role: Role) -> None:
    for act in (closing.close_period, closing.reopen_period):
        with pytest.raises(NotAllowed):
            act(county.desk, Actor("x", "某人", role, COUNTY), PERIOD, COUNTY, "因为")
    token = Actor("token:1", "省平台", Role.LEADER, COUNTY, frozenset({"figures:write"}))
    with pytest.raises(NotAllowed):
        closing.close_period(county.desk, token, PERIOD, COUNTY, "因为")


def test_it_is_opened_again_with_a_reason_and_everything_is_as_it_was(county: Made) -> None:
    close(county)
    with pytest.raises(Invalid):
        closing.reopen_period(county.desk, STEWARD, PERIOD, COUNTY, "")
    assert closing.reopen_period(county.desk, STEWARD, PERIOD, COUNTY, "石港村漏报") == (WILLOW, STONE)
    assert state(county) == "open"
    assert drafts.save_cell(county.desk, SHI, STONE, PERIOD, Cell(county.element("耕地面积"), "3")).value == "3"
    review.send_back(county.desk, LEADER, WILLOW, PERIOD, {}, "重报")
    events = review.events(county.desk, LEADER, WILLOW, PERIOD)
    assert [(one.name, one.remark) for one in events][-3:] == [
        ("本期结束", "县里今天上报"),
        ("重新开启", "石港村漏报"),
        ("已退回", "重报"),
    ]
    with pytest.raises(Clash):
        closing.reopen_period(county.desk, STEWARD, PERIOD, COUNTY, "再开一次")


def test_what_the_county_closed_a_township_does_not_open(county: Made) -> None:
    close(county, STEWARD, COUNTY)
    with pytest.raises(Clash, match="云溪县"):
        closing.reopen_period(county.desk, LEADER, PERIOD, TOWN, "我们还要改")
    close_again = closing.reopen_period(county.desk, STEWARD, PERIOD, COUNTY, "石港村漏报")
    assert STONE in close_again


def test_what_a_township_closed_the_county_opens(county: Made) -> None:
    close(county, LEADER, TOWN)
    assert closing.reopen_period(county.desk, STEWARD, PERIOD, COUNTY, "县里还要改") == (WILLOW, STONE)


def test_closing_and_opening_again_are_in_the_audit_log(county: Made) -> None:
    close(county)
    closing.reopen_period(county.desk, STEWARD, PERIOD, COUNTY, "石港村漏报")
    with county.desk.store.read() as c:
        acts = [
            (row.actor, row.act, row.chain)
            for row in c.execute(select(audit))
            if row.act.endswith(("close-period", "reopen-period"))
        ]
        assert not list(verify(c, county.desk.secrets.finder))
    assert acts == [("steward", "close-period", COUNTY), ("steward", "reopen-period", COUNTY)]
