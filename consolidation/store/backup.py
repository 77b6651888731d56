"""Copies of the whole database in one file, taken while people work, and databases made from such a file again.

The file is a zip: one file of JSON lines for each table and manifest.json with the revision of the tables, and of each table its
columns, rows, bytes and SHA-256; the manifest itself carries an HMAC, so that a changed file is never restored. It is the same
for SQLite and PostgreSQL: what one wrote, the other reads. Sessions are left out (after a restore everybody signs in again), and
so are the keys: without the key file the sealed values of a backup cannot be read, and it cannot be restored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets as randomness
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, MetaData, Table, create_engine, func, insert, select, text

from forms.problems import CannotDo, problem

from .audit import Act, record
from .engine import Store
from .migrate import demand_known, head, revision_of, upgrade_in
from .secrets import Secrets

FORMAT = "yibiao-backup/1"
_MANIFEST, _SEAL = "manifest.json", "manifest.hmac"
_LEFT_OUT = ("alembic_version", "session")
_TOGETHER = 1000  # rows inserted at once
_LONGEST = 256 << 20  # bytes of one row at the most: a form's template is the largest thing there is
_LONGEST_MANIFEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup holds."""

    revision: str
    made_at: str
    rows: dict[str, int]


def backup(store: Store, secrets: Secrets, path: Path, actor: str, now: str) -> Saved:
    """Writes the database as it is at one moment to a new file that only its owner may read; others go on working. The act is
    noted first, so that the backup tells of itself. Raises CannotDo when the file is there already, or the database is
    damaged."""
    if path.exists():
        raise CannotDo(problem("store.file-exists", path.name))
    store.write(lambda c: record(c, Act(actor, "backup", path.name), now, secrets.finder))
    fresh = path.with_name(f"{path.name}.{randomness.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with _snapshot(store, path) as connection:
                saved = _write(connection, secrets, file, now)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return saved


def restore(store: Store, secrets: Secrets, path: Path, actor: str, now: str) -> Saved:
    """Fills an empty database from a backup, all or nothing, and brings it to this program's tables. Raises CannotDo when the
    database is not empty, or the file is none of ours, damaged, changed, of other keys, or of a newer program."""
    try:
        with zipfile.ZipFile(path) as packed:
            manifest = _manifest(packed, secrets, path.name)
            demand_known(manifest["revision"])
            saved = _saved(manifest)
            act = Act(actor, "restore", path.name, detail={"made_at": saved.made_at, "rows": sum(saved.rows.values())})

            def job(connection: Connection) -> None:
                _restore(connection, packed, manifest, path.name)
                record(connection, act, now, secrets.finder)

            store.write_apart(job)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error) as error:
        raise CannotDo(problem("store.backup-damaged", path.name)) from error
    return saved


# ---- writing --------------------------------------------------------------------------------------------------------------
@contextmanager
def _snapshot(store: Store, path: Path) -> Iterator[Connection]:
    """A connection that sees the database as it is at one moment."""
    if not store.is_sqlite:
        with store.read() as connection:
            yield connection
        return
    copy = path.with_name(f"{path.name}.{randomness.token_hex(4)}.db")
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy_sqlite(store, copy)
        copied = create_engine(f"sqlite:///{copy}", hide_parameters=True)
        with copied.connect() as connection:
            yield connection
        copied.dispose()
    finally:
        copy.unlink(missing_ok=True)


def _copy_sqlite(store: Store, copy: Path) -> None:
    """SQLite's online backup, in one step: nobody can write between its pages, and nobody waits for it (WAL)."""
    with closing(store.engine.raw_connection()) as source, closing(sqlite3.connect(copy)) as target:
        held = source.driver_connection
        assert isinstance(held, sqlite3.Connection)  # noqa: S101 - tells the type
        held.backup(target)
        (sound,) = target.execute("PRAGMA quick_check(1)").fetchone()
    if sound != "ok":
        raise CannotDo(problem("store.database-damaged", ""))


def _write(connection: Connection, secrets: Secrets, file: IO[bytes], now: str) -> Saved:
    tables = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as packed:
        for table in _tables(connection):
            with packed.open(_entry(table.name), "w", force_zip64=True) as out:
                tables[table.name] = _write_table(connection, table, out)
        manifest = {
            "format": FORMAT, "revision": revision_of(connection), "made_at": now, "key": _key_mark(secrets), "tables": tables,
        }  # fmt: skip
        body = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        packed.writestr(_MANIFEST, body)
        packed.writestr(_SEAL, _seal(secrets, body))
    return _saved(manifest)


def _write_table(connection: Connection, table: Table, out: IO[bytes]) -> dict[str, Any]:
    digest, rows, size = hashlib.sha256(), 0, 0
    order = select(table).order_by(*table.primary_key.columns)
    for row in connection.execution_options(yield_per=_TOGETHER).execute(order):
        line = json.dumps([_packed(value) for value in row], ensure_ascii=False).encode() + b"\n"
        out.write(line)
        digest.update(line)
        rows, size = rows + 1, size + len(line)
    return {"columns": list(table.columns.keys()), "rows": rows, "bytes": size, "sha256": digest.hexdigest()}


def _tables(connection: Connection) -> list[Table]:
    """Our tables as they are in this database, each after those it refers to: its revision may be older than the program."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in _LEFT_OUT]


def _packed(value: object) -> object:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _unpacked(value: Any) -> object:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


def _entry(table: str) -> str:
    return f"tables/{table}.jsonl"


def _key_mark(secrets: Secrets) -> str:
    """Tells one office's keys from another's without telling anything of them."""
    return secrets.find("yibiao-backup")


def _seal(secrets: Secrets, manifest: bytes) -> str:
    return hmac.new(secrets.finder, b"backup" + manifest, hashlib.sha256).hexdigest()


def _saved(manifest: dict[str, Any]) -> Saved:
    rows = {name: int(table["rows"]) for name, table in manifest["tables"].items()}
    return Saved(manifest["revision"], manifest["made_at"], rows)


# ---- reading --------------------------------------------------------------------------------------------------------------
def _manifest(packed: zipfile.ZipFile, secrets: Secrets, name: str) -> dict[str, Any]:
    """The manifest, when it is ours and unchanged and names all that is in the file."""
    sizes = {entry.filename: entry.file_size for entry in packed.infolist()}
    if not {_MANIFEST, _SEAL} <= sizes.keys() or max(sizes[_MANIFEST], sizes[_SEAL]) > _LONGEST_MANIFEST:
        raise CannotDo(problem("store.backup-none", name))
    body = packed.read(_MANIFEST)
    try:
        manifest: dict[str, Any] = json.loads(body)
        known = manifest["format"] == FORMAT
        key = str(manifest["key"])
    except (ValueError, KeyError, TypeError) as error:
        raise CannotDo(problem("store.backup-none", name)) from error
    if not known:
        raise CannotDo(problem("store.backup-none", name))
    if key != _key_mark(secrets):
        raise CannotDo(problem("store.backup-other-key", name))
    locked = any(entry.flag_bits & 1 for entry in packed.infolist())
    told = {_MANIFEST, _SEAL, *(_entry(table) for table in manifest["tables"])}
    if (
        not hmac.compare_digest(packed.read(_SEAL).decode(errors="replace"), _seal(secrets, body))
        or told != sizes.keys()
        or locked
    ):
        raise CannotDo(problem("store.backup-damaged", name))
    return manifest


def _restore(connection: Connection, packed: zipfile.ZipFile, manifest: dict[str, Any], name: str) -> None:
    """All of it in one transaction: a file that turns out to be damaged leaves the database as empty as it was."""
    upgrade_in(connection, manifest["revision"])
    for table in _tables(connection):
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise CannotDo(problem("store.not-empty", name, table=table.name))
    for table in _tables(connection):
        told = manifest["tables"].get(table.name)
        if told is None:
            continue
        with packed.open(_entry(table.name)) as file:
            _read_table(connection, table, told, file, name)
    _set_sequences(connection)
    upgrade_in(connection, head())


def _read_table(connection: Connection, table: Table, told: dict[str, Any], file: IO[bytes], name: str) -> None:
    digest, count, left = hashlib.sha256(), 0, int(told["bytes"])
    rows: list[dict[str, object]] = []
    while line := file.readline(min(left, _LONGEST) + 1):
        left -= len(line)
        digest.update(line)
        if left < 0 or not line.endswith(b"\n"):
            raise CannotDo(problem("store.backup-damaged", name))
        rows.append(_row(told["columns"], line, name))
        count += 1
        if len(rows) == _TOGETHER:
            connection.execute(insert(table), rows)
            rows = []
    if rows:
        connection.execute(insert(table), rows)
    if digest.hexdigest() != told["sha256"] or count != told["rows"]:
        raise CannotDo(problem("store.backup-damaged", name))


def _row(columns: Sequence[str], line: bytes, name: str) -> dict[str, object]:
    try:
        return {column: _unpacked(value) for column, value in zip(columns, json.loads(line), strict=True)}
    except (ValueError, KeyError, TypeError) as error:
        raise CannotDo(problem("store.backup-damaged", name)) from error


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL numbers new rows by sequences, which rows that bring their number along do not move."""
    if connection.dialect.name != "postgresql":
        return
    for table in _tables(connection):
        for column in table.primary_key.columns:
            where = {"table": f'"{table.name}"', "column": column.name}
            owned = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), where).scalar_one()
            if owned is not None:
                last = connection.execute(select(func.max(column))).scalar_one()
                connection.execute(select(func.setval(owned, last or 1, last is not None)))
