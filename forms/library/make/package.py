"""The finished workbook file: raw drawing parts added, and the same bytes on every run."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from forms.library.make import drawings as shapes_of

_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STAMP = (2026, 1, 1, 0, 0, 0)  # one date for all parts: the committed files change only when a form does


def pack(book: Workbook, drawings: Mapping[int, Sequence[Mapping[str, Any]]]) -> bytes:
    """The workbook as xlsx bytes, with the shapes of `drawings` (sheet number from 1 -> shapes) on its sheets."""
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for number, shapes in drawings.items():
        _draw(parts, number, shapes)
    parts["docProps/core.xml"] = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-01-01T00:00:00Z", parts["docProps/core.xml"])
    return _zip(parts)


def _draw(parts: dict[str, bytes], number: int, shapes: Sequence[Mapping[str, Any]]) -> None:
    pieces = shapes_of.parts()
    flat = [shape for shape in shapes if "checkbox" not in shape]
    boxes = [shape for shape in shapes if "checkbox" in shape]
    sheet, links, types, tags = f"xl/worksheets/sheet{number}.xml", "", "", ""
    if flat:
        parts[f"xl/drawings/drawing{number}.xml"] = shapes_of.drawing_xml(flat).encode()
        links += pieces["drawing_link"].format(number=number)
        types += pieces["drawing_type"].format(number=number)
        tags += f'<drawing xmlns:r="{_RELS}" r:id="rIdD1"/>'
    if any("seal" in shape for shape in flat):
        parts["xl/media/image1.png"] = shapes_of.seal_png()
        relations = pieces["sheet_relations"].format(links=pieces["image_link"])
        parts[f"xl/drawings/_rels/drawing{number}.xml.rels"] = relations.encode()
        types += pieces["png_type"]
    if boxes:
        parts[f"xl/drawings/vmlDrawing{number}.vml"] = shapes_of.checkbox_vml(boxes).encode()
        links += pieces["vml_link"].format(number=number)
        types += pieces["vml_type"]
        tags += f'<legacyDrawing xmlns:r="{_RELS}" r:id="rIdD2"/>'
    parts[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = pieces["sheet_relations"].format(links=links).encode()
    # CT_Worksheet wants drawing, then legacyDrawing, after pageSetup and headerFooter; openpyxl writes nothing behind those here.
    parts[sheet] = parts[sheet].replace(b"</worksheet>", tags.encode() + b"</worksheet>")
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", types.encode() + b"</Types>")


def _zip(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ["[Content_Types].xml", *sorted(set(parts) - {"[Content_Types].xml"})]:
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, parts[name])
    return out.getvalue()
