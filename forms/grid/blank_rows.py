"""Lets a sheet of a million blank formatted rows pass in a second or two: whole stretches of its XML that hold nothing but
blank cells never reach the parser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import IO, Protocol

_CHUNK = 1 << 18
_CONTENT = (b"<v", b"<f", b"<is", b"<!", b"sheetData", b"<?")
_NUMBER = re.compile(rb'\sr="(\d{1,7})"')

Skipped = Callable[[int, int], None]
"""Is told how many rows were left out and the number of the last."""


class Readable(Protocol):
    def read(self, size: int = -1) -> bytes: ...


class BlankRowFilter:
    """The stream of one sheet without its long stretches of blank rows.

    Works on chunks cut before a `<row`. The first chunk of a blank stretch (some hundred rows at least) passes, so that
    blank lines to be filled below a header are kept; the following ones do not. A sheet whose elements carry a prefix
    (<x:row>) passes whole: then no chunk can be cut.
    """

    def __init__(self, stream: IO[bytes] | Readable, skipped: Skipped) -> None:
        self._stream = stream
        self._skipped = skipped
        self._rest = b""
        self._in_blank = False

    def read(self, _size: int = -1) -> bytes:
        """The next chunk to be parsed; b"" at the end."""
        while True:
            fresh = self._stream.read(_CHUNK)
            data = self._rest + fresh
            if not fresh:
                self._rest = b""
                return data
            cut = data.rfind(b"<row")
            if cut <= 0:
                self._rest = b""
                return data
            chunk, self._rest = data[:cut], data[cut:]
            if self._blank(chunk):
                continue
            return chunk

    def _blank(self, chunk: bytes) -> bool:
        """Whether the chunk may be left out: whole rows, no content, and not the first such chunk of its stretch."""
        blank = chunk.startswith(b"<row") and not any(sign in chunk for sign in _CONTENT)
        leave = blank and self._in_blank
        self._in_blank = blank
        if leave:
            number = _NUMBER.search(chunk, chunk.rfind(b"<row"))
            self._skipped(chunk.count(b"<row"), int(number[1]) if number else 0)
        return leave
