"""Blanks inside the text of one cell: “单位负责人：      填报人：      填报日期：  年  月  日”, 附报 lines, “□ 1是 2否”.

Pure functions of one text. Positions are character offsets into the text as it stands in the cell, so that a value can be
written there and nothing else changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from forms.recognise.labels import clean, display_width, key, known_unit, squeeze, without_private
from forms.recognise.options import numbered_behind_box, ticked
from forms.recognise.words import words

_LONGEST = 2000
_COLON = re.compile(r"[：:]")
_GAP = re.compile(r"[_＿]{2,}|[ \u3000\xa0\t]{2,}|\u3000|\n")
_FILLER = re.compile(r"[\s_＿\u3000\xa0年月日时分季度止至\-—～~.．/／、，,。;；]*|[\s_＿]*[2２][0０][\s_＿年月日]*")
_DATE_BLANK = re.compile(r"[2２]?[0０]?[\s_＿\u3000\xa0]*年[\s_＿\u3000\xa0]*月([\s_＿\u3000\xa0]*日)?")
_AREA_CODE = re.compile(r"区号\s*[（(]\s*0?\s*[)）]")
_BOX = re.compile(r"□(?:[\s\u3000]*□)*")
_CODE = re.compile(r"^(\d{1,3})[.、]?\s*(?=[^\d.、%％])")
_OF_WHICH = re.compile(r"^其\s*中\s*[：:；;]?\s*")
_LEAD = re.compile(r"^.*(?<!其中)[：:](?=[^：:（(]{2,}$)")
_CODE_BEHIND = re.compile(r"[（(](\d{1,3})[)）]\s*[：:]?\s*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """One label with its blank in a text. `printed` holds what already stands where the value would go."""

    label: str
    start: int
    end: int
    printed: str = ""
    code: str = ""
    unit: str = ""
    options: tuple[str, ...] = ()
    of_which: bool = False
    group: str = ""


@lru_cache(maxsize=16384)
def pieces(text: str) -> tuple[Piece, ...]:
    """The labelled blanks of a text, in order. Empty when it is plain text (or prose of more than 2,000 characters)."""
    if len(text) > _LONGEST:
        return ()
    for read in (_boxed, _addendum, _colons):
        found = read(text)
        if found:
            return found
    return ()


# ---- label：blank -----------------------------------------------------------------------------------------------------
def _colons(text: str) -> tuple[Piece, ...]:
    spans = _label_spans(text)
    found: list[Piece] = []
    for number, (start, colon) in enumerate(spans):
        end = spans[number + 1][0] if number + 1 < len(spans) else len(text)
        label = clean(text[start:colon])
        bare = squeeze(text[colon + 1 : end])
        if not label or (bare[:1] in ("（", "(") and known_unit(bare.strip("（()）")) and not _GAP.search(text, colon + 1, end)):
            continue  # 人数：（人） is a label with its unit, not a value behind a colon
        found.append(_piece(label, text, colon + 1, end))
    return tuple(found)


def _label_spans(text: str) -> list[tuple[int, int]]:
    """(start of the label, place of its colon) of each “label：” in the text."""
    spans: list[tuple[int, int]] = []
    floor = 0
    for match in _COLON.finditer(text):
        colon = match.start()
        if match.group() == ":" and colon + 1 < len(text) and text[colon + 1].isdigit() and colon and text[colon - 1].isdigit():
            continue  # 18:00
        start = _label_start(text, floor, colon)
        if squeeze(text[start:colon]) and display_width(squeeze(text[start:colon])) <= 44:
            spans.append((start, colon))
            floor = colon + 1
    return spans


def _label_start(text: str, floor: int, colon: int) -> int:
    """A label begins after the last wide blank before it, but alignment blanks inside it (“表    号：”) belong to it."""
    start = floor
    gaps = [m for m in _GAP.finditer(text, floor, colon) if squeeze(text[m.end() : colon])]
    if gaps:
        last = gaps[-1]
        tail, head = squeeze(text[last.end() : colon]), squeeze(text[floor : last.start()])
        spaced = len(tail) == 1 and 1 <= len(head) <= 3 and len(gaps) <= 2 and not _DATE_BLANK.search(text[floor:colon])
        start = floor if spaced and (floor == 0 or key(head + tail) in words().printed) else last.end()
    dated = list(_DATE_BLANK.finditer(text, floor, colon))
    if dated and dated[-1].end() < colon and squeeze(text[dated[-1].end() : colon]):
        start = max(start, dated[-1].end())
    while start < colon and (text[start].isspace() or text[start] in "，,；;。、（"):
        start += 1
    return start


def _piece(label: str, text: str, start: int, end: int) -> Piece:
    body = without_private(text[start:end])
    area_code = _AREA_CODE.search(body)
    if area_code or _FILLER.fullmatch(body):
        return Piece(label, start, end)
    ticks = ticked(body)
    if ticks and not ticks.label:
        return Piece(label, start, end, options=ticks.values)
    unit = known_unit(body)
    blank = len(body) - len(body.lstrip(" \u3000\xa0_＿"))
    if blank >= 2 and unit:
        return Piece(label, start, start + blank, unit=unit)
    if blank >= 4:  # 综合机关名称：            2016年
        return Piece(label, start, start + blank)
    return Piece(label, start, end, printed=clean(body))


# ---- label □ 1是 2否 ---------------------------------------------------------------------------------------------------
def _boxed(text: str) -> tuple[Piece, ...]:
    boxes = list(_BOX.finditer(text))
    if not boxes or not squeeze(text[: boxes[0].start()]):
        return ()
    single = all(len(squeeze(m[0])) == 1 for m in boxes)
    if single and len(boxes) >= 2 and not _numbered_after(text, boxes):
        return _ticks_behind_label(text)
    if single and not _numbered_after(text, boxes):
        return ()
    found: list[Piece] = []
    floor = 0
    for number, box in enumerate(boxes):
        stop = boxes[number + 1].start() if number + 1 < len(boxes) else len(text)
        tail_end, options = _options_after(text, box.end(), stop)
        label, code = _coded(text[floor : box.start()])
        found.append(Piece(label, box.start(), box.end(), code=code, options=options))
        floor = tail_end
    return tuple(found)


def _numbered_after(text: str, boxes: list[re.Match[str]]) -> bool:
    return all(re.match(r"\s*[1１]\s*[^\d\s]", text[box.end() :]) for box in boxes)


def _options_after(text: str, start: int, stop: int) -> tuple[int, tuple[str, ...]]:
    """The options behind a box, up to the next label (which, on the same line, begins after the widest blank)."""
    body = text[start:stop]
    if stop < len(text):
        gaps = sorted(re.finditer(r"[ \u3000\xa0]{3,}", body.rstrip()), key=lambda m: len(m[0]))
        if gaps:
            body = body[: gaps[-1].start()]
    options = numbered_behind_box(body)
    return start + len(body), options.values if options else ()


def _ticks_behind_label(text: str) -> tuple[Piece, ...]:
    found = ticked(text)
    if found is None or not found.label:
        return ()
    return (Piece(found.label, found.start, len(text), options=found.values),)


def _coded(text: str) -> tuple[str, str]:
    label = clean(text)
    code = _CODE.match(label)
    return label, code[1] if code else ""


# ---- 附报：30国有农林牧渔场个数     个，其中：31农场     个 ----------------------------------------------------------------
def _addendum(text: str) -> tuple[Piece, ...]:
    head = next((h for h in words().addendum_heads if squeeze(text[:12]).startswith(h)), "")
    body_at = 0
    if head:
        colon = _COLON.search(text)
        body_at = colon.end() if colon and squeeze(text[: colon.start()]) == head else len(head)
    blanks = list(re.finditer(r"[_＿]{2,}|[ \u3000\xa0]{3,}", text[body_at:]))
    found: list[Piece] = []
    floor = body_at
    for blank in blanks:
        start, end = blank.start() + body_at, blank.end() + body_at
        unit_text, unit_end = _unit_at(text, end)
        raw = text[floor:start]
        if not unit_text or not (squeeze(raw) or found):
            if not head:
                return ()
            floor = floor if squeeze(raw) else end
            continue
        found.append(_addendum_piece(raw if squeeze(raw) else found[-1].label, start, end, unit_text, head.rstrip("：:")))
        floor = unit_end
    underlined = sum(1 for blank in blanks if blank[0][0] in "_＿")
    return tuple(found) if head or any(p.code for p in found) or (len(found) >= 2 and underlined >= 2) else ()


def _addendum_piece(raw: str, start: int, end: int, unit: str, group: str) -> Piece:
    label = clean(_LEAD.sub("", clean(raw))).strip("，,；;。、").strip()
    of_which = bool(_OF_WHICH.match(label))
    bare = _OF_WHICH.sub("", label)
    code = _CODE.match(bare)
    behind = _CODE_BEHIND.search(label)
    named = code or behind
    return Piece(label, start, end, code=named[1] if named else "", unit=unit, of_which=of_which, group=group)


def _unit_at(text: str, start: int) -> tuple[str, int]:
    """The unit that stands right behind a blank, perhaps in parentheses, and where the text goes on after it."""
    match = re.match(r"[（(]?\s*([^\s，,。；;、（()）_＿]{1,6})\s*[)）]?[，,；;。、]?\s*", text[start:])
    if not match:
        return "", start
    unit = known_unit(match[1])
    return (unit, start + match.end()) if unit else ("", start)
