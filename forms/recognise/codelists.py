"""Code lists: 字典 sheets and look-up lists beside a form."""

from __future__ import annotations

import re
from collections.abc import Mapping

from forms.model import Rect
from forms.recognise.labels import clean, key, squeeze
from forms.recognise.view import Box, View

_SHEET = re.compile(r"字典|代码|码表|编码|选项|下拉|数据源|参数|dict|code|list|option", re.IGNORECASE)
_CODE = re.compile(r"^[A-Za-z]{0,4}[\d.\-]{1,20}[A-Za-z]{0,4}$")
_CODE_HEAD = re.compile(r"(代码|编码|编号|值|code|序号|代号)$", re.IGNORECASE)
_NAME_HEAD = re.compile(r"(名称|含义|说明|中文|文字|选项|标签|name|内容)$", re.IGNORECASE)


def read_code_lists(view: View, force: bool) -> dict[str, tuple[tuple[str, str], ...]]:
    """The lists of a sheet that is a dictionary: name -> (code, text). Empty when the sheet is none. `force`: the sheet is
    hidden or the target of drop-downs, so a weaker look is enough."""
    named = _SHEET.search(view.grid.name) is not None
    lists: dict[str, tuple[tuple[str, str], ...]] = {}
    columns = _filled_columns(view)
    if not columns or not (named or force or _pairs_only(view, columns)):
        return {}
    at = 0
    while at < len(columns):
        col = columns[at]
        coded = at + 1 < len(columns) and columns[at + 1] == col + 1 and _is_code_column(view, col)
        name, rows = _list(view, col, col + 1 if coded else col)
        if len(rows) >= 2:
            lists[_unique(name or view.grid.name, lists)] = rows
        at += 2 if coded else 1
    return lists


def _unique(name: str, taken: Mapping[str, object]) -> str:
    return name if name not in taken else f"{name}#{len(taken) + 1}"


def _filled_columns(view: View) -> list[int]:
    return sorted({b.rect.left for r in view.active for b in view.texts(r)})


def _column(view: View, col: int) -> list[Box]:
    return [b for r in view.active for b in view.texts(r, col, col)]


def _is_code_column(view: View, col: int) -> bool:
    texts = [squeeze(b.text) for b in _column(view, col)]
    codes = sum(1 for t in texts if _CODE.match(t))
    return codes >= 2 and codes >= len(texts) - 2


def _pairs_only(view: View, columns: list[int]) -> bool:
    """Nothing but pairs of a code column and a name column, named as such in their first row, and no blank to fill."""
    heads = {b.rect.left: key(b.text) for b in view.texts(1)} or {b.rect.left: key(b.text) for b in view.texts(2)}
    if len(columns) % 2 or len(columns) < 2:
        return False
    for code, name in zip(columns[::2], columns[1::2], strict=True):
        texts = _column(view, code)
        filled = len(texts) == len(_column(view, name)) and len(texts) >= 4
        named = _CODE_HEAD.search(heads.get(code, "")) and _NAME_HEAD.search(heads.get(name, ""))
        if not (filled and named and _is_code_column(view, code)):
            return False
    return True


def _list(view: View, code: int, name: int) -> tuple[str, tuple[tuple[str, str], ...]]:
    title = ""
    rows: list[tuple[str, str]] = []
    for r in range(1, view.height + 1):
        a, b = clean(view.box(r, code).text), clean(view.box(r, name).text)
        if not b:
            continue
        if not rows and not title and (code == name or not _CODE.match(a)):
            title = b if not _NAME_HEAD.fullmatch(b) else view.grid.name
            continue
        rows.append((a if code != name else "", b))
    return title, tuple(rows)


def is_lookup(view: View, rect: Rect) -> bool:
    """A block beside a form that is nothing but filled rows without a header or a blank: a list to look things up in."""
    rows = [list(view.row_boxes(r, rect.left, rect.right)) for r in range(rect.top, rect.bottom + 1)]
    boxes = [b for row in rows for b in row]
    filled = sum(1 for b in boxes if not b.blank)
    if rect.height < 4 or filled < 0.85 * len(boxes):
        return False
    body = [clean(b.text) for row in rows[1:] for b in row if not b.blank]
    first = [clean(b.text) for b in rows[0] if not b.blank]
    repeated = len(set(body)) < 0.9 * len(body)
    return repeated and (not first or any(text in body for text in first))
