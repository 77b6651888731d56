"""The analyst's copy: readable, searchable, nobody to be found in it, and the log knows who made it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils
from sqlalchemy import insert, select

from consolidation.store import Entry, Key, Secrets, State, Store, figures
from consolidation.store.export import export, shown_whole
from consolidation.store.masking import About, shown_masked
from consolidation.store.schema import audit, element, form, form_version, period, region, submission, submission_event
from consolidation.store.sealed import figure_context
from forms.problems import CannotDo

KEYS = Secrets({"1": b"k" * 32}, "1", b"f" * 32)
NOW = "2026-11-01T08:00:00.000000+00:00"
HERE, ID, PHONE, ADDRESS = "990101001001", "990101195001010016", "13900000001", "柳坝镇柳坝村12号"
ELEMENTS = {"name": "姓名", "id": "公民身份号码", "phone": "联系电话", "address": "现住址", "remark": "备注"}


@pytest.fixture
def filled(store: Store) -> Store:
    def job(c: Any) -> None:
        c.execute(insert(region).values(code=HERE, name="柳坝社区", level="village"))
        c.execute(insert(period).values(period="2026-10"))
        c.execute(insert(submission).values(region=HERE, period="2026-10", state="returned"))
        c.execute(insert(submission_event).values(region=HERE, period="2026-10", to_state="returned", remark=f"请打{PHONE}"))
        c.execute(insert(form).values(id="f", title="低保"))
        c.execute(insert(form_version).values(form="f", version=1, template=b""))
        c.execute(
            insert(element).values(
                id="households", name="农村低保户数", entity="village", measure="count", type="number", unit="户"
            )
        )
        for id_, name in ELEMENTS.items():
            c.execute(insert(element).values(id=id_, name=name, entity="person", measure="attribute", type="text"))
        values = {"name": "张建国", "id": ID, "phone": PHONE, "address": ADDRESS, "remark": "张建国的儿子"}
        for id_, value in values.items():
            text = KEYS.seal(value, figure_context(id_, "p1")) if id_ in ("id", "phone", "address") else value
            figures.save(c, Entry(Key(id_, "p1", "2026-10"), HERE, text, State.DRAFT, "填报", at=NOW))
        for value, state in (("007", State.DRAFT), ("12", State.REPORTED)):
            figures.save(c, Entry(Key("households", HERE, "2026-10"), HERE, value, state, "填报", actor="wang", at=NOW))
        figures.correct(
            c, Entry(Key("households", HERE, "2026-10"), HERE, "21", State.REPORTED, "填报", at=NOW, note=f"问过{PHONE}")
        )

    store.write(job)
    return store


def values(path: Path) -> dict[str, str]:
    return {row["element"]: row["value"] for row in sqlite_utils.Database(path)["figures"].rows}


def test_personal_values_are_masked(filled: Store, tmp_path: Path) -> None:
    export(filled, KEYS, tmp_path / "e.db", "admin", NOW)
    assert values(tmp_path / "e.db") == {
        "name": "张**", "id": "990101********0016", "phone": "139****0001", "address": "柳坝镇柳坝村***", "remark": "***", "households": "21",
    }  # fmt: skip
    body = (tmp_path / "e.db").read_bytes()
    assert not any(text.encode() in body for text in ("张建国", ID, PHONE, "12号", "sm4:"))


def test_whoever_has_the_key_gets_values_as_they_are_and_the_log_says_so(filled: Store, tmp_path: Path) -> None:
    export(filled, KEYS, tmp_path / "e.db", "admin", NOW, shown_whole)
    assert values(tmp_path / "e.db") | {"households": ""} == {
        "name": "张建国", "id": ID, "phone": PHONE, "address": ADDRESS, "remark": "张建国的儿子", "households": "",
    }  # fmt: skip
    with filled.read() as c:
        (noted,) = c.execute(select(audit)).all()
    assert (noted.actor, noted.act, json.loads(noted.detail)) == ("admin", "export", {"masked": False})


def test_the_wrong_key_shows_nothing(filled: Store, tmp_path: Path) -> None:
    export(filled, Secrets({"1": b"x" * 32}, "1", b"f" * 32), tmp_path / "e.db", "admin", NOW, shown_whole)
    assert values(tmp_path / "e.db")["id"] == "***"


def test_the_copy_is_readable_and_its_columns_are_text(filled: Store, tmp_path: Path) -> None:
    rows = export(filled, KEYS, tmp_path / "e.db", "admin", NOW)
    assert rows == {"regions": 1, "elements": 6, "forms": 1, "figures": 6, "history": 8, "submissions": 1, "submission_events": 1}
    copy = sqlite_utils.Database(tmp_path / "e.db")
    types = {name: kind for table in ("figures", "history", "elements") for name, kind in copy[table].columns_dict.items()}
    assert {name for name, kind in types.items() if kind is not str} == {"version"}
    (figure,) = copy["figures"].rows_where("element = 'households'")
    assert (figure["element_name"], figure["unit"], figure["region_name"], figure["entity_name"], figure["state_name"]) == (
        "农村低保户数", "户", "柳坝社区", "柳坝社区", "已上报",
    )  # fmt: skip
    assert [row["value"] for row in copy["history"].rows_where("element = 'households'", order_by="version")] == [
        "007",
        "12",
        "21",
    ]
    (event,) = copy["submission_events"].rows
    assert event["remark"] == "请打139****0001" and event["to_state_name"] == "已退回"
    assert (tmp_path / "e.db").stat().st_mode & 0o077 == 0 and [path.name for path in tmp_path.glob("e.db*")] == ["e.db"]


def test_element_names_are_found_by_a_part_of_them(filled: Store, tmp_path: Path) -> None:
    export(filled, KEYS, tmp_path / "e.db", "admin", NOW)
    copy = sqlite_utils.Database(tmp_path / "e.db")
    for part in ("低保", "农村低保", "户数", "农村低保户数"):
        assert [row["id"] for row in copy["elements"].search(part)] == ["households"]


def test_views_answer_what_analysts_ask(filled: Store, tmp_path: Path) -> None:
    export(filled, KEYS, tmp_path / "e.db", "admin", NOW)
    copy = sqlite_utils.Database(tmp_path / "e.db")
    (corrected,) = copy["corrected_figures"].rows
    assert (corrected["value_before"], corrected["value_after"], corrected["note"]) == ("12", "21", "问过139****0001")
    assert copy["latest_figures"].count == 6
    assert [row["region_name"] for row in copy["open_submissions"].rows] == ["柳坝社区"]
    assert {row["state"]: row["figures"] for row in copy["figures_by_source"].rows} == {"draft": 5, "reported": 1}


def test_a_file_that_is_there_is_not_overwritten(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "e.db").write_bytes(b"mine")
    with pytest.raises(CannotDo):
        export(filled, KEYS, tmp_path / "e.db", "admin", NOW)
    assert (tmp_path / "e.db").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "kind", "text", "shown"),
    [
        ("联系电话", "text", "0990-88888888", "099***88"),
        ("联系电话", "text", "8888", "***"),
        ("银行账号", "text", "9900000000001", "99***01"),
        ("户籍地址", "text", "三号楼", "***"),
        ("出生日期", "date", "1950-01-01", "1950-**-**"),
        ("监护人姓名", "text", "李", "李*"),
        ("婚姻状况", "choice", "已婚", "已婚"),
        ("户主电话数", "number", "3", "3"),
        ("姓名", "text", "", ""),
    ],
)
def test_how_each_kind_is_shown(name: str, kind: str, text: str, shown: str) -> None:
    assert shown_masked(text, About(name, "person", "attribute", kind), False) == shown


def test_what_is_sealed_is_masked_whatever_its_element_seems_to_be() -> None:
    assert shown_masked("12345", About("数", "village", "count", "number"), True) == "***"
    assert shown_masked("张三", About(), False) == "***", "of an unknown element nothing is shown"


def test_a_copy_opens_with_plain_sqlite(filled: Store, tmp_path: Path) -> None:
    export(filled, KEYS, tmp_path / "e.db", "admin", NOW)
    with sqlite3.connect(tmp_path / "e.db") as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
