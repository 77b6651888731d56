"""What people get from a merge: the one table, the mapping they decide on, the report."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO

import openpyxl

from consolidation.derive import derivations, smallest_ask
from consolidation.lexicon import load_lexicon
from consolidation.match import Decisions, merge
from consolidation.model import Merged, Plan
from consolidation.publish import (
    answers,
    by_department,
    decisions_from,
    html_report,
    mapping_workbook,
    one_table_workbook,
    totals,
)
from forms.grid import read_bytes
from tests.consolidation.inline import form, statistic

LEXICON = load_lexicon()
FORMS = [
    form("残疾人花名册", "姓名", "公民身份号码", "性别", "联系电话", "残疾等级 {一级|二级|三级|四级}"),
    form("志愿者名单", "姓名", "身份证号", "手机号码"),
    statistic("村基本情况统计表", "户籍人口[人]", "户籍人口[人]/1.男[人]", "户籍人口[人]/2.女[人]", "耕地面积[亩]"),
]


def merged_forms() -> tuple[Merged, Plan]:
    merged = merge(FORMS, LEXICON)
    return merged, smallest_ask(merged.elements, derivations(merged, LEXICON), frozenset())


def test_the_mapping_lists_every_field_once() -> None:
    merged, plan = merged_forms()
    book = openpyxl.load_workbook(BytesIO(mapping_workbook(merged, plan, derivations(merged, LEXICON))))
    rows = list(book["栏目对照"].iter_rows(min_row=4, values_only=True))
    assert len(rows) == sum(len(one.fields) for one in FORMS)
    assert {row[5] for row in rows if row[3] in ("公民身份号码", "身份证号")} == {"公民身份号码"}


def test_an_answer_in_the_review_sheet_becomes_a_decision() -> None:
    merged, plan = merged_forms()
    book = openpyxl.load_workbook(BytesIO(mapping_workbook(merged, plan, ())))
    phones = next(row for row in book["待人工确认"].iter_rows(min_row=4) if "电话" in f"{row[3].value}{row[6].value}")
    phones[8].value, phones[9].value = "是", "王主任"
    saved = BytesIO()
    book.save(saved)
    found = answers(read_bytes(saved.getvalue(), "栏目对照.xlsx"))
    (decision,), problems = decisions_from(found, merged, "2026-11-21T10:00:00", "栏目对照.xlsx")
    assert not problems
    again = merge(FORMS, LEXICON, Decisions([decision]))
    assert decision.who == "王主任"
    assert len(again.elements) == len(merged.elements) - 1


def test_the_one_table_asks_for_every_figure_once() -> None:
    merged, plan = merged_forms()
    book = openpyxl.load_workbook(BytesIO(one_table_workbook(merged, plan)))
    place = [row for row in book["村（社区）"].iter_rows(min_row=4, values_only=True) if row[0]]
    names = [row[1] for row in place if row[2]]
    assert len(names) == len(set(names)) == 4
    assert "个人" in book.sheetnames


def test_a_caption_that_looks_like_a_formula_is_text() -> None:
    evil = merge([statistic("村情况", '=HYPERLINK("http://x")[人]')], LEXICON)
    plan = smallest_ask(evil.elements, (), frozenset())
    for data in (one_table_workbook(evil, plan), mapping_workbook(evil, plan, ())):
        for sheet in openpyxl.load_workbook(BytesIO(data)):
            assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_report_states_its_formula_and_escapes_what_forms_say() -> None:
    evil = merge([form("<script>alert(1)</script>名册", "姓名", "<b>电话</b>")], LEXICON)
    page = html_report(evil, smallest_ask(evil.elements, (), frozenset()), (), (), {}, datetime(2026, 11, 21))
    assert "<script>alert" not in page and "<b>电话" not in page
    assert "每个空 0.5 分钟" in page


def test_burden_counts_cells_before_and_figures_after() -> None:
    merged, plan = merged_forms()
    counted = totals(merged, plan, Decimal(1))
    assert counted.fields == sum(len(one.fields) for one in FORMS)
    assert counted.asked < counted.fields
    assert counted.minutes_before - counted.minutes_after == counted.fields - counted.asked


def test_a_fact_is_new_only_for_the_first_department_that_asks() -> None:
    merged, _ = merged_forms()
    rows = by_department(merged, {"残疾人花名册.xlsx": "残联", "志愿者名单.xlsx": "团委", "村基本情况统计表.xlsx": "统计局"})
    assert {row.department: (row.fields, row.new) for row in rows} == {"残联": (5, 5), "统计局": (4, 4), "团委": (3, 1)}
