"""Time and memory of reading and merging against the number of forms, beside a baseline in the same run.

    python -m benchmarks.merge_scale [--sizes 120,250,500,1000,2000] [--seed 1] [--no-baseline]

First the shipped library with the development set (about 120 forms, the target 10 s and 1 GB), then generated variants
(benchmarks/make_variants.py; 2,000 forms, the target 3 minutes and 4 GB). Each measurement is a process of its own that does
what `yibiao merge --out --json` does: start, read, consolidate, write the three results and the JSON. Processor time counts
it and its reading workers. Memory: the peak of the main process, and an upper bound for all together (main's peak plus the
largest worker's peak for each worker, shared pages counted more than once).

The baseline is what a script would do: openpyxl loads each file, cells with equal cleaned-up text are one. It understands
nothing; it shows what opening the files alone costs. The result goes to benchmarks/results/merge_scale.md.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime as dt
import json
import math
import os
import platform
import pstats
import re
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RESULT = HERE / "results" / "merge_scale.md"
BUILD = ROOT / "build" / "benchmarks"
REAL = (ROOT / "forms" / "library", ROOT.parent / "shared" / "real-forms" / "workbooks")
TARGETS = {"real": (10, 1024), "2000": (180, 4096)}  # name of the measurement: wall seconds, MB


# ---- the measured processes


class Laps:
    """Seconds between calls: wall, and processor time of this process and its finished children."""

    def __init__(self) -> None:
        self.stages: dict[str, tuple[float, float]] = {}
        self._last = (time.perf_counter(), cpu())

    def lap(self, name: str) -> None:
        now = (time.perf_counter(), cpu())
        self.stages[name] = (now[0] - self._last[0], now[1] - self._last[1])
        self._last = now


def cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_mb(who: int) -> float:
    """Peak resident memory. Linux counts in KiB, macOS in bytes."""
    return resource.getrusage(who).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)


def ours(paths: list[Path]) -> dict[str, Any]:
    laps = Laps()
    from consolidation import service

    laps.lap("start")
    result = service.merge_paths(paths, None, lambda said: laps.lap("read") if said.startswith("合并") else None)
    laps.lap("consolidate")
    with tempfile.TemporaryDirectory() as out:
        service.write_results(result, Path(out), dt.datetime(2026, 1, 1))
        laps.lap("write")
        data = result.to_json()
        (Path(out) / "merge.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    laps.lap("json")
    return {**data["counts"], "review": len(data["review"]), "derivations": len(result.derivations), "stages": laps.stages}


def equal_texts(paths: list[Path]) -> dict[str, Any]:
    import openpyxl

    from consolidation.reading import form_files

    laps, cells = Laps(), 0
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    files = [(path, name) for path, name in form_files(paths) if path.suffix == ".xlsx"]
    for path, name in files:
        for sheet in openpyxl.load_workbook(path):
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str):
                        text = re.sub(r"[\s:：*（）()]", "", unicodedata.normalize("NFKC", cell.value))
                        groups[text].append((name, cell.coordinate))
                        cells += 1
    laps.lap("read")
    return {"forms": len(files), "fields": cells, "elements": len(groups), "stages": laps.stages}


def profile(paths: list[Path]) -> dict[str, Any]:
    """The functions of this project in which consolidating and writing spend most, callees included."""
    from consolidation import service

    readings = service.read(paths)
    profiler = cProfile.Profile()
    with tempfile.TemporaryDirectory() as out:
        profiler.enable()
        service.write_results(service.consolidate(readings), Path(out), dt.datetime(2026, 1, 1))
        profiler.disable()
    stats: Any = pstats.Stats(profiler)
    total = stats.total_tt
    rows = [
        (cumulative / total, own / total, calls, f"{Path(file).relative_to(ROOT)}:{name}")
        for (file, _, name), (_, calls, own, cumulative, _) in stats.stats.items()
        if file.startswith(str(ROOT)) and ".venv" not in file and "<" not in name
    ]
    return {"rows": sorted(rows, reverse=True)[:25]}


WORK: dict[str, Callable[[list[Path]], dict[str, Any]]] = {"ours": ours, "baseline": equal_texts, "profile": profile}


def work(what: str, paths: list[Path]) -> None:
    found = WORK[what](paths)
    found["main_mb"] = peak_mb(resource.RUSAGE_SELF)
    found["worker_mb"] = peak_mb(resource.RUSAGE_CHILDREN)
    print(json.dumps(found))


# ---- measuring


@dataclass(frozen=True)
class Run:
    """One measured process. `wall` from start to exit; `cpu` user and system seconds, workers included."""

    name: str
    wall: float
    cpu: float
    found: dict[str, Any]

    @property
    def main_mb(self) -> float:
        return float(self.found["main_mb"])

    @property
    def most_mb(self) -> float:
        return self.main_mb + (os.cpu_count() or 1) * float(self.found["worker_mb"])


def run(name: str, what: str, paths: list[Path]) -> Run:
    start = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.merge_scale", "--worker", what, *map(str, paths)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        output = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{what} of {name} ended with status {child.returncode}")
    done = Run(name, time.perf_counter() - start, used.ru_utime + used.ru_stime, json.loads(output.splitlines()[-1]))
    print(f"{name} {what}: {done.wall:.1f} s, {done.cpu:.1f} s of processor time, {done.main_mb:.0f} MB", file=sys.stderr)
    return done


def variants(count: int, seed: int) -> list[Path]:
    """`count` generated workbooks, made when they are not there yet."""
    from benchmarks.make_variants import write_variants

    folder = BUILD / f"variants-{seed}"
    if not (folder / f"made-{count}").exists():
        write_variants(folder, count, seed)
        (folder / f"made-{count}").touch()
    return sorted(folder.glob("*/*.xlsx"))


def links(paths: list[Path], folder: Path) -> Path:
    """A folder with the first forms of the largest set: sizes differ in number only."""
    for path in paths:
        (folder / path.name).symlink_to(path)
    return folder


def slope(runs: list[Run], seconds: Callable[[Run], float]) -> float:
    """The exponent x of seconds ~ forms^x, by least squares on logarithms. 1 is linear."""
    points = [(math.log(r.found["forms"]), math.log(seconds(r))) for r in runs]
    mx, my = (sum(p[i] for p in points) / len(points) for i in (0, 1))
    return sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x, _ in points)


def row(ours_: Run, base: Run | None) -> str:
    stages = ours_.found["stages"]
    parts = " / ".join(f"{stages[s][1]:.1f}" for s in ("start", "read", "consolidate", "write", "json"))
    found = ours_.found
    numbers = [f"{found[k]:,}" for k in ("forms", "fields", "elements", "review")]
    seconds = [f"{ours_.wall:.1f}", f"{ours_.cpu:.1f}", f"{ours_.cpu * 1000 / found['forms']:.0f}", parts]
    memory = [f"{ours_.main_mb:.0f}", f"{ours_.most_mb:.0f}"]
    other = [f"{base.cpu:.1f}", f"{base.main_mb:.0f}"] if base else ["–", "–"]
    return "| " + " | ".join([ours_.name, *numbers, *seconds, *memory, *other]) + " |"


COLUMNS = (
    *("forms of", "forms", "fields", "elements", "questions", "wall s", "processor s", "ms a form"),
    *("start / read / consolidate / write / JSON, processor s", "peak MB", "bound for all processes MB"),
    *("baseline processor s", "baseline MB"),
)


def verdicts(runs: list[Run]) -> Iterator[str]:
    for done in runs:
        if done.name in TARGETS:
            seconds, mb = TARGETS[done.name]
            kept = "kept" if done.wall <= seconds and done.most_mb <= mb else "MISSED"
            measured = f"{done.wall:.1f} s, at most {done.most_mb:.0f} MB"
            yield f"- {done.name}, {done.found['forms']:,} forms: target {seconds} s, {mb} MB — {kept} ({measured})."


def report(runs: list[tuple[Run, Run | None]], rows: list[list[Any]], load: float) -> str:
    variants_ = [one for one, _ in runs if one.name != "real"]
    lines = [
        "# Merging against the number of forms",
        "",
        f"{dt.date.today()}, {platform.machine()}, {os.cpu_count()} cores (load average {load:.1f} when the run began: where "
        f"others run, compare processor seconds), Python {platform.python_version()}. `python -m benchmarks.merge_scale` "
        "repeats it. `real`: the shipped library and the development set; numbers: generated variants of them. Each run is a "
        "process, start-up and results included; the baseline opens the same files with openpyxl and groups equal texts.",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "| --- " * len(COLUMNS) + "|",
        *(row(*pair) for pair in runs),
        "",
        *verdicts([one for one, _ in runs]),
    ]
    if len(variants_) > 2:
        after_start = slope(variants_, lambda r: r.cpu - r.found["stages"]["start"][1])
        lines.append(
            f"- Processor time without start-up grows with forms^{after_start:.2f} (1 is linear); memory of the main process"
        )
        lines.append(f"  with forms^{slope(variants_, lambda r: r.main_mb):.2f}.")
    if rows:
        lines += ["", "Where consolidating and writing spend their time (profiled, callees included, share of the whole):", ""]
        lines += ["| share | own | calls | function |", "| --- | --- | --- | --- |"]
        lines += [f"| {share:.0%} | {own:.0%} | {calls:,} | `{name}` |" for share, own, calls, name in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="120,250,500,1000,2000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-baseline", action="store_true")
    parser.add_argument("--profile", type=int, default=500, help="profile this many forms; 0 = not at all")
    parser.add_argument("--worker", choices=tuple(WORK), help=argparse.SUPPRESS)
    parser.add_argument("paths", nargs="*", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work(given.worker, given.paths)
        return
    load = os.getloadavg()[0]
    sizes = sorted(int(size) for size in given.sizes.split(",") if size)
    files = variants(max([*sizes, given.profile]), given.seed)
    rows: list[list[Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        sets = [("real", [path for path in REAL if path.is_dir()])]
        for size in sizes:
            folder = Path(scratch) / str(size)
            folder.mkdir()
            sets.append((str(size), [links(files[:size], folder)]))
        runs = [(run(n, "ours", paths), None if given.no_baseline else run(n, "baseline", paths)) for n, paths in sets]
        if given.profile:
            folder = Path(scratch) / "profile"
            folder.mkdir()
            rows = run("profile", "profile", [links(files[: given.profile], folder)]).found["rows"]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(report(runs, rows, load), encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
