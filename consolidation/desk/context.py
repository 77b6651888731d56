"""What every use case of the desk works with: the database, the keys, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from consolidation.store import Act, Secrets, Store, record

from .calendar import CHINA, today
from .catalogue import Catalogues
from .model import Actor, now_text
from .shared import SharedData


def shown_moment(text: str) -> str:
    """A moment of the database as the clock in the office shows it: 2026-11-02 12:00."""
    return datetime.fromisoformat(text).astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if text else ""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """The desk of one database. Passed to every use case; tests give another clock."""

    store: Store
    secrets: Secrets
    clock: Callable[[], datetime] = field(default=_utc_now)
    catalogues: Catalogues = field(default_factory=Catalogues)
    shared: SharedData | None = None  # departments' data that prefills; None = everything is typed

    def now(self) -> str:
        """This moment as the database writes it."""
        return now_text(self.clock())

    def today(self) -> date:
        """The day in China, where deadlines end."""
        return today(self.clock())

    def note(self, connection: Connection, actor: Actor, act: str, target: str = "", chain: str = "", **detail: object) -> None:
        """Puts an act into the audit log, in the transaction of the act. `chain`: the region it belongs to.
        `target` and `detail` hold no personal data: ids, counts, hashes."""
        named = Act(actor.id, act, target, chain or "system", detail)
        record(connection, named, self.now(), self.secrets.finder)
