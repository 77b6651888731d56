"""A figure that shared data gave, or that follows from others, is typed over with a reason only, whoever asks: page or program."""

from __future__ import annotations

from pathlib import Path

import pytest

from consolidation.desk import dispatch, drafts, findings, review, worksheet
from consolidation.desk.drafts import Cell
from consolidation.desk.model import Clash, Invalid
from consolidation.store import Store
from tests.consolidation.desk.county import LEADER, STEWARD, WANG, WILLOW, Made, opened

PERIOD = "2026-10"
PEOPLE = "户籍人口"


@pytest.fixture
def county(store: Store, tmp_path: Path) -> Made:
    made = opened(store, tmp_path)
    dispatch.prefill(made.desk, STEWARD, WILLOW, PERIOD)
    return made


@pytest.fixture
def bare(store: Store, tmp_path: Path) -> Made:
    """Nothing is prefilled: totals follow from what is typed."""
    return opened(store, tmp_path)


def save(county: Made, element: str, text: str, note: str = "", version: int | None = None) -> drafts.Saved:
    return drafts.save_cell(county.desk, WANG, WILLOW, PERIOD, Cell(element, text, version, note))


def item(county: Made, element: str) -> worksheet.Item:
    return worksheet.item_of(worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD), element)


def part(county: Made, ending: str) -> str:
    return next(id_ for label, id_ in county.names.items() if label.endswith(ending))


def test_a_prefilled_figure_is_not_typed_over_without_a_reason(county: Made) -> None:
    people = county.element(PEOPLE)
    with pytest.raises(Invalid) as told:
        save(county, people, "5")
    assert told.value.problem.code == "desk.typed-over"
    assert PEOPLE in told.value.problem.message and "2" in told.value.problem.message
    assert (item(county, people).value, item(county, people).given) == ("2", "prefilled")
    assert save(county, people, "5", "漏登三人").value == "5"
    assert (item(county, people).given, item(county, people).note) == ("typed", "漏登三人")


@pytest.mark.parametrize("text", ["", "—"])
def test_taking_a_prefilled_figure_away_needs_a_reason_too(county: Made, text: str) -> None:
    with pytest.raises(Invalid):
        save(county, county.element(PEOPLE), text)


def test_to_say_the_same_as_shared_data_needs_no_reason(county: Made) -> None:
    assert save(county, county.element(PEOPLE), " ２ ").value == "2"


def test_in_a_paste_only_the_cell_that_has_no_reason_is_refused(county: Made) -> None:
    people, area = county.element(PEOPLE), county.element("耕地面积")
    outcome = drafts.save_cells(county.desk, WANG, WILLOW, PERIOD, [Cell(people, "9"), Cell(area, "12")])
    assert [one.element for one in outcome.saved] == [area] and set(outcome.refused) == {people}


def test_whoever_saw_an_empty_cell_is_told_that_it_was_filled_meanwhile(county: Made) -> None:
    with pytest.raises(Clash):
        save(county, county.element(PEOPLE), "9", version=0)


def test_what_somebody_typed_over_it_once_is_their_own_draft(county: Made) -> None:
    people = county.element(PEOPLE)
    save(county, people, "5", "漏登三人")
    assert save(county, people, "6").value == "6"


def test_the_reason_stays_with_the_figure_until_there_is_another(county: Made) -> None:
    people = county.element(PEOPLE)
    save(county, people, "5", "漏登三人")
    save(county, people, "6")
    assert item(county, people).note == "漏登三人"
    save(county, people, "7", "又有一人")
    assert item(county, people).note == "又有一人"


def test_a_returned_report_does_not_turn_prefilled_figures_into_typed_ones(county: Made) -> None:
    for one in worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD).items:
        if one.missing:
            save(county, one.element, "13800000000" if "电话" in one.name else "5")
    review.submit(county.desk, WANG, WILLOW, PERIOD)
    review.send_back(county.desk, LEADER, WILLOW, PERIOD, {}, "再核")
    assert item(county, county.element(PEOPLE)).given == "prefilled"
    with pytest.raises(Invalid):
        save(county, county.element(PEOPLE), "9")


def test_a_computed_figure_is_not_typed_over_without_a_reason(bare: Made) -> None:
    for ending, text in (("男性", "3"), ("女性", "4")):
        save(bare, part(bare, ending), text)
    total = bare.element(PEOPLE)
    assert item(bare, total).given == "computed"
    with pytest.raises(Invalid) as told:
        save(bare, total, "8")
    assert told.value.problem.code == "desk.typed-over" and "7" in told.value.problem.message
    assert save(bare, total, "7").value == "7"
    assert save(bare, total, "8", "有一人性别不详").value == "8"


def test_parts_and_total_sent_together_agree_with_one_another(bare: Made) -> None:
    """Another system sends all its figures anew: the total is compared with what its own parts now come to."""
    male, female, total = part(bare, "男性"), part(bare, "女性"), bare.element(PEOPLE)
    save(bare, male, "3")
    save(bare, female, "4")
    sent = [Cell(total, "9"), Cell(male, "5"), Cell(female, "4")]
    assert drafts.save_cells(bare.desk, WANG, WILLOW, PERIOD, sent).refused == {}
    assert item(bare, total).value == "9"


def test_a_computed_figure_of_a_returned_report_still_follows_from_its_parts(bare: Made) -> None:
    for one in worksheet.worksheet(bare.desk, WANG, WILLOW, PERIOD).items:
        if one.missing:
            save(bare, one.element, "13800000000" if "电话" in one.name else "1")
    total = bare.element(PEOPLE)
    assert item(bare, total).value == "2"
    review.submit(bare.desk, WANG, WILLOW, PERIOD)
    review.send_back(bare.desk, LEADER, WILLOW, PERIOD, {}, "男性不对")
    save(bare, part(bare, "男性"), "6")
    assert (item(bare, total).value, item(bare, total).given) == ("7", "computed")
    with pytest.raises(Invalid):
        save(bare, total, "12")


def test_what_followed_once_and_follows_no_more_is_not_reported_again(bare: Made) -> None:
    for ending, text in (("男性", "1"), ("女性", "1")):
        save(bare, part(bare, ending), text)
    for one in worksheet.worksheet(bare.desk, WANG, WILLOW, PERIOD).items:
        if one.missing:
            save(bare, one.element, "13800000000" if "电话" in one.name else "1")
    review.submit(bare.desk, WANG, WILLOW, PERIOD)
    review.send_back(bare.desk, LEADER, WILLOW, PERIOD, {}, "男性不对")
    save(bare, part(bare, "男性"), "—")
    review.submit(bare.desk, WANG, WILLOW, PERIOD, {one.fingerprint: "男女不分" for one in found(bare)})
    assert item(bare, bare.element(PEOPLE)).value is None


def found(county: Made) -> tuple[findings.Told, ...]:
    return findings.findings(county.desk, WANG, WILLOW, PERIOD)
