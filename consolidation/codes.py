"""National code lists and the short lists that offices print, with the mappings between them.

A list is two files in `data/codes`: `<id>.csv` (code, name, aliases split by |, note) and `<id>.yml` (which standard, edition,
purpose, source, whether it is complete). A mapping is `mappings/<id>.yml`: which codes of a national list each code of a short
list stands for, and named groups (初中及以下) of codes. Codes are text: "01" is not 1.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

HEADER = ("code", "name", "aliases", "note")
HEAD_KEYS = ("standard", "title", "edition", "purpose", "source", "complete")
FOLDER = Path(__file__).parent.parent / "data" / "codes"


def normal(text: str) -> str:
    """Text as lists are compared: full-width letters and brackets made half-width, spaces dropped, letters in one case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


@dataclass(frozen=True, slots=True)
class Code:
    """One line of a code list."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    note: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The name and every other way it is written."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class CodeList:
    """A code list with its source. `complete_prefix`: how many leading characters of a code are completely listed although
    the list as a whole is not (GB/T 2260: the two digits of the province); `names_repeat`: one name may stand for many codes."""

    id: str
    standard: str
    title: str
    edition: str
    purpose: str
    source: str
    complete: bool
    codes: tuple[Code, ...]
    complete_prefix: int = 0
    names_repeat: bool = False
    by_code: Mapping[str, Code] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {code.code: code for code in self.codes})

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def __len__(self) -> int:
        return len(self.codes)

    def name(self, code: str) -> str:
        """The name of a code, "" when the list has no such code."""
        found = self.by_code.get(code)
        return found.name if found is not None else ""

    @cached_property
    def _codes_of_word(self) -> Mapping[str, frozenset[str]]:
        words: dict[str, set[str]] = {}
        for code in self.codes:
            for word in code.words:
                words.setdefault(normal(word), set()).add(code.code)
        return {word: frozenset(codes) for word, codes in words.items()}

    @cached_property
    def _code_of_text(self) -> Mapping[str, str]:
        return {normal(code.code): code.code for code in self.codes}

    @cached_property
    def _width(self) -> int:
        """The one length that all codes share, 0 when they differ."""
        widths = {len(code.code) for code in self.codes}
        return widths.pop() if len(widths) == 1 else 0

    def find(self, text: str) -> str | None:
        """The code that a cell's text stands for: a code, a name, an alias, or "code name" as drop-downs print it
        ("01 汉族", "1-男"). None when unknown, or when the name stands for several codes."""
        wanted = normal(text)
        if not wanted:
            return None
        if wanted in self._code_of_text:
            return self._code_of_text[wanted]
        named = self._codes_of_word.get(wanted)
        if named is not None:
            return next(iter(named)) if len(named) == 1 else None
        if wanted.isdigit() and len(wanted) < self._width:  # Excel dropped the leading zero
            return self._code_of_text.get(wanted.zfill(self._width))
        return self._find_code_and_name(wanted)

    def _find_code_and_name(self, wanted: str) -> str | None:
        digits = len(wanted) - len(wanted.lstrip("0123456789"))
        rest = wanted[digits:].lstrip("-—.、:_")
        if not digits or not rest:
            return None
        code = self._code_of_text.get(wanted[:digits]) or self._code_of_text.get(wanted[:digits].zfill(self._width))
        return code if code is not None and code in self._codes_of_word.get(rest, ()) else None

    def assigned(self, code: str) -> bool:
        """Whether the list gives the code out, as far as the list can tell: to the last character where it is complete, else for
        its completely listed leading characters. A code that only an incomplete part could deny counts as assigned."""
        if code in self.by_code:
            return True
        if self.complete:
            return False
        if not self.complete_prefix:
            return True
        return code[: self.complete_prefix] in self._prefixes

    @cached_property
    def _prefixes(self) -> frozenset[str]:
        return frozenset(code.code[: self.complete_prefix] for code in self.codes)


@dataclass(frozen=True)
class CodeMapping:
    """How one list's codes and named groups stand for codes of another. `pairs`: source code -> target codes;
    `groups`: name -> target codes."""

    id: str
    source: str
    target: str
    pairs: Mapping[str, frozenset[str]]
    groups: Mapping[str, frozenset[str]]
    note: str = ""

    def group(self, text: str) -> frozenset[str] | None:
        """Target codes of a printed group name (初中及以下), None when it is not one of this mapping's groups."""
        wanted = normal(text)
        return next((codes for name, codes in self.groups.items() if normal(name) == wanted), None)

    def back(self, code: str) -> str | None:
        """The one source code that a target code stands for; None when there is none or more than one."""
        sources = [source for source, targets in self.pairs.items() if code in targets]
        return sources[0] if len(sources) == 1 else None


def load_codes(folder: Path = FOLDER) -> Mapping[str, CodeList]:
    """Every code list of a folder by its id. Raises ValueError with all that is wrong when a file cannot be read as a list."""
    faults: list[str] = []
    lists = _read_lists(folder, faults)
    if faults:
        raise ValueError("；".join(faults))
    return lists


def load_mappings(folder: Path = FOLDER) -> Mapping[str, CodeMapping]:
    """Every mapping of a folder by its id. Raises ValueError when a list or a mapping cannot be read."""
    lists = load_codes(folder)
    faults: list[str] = []
    mappings = _read_mappings(folder, lists, faults)
    if faults:
        raise ValueError("；".join(faults))
    return mappings


def short_list_of(options: Iterable[str], standard: str) -> CodeMapping | None:
    """The mapping through which printed options are translated into a national list, given by its id or its standard; None
    when the list has them as they are, or no mapping knows all that the list does not."""
    lists, mappings = codes_and_mappings()
    national = next((known for known in lists.values() if standard and standard in (known.id, known.standard)), None)
    foreign = [option for option in options if national is not None and national.find(option) is None]
    if national is None or not foreign:
        return None
    for mapping in mappings.values():
        codes = lists[mapping.source]
        if mapping.target == national.id and all(
            mapping.group(option) or mapping.pairs.get(codes.find(option) or "") for option in foreign
        ):
            return mapping
    return None


@lru_cache(maxsize=1)
def codes_and_mappings() -> tuple[Mapping[str, CodeList], Mapping[str, CodeMapping]]:
    """The shipped lists and mappings, read once."""
    return load_codes(), load_mappings()


def check_codes(folder: Path = FOLDER) -> list[str]:
    """Everything wrong with the code lists and mappings of a folder, in words for the person who edited them; [] = all well."""
    faults: list[str] = []
    lists = _read_lists(folder, faults)
    for code_list in lists.values():
        faults.extend(_list_faults(code_list))
    _read_mappings(folder, lists, faults)
    return faults


def _read_lists(folder: Path, faults: list[str]) -> dict[str, CodeList]:
    lists: dict[str, CodeList] = {}
    heads = {path.stem: path for path in folder.glob("*.yml")}
    tables = {path.stem: path for path in folder.glob("*.csv")}
    for name in sorted(heads.keys() - tables.keys()):
        faults.append(f"{name}.yml 没有对应的 {name}.csv：请补上代码表，或删去说明文件")
    for name in sorted(tables.keys() - heads.keys()):
        faults.append(f"{name}.csv 没有对应的 {name}.yml：请补上标准号、名称、来源")
    for name in sorted(heads.keys() & tables.keys()):
        found = _read_list(name, heads[name], tables[name], faults)
        if found is not None:
            lists[name] = found
    return lists


def _yaml(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # both are safe; the one in C is ten times faster
    return yaml.load(path.read_text(encoding="utf-8"), loader)  # noqa: S506


def _read_list(name: str, head_path: Path, table_path: Path, faults: list[str]) -> CodeList | None:
    try:
        head = _yaml(head_path)
        with table_path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except (yaml.YAMLError, UnicodeDecodeError, csv.Error) as error:
        faults.append(f"{name}：文件读不出（{error}），请用 UTF-8 保存")
        return None
    missing = [key for key in HEAD_KEYS if not isinstance(head, dict) or key not in head]
    if missing:
        faults.append(f"{name}.yml 缺少 {'、'.join(missing)}")
        return None
    if not rows or tuple(rows[0]) != HEADER:
        faults.append(f"{name}.csv 第一行应是 {','.join(HEADER)}")
        return None
    uneven = [number for number, row in enumerate(rows, 1) if len(row) != len(HEADER)]
    if uneven:
        faults.append(f"{name}.csv 第 {'、'.join(map(str, uneven))} 行不是 {len(HEADER)} 列：名称里若有逗号请加引号")
        return None
    return CodeList(
        id=name,
        codes=tuple(_code(row) for row in rows[1:]),
        complete=head["complete"] is True,
        complete_prefix=int(head.get("complete_prefix", 0)),
        names_repeat=head.get("names_repeat", False) is True,
        **{key: str(head[key] or "") for key in HEAD_KEYS if key != "complete"},
    )


def _code(row: list[str]) -> Code:
    code, name, aliases, note = row
    return Code(code, name, tuple(alias for alias in aliases.split("|") if alias), note)


def _list_faults(code_list: CodeList) -> list[str]:
    faults: list[str] = []
    where = f"{code_list.id}.csv"
    seen: set[str] = set()
    owner: dict[str, str] = {}
    if not code_list.title or not code_list.source:
        faults.append(f"{code_list.id}.yml 的 title 和 source 不能空：每张表都要说明来自哪里")
    for code in code_list.codes:
        if not code.code or not code.name.strip():
            faults.append(f"{where} 有代码或名称为空的行（代码 {code.code or '空'}，名称 {code.name or '空'}）")
        if code.code in seen:
            faults.append(f"{where} 代码 {code.code} 出现两次")
        seen.add(code.code)
        for word in code.words:
            holder = owner.setdefault(normal(word), code.code)
            if holder != code.code and not code_list.names_repeat:
                faults.append(f"{where} “{word}”既指 {holder} 又指 {code.code}：请只留一处")
    return faults


def _read_mappings(folder: Path, lists: Mapping[str, CodeList], faults: list[str]) -> dict[str, CodeMapping]:
    mappings: dict[str, CodeMapping] = {}
    for path in sorted((folder / "mappings").glob("*.yml")):
        where = f"mappings/{path.name}"
        try:
            raw = _yaml(path)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            faults.append(f"{where}：文件读不出（{error}）")
            continue
        if not isinstance(raw, dict) or not {"from", "to", "map", "groups"} <= raw.keys():
            faults.append(f"{where} 要有 from、to、map、groups 四项")
            continue
        unknown = [name for name in (raw["from"], raw["to"]) if name not in lists]
        if unknown:
            faults.append(f"{where} 用到没有的代码表 {'、'.join(map(str, unknown))}")
            continue
        source, target = lists[raw["from"]], lists[raw["to"]]
        for code in raw["map"]:
            if code not in source:
                faults.append(f"{where} 的 map 用到 {source.id} 里没有的代码 {code}")
        pairs = {code: _expand(names, target, f"{where} 的 {code}", faults) for code, names in raw["map"].items()}
        groups = {name: _expand(names, target, f"{where} 的 {name}", faults) for name, names in raw["groups"].items()}
        mappings[path.stem] = CodeMapping(path.stem, source.id, target.id, pairs, groups, str(raw.get("note", "")))
    return mappings


def _expand(names: Iterable[object], target: CodeList, where: str, faults: list[str]) -> frozenset[str]:
    """Codes named one by one ("61"), by their beginning ("6*"), less those after a minus ("-01")."""
    wanted: set[str] = set()
    dropped: set[str] = set()
    for raw in names:
        name = str(raw)
        pattern = name.removeprefix("-")
        found = {code for code in target.by_code if code == pattern or (pattern.endswith("*") and code.startswith(pattern[:-1]))}
        if not found:
            faults.append(f"{where} 指向 {target.id} 里没有的代码 {pattern}")
        (dropped if name.startswith("-") else wanted).update(found)
    return frozenset(wanted - dropped)
