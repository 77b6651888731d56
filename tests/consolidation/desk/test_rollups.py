"""A leader sees what the places below come to, of each figure how whole it is and who is missing; nobody sees more than is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from consolidation.desk import dispatch, elements, rollups
from consolidation.desk.context import Desk
from consolidation.desk.model import Invalid, NotAllowed, NotThere
from consolidation.desk.rollups import WITH_DRAFTS, roll_up, set_rule
from consolidation.desk.summary import keep_rules_of
from consolidation.meaning.model import Meaning
from consolidation.model import Derivation, Element, Formula
from consolidation.rollup import Status
from consolidation.store import Entry, Key, State, Store, figures
from consolidation.store.schema import audit, element, submission

from .conftest import COUNTY, LEADER, OTHER_TOWN, PERIOD, STEWARD, STRANGER, TOWN, VILLAGES, WORKER
from .county import STEWARD as MADE_STEWARD
from .county import opened


def has_elements(desk: Desk, **rules: str) -> None:
    rows = [
        {
            "id": name,
            "name": f"栏目{name}",
            "entity": "person" if name.startswith("p") else "village",
            "unit": "人",
            "rollup": rule,
        }
        for name, rule in rules.items()
    ]
    desk.store.write(lambda c: c.execute(element.insert(), rows))


def reports(desk: Desk, name: str, values: dict[str, str | None], state: State = State.REPORTED, period: str = PERIOD) -> None:
    for entity, value in values.items():
        place, _, person = entity.partition(" ")
        entry = Entry(Key(name, person or place, period), place, value, state, "填报", actor="wang", at=desk.now())
        desk.store.write(lambda c, entry=entry: figures.save(c, entry))


def test_four_of_five_reported_and_the_fifth_is_named(desk: Desk) -> None:
    has_elements(desk, e1="sum")
    reports(desk, "e1", dict(zip(VILLAGES, ["10", "0", "5", "7"], strict=False)))
    (line,) = roll_up(desk, LEADER, TOWN, PERIOD).lines
    assert (line.value.text, line.said, line.lacking) == ("22", "已报 4/5：缺 石港村", {Status.MISSING: ("石港村",)})
    assert [(child.name, child.value.text) for child in line.children][1:] == [
        ("河东村", "0"),
        ("河西村", "5"),
        ("新桥村", "7"),
        ("石港村", None),
    ]


def test_drafts_count_when_they_are_asked_for(desk: Desk) -> None:
    has_elements(desk, e1="sum")
    reports(desk, "e1", {VILLAGES[0]: "10"})
    reports(desk, "e1", {VILLAGES[1]: "3"}, State.DRAFT)
    assert roll_up(desk, LEADER, TOWN, PERIOD).lines[0].value.text == "10"
    assert roll_up(desk, LEADER, TOWN, PERIOD, states=WITH_DRAFTS).lines[0].value.text == "13"


def test_only_the_figures_of_the_period_count(desk: Desk) -> None:
    has_elements(desk, e1="sum")
    reports(desk, "e1", {VILLAGES[0]: "10"})
    reports(desk, "e1", {VILLAGES[1]: "99"}, period="2026-09")
    assert roll_up(desk, LEADER, TOWN, PERIOD).lines[0].value.text == "10"


def test_what_the_town_reported_itself_stands_beside_and_is_not_added(desk: Desk) -> None:
    has_elements(desk, e1="sum")
    reports(desk, "e1", {VILLAGES[0]: "10", TOWN: "50"})
    (line,) = roll_up(desk, LEADER, TOWN, PERIOD).lines
    assert (line.value.text, line.own) == ("10", "50")
    (county,) = roll_up(desk, STEWARD, COUNTY, PERIOD).lines
    assert county.value.text == "10" and {child.region: child.own for child in county.children} == {TOWN: "50", OTHER_TOWN: None}


def test_a_list_that_was_handed_in_empty_is_zero(desk: Desk) -> None:
    has_elements(desk, p1="distinct")
    reports(desk, "p1", {f"{VILLAGES[0]} a": "是", f"{VILLAGES[0]} b": "是"})
    here = (submission.c.period == PERIOD) & submission.c.region.in_(VILLAGES[1:3])
    desk.store.write(lambda c: c.execute(update(submission).where(here).values(state="submitted")))
    (line,) = roll_up(desk, LEADER, TOWN, PERIOD).lines
    assert (line.value.text, line.said) == ("2", "已报 3/5：缺 新桥村、石港村")


def test_few_and_many_figures_give_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    has_elements(desk, e1="sum", e2="mean:e2/e1", e3="last", p1="distinct")
    reports(desk, "e1", {VILLAGES[0]: "10", VILLAGES[1]: "—", VILLAGES[2]: None})
    reports(desk, "e2", {VILLAGES[0]: "2.5"})
    reports(desk, "e3", {VILLAGES[0]: "旧", VILLAGES[4]: "新"})
    reports(desk, "p1", {f"{VILLAGES[0]} a": "是"})
    few = roll_up(desk, LEADER, TOWN, PERIOD)
    monkeypatch.setattr(rollups, "ENGINE_FROM", 0)
    assert roll_up(desk, LEADER, TOWN, PERIOD) == few
    reports(desk, "e1", {VILLAGES[3]: "0.0000001"})  # more digits than the engine's columns hold
    assert roll_up(desk, LEADER, TOWN, PERIOD).lines[0].value.text == "10.0000001"


def test_of_some_elements_and_of_none_that_does_not_exist(desk: Desk) -> None:
    has_elements(desk, e1="sum", e2="sum", e3="")
    assert [line.element for line in roll_up(desk, LEADER, TOWN, PERIOD, ["e2"]).lines] == ["e2"]
    assert roll_up(desk, LEADER, TOWN, PERIOD).unruled == ("e3",)
    with pytest.raises(NotThere):
        roll_up(desk, LEADER, TOWN, PERIOD, ["e9"])


def test_a_part_that_is_not_asked_for_is_read_all_the_same(desk: Desk) -> None:
    has_elements(desk, n="sum", d="sum", r="ratio:n/d*100")
    reports(desk, "n", {VILLAGES[0]: "1"})
    reports(desk, "d", {VILLAGES[0]: "4"})
    assert roll_up(desk, LEADER, TOWN, PERIOD, ["r"]).lines[0].value.text == "25"


def test_nobody_sees_another_place(desk: Desk) -> None:
    for actor, code in ((STRANGER, TOWN), (LEADER, COUNTY), (WORKER, TOWN), (LEADER, "nowhere")):
        with pytest.raises(NotThere):
            roll_up(desk, actor, code, PERIOD)


def test_who_looked_is_in_the_audit_log(desk: Desk) -> None:
    roll_up(desk, LEADER, TOWN, PERIOD)
    with desk.store.read() as c:
        assert [(row.actor, row.act, row.target, row.chain) for row in c.execute(select(audit))] == [
            ("zhao", "rollup.read", TOWN, TOWN)
        ]


# ---- rules ----------------------------------------------------------------------------------------------------------------


def element_of(name: str, measure: str = "figure", dimension: str = "person", **more: str) -> Element:
    aggregate = more.pop("aggregate", "")
    concept = tuple(filter(None, [more.pop("concept", "")]))
    entity = more.pop("entity", "village")
    meaning = Meaning(entity, "", concept, measure, (("aggregate", aggregate),) if aggregate else (), dimension)
    return Element(name, name, meaning, (), type=more.pop("type", "number"))


@pytest.mark.parametrize(
    ("one", "rule"),
    [
        (element_of("e1"), "sum"),
        (element_of("e1", "count", "", entity="household"), "sum"),
        (element_of("e1", "figure", "money", aggregate="per-head"), "mean:e1/people"),
        (element_of("e1", "figure", "area", aggregate="per-household"), "none"),
        (element_of("e1", "figure", "person", aggregate="growth"), "none"),
        (element_of("e1", "ratio", "ratio"), "none"),
        (element_of("r", "ratio", "ratio"), "ratio:e1/people*100"),
        (element_of("ha", "figure", "area"), "sum:mu*1/15"),
        (element_of("e1", "figure", "age"), "none"),
        (element_of("e1", "attribute", "", type="text"), "none"),
        (element_of("e1", "date", "", type="date"), "none"),
        (element_of("e1", "identity", "", type="text", entity="person", concept="id-number"), "distinct"),
        (element_of("e1", "identity", "", type="text", entity="person", concept="name"), "none"),
        (element_of("e1", entity="filing"), "none"),
    ],
)  # fmt: skip
def test_a_rule_follows_from_what_is_measured(one: Element, rule: str) -> None:
    from decimal import Decimal

    from consolidation.rollup.default_rule import rollup_rule

    derivations = [
        Derivation("r", ("e1", "people"), Formula.RATIO, "", scale=Decimal(100)),
        Derivation("ha", ("mu",), Formula.ROLL_UP, "", scale=Decimal("0.06666666666666666666666666667")),
    ]
    assert str(rollup_rule(one, derivations, {"person": "people"})) == rule


def test_rules_are_kept_and_a_stewards_stays(store: Store, tmp_path: Path) -> None:
    made = opened(store, tmp_path)
    catalogue = dispatch.catalogue_of(made.desk, PERIOD)
    first, *others = catalogue.figures
    made.desk.store.write(lambda c: elements.keep_elements(c, catalogue, [first]))
    set_rule(made.desk, MADE_STEWARD, first.id, "max", "口径如此")
    assert keep_rules_of(made.desk, catalogue) == len(others)
    assert keep_rules_of(made.desk, catalogue) == 0
    with store.read() as c:
        rules = {row.id: row.rollup for row in c.execute(select(element))}
    assert rules[first.id] == "max" and all(rules[one.id] for one in others)


def test_a_steward_sets_a_rule_with_a_reason(desk: Desk) -> None:
    has_elements(desk, e1="sum", e2="sum", p1="distinct")
    set_rule(desk, STEWARD, "e1", "mean:e1/e2", "平均数不能相加")
    with desk.store.read() as c:
        assert c.execute(select(element.c.rollup).where(element.c.id == "e1")).scalar_one() == "mean:e1/e2"
        assert "rollup.rule" in c.execute(select(audit.c.act)).scalars().all()


@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        ("加起来", "因为", "看不懂"),
        ("mean:e1/e9", "因为", "没有数据元 e9"),
        ("mean:e1/p1", "因为", "同一类"),
        ("max", " ", "原因"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(desk: Desk, text: str, reason: str, said: str) -> None:
    has_elements(desk, e1="sum", e2="sum", p1="distinct")
    with pytest.raises(Invalid) as told:
        set_rule(desk, STEWARD, "e1", text, reason)
    assert said in told.value.problem.message + told.value.problem.hint


def test_only_a_steward_sets_rules_and_only_of_what_there_is(desk: Desk) -> None:
    has_elements(desk, e1="sum")
    with pytest.raises(NotAllowed):
        set_rule(desk, LEADER, "e1", "max", "因为")
    with pytest.raises(NotThere):
        set_rule(desk, STEWARD, "e9", "max", "因为")
