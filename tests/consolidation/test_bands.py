"""Age bands beside one another: what each of them means where two share an age."""

from __future__ import annotations

import pytest

from tests.consolidation.inline import read, statistic


def ages(*labels: str) -> list[str]:
    table = statistic("人口年龄情况统计表", "人口总数[人]", *(f"年龄分布/{label}[人]" for label in labels))
    return [dict(item.meaning.qualifiers).get("age", "") for item in read(table).values()][1:]


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        (("18岁以下", "18-59岁", "60岁以上"), ["-17", "18-59", "60-"]),
        (("16岁以下", "16-59岁", "60岁以上"), ["-15", "16-59", "60-"]),
        (("16岁以下", "16-60岁", "60岁以上"), ["-15", "16-59", "60-"]),
        (("35岁以下", "36-45岁", "46岁以上"), ["-35", "36-45", "46-"]),
        (("35岁以下", "35-45岁", "45-60岁", "60岁以上"), ["-34", "35-44", "45-59", "60-"]),
        (("35岁及以下", "35-45岁", "46岁以上"), ["-35", "36-45", "46-"]),
        (("35岁及以下", "36-54岁", "55岁及以上"), ["-35", "36-54", "55-"]),
        (("18岁以下", "18岁以上"), ["-17", "18-"]),
        (("0-3岁", "3-6岁", "6-14岁"), ["0-2", "3-5", "6-14"]),
    ],
)
def test_no_age_is_in_two_bands_of_one_list(printed: tuple[str, ...], meant: list[str]) -> None:
    assert ages(*printed) == meant


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        (("60岁以上", "65岁以上", "80岁以上"), ["60-", "65-", "80-"]),
        (("18岁以下", "60岁以上"), ["-18", "60-"]),
        (("35岁及以下", "35岁及以上"), ["-35", "35-"]),
    ],
)
def test_what_shares_no_bound_or_says_it_includes_it_keeps_what_the_law_says(printed: tuple[str, ...], meant: list[str]) -> None:
    assert ages(*printed) == meant


def test_neighbours_are_bands_of_the_same_thing() -> None:
    found = read(statistic("人口情况统计表", "18岁以下残疾人数[人]", "18-59岁党员人数[人]"))
    assert [dict(item.meaning.qualifiers)["age"] for item in found.values()] == ["-18", "18-59"]


def test_a_band_that_its_neighbours_cut_is_not_the_one_that_stands_alone() -> None:
    among = read(statistic("人口情况统计表", "户籍人口/18岁以下[人]", "户籍人口/18-59岁[人]"))["户籍人口/18岁以下"]
    alone = read(statistic("人口情况统计表", "户籍人口/18岁以下[人]"))["户籍人口/18岁以下"]
    assert among.meaning != alone.meaning
