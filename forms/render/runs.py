"""The text of a cell with its formatting runs (ECMA-376 part 1, 18.4: CT_Rst), and changes to parts of it.

What is replaced takes the formatting of the first character it replaces, so that a value on an underlined blank is
underlined and the label before it stays bold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forms.grid.cells import UNSEEN
from forms.render.spans import Node, escape

_FONT = re.compile(rb"<(?:[\w.-]+:)?rFont\s[^>]*?val\s*=\s*[\"']([^\"']*)")
_UNSAFE_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text. `props` is its formatting element as bytes, b"" when it has the cell's own."""

    text: str
    props: bytes = b""

    @property
    def font(self) -> str:
        found = _FONT.search(self.props)
        return found[1].decode("utf-8").lower() if found else ""


@dataclass(frozen=True, slots=True)
class Change:
    """Characters [start, end) of a cell's text become `new`."""

    start: int
    end: int
    new: str


def read_runs(item: Node, data: bytes, prefix: str) -> tuple[Run, ...]:
    """The runs of an <si> or <is> element; their formatting is given the namespace prefix `prefix`."""
    found: list[Run] = []
    for node in item.children:
        if node.name == "t":
            found.append(Run(unescape(node.text)))
        elif node.name == "r":
            text, props = node.child("t"), node.child("rPr")
            raw = data[props.start : props.end] if props is not None else b""
            found.append(Run(unescape(text.text) if text is not None else "", _reprefix(raw, item.prefix, prefix)))
    return tuple(found)


def _reprefix(raw: bytes, old: str, new: str) -> bytes:
    if old == new or not raw:
        return raw
    head = f"{old}:".encode() if old else b""
    return re.sub(rb"<(/?)" + re.escape(head) + rb"(?=[A-Za-z])", rb"<\g<1>" + (f"{new}:".encode() if new else b""), raw)


def plain(runs: Sequence[Run]) -> str:
    return "".join(run.text for run in runs)


def change(runs: Sequence[Run], changes: Sequence[Change]) -> tuple[Run, ...]:
    """The runs with all changes made at once. Their places are those of the text before any change and do not overlap."""
    result = list(runs) or [Run("")]
    for item in sorted(changes, key=lambda c: (c.start, c.end), reverse=True):
        result = _change_one(result, item)
    return tuple(run for run in result if run.text) or (Run(""),)


def _change_one(runs: Sequence[Run], item: Change) -> list[Run]:
    changed: list[Run] = []
    place, written = 0, False
    for index, run in enumerate(runs):
        start, end = item.start - place, item.end - place
        place += len(run.text)
        last = index == len(runs) - 1
        takes = 0 <= start < len(run.text) or (start == len(run.text) and (last or item.start == item.end))
        cut = slice(max(start, 0), max(end, 0))
        if takes and not written:
            changed.append(Run(run.text[: cut.start] + item.new + run.text[cut.stop :], run.props))
            written = True
        elif written and end > 0:
            changed.append(Run(run.text[cut.stop :], run.props))
        else:
            changed.append(run)
    return changed


def runs_xml(runs: Sequence[Run], prefix: str) -> str:
    """The inside of an <is> element."""
    head = f"{prefix}:" if prefix else ""
    if len(runs) == 1 and not runs[0].props:
        return text_xml(runs[0].text, head)
    return "".join(f"<{head}r>{run.props.decode('utf-8')}{text_xml(run.text, head)}</{head}r>" for run in runs if run.text)


def text_xml(text: str, head: str = "") -> str:
    """A <t> element. A literal _x0041_ is escaped, as Excel would read it as a character code (18.18.94, ST_Xstring)."""
    keep = ' xml:space="preserve"' if text != text.strip() or re.search(r"\s\s|[\n\t]", text) else ""
    safe = UNSEEN.sub(lambda found: f"_x{ord(found[0]):04X}_", _UNSAFE_ESCAPE.sub("_x005F_", text))
    return f"<{head}t{keep}>{escape(safe)}</{head}t>"


def unescape(text: str) -> str:
    """Stored text as it is read: _x0041_ as the character it stands for, each line break as one "\n"."""
    if "_x" in text:
        text = _ESCAPE.sub(_character, text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)
