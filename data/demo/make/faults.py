"""What is wrong with real lists, put in on purpose and at declared rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from data.demo.make.identity import phones
from data.demo.make.settings import Flags, settings, texts

Spoil = Callable[[np.random.Generator, list[str]], list[str]]


def spoil(rng: np.random.Generator, table: pd.DataFrame, sources: Mapping[str, str], rates: Mapping[str, float]) -> list[str]:
    """Puts faults into the printed table, in place. `sources`: printed header -> where its value comes from.

    Returns the names of the faults of each row, joined by a space.
    """
    marks = [""] * len(table)
    for fault, rate in rates.items():
        wanted, change = _FAULTS[fault]
        headers = [header for header, source in sources.items() if source.split("|")[0] in wanted]
        hit: Flags = rng.random(len(table)) < rate
        if not headers or not hit.any():
            continue
        before = table.loc[hit, headers[0]].tolist()
        after = change(rng, before)
        table.loc[hit, headers[0]] = texts(after)
        for row, old, new in zip(np.flatnonzero(hit).tolist(), before, after, strict=True):
            if old != new:
                marks[row] = f"{marks[row]} {fault}".strip()
    return marks


def _typo(rng: np.random.Generator, names: list[str]) -> list[str]:
    mistaken = settings("names")["mistaken"]
    result = []
    for name in names:
        places = [place for place, letter in enumerate(name) if letter in mistaken]
        place = places[int(rng.integers(len(places)))] if places else len(name)
        result.append(name[:place] + mistaken.get(name[place : place + 1], "") + name[place + 1 :])
    return result


def _padded(_: np.random.Generator, names: list[str]) -> list[str]:
    """Two-character names spread to the width of three, as typists do."""
    return [f"{name[0]}\u3000{name[1]}" if len(name) == 2 else name for name in names]


def _wrong_digit(rng: np.random.Generator, numbers: list[str]) -> list[str]:
    result = []
    for number in numbers:
        place = int(rng.integers(14, 17))
        changed = str((int(number[place]) + 1 + int(rng.integers(8))) % 10) if len(number) == 18 else ""
        result.append(number[:place] + changed + number[place + 1 :] if changed else number)
    return result


def _rounded(_: np.random.Generator, numbers: list[str]) -> list[str]:
    """What is left when a spreadsheet took the 18 digits for a number: 15 of them, or the scientific form."""
    return [f"{int(number[:17]) * 10:.5E}" if number[:17].isdigit() else number for number in numbers]


def _shortened(_: np.random.Generator, addresses: list[str]) -> list[str]:
    """The same place as people say it: without province and county, or without the house number."""
    result = []
    for address in addresses:
        short = address.split("县", 1)[-1]
        result.append(short.split("号", 1)[0] + "号" if "栋" in short else short.replace("村", "村委会", 1))
    return result


_NAMES, _IDS = ("name", "owner>name"), ("id", "owner>id")
_FAULTS: Mapping[str, tuple[tuple[str, ...], Spoil]] = {
    "missing_id": (_IDS, lambda _, values: [""] * len(values)),
    "id_case": (_IDS, lambda _, values: [value.lower() for value in values]),
    "wrong_id": (_IDS, _wrong_digit),
    "rounded_id": (_IDS, _rounded),
    "typo": (_NAMES, _typo),
    "padded": (_NAMES, _padded),
    "address": (("address", "home_address", "registered_address"), _shortened),
    "old_phone": (("phone",), lambda rng, values: phones(rng, len(values)).tolist()),
}
