"""`yibiao export --sqlite FILE`: a copy for analysts, masked unless asked otherwise."""

from __future__ import annotations

from pathlib import Path

import click

from cli.console import print_json, say, show
from cli.database import database_option, open_desk, operator
from consolidation.store.export import export, shown_whole
from consolidation.store.masking import shown_masked


@click.command(name="export", short_help="导出给分析人员用的 SQLite 文件；个人信息默认打码。")
@click.option("--sqlite", "file", required=True, type=click.Path(path_type=Path, dir_okay=False), help="写到哪个文件（.db）。")
@click.option("--unmasked", is_flag=True, help="不打码（要有密钥；记入审计日志，写明是谁导出的）。")
@database_option
@click.option("--json", "as_json", is_flag=True, help="给程序用的 JSON（只写到标准输出）。")
def command(file: Path, unmasked: bool, database: str, as_json: bool) -> None:
    """导出区划、数据元、报表、数、历史和填报状态，可用 Datasette 等工具打开；数据元名称可全文检索。"""
    desk = open_desk(database)
    shows = shown_whole if unmasked else shown_masked
    rows = export(desk.store, desk.secrets, file, operator(), desk.now(), shows)
    if as_json:
        print_json({"file": str(file), "masked": not unmasked, "rows": rows})
    else:
        show(f"已导出到 {file}：{rows['figures']} 个数，{rows['history']} 条历史。")
    if unmasked:
        say("注意：这个文件里有没打码的个人信息，已记入审计日志。用完请删除，不要转发。")
