"""`yibiao backup FILE`: the whole database in one file, while people work."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from cli.console import print_json, say, show
from cli.database import database_option, key_file, open_desk, operator
from consolidation.store.backup import backup


@click.command(name="backup", short_help="把整个数据库备份成一个文件；不用停机。")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database_option
@click.option("--json", "as_json", is_flag=True, help="给程序用的 JSON（只写到标准输出）。")
def command(file: Path, database: str, as_json: bool) -> None:
    """把数据库此刻的内容写进 FILE（.zip，只有本人可读）。密钥不在备份里，请另行保管密钥文件：没有它，备份恢复不了。"""
    desk = open_desk(database)
    saved = backup(desk.store, desk.secrets, file, operator(), desk.now())
    if as_json:
        print_json({"file": str(file), **asdict(saved)})
    else:
        show(f"已备份到 {file}：{len(saved.rows)} 张表，{sum(saved.rows.values())} 行。")
    say(f"注意：密钥文件（{key_file(database).name}）不在备份里。请另存一份，与备份分开放；丢了密钥，加密的数据谁也打不开。")
