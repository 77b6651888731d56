"""Two fields of one form are two facts: what came out equal gets captions, then neighbours, as context."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

from consolidation.lexicon import clean_label
from forms.model import Purpose

from .model import FieldMeaning, Meaning
from .roles import split_role
from .state import FormReading


def separate(reading: FormReading, found: list[FieldMeaning]) -> list[FieldMeaning]:
    """Two fields of one form are two facts: those that came out equal get captions, then neighbours, as context."""
    result = list(found)
    for depth in range(1, 7):
        same: dict[Meaning, list[int]] = defaultdict(list)
        for i, item in enumerate(result):
            same[item.meaning].append(i)
        clashes = [indices for indices in same.values() if len(indices) > 1]
        if not clashes:
            return result
        for indices in clashes:
            extra = {i: _distinguishing(reading, result, i, depth) for i in indices}
            if len(set(extra.values())) > 1:
                kept = max(indices, key=lambda i: (_plainness(reading, result[i]), -i))
                for i in (i for i in indices if i != kept) if depth >= 5 else indices:
                    if extra[i]:
                        result[i] = replace(
                            result[i], meaning=replace(result[i].meaning, context=(*result[i].meaning.context, extra[i]))
                        )
    return result


_WHOLE = re.compile(r"详细|详址|门.{0,3}楼")
_OWN = re.compile(r"^(?:本人|个人|申请人)")


def _plainness(reading: FormReading, item: FieldMeaning) -> int:
    """Which of several fields of one form with one meaning is the one that other forms ask for: 户籍详细地址 beside 户籍地
    (a region), 姓名 beside 老人姓名 (somebody else)."""
    text = clean_label(item.field.label)
    if _WHOLE.search(text):
        return 3
    if _OWN.match(text) or text == item.name:
        return 2
    return 1 if not split_role(text, reading.lexicon)[0] else 0


def _distinguishing(reading: FormReading, found: list[FieldMeaning], i: int, depth: int) -> str:
    path = found[i].field.path[:-1]
    if depth <= 3:
        return clean_label(path[-depth]) if len(path) >= depth else ""
    if depth == 4:
        return "/".join(found[i].field.path[:-1])
    if depth == 5:
        return clean_label(found[i].field.label)
    for j in range(i - 1, -1, -1):
        other = found[j]
        if (
            other.field.purpose is Purpose.DATA
            and other.meaning.concept != found[i].meaning.concept
            and other.field.path[:-1] == path
        ):
            return "承" + clean_label(other.field.label)
    return ""
