"""The finished workbook file: raw drawing parts added, and the same bytes on every run."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from forms.library.make.drawings import RELS, checkbox_vml, drawing_xml, seal_png

_STAMP = (2026, 1, 1, 0, 0, 0)  # one date for all parts: the committed files change only when a form does
_TYPES = {
    "drawing": '<Override PartName="/xl/drawings/drawing{0}.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/>',
    "vml": '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>',
    "png": '<Default Extension="png" ContentType="image/png"/>',
}


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
    flat = [shape for shape in shapes if "checkbox" not in shape]
    boxes = [shape for shape in shapes if "checkbox" in shape]
    sheet, links, types, tags = f"xl/worksheets/sheet{number}.xml", "", "", ""
    if flat:
        parts[f"xl/drawings/drawing{number}.xml"] = drawing_xml(flat).encode()
        links += f'<Relationship Id="rIdD1" Type="{RELS}/drawing" Target="/xl/drawings/drawing{number}.xml"/>'
        tags += '<drawing r:id="rIdD1"/>'
        types += _TYPES["drawing"].format(number)
    if any("seal" in shape for shape in flat):
        parts["xl/media/image1.png"] = seal_png()
        parts[f"xl/drawings/_rels/drawing{number}.xml.rels"] = _rels(f'<Relationship Id="rId1" Type="{RELS}/image" Target="/xl/media/image1.png"/>')
        types += _TYPES["png"]
    if boxes:
        parts[f"xl/drawings/vmlDrawing{number}.vml"] = checkbox_vml(boxes).encode()
        links += f'<Relationship Id="rIdD2" Type="{RELS}/vmlDrawing" Target="/xl/drawings/vmlDrawing{number}.vml"/>'
        tags += '<legacyDrawing r:id="rIdD2"/>'
        types += _TYPES["vml"]
    parts[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = _rels(links)
    # CT_Worksheet wants drawing, then legacyDrawing, after pageSetup and headerFooter; openpyxl writes nothing behind those here.
    text = parts[sheet].decode().replace("</worksheet>", f"{tags}</worksheet>")
    parts[sheet] = text.replace("<worksheet ", f'<worksheet xmlns:r="{RELS}" ', 1).encode()
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", types.encode() + b"</Types>")


def _rels(links: str) -> bytes:
    home = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{home}">{links}</Relationships>'.encode()


def _zip(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ["[Content_Types].xml", *sorted(set(parts) - {"[Content_Types].xml"})]:
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, parts[name])
    return out.getvalue()
