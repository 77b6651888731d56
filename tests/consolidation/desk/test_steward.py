"""The steward: a form is admitted, a changed edition compared, doubtful matches decided, elements kept, conflicts settled."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from consolidation.desk import admission, conflicts, dispatch, drafts, elements, formbook, matching, worksheet
from consolidation.desk.admission import Proposal
from consolidation.desk.context import Desk
from consolidation.desk.drafts import Cell
from consolidation.desk.elements import Edit, Wanted
from consolidation.desk.model import Actor, Clash, Invalid, NotAllowed, NotThere, Role
from consolidation.store import Store, verify
from consolidation.store.schema import figure
from forms.periods import Period
from tests.consolidation.desk.county import (
    COUNTY,
    ELSEWHERE,
    LEADER,
    NOON,
    STEWARD,
    STONE,
    TOWN,
    WANG,
    WILLOW,
    Made,
    desk_of,
    opened,
    sheet,
)  # fmt: skip
from tests.consolidation.test_fill_sources import number

# 60岁以上 and 耕地面积 are asked already, the total follows from its parts, the beds are in another period's words, two are new.
AGEING = """
村老龄工作情况统计表
指标名称          | 计量单位 | 数值
60岁以上户籍人口  | 人       |
80岁以上户籍人口  | 人       |
耕地面积          | 公顷     |
老年食堂          | 个       |
"""
AGEING_2 = """
村老龄工作情况统计表
指标名称          | 计量单位 | 数值
80岁以上户籍人口  | 人       |
60岁以上户籍人口  | 人       |
耕地面积          | 亩       |
老年学校          | 所       |
"""
BASIS = "《中华人民共和国老年人权益保障法》"
NOVEMBER = Period.parse("2026-11")


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_of(store, tmp_path)


def proposal(table: str = AGEING, form: str = "", **other: str) -> Proposal:
    about = {"department": "卫健局", "frequency": "monthly", "level": "village", "basis": BASIS, **other}
    return Proposal("老龄工作.xlsx", sheet(table), **about, form=form)


def handed_in(desk: Desk, table: str = AGEING, form: str = "") -> tuple[str, int]:
    made = admission.propose(desk, STEWARD, proposal(table, form))
    return made.form, made.version


def live(desk: Desk, valid_from: str = "2026-11", table: str = AGEING, form: str = "") -> str:
    name, number_ = handed_in(desk, table, form)
    admission.settle_rest(desk, STEWARD, name, number_)
    admission.go_live(desk, STEWARD, name, number_, valid_from)
    return name


# ---- admission ----------------------------------------------------------------------------------------------------------


def test_a_form_is_stored_as_proposed_with_its_reading_and_verdict(desk: Desk) -> None:
    name, version = handed_in(desk)
    seen = admission.examine(desk, STEWARD, name, version)
    assert seen.version.state == "proposed" and seen.version.title == "村老龄工作情况统计表"
    names = {sort: [one.name for one in found] for sort, found in seen.asked.items()}
    assert names["held"] == ["60岁以上户籍人口", "耕地面积"]
    assert "老年食堂" in names["new"][-1]
    assert seen.verdict.startswith("4 栏：2 栏已有")
    held = seen.asked["held"][0]
    assert set(held.holders) == {"村人口情况统计表", "村养老服务情况统计表"} and held.where == ("Sheet!C3",)


def test_nothing_is_asked_before_the_form_is_live_and_then_from_its_period_on(desk: Desk) -> None:
    name, version = handed_in(desk)
    assert name not in dispatch.due_forms(desk, NOVEMBER)
    admission.settle_rest(desk, STEWARD, name, version)
    admission.go_live(desk, STEWARD, name, version, "2026-11")
    assert name in dispatch.due_forms(desk, NOVEMBER)
    assert name not in dispatch.due_forms(desk, Period.parse("2026-10"))


def test_a_refused_form_keeps_the_reason_and_asks_nobody(desk: Desk) -> None:
    name, version = handed_in(desk)
    with pytest.raises(Invalid):
        admission.refuse(desk, STEWARD, name, version, "  ")
    done = admission.refuse(desk, STEWARD, name, version, "四栏里两栏已有")
    assert (done.state, done.reason, done.decided_by) == ("refused", "四栏里两栏已有", "赵管理")
    assert done.verdict.startswith("4 栏")
    with pytest.raises(Clash):
        admission.go_live(desk, STEWARD, name, version, "2026-11")


def test_the_same_file_is_not_taken_in_twice(desk: Desk) -> None:
    one = proposal()
    admission.propose(desk, STEWARD, one)
    with pytest.raises(Clash, match="村老龄工作情况统计表"):
        admission.propose(desk, STEWARD, one)


def test_a_sheet_is_shown_with_the_role_of_each_cell_in_words(desk: Desk) -> None:
    name, version = handed_in(desk)
    picture = admission.sheet(desk, STEWARD, name, version, 1)
    cells = {cell.a1: cell for _, row in picture.rows for cell in row}
    assert (cells["A1"].name, cells["A1"].colspan) == ("标题", 3)
    assert cells["C3"].name == "待填" and "60岁以上户籍人口" in cells["C3"].path
    assert cells["A3"].name == "行标题" and cells["C2"].name == "列标题"
    with pytest.raises(NotThere):
        admission.sheet(desk, STEWARD, name, version, 2)


def test_a_changed_edition_is_compared_with_the_one_before(desk: Desk) -> None:
    name = live(desk)
    again = admission.propose(desk, STEWARD, proposal(AGEING_2, name))
    found = admission.examine(desk, STEWARD, name, again.version).comparison
    assert found is not None
    assert [spot.field.label for spot in found.added] == ["老年学校"]
    assert [spot.field.label for spot in found.removed] == ["老年食堂"]
    assert [change.after.field.unit for change in found.of("unit")] == ["亩"]
    assert {change.after.field.label for change in found.of("moved")} == {"60岁以上户籍人口", "80岁以上户籍人口"}
    assert admission.examine(desk, STEWARD, name, again.version).newly_asked == ("老年学校",)


def test_an_edition_takes_over_from_its_period_on_and_the_old_one_stays_for_the_periods_before(desk: Desk) -> None:
    name = live(desk, "2026-10")
    dispatch.open_period(desk, STEWARD, Period.parse("2026-10"), date(2026, 11, 6), [name], COUNTY)
    again = admission.propose(desk, STEWARD, proposal(AGEING_2, name))
    admission.settle_rest(desk, STEWARD, name, again.version)
    with pytest.raises(Clash, match="2026年10月"):
        admission.go_live(desk, STEWARD, name, again.version, "2026-10")
    admission.go_live(desk, STEWARD, name, again.version, "2026-11")
    dispatch.open_period(desk, STEWARD, NOVEMBER, date(2026, 12, 4), [name], COUNTY)
    asked = {period: {e.name for e in dispatch.catalogue_of(desk, period).figures} for period in ("2026-10", "2026-11")}
    assert "老年食堂" in asked["2026-10"] and "老年学校" not in asked["2026-10"]
    assert "老年学校" in asked["2026-11"] and "老年食堂" not in asked["2026-11"]
    assert [(one.version, one.state_name) for one in formbook.form_entry(desk, STEWARD, name).versions] == [
        (2, "在用"),
        (1, "停用"),
    ]


@pytest.mark.parametrize("period", ["", "2026-13", "明年", "2026-11; DROP", "0001", "9999-12", "2026-Q5"])
def test_a_form_goes_live_from_a_real_period_alone(desk: Desk, period: str) -> None:
    name, version = handed_in(desk)
    with pytest.raises(Invalid):
        admission.go_live(desk, STEWARD, name, version, period)


# ---- who may ------------------------------------------------------------------------------------------------------------

OTHERS = (WANG, LEADER, Actor("t", "训练", Role.TRAINER, COUNTY), Actor("s2", "镇管理", Role.STEWARD, TOWN),
          Actor("api", "接口", Role.STEWARD, COUNTY, frozenset({"figures:write"})))  # fmt: skip


@pytest.mark.parametrize("actor", OTHERS, ids=lambda actor: actor.id)
def test_only_a_steward_of_a_county_changes_what_is_asked_of_all(desk: Desk, actor: Actor) -> None:
    name, version = handed_in(desk)
    element = elements.elements(desk, STEWARD, Wanted()).found[0].id
    for act in (
        lambda: admission.propose(desk, actor, proposal(CARE_OTHER)),
        lambda: admission.examine(desk, actor, name, version),
        lambda: admission.sheet(desk, actor, name, version, 1),
        lambda: admission.go_live(desk, actor, name, version, "2026-11"),
        lambda: admission.refuse(desk, actor, name, version, "不要"),
        lambda: admission.settle(desk, actor, name, version, "a-b", same=True),
        lambda: elements.edit_element(desk, actor, element, Edit("改", "", "", "")),
        lambda: formbook.edit_form(desk, actor, "renkou", "公安局", "monthly", BASIS),
        lambda: formbook.retire(desk, actor, "renkou", "2026-12", "不用了"),
        lambda: matching.queue(desk, actor),
        lambda: matching.decide(desk, actor, "a-b", same=True),
        lambda: matching.withdraw(desk, actor, 1),
    ):
        with pytest.raises(NotAllowed):
            act()


CARE_OTHER = "村其他统计表\n指标名称 | 计量单位 | 数值\n沼气池 | 口 |\n"


# ---- what people hand in ------------------------------------------------------------------------------------------------


def packed(size: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * size)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("空.xlsx", b""), ("a.exe", b"MZ"), ("a.xlsx", b"PK\x03\x04 no zip at all"), ("a.xlsx", b"%PDF-1.7 ..."),
        ("大.xlsx", b"0" * (10 * 1024 * 1024 + 1)), ("炸弹.xlsx", packed(101 * 1024 * 1024)), ("空表.csv", b",,,\n,,,\n"),
        ("数据.csv", ("a,b,c\n" + "1,2,3\n" * 21_000).encode()),
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused_with_a_remedy(desk: Desk, name: str, data: bytes) -> None:
    with pytest.raises(Invalid) as told:
        admission.propose(desk, STEWARD, replace(proposal(), file=name, data=data))
    assert told.value.problem.hint
    assert admission.proposals(desk, STEWARD) == ()


@pytest.mark.parametrize(
    "wrong",
    [{"frequency": "hourly"}, {"level": "planet"}, {"department": ""}, {"department": "局" * 41}, {"basis": "领导口头布置"},
     {"basis": ""}, {"department": "卫\x00健局"}],
)  # fmt: skip
def test_what_is_said_of_a_form_is_checked(desk: Desk, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        admission.propose(desk, STEWARD, proposal(**wrong))


def test_an_edition_of_a_form_that_does_not_exist_is_refused(desk: Desk) -> None:
    with pytest.raises(NotThere):
        admission.propose(desk, STEWARD, proposal(form="../../etc/passwd"))


# ---- matches ------------------------------------------------------------------------------------------------------------

# The same name once with and once without the level: a question for a person.
BEDS = """
养老床位情况统计表
指标名称          | 计量单位 | 数值
养老床位          | 张       |
"""


def question(desk: Desk) -> str:
    live(desk, table=BEDS)
    # settle_rest said "different"; take that back to have the question open
    for made in matching.made(desk, STEWARD):
        matching.withdraw(desk, STEWARD, made.seq)
    (pair,) = matching.queue(desk, STEWARD).pairs
    return pair.id


def test_a_doubtful_match_is_shown_side_by_side_with_its_reason(desk: Desk) -> None:
    name, version = handed_in(desk, BEDS)
    seen = admission.examine(desk, STEWARD, name, version)
    (pair,) = seen.questions
    assert "哪一级" in pair.reason and "owner" in pair.differs
    assert {pair.a.examples[0].title, pair.b.examples[0].title} == {"村养老服务情况统计表", "养老床位情况统计表"}
    assert seen.verdict.endswith("1 栏待确认，0 栏新增")
    with pytest.raises(Clash, match="1 对"):
        admission.go_live(desk, STEWARD, name, version, "2026-11")
    admission.settle(desk, STEWARD, name, version, pair.id, same=True, reason="都是村里的")
    after = admission.examine(desk, STEWARD, name, version)
    assert after.open_questions == 0 and after.verdict.startswith("1 栏：1 栏已有")


def test_a_refused_match_makes_the_field_new(desk: Desk) -> None:
    name, version = handed_in(desk, BEDS)
    assert admission.settle_rest(desk, STEWARD, name, version) == 1
    assert admission.examine(desk, STEWARD, name, version).verdict.endswith("1 栏新增")


def test_a_forged_pair_is_no_question(desk: Desk) -> None:
    name, version = handed_in(desk, BEDS)
    catalogue = dispatch_catalogue(desk)
    a, b = list(catalogue)[:2]
    for pair in ("x", "", f"{a}-{b}", "e000000000000-e111111111111"):
        with pytest.raises(NotThere):
            admission.settle(desk, STEWARD, name, version, pair, same=True)
        with pytest.raises(NotThere):
            matching.decide(desk, STEWARD, pair, same=True)


def dispatch_catalogue(desk: Desk) -> list[str]:
    with desk.store.read() as c:
        return list(desk.catalogues.of(c).elements)


def test_a_decision_counts_from_the_next_period_and_is_taken_back_by_a_further_row(desk: Desk) -> None:
    pair = question(desk)
    ids = [one.form for one in admission.proposals(desk, STEWARD)]
    forms = ["yanglao", *ids]
    dispatch.open_period(desk, STEWARD, NOVEMBER, date(2026, 12, 4), forms, COUNTY)
    later = replace(desk, clock=lambda: NOON + timedelta(days=1))
    before = len(dispatch.catalogue_of(desk, "2026-11").figures)
    seq = matching.decide(later, STEWARD, pair, same=True, reason="同一张床")
    assert matching.queue(later, STEWARD).open == 0
    with pytest.raises(Clash):
        matching.decide(later, STEWARD, pair, same=False)
    dispatch.open_period(later, STEWARD, Period.parse("2026-12"), date(2027, 1, 5), forms, COUNTY)
    assert len(dispatch.catalogue_of(later, "2026-11").figures) == before
    assert len(dispatch.catalogue_of(later, "2026-12").figures) == before - 1
    matching.withdraw(later, STEWARD, seq)
    assert matching.queue(later, STEWARD).open == 1
    with pytest.raises(Clash):
        matching.withdraw(later, STEWARD, seq)
    assert not any(one.in_force for one in matching.made(later, STEWARD))


def test_two_ages_for_one_name_are_shown_as_a_conflict_of_definition(desk: Desk) -> None:
    live(desk, table="老年人情况统计表\n指标名称 | 计量单位 | 数值\n老年人（65岁以上） | 人 |\n老年人（60岁以上） | 人 |\n")
    (found,) = matching.disagreements(desk, STEWARD)
    assert "60岁起、65岁起" in found.reason and len(found.fields) >= 2


# ---- elements and forms -------------------------------------------------------------------------------------------------


def test_elements_are_found_by_name_department_and_what_is_not_said_yet(desk: Desk) -> None:
    every = elements.elements(desk, STEWARD, Wanted())
    assert every.total == len(every.found) == 7
    assert [one.name for one in elements.elements(desk, STEWARD, Wanted(text="床位")).found] == ["养老床位"]
    assert len(elements.elements(desk, STEWARD, Wanted(department="民政局")).found) == 3
    assert len(elements.elements(desk, STEWARD, Wanted(truth="-")).found) == 7
    assert elements.elements(desk, STEWARD, Wanted(unit="亩")).found[0].name == "耕地面积"


def test_an_element_shows_who_asks_for_it_what_follows_and_where_it_comes_from(desk: Desk) -> None:
    (people,) = elements.elements(desk, STEWARD, Wanted(text="户籍人口·男性")).found
    page = elements.element_page(desk, STEWARD, people.id)
    assert [(place.title, place.cell) for place in page.fields] == [("村人口情况统计表", "Sheet!C4")]
    assert any(follows.target[1] == "户籍人口" for follows in page.gives)
    assert "男" in page.understood


def test_what_a_steward_writes_of_an_element_is_kept_with_what_it_was(desk: Desk) -> None:
    (beds,) = elements.elements(desk, STEWARD, Wanted(text="养老床位")).found
    edit = Edit("年末能用的床位", "民政局", "conditional", "sum", "按民政部口径")
    elements.edit_element(desk, STEWARD, beds.id, edit)
    page = elements.element_page(desk, STEWARD, beds.id)
    assert (page.listed.definition, page.listed.truth, page.listed.rollup_name) == ("年末能用的床位", "民政局", "相加")
    (past,) = page.history
    assert ("数源部门", "（空）", "民政局") in past.changes and (past.who, past.reason) == ("赵管理", "按民政部口径")
    with pytest.raises(Invalid, match="依据"):
        elements.edit_element(desk, STEWARD, beds.id, Edit("年末能用的床位", "民政局", "none", "sum"))
    with pytest.raises(Invalid):
        elements.edit_element(desk, STEWARD, beds.id, Edit("", "", "public", "sum"))
    with pytest.raises(NotThere):
        elements.edit_element(desk, STEWARD, "e' OR 1=1", edit)


def test_a_form_ends_with_a_period_and_its_template_can_be_had(desk: Desk) -> None:
    name, data = formbook.template(desk, STEWARD, "renkou", 1)
    assert name == "村人口情况统计表（第1版）.xlsx" and data[:2] == b"PK"
    formbook.retire(desk, STEWARD, "renkou", "2026-10", "并入新表")
    assert "renkou" in dispatch.due_forms(desk, Period.parse("2026-10"))
    assert "renkou" not in dispatch.due_forms(desk, NOVEMBER)


def test_a_form_that_is_being_filled_in_keeps_its_frequency(store: Store, tmp_path: Path) -> None:
    desk = opened(store, tmp_path).desk
    formbook.edit_form(desk, STEWARD, "renkou", "县公安局", "monthly", BASIS)
    assert formbook.form_entry(desk, STEWARD, "renkou").department == "县公安局"
    with pytest.raises(Clash):
        formbook.edit_form(desk, STEWARD, "renkou", "县公安局", "yearly", BASIS)
    with pytest.raises(Clash):
        formbook.retire(desk, STEWARD, "renkou", "2026-09", "不用了")


# ---- conflicts ----------------------------------------------------------------------------------------------------------

PERIOD = "2026-10"


@pytest.fixture
def county(store: Store, tmp_path: Path) -> Made:
    return opened(store, tmp_path)


def disputed(county: Made) -> conflicts.Conflict:
    dispatch.prefill(county.desk, STEWARD, WILLOW, PERIOD)
    drafts.dispute(county.desk, WANG, WILLOW, PERIOD, county.element("户籍人口"), "少了一人", "3")
    (found,) = conflicts.conflicts(county.desk, STEWARD)
    return found


def test_a_dispute_is_settled_with_a_third_value_and_its_raiser_sees_the_answer(county: Made) -> None:
    found = disputed(county)
    assert (found.first, found.other, found.raised_by, found.place_name) == ("2", "3", "王填报", "柳坝村")
    conflicts.resolve(county.desk, STEWARD, found.seq, "third", "派出所复核", "4", found.version)
    (mine,) = conflicts.my_disputes(county.desk, WANG)
    assert (mine.state, mine.resolution, mine.resolved_by) == ("resolved", "另定：派出所复核", "赵管理")
    item = next(i for i in worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD).items if i.name == "户籍人口")
    assert item.value == "4" and [r.text for r in item.remarks] == ["另定：派出所复核"]
    past = conflicts.conflict_of(county.desk, STEWARD, found.seq).history
    assert [(one.value, one.note) for one in past] == [("2", ""), ("4", "派出所复核")]
    dispatch.prefill(county.desk, STEWARD, WILLOW, PERIOD)
    assert next(i for i in worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD).items if i.name == "户籍人口").value == "4"
    with pytest.raises(Clash):
        conflicts.resolve(county.desk, STEWARD, found.seq, "first", "再来一次")
    with county.desk.store.read() as c:
        assert not list(verify(c, county.desk.secrets.finder))


def test_a_figure_changed_meanwhile_is_not_settled_unseen(county: Made) -> None:
    found = disputed(county)
    held = next(i for i in worksheet.worksheet(county.desk, WANG, WILLOW, PERIOD).items if i.name == "户籍人口")
    drafts.save_cell(county.desk, WANG, WILLOW, PERIOD, Cell(held.element, "5", held.version, "入户核过"))
    with pytest.raises(Clash, match="现在是 5"):
        conflicts.resolve(county.desk, STEWARD, found.seq, "other", "采信村里", "", found.version)


@pytest.mark.parametrize(
    ("take", "third", "reason"), [("other", "", ""), ("fourth", "", "x"), ("third", "", "x"), ("third", "多", "x")]
)
def test_a_conflict_is_settled_by_a_value_with_a_reason_alone(county: Made, take: str, third: str, reason: str) -> None:
    found = disputed(county)
    with pytest.raises(Invalid):
        conflicts.resolve(county.desk, STEWARD, found.seq, take, reason, third)
    assert conflicts.conflicts(county.desk, STEWARD)[0].state == "open"


def test_nobody_sees_or_settles_a_conflict_of_another_region_or_without_the_role(county: Made) -> None:
    found = disputed(county)
    far = Actor("far", "邻县管理", Role.STEWARD, ELSEWHERE)
    assert conflicts.conflicts(county.desk, far) == ()
    for actor, told in ((far, NotThere), (WANG, NotAllowed), (LEADER, NotAllowed)):
        with pytest.raises(told):
            conflicts.conflict_of(county.desk, actor, found.seq)
        with pytest.raises(told):
            conflicts.resolve(county.desk, actor, found.seq, "other", "我说了算")
    with pytest.raises(NotThere):
        conflicts.conflicts(county.desk, far, place=WILLOW)
    with pytest.raises(NotThere):
        conflicts.find_conflicts(county.desk, far, STONE, PERIOD)
    assert conflicts.my_disputes(county.desk, LEADER) == ()


ROSTER = """
村民花名册
姓名 | 身份证号 | 户籍地址
     |          |
     |          |
"""


def test_lists_that_disagree_about_somebody_are_found_once_and_sealed(store: Store, tmp_path: Path) -> None:
    desk = desk_of(store, tmp_path)
    data = tmp_path / "shared" / "低保对象.csv"
    data.write_text(f"姓名,公民身份号码,户籍地址\n张建国,{number('19500101', 1)},柳坝村99号\n", encoding="utf-8")
    live(desk, "2026-10", ROSTER)
    name = admission.proposals(desk, STEWARD)[0].form
    dispatch.open_period(desk, STEWARD, Period.parse(PERIOD), date(2026, 11, 6), ["renkou", name], COUNTY)
    dispatch.prefill(desk, STEWARD, WILLOW, PERIOD)
    (found,) = conflicts.conflicts(desk, STEWARD)
    assert {found.first, found.other} == {"柳坝村1号", "柳坝村99号"} and found.kind == "sources"
    assert "19500101" not in found.whom and "户籍人口" in found.first_source + found.other_source
    assert conflicts.find_conflicts(desk, STEWARD, WILLOW, PERIOD) == 0
    conflicts.resolve(desk, STEWARD, found.seq, "other", "上门看过", "", found.version)
    with store.read() as c:
        rows = c.execute(select(figure).where(figure.c.region == WILLOW, figure.c.source == "冲突裁定")).all()
    (kept,) = rows
    assert kept.entity != WILLOW and kept.value.startswith("sm4:")
