"""Several people at once, on both databases: one wins, everybody else is told who did, and when; no state is half."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from consolidation.desk import dispatch, drafts, findings, review, worksheet
from consolidation.desk.drafts import Cell
from consolidation.desk.model import Actor, Clash, Invalid, Refused, Role, SubmissionState
from consolidation.store import Store, verify
from consolidation.store.schema import figure_history, submission_event
from tests.consolidation.desk.county import LEADER, STEWARD, WANG, WILLOW, Made, opened

PERIOD = "2026-10"
OTHER = Actor("shi", "石填报", Role.WORKER, WILLOW)


@pytest.fixture
def made(store: Store, tmp_path: Path) -> Made:
    found = opened(store, tmp_path)
    dispatch.prefill(found.desk, STEWARD, WILLOW, PERIOD)
    return found


def fill(made: Made) -> dict[str, str]:
    """Everything that is asked; gives the reasons for what looks odd."""
    phone = next(id_ for name, id_ in made.names.items() if "电话" in name)
    cells = [Cell(made.element("耕地面积"), "12"), Cell(made.element("养老床位"), "3"), Cell(phone, "13800000000")]
    assert not drafts.save_cells(made.desk, WANG, WILLOW, PERIOD, cells).refused
    return {one.fingerprint: "核对过" for one in findings.findings(made.desk, WANG, WILLOW, PERIOD)}


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """What became of each job, all begun together: its result, or how it was refused. Anything else fails the test."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return job()
        except Refused as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def whole(made: Made) -> None:
    with made.desk.store.read() as connection:
        assert list(verify(connection, made.desk.secrets.finder)) == []
        if made.desk.store.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_two_hundred_report_one_figure_and_one_wins(made: Made) -> None:
    area = made.element("耕地面积")
    who = [Actor(f"p{n}", f"第{n}人", Role.WORKER, WILLOW) for n in range(200)]

    def job(actor: Actor, value: int) -> Callable[[], object]:
        return lambda: drafts.save_cell(made.desk, actor, WILLOW, PERIOD, Cell(area, str(value), 0))

    outcomes = at_once(*[job(actor, 1000 + n) for n, actor in enumerate(who)])
    assert Counter(type(one).__name__ for one in outcomes) == {"Saved": 1, "Clash": 199}
    (won,) = [one for one in outcomes if isinstance(one, drafts.Saved)]
    for one in outcomes:
        if isinstance(one, Clash):
            assert str(won.value) in one.problem.message and "2026-11-02" in one.problem.message
    with made.desk.store.read() as connection:
        count = select(func.count()).select_from(figure_history).where(figure_history.c.element == area)
        assert connection.execute(count).scalar_one() == 1
    whole(made)


def test_an_answer_that_was_lost_is_given_again(made: Made) -> None:
    area = made.element("耕地面积")
    first = drafts.save_cell(made.desk, WANG, WILLOW, PERIOD, Cell(area, "12", 0))
    assert drafts.save_cell(made.desk, WANG, WILLOW, PERIOD, Cell(area, "12.0", 0)) == first
    with pytest.raises(Clash):
        drafts.save_cell(made.desk, WANG, WILLOW, PERIOD, Cell(area, "13", 0))
    with pytest.raises(Clash):
        drafts.save_cell(made.desk, OTHER, WILLOW, PERIOD, Cell(area, "12", 0))


def test_a_second_submission_at_the_same_moment_is_refused(made: Made) -> None:
    reasons = fill(made)
    outcomes = at_once(*[lambda: review.submit(made.desk, WANG, WILLOW, PERIOD, reasons)] * 8)
    assert Counter(type(one).__name__ for one in outcomes) == {"Worksheet": 1, "Clash": 7}
    with made.desk.store.read() as connection:
        count = select(func.count()).select_from(submission_event).where(submission_event.c.to_state == "submitted")
        assert connection.execute(count).scalar_one() == 1
    whole(made)


def test_who_saves_while_it_is_submitted_is_in_it_or_is_told(made: Made) -> None:
    reasons, area = fill(made), made.element("耕地面积")

    def save(text: str) -> Callable[[], object]:
        return lambda: drafts.save_cell(made.desk, OTHER, WILLOW, PERIOD, Cell(area, text))

    saves = [save(str(100 + n)) for n in range(10)]
    *saved, sent = at_once(*saves, lambda: review.submit(made.desk, WANG, WILLOW, PERIOD, reasons))
    sheet = worksheet.worksheet(made.desk, WANG, WILLOW, PERIOD)
    held = next(item for item in sheet.items if item.element == area)
    if isinstance(sent, Invalid):  # a soft finding on the new value: nothing was submitted
        assert sheet.state is SubmissionState.DISPATCHED and held.state == "draft"
    else:
        assert sheet.state is SubmissionState.SUBMITTED and held.state == "reported"
        assert all(item.state == "reported" for item in sheet.items if item.value is not None)
    kept = [one.value for one in saved if isinstance(one, drafts.Saved)]
    assert held.value in ({"12"} if not kept else set(kept))
    whole(made)


def test_approving_correcting_and_returning_at_once_leave_no_half_state(made: Made) -> None:
    reasons, area = fill(made), made.element("耕地面积")
    review.submit(made.desk, WANG, WILLOW, PERIOD, reasons)
    outcomes = at_once(
        lambda: review.approve(made.desk, LEADER, [WILLOW], PERIOD),
        lambda: review.send_back(made.desk, LEADER, WILLOW, PERIOD, {}, "请核对"),
        lambda: review.approve(made.desk, LEADER, [WILLOW], PERIOD),
        lambda: drafts.correct(made.desk, WANG, WILLOW, PERIOD, Cell(area, "14", None, "复核")),
        lambda: drafts.correct(made.desk, WANG, WILLOW, PERIOD, Cell(area, "15", None, "复核")),
    )
    assert any(not isinstance(one, Refused) for one in outcomes)
    sheet = worksheet.worksheet(made.desk, WANG, WILLOW, PERIOD)
    states = {item.state for item in sheet.items if item.value is not None}
    if sheet.state is SubmissionState.RETURNED:
        assert states == {"draft"}
    else:
        assert sheet.state is SubmissionState.APPROVED and states <= {"approved", "reported"}
    whole(made)
