"""A real browser for page tests: Playwright from the package index with the system's Chromium (docs/decisions/0004)."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
# Quiet: Chromium's own errands would knock at hosts outside. No sandbox: CI runs as root.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]

needs_browser = pytest.mark.skipif(
    not CHROMIUM.exists() and not os.environ.get("CI"), reason="没有 Chromium：apt install chromium"
)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a free port of this machine, as its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


@contextmanager
def page(width: int = 1280, height: int = 800, expected: tuple[str, ...] = (), bypass_csp: bool = False) -> Iterator[Page]:
    """An empty page that fails the test when the page's own scripts or requests do. `expected`: words of troubles that the test
    makes on purpose; `bypass_csp`: the test puts a tool's script into the page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        tab = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", bypass_csp=bypass_csp).new_page()
        troubles: list[str] = []
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("requestfailed", lambda request: troubles.append(f"{request.url} {request.failure}"))
        tab.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        try:
            yield tab
        finally:
            browser.close()
        # A download ends the navigation that began it: Chromium calls that aborted.
        known = ("net::ERR_ABORTED", *expected)
        seen = [trouble for trouble in troubles if not any(word in trouble for word in known)]
        assert not seen, seen
