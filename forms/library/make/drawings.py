"""Parts of a workbook that openpyxl cannot write: a text box, a picture of a seal, check boxes of the form controls.

They are here because real forms have them and because giving a form back must not lose them. Markup after ECMA-376 part 1
(DrawingML spreadsheet drawing) and part 4 (VML form controls); the pieces of it are in drawing_parts.yml.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import yaml


@cache
def parts() -> Mapping[str, str]:
    """The markup pieces, by name."""
    found: Mapping[str, str] = yaml.safe_load(Path(__file__).with_name("drawing_parts.yml").read_text(encoding="utf-8"))
    return found


def drawing_xml(shapes: Sequence[Mapping[str, Any]]) -> str:
    """The drawing part for text boxes ({textbox, at: [left, top, right, bottom]}) and seals ({seal, at: [left, top]});
    columns and rows count from 0 here, as the markup does."""
    bodies = "".join(_shape(number, shape) for number, shape in enumerate(shapes, 1))
    return parts()["drawing"].format(shapes=bodies)


def _shape(number: int, shape: Mapping[str, Any]) -> str:
    left, top, *end = shape["at"]
    start = {"number": number, "id": number + 1, "left": left, "top": top}
    if "seal" in shape:
        return parts()["picture"].format(**start)
    lines = "".join(parts()["line"].format(text=escape(line)) for line in str(shape["textbox"]).split("\n"))
    return parts()["text_box"].format(**start, right=end[0], bottom=end[1], lines=lines)


def checkbox_vml(boxes: Sequence[Mapping[str, Any]]) -> str:
    """The legacy drawing part for check boxes ({checkbox: caption, at})."""
    shapes = ""
    for number, box in enumerate(boxes, 1):
        left, top, right, bottom = box["at"]
        place = {"left": left, "top": top, "right": right, "bottom": bottom}
        shapes += parts()["checkbox"].format(id=1024 + number, number=number, caption=escape(str(box["checkbox"])), **place)
    return parts()["vml"].format(shapes=shapes)


def seal_png(size: int = 96) -> bytes:
    """A blank round seal: a red ring with a five-pointed star, nobody's name in it."""
    centre = (size - 1) / 2
    rows = []
    for y in range(size):
        row = bytearray([0])
        for x in range(size):
            row += b"\xd0\x10\x10\xc0" if _red(x - centre, y - centre, size / 2) else b"\x00\x00\x00\x00"
        rows.append(bytes(row))
    header, pixels = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0), zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _red(x: float, y: float, radius: float) -> bool:
    far = math.hypot(x, y)
    if 0.86 * radius <= far <= 0.98 * radius:
        return True
    # A star's edge between two corners is a straight line; 36 degrees is the angle from an outer to an inner corner.
    turn = math.degrees(math.atan2(x, -y)) % 72
    turn = math.radians(min(turn, 72 - turn))
    outer, inner = 0.5 * radius, 0.5 * radius * 0.382
    edge = outer * inner * math.sin(math.radians(36)) / (outer * math.sin(turn) + inner * math.sin(math.radians(36) - turn))
    return far <= edge


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
