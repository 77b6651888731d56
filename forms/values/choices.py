"""Yes and no, and ticked boxes: □是 ☑否."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from forms.model import CellValue
from forms.values.failure import Failure
from forms.values.words import bare, word_set, words


@dataclass(frozen=True, slots=True)
class Option:
    """One choice printed with a box, and whether the box is ticked."""

    label: str
    ticked: bool


def parse_yes_no(content: CellValue) -> bool | Failure:
    """Whether the content says yes. 1 and 0 are refused (value.not-yes-no): forms print 1.是 2.否 as well as 0 否 1 是.
    Of printed options (□是 ☑否) the ticked one counts; none or several ticked is value.not-one-tick."""
    if isinstance(content, bool):
        return content
    if not isinstance(content, str):
        return Failure("value.not-yes-no", "" if content is None else str(content))
    options = parse_options(content)
    if len(options) > 1:
        ticked = [option.label for option in options if option.ticked]
        return parse_yes_no(ticked[0]) if len(ticked) == 1 else Failure("value.not-one-tick", content)
    word = bare(content)
    if word in word_set("yes"):
        return True
    if word in word_set("no"):
        return False
    return Failure("value.not-yes-no", content)


def parse_options(text: str) -> tuple[Option, ...]:
    """The choices printed with boxes in a text, in their order; () when there are none. The box may stand before the words
    (□是 □否) or behind them (是□ 否□); a tick written beside an empty box ticks it (√□是, □√是)."""
    marks = list(_boxes().finditer(text))
    if not marks:
        return ()
    if text[: marks[0].start()].strip() and not text[marks[-1].end() :].strip():
        pieces = _behind(text, marks)
    else:
        ends = [mark.start() for mark in marks[1:]] + [len(text)]
        pieces = [text[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]
    return tuple(
        Option(label, any(sign in words()["ticked"] for sign in mark[0]))
        for mark, piece in zip(marks, pieces, strict=True)
        if (label := piece.strip(" \t\n\u3000,，、;；/．.。()（）"))
    )


def _behind(text: str, marks: list[re.Match[str]]) -> list[str]:
    starts = [0] + [mark.end() for mark in marks[:-1]]
    return [text[start : mark.start()] for start, mark in zip(starts, marks, strict=True)]


@lru_cache(maxsize=1)
def _boxes() -> re.Pattern[str]:
    signs = "".join(re.escape(sign) for sign in (*words()["ticked"], *words()["empty"]))
    return re.compile(f"[{signs}](?:\\s?[{signs}])?")
