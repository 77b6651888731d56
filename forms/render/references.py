"""What becomes of references when rows come in: cell addresses, blocks, whole rows, and formulas.

The rules are Excel's own: a reference below the new rows moves down, a block that spans them grows. One is added,
because rosters need it: where the printed roster has a single row, a block that ends in that row grows too, so that
SUM(C5:C5) under a one-row roster still adds all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.formula.translate import Translator, TranslatorError

from forms.model import Rect, column_letters, column_number

LAST_ROW = 1_048_576
_CELL = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([1-9][0-9]{0,6})")
_BLOCK = re.compile(_CELL.pattern + ":" + _CELL.pattern)
_ROWS = re.compile(r"(\$?)([1-9][0-9]{0,6}):(\$?)([1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class Growth:
    """`count` new rows for the printed roster rows `top` .. `bottom`.

    They come in before the last printed row, so that everything that spans the block grows with it and the last row
    keeps its closing border; where there is one printed row only, after it.
    """

    top: int
    bottom: int
    count: int

    @property
    def before(self) -> int:
        """The old row that the new rows push down first."""
        return self.bottom if self.bottom > self.top else self.bottom + 1


@dataclass(frozen=True)
class RowMap:
    """Where the rows of one sheet go. Old and new rows count from 1."""

    growths: tuple[Growth, ...] = ()

    def row(self, old: int) -> int:
        return old + sum(growth.count for growth in self.growths if growth.before <= old)

    def first_new(self, growth: Growth) -> int:
        """Number of the first row that comes in, counted in the new sheet."""
        return self.row(growth.before) - growth.count

    def span(self, top: int, bottom: int, own_row: int = 0) -> tuple[int, int]:
        """A block's rows after the change. `own_row` is the old row of the formula that holds the reference, if any: a
        roster row that adds up its own cells does not grow."""
        end = self.row(bottom)
        for growth in self.growths:
            if growth.top == growth.bottom == bottom and own_row != bottom:
                end += growth.count
        return self.row(top), end

    def new_place(self, record: int, growth: Growth) -> int:
        """The new row of the record with this number (from 0) of the grown roster."""
        return self.row(growth.top) + record

    def merge(self, block: Rect) -> Rect:
        """A merged block after the change. One row of a roster stays one row; a caption down the left of a header and a
        one-row roster grows with the roster."""
        top, bottom = self.row(block.top), self.row(block.bottom)
        for growth in self.growths:
            if block.top < growth.top == growth.bottom == block.bottom:
                bottom += growth.count
        return Rect(top, block.left, bottom, block.right)

    def repeated_merges(self, block: Rect) -> list[Rect]:
        """The blocks that repeat, in new roster rows, one across columns in the roster's first row."""
        found = []
        for growth in self.growths:
            if block.top == block.bottom == growth.top:
                first = self.first_new(growth)
                found += [Rect(row, block.left, row, block.right) for row in range(first, first + growth.count)]
        return found

    def moved(self, last: int) -> dict[int, int]:
        """Old row -> new row for each row up to `last` that moved."""
        return {old: self.row(old) for old in range(1, last + 1) if self.row(old) != old}


def parse_block(text: str) -> Rect | None:
    """An address or block in A1 form, without a sheet, as a Rect; None for anything else."""
    found = _BLOCK.fullmatch(text)
    if found:
        rows, cols = (int(found[4]), int(found[8])), (column_number(found[2].upper()), column_number(found[6].upper()))
        return Rect(min(rows), min(cols), max(rows), max(cols))
    found = _CELL.fullmatch(text)
    if found:
        row, col = int(found[4]), column_number(found[2].upper())
        return Rect(row, col, row, col)
    return None


def shift_block(text: str, rows: RowMap, own_row: int = 0, elastic: bool = True) -> str:
    """One A1 reference without its sheet (C5, $C$5:C7, 5:7) after the change; what is no such reference comes back as is.

    With `elastic` false a block that ends in a one-row roster stays as high as it is (merged cells).
    """
    found = _BLOCK.fullmatch(text)
    if found:
        top, bottom = _span(rows, int(found[4]), int(found[8]), own_row, elastic)
        return f"{found[1]}{found[2]}{found[3]}{top}:{found[5]}{found[6]}{found[7]}{bottom}"
    found = _CELL.fullmatch(text)
    if found:
        return f"{found[1]}{found[2]}{found[3]}{min(rows.row(int(found[4])), LAST_ROW)}"
    found = _ROWS.fullmatch(text)
    if found:
        top, bottom = _span(rows, int(found[2]), int(found[4]), own_row, elastic)
        return f"{found[1]}{top}:{found[3]}{bottom}"
    return text


def _span(rows: RowMap, top: int, bottom: int, own_row: int, elastic: bool) -> tuple[int, int]:
    new_top, new_bottom = rows.span(top, bottom, own_row) if elastic else (rows.row(top), rows.row(bottom))
    return min(new_top, LAST_ROW), min(new_bottom, LAST_ROW)


def shift_list(text: str, rows: RowMap) -> str:
    """A space-separated list of blocks (sqref). New roster rows join every block that holds their first printed row."""
    blocks: list[str] = []
    for part in text.split():
        blocks.append(shift_block(part, rows))
        old, new = parse_block(part), parse_block(blocks[-1])
        if old is None or new is None:
            continue
        for growth in rows.growths:
            first = rows.first_new(growth)
            last = first + growth.count - 1
            if old.top <= growth.top <= old.bottom and new.bottom < last:
                blocks.append(str(Rect(first, new.left, last, new.right)))
    return " ".join(blocks)


def split_sheet(reference: str) -> tuple[str, str]:
    """("表 1", "A1") for "'表 1'!A1"; the sheet is "" when the reference names none."""
    prefix, mark, rest = reference.rpartition("!")
    if not mark:
        return "", reference
    if prefix.startswith("'") and prefix.endswith("'"):
        prefix = prefix[1:-1].replace("''", "'")
    return prefix, rest


def shift_formula(formula: str, sheet: str, maps: Mapping[str, RowMap], own_row: int = 0) -> str:
    """A formula (without its "=") after rows came in. `sheet` is where it stands, `maps` the sheets that grew.

    The formula is read with a tokenizer, so that a text such as "C5" inside quotes or a function named LOG10 stays.
    A formula that the tokenizer cannot read comes back as it was.
    """
    lowered = {name.casefold(): rows for name, rows in maps.items()}
    own = sheet.casefold()
    if own not in lowered and not any(name in formula.casefold().replace("''", "'") for name in lowered):
        return formula

    def new(value: str) -> str:
        named, rest = split_sheet(value)
        rows = lowered.get((named or sheet).casefold())
        if rows is None:
            return value
        head = value[: len(value) - len(rest)]
        tail = "#" if rest.endswith("#") else ""
        return head + shift_block(rest.removesuffix("#"), rows, own_row if (named or sheet).casefold() == own else 0) + tail

    return rewrite(formula, new)


def rewrite(formula: str, change: Callable[[str], str]) -> str:
    """The formula with every reference replaced by `change(reference)`."""
    try:
        tokens = Tokenizer("=" + formula).items
    except (TokenizerError, IndexError):
        return formula
    return "".join(change(token.value) if _is_reference(token) else token.value for token in tokens)


def references(formula: str) -> list[str]:
    """All references that a formula makes, as written."""
    try:
        return [token.value for token in Tokenizer("=" + formula).items if _is_reference(token)]
    except (TokenizerError, IndexError):
        return []


def _is_reference(token: Token) -> bool:
    return bool(token.type == Token.OPERAND and token.subtype == Token.RANGE)


def translate(formula: str, origin: tuple[int, int], to: tuple[int, int]) -> str:
    """The formula as it reads when copied from one (row, column) to another; "#REF!" where that leaves the sheet."""
    start = f"{column_letters(origin[1])}{origin[0]}"
    end = f"{column_letters(to[1])}{to[0]}"
    try:
        return str(Translator("=" + formula, origin=start).translate_formula(end))[1:]
    except (TranslatorError, TokenizerError, IndexError):
        return formula
