"""XML as bytes with known places, so that an edit touches the bytes it means and no other.

An XML library that reads a part and writes it again keeps the meaning but not the bytes: quotes, entities, the
declaration and empty elements come out differently. Here the parser only says where each element begins and ends; an
edit replaces a stretch of bytes, everything else is copied as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

_OPEN_TAG = re.compile(rb"<[^\"'>]*(?:\"[^\"]*\"[^\"'>]*|'[^']*'[^\"'>]*)*>")
_DECLARED = re.compile(r"(<\?xml[^>]*?encoding\s*=\s*)([\"'])[^\"']*\2", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


class BadPart(Exception):
    """A part of the package is no well-formed XML, or declares entities (which no office program writes)."""

    def __init__(self, why: str, entities: bool = False) -> None:
        super().__init__(why)
        self.entities = entities


@dataclass(slots=True, eq=False)
class Node:
    """One element. `start` .. `end` are its bytes, `inner` .. `close` those between its tags (equal when it is empty).

    `attrs` has plain names for attributes without a prefix and "{namespace}name" for the others.
    """

    name: str
    namespace: str
    prefix: str
    attrs: dict[str, str]
    start: int
    inner: int
    hollow: bool  # written as <c/>
    close: int = 0
    end: int = 0
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def child(self, name: str) -> Node | None:
        """The first child with this local name."""
        return next((node for node in self.children if node.name == name), None)

    def all(self, name: str) -> list[Node]:
        return [node for node in self.children if node.name == name]

    def walk(self) -> Iterator[Node]:
        """This element and all below it, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def tag(self, name: str) -> str:
        """`name` with the prefix that this element uses ("x:row" where the sheet is written with one)."""
        return f"{self.prefix}:{name}" if self.prefix else name


def as_utf8(data: bytes) -> bytes:
    """The same XML in UTF-8. Only a part in UTF-16 or another declared encoding is changed; nearly none is."""
    if data.startswith(_UTF16):
        text = data.decode("utf-16" if data[:2] in _UTF16[:2] else ("utf-16-le" if data[0] == 60 else "utf-16-be"))
    else:
        found = re.match(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", data)
        if found is None or found[1].lower() in (b"utf-8", b"utf8", b"us-ascii"):
            return data
        text = data.decode(found[1].decode("ascii"))
    return _DECLARED.sub(r"\1\2UTF-8\2", text, count=1).encode("utf-8")


def scan(data: bytes) -> Node:
    """The tree of elements of a UTF-8 part. Raises BadPart for broken XML and for any document type declaration."""
    return _Scanner(data).root()


class _Scanner:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: list[Node] = []
        self._root: Node | None = None
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        self._parser = parser

    def root(self) -> Node:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            raise BadPart(str(error)) from error
        if self._root is None:
            raise BadPart("no element")
        return self._root

    def _refuse(self, *_: object) -> None:
        raise BadPart("document type declaration", entities=True)

    def _start(self, name: str, attrs: dict[str, str]) -> None:
        start = self._parser.CurrentByteIndex
        tag = _OPEN_TAG.match(self._data, start)
        if tag is None:
            raise BadPart(f"tag at {start}")
        namespace, local, prefix = _split(name)
        if " " in "".join(attrs):
            attrs = {_clark(key): value for key, value in attrs.items()}
        node = Node(local, namespace, prefix, attrs, start, tag.end(), self._data[tag.end() - 2] == 47)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node
        self._open.append(node)

    def _end(self, _: str) -> None:
        node = self._open.pop()
        if node.hollow:
            node.close = node.end = node.inner
            return
        node.close = self._parser.CurrentByteIndex
        node.end = self._data.index(b">", node.close) + 1

    def _text(self, text: str) -> None:
        if self._open and not self._open[-1].children:
            self._open[-1].text += text


@lru_cache(maxsize=1024)
def _split(name: str) -> tuple[str, str, str]:
    parts = name.split(" ")
    if len(parts) == 1:
        return "", name, ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""


def _clark(key: str) -> str:
    namespace, local, _ = _split(key)
    return f"{{{namespace}}}{local}" if namespace else local


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    order: int
    new: bytes


class Edits:
    """Changes to one part, collected first and applied at once. Raises ValueError when two of them overlap."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._edits: list[_Edit] = []

    def __bool__(self) -> bool:
        return bool(self._edits)

    def replace(self, start: int, end: int, new: str | bytes) -> None:
        content = new.encode("utf-8") if isinstance(new, str) else new
        if self.data[start:end] != content:
            self._edits.append(_Edit(start, end, len(self._edits), content))

    def insert(self, place: int, new: str | bytes) -> None:
        if new:
            self.replace(place, place, new)

    def attribute(self, node: Node, name: str, value: str) -> None:
        """Gives the attribute a new value in place; adds it when the element has none. `name` as written, prefix and all."""
        if node.attrs.get(name) == value:
            return
        tag = self.data[node.start : node.inner]
        found = re.search(rb"\s" + re.escape(name.encode()) + rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
        if found is None:
            place = node.inner - (2 if node.hollow else 1)
            self.insert(place, f' {name}="{_quoted(value)}"')
            return
        group = 1 if found[1] is not None else 2
        self.replace(node.start + found.start(group), node.start + found.end(group), _quoted(value))

    def content(self, node: Node, text: str) -> None:
        """Replaces the text of an element that is not written as empty."""
        if node.text != text:
            self.replace(node.inner, node.close, escape(text))

    def remove(self, node: Node) -> None:
        self.replace(node.start, node.end, b"")

    def discard(self, node: Node) -> None:
        """Takes back the edits inside an element, because all of it is to be edited."""
        self._edits = [edit for edit in self._edits if not (node.start <= edit.start and edit.end <= node.end)]

    def append(self, node: Node, name: str, inside: str) -> None:
        """Puts `inside` at the end of the element, whose tag as written is `name`."""
        if node.hollow and inside:
            self.replace(node.inner - 2, node.inner, f">{inside}</{name}>")
        elif not node.hollow:
            self.insert(node.close, inside)

    def within(self, node: Node) -> bytes:
        """The bytes of one element with those edits that lie inside it applied."""
        inside = [edit for edit in self._edits if node.start <= edit.start and edit.end <= node.end]
        return _apply(self.data, inside, node.start, node.end)

    def apply(self) -> bytes:
        return _apply(self.data, self._edits, 0, len(self.data))


def _apply(data: bytes, edits: Sequence[_Edit], start: int, end: int) -> bytes:
    pieces: list[bytes] = []
    place = start
    for edit in sorted(edits, key=lambda item: (item.start, item.end > item.start, item.order)):
        if edit.start < place:
            raise ValueError(f"two edits overlap at byte {edit.start}")
        pieces += (data[place : edit.start], edit.new)
        place = edit.end
    pieces.append(data[place:end])
    return b"".join(pieces)


def escape(text: str) -> str:
    """Text as XML content."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    """Text as an attribute value, in either kind of quotes. A plain line break would be read as a blank."""
    return escape(text).replace('"', "&quot;").replace("'", "&apos;").replace("\n", "&#10;")
