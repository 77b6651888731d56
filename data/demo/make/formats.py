"""How a department writes a value down: dates in several ways, codes or words, yuan per month, hectares."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal

import numpy as np
import pandas as pd

from data.demo.make.facts import names_of
from data.demo.make.settings import Texts, texts

_EXCEL_DAY_ZERO = np.datetime64("1899-12-30")  # Excel counts days from here (with its invented 29 February 1900)
_STRUCTURES = {
    "1": "钢结构",
    "2": "钢和钢筋混凝土结构",
    "3": "钢筋混凝土结构",
    "4": "砖混结构",
    "5": "砖木结构",
    "6": "土木结构",
    "7": "木结构",
}
_RELIEF = {"1": "低保户", "2": "低保户", "3": "特困户", "4": "特困户", "5": "低保边缘户", "": ""}


def write(values: pd.Series | Texts, how: str) -> Texts:
    """A column as texts (days of Excel as whole numbers), written in one of the ways below. KeyError for an unknown way."""
    column = values.to_numpy() if isinstance(values, pd.Series) else values
    if how.startswith("code:"):
        return _mapped(column, names_of(how[5:]))
    if how in _MAPS:
        return _mapped(column, _MAPS[how])
    return _WAYS[how](column)


def _mapped(column: np.ndarray, words: Mapping[str, str]) -> Texts:
    return texts([words.get(str(value), "") for value in column.tolist()])


def plain(column: np.ndarray) -> Texts:
    """Whole numbers and texts as they are, measured numbers with at most two decimals, nothing for NaN and NaT.

    Numbers stay numbers (int or Decimal), since a workbook stores them as such."""
    if column.dtype.kind == "M":
        return _days(column)
    if column.dtype.kind == "f":
        return texts(["" if math.isnan(number) else _decimal(number) for number in column.tolist()])
    return texts(column.tolist()) if column.dtype.kind in "iu" else _filled(column)


def _decimal(number: float) -> int | Decimal:
    return int(number) if number == int(number) else Decimal(f"{number:.2f}".rstrip("0"))


def _filled(column: np.ndarray) -> Texts:
    return texts([value if value.__class__ is str else _text(value) for value in column.tolist()])


def _text(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)


def _days(column: np.ndarray) -> Texts:
    if column.dtype.kind == "M":
        return texts([day[:10] if day != "NaT" else "" for day in column.astype("datetime64[D]").astype(str).tolist()])
    return _filled(column)


def _dated(pattern: Callable[[str, str, str], str]) -> Callable[[np.ndarray], Texts]:
    def written(column: np.ndarray) -> Texts:
        return texts([pattern(*day.split("-")) if day else "" for day in _days(column).tolist()])

    return written


def _excel(column: np.ndarray) -> Texts:
    """Day numbers; blanks stay blank."""
    return texts(
        [int((np.datetime64(day) - _EXCEL_DAY_ZERO) // np.timedelta64(1, "D")) if day else "" for day in _days(column).tolist()]
    )


_MAPS: Mapping[str, Mapping[str, str]] = {
    "sex": {"1": "男", "2": "女"},
    "yesno": {"True": "是", "False": "否", "1": "是", "0": "否"},
    "register_state": {"在": "正常", "死亡": "死亡注销", "迁出": "迁出"},
    "residence_kind": {"1": "户籍人口（人户一致）", "2": "户籍人口（人户分离）", "3": "流动人口"},
    "away": {"1": "否", "2": "是", "3": "否"},
    "house": _STRUCTURES,
    "relief_family": _RELIEF,
    "low_income": {"1": "是", "2": "是", "3": "否", "4": "否", "5": "否", "": "否"},
    "monitor": {"True": "监测户", "False": "脱贫户"},
    "safe": {"A": "是", "B": "是", "C": "否", "D": "否"},
    "grade": {"1": "一级", "2": "二级", "3": "三级", "4": "四级"},
    "grade_letter": {letter: f"{letter}级" for letter in "ABCD"},
}
_WAYS: Mapping[str, Callable[[np.ndarray], Texts]] = {
    "": plain,
    "iso": _days,
    "compact": _dated(lambda year, month, day: year + month + day),
    "slashes": _dated(lambda year, month, day: f"{year}/{int(month)}/{int(day)}"),
    "dots": _dated(lambda year, month, day: f"{year}.{int(month)}.{int(day)}"),
    "month": _dated(lambda year, month, _: f"{year}-{month}"),
    "month_cn": _dated(lambda year, month, _: f"{year}年{int(month)}月"),
    "month_dots": _dated(lambda year, month, _: f"{year}.{month}"),
    "excel": _excel,
    "have": lambda column: texts(["有" if value else "无" for value in column.tolist()]),
    "hectare": lambda column: texts([f"{number / 15:.4f}" for number in column.tolist()]),
    "per_month": lambda column: texts([str(round(number / 12)) for number in column.tolist()]),
}
