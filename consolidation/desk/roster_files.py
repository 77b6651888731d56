"""Rosters as workbooks: the working sheet that workers take out, and what they bring back, read by our own reader.

Formulas are never evaluated: the reader takes texts. A working sheet carries the subject's id of each row in a hidden column, and
what stood in each cell when it was taken out on a hidden sheet, so that a change by others meanwhile is seen.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from consolidation.fill.blocks import Slot
from consolidation.fill.settings import source_words
from consolidation.lexicon import normalise
from forms.grid import ListSheet, read_lists

from .context import Desk
from .dispatch import catalogue_of
from .model import Actor, Invalid, Role, demand
from .roster_edits import is_about_rows, is_number
from .roster_open import OpenRoster, open_roster
from .rosters import column_names, note_reading
from .uploads import MB, UPLOAD_BYTES

MOST_ROWS = 20_000
SUFFIXES = (".xlsx", ".xls", ".csv")
_UNPACKED = 300 * MB  # of a zip's parts together: a roster of 20,000 rows has about 30 MB
MARK = "行标识（请勿改动）"
_SHEET, _HELP, _BASE, _CHOICES = "名册", "说明", "下载时", "选项"
_SPARE = 500  # blank lines below the rows, for those who are to be added
_HEADER_ROWS = 15
_HELP_LINES = (
    "1. 在“名册”工作表里直接改；要新增的人写在最下面的空行里，身份证号必须填。",
    "2. 不要改动表头，也不要调换各列；A 列（已隐藏）是程序认行用的标识，请勿改动。",
    "3. 灰色的列由程序推算或来自别处，改了也不采用；有下拉选项的请从选项里选。",
    "4. 删掉一行不等于移出名册：上传后会列出“表中没有的人”，勾选了才移出。",
    "5. 身份证号改了等于换了一个人，请在网页上更正，不要在这里改。",
    "6. 改好后保存，在网页上“上传”，先看会改动什么，确认后才写入。",
    "7. 表内有个人信息：用完请及时删除，不要用微信、QQ 传送。",
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row as it was brought back. `line`: where it stands in the file; `subject`: "" where the file does not say; `cells`:
    element -> text; `before`: what stood there when the sheet was taken out, None where the file does not say."""

    line: int
    subject: str
    cells: Mapping[str, str]
    before: Mapping[str, str] | None


@dataclass(frozen=True)
class Brought:
    """What a file holds. `unknown`: headers of columns that the roster does not have; `skipped`: lines that are no rows."""

    rows: tuple[SheetRow, ...]
    unknown: tuple[str, ...]
    skipped: int


# ---- out ----------------------------------------------------------------------------------------------------------------
def working_sheet(desk: Desk, actor: Actor, place: str, period: str, roster: str) -> tuple[str, bytes]:
    """The name and the bytes of a roster's working sheet. Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)
    with desk.store.read() as connection:
        demand(connection, actor, place, "下载名册", Role.WORKER, Role.LEADER)
        opened = open_roster(connection, desk, catalogue, place, period, roster)
    data = write_sheet(opened)
    note_reading(desk, actor, place, period, roster, len(opened.block.keys))
    return f"{opened.roster.title.strip('_＿ ') or '名册'}（工作表）.xlsx", data


def write_sheet(opened: OpenRoster) -> bytes:
    """A roster as a working sheet."""
    target = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(target, options)
    sheet, base, choices = book.add_worksheet(_SHEET), book.add_worksheet(_BASE), book.add_worksheet(_CHOICES)
    _write_help(book)
    names = column_names(opened)
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "vcenter"})
    cell = book.add_format({"num_format": "@", "locked": False, "border": 1})
    fixed = book.add_format({"num_format": "@", "font_color": "#595959", "bg_color": "#F2F2F2", "border": 1})
    sheet.write_string(0, 0, MARK, head)
    sheet.set_column(0, 0, 4, None, {"hidden": True})
    rows = len(opened.block.keys)
    for at, (slot, name) in enumerate(zip(opened.block.slots, names, strict=True), 1):
        form = cell if is_about_rows(slot.element) else fixed
        sheet.write_string(0, at, name, head)
        sheet.set_column(at, at, 22 if is_number(slot.element, opened.block.kind) else 14)
        for row in range(rows):
            sheet.write_string(row + 1, at, opened.text(row, at - 1), form)
            base.write_string(row + 1, at, opened.text(row, at - 1))
        for row in range(rows, rows + _SPARE):
            sheet.write_blank(row + 1, at, None, form)
        _drop_down(sheet, choices, slot, at, rows + _SPARE)
    for row, subject in enumerate(opened.subjects):
        sheet.write_string(row + 1, 0, subject)
        base.write_string(row + 1, 0, subject)
    base.write_string(0, 0, json.dumps({"roster": opened.id, "place": opened.place, "period": opened.period}))
    base.very_hidden()
    choices.very_hidden()
    sheet.freeze_panes(1, opened.names + 2)
    sheet.autofilter(0, 1, rows, len(names))
    sheet.protect("", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True, "insert_rows": True})
    book.close()
    return target.getvalue()


def _write_help(book: Any) -> None:
    sheet = book.add_worksheet(_HELP)
    sheet.set_column(0, 0, 100)
    for at, line in enumerate(_HELP_LINES):
        sheet.write_string(at, 0, line)


def _drop_down(sheet: Any, choices: Any, slot: Slot, at: int, rows: int) -> None:
    """A list of the options; it lies on a sheet of its own, because Excel takes 255 characters of a list written out."""
    options = slot.element.options or slot.field.options
    if not options:
        return
    for row, option in enumerate(options):
        choices.write_string(row, at, option)
    column = xlsxwriter.utility.xl_col_to_name(at)
    source = f"={_CHOICES}!${column}$1:${column}${len(options)}"
    sheet.data_validation(1, at, rows, at, {"validate": "list", "source": source, "error_type": "warning", "ignore_blank": True})


# ---- in -----------------------------------------------------------------------------------------------------------------
def read_upload(opened: OpenRoster, name: str, data: bytes) -> Brought:
    """The rows of a file that somebody brought back: a working sheet, or the department's form filled. Raises Invalid for a file
    that is too large, of another kind, unreadable, or of another roster or place."""
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise Invalid("roster.file", reason=f"只收 {'、'.join(SUFFIXES)} 文件")
    if len(data) > UPLOAD_BYTES:
        raise Invalid("roster.file", reason=f"超过 {UPLOAD_BYTES // MB} MB")
    if data.startswith(b"PK"):
        _demand_moderate(data)
    with TemporaryDirectory(prefix="yibiao-roster-") as folder:
        path = Path(folder) / f"upload{suffix}"
        path.write_bytes(data)
        book = read_lists(path, f"上传的文件{suffix}")
    sheets = {sheet.name: sheet for sheet in book.sheets if sheet.rows}
    if not sheets:
        told = next((one.message for one in book.problems if one.severity == "error"), "里面没有内容")
        raise Invalid("roster.file", reason=told)
    if sum(len(sheet.rows) for sheet in sheets.values() if sheet.name not in (_BASE, _CHOICES)) > MOST_ROWS:
        raise Invalid("roster.file", reason=f"超过 {MOST_ROWS} 行，请拆开上传")
    working = next((sheet for sheet in sheets.values() if sheet.rows.get(1, [""])[0] == MARK), None)
    if working is not None:
        return _of_working_sheet(opened, working, sheets.get(_BASE))
    found = max((_of_form(opened, sheet) for sheet in sheets.values()), key=lambda one: len(one.rows))
    return found


def _demand_moderate(data: bytes) -> None:
    """Looks at a zip before it is read: what it unpacks to, and how many rows its sheets have. Raises Invalid."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _UNPACKED:
                raise Invalid("roster.file", reason="解开后太大")
            for part in archive.infolist():
                if part.filename.startswith("xl/worksheets/") and _rows_in(archive, part) > MOST_ROWS + _SPARE + _HEADER_ROWS:
                    raise Invalid("roster.file", reason=f"超过 {MOST_ROWS} 行，请拆开上传")
    except (zipfile.BadZipFile, OSError, NotImplementedError, EOFError, zipfile.zlib.error, RuntimeError) as error:  # type: ignore[attr-defined]
        raise Invalid("roster.file", reason="文件已损坏，或者设了密码") from error


def _rows_in(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many rows with content a sheet has at the most; counting ends when there are too many."""
    count, tail = 0, b""
    with archive.open(part) as stream:
        while (chunk := stream.read(1 << 20)) and count <= 2 * MOST_ROWS:
            text = tail + chunk
            count += text.count(b"<row ") + text.count(b"<row>")
            tail = text[-4:]
    return count


def _of_working_sheet(opened: OpenRoster, sheet: ListSheet, base: ListSheet | None) -> Brought:
    before = _before(opened, sheet, base)
    columns, unknown = _columns(opened, sheet.rows[1][1:], offset=1)
    rows = []
    skipped = 0
    for line in sorted(sheet.rows):
        texts = sheet.rows[line]
        if line == 1:
            continue
        cells = {element: texts[at].strip() if at < len(texts) else "" for at, element in columns.items()}
        subject = texts[0].strip()
        if not any(cells.values()):
            skipped += 1
            continue
        rows.append(SheetRow(line, subject, cells, before.get(subject) if before is not None and subject else None))
    return Brought(tuple(rows), unknown, skipped)


def _before(
    opened: OpenRoster, sheet: ListSheet, base: ListSheet | None
) -> dict[str, dict[str, str]] | None:  # fmt: skip
    """What stood in the sheet when it was taken out; None when nobody knows (a copy saved as csv). Raises Invalid when it is of
    another roster or place."""
    if base is None:
        return None
    try:
        about = json.loads(base.rows.get(1, [""])[0])
    except ValueError:
        return None
    if (about.get("roster"), about.get("place")) != (opened.id, opened.place):
        raise Invalid("roster.file", reason="这是另一张名册或另一个地方的工作表")
    if about.get("period") != opened.period:
        raise Invalid("roster.file", reason=f"这是 {about.get('period')} 的工作表，请下载本期的再填")
    columns, _ = _columns(opened, sheet.rows[1][1:], offset=1)
    return {
        texts[0]: {element: texts[at].strip() if at < len(texts) else "" for at, element in columns.items()}
        for line, texts in base.rows.items() if line > 1
    }  # fmt: skip


def _columns(opened: OpenRoster, header: Sequence[str], offset: int = 0) -> tuple[dict[int, str], tuple[str, ...]]:
    """Which column holds which element, and the headers that the roster does not have."""
    wanted: dict[str, str] = {}
    for slot, name in zip(opened.block.slots, column_names(opened), strict=True):
        for text in (name, slot.field.label, "".join(slot.field.path)):
            wanted.setdefault(_plain(text), slot.element.id)
    found: dict[int, str] = {}
    unknown = []
    known_otherwise = {_plain(field.label) for field in opened.form.fields}
    for at, text in enumerate(header, offset):
        element = wanted.get(_plain(text))
        if element is not None and element not in found.values():
            found[at] = element
        elif text.strip() and _plain(text) not in known_otherwise:
            unknown.append(text.strip()[:40])
    return found, tuple(unknown)


def _plain(text: str) -> str:
    return normalise(text).replace("\n", "").replace(" ", "")


def _of_form(opened: OpenRoster, sheet: ListSheet) -> Brought:
    """The department's form filled, or any list with its headers in one row."""
    columns, first, unknown = _as_printed(opened, sheet)
    if not columns:
        best = max(range(1, _HEADER_ROWS + 1), key=lambda line: len(_columns(opened, sheet.rows.get(line, []))[0]))
        columns, unknown = _columns(opened, sheet.rows.get(best, []))
        first = best + 1
    if len(columns) < 2:
        raise Invalid("roster.file", reason="没有找到这张名册的表头")
    words = source_words()
    rows = []
    skipped = 0
    for line in sorted(line for line in sheet.rows if line >= first):
        texts = sheet.rows[line]
        cells = {element: texts[at].strip() if at < len(texts) else "" for at, element in columns.items()}
        start = next((text.strip() for text in texts if text.strip()), "")
        signed = "：" in start.replace(":", "：") and start.startswith(words.foot_words)
        if signed or start in words.total_words or not any(cells.values()):
            skipped += 1
            continue
        rows.append(SheetRow(line, "", cells, None))
    return Brought(tuple(rows), unknown, skipped)


def _as_printed(opened: OpenRoster, sheet: ListSheet) -> tuple[dict[int, str], int, tuple[str, ...]]:
    """The columns where the form prints them, when its captions stand where they should; else none."""
    columns: dict[int, str] = {}
    for slot in opened.block.slots:
        where = slot.field.label_cells[-1] if slot.field.label_cells else None
        line = sheet.rows.get(where.row, []) if where is not None else []
        if where is not None and len(line) >= where.col and _plain(line[where.col - 1]) == _plain(slot.field.label):
            columns[slot.field.cell.col - 1] = slot.element.id
    if len(columns) < len(opened.block.slots) * 0.8:
        return {}, 0, ()
    top = opened.block.printed.top
    known = {_plain(field.label) for field in opened.form.fields}
    header = sheet.rows.get(top - 1, [])
    unknown = tuple(t.strip()[:40] for at, t in enumerate(header) if t.strip() and at not in columns and _plain(t) not in known)
    return columns, top, unknown
