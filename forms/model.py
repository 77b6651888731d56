"""What a workbook and a form are: the values that every other module passes around.

Everything here is frozen and free of I/O. Rows and columns count from 1, as Excel shows them.
The words are those of docs/developers/words.md (design, section 2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter

_A1 = re.compile(r"^\$?([A-Z]{1,3})\$?([1-9][0-9]*)$")


def column_letters(col: int) -> str:
    """Column number (1-based) as Excel letters: 1 -> "A", 28 -> "AB"."""
    letters = ""
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Excel letters as a column number (1-based): "AB" -> 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class _Packed:
    """Pickles by calling the constructor. Readings come from worker processes with their cells by the million, and what a
    frozen dataclass with slots does by itself (a loop over its fields, both ways) takes half as long again."""

    __slots__ = ()  # of a kind with two fields or more

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        kind = type(self)
        values = _VALUES.get(kind)
        if values is None:
            values = _VALUES[kind] = attrgetter(*(one.name for one in fields(kind)))  # type: ignore[arg-type]
        return kind, values(self)


_VALUES: dict[type, Callable[[object], tuple[object, ...]]] = {}  # of each kind, what gives its fields in order


@dataclass(frozen=True, order=True, slots=True)
class Address(_Packed):
    """One cell of one sheet. `str()` gives what the command line prints: ``Sheet1!B4``."""

    sheet: str
    row: int
    col: int

    @property
    def a1(self) -> str:
        return f"{column_letters(self.col)}{self.row}"

    def __str__(self) -> str:
        return f"{self.sheet}!{self.a1}"

    @classmethod
    def parse(cls, sheet: str, a1: str) -> Address:
        """Raises ValueError when `a1` is no cell address."""
        match = _A1.match(a1.upper())
        if match is None:
            raise ValueError(f"not a cell address: {a1!r}")
        return cls(sheet, int(match[2]), column_number(match[1]))


@dataclass(frozen=True, order=True, slots=True)
class Rect(_Packed):
    """A block of cells, both corners included (1-based)."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top + 1

    @property
    def width(self) -> int:
        return self.right - self.left + 1

    def __contains__(self, place: tuple[int, int]) -> bool:
        row, col = place
        return self.top <= row <= self.bottom and self.left <= col <= self.right

    def places(self) -> Iterator[tuple[int, int]]:
        for row in range(self.top, self.bottom + 1):
            for col in range(self.left, self.right + 1):
                yield row, col

    def __str__(self) -> str:
        start = f"{column_letters(self.left)}{self.top}"
        if self.height == self.width == 1:
            return start
        return f"{start}:{column_letters(self.right)}{self.bottom}"


class CellKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"
    BLANK = "blank"  # no content, but perhaps a style


CellValue = str | Decimal | date | datetime | time | bool | None


@dataclass(frozen=True, slots=True)
class Style(_Packed):
    """What recognition may lean on; not the whole of Excel's formatting."""

    bold: bool = False
    font_size: float = 0.0  # points; 0 = unknown
    indent: int = 0  # Excel's own indent steps, not leading spaces
    halign: str = ""  # "", left, center, right
    fill: str = ""  # RGB hex without alpha, "" = none
    top: bool = False  # border drawn on that side
    left: bool = False
    bottom: bool = False
    right: bool = False
    number_format: str = "General"


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Cell(_Packed):
    """One stored cell. `text` is what a person reads on the screen, untrimmed (leading spaces can mean level);
    `value` is the typed content. A formula keeps its source in `formula` and its cached result in `value`."""

    row: int
    col: int
    text: str = ""
    value: CellValue = None
    kind: CellKind = CellKind.BLANK
    formula: str | None = None
    style: Style = PLAIN
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Validation(_Packed):
    """A drop-down that the sheet offers for a block of cells."""

    rect: Rect
    options: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """One sheet as cells and merges. Blank cells appear in `cells` only where they carry a style."""

    name: str
    cells: Mapping[tuple[int, int], Cell]
    merges: tuple[Rect, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_cols: frozenset[int] = frozenset()
    state: str = "visible"  # visible | hidden | veryHidden
    validations: tuple[Validation, ...] = ()
    _merge_at: dict[tuple[int, int], Rect] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index = {place: rect for rect in self.merges for place in rect.places()}
        object.__setattr__(self, "_merge_at", index)

    def rect(self, row: int, col: int) -> Rect:
        """The merged block that covers the place, or the place itself."""
        return self._merge_at.get((row, col)) or Rect(row, col, row, col)

    def cell(self, row: int, col: int) -> Cell | None:
        """The cell that shows at a place: for a merged block, its top left one."""
        block = self.rect(row, col)
        return self.cells.get((block.top, block.left))

    def text(self, row: int, col: int) -> str:
        """What is read at a place, untrimmed; "" when blank."""
        cell = self.cell(row, col)
        return cell.text if cell is not None else ""

    def address(self, row: int, col: int) -> Address:
        return Address(self.name, row, col)

    @property
    def extent(self) -> Rect | None:
        """The smallest block that holds every non-empty cell and every merge that touches one; None for an empty sheet."""
        filled = [self.rect(*place) for place, cell in self.cells.items() if cell.text.strip()]
        if not filled:
            return None
        return Rect(
            min(r.top for r in filled), min(r.left for r in filled), max(r.bottom for r in filled), max(r.right for r in filled)
        )


@dataclass(frozen=True)
class Problem:
    """Something wrong with an input. The wording comes from the catalogue (forms/problems)."""

    code: str
    file: str
    sheet: str = ""
    cell: str = ""  # A1 address or block, "" = the whole sheet or file
    message: str = ""  # what is wrong, in Chinese
    hint: str = ""  # what to do about it, in Chinese
    severity: str = "warning"  # error = the file or cell could not be used; warning = used, look at it


@dataclass(frozen=True)
class Book:
    """One file as read: its sheets, and all that was wrong with it. `format`: xlsx, xlsm, xls, csv, html or ""."""

    file: str
    format: str
    grids: tuple[Grid, ...]
    problems: tuple[Problem, ...] = ()


class Kind(StrEnum):
    CARD = "card"
    ROSTER = "roster"
    STATISTIC = "statistic"


class Role(StrEnum):
    """What a non-empty cell is for. A `BLANK_LABEL` holds a label and the blank for its value in one cell
    (“填报日期：  年  月  日”, “□是 □否” printed behind its label)."""

    TITLE = "title"
    COLUMN_HEADER = "column-header"
    ROW_HEADER = "row-header"
    VALUE = "value"
    NOTE = "note"
    BLANK_LABEL = "blank-label"


class ValueType(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"


class Purpose(StrEnum):
    """Whether a field is about the world or about the filing of the form itself."""

    DATA = "data"
    META = "meta"  # 填报单位, 填表人, 填报日期, 单位负责人
    SERIAL = "serial"  # 序号
    REMARK = "remark"  # 备注
    WORKFLOW = "workflow"  # opinions, signatures and seals of those who decide


@dataclass(frozen=True, slots=True)
class Blank(_Packed):
    """The place of a value inside the text of a label cell: characters [start, end) are replaced by the value."""

    start: int
    end: int


@dataclass(frozen=True)
class Field:
    """One position on one form that takes a value.

    `path` holds the labels from the outermost caption to the innermost, cleaned of line breaks and padding but in the
    form's own words; its last member is `label`. `cell` is where the value goes: for a roster the first row under the
    header (then `rows` is the block of rows to be filled), for a `blank` inside a label that label's cell.
    """

    id: str
    cell: Address
    path: tuple[str, ...]
    label: str
    unit: str = ""
    type: ValueType = ValueType.TEXT
    options: tuple[str, ...] = ()
    code: str = ""  # the printed code of the indicator (01, A3a)
    purpose: Purpose = Purpose.DATA
    area: Rect | None = None  # merged block of the value cell
    rows: Rect | None = None  # roster: the block of this column's data rows
    blank: Blank | None = None
    label_cells: tuple[Address, ...] = ()  # outermost first, parallel to `path` as far as a cell is known
    group: str = ""  # fields of one repeating sub-table share it
    value: CellValue = None  # what the file already holds there
    blocked: bool = False  # printed “—” or shaded: nothing is to be filled in


@dataclass(frozen=True)
class Rule:
    """A printed 逻辑关系 / 平衡关系 / 审核关系: left <op> right, over the codes or captions of one form's fields.

    `terms` on each side are (sign, field id) pairs; sign is 1 or -1. `op` is one of = < <= > >=.
    """

    text: str
    cell: Address
    left: tuple[tuple[int, str], ...]
    op: str
    right: tuple[tuple[int, str], ...]
    column: str = ""  # caption of the column the rule speaks of, "" = every column


@dataclass(frozen=True)
class Form:
    """One table issued by a department, as read from one block of one sheet."""

    id: str  # stable within the file: "<sheet>" or "<sheet>#2"
    file: str
    sheet: str
    title: str
    kind: Kind
    fields: tuple[Field, ...]
    roles: Mapping[Address, Role]
    area: Rect
    issuer: str = ""  # 制定机关 / issuing department as printed
    number: str = ""  # 表号
    period: str = ""  # once, daily, monthly, quarterly, half-yearly, yearly or "" = not printed
    notes: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    lines: tuple[str, ...] = ()  # sub-titles and 填报单位 lines as printed
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A file after recognition: its book, its forms, its code lists (字典 sheets), and every problem met."""

    book: Book
    forms: tuple[Form, ...]
    code_lists: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # name -> (code, text)
    problems: tuple[Problem, ...] = ()
