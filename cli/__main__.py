"""`python -m cli`, which `./yibiao` runs: one command per module of cli/commands, loaded when it is asked for."""

import tomllib
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import click

from cli import commands

ROOT = Path(__file__).resolve().parents[1]


def version() -> str:
    """The version in pyproject.toml, its one place."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


class Commands(click.Group):
    """A group whose commands are the modules of cli/commands; each defines `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name for module in iter_modules(commands.__path__) if not module.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        found = import_module(f"cli.commands.{cmd_name}").command
        return found if isinstance(found, click.Command) else None


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), prog_name="yibiao", message="一表 %(prog)s %(version)s", help="显示版本。")
def main() -> None:
    """一表：把各部门的报表读懂、合成一张表、填好，再按原样还回去。

    准备环境：./yibiao setup [--rasa]；运行测试：./yibiao test [--all]。
    """


if __name__ == "__main__":
    main(prog_name="yibiao")
