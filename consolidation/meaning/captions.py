"""What the captions above a label add to it, and which of them only group."""

from __future__ import annotations

import re
from dataclasses import replace

from consolidation.lexicon import clean_label
from forms.model import Field

from .language import Parts
from .roles import role_of_caption
from .state import BRACKETED, FormReading

_BY = re.compile(r"^按.{1,10}(?:分|分组|划分|分类|统计)$")
_CHAPTER = re.compile(r"^\s*[一二三四五六七八九十]{1,3}[、.．]")


_FROM_CHAPTER = frozenset({"herd", "pure", "state", "age", "sex", "time"})


def heading(reading: FormReading, caption: str) -> str:
    """A caption's words without what only says that a section begins (残疾人情况 -> 残疾人); "" when nothing else is left."""
    lexicon = reading.lexicon
    text = clean_label(caption)
    text = BRACKETED.sub("", text) or text
    if text in lexicon.sections:
        return ""
    ending = max((e for e in lexicon.section_endings if text.endswith(e)), key=len, default="")
    return text.removesuffix(ending).removesuffix("基本")


def is_section(reading: FormReading, caption: str) -> bool:
    """A caption that only groups: it names no group of people or things. 配偶信息 says whose a fact is and not what is
    counted; 残疾人情况 does both, so that 残疾人情况/人数 is never the population."""
    words = heading(reading, caption)
    if not words or _BY.match(words):
        return True
    groups = [span.text for span in reading.labels.spans(words) if reading.labels.kinds[span.text][0] == "group"]
    joined = words != clean_label(caption) and re.search(r"(?<=[数口])[及和与、]", words)  # 户数及人口情况
    if len(groups) > 1 or "工作" in words or joined:
        return True  # 妇女工作及老龄工作人口情况: whose business it is, not who is counted
    if groups:
        return False
    return bool(role_of_caption(caption, reading.lexicon)) or clean_label(caption).endswith(reading.lexicon.section_endings)


def _inherited(reading: FormReading, field: Field) -> list[Parts]:
    """What the captions above say, innermost first, without those that only group."""
    found = []
    for caption in reversed(field.path[:-1]):
        if is_section(reading, caption):
            continue
        parts = reading.labels.parts(heading(reading, caption))
        if _CHAPTER.match(caption):
            parts = replace(parts, qualifiers=tuple(q for q in parts.qualifiers if q[0] in _FROM_CHAPTER))
        found.append(parts)
    return found
