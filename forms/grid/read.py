"""The door: a file as a Book, whatever it is. Bad content gives Problems, never an exception.

What a file is comes from its content; its extension is only compared with it.
"""

from __future__ import annotations

import io
import zipfile
from email import message_from_bytes
from pathlib import Path, PurePath

import olefile

from forms.grid import limits
from forms.grid.html import charset, read_html
from forms.grid.notes import Notes
from forms.grid.package import UNREADABLE
from forms.grid.text import decode, read_csv, separator
from forms.grid.xls import read_xls
from forms.grid.xlsx import read_xlsx
from forms.model import Book, Grid
from forms.problems import reason

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x10\x00", b"\x09\x08\x08\x00")
_FOREIGN = {
    b"%PDF": "PDF 文件", b"\x89PNG": "图片", b"\xff\xd8\xff": "图片", b"GIF8": "图片", b"BM": "图片", b"{\\rtf": "Word 文档",
    b"Rar!": "RAR 压缩包", b"7z\xbc\xaf": "7z 压缩包", b"\x1f\x8b": "压缩包",
}  # fmt: skip
_ZIP_FOREIGN = {
    "word/document.xml": "Word 文档",
    "ppt/presentation.xml": "演示文稿",
    "document.xml": "OFD 文件",
    "ofd.xml": "OFD 文件",
}
_TEXT_EXTENSIONS = (".csv", ".tsv", ".txt")
_OLE_ERRORS = (OSError, ValueError, IndexError, TypeError, AttributeError, KeyError, OverflowError, MemoryError, RecursionError)


def read_book(path: Path, name: str = "") -> Book:
    """The workbook at `path`, called `name` (its file name when empty). A missing or unreadable file is a Book without
    sheets and with a Problem."""
    notes = Notes(name or path.name)
    data = contents(path, notes)
    return read_bytes(data, notes.file) if data is not None else _book(notes, "", ())


def contents(path: Path, notes: Notes) -> bytes | None:
    """The bytes of a file that is there, is one and is no larger than files may be; else None, and why is noted."""
    try:
        size = path.stat().st_size
        if not path.is_file():  # a folder or a pipe: opening a pipe waits for ever
            notes.add("file.not-a-file")
        elif size > limits.FILE_BYTES:
            notes.add("file.too-large", size=size // limits.MB, limit=limits.FILE_BYTES // limits.MB)
        else:
            return path.read_bytes()
    except FileNotFoundError:
        notes.add("file.missing")
    except OSError as error:
        notes.add("file.unreadable", reason=reason(error))
    return None


def is_zip(data: bytes) -> bool:
    return data[:2] == b"PK" and data[2:4] in (b"\x03\x04", b"\x05\x06", b"\x07\x08")


def read_bytes(data: bytes, name: str) -> Book:
    """The workbook in `data`; `name` is only what problems call the file and what its extension is compared with."""
    notes = Notes(name)
    if not data.strip(b"\0 \r\n\t"):
        notes.add("file.empty")
        return _book(notes, "", ())
    if is_zip(data):
        return _zip(data, notes)
    if data.startswith(_OLE2):
        return _ole(data, notes)
    if data.startswith(_BARE_BIFF):
        return _book(notes, "xls", read_xls(data, notes))
    foreign = next((looks for magic, looks in _FOREIGN.items() if data.startswith(magic)), "")
    if foreign:
        notes.add("file.not-a-workbook", looks=foreign)
        return _book(notes, "", ())
    return _text(data, notes)


def _book(notes: Notes, kind: str, grids: tuple[Grid, ...]) -> Book:
    """The finished Book; tells when the extension says something else, or when there is nothing in it."""
    extension = _extension(notes.file)
    if grids:
        if kind in ("xlsx", "xls") and extension not in (kind, "et", "xlt", "xltx", ""):
            notes.add("file.other-format", extension=f".{extension}", actual=kind)
        elif kind in ("html", "csv") and f".{extension}" not in (*_TEXT_EXTENSIONS, ".html", ".htm", "."):
            notes.add("file.html-as-xls" if kind == "html" else "file.csv-as-xls", extension=f".{extension}")
        if not any(cell.text.strip() for grid in grids for cell in grid.cells.values()):
            notes.add("file.no-cells")
    return Book(notes.file, kind, grids, notes.all())


def _extension(name: str) -> str:
    return PurePath(name).suffix.lower().lstrip(".")


def _zip(data: bytes, notes: Notes) -> Book:
    if not is_xlsx(data, notes):
        return _book(notes, "", ())
    grids = read_xlsx(data, notes)
    macros = notes.found("file.macros") or _extension(notes.file) == "xlsm"
    return _book(notes, "xlsm" if macros else "xlsx", grids)


def is_xlsx(data: bytes, notes: Notes) -> bool:
    """Whether a zip archive is an .xlsx workbook; what else it is, is noted."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.replace("\\", "/").lower() for name in archive.namelist()}
            kind = _first_bytes(archive, "mimetype")
    except UNREADABLE as error:
        notes.add("file.damaged", part=type(error).__name__)
        return False
    foreign = next((looks for part, looks in _ZIP_FOREIGN.items() if part in names), "")
    if "xl/workbook.bin" in names:
        notes.add("file.unsupported-workbook", looks="二进制的 Excel 工作簿（.xlsb）")
    elif b"opendocument.spreadsheet" in kind:
        notes.add("file.unsupported-workbook", looks="OpenDocument 电子表格（.ods）")
    elif foreign or "[content_types].xml" not in names:
        notes.add("file.not-a-workbook", looks=foreign or "压缩包")
    else:
        return True
    return False


def _first_bytes(archive: zipfile.ZipFile, part: str) -> bytes:
    """OpenDocument says at the head of its first part what it is."""
    if part not in archive.namelist()[:1]:
        return b""
    with archive.open(part) as stream:
        return stream.read(100)


def _ole(data: bytes, notes: Notes) -> Book:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            streams = {entry[0].lower(): entry for entry in ole.listdir() if entry}
            # olefile takes the stream out, not xlrd: a damaged sector chain sends xlrd round in a circle for ever
            name = next((streams[name] for name in ("workbook", "book") if name in streams), None)
            workbook = ole.openstream(name).read() if name is not None else b""
    except _OLE_ERRORS as error:
        notes.add("file.damaged", part=type(error).__name__)
        return _book(notes, "", ())
    if "encryptedpackage" in streams:
        notes.add("file.encrypted")
    elif workbook:
        if "_vba_project_cur" in streams:
            notes.add("file.macros")
        return _book(notes, "xls", read_xls(workbook, notes))
    elif "worddocument" in streams:
        notes.add("file.not-a-workbook", looks="Word 文档")
    elif "powerpoint document" in streams:
        notes.add("file.not-a-workbook", looks="演示文稿")
    else:
        notes.add("file.damaged", part="找不到工作簿内容")
    return _book(notes, "", ())


def _text(data: bytes, notes: Notes) -> Book:
    if data[:512].lstrip().lower().startswith(b"mime-version:"):
        data = _web_archive(data)
    named = charset(data) if b"<" in data[:4096] else ""
    text = data.decode(named, "replace") if named and not data.startswith((b"\xff\xfe", b"\xfe\xff")) else decode(data, notes)
    if text is None:
        notes.add("file.not-a-workbook", looks="别的程序的文件")
        return _book(notes, "", ())
    head = text[:4096].lstrip("\ufeff \r\n\t").lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in head:
        notes.add("file.unsupported-workbook", looks="“XML 表格 2003”格式的文件")
        return _book(notes, "", ())
    if head.startswith("<") and "<table" in text.lower():
        page = read_html(text, notes)
        if page is not None:
            return _book(notes, "html", (page,))
    if head.startswith(("<!doctype", "<html", "<?xml")):
        notes.add("file.not-a-workbook", looks="没有表格的网页")
        return _book(notes, "", ())
    if not separator(text) and _extension(notes.file) not in ("csv", "tsv"):
        notes.add("file.not-a-workbook", looks="普通文字")
        return _book(notes, "", ())
    stem = PurePath(notes.file).stem
    return _book(notes, "csv", (read_csv(text.lstrip("\ufeff"), stem, notes),))


def _web_archive(data: bytes) -> bytes:
    """The pages inside a single-file web page (.mht), one after the other."""
    pages = []
    for part in message_from_bytes(data).walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and b"<table" in payload.lower():
                pages.append(payload)
    return b"\n".join(pages) or data
