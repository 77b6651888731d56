"""The database of the reporting desk: schema, transactions, figures with their history, sealed fields, the audit log."""

from .audit import SYSTEM, Act, Broken, End, record, verify
from .engine import Store
from .figures import OPEN, Entry, Held, Key, Stale, State, Taken
from .secrets import CannotOpen, Secrets, add_key, load_secrets

__all__ = [
    "OPEN", "SYSTEM", "Act", "Broken", "CannotOpen", "End", "Entry", "Held", "Key", "Secrets", "Stale", "State", "Store", "Taken",
    "add_key", "load_secrets", "record", "verify",
]  # fmt: skip
