"""One worksheet part: where its rows and cells lie, what they hold, and writing new content and new rows into it."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from forms.model import Rect, column_letters, column_number
from forms.render.content import BLANK, Content
from forms.render.package import BadPackage
from forms.render.references import RowMap, parse_block, shift_block
from forms.render.runs import Run, plain, read_runs
from forms.render.spans import Edits, Node
from forms.render.workbook import SheetRef, Workbook

Place = tuple[int, int]
_LETTERS = re.compile(r"[A-Za-z]+")
_TYPE = re.compile(rb"\st\s*=\s*(\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True, slots=True)
class Existing:
    """What a cell holds now. `runs` is its text (of text cells only), `shown` any content as stored."""

    kind: str = "blank"  # blank | text | value | formula
    runs: tuple[Run, ...] = ()
    shown: str = ""
    style: str = ""


@dataclass
class NewRow:
    """A row that comes in: its tag as bytes of an existing row (b"" = plain), and its cells by column."""

    number: int  # in the new sheet
    tag: bytes = b""
    cells: dict[int, tuple[str, Content]] = field(default_factory=dict)  # column -> (style id, content)


class Sheet:
    """The sheet as it was, with the changes asked for so far. All rows are old rows until `finish`."""

    def __init__(self, book: Workbook, ref: SheetRef) -> None:
        self.book = book
        self.name = ref.name
        self.part = ref.part
        self.root = book.package.tree(ref.part)
        self.edits: Edits = book.package.edits(ref.part)
        data = self.root.child("sheetData")
        if data is None:
            raise BadPackage("file.damaged", part=ref.part)
        self.data = data
        self.prefix = data.prefix
        self.written: dict[Place, Content] = {}
        self.restyled: dict[Place, str] = {}  # style ids for cells that the file lacks, in place of the one they would have
        self.new_rows: list[NewRow] = []
        self.split_blocks: list[Rect] = []
        self._cells: dict[int, dict[int, Node]] = {}
        self._existing: dict[Place, Existing] = {}

    @cached_property
    def rows(self) -> dict[int, Node]:
        """Row elements by number. A row without a number follows the one before it (18.3.1.73)."""
        found: dict[int, Node] = {}
        at = 0
        for node in self.data.children:
            number = node.attrs.get("r", "")
            at = int(number) if number.isdigit() else at + 1
            found.setdefault(at, node)
        return found

    def cells(self, row: int) -> dict[int, Node]:
        """Cell elements of one row by column."""
        if row not in self._cells:
            found: dict[int, Node] = {}
            at = 0
            for node in self.rows[row].children if row in self.rows else ():
                letters = _LETTERS.match(node.attrs.get("r", ""))
                at = column_number(letters[0].upper()) if letters else at + 1
                if node.name == "c":
                    found.setdefault(at, node)
            self._cells[row] = found
        return self._cells[row]

    def all_cells(self) -> Iterator[tuple[int, int, Node]]:
        for row in self.rows:
            for col, node in self.cells(row).items():
                yield row, col, node

    @cached_property
    def merges(self) -> list[Rect]:
        holder = self.root.child("mergeCells")
        blocks = [parse_block(node.attrs.get("ref", "")) for node in holder.children] if holder is not None else []
        return [block for block in blocks if block is not None]

    @cached_property
    def _anchors(self) -> dict[Place, Place]:
        return {place: (block.top, block.left) for block in self.merges if block.height < 5000 for place in block.places()}

    def anchor(self, row: int, col: int) -> Place:
        """The cell that holds the content of a place: of a merged block, the top left one."""
        return self._anchors.get((row, col), (row, col))

    def block(self, row: int, col: int) -> Rect | None:
        """The merged block around a place, None when there is none."""
        return next((rect for rect in self.merges if (row, col) in rect and rect not in self.split_blocks), None)

    def split(self, block: Rect) -> None:
        """Takes a merged block apart: from now on each of its cells is its own."""
        self.split_blocks.append(block)
        for place in block.places():
            self._anchors.pop(place, None)

    def style(self, row: int, col: int) -> str:
        """The style id that a cell has, or would have: its own, its row's, its column's."""
        node = self.cells(row).get(col)
        if node is not None:
            return node.attrs.get("s", "")
        line = self.rows.get(row)
        if line is not None and line.attrs.get("customFormat") in ("1", "true"):
            return line.attrs.get("s", "")
        return self._column_style(col)

    def _column_style(self, col: int) -> str:
        for holder in self.root.all("cols"):
            for node in holder.children:
                if int(node.attrs.get("min", "0")) <= col <= int(node.attrs.get("max", "0")):
                    return node.attrs.get("style", "")
        return ""

    def existing(self, row: int, col: int) -> Existing:
        """What the cell holds in the file as it came."""
        if (row, col) not in self._existing:
            self._existing[(row, col)] = self._read(row, col)
        return self._existing[(row, col)]

    def _read(self, row: int, col: int) -> Existing:
        node = self.cells(row).get(col)
        if node is None:
            return Existing(style=self.style(row, col))
        style = node.attrs.get("s", "")
        if node.child("f") is not None:
            return Existing("formula", (), "", style)
        kind, value, inline = node.attrs.get("t", "n"), node.child("v"), node.child("is")
        if kind == "inlineStr" and inline is not None:
            runs = read_runs(inline, self.edits.data, self.prefix)
            return Existing("text", runs, plain(runs), style)
        if value is None or not value.text:
            return Existing(style=style)
        if kind == "s":
            runs = self.book.shared(int(value.text), self.prefix) if value.text.strip().isdigit() else ()
            return Existing("text" if plain(runs) else "blank", runs, plain(runs), style)
        if kind == "str":
            return Existing("text", (Run(value.text),), value.text, style)
        return Existing("value", (), value.text, style)

    def finish(self, rows: RowMap) -> None:
        """Turns everything asked for into edits: filled cells, new rows, and the row numbers of those that moved."""
        tag = self.data.tag("row")
        inserts: list[tuple[int, int, str]] = []  # (byte place, new row number, xml)
        late: list[str] = []
        fresh = {row.number: row for row in self.new_rows}
        by_row: dict[int, dict[int, Content]] = {}
        for (row, col), what in self.written.items():
            by_row.setdefault(row, {})[col] = what
        for row, cells in by_row.items():
            if row in self.rows:
                self._fill_row(row, cells, rows)
            elif any(what != BLANK or (row, col) in self.restyled for col, what in cells.items()):
                styled = {col: (self.restyled.get((row, col)) or self.style(row, col), what) for col, what in cells.items()}
                fresh[rows.row(row)] = NewRow(rows.row(row), b"", styled)
        starts = sorted((rows.row(number), node.start) for number, node in self.rows.items())
        for number in sorted(fresh):
            after = bisect(starts, (number, len(self.edits.data)))
            place = starts[after][1] if after < len(starts) else None
            xml = self._row_xml(fresh[number], tag)
            if place is None:
                late.append(xml)
            else:
                inserts.append((place, number, xml))
        for place, _, xml in sorted(inserts):
            self.edits.insert(place, xml)
        if late:
            self.edits.append(self.data, self.data.tag("sheetData"), "".join(late))
        if rows.growths:
            self._renumber(rows)
        self._finish_merges(rows)
        self._widen_dimension(rows)

    def _finish_merges(self, rows: RowMap) -> None:
        """Merged blocks move and grow; those across columns in the first row of a roster are repeated in each new row; those
        that were taken apart go."""
        holder = self.root.child("mergeCells")
        if holder is None or not (rows.growths or self.split_blocks):
            return
        kept, added = 0, []
        for node in holder.children:
            block = parse_block(node.attrs.get("ref", "").replace("$", ""))
            if block is None:
                kept += 1
            elif block in self.split_blocks:
                self.edits.remove(node)
            else:
                kept += 1
                self.edits.attribute(node, "ref", str(rows.merge(block)))
                added += [str(item) for item in rows.repeated_merges(block)]
        if not kept:
            self.edits.discard(holder)
            self.edits.remove(holder)
            return
        tag = holder.tag("mergeCell")
        self.edits.append(holder, holder.tag("mergeCells"), "".join(f'<{tag} ref="{ref}"/>' for ref in added))
        if "count" in holder.attrs:
            self.edits.attribute(holder, "count", str(kept + len(added)))

    def _fill_row(self, row: int, cells: Mapping[int, Content], rows: RowMap) -> None:
        line, present = self.rows[row], self.cells(row)
        number = rows.row(row)
        at_end: list[str] = []
        for col in sorted(cells):
            what, node = cells[col], present.get(col)
            if node is not None:
                self.edits.replace(node.start, node.end, self._cell_xml(number, col, node.attrs.get("s", ""), what))
                continue
            style = self.restyled.get((row, col), "")
            if what == BLANK and not style:
                continue
            xml = self._cell_xml(number, col, style or self.style(row, col), what)
            after = min((other for other in present if other > col), default=None)
            if after is None:
                at_end.append(xml)
            else:
                self.edits.insert(present[after].start, xml)
        if at_end:
            self.edits.append(line, line.tag("row"), "".join(at_end))
        self._widen_spans(
            line, [col for col in cells if col not in present and (cells[col] != BLANK or (row, col) in self.restyled)]
        )

    def _widen_spans(self, line: Node, added: list[int]) -> None:
        """The row's hint of its used columns must not deny a cell that came in."""
        found = re.fullmatch(r"(\d+):(\d+)", line.attrs.get("spans", ""))
        if found and added:
            low, high = min(int(found[1]), *added), max(int(found[2]), *added)
            self.edits.attribute(line, "spans", f"{low}:{high}")

    def _widen_dimension(self, rows: RowMap) -> None:
        node = self.root.child("dimension")
        block = parse_block(node.attrs.get("ref", "").replace("$", "")) if node is not None else None
        if node is None or block is None:
            return
        moved = parse_block(shift_block(str(block), rows)) or block
        for row, col in (place for place, what in self.written.items() if what != BLANK):
            new = rows.row(row)
            moved = Rect(min(moved.top, new), min(moved.left, col), max(moved.bottom, new), max(moved.right, col))
        for row in (item.number for item in self.new_rows):
            moved = Rect(moved.top, moved.left, max(moved.bottom, row), moved.right)
        if moved != block:
            self.edits.attribute(node, "ref", str(moved))

    def _renumber(self, rows: RowMap) -> None:
        for row, line in self.rows.items():
            new = rows.row(row)
            if new == row:
                continue
            self.edits.attribute(line, "r", str(new))
            for col, node in self.cells(row).items():
                if (row, col) not in self.written:
                    self.edits.attribute(node, "r", f"{column_letters(col)}{new}")

    def _row_xml(self, row: NewRow, tag: str) -> str:
        if row.tag:
            opened = row.tag.decode("utf-8").rstrip(">").rstrip("/").rstrip()
            opened = re.sub(r"\sr\s*=\s*(\"[^\"]*\"|'[^']*')", "", opened, count=1)
            opened = f'<{tag} r="{row.number}"' + opened[1 + len(tag) :]
        else:
            opened = f'<{tag} r="{row.number}"'
        cells = "".join(self._cell_xml(row.number, col, style, what) for col, (style, what) in sorted(row.cells.items()))
        return f"{opened}>{cells}</{tag}>" if cells else f"{opened}/>"

    def _cell_xml(self, row: int, col: int, style: str, what: Content) -> str:
        tag = self.data.tag("c")
        attrs = f' r="{column_letters(col)}{row}"'
        if style:
            attrs += f' s="{style}"'
        if what.kind:
            attrs += f' t="{what.kind}"'
        return f"<{tag}{attrs}>{what.inner}</{tag}>" if what.inner else f"<{tag}{attrs}/>"

    def drop_cached(self, node: Node) -> None:
        """Removes the remembered result of a formula cell, so that it is computed when the file is opened."""
        value = node.child("v")
        if value is None:
            return
        self.edits.remove(value)
        found = _TYPE.search(self.edits.data, node.start, node.inner)
        if found:
            self.edits.replace(found.start(), found.end(), b"")
