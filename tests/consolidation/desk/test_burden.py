"""The burden page: what is counted, and on what assumptions its minutes rest."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select, update

from consolidation.desk.burden import AskedForm, assume, assumptions, burden, month
from consolidation.desk.context import Desk
from consolidation.desk.model import Invalid, NotAllowed, NotThere
from consolidation.publish.burden import MINUTES_PER_CELL
from consolidation.store import Entry, Key, State, figures
from consolidation.store.schema import audit, period

from .conftest import LEADER, PERIOD, STEWARD, STRANGER, TOWN, VILLAGES

HALF = Decimal("0.5")
CIVIL = AskedForm("f1", "民政局", ("e1", "e2", "e3"))
HEALTH = AskedForm("f2", "卫健委", ("e1", "e4"))


def write(desk: Desk, element: str, place: str, value: str, state: State, actor: str = "wang", entity: str = "") -> None:
    entry = Entry(Key(element, entity or place, PERIOD), place, value, state, "填报", actor=actor, at=desk.now())
    desk.store.write(lambda c: figures.save(c, entry))


def test_cells_of_all_forms_less_figures_asked_times_the_minutes() -> None:
    found = month(PERIOD, [CIVIL, HEALTH], 5, {"e1": 5, "e2": 4, "e4": 3, "elsewhere": 9}, {"e1": 5, "elsewhere": 9}, HALF)
    assert (found.total.forms, found.total.fields, found.total.elements, found.total.cells) == (2, 5, 4, 25)
    assert (found.total.filled, found.total.asked, found.total.automatic) == (5 + 4 + 5 + 3, 5, 12)
    assert found.total.minutes_saved == Decimal("6.0")


def test_a_cell_that_is_still_empty_saves_nobody_anything() -> None:
    assert month(PERIOD, [CIVIL], 5, {}, {}, HALF).total.minutes_saved == 0


def test_a_figure_that_two_departments_want_is_asked_once() -> None:
    found = month(PERIOD, [CIVIL, HEALTH], 5, {"e1": 5, "e4": 3}, {"e1": 5, "e4": 3}, HALF)
    assert {name: one.asked for name, one in found.departments.items()} == {"民政局": 5, "卫健委": 3}
    assert sum(one.minutes_saved for one in found.departments.values()) == found.total.minutes_saved


def test_nothing_dispatched_is_no_burden() -> None:
    assert month(PERIOD, [], 5, {}, {}, HALF).total.minutes_saved == 0


def test_what_was_prefilled_and_only_handed_in_is_no_figure_asked(desk: Desk) -> None:
    write(desk, "e1", VILLAGES[0], "12", State.PREFILLED, "prefill")
    write(desk, "e2", VILLAGES[0], "3", State.DRAFT)
    write(desk, "e4", VILLAGES[1], "7", State.PREFILLED, "prefill")
    write(desk, "e4", VILLAGES[1], "8", State.DRAFT)  # corrected before it was handed in: a person gave it
    for place in VILLAGES[:2]:
        desk.store.write(
            lambda c, place=place: figures.move(c, place, PERIOD, [State.DRAFT, State.PREFILLED], State.REPORTED, "wang", "t")
        )
    (found,) = burden(desk, LEADER, TOWN, [PERIOD], [CIVIL, HEALTH]).months
    assert (found.total.places, found.total.cells, found.total.filled) == (5, 25, 1 + 1 + 1 + 1)  # e1 stands on both forms
    assert (found.total.asked, found.total.automatic) == (2, 2)
    assert {name: one.asked for name, one in found.departments.items()} == {"民政局": 1, "卫健委": 1}


def test_a_lists_column_counts_once_for_a_place(desk: Desk) -> None:
    for person in "abc":
        write(desk, "e1", VILLAGES[0], "500", State.DRAFT, entity=person)
    assert burden(desk, LEADER, TOWN, [PERIOD], [CIVIL]).months[0].total.asked == 1


def test_only_forms_of_the_period_count_and_only_periods_that_there_are(desk: Desk) -> None:
    desk.store.write(lambda c: c.execute(update(period).values(forms='["f2"]')))
    page = burden(desk, LEADER, TOWN, [PERIOD, "2020-01"], [CIVIL, HEALTH])
    assert [(one.period, one.total.forms, list(one.departments)) for one in page.months] == [(PERIOD, 1, ["卫健委"])]
    with pytest.raises(NotThere):
        burden(desk, STRANGER, TOWN, [PERIOD], [])


def test_assumptions_are_stated_with_their_basis(desk: Desk) -> None:
    assumed = assumptions(desk)
    assert assumed.minutes_per_cell == MINUTES_PER_CELL and "假定值" in assumed.basis
    assert assumed.formula == "节省的时间 ＝（各部门报表已填上的空 − 请人填写的数）× 每个空的填写时间"


def test_a_steward_changes_them_and_says_why(desk: Desk) -> None:
    assume(desk, STEWARD, "0.4", "五位填报人计时")
    assumed = assume(desk, STEWARD, "１.50", "十位填报人计时")
    assert (assumed.minutes_per_cell, assumed.basis, assumed.changed_by) == (Decimal("1.5"), "十位填报人计时", "chen")
    for number in range(3):
        write(desk, f"e{number + 1}", VILLAGES[0], "1", State.PREFILLED)
    assert burden(desk, LEADER, TOWN, [PERIOD], [CIVIL]).months[0].total.minutes_saved == 3 * Decimal("1.5")
    with desk.store.read() as c:
        assert c.execute(select(audit.c.act)).scalars().all() == ["burden.assume"] * 2


@pytest.mark.parametrize(
    ("value", "basis"), [("0", "x"), ("-1", "x"), ("100", "x"), ("半", "x"), ("5%", "x"), ("", "x"), ("1", " ")]
)
def test_an_assumption_that_cannot_be_is_refused(desk: Desk, value: str, basis: str) -> None:
    with pytest.raises(Invalid):
        assume(desk, STEWARD, value, basis)


def test_only_a_steward_changes_them(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        assume(desk, LEADER, "1", "因为")
