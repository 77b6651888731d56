"""Sheets of cells become forms: the one entry point of recognition, `recognise`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from forms.model import (
    Address,
    Book,
    CellKind,
    CellValue,
    Field,
    Form,
    Grid,
    Kind,
    Problem,
    Purpose,
    Reading,
    Rect,
    Role,
    ValueType,
)
from forms.problems import problem
from forms.recognise.around import Surroundings, period_of, read_footing, read_heading
from forms.recognise.blocks import Region, regions
from forms.recognise.codelists import is_lookup, read_code_lists
from forms.recognise.fields import Draft, code_in, purpose_of
from forms.recognise.labels import clean, is_dash
from forms.recognise.region import read_block, unframed
from forms.recognise.rules import about_rows, bind, parts_by_code, statements
from forms.recognise.statistic import Context
from forms.recognise.tables import Finding, TableRead
from forms.recognise.view import Box, View


@dataclass(frozen=True)
class _Sheet:
    forms: tuple[Form, ...]
    code_lists: Mapping[str, tuple[tuple[str, str], ...]]
    problems: tuple[Problem, ...]


def recognise(book: Book) -> Reading:
    """The forms of a file, its code lists, and all problems met (those of reading the file included).

    Never raises for bad content: a sheet that is no form gives the problem ``form.none-found``.
    """
    forms: list[Form] = []
    lists: dict[str, tuple[tuple[str, str], ...]] = {}
    problems: list[Problem] = list(book.problems)
    for grid in book.grids:
        sheet = _read_sheet(book.file, grid)
        forms += sheet.forms
        lists |= sheet.code_lists
        problems += sheet.problems
        problems += [p for form in sheet.forms for p in form.problems]
    return Reading(book, tuple(forms), lists, tuple(problems))


def _read_sheet(file: str, grid: Grid) -> _Sheet:
    if grid.extent is None:
        return _Sheet((), {}, ())
    view = View(grid)
    lists = read_code_lists(view, force=grid.state != "visible")
    if lists:
        return _Sheet((), lists, ())
    problems = list(_hidden(file, grid))
    found = regions(view)
    readable = [r for r in found if r.tables or _has_blanks(view, r)]
    spare = [r for r in found if r not in readable]
    forms: list[Form] = []
    for region in readable:
        if len(readable) > 1 and region.tables and all(is_lookup(view, rect) for rect in region.tables):
            lists |= _lookup_lists(view, region)
            problems.append(_list_beside(file, view, region))
            continue
        number = len(forms) + 1
        form = _form(file, view, region, f"{grid.name}#{number}" if number > 1 else grid.name)
        if form.fields:
            forms.append(form)
        else:
            spare.append(region)
    if not forms:
        return _Sheet((), lists, (*problems, problem("form.none-found", file, grid.name)))
    forms[0] = _with_spare(view, forms[0], spare)
    problems += _unread(file, view, forms, problems)
    return _Sheet(tuple(forms), lists, tuple(problems))


def _has_blanks(view: View, region: Region) -> bool:
    return bool(read_heading(view, region.heading).drafts)


# ---- one region --------------------------------------------------------------------------------------------------------
def _form(file: str, view: View, region: Region, ident: str) -> Form:
    frames = [unframed(view, rect, region.heading) for rect in region.tables]
    heading = (*region.heading, *(b for f in frames for b in f.heading))
    footing = (*(b for f in frames for b in f.footing), *region.footing)
    around = read_heading(view, heading)
    notes_drafts_from = len(around.drafts)
    read_footing(view, footing, around)
    said = about_rows(s for text, _ in around.notes for s in statements(text))
    context = Context(units=around.units, parts=parts_by_code(said))
    reads = [read_block(view, f.rect, context) for f in frames if f.rect is not None]
    drafts = [*around.drafts[:notes_drafts_from], *(d for r in reads for d in r.drafts), *around.drafts[notes_drafts_from:]]
    fields, columns = _fields(view, drafts)
    kind = _kind(reads)
    problems = tuple(_problem(file, view, finding) for read in reads for finding in read.findings)
    lines, notes = tuple(around.lines), tuple(text for text, _ in around.notes)
    title = around.title
    return Form(
        id=ident,
        file=file,
        sheet=view.grid.name,
        title=title,
        kind=kind,
        fields=fields,
        roles=_roles(view, around, reads),
        area=_area(view, heading, footing, region.tables),
        issuer=around.issuer,
        number=around.number,
        period=period_of(title, [around.number], [b.text for b in heading], notes),
        notes=notes,
        rules=bind(around.notes, fields, columns),
        lines=lines,
        problems=problems,
    )


def _kind(reads: Sequence[TableRead]) -> Kind:
    if not reads:
        return Kind.CARD
    return max(reads, key=lambda r: len(r.drafts)).kind


def _roles(view: View, around: Surroundings, reads: Sequence[TableRead]) -> dict[Address, Role]:
    roles: dict[Address, Role] = {}
    for found in (around.roles, *(read.roles for read in reads)):
        roles.update({view.address(*place): role for place, role in found.items()})
    return roles


def _area(view: View, heading: Sequence[Box], footing: Sequence[Box], tables: Sequence[Rect]) -> Rect:
    rects = [b.rect for b in (*heading, *footing)] + list(tables)
    whole = Rect(min(r.top for r in rects), min(r.left for r in rects), max(r.bottom for r in rects), max(r.right for r in rects))
    return view.actual(whole)


def _fields(view: View, drafts: Sequence[Draft]) -> tuple[tuple[Field, ...], dict[str, str]]:
    fields: list[Field] = []
    columns: dict[str, str] = {}
    for number, draft in enumerate(drafts, 1):
        ident = f"f{number}"
        columns[ident] = draft.column
        fields.append(_field(view, ident, draft))
    return tuple(fields), columns


def _once(path: tuple[str, ...]) -> tuple[str, ...]:
    """A path without captions printed twice in a row (a group column that repeats in the name column)."""
    return tuple(caption for i, caption in enumerate(path) if i == 0 or caption != path[i - 1])


def _field(view: View, ident: str, draft: Draft) -> Field:
    cell = view.grid.cell(*_actual(view, draft.place))
    return Field(
        id=ident,
        cell=view.address(*draft.place),
        path=_once(draft.path),
        label=draft.label,
        unit=draft.unit,
        type=draft.type or ValueType.TEXT,
        options=draft.options,
        code=draft.code or code_in(draft.label),
        purpose=draft.purpose or purpose_of(draft.label, draft.context),
        area=view.actual(draft.area) if draft.area else None,
        rows=view.actual(draft.rows) if draft.rows else None,
        blank=draft.blank,
        label_cells=draft.label_cells,
        group=draft.group,
        value=_value(cell.value if cell is not None and cell.kind is not CellKind.ERROR else None, draft),
        blocked=draft.blocked,
    )


def _actual(view: View, place: tuple[int, int]) -> tuple[int, int]:
    found = view.address(*place)
    return found.row, found.col


def _value(value: CellValue, draft: Draft) -> CellValue:
    """What the file already holds; printed options, dashes and labels are no values."""
    if draft.blank is not None or draft.blocked:
        return None
    if draft.options and isinstance(value, str) and clean(value) not in draft.options:
        return None
    if isinstance(value, str) and (not clean(value) or is_dash(value)):
        return None
    return value


# ---- problems and completeness -----------------------------------------------------------------------------------------
def _problem(file: str, view: View, finding: Finding) -> Problem:
    return problem(finding.code, file, view.grid.name, str(view.actual(finding.rect)), **dict(finding.values))


def _hidden(file: str, grid: Grid) -> Iterable[Problem]:
    for what, lines, at in (("行", grid.hidden_rows, 0), ("列", grid.hidden_cols, 1)):
        count = sum(1 for place, cell in grid.cells.items() if place[at] in lines and cell.text.strip())
        if count:
            shown = sorted({place[at] for place, cell in grid.cells.items() if place[at] in lines and cell.text.strip()})
            names = [str(n) if at == 0 else Address("", 1, n).a1[:-1] for n in shown]
            where = "、".join(names[:5]) + ("等" if len(names) > 5 else "")
            yield problem("sheet.hidden-lines", file, grid.name, "", what=what, where=f"第 {where} {what}", count=count)


def _list_beside(file: str, view: View, region: Region) -> Problem:
    rect = view.actual(region.tables[0])
    for table in region.tables[1:]:
        other = view.actual(table)
        top, left = min(rect.top, other.top), min(rect.left, other.left)
        rect = Rect(top, left, max(rect.bottom, other.bottom), max(rect.right, other.right))
    rows = [(r, t) for t in region.tables for r in range(t.top, t.bottom + 1)]
    count = sum(len(view.texts(r, t.left, t.right)) for r, t in rows)
    return problem("sheet.list-beside", file, view.grid.name, str(rect), where=str(rect), count=count)


def _lookup_lists(view: View, region: Region) -> dict[str, tuple[tuple[str, str], ...]]:
    name = f"{view.grid.name}!{view.actual(region.tables[0])}"
    rows = [
        tuple(clean(b.text) for b in view.texts(r, t.left, t.right)) for t in region.tables for r in range(t.top, t.bottom + 1)
    ]
    return {name: tuple(("／".join(row[:-1]), row[-1]) for row in rows if row)}


def _with_spare(view: View, form: Form, spare: Sequence[Region]) -> Form:
    """Text that belongs to no table of the sheet stands with the first form as a note."""
    roles = dict(form.roles)
    notes = list(form.notes)
    for region in spare:
        boxes = [*region.heading, *region.footing]
        boxes += [b for t in region.tables for r in range(t.top, t.bottom + 1) for b in view.texts(r, t.left, t.right)]
        for box in boxes:
            roles.setdefault(view.address(box.rect.top, box.rect.left), Role.NOTE)
            notes.append(clean(box.text))
    return replace(form, roles=roles, notes=tuple(notes)) if spare else form


def _unread(file: str, view: View, forms: Sequence[Form], problems: Sequence[Problem]) -> list[Problem]:
    """Nothing vanishes: a visible cell with text that got no role is reported."""
    roles = {a for form in forms for a in form.roles}
    lists = [p.cell for p in problems if p.code == "sheet.list-beside"]
    rects = [_parse(cell) for cell in lists]
    found: list[Problem] = []
    for r in view.active:
        for box in view.texts(r):
            address = view.address(box.rect.top, box.rect.left)
            if address not in roles and not any((address.row, address.col) in rect for rect in rects):
                found.append(problem("form.cells-unread", file, view.grid.name, address.a1, text=clean(box.text)[:20]))
    return found


def _parse(block: str) -> Rect:
    first, _, last = block.partition(":")
    a, b = Address.parse("", first), Address.parse("", last or first)
    return Rect(a.row, a.col, b.row, b.col)


__all__ = ["Purpose", "recognise"]
