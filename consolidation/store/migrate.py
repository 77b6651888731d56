"""Bringing a database to the tables that this program works with, by Alembic's migrations (migrations/versions).

Safe when several processes start at once: whoever is second waits for the first one's transaction, and finds nothing to do.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from forms.problems import CannotDo, problem

from .engine import Store

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x59_69_42_69_61_6F  # PostgreSQL's advisory lock for it: "YiBiao"


def upgrade(store: Store) -> None:
    """Makes the tables of an empty database, or changes those of an older program. Raises CannotDo when the database is newer
    than this program."""
    with store.read() as connection:
        found = revision_of(connection)
    if found != head():
        demand_known(found)
        store.write_apart(lambda connection: upgrade_in(connection, head()))


def upgrade_in(connection: Connection, to: str) -> None:
    """The same, to a certain revision, in the caller's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    demand_known(revision_of(connection))  # another process may have been first, also one of a newer program
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def revision(store: Store) -> str:
    """The revision of the database's tables; "" = it has none."""
    with store.read() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def demand_known(found: str) -> None:
    """Raises CannotDo when a revision is none of this program's: a newer one made it."""
    if found and found not in _known():
        raise CannotDo(problem("store.newer", "", found=found, known=head()))


@lru_cache(maxsize=1)
def head() -> str:
    """The revision that this program works with."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
