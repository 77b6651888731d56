"""Brackets behind a label: some only help to fill in (必填), some name whose fact it is (享受人), all others change the fact:
户籍地址（省） is not 户籍地址, 联系电话（手机） is not any 联系电话."""

from __future__ import annotations

import re
from dataclasses import dataclass

from consolidation.lexicon import Lexicon

_BRACKET = re.compile(r"\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Bracketed:
    """A label without its brackets, the role they name, and what they say besides."""

    text: str
    role: str = ""
    note: str = ""


def is_remark(inside: str, lexicon: Lexicon) -> bool:
    """Whether a bracket's words leave the fact as it is."""
    return (
        not inside
        or inside in lexicon.remarks
        or inside.isdigit()
        or inside.count("、") >= 2  # 现住址（小区、楼栋、单元、室）: how to write it
        or any(part in inside for part in lexicon.remark_parts)
        or lexicon.unit(inside) is not None
    )


def open_brackets(label: str, lexicon: Lexicon) -> Bracketed:
    """The label's parts; `label` is clean (see `clean_label`) and has lost its unit."""
    role, notes = "", []
    for match in _BRACKET.finditer(label):
        inside = match[1].strip(":：、,")
        if inside in lexicon.role_words:
            role = lexicon.role_words[inside]
        elif not is_remark(inside, lexicon):
            notes.append(inside)
    return Bracketed(_BRACKET.sub("", label), role, "+".join(notes))
