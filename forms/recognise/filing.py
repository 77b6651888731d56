"""Filing lines that share the frame of a table: 填报单位：  | 填报日期：  年  月  日 drawn with borders like the rows below.

Who filed a form, when, and which form it is (表号, 制定机关) are facts about the whole form. Printed as a row of boxes they are
still no row of the table, so they must not become captions of its columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from forms.model import CellKind, Rect
from forms.recognise.labels import key, squeeze
from forms.recognise.lines import pieces
from forms.recognise.view import Box, View
from forms.recognise.words import words

_COLON = re.compile(r"[：:]")
_DATE_ONLY = re.compile(r"[\d０-９_＿〇○零一二三四五六七八九]{0,4}年([\d０-９_＿]{0,2}月([\d０-９_＿]{0,2}日)?|第?[\d_＿]?季度?)")

_DATE = re.compile(r"(19|20)\d\d[-/.．]\d{1,2}([-/.．]\d{1,2})?")


def filing_word(label: str) -> bool:
    """Whether a label names a fact of the filing: 填报单位, 填表人, 报出日期, and what stands beside them (联系电话)."""
    bare, w = key(label), words()
    return bare in w.fill or bare in w.line_only or w.fill_pattern.match(bare) is not None


def filing_row(view: View, rect: Rect, r: int) -> tuple[Box, ...]:
    """The texts of row r of a block when all of them are filing labels or blanks for a date; empty when it is another row.

    One of them must be a word of filing alone (填报…, 报出…, 表号): a card may begin with 单位名称： 负责人： 联系电话： too, and
    those it asks for. A row that a box of its neighbours reaches into is part of the table.
    """
    boxes = list(view.row_boxes(r, rect.left, rect.right))
    if any(b.rect.top != r or b.rect.bottom != r for b in boxes):
        return ()
    texts = tuple(b for b in boxes if not b.blank)
    if not texts or not any(_telling(b.text) for b in texts):
        return ()
    colons = all(_filing_text(b.text) or _printed_value(texts, i) for i, b in enumerate(texts))
    return texts if colons or _bare_labels(boxes) else ()


def _labels(text: str) -> list[str]:
    return [key(p.label) for p in pieces(text)] if _COLON.search(text) else []


def _filing_text(text: str) -> bool:
    """Labels that end in a colon, all of them filing labels, or nothing but 年 月 日 with its blanks."""
    labels = _labels(text)
    if not labels:
        return _DATE_ONLY.fullmatch(squeeze(text)) is not None
    return all(filing_word(label) or label in words().printed for label in labels)


def _printed_value(texts: Sequence[Box], i: int) -> bool:
    """What is printed in the box behind 表号： or 计量单位：."""
    if i == 0 or _COLON.search(texts[i].text) or texts[i - 1].rect.right + 1 != texts[i].rect.left:
        return False
    return any(not p.printed and key(p.label) in words().printed for p in pieces(texts[i - 1].text)[-1:])


def _telling(text: str) -> bool:
    """Whether a text says by itself that its row is about the filing, not about what the form asks for."""
    w = words()
    labels = _labels(text) or [key(text)]
    if any(w.fill_pattern.match(label) or label in w.number_keys | w.issuer_keys for label in labels):
        return True
    units = [key(p.label) in w.unit_keys and bool(p.printed) for p in pieces(text)]
    return bool(units) and all(units)


def _bare_labels(boxes: Sequence[Box]) -> bool:
    """填报单位 | ____ | 填报日期 | ____ without colons: every label a word of the list, with its own blank box behind it."""
    marks = [not b.blank for b in boxes]
    if not marks[0] or any(mark and after for mark, after in zip(marks, [*marks[1:], True], strict=True)):
        return False
    return all(b.blank or key(b.text) in words().fill for b in boxes)


def filing_pairs(view: View, rect: Rect, r: int) -> bool:
    """Whether row r of a block is filing labels, each with the box for its value behind it, filled in or not:
    填报单位 | 甲镇 | 填报日期 | 2024-03-01. Labels without colons count only with a date among the values, as the captions of a
    list (填报单位 | 项目 | 填报人 | 备注) may read the same."""
    boxes = list(view.row_boxes(r, rect.left, rect.right))
    if any(b.rect.top != r or b.rect.bottom != r for b in boxes):
        return False
    pairs = _pairs([b for i, b in enumerate(boxes) if not b.blank or (i and not boxes[i - 1].blank)])
    if not pairs or not all(filing_word(label.text) and not filing_word(value.text) for label, value in pairs):
        return False
    dated = any(_dated(value) for _, value in pairs)
    told = any(words().fill_pattern.match(key(label.text)) for label, _ in pairs)
    colons = all(squeeze(label.text).endswith(("：", ":")) for label, _ in pairs)
    return (dated and (told or colons)) or (told and colons)


def _pairs(boxes: Sequence[Box]) -> list[tuple[Box, Box]]:
    """Label and value by turns; empty when the boxes do not alternate so."""
    if len(boxes) % 2 or any(label.blank for label in boxes[::2]):
        return []
    return list(zip(boxes[::2], boxes[1::2], strict=True))


def _dated(value: Box) -> bool:
    bare = squeeze(value.text)
    return value.cell.kind is CellKind.DATE or _DATE_ONLY.fullmatch(bare) is not None or _DATE.fullmatch(bare) is not None
