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
    """The choices printed with boxes in a text, in their order; () when there are none.

    The box may stand before the words (□是 □否) or behind them (是□ 否□). A tick beside an empty box ticks it (√□是, □√是),
    one right behind the words does, too (□是√ □否). In □是√□否 nobody can tell: then nothing counts as ticked.
    """
    marks = list(_boxes().finditer(text))
    if not marks:
        return ()
    if text[: marks[0].start()].strip() and not text[marks[-1].end() :].strip():
        starts = [0] + [mark.end() for mark in marks[:-1]]
        pieces = [text[start : mark.start()] for start, mark in zip(starts, marks, strict=True)]
        return tuple(_option(piece, _ticks(mark[0])) for mark, piece in zip(marks, pieces, strict=True) if _label(piece))
    return tuple(_before(text, marks))


def _before(text: str, marks: list[re.Match[str]]) -> list[Option]:
    """Options whose box stands before the words."""
    options: list[Option] = []
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        piece = text[mark.end() : after.start() if after else len(text)]
        glued = mark.start() > 0 and not text[mark.start() - 1].isspace()
        if _label(piece):
            unsure = glued and options and len(mark[0]) > 1 and _ticks(mark[0][0])
            options.append(_option(piece, _ticks(mark[0]) and not unsure))
        elif glued and options and _ticks(mark[0]):
            options[-1] = Option(options[-1].label, True)
    return options


def _option(piece: str, ticked: bool) -> Option:
    return Option(_label(piece), ticked)


def _label(piece: str) -> str:
    return piece.strip(" \t\n\u3000,，、;；/．.。()（）")


def _ticks(mark: str) -> bool:
    return any(sign in words()["ticked"] for sign in mark)


@lru_cache(maxsize=1)
def _boxes() -> re.Pattern[str]:
    ticked, empty = ("".join(re.escape(sign) for sign in words()[name]) for name in ("ticked", "empty"))
    return re.compile(f"[{ticked}][{empty}]|[{empty}][{ticked}]|[{ticked}{empty}]")
