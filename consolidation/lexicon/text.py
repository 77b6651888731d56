"""Labels as text: one spelling for one word, without numbering, padding and the marks of form-filling."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PRIVATE = re.compile("[\ue000-\uf8ff\u200b-\u200f\ufeff]")
_SPACE = re.compile(r"\s+")
_CIRCLED = re.compile(r"^[\s\u3000]*[①-⑳⑴-⒇⒈-⒛❶-❿]+[、.．\s]*")
# Numbering as offices print it: 一、（一）1.(1) A3a I. A number that belongs to the words (60岁, 100人) is none.
_NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.](?!十)|\([一二三四五六七八九十]{1,3}\)[、.]?|第[一二三四五六七八九十]+[部分章节][、.]?|\d{1,2}[、.]+(?!\d)|\(\d{1,2}\)[、.]?"
    r"|\d{1,2}\)|\d{1,2}[a-z][、.](?=[\u4e00-\u9fff])|[A-Z]\d{1,3}[a-z]?[、.:]?(?=[\u4e00-\u9fff])|[A-HJ-Z][、.](?=[\u4e00-\u9fff(])|[A-HJ-Z](?=[\u4e00-\u9fff])|[IVX]{1,4}[、.]?(?=[\u4e00-\u9fff])"
    r"|\d{1,2}(?=[\u4e00-\u9fff])(?!\d*(?:[年月日岁周人户个亩元级类次所级项星期%]|平|以|号|公|万|千)))"
)
_AMONG = re.compile(r"^其中(?:[:,;、]|(?=[\u4e00-\u9fff\d\"])|$)")
_MARKS = re.compile(
    r"\((?:单选|多选|复选|可多选|必填|选填|盖章|签名|签字|签章|公章|可复选|限选\d项|最多\d项|请打√|打√|划√|√|下拉选择|必填项|手写|打印|粘贴)\)"
)
_OPTIONS_TAIL = re.compile(r"[:：]?\(?1[、.)]\s*[^\d]{1,20}\(?2[、.)].*$")
_YESNO_TAIL = re.compile(r"[\[(]?(?:是/否|有/无|男/女|是或否|□.*)[\])]?$")
_TRAILING = re.compile(r"[:：*＊_、,，。.;；]+$")
_LEADING = re.compile(r"^[*＊★☆▲●■◆\-—~、.:：,，]+")
_QUOTES = re.compile("[\"'“”‘’「」]")


@lru_cache(maxsize=200_000)
def normalise(text: str) -> str:
    """One spelling: NFKC, no white space, no private-use characters, plain brackets and dashes, no quotation marks."""
    text = unicodedata.normalize("NFKC", _PRIVATE.sub("", text))
    text = _SPACE.sub("", text)
    text = re.sub("[–—―−~～〜]", "-", text).replace("〔", "(").replace("〕", ")").replace("[", "(").replace("]", ")")
    text = text.replace("【", "(").replace("】", ")").replace("﹤", "<").replace("﹥", ">")
    return _QUOTES.sub("", text)


@lru_cache(maxsize=200_000)
def clean_label(label: str) -> str:
    """A label's words alone: normalised, without numbering, 其中, option lists, required marks and trailing colons."""
    text = normalise(_CIRCLED.sub("", label))
    for _ in range(3):
        shorter = _LEADING.sub("", _NUMBERING.sub("", text, count=1))
        shorter = _AMONG.sub("", shorter)
        if shorter == text:
            break
        text = shorter
    text = _MARKS.sub("", text)
    text = _OPTIONS_TAIL.sub("", text)
    text = _YESNO_TAIL.sub("", text)
    return _TRAILING.sub("", text)


def bare(label: str) -> str:
    """`clean_label` without its last bracket: what stands before a unit or a remark."""
    text = clean_label(label)
    return re.sub(r"\([^()]*\)$", "", text) or text
