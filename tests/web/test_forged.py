"""What no page of ours sends: forged fields, wrong types, letters that break things. Never a failure, never written as it came."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from consolidation.desk import review, worksheet
from consolidation.desk.model import Clash
from consolidation.store import Store
from tests.consolidation.desk.county import LEADER, WANG, WILLOW
from tests.web.county import PERIOD, County, county

SHEET = f"/desk/{PERIOD}/{WILLOW}"
REFUSED = (400, 403, 404, 409, 413, 415, 422)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    with county(tmp_path_factory.mktemp("forged")) as one:
        yield one


class Person:
    """Somebody signed in, with what the pages' forms carry."""

    def __init__(self, found: County, login: str) -> None:
        self.client: TestClient = found.client(login)
        token = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/account").text)
        assert token is not None
        self.csrf = token[1]

    def cells(self, body: bytes, kind: str = "application/json"):  # type: ignore[no-untyped-def]
        head = {"X-CSRF-Token": self.csrf, "content-type": kind, "accept": "application/json"}
        return self.client.post(f"{SHEET}/cells", content=body, headers=head)

    def form(self, path: str, fields: dict[str, str]):  # type: ignore[no-untyped-def]
        return self.client.post(path, data={"csrf": self.csrf, **fields})


@pytest.fixture(scope="module")
def wang(found: County) -> Person:
    return Person(found, "wang")


@pytest.fixture(scope="module")
def leader(found: County) -> Person:
    return Person(found, "leader")


def values(found: County) -> dict[str, str | None]:
    return {item.name: item.value for item in worksheet.worksheet(found.desk, WANG, WILLOW, PERIOD).items}


@pytest.mark.parametrize(
    "cell",
    [
        '{"element":"AREA","text":"9","version":-1}', '{"element":"AREA","text":"9","version":99999999999}',
        '{"element":"AREA","text":"9","version":1' + "0" * 5000 + "}", '{"element":"AREA","text":"9","version":"x"}',
        '{"element":"AREA","text":null}', '{"element":null,"text":"9"}', "null", "[]", '{"element":"AREA","text":"\\ud800"}',
        '{"element":"' + "x" * 65 + '","text":"9"}', '{"element":"AREA","text":"' + "9" * 2001 + '"}',
        '{"element":"AREA","text":"9","note":"\\udfff"}', '{"element":"AREA","text":' + "[" * 90_000,
        ",".join(['{"element":"a","text":"1"}'] * 50_000),
    ],
)  # fmt: skip
def test_forged_cells_are_refused(found: County, wang: Person, cell: str) -> None:
    before = values(found)
    answer = wang.cells(('{"cells":[' + cell.replace("AREA", found.element("耕地面积")) + "]}").encode())
    assert answer.status_code in REFUSED and set(answer.json()) == {"code", "message", "hint"}
    assert values(found) == before


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", ";;=", 'application/json; charset="', "a" * 5000, ""])
@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b'{"cells":[]', b"csrf=x&cells=1", b"--x--"])
def test_wrong_types_are_refused(wang: Person, kind: str, body: bytes) -> None:
    assert wang.cells(body, kind).status_code in REFUSED


def test_unknown_and_repeated_cells(found: County, wang: Person) -> None:
    area = found.element("耕地面积")
    body = {"cells": [{"element": area, "text": "3"}, {"element": area, "text": "4"}, {"element": "<b>", "text": "4"}]}
    told = wang.cells(json.dumps(body).encode()).json()
    assert [one["value"] for one in told["saved"]] == ["3", "4"] and set(told["refused"]) == {"<b>"}


@pytest.mark.parametrize("version", ["²", "-1", "9" * 11, "9" * 5000, "x", "", "1.0", "٣"])
def test_a_forged_version_is_no_leave_to_write_over_others(found: County, wang: Person, version: str) -> None:
    area = found.element("耕地面积")
    before = values(found)
    assert wang.form(f"{SHEET}/save", {f"v:{area}": "8888", f"n:{area}": version, f"o:{area}": ""}).status_code == 422
    if version:
        assert wang.form(f"{SHEET}/cell/{area}", {"what": "save", "text": "8888", "version": version}).status_code in (409, 422)
    assert values(found) == before


def test_a_large_table_without_script_is_taken(wang: Person) -> None:
    assert wang.form(f"{SHEET}/save", {f"{kind}:x{i}": "" for i in range(1500) for kind in "vno"}).status_code == 303


def test_too_many_fields_and_too_many_bytes_are_refused(wang: Person) -> None:
    assert wang.form(f"{SHEET}/save", {f"v:{i}": "" for i in range(30_000)}).status_code == 400
    assert wang.form(f"{SHEET}/save", {"v:x": "9" * 10_000_000}).status_code == 413


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "undefined", "rot13", "utf-16", "\\x", "idna", "*=utf-7''x"])
def test_a_form_in_other_letters_is_refused(wang: Person, charset: str) -> None:
    parts = {"csrf": wang.csrf, "r:x": "+2AA-\\ud800"}
    body = (
        "".join(f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in parts.items())
        + "--B--\r\n"
    )
    head = {"content-type": f"multipart/form-data; boundary=B; charset={charset}", "X-CSRF-Token": wang.csrf}
    assert wang.client.post(f"{SHEET}/submit", content=body.encode(), headers=head).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/desk/%00/x", f"{SHEET}/cell/a%00", f"{SHEET}/package.zip?department=%00", "/sign-in?next=/%00", f"{SHEET}/forms/%00"],
)
def test_no_nul_gets_through(wang: Person, path: str) -> None:
    assert wang.client.get(path).status_code == 400
    assert wang.form("/sign-in", {"login": "a\0b", "password": "x"}).status_code == 400


@pytest.mark.parametrize("path", ["%ED%A0%80", "%FF", "..%2f..", "x" * 3000, "%E2%80%AE", "*", "'", "%22%3E%3Cscript%3E"])
def test_odd_addresses_are_not_there(wang: Person, path: str) -> None:
    for address in (
        f"/desk/{path}/{WILLOW}",
        f"/desk/{PERIOD}/{path}",
        f"{SHEET}/cell/{path}",
        f"{SHEET}/forms/{path}",
        f"/{path}",
    ):
        answer = wang.client.get(address)
        assert answer.status_code in (403, 404) and "<script>" not in answer.text


def test_what_is_not_known_to_be_done_is_not_done(found: County, wang: Person, leader: Person) -> None:
    area = found.element("耕地面积")
    assert wang.form(f"{SHEET}/cell/{area}", {"what": "approve", "text": "1"}).status_code == 422
    assert leader.form(f"/review/{PERIOD}/{WILLOW}", {"what": "erase"}).status_code == 422
    assert leader.form(f"/review/{PERIOD}/approve", {}).status_code == 422
    upload = {"csrf": (None, leader.csrf), "what": (None, "return"), "text": ("a.txt", b"x")}
    assert leader.client.post(f"/review/{PERIOD}/{WILLOW}", files=upload).status_code == 422


def test_a_remark_on_a_cell_that_is_not_there_is_refused_and_stands_in_no_log(found: County, leader: Person) -> None:
    answer = leader.form(f"/review/{PERIOD}/{WILLOW}", {"what": "return", "m:张三 13800000000": "不对"})
    assert answer.status_code == 404
    with found.desk.store.read() as connection:
        assert "13800000000" not in str(connection.exec_driver_sql("SELECT * FROM audit").all())


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "=1+1", "a\u202eb\x00c\x07"]
)
def test_every_text_is_shown_as_text(found: County, wang: Person, leader: Person, text: str) -> None:
    area = found.element("耕地面积")
    text = text.replace("\x00", "")  # refused in forms, see above
    assert wang.form(f"{SHEET}/cell/{area}", {"what": "save", "text": "5", "note": f"说明{text}"}).status_code == 303
    assert wang.form(f"{SHEET}/cell/{area}", {"what": "dispute", "text": "", "note": f"异议{text}"}).status_code == 303
    for path in (SHEET, f"{SHEET}/cell/{area}", f"{SHEET}/submit", f"/review/{PERIOD}", f"/review/{PERIOD}/{WILLOW}"):
        shown = (wang if path.startswith("/desk") else leader).client.get(path).text
        assert "<script>alert" not in shown and "<img src=x" not in shown and "说明49" not in shown and "\u202e" not in shown


def test_remarks_of_a_return_are_text(found: County, wang: Person, leader: Person) -> None:
    phone = next(name for name in found.made.names if "电话" in name)
    fill = {"耕地面积": "12", "养老床位": "3", phone: "13800000000"}
    body = {"cells": [{"element": found.element(name), "text": value} for name, value in fill.items()]}
    assert not wang.cells(json.dumps(body).encode()).json()["refused"]
    from consolidation.desk.findings import findings

    reasons = {one.fingerprint: "<script>alert(1)</script>" for one in findings(found.desk, WANG, WILLOW, PERIOD)}
    review.submit(found.desk, WANG, WILLOW, PERIOD, reasons)
    area = found.element("耕地面积")
    fields = {"what": "return", f"m:{area}": "<script>alert(1)</script>", "text": "<img src=x>"}
    assert leader.form(f"/review/{PERIOD}/{WILLOW}", fields).status_code == 303
    with pytest.raises(Clash):
        review.approve(found.desk, LEADER, [WILLOW], PERIOD)
    for path in (SHEET, f"{SHEET}/cell/{area}", f"/review/{PERIOD}/{WILLOW}"):
        shown = (wang if path.startswith("/desk") else leader).client.get(path).text
        assert "<script>alert" not in shown and "<img src=x" not in shown
        assert path.endswith(area) or "&lt;img src=x&gt;" in shown


def test_the_database_is_whole(found: County) -> None:
    store: Store = found.desk.store
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
