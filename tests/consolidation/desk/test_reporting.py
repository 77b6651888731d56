"""A month at the desk: opened, prefilled, typed, submitted, returned, corrected, approved."""

from __future__ import annotations

from pathlib import Path

import pytest

from consolidation.desk import dispatch, drafts, review, worksheet
from consolidation.desk.drafts import Cell
from consolidation.desk.model import Clash, Invalid, NotAllowed, NotThere, SubmissionState
from consolidation.store import Store, figures, verify
from tests.consolidation.desk.county import LEADER, SHI, STEWARD, STONE, STRANGER, WANG, WILLOW, Made, opened

PERIOD = "2026-10"


@pytest.fixture
def county(store: Store, tmp_path: Path) -> Made:
    return opened(store, tmp_path)


def values(county: Made) -> dict[str, tuple[str | None, str]]:
    sheet = worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD)
    return {item.name: (item.value, item.given) for item in sheet.items}


def fill_all(county: Made) -> None:
    dispatch.prefill(county.desk, STEWARD, WILLOW, PERIOD)
    sheet = worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD)
    cells = [Cell(item.element, "13800000000" if "电话" in item.name else "5") for item in sheet.items if item.missing]
    assert not drafts.save_cells(county.desk, WANG, WILLOW, PERIOD, cells).refused


def test_a_figure_that_two_forms_ask_for_is_one_item(county: Made) -> None:
    sheet = worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD)
    (elderly,) = [item for item in sheet.items if "60岁" in item.name]
    assert set(elderly.forms) == {"村人口情况统计表", "村养老服务情况统计表"}


def test_shared_data_fills_what_it_can_and_totals_need_not_be_typed(county: Made) -> None:
    dispatch.prefill(county.desk, STEWARD, WILLOW, PERIOD)
    found = values(county)
    assert found["户籍人口"] == ("2", "prefilled")
    assert found["耕地面积"] == (None, "")
    sheet = worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD)
    people = next(item for item in sheet.items if item.name == "户籍人口")
    assert "户籍人口" in people.source and people.detail


def test_totals_follow_from_what_is_typed(county: Made) -> None:
    for name, text in (("男性", "3"), ("女性", "4")):
        element = next(id_ for label, id_ in county.names.items() if label.endswith(name))
        drafts.save_cell(county.desk, WANG, WILLOW, PERIOD, Cell(element, text))
    assert values(county)["户籍人口"] == ("7", "computed")


@pytest.mark.parametrize(
    ("text", "kept"),
    [("12", "12"), (" １，２３４ ", "1234"), ("0", "0"), ("", None), ("—", "—"), ("不适用", "不适用"), ("无", "0"), ("3.50", "3.5")],
)  # fmt: skip
def test_numbers_come_as_people_write_them_and_blank_zero_and_dash_differ(county: Made, text: str, kept: str | None) -> None:
    saved = drafts.save_cell(county.desk, WANG, WILLOW, PERIOD, Cell(county.element("耕地面积"), text))
    assert saved.value == kept


def test_a_cell_that_is_no_number_is_refused_and_the_others_of_a_paste_are_kept(county: Made) -> None:
    good, bad = county.element("耕地面积"), county.element("养老床位")
    outcome = drafts.save_cells(county.desk, WANG, WILLOW, PERIOD, [Cell(good, "12.5"), Cell(bad, "十几张吧")])
    assert [one.element for one in outcome.saved] == [good]
    assert isinstance(outcome.refused[bad], Invalid) and "养老床位" in outcome.refused[bad].problem.message


def test_telephones_are_sealed_in_the_database_and_read_again_at_the_desk(county: Made) -> None:
    name = next(label for label in county.names if "电话" in label)
    drafts.save_cell(county.desk, WANG, WILLOW, PERIOD, Cell(county.element(name), "13800000000"))
    with county.desk.store.read() as c:
        (held,) = [h for h in figures.of_region(c, WILLOW, [PERIOD]) if h.key.element == county.element(name)]
    assert held.value is not None and held.value.startswith("sm4:") and "138" not in held.value
    assert values(county)[name] == ("13800000000", "typed")


def test_nothing_is_submitted_while_something_is_missing(county: Made) -> None:
    with pytest.raises(Invalid) as told:
        review.submit(county.desk, WANG, WILLOW, PERIOD)
    assert "没有填" in told.value.problem.message


def test_a_submitted_figure_is_not_typed_over_but_corrected_with_a_reason(county: Made) -> None:
    fill_all(county)
    assert review.submit(county.desk, WANG, WILLOW, PERIOD).state is SubmissionState.SUBMITTED
    beds = county.element("养老床位")
    with pytest.raises(Clash):
        drafts.save_cell(county.desk, WANG, WILLOW, PERIOD, Cell(beds, "9"))
    with pytest.raises(Invalid):
        drafts.correct(county.desk, WANG, WILLOW, PERIOD, Cell(beds, "9"))
    assert drafts.correct(county.desk, WANG, WILLOW, PERIOD, Cell(beds, "9", note="漏了西院四张")).value == "9"
    sheet = worksheet.worksheet(county.desk, LEADER, WILLOW, PERIOD)
    (item,) = [item for item in sheet.items if item.element == beds]
    assert [remark.text for remark in item.remarks] == ["漏了西院四张"]
    with county.desk.store.read() as c:
        key = next(h.key for h in figures.of_region(c, WILLOW, [PERIOD]) if h.key.element == beds)
        assert [h.value for h in figures.history(c, key)] == ["5", "5", "9"]


def test_a_returned_report_can_be_filled_again_and_shows_the_remarks(county: Made) -> None:
    fill_all(county)
    review.submit(county.desk, WANG, WILLOW, PERIOD)
    beds = county.element("养老床位")
    review.send_back(county.desk, LEADER, WILLOW, PERIOD, {beds: "与上月相差太大"})
    sheet = worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD)
    assert sheet.state is SubmissionState.RETURNED
    assert [r.text for item in sheet.items for r in item.remarks] == ["与上月相差太大"]
    drafts.save_cell(county.desk, WANG, WILLOW, PERIOD, Cell(beds, "6"))
    review.submit(county.desk, WANG, WILLOW, PERIOD)
    review.approve(county.desk, LEADER, [WILLOW], PERIOD)
    assert [e.to_state for e in review.events(county.desk, WANG, WILLOW, PERIOD)] == [
        "dispatched", "submitted", "returned", "submitted", "approved",
    ]  # fmt: skip


def test_approving_many_is_all_or_nothing(county: Made) -> None:
    fill_all(county)
    review.submit(county.desk, WANG, WILLOW, PERIOD)
    with pytest.raises(Clash):
        review.approve(county.desk, LEADER, [WILLOW, STONE], PERIOD)
    assert worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD).state is SubmissionState.SUBMITTED


def test_nobody_acts_outside_their_region_or_role(county: Made) -> None:
    cell = Cell(county.element("耕地面积"), "1")
    with pytest.raises(NotThere):
        drafts.save_cell(county.desk, SHI, WILLOW, PERIOD, cell)
    with pytest.raises(NotThere):
        worksheet.worksheet(county.desk, STRANGER, WILLOW, PERIOD)
    with pytest.raises(NotAllowed):
        drafts.save_cell(county.desk, LEADER, WILLOW, PERIOD, cell)
    with pytest.raises(NotAllowed):
        review.approve(county.desk, WANG, [WILLOW], PERIOD)


def test_whoever_saw_an_older_value_is_told_who_changed_it(county: Made) -> None:
    area = county.element("耕地面积")
    drafts.save_cell(county.desk, WANG, WILLOW, PERIOD, Cell(area, "10", version=0))
    with pytest.raises(Clash) as told:
        drafts.save_cell(county.desk, WANG, WILLOW, PERIOD, Cell(area, "11", version=0))
    assert "王填报" in told.value.problem.message and "10" in told.value.problem.message


def test_a_dispute_is_put_before_a_steward(county: Made) -> None:
    dispatch.prefill(county.desk, STEWARD, WILLOW, PERIOD)
    with pytest.raises(Invalid):
        drafts.dispute(county.desk, WANG, WILLOW, PERIOD, county.element("户籍人口"), " ")
    drafts.dispute(county.desk, WANG, WILLOW, PERIOD, county.element("户籍人口"), "上月迁入一户没有登记", "5")


def test_every_act_is_in_the_audit_log_without_personal_data(county: Made) -> None:
    fill_all(county)
    review.submit(county.desk, WANG, WILLOW, PERIOD)
    with county.desk.store.read() as c:
        assert list(verify(c, county.desk.secrets.finder)) == []
        acts = [row.act for row in c.exec_driver_sql("SELECT act, detail FROM audit ORDER BY at, seq")]
        details = "".join(row.detail for row in c.exec_driver_sql("SELECT detail FROM audit"))
    assert {"set-up", "open-period", "prefill", "save", "submit"} <= set(acts) and "13800000000" not in details
