"""The language part: one spaCy pipeline, built from data/lexicon, that cuts a label into what it is made of.

Chinese characters are the tokens (no segmenter decides where a word ends: 60岁以上 / 65岁以上 must never be blurred); the
lexicon's phrases are matched over them, longest first. What no phrase covers stays as open text and must be equal too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import spacy
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from consolidation.lexicon import Lexicon, Unit, clean_label, normalise

Qualifiers = tuple[tuple[str, str], ...]

_AGE_UNIT = r"(?:周岁|岁)"
_AGE_BETWEEN = re.compile(
    rf"\(?(?:满)?(\d{{1,3}}){_AGE_UNIT}?(?:-|至|到)(?:未满|不满)?(\d{{1,3}}){_AGE_UNIT}(?:及以下|以下|之间)?\)?"
)
_AGE_ABOVE = re.compile(rf"\(?(?:年满|满)?(\d{{1,3}}){_AGE_UNIT}(?:\(含\)|含)?(?:及其?)?(?:以上|起)\)?")
_AGE_OVER = re.compile(rf"\(?(?:年满|满)(\d{{1,3}}){_AGE_UNIT}\)?")
_AGE_UNDER = re.compile(rf"\(?(\d{{1,3}}){_AGE_UNIT}(?:\(含\)|含)?(?:及其?)?以下\)?")
_AGE_BELOW = re.compile(rf"\(?(?:未满|不满)(\d{{1,3}}){_AGE_UNIT}\)?")
_AGE_EXCEPT = re.compile(rf"(?<=-)(\d{{1,3}}){_AGE_UNIT}\(不含\)")  # 16岁(含)-30岁(不含)
_SINCE = re.compile(r"(\d{4})年(?:(\d{1,2})月份?)?(?:以来|以后|起)")
_YEAR = re.compile(r"(\d{4})年(?:度)?(?:末|底)?")
_BRACKET = re.compile(r"\(([^()]*)\)")
_JOINTS = re.compile(r"[的之及和与、,，/\-()。;；:：.]+")
_NOISE = frozenset(
    (
        *("数", "总", "共", "有", "个", "情况", "本", "该", "各", "其", "按", "分", "计", "末", "中", "合计", "总计", "小计"),
        *("共计", "总数", "数值", "数量", "本期", "期", "总计中", "其中", "人", "户", "为", "是", "等"),
    )
)


_GROUP_ENDINGS = {"persons": ("人口", "人员", "人", "对象"), "households": ("户", "家庭")}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a label is made of. `core`: groups ("@low-income"), terms and open words, order does not count."""

    text: str
    core: frozenset[str]
    qualifiers: Qualifiers
    measure: str  # id of the measure its ending names, "" = none
    dimension: str  # from the unit in brackets or the measure
    unit: Unit | None
    group_word: str = ""

    def value(self, kind: str) -> str:
        return dict(self.qualifiers).get(kind, "")


def _ages(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without its age bands, and the bands as "lo-hi" (open ends empty). 以上 and 以下 include the number
    (民法典 第一千二百五十九条); 未满 and 不满 do not."""
    found: list[tuple[str, str]] = []
    text = _AGE_EXCEPT.sub(lambda m: f"{int(m[1]) - 1}岁", text).replace("岁(含)-", "岁-")
    bands: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
        (_AGE_BETWEEN, lambda m: f"{int(m[1])}-{int(m[2])}"),
        (_AGE_ABOVE, lambda m: f"{int(m[1])}-"),
        (_AGE_UNDER, lambda m: f"-{int(m[1])}"),
        (_AGE_BELOW, lambda m: f"-{int(m[1]) - 1}"),
        (_AGE_OVER, lambda m: f"{int(m[1])}-"),
    )
    for pattern, band in bands:
        match = pattern.search(text)
        while match:
            found.append(("age", band(match)))
            text = text[: match.start()] + text[match.end() :]
            match = pattern.search(text)
    return text, found


def _dates(text: str) -> tuple[str, list[tuple[str, str]]]:
    found: list[tuple[str, str]] = []
    match = _SINCE.search(text)
    if match:
        found.append(("since", f"{match[1]}-{int(match[2]):02d}" if match[2] else match[1]))
        text = text[: match.start()] + text[match.end() :]
    match = _YEAR.search(text)
    if match:
        found.append(("year", match[1]))
        text = text[: match.start()] + text[match.end() :]
    return text, found


class LabelLanguage:
    """The pipeline. Calls are cached: forms repeat each other's labels."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.nlp = spacy.blank("zh")
        self.matcher = PhraseMatcher(self.nlp.vocab, attr="ORTH")
        self.kinds: dict[str, tuple[str, str]] = {}
        self._add("group", ((word, group.id) for group in lexicon.groups.values() for word in group.words))
        self._add("qualifier", ((word, f"{q.kind}|{q.value}") for q in lexicon.qualifiers for word in q.words))
        self._add("term", lexicon.terms.items())
        self.endings = sorted(
            ((normalise(ending), measure) for measure in lexicon.measures for ending in measure.endings),
            key=lambda pair: -len(pair[0]),
        )
        self.parts = lru_cache(maxsize=200_000)(self._parts)

    def _add(self, kind: str, words: Iterable[tuple[str, str]]) -> None:
        for printed, target in words:
            word = normalise(printed)
            if word and word not in self.kinds:
                self.kinds[word] = (kind, target)
                self.matcher.add(word, [self.nlp.make_doc(word)])

    def spans(self, text: str) -> list[Span]:
        """The lexicon's phrases in `text`, longest first, none overlapping, left to right."""
        doc: Doc = self.nlp.make_doc(text)
        return filter_spans([Span(doc, start, end, label=label) for label, start, end in self.matcher(doc)])

    def strip_unit(self, text: str) -> tuple[str, Unit | None]:
        """A label without the unit in its brackets, and that unit."""
        for match in reversed(list(_BRACKET.finditer(text))):
            inside = re.sub("^(?:单位[:：]?|计量单位[:：]?)", "", match[1])
            unit = self.lexicon.unit(inside)
            if unit is not None:
                return text[: match.start()] + text[match.end() :], unit
        return text, None

    def _bracket_first(self, text: str) -> str:
        """总户数(户籍) is 户籍总户数: a qualifier in brackets behind the words is one before them."""
        match = _BRACKET.search(text)
        if match is None or self.kinds.get(match[1], ("", ""))[0] != "qualifier":
            return text
        return match[1] + text[: match.start()] + text[match.end() :]

    def _ending(self, text: str) -> tuple[str, str, str]:
        """(text without its measure ending, measure id, dimension). An ending never cuts into a group's name
        (贫困人口数 is 贫困人口 and 数, not 贫困 and 人口数)."""
        groups = [span for span in self.spans(text) if self.kinds[span.text][0] == "group"]
        for ending, measure in self.endings:
            start = len(text) - len(ending)
            if text.endswith(ending) and not any(
                span.start_char < start < span.end_char or start <= span.start_char for span in groups
            ):
                return text[:start], measure.id, measure.dimension
        return text, "", ""

    def _fill_core(self, text: str) -> tuple[frozenset[str], list[tuple[str, str]], str]:
        core: set[str] = set()
        qualifiers: list[tuple[str, str]] = []
        group_word, at = "", 0
        pieces: list[str] = []
        spans = self.spans(text)
        for span in spans:
            pieces.append(text[at : span.start_char])
            at = span.end_char
            kind, target = self.kinds[span.text]
            if kind == "group":
                group = self.lexicon.groups[target]
                core.add("@" + (group.same_as or group.id))
                qualifiers.extend(group.qualifiers)
                group_word = span.text
            elif kind == "qualifier":
                name, _, value = target.partition("|")
                qualifiers.append((name, value))
            else:
                core.add(target)
        pieces.append(text[at:])
        for piece in pieces:
            core.update("~" + word for word in _JOINTS.split(piece) if word and word not in _NOISE)
        if sum(part.startswith("@") for part in core) > 1:
            core.discard("@population")  # 贫困户总人数 counts the poor: 总人数 adds nothing
        return frozenset(core), qualifiers, group_word

    def _parts(self, label: str) -> Parts:
        text, unit = self.strip_unit(clean_label(label))
        text = self._bracket_first(text)
        text, ages = _ages(text)
        text, dates = _dates(text)
        stem, measure, dimension = self._ending(text)
        for filler in self.lexicon.fillers:
            stem = stem.removesuffix(filler).removeprefix(filler)
        whole = self.kinds.get(text)
        if whole is not None and whole[0] != "qualifier":
            stem = text
        core, found, group_word = self._fill_core(stem)
        if len(core) == 1 and not group_word:
            core, group_word = self._group_of_stem(core, measure)
        if unit is not None and unit.dimension != "code":
            dimension = unit.dimension
        if group_word and (not dimension or (measure == "count" and unit is None)):
            dimension = self._group_dimension(group_word, core)
        kept: dict[str, str] = {}
        for kind, value in (*found, *ages, *dates):
            kept[kind] = f"{kept[kind]}+{value}" if kind in kept and kept[kind] != value else value
        return Parts(text, core, tuple(sorted(kept.items())), measure, dimension, unit, group_word)

    def _group_of_stem(self, core: frozenset[str], measure: str) -> tuple[frozenset[str], str]:
        """The group whose name lost its end to the measure: 贫困 of 贫困人数 is 贫困人口, of 贫困户数 贫困户."""
        (word,) = core
        for ending in _GROUP_ENDINGS.get(measure, ()):
            kind, target = self.kinds.get(word[1:] + ending, ("", "")) if word.startswith("~") else ("", "")
            if kind == "group" and not self.lexicon.groups[target].qualifiers:
                group = self.lexicon.groups[target]
                return frozenset({"@" + (group.same_as or group.id)}), word[1:] + ending
        return core, ""

    def _group_dimension(self, word: str, core: frozenset[str]) -> str:
        """低保户, 总户数 count households, 低保人员, 总人数 persons, whatever the group's default."""
        word = word.removesuffix("总数").removesuffix("数")
        if word.endswith(("户", "家庭")):
            return "household"
        if word.endswith(("人", "人员", "人口", "者", "员", "老人", "儿童", "妇女", "对象")):
            return "person"
        for part in core:
            group = self.lexicon.groups.get(part.removeprefix("@"))
            if group is not None:
                return group.default
        return ""


class _Holder:
    """Lexicon holds dicts and cannot be hashed: pipelines are kept by identity."""

    def __init__(self) -> None:
        self._by_id: dict[int, tuple[Lexicon, LabelLanguage]] = {}

    def get(self, lexicon: Lexicon) -> LabelLanguage:
        found = self._by_id.get(id(lexicon))
        if found is None or found[0] is not lexicon:
            found = (lexicon, LabelLanguage(lexicon))
            self._by_id = {id(lexicon): found}
        return found[1]


_holder = _Holder()


def language(lexicon: Lexicon) -> LabelLanguage:
    """The pipeline for a lexicon, built once."""
    return _holder.get(lexicon)
