"""50 workers saving cells at once: how long a save takes, and whether each is there exactly once.

    python -m benchmarks.desk_saves [--seconds 10] [--workers 50] [--places 50] [--long 20000]

A save is what the desk does for one cell: the figure with its history and the entry in the audit log, in one transaction, on disk
when it is acknowledged. The workers report for as many places, each its own cells, as fast as they get answers. Beside it a
baseline in the same run: the same statements with plain sqlite3 or psycopg, a connection for each worker, one transaction for
each save, SQLite's busy timeout, no writing thread. PostgreSQL is started in a temporary folder, with fsync. Then ours once more
while a long job (prefilling, an import) writes many figures at once.
The result goes to benchmarks/results/desk_saves.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import hmac
import json
import os
import platform
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from consolidation.store import Act, Entry, Key, State, Store, figures, record, verify
from consolidation.store.migrate import upgrade
from consolidation.store.schema import audit, figure, figure_history

RESULT = Path(__file__).parent / "results" / "desk_saves.md"
SECRET, CELLS, PERIOD = b"k" * 32, 30, "2026-10"
LIMITS = {"SQLite": 150, "PostgreSQL": 100}  # milliseconds, p95 (issue 3)
Save = Callable[[str, str, str], None]  # place, element, value


@dataclass
class Run:
    """What the workers saw."""

    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def at(self, share: float) -> float:
        ordered = sorted(self.took) or [0.0]
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


def drive(save_of: Callable[[int], Save], args: argparse.Namespace) -> Run:
    """All workers save, one cell after another, for some seconds."""
    run, lock, start = Run(), threading.Lock(), threading.Barrier(args.workers)

    def work(number: int) -> None:
        save, took, errors = save_of(number), [], []
        start.wait()
        end, turn = time.monotonic() + args.seconds, 0
        while time.monotonic() < end:
            begun = time.perf_counter()
            try:
                save(f"r{number % args.places}", f"w{number}c{turn % CELLS}", str(turn))
                took.append(time.perf_counter() - begun)
            except (sqlite3.Error, psycopg.Error, SQLAlchemyError) as error:
                errors.append(str(error))
            turn += 1
        with lock:
            run.took += took
            run.errors += errors

    threads = [threading.Thread(target=work, args=(number,)) for number in range(args.workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return run


# ---- ours -----------------------------------------------------------------------------------------------------------------
def ours(store: Store, number: int) -> Save:
    def save(place: str, element: str, value: str) -> None:
        def job(connection: Connection) -> None:
            at = now()
            entry = Entry(Key(element, place, PERIOD), place, value, State.DRAFT, "填报", "", f"w{number}", at)
            held = figures.save(connection, entry)
            record(connection, Act(f"w{number}", "figure.save", element, place, {"version": held.version}), at, SECRET)

        store.write(job)

    return save


@contextmanager
def long_job(store: Store, figures_written: int) -> Iterator[list[float]]:
    """Meanwhile a long job is done, a second after the start; gives how many seconds it took."""
    entries = [
        Entry(Key(f"e{number}", "long", PERIOD), "long", "1", State.PREFILLED, "共享数据", "", "prefill", now())
        for number in range(figures_written)
    ]
    took: list[float] = []

    def work() -> None:
        time.sleep(1)
        begun = time.perf_counter()
        store.write_apart(lambda connection: figures.save_many(connection, entries))
        took.append(time.perf_counter() - begun)

    thread = threading.Thread(target=work)
    thread.start()
    yield took
    thread.join()


def lost_and_doubled(store: Store, saves: int) -> tuple[int, int]:
    """Acknowledged saves that are not in the history, and those that are there too often; the log must be whole."""
    with store.read() as connection:
        count = connection.execute(select(func.count()).where(figure_history.c.entity != "long")).scalar_one()
        noted = connection.execute(select(func.count()).select_from(audit)).scalar_one()
        versions = connection.execute(select(func.sum(figure.c.version)).where(figure.c.entity != "long")).scalar_one()
        assert noted == count == versions and list(verify(connection, SECRET)) == []
    return max(saves - count, 0), max(count - saves, 0)


# ---- the baseline ---------------------------------------------------------------------------------------------------------
FIGURE = """INSERT INTO figure (element, entity, period, region, value, state, source, actor, at, version)
VALUES (?, ?, ?, ?, ?, 'draft', '填报', ?, ?, 1) ON CONFLICT (element, entity, period)
DO UPDATE SET value = excluded.value, at = excluded.at, version = figure.version + 1 RETURNING version"""
HISTORY = """INSERT INTO figure_history (element, entity, period, region, value, state, source, actor, at, version)
VALUES (?, ?, ?, ?, ?, 'draft', '填报', ?, ?, ?)"""
HEAD = """INSERT INTO audit_head (chain, seq, hash) VALUES (?, 1, '') ON CONFLICT (chain)
DO UPDATE SET seq = audit_head.seq + 1 RETURNING seq, hash"""
ENTRY = "INSERT INTO audit (chain, seq, at, actor, act, target, previous, hash) VALUES (?, ?, ?, ?, 'figure.save', ?, ?, ?)"
NEXT = "UPDATE audit_head SET hash = ? WHERE chain = ?"


def plainly(run: Callable[[str, tuple[Any, ...]], Any], number: int, place: str, element: str, value: str) -> None:
    at, actor = now(), f"w{number}"
    (version,) = run(FIGURE, (element, place, PERIOD, place, value, actor, at)).fetchone()
    run(HISTORY, (element, place, PERIOD, place, value, actor, at, version))
    seq, before = run(HEAD, (place,)).fetchone()
    digest = hmac.new(SECRET, json.dumps([place, seq, at, element, before]).encode(), hashlib.sha256).hexdigest()
    run(ENTRY, (place, seq, at, actor, element, before, digest))
    run(NEXT, (digest, place))


def plain_sqlite(path: Path, number: int) -> Save:
    held = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    held.execute("PRAGMA synchronous=FULL")

    def save(place: str, element: str, value: str) -> None:
        held.execute("BEGIN IMMEDIATE")
        try:
            plainly(held.execute, number, place, element, value)
            held.execute("COMMIT")
        except BaseException:
            held.execute("ROLLBACK")
            raise

    return save


def plain_postgresql(address: str, number: int) -> Save:
    held = psycopg.connect(address)

    def run(statement: str, values: tuple[Any, ...]) -> Any:
        return held.execute(statement.replace("?", "%s"), values)  # type: ignore[arg-type]

    def save(place: str, element: str, value: str) -> None:
        with held.transaction():
            plainly(run, number, place, element, value)

    return save


# ---- running both ---------------------------------------------------------------------------------------------------------
@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own; the address of its two databases with {name} to be put in."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)[0]
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    who: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid} if user else {}
    home = folder / "pg"
    home.mkdir()
    folder.chmod(0o755)
    if user:
        shutil.chown(home, "postgres", "postgres")

    def call(name: str, *words: str) -> None:
        subprocess.run([str(binaries / name), "-D", str(home / "data"), *words], check=True, capture_output=True, cwd="/", **who)

    call("initdb", "-U", "yibiao", "-A", "trust", "-E", "UTF8", "--no-locale")
    call("pg_ctl", "-w", "-l", str(home / "log"), "-o", f"-k {home} -c listen_addresses='' -c max_connections=120", "start")
    try:
        yield f"postgresql://yibiao@/{{name}}?host={home}"
    finally:
        call("pg_ctl", "-m", "immediate", "stop")


def line(kind: str, how: str, run: Run, seconds: float, kept: tuple[int, int] | None) -> str:
    lost, doubled = kept if kept else ("–", "–")
    numbers = f"{len(run.took) / seconds:,.0f} | {run.at(0.5):.0f} | {run.at(0.95):.0f} | {run.at(1):,.0f}"
    return f"| {kind} | {how} | {len(run.took):,} | {numbers} | {len(run.errors)} | {lost} | {doubled} |"


def compare(kind: str, url: str, other: str, plain: Callable[[int], Save], args: argparse.Namespace) -> list[str]:
    """Our lines and the baseline's; each in a database of its own. The baseline goes first and warms the machine."""
    made = Store(other)
    upgrade(made)
    made.close()
    baseline = drive(plain, args)
    store = Store(url)
    upgrade(store)
    run = drive(lambda number: ours(store, number), args)
    kept = lost_and_doubled(store, len(run.took))
    with long_job(store, args.long) as took:
        beside = drive(lambda number: ours(store, number), args)
    both = lost_and_doubled(store, len(run.took) + len(beside.took))
    store.close()
    print(f"{kind}: p95 {run.at(0.95):.0f} ms, at most {LIMITS[kind]} wanted")
    return [
        line(kind, "yibiao: figure, history, audit chain", run, args.seconds, kept),
        line(kind, f"the same, beside {args.long:,} figures in one job ({took[0]:.1f} s)", beside, args.seconds, both),
        line(kind, "plain driver, same statements", baseline, args.seconds, None),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--workers", type=int, default=50)
    parser.add_argument(
        "--places", type=int, default=50, help="communities that the workers report for; each has its audit chain"
    )
    parser.add_argument("--long", type=int, default=20_000, help="figures of the long job beside which they save")
    args = parser.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lite = folder / "plain.db"
        lines = compare(
            "SQLite", f"sqlite:///{folder / 'ours.db'}", f"sqlite:///{lite}", lambda number: plain_sqlite(lite, number), args
        )
        with server(folder) as address:
            plain = address.format(name="template1")
            lines += compare(
                "PostgreSQL", address.format(name="postgres"), plain, lambda number: plain_postgresql(plain, number), args
            )
    today = dt.datetime.now(dt.UTC).date()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    head = "| database | how | saves | a second | p50 ms | p95 ms | max ms | errors | lost | doubled |\n|" + " --- |" * 10
    body = f"""# {args.workers} workers saving cells at once

{today}, {machine}. {args.seconds:.0f} s each, {args.places} places, no pause between saves; a save is on disk when acknowledged.
Load of the machine before: {before:.1f} for {os.cpu_count()} cores; own priority: nice {os.nice(0)}.
`python -m benchmarks.desk_saves` repeats it.
At most wanted: p95 150 ms on SQLite, 100 ms on PostgreSQL. The long job begins after a second, in a transaction of its own:
beside it people save on PostgreSQL; on SQLite, which has one writer, they wait until it is done (the longest save).

{head}
{chr(10).join(lines)}
"""
    print(body)
    RESULT.write_text(body, encoding="utf-8")


if __name__ == "__main__":
    main()
