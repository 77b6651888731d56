"""A county in which every page of the desk has something to show: what tests/web/test_every_page.py walks through."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook
from sqlalchemy import insert, update

from consolidation import service
from consolidation.desk import (
    admission,
    conflicts,
    dispatch,
    drafts,
    findings,
    passwords,
    reminders,
    review,
    roster_files,
    roster_import,
    roster_rows,
    rosters,
    tokens,
)
from consolidation.desk.accounts import Wanted, create_account
from consolidation.desk.drafts import Cell
from consolidation.desk.model import PROGRAM, Role
from consolidation.store import Store
from consolidation.store.migrate import upgrade
from consolidation.store.schema import account
from tests.consolidation.desk.county import COUNTY, LEADER, SHI, STEWARD, STONE, WANG, WILLOW, Made
from tests.consolidation.desk.roster_county import NEW, PERIOD, many, with_rosters
from tests.consolidation.desk.test_steward import AGEING, AGEING_2, live, proposal
from tests.desk_people import GOOD
from tests.web.county import PROVIDER, County, as_served
from tests.web.desk import csrf
from web.desk_app import create_desk_app
from web.security import Bounds

FREE = Bounds(address="999999 per minute", session="999999 per minute", sign_in="999999 per minute")
OTHERS = {"boss": Role.ADMINISTRATOR, "trainer": Role.TRAINER}
LOGINS = {
    Role.WORKER: WANG.id,
    Role.LEADER: LEADER.id,
    Role.STEWARD: STEWARD.id,
    Role.ADMINISTRATOR: "boss",
    Role.TRAINER: "trainer",
}
ROSTER = "canji"


class Everything(County):
    """The county, and what stands for each part of an address."""

    def __init__(self, made: Made, folder: Path) -> None:
        super().__init__(made)
        self.results = folder / "results"
        self.app = create_desk_app(made.desk, parts=as_served(self.results), bounds=FREE, provider=PROVIDER)
        self.words: dict[str, str] = {"period": PERIOD, "place": WILLOW, "form": "canlian", "kind": "xlsx", "roster": ROSTER}

    def address(self, route: str, role: Role) -> str:
        """The address of something that is there for a role; "" when there is nothing. What stands for a part of an address: one of
        the role's own, of the family of pages, or anybody's."""
        family = route.split("/")[1]

        def word(found: re.Match[str]) -> str:
            keys = (f"{family}.{found[1]}.{role}", f"{family}.{found[1]}", found[1])
            return next((self.words[key] for key in keys if key in self.words), "?")

        made = re.sub(r"\{([\w.:]+)\}", word, route)
        return "" if "/?" in made else made


@contextmanager
def everything(folder: Path) -> Iterator[Everything]:
    store = Store(f"sqlite:///{folder / 'desk.db'}")
    upgrade(store)
    made = with_rosters(store, folder / "county", many(60), datetime.now(UTC))
    try:
        found = Everything(made, folder)
        _people(found)
        _reports(found)
        _rosters(found)
        _steward(found)
        _merged(found, folder)
        _job(found)
        yield found
    finally:
        store.close()


def _people(found: Everything) -> None:
    desk, stored = found.desk, passwords.hashed(GOOD)
    rows = [
        {"id": login, "login": login, "name": "周主任", "role": str(role), "region": COUNTY} for login, role in OTHERS.items()
    ]
    desk.store.write(lambda c: c.execute(insert(account), rows).rowcount)
    desk.store.write(lambda c: c.execute(update(account).values(password=stored)).rowcount)
    create_account(desk, PROGRAM, Wanted("fresh", "新来的", Role.WORKER.value, WILLOW))
    desk.store.write(lambda c: c.execute(update(account).where(account.c.login == "fresh").values(password=stored)).rowcount)
    tokens.create_token(desk, PROGRAM, "省平台", WILLOW, ["figures:read"])
    found.words |= {"accounts.id_": "wang"}


def _reports(found: Everything) -> None:
    """One village is filling in and has doubts, the other one's report was returned with remarks."""
    desk, beds = found.desk, found.element("养老床位")
    for place in (WILLOW, STONE):
        dispatch.prefill(desk, STEWARD, place, PERIOD)
    for actor, place in ((WANG, WILLOW), (SHI, STONE)):
        drafts.save_cell(desk, actor, place, PERIOD, Cell(beds, "6"))
    reasons = {one.fingerprint: "核对过" for one in findings.findings(desk, SHI, STONE, PERIOD)}
    review.submit(desk, SHI, STONE, PERIOD, reasons)
    review.send_back(desk, LEADER, STONE, PERIOD, {beds: "与上月相差太大，请核对台账"}, "请看批注")
    drafts.dispute(desk, WANG, WILLOW, PERIOD, beds, "上月已拆除两张", "4")
    reminders.remind(desk)
    found.words |= {"element": beds, "name": beds}


def _rosters(found: Everything) -> None:
    """Rows added and taken off, one upload written, another one waiting."""
    desk = found.desk
    name, data = roster_files.working_sheet(desk, WANG, WILLOW, PERIOD, ROSTER)
    columns = {column.name: column.element for column in rosters.roster_page(desk, WANG, WILLOW, PERIOD, ROSTER).columns}
    roster_rows.add_row(desk, WANG, WILLOW, PERIOD, ROSTER, {columns["姓名"]: "新来的", columns["公民身份号码"]: NEW})
    rows = rosters.roster_page(desk, WANG, WILLOW, PERIOD, ROSTER).rows
    roster_rows.remove_row(desk, WANG, WILLOW, PERIOD, ROSTER, rows[3].subject, roster_rows.REASONS[0])
    upload = roster_import.preview_upload(desk, WANG, WILLOW, PERIOD, ROSTER, name, changed(data))
    roster_import.apply_upload(desk, WANG, WILLOW, PERIOD, ROSTER, upload.seq)
    found.words |= {"subject": rows[0].subject}


def changed(sheet: bytes, text: str = "已核对") -> bytes:
    """A working sheet in which somebody wrote a note into two rows."""
    book = load_workbook(BytesIO(sheet))
    page = book.worksheets[0]
    for row in page.iter_rows():
        if str(row[0].value) in ("2", "3"):
            row[-1].value = text
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _steward(found: Everything) -> None:
    """A form in use, a changed edition of it with questions, lists that disagree."""
    form = live(found.desk, table=AGEING)
    made = admission.propose(found.desk, STEWARD, replace(proposal(AGEING_2, form)))
    conflicts.find_conflicts(found.desk, STEWARD, WILLOW, PERIOD)
    (dispute, *_) = conflicts.conflicts(found.desk, STEWARD)
    found.words |= {
        "steward.form": made.form,
        "steward.version": str(made.version),
        "steward.number": "1",
        "steward.seq": str(dispute.seq),
    }


def _merged(found: Everything, folder: Path) -> None:
    """The results of a merge of the county's forms."""
    forms = folder / "forms"
    forms.mkdir()
    for path in (folder / "county").glob("*.xlsx"):
        shutil.copy(path, forms)
    found.results.mkdir()
    service.write_results(service.merge_paths([forms]), found.results, datetime.now(UTC))


def _job(found: Everything) -> None:
    """A finished package, made by each who may ask for one."""
    for role in (Role.LEADER, Role.STEWARD, Role.ADMINISTRATOR):
        client = found.client(LOGINS[role])
        data = {"csrf": csrf(client, "/account"), "department": "残联"}
        path = client.post(f"/packages/{PERIOD}", data=data).headers["location"]
        while client.get(f"{path}/state").json()["live"]:
            time.sleep(0.05)
        found.words[f"jobs.id_.{role}"] = path.rpartition("/")[2]
