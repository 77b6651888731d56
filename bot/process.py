"""Starts, watches and stops Rasa, which lives in an environment of its own (.venv-rasa, Python 3.10)."""

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
LAUNCHER = Path(__file__).resolve().parent / "runtime" / "launch.py"
WORK = ROOT / ".yibiao" / "rasa"


class RasaError(Exception):
    """Rasa did not do what it was asked; the text is the end of what it said."""


def trained() -> bool:
    """Whether there is a model to talk to."""
    return any((WORK / "models").glob("*.tar.gz"))


def perform(command: str) -> str:
    """Runs one launcher command (train, validate, test-core, test-nlu) to its end and returns what it printed.

    Raises RasaError when it fails, FileNotFoundError when the environment is missing.
    """
    done = subprocess.run(  # noqa: S603
        [str(PYTHON), str(LAUNCHER), command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    if done.returncode:
        raise RasaError(said[-3000:])
    return said


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    """Whether the assistant is up: it opens its door only after the model is loaded."""
    try:
        with urllib.request.urlopen(address, timeout=2) as reply:  # noqa: S310 (an http address of ours)
            return bool(reply.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _await(process: subprocess.Popen[bytes], address: str, log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not _answers(address):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RasaError(log.read_text(encoding="utf-8", errors="replace")[-3000:])
        time.sleep(0.2)


@contextmanager
def running(seconds: float = 180) -> Iterator[str]:
    """A running assistant as its address, stopped at the end. Raises RasaError when it is not up in time."""
    WORK.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    log = WORK / f"run-{port}.log"
    with log.open("wb") as handle:
        command = [str(PYTHON), str(LAUNCHER), "run", "--port", str(port)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=handle, stderr=subprocess.STDOUT)  # noqa: S603
    try:
        _await(process, address, log, seconds)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
        log.unlink(missing_ok=True)
