"""`yibiao read FILE…`: how a file is understood."""

from __future__ import annotations

from pathlib import Path

import click

from cli.console import end_progress, finish, print_json, progress, say, show, show_problems
from cli.usage import JsonCommand
from consolidation import service
from forms.model import Form, Purpose
from forms.recognise import explain
from forms.render import annotate

PURPOSES = {Purpose.META: "填报信息", Purpose.SERIAL: "序号", Purpose.REMARK: "备注", Purpose.WORKFLOW: "意见、签章"}


@click.command(
    "read",
    cls=JsonCommand,
    nothing=service.NOTHING_READ,
    short_help="看程序怎样读懂一份文件：报表、栏目、每个单元格的作用、问题。",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="给程序用的 JSON（只写到标准输出）。")
@click.option(
    "--annotate",
    "annotated",
    type=click.Path(path_type=Path, file_okay=False),
    help="另存一份用颜色标出每个单元格作用的副本到这个文件夹。",
)
def command(files: tuple[Path, ...], as_json: bool, annotated: Path | None) -> None:
    """看程序怎样读懂文件：有哪些报表和栏目，每个单元格起什么作用，哪里有问题。"""
    readings = service.read(files, progress)
    end_progress()
    problems = [problem for reading in readings for problem in service.all_problems(reading)]
    if annotated is not None:
        _save_annotated(files, readings, annotated)
    if as_json:
        print_json(service.readings_json(readings))
    else:
        for reading in readings:
            show(explain(reading))
            for form in reading.forms:
                _list_fields(form)
    show_problems(problems if not as_json else [])
    finish(problems, any(reading.forms for reading in readings))


def _list_fields(form: Form) -> None:
    """Every field with the cell that takes its value, as a clerk would check it against the sheet."""
    show(f"  {form.title or form.sheet}的栏目：")
    for field in form.fields:
        unit = f"　{field.unit}" if field.unit else ""
        options = f"　选项：{'、'.join(field.options)}" if field.options else ""
        purpose = "" if field.purpose is Purpose.DATA else f"　［{PURPOSES[field.purpose]}］"
        show(f"    {field.cell.a1:<8}{' / '.join(field.path)}{unit}{options}{purpose}")
    show()


def _save_annotated(files: tuple[Path, ...], readings: tuple[service.Reading, ...], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    taken: set[Path] = set()
    for (path, name), reading in zip(service.form_files(files), readings, strict=True):
        if reading.book.format not in ("xlsx", "xlsm"):
            say(f"{name}：只有 .xlsx 能标色；.xls 请先另存为 .xlsx。")
            continue
        stem = service.file_name(str(Path(name).with_suffix("")))
        names = (f"{stem}{number}（标注）.{reading.book.format}" for number in ("", *range(2, 10_000)))
        target = next(folder / one for one in names if folder / one not in taken)
        taken.add(target)
        target.write_bytes(annotate(path.read_bytes(), name, reading))
        say(f"已标注：{target}")
