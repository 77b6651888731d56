"""Which database a command works on, with which keys, and who works on it: --database, --keys, the environment, or the ones
beside the program."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from consolidation.desk.context import Desk
from consolidation.store import Store, load_secrets
from consolidation.store.migrate import revision, upgrade
from consolidation.store.secrets import secrets_known
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
    """The desk of a database that is there already, with its tables brought up to this program's. Raises CannotDo when it is none
    of ours, is newer, cannot be reached, or its keys are not here."""
    address = _address(database)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        raise CannotDo(problem("store.no-database", ""))
    store = open_store(database)
    if not revision(store):
        store.close()
        raise CannotDo(problem("store.no-database", ""))
    upgrade(store)
    return _with_keys(store, database)


def open_empty(database: str) -> Desk:
    """The desk of a database that is to be filled from a backup; a SQLite file is made. Raises CannotDo like `open_desk`."""
    return _with_keys(open_store(database), database)


def _with_keys(store: Store, database: str) -> Desk:
    keys = key_file(database)
    if not secrets_known(keys):
        store.close()
        raise CannotDo(problem("store.no-keys", keys.name))
    try:
        return Desk(store, load_secrets(keys))
    except (ValueError, KeyError) as error:
        store.close()
        raise CannotDo(problem("store.bad-keys", keys.name)) from error


def open_store(database: str) -> Store:
    """The database at an address. Raises CannotDo when it is none or does not answer."""
    _address(database)
    store = Store(database)
    try:
        with store.read():
            return store
    except OperationalError as error:
        store.close()
        raise CannotDo(problem("store.no-answer", "")) from error


def _address(database: str) -> Any:
    try:
        address = make_url(database)
        if address.get_backend_name() not in ("sqlite", "postgresql"):
            raise CannotDo(problem("store.bad-address", ""))
        return address
    except (ArgumentError, SQLAlchemyError) as error:
        raise CannotDo(problem("store.bad-address", "")) from error


def key_file(database: str) -> Path:
    """Where the keys lie: beside a SQLite file, else in the program's folder."""
    address = make_url(database)
    folder = Path(address.database).parent if address.get_backend_name() == "sqlite" and address.database else HOME
    return folder / "keys.json"


def operator() -> str:
    """Who runs a command, for the audit log: the name that the system knows."""
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):
        return "operator"
