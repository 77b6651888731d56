"""`yibiao restore FILE`: an empty database filled from a backup."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from cli.console import print_json, say, show
from cli.database import database_option, open_empty, operator
from consolidation.store.backup import restore


@click.command(name="restore", short_help="从备份恢复到一个空的数据库。")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@database_option
@click.option("--json", "as_json", is_flag=True, help="给程序用的 JSON（只写到标准输出）。")
def command(file: Path, database: str, as_json: bool) -> None:
    """把备份 FILE 恢复到空的数据库（SQLite 或 PostgreSQL 都行，与备份时用的无关）。先把当时的密钥文件 keys.json 放好。"""
    desk = open_empty(database)
    saved = restore(desk.store, desk.secrets, file, operator(), desk.now())
    if as_json:
        print_json({"file": str(file), **asdict(saved)})
    else:
        show(f"已恢复 {saved.made_at[:19]}（UTC）的备份：{len(saved.rows)} 张表，{sum(saved.rows.values())} 行。")
    say("所有人要重新登录。备份以后停用的账号、作废的接口令牌，请再停用一次。")
