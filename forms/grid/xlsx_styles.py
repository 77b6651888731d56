"""The cell formats of an .xlsx workbook (ECMA-376 part 1, 18.8), as far as `Style` speaks of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar

from lxml import etree

from forms.grid.numfmt import BUILTIN
from forms.model import PLAIN, Style

# Indexed colours 0-63 of the legacy palette (ECMA-376 part 1, 18.8.27).
_PALETTE = tuple(
    re.findall(
        r"\w+",
        "000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF 000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF "
        "800000 008000 000080 808000 800080 008080 C0C0C0 808080 9999FF 993366 FFFFCC CCFFFF 660066 FF8080 0066CC CCCCFF "
        "000080 FF00FF FFFF00 00FFFF 800080 800000 008080 0000FF 00CCFF CCFFFF CCFFCC FFFF99 99CCFF FF99CC CC99FF FFCC99 "
        "3366FF 33CCCC 99CC00 FFCC00 FF9900 FF6600 666699 969696 003366 339966 003300 333300 993300 993366 333399 333333",
    )
)
# Office's own theme, used when the workbook's cannot tell: lt1 dk1 lt2 dk2 accent1-6.
_THEME = ("FFFFFF", "000000", "EEECE1", "1F497D", "4F81BD", "C0504D", "9BBB59", "8064A2", "4BACC6", "F79646")
_T = TypeVar("_T")
_HALIGN = {"left": "left", "center": "center", "right": "right", "centerContinuous": "center", "distributed": "center"}


@dataclass(frozen=True, slots=True)
class _Font:
    bold: bool = False
    size: float = 0.0


def read_styles(root: etree._Element | None) -> tuple[Style, ...]:
    """One Style per cell format index."""
    if root is None:
        return (PLAIN,)
    parts = {etree.QName(child).localname: child for child in root if isinstance(child.tag, str)}
    formats = dict(BUILTIN)
    for item in _items(parts, "numFmts"):
        formats[_int(item.get("numFmtId"))] = item.get("formatCode") or "General"
    fonts = [_font(item) for item in _items(parts, "fonts")]
    fills = [_fill(item) for item in _items(parts, "fills")]
    borders = [_border(item) for item in _items(parts, "borders")]
    return tuple(_style(xf, formats, fonts, fills, borders) for xf in _items(parts, "cellXfs")) or (PLAIN,)


def _style(
    xf: etree._Element, formats: dict[int, str], fonts: list[_Font], fills: list[str], borders: list[tuple[bool, ...]]
) -> Style:
    font = _at(fonts, xf.get("fontId"), _Font())
    top, left, bottom, right = _at(borders, xf.get("borderId"), (False, False, False, False))
    alignment = xf.find("{*}alignment")
    return Style(
        bold=font.bold,
        font_size=font.size,
        indent=_int(alignment.get("indent")) if alignment is not None else 0,
        halign=_HALIGN.get(alignment.get("horizontal") or "", "") if alignment is not None else "",
        fill=_at(fills, xf.get("fillId"), ""),
        top=top,
        left=left,
        bottom=bottom,
        right=right,
        number_format=formats.get(_int(xf.get("numFmtId")), "General"),
    )


def _font(item: etree._Element) -> _Font:
    bold, size = item.find("{*}b"), item.find("{*}sz")
    return _Font(
        bold=bold is not None and bold.get("val") not in ("0", "false"),
        size=_float(size.get("val")) if size is not None else 0.0,
    )


def _fill(item: etree._Element) -> str:
    pattern = item.find("{*}patternFill")
    if pattern is None or pattern.get("patternType") in (None, "none"):
        return ""
    if pattern.get("patternType") == "gray125":
        return ""
    colour = pattern.find("{*}fgColor")
    shown = _colour(colour) if colour is not None else ""
    return "" if shown == "FFFFFF" else shown


def _colour(colour: etree._Element) -> str:
    """RGB of a colour; a theme colour with its lightness applied, so that two shades stay two."""
    rgb, indexed, theme = colour.get("rgb"), colour.get("indexed"), colour.get("theme")
    if rgb:
        return rgb[-6:].upper()
    if indexed is not None:
        return _PALETTE[_int(indexed)] if _int(indexed) < len(_PALETTE) else ""
    if theme is None:
        return ""
    base = _THEME[_int(theme)] if _int(theme) < len(_THEME) else "808080"
    tint = _float(colour.get("tint"))
    parts = [int(base[i : i + 2], 16) for i in (0, 2, 4)]
    lit = [round(p * (1 + tint)) if tint < 0 else round(p + (255 - p) * tint) for p in parts]
    return "".join(f"{max(0, min(255, p)):02X}" for p in lit)


def _border(item: etree._Element) -> tuple[bool, ...]:
    sides = {etree.QName(side).localname: side.get("style") not in (None, "none") for side in item if isinstance(side.tag, str)}
    return (
        sides.get("top", False),
        sides.get("left", sides.get("start", False)),
        sides.get("bottom", False),
        sides.get("right", sides.get("end", False)),
    )


def _items(parts: dict[str, etree._Element], name: str) -> list[etree._Element]:
    return [item for item in parts.get(name, ()) if isinstance(item.tag, str)]


def _at(items: list[_T], index: str | None, otherwise: _T) -> _T:
    place = _int(index)
    return items[place] if 0 <= place < len(items) else otherwise


def _int(text: str | None) -> int:
    return int(text) if text and text.lstrip("-").isdigit() else 0


def _float(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
