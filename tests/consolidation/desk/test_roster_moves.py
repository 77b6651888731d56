"""Somebody moves within the county: the new village puts them on its roster and says from where, the old one hears of it and may
object; they are counted once, and neither village learns more of the other than that they are registered there."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from consolidation.desk import dispatch, moves, outgoing, roster_rows, rosters, todo, worksheet
from consolidation.desk.drafts import Cell
from consolidation.desk.model import Actor, Clash, Invalid, NotAllowed, NotThere, Refused, Role
from consolidation.desk.moves import MoveState
from consolidation.desk.roster_arrivals import UNKNOWN, Arrival
from consolidation.store import Store, verify
from consolidation.store.schema import submission
from tests.consolidation.desk.county import ELSEWHERE, LEADER, SHI, STEWARD, STONE, STRANGER, WANG, WILLOW, Made
from tests.consolidation.desk.roster_county import FLOATER, FLOATING_ID, PERIOD, ZHANG, with_floating

HERE = {WANG: WILLOW, SHI: STONE}
FROM_WILLOW = Arrival(WILLOW, "2026-10-05")


@pytest.fixture
def county(store: Store, tmp_path: Path) -> Made:
    return with_floating(store, tmp_path / "county")


def add(county: Made, arrival: Arrival | None = FROM_WILLOW, actor: Actor = SHI, **more: str) -> str:
    given = {"姓名": "刘小流", "公民身份号码": FLOATER, **more}
    cells = {county.element(name): text for name, text in given.items()}
    return roster_rows.add_row(county.desk, actor, HERE[actor], PERIOD, FLOATING_ID, cells, arrival=arrival)


def page(county: Made, actor: Actor, roster: str = FLOATING_ID) -> rosters.RosterPage:
    return rosters.roster_page(county.desk, actor, HERE[actor], PERIOD, roster)


def names(county: Made, actor: Actor, roster: str = FLOATING_ID) -> list[str]:
    return [row.name for row in page(county, actor, roster).rows]


def counted(county: Made, name: str = "流动人口数") -> tuple[str | None, str | None]:
    """A figure of the first village and of the second."""
    found = []
    for actor, place in HERE.items():
        dispatch.prefill(county.desk, STEWARD, place, PERIOD)
        items = worksheet.worksheet(county.desk, actor, place, PERIOD).items
        found.append(next(item.value for item in items if item.name == name))
    return found[0], found[1]


def only(county: Made, actor: Actor) -> moves.Move:
    (found,) = moves.moves(county.desk, actor)
    return found


def test_who_is_registered_elsewhere_is_not_put_on_unless_one_says_that_they_moved(county: Made) -> None:
    with pytest.raises(Clash) as told:
        add(county, None)
    assert "柳坝" not in told.value.problem.message and "搬来" in told.value.problem.hint
    assert names(county, SHI) == [] and moves.moves(county.desk, SHI) == ()


def test_a_move_counts_once_and_where_the_person_lives_now(county: Made) -> None:
    assert counted(county) == ("1", "0")
    add(county)
    assert names(county, SHI) == ["刘小流"] and names(county, WANG) == [] and names(county, WANG, "canji") == ["张建国"]
    assert counted(county) == ("0", "1") and counted(county, "残疾人数") == ("1", "2")
    given = outgoing.form_of(county.desk, WANG, WILLOW, PERIOD, FLOATING_ID)
    assert given.filled == 0


def test_the_old_village_sees_who_went_where_and_has_it_in_its_to_do(county: Made) -> None:
    add(county)
    (gone,) = page(county, WANG).gone
    assert (gone.name, gone.reason, gone.moved) == ("刘小流", "搬到石港村（2026-10-05 起）", True)
    assert todo.worker_todo(county.desk, WANG).moves == 1 and todo.worker_todo(county.desk, SHI).moves == 0
    seen = only(county, WANG)
    assert (seen.name, seen.to_name, seen.since, seen.state, seen.may_answer) == (
        "刘小流",
        "石港村",
        "2026-10-05",
        MoveState.OPEN,
        True,
    )
    with pytest.raises(Clash):
        roster_rows.restore_row(county.desk, WANG, WILLOW, PERIOD, FLOATING_ID, gone.subject)


def test_until_the_old_village_agrees_the_new_one_sees_only_what_it_typed_and_the_number_says(county: Made) -> None:
    edited = page(county, WANG).rows[0].subject
    phone = county.element("联系电话")
    roster_rows.edit_row(county.desk, WANG, WILLOW, PERIOD, FLOATING_ID, edited, [Cell(phone, "10030000099", 0)])
    add(county, 现住址="石港村9号")
    (row,) = page(county, SHI).rows
    assert [cell.text for cell in row.cells] == ["刘小流", FLOATER, "男", "", "石港村9号"]
    shown = repr(page(county, SHI)) + repr(rosters.roster_row(county.desk, SHI, STONE, PERIOD, FLOATING_ID, row.subject))
    shown += repr(only(county, SHI))
    assert all(secret not in shown for secret in ("10030000007", "10030000099", "柳坝村7号", "王填报", "残疾"))
    assert rosters.roster_page(county.desk, SHI, STONE, PERIOD, FLOATING_ID, show=rosters.DIFFERING).found == 0
    data = outgoing.form_of(county.desk, SHI, STONE, PERIOD, FLOATING_ID).data
    lines = load_workbook(BytesIO(data)).worksheets[0].iter_rows(min_row=3, max_row=3, values_only=True)
    assert list(next(lines))[1:6] == ["刘小流", FLOATER, "男", None, "石港村9号"]
    assert names(county, SHI, "canji") == ["王伟"]


def test_once_the_old_village_agrees_the_new_one_has_what_shared_data_says(county: Made) -> None:
    add(county, 现住址="石港村9号")
    moves.confirm(county.desk, WANG, only(county, WANG).seq)
    (row,) = page(county, SHI).rows
    assert [cell.text for cell in row.cells] == ["刘小流", FLOATER, "男", "10030000007", "石港村9号"]
    assert sorted(names(county, SHI, "canji")) == ["刘小流", "王伟"]
    assert todo.worker_todo(county.desk, WANG).moves == 0 and only(county, SHI).state is MoveState.CONFIRMED
    with pytest.raises(Clash):
        moves.dispute(county.desk, WANG, only(county, WANG).seq, "人还在")


def test_the_new_village_is_told_the_old_one_only_where_it_named_it(county: Made) -> None:
    add(county, Arrival(UNKNOWN, "2026-10-05"))
    assert "柳坝" not in repr(only(county, SHI)) and only(county, SHI).from_name == "其他村（社区）"
    assert only(county, WANG).from_name == "柳坝村"


@pytest.mark.parametrize(
    ("arrival", "more"),
    [
        (Arrival(STONE, "2026-10-05"), {}), (Arrival("990101001999", "2026-10-05"), {}), (FROM_WILLOW, {"姓名": "刘大流"}),
        (Arrival(WILLOW, "2026-11-01"), {}), (Arrival(WILLOW, "十月初"), {}), (Arrival(WILLOW, ""), {}),
    ],
    ids=["another place", "no place", "another name", "after the period", "no day", "without a day"],
)  # fmt: skip
def test_a_move_that_does_not_fit_what_is_known_changes_nothing(county: Made, arrival: Arrival, more: dict[str, str]) -> None:
    with pytest.raises(Invalid) as told:
        add(county, arrival, **more)
    assert "柳坝" not in told.value.problem.message and "小流" not in told.value.problem.message
    assert names(county, WANG) == ["刘小流"] and names(county, SHI) == [] and moves.moves(county.desk, WANG) == ()


def test_whose_household_is_registered_elsewhere_is_not_moved_by_another_village(county: Made) -> None:
    with pytest.raises(Clash) as told:
        add(county, 姓名="张建国", 公民身份号码=ZHANG)
    assert "户口" in told.value.problem.message and names(county, WANG, "canji") == ["张建国", "刘小流"]


def test_an_objection_goes_to_the_steward_and_the_person_stays_counted_once(county: Made) -> None:
    add(county)
    with pytest.raises(Invalid):
        moves.dispute(county.desk, WANG, only(county, WANG).seq, " ")
    moves.dispute(county.desk, WANG, only(county, WANG).seq, "人还住在柳坝村7号")
    assert counted(county) == ("0", "1") and todo.worker_todo(county.desk, WANG).moves == 0
    assert todo.steward_todo(county.desk, STEWARD).moves == 1
    seen = only(county, STEWARD)
    assert (seen.reason, seen.may_decide) == ("人还住在柳坝村7号", True) and "小流" not in seen.name and FLOATER not in repr(seen)
    assert "柳坝村7号" not in repr(only(county, SHI))


def test_the_steward_takes_a_move_back_and_everything_is_as_it_was(county: Made) -> None:
    phone = county.element("联系电话")
    subject = page(county, WANG).rows[0].subject
    roster_rows.edit_row(county.desk, WANG, WILLOW, PERIOD, FLOATING_ID, subject, [Cell(phone, "10030000099", 0)])
    before = page(county, WANG).rows
    add(county, 联系电话="10030000055", 现住址="石港村9号")
    moves.dispute(county.desk, WANG, only(county, WANG).seq, "人还在")
    moves.take_back(county.desk, STEWARD, only(county, STEWARD).seq, "实地看过，人在柳坝村")
    after = page(county, WANG)
    assert [[cell.text for cell in row.cells] for row in after.rows] == [[cell.text for cell in row.cells] for row in before]
    assert after.gone == () and names(county, SHI) == [] and page(county, SHI).gone == ()
    assert counted(county) == ("1", "0") and only(county, SHI).state is MoveState.TAKEN_BACK
    assert todo.worker_todo(county.desk, SHI).told == 1
    moves.seen(county.desk, SHI, only(county, SHI).seq)
    assert todo.worker_todo(county.desk, SHI).told == 0
    add(county)  # and again
    assert names(county, SHI) == ["刘小流"] and counted(county) == ("0", "1")


def test_the_steward_lets_a_move_stand(county: Made) -> None:
    add(county)
    moves.dispute(county.desk, WANG, only(county, WANG).seq, "人还在")
    moves.let_stand(county.desk, STEWARD, only(county, STEWARD).seq, "实地看过，人在石港村")
    assert only(county, WANG).state is MoveState.STANDS and todo.worker_todo(county.desk, WANG).told == 1
    assert [cell.text for cell in page(county, SHI).rows[0].cells][3] == "10030000007"


def test_the_new_village_takes_back_a_move_that_it_registered_by_mistake(county: Made) -> None:
    subject = add(county)
    with pytest.raises(Clash):  # else the person would be nowhere
        roster_rows.remove_row(county.desk, SHI, STONE, PERIOD, FLOATING_ID, subject, "登记有误")
    moves.take_back(county.desk, SHI, only(county, SHI).seq, "登记错人")
    assert names(county, WANG) == ["刘小流"] and names(county, SHI) == [] and counted(county) == ("1", "0")


def test_who_moves_on_or_back_is_counted_where_they_went_last(county: Made) -> None:
    add(county)
    moves.confirm(county.desk, WANG, only(county, WANG).seq)
    add(county, Arrival(STONE, "2026-10-20"), WANG)
    assert names(county, WANG) == ["刘小流"] and names(county, SHI) == [] and counted(county) == ("1", "0")


def test_a_village_that_has_submitted_sees_the_move_as_a_correction(county: Made) -> None:
    here = (submission.c.region == WILLOW) & (submission.c.period == PERIOD)
    county.desk.store.write(lambda c: c.execute(update(submission).where(here).values(state="submitted")).rowcount)
    add(county)
    with county.desk.store.read() as c:
        said = c.exec_driver_sql("SELECT region, kind, text FROM remark").all()
    assert said == [(WILLOW, "correction", "有 1 人搬到石港村（2026-10-05 起），名册和人数随之变动")]
    assert names(county, WANG) == []


def test_nobody_answers_or_decides_a_move_that_is_not_theirs(county: Made) -> None:
    add(county)
    seq = only(county, WANG).seq
    refused: list[tuple[type[Refused], Actor]] = [
        (NotThere, SHI), (NotAllowed, STRANGER), (NotAllowed, LEADER), (NotAllowed, STEWARD),
        (NotThere, replace(WANG, region=ELSEWHERE)),
    ]  # fmt: skip
    for kind, actor in refused:
        with pytest.raises(kind):
            moves.confirm(county.desk, actor, seq)
        with pytest.raises(kind):
            moves.dispute(county.desk, actor, seq, "不对")
    moves.dispute(county.desk, WANG, seq, "不对")
    for actor in (WANG, LEADER, STRANGER, replace(STEWARD, region=ELSEWHERE)):
        with pytest.raises(Refused):
            moves.take_back(county.desk, actor, seq, "不对")
        with pytest.raises(Refused):
            moves.let_stand(county.desk, actor, seq, "不对")
    assert moves.moves(county.desk, replace(STEWARD, region=ELSEWHERE)) == () and only(county, LEADER).may_answer is False
    with pytest.raises(NotAllowed):
        moves.moves(county.desk, Actor("t", "训练", Role.TRAINER, WILLOW))


def test_both_villages_logs_know_of_the_move_and_say_nothing_personal(county: Made) -> None:
    add(county)
    with county.desk.store.read() as c:
        log = [(row.chain, row.act, row.detail) for row in c.exec_driver_sql("SELECT chain, act, detail FROM audit")]
        stored = "".join(str(tuple(row)) for row in c.exec_driver_sql("SELECT * FROM move"))
        assert list(verify(c, county.desk.secrets.finder)) == []
    assert {(chain, act) for chain, act, _ in log} >= {(WILLOW, "move-out"), (STONE, "add-to-roster")}
    assert all(secret not in stored + "".join(detail for *_, detail in log) for secret in ("刘小流", FLOATER))
