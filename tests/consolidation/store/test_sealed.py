"""Keys: values stay readable over a rotation, at every moment of it, and each opens only where it belongs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from consolidation.store import CannotOpen, Entry, Key, Secrets, State, Store, add_key, figures, load_secrets, sealed, verify
from consolidation.store.schema import audit, conflict, figure, figure_history, subject
from consolidation.store.sealed import by_key, figure_context, reseal, subject_context

PHONE = "10030000001"


def now() -> str:
    return "2026-11-01T08:00:00.000000+00:00"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keys.json"


def save(store: Store, entry: Entry) -> None:
    store.write(lambda c: figures.save(c, entry))


def fill(store: Store, secrets: Secrets, people: int) -> None:
    """People with a telephone each, corrected once; one conflict, one subject."""
    for number in range(people):
        who = f"p{number:04}"
        for text in (PHONE, f"{PHONE}{number}"):
            value = secrets.seal(text, figure_context("phone", who))
            entry = Entry(Key("phone", who, "2026-10"), "990101001001", value, State.DRAFT, "填报", at=now())
            save(store, entry)
    told = {
        "value": secrets.seal("a", figure_context("phone", "p0")),
        "other_value": secrets.seal("b", figure_context("phone", "p0")),
    }
    store.write(lambda c: c.execute(insert(conflict).values(element="phone", entity="p0", **told)))
    store.write(lambda c: c.execute(insert(subject).values(id="p0", number=secrets.seal("x", subject_context("p0")))))
    count = Entry(Key("count", "990101001001", "2026-10"), "990101001001", "12", State.DRAFT, "填报", at=now())
    save(store, count)


def test_after_a_rotation_everything_is_sealed_with_the_new_key(
    store: Store, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "_TOGETHER", 3)  # several transactions for each table
    fill(store, load_secrets(keys), 7)
    fresh = add_key(keys)
    done = reseal(store, fresh, "admin", now)
    assert (done.sealed, done.unopened) == (7 + 14 + 3, 0)
    with store.read() as c:
        assert by_key(c) == {"2": 24}
        values = c.execute(select(figure.c.entity, figure.c.value).where(figure.c.element == "phone")).all()
        history = c.execute(select(figure_history.c.value).where(figure_history.c.element == "count")).scalars().all()
        assert [row.act for row in c.execute(select(audit))] == ["keys.rotate"] and list(verify(c, fresh.finder)) == []
    assert {fresh.open(v, figure_context("phone", who)) for who, v in values} == {f"{PHONE}{i}" for i in range(7)}
    assert history == ["12"], "what is not sealed stays as it is"


def test_a_rotation_that_was_stopped_goes_on(store: Store, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "_TOGETHER", 2)
    fill(store, load_secrets(keys), 5)
    fresh = add_key(keys)
    writes, write = [], store.write_apart

    def stops(job: object) -> object:
        writes.append(job)
        if len(writes) == 4:
            raise KeyboardInterrupt
        return write(job)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "write_apart", stops)
    with pytest.raises(KeyboardInterrupt):
        reseal(store, fresh, "admin", now)
    with store.read() as c:
        assert set(by_key(c)) == {"1", "2"}
    reseal(store, fresh, "admin", now)
    with store.read() as c:
        assert set(by_key(c)) == {"2"}


def test_a_rotation_overwrites_nothing_that_is_saved_meanwhile(store: Store, keys: Path) -> None:
    old = load_secrets(keys)
    fill(store, old, 40)
    fresh, stop, last = add_key(keys), threading.Event(), {}

    def work() -> None:
        turn = 0
        while not stop.is_set():
            who = f"p{turn % 40:04}"
            value = old.seal(f"new{turn}", figure_context("phone", who))
            save(store, Entry(Key("phone", who, "2026-10"), "990101001001", value, State.DRAFT, "填报", at=now()))
            last[who] = f"new{turn}"
            turn += 1

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        reseal(store, fresh, "admin", now)
        stop.set()
        working.result()
    with store.read() as c:
        held = {
            who: value for who, value in c.execute(select(figure.c.entity, figure.c.value).where(figure.c.element == "phone"))
        }
    assert {who: fresh.open(held[who], figure_context("phone", who)) for who in last} == last


def test_a_running_program_opens_what_a_rotation_sealed(keys: Path) -> None:
    running = load_secrets(keys)
    value = add_key(keys).seal(PHONE, "c")
    assert running.open(value, "c") == PHONE
    with pytest.raises(CannotOpen):
        running.open(value.replace("sm4:2:", "sm4:3:"), "c")


def test_a_value_moved_elsewhere_is_counted_and_left(store: Store, keys: Path) -> None:
    fill(store, load_secrets(keys), 2)
    moved = select(figure.c.value).where(figure.c.entity == "p0000").scalar_subquery()
    store.write(lambda c: c.execute(update(figure).where(figure.c.entity == "p0001").values(value=moved)))
    done = reseal(store, add_key(keys), "admin", now)
    assert (done.sealed, done.unopened) == (1 + 4 + 3, 1)


def test_of_many_who_start_at_once_all_have_the_same_keys(keys: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: load_secrets(keys).finder, range(16)))
    assert len(set(found)) == 1 and [path.name for path in keys.parent.iterdir()] == ["keys.json"]
    assert keys.stat().st_mode & 0o077 == 0
