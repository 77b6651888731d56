"""What a new database gets: the region tree, the shipped forms, an administrator; with demo data, people and a month."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from cli.console import say
from consolidation.desk import accounts, demo_accounts, dispatch, setup
from consolidation.desk.calendar import Calendar
from consolidation.desk.context import Desk
from consolidation.desk.model import PROGRAM
from consolidation.lexicon import load_lexicon
from consolidation.store.schema import form_version
from forms.library import shipped
from forms.periods import Period

Progress = Callable[[str], None]
_WORKING_DAYS = 15  # the demo month is open long enough to be tried


def set_up(desk: Desk, progress: Progress) -> bool:
    """Sets up a database that is new, from the region tree of the shared data; tells the administrator's first password once.
    False when it was set up before."""
    if not setup.is_empty(desk):
        return False
    progress("读取行政区划和报表库 ……")
    assert desk.shared is not None  # noqa: S101 - serve always gives it
    regions = desk.shared.regions(load_lexicon())
    setup.set_up(desk, regions, setup.levels_of(regions), shipped())
    issued = accounts.first_administrator(desk)
    if issued is not None:
        say(f"管理员账号 {issued.account.login} 的初始密码（只显示这一次，第一次登录要改）：{issued.password}")
    demo_accounts.add_demo_accounts(desk, desk.shared.demo)
    return True


def open_demo_month(desk: Desk, period: Period, progress: Progress) -> None:
    """Opens a month with all forms for every village and community, and fills in what shared data gives."""
    with desk.store.read() as connection:
        top = accounts.top_region(connection)
        forms = connection.execute(select(form_version.c.form).where(form_version.c.state == "live")).scalars().all()
    deadline = Calendar().add_working_days(desk.today(), _WORKING_DAYS)
    for place in dispatch.open_period(desk, PROGRAM, period, deadline, forms, top):
        dispatch.prefill(desk, PROGRAM, place, str(period), progress)
