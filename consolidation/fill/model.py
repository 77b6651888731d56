"""Shared data as the program sees it: lists with their columns understood, rows joined by person, household or place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from consolidation.meaning.model import Meaning

PERSON, HOUSEHOLD, DWELLING, ORGANISATION, PLACE = "person", "household", "dwelling", "organisation", "place"
ROW_KINDS = (PERSON, HOUSEHOLD, DWELLING, ORGANISATION)  # kinds that have a row each; a place has figures
SUB_ROLES = frozenset({"member", "companion", "family-member", "child", "kin"})  # people who stand on a form beside its subject


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """What is known of something: `role` is "" for the thing itself, else whose fact it is (father, head, landlord).
    `concept`: the meaning's concepts joined, with its qualifiers behind: 'birth-date', '@arable', '~低保金|time=added'."""

    role: str
    concept: str

    @classmethod
    def of(cls, meaning: Meaning) -> Fact:
        qualifiers = "".join(f"|{kind}={value}" for kind, value in meaning.qualifiers if kind != "note")
        role = "" if meaning.role == "self" else meaning.role
        return cls(role, "+".join(meaning.concept) + qualifiers)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its printed header, what it means, the unit printed with it."""

    header: str
    meaning: Meaning
    unit: str = ""

    @property
    def fact(self) -> Fact:
        return Fact.of(self.meaning)


FIRST = -1
"""The precedence of what people typed at the desk: before every list, that of the department which answers for it too."""


@dataclass(frozen=True)
class DataSet:
    """One list of a department. `frame` holds text only, one column per entry of `columns`, numbered 0, 1, 2 …; blank is "".

    `precedence`: 1 goes before 2 where nothing else is declared. `groups`: lexicon groups its title names, to which every row
    belongs. `qualifiers`: likewise (户籍人口: registration=registered). `complete`: its coverage is declared whole.
    """

    name: str
    department: str
    level: str
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    as_of: date | None = None
    precedence: int = 9
    file: str = ""
    table: str = ""
    coverage: str = ""
    groups: frozenset[str] = frozenset()
    qualifiers: frozenset[tuple[str, str]] = frozenset()
    joins: frozenset[str] = frozenset()  # groups to which people put its rows by hand, whatever other lists say
    leaves: frozenset[str] = frozenset()  # groups (and "list:" words of titles) to which its rows belong no longer
    first_row: int = 2  # where the first data row stands in the file, for the source shown to people
    lines: tuple[int, ...] = ()  # where each row stands, where they do not follow one another

    @property
    def label(self) -> str:
        """The list as people know it: 民政《社会救助对象》."""
        table = f"（{self.table}）" if self.table and self.table != self.name else ""
        return f"{self.department}《{self.name}》{table}" if self.department else f"《{self.name}》{table}"

    def line(self, row: int) -> int:
        """Where a row of the frame stands in the file."""
        return self.lines[row] if self.lines else self.first_row + row

    def positions(self, fact: Fact) -> list[int]:
        return [i for i, column in enumerate(self.columns) if column.fact == fact]


@dataclass(frozen=True)
class Chosen:
    """One fact of many things: the values, from which list each came (index into `Table.sources`, -1 = none, -2 = computed),
    and its row there."""

    values: pd.Series[Any]
    source: pd.Series[int]
    row: pd.Series[int]
    unit: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Table:
    """People, households, dwellings or organisations: one row each, facts by columns. `index` keys are texts."""

    kind: str
    index: pd.Index[Any]
    facts: Mapping[Fact, Chosen]
    region: pd.Series[Any]  # region code of each row, "" = unknown
    alive: pd.Series[bool]
    groups: Mapping[str, pd.Series[bool]] = field(default_factory=dict)
    sources: tuple[DataSet, ...] = ()
    household: pd.Series[Any] | None = None  # of each person: the key of its household
