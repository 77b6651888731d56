"""Opening the database, reading it, and writing to it in short transactions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.base import OptionEngine
from sqlalchemy.pool import StaticPool

from .writer import InTheWay, Writer, alone, in_turn

T = TypeVar("T")


class Store:
    """One database of the desk. `read()` gives a connection, `write(job)` runs `job(connection)` in a transaction: when it
    returns, the work is on disk. A job that raises leaves nothing behind, and its exception comes back here."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self.url = url
        self.is_sqlite = address.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if address.database and address.database != ":memory:":
                _for_the_owner(Path(address.database))
            self.engine: Engine = _sqlite(url, "DEFERRED")
            in_memory = not address.database or address.database == ":memory:"
            self._writer = Writer(self.engine if in_memory else _sqlite(url, "IMMEDIATE"))
        else:
            self.engine = _postgresql(address, pool_size=50, max_overflow=10)
            self._writer = Writer(_postgresql(address, pool_size=1, max_overflow=0))
        self._reading: Engine | OptionEngine = self.engine
        if not self.is_sqlite:
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database throughout."""
        with self._reading.connect() as connection:
            yield connection

    def write(self, job: Callable[[Connection], T]) -> T:
        """Runs a short job (a save) in one transaction with others that wait at this moment: each is done or not done by itself,
        and all are put on disk at once. The job may run again when the database asks for it: it must not act elsewhere."""
        try:
            return self._writer.run(job)
        except InTheWay:
            return in_turn(self.engine, job)

    def write_apart(self, job: Callable[[Connection], T]) -> T:
        """The same for a job that writes thousands of rows, or reckons for long: a transaction of its own, beside which others
        save. In SQLite there is no beside: they wait until it is done."""
        return self._writer.run(job) if self.is_sqlite else alone(self.engine, job)

    def close(self) -> None:
        """Ends the writing thread and closes all connections; what was acknowledged is kept."""
        self._writer.close()
        self.engine.dispose()


def _postgresql(address: URL, pool_size: int, max_overflow: int) -> Engine:
    return create_engine(
        address.set(drivername="postgresql+psycopg"), pool_size=pool_size, max_overflow=max_overflow, pool_pre_ping=True,
        pool_use_lifo=True, hide_parameters=True,
    )  # fmt: skip


def _for_the_owner(path: Path) -> None:
    """A database file that only its owner may read, in a folder of the same kind when there was none; SQLite makes the files
    beside it (-wal, -shm) like the file itself."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(OSError):  # it is there already, or cannot be: SQLite tells the rest
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if path.is_file() and path.stat().st_mode & 0o077:
        with suppress(PermissionError):  # another owner's: who may use it is his affair
            path.chmod(0o600)


def _sqlite(url: str, begin: str) -> Engine:
    in_memory = make_url(url).database in (None, "", ":memory:")
    pool: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"pool_size": 20, "max_overflow": 40}
    # Errors and logs tell statements, never the values in them: those are people's data.
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30}, hide_parameters=True, **pool)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver would begin late, and lock when it is too late
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine
