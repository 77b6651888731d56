"""Printed checks: 平衡关系：06、07、08≤04，10=11+12 … and 已投入帮扶资金 = 到户资金 + 到村资金.

`statements` reads them from the text of a note; `bind` turns them into Rules over the fields of a form.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forms.model import Address, Field, Rule
from forms.recognise.labels import clean, mark_of, squeeze, without_unit
from forms.recognise.words import words

_SIGNS = dict(
    zip("≥≧≤≦＞﹥＜﹤＝＋﹢－—﹣", (">=", ">=", "<=", "<=", ">", ">", "<", "<", "=", "+", "+", "-", "-", "-"), strict=True)
)
_OPS = re.compile(r"(>=|<=|=|>|<)")
_CODE = r"[A-Za-z]?\d{1,3}[a-z]?"
_TERM = re.compile(rf"^({_CODE})(?:[（(]([^（）()]+)[)）])?$")
_SIDE = re.compile(rf"{_CODE}(?:[（(][^（）()]*[)）])?(?:[+\-、]{_CODE}(?:[（(][^（）()]*[)）])?)*")
_STATEMENT = re.compile(rf"({_SIDE.pattern})((?:>=|<=|=|>|<){_SIDE.pattern})+(?![\d.%％万元人])")
_BETWEEN = re.compile(r"(?<=[\da-z)）])[\s\u3000]+(?=[A-Za-z]?\d)")
_PADDED, _SINGLE = re.compile(r"(?<!\d)0\d"), re.compile(r"(?<![\dA-Za-z])[1-9](?![\da-z])")
_LIST_NUMBER = re.compile(r"^\s*(?:\d{1,2}[.．、]|[（(]\d{1,2}[)）])\s*(?=\D)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One comparison of a note: terms are (sign, code or caption). `columns` names the columns it speaks of."""

    text: str
    left: tuple[tuple[int, str], ...]
    op: str
    right: tuple[tuple[int, str], ...]
    columns: tuple[str, ...] = ()


def plain_code(code: str) -> str:
    """A code as comparisons use it: 06 and 6 are one."""
    return code.strip().lstrip("0") or ("0" if code.strip() else "")


def statements(text: str) -> tuple[Statement, ...]:
    """The comparisons over codes that a note prints; empty for a note that is none. Sources: the reporting rules'
    平衡关系 / 审核关系 / 指标关系 lines."""
    body = squeeze(_BETWEEN.sub("；", text))
    for sign, plain in _SIGNS.items():
        body = body.replace(sign, plain)
    body = body.replace("=>", ">=").replace("=<", "<=")
    found: list[Statement] = []
    for match in _STATEMENT.finditer(body):
        if _glued(body, match):
            continue
        found += _split(match[0])
    return tuple(found)


def about_rows(found: Iterable[Statement]) -> tuple[Statement, ...]:
    """Without the comparisons over the numbers of columns: where a form writes its rows' codes 01, 02 …, a comparison that
    writes 1=2+3 beside 02=03+04 speaks of columns, and the figures of row 1 need not be the sum of rows 2 and 3."""
    said = tuple(found)
    if not any(_PADDED.search(s.text) for s in said):
        return said
    return tuple(s for s in said if _PADDED.search(s.text) or not _SINGLE.search(s.text))


def _glued(body: str, match: re.Match[str]) -> bool:
    """Part of a longer word or figure (2011年=…, 01=上年年末数) is no comparison over codes."""
    before, after = body[: match.start()][-1:], body[match.end() :][:1]
    return bool(re.match(r"[A-Za-z0-9.]", before)) or after in ("年", "月", ".") or bool(re.match(r"[×xX*/÷]", after))


def _split(text: str) -> list[Statement]:
    parts = _OPS.split(text)
    found: list[Statement] = []
    for at in range(1, len(parts) - 1, 2):
        rights, columns_right = _terms(parts[at + 1])
        for left in _alternatives(parts[at - 1]):
            lefts, columns = _terms(left)
            found.append(Statement(f"{left}{parts[at]}{parts[at + 1]}", lefts, parts[at], rights, columns or columns_right))
    return found


def _alternatives(side: str) -> list[str]:
    """06、07、08 are three left sides; the 、 inside a parenthesis is not."""
    return [part for part in re.split(r"、(?![^（(]*[)）])", side) if part]


def _terms(side: str) -> tuple[tuple[tuple[int, str], ...], tuple[str, ...]]:
    terms: list[tuple[int, str]] = []
    columns: tuple[str, ...] = ()
    for sign, body in re.findall(r"([+\-]?)((?:[^+\-（(]|[（(][^）)]*[)）])+)", side):
        match = _TERM.match(body)
        if match is None:
            continue
        terms.append((-1 if sign == "-" else 1, plain_code(match[1])))
        columns = tuple(re.split(r"[、,，]", match[2])) if match[2] else columns
    return tuple(terms), columns


def caption_statements(text: str, captions: Mapping[str, str]) -> tuple[Statement, ...]:
    """A comparison written in captions (甲 = 乙 + 丙) when every term is a known caption; `captions` maps a plain caption to
    the caption as the form's fields carry it."""
    body = squeeze(_LIST_NUMBER.sub("", _without_head(text)))
    for sign, plain in _SIGNS.items():
        body = body.replace(sign, plain)
    found: list[Statement] = []
    for clause in re.split(r"[;；。]", body):
        parts = _OPS.split(clause)
        if len(parts) != 3:
            continue
        left, right = (_caption_terms(side, captions) for side in (parts[0], parts[2]))
        if left and right:
            found.append(Statement(clause, left, parts[1], right))
    return tuple(found)


def _caption_terms(side: str, captions: Mapping[str, str]) -> tuple[tuple[int, str], ...]:
    """(sign, caption) of each term; empty when one of them is no known caption."""
    terms = [(sign, _LIST_NUMBER.sub("", term)) for sign, term in re.findall(r"([+\-]?)([^+\-]+)", side)]
    if any(term not in captions for _, term in terms):
        return ()
    return tuple((-1 if sign == "-" else 1, captions[term]) for sign, term in terms)


def _without_head(text: str) -> str:
    bare = clean(text)
    for head in (*words().rule_heads, *words().note_heads):
        if bare.startswith(head):
            return bare[len(head) :].lstrip("：: ")
    return bare


def parts_by_code(found: Iterable[Statement]) -> dict[str, frozenset[str]]:
    """Which codes each code is printed to be a part of: x≤p, p≥x, p≥x+y, p=x+y."""
    parts: dict[str, set[str]] = defaultdict(set)
    for s in found:
        whole, rest = (s.left, s.right) if s.op in (">=", ">", "=") else (s.right, s.left)
        if len(whole) == 1 and all(sign == 1 for sign, _ in rest) and (s.op != "=" or len(rest) > 1):
            for _, code in rest:
                parts[code].add(whole[0][1])
    return {code: frozenset(wholes) for code, wholes in parts.items()}


def bind(notes: Sequence[tuple[str, Address]], fields: Sequence[Field], column_of: Mapping[str, str]) -> tuple[Rule, ...]:
    """Rules over field ids from the notes of a form. `column_of`: field id -> caption of its value column."""
    by_code: dict[str, list[Field]] = defaultdict(list)
    for f in fields:
        if f.code:
            by_code[plain_code(f.code)].append(f)
    captions = _captions(fields)
    rules: list[Rule] = []
    rows = set(about_rows(s for text, _ in notes for s in statements(text)))
    for text, cell in notes:
        coded = [rule for s in statements(text) if s in rows for rule in _over_codes(s, cell, by_code, column_of)]
        rules += coded or [rule for s in caption_statements(text, captions) for rule in _over_captions(s, cell, fields)]
    return tuple(rules)


def _captions(fields: Sequence[Field]) -> dict[str, str]:
    captions: dict[str, str] = {}
    for f in fields:
        bare = mark_of(without_unit(f.label)).rest.replace(" ", "")
        captions.setdefault(bare, f.label)
    return captions


def _over_captions(s: Statement, cell: Address, fields: Sequence[Field]) -> list[Rule]:
    first: dict[str, str] = {}
    for f in fields:
        first.setdefault(f.label, f.id)
    left = tuple((sign, first[label]) for sign, label in s.left)
    right = tuple((sign, first[label]) for sign, label in s.right)
    return [Rule(s.text, cell, left, s.op, right)]


def _over_codes(s: Statement, cell: Address, by_code: Mapping[str, list[Field]], column_of: Mapping[str, str]) -> list[Rule]:
    codes = [code for _, code in (*s.left, *s.right)]
    if not codes or any(code not in by_code for code in codes):
        return []
    columns = sorted({column_of.get(f.id, "") for f in by_code[codes[0]]})
    wanted = [c for c in columns if not s.columns or any(name in c for name in s.columns)] or columns
    rules: list[Rule] = []
    for column in wanted:
        chosen = {code: _in_column(by_code[code], column, column_of) for code in codes}
        if any(f is None or f.blocked for f in chosen.values()):
            continue
        ids = {code: f.id for code, f in chosen.items() if f is not None}
        left = tuple((sign, ids[code]) for sign, code in s.left)
        right = tuple((sign, ids[code]) for sign, code in s.right)
        rules.append(Rule(s.text, cell, left, s.op, right, column if len(columns) > 1 else ""))
    return rules


def _in_column(fields: Sequence[Field], column: str, column_of: Mapping[str, str]) -> Field | None:
    if len(fields) == 1 and not column_of.get(fields[0].id, ""):
        return fields[0]
    return next((f for f in fields if column_of.get(f.id, "") == column), None)
