"""The zip package of a workbook: its parts, how they point to each other, and putting it together again.

Every entry that is not edited keeps its bytes, its name, its time stamp and its place. Source of the structure:
ECMA-376 part 2 (Open Packaging Conventions).
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from forms.render.spans import BadPart, Edits, Node, as_utf8, scan

MOST_BYTES = 600 * 1024 * 1024  # a form is far below; beyond it is a zip bomb
ROOT_RELS = "_rels/.rels"
CONTENT_TYPES = "[Content_Types].xml"
_REL_NS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}",
)


class BadPackage(Exception):
    """The file is no workbook package that can be edited. `code` is the Problem to show, `values` fill its wording."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Relation:
    id: str
    kind: str  # the last word of the relationship type: worksheet, drawing, table …
    target: str  # part name, or the address when external
    external: bool
    node: Node


@dataclass
class Package:
    """The parts of one workbook. `part()` reads, `put()` changes, `drop()` removes, `pack()` gives the new file."""

    source: bytes
    _zip: zipfile.ZipFile
    _infos: list[zipfile.ZipInfo]
    _names: Mapping[str, zipfile.ZipInfo]  # lower case: part names do not tell case (ECMA-376 part 2, 6.2.2.3)
    _changed: dict[str, bytes] = field(default_factory=dict)
    _dropped: set[str] = field(default_factory=set)
    _added: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    _trees: dict[str, Node] = field(default_factory=dict)

    @classmethod
    def open(cls, source: bytes) -> Package:
        """Raises BadPackage when the bytes are no zip file or would unpack beyond reason."""
        try:
            archive = zipfile.ZipFile(io.BytesIO(source))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise BadPackage("file.damaged", part=str(error)) from error
        infos = archive.infolist()
        size = sum(info.file_size for info in infos)
        if size > MOST_BYTES:
            raise BadPackage("file.zip-bomb", what=f"{size // 1024 // 1024} MB")
        if any(info.flag_bits & 1 for info in infos):
            raise BadPackage("file.encrypted")
        return cls(source, archive, infos, {info.filename.lower().lstrip("/"): info for info in infos})

    def has(self, name: str) -> bool:
        key = name.lower()
        return key not in self._dropped and (key in self._names or key in self._added)

    def part(self, name: str) -> bytes:
        """The bytes of a part as they stand now, in UTF-8. Raises BadPackage when it is missing or damaged."""
        key = name.lower()
        if key in self._changed:
            return self._changed[key]
        if key in self._added:
            return self._added[key][1]
        info = self._names.get(key)
        if info is None or key in self._dropped:
            raise BadPackage("file.damaged", part=name)
        try:
            return as_utf8(self._zip.read(info))
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, UnicodeError, LookupError, RuntimeError) as error:
            raise BadPackage("file.damaged", part=name) from error

    def tree(self, name: str) -> Node:
        """The elements of an XML part as it stands now."""
        key = name.lower()
        if key not in self._trees:
            try:
                self._trees[key] = scan(self.part(name))
            except BadPart as error:
                raise BadPackage("file.xml-entities" if error.entities else "file.damaged", part=name) from error
        return self._trees[key]

    def edits(self, name: str) -> Edits:
        return Edits(self.part(name))

    def put(self, name: str, data: bytes) -> None:
        key = name.lower()
        self._trees.pop(key, None)
        if key in self._names:
            self._changed[key] = data
        else:
            self._added[key] = (name, data)

    def save(self, name: str, edits: Edits) -> None:
        """Takes over the edits of a part, when there are any."""
        if edits:
            self.put(name, edits.apply())

    def drop(self, name: str) -> None:
        self._dropped.add(name.lower())

    def relations(self, name: str) -> list[Relation]:
        """What a part points to; "" asks for the relations of the package itself."""
        path = rels_name(name) if name else ROOT_RELS
        if not self.has(path):
            return []
        folder = posixpath.dirname(name)
        found = []
        for node in self.tree(path).all("Relationship"):
            target = node.attrs.get("Target", "")
            external = node.attrs.get("TargetMode") == "External"
            if not external:
                target = posixpath.normpath(posixpath.join("/" + folder, unquote(target))).lstrip("/")
            kind = node.attrs.get("Type", "").rsplit("/", 1)[-1]
            found.append(Relation(node.attrs.get("Id", ""), kind, target, external, node))
        return found

    def pack(self) -> bytes:
        """The new file: same entries in the same order with the same stamps; only edited parts have other bytes."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            target.comment = self._zip.comment
            for info in self._infos:
                key = info.filename.lower().lstrip("/")
                if key in self._dropped:
                    continue
                try:
                    data = self._changed[key] if key in self._changed else self._zip.read(info)
                except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
                    raise BadPackage("file.damaged", part=info.filename) from error
                target.writestr(_entry(info), data)
            for name, data in self._added.values():
                entry = zipfile.ZipInfo(name, self._infos[0].date_time)
                entry.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(entry, data)
        return out.getvalue()


def _entry(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """A fresh entry with the name, stamp and attributes of the old one (writing changes the object it is given)."""
    entry = zipfile.ZipInfo(info.filename, info.date_time)
    entry.compress_type = info.compress_type
    entry.comment = info.comment
    entry.create_system = info.create_system
    entry.external_attr = info.external_attr
    entry.internal_attr = info.internal_attr
    entry.extra = _extra(info.extra)
    return entry


def _extra(extra: bytes) -> bytes:
    """The extra fields (long time stamps …) without the zip64 sizes, which are written anew where they are needed."""
    kept, place = b"", 0
    while place + 4 <= len(extra):
        length = int.from_bytes(extra[place + 2 : place + 4], "little") + 4
        if extra[place : place + 2] != b"\x01\x00" and place + length <= len(extra):
            kept += extra[place : place + length]
        place += length
    return kept


def rels_name(part: str) -> str:
    """Where the relations of a part are kept: xl/workbook.xml -> xl/_rels/workbook.xml.rels."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


def relation_id(node: Node, name: str = "id") -> str:
    """The relationship that an element names (r:id, in the transitional or the strict namespace)."""
    return next((node.attrs[ns + name] for ns in _REL_NS if ns + name in node.attrs), "")
