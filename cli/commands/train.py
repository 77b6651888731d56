"""`yibiao train`: trains the assistant from data/nlu, data/rules and data/stories."""

import sys

import click

from bot import process
from cli.usage import Command


@click.command("train", cls=Command, short_help="训练助手。")
def command() -> None:
    """用 data/nlu、data/rules、data/stories 里的内容训练助手。"""
    click.echo("正在检查训练内容……", err=True)
    try:
        process.perform("validate")
        click.echo("正在训练，约半分钟……", err=True)
        process.perform("train")
    except process.RasaError as problem:
        click.echo(f"{problem}\n训练没有完成，上面是原因；改正后重新运行即可。", err=True)
        sys.exit(2)
    click.echo("训练完成，可以用 ./yibiao chat 试一试。", err=True)
