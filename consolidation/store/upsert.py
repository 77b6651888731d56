"""INSERT … ON CONFLICT, which SQLite and PostgreSQL both know and SQLAlchemy offers for each of them apart."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(table: Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can be told `on_conflict_do_nothing` and `on_conflict_do_update`. `dialect`: `connection.dialect.name`."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
