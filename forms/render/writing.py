"""What one cell holds after a value, a tick or filled blanks have been put into it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from forms.model import Address, Blank, CellValue, Problem
from forms.problems import problem
from forms.render.choices import NoSuchOption, has_boxes, tick
from forms.render.content import Content, Unwritable, as_text, clean, content, date_span, is_date_pattern, rich
from forms.render.marks import marks
from forms.render.model import Write
from forms.render.runs import Change, Run, change, plain
from forms.render.sheet import Existing, Sheet

Report = Callable[..., None]
Runs = tuple[Run, ...]
_BEFORE_UNIT = re.compile(r"([\s_＿]{2,})[^\s\d_＿]{1,6}\s*")  # a value cell with its unit printed in it: “      平方米”
_NEXT_LABEL = re.compile(r"[^\s_＿，,。；;、:：]+[:：]")


@dataclass
class Writer:
    """Writes into the cells of one sheet and keeps the Problems met."""

    sheet: Sheet
    file: str
    problems: list[Problem]

    def put(self, row: int, col: int, writes: Sequence[Write]) -> None:
        """All that goes into one cell (its merged block's first), at once."""
        existing = self.sheet.existing(row, col)
        report = self.reporter(row, col)
        result = self.content_for(existing, writes, report)
        if result is not None:
            self.sheet.written[(row, col)] = result

    def split(self, place: tuple[int, int], count: int) -> None:
        """Takes the merged block at a place apart, because `count` different values are meant for its cells."""
        block = self.sheet.block(*place)
        if block is not None:
            self.sheet.split(block)
            self.problems.append(problem("render.unmerged", self.file, self.sheet.name, str(block), block=block, count=count))

    def put_value(self, row: int, col: int, value: CellValue) -> None:
        self.put(row, col, [Write(Address(self.sheet.name, row, col), value)])

    def content_for(self, existing: Existing, writes: Sequence[Write], report: Report) -> Content | None:
        """The cell's new content, None when it stays as it is."""
        cleaned = [clean_write(write, report) for write in writes]
        shown = existing.shown.strip()
        first = next((write for write in cleaned if _shown(write)), None)
        if existing.kind == "formula":
            if first is not None:
                report("render.formula-kept", value=quoted(first))
            return None
        if shown in marks().blocked and first is not None and _shown(first) != shown:
            report("render.blocked-cell", shown=shown, value=quoted(first))
            return None
        if takes_parts(existing.runs, cleaned):
            return self._within(existing, cleaned, report)
        return self._whole(existing, cleaned, report)

    def reporter(self, row: int, col: int) -> Report:
        cell = Address(self.sheet.name, row, col).a1

        def report(code: str, **values: object) -> None:
            self.problems.append(problem(code, self.file, self.sheet.name, cell, **values))

        return report

    def _whole(self, existing: Existing, writes: Sequence[Write], report: Report) -> Content | None:
        """A value that takes the whole cell."""
        value = one_value(writes, report)
        pattern = plain(existing.runs)
        book = self.sheet.book
        unit = _BEFORE_UNIT.fullmatch(pattern)
        if unit and isinstance(value, Decimal):
            blank = Blank(0, unit.end(1))
            return self._within(existing, [Write(writes[0].address, value, blank)], report)
        try:
            if isinstance(value, (bool, str)) or value is None or not is_date_pattern(pattern):
                shape = book.shape(existing.style) if _is_dated(value) else None
                return content(value, shape, book.system_1904, self.sheet.prefix)
            changed = change(existing.runs, [Change(0, len(pattern), as_text(value, pattern))])
            return rich(changed, self.sheet.prefix)
        except Unwritable as error:
            report(error.code, **error.values)
            return None

    def _within(self, existing: Existing, writes: Sequence[Write], report: Report) -> Content | None:
        """Values that go into parts of the cell's text: blanks and ticks."""
        runs = existing.runs or ((Run(existing.shown),) if existing.shown else ())
        if not runs and all(write.blank is None for write in writes):
            chosen = "、".join(dict.fromkeys(shown_choice(write) for write in writes))
            return content(chosen, None, False, self.sheet.prefix)
        changed = within(runs, writes, report)
        return rich(changed, self.sheet.prefix) if changed is not None else None


def clean_write(write: Write, report: Report) -> Write:
    """The write with its text made fit for a file; what had to be left out is reported."""
    if not isinstance(write.value, str):
        return write
    text, removed = clean(as_text(write.value))
    if removed:
        report("render.illegal-characters", count=len(removed))
    return Write(write.address, text, write.blank, write.choice)


def takes_parts(runs: Runs, writes: Sequence[Write]) -> bool:
    """Whether the writes go into parts of the cell's text: into blanks, or to boxes, which are ticked and never written over."""
    return has_boxes(runs) or any(write.blank is not None or write.choice is not None for write in writes)


def within(runs: Runs, writes: Sequence[Write], report: Report) -> Runs | None:
    """A cell's text with blanks filled and boxes ticked; None when nothing of it changes."""
    text = plain(runs)
    changes: list[Change] = []
    for blank, group in _by_blank(writes).items():
        start, end = (blank.start, blank.end) if blank is not None else (0, len(text))
        if not 0 <= start <= end <= len(text):
            report("render.blank-moved", value=quoted(group[0]))
            continue
        found = _changes(runs, (start, end), group, report)
        if any(_overlap(new, old) for new in found for old in changes):
            report("render.blank-overlaps", value=quoted(group[0]))
            continue
        changes += found
    return change(runs, changes) if changes else None


def _changes(runs: Runs, span: tuple[int, int], writes: Sequence[Write], report: Report) -> list[Change]:
    """The changes to one blank, or to one set of options."""
    text = plain(runs)
    start, end = span
    choosing = any(write.choice is not None for write in writes)
    if choosing or writes[0].blank is None or has_boxes((Run(text[start:end]),)):
        wanted = [choice for write in writes if (choice := shown_choice(write))]
        return _ticked(runs, span, wanted, report) if wanted else []
    value = one_value(writes, report)
    if _is_dated(value):
        start, end = date_span(text, start, end)
    try:
        new = as_text(value, text[start:end])
    except Unwritable as error:
        report(error.code, **error.values)
        return []
    return [Change(start, end, _fitted(new, text[start:end], text[end:]))] if new else []


def one_value(writes: Sequence[Write], report: Report) -> CellValue:
    """The value that several writes to one place agree on, else the first."""
    values = {write.value: write for write in writes}
    if len(values) > 1:
        first, second, *_ = values.values()
        report("render.written-twice", first=quoted(first), second=quoted(second))
    return next(iter(values))


def _ticked(runs: Runs, span: tuple[int, int], wanted: list[str], report: Report) -> list[Change]:
    try:
        return tick(runs, *span, wanted)
    except NoSuchOption as error:
        named = [option for option in error.options if option]
        if named:
            report("render.no-option", options="、".join(named))
        elif error.options:
            report("render.boxes-do-not-fit", count=len(error.options))
        else:
            report("render.no-boxes")
        return []


def _by_blank(writes: Sequence[Write]) -> dict[Blank | None, list[Write]]:
    groups: dict[Blank | None, list[Write]] = {}
    for write in writes:
        groups.setdefault(write.blank, []).append(write)
    return groups


def _overlap(one: Change, other: Change) -> bool:
    return one.start < other.end and other.start < one.end


def _is_dated(value: CellValue) -> bool:
    return hasattr(value, "isoformat")


def shown_choice(write: Write) -> str:
    if write.choice is not None:
        return write.choice
    if isinstance(write.value, bool):
        return marks().yes if write.value else marks().no
    return _shown(write)


def _shown(write: Write) -> str:
    """The value as text, "" for nothing."""
    if write.choice is not None:
        return write.choice
    try:
        return as_text(write.value)
    except Unwritable:
        return str(write.value)


def quoted(write: Write) -> str:
    """The value for a message: a figure, yes or no. Texts and dates may be about a person (Personal Information Protection
    Law, article 51) and stay out of messages, reports and logs; the cell is named instead."""
    named = isinstance(write.value, (bool, Decimal)) and write.choice is None
    return _shown(write) if named else marks().unquoted


def _fitted(new: str, old: str, following: str) -> str:
    """The value in its blank. Where the next label follows it directly, blanks keep that label at its place on the line."""
    if not old or old.strip(" \u3000\u00a0_＿\t") or not _NEXT_LABEL.match(following):
        return new
    return new + " " * max(_width(old) - _width(new), 1)


def _width(text: str) -> int:
    """Columns that a text takes, a Chinese character two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
