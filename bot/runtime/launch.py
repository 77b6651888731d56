"""Runs Rasa with this project's files, on this machine only. Called with .venv-rasa's Python (3.10):

    launch.py train | validate | test-core | test-nlu | shell | run [--port 5005]

Rasa takes every YAML file under data/ for its own, so its three folders are always named. Models, caches and results
go to .yibiao/rasa. Nothing is sent anywhere: telemetry is off and the server listens on the loopback address without
--enable-api, which would let a caller load any model file (CVE-2024-49375 was of this kind).
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".yibiao" / "rasa"
MODELS = WORK / "models"
TESTS = ROOT / "tests" / "bot"
DATA = ["--data", "data/nlu", "data/rules", "data/stories"]
DEFAULT_PORT = "5005"


def commands(port: str) -> dict[str, list[str]]:
    """What each of our commands is in Rasa's words."""
    model = ["--model", str(MODELS)]
    endpoints = ["--endpoints", "endpoints.yml"]
    results = ["--out", str(WORK / "results")]
    stories = ["--stories", str(TESTS / "stories"), "--fail-on-prediction-errors"]
    return {
        "validate": ["data", "validate", "--fail-on-warnings", "--domain", "domain.yml", "--config", "config.yml", *DATA],
        "train": ["train", "--domain", "domain.yml", "--config", "config.yml", "--out", str(MODELS), *DATA],
        "test-core": ["test", "core", *model, *endpoints, *stories, *results],
        "test-nlu": ["test", "nlu", *model, "--nlu", str(TESTS / "held_out.yml"), "--no-plot", *results],
        "shell": ["shell", *model, *endpoints, "--credentials", "credentials.yml", "--interface", "127.0.0.1", "--port", port],
        "run": ["run", *model, *endpoints, "--credentials", "credentials.yml", "--interface", "127.0.0.1", "--port", port],
    }


def environment() -> dict[str, str]:
    """The process environment Rasa gets: no telemetry, its cache with our files, our components importable, less chatter."""
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_CACHE_DIRECTORY": str(WORK / "cache"),
        "MPLCONFIGDIR": str(WORK / "matplotlib"),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "TQDM_DISABLE": "1",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def main(arguments: list[str]) -> NoReturn:
    """Becomes Rasa. Unknown commands end with status 2."""
    port = arguments[arguments.index("--port") + 1] if "--port" in arguments[:-1] else DEFAULT_PORT
    known = commands(port)
    command = arguments[0] if arguments else ""
    if command not in known:
        sys.exit(f"launch.py {' | '.join(known)} [--port {DEFAULT_PORT}]")
    WORK.mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "-m", "rasa", *known[command]], environment())


if __name__ == "__main__":
    main(sys.argv[1:])
