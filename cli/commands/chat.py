"""`yibiao chat`: talk to the assistant in the terminal."""

import sys

import click

from bot import client, process
from cli.usage import Command


def answer(address: str, text: str) -> None:
    """Prints what the assistant says, its offered questions numbered below."""
    for reply in client.ask(address, "terminal", text):
        click.echo(f"助手：{reply.text}")
        for title, _ in reply.buttons:
            click.echo(f"  · {title}")


@click.command("chat", cls=Command, short_help="在终端里和助手对话。")
def command() -> None:
    """在终端里和助手对话；输入“退出”或按 Ctrl-D 结束。"""
    try:
        if not process.trained():
            click.echo("还没有训练过，先训练一次，约半分钟……", err=True)
            process.perform("train")
        click.echo("正在启动助手，约二十秒……", err=True)
        with process.running() as address:
            click.echo("可以说话了。", err=True)
            for line in iter(lambda: input("您：").strip(), "退出"):
                if line:
                    answer(address, line)
    except EOFError:
        click.echo("")
    except process.RasaError as problem:
        click.echo(f"{problem}\n助手没有启动，上面是原因。", err=True)
        sys.exit(2)
