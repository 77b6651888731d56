"""`yibiao decide 栏目对照.xlsx PATH…`: takes over what people decided about likely matches."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from cli.console import finish, say, show_problems
from cli.usage import Command
from consolidation import service


@click.command("decide", cls=Command, short_help="采用“待人工确认”页里填好的决定。")
@click.argument("mapping", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--decisions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="决定存在哪里；默认是栏目对照工作簿旁边的 decisions.jsonl。",
)
def command(mapping: Path, paths: tuple[Path, ...], decisions: Path | None) -> None:
    """读取 MAPPING（栏目对照.xlsx）里“待人工确认”页的“是 / 否”，追加到决定记录；PATH 是当时合并的报表。"""
    store = decisions or service.decisions_file(mapping.parent)
    done = service.decide(mapping, paths, store, datetime.now())
    if done.taken:
        say(f"采用了 {done.taken} 个决定，存入 {store}。下次合并自动生效。")
    else:
        say("填了的行都不能采用，什么也没有改。" if done.given else "没有填“是”或“否”的行，什么也没有改。")
    show_problems(done.problems)
    finish(done.problems, bool(done.taken) or not done.given)
