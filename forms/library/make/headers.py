"""Column headers with any number of levels, shared by rosters, statistics and the sub-tables of cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from forms.library.make.canvas import Canvas
from forms.library.make.notation import Item, join_keys


@dataclass(frozen=True)
class Leaf:
    """A column of values: its item, the captions above it, the columns it covers."""

    item: Item
    path: tuple[str, ...]
    key: str
    unit: str
    col: int
    right: int

    @property
    def letter(self) -> str:
        return get_column_letter(self.col)


def depth(items: Sequence[Item]) -> int:
    """Levels of a header tree."""
    return max(1 + (depth(item.children) if item.children else 0) for item in items)


def columns(items: Sequence[Item]) -> int:
    """Sheet columns that a header tree covers."""
    return sum(columns(item.children) if item.children else item.span for item in items)


def leaves(items: Sequence[Item], left: int) -> tuple[Leaf, ...]:
    """The value columns of a header tree that starts at column `left`."""
    return tuple(_leaves(items, left, (), ("",), ""))


def _leaves(items: Sequence[Item], left: int, path: tuple[str, ...], keys: tuple[str, ...], unit: str) -> Iterator[Leaf]:
    for item in items:
        here, wide = (*path, item.label), columns([item])
        if item.children:
            yield from _leaves(item.children, left, here, (*keys, item.key), item.unit or unit)
        else:
            yield Leaf(item, here, join_keys(*keys, item.key), item.unit or unit, left, left + wide - 1)
        left += wide


def draw_header(canvas: Canvas, items: Sequence[Item], top: int, left: int, bottom: int) -> None:
    """Prints a header tree into rows `top`..`bottom`; a column without children is merged down to the bottom."""
    for item in items:
        wide = columns([item])
        right = left + wide - 1
        if item.children:
            canvas.put(top, left, item.printed, "header", right=right)
            draw_header(canvas, item.children, top + 1, left, bottom)
        else:
            canvas.put(top, left, item.printed, "header", bottom=bottom, right=right)
            canvas.widths({x: (item.width or 10) / wide for x in range(left, right + 1)})
        left += wide
