"""Where a row belongs: by codes and names under whatever header, by a tree or by the codes alone."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from consolidation.derive import derivations
from consolidation.fill import Regions, read_sources
from consolidation.fill.model import DataSet
from consolidation.fill.regions import grown, regions_of
from consolidation.fill.sources import Entry, Raw
from consolidation.fill.understand import understand
from consolidation.filling import fill_from
from consolidation.filling import regions_of as tree_of
from consolidation.lexicon import load_lexicon
from consolidation.match import merge
from consolidation.service import first_community, has_region
from forms.periods import Period
from forms.values import DemoRegions
from tests.consolidation.inline import statistic
from tests.consolidation.test_fill_sources import number

LEXICON = load_lexicon()
DEMO = DemoRegions(("99",))
TOWN, LIU, SHI = "990101001", "990101001201", "990101001202"
TREE = Regions({"990101": ("云溪县", ""), TOWN: ("柳河镇", ""), LIU: ("柳坝村", ""), SHI: ("石港村", "")})


def listed(header: str, *rows: str) -> DataSet:
    names = tuple(header.split(","))
    frame = pd.DataFrame([row.split(",") for row in rows], columns=range(len(names)), dtype=object)
    return understand(Raw("名册.csv", "", "人员名册", names, frame), Entry("名册.csv", level="person"), LEXICON)


@pytest.mark.parametrize(
    "header", ["所在村代码", "村居代码", "社区编码", "属地代码", "常住地区划码", "辖区编号", "CUNDM", "字段七"]
)
def test_a_column_of_codes_is_known_by_its_words_or_by_what_it_holds(header: str) -> None:
    found = regions_of(listed(f"姓名,{header}", f"张三,{LIU}", f"李四,{SHI}", "王五,"), TREE)
    assert list(found) == [LIU, SHI, ""]


@pytest.mark.parametrize("header", ["所属村(社区)名称", "属地", "所在网格村", "字段七"])
def test_a_column_of_names_too(header: str) -> None:
    found = regions_of(listed(f"姓名,{header}", "张三,柳坝村", "李四,石港村村民委员会", "王五,云溪县柳河镇柳坝村"), TREE)
    assert list(found) == [LIU, SHI, LIU]


def test_where_somebody_came_from_is_not_where_he_belongs() -> None:
    found = regions_of(listed("姓名,籍贯代码,迁出地代码", f"张三,{LIU},{LIU}"), TREE)
    assert list(found) == [""]


def test_a_code_of_twelve_digits_may_be_a_townships() -> None:
    assert list(regions_of(listed("姓名,区划代码", f"张三,{TOWN}000", f"李四,{LIU}.0", f"王五,{SHI}007"), TREE)) == [
        TOWN,
        LIU,
        SHI,
    ]


def test_the_townships_code_and_the_villages_name_tell_the_village_together() -> None:
    other = "990101002"
    tree = Regions({**TREE.places, other: ("青山镇", ""), f"{other}201": ("柳坝村", "")})
    rows = listed("姓名,乡镇代码,村名", f"张三,{TOWN},柳坝村", f"李四,{other},柳坝村", f"王五,{other},")
    assert list(regions_of(rows, tree)) == [LIU, f"{other}201", other]


@pytest.mark.parametrize("town", ["乡镇", "所属乡镇（街道）", "街道名称"])
@pytest.mark.parametrize("village", ["村名", "所在村（社区）"])
def test_so_does_the_townships_name(town: str, village: str) -> None:
    other = "990101002"
    tree = Regions({**TREE.places, other: ("青山镇", ""), f"{other}201": ("柳坝村", "")})
    rows = listed(f"姓名,{town},{village}", "张三,柳河镇,柳坝村", "李四,青山镇,柳坝村委会", "王五,青山镇,", "赵六,,石港村")
    assert list(regions_of(rows, tree)) == [LIU, f"{other}201", other, SHI]


def test_without_told_parents_the_codes_say_what_lies_where() -> None:
    assert TREE.below(TOWN) == {TOWN, LIU, SHI} and TREE.above(LIU) == [LIU, TOWN, "990101"]
    assert Regions({LIU: ("柳坝村", "990101"), SHI: ("石港村", "990101")}).below(TOWN) == {TOWN, LIU, SHI}


def test_the_tree_grows_where_only_lists_tell_the_villages() -> None:
    people = listed("姓名,村代码,村名", f"张三,{LIU},柳坝村", f"李四,{SHI},石港村", "王五,990199001201,外地村")
    tree = grown(Regions(), [people], TOWN)
    assert tree.below(TOWN) == {TOWN, LIU, SHI} and tree.name(LIU) == "柳坝村"
    assert grown(Regions(), [people], LIU).name(LIU) == "柳坝村"
    county = grown(Regions({"990101": ("云溪县", ""), TOWN: ("柳河镇", "990101")}), [people], "990101")
    assert county.below("990101") == {"990101", TOWN, LIU, SHI}


def test_a_whole_tree_does_not_grow_by_a_slip_in_a_list() -> None:
    assert grown(TREE, [listed("姓名,村代码", "张三,990101001299")], LIU) == TREE


PEOPLE = "姓名,身份证号,性别,所在村代码\n" + "".join(
    f"张{order},{number('19500101', order)},男,{code}\n" for order, code in ((1, LIU), (3, LIU), (5, SHI))
)


def counted(where: Path, region: str) -> object:
    merged = merge([statistic("村基本情况统计表", "户籍人口[人]")], LEXICON)
    result = fill_from(str(where), merged, derivations(merged, LEXICON), region, Period.parse("2026-10"), LEXICON, DEMO)
    assert not [p for p in result.problems if p.severity == "error"]
    (figure,) = result.data.places.values()
    return figure.value


@pytest.mark.parametrize(("region", "people"), [(LIU, 2), (TOWN, 3), (f"{TOWN}000", 3), ("990101", 3)])
def test_a_township_or_county_counts_its_villages_without_a_region_table(tmp_path: Path, region: str, people: int) -> None:
    (tmp_path / "户籍人口.csv").write_text(PEOPLE, encoding="utf-8")
    assert counted(tmp_path, region) == people


def test_a_single_file_has_the_region_table_beside_it(tmp_path: Path) -> None:
    (tmp_path / "户籍人口.csv").write_text(PEOPLE.replace(LIU, "柳坝村").replace(SHI, "石港村"), encoding="utf-8")
    table = f"code,name,parent\n990101,云溪县,\n{TOWN},柳河镇,990101\n{LIU},柳坝村,{TOWN}\n{SHI},石港村,{TOWN}\n"
    (tmp_path / "regions.csv").write_text(table, encoding="gb18030")
    one = tmp_path / "户籍人口.csv"
    assert tree_of(read_sources(one, LEXICON), str(one)).name(LIU) == "柳坝村"
    assert counted(one, LIU) == 2


@pytest.mark.parametrize(("table", "lists"), [(True, False), (True, True), (False, True)])
@pytest.mark.parametrize("single", [True, False])
def test_what_is_known_of_regions_is_what_filling_knows(tmp_path: Path, table: bool, lists: bool, single: bool) -> None:
    """A table of regions beside a file or in a folder, one that ends with the townships, or none but the lists' codes."""
    people = PEOPLE if lists else PEOPLE.replace(LIU, "柳坝村").replace(SHI, "石港村")
    (tmp_path / "户籍人口.csv").write_text(people, encoding="utf-8")
    villages = f"{LIU},柳坝村,{TOWN}\n{SHI},石港村,{TOWN}\n" if not lists else ""
    if table:
        (tmp_path / "regions.csv").write_text(
            f"code,name,parent\n990101,云溪县,\n{TOWN},柳河镇,990101\n{villages}", encoding="utf-8"
        )
    where = str(tmp_path / "户籍人口.csv") if single else str(tmp_path)
    assert first_community(where) == LIU
    assert all(has_region(where, code) for code in (LIU, SHI, TOWN, f"{TOWN}000", "990101"))
    assert not has_region(where, "990101001299") and not has_region(where, "")
