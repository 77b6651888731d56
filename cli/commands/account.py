"""`yibiao account list|add|reset|disable`: the people who work with the desk, from the server's terminal."""

from __future__ import annotations

from dataclasses import asdict

import click

from cli.console import print_json, say, show
from cli.database import database_option, open_desk
from consolidation.desk import accounts
from consolidation.desk.accounts import Account, Issued, Wanted
from consolidation.desk.context import Desk
from consolidation.desk.model import PROGRAM, ROLE_NAMES
from forms.problems import CannotDo, problem


@click.group(name="account", short_help="管理账号：列出、新建、重置密码、停用。")
def command() -> None:
    """谁能运行这个命令，谁就能管所有账号；日常请管理员在网页上管理自己区域里的账号。"""


@command.command(name="list", short_help="列出账号。")
@database_option
@click.option("--json", "as_json", is_flag=True, help="给程序看的 JSON，写到标准输出。")
def list_(database: str, as_json: bool) -> None:
    """列出所有账号：登录名、姓名、角色、区域、状态。"""
    found = accounts.accounts(open_desk(database), PROGRAM)
    if as_json:
        print_json({"accounts": [asdict(one) for one in found]})
        return
    for one in found:
        notes = [text for text, holds in _notes(one) if holds]
        show(f"{one.login}\t{one.name}\t{one.role_name}\t{one.region} {one.place}\t{'、'.join(notes)}")


@command.command(name="add", short_help="新建账号，显示一次初始密码。")
@click.argument("login")
@database_option
@click.option("--name", required=True, help="姓名。")
@click.option("--role", required=True, type=click.Choice([role.value for role in ROLE_NAMES]), help="角色。")
@click.option("--region", required=True, help="管辖区域的代码；看得见、管得到它和它下面的地方。")
def add(login: str, database: str, name: str, role: str, region: str) -> None:
    """新建账号 LOGIN；初始密码只显示这一次，第一次登录必须改掉。"""
    _tell(accounts.create_account(open_desk(database), PROGRAM, Wanted(login, name, role, region)))


@command.command(name="reset", short_help="重置密码，解除锁定，显示一次新密码。")
@click.argument("login")
@database_option
def reset(login: str, database: str) -> None:
    """给账号 LOGIN 一个新的初始密码；它的所有登录随即失效。"""
    desk = open_desk(database)
    _tell(accounts.reset_password(desk, PROGRAM, _id(desk, login)))


@command.command(name="disable", short_help="停用账号。")
@click.argument("login")
@database_option
def disable(login: str, database: str) -> None:
    """停用账号 LOGIN；它的所有登录随即失效。以前填报的数和记录都保留。"""
    desk = open_desk(database)
    one = accounts.deactivate(desk, PROGRAM, _id(desk, login))
    say(f"已停用 {one.login}（{one.name}）。")


def _id(desk: Desk, login: str) -> str:
    wanted = accounts.normalised(login)
    for one in accounts.accounts(desk, PROGRAM):
        if one.login == wanted:
            return one.id
    raise CannotDo(problem("desk.no-such", "", what=f"账号 {wanted}"))


def _tell(issued: Issued) -> None:
    """The password alone on standard output, so that it can be taken from there."""
    one = issued.account
    say(f"{one.login}（{one.name}，{one.role_name}，{one.place}）的初始密码如下，只显示这一次，第一次登录要改掉：")
    click.echo(issued.password)


def _notes(one: Account) -> tuple[tuple[str, bool], ...]:
    bound = bool(one.subject)
    return (("已停用", not one.active), ("示范账号", one.demo), ("待改初始密码", one.must_change), ("已绑定统一身份", bound))
