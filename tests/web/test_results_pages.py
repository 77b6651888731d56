"""The pages that show the results of a merge to leaders and stewards, and the names that the desk answers to."""

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest
from fastapi.testclient import TestClient

from consolidation.service.people import Role
from tests.browser import needs_browser
from tests.desk_people import GOOD
from tests.web.desk import World, browsing, type_sign_in, world
from web.desk_app import PARTS
from web.results import REPORT, part


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("merged") / "results"


@pytest.fixture(scope="module")
def desk(folder: Path) -> Iterator[World]:
    with world(folder.parent, parts=(*PARTS, part(folder))) as found:
        found.person("li", Role.LEADER)
        found.person("wang", Role.WORKER)
        yield found


@pytest.fixture(scope="module")
def leader(desk: World) -> TestClient:
    return desk.signed_in("li")


@pytest.fixture
def results(folder: Path) -> Iterator[Path]:
    (folder / "还表").mkdir(parents=True)
    (folder / "一表.xlsx").write_bytes(b"one table")
    (folder / "还表" / "残疾人 台账#1.xlsx").write_bytes(b"form")
    (folder / ".decisions.csv").write_text("ours", encoding="utf-8")
    (folder / REPORT).write_text(
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><style>h1{color:red}</style><h1>合并报告</h1>", encoding="utf-8"
    )
    yield folder
    rmtree(folder)


def test_the_page_lists_what_can_be_taken_away(results: Path, leader: TestClient) -> None:
    text = leader.get("/results").text
    assert "一表.xlsx" in text and "还表（1 个文件）" in text
    assert "decisions" not in text


def test_before_any_merge_it_says_that_there_is_nothing(leader: TestClient) -> None:
    assert "还没有合并结果" in leader.get("/results").text
    assert leader.get("/report").status_code == 404


def test_a_file_is_given_as_it_is(results: Path, leader: TestClient) -> None:
    assert leader.get("/results/files/%E4%B8%80%E8%A1%A8.xlsx").content == b"one table"


def test_workers_do_not_see_other_places_forms(results: Path, desk: World) -> None:
    worker = desk.signed_in("wang")
    for path in ("/results", "/report", "/results/files/%E4%B8%80%E8%A1%A8.xlsx"):
        assert worker.get(path).status_code == 403
        assert desk.client().get(path).status_code == 303


@pytest.mark.parametrize("path", ["../secret.xlsx", "%2e%2e/secret.xlsx", "..%2fsecret.xlsx", "还表/../../secret.xlsx"])
def test_nothing_outside_the_results_is_given(results: Path, leader: TestClient, path: str) -> None:
    (results.parent / "secret.xlsx").write_bytes(b"secret")
    assert leader.get(f"/results/files/{path}").status_code == 404


@pytest.mark.parametrize(
    "path", ["decisions.jsonl", ".decisions.csv", "还表/.yibiao.json", ".x/一表.xlsx", "link.xlsx", "还表", ""]
)
def test_only_what_is_offered_can_be_had(results: Path, leader: TestClient, path: str) -> None:
    (results.parent / "secret.xlsx").write_bytes(b"secret")
    (results / "link.xlsx").symlink_to(results.parent / "secret.xlsx")
    (results / ".x").mkdir()
    for inside in ("decisions.jsonl", "还表/.yibiao.json", ".x/一表.xlsx"):
        (results / inside).write_text("ours", encoding="utf-8")
    assert leader.get(f"/results/files/{path}").status_code == 404
    assert "link.xlsx" not in leader.get("/results").text


def test_names_of_files_cannot_become_html(results: Path, leader: TestClient) -> None:
    (results / "还表" / "<img src=x>&\"'.xlsm").write_bytes(b"form")
    page = leader.get("/results").text
    assert "<img" not in page and "&lt;img src=x&gt;" in page


def test_the_report_may_load_nothing_from_elsewhere(results: Path, leader: TestClient) -> None:
    headers = leader.get("/report").headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"


@needs_browser
def test_a_person_opens_the_report_and_downloads_a_form(results: Path, desk: World) -> None:
    with browsing(desk) as tab:
        type_sign_in(tab, "li", GOOD)
        tab.get_by_role("navigation", name="主导航").get_by_role("link", name="合并结果").click()
        with tab.expect_download() as given:
            tab.get_by_role("link", name="残疾人 台账#1.xlsx").click()
        assert given.value.path().read_bytes() == b"form"
        tab.get_by_role("link", name="打开合并报告").click()
        heading = tab.get_by_role("heading", name="合并报告")
        # The policy must leave the report's own style alive.
        assert heading.evaluate("node => getComputedStyle(node).color") == "rgb(255, 0, 0)"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.2", "127.0.0.1@evil.example", ""])
def test_it_answers_to_local_names_only(desk: World, host: str) -> None:
    assert desk.client().get("/sign-in", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_it_answers_to_every_local_name(desk: World, host: str) -> None:
    assert desk.client().get("/sign-in", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/nowhere", "/results/files/missing.xlsx"])
def test_what_cannot_be_shown_is_said_in_chinese_on_a_page_of_the_house(leader: TestClient, path: str) -> None:
    answer = leader.get(path)
    assert answer.status_code == 404 and answer.headers["content-type"].startswith("text/html")
    assert 'lang="zh-CN"' in answer.text and "Not Found" not in answer.text
