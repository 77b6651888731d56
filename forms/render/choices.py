"""Ticking printed options: □是 □否, 是□ 否□, □1.男 □2.女, （ ）是 （ ）否.

Boxes without words take signs instead of a tick: one digit each (行政区划代码 □□□□□□), or the number of the option
printed behind them (□ 1是 2否).

One stretch of text is one question: what is chosen is ticked, what was ticked before and is not chosen goes back to an
open box. Everything else in the text stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from forms.render.boxes import Box, fill_boxes, take_signs
from forms.render.marks import marks
from forms.render.runs import Change, Run

_NUMBERED = re.compile(r"^\s*1[\s.．、]*[^\W\d].*(?<!\d)2[\s.．、]*[^\W\d]", re.S)
_SPACE = re.compile(r"[\s_＿]+")


class NoSuchOption(Exception):
    """The text offers no such option, or offers it more than once. `options` are those it does offer."""

    def __init__(self, wanted: str, options: Sequence[str]) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.options = tuple(options)


def has_boxes(runs: Sequence[Run]) -> bool:
    """Whether the text holds check boxes."""
    return bool(_glyph_boxes(runs))


def tick(runs: Sequence[Run], start: int, end: int, wanted: Sequence[str]) -> list[Change]:
    """The changes that tick the `wanted` options within characters [start, end). Raises NoSuchOption."""
    text = "".join(run.text for run in runs)
    boxes = [box for box in _boxes(runs, text) if start <= box.start and box.end <= end]
    if not boxes:
        raise NoSuchOption(wanted[0], ())
    if take_signs(text, boxes, start, end):
        changes = fill_boxes(text, boxes, end, wanted[0]) if len(wanted) == 1 else None
        if changes is None:
            raise NoSuchOption(wanted[0], [""] * len(boxes))
        return changes
    if len(boxes) == 1 and _NUMBERED.search(text[boxes[0].end : end]):  # □ 1 文盲　2 小学: the box takes the number
        numbered = fill_boxes(text, boxes, boxes[0].end, wanted[0]) if len(wanted) == 1 else None
        if numbered is None:
            raise NoSuchOption(wanted[0], [_tidy(text[boxes[0].end : end])])
        return numbered
    segments = _segments(text, boxes, start, end)
    chosen: set[int] = set()
    for option in wanted:
        found = _find(option, segments)
        if not found:
            parts = [part for part in marks().several.split(option) if part.strip()]
            found = [place for part in parts for place in _find(part, segments) or [-1]] if len(parts) > 1 else []
        if not found or -1 in found:
            raise NoSuchOption(option, [_tidy(segment) for segment in segments])
        chosen.update(found)
    changes = [Change(b.start, b.end, b.ticked if i in chosen else b.opened) for i, b in enumerate(boxes)]
    return [item for item in changes if text[item.start : item.end] != item.new]


def _boxes(runs: Sequence[Run], text: str) -> list[Box]:
    return _glyph_boxes(runs) or _bracket_boxes(text) or _lookalikes(text)


def _glyph_boxes(runs: Sequence[Run]) -> list[Box]:
    signs, found, place = marks(), [], 0
    for run in runs:
        font = signs.fonts.get(run.font, {})
        back = {ticked: opened for opened, ticked in font.items()}
        for offset, letter in enumerate(run.text):
            opened = signs.boxes.get(letter) or font.get(letter)
            if opened is not None:
                found.append(Box(place + offset, place + offset + 1, letter, opened))
                continue
            previous = signs.ticked.get(letter) or back.get(letter)
            if previous is not None:
                found.append(Box(place + offset, place + offset + 1, previous, letter))
        place += len(run.text)
    return found


def _bracket_boxes(text: str) -> list[Box]:
    signs, found = marks(), []
    for pair in signs.brackets:
        left, right = re.escape(pair[0]), re.escape(pair[1])
        for hit in re.finditer(f"{left}([\\s\u3000]*){re.escape(signs.tick)}?([\\s\u3000]*){right}", text):
            found.append(
                Box(hit.start(), hit.end(), f"{pair[0]}{hit[1] or ' '}{hit[2]}{pair[1]}", pair[0] + signs.tick + pair[1])
            )
    return sorted(found, key=lambda box: box.start)


def _lookalikes(text: str) -> list[Box]:
    signs = marks()
    return [
        Box(place, place + 1, letter, signs.lookalike[letter])
        for place, letter in enumerate(text)
        if letter in signs.lookalike and (place == 0 or text[place - 1] in signs.around)
    ]


def _segments(text: str, boxes: Sequence[Box], start: int, end: int) -> list[str]:
    """The words of each box's option: those before it where the last box closes the line, else those behind it."""
    after = text[boxes[-1].end : end].strip(marks().around)
    before = text[start : boxes[0].start].strip(marks().around)
    if not after and before:
        edges = [start, *(box.end for box in boxes)]
        return [text[edge : box.start] for edge, box in zip(edges, boxes, strict=False)]
    edges = [*(box.start for box in boxes[1:]), end]
    return [text[box.end : edge] for box, edge in zip(boxes, edges, strict=True)]


def _find(option: str, segments: Sequence[str]) -> list[int]:
    """The one segment that is this option, by the strictest reading under which any is; [] when none or not only one."""
    wanted = _tidy(option)
    if not wanted:
        return []
    for reads in (_is, _same_but_number, _goes_on, _ends_with, _begins_with):
        hits = [index for index, segment in enumerate(segments) if reads(segment, wanted)]
        if hits:
            return hits if len(hits) == 1 else []
    return []


def _is(segment: str, wanted: str) -> bool:
    """The same words, whatever line breaks and padding stand between them."""
    return _SPACE.sub("", _tidy(segment)) == _SPACE.sub("", wanted)


def _goes_on(segment: str, wanted: str) -> bool:
    """其他 for 其他____ or 3.其他（请注明）."""
    return _starts(_tidy(segment), wanted) or _starts(_split_number(segment)[1], wanted)


def _ends_with(segment: str, wanted: str) -> bool:
    """是 for 是否低保：是."""
    return _tidy(segment).split()[-1:] == [wanted] or re.split("[:：]", _tidy(segment))[-1].strip() == wanted


def _begins_with(segment: str, wanted: str) -> bool:
    return _tidy(segment).split()[:1] == [wanted]


def _tidy(text: str) -> str:
    return text.strip(marks().around)


def _split_number(text: str) -> tuple[str, str]:
    """("1.", "男") for "1.男"."""
    tidy = _tidy(text)
    found = marks().option_number.match(tidy)
    return (_tidy(found[0]), _tidy(tidy[found.end() :])) if found else ("", tidy)


def _same_but_number(segment: str, option: str) -> bool:
    """男 is 1.男, but 1级 is not 2级."""
    (number, words), (other_number, other_words) = _split_number(segment), _split_number(option)
    return words == other_words != "" and (not number or not other_number or number == other_number)


def _starts(segment: str, wanted: str) -> bool:
    return segment.startswith(wanted) and bool(marks().tail.match(segment[len(wanted) :]))
