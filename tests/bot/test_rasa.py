"""Trains the assistant in Rasa's own environment and talks to it over HTTP, as the application will."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.test_assistant_files import DOMAIN, HELD_OUT, ROOT, RULES

PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
ANSWER_TO = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in RULES}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists() and not os.environ.get("CI"), reason="没有 Rasa 环境：先运行 ./yibiao setup --rasa"),
]


def launch(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [str(PYTHON), str(ROOT / "bot" / "runtime" / "launch.py"), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)


@pytest.fixture(scope="module")
def trained() -> None:
    before = (ROOT / "config.yml").read_text(encoding="utf-8")
    done = launch("train", cwd=ROOT / "tests")  # the launcher finds its files from anywhere
    assert done.returncode == 0, done.stderr[-3000:]
    assert (ROOT / "config.yml").read_text(encoding="utf-8") == before


@pytest.fixture(scope="module")
def server(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running assistant."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("rasa") / "log"
    with log.open("w") as handle:
        command = [str(PYTHON), str(ROOT / "bot" / "runtime" / "launch.py"), "run", "--port", str(port)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=handle, stderr=subprocess.STDOUT)
    try:
        wait_for(process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while "Rasa server is up and running" not in log.read_text(encoding="utf-8"):
        assert process.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")[-3000:]
        time.sleep(0.5)


def say(server: str, sender: str, text: str) -> list[dict[str, object]]:
    body = json.dumps({"sender": sender, "message": text}).encode()
    request = urllib.request.Request(f"{server}/webhooks/rest/webhook", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return list(json.load(reply))


def test_rasa_finds_nothing_to_complain_about_in_our_files() -> None:
    done = launch("validate")
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_test_stories_go_as_written(trained: None) -> None:
    done = launch("test-core")
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def test_messages_it_never_saw_get_the_right_answer(server: str) -> None:
    texts = {answers[0]["text"]: name for name, answers in DOMAIN["responses"].items()}
    wrong = []
    for number, (intent, message) in enumerate(HELD_OUT):
        reply = say(server, f"visitor-{number}", message)
        if [texts.get(str(part["text"])) for part in reply] != [ANSWER_TO[intent]]:
            wrong.append((intent, message, reply))
    strays = [message for intent, message, _ in wrong if intent == "nlu_fallback"]
    assert strays == [], "off-topic messages were answered as if they had been understood"
    assert len(wrong) <= 0.1 * len(HELD_OUT), wrong


def test_the_server_takes_no_orders(server: str) -> None:
    # /model would load any file, /domain and /conversations would show everything: they exist only with --enable-api.
    for path in ("model/parse", "model", "domain", "conversations/visitor-1/tracker"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{server}/{path}", timeout=30)
        assert refused.value.code in {404, 405}
