"""`yibiao keys status|rotate`: the keys that seal personal data."""

from __future__ import annotations

import os

import click

from cli.console import DONE, DONE_WITH_PROBLEMS, print_json, say, show
from cli.database import database_option, key_file, open_desk, operator
from consolidation.desk.context import Desk
from consolidation.store import add_key
from consolidation.store.sealed import by_key, reseal
from consolidation.store.secrets import ENVIRONMENT
from forms.problems import CannotDo, problem

_JSON = click.option("--json", "as_json", is_flag=True, help="给程序用的 JSON（只写到标准输出）。")


@click.group(name="keys", short_help="加密个人信息的密钥：查看、轮换。")
def command() -> None:
    """身份证号、电话、住址等在数据库里是加密的（SM4-GCM）。密钥文件请与备份分开保管。"""


@command.command(name="status", short_help="每把密钥加密着多少个值。")
@database_option
@_JSON
def status(database: str, as_json: bool) -> None:
    """列出密钥的编号（不是密钥本身）和各加密着多少个值；还有值用旧密钥加密的，退出码是 1。"""
    desk = open_desk(database)
    counts = _counts(desk)
    current = desk.secrets.current
    if as_json:
        print_json({"current": current, "values": counts, "known": sorted(desk.secrets.keys)})
    else:
        for name in sorted(counts.keys() | desk.secrets.keys.keys()):
            kind = "现用" if name == current else "旧" if name in desk.secrets.keys else "没有这把密钥，打不开"
            show(f"密钥 {name}（{kind}）：{counts.get(name, 0)} 个值")
    raise SystemExit(DONE_WITH_PROBLEMS if counts.keys() - {current} else DONE)


@command.command(name="rotate", short_help="换一把新密钥，把所有加密的值重新加密。")
@database_option
@_JSON
def rotate(database: str, as_json: bool) -> None:
    """生成新密钥，分批重新加密；不用停机，中断了再运行一次就接着做。

    做完请重启 yibiao serve，它才用新密钥加密；之后 keys status 若说还有旧的，再运行一次。
    """
    if os.environ.get(ENVIRONMENT):
        raise CannotDo(problem("store.keys-from-environment", "", name=ENVIRONMENT))
    desk = open_desk(database)
    pending = _counts(desk).keys() - {desk.secrets.current}
    secrets = desk.secrets if pending & desk.secrets.keys.keys() else add_key(key_file(database))
    say(f"接着用密钥 {secrets.current} 重新加密 ……" if secrets is desk.secrets else f"已生成密钥 {secrets.current}，重新加密 ……")
    done = reseal(desk.store, secrets, operator(), desk.now)
    if as_json:
        print_json({"current": secrets.current, "sealed": done.sealed, "unopened": done.unopened})
    else:
        show(f"重新加密了 {done.sealed} 个值，现在用密钥 {secrets.current}。旧密钥留在密钥文件里：以前的备份要用它。")
    if done.unopened:
        say(f"有 {done.unopened} 个值用手上的密钥打不开，没有动。请查是否缺少旧密钥，或有人改过数据库。")
    raise SystemExit(DONE_WITH_PROBLEMS if done.unopened else DONE)


def _counts(desk: Desk) -> dict[str, int]:
    with desk.store.read() as connection:
        return by_key(connection)
