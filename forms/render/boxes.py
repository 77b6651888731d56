"""Boxes that take signs instead of a tick: one digit a box (行政区划代码 □□□□□□, 日期 □□□□年□□月□□日), or the number of
the option printed behind it (地势 □ 1平原 2丘陵 3山区)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forms.render.marks import marks
from forms.render.runs import Change

_DATE = re.compile(r"(\d{4})年(\d{1,2})月(?:(\d{1,2})日)?")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_FEWEST = 3  # boxes in a row, where no blank says that they belong together


@dataclass(frozen=True, slots=True)
class Box:
    """A printed box at characters [start, end), and how it looks open and ticked."""

    start: int
    end: int
    opened: str
    ticked: str


def take_signs(text: str, boxes: Sequence[Box], start: int, end: int) -> bool:
    """Whether the boxes within [start, end) have no words of their own: nothing but date words stands between them and after
    the last, nor before the first unless they are several in a row."""
    signs = marks()
    edges = [*(box.start for box in boxes[1:]), end]
    between = "".join(text[box.end : edge] for box, edge in zip(boxes, edges, strict=True)).strip(signs.around)
    before = text[start : boxes[0].start].strip(signs.around)
    return not between.strip(signs.around + signs.date_words) and (not before or len(boxes) >= _FEWEST)


def fill_boxes(text: str, boxes: Sequence[Box], end: int, wanted: str) -> list[Change] | None:
    """The changes that put a code, a date or an option's number into the boxes; None when it does not fit them."""
    signs = _signs(wanted, len(boxes)) or _number_of(wanted, text[end:], len(boxes), [box.opened for box in boxes])
    if signs is None:
        return None
    return [Change(box.start, box.end, sign) for box, sign in zip(boxes, signs, strict=True)]


def _signs(wanted: str, count: int) -> str | None:
    date = _DATE.fullmatch(wanted)
    if date:
        wanted = date[1] + date[2].zfill(2) + (date[3] or "").zfill(2) * bool(date[3])
        wanted = wanted[:count] if count in (4, 6) else wanted
    bare = re.sub(r"\s", "", wanted)
    return bare if len(bare) == count and bare.isascii() and bare.isalnum() else None


def _number_of(option: str, behind: str, count: int, opened: Sequence[str]) -> str | None:
    """The number that is printed before the option behind the boxes. A single box shows it circled, so that “① 1是 2否” is
    not read as one list."""
    behind = re.split("[" + re.escape("".join(opened)) + "]", behind)[0]
    found = re.search(r"(\d{1,2})[\s.．、]*" + re.escape(option.strip()) + r"(?![^\W\d_])", behind)
    if found is None or len(found[1].lstrip("0")) > count or not found[1].strip("0"):
        return None
    number = int(found[1])
    return _CIRCLED[number - 1] if count == 1 and number <= len(_CIRCLED) else str(number).zfill(count)
