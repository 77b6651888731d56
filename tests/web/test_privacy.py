"""A month at the desk with everything logged and everything that can fail failing: nobody's data stands anywhere but on the page."""

from __future__ import annotations

import json
import logging
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from consolidation.desk import findings
from consolidation.store import Store, load_secrets
from consolidation.store.schema import figure
from tests.consolidation.desk.county import PEOPLE, WANG, WILLOW
from tests.web.county import PERIOD, County, county

SHEET = f"/desk/{PERIOD}/{WILLOW}"
PHONE = "13800000000"
OURS = ("httpx", "httpx2", "httpcore", "asyncio", "hpack")  # the test's own client, which is no part of the desk


@pytest.fixture
def found(tmp_path: Path) -> Iterator[County]:
    with county(tmp_path) as one:
        yield one


def private() -> set[str]:
    """Every name, ID number and address of the county's people, and the telephone."""
    rows = [line.split(",") for line in PEOPLE.strip().splitlines()[1:]]
    return {PHONE, *(cell for row in rows for cell in row[:3])}


def test_no_log_no_error_page_and_no_audit_entry_tells_of_anybody(found: County, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool"):
        caplog.set_level(logging.WARNING, name)
    told: list[str] = []
    wang, leader = found.client("wang"), found.client("leader")
    tokens = {}
    for client in (wang, leader):
        match = re.search(r'name="csrf" value="([^"]+)"', client.get("/account").text)
        assert match is not None
        tokens[client] = match[1]
    phone = next(id_ for name, id_ in found.made.names.items() if "电话" in name)

    def cells(*given: tuple[str, str]) -> None:
        body = {"cells": [{"element": element, "text": text} for element, text in given]}
        wang.post(f"{SHEET}/cells", json=body, headers={"X-CSRF-Token": tokens[wang], "accept": "application/json"})

    cells((found.element("耕地面积"), "12"), (found.element("养老床位"), "3"), (phone, PHONE))
    for text in private():  # and as what is wrong, unknown, too long, in addresses and in forms
        told.append(wang.get(f"/desk/{PERIOD}/{text}").text)
        told.append(wang.get(f"{SHEET}/cell/{text}?q={text}").text)
        told.append(wang.get(f"{SHEET}/forms/{text}").text)
        told.append(wang.post(f"{SHEET}/cell/{text}", data={"csrf": tokens[wang], "what": text, "version": text}).text)
        told.append(
            wang.post(
                f"{SHEET}/cells",
                content=f'{{"cells":[{{"{text}":1}}',
                headers={"X-CSRF-Token": tokens[wang], "content-type": "application/json"},
            ).text
        )
        told.append(
            leader.post(f"/review/{PERIOD}/{WILLOW}", data={"csrf": tokens[leader], "what": "return", f"m:{text}": text}).text
        )
        told.append(
            found.client().get(f"/api/v1/periods/{text}/forms", headers={"authorization": f"Bearer {text}".encode()}).text
        )
        cells((text, text), (found.element("养老床位"), f"{text}张"))
        found.client().post("/sign-in", data={"login": text, "password": text})
    reasons = {f"r:{one.fingerprint}": "核对过" for one in findings.findings(found.desk, WANG, WILLOW, PERIOD)}
    wang.post(f"{SHEET}/submit", data={"csrf": tokens[wang], **reasons})
    area = found.element("耕地面积")
    wang.post(f"{SHEET}/cell/{area}", data={"csrf": tokens[wang], "what": "correct", "text": "13", "note": f"{PHONE} 来电"})
    leader.post(f"/review/{PERIOD}/{WILLOW}", data={"csrf": tokens[leader], "what": "approve"})
    with found.desk.store.read() as connection:
        assert connection.exec_driver_sql("SELECT state FROM submission WHERE region = ?", (WILLOW,)).scalar_one() == "approved"
        audit = str(connection.exec_driver_sql("SELECT * FROM audit").all())
        assert PHONE not in str(connection.exec_driver_sql("SELECT value FROM figure").all()), "sealed"
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith(OURS))
    for text in private():
        assert text not in logged and text not in audit
        assert not any(text in page for page in told)


def test_an_error_of_the_database_tells_no_values(store: Store) -> None:
    row = {
        "element": "e",
        "entity": "x",
        "period": "2026",
        "region": "x",
        "value": PHONE,
        "state": "draft",
        "source": "",
        "at": "",
        "version": 1,
    }
    store.write(lambda c: c.execute(insert(figure), row).rowcount)
    with pytest.raises(IntegrityError) as failed:
        store.write(lambda c: c.execute(insert(figure), row).rowcount)
    assert PHONE not in str(failed.value)


def test_the_database_and_the_keys_are_their_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    store = Store(f"sqlite:///{home / 'desk.db'}")
    store.write(lambda c: c.exec_driver_sql("CREATE TABLE t (a)").rowcount)
    load_secrets(home / "keys.json")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert {"desk.db", "desk.db-wal", "keys.json"} <= modes.keys() and set(modes.values()) == {0o600}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    store.close()
    (home / "desk.db").chmod(0o644)
    Store(f"sqlite:///{home / 'desk.db'}").close()
    assert stat.S_IMODE((home / "desk.db").stat().st_mode) == 0o600, "one of before is closed too"


def test_a_session_that_ends_in_the_middle(found: County) -> None:
    wang = found.client("wang")
    match = re.search(r'name="csrf" value="([^"]+)"', wang.get(SHEET).text)
    assert match is not None
    found.desk.store.write(lambda c: c.exec_driver_sql("DELETE FROM session").rowcount)
    body = json.dumps({"cells": [{"element": found.element("耕地面积"), "text": "5"}]})
    head = {"X-CSRF-Token": match[1], "accept": "application/json", "content-type": "application/json"}
    answer = wang.post(f"{SHEET}/cells", content=body, headers=head)
    assert answer.status_code in (401, 403) and answer.json()["message"]
    assert wang.get(SHEET).headers["location"].startswith("/sign-in")
