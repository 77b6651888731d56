"""Writes the demo county: `python -m data.demo.make --out DIR [--people N] [--communities M] [--seed S] [--as-of YYYY-MM-DD]`."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from data.demo.make import AS_OF, SEED, generate
from data.demo.make.settings import settings


class _Chinese(argparse.HelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：")


def main(arguments: list[str]) -> int:
    reader = argparse.ArgumentParser(
        prog="python -m data.demo.make", description="生成演示县的数据（全部为虚构）", formatter_class=_Chinese, add_help=False
    )
    parser = reader.add_argument_group("选项")
    parser.add_argument("-h", "--help", action="help", help="显示这份说明")
    parser.add_argument("--out", type=Path, required=True, help="写到哪个文件夹")
    parser.add_argument("--people", type=int, default=20000, help="人数（默认 20000）")
    parser.add_argument("--communities", type=int, help="村（社区）数（默认每 4000 人一个）")
    parser.add_argument("--seed", type=int, default=SEED, help="随机种子：同一种子生成同样的文件")
    parser.add_argument("--as-of", type=date.fromisoformat, default=AS_OF, help="数据截止日（默认 2026-10-31）")
    options = reader.parse_args(arguments)
    size = settings("county")["region"]["people_per_community"]
    communities = options.communities or max(1, round(options.people / size))
    manifest = generate(options.out, options.people, communities, options.seed, options.as_of)
    for dataset in manifest.datasets:
        print(f"{dataset.department}\t{dataset.file}\t{dataset.table}\t{dataset.rows} 行")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
