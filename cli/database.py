"""Which database a command works on: --database, the environment, or the one beside the program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from consolidation.desk.context import Desk
from consolidation.store import Store, load_secrets
from forms.problems import CannotDo, problem

HOME = Path(__file__).resolve().parents[1] / ".yibiao"

Command = Callable[..., Any]


def database_option(command: Command) -> Command:
    """The --database option, the same for every command."""
    return click.option(
        "--database",
        envvar="YIBIAO_DATABASE",
        default=f"sqlite:///{HOME / 'desk.db'}",
        show_default="程序文件夹里的 .yibiao/desk.db",
        help="数据库的网址，例如 sqlite:///desk.db 或 postgresql://…；也可用环境变量 YIBIAO_DATABASE。",
    )(command)


def open_desk(database: str) -> Desk:
    """The desk of a database that is there already. Raises CannotDo when it is none of ours."""
    try:
        address = make_url(database)
    except ArgumentError as error:
        raise CannotDo(problem("database.none", "")) from error
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        raise CannotDo(problem("database.none", ""))
    store = Store(database)
    if not inspect(store.engine).has_table("account"):
        store.close()
        raise CannotDo(problem("database.none", ""))
    return Desk(store, load_secrets(key_file(database)))


def key_file(database: str) -> Path:
    """Where the keys lie: beside a SQLite file, else in the program's folder."""
    address = make_url(database)
    folder = Path(address.database).parent if address.get_backend_name() == "sqlite" and address.database else HOME
    return folder / "keys.json"
