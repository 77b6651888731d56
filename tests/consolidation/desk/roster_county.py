"""The test county with rosters: of its old people and of its disabled, who stand in two departments' lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import insert

from consolidation.desk import dispatch, setup
from consolidation.desk.context import Desk
from consolidation.desk.shared import SharedData
from consolidation.store import Secrets, Store
from consolidation.store.schema import account
from forms.library import ShippedForm
from forms.values import DemoRegions
from tests.consolidation.desk import county
from tests.consolidation.test_fill_sources import number

PERIOD = "2026-10"
ZHANG, LI, WANG_WEI = number("19500101", 1), number("20001231", 2), number("19800101", 5)
NEW = number("19900307", 3)

DISABLED_FORM = """
残疾人花名册
序号 | 姓名 | 公民身份号码 | 性别 | 年龄 | 残疾类别 | 联系电话 | 现住址 | 备注
1    |      |              |      |      |          |          |        |
2    |      |              |      |      |          |          |        |
3    |      |              |      |      |          |          |        |
"""
COUNTED = """
村残疾人情况统计表
指标名称    | 计量单位 | 数值
残疾人数    | 人       |
养老床位    | 张       |
"""
DISABLED = f"""姓名,身份证号,残疾类别,联系电话,现住址,所属村（社区）
张健国,{ZHANG},肢体,10030000001,柳坝村1号,柳坝村
王伟,{WANG_WEI},视力,10030000002,石港村3号,石港村
"""


RESIDENTS_ID = "changzhu"
FATHER, SON, ALONE = number("19500101", 1), number("20001231", 1), number("19600202", 4)
REGISTER = f"""姓名,公民身份号码,户号,与户主关系,户籍地址,户籍状态,所属村（社区）
张建国,{FATHER},H01,户主,柳坝村1号,正常,柳坝村
张小军,{SON},H01,子,柳坝村1号,正常,柳坝村
李独居,{ALONE},H02,户主,柳坝村2号,正常,柳坝村
"""
RESIDENTS = """
常住人口花名册
序号 | 姓名 | 公民身份号码 | 与户主关系 | 户籍地址 | 是否脱贫户 | 联系电话 | 户口簿号
1    |      |              |            |          |            |          |
2    |      |              |            |          |            |          |
"""
HELPED = """
村脱贫情况统计表
指标名称    | 计量单位 | 数值
脱贫户数    | 户       |
脱贫人口数  | 人       |
养老床位    | 张       |
"""


def many(count: int) -> list[str]:
    """So many further disabled people of one village."""
    return [f"残{at:04d},{number('19600101', at)},肢体,1003{at:07d},柳坝村{at}号,柳坝村" for at in range(10, 10 + count)]


def with_rosters(store: Store, folder: Path, people: Sequence[str] = (), clock: datetime = county.NOON) -> county.Made:
    """The county with October open; `people`: further lines of the list of the disabled, whom the population list holds too."""
    folder.mkdir(exist_ok=True)
    more = "".join(
        f"{name},{id_},{address},正常,{village}\n" for name, id_, _, _, address, village in (p.split(",") for p in people)
    )
    lists = [
        DataFile("户籍人口.csv", "公安", county.PEOPLE + more),
        DataFile("持证残疾人.csv", "残联", DISABLED + "".join(f"{line}\n" for line in people)),
    ]
    disabled = county.shipped(folder, "canji", "残联", DISABLED_FORM)
    return with_lists(
        store, folder, lists, [replace(disabled, kind="roster"), county.shipped(folder, "canlian", "残联", COUNTED)], clock
    )


@dataclass(frozen=True)
class DataFile:
    """One department's list of people."""

    name: str
    department: str
    text: str


def with_lists(
    store: Store, folder: Path, lists: Sequence[DataFile], forms: Sequence[ShippedForm], clock: datetime = county.NOON
) -> county.Made:  # fmt: skip
    """The county with these lists and forms, October open in both villages."""
    data = folder / "shared"
    data.mkdir()
    manifest = "regions: regions.csv\ndatasets:\n"
    for one in lists:
        (data / one.name).write_text(one.text, encoding="utf-8")
        manifest += f"- {{file: {one.name}, department: {one.department}, level: person, as_of: 2026-10-01}}\n"
    (data / "manifest.yml").write_text(manifest, encoding="utf-8")
    (data / "regions.csv").write_text(
        "code,name,parent\n" + "".join(f"{c},{name},{parent}\n" for c, (name, parent) in county.REGIONS.places.items()),
        encoding="utf-8",
    )
    secrets = Secrets({"1": b"k" * 32}, "1", b"f" * 32)
    desk = Desk(store, secrets, lambda: clock, shared=SharedData(str(data), DemoRegions(("99",))))
    setup.set_up(desk, county.REGIONS, setup.levels_of(county.REGIONS), forms)
    actors = [county.WANG, county.SHI, county.LEADER, county.STEWARD, county.STRANGER]
    rows = [{"id": a.id, "login": a.id, "name": a.name, "role": str(a.role), "region": a.region} for a in actors]
    store.write(lambda c: c.execute(insert(account), rows))
    dispatch.open_period(
        desk, county.STEWARD, county.OCTOBER, date(2026, 11, 6), dispatch.due_forms(desk, county.OCTOBER), county.COUNTY
    )
    catalogue = dispatch.catalogue_of(desk, PERIOD)
    return county.Made(desk, {element.name: element.id for element in catalogue.merged.elements})


def with_households(store: Store, folder: Path, clock: datetime = county.NOON) -> county.Made:
    """The county with a roster of residents, two of whom live in one household, October open."""
    folder.mkdir(exist_ok=True)
    forms = [
        replace(county.shipped(folder, RESIDENTS_ID, "公安", RESIDENTS), kind="roster"),
        county.shipped(folder, "bangfu", "民政", HELPED),
    ]
    return with_lists(store, folder, [DataFile("户籍人口.csv", "网格", REGISTER)], forms, clock)


FLOATING_ID = "liudong"
FLOATER = number("19850505", 7)
FLOATING = """
流动人口花名册
序号 | 姓名 | 公民身份号码 | 性别 | 联系电话 | 现住址 | 备注
1    |      |              |      |          |        |
2    |      |              |      |          |        |
"""
COUNTED_FLOATING = """
村流动人口情况统计表
指标名称    | 计量单位 | 数值
流动人口数  | 人       |
残疾人数    | 人       |
"""
FLOATERS = f"""姓名,公民身份号码,联系电话,现住址,所属村（社区）
刘小流,{FLOATER},10030000007,柳坝村7号,柳坝村
"""


def with_floating(store: Store, folder: Path, clock: datetime = county.NOON) -> county.Made:
    """The county with rosters of people from elsewhere and of the disabled: 刘小流, who lives in the first village, is on both."""
    folder.mkdir(exist_ok=True)
    lists = [
        DataFile("户籍人口.csv", "公安", county.PEOPLE),
        DataFile("流动人口.csv", "公安", FLOATERS),
        DataFile("持证残疾人.csv", "残联", DISABLED + f"刘小流,{FLOATER},肢体,10030000007,柳坝村7号,柳坝村\n"),
    ]
    forms = [
        replace(county.shipped(folder, FLOATING_ID, "公安", FLOATING), kind="roster"),
        replace(county.shipped(folder, "canji", "残联", DISABLED_FORM), kind="roster"),
        county.shipped(folder, "tongji", "公安", COUNTED_FLOATING),
    ]
    return with_lists(store, folder, lists, forms, clock)
