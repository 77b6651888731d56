"""`python -m cli`, which `./yibiao` runs: one command per module of cli/commands, loaded when it is asked for."""

import errno
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import click

from cli import commands
from cli.console import NOT_DONE, say, show_problems
from cli.usage import Commands, in_chinese, stopped_by
from forms.problems import CannotDo

ROOT = Path(__file__).resolve().parents[1]


def version() -> str:
    """The version in pyproject.toml, its one place."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


class Modules(Commands):
    """A group whose commands are the modules of cli/commands; each defines `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name for module in iter_modules(commands.__path__) if not module.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        found = import_module(f"cli.commands.{cmd_name}").command
        return found if isinstance(found, click.Command) else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            ctx.fail(f"没有“{args[0]}”这个命令；可用的命令：{'、'.join(self.list_commands(ctx))}。")
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """As click does it, but whatever stops the program is said in Chinese, with status 2 and without a traceback."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # a console in GBK has no emoji, but file names do
        try:
            status = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.UsageError as error:
            say(in_chinese(error))
            sys.exit(NOT_DONE)
        except (click.Abort, KeyboardInterrupt):
            say("已中断。")
            sys.exit(NOT_DONE)
        except (CannotDo, OSError) as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise
            show_problems([stopped_by(error)])
            sys.exit(NOT_DONE)
        sys.exit(status if isinstance(status, int) else 0)


@click.command(cls=Modules, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), prog_name="yibiao", message="一表 %(prog)s %(version)s", help="显示版本。")
def main() -> None:
    """一表：把各部门的报表读懂、合成一张表、填好，再按原样还回去。

    准备环境：./yibiao setup [--rasa]；运行测试：./yibiao test [--all]。
    """


if __name__ == "__main__":
    main(prog_name="yibiao")
