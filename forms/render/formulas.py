"""Formula cells of one sheet when rows come in, and forgetting their remembered results.

Why results are forgotten cell by cell and the workbook part stays as it is: a formula cell without a stored result is
computed by Excel, WPS and LibreOffice when the file is opened, while one with a result is believed (Excel) or believed by
default (LibreOffice). The flag calcPr/@fullCalcOnLoad would do the same in Excel only, and costs a change to
xl/workbook.xml, which is not ours to change. It is set in one case, see `fill`: calculation switched to manual.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forms.model import Address
from forms.render.content import Content
from forms.render.references import Growth, RowMap, parse_block, references, shift_block, shift_formula, split_sheet, translate
from forms.render.sheet import Place, Sheet
from forms.render.spans import Node, escape


@dataclass(frozen=True)
class Formula:
    """One formula cell as it was. `text` is the whole formula, also for a cell that shares one."""

    place: Place
    cell: Node
    node: Node
    text: str
    kind: str  # "" | shared | array | dataTable


def has_formulas(data: bytes) -> bool:
    """A cheap look: whether the bytes of a sheet may hold a formula at all."""
    return b"<f>" in data or b"<f " in data or b"<f/" in data or b":f>" in data or b":f " in data


def read_formulas(sheet: Sheet) -> dict[Place, Formula]:
    """Every formula cell of the sheet, shared formulas spelled out."""
    if not has_formulas(sheet.edits.data):
        return {}
    found: dict[Place, Formula] = {}
    masters: dict[str, tuple[Place, str]] = {}
    for row, col, cell in sheet.all_cells():
        node = cell.child("f")
        if node is None:
            continue
        kind, text, index = node.attrs.get("t", ""), node.text, node.attrs.get("si", "")
        if kind == "shared":
            if text:
                masters[index] = ((row, col), text)
            elif index in masters:
                origin, source = masters[index]
                text = translate(source, origin, (row, col))
        found[(row, col)] = Formula((row, col), cell, node, text, kind if kind != "normal" else "")
    return found


def shift_formulas(sheet: Sheet, formulas: Mapping[Place, Formula], maps: Mapping[str, RowMap]) -> None:
    """Makes every formula of the sheet say the same of the rows where they are now."""
    rows = maps.get(sheet.name, RowMap())
    moved = {place: _moved_text(sheet.name, formulas, place, maps) for place in formulas}
    unshared = {
        item.node.attrs.get("si", "")
        for item in formulas.values()
        if item.kind == "shared" and (rows.growths or moved[item.place] != item.text)
    }
    for place, item in formulas.items():
        if item.kind == "shared":
            if item.node.attrs.get("si", "") in unshared:
                sheet.edits.replace(item.node.start, item.node.end, _plain_xml(item.node, moved[place]))
            continue
        for name in ("ref", "r1", "r2"):
            if name in item.node.attrs:
                sheet.edits.attribute(item.node, name, shift_block(item.node.attrs[name], rows, place[0], elastic=False))
        if moved[place] != item.text:
            sheet.edits.content(item.node, moved[place])


def _plain_xml(node: Node, text: str) -> str:
    tag = node.tag("f")
    return f"<{tag}>{escape(text)}</{tag}>"


def _moved_text(name: str, formulas: Mapping[Place, Formula], place: Place, maps: Mapping[str, RowMap]) -> str:
    """A formula after the change. The last printed row of a grown roster follows the pattern of the rows above it (so that
    a running total refers to the new row before it, not to the one that was)."""
    item = formulas[place]
    rows = maps.get(name, RowMap())
    for growth in rows.growths:
        if growth.bottom == place[0] > growth.top:
            pattern = pattern_formula(formulas, growth, place[1])
            if pattern is not None and translate(pattern.text, pattern.place, place) == item.text:
                shifted = shift_formula(pattern.text, name, maps, pattern.place[0])
                origin = (rows.row(pattern.place[0]), place[1])
                return translate(shifted, origin, (rows.row(place[0]), place[1]))
    return shift_formula(item.text, name, maps, place[0])


def pattern_formula(formulas: Mapping[Place, Formula], growth: Growth, col: int) -> Formula | None:
    """The formula that new rows of a roster repeat in a column: of the last row but one when the last follows it, else of
    the first."""
    last, before = formulas.get((growth.bottom, col)), formulas.get((growth.bottom - 1, col))
    if last is None or before is None or growth.bottom - 1 == growth.top:
        return formulas.get((growth.top, col))
    if translate(before.text, before.place, last.place) == last.text:
        return before
    return formulas.get((growth.top, col))


def moved_pattern(sheet: Sheet, pattern: Formula, maps: Mapping[str, RowMap]) -> tuple[Place, str]:
    """Where a pattern formula stands in the new sheet, and how it reads there."""
    place = (maps[sheet.name].row(pattern.place[0]), pattern.place[1])
    return place, shift_formula(pattern.text, sheet.name, maps, pattern.place[0])


def new_row_formula(sheet: Sheet, moved: tuple[Place, str], row: int, array: bool) -> Content:
    """The pattern's formula in a new row (`row` counted in the new sheet)."""
    (origin, source), tag = moved, sheet.data.tag("f")
    text = escape(translate(source, origin, (row, origin[1])))
    if array:
        return Content("", f'<{tag} t="array" ref="{Address(sheet.name, row, origin[1]).a1}">{text}</{tag}>')
    return Content("", f"<{tag}>{text}</{tag}>")


def adds_row_by_row(formulas: Mapping[Place, Formula], growth: Growth) -> list[Place]:
    """Formulas outside a grown roster that name its rows one by one (C5+C6+C7): they leave the new rows out."""
    found = []
    for place, item in formulas.items():
        if growth.top <= place[0] <= growth.bottom:
            continue
        named: dict[int, set[int]] = {}
        for reference in references(item.text):
            prefix, rest = split_sheet(reference)
            block = parse_block(rest.replace("$", ""))
            if not prefix and block is not None and block.height == 1 and growth.top <= block.top <= growth.bottom:
                named.setdefault(block.left, set()).add(block.top)
        if any(len(rows) == growth.bottom - growth.top + 1 for rows in named.values()):
            found.append(place)
    return found


def depends_on(text: str, sheets: Iterable[str], words: Iterable[str]) -> bool:
    """Whether a formula looks at one of the sheets, by name or through one of the defined names and tables in `words`."""
    names, known = {name.casefold() for name in sheets}, {word.casefold() for word in words}
    for reference in references(text):
        prefix, rest = split_sheet(reference)
        if prefix.casefold() in names or ":" in prefix or rest.partition("[")[0].casefold() in known:
            return True
    return False
