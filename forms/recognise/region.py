"""Which kind of table a block is, and the reading of it: filing lines drawn inside the frame, header, rows, tail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from forms.model import Kind, Rect, Role
from forms.recognise.blocks import title_like
from forms.recognise.card import pair_share, read_card
from forms.recognise.fields import Draft, is_value_text
from forms.recognise.filing import filing_pairs, filing_row, filing_word
from forms.recognise.filled import Places, filled_values, heads_list
from forms.recognise.header import Header, header_words, read_header
from forms.recognise.labels import clean, display_width, is_dash, key, mark_of
from forms.recognise.lines import pieces
from forms.recognise.roster import is_total, read_roster
from forms.recognise.statistic import Context, read_statistic
from forms.recognise.statistic_columns import Block, column_blocks
from forms.recognise.tables import TableRead
from forms.recognise.view import Box, View
from forms.recognise.words import words

_FACTS = 30  # rows at most that a card has over its list


@dataclass(frozen=True)
class Plan:
    """How a block is to be read: `above` rows of label-value pairs, then a header with its rows, then `below` rows."""

    kind: Kind
    rect: Rect
    header: Header | None = None
    blocks: tuple[Block, ...] = ()
    above: Rect | None = None
    below: Rect | None = None
    filled: Places = frozenset()  # the values of a card that is filled in


@dataclass(frozen=True)
class Framed:
    """A block without the lines that were drawn inside its frame."""

    rect: Rect | None
    heading: tuple[Box, ...] = field(default=())
    footing: tuple[Box, ...] = field(default=())


# ---- lines inside the frame --------------------------------------------------------------------------------------------
def unframed(view: View, rect: Rect, above: Sequence[Box]) -> Framed:
    """Titles, filing lines and notes at the top and bottom of a block that only share its frame. `above`: the lines over the
    block; a block that has a title there has no second one inside."""
    titled = any(title_like(view, box) for box in above)
    heading: list[Box] = []
    footing: list[Box] = []
    top, bottom = rect.top, rect.bottom
    while top < bottom:
        lines = filing_row(view, rect, top)
        if not lines:
            line = _title_row(view, rect, top, titled)
            if line is None:
                break
            lines, titled = (line,), True
        heading += lines
        top = lines[0].rect.bottom + 1
    while bottom > top:
        lines = _foot_row(view, rect, bottom)
        if not lines:
            break
        footing = [*lines, *footing]
        bottom = lines[0].rect.top - 1
    return Framed(Rect(top, rect.left, bottom, rect.right), tuple(heading), tuple(footing))


def _single(view: View, rect: Rect, r: int) -> Box | None:
    """The only text of a row when it spans most of the block."""
    boxes = [b for b in view.row_boxes(r, rect.left, rect.right) if not b.blank]
    wide = len(boxes) == 1 and (boxes[0].rect.width >= 0.6 * rect.width and boxes[0].rect.width > 1)
    return boxes[0] if wide else None


def _title_row(view: View, rect: Rect, r: int, titled: bool) -> Box | None:
    box = _single(view, rect, r)
    if box is None or box.rect.width < rect.width - 1:
        return None
    label = clean(box.text)
    if label.startswith(words().note_heads) and display_width(label) > 8:
        return box
    if pieces(box.text) and not label.startswith(("一、", "（一）")):
        return box
    if titled or mark_of(label).style:
        return None
    worded = bool(words().title.search(label)) and display_width(label) >= 8 and "：" not in label
    bigger = box.style.font_size >= 14 or (box.style.bold and display_width(label) >= 12)
    return box if worded or bigger else None


def _note_row(view: View, rect: Rect, r: int) -> Box | None:
    box = _single(view, rect, r)
    if box is None or box.rect.width < rect.width - 1:
        return None
    label = clean(box.text)
    filing = any(key(p.label) in words().fill or words().fill_pattern.match(key(p.label)) for p in pieces(box.text))
    if label.startswith(words().note_heads) or filing:
        return box
    return box if display_width(label) > 60 and not pieces(box.text) else None


def _foot_row(view: View, rect: Rect, r: int) -> tuple[Box, ...]:
    """A note, or a filing line with colons. Labels without colons below a table are left to the reader of its last rows."""
    note = _note_row(view, rect, r)
    if note is not None:
        return (note,)
    texts = filing_row(view, rect, r)
    return texts if all(pieces(b.text) or not filing_word(b.text) for b in texts) else ()


# ---- choosing ----------------------------------------------------------------------------------------------------------
def plan(view: View, rect: Rect) -> Plan:
    """The reading that fits a block best: a statistic or a roster where a header stands over rows, else a card."""
    values = filled_values(view, rect)
    if values:
        return Plan(Kind.CARD, rect, filled=values)
    bottom = _above_filing(view, rect)
    for top, filled in _possible_tops(view, rect, bottom):
        body = Rect(top, rect.left, bottom, rect.right)
        found = None if filing_pairs(view, rect, body.top) else _headed(view, body)
        if found is not None:
            above = Rect(rect.top, rect.left, body.top - 1, rect.right) if body.top > rect.top else None
            tail = found.below.top if found.below else bottom + 1
            below = Rect(tail, rect.left, rect.bottom, rect.right) if tail <= rect.bottom else None
            return replace(found, above=above, below=below, filled=filled)
    return Plan(Kind.CARD, rect)


def _possible_tops(view: View, rect: Rect, bottom: int) -> Iterator[tuple[int, Places]]:
    """The rows in which the header of a table may begin, each with the values that are typed in above it: below a filled card,
    else the first row or one of the next with nothing but labels and their blanks before it."""
    for r in range(rect.top + 1, min(rect.top + _FACTS, bottom)):
        values = filled_values(view, Rect(rect.top, rect.left, r - 1, rect.right)) if heads_list(view, rect, r) else None
        if values:
            yield r, values
    for r in range(rect.top, min(rect.top + 5, bottom + 1)):
        if r > rect.top and not _pair_row(view, rect, r - 1):
            return
        yield r, frozenset()


def _above_filing(view: View, rect: Rect) -> int:
    """The last row of a block before the filing labels and their values at its end."""
    bottom = rect.bottom
    while bottom > rect.top and filing_pairs(view, rect, bottom):
        bottom -= 1
    return bottom


def _pair_row(view: View, rect: Rect, r: int) -> bool:
    """A row of labels with their own blanks (or one caption), as they stand above the header of a list."""
    texts = view.texts(r, rect.left, rect.right)
    if filing_pairs(view, rect, r):
        return True
    return bool(texts) and (len(texts) == 1 or pair_share(view, Rect(r, rect.left, r, rect.right)) >= 0.99)


def _headed(view: View, rect: Rect) -> Plan | None:
    header = read_header(view, rect)
    if header is None or (rect.width == 1 and rect.height > 3 and pair_share(view, rect) > 0):
        return None
    blocks = column_blocks(view, rect, header)
    if blocks and _is_statistic(view, rect, header, blocks):
        below = _odd_tail(view, rect, header, blocks)
        body = Rect(rect.top, rect.left, below.top - 1, rect.right) if below else rect
        return Plan(Kind.STATISTIC, body, header, column_blocks(view, body, header) or blocks, None, below)
    if _is_roster(view, rect, header):
        below = _filing_tail(view, rect, header)
        body = Rect(rect.top, rect.left, below.top - 1, rect.right) if below else rect
        return Plan(Kind.ROSTER, body, header, (), None, below)
    return None


def _is_statistic(view: View, rect: Rect, header: Header, blocks: Sequence[Block]) -> bool:
    named, heads = header_words(header), words().headers
    labels = {c.col: key(c.label) for c in header.columns}
    if any(b.unit or b.code for b in blocks) and any(w in heads["stub"] or not w for w in named):
        return True
    first = labels[blocks[0].stubs[0]]
    if first in heads["stub"] and any(w in heads["value"] | heads["unit"] | heads["code"] for w in named):
        return True
    if first in heads["entity"] or (blocks[0].serial and first not in heads["stub"]):
        return False
    return _open_cells(view, rect, header, blocks) >= 0.5 and not _personal(named)


def _personal(named: Sequence[str]) -> bool:
    return any(p in word for word in named for p in words().personal)


def _open_cells(view: View, rect: Rect, header: Header, blocks: Sequence[Block]) -> float:
    """Share of captioned rows whose value cells are blank or dashes."""
    total = open_ = 0
    for r in range(header.rect.bottom + 1, rect.bottom + 1):
        for block in blocks:
            if all(view.box(r, c).blank for c in block.stubs):
                continue
            for c in block.values:
                total += 1
                open_ += view.box(r, c).blank or is_dash(view.box(r, c).text) or view.box(r, c).numeric
    return open_ / total if total else 0.0


def _is_roster(view: View, rect: Rect, header: Header) -> bool:
    """Rows below the header are blank, totals or records; label rows between blank rows mean a card."""
    if rect.width == 1:
        return rect.height <= 2 or header.rect.height == 1
    before_blank = False
    for r in range(header.rect.bottom + 1, rect.bottom + 1):
        texts = [b for b in view.texts(r, rect.left, rect.right) if not is_value_text(b.text)]
        boxes = [b for b in view.row_boxes(r, rect.left, rect.right) if b.rect.top == r]
        if before_blank and _lone_label(view, rect, r, texts):
            return False
        labelled = len(texts) >= max(2, 0.5 * len(boxes)) and not is_total(view, rect, r)
        if before_blank and labelled and not any(b.numeric for b in texts):
            return False
        if any(not b.blank and b.rect.width > 1 and b.rect.width >= 0.5 * rect.width for b in texts) and r < rect.bottom - 2:
            return False
        before_blank = not texts
    return not _paired_below(view, rect, header)


def _lone_label(view: View, rect: Rect, r: int, texts: Sequence[Box]) -> bool:
    """One caption at the left between two blank rows, its value below it: a card whose last row is not full."""
    if len(texts) != 1 or texts[0].rect.left != rect.left or texts[0].numeric or is_total(view, rect, r):
        return False
    return r == rect.bottom - 1 and not view.texts(r + 1, rect.left, rect.right)


def _paired_below(view: View, rect: Rect, header: Header) -> bool:
    """A few header-like boxes over a body of label-value pairs: a card whose first row happens to be full."""
    body = Rect(header.rect.bottom + 1, rect.left, rect.bottom, rect.right)
    if body.height < 2 or rect.width < 4:
        return False
    rows = [r for r in range(body.top, body.bottom + 1) if len(view.texts(r, rect.left, rect.right)) >= 2]
    paired = [r for r in rows if pair_share(view, Rect(r, rect.left, r, rect.right)) >= 0.99]
    return len(rows) >= 0.5 * body.height and len(paired) >= 0.7 * len(rows) and len(rows) > 0


def _odd_tail(view: View, rect: Rect, header: Header, blocks: Sequence[Block]) -> Rect | None:
    """Rows at the bottom of a statistic that fit none of its columns (填表人： | 填表时间：)."""
    top = rect.bottom + 1
    while top - 1 > header.rect.bottom:
        r = top - 1
        texts = view.texts(r, rect.left, rect.right)
        stubs = {c for b in blocks for c in b.stubs}
        stray = texts and not any(b.rect.left <= c <= b.rect.right for b in texts for c in stubs)
        signing = any(key(p.label) in words().fill for b in texts for p in pieces(b.text))
        if not texts and top == rect.bottom + 1:
            return None
        if not (stray and not any(b.dash for b in texts) and _unlike_codes(view, r, blocks)) and not signing:
            break
        top = r
    return Rect(top, rect.left, rect.bottom, rect.right) if top <= rect.bottom else None


def _unlike_codes(view: View, r: int, blocks: Sequence[Block]) -> bool:
    side = [view.box(r, c).text for b in blocks for c in (b.code, b.unit) if c]
    return any(display_width(clean(t)) > 6 for t in side)


def _filing_tail(view: View, rect: Rect, header: Header) -> Rect | None:
    top = rect.bottom + 1
    while top - 1 > header.rect.bottom + 1:
        texts = view.texts(top - 1, rect.left, rect.right)
        filing = all(pieces(b.text) or key(b.text) in words().fill for b in texts)
        if not texts or not (filing or _wider_than_records(view, rect, header, top - 1)):
            break
        top -= 1
    return Rect(top, rect.left, rect.bottom, rect.right) if top <= rect.bottom else None


def _wider_than_records(view: View, rect: Rect, header: Header, r: int) -> bool:
    """A row whose blank box is merged over columns that the records keep apart: a label with its value, no record."""
    if is_total(view, rect, r):
        return False
    first = header.rect.bottom + 1
    wide = [b for b in view.row_boxes(r, rect.left, rect.right) if b.blank and b.rect.width > 1 and b.rect.height == 1]
    return any(view.box(first, b.rect.left).rect.right < b.rect.right for b in wide)


# ---- reading -----------------------------------------------------------------------------------------------------------
def read_block(view: View, rect: Rect, context: Context) -> TableRead:
    """One block with everything in it."""
    chosen = plan(view, rect)
    if chosen.header is None:
        return read_card(view, rect, chosen.filled)
    if chosen.kind is Kind.STATISTIC:
        main = read_statistic(view, chosen.rect, chosen.header, chosen.blocks, context)
    else:
        main = read_roster(view, chosen.rect, chosen.header, context.units)
    drafts: list[Draft] = list(main.drafts)
    roles: dict[tuple[int, int], Role] = dict(main.roles)
    for part in (chosen.above, chosen.below):
        if part is not None:
            read = read_card(view, part, chosen.filled)
            drafts = [*read.drafts, *drafts] if part is chosen.above else [*drafts, *read.drafts]
            roles |= read.roles
    return TableRead(main.kind, tuple(drafts), roles, main.findings, main.depth, main.fill_rows)
