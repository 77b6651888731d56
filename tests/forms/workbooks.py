"""Small workbooks made for the tests, so that none needs to be stored: .xlsx by hand (every oddity possible) or by openpyxl."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

from openpyxl import Workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEETS = '<sheets><sheet name="表一" sheetId="1" r:id="rId1"/></sheets>'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def made(fill: Callable[[Workbook], None]) -> bytes:
    """An .xlsx that openpyxl writes after `fill` has worked on it; its first sheet is called 表一."""
    book = Workbook()
    book.worksheets[0].title = "表一"
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def package(sheet: str, parts: Mapping[str, str | bytes] | None = None, *, links: str = "", workbook: str = "") -> bytes:
    """An .xlsx written part by part. `sheet` is the XML inside <worksheet>; `links` further relationships of the workbook,
    `workbook` further XML inside <workbook>; `parts` adds or replaces parts."""
    written: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": _rels(_rel("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{R}">{_SHEETS}{workbook}</workbook>',
        "xl/_rels/workbook.xml.rels": _rels(_rel("rId1", "worksheet", "worksheets/sheet1.xml") + links),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}" xmlns:r="{R}">{sheet}</worksheet>',
        **(parts or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in written.items():
            archive.writestr(name, content)
    return out.getvalue()


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def text(place: str, shown: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(shown)}</t></is></c>'


def number(place: str, value: str, formula: str = "") -> str:
    source = f"<f>{escape(formula)}</f>" if formula else ""
    return f'<c r="{place}">{source}<v>{value}</v></c>'


def data(*rows: str) -> str:
    return f"<sheetData>{''.join(rows)}</sheetData>"


def _rel(name: str, kind: str, target: str, mode: str = "") -> str:
    return f'<Relationship Id="{name}" Type="{R}/{kind}" Target="{target}"{mode}/>'


def external(target: str) -> dict[str, str]:
    """The parts of a link to another workbook."""
    return {
        "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}"/>',
        "xl/externalLinks/_rels/externalLink1.xml.rels": _rels(
            _rel("rId1", "externalLinkPath", target, ' TargetMode="External"')
        ),
    }


STYLES_LINK = _rel("rId2", "styles", "styles.xml")
EXTERNAL_LINK = _rel("rId9", "externalLink", "externalLinks/externalLink1.xml")


def _rels(inside: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'
