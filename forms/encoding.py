"""In which encoding a text is written. The one place that guesses it: forms, lists, returned files and file names ask here."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_USUAL = ("utf-8", "gb18030")  # GB 18030 holds GBK and GB 2312
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_CONTROL_IN = 100_000  # characters looked at for control characters
_HARM = 20  # broken characters that any text may have; a long one may have one in fifty


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it is written in, the byte order mark before it, and how many characters are broken."""

    text: str
    encoding: str
    mark: bytes = b""
    broken: int = 0

    @property
    def shown_encoding(self) -> str:
        """The encoding as people know it: UTF-8, GB18030, UTF-16."""
        return self.encoding.upper().removesuffix("-LE").removesuffix("-BE")


def decode(data: bytes, harmed: str = "replace") -> Decoded | None:
    """The text in `data`: by its byte order mark, else UTF-8, else GB 18030, else UTF-16 without a mark. A text with a few
    broken characters is still one; `harmed` names the codecs error handler that stands in for them. None when it is no text."""
    mark, named = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", ""))
    if not named and b"\0" in data[:4096]:
        return _utf16(data)
    body = data[len(mark) :]
    for encoding in (named,) if named else _USUAL:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        sure = encoding == "utf-8" and not text.isascii()  # no other file is valid UTF-8 beyond ASCII by chance
        return Decoded(text, encoding, mark) if sure or _printable(text) else None
    return _harmed(body, named or min(_USUAL, key=lambda name: _broken(body, name)), mark, harmed)


def decode_as(data: bytes, encoding: str) -> Decoded | None:
    """The text in `data` in the encoding that somebody named; as `decode` finds it when that does not fit or is unknown."""
    try:
        return Decoded(data.decode(encoding), encoding) if encoding else decode(data)
    except (UnicodeDecodeError, LookupError):
        return decode(data)


def _utf16(data: bytes) -> Decoded | None:
    """UTF-16 without a mark: read the right way round, all it says is printable and it has ASCII line ends or separators."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        head = text[:4096]
        if any(char in "\n\t,;" for char in head) and all(char.isprintable() or char in "\r\n\t\u3000" for char in head):
            return Decoded(text, encoding)
    return None


def _harmed(body: bytes, encoding: str, mark: bytes, handler: str) -> Decoded | None:
    try:
        text = body.decode(encoding, handler)
    except UnicodeDecodeError:  # half a UTF-16 unit has no stand-in that goes back
        return None
    broken = _broken(body, encoding)
    if broken > max(_HARM, len(text) // 50) or not _printable(text):
        return None
    return Decoded(text, encoding, mark, broken)


def _broken(body: bytes, encoding: str) -> int:
    return body.decode(encoding, "replace").count("\ufffd")


def _printable(text: str) -> bool:
    return len(_CONTROL.findall(text[:_CONTROL_IN])) <= len(text) // 1000
