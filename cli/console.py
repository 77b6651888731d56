"""What every command shares: JSON on standard output alone, everything for people on standard error, exit statuses."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from forms.model import Problem
from forms.problems import masked

DONE, DONE_WITH_PROBLEMS, NOT_DONE = 0, 1, 2  # design, section 6


def say(message: str) -> None:
    """A line for the person, on standard error, without anybody's ID or telephone number."""
    click.echo(masked(message), err=True)


def show(text: str = "") -> None:
    """A line of the result for people, on standard output, without anybody's ID or telephone number."""
    click.echo(masked(text))


def progress(message: str) -> None:
    """A line that the next one replaces, where standard error is a terminal."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[2K{masked(message)[:110]}", nl=False, err=True)


def end_progress() -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[2K", nl=False, err=True)


def print_json(data: dict[str, Any]) -> None:
    """The promised JSON, alone on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1))
    sys.stdout.write("\n")


def show_problems(problems: Sequence[Problem], most: int = 30) -> None:
    """Problems for people: where, what, what to do."""
    for problem in problems[:most]:
        where = " ".join(part for part in (problem.file, problem.sheet, problem.cell) if part)
        say(f"［{where}］{problem.message} {problem.hint}")
    if len(problems) > most:
        say(f"……还有 {len(problems) - most} 个问题，见报告。")


def serious(problems: Sequence[Problem]) -> list[Problem]:
    """Problems that a person has to look at: notes of what was merely noticed do not change the exit status."""
    return [problem for problem in problems if problem.severity in ("error", "warning")]


def finish(problems: Sequence[Problem], useful: bool) -> NoReturn:
    """Ends the command with the promised status: 0 done, 1 done with problems, 2 could not be done."""
    sys.exit(NOT_DONE if not useful else DONE_WITH_PROBLEMS if serious(problems) else DONE)
