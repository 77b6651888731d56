"""Rosters brought back from Excel: shown first, applied in one transaction, undone as a whole - and files that mean harm."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from consolidation.desk import outgoing, roster_batches, roster_files, roster_rows, rosters
from consolidation.desk import roster_import as use
from consolidation.desk.drafts import Cell
from consolidation.desk.model import Clash, Invalid, NotAllowed, NotThere
from consolidation.desk.roster_import import Preview
from consolidation.desk.roster_plan import Fate
from consolidation.store import Store
from tests.consolidation.desk.county import LEADER, SHI, STONE, WANG, WILLOW, Made
from tests.consolidation.desk.roster_county import NEW, PERIOD, WANG_WEI, many, with_rosters

ROSTER = "canji"


@pytest.fixture
def county(store: Store, tmp_path: Path) -> Made:
    return with_rosters(store, tmp_path / "county", many(3))


def sheet(county: Made, change: Callable[[Worksheet, dict[str, int], int], None]) -> bytes:
    """The working sheet, changed. `change` gets the sheet, the columns by title, and the first blank line."""
    _, data = roster_files.working_sheet(county.desk, WANG, WILLOW, PERIOD, ROSTER)
    book = load_workbook(BytesIO(data))
    page = book["名册"]
    titles = {str(cell.value): int(cell.column) for cell in page[1]}
    change(page, titles, next(line for line in range(2, 900) if not page.cell(line, titles["姓名"]).value))
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def brought(county: Made, data: bytes, name: str = "名册.xlsx") -> Preview:
    return use.preview_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, name, data)


def texts(county: Made) -> list[list[str]]:
    page = rosters.roster_page(county.desk, WANG, WILLOW, PERIOD, ROSTER)
    return [[cell.text for cell in row.cells] for row in page.rows]


def phones(county: Made) -> list[str]:
    return [row[5] for row in texts(county)]


def two_changes(page: Worksheet, at: dict[str, int], blank: int) -> None:
    page.cell(2, at["联系电话"], "10030000066")
    page.cell(blank, at["姓名"], "李新")
    page.cell(blank, at["公民身份号码"], NEW)
    page.cell(blank, at["现住址"], "=cmd|' /C calc'!A0").data_type = "s"


def test_a_sheet_brought_back_unchanged_changes_nothing(county: Made) -> None:
    found = brought(county, sheet(county, lambda *_: None))
    assert {line.fate for line in found.lines} == {Fate.UNCHANGED} and len(found.lines) == 4


def test_a_preview_says_cell_by_cell_and_nothing_is_written_before_it_is_applied(county: Made) -> None:
    before = texts(county)
    found = brought(county, sheet(county, two_changes))
    (changed,), (added,) = found.of("changed"), found.of("added")
    assert [(c.name, c.old, c.new) for c in changed.cells] == [("联系电话", "10030000001", "10030000066")]
    assert added.name == "李新" and texts(county) == before
    done = use.apply_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, found.seq)
    assert done.counts == {"added": 1, "changed": 1} and len(texts(county)) == 5
    assert "=cmd|' /C calc'!A0" in [cell for row in texts(county) for cell in row]
    with pytest.raises(Clash):
        use.apply_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, found.seq)
    assert roster_batches.undo_import(county.desk, WANG, WILLOW, PERIOD, ROSTER, done.seq) == (4, 0)
    assert texts(county) == before
    with pytest.raises(Clash):
        roster_batches.undo_import(county.desk, WANG, WILLOW, PERIOD, ROSTER, done.seq)
    assert [one.undone for one in roster_batches.imports(county.desk, WANG, WILLOW, PERIOD, ROSTER)] == [True]


def test_what_was_changed_since_stays_when_a_batch_is_undone(county: Made) -> None:
    found = brought(county, sheet(county, two_changes))
    done = use.apply_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, found.seq)
    edit(county, "10030000055", 1)
    assert roster_batches.undo_import(county.desk, WANG, WILLOW, PERIOD, ROSTER, done.seq) == (3, 1)
    assert phones(county)[0] == "10030000055"


def edit(county: Made, text: str, version: int) -> None:
    page = rosters.roster_page(county.desk, WANG, WILLOW, PERIOD, ROSTER)
    given = [Cell(county.element("联系电话"), text, version)]
    assert not roster_rows.edit_row(county.desk, WANG, WILLOW, PERIOD, ROSTER, page.rows[0].subject, given).refused


def test_a_cell_that_others_changed_meanwhile_is_in_conflict_and_not_applied_unseen(county: Made) -> None:
    data = sheet(county, two_changes)
    edit(county, "10030000055", 0)
    found = brought(county, data)
    (conflict,) = found.of("conflict")
    assert "别人改过" in conflict.cells[0].doubt
    use.apply_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, found.seq)
    assert phones(county)[0] == "10030000055"
    again = brought(county, data)
    use.apply_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, again.seq, {again.of("conflict")[0].id})
    assert phones(county)[0] == "10030000066"


def test_a_line_that_changed_between_preview_and_apply_is_not_the_one_that_was_chosen(county: Made) -> None:
    found = brought(county, sheet(county, two_changes))
    edit(county, "10030000055", 0)
    use.apply_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, found.seq, {line.id for line in found.lines})
    assert phones(county)[0] == "10030000055"


def test_what_the_department_that_answers_for_a_fact_says_otherwise_is_a_conflict(county: Made) -> None:
    found = brought(county, sheet(county, lambda page, at, _: page.cell(2, at["姓名"], "张健国")))
    (line,) = found.of("conflict")
    assert "公安是这一项的数源部门" in line.cells[0].doubt


def test_rows_that_cannot_be_taken_are_refused_with_their_reason(county: Made) -> None:
    def spoil(page: Worksheet, at: dict[str, int], blank: int) -> None:
        rows = [("没号", ""), ("错号", NEW[:-1] + "Z"), ("四舍五入", 5.11e17), ("外村人", WANG_WEI), ("李新", NEW), ("重复", NEW)]
        for line, (name, id_) in enumerate(rows, blank):
            page.cell(line, at["姓名"], name)
            page.cell(line, at["公民身份号码"], id_)
        page.cell(1, 12, "多出的列")
        page.cell(3, 1, "0" * 32)  # somebody else's mark

    found = brought(county, sheet(county, spoil))
    assert [line.name for line in found.of("refused")] == ["残0010", "没号", "错号", "四舍五入", "外村人", "重复"]
    assert all(line.reason for line in found.of("refused")) and found.unknown == ("多出的列",)
    assert [line.name for line in found.of("added")] == ["李新"]
    shown = "".join(line.reason for line in found.lines)
    assert WANG_WEI not in shown and NEW not in shown


def test_who_is_not_in_the_file_stays_unless_that_is_asked_for(county: Made) -> None:
    data = sheet(county, lambda page, at, _: page.delete_rows(3))
    found = brought(county, data)
    assert len(found.of("missing")) == 1
    use.apply_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, found.seq)
    assert len(texts(county)) == 4
    found = brought(county, data)
    use.apply_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, found.seq, None, remove_missing=True)
    assert len(texts(county)) == 3


def test_the_departments_own_form_can_be_brought_back_filled(county: Made) -> None:
    book = load_workbook(BytesIO(outgoing.form_of(county.desk, WANG, WILLOW, PERIOD, ROSTER).data))
    page = book.worksheets[0]
    page["G3"] = "10030000044"
    target = BytesIO()
    book.save(target)
    found = brought(county, target.getvalue(), "残疾人花名册.xlsx")
    (line,) = found.of("changed")
    assert [(cell.name, cell.new) for cell in line.cells] == [("联系电话", "10030000044")]
    assert found.counts["refused"] == found.counts["missing"] == 0


def test_formulas_are_not_evaluated(county: Made) -> None:
    found = brought(county, sheet(county, lambda page, at, _: page.cell(2, at["联系电话"], "=1+1")))
    assert all(cell.new != "2" for line in found.lines for cell in line.cells)


def test_another_places_or_rosters_sheet_is_refused(county: Made) -> None:
    data = sheet(county, two_changes)
    with pytest.raises(Invalid) as told:
        use.preview_upload(county.desk, SHI, STONE, PERIOD, ROSTER, "名册.xlsx", data)
    assert "另一个地方" in told.value.problem.message
    with pytest.raises(NotThere):
        use.preview_upload(county.desk, SHI, WILLOW, PERIOD, ROSTER, "名册.xlsx", data)
    with pytest.raises(NotAllowed):
        use.preview_upload(county.desk, LEADER, WILLOW, PERIOD, ROSTER, "名册.xlsx", data)


def test_nobody_applies_or_undoes_what_another_uploaded_elsewhere(county: Made) -> None:
    found = brought(county, sheet(county, two_changes))
    with pytest.raises(Clash):
        use.apply_upload(county.desk, SHI, STONE, PERIOD, ROSTER, found.seq)
    done = use.apply_upload(county.desk, WANG, WILLOW, PERIOD, ROSTER, found.seq)
    with pytest.raises(NotThere):
        roster_batches.undo_import(county.desk, SHI, STONE, PERIOD, ROSTER, done.seq)


def large() -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet("名册")
    page.append(["姓名", "公民身份号码"])
    for _ in range(100_000):
        page.append(["人", "1"])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def bomb() -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (400 << 20))
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "why"),
    [
        ("名册.xlsx", large, "行"), ("名册.xlsx", bomb, "太大"), ("名册.xlsx", lambda: b"PK\x03\x04broken", "损坏"),
        ("名册.xlsx", lambda: b"", ""), ("名册.exe", lambda: b"MZ", "只收"), ("名册.csv", lambda: b"\0" * (11 << 20), "MB"),
        ("名册.csv", "别的表头,没有用\n1,2\n".encode, "表头"),
    ],
)  # fmt: skip
def test_files_that_are_too_large_broken_or_of_another_kind_are_refused(
    county: Made, name: str, make: Callable[[], bytes], why: str
) -> None:
    with pytest.raises(Invalid) as told:
        brought(county, make(), name)
    assert why in told.value.problem.message
