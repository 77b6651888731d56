"""Giving 1,000 forms back, beside openpyxl's load and save, in one run.

    python -m benchmarks.render_forms [--forms 1000]

The forms are the shipped library's, over and over, each with a value in every field that takes one; rosters get as many
records as they have printed rows, and in a second measurement three times as many (openpyxl moves no references when rows
come in, so only ours is measured there). Reading and recognising are done once per template and not timed. Both sides start
from the template's bytes and end with the filled file's bytes. The result goes to benchmarks/results/render_forms.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import os
import platform
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import openpyxl

from forms.grid import read_bytes
from forms.library import shipped
from forms.model import CellValue, Field, Purpose, Reading, ValueType
from forms.recognise import recognise
from forms.render import RosterRows, Write, fill

RESULT = Path(__file__).parent / "results" / "render_forms.md"


@dataclass(frozen=True)
class Job:
    source: bytes
    writes: tuple[Write, ...]
    rosters: tuple[RosterRows, ...]


def value(field: Field, number: int) -> CellValue:
    if field.options:
        return field.options[number % len(field.options)]
    by_type: dict[ValueType, CellValue] = {ValueType.NUMBER: Decimal(number), ValueType.DATE: dt.date(2026, 3, 1 + number % 28)}
    return by_type.get(field.type, f"内容{number}")


def job(source: bytes, reading: Reading) -> Job:
    """A value for every field of every form of a template."""
    writes: list[Write] = []
    blocks: dict[tuple[str, object], list[Field]] = {}
    for form in reading.forms:
        for number, field in enumerate(form.fields):
            if field.blocked:
                continue
            if field.rows is not None:
                blocks.setdefault((field.cell.sheet, field.rows), []).append(field)
            elif field.type is ValueType.CHOICE and field.options:
                writes.append(Write(field.cell, None, field.blank, str(value(field, number))))
            else:
                writes.append(Write(field.cell, value(field, number), field.blank))
    return Job(source, tuple(writes), tuple(_roster(fields) for fields in blocks.values()))


def _roster(fields: Sequence[Field]) -> RosterRows:
    rows = fields[0].rows
    assert rows is not None
    filled = [field for field in fields if field.purpose is not Purpose.SERIAL]
    serial = next((field.cell.col for field in fields if field.purpose is Purpose.SERIAL), None)
    records = tuple(tuple(value(field, number) for field in filled) for number in range(rows.height))
    return RosterRows(fields[0].cell.sheet, rows, tuple(field.cell.col for field in filled), records, serial)


def longer(item: Job, times: int) -> Job:
    return replace(item, rosters=tuple(replace(roster, records=roster.records * times) for roster in item.rosters))


def ours(item: Job) -> bytes:
    return fill(item.source, "form.xlsx", item.writes, item.rosters).data


def openpyxl_load_save(item: Job) -> bytes:
    """What most programs do: load, set cells, save. Ticks and blanks are put in as text."""
    book = openpyxl.load_workbook(io.BytesIO(item.source))
    for write in item.writes:
        content = write.choice if write.choice is not None else write.value
        _set(book[write.address.sheet], write.address.row, write.address.col, content, write)
    for roster in item.rosters:
        for number, record in enumerate(roster.records):
            for col, content in zip(roster.columns, record, strict=True):
                _set(book[roster.sheet], roster.rows.top + number, col, content, None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _set(sheet: object, row: int, col: int, content: CellValue, write: Write | None) -> None:
    cell = sheet.cell(row, col)  # type: ignore[attr-defined]
    if cell.__class__.__name__ == "MergedCell" or cell.data_type == "f":
        return
    if write is not None and write.blank is not None:
        text = str(cell.value or "")
        content = text[: write.blank.start] + str(content) + text[write.blank.end :]
    elif write is not None and write.choice is not None and isinstance(cell.value, str):
        content = cell.value.replace("□" + write.choice, "☑" + write.choice)
    cell.value = content


def measure(runs: Sequence[tuple[Callable[[Job], bytes], Sequence[Job]]], count: int) -> list[list[float]]:
    """Milliseconds of processor time of each form for each contender. They take turns form by form, and waiting for other
    programs does not count, so that a busy machine is fair to all."""
    each: list[list[float]] = [[] for _ in runs]
    for number in range(count):
        for times, (run, jobs) in zip(each, runs, strict=True):
            start = time.process_time()
            run(jobs[number % len(jobs)])
            times.append((time.process_time() - start) * 1000)
    return [sorted(times) for times in each]


def other_parts_equal(jobs: Sequence[Job], run: Callable[[Job], bytes]) -> tuple[int, int]:
    """Of the parts that are no worksheets, how many come out byte-equal."""
    equal = whole = 0
    for item in jobs:
        after = zipfile.ZipFile(io.BytesIO(run(item)))
        names = set(after.namelist())
        with zipfile.ZipFile(io.BytesIO(item.source)) as before:
            for name in before.namelist():
                if "/worksheets/sheet" in name:
                    continue
                whole += 1
                equal += name in names and after.read(name) == before.read(name)
    return equal, whole


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--forms", type=int, default=1000)
    count = parser.parse_args().forms
    jobs = []
    for form in shipped():
        source = form.template.read_bytes()
        jobs.append(job(source, recognise(read_bytes(source, form.template.name))))
    cells = sum(len(item.writes) + sum(len(r.records) * len(r.columns) for r in item.rosters) for item in jobs) / len(jobs)
    contenders = (
        ("yibiao `fill`", ours, jobs),
        ("openpyxl load–save", openpyxl_load_save, jobs),
        ("yibiao `fill`, rosters three times their printed rows", ours, [longer(item, 3) for item in jobs]),
    )
    lines = []
    measured = measure([(run, those) for _, run, those in contenders], count)
    for (name, run, those), each in zip(contenders, measured, strict=True):
        equal, whole = other_parts_equal(those, run)
        middle, late = each[len(each) // 2], each[int(len(each) * 0.95)]
        lines.append(f"| {name} | {sum(each) / 1000:.1f} | {middle:.1f} | {late:.1f} | {equal} of {whole} |")
        print(lines[-1])
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(
        f"# Giving {count:,} forms back\n\n"
        f"{dt.date.today()}, {platform.machine()}, {os.cpu_count()} cores (one used; processor time, in turn form by form), "
        f"Python {platform.python_version()}, openpyxl {openpyxl.__version__}. "
        f"{len(jobs)} library templates in turn, {cells:.0f} values a form on average. "
        "`python -m benchmarks.render_forms` repeats it.\n\n"
        "| | processor seconds in all | median ms a form | 95 % ms | parts other than sheets byte-equal |\n"
        "| --- | --- | --- | --- | --- |\n"
        + "\n".join(lines)
        + "\n\nIn the third line rows move: parts that name rows below a roster (defined names, drawings, tables) may change.\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
