"""What is asked of the renderer, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forms.model import Address, Blank, CellValue, Problem, Rect


@dataclass(frozen=True, slots=True)
class Write:
    """One value for one cell of the form as it was read (rows before any roster grew).

    `value`: None leaves the cell blank; 0, "—" and 不适用 are themselves. `blank` puts it in the place of those characters of
    the cell's text. `choice` ticks that option instead (several: one Write each, or one text with 、 between them); with
    a `blank`, only the boxes inside it are looked at.
    """

    address: Address
    value: CellValue = None
    blank: Blank | None = None
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class RosterRows:
    """Records for a roster. `rows` is the block of data rows as printed; `columns` are the columns that the values of each
    record go to, in that order; `serial` is the column that is numbered 1, 2, 3 …, if there is one."""

    sheet: str
    rows: Rect
    columns: tuple[int, ...]
    records: tuple[tuple[CellValue, ...], ...]
    serial: int | None = None


@dataclass(frozen=True)
class Rendered:
    """The filled file. `name` differs from the one given only when an old .xls became an .xlsx.

    `moved` has for each sheet whose rosters grew: old row -> new row, for the rows that moved.
    """

    data: bytes
    name: str
    problems: tuple[Problem, ...] = ()
    moved: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def place(self, address: Address) -> Address:
        """Where an address of the form as it was read is now."""
        row = self.moved.get(address.sheet, {}).get(address.row, address.row)
        return Address(address.sheet, row, address.col)
