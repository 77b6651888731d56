"""What a figure counts, read from its captions and the form's title: groups, populations and conditions on facts.

Every word of the captions must be understood; a figure with a word that nobody can read from the rows is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from consolidation.derive.counts import Condition, count_rules, qualifier_condition, read_condition
from consolidation.derive.facets import SCHOOLING, Facets
from consolidation.derive.view import Labels
from consolidation.derive.words import structure_words
from consolidation.lexicon import Lexicon, normalise
from consolidation.meaning import neighbours_apart
from forms.model import Field, Form

from .groups import population

_NOW = frozenset({"year-end", "year", "month", "quarter"})  # the state at the period's end; flows need their own data
_UNDATED = frozenset({"birth", "death"})
_REGISTRATION = {"inflow": "floating", "temporary": "floating"}


@dataclass(frozen=True)
class Selection:
    """Who is counted: members of all `groups` who meet all `conditions`. `lists`: words of list titles they must stand on.
    `born`: only those born within the period."""

    groups: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    lists: tuple[str, ...] = ()
    area: str = ""  # urban or rural
    born: bool = False


@dataclass
class _Draft:
    groups: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    registration: str = ""
    area: str = ""
    born: bool = False
    counted: bool = False  # some caption says who or what is counted


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return {normalise(word): entries for word, entries in population()["words"].items()}


@lru_cache(maxsize=1)
def _noise() -> frozenset[str]:
    return frozenset(normalise(word) for word in population()["noise"])


@lru_cache(maxsize=1)
def _sections() -> frozenset[str]:
    return frozenset(normalise(word) for word in population()["sections"])


class Selector:
    """Reads captions as selections."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.labels = Labels(lexicon)
        self.facets = Facets(self.labels, structure_words())
        self._bands: dict[tuple[str, str], Mapping[str, tuple[str, str]]] = {}

    def of_field(self, form: Form, target: Field) -> Selection | None:
        """What a figure of a form counts; None when some word of its captions cannot be told from rows of people. Ages are what
        the bands mean beside their neighbours."""
        found = self._of_captions(form, target)
        key = (form.file, form.id)
        if key not in self._bands:
            self._bands[key] = neighbours_apart(form, self.labels.language)
        if found is None or target.id not in self._bands[key]:
            return found
        read, meant = self._bands[key][target.id]
        printed, wanted = qualifier_condition("age", read), qualifier_condition("age", meant)
        return replace(found, conditions=tuple(wanted if c == printed and wanted else c for c in found.conditions))

    def _of_captions(self, form: Form, target: Field) -> Selection | None:
        path = tuple(dict.fromkeys(target.path or (target.label,)))
        draft = _Draft()
        if not self._caption(path[-1], draft):
            return None
        named = bool(draft.groups or draft.lists)
        valued = {f.path for f in form.fields}
        for depth, caption in enumerate(path[:-1], 1):
            # a caption that only heads a section may hold other words where the label itself says who is counted
            # (津贴补贴 / 享受高龄津贴人数); where the label is 男, every word above it matters
            heading = target.path[:depth] not in valued
            if heading and self.labels.plain(caption) in _sections():
                continue
            if not self._caption(caption, draft) and not (named and heading):
                return None
        parts = self.labels.parts(form.title)
        title = [part[1:] for part in parts.core if part.startswith("@") and not {"sex", "age"} & dict(parts.qualifiers).keys()]
        # a title that names two groups (妇女儿童) says nothing about which of them a single figure counts
        if len(title) == 1 and not self._is_population(title[0]) and title[0] not in draft.groups and title[0] not in _UNDATED:
            draft.groups.append(title[0])
            draft.counted = True
        if not draft.counted:
            return None
        registration = draft.registration or ("" if draft.groups or draft.lists else population()["unmarked"])
        groups = [*draft.groups, *([f"registration={registration}"] if registration else [])]
        return Selection(
            tuple(dict.fromkeys(groups)),
            tuple(dict.fromkeys(draft.conditions)),
            tuple(dict.fromkeys(draft.lists)),
            draft.area,
            draft.born,
        )

    def of_title(self, title: str) -> Selection | None:
        """Who belongs on a roster, by its title; None when the title names no group that lists know."""
        draft = _Draft()
        text = normalise(title)
        for word in sorted(_words(), key=len, reverse=True):
            if len(word) >= 4 and word in text and self._word(word, draft):
                text = text.replace(word, "")
        if draft.groups or draft.conditions or draft.lists:
            return Selection(tuple(draft.groups), tuple(draft.conditions), tuple(draft.lists))
        parts = self.labels.parts(title)
        groups = [part[1:] for part in parts.core if part.startswith("@") and not self._is_population(part[1:])]
        conditions = [c for kind, value in parts.qualifiers if kind in ("sex", "age") and (c := qualifier_condition(kind, value))]
        registration = [f"{kind}={_REGISTRATION.get(value, value)}" for kind, value in parts.qualifiers if kind == "registration"]
        if not groups and not conditions and not registration:
            return None
        return Selection(tuple(dict.fromkeys([*groups, *registration])), tuple(conditions))

    def _is_population(self, group: str) -> bool:
        found = self.lexicon.groups.get(group)
        return found is None or found.id == "population" or found.same_as == "population"

    def _caption(self, caption: str, draft: _Draft) -> bool:
        text = self.labels.plain(caption)
        if not text or text in _noise() or structure_words().splits(text) or self._section(text):
            return True
        if self._word(text, draft):
            return True
        for hit in self.facets.hits(text):
            fact = count_rules().facets.get(hit.facet)
            if hit.facet == SCHOOLING and fact:
                draft.conditions.append(Condition(fact, "steps", (hit.value,)))
                return True
        return self._parts(text, draft)

    def _section(self, text: str) -> bool:
        return text in self.lexicon.sections or (text.endswith(self.lexicon.section_endings) and not self.labels.parts(text).core)

    def _word(self, text: str, draft: _Draft) -> bool:
        entries = _words().get(text) or _words().get(_stem(text))
        if entries is None:
            return False
        for entry in entries:
            condition = read_condition(entry)
            if condition.op == "group":
                draft.groups.append(condition.values[0])
            elif condition.op == "list":
                draft.lists.append(condition.values[0])
            else:
                draft.conditions.append(condition)
        draft.counted = True
        return True

    def _parts(self, text: str, draft: _Draft) -> bool:
        parts = self.labels.parts(text)
        for part in sorted(parts.core):
            if part.startswith("@"):
                if not self._group(part[1:], draft):
                    return False
            elif part.removeprefix("~") not in _noise() and not self._word(part.removeprefix("~"), draft):
                return False
        if parts.measure in ("persons", "households"):
            draft.counted = True
        return all(self._qualifier(kind, value, draft) for kind, value in parts.qualifiers)

    def _group(self, group: str, draft: _Draft) -> bool:
        if group == "birth":
            draft.born = True
            draft.registration = draft.registration or "registered"
        elif group in _UNDATED:
            return False
        elif group != "population":
            draft.groups.append(group)
        draft.counted = True
        return True

    @staticmethod
    def _qualifier(kind: str, value: str, draft: _Draft) -> bool:
        if kind == "time":
            return value in _NOW
        if kind == "age" and "+" in value:  # 18岁以下（0—17岁）: the band in brackets says it exactly
            value = next((band for band in value.split("+") if all(band.split("-"))), value)
        if kind == "registration":
            draft.registration = _REGISTRATION.get(value, value)
            return True
        if kind == "area":
            draft.area = value
            return value in ("urban", "rural")
        condition = qualifier_condition(kind, value)
        if condition is not None:
            draft.conditions.append(condition)
            draft.counted = True
        return condition is not None


def _stem(text: str) -> str:
    for ending in structure_words().measure_words:
        if text.endswith(ending) and len(text) > len(ending):
            return text.removesuffix(ending)
    return text
