"""Trains the assistant in Rasa's own environment and talks to it over HTTP, as the application does."""

import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from bot import client, process
from tests.bot.test_assistant_files import DOMAIN, HELD_OUT, ROOT, RULES

ANSWER_TO = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in RULES}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not process.PYTHON.exists() and not os.environ.get("CI"), reason="没有 Rasa 环境：先运行 ./yibiao setup --rasa"
    ),
]


@pytest.fixture(scope="module")
def model() -> None:
    before = (ROOT / "config.yml").read_text(encoding="utf-8")
    process.perform("train")
    # Rasa rewrites a configuration that it finds incomplete.
    assert (ROOT / "config.yml").read_text(encoding="utf-8") == before


@pytest.fixture(scope="module")
def server(model: None) -> Iterator[str]:
    with process.running() as address:
        yield address


def test_rasa_finds_nothing_to_complain_about_in_our_files() -> None:
    assert "No story structure conflicts found" in process.perform("validate")


def test_the_test_stories_go_as_written(model: None) -> None:
    said = process.perform("test-core")  # raises RasaError on a failed story
    assert re.search(r"Correct:\s+4 / 4\n", said)


def test_messages_it_never_saw_get_the_right_answer(server: str) -> None:
    names = {answers[0]["text"]: name for name, answers in DOMAIN["responses"].items()}
    wrong = []
    for number, (intent, message) in enumerate(HELD_OUT):
        said = [names.get(reply.text.strip(), reply.text) for reply in client.ask(server, f"visitor-{number}", message)]
        if said != [ANSWER_TO[intent]]:
            wrong.append((intent, message, said))
    strays = [message for intent, message, _ in wrong if intent == "nlu_fallback"]
    assert strays == [], "off-topic messages were answered as if they had been understood"
    assert len(wrong) <= 0.1 * len(HELD_OUT), wrong


def test_the_answer_to_what_it_did_not_understand_offers_three_questions(server: str) -> None:
    (reply,) = client.ask(server, "visitor", "楼上漏水没人管")
    assert [title for title, _ in reply.buttons] == ["一表是什么", "怎样合并报表", "自带哪些报表"]


def test_a_typed_intent_does_not_go_past_its_understanding(server: str) -> None:
    (typed,) = client.ask(server, "visitor", "/greet")
    (fallback,) = DOMAIN["responses"]["utter_fallback"]
    assert typed.text == fallback["text"]


def test_the_server_takes_no_orders(server: str) -> None:
    # /model would load any file, /conversations would show everything said: they exist only with --enable-api.
    for path in ("model/parse", "model", "domain", "conversations/visitor/tracker"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{server}/{path}", timeout=30)
        assert refused.value.code in {404, 405}
