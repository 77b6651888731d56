"""Merging: every field in one element; certain ones together, likely ones asked, decisions remembered."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from consolidation.lexicon import load_lexicon
from consolidation.match import Decision, Decisions, append_decisions, merge, read_decisions
from consolidation.model import Merged, Relation
from forms.model import Form
from tests.consolidation.inline import form, statistic

LEXICON = load_lexicon()
LABELS = [
    "姓名",
    "性别",
    "公民身份号码",
    "联系电话",
    "手机号码",
    "户籍地址",
    "现住址",
    "户主姓名",
    "出生年月",
    "出生日期",
    "特长",
    "备注 <remark>",
    "不在词库里的栏目",
]


def together(merged: Merged, a: str, b: str) -> bool:
    """Whether the fields with these last labels are in one element."""
    homes = {member.field.label: element.id for element in merged.elements for member in element.members}
    return homes[a] == homes[b]


def test_equal_meanings_of_two_forms_are_one_element() -> None:
    merged = merge([form("残疾人花名册", "姓名", "身份证号"), form("志愿者名单", "姓 名", "公民身份号码")], LEXICON)
    assert together(merged, "身份证号", "公民身份号码")
    assert not together(merged, "姓名", "公民身份号码")


def test_units_of_one_dimension_are_converted_exactly() -> None:
    merged = merge(
        [statistic("村基本情况", "村名称", "耕地面积[亩]"), statistic("村情况表", "村名称", "耕地面积[公顷]")], LEXICON
    )
    members = next(e.members for e in merged.elements if len(e.members) == 2 and e.unit)
    converted = next(m for m in members if m.relation is Relation.CONVERTED)
    # the element takes one of the two units; 15 mu are one hectare (GB 3100)
    assert min(abs(converted.factor * 15 - 1), abs(converted.factor / 15 - 1)) < Decimal("1e-20")
    assert "换算" in converted.rule


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(LABELS), min_size=1, max_size=8, unique=True), min_size=1, max_size=5))
def test_every_field_is_in_exactly_one_element(forms: list[list[str]]) -> None:
    made: list[Form] = [form("人员花名册", *labels, file=f"{i}.xlsx") for i, labels in enumerate(forms)]
    merged = merge(made, LEXICON)
    keys = [member.key for element in merged.elements for member in element.members]
    assert len(keys) == len(set(keys)) == sum(len(labels) for labels in forms)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(4)))
def test_the_order_of_files_does_not_matter(order: list[int]) -> None:
    made = [form("人员花名册", *LABELS[i : i + 5], file=f"{i}.xlsx") for i in range(4)]
    expected = {frozenset(m.key for m in e.members) for e in merge(made, LEXICON).elements}
    assert {frozenset(m.key for m in e.members) for e in merge([made[i] for i in order], LEXICON).elements} == expected


def test_what_is_only_likely_is_asked_with_a_reason_and_not_merged() -> None:
    merged = merge([form("残疾人花名册", "姓名", "联系电话"), form("志愿者名单", "姓名", "手机号码")], LEXICON)
    assert not together(merged, "联系电话", "手机号码")
    (review,) = [r for r in merged.review if "电话" in r.reason]
    assert {review.a.file, review.b.file} == {"残疾人花名册.xlsx", "志愿者名单.xlsx"}


def test_a_persons_decision_is_stored_applied_and_can_be_undone(tmp_path: Path) -> None:
    forms = [form("残疾人花名册", "姓名", "联系电话"), form("志愿者名单", "姓名", "手机号码")]
    first = merge(forms, LEXICON)
    meaning = {m.field.label: e.meaning for e in first.elements for m in e.members}
    store = tmp_path / "decisions.jsonl"
    when = datetime(2026, 11, 21, 9, 30).isoformat()
    append_decisions(store, [Decision(meaning["联系电话"], meaning["手机号码"], True, "王主任", when)])
    agreed = merge(forms, LEXICON, read_decisions(store))
    assert together(agreed, "联系电话", "手机号码")
    assert "person" in {m.decided for e in agreed.elements for m in e.members}
    append_decisions(store, [Decision(meaning["联系电话"], meaning["手机号码"], False, "王主任", when, "是两个号码")])
    undone = merge(forms, LEXICON, read_decisions(store))
    assert not together(undone, "联系电话", "手机号码")
    assert not [r for r in undone.review if "电话" in r.reason], "what was refused is not asked again"


def test_two_age_limits_of_one_group_are_shown_as_a_conflict() -> None:
    merged = merge([statistic("村情况一", "60岁以上老年人数[人]"), statistic("村情况二", "65岁以上老年人数[人]")], LEXICON)
    (conflict,) = merged.conflicts
    assert "60岁起" in conflict.reason and "65岁起" in conflict.reason and "老年人权益保障法" in conflict.reason


def test_option_lists_without_anything_in_common_are_two_questions() -> None:
    merged = merge(
        [
            form("低保户登记表", "户主姓名", "家庭类型 {低保户|特困户}"),
            form("危房户登记表", "户主姓名", "家庭类型 {独生子女户|双女户}"),
        ],
        LEXICON,
    )
    kinds = [e for e in merged.elements if any(m.field.label == "家庭类型" for m in e.members)]
    assert len(kinds) == 2
    assert any("家庭类型" in c.name for c in merged.conflicts)


def test_no_decisions_are_no_decisions(tmp_path: Path) -> None:
    assert len(read_decisions(tmp_path / "missing.jsonl")) == len(Decisions()) == 0


def test_a_short_list_of_options_is_converted_into_the_national_one() -> None:
    found = merge(
        [
            form("居民登记表", "姓名", "政治面貌{中共党员|共青团员|民主党派|群众}"),
            form("党员登记表", "姓名", "政治面貌{中共党员|群众}"),
        ],
        LEXICON,
    )
    members = next(e for e in found.elements if e.codes == "GB/T 4762").members
    assert {m.form.title: m.relation for m in members} == {"居民登记表": Relation.CONVERTED, "党员登记表": Relation.SAME}
    assert "GB/T 4762" in next(m.rule for m in members if m.relation is Relation.CONVERTED)
