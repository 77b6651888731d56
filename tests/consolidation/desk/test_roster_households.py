"""What is one for a whole household (户籍地址, 是否脱贫户 …) is kept once, shown at each member, and counts once."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidation.desk import dispatch, outgoing, roster_files, roster_import, roster_rows, rosters, worksheet
from consolidation.desk.drafts import Cell
from consolidation.desk.model import Clash, Invalid
from consolidation.desk.roster_plan import Fate
from consolidation.store import Store
from tests.consolidation.desk.county import SHI, STEWARD, STONE, WANG, WILLOW, Made
from tests.consolidation.desk.roster_county import NEW, PERIOD, RESIDENTS_ID, with_households

ROSTER = RESIDENTS_ID


@pytest.fixture
def county(store: Store, tmp_path: Path) -> Made:
    return with_households(store, tmp_path / "county")


def page(county: Made) -> rosters.RosterPage:
    return rosters.roster_page(county.desk, WANG, WILLOW, PERIOD, ROSTER)


def cells(county: Made, column: str) -> dict[str, rosters.RosterCell]:
    """Name -> the cell of a column."""
    asked = county.element(column)
    return {row.name: cell for row in page(county).rows for cell in row.cells if cell.element == asked}


def texts(county: Made, column: str) -> dict[str, str]:
    return {name: cell.text for name, cell in cells(county, column).items()}


def edit(county: Made, name: str, column: str, text: str, version: int = 0) -> None:
    subject = next(row.subject for row in page(county).rows if row.name == name)
    given = [Cell(county.element(column), text, version)]
    for error in roster_rows.edit_row(county.desk, WANG, WILLOW, PERIOD, ROSTER, subject, given).refused.values():
        raise error


def counted(county: Made, name: str) -> str | None:
    dispatch.prefill(county.desk, STEWARD, WILLOW, PERIOD)
    return next(item.value for item in worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD).items if item.name == name)


def test_a_fact_of_the_household_edited_at_one_member_is_changed_at_each_and_at_nobody_elses(county: Made) -> None:
    edit(county, "张小军", "户籍地址", "柳坝村8号")
    assert texts(county, "户籍地址") == {"张建国": "柳坝村8号", "张小军": "柳坝村8号", "李独居": "柳坝村2号"}
    data = outgoing.form_of(county.desk, WANG, WILLOW, PERIOD, ROSTER).data
    given = [line[4] for line in load_workbook(BytesIO(data)).worksheets[0].iter_rows(min_row=3, values_only=True) if line[1]]
    assert sorted(map(str, given)) == ["柳坝村2号", "柳坝村8号", "柳坝村8号"]


def test_a_cell_of_the_household_says_how_many_rows_share_it(county: Made) -> None:
    assert {name: cell.mates for name, cell in cells(county, "户籍地址").items()} == {"张建国": 1, "张小军": 1, "李独居": 0}
    assert {cell.mates for cell in cells(county, "联系电话").values()} == {0}


def test_a_persons_own_fact_stays_the_persons(county: Made) -> None:
    edit(county, "张小军", "联系电话", "10030000099")
    assert texts(county, "联系电话") == {"张建国": "", "张小军": "10030000099", "李独居": ""}


def test_two_members_rows_hold_one_figure_and_the_second_to_write_is_told(county: Made) -> None:
    edit(county, "张小军", "户籍地址", "柳坝村8号")
    assert {cell.version for name, cell in cells(county, "户籍地址").items() if name != "李独居"} == {1}
    with pytest.raises(Clash) as told:
        edit(county, "张建国", "户籍地址", "柳坝村9号", 0)
    assert "王填报" in told.value.problem.message
    edit(county, "张建国", "户籍地址", "柳坝村9号", 1)
    assert texts(county, "户籍地址")["张小军"] == "柳坝村9号"
    subject = next(row.subject for row in page(county).rows if row.name == "张小军")
    roster_rows.revert_cell(county.desk, WANG, WILLOW, PERIOD, ROSTER, subject, county.element("户籍地址"))
    assert set(texts(county, "户籍地址").values()) == {"柳坝村1号", "柳坝村2号"}


def test_a_household_counts_once_however_many_members_show_its_fact(county: Made) -> None:
    assert counted(county, "脱贫户数") in (None, "0")
    edit(county, "张小军", "是否脱贫户", "是")
    assert texts(county, "是否脱贫户")["张建国"] == "是"
    assert (counted(county, "脱贫户数"), counted(county, "脱贫人口数")) == ("1", "2")


def test_a_blank_cell_of_the_household_is_one_cell_to_fill(county: Made) -> None:
    (before,) = rosters.rosters(county.desk, WANG, WILLOW, PERIOD)
    edit(county, "张小军", "是否脱贫户", "是")
    (after,) = rosters.rosters(county.desk, WANG, WILLOW, PERIOD)
    assert (before.missing, after.missing) == (2 + 3, 1 + 3)  # two households without the answer, three people without telephone
    assert after.changed == 2


def add(county: Made, **more: str) -> None:
    given = {"姓名": "李新", "公民身份号码": NEW, **more}
    written = {county.element(name): text for name, text in given.items()}
    roster_rows.add_row(county.desk, WANG, WILLOW, PERIOD, ROSTER, written)


def test_somebody_added_without_a_household_is_one_of_their_own(county: Made) -> None:
    edit(county, "张小军", "户籍地址", "柳坝村8号")
    add(county, 户籍地址="柳坝村7号")
    assert texts(county, "户籍地址") == {"张建国": "柳坝村8号", "张小军": "柳坝村8号", "李独居": "柳坝村2号", "李新": "柳坝村7号"}
    edit(county, "李新", "户籍地址", "柳坝村6号", 1)
    assert texts(county, "户籍地址")["李新"] == "柳坝村6号"


def test_somebody_added_under_a_households_number_shares_its_facts(county: Made) -> None:
    edit(county, "张小军", "户籍地址", "柳坝村8号")
    add(county, 户口簿号="H01")
    assert texts(county, "户籍地址")["李新"] == "柳坝村8号"
    assert cells(county, "户籍地址")["张建国"].mates == 2


def test_who_is_added_to_a_household_does_not_change_it_unseen(county: Made) -> None:
    with pytest.raises(Invalid) as told:
        add(county, 户口簿号="H01", 户籍地址="柳坝村7号")
    assert "柳坝村1号" in told.value.problem.message
    add(county, 户口簿号="H01", 户籍地址="柳坝村1号", 是否脱贫户="是")
    assert texts(county, "是否脱贫户") == {"张建国": "是", "张小军": "是", "李新": "是", "李独居": ""}


def sheet(county: Made, changes: dict[str, str]) -> bytes:
    """The working sheet with another registered address for some people."""
    _, data = roster_files.working_sheet(county.desk, WANG, WILLOW, PERIOD, ROSTER)
    book = load_workbook(BytesIO(data))
    lines = book["名册"]
    at = {str(cell.value): int(cell.column) for cell in lines[1]}
    for line in range(2, 5):
        name = str(lines.cell(line, at["姓名"]).value)
        if name in changes:
            lines.cell(line, at["户籍地址"], changes[name])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_sheet_that_says_one_new_address_for_a_household_changes_it_for_all(county: Made) -> None:
    for changes in ({"张小军": "柳坝村8号"}, {"张小军": "柳坝村9号", "张建国": "柳坝村9号"}):
        found = roster_import.preview_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, "册.xlsx", sheet(county, changes))
        assert not found.of(Fate.CONFLICT)
        roster_import.apply_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, found.seq)
        told = texts(county, "户籍地址")
        assert told["张建国"] == told["张小军"] == changes["张小军"]


def test_a_sheet_that_says_two_addresses_for_one_household_is_a_conflict(county: Made) -> None:
    changes = {"张小军": "柳坝村8号", "张建国": "柳坝村9号", "李独居": "柳坝村3号"}
    found = roster_import.preview_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, "册.xlsx", sheet(county, changes))
    assert sorted(line.name for line in found.of(Fate.CONFLICT)) == ["张小军", "张建国"]
    assert all("同一户" in cell.doubt for line in found.of(Fate.CONFLICT) for cell in line.cells)
    chosen = {line.id for line in found.lines if line.name == "张建国"}
    roster_import.apply_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, found.seq, chosen)
    assert texts(county, "户籍地址")["张小军"] == "柳坝村9号"


def test_another_village_does_not_see_the_households_facts(county: Made) -> None:
    edit(county, "张小军", "户籍地址", "柳坝村8号")
    assert rosters.roster_page(county.desk, SHI, STONE, PERIOD, ROSTER).rows == ()
