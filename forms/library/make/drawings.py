"""Parts of a workbook that openpyxl cannot write: a text box, a picture of a seal, check boxes of the form controls.

They are here because real forms have them and because giving a form back must not lose them. Markup after ECMA-376 part 1
(DrawingML spreadsheet drawing) and part 4 (VML form controls).
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

_NS = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _anchor(at: Sequence[int], body: str) -> str:
    left, top, right, bottom = at
    corner = "<xdr:{0}><xdr:col>{1}</xdr:col><xdr:colOff>38100</xdr:colOff><xdr:row>{2}</xdr:row><xdr:rowOff>19050</xdr:rowOff></xdr:{0}>"
    return (
        f'<xdr:twoCellAnchor editAs="oneCell">{corner.format("from", left, top)}{corner.format("to", right, bottom)}'
        f"{body}<xdr:clientData/></xdr:twoCellAnchor>"
    )


def _text_box(number: int, text: str) -> str:
    lines = "".join(
        f'<a:p><a:r><a:rPr lang="zh-CN" sz="900"><a:latin typeface="宋体"/><a:ea typeface="宋体"/></a:rPr><a:t>{escape(line)}</a:t></a:r></a:p>'
        for line in text.split("\n")
    )
    return (
        f'<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="{number + 1}" name="文本框 {number}"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr>'
        '<xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        '<a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill><a:ln w="6350"><a:solidFill><a:srgbClr val="808080"/></a:solidFill></a:ln></xdr:spPr>'
        f'<xdr:txBody><a:bodyPr wrap="square" lIns="36000" tIns="18000" rIns="36000" bIns="18000"/><a:lstStyle/>{lines}</xdr:txBody></xdr:sp>'
    )


def _picture(number: int) -> str:
    return (
        f'<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="{number + 1}" name="图章 {number}" descr="印章样式"/><xdr:cNvPicPr/></xdr:nvPicPr>'
        '<xdr:blipFill><a:blip r:embed="rId1"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill>'
        '<xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic>'
    )


def drawing_xml(shapes: Sequence[Mapping[str, Any]]) -> str:
    """The drawing part for text boxes ({textbox, at}) and seals ({seal, at}); `at` = left, top, right, bottom cell, from 0."""
    bodies = []
    for number, shape in enumerate(shapes, 1):
        body = _text_box(number, str(shape["textbox"])) if "textbox" in shape else _picture(number)
        bodies.append(_anchor(shape["at"], body))
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<xdr:wsDr {_NS}>{"".join(bodies)}</xdr:wsDr>'


def checkbox_vml(boxes: Sequence[Mapping[str, Any]]) -> str:
    """The legacy drawing part for check boxes ({checkbox: caption, at})."""
    shapes = []
    for number, box in enumerate(boxes, 1):
        left, top, right, bottom = box["at"]
        shapes.append(
            f'<v:shape id="_x0000_s{1024 + number}" type="#_x0000_t201" style="position:absolute;margin-left:1pt;margin-top:1pt;'
            f'width:60pt;height:16pt;z-index:{number}" filled="f" fillcolor="window [65]" stroked="f" strokecolor="windowText [64]" o:insetmode="auto">'
            '<v:path shadowok="t" strokeok="t" fillok="t"/><o:lock v:ext="edit" rotation="t"/>'
            f'<v:textbox style="mso-direction-alt:auto" o:singleclick="f"><div style="text-align:left"><font face="宋体" size="180" color="auto">{escape(str(box["checkbox"]))}</font></div></v:textbox>'
            f'<x:ClientData ObjectType="Checkbox"><x:SizeWithCells/><x:Anchor>{left}, 4, {top}, 3, {right}, 60, {bottom}, 20</x:Anchor>'
            "<x:AutoFill>False</x:AutoFill><x:AutoLine>False</x:AutoLine><x:TextVAlign>Center</x:TextVAlign><x:NoThreeD/></x:ClientData></v:shape>"
        )
    return (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
        '<v:shapetype id="_x0000_t201" coordsize="21600,21600" o:spt="201" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
        '<v:path shadowok="f" o:extrusionok="f" strokeok="f" fillok="f" o:connecttype="rect"/><o:lock v:ext="edit" shapetype="t"/></v:shapetype>'
        f"{''.join(shapes)}</xml>"
    )


def seal_png(size: int = 96) -> bytes:
    """A blank round seal: a red ring with a five-pointed star, nobody's name in it."""
    centre = (size - 1) / 2
    rows = []
    for y in range(size):
        row = bytearray([0])
        for x in range(size):
            row += b"\xd0\x10\x10\xc0" if _red(x - centre, y - centre, size / 2) else b"\x00\x00\x00\x00"
        rows.append(bytes(row))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + _chunk(b"IEND", b"")


def _red(x: float, y: float, radius: float) -> bool:
    far = math.hypot(x, y)
    if 0.86 * radius <= far <= 0.98 * radius:
        return True
    # A star's edge between two corners is a straight line; 36 degrees is the angle from an outer to an inner corner.
    turn = (math.degrees(math.atan2(x, -y)) % 72 + 72) % 72
    turn = min(turn, 72 - turn)
    outer, inner = 0.36 * radius, 0.36 * radius * 0.382
    edge = outer * inner * math.sin(math.radians(36)) / (outer * math.sin(math.radians(turn)) + inner * math.sin(math.radians(36 - turn)))
    return far <= edge


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
