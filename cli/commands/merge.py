"""`yibiao merge PATH… --out DIR`: one table from many forms."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from cli.console import end_progress, finish, print_json, progress, say, show_problems
from cli.usage import JsonCommand
from consolidation import service


@click.command("merge", cls=JsonCommand, nothing=service.NOTHING_MERGED, short_help="合并报表：一表、栏目对照、合并报告。")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="结果放在这个文件夹：一表.xlsx、栏目对照.xlsx、合并报告.html。",
)
@click.option(
    "--decisions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="以前的人工决定（decisions.jsonl）；默认用 --out 文件夹里的。",
)
@click.option("--json", "as_json", is_flag=True, help="给程序用的 JSON（只写到标准输出）。")
def command(paths: tuple[Path, ...], out: Path | None, decisions: Path | None, as_json: bool) -> None:
    """读取 PATH 下所有报表，口径相同的栏目归为一个数据元，得出一表。"""
    if out is None and not as_json:
        raise click.UsageError("请用 --out 指定结果文件夹，或用 --json 输出结果。")
    if out is not None:
        service.refuse_overwriting(service.template_files(paths).values(), out)
    store = decisions or (service.decisions_file(out) if out else None)
    result = service.merge_paths(paths, store, progress)
    end_progress()
    if out is not None:
        for file in service.write_results(result, out, datetime.now()).values():
            say(f"已写入：{file}")
    if as_json:
        print_json(result.to_json())
    merged, plan = result.merged, result.plan
    say(
        f"{len(merged.forms)} 张报表，{sum(len(form.fields) for form in merged.forms)} 个栏目，"
        f"合并为 {len(merged.elements)} 个数据元；"
        f"{len(plan.derived)} 个可推算，还要填写 {len(plan.asked)} 个；{result.questions} 个问题待人工确认。"
    )
    show_problems([] if as_json else result.problems)
    finish(result.problems, bool(result.merged.forms))
