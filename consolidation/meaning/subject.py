"""What a form is about: a person, a household, a couple, an organisation, or a place at its level.

姓名 of the applicant is not 姓名 of the guardian, and 联系电话 of a household is not that of a village: every field's
meaning starts from here. Evidence is the form's own labels first, its title second.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from consolidation.lexicon import Lexicon, clean_label, normalise
from forms.model import Field, Form, Purpose, ValueType

from .language import LabelLanguage

_STRONG_ORGANISATION = frozenset(
    {"uscc", "org-code", "licence-number", "legal-representative", "registered-capital", "business-address", "business-scope",
     "registration-kind", "food-licence", "industry", "operator-name", "business-content", "revenue", "employees", "org-status"}
)  # fmt: skip
_LARGE_UNITS = frozenset({"万人", "万户", "千公顷", "亿元", "万吨", "万头", "万只", "万千瓦", "万元"})
_PLACE_TITLE = (
    ("city", re.compile(r"市(?:级|民政|统计)?(?:局|本级)|全市|地市|省(?!.*村)")),
    ("county", re.compile(r"县\(市|县级|县域|区县|分区县|全县|各县|县（|\(县|县区")),
    ("township", re.compile(r"乡\(镇|乡镇|镇\(街|街道|镇级|全镇|乡级|镇街")),
    ("village", re.compile(r"(?<![农乡])村|社区|居委|居民区")),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """`entity`: what the form is about; `place`: level of the place its figures are of; `own_name`: 姓名 without any
    role is asked, so that personal facts without a role are that person's; `roles`: roles that occur on the form."""

    entity: str
    place: str
    own_name: bool
    roles: frozenset[str]
    family: bool = False  # mother, father and child of one application, no person concerned
    self_role: str = ""  # the open role that names the person concerned (矫正对象姓名 -> "~矫正对象")
    why: str = ""


_PERSON_NOUN = re.compile(r"(?:人|者|人员|医生|教师|干部|专员|书记|主任|站长|组长|网格长|网格员|楼长|楼栋长|族长|护士)$")
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
    for stem in stems:
        ends = [word for word in lexicon.role_words if len(word) >= 3 and stem.endswith(word)]
        if ends:
            return lexicon.role_words[max(ends, key=len)]
    for stem in stems:
        if 2 < len(stem) <= 8 and _PERSON_NOUN.search(stem):
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
            return role, label[length:].removeprefix("的")
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


def _caption_roles(field: Field, lexicon: Lexicon) -> list[str]:
    return [role for caption in field.path[:-1] if (role := role_of_caption(caption, lexicon))]


def _labels(form: Form) -> list[tuple[Field, str]]:
    return [(f, clean_label(f.label)) for f in form.fields if f.purpose is Purpose.DATA]


def _place_level(title: str, labels: list[tuple[Field, str]], form: Form) -> str:
    for level, pattern in _PLACE_TITLE:
        if pattern.search(title):
            return level
    text = " ".join(label for _, label in labels)
    lines = normalise(" ".join((*form.lines, *form.notes)))
    if re.search(r"村\(居\)|村\(社区\)|村民委员会|居民委员会|村委会|居委会|社区\(村\)|由村|本社区|本村", lines):
        return "village"
    if re.search(r"乡镇个数|乡级|镇个数|街道办事处", text):
        return "county"
    if sum(f.unit in _LARGE_UNITS for f, _ in labels) > len(labels) * 0.3:
        return "county"
    if re.search(r"村民委员会个?数|村委会个数|行政村个?数", text):
        return "township"
    if re.search(
        r"全村|本村|村名|行政村|村小组|村民小组|村级|居民区|本社区|社区名称|自然村|辖区总户数|村民|村干部|两委|居民代表|村集体|(?:^| )\S{0,3}(?<![农乡])村(?: |$)",
        text,
    ):
        return "village"
    return "place"


def _title_entity(title: str, lexicon: Lexicon) -> str:
    """The entity whose longest word stands latest in the title: the head of a Chinese noun phrase comes last."""
    best = ("", -1, 0)
    for entity, words in lexicon.subjects:
        for word in words:
            at = title.rfind(word)
            if at >= 0 and (at + len(word), len(word)) > (best[1], best[2]):
                best = (entity, at + len(word), len(word))
    return best[0]


def subject_of(form: Form, lexicon: Lexicon, labels: LabelLanguage) -> Subject:
    """What the form is about. Never fails: the least certain case is a village's figures."""
    title = normalise(form.title)
    pairs = _labels(form)
    roles: Counter[str] = Counter()
    own_name = False
    concepts: Counter[str] = Counter()
    figures, self_role = 0, ""
    for field, label in pairs:
        caption_roles = _caption_roles(field, lexicon)
        text, _ = labels.strip_unit(label)
        ids = lexicon.concept_words.get(text, ())
        role, _rest = split_role(text, lexicon)
        roles.update(caption_roles)
        if role and not ids:
            roles[role] += 1
        concepts.update(ids)
        if role == "self" and _rest == "姓名" and not set(caption_roles) - {"self", "applicant"}:
            ids = ("name",)
        if role == "applicant" and _rest in ("", "姓名"):
            concepts["applicant-name"] += 1
        if "name" in ids and not set(caption_roles) - {"self", "applicant"}:
            own_name = True
            concepts["applicant-caption"] += "applicant" in caption_roles
        if not ids and not role and not self_role and not caption_roles:
            found, rest = open_role(text, lexicon)
            self_role = found if rest == "姓名" else ""
        figures += field.type is ValueType.NUMBER and not ids
    place = _place_level(title, pairs, form)
    household_captions = sum(any("家庭" in c or "住房" in c for c in f.path[:-1]) for f, _ in pairs)
    entity, family, why = _decide(title, lexicon, roles, concepts, own_name, figures, len(pairs), household_captions)
    self_role = "" if own_name or entity != "person" or concepts["applicant-name"] else self_role
    own_name = own_name or (entity == "person" and concepts["applicant-name"] > 0) or bool(self_role)
    return Subject(place if entity == "place" else entity, place, own_name, frozenset(roles), family, self_role, why)


def _decide(
    title: str,
    lexicon: Lexicon,
    roles: Counter[str],
    concepts: Counter[str],
    own_name: bool,
    figures: int,
    total: int,
    household_captions: int,
) -> tuple[str, bool, str]:
    strong_organisation = sum(1 for concept in _STRONG_ORGANISATION if concepts[concept])
    hinted = _title_entity(title, lexicon)
    figure_form = total > 0 and figures >= max(3, total * 0.5)
    if roles["wife"] and roles["husband"]:
        return "couple", False, "表上有女方和男方两栏"
    household_facts = sum(
        1
        for c in concepts
        if c in lexicon.concepts and lexicon.concepts[c].of[0] == "household" and "dwelling" not in lexicon.concepts[c].of
    )
    house_facts = sum(1 for c in concepts if c in lexicon.concepts and "dwelling" in lexicon.concepts[c].of)
    if hinted == "dwelling" and house_facts >= 2 and not own_name and not figure_form and "统计" not in title:
        return "dwelling", False, "题目和栏目说的是房屋"
    if own_name and roles["head"] and household_facts >= 2 and hinted == "household":
        return "household", False, "题目说的是户，姓名是家庭成员的"
    if own_name and "家庭成员" in title and "申请" not in title:
        return "household", False, "题目说的是家庭成员"
    if roles["applicant"] >= 3 and household_facts >= 2 and roles["member"] and hinted != "person":
        return "household", False, "申请人代表家庭申请"
    if own_name and not figure_form and strong_organisation < 3:
        return "person", False, "表上直接填姓名"
    if concepts["applicant-name"] and not roles["head"] and household_facts < 3 and strong_organisation < 2 and not figure_form:
        return "person", False, "表上填申请人姓名"
    if roles["father"] and roles["mother"] and not own_name and not figure_form:
        return "couple", True, "表上有母亲、父亲而没有本人"
    if not own_name and household_facts >= 5 and (household_captions > total * 0.25 or roles["head"]) and "统计" not in title:
        return "household", False, "多数栏目是家庭的情况"
    named_place = concepts["place-name"] > 0 and not concepts["org-name"] and hinted in ("village", "township", "county", "")
    if figure_form and (named_place or hinted in ("village", "township", "county", "city")):
        return "place", False, "多数栏目是统计数字"
    if strong_organisation >= 2 or (concepts["org-name"] and hinted == "organisation") or (strong_organisation and not own_name):
        return "organisation", False, "表上填单位名称、代码或经营情况"
    if household_facts >= 4 and household_facts > figures * 0.5 and "统计" not in title:
        return "household", False, "多数栏目是家庭的情况"
    if figure_form and (hinted != "household" or "统计" in title):
        return "place", False, "多数栏目是统计数字"
    if roles["head"] or hinted == "household" or concepts["household-size"]:
        return "household", False, "表上填户主或家庭情况"
    if hinted in ("village", "township", "county", "city"):
        return "place", False, "题目说的是村（社区）或更上一级"
    if concepts["house-address"] and hinted == "dwelling":
        return "dwelling", False, "题目说的是房屋"
    if hinted in ("person", "household", "organisation", "dwelling", "couple"):
        return hinted, False, f"题目里的词说明是{hinted}"
    if figures * 2 > total:
        return "place", False, "多数栏目是统计数字"
    return ("person" if own_name or concepts["id-number"] else "place"), False, "没有更明确的依据"
