"""Which printed option a held value is: by its words, its code, its code's group, its step of schooling, yes or no."""

from __future__ import annotations

from functools import lru_cache

from consolidation.codes import codes_and_mappings, normal
from consolidation.derive.facets import school_steps
from consolidation.derive.words import structure_words
from forms.values import parse_yes_no

from .masks import step_of
from .table import canonical, code_lists

_NAMES = frozenset({"name", "place-name"})  # proper names are options only where they are printed word for word


@lru_cache(maxsize=100_000)
def option_for(value: str, options: tuple[str, ...], concept: str) -> str | None:
    """The printed option that a value is, None when none is: by its words, its code, its step of schooling, yes or no."""
    plain = {normal(option): option for option in options}
    if normal(value) in plain:
        return plain[normal(value)]
    code = canonical(value, concept)
    for option in options:
        if code and canonical(option, concept) == code:
            return option
    mapped = _wider_option(code, concept, options) or _mapped_option(code, concept, options)
    if mapped is not None:
        return mapped
    if concept == "education":
        return _school_option(value, options)
    said = parse_yes_no(value)
    if isinstance(said, bool):
        return next((option for option in options if parse_yes_no(option) is said), None)
    longer = [option for option in options if concept not in _NAMES and _contains(normal(option), normal(value))]
    fullest = max(longer, key=len, default="")
    return fullest if fullest and all(normal(option) in normal(fullest) for option in longer) else None


def _contains(option: str, value: str) -> bool:
    """Whether one holds the other: at least two characters of it, for 黄 is an option that many names begin with."""
    return min(len(option), len(value)) >= 2 and (value in option or option in value)


def _wider_option(code: str, concept: str, options: tuple[str, ...]) -> str | None:
    """The option whose code stands for a group that the value's code belongs to: 40 中等职业教育 holds 47 技工学校毕业."""
    national = code_lists().get(concept)
    if national is None or code not in national:
        return None
    found = {option: number.rstrip("0") for option in options if (number := national.find(option))}
    held = [option for option, prefix in found.items() if prefix and code.startswith(prefix)]
    return max(held, key=lambda option: len(found[option]), default=None)


def _mapped_option(code: str, concept: str, options: tuple[str, ...]) -> str | None:
    """Through a short list that stands for national codes (初婚 is 已婚): the mappings of data/codes."""
    national = code_lists().get(concept)
    if national is None or code not in national:
        return None
    lists, mappings = codes_and_mappings()
    for mapping in mappings.values():
        if mapping.target != national.id:
            continue
        for option in options:
            short = lists[mapping.source].find(option)
            targets = mapping.group(option) or (mapping.pairs.get(short) if short is not None else None)
            if targets and code in targets:
                return option
    return None


def _school_option(value: str, options: tuple[str, ...]) -> str | None:
    step = step_of(value)
    if step < 0:
        return None
    for option in options:
        hit = school_steps(option, structure_words())
        if hit is not None:
            low, _, high = hit.value.partition("-")
            if int(low) <= step <= int(high):
                return option
    return None
