"""Web pages that call themselves workbooks: many systems "export to Excel" this way.

All tables of the page come on one sheet, one under the other, as Excel shows them; text between them takes rows of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree
from lxml import html as lxml_html

from forms.grid import limits
from forms.grid.cells import Draft
from forms.grid.notes import Notes
from forms.grid.text import put_text
from forms.model import PLAIN, Cell, CellKind, Grid, Rect, Style

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.I)
_SILENT = ("script", "style", "head", "title", "template", "noscript", "object")
_BLOCKS = (
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ul",
    "ol",
    "tr",
    "td",
    "th",
    "caption",
    "center",
    "form",
    "body",
)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.I)
_ALIGN = re.compile(r"text-align\s*:\s*(left|center|right)", re.I)
_GONE = re.compile(r"display\s*:\s*none", re.I)


def charset(data: bytes) -> str:
    """The encoding that a page's head names, "" when it names none that Python knows."""
    found = _CHARSET.search(data[:4096])
    name = found[1].decode("ascii").lower() if found else ""
    name = {"gb2312": "gb18030", "gbk": "gb18030"}.get(name, name)
    try:
        "".encode(name or "unknown")
    except LookupError:
        return ""
    return name


def read_html(text: str, notes: Notes) -> Grid | None:
    """The tables of a page as one sheet; None when it has none."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    parser = lxml_html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = lxml_html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    if root.find(".//table") is None:
        return None
    draft = Draft("Sheet1", notes)
    cells = sum(1 for _ in root.iter("td", "th"))
    page = _Page(draft, limits.SPAN_PLACES + limits.SPAN_PLACES_A_CELL * cells)
    page.walk(root)
    page.flush()
    return draft.grid()


@dataclass
class _Page:
    """Puts what it meets on the sheet, from top to bottom."""

    draft: Draft
    room: int  # places that merged cells may still take
    row: int = 1
    loose: str = ""

    def walk(self, element: etree._Element) -> None:
        """Everything inside an element, in its order."""
        if not isinstance(element.tag, str) or element.tag in _SILENT:
            return
        if element.tag == "table":
            self.flush()
            self._table(element)
            return
        block = element.tag in _BLOCKS or element.tag == "br"
        if block:
            self.flush()
        self.loose += element.text or ""
        for child in element:
            self.walk(child)
            self.loose += child.tail or ""
        if block:
            self.flush()

    def flush(self) -> None:
        """Text outside tables, as a row of its own."""
        shown = _collapsed(self.loose)
        self.loose = ""
        if shown.strip():
            put_text(self.draft, (self.row, 1), shown)
            self.row += 1

    def _table(self, table: etree._Element) -> None:
        taken: set[tuple[int, int]] = set()
        start = self.row
        inner: list[etree._Element] = []
        lines = list(_lines(table))
        for number, line in enumerate(lines):
            if line.tag == "caption":
                put_text(self.draft, (self.row, 1), _text_of(line))
                self.row += 1
                continue
            last = self.row + len(lines) - number - 1
            self._line(line, taken, last, table.get("border", "0") not in ("", "0"), inner)
            self.row += 1
        for nested in inner:
            self._table(nested)
        self.row += 1 if self.row > start else 0  # one empty row between two tables

    def _line(
        self, line: etree._Element, taken: set[tuple[int, int]], last: int, framed: bool, inner: list[etree._Element]
    ) -> None:
        """One row of a table whose last row is `last`; `taken` are the places under merged cells of the rows before."""
        if _GONE.search(line.get("style", "")):
            self.draft.hidden_rows.add(self.row)
        col = 1
        for item in line:
            if item.tag not in ("td", "th"):
                continue
            while (self.row, col) in taken:
                col += 1
            rect = self._block(item, col, last)
            if rect.height * rect.width > 1:
                self.draft.merges.append(rect)
                taken.update(rect.places())
            put_text(self.draft, (rect.top, rect.left), _text_of(item))
            self._dress(rect, _style(item, framed))
            inner.extend(_tables_in(item))
            col = rect.right + 1

    def _block(self, item: etree._Element, col: int, last: int) -> Rect:
        """The places of a cell: merged downwards to the table's last row at most (HTML, 4.9.12, forming a table)."""
        rect = Rect(self.row, col, min(last, self.row + _span(item, "rowspan") - 1), col + _span(item, "colspan") - 1)
        size = rect.height * rect.width
        if size == 1:
            return rect
        if size > self.room:
            self.room = 0  # a page that claims absurd merges is not believed in the rest of them
            self.draft.note("cell.absurd-span", (self.row, col))
            return Rect(self.row, col, self.row, col)
        self.room -= size
        return rect

    def _dress(self, rect: Rect, style: Style) -> None:
        place = (rect.top, rect.left)
        cell = self.draft.cells.get(place)
        if cell is not None:
            self.draft.cells[place] = replace(cell, style=style)
        elif style != PLAIN:
            self.draft.put(Cell(*place, kind=CellKind.BLANK, style=style))


def _lines(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag in ("tr", "caption"):
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (line for line in child if line.tag == "tr")


def _tables_in(element: etree._Element) -> Iterator[etree._Element]:
    """The outermost tables inside a cell."""
    for child in element:
        if child.tag == "table":
            yield child
        else:
            yield from _tables_in(child)


def _span(item: etree._Element, name: str) -> int:
    found = re.match(r"\s*(\d+)", item.get(name, ""))
    return min(max(int(found[1]), 1), limits.SPAN) if found else 1


def _style(item: etree._Element, framed: bool) -> Style:
    css = item.get("style", "")
    align = _ALIGN.search(css)
    framed = framed or bool(re.search(r"border\s*:(?!\s*(?:0|none))", css))
    return Style(
        bold=item.tag == "th" or bool(_BOLD.search(css)) or item.find(".//b") is not None or item.find(".//strong") is not None,
        halign=align[1].lower() if align else item.get("align", "").lower(),
        top=framed,
        left=framed,
        bottom=framed,
        right=framed,
    )


def _text_of(item: etree._Element) -> str:
    return _collapsed("".join(_pieces(item)))


def _pieces(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _SILENT and child.tag != "table":
            if child.tag == "br" or child.tag in ("p", "div", "li"):
                yield "\v"
            yield from _pieces(child)
        yield child.tail or ""


def _collapsed(text: str) -> str:
    """As a browser shows it: white space counts once, hard spaces count each, a line break breaks the line."""
    text = re.sub(r"[ \t\r\n\f]+", " ", text)
    return re.sub(r" ?\v ?", "\n", text).strip(" \n").replace("\xa0", " ")
