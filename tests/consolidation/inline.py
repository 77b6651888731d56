"""Forms written inline: `form("title", "path/of/labels [unit] {option|option}", ...)`."""

from __future__ import annotations

import re

from consolidation.lexicon import load_lexicon
from consolidation.meaning import FieldMeaning, meanings
from forms.model import Address, Field, Form, Kind, Purpose, Rect, ValueType

_LINE = re.compile(r"^(?P<path>.*?)(?:\s*\[(?P<unit>[^\]]*)\])?(?:\s*\{(?P<options>[^}]*)\})?(?:\s*<(?P<purpose>\w+)>)?$")
_DATES = ("日期", "时间", "年月")


def _field(number: int, line: str, kind: Kind) -> Field:
    match = _LINE.match(line)
    assert match is not None
    path = tuple(part.strip() for part in match["path"].split("/"))
    unit, options = match["unit"] or "", tuple((match["options"] or "").split("|")) if match["options"] else ()
    if options:
        value_type = ValueType.CHOICE
    elif unit or (kind is Kind.STATISTIC and not path[-1].endswith(("名称", "电话", "姓名"))):
        value_type = ValueType.NUMBER
    else:
        value_type = ValueType.DATE if path[-1].endswith(_DATES) else ValueType.TEXT
    purpose = Purpose(match["purpose"]) if match["purpose"] else Purpose.DATA
    return Field(f"f{number}", Address("Sheet1", number + 1, 2), path, path[-1], unit, value_type, options, purpose=purpose)


def form(title: str, *lines: str, kind: Kind = Kind.ROSTER, file: str = "", period: str = "") -> Form:
    """A form with one field a line."""
    fields = tuple(_field(i, line, kind) for i, line in enumerate(lines))
    return Form(
        "Sheet1", file or f"{title}.xlsx", "Sheet1", title, kind, fields, {}, Rect(1, 1, len(fields) + 1, 2), period=period
    )


def statistic(title: str, *lines: str, **more: str) -> Form:
    """A statistic with one figure a line."""
    return form(title, *lines, kind=Kind.STATISTIC, **more)


def read(one: Form) -> dict[str, FieldMeaning]:
    """The meanings of a form's fields, by path."""
    return {"/".join(item.field.path): item for item in meanings(one, load_lexicon())}
