"""The one table as a workbook that a clerk enjoys: one sheet for each kind of entity, grouped by section, only the missing
cells highlighted, drop-downs from options, sources as comments, ready to print."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any

from consolidation.lexicon import clean_label
from consolidation.meaning import PLACES
from consolidation.model import Element, Figure, Merged, Plan

from .mapping import how_given
from .sheets import Column, ListBook
from .words import ENTITIES, owner, period_name, rank

_PLACE_COLUMNS = (
    Column("序号", 6),
    Column("数据元", 28),
    Column("计量单位", 9),
    Column("数值", 13),
    Column("报告期", 8),
    Column("怎么得到", 12),
    Column("来源", 24),
    Column("哪些报表要用", 32),
)
_BLANK_ROWS = 20
_MOST_COLUMNS = 4000  # of a sheet's 16,384 (Excel specifications and limits): more rows of a list stay readable, columns do not
Lookup = Callable[[Element], Figure | None]
Rows = Callable[[str, Sequence[Element]], Iterable[Sequence[object]]]


def _nothing(_element: Element) -> Figure | None:
    return None


def _section(element: Element) -> str:
    """The chapter an element stands in: the outermost caption of the form that uses it first."""
    for member in element.members:
        if len(member.field.path) > 1:
            return clean_label(member.field.path[0])
    return "其他" if element.meaning.entity not in PLACES else clean_label(element.members[0].form.title) or "其他"


def _used_by(element: Element) -> str:
    titles = list(dict.fromkeys(member.form.title or member.form.file for member in element.members))
    return "、".join(titles[:4]) + (f" 等 {len(titles)} 张" if len(titles) > 4 else "")


def _place_sheet(book: ListBook, name: str, elements: Sequence[Element], plan: Plan, lookup: Lookup) -> None:
    note = "黄框是还要填写的；灰底是已有数据或能算出来的，来源见右侧。每个数只填一次。"
    sheet = book.sheet(name, f"{name}一表", note, _PLACE_COLUMNS)
    row = book.first_row
    number = 0
    sections: dict[str, list[Element]] = {}
    for element in elements:
        sections.setdefault(_section(element), []).append(element)
    for section, members in sections.items():
        sheet.merge_range(row, 0, row, len(_PLACE_COLUMNS) - 1, section, book.formats["section"])
        row += 1
        for element in sorted(members, key=lambda e: e.id not in plan.asked):
            number += 1
            _place_row(book, sheet, row, number, element, plan, lookup(element))
            row += 1


def _place_row(book: ListBook, sheet: Any, row: int, number: int, element: Element, plan: Plan, figure: Figure | None) -> None:
    cell = book.formats["cell"]
    missing = figure is None and element.id in plan.asked
    for column, text in enumerate((str(number), element.name, element.unit)):
        sheet.write_string(row, column, text, cell)
    value = "" if figure is None or figure.value is None else str(figure.value)
    sheet.write_string(row, 3, value, book.formats["missing" if missing else "held"])
    if figure is not None:
        sheet.write_comment(row, 3, _comment(figure), {"x_scale": 2})
    if missing and element.options:
        _drop_down(sheet, row, row, 3, element.options)
    source = (
        figure.provenance.source if figure is not None else plan.derived[element.id].rule if element.id in plan.derived else ""
    )
    for column, text in enumerate((period_name(element.period), how_given(element, plan), source, _used_by(element)), 4):
        sheet.write_string(row, column, text, cell)


def _comment(figure: Figure) -> str:
    provenance = figure.provenance
    lines = [f"来源：{provenance.source}", provenance.detail]
    if provenance.as_of:
        lines.append(f"截至：{provenance.as_of.isoformat()}")
    return "\n".join(line for line in lines if line)[:1000]


def _drop_down(sheet: Any, first: int, last: int, column: int, options: Sequence[str]) -> None:
    """Excel allows 255 characters in a typed list, in which a comma parts the options; other lists stay free text."""
    if len(",".join(options)) <= 255 and not any("," in option for option in options):
        sheet.data_validation(first, column, last, column, {"validate": "list", "source": list(options), "error_type": "warning"})


def _roster_sheet(book: ListBook, name: str, elements: Sequence[Element], plan: Plan, rows: Sequence[Sequence[object]]) -> None:
    """One row an entity. With data, only columns that hold something stand here; the others are listed on a sheet of
    their own (`_uncollected`): nobody reads two hundred empty columns."""
    shown = [i for i in range(len(elements)) if not rows or any(row[i] not in (None, "") for row in rows)]
    columns = [Column("序号", 6)]
    for i in shown:
        title = _column_title(elements[i])
        columns.append(Column(title + ("*" if elements[i].id in plan.asked else ""), max(9, min(28, 2 * len(title) + 2))))
    note = "一行一个主体。表头带“*”的列还要填写，其余由共享数据或推算得到；来源见表头批注。"
    sheet = book.sheet(name, f"{name}一表", note, columns)
    for at, i in enumerate(shown, 1):
        element = elements[i]
        sheet.write_comment(
            2, at, f"{owner(element)}\n{how_given(element, plan)}\n用于：{_used_by(element)}"[:1000], {"x_scale": 2}
        )
    asked = [elements[i].id in plan.asked for i in shown]
    for count, values in enumerate(rows, 1):
        _roster_row(book, sheet, count, [values[i] for i in shown], asked)
    last = len(rows) or _BLANK_ROWS
    if not rows:
        for count in range(1, last + 1):
            for at, wanted in enumerate(asked, 1):
                sheet.write_blank(2 + count, at, None, book.formats["missing" if wanted else "held"])
    for at, i in enumerate(shown, 1):
        if elements[i].options:
            _drop_down(sheet, 3, 2 + last, at, elements[i].options)
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, 2 + last, len(shown))
    if rows and len(shown) < len(elements):
        _uncollected(book, name, [e for i, e in enumerate(elements) if i not in set(shown)], plan)


def _roster_row(book: ListBook, sheet: Any, count: int, values: Sequence[object], asked: Sequence[bool]) -> None:
    sheet.write_number(2 + count, 0, count, book.formats["number"])
    for at, (value, wanted) in enumerate(zip(values, asked, strict=True), 1):
        if value not in (None, ""):
            sheet.write_string(2 + count, at, str(value), book.formats["held"])
        elif wanted:
            sheet.write_blank(2 + count, at, None, book.formats["missing"])


_UNCOLLECTED = (
    Column("数据元", 34),
    Column("主体", 16),
    Column("计量单位", 10),
    Column("怎么得到", 14),
    Column("哪些报表要用", 70),
)


def _uncollected(book: ListBook, name: str, elements: Sequence[Element], plan: Plan) -> None:
    note = "这些栏目没有任何数据来源，需要时向本人或单位采集。"
    _list_sheet(book, f"{name}待采集", f"{name}：共享数据里没有的栏目", note, elements, plan)


def _list_sheet(book: ListBook, name: str, title: str, note: str, elements: Sequence[Element], plan: Plan) -> None:
    sheet = book.sheet(name, title, note, _UNCOLLECTED)
    rows = ((e.name, owner(e), e.unit, how_given(e, plan), _used_by(e)) for e in elements)
    book.rows(sheet, _UNCOLLECTED, rows)


def _column_title(element: Element) -> str:
    who = owner(element).partition("·")[2]
    unit = f"（{element.unit}）" if element.unit and element.unit not in element.name else ""
    return (f"{who}{element.name}" if who and not element.name.startswith(who) else element.name) + unit


def one_table_workbook(merged: Merged, plan: Plan, lookup: Lookup = _nothing, rows: Rows | None = None) -> bytes:
    """The workbook's bytes. `lookup` gives a place figure; `rows` gives, for an entity kind and its elements (in the
    order of the columns), the rows of people, households or organisations. Without them the table is blank."""
    target = BytesIO()
    book = ListBook(target)
    kinds: dict[str, list[Element]] = {}
    for element in sorted(merged.elements, key=lambda e: (*rank(e), e.id not in plan.asked, -len(e.members), e.name)):
        if element.meaning.entity != "filing":
            kinds.setdefault(element.meaning.entity, []).append(element)
    for kind, elements in kinds.items():
        name = ENTITIES.get(kind, kind)
        if kind in PLACES:
            _place_sheet(book, name, elements, plan, lookup)
        else:
            held = elements[:_MOST_COLUMNS]
            _roster_sheet(book, name, held, plan, list(rows(kind, held)) if rows else ())
            if len(elements) > _MOST_COLUMNS:
                rest = elements[_MOST_COLUMNS:]
                _list_sheet(
                    book, f"{name}其余栏目", f"{name}：一张表排不下的栏目", "这些栏目没有排进一表，单独列在这里。", rest, plan
                )
    if not kinds:
        book.sheet("一表", "一表", "没有读到任何要填的栏目。", _PLACE_COLUMNS)
    book.close()
    return target.getvalue()
