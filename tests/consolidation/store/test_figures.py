"""Each figure once: what may be written over what, who is told what, and that nothing of its history is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from consolidation.store import Act, Entry, Held, Key, Stale, State, Store, Taken, figures, record, verify
from consolidation.store.schema import audit, audit_head, figure, figure_history

OLD_PEOPLE = Key("e1", "990101001001", "2026-10")
SECRET = b"k" * 32


def entry(value: str | None, state: State = State.DRAFT, actor: str = "wang", note: str = "", key: Key = OLD_PEOPLE) -> Entry:
    return Entry(key, "990101001001", value, state, "填报", actor=actor, at="2026-11-01T08:00:00+00:00", note=note)


def save(store: Store, one: Entry, version: int | None = None) -> Held:
    return store.write(lambda c: figures.save(c, one, version))


def test_a_draft_may_be_written_over_and_all_of_it_is_remembered(store: Store) -> None:
    save(store, entry("12"))
    assert save(store, entry("13")).version == 2
    with store.read() as c:
        assert [(h.value, h.version) for h in figures.history(c, OLD_PEOPLE)] == [("12", 1), ("13", 2)]
        now = figures.held(c, OLD_PEOPLE)
    assert now is not None and (now.value, now.state) == ("13", State.DRAFT)


def test_a_reported_figure_is_not_reported_again(store: Store) -> None:
    save(store, entry("12", State.REPORTED))
    with pytest.raises(Taken) as told:
        save(store, entry("15", State.REPORTED, actor="li"))
    assert (told.value.held.actor, told.value.held.value, told.value.held.at[:10]) == ("wang", "12", "2026-11-01")


def test_a_reported_figure_is_corrected_with_a_reason(store: Store) -> None:
    save(store, entry("12", State.REPORTED))
    fixed = store.write(lambda c: figures.correct(c, entry("21", State.REPORTED, note="数字写反了")))
    assert (fixed.value, fixed.version) == ("21", 2)


def test_who_saw_an_older_version_is_told_what_it_is_now(store: Store) -> None:
    save(store, entry("12"))
    save(store, entry("13", actor="li"), version=1)
    with pytest.raises(Stale) as told:
        save(store, entry("14"), version=1)
    assert told.value.held is not None and told.value.held.actor == "li"


def test_the_database_itself_holds_one_value_only(store: Store) -> None:
    save(store, entry("12"))
    with pytest.raises(IntegrityError):
        store.write(lambda c: c.execute(figure.insert().values(
            element="e1", entity="990101001001", period="2026-10", region="990101001001", value="99", state="draft")))  # fmt: skip


def test_of_many_who_report_at_once_one_wins_and_all_others_are_told_who(store: Store) -> None:
    def report(number: int) -> str:
        try:
            return save(store, entry(str(number), State.REPORTED, actor=f"w{number}")).actor
        except Taken as taken:
            return f"told {taken.held.actor}"

    with ThreadPoolExecutor(40) as pool:
        said = list(pool.map(report, range(200)))
    (winner,) = [word for word in said if not word.startswith("told")]
    assert said.count(f"told {winner}") == 199
    with store.read() as c:
        assert c.execute(select(func.count()).select_from(figure_history)).scalar_one() == 1


def test_prefilling_leaves_alone_what_people_wrote(store: Store) -> None:
    save(store, entry("13"))
    other = Key("e2", "990101001001", "2026-10")
    batch = [entry("11", State.PREFILLED, "prefill"), entry("7", State.PREFILLED, "prefill", key=other)]
    assert store.write(lambda c: figures.save_many(c, batch)) == 1
    assert store.write(lambda c: figures.save_many(c, batch)) == 0
    assert store.write(lambda c: figures.save_many(c, [entry("8", State.PREFILLED, "prefill", key=other)])) == 1
    with store.read() as c:
        assert {h.key.element: h.value for h in figures.of_region(c, "990101001001", ["2026-10"])} == {"e1": "13", "e2": "8"}


def test_submitting_moves_all_and_history_says_so(store: Store) -> None:
    save(store, entry("13"))
    moved = store.write(lambda c: figures.move(c, "990101001001", "2026-10", [State.DRAFT], State.REPORTED, "wang", "t"))
    with store.read() as c:
        assert moved == 1 and [h.state for h in figures.history(c, OLD_PEOPLE)] == [State.DRAFT, State.REPORTED]


def test_a_job_that_fails_leaves_nothing_and_hurts_nobody_else(store: Store) -> None:
    def bad(c: object) -> None:
        figures.save(c, entry("1"))  # type: ignore[arg-type]
        raise RuntimeError("stop")

    with ThreadPoolExecutor(8) as pool:
        good = [pool.submit(save, store, entry("5", key=Key(f"x{i}", "r", "2026"))) for i in range(20)]
        with pytest.raises(RuntimeError):
            store.write(bad)
        assert all(done.result().version == 1 for done in good)
    with store.read() as c:
        assert figures.held(c, OLD_PEOPLE) is None


def test_the_audit_log_is_a_chain_and_every_break_is_found(store: Store) -> None:
    def act(number: int) -> None:
        store.write(lambda c: record(c, Act("wang", "save", f"e{number}", chain=f"r{number % 3}"), f"t{number}", SECRET))

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(act, range(60)))
    with store.read() as c:
        assert list(verify(c, SECRET)) == []
        assert c.execute(select(func.count()).select_from(audit)).scalar_one() == 60
    store.write(lambda c: c.execute(update(audit).where(audit.c.chain == "r0", audit.c.seq == 4).values(actor="li")))
    store.write(lambda c: c.execute(audit.delete().where(audit.c.chain == "r1", audit.c.seq == 7)))
    store.write(lambda c: c.execute(audit.delete().where(audit.c.chain == "r2", audit.c.seq == 20)))
    with store.read() as c:
        found = {(b.chain, b.seq, b.what) for b in verify(c, SECRET)}
    assert {("r0", 4, "changed"), ("r1", 7, "missing"), ("r2", 20, "head")} == found


def test_whoever_has_not_the_key_cannot_make_an_entry(store: Store) -> None:
    store.write(lambda c: record(c, Act("wang", "save"), "t", b"another key"))
    with store.read() as c:
        assert [b.what for b in verify(c, SECRET)] == ["changed"]
        assert c.execute(select(audit_head.c.seq)).scalar_one() == 1
