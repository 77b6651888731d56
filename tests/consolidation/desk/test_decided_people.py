"""Where lists disagree about somebody: until a steward decides, rosters and forms say so; then they show what was decided."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from consolidation.desk import conflicts, dispatch, outgoing, roster_rows, rosters
from consolidation.desk.drafts import Cell
from consolidation.store import Store
from tests.consolidation.desk.county import STEWARD, WANG, WILLOW, Made
from tests.consolidation.desk.roster_county import PERIOD, ZHANG, with_rosters

ROSTER = "canji"


@pytest.fixture
def county(store: Store, tmp_path: Path) -> Made:
    """The police write 张建国, the federation of the disabled 张健国, for one number."""
    made = with_rosters(store, tmp_path / "county")
    dispatch.prefill(made.desk, STEWARD, WILLOW, PERIOD)
    return made


def differing(county: Made) -> conflicts.Conflict:
    return next(one for one in conflicts.conflicts(county.desk, STEWARD) if one.name == "姓名")


def row(county: Made) -> rosters.Row:
    """张建国 on the roster of the disabled."""
    (found,) = rosters.roster_page(county.desk, WANG, WILLOW, PERIOD, ROSTER).rows
    return found


def cell(county: Made) -> rosters.RosterCell:
    return next(one for one in row(county).cells if one.element == county.element("姓名"))


def given_out(county: Made) -> outgoing.Outgoing:
    return outgoing.form_of(county.desk, WANG, WILLOW, PERIOD, ROSTER)


def names(form: outgoing.Outgoing) -> list[object]:
    page = openpyxl.load_workbook(BytesIO(form.data)).active
    assert page is not None
    return [value for (value,) in page.iter_rows(min_row=3, min_col=2, max_col=2, values_only=True) if value]


def other_of(found: conflicts.Conflict) -> str:
    return str(found.other)


def test_an_undecided_value_is_told_on_the_roster_and_in_the_form(county: Made) -> None:
    found = differing(county)
    told = cell(county).undecided
    assert found.first == cell(county).text and [(one.value, one.source) for one in told] == [(found.other, found.other_source)]
    (problem,) = [one for one in given_out(county).problems if one.code == "desk.undecided"]
    assert "姓名 1 处" in problem.message and ZHANG not in problem.message and "张" not in problem.message


def test_rows_that_lists_disagree_about_can_be_looked_for(county: Made) -> None:
    page = rosters.roster_page(county.desk, WANG, WILLOW, PERIOD, ROSTER, show=rosters.UNDECIDED)
    assert [one.subject for one in page.rows] == [row(county).subject]
    for one in conflicts.conflicts(county.desk, STEWARD):
        conflicts.resolve(county.desk, STEWARD, one.seq, "first", "查过户口簿", "", one.version)
    assert rosters.roster_page(county.desk, WANG, WILLOW, PERIOD, ROSTER, show=rosters.UNDECIDED).rows == ()


@pytest.mark.parametrize("take", ["first", "other", "third"])
def test_what_the_steward_decided_stands_on_the_roster_and_in_the_form(county: Made, take: str) -> None:
    found = differing(county)
    decided = {"first": found.first, "other": found.other, "third": "张建果"}[take]
    conflicts.resolve(county.desk, STEWARD, found.seq, take, "查过户口簿", "张建果" if take == "third" else "", found.version)
    assert (cell(county).text, cell(county).undecided) == (decided, ())
    assert "冲突裁定" in cell(county).source
    form = given_out(county)
    assert names(form) == [decided]
    assert not [one for one in form.problems if one.code == "desk.undecided" and "姓名" in one.message]


def test_what_was_decided_counts_with_the_next_prefilling(county: Made) -> None:
    from consolidation.desk.roster_counts import reported_lists
    from forms.periods import Period

    found = differing(county)
    conflicts.resolve(county.desk, STEWARD, found.seq, "other", "查过户口簿", "", found.version)
    lists, _ = reported_lists(county.desk, dispatch.catalogue_of(county.desk, PERIOD), Period.parse(PERIOD))
    assert [value for one in lists for value in one.frame.to_numpy().ravel().tolist() if value == found.other]


def test_what_was_decided_is_not_asked_again_next_month(county: Made) -> None:
    from datetime import date

    from forms.periods import Period

    found = differing(county)
    conflicts.resolve(county.desk, STEWARD, found.seq, "other", "查过户口簿", "", found.version)
    left = len(conflicts.conflicts(county.desk, STEWARD))
    november = Period.parse("2026-11")
    dispatch.open_period(county.desk, STEWARD, november, date(2026, 12, 6), dispatch.due_forms(county.desk, november), WILLOW)
    dispatch.prefill(county.desk, STEWARD, WILLOW, "2026-11")
    assert len(conflicts.conflicts(county.desk, STEWARD)) == left
    assert names(outgoing.form_of(county.desk, WANG, WILLOW, "2026-11", ROSTER)) == [found.other]


def test_what_a_worker_typed_is_no_list_and_settles_what_the_form_says(county: Made) -> None:
    """The worker knows the person: the disagreement of the lists is still the steward's, but the form says what was typed."""
    roster_rows.edit_row(county.desk, WANG, WILLOW, PERIOD, ROSTER, row(county).subject, [Cell(county.element("姓名"), "张建国")])
    assert (cell(county).text, cell(county).undecided) == ("张建国", ())
    assert differing(county).state == "open"
