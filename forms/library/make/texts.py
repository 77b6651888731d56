"""What stands around a table: title, sub-title, filing lines, notes, sentences with blanks in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.utils import get_column_letter

from forms.library.make.canvas import Canvas, blank_after_colon, text_width
from forms.library.make.notation import Notation

_HOLE = re.compile(r"\{([^{}]+)\}")
_GAP = "＿＿＿＿"


def draw_title(canvas: Canvas, text: str, notation: Notation) -> None:
    """The title over the whole width."""
    _holes(canvas, text.replace("⏎", "\n"), "title", notation)
    canvas.sheet.row_dimensions[canvas.row].height = canvas.look.title_size * 1.9
    canvas.table += 1
    canvas.row += 1


def draw_subtitle(canvas: Canvas, text: str, notation: Notation) -> None:
    """A line under the title: the period, or (续表)."""
    _holes(canvas, text, "subtitle", notation)
    canvas.row += 1


def draw_corner(canvas: Canvas, lines: Sequence[str], notation: Notation) -> None:
    """The small box at the top right of a statistic: 表号, 制定机关, 有效期."""
    left = max(canvas.left, canvas.right - 2)
    for text in lines:
        _holes(canvas, text, "line", notation, col=left)
        canvas.row += 1


def draw_line(canvas: Canvas, line: str, notation: Notation) -> None:
    """One line of filing blanks (填报单位：…) spread over the width; `!cell`: the value has its own cell, `!plain`: no blank."""
    row, col = canvas.row, canvas.left
    items = line.split(" | ")
    parsed = [notation.item(text) for text in items]
    ends = _shares(canvas, len(items))
    for number, item in enumerate(parsed):
        right, dated = max(col, ends[number]), "日" in item.printed[-2:]
        style = "line-right" if number and number == len(items) - 1 and ("plain" in item.flags or dated) else "line"
        if "cell" in item.flags:
            edge = _room_for(canvas, item.printed, col, right - 1)
            canvas.put(row, col, item.printed, "line", right=edge)
            canvas.put(row, edge + 1, "", "underlined", right=right)
            canvas.blank(row, edge + 1, item, (item.label,))
        elif "plain" in item.flags:
            canvas.put(row, col, item.printed, style, right=right)
        elif "{" in item.printed:
            _holes(canvas, items[number], style, notation, col=col, right=right)
        else:
            canvas.put(row, col, item.printed, style, right=right)
            label = item.printed[: blank_after_colon(item.printed)[0]]
            named = notation.item(f"{label.replace(' ', '')} {_attributes(items[number])}".strip())
            canvas.blank(row, col, named, (named.label,), inside=blank_after_colon(item.printed))
        col = right + 1
    canvas.sheet.row_dimensions[row].height = 20
    canvas.row += 1


def _shares(canvas: Canvas, parts: int) -> list[int]:
    """Last columns of `parts` stretches of about equal width."""
    widths = [canvas.sheet.column_dimensions[get_column_letter(x)].width for x in range(canvas.left, canvas.right + 1)]
    ends: list[int] = []
    total, so_far = sum(widths), 0.0
    for place, width in enumerate(widths):
        so_far += width
        if len(ends) < parts - 1 and so_far >= total * (len(ends) + 1) / parts - width / 2:
            ends.append(canvas.left + place)
    return [*ends, *[canvas.right] * (parts - len(ends))]


def _room_for(canvas: Canvas, text: str, col: int, last: int) -> int:
    """The column up to which a label must be merged to be readable, at most `last`."""
    room = 0.0
    for edge in range(col, last + 1):
        room += canvas.sheet.column_dimensions[get_column_letter(edge)].width
        if room >= text_width(text):
            return edge
    return max(col, last)


def _attributes(text: str) -> str:
    return " ".join(word for word in text.split(" ") if word[:1] in "@~=[/")


def draw_note(canvas: Canvas, text: str, notation: Notation) -> None:
    """A remark under (or over) the table; `{label @key}` inside it is a blank to be filled."""
    _holes(canvas, text.replace("⏎", "\n"), "note", notation)
    canvas.row += 1


def draw_gap(canvas: Canvas, rows: int, notation: Notation) -> None:
    """Empty rows between two tables of one sheet."""
    canvas.row += rows


def _holes(canvas: Canvas, text: str, style: str, notation: Notation, *, col: int = 0, right: int = 0) -> None:
    """Prints text whose {holes} are blanks in the running text."""
    row, col, right = canvas.row, col or canvas.left, right or canvas.right
    printed, at = "", 0
    for match in _HOLE.finditer(text):
        printed += text[at : match.start()]
        item = notation.item(match[1])
        canvas.blank(row, col, item, (item.label,), inside=(len(printed), len(printed) + len(_GAP)))
        printed += _GAP
        at = match.end()
    canvas.put(row, col, printed + text[at:], style, right=right)


TEXT_BLOCKS: Mapping[str, Any] = {
    "title": draw_title, "subtitle": draw_subtitle, "corner": draw_corner, "line": draw_line, "note": draw_note, "gap": draw_gap,
}  # fmt: skip
