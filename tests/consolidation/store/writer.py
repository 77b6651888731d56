"""A process that saves figures as fast as it can until somebody kills it: test_killed's victim."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe

from sqlalchemy import Connection

from consolidation.store import Act, Entry, Key, State, Store, figures, record

SECRET = b"k" * 32
WORKERS, PLACES, ELEMENTS = 6, 3, 10


def work(url: str, told: Pipe, seed: int) -> None:
    """Saves with several threads; each save is told only when it is acknowledged: (element, place, value, version)."""
    store, lock = Store(url), threading.Lock()

    def worker(number: int) -> None:
        luck = random.Random(f"{seed} {number}")
        while True:
            place, element = f"r{luck.randrange(PLACES)}", f"e{luck.randrange(ELEMENTS)}"
            value = str(luck.getrandbits(60))
            version = store.write(lambda c: _save(c, place, element, value))  # noqa: B023 - runs before the next turn
            with lock:
                told.send((element, place, value, version))

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()


def _save(connection: Connection, place: str, element: str, value: str) -> int:
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    held = figures.save(connection, Entry(Key(element, place, "2026-10"), place, value, State.DRAFT, "填报", "", "w", at))
    record(connection, Act("w", "figure.save", element, place, {"version": held.version}), at, SECRET)
    return held.version
