"""Cards: pairs of label and value, group captions down the left, a photo box, sub-tables, opinion boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from forms.library.make.canvas import Canvas
from forms.library.make.headers import columns, depth, draw_header, leaves
from forms.library.make.notation import Item, Notation


@dataclass
class _Card:
    canvas: Canvas
    notation: Notation
    spec: Mapping[str, Any]
    right: int
    photo_bottom: int = 0
    photo_left: int = 0

    def limit(self, row: int) -> int:
        """Last column free for pairs in a row (the photo takes the right end of the first rows)."""
        return self.photo_left - 1 if row <= self.photo_bottom else self.right


def card_columns(spec: Mapping[str, Any], notation: Notation) -> int:
    """Sheet columns of the block."""
    return len(spec["widths"])


def draw_card(canvas: Canvas, spec: Mapping[str, Any], notation: Notation) -> None:
    """Draws `rows` over columns of `widths`. A row is a line of pairs, or a mapping: band, group, under, table, opinion, text."""
    widths = spec["widths"]
    right = canvas.left + len(widths) - 1
    canvas.widths({canvas.left + n: width for n, width in enumerate(widths)})
    card = _Card(canvas, notation, spec, right)
    photo = spec.get("photo")
    if photo:
        card.photo_left, card.photo_bottom = right - int(photo["cols"]) + 1, canvas.row + int(photo["rows"]) - 1
        canvas.put(canvas.row, card.photo_left, photo["text"], "group", bottom=card.photo_bottom, right=right)
        item = Item(photo["text"], purpose="remark")
        canvas.blank(canvas.row, card.photo_left, item, (item.label,))
    _rows(card, spec["rows"], canvas.left, ())


def _rows(card: _Card, rows: Sequence[Any], left: int, path: tuple[str, ...]) -> None:
    for row in rows:
        if isinstance(row, Mapping):
            kind = next(iter(row))
            here = _DRAW[kind](card, row, left, path)
            path = here if here is not None else path
        else:
            _pairs(card, card.notation.items(row), left, path)


def _height(card: _Card, row: int) -> None:
    card.canvas.sheet.row_dimensions[row].height = card.canvas.look.row_height or 24


def _pairs(card: _Card, items: Sequence[Item], left: int, path: tuple[str, ...]) -> None:
    canvas, row, col = card.canvas, card.canvas.row, left
    limit = card.limit(row)
    for number, item in enumerate(items):
        label_end = col + item.pair[0] - 1
        value = label_end + 1
        right = limit if number == len(items) - 1 else value + max(1, item.pair[1]) - 1
        if "in" in item.flags:
            canvas.put(row, col, item.printed, "value-left", right=right)
            canvas.blank(row, col, item, (*path, item.label), inside=(len(item.printed), len(item.printed)))
        else:
            canvas.put(row, col, item.printed, "label", right=label_end)
            _value(card, item, row, col=value, right=right, path=path)
        col = right + 1
    _height(card, row)
    canvas.row += 1


def _value(card: _Card, item: Item, row: int, *, col: int, right: int, path: tuple[str, ...]) -> None:
    canvas = card.canvas
    text, inside = "", None
    if "dv" in item.flags or (card.spec.get("options") == "dv" and item.options):
        canvas.put(row, col, "", "value", right=right)
        canvas.drop_down(item, canvas.sheet.cell(row, col).coordinate)
    elif "num" in item.flags:
        text = "　".join(f"{n} {option}" for n, option in enumerate(item.options, 1)) + "　　□"
    elif item.options and "free" not in item.flags:
        text = "　".join(f"□{option}" for option in item.options)
    elif "u" in item.flags:
        text, inside = f"　　　　{item.unit}", (0, 4)
    elif item.type == "date" and "ymd" in item.flags:
        text = "　　　年　　月　　日"
        inside = (0, len(text))
    canvas.put(row, col, text, "box" if text and item.options else "value", right=right)
    if item.type == "text" and not item.unit and not text:
        canvas.sheet.cell(row, col).number_format = "@"
    canvas.blank(row, col, item, (*path, item.label), inside=inside)


def _band(card: _Card, row: Mapping[str, Any], left: int, path: tuple[str, ...]) -> tuple[str, ...]:
    """A caption over the whole width; it heads what follows."""
    caption = card.notation.item(row["band"])
    card.canvas.put(card.canvas.row, left, caption.printed, "header", right=card.right)
    _height(card, card.canvas.row)
    card.canvas.row += 1
    return (caption.label,)


def _group(card: _Card, row: Mapping[str, Any], left: int, path: tuple[str, ...]) -> None:
    """A caption merged down the left over its rows."""
    top, caption = card.canvas.row, card.notation.item(row["group"])
    _rows(card, row["rows"], left + 1, (*path, caption.label))
    card.canvas.put(top, left, caption.printed, "group", bottom=card.canvas.row - 1)


def _under(card: _Card, row: Mapping[str, Any], left: int, path: tuple[str, ...]) -> None:
    """Labels in one row, their values in the row below."""
    items = card.notation.items(row["under"])
    canvas, top, col = card.canvas, card.canvas.row, left
    for number, item in enumerate(items):
        right = card.limit(top) if number == len(items) - 1 else col + item.span - 1
        canvas.put(top, col, item.printed, "label", right=right)
        _value(card, item, top + 1, col=col, right=right, path=path)
        col = right + 1
    _height(card, top)
    _height(card, top + 1)
    canvas.row += 2


def _table(card: _Card, row: Mapping[str, Any], left: int, path: tuple[str, ...]) -> None:
    """A sub-table of `count` rows; `name` is its caption: merged down the left, or over it when `over` is given."""
    canvas, name = card.canvas, card.notation.item(row.get("name") or row.get("over") or "")
    top = canvas.row
    if "over" in row:
        canvas.put(top, left, name.printed, "header", right=card.right)
        _height(card, top)
        top += 1
    start = left + 1 if "name" in row else left
    items = _stretch(card.notation.tree(row["table"]), card.right - start + 1)
    header_bottom = top + depth(items) - 1
    draw_header(canvas, items, top, start, header_bottom)
    first, last = header_bottom + 1, header_bottom + int(row["count"])
    captions = (name.label,) if "over" in row and left == canvas.left else (*path, name.label) if name.label else path
    for leaf in leaves(items, start):
        for y in range(first, last + 1):
            canvas.put(y, leaf.col, "", "value", right=leaf.right)
            _height(card, y)
        if "dv" in leaf.item.flags:
            canvas.drop_down(leaf.item, f"{leaf.letter}{first}:{leaf.letter}{last}")
        path_here = (*captions, *leaf.path)
        canvas.blank(first, leaf.col, leaf.item, path_here, leaf.key, unit=leaf.unit, rows=(first, last), group=name.label)
    if "name" in row:
        canvas.put(top, left, name.printed, "group", bottom=last)
    canvas.row = last + 1


def _stretch(items: tuple[Item, ...], room: int) -> tuple[Item, ...]:
    """Lets the last column of a sub-table take what is left of the card's width."""
    short = room - columns(items)
    if short < 0:
        raise ValueError(f"sub-table is {-short} columns too wide for its card")
    if items[-1].children:
        return (*items[:-1], replace(items[-1], children=_stretch(items[-1].children, columns([items[-1]]) + short)))
    return (*items[:-1], replace(items[-1], span=items[-1].span + short))


def _opinion(card: _Card, row: Mapping[str, Any], left: int, path: tuple[str, ...]) -> None:
    """A box in which somebody decides, signs and seals; `right_of` puts a second box on the same row."""
    canvas, top = card.canvas, card.canvas.row
    boxes = str(row["opinion"]).split(" | ")
    share = (card.right - left + 1) // len(boxes)
    for number, caption in enumerate(boxes):
        item = card.notation.item(caption)
        item = item if item.key else replace(item, purpose="workflow")
        col = left + number * share
        right = card.right if number == len(boxes) - 1 else col + share - 1
        canvas.put(top, col, item.printed, "label")
        text = str(row.get("text", "\n\n（盖章）　　　　\n　　年　　月　　日　"))
        canvas.put(top, col + 1, text, "text" if "text" in row else "value", right=right)
        canvas.blank(top, col + 1, item, (*path, item.label), inside=(0, 0))
    canvas.sheet.row_dimensions[top].height = float(row.get("height", 84))
    canvas.row += 1


def _text(card: _Card, row: Mapping[str, Any], left: int, path: tuple[str, ...]) -> None:
    """A declaration or an instruction over the whole width."""
    canvas = card.canvas
    canvas.put(canvas.row, left, str(row["text"]).replace("⏎", "\n"), "text", right=card.right)
    canvas.sheet.row_dimensions[canvas.row].height = float(row.get("height", 0)) or None
    if "sign" in row:
        item = Item(str(row["sign"]), purpose="workflow")
        start = str(row["text"]).replace("⏎", "\n").index(item.printed) + len(item.printed)
        canvas.blank(canvas.row, left, item, (*path, item.label), inside=(start, start))
    canvas.row += 1


_DRAW: Mapping[str, Any] = {
    "band": _band, "group": _group, "under": _under, "table": _table, "opinion": _opinion, "text": _text,
}  # fmt: skip
