"""Short jobs are committed together, each by itself done or not done; who takes long, or meets a lock, holds up nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from consolidation.store import Act, Entry, Key, State, Store, figures, record, verify
from consolidation.store.schema import audit, figure, figure_history

SECRET = b"k" * 32
PLACE = "990101001001"
SOON = 20  # seconds: for what must not wait at all, on a machine that is busy
ROW = {"element": "e", "entity": PLACE, "period": "2026-10", "region": PLACE, "value": "1", "state": "draft"}
on_postgresql = pytest.mark.parametrize("empty", ["postgresql"], indirect=True)


def save(connection: Connection, element: str, value: str = "1", place: str = PLACE) -> int:
    """A figure and its audit entry; gives the figure's version."""
    entry = Entry(Key(element, place, "2026-10"), place, value, State.DRAFT, "填报", actor="wang", at="t")
    version = figures.save(connection, entry).version
    record(connection, Act("wang", "save", element, place, {"version": version}), "t", SECRET)
    return version


def saving(element: str, place: str = PLACE) -> Callable[[Connection], int]:
    return lambda connection: save(connection, element, place=place)


def demand_whole(store: Store, saves: int) -> None:
    """So many saves are there, each once, with its history and its audit entry; the chains are whole."""
    with store.read() as c:
        counts = [c.execute(select(func.count()).select_from(table)).scalar_one() for table in (figure_history, audit)]
        versions = c.execute(select(func.sum(figure.c.version))).scalar_one()
        assert [*counts, versions] == [saves] * 3
        assert list(verify(c, SECRET)) == []


@contextmanager
def commits() -> Iterator[list[object]]:
    """The commits that are made meanwhile."""
    seen: list[object] = []

    def note(connection: Connection) -> None:
        seen.append(connection)

    event.listen(Engine, "commit", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "commit", note)


class Held:
    """A job that goes on until it is told to end."""

    def __init__(self, start: Callable[[Callable[[Connection], object]], object], job: Callable[[Connection], object]) -> None:
        self._begun, self._end = threading.Event(), threading.Event()

        def held(connection: Connection) -> object:
            result = job(connection)
            self._begun.set()
            assert self._end.wait(60)
            return result

        self._pool = ThreadPoolExecutor(1)
        self._done: Future[object] = self._pool.submit(start, held)

    def __enter__(self) -> Held:
        assert self._begun.wait(SOON)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> object:
        self._end.set()
        self._pool.shutdown()
        return self._done.result()


def waiting(store: Store, pool: ThreadPoolExecutor, jobs: list[Callable[[Connection], int]]) -> list[Future[int]]:
    """All jobs, waiting behind the one that is held now."""
    arrived = threading.Barrier(len(jobs) + 1)

    def write(job: Callable[[Connection], int]) -> int:
        arrived.wait()
        return store.write(job)

    futures = [pool.submit(write, job) for job in jobs]
    arrived.wait()
    time.sleep(0.1)  # from here to the queue nobody has far to go
    return futures


def test_what_waits_is_committed_together(store: Store) -> None:
    with ThreadPoolExecutor(30) as pool, commits() as seen:
        with Held(store.write, saving("first")):
            futures = waiting(store, pool, [saving(f"e{n}") for n in range(20)])
        assert [future.result(SOON) for future in futures] == [1] * 20
    assert len(seen) < 10, "not one for each"
    demand_whole(store, 21)


def test_a_job_that_fails_among_others_leaves_neither_figure_nor_act(store: Store) -> None:
    def bad(connection: Connection) -> int:
        save(connection, "bad")
        raise RuntimeError("stop")

    with ThreadPoolExecutor(30) as pool:
        with Held(store.write, saving("first")):
            futures = waiting(store, pool, [saving("a"), bad, saving("b"), bad, saving("c")])
        said = [future.exception(SOON) for future in futures]
    assert [type(one) for one in said] == [type(None), RuntimeError, type(None), RuntimeError, type(None)]
    demand_whole(store, 4)


def test_a_job_that_the_database_refuses_is_refused_alone(store: Store) -> None:
    def twice(connection: Connection) -> int:
        return connection.execute(figure_history.insert(), [{**ROW, "version": 7}] * 2).rowcount

    with ThreadPoolExecutor(30) as pool:
        with Held(store.write, saving("first")):
            futures = waiting(store, pool, [saving("a"), twice, saving("b")])
        said = [future.exception(SOON) for future in futures]
    assert [type(one) for one in said] == [type(None), IntegrityError, type(None)]
    demand_whole(store, 3)


@on_postgresql
def test_a_job_that_overlooks_the_databases_refusal_is_told_that_it_is_undone(store: Store) -> None:
    def careless(connection: Connection) -> int:
        save(connection, "lost")
        with suppress(DBAPIError):
            connection.execute(text("SELECT nothing"))
        return 1

    with pytest.raises(Exception, match="aborted"):
        store.write(careless)
    store.write(saving("kept"))
    demand_whole(store, 1)


def test_an_act_that_no_database_keeps_is_refused_at_once_and_alone(store: Store) -> None:
    with ThreadPoolExecutor(30) as pool:
        with Held(store.write, saving("first")):
            futures = waiting(store, pool, [saving("a"), saving("nul\0", place=""), saving("half\ud800"), saving("b")])
        said = [future.exception(SOON) is None for future in futures]
    assert said == [True, False, False, True]
    demand_whole(store, 3)


def test_many_acts_of_one_transaction_stand_in_their_chains_in_order(store: Store) -> None:
    def act(connection: Connection) -> None:
        for number in range(6):
            record(connection, Act("wang", f"act{number}", chain=f"r{number % 2}"), "t", SECRET)

    store.write(act)
    store.write_apart(act)
    with store.read() as c:
        rows = c.execute(select(audit.c.act).where(audit.c.chain == "r1").order_by(audit.c.seq)).scalars().all()
        assert rows == ["act1", "act3", "act5"] * 2
        assert list(verify(c, SECRET)) == []


def test_a_long_job_is_whole_or_not_at_all(store: Store) -> None:
    assert store.write_apart(lambda c: [save(c, f"e{n}") for n in range(3)]) == [1, 1, 1]

    def bad(connection: Connection) -> None:
        save(connection, "bad")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        store.write_apart(bad)
    demand_whole(store, 3)


@on_postgresql
def test_nobody_waits_for_a_long_job(store: Store) -> None:
    with Held(store.write_apart, saving("month")) as long, ThreadPoolExecutor(30) as pool:
        futures = [pool.submit(store.write, saving(f"e{n}")) for n in range(20)]
        assert [future.result(SOON) for future in futures] == [1] * 20, "also in the same place: its chain is free until the end"
        long.end()
    demand_whole(store, 21)


@on_postgresql
def test_who_meets_a_lock_waits_alone(store: Store) -> None:
    with Held(store.write_apart, saving("taken")) as long, ThreadPoolExecutor(30) as pool:
        meets = [pool.submit(store.write, saving("taken")) for _ in range(3)]
        others = [pool.submit(store.write, saving(f"e{n}")) for n in range(20)]
        assert [future.result(SOON) for future in others] == [1] * 20
        assert not any(future.done() for future in meets)
        long.end()
        assert sorted(future.result(SOON) for future in meets) == [2, 3, 4]
    demand_whole(store, 24)


def test_several_servers_on_one_database_lose_nothing_and_wait_for_no_deadlock(store: Store) -> None:
    """Two processes' stores; jobs that write two figures of two places in either order: each would wait for the other."""
    other = Store(store.url)

    def both(first: str, second: str) -> Callable[[Connection], int]:
        def job(connection: Connection) -> int:
            return save(connection, "e", place=first) + save(connection, "e", place=second)

        return job

    def work(number: int) -> None:
        places = ("r1", "r2") if number % 2 else ("r2", "r1")
        for _ in range(15):
            (store if number % 4 < 2 else other).write(both(*places))

    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
    finally:
        other.close()
    demand_whole(store, 8 * 15 * 2)


@on_postgresql
def test_after_a_lost_connection_the_next_save_goes_through(store: Store) -> None:
    def lose(connection: Connection) -> int:
        save(connection, "lost")
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return 1

    with ThreadPoolExecutor(30) as pool:
        with Held(store.write, saving("first")):
            futures = waiting(store, pool, [saving("a"), lose, saving("b")])
        kept = sum(future.exception(SOON) is None for future in futures)
    assert store.write(saving("after")) == 1
    demand_whole(store, kept + 2)
