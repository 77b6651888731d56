"""What is said when a command is called wrongly, in Chinese: click itself speaks English."""

from __future__ import annotations

import click


def in_chinese(error: click.UsageError) -> str:
    """The sentence for a person who typed a wrong command, and where to look for the right one."""
    command = error.ctx.command_path if error.ctx else "yibiao"
    return f"{_what(error)}\n用法请看：{command} --help"


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
