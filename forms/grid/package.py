"""The zip package of an .xlsx file (ECMA-376 part 2), opened with suspicion."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from forms.grid import limits
from forms.grid.blank_rows import BlankRowFilter, Readable, Skipped

# What zipfile lets out when a package is cut short, overwritten or packed in a way nobody can unpack.
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, KeyError)
XML_ERRORS = (etree.XMLSyntaxError,)
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.I)
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_R_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}"


class Refused(Exception):
    """The package is not opened: `code` and `values` are the problem's."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Relation:
    """One link of a part: its kind (last word of the type), where it points, and whether that is outside the file."""

    kind: str
    target: str
    external: bool


class Package:
    """The parts of one workbook. Raises Refused for a package that would harm, and UNREADABLE's errors for a broken one."""

    def __init__(self, data: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        entries = self._zip.infolist()
        _check_size(entries)
        self._names = {_normal(entry.filename): entry for entry in entries if not entry.is_dir()}

    def __contains__(self, part: str) -> bool:
        return _normal(part) in self._names

    def names(self) -> tuple[str, ...]:
        return tuple(self._names)

    def encrypted(self) -> bool:
        """Whether a part is locked by a zip password (not Excel's own way, but some tools do it)."""
        return any(entry.flag_bits & 1 for entry in self._names.values())

    def read(self, part: str) -> bytes:
        """A part's bytes. KeyError when there is none."""
        entry = self._names[_normal(part)]
        if entry.file_size > limits.PART_BYTES:
            raise Refused("file.zip-bomb", what=f"{part} 解开有 {entry.file_size // limits.MB} MB")
        return self._zip.read(entry)

    def xml(self, part: str) -> etree._Element:
        """A part as XML, without entities. Raises Refused for a document type, XMLSyntaxError for bad XML."""
        return parse(self.read(part), part)

    def rows(self, part: str, tags: tuple[str, ...], skipped: Skipped) -> Iterator[etree._Element]:
        """The elements with these tags of a sheet, streamed in their order; each is emptied after it was used."""
        with self._zip.open(self._names[_normal(part)]) as stream:
            yield from _stream(_Guard(BlankRowFilter(stream, skipped), part), tags)

    def head(self, part: str, size: int) -> bytes:
        with self._zip.open(self._names[_normal(part)]) as stream:
            return stream.read(size)

    def relations(self, part: str) -> Mapping[str, Relation]:
        """The links of a part ("" = of the package), by their id; targets inside the file as part names."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels not in self:
            return {}
        return {
            link.get("Id", ""): Relation(
                kind=link.get("Type", "").rpartition("/")[2],
                target=link.get("Target", "") if _outside(link) else _resolve(folder, link.get("Target", "")),
                external=_outside(link),
            )
            for link in self.xml(rels)
            if isinstance(link.tag, str)
        }


def parse(data: bytes, part: str) -> etree._Element:
    """Bytes as XML without entities; see Package.xml."""
    _refuse_doctype(data, part)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("file.xml-entities", part=part)
    return root


def relation_id(element: etree._Element) -> str:
    """The r:id of an element, in the transitional or the strict namespace."""
    return element.get(f"{_R}id") or element.get(f"{_R_STRICT}id") or ""


def _refuse_doctype(data: bytes, part: str) -> None:
    plain = data.replace(b"\0", b"") if b"\0" in data[:64] else data  # UTF-16 hides the letters behind zeros
    if b"<!" in plain and _DOCTYPE.search(plain):
        raise Refused("file.xml-entities", part=part)


class _Guard:
    """A stream that refuses a document type in what passes through."""

    def __init__(self, stream: Readable, part: str) -> None:
        self._stream = stream
        self._part = part
        self._tail = b""

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        _refuse_doctype(self._tail + chunk, self._part)
        self._tail = chunk[-16:]
        return chunk


def _stream(source: _Guard, tags: tuple[str, ...]) -> Iterator[etree._Element]:
    events = etree.iterparse(
        source, events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True,
    )  # fmt: skip
    for _, element in events:
        yield element
        element.clear()
        parent = element.getparent()
        if parent is not None:
            while element.getprevious() is not None:
                del parent[0]


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > limits.ZIP_ENTRIES:
        raise Refused("file.zip-bomb", what=f"里面有 {len(entries)} 个部件")
    total = sum(entry.file_size for entry in entries)
    if total > limits.ZIP_TOTAL_BYTES:
        raise Refused("file.zip-bomb", what=f"解开后有 {total // limits.MB} MB")
    for entry in entries:
        if entry.file_size > limits.ZIP_RATIO_FROM and entry.file_size > limits.ZIP_RATIO * max(entry.compress_size, 1):
            ratio = entry.file_size // max(entry.compress_size, 1)
            raise Refused("file.zip-bomb", what=f"{entry.filename} 解开后大了 {ratio} 倍")


def _normal(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _outside(link: etree._Element) -> bool:
    return link.get("TargetMode", "").lower() == "external"


def _resolve(folder: str, target: str) -> str:
    if target.startswith("/"):
        return posixpath.normpath(target.lstrip("/"))
    return posixpath.normpath(posixpath.join(folder, target))
