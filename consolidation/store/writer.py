"""The one thread of this process that writes short jobs: it takes what waits, gives each job a savepoint of its own, and commits
them together.

SQLite lets one writer in at a time and starves those who race for the place. PostgreSQL lets all in, but fifty threads that wait
for the server, for the disk and for each other's chain get less done than one that asks for all of them. Other processes may
write at the same time: a job that meets another transaction's lock is undone and handed back, so that nobody waits behind it.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar, cast

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from . import audit

T = TypeVar("T")
Job = Callable[[Connection], Any]
Outcome = tuple[Any, BaseException | None]
_TOGETHER = 50  # jobs committed at once at the most; PostgreSQL keeps 64 savepoints of a transaction at hand
_TRIES, _WAIT = 8, 0.02  # a transaction that another one got in the way of is tried again, each time waiting twice as long
_AT_MOST = 20  # milliseconds that a job waits for another transaction's lock while others wait for it
_PATIENCE, _MOST_PATIENCE = 100, 10_000  # milliseconds that somebody whose turn it is waits for a lock: each time twice as long
_TURN = text("SELECT pg_advisory_xact_lock(:turn), set_config('lock_timeout', :patience, true)")
_TURN_NUMBER = 0x74_75_72_6E  # "turn"
_CONFLICT = ("40001", "40P01")  # SQLSTATE: not serialisable, deadlock
_LOCKED = "55P03"  # lock_timeout


class InTheWay(Exception):
    """Another transaction holds what the job needs: nothing of it is done, it is to run in a transaction of its own."""


def again(work: Callable[[], T]) -> T:
    """Runs `work` again when the database is busy or another transaction got in its way."""
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
        return state in _CONFLICT
    return isinstance(error, OperationalError) and any(word in str(error.orig) for word in ("locked", "busy"))


def _in_the_way(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in (*_CONFLICT, _LOCKED)


def alone(engine: Engine, job: Callable[[Connection], T]) -> T:
    """Runs a job in a transaction of its own."""

    def work() -> T:
        with engine.begin() as connection, audit.noting(connection):
            return job(connection)

    return again(work)


def in_turn(engine: Engine, job: Callable[[Connection], T]) -> T:
    """Runs a job that met another transaction's lock, so that it waits for it (PostgreSQL). Those who did take turns, in all
    processes: two who need each other's rows would else meet again and again. Whoever waits for a long job lets the next one have
    his turn, and comes again."""
    patience = _PATIENCE
    while True:
        try:
            with engine.begin() as connection, audit.noting(connection):
                connection.execute(_TURN, {"turn": _TURN_NUMBER, "patience": str(patience)})
                return job(connection)
        except DBAPIError as error:
            if not _in_the_way(error):
                raise
        patience = min(2 * patience, _MOST_PATIENCE)


class Writer:
    """The writing thread and its one connection."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._jobs: queue.SimpleQueue[tuple[Job, Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def run(self, job: Callable[[Connection], T]) -> T:
        """What the job gives, or raises, when it is on disk. Raises InTheWay."""
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
            outcomes = again(lambda: self._together([job for job, _ in batch]))
        except BaseException as error:  # noqa: BLE001 - the commit itself failed: nothing of the batch is kept, and everybody is told
            for _, done in batch:
                done.set_exception(error)
            return
        for (_, done), (result, failure) in zip(batch, outcomes, strict=True):
            if failure is not None:
                done.set_exception(failure)
            else:
                done.set_result(result)

    def _together(self, jobs: list[Job]) -> list[Outcome]:
        with self.engine.begin() as connection, audit.noting(connection):
            savepoints = _Savepoints(connection)
            outcomes = [_by_itself(connection, savepoints, job) for job in jobs]
            savepoints.end()
        return outcomes


def _by_itself(connection: Connection, savepoints: _Savepoints, job: Job) -> Outcome:
    """Runs a job between savepoints: when it fails, nothing of it is left, neither of its acts."""
    before = audit.noted(connection)
    try:
        result = job(connection)
        savepoints.next()
    except BaseException as error:  # noqa: BLE001 - goes back to the caller of `run`, whole
        savepoints.back()
        audit.forget(connection, before)
        return None, InTheWay() if _in_the_way(error) else error
    return result, None


class _Savepoints:
    """One before each job, said to the driver itself: SQLAlchemy's own cost as much as a save. PostgreSQL hears two commands at
    once: each way to the server and back costs as much again."""

    def __init__(self, connection: Connection) -> None:
        driver = connection.connection.driver_connection
        if connection.dialect.name == "postgresql":
            self._say: Callable[[str], object] = partial(cast(psycopg.Connection, driver).cursor().execute, prepare=False)
            first = f"SET LOCAL lock_timeout = {_AT_MOST}; SAVEPOINT job"
            self._next: tuple[str, ...] = ("RELEASE job; SAVEPOINT job",)
            self._end = "RELEASE job; SET LOCAL lock_timeout = 0"  # for the chains all wait: in one order, and for a commit only
        else:
            self._say = cast(sqlite3.Connection, driver).execute
            first, self._next, self._end = "SAVEPOINT job", ("RELEASE job", "SAVEPOINT job"), "RELEASE job"
        self._say(first)

    def next(self) -> None:
        for words in self._next:
            self._say(words)

    def back(self) -> None:
        self._say("ROLLBACK TO job")

    def end(self) -> None:
        self._say(self._end)
