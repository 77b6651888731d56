"""Backup and restore: the same rows on either database, taken while people write; nothing restored over data or from a bad file."""

from __future__ import annotations

import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from consolidation.store import Act, Entry, Key, Secrets, State, Store, figures, record, verify
from consolidation.store.backup import backup, restore
from consolidation.store.migrate import head, revision, upgrade
from consolidation.store.schema import (
    account,
    audit,
    decision,
    figure,
    figure_history,
    form,
    form_version,
    metadata,
    period,
    region,
    session,
    submission,
)  # fmt: skip
from forms.problems import CannotDo

KEYS = Secrets({"1": b"k" * 32}, "1", b"f" * 32)
NOW = "2026-11-01T08:00:00.000000+00:00"
HERE = "990101001001"


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Store]:
    """A database to take backups of, where it does not matter which."""
    found = Store(f"sqlite:///{tmp_path / 'lite.db'}")
    upgrade(found)
    yield found
    found.close()


def entry(element: str, value: str | None) -> Entry:
    return Entry(Key(element, HERE, "2026-10"), HERE, value, State.DRAFT, "填报", actor="wang", at=NOW)


def fill(store: Store) -> None:
    """Something of every kind: bytes, None, text with quotes and line breaks, rows numbered by the database."""

    def job(c: Any) -> None:
        c.execute(insert(region).values(code=HERE, name="柳坝社区"))
        c.execute(insert(period).values(period="2026-10"))
        c.execute(insert(submission).values(region=HERE, period="2026-10"))
        c.execute(insert(account).values(id="wang", login="wang"))
        c.execute(insert(session).values(id="s", account="wang"))
        c.execute(insert(form).values(id="f", title='引号"、换行\n和\\'))
        c.execute(insert(form_version).values(form="f", version=1, template=bytes(range(256))))
        c.execute(insert(decision), [{"body": str(i)} for i in range(1500)])
        figures.save(c, entry("e1", "007"))
        figures.save(c, entry("e2", None))
        record(c, Act("wang", "save", chain=HERE), NOW, KEYS.finder)

    store.write(job)


def rows(store: Store) -> dict[str, list[Any]]:
    """Every row of every table, but of who is signed in."""
    tables = [table for table in metadata.sorted_tables if table is not session]
    with store.read() as c:
        return {table.name: sorted(tuple(row) for row in c.execute(select(table))) for table in tables}


def test_what_one_database_wrote_any_other_reads(store: Store, second: Store, tmp_path: Path) -> None:
    fill(store)
    saved = backup(store, KEYS, tmp_path / "b.zip", "admin", NOW)
    before = rows(store)
    assert restore(second, KEYS, tmp_path / "b.zip", "admin", NOW) == saved
    after = rows(second)
    differing = {name for name in before if before[name] != after[name]}
    assert differing == {"audit", "audit_head"} and len(after["audit"]) == len(before["audit"]) + 1, "the restore is noted"
    with second.read() as c:
        assert list(verify(c, KEYS.finder)) == [] and c.execute(select(session)).all() == []
        assert c.execute(select(audit.c.act).where(audit.c.chain == "system").order_by(audit.c.seq)).scalars().all() == [
            "backup",
            "restore",
        ]
    assert saved.rows["decision"] == 1500 and saved.revision == revision(second) == head()


def test_after_a_restore_rows_are_numbered_on(store: Store, second: Store, tmp_path: Path) -> None:
    fill(store)
    backup(store, KEYS, tmp_path / "b.zip", "admin", NOW)
    restore(second, KEYS, tmp_path / "b.zip", "admin", NOW)
    second.write(lambda c: c.execute(insert(decision).values(body="next")))
    second.write(lambda c: figures.save(c, entry("e1", "8")))
    with second.read() as c:
        assert c.execute(select(func.max(decision.c.seq))).scalar_one() == 1501


def test_a_backup_shows_one_moment_while_people_write(store: Store, second: Store, tmp_path: Path) -> None:
    stop = threading.Event()

    def work() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            both = [entry("left", str(turn)), entry("right", str(turn))]
            store.write(lambda c, both=both: [figures.save(c, one) for one in both])

    writing = threading.Thread(target=work)
    writing.start()
    try:
        for number in range(3):
            backup(store, KEYS, tmp_path / f"{number}.zip", "admin", NOW)
    finally:
        stop.set()
        writing.join()
    restore(second, KEYS, tmp_path / "2.zip", "admin", NOW)
    with second.read() as c:
        values = c.execute(select(figure.c.value)).scalars().all()
        assert len(set(values)) == 1 and c.execute(select(func.count()).select_from(figure_history)).scalar_one() == 2 * int(
            values[0] or 0
        )


def test_the_file_is_its_owners_alone_holds_no_key_and_nothing_else_is_left(store: Store, tmp_path: Path) -> None:
    fill(store)
    out = tmp_path / "out"
    out.mkdir()
    backup(store, KEYS, out / "b.zip", "admin", NOW)
    assert [path.name for path in out.iterdir()] == ["b.zip"] and (out / "b.zip").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(out / "b.zip") as packed:
        assert not any(KEYS.finder in packed.read(name) or b"kkkk" in packed.read(name) for name in packed.namelist())
        assert "tables/session.jsonl" not in packed.namelist()
    with pytest.raises(CannotDo) as told:
        backup(store, KEYS, out / "b.zip", "admin", NOW)
    assert told.value.problem.code == "store.file-exists"


def test_nothing_is_restored_over_data(store: Store, tmp_path: Path) -> None:
    fill(store)
    backup(store, KEYS, tmp_path / "b.zip", "admin", NOW)
    before = rows(store)
    with pytest.raises(CannotDo) as told:
        restore(store, KEYS, tmp_path / "b.zip", "admin", NOW)
    assert told.value.problem.code == "store.not-empty" and rows(store) == before


def changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], None]:
    def act(files: dict[str, bytes]) -> None:
        assert change(files[name]) != files[name]
        files[name] = change(files[name])

    return act


def manifest(**values: object) -> Callable[[dict[str, bytes]], None]:
    return changed("manifest.json", lambda body: json.dumps(json.loads(body) | values).encode())


BAD: Sequence[tuple[str, Callable[[dict[str, bytes]], object]]] = [
    ("store.backup-damaged", changed("tables/figure.jsonl", lambda body: body.replace(b"007", b"008"))),
    ("store.backup-damaged", changed("tables/figure.jsonl", lambda body: body + body)),
    ("store.backup-damaged", changed("tables/figure.jsonl", lambda _: b"")),
    ("store.backup-damaged", changed("tables/figure.jsonl", lambda body: body[:-1])),
    ("store.backup-damaged", changed("tables/decision.jsonl", lambda body: body.replace(b"[", b"{", 1))),
    ("store.backup-damaged", lambda files: files.pop("tables/figure.jsonl")),
    ("store.backup-damaged", lambda files: files.update(more=b"")),
    ("store.backup-damaged", manifest(made_at="2027")),
    ("store.backup-damaged", changed("manifest.hmac", lambda body: body[::-1])),
    ("store.backup-other-key", manifest(key="0")),
    ("store.backup-none", manifest(format="yibiao-backup/2")),
    ("store.backup-none", changed("manifest.json", lambda body: body[1:])),
    ("store.backup-none", lambda files: files.pop("manifest.hmac")),
]


def test_a_bad_file_is_refused_and_leaves_the_database_empty(lite: Store, second: Store, tmp_path: Path) -> None:
    fill(lite)
    good = tmp_path / "good.zip"
    backup(lite, KEYS, good, "admin", NOW)
    for code, harm in BAD:
        with zipfile.ZipFile(good) as packed:
            files = {name: packed.read(name) for name in packed.namelist()}
        harm(files)
        with zipfile.ZipFile(tmp_path / "bad.zip", "w") as packed:
            for name, body in files.items():
                packed.writestr(name, body)
        with pytest.raises(CannotDo) as told:
            restore(second, KEYS, tmp_path / "bad.zip", "admin", NOW)
        assert told.value.problem.code == code and revision(second) == ""
    restore(second, KEYS, good, "admin", NOW)


def test_a_file_cut_short_or_scratched_is_refused(lite: Store, second: Store, tmp_path: Path) -> None:
    fill(lite)
    backup(lite, KEYS, tmp_path / "b.zip", "admin", NOW)
    whole = (tmp_path / "b.zip").read_bytes()
    bad = tmp_path / "bad.zip"
    for body in (
        b"",
        whole[: len(whole) // 2],
        whole[:-1],
        whole[:2000] + b"\xff" * 50 + whole[2050:],
        b"PK\x03\x04" + whole[:40],
    ):
        bad.write_bytes(body)
        with pytest.raises(CannotDo) as told:
            restore(second, KEYS, bad, "admin", NOW)
        assert re.fullmatch(r"store\.backup-(damaged|none)", told.value.problem.code)


def test_other_keys_and_newer_programs_are_told_apart(lite: Store, second: Store, tmp_path: Path) -> None:
    backup(lite, KEYS, tmp_path / "b.zip", "admin", NOW)
    with pytest.raises(CannotDo) as told:
        restore(second, Secrets({"1": b"x" * 32}, "1", b"x" * 32), tmp_path / "b.zip", "admin", NOW)
    assert told.value.problem.code == "store.backup-other-key"
    lite.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    backup(lite, KEYS, tmp_path / "newer.zip", "admin", NOW)
    with pytest.raises(CannotDo) as told:
        restore(second, KEYS, tmp_path / "newer.zip", "admin", NOW)
    assert told.value.problem.code == "store.newer"
