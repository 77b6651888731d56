"""What takes seconds to work out, kept for the next who asks. Who waits, waits for the same thing only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The last `most` values. Two who ask for one key get one value, made once; others do not wait for them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._values: dict[K, V] = {}
        self._making: dict[K, threading.Lock] = {}

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key, made by `make` when it is not kept. What `make` raises goes to the caller; nothing is kept then."""
        with self._lock:
            if key in self._values:
                return self._use(key)
            own = self._making.setdefault(key, threading.Lock())
        with own:
            with self._lock:
                if key in self._values:
                    return self._use(key)
            try:
                value = make()
            finally:
                with self._lock:
                    self._making.pop(key, None)
            with self._lock:
                self._values[key] = value
                while len(self._values) > self.most:
                    del self._values[next(iter(self._values))]
            return value

    def _use(self, key: K) -> V:
        value = self._values.pop(key)
        self._values[key] = value  # the last used is the last to go
        return value
