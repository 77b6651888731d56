"""What a leader is told of unusual values, place by place, before approving many at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from consolidation.desk import dispatch, drafts, findings, overview, review, worksheet
from consolidation.desk.drafts import Cell
from consolidation.store import Store
from tests.consolidation.desk.county import LEADER, SHI, STEWARD, STONE, WANG, WILLOW, Made, opened

PERIOD = "2026-10"


@pytest.fixture
def county(store: Store, tmp_path: Path) -> Made:
    made = opened(store, tmp_path)
    for actor, place in ((WANG, WILLOW), (SHI, STONE)):
        dispatch.prefill(made.desk, STEWARD, place, PERIOD)
        sheet = worksheet.worksheet(made.desk, actor, place, PERIOD)
        cells = [Cell(one.element, "13800000000" if "电话" in one.name else "5") for one in sheet.items if one.missing]
        assert not drafts.save_cells(made.desk, actor, place, PERIOD, cells).refused
    return made


def elderly(county: Made) -> str:
    return next(id_ for name, id_ in county.names.items() if "60岁" in name)


def hand_in(county: Made, text: str = "2") -> None:
    """Willow says that it has so many people over 60; the roster counts one."""
    drafts.save_cell(county.desk, WANG, WILLOW, PERIOD, Cell(elderly(county), text, note="入户核过"))
    told = findings.findings(county.desk, WANG, WILLOW, PERIOD)
    review.submit(county.desk, WANG, WILLOW, PERIOD, {one.fingerprint: "名册还没有登记" for one in told})


def seen(county: Made, place: str = WILLOW) -> overview.PlaceState:
    return next(one for one in overview.overview(county.desk, LEADER, PERIOD).places if one.place == place)


def test_what_is_not_handed_in_has_no_number_yet(county: Made) -> None:
    assert seen(county).unusual is None


def test_each_place_says_how_many_findings_it_explained(county: Made) -> None:
    hand_in(county)
    review.submit(county.desk, SHI, STONE, PERIOD)
    assert (seen(county).unusual, seen(county).unanswered, seen(county).stale) == (1, 0, False)
    assert (seen(county, STONE).unusual, seen(county, STONE).unanswered) == (0, 0)


def test_a_correction_may_have_changed_it_until_somebody_looks(county: Made) -> None:
    hand_in(county)
    drafts.correct(county.desk, WANG, WILLOW, PERIOD, Cell(county.element("60岁以上户籍人口"), "0", note="再核"))
    assert seen(county).stale
    (told,) = [one for one in findings.findings(county.desk, LEADER, WILLOW, PERIOD) if not one.hard]
    assert told.reason == ""  # the reason was for another value
    assert (seen(county).unusual, seen(county).unanswered, seen(county).stale) == (1, 1, False)


def test_the_same_value_as_before_needs_no_new_look(county: Made) -> None:
    hand_in(county)
    findings.findings(county.desk, LEADER, WILLOW, PERIOD)
    assert (seen(county).unusual, seen(county).unanswered) == (1, 0)


def test_a_returned_report_is_counted_anew_when_it_comes_back(county: Made) -> None:
    hand_in(county)
    review.send_back(county.desk, LEADER, WILLOW, PERIOD, {}, "再核")
    assert seen(county).unusual is None
    drafts.save_cell(county.desk, WANG, WILLOW, PERIOD, Cell(elderly(county), "1"))
    review.submit(county.desk, WANG, WILLOW, PERIOD)
    assert seen(county).unusual == 0


def test_a_finding_says_what_its_cells_hold_and_held_before(county: Made) -> None:
    hand_in(county)
    (told,) = findings.findings(county.desk, LEADER, WILLOW, PERIOD)
    (cell,) = told.values
    assert (cell.element, cell.value, cell.previous, told.reason) == (elderly(county), "2", None, "名册还没有登记")
