"""Who a label or a caption speaks of: 户主姓名, 配偶基本信息, 转移责任人."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from consolidation.lexicon import Lexicon, clean_label

_PERSON_NOUN = re.compile(r"(?:人|者|员|医生|教师|干部|专员|书记|主任|站长|组长|网格长|网格员|楼长|楼栋长|族长|护士)$")


_LIST = re.compile(r"名册|名单|台账|一览")
_GROUPING = ("基本", "的", "个人", "主要")


def _caption_stems(caption: str, lexicon: Lexicon) -> list[str]:
    """The words a caption can be without its bracket and its ending: 产权人(出租人)信息 -> 产权人(出租人), 产权人, 出租人."""
    text = clean_label(caption)
    bracket = re.search(r"\(([^()]+)\)", text)
    texts = [text] + ([text.replace(bracket[0], ""), bracket[1]] if bracket else [])
    stems = []
    for one in texts:
        stems.append(one)
        for ending in lexicon.section_endings:
            stem = one.removesuffix(ending)
            if stem and stem != one:
                for word in _GROUPING:
                    stem = stem.removesuffix(word)
                stems.append(stem)
    return stems


@lru_cache(maxsize=20_000)
def _role_of(caption: str, key: int, holder: _LexiconBox) -> str:
    lexicon = holder.lexicon
    stems = _caption_stems(caption, lexicon)
    for stem in stems:
        if stem in lexicon.role_words:
            return lexicon.role_words[stem]
    if any(stem.endswith("本人") for stem in stems):
        return "self"
    for stem in stems:
        ends = [word for word in lexicon.role_words if len(word) >= 3 and stem.endswith(word)]
        if ends:
            return lexicon.role_words[max(ends, key=len)]
    if _LIST.search(caption):
        return ""  # 在职党员名册: the rows are the people concerned, not others
    for stem in stems:
        if 2 < len(stem) <= 14 and _PERSON_NOUN.search(stem):
            return f"~{stem}"
    return ""


class _LexiconBox:
    """A lexicon as a cache key: by identity."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def __hash__(self) -> int:
        return id(self.lexicon)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _LexiconBox) and other.lexicon is self.lexicon


def role_of_caption(caption: str, lexicon: Lexicon) -> str:
    """The role that a group caption names (配偶基本信息 -> spouse, 转移责任人 -> "~转移责任人"), "" when it names none."""
    return _role_of(caption, id(lexicon), _LexiconBox(lexicon))


def split_role(label: str, lexicon: Lexicon) -> tuple[str, str]:
    """(role, rest) of a label: 户主姓名 -> (head, 姓名); ("", label) when it starts with no role word. Longest word wins."""
    for length in range(min(len(label), 12), 0, -1):
        role = lexicon.role_words.get(label[:length])
        if role is not None and (length > 1 or len(label) <= 4):
            rest = label[length:].removeprefix("的")
            again = split_role(rest, lexicon) if role == "self" and len(rest) > 2 else ("", rest)
            return again if again[0] == "self" else (role, rest)  # 残疾人职工姓名: one person, two words
    return "", label


_PERSONAL_ENDINGS = (
    "公民身份号码",
    "身份证号码",
    "身份证号",
    "联系电话",
    "联系方式",
    "手机号码",
    "手机号",
    "电话号码",
    "姓名",
    "电话",
    "性别",
    "年龄",
    "出生日期",
)


def open_role(label: str, lexicon: Lexicon) -> tuple[str, str]:
    """A role the lexicon does not know, read from its form: 结对党员姓名 -> ("~结对党员", 姓名); ("", label) when it is none."""
    for ending in _PERSONAL_ENDINGS:
        stem = label.removesuffix(ending)
        if stem != label and len(stem) >= 2 and stem not in lexicon.role_words and label not in lexicon.concept_words:
            return f"~{stem}", ending
    return "", label


_OWN_CAPTION = re.compile(r"本人|个人|申请人|基本|对象|登记")
_APPLICANTS = ("申请人", "申报人", "申请者")
_FAMILY_CAPTION = re.compile(r"家庭|家属|亲属|成员|户内|子女")


def block_roles(blocks: Mapping[tuple[str, ...], frozenset[str]], lexicon: Lexicon) -> dict[tuple[str, ...], str]:
    """Roles of blocks (fields under one caption) that no word names: a second block with a 姓名 of its own is about other
    people (家庭信息/姓名 beside 姓名), and so is a family's block that asks for a relation. `blocks`: concept ids by block."""
    named = [block for block, ids in blocks.items() if "name" in ids]
    plain = [block for block in named if not any(role_of_caption(caption, lexicon) for caption in block)]
    themselves = any(role_of_caption(caption, lexicon) == "self" for block in named for caption in block)
    if themselves:  # 残疾人概况 beside 申请人及家庭情况: who applies is somebody else
        return {block: f"~{clean_label(block[-1])[:3]}" for block in plain if block and block[-1].startswith(_APPLICANTS)}
    own = next((block for block in plain if not block or _OWN_CAPTION.search(block[-1])), plain[0] if len(plain) > 1 else None)
    roles: dict[tuple[str, ...], str] = {}
    for block in plain:
        if not block or block == own:
            continue
        family = bool(_FAMILY_CAPTION.search(block[-1]))
        related = bool(blocks[block] & {"relation-to-head", "relation-to-person"})
        if own is not None and (family or related):
            roles[block] = "member"
        elif own is not None:
            roles[block] = f"~{clean_label(block[-1])}"
        elif family and related:
            roles[block] = "member"
    return roles
