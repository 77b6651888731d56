"""Everything outside the cells that names rows, when rows come in.

In the sheet's own part: merged blocks, conditional formats, validations, hyperlinks, filters, page breaks, selections,
controls. In the parts beside it: drawings (seals, text boxes, pictures), old-style drawings (check boxes, comments),
comments, tables, charts, and the workbook's defined names (print area, print titles).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from forms.render.package import CONTENT_TYPES, Package, rels_name
from forms.render.references import RowMap, shift_block, shift_formula, shift_list
from forms.render.sheet import Sheet
from forms.render.spans import Edits, Node
from forms.render.workbook import Workbook

Maps = Mapping[str, RowMap]
_PLAIN_LISTS = ("selection",)  # where new rows do not join a block just because the first row is in it
_FORMULAS = ("formula", "formula1", "formula2", "f")
_VML_ANCHOR = re.compile(rb"(<x:Anchor>)([^<]*)(</x:Anchor>)")
_VML_ROW = re.compile(rb"(<x:Row>\s*)(\d+)(\s*</x:Row>)")
_VML_FORMULA = re.compile(rb"(<x:Fmla[A-Za-z]+>)([^<]*)(</x:Fmla[A-Za-z]+>)")


def shift_sheet(sheet: Sheet, maps: Maps) -> None:
    """All references in the sheet's part but those of its cells and merged blocks (Sheet.finish moves these)."""
    rows = maps.get(sheet.name, RowMap())
    for top in sheet.root.children:
        if top is sheet.data:
            continue
        for node in top.walk():
            if rows.growths:
                _shift_places(sheet.edits, node, rows)
            _shift_texts(sheet.edits, node, sheet.name, maps)


def _shift_places(edits: Edits, node: Node, rows: RowMap) -> None:
    """References to the sheet's own rows in attributes and anchors."""
    attrs = node.attrs
    if "ref" in attrs and node.name not in ("mergeCell", "dimension"):
        edits.attribute(node, "ref", shift_block(attrs["ref"], rows))
    if "sqref" in attrs:
        plain = " ".join(shift_block(part, rows, elastic=False) for part in attrs["sqref"].split())
        edits.attribute(node, "sqref", plain if node.name in _PLAIN_LISTS else shift_list(attrs["sqref"], rows))
    for name in ("activeCell", "topLeftCell"):
        if name in attrs:
            edits.attribute(node, name, shift_block(attrs[name], rows))
    if node.name in ("cellWatch", "inputCells") and "r" in attrs:
        edits.attribute(node, "r", shift_block(attrs["r"], rows))
    if node.name == "sqref" and node.text:
        edits.content(node, shift_list(node.text, rows))
    if node.name == "rowBreaks":
        for brk in node.children:
            if brk.attrs.get("id", "").isdigit():
                edits.attribute(brk, "id", str(rows.row(int(brk.attrs["id"]))))
    if node.name in ("anchor", "oneCellAnchor", "twoCellAnchor"):
        _shift_anchor(edits, node, rows)


def _shift_texts(edits: Edits, node: Node, sheet: str, maps: Maps) -> None:
    """Formulas outside cells, and links to places."""
    if node.name in _FORMULAS and node.text:
        edits.content(node, shift_formula(node.text, sheet, maps))
    elif node.name == "cfvo" and node.attrs.get("type") == "formula":
        edits.attribute(node, "val", shift_formula(node.attrs.get("val", ""), sheet, maps))
    elif node.name == "hyperlink" and "!" in node.attrs.get("location", ""):
        edits.attribute(node, "location", shift_formula(node.attrs["location"], sheet, maps))


def _shift_anchor(edits: Edits, anchor: Node, rows: RowMap) -> None:
    """A drawing's corners (rows count from 0). One that is fixed to the page stays; one that keeps its size moves whole."""
    how = anchor.attrs.get("editAs", "twoCell")
    if anchor.name == "anchor":  # a control in the sheet part has two flags instead
        moves, sizes = (anchor.attrs.get(name) in ("1", "true") for name in ("moveWithCells", "sizeWithCells"))
        how = "twoCell" if sizes else "oneCell" if moves else "absolute"
    start, end = anchor.child("from"), anchor.child("to")
    top = start.child("row") if start is not None else None
    if how == "absolute" or top is None or not top.text.strip().isdigit():
        return
    old = int(top.text)
    new = rows.row(old + 1) - 1
    edits.content(top, str(new))
    bottom = end.child("row") if end is not None else None
    if bottom is not None and bottom.text.strip().isdigit():
        low = int(bottom.text)
        edits.content(bottom, str(low + new - old if how == "oneCell" else rows.row(low + 1) - 1))


def shift_around(package: Package, sheet: Sheet, maps: Maps) -> None:
    """The parts that belong to a sheet that grew."""
    rows = maps[sheet.name]
    for rel in package.relations(sheet.part):
        if rel.external or not package.has(rel.target):
            continue
        if rel.kind == "vmlDrawing":
            package.put(rel.target, _shift_vml(package.part(rel.target), sheet.name, maps))
        elif rel.kind in ("drawing", "comments", "threadedComment", "table", "pivotTable"):
            edits = package.edits(rel.target)
            for node in package.tree(rel.target).walk():
                _shift_places(edits, node, rows)
            package.save(rel.target, edits)


def _shift_vml(data: bytes, sheet: str, maps: Maps) -> bytes:
    """Old-style drawings: check boxes and the frames of comments.

    Read with patterns, not with a parser: Excel itself writes these parts with unclosed <br> and the like.
    """
    rows = maps[sheet]

    def anchor(found: re.Match[bytes]) -> bytes:
        numbers = found[2].decode("ascii", "replace").split(",")
        if len(numbers) != 8 or not all(number.strip().isdigit() for number in numbers):
            return found[0]
        top, bottom = int(numbers[2]), int(numbers[6])
        new = rows.row(top + 1) - 1
        if new == top:
            return found[0]
        numbers[2], numbers[6] = (
            re.sub(r"\d+", str(value), old) for value, old in ((new, numbers[2]), (bottom + new - top, numbers[6]))
        )
        return found[1] + ",".join(numbers).encode() + found[3]

    def formula(found: re.Match[bytes]) -> bytes:
        text = found[2].decode("utf-8", "replace")
        moved = shift_formula(text, sheet, maps)
        return found[0] if moved == text else found[1] + moved.encode("utf-8") + found[3]

    data = _VML_ANCHOR.sub(anchor, data)
    data = _VML_ROW.sub(lambda found: found[1] + str(rows.row(int(found[2]) + 1) - 1).encode() + found[3], data)
    return _VML_FORMULA.sub(formula, data)


def shift_workbook(book: Workbook, maps: Maps) -> None:
    """Defined names, charts, linked controls and pivot sources anywhere in the workbook."""
    package = book.package
    edits = package.edits(book.part)
    names = book.root.child("definedNames")
    for node in names.children if names is not None else ():
        edits.content(node, shift_formula(node.text, "", maps))
    package.save(book.part, edits)
    sheets = {ref.part: name for name, ref in book.sheets.items()}
    for part, owner in _reachable(package, book.part, sheets).items():
        _shift_linked(package, part, owner, maps)


def _reachable(package: Package, start: str, sheets: Mapping[str, str]) -> dict[str, str]:
    """Parts that may point to cells, each with the sheet that it belongs to ("" = none)."""
    wanted = ("chart", "chartEx", "ctrlProp", "pivotCacheDefinition", "drawing")
    found: dict[str, str] = {}
    seen, queue = {start}, [(start, "")]
    while queue:
        part, owner = queue.pop()
        for rel in package.relations(part):
            if rel.external or rel.target in seen or not package.has(rel.target):
                continue
            seen.add(rel.target)
            sheet = sheets.get(rel.target, owner)
            if rel.kind in wanted:
                found[rel.target] = sheet
            if rel.kind in (*wanted, "worksheet", "chartsheet"):
                queue.append((rel.target, sheet))
    return found


def _shift_linked(package: Package, part: str, owner: str, maps: Maps) -> None:
    edits = package.edits(part)
    for node in package.tree(part).walk():
        if node.name == "f" and node.text:
            edits.content(node, shift_formula(node.text, owner, maps))
        for name in ("textlink", "fmlaLink", "fmlaRange", "fmlaTxbx", "fmlaGroup"):
            if node.attrs.get(name):
                edits.attribute(node, name, shift_formula(node.attrs[name], owner, maps))
        if node.name == "worksheetSource" and node.attrs.get("sheet") in maps and "ref" in node.attrs:
            edits.attribute(node, "ref", shift_block(node.attrs["ref"], maps[node.attrs["sheet"]]))
    package.save(part, edits)


def drop_calc_chain(book: Workbook) -> None:
    """Takes the calculation chain out of the package: it lists formula cells by address, and Excel calls a file damaged
    whose chain names a cell without a formula. It is optional and Excel writes it anew (ECMA-376 part 1, 12.3.1)."""
    package = book.package
    part = book.target("calcChain")
    if not part:
        return
    _remove_child(package, rels_name(book.part), "Type", "/calcChain")
    _remove_child(package, CONTENT_TYPES, "PartName", f"/{part}")
    package.drop(part)


def _remove_child(package: Package, name: str, attribute: str, ending: str) -> None:
    edits = package.edits(name)
    for node in package.tree(name).children:
        if node.attrs.get(attribute, "").lower().endswith(ending.lower()):
            edits.remove(node)
    package.save(name, edits)


def sheet_words(book: Workbook, sheets: set[str]) -> set[str]:
    """Defined names and table names through which a formula elsewhere may look at one of the sheets."""
    words: set[str] = set()
    names = book.root.child("definedNames")
    for node in names.children if names is not None else ():
        if any(name.casefold() in node.text.casefold().replace("''", "'") for name in sheets):
            words.add(node.attrs.get("name", ""))
    for name in sheets:
        for rel in book.package.relations(book.sheets[name].part):
            if rel.kind == "table" and book.package.has(rel.target):
                words.add(book.package.tree(rel.target).attrs.get("displayName", ""))
    return words - {""}
