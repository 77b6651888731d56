"""The lines around a table: title, identity of the form (表号, 制定机关), filing lines, additional blanks, notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from forms.model import Address, Blank, Purpose, Rect, Role, ValueType
from forms.recognise.blocks import title_like
from forms.recognise.fields import Draft, purpose_of, type_of
from forms.recognise.filing import filing_word
from forms.recognise.labels import clean, display_width, key, known_unit, squeeze
from forms.recognise.lines import Piece, pieces
from forms.recognise.view import Box, View
from forms.recognise.words import words

_NUMBERED = re.compile(r"^\s*[（(]?\d{1,2}[)）.．、]\s*\D")
_CODE_BOXES = re.compile(r"□")
_VALIDITY = re.compile(r"有\s*效\s*期[^：:]{0,4}[：:]?.*|(文|表)\s*号\s*[：:].*")
_SPACE = re.compile(r"[\s_＿]")
_GAP = re.compile(r"[_＿]{2,}|[ \u3000\xa0]{2,}")
_PERIOD_ONLY = re.compile(r"[（(]?[２2０0]{0,4}(?:年度?)?(?:月|季度?|[上下]?半年)?[)）]?")
_UNDERLINED = re.compile(r"[\s\u3000\xa0_＿]{3,}$")


@dataclass
class Surroundings:
    """What the lines around a table say."""

    title: str = ""
    issuer: str = ""
    number: str = ""
    units: tuple[str, ...] = ()
    addendum: str = ""  # 补充资料: the head under which coded blanks of the next lines stand too
    lines: list[str] = field(default_factory=list)
    notes: list[tuple[str, Address]] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    roles: dict[tuple[int, int], Role] = field(default_factory=dict)


def read_heading(view: View, boxes: Sequence[Box]) -> Surroundings:
    """The lines above a table."""
    found = Surroundings()
    title = _title(view, boxes)
    for box in boxes:
        place = (box.rect.top, box.rect.left)
        if place in found.roles:
            continue
        if box is title:
            found.title = clean(box.text)
            found.roles[place] = Role.TITLE
        else:
            _line(view, box, found, heading=True)
    return found


def read_footing(view: View, boxes: Sequence[Box], found: Surroundings) -> None:
    """The lines below a table, added to what the heading said."""
    signing = {b.rect.top for b in boxes if any(filing_word(p.label) for p in pieces(b.text))}
    for box in boxes:
        if (box.rect.top, box.rect.left) not in found.roles:
            _line(view, box, found, heading=box.rect.top in signing)


def _title(view: View, boxes: Sequence[Box]) -> Box | None:
    titled = [b for b in boxes if title_like(view, b)]
    if titled:
        biggest = max(b.style.font_size for b in titled)
        return next(b for b in titled if b.style.font_size == biggest)
    plain = [b for b in boxes if not pieces(b.text) and 6 <= display_width(clean(b.text)) <= 90 and not _note(b.text)]
    return plain[0] if plain and plain[0] is boxes[0] else None


def _note(text: str) -> bool:
    return key(text).startswith(words().note_heads)


def _line(view: View, box: Box, found: Surroundings, heading: bool) -> None:
    place = (box.rect.top, box.rect.left)
    cell = view.address(*place)
    found.lines.append(clean(box.text))
    if _note(box.text) and not any(p.code or p.unit for p in pieces(box.text)):
        _remember_note(found, box, cell)
        return
    if _period_blank(view, box, found):
        return
    blanks = [p for p in pieces(box.text) if _is_field(p, heading)]
    for piece in pieces(box.text):
        _identity(view, box, piece, found)
    if blanks:
        parents: list[str] = []
        group = next((p.group for p in blanks if p.group), "")
        found.addendum = group or (found.addendum if any(p.code and p.unit for p in blanks) else "")
        for piece in blanks:
            full = replace(piece, group=found.addendum) if piece.code and piece.unit else piece
            found.drafts.append(_draft(view, box, full, cell, parents))
        found.roles[place] = Role.BLANK_LABEL
        return
    if not _beside(view, box, found, heading):
        titled = heading and not pieces(box.text) and not _NUMBERED.match(box.text)
        found.roles[place] = Role.TITLE if titled else Role.NOTE
        if not heading:
            _remember_note(found, box, cell)


def _period_blank(view: View, box: Box, found: Surroundings) -> bool:
    """A line that is only the blank for the period: （＿＿＿＿年）, 20　　年　　季度."""
    gap = _GAP.search(box.text)
    if gap is None or not _PERIOD_ONLY.fullmatch(_SPACE.sub("", box.text)):
        return False
    place = (box.rect.top, box.rect.left)
    blank = Blank(gap.start(), len(box.text.rstrip("年季度月 \u3000）)")) if "年" not in box.text else gap.end())
    found.drafts.append(
        Draft(("报告期",), place, (view.address(*place),), type=ValueType.DATE, purpose=Purpose.META, blank=blank, context="line")
    )
    found.roles[place] = Role.BLANK_LABEL
    return True


def _remember_note(found: Surroundings, box: Box, cell: Address) -> None:
    found.roles[(box.rect.top, box.rect.left)] = Role.NOTE
    found.notes.append((clean(box.text), cell))


def _is_field(piece: Piece, heading: bool) -> bool:
    """A blank of a line is a field when its label names a filing fact, or a real gap follows a short label."""
    bare, w = key(piece.label), words()
    if piece.printed or not bare or bare in w.note_heads:
        return False
    if bare in w.printed and bare not in w.fill:
        return False
    if piece.code or piece.options or piece.group or piece.unit:
        return True
    if bare in w.fill or w.fill_pattern.match(bare) or bare in w.line_only:
        return True
    if display_width(bare) > 32 or _NUMBERED.match(piece.label):
        return False
    return piece.end - piece.start >= 3 or heading or w.signer.search(bare) is not None


def _identity(view: View, box: Box, piece: Piece, found: Surroundings) -> None:
    """表号, 制定机关, 计量单位: printed behind their label, or in the next cell."""
    bare, w = key(piece.label), words()
    value = piece.printed
    if not value and bare in w.printed:
        right = view.box(box.rect.top, box.rect.right + 1)
        if not right.blank and not pieces(right.text):
            value = clean(right.text)
            found.roles[(right.rect.top, right.rect.left)] = Role.NOTE
            found.lines[-1] += value
    if not value:
        return
    if bare in w.number_keys:
        found.number = value
    elif bare in w.issuer_keys:
        found.issuer = value
    elif bare in w.unit_keys:
        units = tuple(u for u in (known_unit(p) for p in re.split(r"[、,，;；/]", value)) if u)
        found.units = units or found.units


def _draft(view: View, box: Box, piece: Piece, cell: Address, parents: list[str]) -> Draft:
    place = (box.rect.top, box.rect.left)
    path = (*((piece.group,) if piece.group else ()), *_parents(piece, parents), piece.label)
    data = bool(piece.code or piece.options or piece.unit or piece.group)
    purpose = Purpose.DATA if data else _line_purpose(piece)
    blank: Blank | None = Blank(piece.start, piece.end)
    target = _next_cell(view, box, piece)
    if target is not None:
        place, blank = target, None
    default = ValueType.NUMBER if piece.unit else ValueType.TEXT
    return Draft(
        path=path,
        place=place,
        label_cells=(cell,),
        unit=piece.unit,
        type=type_of(piece.label, piece.unit, piece.options, default=default),
        options=piece.options,
        code=piece.code,
        purpose=purpose,
        blank=blank,
        context="line",
    )


def _parents(piece: Piece, parents: list[str]) -> tuple[str, ...]:
    """30国有农林牧渔场个数, 其中：31农场, 32林场: 其中 and the coded blanks behind it are parts of the blank before.
    `parents` remembers that blank, and a * once its parts have begun."""
    if piece.of_which and parents:
        parents[1:] = ["*"]
        return (parents[0],)
    if len(parents) == 2 and piece.code:
        return (parents[0],)
    parents[:] = [piece.label]
    return ()


def _line_purpose(piece: Piece) -> Purpose:
    found = purpose_of(piece.label, "line")
    return Purpose.META if found in (Purpose.DATA, Purpose.WORKFLOW) and filing_word(piece.label) else found


def _next_cell(view: View, box: Box, piece: Piece) -> tuple[int, int] | None:
    """The underlined or drawn blank cell right of a label that ends its cell."""
    if squeeze(box.text[piece.end :]) or piece.end - piece.start > 2 or piece.options:
        return None
    col = box.rect.right + 1
    right = view.box(box.rect.top, col)
    drawn = view.line_above(box.rect.bottom + 1, col)
    drawn = drawn and (view.line_left(box.rect.top, col) or not view.line_above(box.rect.top, col))
    return (right.rect.top, right.rect.left) if right.blank and drawn and col <= view.width else None


def _beside(view: View, box: Box, found: Surroundings, heading: bool) -> bool:
    """A label without a colon that is underlined or has an underlined cell beside it: 贫困村（盖章）____."""
    label = clean(box.text)
    if not heading or display_width(label) > 24 or words().title.search(label) or label.startswith(words().continued):
        return False
    col = box.rect.right + 1
    gap = _UNDERLINED.search(box.text)
    underlined = view.line_above(box.rect.bottom + 1, box.rect.left)
    right = view.box(box.rect.top, col)
    beside = right.blank and col <= view.width and view.line_above(box.rect.bottom + 1, col)
    if not (gap or underlined) or not (gap or beside):
        return False
    blank = Blank(gap.start(), gap.end()) if gap else None
    place = (box.rect.top, box.rect.left) if gap else (right.rect.top, right.rect.left)
    cell = view.address(box.rect.top, box.rect.left)
    purpose = Purpose.META if filing_word(label) else Purpose.DATA
    kind = type_of(label, "", ())
    found.drafts.append(Draft((label,), place, (cell,), type=kind, purpose=purpose, blank=blank, context="line"))
    found.roles[(box.rect.top, box.rect.left)] = Role.BLANK_LABEL
    return True


def period_of(title: str, lines: Sequence[str], raw: Sequence[str], notes: Sequence[str]) -> str:
    """once, daily, monthly, quarterly, half-yearly, yearly, or "" when nothing printed says so."""
    w = words()
    for text in (title, *lines):
        for name, pattern in w.periods:
            if pattern.search(text):
                return name
    for text in (_VALIDITY.sub("", line) for line in raw if len(line) <= 500):
        for name, pattern in w.period_line:
            if pattern.search(text) and not _CODE_BOXES.search(text):
                return name
    for text in notes:
        for name, pattern in w.periods:
            if pattern.search(text) and "报" in text:
                return name
    return "once" if any(word in title for word in w.once) else ""


def place_rect(box: Box) -> Rect:
    return box.rect
