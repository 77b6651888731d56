"""Forms given back from the desk: what was typed and what shared data holds, in the departments' own layout."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidation.desk import dispatch, drafts, outgoing
from consolidation.desk.drafts import Cell
from consolidation.desk.model import NotThere
from consolidation.store import Store
from forms.render.modern import office
from tests.consolidation.desk.county import COUNTY, LEADER, STEWARD, STRANGER, WANG, WILLOW, Made, opened

PERIOD = "2026-10"


@pytest.fixture
def county(store: Store, tmp_path: Path) -> Made:
    made = opened(store, tmp_path)
    dispatch.prefill(made.desk, STEWARD, WILLOW, PERIOD)
    beds, phone = made.element("养老床位"), next(i for name, i in made.names.items() if "电话" in name)
    drafts.save_cells(made.desk, WANG, WILLOW, PERIOD, [Cell(beds, "6"), Cell(phone, "13800000000")])
    return made


def rows(data: bytes) -> dict[str, object]:
    page = load_workbook(BytesIO(data)).worksheets[0]
    return {str(row[0].value): row[2].value for row in page.iter_rows(min_row=3)}


def test_one_value_goes_into_every_form_that_asks_for_it(county: Made) -> None:
    care = outgoing.form_of(county.desk, WANG, WILLOW, PERIOD, "yanglao")
    people = outgoing.form_of(county.desk, WANG, WILLOW, PERIOD, "renkou")
    assert rows(care.data) == {"60岁以上户籍人口": 1, "养老床位": 6, "村文书联系电话": "13800000000"}
    assert rows(people.data)["60岁以上户籍人口"] == 1 and rows(people.data)["耕地面积"] is None
    assert (care.asked, care.filled) == (3, 3) and care.name == "村养老服务情况统计表.xlsx"


def test_a_department_gets_its_forms_from_all_places_in_one_package(county: Made) -> None:
    data, problems = outgoing.package(county.desk, STEWARD, COUNTY, PERIOD, "民政局")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.namelist() == ["民政局/柳坝村/村养老服务情况统计表.xlsx", "民政局/石港村/村养老服务情况统计表.xlsx"]
    assert problems == ()


@pytest.mark.skipif(office() is None, reason="没有 LibreOffice")
def test_a_form_can_be_had_as_pdf(county: Made) -> None:
    data, problems = outgoing.package(county.desk, WANG, WILLOW, PERIOD, "民政局", pdf=True)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        (name,) = archive.namelist()
        assert name.endswith(".pdf") and archive.read(name).startswith(b"%PDF") and problems == ()


def test_nobody_takes_another_places_forms(county: Made) -> None:
    with pytest.raises(NotThere):
        outgoing.form_of(county.desk, STRANGER, WILLOW, PERIOD, "yanglao")
    assert outgoing.form_of(county.desk, LEADER, WILLOW, PERIOD, "yanglao").filled == 3
