"""Row captions as a tree: numbering 一、（一）1.（1）①, 其中：, indentation.

Each item is placed under (at most) one earlier item. Numbering decides first; 其中 hangs under the row before it; without a
number the indentation decides, and where the indentation is lost, printed rules (09≥10), units and likeness of words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from forms.recognise.labels import RANK, Mark, display_width, mark_of, named_whole, undotted_number, without_unit
from forms.recognise.words import words

_USUAL = {"han": "han-paren", "han-paren": "num", "num": "num-paren", "num-paren": "circle"}
_OF_WHICH_WIDTH = 6  # 其中： in half-width columns
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Item:
    """One row caption. `caption` rows take no value themselves. `parts_of` holds the codes that printed rules say this
    row is a part of. `followed`: the next row is like it (no number, the same indent)."""

    label: str
    indent: int = 0
    unit: str = ""
    code: str = ""
    caption: bool = False
    parts_of: frozenset[str] = frozenset()
    followed: bool = False


@dataclass(frozen=True, slots=True)
class _Open:
    """An item that rows below may still belong to. `group` is the indent of the 其中 row that opened its group, -1 = none."""

    index: int
    item: Item
    style: str
    of_which: bool
    group: int = -1
    members: tuple[int, ...] = ()
    ordinal: int = 0

    @property
    def numbered(self) -> bool:
        return bool(self.style)


@dataclass
class Outline:
    """Places items one after another; it can go on over several blocks of one table (续表, side by side). Where columns
    show the levels already (`explicit`), only 其中 rows are placed under another. `noise`: by how much rows of one level are
    indented differently in this table (see `indent_noise`); little is read from indentation where it is large."""

    explicit: bool = False
    noise: int = 0
    items: list[Item] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    _stack: list[_Open] = field(default_factory=list)
    _opened: list[_Open] = field(default_factory=list)

    def add(self, item: Item) -> int:
        """The index of the parent of the item, -1 for none."""
        index = len(self.items)
        mark = self._mark(item)
        self.items.append(item)
        self._open_for(item, mark)
        parent = self._stack[-1].index if self._stack else -1
        group, members = self._joined
        self._stack.append(_Open(index, item, mark.style, mark.of_which, group, members, mark.ordinal))
        self._opened.append(self._stack[-1])
        self.parents.append(parent)
        return parent

    def _open_for(self, item: Item, mark: Mark) -> None:
        """Leaves on the stack what the item belongs under."""
        self._joined = (-1, ())
        if item.label.startswith(words().addendum_heads):
            self._stack.clear()
        elif self.explicit and not mark.of_which:
            if not self._still_of_which(item, mark.style):
                self._stack.clear()
        elif mark.style:
            self._number(item, mark.style, mark.ordinal, mark.of_which)
        elif mark.of_which:
            self._of_which(item)
        else:
            self._plain(item)

    def _still_of_which(self, item: Item, style: str) -> bool:
        """In columns that show the levels: a row that goes on with the 其中 row before it."""
        if style or not self._stack or self._stack[-1].group < 0 or len(self._stack) < 2:
            return False
        top = self._stack[-1]
        if not self._likes_group(item, top, self._stack[-2]):
            return False
        self._stack.pop()
        self._join(top)
        return True

    _joined: tuple[int, tuple[int, ...]] = (-1, ())

    def path(self, index: int) -> tuple[int, ...]:
        """Indexes from the outermost ancestor down to the item itself."""
        found: list[int] = []
        while index >= 0:
            found.append(index)
            index = self.parents[index]
        return tuple(reversed(found))

    def _mark(self, item: Item) -> Mark:
        """Numbering of a row; a number without its dot (2虾蟹类) counts when it goes on with the list before it."""
        mark = mark_of(item.label)
        number = 0 if mark.style or mark.of_which else undotted_number(item.label)
        if number and any(o.style == "num" and o.ordinal == number - 1 for o in self._stack):
            return replace(mark, style="num", ordinal=number)
        return mark

    # ---- numbered rows -----------------------------------------------------------------------------------------------
    def _number(self, item: Item, style: str, ordinal: int, of_which: bool) -> None:
        self._joined = (-1, ())
        same = next((i for i in range(len(self._stack) - 1, -1, -1) if self._stack[i].style == style), -1)
        if same >= 0 and (ordinal > 1 or not self._nests(item, same)):
            del self._stack[same:]
            return
        if style in ("part", "han"):
            self._to_root()
            return
        if ordinal > 1 and self._resume(style, ordinal):
            return
        while self._stack and self._closes(self._stack[-1], item, style, of_which):
            self._stack.pop()

    def _resume(self, style: str, ordinal: int) -> bool:
        """Goes on with a list whose last number is no longer open, as long as what it stood under still is."""
        last = next((o for o in reversed(self._opened) if o.style == style and o.ordinal == ordinal - 1), None)
        if last is None:
            return False
        above = self.path(last.index)[:-1]
        if [o.index for o in self._stack[: len(above)]] != list(above):
            return False
        del self._stack[len(above) :]
        return True

    def _nests(self, item: Item, same: int) -> bool:
        """A list that starts again at 1 deeper in the same style: only when the row is clearly further in."""
        return item.indent >= self._stack[same].item.indent + 4 and same < len(self._stack) - 1

    def _to_root(self) -> None:
        while self._stack:
            top = self._stack[0]
            if top.item.caption and not top.numbered and len(self._stack) >= 1 and not self._has_numbered_root():
                del self._stack[1:]
                return
            self._stack.clear()

    def _has_numbered_root(self) -> bool:
        return any(p == -1 and mark_of(i.label).style == "han" for p, i in zip(self.parents, self.items, strict=False))

    def _closes(self, top: _Open, item: Item, style: str, of_which: bool) -> bool:
        if top.numbered:
            return RANK[top.style] > RANK[style] and not (of_which and top.index == len(self.items) - 2)
        if of_which:
            return False
        if top.of_which or top.group >= 0:
            return True
        if not top.item.caption and item.indent <= top.item.indent + 1 and self._next_level(style):
            return True
        return top.item.indent > item.indent + 1 and len(self._stack) > 1 and self.noise < 4

    def _next_level(self, style: str) -> bool:
        """Whether a style of numbering is the usual next one under the numbered row that is open: （一） under 一、."""
        above = next((o.style for o in reversed(self._stack) if o.numbered), "")
        return above in _USUAL and style == _USUAL[above]

    # ---- 其中 --------------------------------------------------------------------------------------------------------
    def _of_which(self, item: Item) -> None:
        whole = named_whole(item.label)
        at = next((i for i in range(len(self._stack) - 1, -1, -1) if whole and whole in self._stack[i].item.label), -1)
        if at >= 0:  # 在用种量中：…
            del self._stack[at + 1 :]
        while self._stack:
            top = self._stack[-1]
            if top.group < 0 or self._deeper(item, top):
                break
            self._stack.pop()
        self._by_rules(item)
        if self._stack and item.indent < self._stack[-1].item.indent - 1:
            self.noise = max(self.noise, 4)  # a part printed further out than its whole: indentation means nothing here
        self._joined = (item.indent, (len(self.items) - 1,))

    def _deeper(self, item: Item, top: _Open) -> bool:
        """A 其中 under a row of another 其中 group stands clearly further in than that group began."""
        return item.indent >= top.group + (2 if self.noise == 0 else 3)

    def _by_rules(self, item: Item) -> None:
        """A printed rule (06≤03) names the row that this one is part of: take it when it is still open, or was just closed."""
        if not item.parts_of:
            return
        for depth in range(len(self._stack) - 1, -1, -1):
            if self._stack[depth].item.code in item.parts_of:
                del self._stack[depth + 1 :]
                return

    # ---- rows without a number ---------------------------------------------------------------------------------------
    def _plain(self, item: Item) -> None:
        self._joined = (-1, ())
        if self._goes_on_by_rules(item):
            return
        while self._stack:
            top = self._stack[-1]
            if top.numbered and top.group < 0:
                self._under_number(item)
                return
            if top.group >= 0:
                if top.of_which and top.item.caption and item.indent >= top.group:
                    return  # 其中：年龄分布 takes no value itself: the rows behind it are its parts
                if self._in_group(item, top):
                    self._stack.pop()
                    self._join(top)
                    return
                self._stack.pop()
                continue
            if self._total_over(item, top) or self._further_in(item, top):
                return
            last = len(self._stack) == 1 or (self._stack[-2].numbered and not self._sibling_of_deeper(item))
            self._stack.pop()
            if last or item.indent >= top.item.indent - 1:
                return

    def _goes_on_by_rules(self, item: Item) -> bool:
        """A printed rule says that the row is part of the row whose 其中 group is open."""
        for at in range(len(self._stack) - 1, 0, -1):
            group, whole = self._stack[at], self._stack[at - 1]
            if group.group >= 0 and whole.item.code and whole.item.code in item.parts_of:
                del self._stack[at:]
                self._join(group)
                return True
        return False

    def _further_in(self, item: Item, top: _Open) -> bool:
        """Whether indentation alone puts a row under the one before it. Where it is sloppy, one row further in says nothing."""
        if item.indent < top.item.indent + 2 or _twins(item.label, top.item.label):
            return False
        return self.noise == 0 or (self.noise < 4 and item.followed)

    def _sibling_of_deeper(self, item: Item) -> bool:
        plain = self._plain_below()
        return plain is not None and abs(plain.item.indent - item.indent) <= 1

    def _join(self, top: _Open) -> None:
        self._joined = (top.group, (*top.members, len(self.items) - 1))

    def _total_over(self, item: Item, top: _Open) -> bool:
        """A first row ending in 合计 has the rows of the same unit behind it as its parts (农用机械总动力合计)."""
        label = without_unit(top.item.label)
        is_total = len(label) > 3 and label.endswith(("合计", "总计")) and len(self._stack) == 1
        return is_total and item.unit == top.item.unit and bool(item.unit)

    def _plain_below(self) -> _Open | None:
        """The nearest open row without a number under the numbered ones on top."""
        return next((o for o in reversed(self._stack) if not o.numbered and o.group < 0), None)

    def _under_number(self, item: Item) -> None:
        """A row without a number behind a numbered one: its child, unless it says the same thing in other words
        (1.总户数 / 总人数) or goes on with rows like one further out (牛 / 1.肉牛 2.奶牛 / 羊)."""
        top = self._stack[-1]
        plain = self._plain_below()
        if plain is not None and abs(plain.item.indent - item.indent) <= 1 and item.indent <= top.item.indent + 1:
            del self._stack[self._stack.index(plain) :]
            return
        differs = bool(item.unit) and bool(top.item.unit) and item.unit != top.item.unit
        if differs and not top.item.caption and not item.caption and likeness(item.label, mark_of(top.item.label).rest) >= 4:
            self._stack.pop()

    def _in_group(self, item: Item, top: _Open) -> bool:
        """Whether a row goes on with the 其中 group that is open on top."""
        content = top.group + _OF_WHICH_WIDTH
        if item.caption:
            return False
        outer = self._outer_group(top)
        if outer is not None and abs(item.indent - outer - _OF_WHICH_WIDTH) < abs(item.indent - content):
            return False
        if item.indent >= content - 2 or item.indent >= top.group + 3:
            return True
        parent = self._stack[-2] if len(self._stack) >= 2 else None
        if parent is None:
            return True
        if item.indent < top.group - 1 and not parent.numbered and self.noise == 0:
            return item.indent > parent.item.indent + 1
        rival = parent if not parent.numbered else self._rival(item, parent)
        return rival is None or self._likes_group(item, top, rival)

    def _outer_group(self, top: _Open) -> int | None:
        below = [o.group for o in self._stack if o.group >= 0 and o is not top and o.group < top.group]
        return below[-1] if below else None

    def _rival(self, item: Item, parent: _Open) -> _Open | None:
        plain = self._plain_below()
        return plain if plain is not None and abs(plain.item.indent - item.indent) <= 1 else None

    def _likes_group(self, item: Item, top: _Open, rival: _Open) -> bool:
        """Indentation says nothing: is the row like the 其中 rows, or like the row they are part of?"""
        members = [self.items[i] for i in top.members]
        if any(m.parts_of & {rival.item.code} for m in members) and rival.item.code not in item.parts_of and rival.item.code:
            return False
        if item.unit and rival.item.unit != members[0].unit and item.unit in (rival.item.unit, members[0].unit):
            return item.unit == members[0].unit
        if item.unit and members[0].unit and item.unit != members[0].unit:
            return False
        like_group = max(likeness(item.label, mark_of(m.label).rest) for m in members)
        like_rival = likeness(item.label, mark_of(rival.item.label).rest)
        if like_group == like_rival == 0:
            return display_width(item.label) <= 2 * max(display_width(mark_of(m.label).rest) for m in members) + 2
        return like_group >= like_rival


def indent_noise(items: Sequence[Item]) -> int:
    """By how many half-width columns rows of one and the same level are indented differently: over the numbered rows of
    each style, and over the 其中 rows right behind a numbered row of each style."""
    seen: dict[str, set[int]] = {}
    before = ""
    for item in items:
        mark = mark_of(item.label)
        if mark.style:
            seen.setdefault(mark.style, set()).add(item.indent)
        elif mark.of_which and before:
            seen.setdefault(f"其中/{before}", set()).add(item.indent)
        before = mark.style
    return max((max(indents) - min(indents) for indents in seen.values()), default=0)


def likeness(a: str, b: str) -> int:
    """How many characters two captions share at their beginning and end, figures counted as one sign."""
    a, b = _DIGITS.sub("0", without_unit(a)), _DIGITS.sub("0", without_unit(b))
    front = _shared(a, b)
    back = _shared(a[front:][::-1], b[front:][::-1])
    return front + back


def _twins(a: str, b: str) -> bool:
    """Captions of one length that differ in their first half only (养殖渔船, 捕捞渔船) are on one level, however printed."""
    return len(a) == len(b) >= 3 and likeness(a, b) * 2 >= len(a)


def _shared(a: str, b: str) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count
