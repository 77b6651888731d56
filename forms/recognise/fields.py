"""What kind of answer a field takes: type, options, unit, purpose. And the drafts that readers of tables produce.

Readers work in view coordinates and give Drafts; `forms.recognise.main` turns them into the model's Fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from forms.model import Address, Blank, Purpose, Rect, ValueType
from forms.recognise.labels import display_width, key, known_unit, mark_of, squeeze, unit_in, without_unit
from forms.recognise.options import numbered, numbered_behind_box, ticked
from forms.recognise.view import View
from forms.recognise.words import words

_PRINTED_CODE = re.compile(r"^(?:[A-Z]\d{1,3}[a-z]?(?=[^\dA-Za-z.])|0\d(?=[\u4e00-\u9fff 　]))")


def code_in(label: str) -> str:
    """The code printed in front of a label (A9文化程度, 01地势), "" when there is none."""
    match = _PRINTED_CODE.match(label)
    return match[0] if match else ""


@dataclass(frozen=True)
class Draft:
    """A field before it has an id. `place` and `rows` in view coordinates; `column` = caption of its value column."""

    path: tuple[str, ...]
    place: tuple[int, int]
    label_cells: tuple[Address, ...] = ()
    unit: str = ""
    type: ValueType | None = None
    options: tuple[str, ...] = ()
    code: str = ""
    purpose: Purpose | None = None
    area: Rect | None = None
    rows: Rect | None = None
    blank: Blank | None = None
    group: str = ""
    blocked: bool = False
    column: str = ""
    context: str = field(default="")  # card | roster | statistic | line: what the label alone does not say

    @property
    def label(self) -> str:
        return self.path[-1] if self.path else ""


def purpose_of(label: str, context: str) -> Purpose:
    """Whether a label asks about the world or about the filing of the form."""
    bare, w = key(mark_of(label).rest), words()
    bare = re.sub(r"[（(].*?[)）]$", "", bare) or bare
    if bare in w.serial:
        return Purpose.SERIAL
    if bare in w.remark:
        return Purpose.REMARK
    if context == "statistic" and bare in w.fill and len(bare) > 2:
        return Purpose.META
    if context == "line" and (bare in w.fill or bare in w.line_only or w.fill_pattern.match(bare)):
        return Purpose.META
    if context != "statistic" and w.fill_pattern.match(bare):
        return Purpose.META
    if context == "card" and bare in w.fill and bare not in ("单位", "单位名称", "负责人", "登记日期", "登记时间", "经办人"):
        return Purpose.META
    if re.search(r"[（(](签名|签字|手印|捺印)[)）]$", label):
        return Purpose.WORKFLOW
    if w.workflow.search(bare) and not w.not_workflow.search(label) and not bare.startswith(("是否", "有无")):
        return Purpose.WORKFLOW
    return Purpose.DATA


def options_of(label: str, value_text: str, offered: tuple[str, ...]) -> tuple[str, ...]:
    """The options of a field: a drop-down's, those printed in its value cell, or those printed behind its label."""
    if offered:
        return offered
    printed = ticked(value_text) or numbered("：" + value_text if value_text else "")
    if printed is None and value_text.rstrip().endswith("□"):
        printed = numbered_behind_box(value_text.rstrip("□ \u3000"))
    if printed:
        return printed.values
    behind = ticked(label) or numbered(label)
    return behind.values if behind else ()


def type_of(
    label: str,
    unit: str,
    options: tuple[str, ...],
    number_format: str = "General",
    default: ValueType = ValueType.TEXT,
) -> ValueType:
    """Text, number, date or choice, from options, unit, the words of the label and the cell's number format."""
    if options:
        return ValueType.CHOICE
    if unit:
        return ValueType.CHOICE if unit == "代码" else ValueType.NUMBER
    bare, kinds = _PRINTED_CODE.sub("", key(without_unit(mark_of(label).rest))), words().types
    if kinds["date"].search(bare) and not kinds["not_date"].search(bare):
        return ValueType.DATE
    if kinds["choice"].search(bare):
        return ValueType.CHOICE
    if kinds["number"].search(bare) and not kinds["not_number"].search(bare):
        return ValueType.NUMBER
    return _by_format(number_format, ValueType.TEXT if kinds["text"].search(bare) else default)


def _by_format(number_format: str, default: ValueType) -> ValueType:
    shape = number_format.lower()
    if re.search(r"y{2,4}|m{1,2}[/\-月]d", shape):
        return ValueType.DATE
    if re.fullmatch(r"[#0,]*0(\.0+)?(_ ?|\);.*)?", shape):
        return ValueType.NUMBER
    return default


def unit_of(path: tuple[str, ...], own: str = "") -> str:
    """The unit of a field: its own, or the nearest one printed in parentheses along its path."""
    if own:
        return own
    for label in reversed(path):
        unit = unit_in(label)
        if unit:
            return unit
    return ""


def offered(view: View, r: int, c: int) -> tuple[str, ...]:
    """The options of a drop-down at a place."""
    if not view.grid.validations:
        return ()
    place = view.address(r, c)
    return next((v.options for v in view.grid.validations if (place.row, place.col) in v.rect), ())


@lru_cache(maxsize=16384)
def is_value_text(text: str) -> bool:
    """Whether a text, though not blank, is where a value goes: options to tick, 年 月 日, a place to sign, a line to write on."""
    found = ticked(text)
    if found is not None and not found.label:
        return True
    bare = squeeze(text)
    if bare.startswith("□") and numbered_behind_box(bare[1:]):
        return True
    if re.fullmatch(r"[_＿]+[^_＿]{0,3}", bare) or (text[:2].isspace() and known_unit(bare)):
        return True
    if bare.endswith("□") and numbered_behind_box(text.rstrip("□ \u3000")):
        return True
    if len(text) - len(text.lstrip()) >= 6 and display_width(bare) <= 80 and re.search(r"年.*月|章|签", bare):
        return True  # an empty space, and somewhere at its end who signs and when
    place = re.search(r"年.*月|^[（(]|章[)）]?$", bare) is not None
    return place and only_signs(bare)


def only_signs(bare: str) -> bool:
    """Whether a text holds nothing but the words and signs of a place to sign (（盖章） 年 月 日)."""
    for word in words().signature:
        bare = bare.replace(word, "")
    return not bare.strip("（）()：:，,。、/／_＿ 0123456789")
