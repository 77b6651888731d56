"""How often somebody may try a password.

Each failure after the fourth locks the account for longer, up to a quarter of an hour. Whoever knows a login could so keep its
owner out for good; therefore a browser in which the owner has signed in before carries a mark (OWASP's device cookie) that
the lock does not stop: it has a limit of its own. Logins that do not exist are locked just the same, and so tell nothing.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from .model import Refused, now_text

FREE = 4  # failures that cost nothing
_FIRST, _LONGEST = timedelta(seconds=30), timedelta(minutes=15)
_FORGOTTEN = timedelta(days=1)  # after the last failure
_MOST_UNKNOWN = 10_000
ADDRESS_LIMIT, DEVICE_LIMIT = "30 per 15 minutes", "10 per 15 minutes"  # failures


class Locked(Refused):
    """Too many failures: `wait` seconds more (HTTP 429)."""

    def __init__(self, code: str, wait: float) -> None:
        self.wait = max(1, ceil(wait))
        super().__init__(code, wait=spoken(self.wait))


@dataclass(frozen=True, slots=True)
class Failures:
    """Failures in a row. `until`: when the next attempt is heard; "" = there was none."""

    count: int = 0
    until: str = ""


def spoken(seconds: int) -> str:
    """A time to wait, as people say it; rounded up."""
    return f"{seconds} 秒" if seconds < 60 else f"{ceil(seconds / 60)} 分钟"


def one_more(before: Failures, now: datetime) -> Failures:
    """The failures with another attempt counted. Raises Locked while the account is closed: that attempt counts for nothing."""
    until = datetime.fromisoformat(before.until) if before.until else None
    if until is not None and until > now:
        raise Locked("account.locked", (until - now).total_seconds())
    count = 1 if until is None or until + _FORGOTTEN < now else before.count + 1
    delay = min(_FIRST * 2 ** min(count - FREE - 1, 10), _LONGEST) if count > FREE else timedelta(0)
    return Failures(count, now_text(now + delay))


class Attempts:
    """The counts that live in memory: by network address, by known browser, and of logins that do not exist."""

    def __init__(self, address: str = ADDRESS_LIMIT, device: str = DEVICE_LIMIT) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._address, self._device = parse(address), parse(device)
        self._unknown: OrderedDict[str, Failures] = OrderedDict()
        self._guard = threading.Lock()

    def demand_address(self, address: str) -> None:
        """Raises Locked after too many failures from one address."""
        self._demand(self._address, "address", network(address))

    def demand_device(self, device: str) -> None:
        """Raises Locked after too many failures in one known browser."""
        self._demand(self._device, "device", device)

    def failed(self, address: str, device: str = "") -> None:
        """Counts a failure."""
        self._limiter.hit(self._address, "address", network(address))
        if device:
            self._limiter.hit(self._device, "device", device)

    def count_unknown(self, login: str, now: datetime) -> None:
        """The same for a login that does not exist as for one that does. `login`: its keyed hash. Raises Locked."""
        with self._guard:
            self._unknown[login] = one_more(self._unknown.get(login, Failures()), now)
            self._unknown.move_to_end(login)
            while len(self._unknown) > _MOST_UNKNOWN:
                self._unknown.popitem(last=False)

    def _demand(self, limit: RateLimitItem, kind: str, who: str) -> None:
        if not self._limiter.test(limit, kind, who):
            reset = self._limiter.get_window_stats(limit, kind, who).reset_time
            raise Locked("account.too-many", reset - time.time())


def network(address: str) -> str:
    """Who counts as one sender: an IPv4 address, or the 64 leading bits of an IPv6 one (one line's customer has all below)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.IPv6Network((found, 64), strict=False))
    return address
