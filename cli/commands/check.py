"""`yibiao check FILE`: a new form against what is already held."""

from __future__ import annotations

from pathlib import Path

import click

from cli.console import end_progress, finish, print_json, progress, say, show, show_problems
from cli.usage import JsonCommand
from consolidation import service


@click.command(
    "check", cls=JsonCommand, nothing=service.NOTHING_CHECKED, short_help="新报表准入：哪些栏目已有、可推算、待确认、新增。"
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path),
    help="已在用的报表（文件或文件夹，可多次）；默认是随程序带的报表库。",
)
@click.option("--json", "as_json", is_flag=True, help="给程序用的 JSON（只写到标准输出）。")
def command(files: tuple[Path, ...], against: tuple[Path, ...], as_json: bool) -> None:
    """把新报表与已在用的报表比对：已有的数据不得重复收集（《政务数据共享条例》）。"""
    readings, held = service.read_beside(files, against, progress)
    end_progress()
    admissions = service.admit(readings, held)
    looked_at = (*readings, *held) if against else readings  # the shipped library's own remarks are nobody's task here
    problems = [problem for reading in looked_at for problem in service.all_problems(reading)]
    if as_json:
        print_json({**service.admissions_json(admissions), "problems": [service.problem_json(one) for one in problems]})
    for admission in admissions if not as_json else ():
        show(f"{admission.form.title or admission.form.file}（{admission.form.file}）")
        show(f"  {admission.verdict}")
        for name, elements in (
            ("已有", admission.held),
            ("可推算", admission.derivable),
            ("待确认", admission.doubtful),
            ("新增", admission.new),
        ):
            if elements:
                show(f"  {name}：{'、'.join(element.name for element in elements)}")
        if admission.held:
            say("  依据：《政务数据共享条例》，能通过共享获取的政务数据，不得重复收集。")
    show_problems(problems if not as_json else [])
    finish(problems, bool(admissions))
