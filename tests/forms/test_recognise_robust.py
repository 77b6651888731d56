"""Whatever a sheet holds: recognition does not raise, accounts for every cell, and stays quick."""

import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.model import Book, Cell, CellKind, Grid, Reading, Rect, Style
from forms.recognise import explain, recognise
from forms.recognise.labels import is_blank

WORDS = st.sampled_from(
    [
        "", "", "", "姓名", "指标名称", "计量单位", "代码", "数量", "一、基本情况", "（一）户数", "1.男", "其中：女", "人",
        "万元", "01", "—", "合计", "□是 □否", "填报单位：", "填表人：      日期：  年  月  日", "说明：1≥2", "续表",
        "附报：30农场     个", "年  月  日", "序号", "备注", "　缩进", "表", "人口统计表", "12",
        "电话：", "1 男 2 女 □", "    平方米", "甲", "1", "2", "：", "（", "\ue003", "□", "其中", "第一部分",
    ]
)  # fmt: skip
STYLES = st.builds(
    Style,
    top=st.booleans(),
    left=st.booleans(),
    bottom=st.booleans(),
    right=st.booleans(),
    bold=st.booleans(),
    indent=st.integers(0, 3),
)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    cells: dict[tuple[int, int], Cell] = {}
    for r in range(1, height + 1):
        for c in range(1, width + 1):
            text = draw(WORDS)
            cells[(r, c)] = Cell(r, c, text, text or None, CellKind.TEXT if text else CellKind.BLANK, style=draw(STYLES))
    merges: list[Rect] = []
    for _ in range(draw(st.integers(0, 3))):
        top, left = draw(st.integers(1, height)), draw(st.integers(1, width))
        rect = Rect(top, left, draw(st.integers(top, height)), draw(st.integers(left, width)))
        if rect.height * rect.width > 1 and not any(place in other for other in merges for place in rect.places()):
            merges.append(rect)
            for place in list(rect.places())[1:]:
                cells[place] = Cell(*place, style=cells[place].style)
    hidden = frozenset(draw(st.lists(st.integers(1, width), max_size=1)))
    return Grid("表", cells, merges=tuple(merges), hidden_cols=hidden)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(grids())
def test_any_sheet_is_read_and_every_cell_accounted_for(grid: Grid) -> None:
    reading = recognise(Book("表.xlsx", "xlsx", (grid,)))
    assert explain(reading)
    unread = _unaccounted(grid, reading)
    assert unread == [], unread
    for form in reading.forms:
        assert len({f.id for f in form.fields}) == len(form.fields)
        for f in form.fields:
            assert f.path[-1] == f.label
            if f.blank is not None:
                text = grid.text(f.cell.row, f.cell.col)
                assert 0 <= f.blank.start <= f.blank.end <= len(text)


def _unaccounted(grid: Grid, reading: Reading) -> list[str]:
    roles = {str(a) for form in reading.forms for a in form.roles}
    listed = {p.cell for p in reading.problems}
    whole = any(not p.cell and p.code == "form.none-found" for p in reading.problems) or bool(reading.code_lists)
    return [
        cell.text
        for (row, col), cell in grid.cells.items()
        if not is_blank(cell.text) and col not in grid.hidden_cols and not whole
        and str(grid.address(row, col)) not in roles
        and grid.address(row, col).a1 not in listed
    ]  # fmt: skip


def test_hostile_texts_take_no_time() -> None:
    texts = [" " * 30_000, "年月日" * 8_000, "：" * 5_000, "（" * 5_000, "1." * 10_000, "□" * 10_000, "_" * 30_000]
    texts.append("1+" * 10_000 + "=1")
    cells = {(r, 1): Cell(r, 1, f"说{text}", text, CellKind.TEXT) for r, text in enumerate(texts, 1)}
    cells |= {(r, 2): Cell(r, 2, text, text, CellKind.TEXT) for r, text in enumerate(texts, 1)}
    start = time.process_time()
    recognise(Book("表.xlsx", "xlsx", (Grid("表", cells),)))
    assert time.process_time() - start < 2.0
