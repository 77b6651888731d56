"""What a coded fact says of another one through the code lists: 政治面貌 01 is a party member, C级 is a dangerous house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from consolidation.codes import CodeList, CodeMapping, codes_and_mappings

from .words import read

YES, NO = "是", "否"


@dataclass(frozen=True)
class MappedRule:
    """`target` from `source`: `answers` gives the target's value for each code of `codes`. `short`: lists as offices print them,
    each with the codes that its own codes stand for."""

    target: str
    source: str
    codes: CodeList
    answers: Mapping[str, str]
    exact: bool
    rule: str
    short: tuple[tuple[CodeList, Mapping[str, frozenset[str]]], ...] = ()

    def answer(self, text: str) -> str | None:
        """The target's value for a written value of the source; None when no list knows the value, or the codes that a short
        list's value stands for (离退休 in a list of five) do not agree."""
        code = self.codes.find(text)
        if code is not None:
            return self.answers.get(code)
        for codes, pairs in self.short:
            said = {self.answers.get(target) for target in pairs.get(codes.find(text) or "", ())}
            if len(said) == 1:
                return said.pop()
        return None


@lru_cache(maxsize=1)
def mapped_rules() -> tuple[MappedRule, ...]:
    """data/derivations/mapped.yml. Raises ValueError naming every entry that points to a list, mapping or group there is not."""
    lists, mappings = codes_and_mappings()
    faults: list[str] = []
    found = []
    for entry in read("mapped"):
        try:
            answers = _answers(entry, lists, mappings)
        except KeyError as missing:
            faults.append(f"mapped.yml 的 {entry['target']}：data/codes 里没有 {missing.args[0]}")
            continue
        codes = lists[entry["list"]]
        short = tuple((lists[m.source], m.pairs) for m in mappings.values() if m.target == codes.id != m.source)
        found.append(MappedRule(entry["target"], entry["from"], codes, answers, entry.get("exact", True), entry["rule"], short))
    if faults:
        raise ValueError("；".join(faults))
    return tuple(found)


def rule_between(target: str, source: str) -> MappedRule | None:
    """The rule by which one concept follows from another."""
    return next((rule for rule in mapped_rules() if (rule.target, rule.source) == (target, source)), None)


def _answers(entry: Mapping[str, Any], lists: Mapping[str, CodeList], mappings: Mapping[str, CodeMapping]) -> dict[str, str]:
    codes = lists[entry["list"]]
    if "affirmed" in entry:
        inside = mappings[entry["affirmed"]["mapping"]].group(entry["affirmed"]["group"])
        if inside is None:
            raise KeyError(entry["affirmed"]["group"])
        return {code.code: YES if code.code in inside else NO for code in codes.codes}
    mapping = mappings[entry.get("mapping") or entry["back"]]
    if "back" in entry:
        target = lists[mapping.source]
        backwards = {code.code: mapping.back(code.code) for code in codes.codes}
        return {code: target.name(to) for code, to in backwards.items() if to is not None}
    target = lists[mapping.target]
    return {code: target.name(next(iter(to))) for code, to in mapping.pairs.items() if len(to) == 1}
