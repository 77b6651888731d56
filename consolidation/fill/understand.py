"""A list's columns, understood by the same engine as forms: its header becomes a small roster form."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from consolidation.lexicon import Lexicon, clean_label
from consolidation.meaning import PLACES, FieldMeaning, language, meanings, subject_of
from consolidation.meaning.roles import split_role
from forms.model import Address, Field, Form, Kind, Purpose, Rect, ValueType
from forms.recognise.labels import unit_in

from .model import DWELLING, HOUSEHOLD, ORGANISATION, PERSON, PLACE, Column, DataSet, Fact
from .settings import source_words
from .tables import Entry, Raw

_LEVELS = {"housing": DWELLING, "enterprise": ORGANISATION, "village": PLACE, **dict.fromkeys(PLACES, PLACE)}
_SAMPLE = 200
_TRAILING_UNIT = re.compile(r"(.+?)((?<=[面积额量入出地田])(?:亩|公顷|平方米|万元|元|吨|公斤))$")


def understand(raw: Raw, entry: Entry, lexicon: Lexicon) -> DataSet:
    """The list with a meaning for each of its columns."""
    form = _form(raw, lexicon)
    labels = language(lexicon)
    level = _LEVELS.get(entry.level, entry.level) or _level(form, lexicon)
    found = sorted(meanings(_with_level(form, level), lexicon), key=lambda item: item.field.cell.col)
    columns = _own(found, level)
    parts = labels.parts(raw.title if level != PLACE else "")
    words = labels.parts(raw.table) if raw.table and raw.table != raw.title else parts
    groups = frozenset(core.removeprefix("@") for core in (*parts.core, *words.core) if core.startswith("@"))
    return DataSet(
        name=raw.title,
        department=entry.department,
        level=level,
        columns=columns,
        frame=raw.rows,
        as_of=entry.as_of,
        precedence=entry.precedence,
        file=raw.file,
        table=raw.table,
        coverage=entry.coverage,
        groups=groups,
        qualifiers=frozenset((*parts.qualifiers, *words.qualifiers)),
        first_row=raw.first_row,
        lines=raw.lines,
    )


def _level(form: Form, lexicon: Lexicon) -> str:
    entity = subject_of(form, lexicon, language(lexicon)).entity
    return _LEVELS.get(entity, PERSON if entity == "couple" else entity)


_TITLES = {
    PERSON: "人员名册",
    HOUSEHOLD: "户情况台账",
    DWELLING: "房屋台账",
    ORGANISATION: "企业台账",
    PLACE: "村（社区）情况统计表",
}


def _with_level(form: Form, level: str) -> Form:
    """Where the manifest says what a row is, the title says so too."""
    return replace(form, title=_TITLES[level], kind=Kind.STATISTIC if level == PLACE else Kind.ROSTER)


def _form(raw: Raw, lexicon: Lexicon) -> Form:
    """Columns about the row's own subject first, those that name somebody else last: in a list, unlike on a card, a column
    does not belong to the person that the column before it names."""
    labels = language(lexicon)
    fields = []
    for at, header in enumerate(raw.header):
        path = tuple(part for part in header.split("/") if part) or (f"列{at + 1}",)
        trailing = _TRAILING_UNIT.search(path[-1])
        if trailing:  # database columns name the unit without brackets: 承包地面积亩
            path = (*path[:-1], f"{path[-1][: trailing.start(2)]}（{trailing[2]}）")
        text = labels.strip_unit(clean_label(path[-1]))[0]
        serial = text in ("序号", "编号") and at == 0
        own = not (split_role(text, lexicon)[0] or len(path) > 1)
        fields.append(
            (
                not own,
                at,
                Field(
                    id=f"c{at}",
                    cell=Address(raw.table or "1", raw.first_row, at + 1),
                    path=path,
                    label=path[-1],
                    unit=unit_in(path[-1]),
                    type=_type(raw.rows, at),
                    purpose=Purpose.SERIAL if serial else Purpose.DATA,
                ),
            )
        )
    ordered = tuple(field for _, _, field in sorted(fields, key=lambda item: item[:2]))
    return Form(
        raw.table or "1", raw.file, raw.table, raw.title, Kind.ROSTER, ordered, {}, Rect(1, 1, 1, max(1, len(raw.header)))
    )


def _type(frame: pd.DataFrame, at: int) -> ValueType:
    """Number when nine in ten of the filled cells of a sample are figures (marks such as — and 不详 are not)."""
    sample = frame[at].head(_SAMPLE)
    filled = sample[~sample.isin(["", "—", "-", "无", "不详", "/"])]
    if filled.empty:
        return ValueType.TEXT
    return ValueType.NUMBER if pd.to_numeric(filled, errors="coerce").notna().mean() >= 0.9 else ValueType.TEXT


def _own(found: list[FieldMeaning], level: str) -> tuple[Column, ...]:
    """Columns as facts of the row's subject: on a list of people the person's own name may stand under any word (儿童姓名,
    对象姓名); those of that word are the person's own."""
    same = source_words().same_fact
    alias = _subject_role(found) if level == PERSON else ""
    columns = []
    for item in found:
        meaning = item.meaning
        if alias and meaning.role == alias:
            meaning = replace(meaning, role="self")
        if len(meaning.concept) == 1 and meaning.concept[0] in same:
            meaning = replace(meaning, concept=(same[meaning.concept[0]],))
        columns.append(Column("/".join(item.field.path), meaning, item.unit))
    return tuple(columns)


def _subject_role(found: list[FieldMeaning]) -> str:
    """The role under which a list of people has its own people, when no column is plainly the person's own name."""
    if any(Fact.of(item.meaning) == Fact("", "name") for item in found):
        return ""
    named = [item.meaning.role for item in found if item.meaning.concept == ("name",)]
    own = [role for role in named if role.startswith("~") or role in ("child", "applicant", "operator")]
    return own[0] if own else (named[0] if named else "")
