"""Who is reminded when, each time once; and who sees it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from cli.commands.remind import command
from consolidation.desk.calendar import Calendar
from consolidation.desk.context import Desk
from consolidation.desk.model import NotAllowed, NotThere, SubmissionState
from consolidation.desk.reminders import Waiting, When, due_reminders, remind, reminders, seen
from consolidation.store import Store
from consolidation.store.schema import audit, metadata, submission
from forms.problems import CannotDo

from .conftest import LEADER, PERIOD, STEWARD, STRANGER, VILLAGES, WORKER, Clock

FRIDAY = "2026-11-06T15:59:59.999999+00:00"  # the end of 6 November in China
NATIONAL = Calendar()


def at(day: int, hour: int = 2) -> datetime:
    """A moment of November 2026, hours as in Greenwich: 2 is ten in the morning in China, 16 the next day's midnight."""
    return datetime(2026, 11, day, hour, 0, tzinfo=UTC)


def kinds(now: datetime, state: SubmissionState = SubmissionState.DISPATCHED, deadline: str = FRIDAY) -> list[When]:
    return [one.kind for one in due_reminders([Waiting("r", PERIOD, state, deadline)], now, NATIONAL)]


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        (at(2), []),  # Monday: four working days left
        (at(2, 16), [When.THREE_BEFORE]),  # Tuesday begins in China
        (at(4), [When.THREE_BEFORE]),  # the machine was off on Tuesday
        (at(5), [When.ONE_BEFORE]),
        (at(6, 15), [When.ON_THE_DAY]),  # 23:00
        (at(6, 16), [When.OVERDUE]),
        (at(20), [When.OVERDUE]),
    ],
)
def test_reminders_come_three_and_one_working_days_before_on_the_day_and_after(now: datetime, kind: list[When]) -> None:
    assert kinds(now) == kind


def test_working_days_are_counted_not_days() -> None:
    monday = "2026-10-12"  # after the National Day and a made-up Saturday
    assert kinds(datetime(2026, 9, 30, 2, tzinfo=UTC), deadline=monday) == []  # 8, 9, 10, 12 are left
    assert kinds(datetime(2026, 10, 8, 2, tzinfo=UTC), deadline=monday) == [When.THREE_BEFORE]


def test_who_has_handed_in_or_has_no_deadline_is_left_alone_and_who_got_it_back_is_told() -> None:
    assert kinds(at(20), SubmissionState.SUBMITTED) == kinds(at(20), SubmissionState.APPROVED) == kinds(at(20), deadline="") == []
    (one,) = due_reminders([Waiting("r", PERIOD, SubmissionState.RETURNED, FRIDAY)], at(5), NATIONAL)
    assert one.text == "2026年10月报表11月6日截止，只剩 1 个工作日，请尽快填报并提交。（已退回，请按意见修改后重新提交）"


def test_each_is_written_once_however_often_cron_comes(desk: Desk, clock: Clock) -> None:
    clock.now = at(3)
    assert len(remind(desk, calendar=NATIONAL).written) == 5
    assert remind(desk, calendar=NATIONAL).written == ()
    clock.now = at(5)
    here = submission.c.region == VILLAGES[0]
    desk.store.write(lambda c: c.execute(update(submission).where(here).values(state="submitted")))
    assert {one.region for one in remind(desk, calendar=NATIONAL).written} == set(VILLAGES[1:])
    with desk.store.read() as c:
        assert c.execute(select(audit.c.act)).scalars().all() == ["remind", "remind"]


def test_a_leader_reminds_and_sees_the_places_below_a_worker_its_own(desk: Desk, clock: Clock) -> None:
    clock.now = at(7)
    assert len(remind(desk, LEADER, NATIONAL).written) == 5
    assert {one.name for one in reminders(desk, LEADER)} == {"柳坝村", "河东村", "河西村", "新桥村", "石港村"}
    assert [one.region for one in reminders(desk, WORKER)] == [VILLAGES[0]] and reminders(desk, STRANGER) == []
    for actor in (WORKER, STEWARD):
        with pytest.raises(NotAllowed):
            remind(desk, actor)


def test_what_was_handed_in_is_no_longer_listed(desk: Desk, clock: Clock) -> None:
    clock.now = at(7)
    remind(desk, calendar=NATIONAL)
    desk.store.write(lambda c: c.execute(update(submission).values(state="approved")))
    assert reminders(desk, LEADER) == []


def test_the_worker_marks_it_as_read(desk: Desk, clock: Clock) -> None:
    clock.now = at(7)
    remind(desk, calendar=NATIONAL)
    (mine,) = reminders(desk, WORKER)
    seen(desk, WORKER, mine.seq)
    assert reminders(desk, WORKER)[0].seen_at == desk.now()
    theirs = next(one for one in reminders(desk, LEADER) if one.region != WORKER.region)
    for seq in (theirs.seq, 10**6):
        with pytest.raises(NotThere):
            seen(desk, WORKER, seq)


def test_a_year_whose_holidays_are_not_known_is_said(desk: Desk, clock: Clock) -> None:
    import chinese_calendar

    beyond = max(chinese_calendar.constants.holidays).year + 1
    clock.now = datetime(beyond, 3, 1, tzinfo=UTC)
    desk.store.write(lambda c: c.execute(update(submission).values(deadline=str(date(beyond, 3, 5)))))
    assert str(beyond) in remind(desk, calendar=NATIONAL).warnings[0].message


# ---- the command ------------------------------------------------------------------------------------------------------------


def test_the_command_writes_and_says_it_as_json(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    store = Store(url)
    store.write(metadata.create_all)
    store.close()
    out = CliRunner().invoke(command, ["--database", url, "--keys", str(tmp_path / "keys.json"), "--json"])
    assert (out.exit_code, json.loads(out.stdout)) == (0, {"reminders": [], "problems": []})


def test_the_command_checks_the_file_of_deadlines() -> None:
    out = CliRunner().invoke(command, ["--check"])
    assert out.exit_code == 0 and "没有问题" in out.stderr


@pytest.mark.parametrize("url", ["sqlite:///{0}/none.db", "no url", "sqlite:///{0}/empty.db"])
def test_without_a_desk_the_command_says_so_and_makes_none(url: str, tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    out = CliRunner().invoke(command, ["--database", url.format(tmp_path), "--keys", str(tmp_path / "keys.json")])
    assert isinstance(out.exception, CannotDo) and "填报数据库" in str(out.exception)
    assert not (tmp_path / "none.db").exists()
