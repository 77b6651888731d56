"""Label texts: cleaning, units in parentheses, numbering marks, 其中.

Everything here is a pure function of one text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from forms.recognise.words import words

_PRIVATE = re.compile("[\ue000-\uf8ff\u200b-\u200f\u2028-\u202e\ufeff\u00ad]")
_SPACES = re.compile(r"[\s\u3000\xa0]+")
_INNER = re.compile(r"(?<![A-Za-z0-9])\s(?![A-Za-z0-9])|(?<=[：:、（(])\s|\s(?=[：:、）)])")
_STAR = re.compile(r"^[*＊★]+|[*＊★]+$")
_END_COLON = re.compile(r"[：:]+$")
_PARENS = re.compile(r"[（(\[【]([^（）()\[\]【】]*(?:[（(][^（）()]*[)）])?[^（）()\[\]【】]*)[)）\]】]")
_DASH_ONLY = re.compile(r"^(?:[—－―–─━\-]+|[/／×＊])$")

# Numbering, outermost first: the rank is the usual order 一、（一）1.（1）① A a I
_MARKS: tuple[tuple[str, str], ...] = (
    ("part", r"第[一二三四五六七八九十百\d]+(?:部分|章|编|篇|节)[、:：\s]*"),
    ("han", r"[一二三四五六七八九十]{1,3}[、.．，]\s*"),
    ("roman", r"(?:I{1,3}|IV|VI{0,3}|IX|X|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ])(?:[、.．]|\s+)"),
    ("han-paren", r"[（(][一二三四五六七八九十]{1,3}[)）][、.．]?\s*"),
    ("num", r"(?:\d{1,2}|[０-９]{1,2}|[lI])(?:[、．，]\s*|\.{1,2}(?!\d)\s*)"),
    ("num-paren", r"[（(](?:\d{1,2}|[０-９]{1,2})[)）][、.．]?\s*|\d{1,2}[)）]\s*"),
    ("circle", r"[①-⑳⑴-⒇㈠-㈩]\s*"),
    ("alpha", r"[A-HＡ-Ｈ](?:[、.．]|\s+)|[（(][A-Ha-h][)）]"),
    ("lower", r"[a-h][、.．]\s*|[a-h]\s+"),
)
RANK = {name: rank for rank, (name, _) in enumerate(_MARKS)}
RANK["roman-inner"] = len(_MARKS)
_MARK = tuple((name, re.compile(pattern)) for name, pattern in _MARKS)
_OF_WHICH = re.compile(r"^(?:在[^：:]{1,12}中\s*[：:，,]|[^：:]{2,12}(?<![高初集职])中\s*[：:]|其\s*中\s*[：:；;，,]?)\s*")
_ORDINALS = {c: i + 1 for i, c in enumerate("一二三四五六七八九十")}


@lru_cache(maxsize=65536)
def clean(text: str) -> str:
    """A label in the form's own words: without line breaks, padding, inner alignment spaces (“姓 名”), required stars,
    trailing colon and characters of private use."""
    text = _SPACES.sub(" ", _PRIVATE.sub("", text)).strip()
    text = _INNER.sub("", text)
    text = _STAR.sub("", text).strip()
    return _END_COLON.sub("", text).strip()


def without_private(text: str) -> str:
    """A text without the characters of private use that old programs leave behind."""
    return _PRIVATE.sub("", text)


@lru_cache(maxsize=65536)
def squeeze(text: str) -> str:
    """A text without any space or private-use character: what comparisons with word lists use."""
    return _SPACES.sub("", _PRIVATE.sub("", text))


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """A label as word lists hold it: cleaned, without spaces and without a trailing parenthesis."""
    return clean(text).replace(" ", "")


@lru_cache(maxsize=65536)
def is_blank(text: str) -> bool:
    return not squeeze(text)


@lru_cache(maxsize=65536)
def is_dash(text: str) -> bool:
    """Whether a cell only says that nothing is to be filled in (— —— / ×)."""
    bare = squeeze(text)
    return bool(bare) and _DASH_ONLY.match(bare) is not None


@lru_cache(maxsize=65536)
def unit_in(label: str) -> str:
    """The unit printed in parentheses in a label (住房面积（平方米）), or its % at the end; "" when there is none."""
    for match in reversed(list(_PARENS.finditer(label))):
        unit = known_unit(match[1])
        if unit:
            return unit
    for mark in ("%", "％", "‰"):
        if label.endswith(mark):
            return mark
    return ""


@lru_cache(maxsize=8192)
def known_unit(text: str) -> str:
    """The unit that a text is (“单位：元”, “万元/年”, “万人万人” printed twice), or "" when it is none."""
    bare = squeeze(text)
    for lead in ("计量单位", "单位"):
        if bare.startswith(lead):
            bare = bare[len(lead) :].lstrip("：:")
    table = words().units
    half = len(bare) // 2
    if bare and len(bare) % 2 == 0 and bare[:half] == bare[half:]:
        bare = bare[:half]
    if bare in table:
        return bare
    parts = re.split(r"[/／]", bare)
    return bare if len(parts) == 2 and all(part in table or part in _PER for part in parts) else ""


_PER = frozenset(
    {"年", "月", "日", "天", "人", "户", "亩", "公斤", "斤", "次", "平方米", "人年", "户年"}
    | {"头", "只", "季", "个", "月人", "人月"}
)


@lru_cache(maxsize=65536)
def without_unit(label: str) -> str:
    """The label without the parenthesis that holds its unit."""
    for match in reversed(list(_PARENS.finditer(label))):
        if known_unit(match[1]):
            return (label[: match.start()] + label[match.end() :]).strip()
    return label


@dataclass(frozen=True, slots=True)
class Mark:
    """What a label begins with. `style` is "" when it has no number; `of_which` when it starts with 其中."""

    style: str
    ordinal: int
    width: int  # half-width columns that the mark takes
    of_which: bool
    rest: str


@lru_cache(maxsize=65536)
def mark_of(label: str) -> Mark:
    """Numbering and 其中 in front of a label (already cleaned)."""
    rest, width, of_which = label, 0, False
    found = _OF_WHICH.match(rest)
    if found and len(found[0]) < len(rest):
        of_which, rest = True, rest[found.end() :]
        width = display_width(found[0])
    for name, pattern in _MARK:
        match = pattern.match(rest)
        if match and match.end() < len(rest):
            return Mark(name, _ordinal(match[0]), width + display_width(match[0].strip()), of_which, rest[match.end() :])
    return Mark("", 0, width, of_which, rest)


_WHOLE = re.compile(r"^(?:在)?([^：:]{2,12})中\s*[：:，,]")
_COUNTED = "年|月|日|岁|周岁|个|人|户|亩|元|级|层|次|种|类|平|％|%|天|小时|至|号"
_UNDOTTED = re.compile(rf"^(\d{{1,2}})(?=[\u4e00-\u9fff])(?!\d*(?:{_COUNTED}))")


def named_whole(label: str) -> str:
    """The whole that a part names (在用种量中：农业用种 -> 用种量); "" for a plain 其中."""
    match = _WHOLE.match(label)
    return "" if match is None or match[1].strip() == "其" else match[1]


def undotted_number(label: str) -> int:
    """The number that stands before a label without a dot (2虾蟹类), 0 when there is none. Only the rows before it can tell
    whether it is numbering."""
    match = _UNDOTTED.match(label)
    return int(match[1]) if match else 0


def is_bare_mark(label: str) -> bool:
    """Whether a cell holds numbering alone (“一、”, “(二)”), its caption standing in the next column."""
    if not label:
        return False
    return any(match is not None and match.end() == len(label) for match in (p.match(label) for _, p in _MARK))


def _ordinal(mark: str) -> int:
    digits = re.search(r"\d+", mark)
    if digits:
        return int(digits[0])
    if "①" <= mark[0] <= "⑳":
        return ord(mark[0]) - ord("①") + 1
    han = [_ORDINALS[c] for c in mark if c in _ORDINALS]
    if not han:
        return 0
    if len(han) == 1:
        return han[0]
    return (han[0] * 10 if han[1] == 10 else 10) + (han[-1] if han[-1] != 10 else 0)


@lru_cache(maxsize=65536)
def display_width(text: str) -> int:
    """Half-width columns that a text takes on the screen."""
    return sum(2 if ord(c) > 0x2E7F or c == "\u3000" or 0x2460 <= ord(c) <= 0x24FF else 1 for c in text)


@lru_cache(maxsize=65536)
def leading_width(text: str) -> int:
    """Half-width columns of the blanks that a cell's text begins with (characters of private use do not count)."""
    width = 0
    for char in _PRIVATE.sub("", text):
        if char == "\u3000":
            width += 2
        elif char in " \xa0\t":
            width += 1
        else:
            break
    return width
