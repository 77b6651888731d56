"""Rosters: shared data with what workers change laid over it, on the page, in the forms given back and in the counts."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from consolidation.desk import dispatch, outgoing, roster_rows, rosters, worksheet
from consolidation.desk.drafts import Cell
from consolidation.desk.model import Clash, Invalid, NotAllowed, NotThere, Refused
from consolidation.desk.rosters import RosterPage, Row
from consolidation.store import Key, Store, figures, verify
from consolidation.store.schema import submission
from tests.consolidation.desk.county import LEADER, SHI, STEWARD, STONE, STRANGER, WANG, WILLOW, Made
from tests.consolidation.desk.roster_county import NEW, PERIOD, WANG_WEI, ZHANG, with_rosters
from tests.consolidation.test_fill_sources import number

ROSTER = "canji"


@pytest.fixture
def county(store: Store, tmp_path: Path) -> Made:
    return with_rosters(store, tmp_path / "county")


def page(county: Made, search: str = "", show: str = "") -> RosterPage:
    return rosters.roster_page(county.desk, WANG, WILLOW, PERIOD, ROSTER, search, show)


def row(county: Made, name: str = "张建国") -> Row:
    return next(row for row in page(county).rows if row.name == name)


def cell(county: Made, column: str, name: str = "张建国") -> rosters.RosterCell:
    return next(cell for cell in row(county, name).cells if cell.element == county.element(column))


def edit(county: Made, column: str, text: str, version: int | None = 0, note: str = "") -> None:
    subject = row(county).subject
    given = Cell(county.element(column), text, version)
    outcome = roster_rows.edit_row(county.desk, WANG, WILLOW, PERIOD, ROSTER, subject, [given], note)
    for error in outcome.refused.values():
        raise error


def add(county: Made, number_: str = NEW, **more: str) -> str:
    cells = {county.element("姓名"): "李新", county.element("公民身份号码"): number_, county.element("残疾类别"): "听力"}
    return roster_rows.add_row(
        county.desk, WANG, WILLOW, PERIOD, ROSTER, {**cells, **{county.element(k): v for k, v in more.items()}}
    )


def given_back(county: Made) -> list[tuple[object, ...]]:
    data = outgoing.form_of(county.desk, WANG, WILLOW, PERIOD, ROSTER).data
    lines = load_workbook(BytesIO(data)).worksheets[0].iter_rows(min_row=3, values_only=True)
    return [line[1:8] for line in lines if line[1]]


def counted(county: Made) -> str | None:
    dispatch.prefill(county.desk, STEWARD, WILLOW, PERIOD)
    items = worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD).items
    return next(item.value for item in items if item.name == "残疾人数")


def test_a_roster_shows_whom_shared_data_names_each_value_with_its_source(county: Made) -> None:
    (listed,) = rosters.rosters(county.desk, WANG, WILLOW, PERIOD)
    assert (listed.title, listed.department, listed.rows, listed.missing) == ("残疾人花名册", "残联", 1, 0)
    assert "残联" in cell(county, "残疾类别").source and "公安" in cell(county, "姓名").source


def test_an_edit_shows_at_once_on_the_page_and_in_the_form_given_back(county: Made) -> None:
    edit(county, "联系电话", "10030000099")
    held = cell(county, "联系电话")
    assert (held.text, held.edited, held.shared, held.version) == ("10030000099", True, "10030000001", 1)
    assert "王填报" in held.source
    assert given_back(county) == [("张建国", ZHANG, "男", 76, "肢体", "10030000099", "柳坝村1号")]
    assert [r.name for r in page(county, show=rosters.DIFFERING).rows] == ["张建国"]
    roster_rows.revert_cell(county.desk, WANG, WILLOW, PERIOD, ROSTER, row(county).subject, county.element("联系电话"))
    assert cell(county, "联系电话").text == "10030000001" and not cell(county, "联系电话").edited


def test_an_edit_is_a_figure_once_with_its_history_and_sealed_where_it_is_personal(county: Made) -> None:
    edit(county, "联系电话", "10030000099")
    edit(county, "联系电话", "10030000098", 1)
    with pytest.raises(Clash) as told:
        edit(county, "联系电话", "10030000097", 1)
    assert "王填报" in told.value.problem.message
    key = Key(county.element("联系电话"), row(county).subject, PERIOD)
    with county.desk.store.read() as c:
        values = [held.value or "" for held in figures.history(c, key)]
    assert len(values) == 2 and all(value.startswith("sm4:") for value in values)


def test_what_was_edited_last_month_still_holds_this_month(county: Made) -> None:
    edit(county, "联系电话", "10030000099")
    from datetime import date

    from forms.periods import Period

    forms = dispatch.due_forms(county.desk, Period.parse("2026-11"))
    dispatch.open_period(county.desk, STEWARD, Period.parse("2026-11"), date(2026, 12, 5), forms, "990101")
    later = rosters.roster_page(county.desk, WANG, WILLOW, "2026-11", ROSTER)
    assert "10030000099" in [cell.text for cell in later.rows[0].cells]


@pytest.mark.parametrize(
    ("column", "text"), [("公民身份号码", "990101195001010011"), ("公民身份号码", "5.11E+17"), ("性别", "女"), ("年龄", "很老")]
)
def test_what_is_no_valid_value_is_refused_and_nothing_is_written(county: Made, column: str, text: str) -> None:
    with pytest.raises(Refused):
        edit(county, column, text)
    assert given_back(county)[0][:3] == ("张建国", ZHANG, "男")


def test_a_wrong_number_is_told_without_the_number(county: Made) -> None:
    with pytest.raises(Invalid) as told:
        add(county, NEW[:-1] + ("0" if NEW[-1] != "0" else "1"))
    assert NEW[:-1] not in told.value.problem.message


def test_a_new_row_is_on_the_page_in_the_form_and_in_the_counts(county: Made) -> None:
    assert counted(county) == "1"
    add(county, 现住址="柳坝村9号")
    assert [(r.name, r.added) for r in page(county).rows] == [("张建国", False), ("李新", True)]
    assert given_back(county)[1] == ("李新", NEW, "男", 36, "听力", None, "柳坝村9号")
    assert counted(county) == "2"


def test_nobody_is_put_on_a_roster_twice_or_while_another_place_has_them(county: Made) -> None:
    add(county)
    with pytest.raises(Clash) as told:
        add(county)
    assert "第 2 行" in told.value.problem.message
    with pytest.raises(Clash) as told:
        add(county, WANG_WEI)
    assert "石港" not in told.value.problem.message  # who may not see a place is not told that it is that one
    with pytest.raises(Clash):
        roster_rows.add_row(
            county.desk, SHI, STONE, PERIOD, ROSTER, {county.element("姓名"): "李新", county.element("公民身份号码"): NEW}
        )


def test_a_row_needs_a_number_by_which_it_is_known(county: Made) -> None:
    with pytest.raises(Invalid):
        roster_rows.add_row(county.desk, WANG, WILLOW, PERIOD, ROSTER, {county.element("姓名"): "李新"})


def test_who_is_taken_off_is_gone_everywhere_and_can_come_back(county: Made) -> None:
    subject = row(county).subject
    with pytest.raises(Invalid):
        roster_rows.remove_row(county.desk, WANG, WILLOW, PERIOD, ROSTER, subject, "")
    roster_rows.remove_row(county.desk, WANG, WILLOW, PERIOD, ROSTER, subject, "不再符合条件")
    seen = page(county)
    assert seen.rows == () and [(g.name, g.reason, g.everywhere) for g in seen.gone] == [("张建国", "不再符合条件", False)]
    assert given_back(county) == [] and counted(county) == "0"
    roster_rows.restore_row(county.desk, WANG, WILLOW, PERIOD, ROSTER, subject)
    assert [r.name for r in page(county).rows] == ["张建国"] and counted(county) == "1"


def test_whoever_moves_away_can_be_put_on_the_other_places_roster(county: Made) -> None:
    subject = row(county).subject
    roster_rows.remove_row(county.desk, WANG, WILLOW, PERIOD, ROSTER, subject, "迁出")
    assert counted(county) == "0"
    cells = {county.element("姓名"): "张建国", county.element("公民身份号码"): ZHANG}
    roster_rows.add_row(county.desk, SHI, STONE, PERIOD, ROSTER, cells)
    names = [r.name for r in rosters.roster_page(county.desk, SHI, STONE, PERIOD, ROSTER).rows]
    assert sorted(names) == ["张建国", "王伟"] and page(county).rows == ()
    with pytest.raises(Clash):
        roster_rows.restore_row(county.desk, WANG, WILLOW, PERIOD, ROSTER, subject)


def test_another_number_is_another_person_with_the_same_facts(county: Made) -> None:
    old, new = row(county).subject, number("19500101", 9)
    edit(county, "联系电话", "10030000099")
    edit(county, "公民身份号码", new)
    (now,) = page(county).rows
    assert now.subject != old and given_back(county) == [("张建国", new, "男", 76, "肢体", "10030000099", "柳坝村1号")]
    assert counted(county) == "1"


def test_a_submitted_roster_is_corrected_with_a_reason(county: Made) -> None:
    here = (submission.c.region == WILLOW) & (submission.c.period == PERIOD)
    county.desk.store.write(lambda c: c.execute(update(submission).where(here).values(state="submitted")).rowcount)
    with pytest.raises(Clash):
        edit(county, "联系电话", "10030000099")
    edit(county, "联系电话", "10030000099", note="本人来电更正")
    assert cell(county, "联系电话").text == "10030000099"


def test_personal_data_is_masked_for_others_and_cannot_be_searched_by_them(county: Made) -> None:
    seen = rosters.roster_page(county.desk, STEWARD, WILLOW, PERIOD, ROSTER)
    shown = "".join(cell.text for row in seen.rows for cell in row.cells) + seen.rows[0].name
    assert ZHANG not in shown and "建国" not in shown and "10030000001" not in shown and "柳坝村1号" not in shown
    assert rosters.roster_page(county.desk, STEWARD, WILLOW, PERIOD, ROSTER, "10030000001").found == 0
    assert rosters.roster_page(county.desk, LEADER, WILLOW, PERIOD, ROSTER, "10030000001").found == 1


def test_reading_people_is_in_the_audit_log_with_a_count_and_without_them(county: Made) -> None:
    page(county, "10030000001")
    edit(county, "现住址", "柳坝村88号")
    with county.desk.store.read() as c:
        acts = [(row.act, row.detail) for row in c.exec_driver_sql("SELECT act, detail FROM audit")]
        assert list(verify(c, county.desk.secrets.finder)) == []
        stored = "".join(str(tuple(row)) for row in c.exec_driver_sql("SELECT * FROM subject"))
    told = "".join(detail for _, detail in acts)
    assert {"read-roster", "edit-roster"} <= {act for act, _ in acts} and '"rows": 1' in told
    assert all(secret not in told + stored for secret in (ZHANG, "10030000001", "88号", "张建国"))


def test_nobody_acts_outside_their_region_or_role(county: Made) -> None:
    subject = row(county).subject
    given = [Cell(county.element("联系电话"), "1")]
    with pytest.raises(NotThere):
        roster_rows.edit_row(county.desk, SHI, WILLOW, PERIOD, ROSTER, subject, given)
    with pytest.raises(NotThere):  # another place's row under one's own place
        roster_rows.edit_row(county.desk, SHI, STONE, PERIOD, ROSTER, subject, given)
    with pytest.raises(NotAllowed):
        roster_rows.edit_row(county.desk, LEADER, WILLOW, PERIOD, ROSTER, subject, given)
    with pytest.raises(NotThere):
        rosters.roster_page(county.desk, STRANGER, WILLOW, PERIOD, ROSTER)
    with pytest.raises(NotThere):
        roster_rows.remove_row(county.desk, SHI, STONE, PERIOD, ROSTER, subject, "死亡")
