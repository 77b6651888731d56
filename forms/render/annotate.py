"""A copy of a workbook with its cells coloured by what they are for, and a sheet that explains the colours and the fields.

The copy is for explanation, so unlike `fill` it adds styles and a sheet; what was there stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from forms.model import Address, Field, Form, Problem, Reading, Role, column_letters
from forms.render.content import BLANK
from forms.render.modern import OLE, modern_bytes
from forms.render.package import CONTENT_TYPES, BadPackage, Package, rels_name
from forms.render.plaincopy import plain_copy
from forms.render.references import RowMap
from forms.render.runs import text_xml
from forms.render.sheet import Sheet
from forms.render.spans import Edits, Node, escape
from forms.render.workbook import Workbook

ZIP = b"PK"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


@lru_cache(maxsize=1)
def words() -> Mapping[str, Any]:
    """Colours and wording, from annotate.yml."""
    found: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "annotate.yml").read_text(encoding="utf-8"))
    return found


def annotate(source: bytes, name: str, reading: Reading) -> bytes:
    """The workbook `source` (called `name`) as .xlsx with the cells of `reading` coloured and a legend sheet in Chinese.

    A file that is no .xlsx, and an old .xls where LibreOffice is missing, is drawn anew from what was read. Never raises for
    bad content.
    """
    if source.startswith(OLE):
        modern = modern_bytes(source, name)
        source = modern if isinstance(modern, bytes) else b""
    if source.startswith(ZIP):
        try:
            return _Annotation(source, reading).run()
        except BadPackage:
            pass  # the reading tells what is wrong with the file; it is drawn from what could be read
    base = plain_copy(reading.book)
    return _Annotation(base, reading).run()


def roles(reading: Reading) -> dict[Address, Role]:
    """Every cell with a role: those the forms name, and the blank cells that their fields wait for."""
    found: dict[Address, Role] = {}
    for form in reading.forms:
        for field in form.fields:
            for address in _value_cells(field):
                found[address] = Role.VALUE
        found.update(form.roles)
    return found


def _value_cells(field: Field) -> Iterator[Address]:
    if field.blank is not None:
        return
    if field.rows is None:
        yield field.cell
        return
    for row in range(field.rows.top, field.rows.bottom + 1):
        yield Address(field.cell.sheet, row, field.cell.col)


class _Annotation:
    def __init__(self, source: bytes, reading: Reading) -> None:
        self.package = Package.open(source)
        self.book = Workbook(self.package)
        self.reading = reading
        self.styles = _Styles(self.book)

    def run(self) -> bytes:
        by_sheet: dict[str, dict[Address, Role]] = {}
        for address, role in roles(self.reading).items():
            by_sheet.setdefault(address.sheet, {})[address] = role
        sheets = self.book.sheets
        only = next(iter(sheets.values())) if len(sheets) == 1 else None  # a text table's sheet, whatever it is called now
        for name, cells in by_sheet.items():
            ref = sheets.get(name, only)
            if ref is not None:
                self._colour(Sheet(self.book, ref), cells)
        legend = {role: self.styles.coloured("", role) for role in Role}
        self._add_sheet(_legend_xml(self.reading, legend, self.styles.bold()))
        self.styles.save()
        return self.package.pack()

    def _colour(self, sheet: Sheet, cells: Mapping[Address, Role]) -> None:
        anchored = {sheet.anchor(address.row, address.col): role for address, role in cells.items()}
        for (row, col), role in anchored.items():
            style = self.styles.coloured(sheet.style(row, col), role)
            node = sheet.cells(row).get(col)
            if node is not None:
                sheet.edits.attribute(node, "s", style)
            else:
                sheet.written[(row, col)], sheet.restyled[(row, col)] = BLANK, style
        sheet.finish(RowMap())
        self.package.save(sheet.part, sheet.edits)

    def _add_sheet(self, xml: str) -> None:
        package, main = self.package, self.book.part
        folder = main.rpartition("/")[0]
        number = next(n for n in range(1, 10_000) if not package.has(f"{folder}/worksheets/sheet{n}.xml"))
        part = f"{folder}/worksheets/sheet{number}.xml".lstrip("/")
        package.put(part, xml.encode("utf-8"))
        strict = self.book.root.namespace.startswith("http://purl.oclc.org")
        relations = _STRICT if strict else _RELATIONS
        rels = package.tree(rels_name(main))
        used = {node.attrs.get("Id") for node in rels.children}
        new_id = next(f"rIdY{n}" for n in range(1, 10_000) if f"rIdY{n}" not in used)
        body = f'<{rels.tag("Relationship")} Id="{new_id}" Type="{relations}/worksheet" Target="/{part}"/>'
        self._append(rels_name(main), rels, body)
        types = package.tree(CONTENT_TYPES)
        self._append(CONTENT_TYPES, types, f'<{types.tag("Override")} PartName="/{part}" ContentType="{_SHEET_TYPE}"/>')
        holder = self.book.root.child("sheets")
        if holder is None:
            raise BadPackage("file.damaged", part=main)
        taken = {node.attrs.get("name", "").casefold() for node in holder.children}
        title = next(t for t in (words()["sheet"] + (str(n) if n else "") for n in range(1000)) if t.casefold() not in taken)
        ids = [int(node.attrs.get("sheetId", "0")) for node in holder.children]
        body = (
            f'<{holder.tag("sheet")} xmlns:yb="{relations}" name="{title}" sheetId="{max(ids, default=0) + 1}" yb:id="{new_id}"/>'
        )
        self._append(main, holder, body)

    def _append(self, part: str, node: Node, body: str) -> None:
        edits = self.package.edits(part)
        edits.append(node, node.tag(node.name), body)
        self.package.save(part, edits)


@dataclass(frozen=True, slots=True)
class _Look:
    """A style to be added: an existing one with another fill, or a bold one for headings."""

    base: int
    role: Role | None


class _Styles:
    """Adds coloured variants of styles to the styles part, each once."""

    def __init__(self, book: Workbook) -> None:
        self.package = book.package
        self.part = book.target("styles")
        if not self.part or not self.package.has(self.part):
            raise BadPackage("file.damaged", part="styles")
        self.root = self.package.tree(self.part)
        self.edits = self.package.edits(self.part)
        self._xfs = self._holder("cellXfs")
        self._fills = self._holder("fills")
        self._fonts = self._holder("fonts")
        self._looks: dict[_Look, int] = {}

    def _holder(self, name: str) -> Node:
        node = self.root.child(name)
        if node is None or not node.children:
            raise BadPackage("file.damaged", part=self.part)
        return node

    def coloured(self, style: str, role: Role) -> str:
        """The id of this style with the colour of a role."""
        base = int(style) if style.isdigit() and int(style) < len(self._xfs.children) else 0
        return self._id(_Look(base, role))

    def bold(self) -> str:
        return self._id(_Look(0, None))

    def _id(self, look: _Look) -> str:
        return str(self._looks.setdefault(look, len(self._xfs.children) + len(self._looks)))

    def save(self) -> None:
        tag = self.root.tag
        fills = "".join(
            f'<{tag("fill")}><{tag("patternFill")} patternType="solid"><{tag("fgColor")} rgb="{words()["roles"][role]["fill"]}"/>'
            f'<{tag("bgColor")} indexed="64"/></{tag("patternFill")}></{tag("fill")}>'
            for role in Role
        )
        font = f'<{tag("font")}><{tag("b")}/><{tag("sz")} val="11"/><{tag("name")} val="宋体"/></{tag("font")}>'
        self._extend(self._fills, fills, len(Role))
        self._extend(self._fonts, font, 1)
        self._extend(self._xfs, "".join(self._xf(look) for look in self._looks), len(self._looks))
        self.package.save(self.part, self.edits)

    def _xf(self, look: _Look) -> str:
        node = self._xfs.children[look.base]
        edits = Edits(self.edits.data)
        if look.role is None:
            edits.attribute(node, "fontId", str(len(self._fonts.children)))
            edits.attribute(node, "applyFont", "1")
        else:
            edits.attribute(node, "fillId", str(len(self._fills.children) + list(Role).index(look.role)))
            edits.attribute(node, "applyFill", "1")
        return edits.within(node).decode("utf-8")

    def _extend(self, holder: Node, xml: str, count: int) -> None:
        self.edits.append(holder, holder.tag(holder.name), xml)
        if "count" in holder.attrs:
            self.edits.attribute(holder, "count", str(len(holder.children) + count))


def _legend_xml(reading: Reading, colours: Mapping[Role, str], bold: str) -> str:
    """The legend sheet: colours, then the fields of every form, then the problems."""
    text = words()
    lines: list[list[tuple[str, str]]] = [[(text["title"], bold)], [(text["intro"], "")], []]
    lines.append([(word, bold) for word in text["legend"]])
    lines += [[("", style), (text["roles"][role.value]["name"], "")] for role, style in colours.items()]
    for form in reading.forms:
        lines += [[], [(form.title or form.sheet, bold)], *_field_lines(form, bold)]
    problems = [*reading.book.problems, *(p for p in reading.problems if p not in reading.book.problems)]
    if problems:
        lines += [[], [(word, bold) for word in text["problems"]], *(_problem_line(item) for item in problems)]
    rows = "".join(
        f'<row r="{number}">' + "".join(_cell(number, col, *cell) for col, cell in enumerate(line, 1)) + "</row>"
        for number, line in enumerate(lines, 1)
        if line
    )
    cols = "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(text["widths"], 1))
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><cols>{cols}</cols><sheetData>{rows}</sheetData>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def _field_lines(form: Form, bold: str) -> list[list[tuple[str, str]]]:
    text = words()
    if not form.fields:
        return [[(text["no_fields"], "")]]
    lines = [[(word, bold) for word in text["fields"]]]
    for field in form.fields:
        shown = (
            field.cell.sheet,
            str(field.rows) if field.rows is not None else field.cell.a1,
            " → ".join(field.path),
            field.unit,
            text["types"][field.type.value],
            text["purposes"][field.purpose.value],
            "、".join(field.options),
        )
        lines.append([(word, "") for word in shown])
    return lines


def _problem_line(item: Problem) -> list[tuple[str, str]]:
    return [(word, "") for word in (item.sheet, item.cell, item.message, item.hint)]


def _cell(row: int, col: int, text: str, style: str) -> str:
    attrs = f' r="{column_letters(col)}{row}"' + (f' s="{escape(style)}"' if style else "")
    return f'<c{attrs} t="inlineStr"><is>{text_xml(text)}</is></c>' if text else f"<c{attrs}/>"
