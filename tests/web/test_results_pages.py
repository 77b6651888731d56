"""The pages that show the results of a merge."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.browser import needs_browser, page, served
from web.app import REPORT, create_app


@pytest.fixture
def results(tmp_path: Path) -> Path:
    (tmp_path / "还表").mkdir()
    (tmp_path / "一表.xlsx").write_bytes(b"one table")
    (tmp_path / "还表" / "残疾人 台账#1.xlsx").write_bytes(b"form")
    (tmp_path / ".decisions.csv").write_text("ours", encoding="utf-8")
    (tmp_path / REPORT).write_text(
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><style>h1{color:red}</style><h1>合并报告</h1>", encoding="utf-8"
    )
    return tmp_path


def client(results: Path, host: str = "http://127.0.0.1") -> TestClient:
    return TestClient(create_app(results), base_url=host)


def test_the_start_page_lists_what_can_be_taken_away(results: Path) -> None:
    text = client(results).get("/").text
    assert "一表.xlsx" in text and "还表（1 个文件）" in text
    assert "decisions" not in text


def test_before_any_merge_it_says_which_command_to_run(tmp_path: Path) -> None:
    assert "./yibiao merge" in client(tmp_path).get("/").text
    assert client(tmp_path).get("/report").status_code == 404


def test_a_file_is_given_as_it_is(results: Path) -> None:
    assert client(results).get("/files/%E4%B8%80%E8%A1%A8.xlsx").content == b"one table"


@pytest.mark.parametrize("path", ["/files/../secret.txt", "/files/%2e%2e/secret.txt", "/files/..%2fsecret.txt"])
def test_nothing_outside_the_results_is_given(results: Path, path: str) -> None:
    (results.parent / "secret.txt").write_text("secret", encoding="utf-8")
    assert client(results).get(path).status_code == 404


def test_a_page_of_somebody_else_cannot_reach_it_under_its_own_name(results: Path) -> None:
    assert client(results, "http://evil.example").get("/").status_code == 400


def test_pages_may_load_nothing_from_elsewhere(results: Path) -> None:
    headers = client(results).get("/report").headers
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"


@needs_browser
def test_a_person_opens_the_report_and_downloads_a_form(results: Path) -> None:
    with served(create_app(results)) as address, page() as tab:
        tab.goto(address)
        with tab.expect_download() as given:
            tab.get_by_role("link", name="残疾人 台账#1.xlsx").click()
        assert given.value.path().read_bytes() == b"form"
        tab.get_by_role("link", name="打开合并报告").click()
        heading = tab.get_by_role("heading", name="合并报告")
        # The policy must leave the report's own style alive.
        assert heading.evaluate("node => getComputedStyle(node).color") == "rgb(255, 0, 0)"


@pytest.mark.parametrize(
    "path", ["decisions.jsonl", ".decisions.csv", "还表/.yibiao.json", ".x/一表.xlsx", "link.xlsx", "还表", ""]
)
def test_only_what_is_offered_can_be_had(results: Path, path: str) -> None:
    (results.parent / "secret.xlsx").write_bytes(b"secret")
    (results / "link.xlsx").symlink_to(results.parent / "secret.xlsx")
    (results / ".x").mkdir()
    for inside in ("decisions.jsonl", "还表/.yibiao.json", ".x/一表.xlsx"):
        (results / inside).write_text("ours", encoding="utf-8")
    assert client(results).get(f"/files/{path}").status_code == 404
    assert "link.xlsx" not in client(results).get("/").text


def test_names_of_files_cannot_become_html(results: Path) -> None:
    (results / "还表" / "<img src=x>&\"'.xlsm").write_bytes(b"form")
    page = client(results).get("/").text
    assert "<img" not in page and "&lt;img src=x&gt;" in page


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.2", "127.0.0.1@evil.example", ""])
def test_it_answers_to_local_names_only(results: Path, host: str) -> None:
    assert client(results).get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_it_answers_to_every_local_name(results: Path, host: str) -> None:
    assert client(results).get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("path", "host", "status", "words"),
    [
        ("/nowhere", "http://127.0.0.1", 404, "没有这一页"),
        ("/files/decisions.jsonl", "http://127.0.0.1", 404, "没有这个文件"),
        ("/files/missing.xlsx", "http://127.0.0.1", 404, "没有这个文件"),
        ("/report/", "http://127.0.0.1", 404, "没有找到"),
        ("/", "http://evil.example", 400, "请用启动时屏幕上显示的网址打开"),
    ],
)
def test_what_cannot_be_shown_is_said_in_chinese_on_a_page_of_the_house(
    results: Path, path: str, host: str, status: int, words: str
) -> None:
    (results / REPORT).unlink()
    answer = client(results, host).get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html") and 'lang="zh-CN"' in answer.text and "<main>" in answer.text
    assert words in answer.text and "Not Found" not in answer.text and "Invalid" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_page_asked_for_in_a_way_it_does_not_know_says_so_in_chinese(results: Path) -> None:
    answer = client(results).post("/")
    assert answer.status_code == 405 and "Method" not in answer.text and "打不开" in answer.text
