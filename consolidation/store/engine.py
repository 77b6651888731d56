"""Opening the database, reading it, and writing to it in short transactions.

SQLite lets one writer in at a time and starves those who race for the place, so one thread of ours writes: it takes what waits,
gives each job a savepoint of its own, and commits them together (one fsync for many saves). PostgreSQL needs none of that.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.base import OptionEngine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import StaticPool

T = TypeVar("T")
Job = Callable[[Connection], Any]
_TOGETHER = 100  # saves committed at once at the most
_TRIES, _WAIT = 8, 0.02  # a transaction that another one got in the way of is tried again, each time waiting twice as long


class Store:
    """One database of the desk. `read()` gives a connection, `write(job)` runs `job(connection)` in a transaction of its own:
    when it returns, the work is on disk. A job that raises leaves nothing behind, and its exception comes back here."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self.url = url
        self.is_sqlite = address.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if address.database and address.database != ":memory:":
                _for_the_owner(Path(address.database))
            self.engine: Engine = _sqlite(url, "DEFERRED")
            in_memory = not address.database or address.database == ":memory:"
            self._writer: _Writer | None = _Writer(self.engine if in_memory else _sqlite(url, "IMMEDIATE"))
        else:
            self.engine = create_engine(
                address.set(drivername="postgresql+psycopg"),
                pool_size=50,
                max_overflow=10,
                pool_pre_ping=True,
                pool_use_lifo=True,
                hide_parameters=True,
            )
            self._writer = None
        self._reading: Engine | OptionEngine = self.engine
        if not self.is_sqlite:
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database throughout."""
        with self._reading.connect() as connection:
            yield connection

    def write(self, job: Callable[[Connection], T]) -> T:
        """Runs a job in a transaction. The job may run again when the database asks for it: it must not act elsewhere."""
        if self._writer is not None:
            return self._writer.run(job)
        return _again(lambda: self._in_transaction(job))

    def _in_transaction(self, job: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            return job(connection)

    def close(self) -> None:
        """Ends the writing thread and closes all connections; what was acknowledged is kept."""
        if self._writer is not None:
            self._writer.close()
        self.engine.dispose()


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


def _again(work: Callable[[], T]) -> T:
    """Runs `work` again when the database is busy or another transaction got in its way (SQLSTATE 40001, 40P01)."""
    for attempt in range(_TRIES):
        try:
            return work()
        except DBAPIError as error:
            if attempt + 1 == _TRIES or not _passing(error):
                raise
            time.sleep(_WAIT * 2**attempt)
    raise AssertionError("unreachable")


def _passing(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in ("40001", "40P01")
    return isinstance(error, OperationalError) and any(word in str(error.orig) for word in ("locked", "busy"))


class _Writer:
    """The one thread that writes to a SQLite file."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._jobs: queue.SimpleQueue[tuple[Job, Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def run(self, job: Callable[[Connection], T]) -> T:
        done: Future[T] = Future()
        self._jobs.put((job, done))
        return done.result()

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join(timeout=30)
        self.engine.dispose()

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            batch = [first]
            ended = False
            while len(batch) < _TOGETHER and not self._jobs.empty():
                item = self._jobs.get()
                if item is None:
                    ended = True
                    break
                batch.append(item)
            self._commit(batch)
            if ended:
                return

    def _commit(self, batch: list[tuple[Job, Future[Any]]]) -> None:
        try:
            outcomes = _again(lambda: self._together([job for job, _ in batch]))
        except BaseException as error:  # noqa: BLE001 - the commit itself failed: nothing of the batch is kept, and everybody is told
            for _, done in batch:
                done.set_exception(error)
            return
        for (_, done), (result, failure) in zip(batch, outcomes, strict=True):
            if failure is not None:
                done.set_exception(failure)
            else:
                done.set_result(result)

    def _together(self, jobs: list[Job]) -> list[tuple[Any, BaseException | None]]:
        outcomes: list[tuple[Any, BaseException | None]] = []
        with self.engine.begin() as connection:
            # Savepoints said to the driver itself: SQLAlchemy's own cost as much as a save.
            say = cast(sqlite3.Connection, connection.connection.driver_connection).execute
            for job in jobs:
                say("SAVEPOINT job")
                try:
                    outcomes.append((job(connection), None))
                except BaseException as error:  # noqa: BLE001 - goes back to the caller of `run`, whole
                    say("ROLLBACK TO job")
                    outcomes.append((None, error))
                say("RELEASE job")
        return outcomes
