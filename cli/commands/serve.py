"""`yibiao serve`: everything on one address, with the demo county when nothing is there yet."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import uvicorn

from cli.console import NOT_DONE, end_progress, progress, say
from consolidation import service
from data.demo.make import generate
from forms.periods import Period
from web.app import create_app

HOME = Path(__file__).resolve().parents[2] / ".yibiao"
DEMO_PERIOD = "2026-10"


@click.command(name="serve", short_help="在一个网址上打开一表；第一次运行会生成示范县并填好它的报表。")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=HOME,
    help="数据和结果放在这里；默认是程序文件夹里的 .yibiao。",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址；默认只有本机能打开。")
@click.option("--port", default=8000, show_default=True, help="端口。")
@click.option("--region", default="", help="示范县里要填的村或社区的代码；默认是第一个社区。")
@click.option("--prepare-only", is_flag=True, help="只准备示范县和结果，不启动网页。")
def command(home: Path, host: str, port: int, region: str, prepare_only: bool) -> None:
    """生成示范县（第一次）、合并报表库、填好一表和各部门报表，然后在网页上查看和下载。"""
    results = home / "results"
    if not (results / "一表.xlsx").is_file() or region:
        _prepare(home, results, region)
    if prepare_only:
        return
    say(f"请在浏览器打开 http://{host}:{port} ，按 Ctrl+C 结束。")
    hosts = (host,) if host not in ("127.0.0.1", "localhost", "0.0.0.0", "::") else ("127.0.0.1", "localhost", "[::1]")  # noqa: S104 - compared, not bound
    uvicorn.run(create_app(results, hosts=hosts), host=host, port=port, log_level="warning")


def _prepare(home: Path, results: Path, region: str) -> None:
    demo = home / "demo"
    if not (demo / "manifest.yml").is_file():
        say("第一次运行：生成示范县（约 2 万人，全是虚构的） ……")
        generate(demo)
    chosen = region or service.first_community(str(demo))
    say(f"合并报表库，用示范县的数据填 {chosen} {DEMO_PERIOD} 的报表 ……")
    readings, departments = service.library_readings(progress)
    result = service.fill(
        readings,
        service.library_templates(),
        str(demo),
        chosen,
        Period.parse(DEMO_PERIOD),
        results,
        departments,
        progress=progress,
    )
    end_progress()
    if not result.filling.given:
        say("没有一张报表填出来，请看上面的问题。")
        sys.exit(NOT_DONE)
    counts = result.to_json()["counts"]
    say(f"一表和 {len(result.filling.given)} 份报表已在 {results}；{counts['cells']} 个空自动填好 {counts['filled']} 个。")
