"""How long a page of a roster takes: `python -m benchmarks.rosters DEMO` (a folder made by data.demo.make), world in memory.

Prints, for the longest roster of the demo county, the median and the slowest of 20 pages of 50 rows through the use case, before
and after a sheet with a changed cell in every row was brought back, and how long that took.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from openpyxl import load_workbook

from consolidation.desk import dispatch, roster_files, roster_import, rosters, setup
from consolidation.desk.context import Desk
from consolidation.desk.model import PROGRAM, Actor, Role
from consolidation.desk.shared import SharedData
from consolidation.lexicon import load_lexicon
from consolidation.store import Secrets, Store
from consolidation.store.migrate import upgrade
from forms.library import shipped
from forms.periods import Period
from forms.values import DemoRegions

PERIOD = "2026-10"
T = TypeVar("T")


def main(demo: str) -> None:
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'desk.db'}")
        upgrade(store)
        shared = SharedData(demo, DemoRegions(("99",)))
        desk = Desk(store, Secrets({"1": b"k" * 32}, "1", b"f" * 32), shared=shared)
        regions = shared.regions(load_lexicon())
        setup.set_up(desk, regions, setup.levels_of(regions), list(shipped()))
        top = next(code for code, (_, parent) in regions.places.items() if not parent)
        forms = [one.slug for one in shipped()]
        (place, *_) = dispatch.open_period(desk, PROGRAM, Period.parse(PERIOD), date(2026, 11, 6), forms, top)
        worker = Actor("worker", "填报员", Role.WORKER, place)
        listed = timed("all rosters, first time", lambda: rosters.rosters(desk, worker, place, PERIOD))
        timed("all rosters, again", lambda: rosters.rosters(desk, worker, place, PERIOD))
        longest = max(listed, key=lambda one: one.rows)
        print(f"{len(listed)} rosters; longest: {longest.title}, {longest.rows} rows")
        pages(desk, worker, place, longest.id, "a page")
        pages(desk, worker, place, longest.id, "a page found by a search", "10030")
        name, data = timed("working sheet out", lambda: roster_files.working_sheet(desk, worker, place, PERIOD, longest.id))
        spoiled = changed(data)
        found = timed(
            "sheet in, preview", lambda: roster_import.preview_upload(desk, worker, place, PERIOD, longest.id, name, spoiled)
        )
        print(dict(found.counts))
        timed("apply", lambda: roster_import.apply_upload(desk, worker, place, PERIOD, longest.id, found.seq))
        pages(desk, worker, place, longest.id, "a page, every row changed")
        timed("prefill with the changes counted", lambda: dispatch.prefill(desk, PROGRAM, place, PERIOD))
        store.close()


def changed(data: bytes) -> bytes:
    book = load_workbook(BytesIO(data))
    sheet = book["名册"]
    column = next(cell.column for cell in sheet[1] if "电话" in str(cell.value) or "住址" in str(cell.value))
    for line in range(2, sheet.max_row + 1):
        if sheet.cell(line, 1).value:
            sheet.cell(line, column, f"改{line}")
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def pages(desk: Desk, actor: Actor, place: str, roster: str, what: str, search: str = "") -> None:
    took = []
    for number in range(1, 21):
        start = time.perf_counter()
        rosters.roster_page(desk, actor, place, PERIOD, roster, search, number=number)
        took.append((time.perf_counter() - start) * 1000)
    print(f"{what}: median {statistics.median(took):.0f} ms, slowest {max(took):.0f} ms")


def timed(what: str, work: Callable[[], T]) -> T:
    start = time.perf_counter()
    found = work()
    print(f"{what}: {time.perf_counter() - start:.2f} s", flush=True)
    return found


if __name__ == "__main__":
    main(sys.argv[1])
