"""The audit log over the years: old entries may go, young ones never, and the chain proves whole all the while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from consolidation.store import Act, Broken, Store, record, verify
from consolidation.store.audit import PRUNED, differing, ends
from consolidation.store.retention import may_go, prune
from consolidation.store.schema import audit, audit_head
from forms.problems import CannotDo

SECRET = b"k" * 32
NOW = datetime(2030, 3, 1, 8, tzinfo=UTC)
LIMIT = datetime(2027, 3, 1, 8, tzinfo=UTC)


def note(store: Store, at: datetime, chain: str = "990101001001") -> None:
    store.write(lambda c: record(c, Act("wang", "save", "e1", chain), at.isoformat(timespec="microseconds"), SECRET))


def breaks(store: Store) -> list[Broken]:
    with store.read() as c:
        return list(verify(c, SECRET))


@pytest.fixture
def years(store: Store) -> Store:
    """Ten entries, one a year from 2020, and another region's chain of 2020 alone."""
    for year in range(2020, 2030):
        note(store, datetime(year, 1, 1, tzinfo=UTC))
    note(store, datetime(2020, 1, 1, tzinfo=UTC), "990101001002")
    return store


def test_nothing_younger_than_three_years_may_go(years: Store) -> None:
    with pytest.raises(CannotDo) as told:
        prune(years, LIMIT + timedelta(seconds=1), NOW, "admin", SECRET)
    assert told.value.problem.code == "store.too-young" and "2027-03-01" in told.value.problem.hint
    assert may_go(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2025, 2, 28, tzinfo=UTC)


def test_a_pruned_chain_is_still_whole(years: Store) -> None:
    assert prune(years, LIMIT, NOW, "admin", SECRET) == 9
    assert breaks(years) == []
    with years.read() as c:
        rows = c.execute(select(audit.c.chain, audit.c.at, audit.c.act).order_by(audit.c.chain, audit.c.seq)).all()
    assert [(row.at[:4], row.act) for row in rows] == [("2028", "save"), ("2029", "save"), ("2030", PRUNED), ("2030", PRUNED)]
    note(years, NOW)
    assert prune(years, LIMIT, NOW, "admin", SECRET) == 0 and breaks(years) == []
    later = NOW.replace(year=2040)
    assert prune(years, may_go(later), later, "admin", SECRET) == 5 and breaks(years) == [], (
        "an anchor goes once there is a newer one"
    )


def test_a_clock_that_was_set_back_loses_no_young_entry(store: Store) -> None:
    for year in (2020, 2029, 2021, 2029):
        note(store, datetime(year, 1, 1, tzinfo=UTC))
    assert prune(store, LIMIT, NOW, "admin", SECRET) == 1 and breaks(store) == []


def test_who_deletes_the_oldest_entries_himself_is_found(years: Store) -> None:
    years.write(lambda c: c.execute(delete(audit).where(audit.c.chain == "990101001001", audit.c.seq <= 3)))
    assert [(b.seq, b.what) for b in breaks(years)] == [(1, "missing")]


@pytest.mark.parametrize("detail", ['{"seq": 9, "hash": "0"}', "{}", "nonsense"])
def test_an_anchor_that_was_moved_is_found(years: Store, detail: str) -> None:
    prune(years, LIMIT, NOW, "admin", SECRET)
    row = audit.c.act == PRUNED, audit.c.chain == "990101001001"
    years.write(lambda c: c.execute(update(audit).where(*row).values(detail=detail)))
    years.write(lambda c: c.execute(delete(audit).where(audit.c.chain == "990101001001", audit.c.seq == 9)))
    assert "changed" in {b.what for b in breaks(years)}


def test_a_chain_cut_off_with_its_head_is_found_by_what_was_kept_elsewhere(years: Store) -> None:
    chain = "990101001001"
    with years.read() as c:
        kept = ends(c)
        eighth = c.execute(select(audit.c.hash).where(audit.c.chain == chain, audit.c.seq == 8)).scalar_one()
    note(years, NOW)
    with years.read() as c:
        assert list(differing(c, kept)) == []
    years.write(lambda c: c.execute(delete(audit).where(audit.c.chain == chain, audit.c.seq > 8)))
    years.write(lambda c: c.execute(update(audit_head).where(audit_head.c.chain == chain).values(seq=8, hash=eighth)))
    years.write(lambda c: c.execute(delete(audit).where(audit.c.chain == "990101001002")))
    years.write(lambda c: c.execute(delete(audit_head).where(audit_head.c.chain == "990101001002")))
    assert breaks(years) == [], "one look cannot see it"
    with years.read() as c:
        assert [(b.chain, b.seq, b.what) for b in differing(c, kept)] == [(chain, 10, "cut"), ("990101001002", 1, "cut")]


def test_what_was_pruned_since_is_not_missed(years: Store) -> None:
    with years.read() as c:
        kept = ends(c)
    prune(years, LIMIT, NOW, "admin", SECRET)
    with years.read() as c:
        assert list(differing(c, kept)) == []
