"""Migrations make exactly the tables that the program works with, once, and never touch a newer program's database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from consolidation.store import Store
from consolidation.store.migrate import head, revision, upgrade
from consolidation.store.schema import metadata
from forms.problems import CannotDo

ROOT = Path(__file__).resolve().parents[3]


def shape(connection: Connection) -> dict[str, Any]:
    """All that a database says of its tables, in an order of its own."""
    look = inspect(connection)
    return {
        name: {
            "columns": {(c["name"], str(c["type"]), c["nullable"], str(c["default"])) for c in look.get_columns(name)},
            "key": (look.get_pk_constraint(name)["name"], look.get_pk_constraint(name)["constrained_columns"]),
            "unique": {(c["name"], *c["column_names"]) for c in look.get_unique_constraints(name)},
            "checks": {(c["name"], c["sqltext"]) for c in look.get_check_constraints(name)},
            "indexes": {(i["name"], i["unique"], *i["column_names"]) for i in look.get_indexes(name)},
            "others": {
                (k["name"], *k["constrained_columns"], k["referred_table"], *k["referred_columns"])
                for k in look.get_foreign_keys(name)
            },
        }
        for name in sorted(look.get_table_names())
        if name != "alembic_version"
    }


def test_a_migrated_database_has_exactly_the_tables_of_the_schema(empty: Store) -> None:
    upgrade(empty)
    with empty.read() as c:
        migrated = shape(c)
        context = MigrationContext.configure(c, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    empty.write(metadata.drop_all)
    empty.write(metadata.create_all)
    with empty.read() as c:
        assert migrated == shape(c)


def test_an_upgrade_is_done_once(empty: Store) -> None:
    assert revision(empty) == ""
    upgrade(empty)
    upgrade(empty)
    assert revision(empty) == head() == "0002"


def test_a_newer_programs_database_is_not_opened(store: Store) -> None:
    store.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(CannotDo) as told:
        upgrade(store)
    assert told.value.problem.code == "store.newer" and "9999" in told.value.problem.message


def test_processes_that_start_at_once_make_the_tables_once(empty: Store) -> None:
    program = "import sys; from consolidation.store import Store; from consolidation.store.migrate import upgrade; s = Store(sys.argv[1]); upgrade(s); s.close()"
    started = [
        subprocess.Popen([sys.executable, "-c", program, empty.url], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, said
    assert revision(empty) == head()
