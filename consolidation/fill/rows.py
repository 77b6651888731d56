"""Which fact of a table answers an element: its own, one that stands in for it, a relative's, a group's yes or no."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from consolidation.derive.counts import count_rules
from consolidation.derive.mapped import mapped_rules
from consolidation.lexicon import Lexicon
from consolidation.meaning.model import Meaning

from .groups import population
from .lazy import Held, blank
from .masks import Masks
from .model import HOUSEHOLD, PERSON, Chosen, Fact, Table
from .settings import source_words
from .world import COMPUTED, World

_HEAD_WORDS = frozenset({"户主", "本人", "本人或户主"})
_RELATION_OF_ROLE = {
    "spouse": ("配偶", "夫", "妻"),
    "wife": ("妻",),
    "husband": ("夫",),
    "father": ("父亲", "父"),
    "mother": ("母亲", "母"),
}


class Rows:
    """Answers elements from the tables of a world."""

    def __init__(self, world: World, lexicon: Lexicon) -> None:
        self.world, self.lexicon = world, lexicon
        self._heads: pd.Series[Any] | None = None
        self._cache: dict[tuple[str, Meaning], Held | None] = {}
        self._places: dict[tuple[int, int], tuple[pd.Series[Any], NDArray[np.int64]]] = {}
        self._keys: dict[str, pd.Series[Any]] = {}

    def held(self, element: str, meaning: Meaning, kind: str) -> Held | None:
        """The values that answer `meaning` for each row of the table of `kind`; None when nothing does."""
        key = (kind, replace(meaning, context=()))
        if key not in self._cache:
            self._cache[key] = self._find(meaning, kind)
        found = self._cache[key]
        return replace(found, element=element) if found is not None else None

    def _find(self, meaning: Meaning, kind: str) -> Held | None:
        fact = Fact.of(meaning)
        found = self._find_fact(meaning, fact, kind)
        if found is None:
            for role in source_words().role_names.get(fact.role, ()):
                found = found or self._find_fact(replace(meaning, role=role), Fact(role, fact.concept), kind)
        return found

    def _find_fact(self, meaning: Meaning, fact: Fact, kind: str) -> Held | None:
        table = self.world.table(kind)
        if kind == PERSON and meaning.entity in (HOUSEHOLD, "dwelling") and not fact.role:
            return _either(self._of_household(fact), self._own(table, fact))
        if kind == HOUSEHOLD and meaning.entity == PERSON and fact.role in ("head", "applicant", "", "contractor", "landlord"):
            own = Fact("", fact.concept)
            return _either(self._of_head(own), self._own(table, own))
        if kind == HOUSEHOLD and not fact.role:
            return _either(self._own(table, fact), self._of_head(fact))
        if kind == PERSON and fact.role == "head":
            return _either(self._own(table, fact), self._through_head(Fact("", fact.concept)))
        if kind == PERSON and fact.role in _RELATION_OF_ROLE:
            return _either(self._own(table, fact), self._relative(fact))
        plain = self._own(table, fact)
        return _either(plain, self._by_number(table, fact)) if fact.role else plain

    def _own(self, table: Table, fact: Fact) -> Held | None:
        same = source_words().same_fact
        wanted = Fact(fact.role, same.get(fact.concept, fact.concept))
        chosen = table.facts.get(wanted) or self._loose(table, wanted)
        group = self._group(table, fact) or self._listed(table, fact)
        if group is not None and (chosen is None or fact.concept.startswith(("@", "is-"))):
            return group
        for other in source_words().stand_in.get(fact.concept, ()):
            if other == "region":
                return self._region(table, fact)
            more = table.facts.get(Fact(fact.role, other))
            if more is None:
                continue
            if chosen is None:
                chosen, wanted = more, Fact(fact.role, other)
            else:
                empty = chosen.values == ""
                chosen = Chosen(
                    chosen.values.where(~empty, more.values),
                    chosen.source.where(~empty, more.source),
                    chosen.row.where(~empty, more.row),
                    chosen.unit,
                )
        if chosen is None:
            return self._mapped(table, fact)
        note = "" if wanted.concept == same.get(fact.concept, fact.concept) else f"以{self.lexicon.name_of(wanted.concept)}代"
        return Held("", table, chosen, wanted, note)

    def _mapped(self, table: Table, fact: Fact) -> Held | None:
        """A fact that a coded one gives through a code list (data/derivations/mapped.yml)."""
        for rule in mapped_rules():
            known = table.facts.get(Fact(fact.role, rule.source)) if rule.target == fact.concept and rule.exact else None
            if known is not None:
                answers = {text: rule.answer(text) or "" for text in known.values.unique()}
                note = f"由{self.lexicon.name_of(rule.source)}推算：{rule.rule}"
                return Held("", table, replace(known, values=known.values.map(answers), rule=note), fact)
        return None

    def _region(self, table: Table, fact: Fact) -> Held:
        names = table.region.map({code: name for code, (name, _) in self.world.regions.places.items()}).fillna("")
        source = pd.Series(COMPUTED, index=table.index)
        return Held("", table, Chosen(names, source, source, "", "按所在村（社区）"), fact)

    def _group(self, table: Table, fact: Fact) -> Held | None:
        """是否低保 and the like: yes for those whom the lists name, no for all others - the lists are taken to be whole."""
        if fact.role:
            return None
        group = fact.concept[1:] if fact.concept.startswith("@") else group_of(fact.concept)
        if not fact.concept.startswith(("@", "is-")):
            return None
        inside = Masks(table).group(group)
        if inside is None:
            return None
        values = pd.Series(np.where(inside, "是", "否").astype(object), index=table.index)
        source = pd.Series(COMPUTED, index=table.index)
        known = self.lexicon.groups.get(group)
        return Held("", table, Chosen(values, source, source, "", f"按{known.name if known else group}名册"), fact)

    @staticmethod
    def _loose(table: Table, fact: Fact) -> Chosen | None:
        """The same fact in other words: 注册时间 for 注册日期, 控制情况 for 控制情况（填代码）."""
        if not fact.concept.startswith("~"):
            return None
        wanted = _core(fact.concept)
        same = [f for f in table.facts if f.role == fact.role and f.concept.startswith("~") and _core(f.concept) == wanted]
        return table.facts[same[0]] if len(same) == 1 and len(wanted) >= 3 else None

    def _listed(self, table: Table, fact: Fact) -> Held | None:
        """是否参加养老保险 and the like: yes for those on the list that says so."""
        words = population()["listed"].get(fact.concept) if not fact.role else None
        inside = Masks(table).on_list(words) if words else None
        if inside is None:
            return None
        values = pd.Series(np.where(inside, "是", "否").astype(object), index=table.index)
        source = pd.Series(COMPUTED, index=table.index)
        return Held("", table, Chosen(values, source, source, "", f"按{words}名册"), fact)

    # ---- through households ----------------------------------------------------------------------------------------

    def heads(self) -> pd.Series[Any]:
        """Household -> the person who heads it (by 与户主关系; else the eldest adult)."""
        if self._heads is None:
            people = self.world.people
            home = people.household if people.household is not None else pd.Series(people.index, index=people.index)
            relation = people.facts.get(Fact("", "relation-to-head"))
            words = relation.values if relation is not None else blank(people.index)
            age = people.facts.get(Fact("", "age"))
            years = pd.to_numeric(age.values, errors="coerce").fillna(-1) if age is not None else pd.Series(0, index=people.index)
            frame = pd.DataFrame({"home": home, "head": words.isin(_HEAD_WORDS), "alive": people.alive, "age": years})
            frame = frame[frame["alive"]].sort_values(["head", "age"], ascending=False, kind="stable")
            first = frame[~frame["home"].duplicated()]
            self._heads = pd.Series(first.index, index=first["home"])
        return self._heads

    def _shifted(self, held: Held, table: Table, keys: pd.Series[Any], note: str) -> Held:
        """A column of another table brought to this one by a key for each of its rows."""
        key = (id(held.table.index), id(keys))
        if key not in self._places:
            found = held.table.index.get_indexer(pd.Index(keys.fillna("").to_numpy(), dtype=object))
            self._places[key] = (keys, np.asarray(found, dtype=np.int64))  # the keys are kept, so that their id stays theirs
        at = self._places[key][1]
        hit = at >= 0

        def take(series: pd.Series[Any], empty: object) -> pd.Series[Any]:
            taken = series.to_numpy()[at].copy()
            taken[~hit] = empty
            return pd.Series(taken, index=table.index)

        chosen = held.chosen
        moved = Chosen(take(chosen.values, ""), take(chosen.source, -1), take(chosen.row, -1), chosen.unit, chosen.rule)
        return Held(held.element, replace(held.table, index=table.index), moved, held.fact, held.note or note)

    def _of_head(self, fact: Fact) -> Held | None:
        held = self._own(self.world.people, fact)
        if held is None:
            return None
        homes = self.world.households
        if "head of home" not in self._keys:
            self._keys["head of home"] = pd.Series(homes.index, index=homes.index).map(self.heads())
        return self._shifted(held, homes, self._keys["head of home"], "户主的")

    def _by_number(self, table: Table, fact: Fact) -> Held | None:
        """What is known of the person whose ID number the row names in a role: the owner's telephone, the tenant's home."""
        numbers = table.facts.get(Fact(fact.role, "id-number"))
        held = self._own(self.world.people, Fact("", fact.concept)) if numbers is not None else None
        if numbers is None or held is None or fact.concept == "id-number":
            return None
        return self._shifted(held, table, numbers.values, "按身份证号")

    def _through_head(self, fact: Fact) -> Held | None:
        held = self._own(self.world.people, fact)
        people = self.world.people
        if held is None or people.household is None:
            return None
        if "head" not in self._keys:
            self._keys["head"] = people.household.map(self.heads())
        return self._shifted(held, people, self._keys["head"], "户主的")

    def _of_household(self, fact: Fact) -> Held | None:
        homes, people = self.world.households, self.world.people
        held = self._own(homes, fact)
        if held is None or people.household is None:
            return None
        return self._shifted(held, people, people.household, "所在户的")

    def _relative(self, fact: Fact) -> Held | None:
        """A spouse's or parent's own fact, where the household register shows who that is: only of heads and their spouses
        and children, whose relation is certain."""
        held = self._own(self.world.people, Fact("", fact.concept))
        people = self.world.people
        relation = people.facts.get(Fact("", "relation-to-head"))
        if held is None or relation is None or people.household is None:
            return None
        keys = self._related(fact.role, relation.values, people)
        return self._shifted(held, people, keys, "按户籍关系") if keys is not None else None

    def _related(self, role: str, words: pd.Series[Any], people: Table) -> pd.Series[Any] | None:
        home = people.household
        sex = people.facts.get(Fact("", "sex"))
        if home is None or sex is None:
            return None
        alive = people.alive
        is_head = words.isin(_HEAD_WORDS) & alive
        is_spouse = words.isin(["配偶", "夫", "妻"]) & alive
        is_child = words.str.contains(
            "^(?:长|次|三|四|五|独生)?(?:子|女)$|^独生子|^独生女|^子$|^女$|儿子|女儿", regex=True, na=False
        )
        by_home = {
            name: pd.Series(flag.index[flag], index=home[flag]) for name, flag in (("head", is_head), ("spouse", is_spouse))
        }
        lookup = {name: series[~series.index.duplicated()] for name, series in by_home.items()}
        head, spouse = home.map(lookup["head"]), home.map(lookup["spouse"])
        if role in ("spouse", "wife", "husband"):
            return spouse.where(is_head, head.where(is_spouse, None))
        wanted = "男" if role == "father" else "女"
        head_sex, spouse_sex = head.map(sex.values), spouse.map(sex.values)
        parent = head.where(head_sex == wanted, spouse.where(spouse_sex == wanted, None))
        return parent.where(is_child, None)


def group_of(concept: str) -> str:
    """The group that a yes-or-no concept asks about: is-lifted asks for lifted."""
    for group, entries in count_rules().groups.items():
        if any(len(entry) == 1 and entry[0].fact == concept and entry[0].op == "affirmed" for entry in entries):
            return group
    return concept.removeprefix("is-")


def _core(concept: str) -> str:
    """An open word without brackets, one word for endings that mean the same."""
    text = re.sub(r"\([^()]*\)|（[^（）]*）", "", concept)
    for same in source_words().loose_endings:
        for ending in sorted(same, key=len, reverse=True):
            if text.endswith(ending) and len(text) > len(ending) + 2:
                return text.removesuffix(ending) + same[0]
    return text


def _either(first: Held | None, second: Held | None) -> Held | None:
    """The first's values, the second's where it has none. Both are columns of one table."""
    if first is None or second is None:
        return first or second
    a, b = first.chosen, second.chosen
    empty = a.values == ""
    if not empty.any():
        return first
    merged = Chosen(
        a.values.where(~empty, b.values),
        a.source.where(~empty, b.source),
        a.row.where(~empty, b.row),
        a.unit or b.unit,
        a.rule or b.rule,
    )
    return Held(first.element, first.table, merged, first.fact, first.note)


def members_of(world: World, household: str) -> pd.Index[Any]:
    """The living members of a household, the head first."""
    people = world.people
    if people.household is None:
        return pd.Index([], dtype=object)
    inside = people.index[(people.household == household) & people.alive]
    relation = people.facts.get(Fact("", "relation-to-head"))
    if relation is None or not len(inside):
        return inside
    order = (~relation.values.loc[inside].isin(_HEAD_WORDS)).sort_values(kind="stable")
    return order.index
