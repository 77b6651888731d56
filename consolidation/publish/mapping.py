"""The mapping as a workbook: every field with its element and the reason, what a person should decide, what conflicts.

The sheet 待人工确认 is also the place to decide: 是 or 否 in its column, then `yibiao decide FILE`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from consolidation.match import Decision
from consolidation.model import Derivation, Element, FieldKey, Member, Merged, Plan, Review
from forms.model import Book, Grid, Problem
from forms.problems import CannotDo, problem

from .sheets import Column, ListBook
from .words import RELATIONS, owner, period_name, rank

_HEAD_BEFORE = 30  # rows in which the header is looked for: people put lines of their own above it
REVIEW_SHEET = "待人工确认"
_FIELDS = (
    Column("文件", 26),
    Column("报表", 30),
    Column("单元格", 14),
    Column("栏目（由外到内）", 46),
    Column("计量单位", 10),
    Column("数据元", 24),
    Column("主体", 14),
    Column("关系", 8),
    Column("规则", 30),
    Column("理由", 36),
    Column("决定", 8),
)
_ELEMENTS = (
    Column("编号", 16),
    Column("数据元", 28),
    Column("主体", 16),
    Column("报告期", 10),
    Column("计量单位", 10),
    Column("类型", 8),
    Column("用到的栏目数", 12),
    Column("填报方式", 14),
    Column("推算规则", 46),
)
_REVIEWS = (
    Column("序号", 6),
    Column("甲：文件", 24),
    Column("甲：单元格", 14),
    Column("甲：栏目", 36),
    Column("乙：文件", 24),
    Column("乙：单元格", 14),
    Column("乙：栏目", 36),
    Column("为什么要看一眼", 40),
    Column("是否同一（填 是 / 否）", 14, "missing"),
    Column("填写人", 12, "missing"),
)
_CONFLICTS = (Column("名称", 20), Column("不一致之处", 80), Column("涉及的栏目数", 12))
TYPES = {"number": "数字", "text": "文字", "date": "日期", "choice": "选项"}


def _members(merged: Merged) -> dict[FieldKey, tuple[Element, Member]]:
    return {member.key: (element, member) for element in merged.elements for member in element.members}


def _field_rows(merged: Merged) -> Iterable[Sequence[object]]:
    index = _members(merged)
    for form in merged.forms:
        for field in form.fields:
            element, member = index[FieldKey(form.file, form.id, field.id)]
            yield (
                form.file,
                form.title,
                str(field.cell),
                " / ".join(field.path),
                field.unit,
                element.name,
                owner(element),
                RELATIONS[member.relation],
                member.rule,
                member.reason,
                "人工" if member.decided == "person" else "自动",
            )


def how_given(element: Element, plan: Plan) -> str:
    """How an element gets its value: asked, derived, held or part of the filing."""
    if element.meaning.entity == "filing":
        return "随填报产生"
    if element.id in plan.prefilled:
        return "共享数据已有"
    if element.id in plan.derived:
        return "由其他数推算"
    return "需要填写"


def _element_rows(merged: Merged, plan: Plan) -> Iterable[Sequence[object]]:
    for element in sorted(merged.elements, key=lambda e: (*rank(e), e.name)):
        rule = plan.derived[element.id].rule if element.id in plan.derived else ""
        yield (
            element.id,
            element.name,
            owner(element),
            period_name(element.period),
            element.unit,
            TYPES.get(element.type, element.type),
            len(element.members),
            how_given(element, plan),
            rule,
        )


def _review_rows(merged: Merged) -> Iterable[Sequence[object]]:
    """One question for two elements, however many fields they have: the answer settles them all."""
    index = _members(merged)
    questions: dict[tuple[str, str], list[Review]] = {}
    for review in merged.review:
        questions.setdefault((index[review.a][0].id, index[review.b][0].id), []).append(review)
    for number, reviews in enumerate(questions.values(), 1):
        first = reviews[0]
        (_, a), (_, b) = index[first.a], index[first.b]
        more = f"（共 {len(reviews)} 对栏目）" if len(reviews) > 1 else ""
        yield (number, *_shown(a), *_shown(b), first.reason + more, "", "")


def _shown(member: Member) -> tuple[str, str, str]:
    return member.form.file, str(member.field.cell), " / ".join(member.field.path)


def mapping_workbook(merged: Merged, plan: Plan, derivations: Sequence[Derivation]) -> bytes:
    """The workbook's bytes: 栏目对照, 数据元, 推算关系, 待人工确认, 口径冲突."""
    target = BytesIO()
    book = ListBook(target)
    names = {element.id: element.name for element in merged.elements}
    sheet = book.sheet("栏目对照", "栏目对照表", "每张报表的每个栏目归入哪个数据元，以及理由。", _FIELDS)
    book.rows(sheet, _FIELDS, _field_rows(merged))
    sheet = book.sheet("数据元", "数据元清单", "一个数据元就是一个口径：所有口径相同的栏目只填一次。", _ELEMENTS)
    book.rows(sheet, _ELEMENTS, _element_rows(merged, plan))
    columns = (Column("得出", 28), Column("由", 60), Column("规则", 60), Column("把握", 10))
    sheet = book.sheet("推算关系", "推算关系", "可以由别的数算出来、因而不必再填的数。“需核对”的不用于减少填报。", columns)
    book.rows(
        sheet,
        columns,
        (
            (names.get(d.target, d.target), "、".join(names.get(i, i) for i in d.inputs), d.rule, "确定" if d.exact else "需核对")
            for d in derivations
        ),
    )
    note = "程序认为可能是同一个数、但不敢自己决定的栏目。请在黄色两列填写“是”或“否”和姓名，然后运行 yibiao decide 本文件。"
    sheet = book.sheet(REVIEW_SHEET, "待人工确认的栏目", note, _REVIEWS)
    count = book.rows(sheet, _REVIEWS, _review_rows(merged))
    if count:
        sheet.data_validation(3, 8, 2 + count, 8, {"validate": "list", "source": ["是", "否"]})
    sheet = book.sheet("口径冲突", "口径冲突", "同一个名称，各表的定义或选项不同。程序只列出，不替任何部门统一。", _CONFLICTS)
    book.rows(sheet, _CONFLICTS, ((c.name, c.reason, len(c.fields)) for c in merged.conflicts))
    book.close()
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of the sheet 待人工确认 as a person left it. `cell`: where the answer stands; `answer`: as written."""

    a: tuple[str, str]  # file, cell
    b: tuple[str, str]
    answer: str
    who: str
    reason: str
    cell: str = ""


def answers(book: Book) -> tuple[Answer, ...]:
    """The rows of the sheet 待人工确认 in which something was answered, its columns found by their titles wherever they stand.
    Raises CannotDo for a workbook without that sheet or with a column missing."""
    grid = next((grid for grid in book.grids if grid.name == REVIEW_SHEET), None)
    wanted = [_REVIEWS[i].title for i in (1, 2, 4, 5, 8)]
    columns: dict[str, int] = {}
    head = 0
    for (row, col), cell in sorted(grid.cells.items()) if grid is not None else ():
        if row > _HEAD_BEFORE or (head and row > head):
            break
        if cell.text.strip() in {column.title for column in _REVIEWS}:
            head = row
            columns[cell.text.strip()] = col
    missing = [title for title in wanted if title not in columns]
    if grid is None or missing:
        lacking = "、".join(missing or wanted)
        raise CannotDo(problem("mapping.no-sheet", book.file, REVIEW_SHEET, sheet_name=REVIEW_SHEET, columns=lacking))
    rows = sorted({row for row, _ in grid.cells if row > head})
    found = (_answer(grid, row, columns) for row in rows)
    return tuple(answer for answer in found if answer.answer)


def _answer(grid: Grid, row: int, columns: Mapping[str, int]) -> Answer:
    def text(at: int) -> str:
        col = columns.get(_REVIEWS[at].title, 0)
        return grid.text(row, col).strip() if col else ""

    where = grid.address(row, columns[_REVIEWS[8].title]).a1
    return Answer((text(1), text(2)), (text(4), text(5)), text(8), text(9), text(7), where)


def decisions_from(found: Iterable[Answer], merged: Merged, when: str, file: str) -> tuple[list[Decision], list[Problem]]:
    """The decisions in the answers, and a Problem for each answer that is neither 是 nor 否 or whose fields are not among
    the forms. `file`: the workbook's name."""
    by_cell = {(m.form.file, str(m.field.cell)): e for e in merged.elements for m in e.members}
    decisions: list[Decision] = []
    problems: list[Problem] = []
    for row in found:
        answer = row.answer.strip(" 　。.！!")
        lost = next((place for place in (row.a, row.b) if place not in by_cell), None)
        if answer not in ("是", "否"):
            problems.append(problem("mapping.unclear-answer", file, REVIEW_SHEET, row.cell, answer=row.answer[:20]))
        elif lost is not None:
            which = " ".join(lost).strip() or "这一栏"
            problems.append(problem("mapping.unknown-field", file, REVIEW_SHEET, row.cell, which=which))
        else:
            a, b = by_cell[row.a].meaning, by_cell[row.b].meaning
            decisions.append(Decision(a, b, answer == "是", row.who or "未署名", when, row.reason))
    return decisions, problems
