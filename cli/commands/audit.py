"""`yibiao audit verify|show|prune`: who did what, and that the log of it is whole."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from cli.console import DONE, DONE_WITH_PROBLEMS, print_json, say, show
from cli.database import database_option, open_desk, operator
from consolidation.store import Broken, End, verify
from consolidation.store.audit import Wanted, differing, ends, entries
from consolidation.store.retention import CHINA, prune
from forms.problems import CannotDo, problem

_JSON = click.option("--json", "as_json", is_flag=True, help="给程序用的 JSON（只写到标准输出）。")
_WHAT = {
    "changed": "第 {seq} 条的内容或哈希被改过",
    "missing": "第 {seq} 条起缺了",
    "head": "链头（第 {seq} 条）与最后一条对不上：末尾被删过或链头被改过",
    "cut": "以前记下的第 {seq} 条现在没有了：链被截断",
}


@click.group(name="audit", short_help="审计日志：核验、查看、清理三年以前的。")
def command() -> None:
    """谁在什么时候做了什么，一条接一条用哈希串起来，每个区域一条链；至少保存三年（《政务数据共享条例》第二十九条）。"""


@command.command(name="verify", short_help="核验日志完整、没有被改过。")
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="以前 verify --json 的结果，存在别处：连整条链被截断也能发现。",
)
@database_option
@_JSON
def verify_(against: Path | None, database: str, as_json: bool) -> None:
    """逐条重算哈希。退出码：0 完整，1 有断裂，2 不能核验。"""
    desk = open_desk(database)
    kept = _kept(against) if against else {}
    with desk.store.read() as connection:
        heads = ends(connection)
        broken = [*verify(connection, desk.secrets.finder), *differing(connection, kept)]
    if as_json:
        found = [{"chain": one.chain, "seq": one.seq, "what": one.what, "message": _words(one)} for one in broken]
        at = {chain: {"seq": end.seq, "hash": end.hash} for chain, end in sorted(heads.items())}
        print_json({"whole": not broken, "broken": found, "heads": at})
    for one in broken if not as_json else ():
        show(_words(one))
    total = sum(end.seq for end in heads.values())
    say(f"有 {len(broken)} 处断裂，请保护现场，不要再改数据库。" if broken else f"完整：{len(heads)} 条链，{total} 条记录。")
    raise SystemExit(DONE_WITH_PROBLEMS if broken else DONE)


@command.command(name="show", short_help="查看日志。")
@click.option("--region", default="", help="区域代码：它和它下面的都看。")
@click.option("--actor", default="", help="谁做的（账号的编号）。")
@click.option("--act", default="", help="做了什么，例如 figure.save；写开头几个字母也行。")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="从哪一天起（年-月-日）。")
@click.option("--most", default=50, type=click.IntRange(1), show_default=True, help="最多几条，最近的在前。")
@database_option
@_JSON
def show_(region: str, actor: str, act: str, since: datetime | None, most: int, database: str, as_json: bool) -> None:
    """列出日志，最近的在前。"""
    desk = open_desk(database)
    wanted = Wanted(region, actor, act, since.replace(tzinfo=CHINA) if since else None)
    with desk.store.read() as connection:
        found = entries(connection, wanted, most)
    if as_json:
        print_json({"entries": found})
        return
    for one in found:
        at = datetime.fromisoformat(str(one["at"])).astimezone(CHINA)
        detail = json.dumps(one["detail"], ensure_ascii=False) if one["detail"] else ""
        show(f"{at:%Y-%m-%d %H:%M:%S}\t{one['chain']}#{one['seq']}\t{one['actor']}\t{one['act']}\t{one['target']}\t{detail}")
    if not found:
        say("没有这样的记录。")


@command.command(name="prune", short_help="清理三年以前的日志。")
@click.option("--before", required=True, type=click.DateTime(["%Y-%m-%d"]), help="这一天以前的（年-月-日），须满三年。")
@database_option
@_JSON
def prune_(before: datetime, database: str, as_json: bool) -> None:
    """删去这一天以前的记录，每条链留一个锚点，清理后仍可核验。不满三年的不能删。"""
    desk = open_desk(database)
    gone = prune(desk.store, before.replace(tzinfo=CHINA), desk.clock(), operator(), desk.secrets.finder)
    if as_json:
        print_json({"before": before.date().isoformat(), "deleted": gone})
    else:
        show(f"清理了 {gone} 条记录。")


def _words(one: Broken) -> str:
    return f"链 {one.chain}：{_WHAT[one.what].format(seq=one.seq)}。"


def _kept(path: Path) -> dict[str, End]:
    try:
        held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["heads"]
        return {chain: End(int(end["seq"]), str(end["hash"])) for chain, end in held.items()}
    except (ValueError, KeyError, TypeError) as error:
        raise CannotDo(problem("store.no-heads", path.name)) from error
