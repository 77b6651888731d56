"""Options printed on a form: “□是 □否”, “1.是2.否”, “（1）是（2）否”, “□ 1重点镇 2 非重点镇”, 男/女.

Pure functions of one text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forms.recognise.labels import clean

BOXES = "□☐▢◻○〇◯Oo☑√■☒"
_TICK = re.compile(r"[□☐▢◻○◯☑■☒]")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\s*[.．、：:]\s*(?!\d)")
_PARENS = re.compile(r"[（(](\d{1,2})[)）]\s*")
_BARE = re.compile(r"(?<![\d.])(\d{1,2})\s*(?:[.．、：:]|(?=\s*[^\d\s.．、%％岁人元亩年月日号\-~～—]))\s*")
_SLASHED = re.compile(r"[（(]([^（）()/／]{1,6}(?:[/／][^（）()/／]{1,6}){1,5})[)）]$")
_TRAIL = re.compile(r"[\s_＿,，;；、。/／]+$")


@dataclass(frozen=True, slots=True)
class Options:
    """Options in a text: `label` is what stands before them, `start` the place of the first mark."""

    label: str
    values: tuple[str, ...]
    start: int


def has_tick(text: str) -> bool:
    return _TICK.search(text) is not None


def ticked(text: str) -> Options | None:
    """Options each with a box before (“□是 □否”) or behind it (“是□ 否□”); None when there are fewer than two boxes."""
    marks = list(_TICK.finditer(text))
    if len(marks) < 2:
        return None
    before = _split(text, [m.end() for m in marks], [m.start() for m in marks[1:]] + [len(text)])
    if all(before):
        return Options(clean(text[: marks[0].start()]), before, marks[0].start())
    starts = [0] + [m.end() for m in marks[:-1]]
    behind = _split(text, starts, [m.start() for m in marks])
    if not all(behind):
        return Options(clean(text[: marks[0].start()]), tuple(v for v in before if v), marks[0].start()) if any(before) else None
    head = re.match(r"\s*([^：:]+)[：:]", text)
    if head:
        first = clean(text[head.end() : marks[0].start()])
        return Options(clean(head[1]), (first, *behind[1:]), head.end())
    return Options("", behind, 0)


def _split(text: str, starts: Sequence[int], ends: Sequence[int]) -> tuple[str, ...]:
    return tuple(clean(_TRAIL.sub("", text[a:b]).strip("　 ")) for a, b in zip(starts, ends, strict=True))


def numbered(text: str) -> Options | None:
    """Options numbered from 1 upwards behind a label (“……：1.是2.否”, “：（1）是（2）否”); None when there are none."""
    return _numbered_by(text, _DOTTED) or _numbered_by(text, _PARENS)


def numbered_behind_box(text: str) -> Options | None:
    """Options numbered without a dot, as they stand behind a box to write into: “□ 1是 2否”."""
    return numbered("：" + text) or _numbered_by("：" + text, _BARE)


def _numbered_by(text: str, mark_pattern: re.Pattern[str]) -> Options | None:
    marks = list(mark_pattern.finditer(text))
    for first, mark in enumerate(marks):
        if int(mark[1]) != 1 or not _opens(text, mark.start()):
            continue
        run = [mark]
        for nxt in marks[first + 1 :]:
            if int(nxt[1]) == len(run) + 1:
                run.append(nxt)
        values = _split(text, [m.end() for m in run], [m.start() for m in run[1:]] + [len(text)])
        if len(run) >= 2 and all(0 < len(v) <= 40 for v in values):
            return Options(clean(text[: mark.start()].rstrip(" □：:（(")), values, mark.start())
    return None


def _opens(text: str, start: int) -> bool:
    """Options open after a colon, a box or a wide blank; a label's own numbering stands at its very beginning."""
    lead = text[:start].rstrip()
    return bool(lead) and (lead[-1] in "：:□（(" or text[:start].endswith(("  ", "\u3000", "\n")))


def slashed(label: str) -> tuple[str, ...]:
    """Options in a closing parenthesis with strokes: 结构（砖瓦/泥房)."""
    match = _SLASHED.search(label)
    return tuple(clean(v) for v in re.split(r"[/／]", match[1])) if match else ()
