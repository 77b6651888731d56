"""Giving a form back filled: the original file, changed only where it is filled.

An .xlsx or .xlsm keeps every part byte for byte except the sheets that are filled, and in those every byte outside the
filled cells. Three more parts change where they must, and only then:

- a roster that gets more records than it has rows: the sheet's rows move, so do the references to them (workbook part,
  drawings, comments, tables, charts, formulas of other sheets), and the calculation chain is dropped (see `shift`);
- formulas: their stored results are removed in the filled sheets and in sheets whose formulas look at them, so that they
  are computed when the file is opened (see `formulas`);
- a workbook whose calculation is set to manual gets calcPr/@fullCalcOnLoad="1": without it the formulas would stay empty
  until the person presses F9.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from forms.model import Address, Problem
from forms.problems import problem
from forms.render.formulas import Formula, adds_row_by_row, depends_on, has_formulas, read_formulas, shift_formulas
from forms.render.model import Rendered, RosterRows, Write
from forms.render.modern import OLE, modern_bytes
from forms.render.package import BadPackage, Package
from forms.render.references import LAST_ROW, RowMap
from forms.render.rosters import Plan, add_rows, plan, write_records
from forms.render.sheet import Place, Sheet
from forms.render.shift import drop_calc_chain, sheet_words, shift_around, shift_sheet, shift_workbook
from forms.render.textfile import fill_text
from forms.render.workbook import Workbook
from forms.render.writing import Writer

LAST_COLUMN = 16_384
ZIP = b"PK"


def fill(source: bytes, name: str, writes: Sequence[Write], rosters: Sequence[RosterRows] = ()) -> Rendered:
    """The file `source`, called `name`, with the values written into it.

    .xlsx, .xlsm and text files (.csv) come back in their own format; an old .xls as .xlsx, through LibreOffice. Never
    raises for bad content: what could not be written is in `problems`, and a file that cannot be edited comes back as is.
    """
    if source.startswith(OLE):
        modern = modern_bytes(source, name)
        if isinstance(modern, Problem):
            return Rendered(source, name, (modern,))
        return fill(modern, f"{name.rpartition('.')[0] or name}.xlsx", writes, rosters)
    if not source.startswith(ZIP):
        return fill_text(source, name, writes, rosters)
    try:
        return _Filling(source, name).run(writes, rosters)
    except BadPackage as error:
        return Rendered(source, name, (problem(error.code, name, **error.values),))


class _Filling:
    """One workbook while it is being filled."""

    def __init__(self, source: bytes, name: str) -> None:
        self.source = source
        self.name = name
        self.book = Workbook(Package.open(source))
        self.problems: list[Problem] = []
        self._sheets: dict[str, Sheet] = {}
        self._formulas: dict[str, dict[Place, Formula]] = {}

    def run(self, writes: Sequence[Write], rosters: Sequence[RosterRows]) -> Rendered:
        by_sheet = self._by_sheet(writes, rosters)
        plans = {name: self._plan(name, those) for name, (_, those) in by_sheet.items()}
        maps = {name: item.rows for name, item in plans.items() if item.rows.growths}
        for name, (cells, _) in by_sheet.items():
            self._fill(name, cells, plans[name], maps)
        filled = {name for name in by_sheet if self._sheet(name).written or self._sheet(name).new_rows}
        if not filled:
            return Rendered(self.source, self.name, tuple(self.problems))
        if maps:
            self._shift(maps)
        self._forget_results(filled)
        moved = {name: rows.moved(max(self._sheet(name).rows, default=0)) for name, rows in maps.items()}
        for name, sheet in self._sheets.items():
            sheet.finish(maps.get(name, RowMap()))
            self.book.package.save(sheet.part, sheet.edits)
        return Rendered(self.book.package.pack(), self.name, tuple(self.problems), moved)

    def _sheet(self, name: str) -> Sheet:
        if name not in self._sheets:
            self._sheets[name] = Sheet(self.book, self.book.sheets[name])
        return self._sheets[name]

    def _formulas_of(self, name: str) -> dict[Place, Formula]:
        if name not in self._formulas:
            self._formulas[name] = read_formulas(self._sheet(name))
        return self._formulas[name]

    def _by_sheet(
        self, writes: Sequence[Write], rosters: Sequence[RosterRows]
    ) -> dict[str, tuple[list[Write], list[RosterRows]]]:
        found: dict[str, tuple[list[Write], list[RosterRows]]] = {}
        lost: dict[str, int] = {}
        for write in writes:
            name = write.address.sheet
            if name not in self.book.sheets:
                lost[name] = lost.get(name, 0) + 1
            elif not (0 < write.address.row <= LAST_ROW and 0 < write.address.col <= LAST_COLUMN):
                row, col = write.address.row, write.address.col
                self.problems.append(problem("render.outside", self.name, name, row=row, col=col))
            else:
                found.setdefault(name, ([], []))[0].append(write)
        for roster in rosters:
            if roster.sheet in self.book.sheets:
                found.setdefault(roster.sheet, ([], []))[1].append(roster)
            else:
                lost[roster.sheet] = lost.get(roster.sheet, 0) + sum(map(len, roster.records))
        for name, count in lost.items():
            self.problems.append(problem("render.no-sheet", self.name, name, wanted=name, count=count))
        return found

    def _plan(self, name: str, rosters: Sequence[RosterRows]) -> Plan:
        item = plan(name, self.name, rosters, max(self._sheet(name).rows, default=0))
        self.problems += item.problems
        return item

    def _fill(self, name: str, writes: Iterable[Write], item: Plan, maps: Mapping[str, RowMap]) -> None:
        sheet = self._sheet(name)
        writer = Writer(sheet, self.name, self.problems)
        groups: dict[Place, list[Write]] = {}
        for write in writes:
            groups.setdefault(sheet.anchor(write.address.row, write.address.col), []).append(write)
        for (row, col), group in groups.items():
            for place, those in _apart(writer, (row, col), group).items():
                writer.put(*place, those)
        if name in maps:
            add_rows(sheet, maps, self._formulas_of(name))
        for roster in item.rosters:
            write_records(sheet, roster, item.rows, writer)

    def _shift(self, maps: Mapping[str, RowMap]) -> None:
        """Moves every reference to rows that moved, in the whole workbook."""
        any_formula = False
        for name, ref in self.book.sheets.items():
            formulas = self._formulas_of(name) if has_formulas(self.book.package.part(ref.part)) else {}
            any_formula = any_formula or bool(formulas)
            sheet = self._sheet(name)
            shift_formulas(sheet, formulas, maps)
            shift_sheet(sheet, maps)
            for growth in maps.get(name, RowMap()).growths:
                for place in adds_row_by_row(formulas, growth):
                    cell = Address(name, *place).a1
                    self.problems.append(problem("render.adds-row-by-row", self.name, name, cell, count=growth.count))
        for name in maps:
            shift_around(self.book.package, self._sheet(name), maps)
        shift_workbook(self.book, maps)
        if any_formula:
            drop_calc_chain(self.book)

    def _forget_results(self, filled: set[str]) -> None:
        """Removes the stored results of formulas in the filled sheets, and in those whose formulas look at them."""
        stale = set(filled)
        rest = [
            name for name, ref in self.book.sheets.items() if name not in stale and has_formulas(self.book.package.part(ref.part))
        ]
        words = sheet_words(self.book, stale) if rest else set()
        while True:
            more = {
                n for n in rest if n not in stale and any(depends_on(f.text, stale, words) for f in self._formulas_of(n).values())
            }
            if not more:
                break
            stale |= more
            words |= sheet_words(self.book, more)
        dropped = False
        for name in stale:
            for item in self._formulas_of(name).values():
                self._sheet(name).drop_cached(item.cell)
                dropped = True
        if dropped:
            self._compute_on_load()

    def _compute_on_load(self) -> None:
        settings = self.book.package.tree(self.book.part).child("calcPr")
        if settings is not None and settings.attrs.get("calcMode") == "manual":
            edits = self.book.package.edits(self.book.part)
            edits.attribute(settings, "fullCalcOnLoad", "1")
            self.book.package.save(self.book.part, edits)


def _apart(writer: Writer, anchor: Place, writes: list[Write]) -> dict[Place, list[Write]]:
    """The writes of one cell. Several values for different cells of one merged block (some departments' forms have a whole
    column of figures merged) have no place in it: then the block is taken apart, with a Problem."""
    places = {(write.address.row, write.address.col) for write in writes}
    if len(places) == 1 or any(write.blank is not None or write.choice is not None for write in writes):
        return {anchor: writes}
    writer.split(anchor, len(places))
    found: dict[Place, list[Write]] = {}
    for write in writes:
        found.setdefault((write.address.row, write.address.col), []).append(write)
    return found
