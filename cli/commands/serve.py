"""`yibiao serve`: everything on one address, with the demo county when the database is new."""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path

import click
import uvicorn

from cli.console import NOT_DONE, end_progress, progress, say
from cli.database import key_file, open_store
from cli.opening import open_demo_month, set_up
from cli.usage import Command
from consolidation import service
from consolidation.desk.context import Desk
from consolidation.desk.shared import SharedData
from consolidation.store import load_secrets
from consolidation.store.migrate import upgrade
from data.demo.make import generate
from forms.periods import Period
from forms.problems import CannotDo, problem, reason
from web import oidc
from web.desk_app import LOCAL, PARTS, create_desk_app
from web.results import part as results_part

_LOCAL = ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
HOME = Path(__file__).resolve().parents[2] / ".yibiao"
DEMO_PERIOD = "2026-10"


@click.command("serve", cls=Command, short_help="在一个网址上打开一表；第一次运行会生成示范县并填好它的报表。")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=HOME,
    help="数据和结果放在这里；默认是程序文件夹里的 .yibiao。",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址；默认只有本机能打开。")
@click.option("--port", default=8000, type=click.IntRange(0, 65535), show_default=True, help="端口。")
@click.option("--database", envvar="YIBIAO_DATABASE", default="", help="数据库的网址；默认是数据文件夹里的 desk.db（SQLite）。")
@click.option("--data", default="", help="共享数据的文件夹、文件或数据库网址；默认是示范县。")
@click.option("--region", default="", help="示范县里要填的村或社区的代码；默认是第一个社区。")
@click.option("--prepare-only", is_flag=True, help="只准备示范县和结果，不启动网页。")
def command(home: Path, host: str, port: int, database: str, data: str, region: str, prepare_only: bool) -> None:
    """第一次运行：生成示范县，合并报表库，填好一表和各部门报表，开启一个月的填报；然后在网页上填报、审核、还表。"""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    results = home / "results"
    listening = None if prepare_only else _listen(host, port)
    if not data and (not (results / "一表.xlsx").is_file() or region):
        _prepare(home, results, region)
    desk = _open(home, database or f"sqlite:///{home / 'desk.db'}", data or str(home / "demo"))
    if listening is None:
        desk.store.close()
        return
    shown = f"[{host}]" if ":" in host else host
    say(f"请在浏览器打开 http://{shown}:{listening.getsockname()[1]} ，按 Ctrl+C 结束。")
    hosts = LOCAL if host in _LOCAL else (shown,)
    threading.Thread(target=_warm, args=(desk,), daemon=True).start()
    provider = oidc.settings_from(home / "oidc.yml")
    app = create_desk_app(desk, hosts=hosts, parts=(*PARTS, results_part(results)), provider=provider)
    config = uvicorn.Config(app, log_level="warning", server_header=False)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        desk.store.close()


def _warm(desk: Desk) -> None:
    """Reads what the first page needs before somebody waits for it."""
    for period in service.desk.open_periods(desk)[:1]:
        catalogue = service.desk.catalogue_of(desk, period.period)
        if desk.shared is not None:
            desk.shared.world(catalogue.lexicon, Period.parse(period.period).end)


def _open(home: Path, database: str, where: str) -> Desk:
    """The desk, with the newest tables; a new database gets regions, forms, an administrator, and (demo data only) people and a
    month to report."""
    store = open_store(database)
    upgrade(store)
    demo = service.demo_regions(where)
    desk = Desk(store, load_secrets(key_file(database)), shared=SharedData(where, demo))
    if set_up(desk, progress):
        end_progress()
    if demo.prefixes and not service.desk.open_periods(desk):
        say("第一次运行：开启示范县一个月的填报，并从共享数据预填 ……")
        open_demo_month(desk, Period.parse(DEMO_PERIOD), progress)
        end_progress()
    return desk


def _listen(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before the long preparation. Raises CannotDo when the address cannot be had."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, UnicodeError) as error:
        listening.close()
        why = reason(error) if isinstance(error, OSError) and not isinstance(error, socket.gaierror) else "没有这个地址"
        raise CannotDo(problem("serve.cannot-listen", "", host=host, port=port, reason=why)) from error
    return listening


def _prepare(home: Path, results: Path, region: str) -> None:
    demo = home / "demo"
    if not (demo / "manifest.yml").is_file():
        say("第一次运行：生成示范县（约 2 万人，全是虚构的） ……")
        generate(demo)
    if region and not service.has_region(str(demo), region):
        raise CannotDo(problem("fill.unknown-region", "", region=region))
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
