"""Conflicts between definitions: one name, two age limits or two option lists. Shown to people, never smoothed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from consolidation.lexicon import Lexicon, normalise
from consolidation.meaning import Meaning
from consolidation.model import DefinitionConflict, Element, FieldKey


def _age_conflicts(elements: Sequence[Element], lexicon: Lexicon) -> list[DefinitionConflict]:
    """A group that the law defines by age, counted from another age on some form."""
    by_group: dict[str, dict[str, list[FieldKey]]] = defaultdict(lambda: defaultdict(list))
    aged = [(group, tuple(map(normalise, group.words))) for group in lexicon.groups.values() if group.age is not None]
    for element in elements:
        if element.meaning.measure != "figure":
            continue
        printed = dict(element.meaning.qualifiers).get("age", "")
        for member in element.members:
            text = normalise("/".join(member.field.path))
            for group, spellings in aged:
                if any(word in text for word in spellings):
                    low, high = group.age or (None, None)
                    own = f"{'' if low is None else low}-{'' if high is None else high}"
                    by_group[group.id][printed or own].append(member.key)
    found = []
    for group_id, ages in by_group.items():
        starts = {age.split("-")[0] for age in ages if age.endswith("-")}
        if len(starts) > 1:
            group = lexicon.groups[group_id]
            words = "、".join(f"{age}岁起" for age in sorted(starts))
            fields = tuple(key for age in ages if age.endswith("-") for key in ages[age])
            found.append(
                DefinitionConflict(
                    group.name, f"各表的{group.name}口径不同：{words}（{group.source or '词库未注明依据'}）", fields
                )
            )
    return found


def _option_conflicts(elements: Sequence[Element]) -> list[DefinitionConflict]:
    found = []
    by_meaning: dict[Meaning, list[Element]] = defaultdict(list)
    for element in elements:
        plain = tuple(part for part in element.meaning.context if not part.startswith("选项："))
        by_meaning[replace(element.meaning, context=plain)].append(element)
    for same in by_meaning.values():
        element = same[0]
        lists: dict[frozenset[str], list[FieldKey]] = defaultdict(list)
        shown: dict[frozenset[str], tuple[str, ...]] = {}
        for member in (member for one in same for member in one.members):
            if len(member.field.options) > 1:
                key = frozenset(normalise(option) for option in member.field.options)
                lists[key].append(member.key)
                shown.setdefault(key, member.field.options)
        if len(lists) > 1:
            words = "；".join("、".join(options) for options in shown.values())
            fields = tuple(key for keys in lists.values() for key in keys)
            found.append(DefinitionConflict(element.name, f"“{element.name}”有 {len(lists)} 种选项：{words}", fields))
    return found


def definition_conflicts(elements: Sequence[Element], lexicon: Lexicon) -> tuple[DefinitionConflict, ...]:
    """All conflicts of definition among the elements."""
    return (*_age_conflicts(elements, lexicon), *_option_conflicts(elements))
