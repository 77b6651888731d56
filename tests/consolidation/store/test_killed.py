"""Killed at any moment under load (SIGKILL): what was acknowledged is there, and nothing is half done."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import select

from consolidation.store import Store, verify
from consolidation.store.schema import audit, figure, figure_history

from .writer import SECRET, work

Told = dict[tuple[str, str, int], str]
"""(element, place, version) -> the value whose save was acknowledged."""


def killed_at_random(url: str, seed: int) -> Told:
    """Lets a writer work for a moment, kills it, and gives what it was told."""
    context = multiprocessing.get_context("forkserver")  # a child in milliseconds: everything is imported already
    context.set_forkserver_preload(["tests.consolidation.store.writer"])
    ours, its = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(url, its, seed))
    process.start()
    its.close()
    told: Told = {}
    until = None
    try:
        while until is None or time.monotonic() < until:
            if ours.poll(0.01):
                element, place, value, version = ours.recv()
                told[element, place, version] = value
                until = until or time.monotonic() + random.Random(seed).uniform(0, 0.25)
        process.kill()
        while True:  # what it was told before it died is still in the pipe
            element, place, value, version = ours.recv()
            told[element, place, version] = value
    except (EOFError, OSError):
        return told
    finally:
        process.kill()
        process.join()
        ours.close()


def check(url: str, told: Told) -> int:
    """Every acknowledged save is in the history, the history has no gap and ends with the current value, every save has its audit
    entry and the chains are whole. Gives the number of saves."""
    store = Store(url)
    with store.read() as c:
        history = {(h.element, h.entity, h.version): h.value for h in c.execute(select(figure_history))}
        current = {(f.element, f.entity): (f.version, f.value) for f in c.execute(select(figure))}
        noted = c.execute(select(audit.c.target, audit.c.chain)).all()
        broken = list(verify(c, SECRET))
    store.close()
    lost = {key: value for key, value in told.items() if history.get(key) != value}
    assert lost == {} and broken == []
    versions = defaultdict(list)
    for element, place, version in history:
        versions[element, place].append(version)
    for key, found in versions.items():
        assert sorted(found) == list(range(1, len(found) + 1)), "a gap in the history"
        assert current[key] == (len(found), history[*key, len(found)])
    assert sorted(tuple(row) for row in noted) == sorted((element, place) for element, place, _ in history)
    return len(history)


def kill_often(url: str, times: int) -> None:
    told: Told = {}
    for turn in range(times):
        fresh = killed_at_random(url, turn)
        assert fresh, "it saved something before it was killed"
        assert not fresh.keys() & told.keys(), "acknowledged twice"
        told |= fresh
        if turn % 20 == 0 or times < 20:
            check(url, told)
    assert check(url, told) >= len(told)


def test_a_writer_killed_under_load_loses_nothing(store: Store) -> None:
    store.close()
    kill_often(store.url, 5)


@pytest.mark.slow
def test_a_writer_killed_two_hundred_times_loses_nothing(store: Store, tmp_path: Path) -> None:
    store.close()
    kill_often(store.url, 200)
