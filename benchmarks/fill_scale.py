"""Filling a roster of 30 columns for 1,000,000 people from five departments' lists, beside a pandas merge, in one run.

    python -m benchmarks.fill_scale [--people 1000000]

The lists (CSV) share the ID number; each holds about nine tenths of the people, in its own order. Ours: the lists are read
and their columns understood, people joined, one source chosen for each fact, disagreement found, figures made ready with
their sources. The baseline reads the same files and joins them with pandas.merge: no understanding, no precedence, no check
of an ID number, no conflicts, no sources. Each runs in its own process. The result goes to benchmarks/results/fill_scale.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import yaml

RESULT = Path(__file__).parent / "results" / "fill_scale.md"
REGION = "990101001201"
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])  # GB 11643
ID = "公民身份号码"
LISTS: dict[str, dict[str, tuple[str, ...]]] = {  # department -> column -> the values it has
    "公安": {"户籍地址": ("柳坝村1号", "柳坝村2号"), "民族": ("汉族", "回族"), "户口类别": ("农业", "非农业")},
    "人社": {
        "就业状态": ("就业", "失业"),
        "就业单位": ("第一工厂", "第二工厂"),
        "外出务工地": ("省内", "省外"),
        "养老保险参保状态": ("参保", "未参保"),
        "养老保险缴费档次": ("200", "500"),
        "文化程度": ("小学", "初中"),
        "联系电话": ("10030000001", "10030000002"),
    },
    "医保": {"医疗保险参保类型": ("居民", "职工"), "医疗保险缴费金额": ("380", "400"), "参保日期": ("2025-01-01", "2024-01-01")},
    "残联": {
        "残疾人证号": ("99010119500101001144",),
        "残疾类别": ("肢体", "视力"),
        "残疾等级": ("一级", "二级"),
        "监护人姓名": ("张伟", "李伟"),
        "监护人电话": ("10030000003", "10030000004"),
    },
    "民政": {
        "婚姻状况": ("未婚", "已婚"),
        "健康状况": ("健康", "一般"),
        "政治面貌": ("群众", "中共党员"),
        "低保类别": ("A类", "B类"),
        "低保金额": ("500", "600"),
        "开户银行": ("示例银行", "示例农商行"),
        "银行账号": ("9900000000001", "9900000000002"),
        "家庭人口数": ("3", "4"),
        "现住址": ("柳坝村1号", "柳坝村2号"),
    },
}
COLUMNS = ("姓名", ID, "出生日期", *(column for columns in LISTS.values() for column in columns))


def id_numbers(count: int) -> list[str]:
    """Different ID numbers with a region code that is not assigned, their check digits right."""
    days = np.datetime64("1930-01-01") + (np.arange(count) // 999 % 30000).astype("timedelta64[D]")
    births = np.char.replace(days.astype(str), "-", "")
    serial = np.char.zfill((np.arange(count) % 999 + 1).astype(str), 3)
    body = np.char.add(np.char.add("990101", births), serial)
    digits = np.frombuffer("".join(body).encode(), dtype=np.uint8).reshape(count, 17).astype(int) - ord("0")
    check = np.array(list("10X98765432"))[(digits @ WEIGHTS) % 11]
    return list(np.char.add(body, check))


def make(folder: Path, people: int) -> None:
    """The five lists, their manifest, the region tree and the roster that asks 30 columns."""
    random = np.random.default_rng(7)
    ids = np.array(id_numbers(people), dtype=object)
    names = np.array([a + b for a in "赵钱孙李周吴郑王" for b in ("伟", "秀英", "建国", "丽")], dtype=object)[
        np.arange(people) % 32
    ]
    entries = []
    for number, (department, columns) in enumerate(LISTS.items(), 1):
        here = random.permutation(people)[: people if number == 1 else people * 9 // 10]
        data = {"姓名": names[here], ID: ids[here]}
        data |= {c: np.array(v, dtype=object)[random.integers(0, len(v), len(here))] for c, v in columns.items()}
        if number == 1:
            data["所属村（社区）"] = np.full(len(here), "柳坝村", dtype=object)
        pd.DataFrame(data).to_csv(folder / f"{department}.csv", index=False)
        entries.append({"file": f"{department}.csv", "department": department, "level": "person", "precedence": number})
    (folder / "manifest.yml").write_text(
        yaml.safe_dump({"demo": True, "datasets": entries}, allow_unicode=True), encoding="utf-8"
    )
    (folder / "regions.csv").write_text(f"code,name,parent\n990101001,柳河镇,\n{REGION},柳坝村,990101001\n", encoding="utf-8")
    book = openpyxl.Workbook()
    book.active.append(["村民基本情况台账"])
    book.active.append(["序号", *COLUMNS])
    for row in range(3, 13):
        for col in range(1, len(COLUMNS) + 2):
            book.active.cell(row, col).number_format = "@"
    book.active.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(COLUMNS) + 1)
    book.save(folder / "台账.xlsx")


def ours(folder: Path) -> dict[str, object]:
    from consolidation.filling import fill_from
    from consolidation.lexicon import load_lexicon
    from consolidation.service import consolidate, read
    from forms.periods import Period
    from forms.values import DemoRegions

    result = consolidate(read([folder / "台账.xlsx"]))
    start, processor = time.perf_counter(), time.process_time()
    filled = fill_from(
        str(folder), result.merged, result.derivations, REGION, Period.parse("2026-10"), load_lexicon(), DemoRegions(("99",))
    )
    took = time.perf_counter() - start, time.process_time() - processor
    held = filled.data.rows["person"]
    cells = sum(int((one.chosen.values.notna() & (one.chosen.values.astype(str) != "")).sum()) for one in held.values())
    return {"seconds": took[0], "processor": took[1], "columns": len(held), "cells": cells}


def pandas_merge(folder: Path) -> dict[str, object]:
    start, processor = time.perf_counter(), time.process_time()
    frames = [pd.read_csv(folder / f"{department}.csv", dtype=str) for department in LISTS]
    joined = frames[0]
    for frame in frames[1:]:
        joined = joined.merge(frame.drop(columns="姓名"), on=ID, how="outer")
    took = time.perf_counter() - start, time.process_time() - processor
    joined = joined[[column for column in COLUMNS if column in joined]]
    return {"seconds": took[0], "processor": took[1], "columns": joined.shape[1], "cells": int(joined.notna().sum().sum())}


SIDES = {"yibiao `fill_from`": ours, "pandas `read_csv` + `merge`": pandas_merge}


def measured(name: str, folder: Path) -> dict[str, object]:
    """One side in a process of its own, with the most memory it held."""
    command = [sys.executable, "-m", "benchmarks.fill_scale", "--side", name, "--folder", str(folder)]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(out.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--side", choices=list(SIDES))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.side:
        found = SIDES[asked.side](asked.folder)
        print(json.dumps(found | {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return
    lines = []
    for people in (asked.people // 10, asked.people):
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), people)
            for name in SIDES:
                it = measured(name, Path(folder))
                lines.append(
                    f"| {people:,} | {name} | {it['seconds']:.1f} | {it['processor']:.1f} | {it['memory']:,.0f} "
                    f"| {it['columns']} | {it['cells']:,} |"
                )
                print(lines[-1], flush=True)
    RESULT.write_text(
        f"# Filling {len(COLUMNS)} columns for {asked.people:,} people\n\n"
        f"{dt.date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"pandas {pd.__version__}. Five CSV lists, joined by ID number. `python -m benchmarks.fill_scale` repeats it.\n\n"
        "| people | | seconds | processor seconds | most memory, MB | columns got | cells got |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n" + "\n".join(lines) + "\n\n"
        "Ours also reads what each column means, checks every ID number, takes the birth date from it, chooses one source for\n"
        "each fact and keeps it, and looks for disagreement; the baseline does none of that.\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
