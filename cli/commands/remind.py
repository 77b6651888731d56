"""`yibiao remind`: writes the reminders that are due, for cron once or several times a day."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cli.console import DONE, DONE_WITH_PROBLEMS, finish, print_json, say, show, show_problems
from consolidation.desk.calendar import FILE, check_deadlines
from consolidation.desk.context import Desk
from consolidation.desk.reminders import Reminded, remind
from consolidation.promised import problem_json
from consolidation.store import Store, load_secrets
from forms.problems import CannotDo, problem

HOME = Path(__file__).resolve().parents[2] / ".yibiao"


@click.command(name="remind", short_help="催报：截止前 3 个、1 个工作日，当天和逾期各提醒一次（放进 cron）。")
@click.option("--database", default="", help="数据库的网址；默认取环境变量 YIBIAO_DATABASE，再默认 .yibiao/desk.db。")
@click.option("--keys", type=click.Path(path_type=Path, dir_okay=False), default=HOME / "keys.json", help="密钥文件。")
@click.option("--check", "check_only", is_flag=True, help="只检查 data/desk/deadlines.yml 写得对不对。")
@click.option("--json", "as_json", is_flag=True, help="给程序用的 JSON（只写到标准输出）。")
def command(database: str, keys: Path, check_only: bool, as_json: bool) -> None:
    """把到时候该发的提醒写进库里；同一条提醒只写一次，多运行几次也不会重复。"""
    if check_only:
        _check(as_json)
    url = database or os.environ.get("YIBIAO_DATABASE", "") or f"sqlite:///{HOME / 'desk.db'}"
    done = _remind(url, keys)
    if as_json:
        rows = [{"region": r.region, "period": r.period, "kind": str(r.kind), "text": r.text} for r in done.written]
        print_json({"reminders": rows, "problems": [problem_json(one) for one in done.warnings]})
    else:
        for one in done.written:
            show(f"{one.region} {one.text}")
        say(f"新写了 {len(done.written)} 条提醒。")
        show_problems(done.warnings)
    finish(done.warnings, True)


def _remind(url: str, keys: Path) -> Reminded:
    """Raises CannotDo where there is no desk: a reminder makes no database."""
    try:
        address = make_url(url)
        if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
            raise CannotDo(problem("deadlines.no-desk", ""))
        with closing(Store(url)) as store:
            return remind(Desk(store, load_secrets(keys)))
    except SQLAlchemyError as error:
        raise CannotDo(problem("deadlines.no-desk", "")) from error


def _check(as_json: bool) -> None:
    wrong = check_deadlines()
    found = [problem("deadlines.bad-file", FILE.name, reason=one) for one in wrong]
    if as_json:
        print_json({"problems": [problem_json(one) for one in found]})
    else:
        show_problems(found)
        say("data/desk/deadlines.yml 有问题。" if found else "data/desk/deadlines.yml 没有问题。")
    sys.exit(DONE_WITH_PROBLEMS if found else DONE)
