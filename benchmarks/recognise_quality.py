"""How well forms are read, against the development set's gold: cells found, paths, units, types, extra fields.

usage: python benchmarks/recognise_quality.py [REAL_FORMS_DIR] [--seeds 1,2,3] [--show N] [--form ID]
Without --seeds the plain workbooks are measured; with it, workbooks laid out by make_xlsx.py with each seed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from forms.grid import read_book
from forms.model import Field, Form, Purpose
from forms.recognise import recognise
from forms.recognise.labels import without_unit

_SPACE = re.compile(r"[\s：:*＊★（）()]+")


def plain(label: str, unit: str | None) -> str:
    """A label as the measure compares it: without spaces, colons and the printed unit."""
    label = without_unit(label)
    if unit:
        label = label.replace(f"（{unit}）", "").replace(f"({unit})", "")
    return _SPACE.sub("", label)


def same_path(found: Field, gold: dict[str, object]) -> tuple[bool, bool]:
    """(equal, the gold path is part of the found one in order)."""
    unit = gold.get("unit")
    ours = [plain(p, unit if isinstance(unit, str) else None) for p in found.path]
    theirs = [plain(p, unit if isinstance(unit, str) else None) for p in gold["path"]]  # type: ignore[attr-defined]
    rest = iter(ours)
    return ours == theirs, all(part in rest for part in theirs) and ours[-1:] == theirs[-1:]


def measure(folder: Path, gold: Path, counts: Counter[str], show: int, only: str) -> Iterator[str]:
    cells = json.loads((folder / "cells.json").read_text())
    for name, wanted in cells.items():
        if only and name != only:
            continue
        spec = json.loads((gold / f"{name}.json").read_text())
        book = read_book(folder / f"{name}.xlsx")
        start = time.perf_counter()
        reading = recognise(book)
        counts["µs"] += int((time.perf_counter() - start) * 1e6)
        counts["forms"] += 1
        fields = {f.cell.a1: f for form in reading.forms for f in form.fields if not f.blank}
        counts["kind"] += bool(reading.forms) and main_form(reading.forms).kind == spec["kind"]
        lines = list(compare(fields, wanted, spec["fields"], counts))
        extra = [f for a1, f in fields.items() if a1 not in set(wanted) and f.purpose is not Purpose.META]
        counts["extra"] += len(extra)
        lines += [f"extra {f.cell.a1} {'/'.join(f.path)}" for f in extra]
        if lines and show:
            yield f"{name}: {len(lines)} differences ({[f.kind.value for f in reading.forms]})"
            yield from (f"    {line}" for line in lines[:show])


def main_form(forms: tuple[Form, ...]) -> Form:
    return max(forms, key=lambda f: len(f.fields))


def compare(fields: dict[str, Field], wanted: list[str], gold: list[dict[str, object]], counts: Counter[str]) -> Iterator[str]:
    for a1, spec in zip(wanted, gold, strict=True):
        spec.setdefault("path", [spec["label"]])
        counts["fields"] += 1
        found = fields.get(a1)
        path = "/".join(spec["path"])  # type: ignore[arg-type]
        if found is None:
            yield f"missed {a1} {path}"
            continue
        counts["found"] += 1
        equal, part = same_path(found, spec)
        counts["path"] += equal
        counts["path or gold inside"] += part
        if not equal:
            yield f"path {a1} {path} <> {'/'.join(found.path)}"
        for what, ours, theirs in (
            ("unit", found.unit, spec.get("unit") or ""),
            ("type", found.type.value, spec["type"]),
            ("options", list(found.options), spec.get("options") or []),
            ("role", found.purpose.value, spec.get("role") or "data"),
        ):
            counts[what] += ours == theirs
            if ours != theirs:
                yield f"{what} {a1} {path}: {theirs} <> {ours}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", default="../shared/real-forms", type=Path)
    parser.add_argument("--seeds", default="")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--form", default="")
    parser.add_argument("--only", default="", help="show only lines that begin with this word")
    args = parser.parse_args()
    gold = args.folder / "forms"
    runs: list[tuple[str, Path]] = [("plain", args.folder / "workbooks")] if not args.seeds else []
    with tempfile.TemporaryDirectory() as scratch:
        for seed in filter(None, args.seeds.split(",")):
            out = Path(scratch) / seed
            subprocess.run([sys.executable, args.folder / "make_xlsx.py", gold, out, seed], check=True, capture_output=True)
            runs.append((f"seed {seed}", out))
        for name, folder in runs:
            counts: Counter[str] = Counter()
            for line in measure(folder, gold, counts, args.show, args.form):
                if not args.only or line.strip().startswith(args.only) or not line.startswith(" "):
                    print(line)
            total = counts["fields"] or 1
            found = counts["found"] or 1
            measures = ("path", "path or gold inside", "unit", "type", "options", "role")
            shares = "  ".join(f"{what} {counts[what] / found:.1%}" for what in measures)
            print(
                f"{name}: {counts['forms']} forms, {counts['fields']} fields, found {counts['found'] / total:.2%}; "
                f"of these {shares}; kind {counts['kind']}/{counts['forms']}; extra {counts['extra']}; "
                f"{counts['µs'] / 1000 / max(1, counts['forms']):.1f} ms a form"
            )


if __name__ == "__main__":
    main()
