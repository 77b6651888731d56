"""Code lists: what a cell's text stands for, and what is said about a bad edit."""

from pathlib import Path

import pytest

from consolidation.codes import check_codes, load_codes, load_mappings

LISTS = load_codes()
MAPPINGS = load_mappings()


def test_shipped_lists_have_no_faults() -> None:
    assert check_codes() == []


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("sex", "男", "1"),
        ("sex", "１", "1"),
        ("sex", " 女 性 ", "2"),
        ("sex", "2-女", "2"),
        ("ethnic", "1", "01"),  # Excel dropped the zero
        ("ethnic", "汉", "01"),
        ("ethnic", "56 基诺族", "56"),
        ("education", "大专", "30"),
        ("relation", "儿媳妇", "38"),
        ("relation", "妻", "12"),
        ("political", "中共党员", "01"),
        ("danger_grade", "Ｄ级", "D"),
        ("employment", "退(离)休人员", "80"),  # half-width brackets
        ("hukou_kind", "居民户口", "3"),
        ("region", "示例省", None),
        ("region", "鼓楼区", None),  # several counties carry the name
        ("sex", "男女", None),
        ("sex", "1-女", None),  # code and name contradict each other
        ("sex", "", None),
    ],
)
def test_find(name: str, text: str, code: str | None) -> None:
    assert LISTS[name].find(text) == code


def test_national_lists_are_whole() -> None:
    assert [code.code for code in LISTS["ethnic"].codes][:56] == [f"{number:02d}" for number in range(1, 57)]
    assert [code.code for code in LISTS["industry"].codes] == [f"{number:02d}" for number in range(1, 98)]
    assert "".join(code.code for code in LISTS["industry_section"].codes) == "ABCDEFGHIJKLMNOPQRST"
    assert sum(code.code.endswith("0000") for code in LISTS["region"].codes) == 34
    assert {code.name for code in LISTS["disability_kind"].codes} >= {"视力残疾", "多重残疾"}


def test_every_region_hangs_on_its_province() -> None:
    regions = LISTS["region"]
    assert all(f"{code.code[:2]}0000" in regions for code in regions.codes)


def test_region_is_assigned_as_far_as_the_list_can_tell() -> None:
    regions = LISTS["region"]
    assert not regions.assigned("990101")
    assert regions.assigned("110101")
    assert regions.assigned("110199"), "a county that the list may merely lack"
    assert not LISTS["sex"].assigned("3"), "a complete list is strict"
    assert LISTS["degree"].assigned("299"), "an incomplete list without a complete level denies nothing"


def test_groups_and_mappings() -> None:
    education = MAPPINGS["education_short"]
    assert education.group("初中及以下") == frozenset({"70", "71", "73", "80", "81", "83", "90"})
    assert education.group("初中及以上") is None
    assert education.back("61") == "4"
    assert education.back("90") is None, "illiterate and under school age are one code in the standard"
    assert "01" not in (MAPPINGS["ethnic_groups"].group("少数民族") or {"01"})


def edited(tmp_path: Path, table: str, head: str = "", mapping: str = "") -> list[str]:
    head = head or "{standard: X, title: 表, edition: '1', purpose: 试, source: 试, complete: true}"
    (tmp_path / "a.csv").write_text("code,name,aliases,note\n" + table, encoding="utf-8")
    (tmp_path / "a.yml").write_text(head, encoding="utf-8")
    if mapping:
        (tmp_path / "mappings").mkdir()
        (tmp_path / "mappings" / "m.yml").write_text(mapping, encoding="utf-8")
    return check_codes(tmp_path)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("1,男,,\n1,女,,\n", "代码 1 出现两次"),
        ("1,,,\n", "名称为空"),
        ("1,男,先生,\n2,女,先生,\n", "“先生”既指 1 又指 2"),
        ("1,男\n", "第 2 行不是 4 列"),
    ],
)
def test_bad_table_is_named(tmp_path: Path, table: str, said: str) -> None:
    faults = edited(tmp_path, table)
    assert len(faults) == 1
    assert said in faults[0]


def test_bad_mapping_is_named(tmp_path: Path) -> None:
    faults = edited(tmp_path, "1,男,,\n", mapping="{from: a, to: a, map: {'1': ['1'], '7': ['1']}, groups: {全部: ['1', '9']}}")
    assert any("没有的代码 7" in fault for fault in faults)
    assert any("没有的代码 9" in fault for fault in faults)
    assert len(faults) == 2


def test_mapping_to_an_unknown_list(tmp_path: Path) -> None:
    assert "没有的代码表 b" in edited(tmp_path, "1,男,,\n", mapping="{from: a, to: b, map: {}, groups: {}}")[0]


def test_head_must_say_where_a_list_comes_from(tmp_path: Path) -> None:
    assert "缺少" in edited(tmp_path, "1,男,,\n", head="{title: 表}")[0]


def test_a_list_that_cannot_be_read_is_refused_whole(tmp_path: Path) -> None:
    edited(tmp_path, "1,男\n")
    with pytest.raises(ValueError, match="第 2 行"):
        load_codes(tmp_path)
