"""The catalogue: every problem has its wording, and every wording its problem."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from forms.problems import SEVERITIES, catalogue, problem

ROOT = Path(__file__).parents[2]
PACKAGES = ("forms", "consolidation", "cli", "web", "actions", "bot")
CODE = re.compile(r"[a-z][a-z-]*\.[a-z][a-z-]*")
TELLERS = ("problem", "add", "note", "Failure", "Refused")


@cache
def nodes() -> tuple[tuple[str, ast.AST], ...]:
    """Every syntax node of our source, with its place."""
    return tuple(_nodes())


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", node


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """(place, code, call) for each call in our source that tells a problem with a code written out."""
    for place, node in nodes():
        if not isinstance(node, ast.Call) or not node.args or called(node) not in TELLERS:
            continue
        first = node.args[0]
        for choice in [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]:
            if isinstance(choice, ast.Constant) and isinstance(choice.value, str) and CODE.fullmatch(choice.value):
                yield place, choice.value, node


def called(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def literals() -> set[str]:
    return {node.value for _, node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_code_that_the_source_tells_is_in_the_catalogue() -> None:
    unknown = [f"{place}: {code}" for place, code, _ in calls() if code not in catalogue()]
    assert unknown == []


def test_every_call_gives_the_values_that_its_wording_asks_for() -> None:
    lacking = []
    for place, code, call in calls():
        given = {keyword.arg for keyword in call.keywords}
        if called(call) == "Failure" or None in given or code not in catalogue():  # Failure carries `shown`; ** cannot be seen
            continue
        missing = catalogue()[code].names - given
        if missing:
            lacking.append(f"{place}: {code} lacks {sorted(missing)}")
    assert lacking == []


def test_every_wording_is_used_somewhere() -> None:
    assert set(catalogue()) - literals() == set()


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_each_wording_formats_and_is_chinese_with_a_remedy(code: str) -> None:
    wording = catalogue()[code]
    told = problem(code, "人口.xlsx", "表一", "B3", **dict.fromkeys(wording.names, "〇"))
    assert wording.severity in SEVERITIES
    assert told.file == "人口.xlsx" and told.sheet == "表一" and told.cell == "B3"
    for text in (told.message, told.hint):
        assert re.search("[一-鿿]{2}", text)
        assert "{" not in text


def test_an_unknown_code_or_a_missing_value_is_the_programmers_mistake() -> None:
    with pytest.raises(KeyError):
        problem("file.no-such-code", "a.xlsx")
    with pytest.raises(KeyError, match="reason"):
        problem("file.unreadable", "a.xlsx")
