"""The notation of the specs: ``年收入（元） @HH.income ~元 =n [是,否] {edu} /meta w12 x2 1+3 c07 !box``.

What stands before the first attribute is printed as it is (``⏎`` is a line break). Attributes:
``@`` concept key or ``@+`` qualifiers, ``~`` unit, ``=`` type (n t c d), ``[]`` options, ``{}`` a list from lists.yml,
``/`` purpose, ``w`` column width, ``x`` columns spanned, ``1+3`` columns of label + value in a card, ``c`` printed code,
``!`` flags. Leading ``^`` give the depth of a row in a statistic. `` | `` stands between
items of one line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_ATTRIBUTE = re.compile(
    r"^(?:@(?P<key>\S+)|~(?P<unit>\S+)|=(?P<type>[ntcd])|\[(?P<options>\S+)\]|\{(?P<list>\w+)\}|/(?P<purpose>\w+)"
    r"|w(?P<width>[\d.]+)|x(?P<span>\d+)|(?P<pair>\d+\+\d+)|c(?P<code>\d\S*)|!(?P<flag>\w+))$"
)
_TYPES = {"n": "number", "t": "text", "c": "choice", "d": "date"}
_UNITS = "人|户|元|万元|亩|公顷|平方米|公里|千米|岁|个|件|次|人次|头|只|羽|吨|公斤|处|栋|套|间|%|月|元/月|元/年|名|组|所|层|块"
_UNIT_IN_LABEL = re.compile(f"[（(](?:单位：)?({_UNITS})[）)]")
_DATE_LABEL = re.compile("(日期|时间|出生年月|年月日?|出生日)$")
_CODE = re.compile("^[A-Z]\\d{1,2}(?= )")  # “A7 家庭人口”: the code is printed before the label
_HAN = "\u2e80-\u9fff\uff00-\uffef\u3000-\u303f"
_PADDING = re.compile(f"(?<=[{_HAN}])[ \u3000]+(?=[{_HAN}])")


@dataclass(frozen=True)
class Item:
    """One printed label with what its blank asks for. `pair` = columns of label and value in a card, 0 = default."""

    printed: str
    key: str = ""
    unit: str = ""
    type: str = "text"
    options: tuple[str, ...] = ()
    purpose: str = "data"
    width: float = 0
    span: int = 1
    pair: tuple[int, int] = (1, 0)
    code: str = ""
    depth: int = 0
    flags: frozenset[str] = frozenset()
    children: tuple[Item, ...] = field(default=())

    @property
    def label(self) -> str:
        """The label as a reader gives it back: no line breaks, no padding, no closing colon."""
        return clean(self.printed)


def clean(printed: str) -> str:
    """A printed label without line breaks, padding between characters, required-mark and closing colon."""
    text = _PADDING.sub("", printed.replace("\n", "")).strip(" \u3000").lstrip("*")
    return text.rstrip("：:").strip(" \u3000")


class Notation:
    """Reads items; knows the named option lists.

    Raises ValueError for an unknown list or a word that looks like an attribute and is none.
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self.lists = lists

    def item(self, text: str) -> Item:
        """One item from its compact text."""
        depth = len(text) - len(text.lstrip("^"))
        words = text.lstrip("^").strip(" ").split(" ")
        found: list[re.Match[str]] = []
        while len(words) > 1 and (match := _ATTRIBUTE.match(words[-1])):
            found.append(match)
            words.pop()
        printed = " ".join(words).rstrip(" ").replace("⏎", "\n")
        values = {name: value for match in found for name, value in match.groupdict().items() if value is not None}
        options = self._options(values)
        unit = values.get("unit", "") or self._unit(printed)
        label, value = (int(n) for n in values.get("pair", "1+0").split("+"))
        return Item(
            printed=printed,
            key=values.get("key", ""),
            unit="" if unit == "-" else unit,
            type=_TYPES[values["type"]] if "type" in values else _type(printed, unit, options),
            options=options,
            purpose=values.get("purpose", "data"),
            width=float(values.get("width", 0)),
            span=int(values.get("span", 1)),
            pair=(label, value),
            code=values.get("code", "") or (match[0] if (match := _CODE.match(printed)) else ""),
            depth=depth,
            flags=frozenset(match["flag"] for match in found if match["flag"]),
        )

    def items(self, line: str) -> list[Item]:
        """The items of a line, which ` | ` separates."""
        return [self.item(text) for text in line.split(" | ")]

    def tree(self, nodes: str | Sequence[object]) -> tuple[Item, ...]:
        """Header items; a mapping {caption: [children]} is a caption over its children."""
        items: list[Item] = []
        for node in [nodes] if isinstance(nodes, str) else nodes:
            if isinstance(node, str):
                items += self.items(node)
            elif isinstance(node, Mapping):
                for caption, children in node.items():
                    head = self.item(str(caption))
                    items.append(Item(head.printed, key=head.key, unit=head.unit, children=self.tree(children)))
            else:
                raise ValueError(f"neither a label nor a caption with children: {node!r}")
        return tuple(items)

    def _options(self, values: Mapping[str, str]) -> tuple[str, ...]:
        if "list" in values:
            if values["list"] not in self.lists:
                raise ValueError(f"no option list named {values['list']!r}")
            return tuple(self.lists[values["list"]])
        return tuple(values["options"].split(",")) if "options" in values else ()

    @staticmethod
    def _unit(printed: str) -> str:
        match = _UNIT_IN_LABEL.search(printed.replace("\n", ""))
        return match[1] if match else ""


def _type(printed: str, unit: str, options: tuple[str, ...]) -> str:
    if options:
        return "choice"
    if unit and unit != "-":
        return "number"
    return "date" if _DATE_LABEL.search(clean(re.sub("[（(].*?[）)]$", "", printed))) else "text"


def join_keys(*keys: str) -> str:
    """The concept key of a cell of a cross table: one base, all qualifiers, sorted ("pop+m", "+age60" -> "pop+age60+m")."""
    base = ""
    qualifiers: set[str] = set()
    for key in keys:
        head, *rest = key.split("+")
        base = head or base
        qualifiers.update(filter(None, rest))
    return "+".join([base, *sorted(qualifiers)]) if base or qualifiers else ""
