"""`yibiao fill`: fills the one table and gives all forms back."""

from __future__ import annotations

import re
from pathlib import Path

import click

from cli.console import end_progress, finish, print_json, progress, say, show_problems
from cli.usage import JsonCommand
from consolidation import service
from forms.periods import Period
from forms.problems import CannotDo, problem

_EARLIEST = 1949
_REGION = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}")  # GB/T 2260 and GB/T 10114


@click.command(
    "fill", cls=JsonCommand, nothing=service.NOTHING_FILLED, short_help="用共享数据填一表，把每张报表按原样填好还回去。"
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--data", "where", required=True, help="共享数据：文件夹、CSV、Excel、SQLite 文件，或数据库地址（SQLAlchemy URL）。"
)
@click.option("--region", required=True, help="行政区划代码，如 990101001001。")
@click.option("--period", "period_text", required=True, help="报告期：2026、2026-H1、2026-Q3、2026-10 或 2026-10-31。")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="结果放在这个文件夹。")
@click.option(
    "--previous", multiple=True, type=click.Path(path_type=Path), help="上期各部门退回的报表（文件或文件夹），手填过的数会用上。"
)
@click.option("--json", "as_json", is_flag=True, help="给程序用的 JSON（只写到标准输出）。")
def command(
    paths: tuple[Path, ...], where: str, region: str, period_text: str, out: Path, previous: tuple[Path, ...], as_json: bool
) -> None:
    """用共享数据填报表。PATHS 是要填的报表；不写就用随程序带的报表库。"""
    try:
        period = Period.parse(period_text)
    except ValueError as error:
        raise CannotDo(problem("fill.bad-period", "", period=period_text)) from error
    if period.start.year < _EARLIEST:
        raise CannotDo(problem("fill.bad-period", "", period=period_text))
    if not _REGION.fullmatch(region):
        raise CannotDo(problem("fill.bad-region", "", region=region))
    departments: dict[str, str] = {}
    if paths:
        readings, templates = service.read(paths, progress), service.template_files(paths)
    else:
        readings, departments = service.library_readings(progress)
        templates = service.library_templates()
    if not any(reading.forms for reading in readings):  # the results of an earlier run stay as they are
        problems = [one for reading in readings for one in service.all_problems(reading)]
        if as_json:
            print_json({**service.NOTHING_FILLED, "problems": [service.problem_json(one) for one in problems]})
        show_problems([] if as_json else problems)
        finish(problems, useful=False)
    returned = service.read(previous, progress) if previous else ()
    result = service.fill(
        readings, templates, where, region, period, out, departments, returned, service.decisions_file(out), progress
    )
    end_progress()
    counts = result.to_json()["counts"]
    share = 100 * counts["filled"] / counts["cells"] if counts["cells"] else 0
    say(
        f"{len(result.filling.given)} 个文件已还到 {out / service.FORMS}；{counts['cells']} 个空，"
        f"自动填好 {counts['filled']} 个（{share:.1f}%）；{counts['conflicts']} 处数据冲突，见“数据冲突.xlsx”。"
    )
    if as_json:
        print_json(result.to_json())
    show_problems([] if as_json else result.problems)
    nothing = any(problem.code == "fill.no-data" for problem in result.problems)
    finish(result.problems, bool(result.filling.given) and not nothing)
