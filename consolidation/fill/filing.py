"""Blanks about the filing that follow from what was asked for: 填报单位, 行政区划代码, 报告期, 截止日期."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from consolidation.derive.words import read
from consolidation.lexicon import normalise
from forms.model import Book, Field, Form, Purpose
from forms.periods import Period
from forms.render.model import Write


@lru_cache(maxsize=1)
def _words() -> Mapping[str, str]:
    """Label -> what it asks for (unit, code, period, cutoff), from data/derivations/filing.yml."""
    return {normalise(str(word)): what for what, words in read("filing").items() for word in words}


def _text(book: Book, field: Field) -> str:
    grid = next((grid for grid in book.grids if grid.name == field.cell.sheet), None)
    return grid.text(field.cell.row, field.cell.col) if grid is not None else ""


def period_for_blank(period: Period, before: str, after: str) -> str:
    """The words that belong into a period's blank, given what is printed before and behind it: 20__年 takes two digits."""
    year = f"{period.start.year:04d}"
    if after.startswith("年"):
        return year[2:] if before.rstrip().endswith("20") else year
    if after.startswith("月"):
        return str(period.start.month)
    if after.startswith("季"):
        quarter = "一二三四"[(period.start.month - 1) // 3]
        return f"{year}年{quarter}" if "年" not in before else quarter
    return period.chinese


def filing_writes(form: Form, book: Book, name: str, code: str, period: Period) -> tuple[Write, ...]:
    """Writes for the blanks of one form's filing. `name`, `code`: of the region that files. Fields that already hold
    something and those whose answer is a signature are left alone."""
    found = []
    for field in form.fields:
        what = _words().get(normalise(field.label).rstrip(":")) if field.purpose is Purpose.META else None
        if what is None or (field.blank is None and field.value is not None):
            continue
        value = {"unit": name, "code": code}.get(what)
        if what == "cutoff":
            value = f"{period.end.year}年{period.end.month}月{period.end.day}日"
        if what == "period":
            text = _text(book, field)
            before, after = (text[: field.blank.start], text[field.blank.end :]) if field.blank else ("", "")
            value = period_for_blank(period, before, after)
        if value:
            found.append(Write(field.cell, value, field.blank))
    return tuple(found)


__all__ = ["filing_writes", "period_for_blank"]
