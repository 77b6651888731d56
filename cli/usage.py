"""What a command says of itself (--help), and when it is called wrongly, in Chinese: click itself speaks English."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from cli.console import print_json
from forms.model import Problem
from forms.problems import CannotDo, problem, reason

_KINDS = {"DIRECTORY": "文件夹", "FILE": "文件", "PATH": "路径", "INTEGER": "整数", "INTEGER RANGE": "整数", "TEXT": "文字"}
_EXTRAS = re.compile(r"\s*\[([^\[\]]*)\]$")  # what click adds behind an option's help: [default: 8000; required]


class Command(click.Command):
    """A command whose --help is Chinese."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        usage = " ".join(self.collect_usage_pieces(ctx)).replace("[OPTIONS]", "[选项]").replace("COMMAND [ARGS]...", "命令 ……")
        formatter.write_usage(ctx.command_path, usage, prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        found = (param.get_help_record(ctx) for param in self.get_params(ctx) if isinstance(param, click.Option))
        _section(formatter, "选项", [(_names(names), _told(told)) for names, told in filter(None, found)])

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示这份说明。"
        return option


class JsonCommand(Command):
    """A command with --json. `nothing` is its promised document for a run that stops before it has found anything: it is
    printed with the problem that stopped the run, so that a program always reads one document."""

    def __init__(self, *args: Any, nothing: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.nothing = nothing

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> click.Context:
        asked = "--json" in args  # click takes the words off the list as it reads them
        with self._told(asked):
            return super().make_context(info_name, args, *rest, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with self._told(bool(ctx.params.get("as_json"))):
            return super().invoke(ctx)

    @contextmanager
    def _told(self, asked: bool) -> Iterator[None]:
        try:
            yield
        except (click.UsageError, CannotDo, OSError) as error:
            if asked and getattr(error, "errno", None) != errno.EPIPE:
                from consolidation import service  # takes a second, which --help need not

                print_json({**self.nothing, "problems": [service.problem_json(stopped_by(error))]})
            raise


def stopped_by(error: click.UsageError | CannotDo | OSError) -> Problem:
    """What stopped a run, as a Problem."""
    if isinstance(error, CannotDo):
        return error.problem
    if isinstance(error, OSError):
        return problem("file.not-possible", str(error.filename or ""), reason=reason(error))
    return problem("command.usage", "", what=_what(error), command=_path(error))


class Commands(Command, click.Group):
    """A group of commands whose --help is Chinese."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        found = [(name, command) for name in self.list_commands(ctx) if (command := self.get_command(ctx, name))]
        _section(formatter, "命令", [(name, command.get_short_help_str(60)) for name, command in found])


def _section(formatter: click.HelpFormatter, heading: str, lines: Iterable[tuple[str, str]]) -> None:
    formatter.write_paragraph()
    formatter.write_text(f"{heading}：")
    with formatter.indentation():
        formatter.write_dl(list(lines))


def _names(names: str) -> str:
    """--out DIRECTORY, as a person reads it."""
    _, _, kind = names.rpartition(" --")[2].partition(" ")
    return names.removesuffix(kind) + _KINDS.get(kind, kind) if kind else names


def _told(told: str) -> str:
    extras = _EXTRAS.search(told)
    if extras is None:
        return told
    parts = [part.replace("default: ", "默认：").replace("required", "必填") for part in extras[1].split("; ")]
    return f"{told[: extras.start()]}［{'；'.join(parts)}］"


def in_chinese(error: click.UsageError) -> str:
    """The sentence for a person who typed a wrong command, and where to look for the right one."""
    return f"{_what(error)}\n用法请看：{_path(error)} --help"


def _path(error: click.UsageError) -> str:
    return error.ctx.command_path if error.ctx else "yibiao"


def _what(error: click.UsageError) -> str:
    if not error.message.isascii() and not isinstance(error, click.BadParameter):
        return error.message  # our own words
    if isinstance(error, click.MissingParameter):
        return f"缺少{_name(error.param)}。"
    if isinstance(error, click.NoSuchOption):
        return f"没有 {error.option_name} 这个选项。"
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} 后面要写上内容（只有开关选项不用写）。"
    if isinstance(error, click.BadParameter):
        return f"{_name(error.param)}不对：{_wanted(error.param)}"
    return "命令写得不对。"


def _name(param: click.Parameter | None) -> str:
    if isinstance(param, click.Option):
        return f"选项 {param.opts[-1]}"
    return "要处理的文件或文件夹" if param is None or isinstance(param.type, click.Path) else f"参数 {param.name}"


def _wanted(param: click.Parameter | None) -> str:
    kind = param.type if param is not None else None
    if not isinstance(kind, click.Path):
        return "这里要写一个整数。" if isinstance(kind, click.types.IntParamType) else "请核对写法。"
    if not kind.file_okay:
        return "这里要写文件夹，您写的是一个文件，或者路径里有不能用的字符。"
    return "没有这个文件，或者您写的是文件夹。" if not kind.dir_okay else "没有这个文件或文件夹。"
