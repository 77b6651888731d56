"""Rolling 10,000,000 figures up over five levels, beside a plain pandas groupby and SQL in SQLite, in one run.

    python -m benchmarks.rollup [--figures 10000000]

A province of 10 cities, 100 counties, 1,000 townships and 20,000 villages reports 450 figures of each village (50 are made anew
as means or rates, 10 are greatest or least values) and lists of people; a hundredth of all is blank, a stroke or 不适用, some
villages report nothing, some people are on the lists of two villages. Fixed seed; the figures are written to Parquet in a
temporary folder, which is not counted. Counted is everything from the files to the value of every element for every township,
county, city and the province, with from how many places it comes, and the names of all places that are missing. Each side runs
in its own process.

Then a sample is counted anew, in Python's Decimal and Fraction alone, from the files. The result goes to results/rollup.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from consolidation.engines import SCHEMA, Duck, roll_up
from consolidation.rollup import WORST, Kind, Places, Rolled, Rule, Status, Target

RESULT = Path(__file__).parent / "results" / "rollup.md"
SEED = 20261101
VILLAGES, PER_VILLAGE, LISTED = 20_000, 450, 50  # places, figures of each, people on its list
STATES = [WORST.index(status) for status in (Status.GIVEN, Status.BLANK, Status.DASH, Status.NOT_APPLICABLE)]
SHARES = [0.99, 0.004, 0.003, 0.003]
SILENT = 100  # one village in so many reports nothing at all


def tree(villages: int) -> Places:
    """Codes as in GB/T 2260 and its extensions; 99 is assigned to nobody."""
    parent, level = {"99": ""}, {"99": "province"}
    for number in range(villages):
        code = f"99{number // 2000:02d}{number // 200 % 10:02d}{number // 20 % 10:03d}{number % 20:03d}"
        chain = [(code, "village"), (code[:9], "township"), (code[:6], "county"), (code[:4], "city"), ("99", "province")]
        for (one, name), (above, _) in pairwise(chain):
            parent[one], level[one] = above, name
    reporters = frozenset(code for code, name in level.items() if name == "village")
    return Places(parent, level, reporters, frozenset(sorted(reporters)[1::2]))


def targets() -> list[Target]:
    found = []
    for number in range(PER_VILLAGE):
        name = f"e{number:03d}"
        if number >= PER_VILLAGE - 10:
            rule = Rule((Kind.MAX, Kind.MIN)[number % 2])
        elif number >= PER_VILLAGE - 60:
            other = f"e{number - 100:03d}"
            rule = Rule(Kind.MEAN, (name, other)) if number % 2 else Rule(Kind.RATIO, (name, other), Fraction(100))
        else:
            rule = Rule(Kind.SUM)
        found.append(Target(name, rule))
    return [*found, Target("people", Rule(Kind.DISTINCT, ("p0",)), roster=True), Target("p0", Rule(Kind.SUM), roster=True)]


def make(folder: Path, villages: int) -> int:
    """Writes the figures, a thousand villages at a time; gives how many."""
    random = np.random.default_rng(SEED)
    codes = np.array(sorted(tree(villages).reporters))
    names = pa.array([f"e{n:03d}" for n in range(PER_VILLAGE)])
    total = 0
    for at in range(0, villages, 1000):
        here = [code for code, silent in zip(codes[at : at + 1000], random.random(1000) < 1 / SILENT, strict=False) if not silent]
        with pq.ParquetWriter(folder / f"{at:06d}.parquet", SCHEMA) as writer:
            for kind in ("places", "people"):
                each = PER_VILLAGE if kind == "places" else LISTED
                region = pa.array(np.repeat(np.arange(len(here)), each), pa.int32())
                regions = pa.DictionaryArray.from_arrays(region, pa.array(here)).cast(pa.string())
                count = len(here) * each
                state = random.choice(STATES, count, p=SHARES)
                cents = random.integers(0, 10**8, count)
                numbers = pc.multiply(pa.array(cents, pa.int64()).cast(pa.decimal128(19, 0)), pa.scalar(Decimal("0.01")))
                number = pc.if_else(pa.array(state == 0), numbers.cast(SCHEMA.field("number").type), None)
                people = pa.array(np.char.mod("h%09d", random.integers(0, villages * LISTED, count))) if each == LISTED else None
                elements = pa.DictionaryArray.from_arrays(pa.array(np.tile(np.arange(each), len(here)), pa.int32()), names)
                batch = pa.table(
                    [
                        regions, elements.cast(pa.string()) if people is None else pa.array(np.full(count, "p0")),
                        regions if people is None else people, pa.array(state, pa.int8()), number, pa.nulls(count, pa.string()),
                    ],
                    schema=SCHEMA,
                )  # fmt: skip
                writer.write_table(batch)
                total += count
    return total


# ---- the sides ----------------------------------------------------------------------------------------------------------


def ours(folder: Path, villages: int) -> dict[str, object]:
    places, asked = tree(villages), targets()
    inner = [code for code, level in places.level.items() if level != "village"]
    with Duck(memory="800MB", threads=2) as duck:
        done = roll_up(duck, duck.parquet(folder), places, asked)
        values = lacking = 0
        kept: dict[str, list[object]] = {}
        for one in done.values(inner):
            values += 1
            if one.region in SAMPLE:
                kept[f"{one.region} {one.element}"] = _seen(one)
        rolled = time.perf_counter()
        lacking = len(done.not_given())
        named = time.perf_counter() - rolled
    (folder / "_sample.json").write_text(json.dumps(kept))
    return {"values": values, "lacking": lacking, "naming": named}


SAMPLE = ("990000001", "990105007", "990101", "990302", "9904", "99")


def _seen(one: Rolled) -> list[object]:
    counts = one.counts
    return [one.text, counts.expected, counts.given, counts.partial, counts.blank, counts.dash, counts.not_applicable]


def pandas_groupby(folder: Path, villages: int) -> dict[str, object]:
    """Float sums and counts of the places' own figures at each level; no means, no people, nothing missing."""
    table = pq.read_table(folder, columns=["region", "element", "number"])
    frame = pd.DataFrame(
        {
            "region": table["region"].dictionary_encode().to_pandas(),
            "element": table["element"].dictionary_encode().to_pandas(),
            "number": table["number"].cast(pa.float64()).to_numpy(),
        }
    )
    del table
    values = 0
    for digits in (9, 6, 4, 2):
        above = frame["region"].cat.categories.str[:digits]
        codes, names = pd.factorize(above)
        group = pd.Categorical.from_codes(codes[frame["region"].cat.codes], names)
        values += len(frame.groupby([group, frame["element"]], observed=True)["number"].agg(["sum", "count"]))
    return {"values": values}


def sqlite_sql(folder: Path, villages: int) -> dict[str, object]:
    """A tenth of the figures in an indexed table; whole cents as integers, a GROUP BY for each level. Loading is not counted."""
    with sqlite3.connect(":memory:") as base:
        base.execute("CREATE TABLE figure (region TEXT, element TEXT, number INTEGER)")
        for path in sorted(folder.glob("*.parquet"))[:: 10 if villages >= 10_000 else 1]:
            table = pq.read_table(path, columns=["region", "element", "number"])
            cents = pc.multiply(table["number"], pa.scalar(Decimal(100))).cast(pa.int64(), safe=False)
            rows = zip(table["region"].to_pylist(), table["element"].to_pylist(), cents.to_pylist(), strict=True)
            base.executemany("INSERT INTO figure VALUES (?, ?, ?)", rows)
        base.execute("CREATE INDEX place ON figure (region, element)")
        start, values = time.perf_counter(), 0
        for digits in (9, 6, 4, 2):
            sql = "SELECT substr(region, 1, ?), element, SUM(number), COUNT(number) FROM figure GROUP BY 1, 2"
            values += len(base.execute(sql, (digits,)).fetchall())
        figures = base.execute("SELECT COUNT(*) FROM figure").fetchone()[0]
    return {"values": values, "seconds": time.perf_counter() - start, "figures": figures}


SIDES = {"yibiao `engines.roll_up` (DuckDB)": ours, "pandas `groupby` (float sums only)": pandas_groupby,
         "SQLite `GROUP BY` (sums only, a tenth)": sqlite_sql}  # fmt: skip


Held = dict[str, dict[tuple[str, str], list[tuple[int, Decimal | None]]]]  # element -> (place, entity) -> state and number


# ---- an independent recount ---------------------------------------------------------------------------------------------


def recount(folder: Path, villages: int) -> int:
    """Counts the sample anew from the files with Decimal and Fraction alone; gives how many values were compared. Raises
    AssertionError with the first that differs."""
    kept = json.loads((folder / "_sample.json").read_text())
    places, compared = tree(villages), 0
    for region in SAMPLE:
        if region not in places.parent:
            continue
        inside = [code for code in places.reporters if code.startswith(region)]
        every = 1 if len(inside) <= 200 else 25  # of the great ones some of the elements
        asked = [target for number, target in enumerate(targets()) if number % every == 0 or target.roster]
        needed = sorted({name for target in asked for name in target.rule.of(target.element)})
        found = duckdb.execute(
            "SELECT region, element, entity, state, number FROM read_parquet(?) "
            "WHERE starts_with(region, ?) AND list_contains(?, element)",
            [str(folder / "*.parquet"), region, needed],
        )
        held: Held = {name: {} for name in needed}
        while rows := found.fetchmany(100_000):
            for place, element, entity, state, number in rows:
                held[element].setdefault((place, entity), []).append((state, number))
        for target in asked:
            value, given = _recounted(target, held)
            seen = kept[f"{region} {target.element}"]
            assert (None if seen[0] is None else Decimal(seen[0])) == value, (region, target, seen, value)
            assert seen[1] == len(inside), (region, target, seen)
            assert target.roster or seen[2] == given, (region, target, seen, given)
            compared += 1
    return compared


def _recounted(target: Target, held: Held) -> tuple[Decimal | None, int]:
    names = target.rule.of(target.element)
    columns = [{key: n for key, got in held[name].items() for state, n in got if state == 0 and n is not None} for name in names]
    if target.rule.kind is Kind.DISTINCT:
        return Decimal(len({entity for _, entity in columns[0]})), 0
    if target.roster:
        everything = [n for got in held[names[0]].values() for state, n in got if state == 0 and n is not None]
        return sum(everything, Decimal(0)), 0
    if len(names) == 2:
        both = [(columns[0][key], columns[1][key]) for key in columns[0].keys() & columns[1].keys()]
        top = sum(Fraction(a) * (Fraction(b) if target.rule.kind is Kind.MEAN else 1) for a, b in both)
        low = sum(Fraction(b) for _, b in both)
        return Decimal(round(top / low * target.rule.scale * 100)) / 100 if low else None, len(both)
    numbers = list(columns[0].values())
    if not numbers:
        return None, 0
    work = {Kind.SUM: lambda: sum(numbers, Decimal(0)), Kind.MAX: lambda: max(numbers), Kind.MIN: lambda: min(numbers)}
    return work[target.rule.kind](), len(numbers)


def measured(name: str, folder: Path, villages: int) -> dict[str, object]:
    """One side in a process of its own, with the most memory it held."""
    command = [sys.executable, "-m", "benchmarks.rollup", "--side", name, "--folder", str(folder), "--villages", str(villages)]
    out = subprocess.run(command, capture_output=True, text=True, check=False)
    if out.returncode:
        raise SystemExit(out.stderr)
    return dict(json.loads(out.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--figures", type=int, default=VILLAGES * (PER_VILLAGE + LISTED))
    parser.add_argument("--side", choices=list(SIDES))
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--villages", type=int)
    asked = parser.parse_args()
    if asked.side:
        start, processor = time.perf_counter(), time.process_time()
        found = SIDES[asked.side](asked.folder, asked.villages)
        took = {"seconds": time.perf_counter() - start, "processor": time.process_time() - processor}
        print(json.dumps(took | found | {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return
    villages = asked.figures // (PER_VILLAGE + LISTED)
    lines, notes = [], Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures = make(folder, villages)
        for side in SIDES:
            it = measured(side, folder, villages)
            lines.append(
                f"| {side} | {it.get('figures', figures):,} | {it['seconds']:.1f} | {it['processor']:.1f} | {it['memory']:,.0f} "
                f"| {it['values']:,} |"
            )
            print(lines[-1], flush=True)
            notes.update({key: it[key] for key in ("lacking", "naming") if key in it})
        compared = recount(folder, villages)
        print(f"recounted {compared} values: equal")
    RESULT.write_text(
        f"# Rolling {figures:,} figures up over five levels\n\n"
        f"{dt.date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, DuckDB "
        f"{duckdb.__version__}, pandas {pd.__version__}. {villages:,} villages, {len(targets())} elements, seed {SEED}. "
        "`python -m benchmarks.rollup` repeats it.\n\n"
        "| | figures | seconds | processor seconds | most memory, MB | values got |\n| --- | --- | --- | --- | --- | --- |\n"
        + "\n".join(lines)
        + "\n\nOurs: exact sums, weighted means and rates made anew, people counted once, and of each value from how many\n"
        f"places it comes; the seconds include {notes['naming']:.1f} for naming all {notes['lacking']:,} cells without one.\n"
        "The baselines only add up (pandas in binary floats). Required: 60 s and 2 GB.\n\n"
        f"{compared:,} values of {len(SAMPLE)} regions were counted anew from the files with Python's Decimal and Fraction:\n"
        "all equal.\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
