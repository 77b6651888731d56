"""A county for tests: one township with two villages, two forms, one list of people, and somebody in each role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Border, Side
from sqlalchemy import insert

from consolidation.desk import dispatch, setup
from consolidation.desk.context import Desk
from consolidation.desk.model import Actor, Role
from consolidation.desk.shared import SharedData
from consolidation.fill import Regions
from consolidation.store import Secrets, Store
from consolidation.store.schema import account
from forms.library import ShippedForm
from forms.periods import Period
from forms.values import DemoRegions
from tests.consolidation.test_fill_sources import number

COUNTY, TOWN, WILLOW, STONE, ELSEWHERE = "990101", "990101001", "990101001201", "990101001202", "990102"
REGIONS = Regions({
    COUNTY: ("云溪县", ""), TOWN: ("柳河镇", COUNTY), WILLOW: ("柳坝村", TOWN), STONE: ("石港村", TOWN), ELSEWHERE: ("邻县", ""),
})  # fmt: skip
WANG = Actor("wang", "王填报", Role.WORKER, WILLOW)
SHI = Actor("shi", "石填报", Role.WORKER, STONE)
LEADER = Actor("leader", "李审核", Role.LEADER, TOWN)
STEWARD = Actor("steward", "赵管理", Role.STEWARD, COUNTY)
STRANGER = Actor("stranger", "邻县人", Role.LEADER, ELSEWHERE)
OCTOBER = Period.parse("2026-10")
NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)

POPULATION = """
村人口情况统计表
指标名称          | 计量单位 | 数值
户籍人口          | 人       |
其中：男性        | 人       |
女性              | 人       |
60岁以上户籍人口  | 人       |
耕地面积          | 亩       |
"""
CARE = """
村养老服务情况统计表
指标名称          | 计量单位 | 数值
60岁以上户籍人口  | 人       |
养老床位          | 张       |
村文书联系电话    |          |
"""
PEOPLE = f"""姓名,公民身份号码,户籍地址,户籍状态,所属村（社区）
张建国,{number("19500101", 1)},柳坝村1号,正常,柳坝村
张丽,{number("20001231", 2)},柳坝村1号,正常,柳坝村
王伟,{number("19800101", 5)},石港村3号,正常,石港村
"""


@dataclass(frozen=True)
class Made:
    """The county's desk, with its period open."""

    desk: Desk
    names: Mapping[str, str]  # element's name -> id

    def element(self, name: str) -> str:
        return self.names[name]


def sheet(table: str) -> bytes:
    """A form from a text table: the title, then its rows."""
    title, *rows = [line for line in table.strip().splitlines() if line.strip()]
    book = Workbook()
    page = book.active
    assert page is not None
    cells = [[text.strip() for text in row.split("|")] for row in rows]
    page.append([title])
    page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(cells[0]))
    side = Side(style="thin")
    for row in cells:
        page.append([text or None for text in row])
    for line in page.iter_rows(min_row=2, max_row=len(cells) + 1, max_col=len(cells[0])):
        for cell in line:
            cell.border = Border(side, side, side, side)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def shipped(folder: Path, slug: str, department: str, table: str, frequency: str = "monthly") -> ShippedForm:
    path = folder / f"{slug}.xlsx"
    path.write_bytes(sheet(table))
    title = table.strip().splitlines()[0]
    return ShippedForm(slug, department, title, path, "示例", frequency, "village", "village", "statistic")


def desk_of(store: Store, folder: Path, clock: datetime = NOON) -> Desk:
    """The desk with regions, forms and people; no period open yet."""
    data = folder / "shared"
    data.mkdir()
    (data / "户籍人口.csv").write_text(PEOPLE, encoding="utf-8")
    (data / "regions.csv").write_text(
        "code,name,parent\n" + "".join(f"{code},{name},{parent}\n" for code, (name, parent) in REGIONS.places.items()),
        encoding="utf-8",
    )
    secrets = Secrets({"1": b"k" * 32}, "1", b"f" * 32)
    desk = Desk(store, secrets, lambda: clock, shared=SharedData(str(data), DemoRegions(("99",))))
    forms = [shipped(folder, "renkou", "公安局", POPULATION), shipped(folder, "yanglao", "民政局", CARE)]
    setup.set_up(desk, REGIONS, setup.levels_of(REGIONS), forms)
    people = [WANG, SHI, LEADER, STEWARD, STRANGER]
    rows = [{"id": a.id, "login": a.id, "name": a.name, "role": str(a.role), "region": a.region} for a in people]
    store.write(lambda c: c.execute(insert(account), rows))
    return desk


def opened(store: Store, folder: Path, clock: datetime = NOON) -> Made:
    """The county with October open in both villages."""
    desk = desk_of(store, folder, clock)
    dispatch.open_period(desk, STEWARD, OCTOBER, date(2026, 11, 6), dispatch.due_forms(desk, OCTOBER), COUNTY)
    catalogue = dispatch.catalogue_of(desk, "2026-10")
    return Made(desk, {element.name: element.id for element in catalogue.figures})
