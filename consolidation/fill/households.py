"""Figures of a group counted from the group's own list with one row a household (低保家庭台账), where no list of people tells.

A list counts only as far as it is known to be whole for the place: its title names the group and no other one, it has rows of the
place, each of its rows is known to lie somewhere, and no row lacks what is asked (kind, persons, amount). Else there is
no figure: fewer than there are would be a false one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from consolidation.exact import converted
from consolidation.lexicon import clean_label, normalise
from consolidation.meaning import language
from consolidation.model import Element, Provenance
from forms.values import Failure, parse_number

from .figures import Answer, Counter, quoted
from .masks import Flags
from .model import HOUSEHOLD, DataSet, Fact
from .select import Selection
from .settings import HouseholdList, source_words

_HEADS = ("head", "", "applicant")
_AREAS = frozenset({"urban", "rural"})
_MONTHLY = ("time", "month")


class HouseholdLists:
    """Counts over the rows of household lists; shares region and lists with a `Counter`."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.lists = [d for d in counter.world.households.sources if d.level == HOUSEHOLD]

    def answer(self, element: Element, selection: Selection | None) -> Answer | None:
        """The households, people or monthly money of a group, by its own list; None when no list is known to tell."""
        for group, known in source_words().household_lists.items():
            if element.meaning.dimension == "money":
                area = self._area_of_money(element, known)
                column, unit = known.amounts, element.unit
            else:
                area = self._area_of_people(group, selection)
                column, unit = ((), "") if element.meaning.dimension == "household" else (known.persons, "")
            if area is None:
                continue
            for dataset in self._own(group):
                found = self._counted(dataset, area, column, unit)
                if found is not None:
                    return found
        return None

    def _own(self, group: str) -> Iterator[DataSet]:
        """The lists whose title names the group and nothing else, the fresher and surer first."""
        own = [d for d in self.lists if d.groups == {group}]
        yield from sorted(own, key=lambda d: (d.precedence, -(d.as_of.toordinal() if d.as_of else 0)))

    @staticmethod
    def _area_of_people(group: str, selection: Selection | None) -> str | None:
        """Urban, rural or "" when the figure asks for the group and nothing more, else None."""
        asks_more = selection is None or selection.conditions or selection.lists or selection.born
        return None if asks_more or selection is None or selection.groups != (group,) else selection.area

    @staticmethod
    def _area_of_money(element: Element, known: HouseholdList) -> str | None:
        """Likewise for the money of one month."""
        meaning, rest = element.meaning, dict(element.meaning.qualifiers)
        monthly = _MONTHLY in meaning.qualifiers or meaning.period == "monthly"
        area = rest.pop("area", "")
        rest.pop("time", None) if rest.get("time") == "month" else None
        return area if "+".join(meaning.concept) in known.money and monthly and not rest and area in ("", *_AREAS) else None

    def _counted(self, dataset: DataSet, area: str, concepts: Sequence[str], unit: str) -> Answer | None:
        """The rows of the region that still stand, each household once; or the sum of a column over them."""
        codes, here = self.counter.regions_of(dataset), self.counter.codes
        standing = ~_stopped(dataset)
        inside = standing & np.isin(codes, list(here))
        if not inside.any() or bool((codes[standing] == "").any()):
            return None
        frame = pd.DataFrame({"户": self._keys(dataset), "社区代码": codes, "在册": standing})
        where = ["在册", f'"社区代码" IN ({", ".join(map(quoted, sorted(here)))})']
        if area:
            frame["城乡"] = self._areas(dataset)
            if not frame["城乡"][inside].isin(_AREAS).all():
                return None
            where.append(f'"城乡" = {quoted(area)}')
        what, words = 'COUNT(DISTINCT "户")', "户数"
        if concepts:
            at = next((p for concept in concepts for p in dataset.positions(Fact("", concept))), None)
            factor = self.counter.factor(dataset.columns[at].unit, unit) if at is not None else None
            if at is None or factor is None:
                return None
            numbers = [parse_number(text) for text in dataset.frame[at]]
            if any(isinstance(numbers[row], Failure) for row in np.flatnonzero(inside)):
                return None
            sums = [Decimal(0) if isinstance(n, Failure) else converted(n.value, factor) for n in numbers]
            frame["数"] = pd.Series(sums, index=frame.index, dtype=object)
            what, words = 'SUM("数")', f"“{dataset.columns[at].header}”之和"
        sql = f"SELECT {what} FROM 名册 WHERE {' AND '.join(where)}"  # noqa: S608 - values are quoted above
        return self._asked(dataset, frame, inside, sql, words)

    def _asked(self, dataset: DataSet, frame: pd.DataFrame, inside: Flags, sql: str, words: str) -> Answer:
        once = frame[inside].drop_duplicates("户")
        with duckdb.connect(":memory:") as database:
            database.register("名册", once)
            ((value,),) = database.execute(sql).fetchall()
        twice = int(inside.sum()) - len(once)
        told = f"（重复登记的{twice}行只计一次）" if twice else ""
        detail = f"{self.counter.world.regions.name(self.counter.region)}在册各户{words}，一户一行{told}；{sql}"
        return Answer(Decimal(value or 0), Provenance(dataset.label, detail, dataset.as_of))

    @staticmethod
    def _keys(dataset: DataSet) -> pd.Series[Any]:
        """What tells households apart: the head's number, else the head's name with the row's place of living."""
        keys = pd.Series("", index=dataset.frame.index, dtype=object)
        for role in _HEADS:
            for at in dataset.positions(Fact(role, "id-number")):
                keys = keys.where(keys != "", dataset.frame[at].str.strip().str.upper())
        rows = pd.Series([f"#{n}" for n in range(len(keys))], index=keys.index, dtype=object)
        return keys.where(keys != "", rows)

    def _areas(self, dataset: DataSet) -> pd.Series[Any]:
        """城市 or 农村 of each row, by its column of kinds; "" where that does not say."""
        labels = language(self.counter.lexicon)
        found = pd.Series("", index=dataset.frame.index, dtype=object)
        for at, column in enumerate(dataset.columns):
            if column.fact.concept.endswith("-kind"):
                said = {text: labels.parts(text).value("area") for text in dataset.frame[at].unique() if text}
                found = found.where(found != "", dataset.frame[at].map(said).fillna(""))
        return found


def _stopped(dataset: DataSet) -> Flags:
    """Rows whose household gets the help no longer."""
    words = source_words().household_stopped
    found = np.zeros(len(dataset.frame), dtype=bool)
    for at, column in enumerate(dataset.columns):
        if clean_label(column.header.split("/")[-1]) in words["columns"]:
            found |= dataset.frame[at].map(normalise).isin(words["values"]).to_numpy(dtype=bool)
    return found
