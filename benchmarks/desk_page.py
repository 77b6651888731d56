"""The worker's page with the demo county's one table: time on the server, and time until one can type in a real Chromium.

    python -m benchmarks.desk_page [--home DIR] [--runs 20]

The server is `yibiao serve` itself, a process of its own over a prepared home (made when it is not there: about two minutes),
asked over loopback by somebody who has signed in. Usable: from the navigation's start until the page's script has run and the
first cell that is to be filled takes the focus. Each run has a browser context of its own, so nothing is cached. Baseline in the
same run: the same bytes as a static page, with the same style and script, from the same kind of server; what is left of it is
the browser's own work. The result goes to benchmarks/results/desk_page.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "desk_page.md"
CHROMIUM = Path("/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PLACE, PERIOD = "990101001203", "2026-10"
PAGE = f"/desk/{PERIOD}/{PLACE}"
SERVER_MS, USABLE_MS = 300, 1000  # at most (issue 3, there for 300 items)
# Asked at every frame: is the script through, and does the first open cell take the focus?
USABLE = """(() => {
  const look = () => {
    const cell = document.querySelector("[data-version]:not([readonly])");
    if (cell && document.documentElement.classList.contains("scripted")) {
      cell.focus();
      if (document.activeElement === cell) { window.usableAfter = performance.now(); return; }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""


@dataclass(frozen=True)
class Line:
    """A computer and its line to the server. `slower`: its processor than this machine's; `megabit` a second, 0 = loopback."""

    name: str
    width: int = 1366
    height: int = 768
    slower: int = 1
    megabit: int = 0
    latency_ms: int = 0


LINES = (
    Line("1366×768"),
    Line("1366×768, processor 4 times slower", slower=4),
    Line("1366×768, 4 times slower, 10 Mbit/s, 20 ms", slower=4, megabit=10, latency_ms=20),
    Line("360×740, 4 times slower, 10 Mbit/s, 20 ms", 360, 740, 4, 10, 20),
)


@contextmanager
def desk_server(home: Path) -> Iterator[str]:
    """`yibiao serve` over the home, warm, as its address."""
    command = [sys.executable, "-m", "cli", "serve", "--home", str(home), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            for said in process.stderr:
                if found := re.search(r"http://[\d.:]+", said):
                    yield found[0]
                    break
        finally:
            process.send_signal(signal.SIGINT)


def _serve_static(folder: str, port: int) -> None:
    app = Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", server_header=False)


@contextmanager
def static_server(page: bytes, folder: Path) -> Iterator[str]:
    """The same bytes as a file, with the style and the script that it names."""
    shutil.copytree(ROOT / "web" / "static", folder / "static")
    shutil.copy(ROOT / "web" / "static" / "icon.svg", folder / "favicon.ico")
    (folder / "index.html").write_bytes(page)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=_serve_static, args=(str(folder), port), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.join()


def signed_in(address: str) -> httpx.Client:
    """The demo worker of the place, by the password that the demo's sign-in page shows."""
    client = httpx.Client(base_url=address, timeout=120, trust_env=False)
    text = client.get("/sign-in").text
    csrf, password = (re.search(what, text) for what in (r'name="csrf" value="([^"]+)"', r"<code>(\w{4}-[\w-]+)</code>"))
    assert csrf is not None and password is not None, "is this the demo county?"
    data = {"csrf": csrf[1], "login": f"worker-{PLACE}", "password": password[1], "next": PAGE}
    assert client.post("/sign-in", data=data).status_code == 303
    return client


def on_server(client: httpx.Client, path: str, runs: int) -> tuple[list[float], bytes]:
    """Milliseconds from the request to the last byte, and what came."""
    answer = client.get(path)  # what nobody has asked for yet is read from disk
    took = []
    for _ in range(runs):
        begun = time.perf_counter()
        answer = client.get(path)
        took.append(1000 * (time.perf_counter() - begun))
        assert answer.status_code == 200
    return took, answer.content


def in_browser(browser: Browser, url: str, cookies: dict[str, str], line: Line, runs: int) -> list[float]:
    """Milliseconds from the navigation's start until one can type."""
    took = []
    for _ in range(runs):
        context = browser.new_context(viewport={"width": line.width, "height": line.height}, locale="zh-CN")
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        tab = context.new_page()
        tab.set_default_timeout(180_000)
        tab.add_init_script(USABLE)
        devtools = context.new_cdp_session(tab)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": line.slower})
        if line.megabit:
            rate = line.megabit * 1_000_000 / 8
            limits = {"offline": False, "latency": line.latency_ms, "downloadThroughput": rate, "uploadThroughput": rate}
            devtools.send("Network.emulateNetworkConditions", limits)
        tab.goto(url)
        tab.wait_for_function("window.usableAfter")
        took.append(float(tab.evaluate("window.usableAfter")))
        context.close()
    return took


def row(what: str, ours: Sequence[float], baseline: Sequence[float], most: int) -> str:
    numbers = " | ".join(f"{statistics.median(one):.0f} | {sorted(one)[int(0.95 * len(one))]:.0f}" for one in (ours, baseline))
    return f"| {what} | {numbers} | {most} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=ROOT / "build" / "benchmarks" / "desk-home")
    parser.add_argument("--runs", type=int, default=20)
    args = parser.parse_args()
    before = os.getloadavg()[0]
    rows = []
    with desk_server(args.home) as address, tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        client = signed_in(address)
        took, page = on_server(client, PAGE, args.runs)
        with static_server(page, Path(name)) as static, httpx.Client(base_url=static, trust_env=False) as plain:
            while True:
                try:
                    base, _ = on_server(plain, "/", args.runs)
                    break
                except httpx.ConnectError:
                    time.sleep(0.1)
            rows.append(row("server: request to last byte", took, base, SERVER_MS))
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
            for line in LINES:
                ours = in_browser(browser, address + PAGE, dict(client.cookies), line, args.runs)
                baseline = in_browser(browser, f"{static}/", {}, line, args.runs)
                rows.append(row(f"usable: {line.name}", ours, baseline, USABLE_MS))
            version = browser.version
            browser.close()
    items, open_ = page.count(b'<tr id="c-'), len(re.findall(rb'data-version="\d+"(?! readonly)', page))
    today = dt.datetime.now(dt.UTC).date()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, Chromium {version}"
    body = f"""# The worker's page

{today}, {machine}. {args.runs} runs each; milliseconds.
Load of the machine before: {before:.1f} for {os.cpu_count()} cores. `python -m benchmarks.desk_page` repeats it.
The demo county's one table: {items} items, {len(page) / 1024:.0f} kB of HTML. Baseline: the same bytes as a static page.
"Times slower" and the line's speed are Chromium's own emulation.

| what | median | p95 | baseline median | p95 | at most |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}
"""
    print(body, open_)
    RESULT.write_text(body, encoding="utf-8")


if __name__ == "__main__":
    main()
