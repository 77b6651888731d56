"""The READMEs name every command, in both languages."""

import re
from pathlib import Path

import click

from cli.__main__ import main

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\| (`yibiao [^|]+) \|", re.M)


def documented(name: str) -> set[str]:
    """The commands in the table of a README."""
    rows = ROW.findall((ROOT / name).read_text(encoding="utf-8"))
    return {command for row in rows for command in re.findall(r"yibiao (\w+)", row)}


def test_both_languages_list_the_same_commands() -> None:
    assert documented("README.md") == documented("README.zh-CN.md")


def test_no_command_is_undocumented() -> None:
    assert set(main.list_commands(click.Context(main))) <= documented("README.md")


def test_every_command_says_in_chinese_what_it_is_for() -> None:
    context = click.Context(main)
    commands = {name: main.get_command(context, name) for name in main.list_commands(context)}
    helps = {name: (command.help or "") if command else "" for name, command in commands.items()}
    assert [name for name, text in helps.items() if not re.search("[一-龥]", text)] == []
