"""Departments get their forms: each in its own layout, filled from what is held at the desk, one by one or as a package."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from consolidation.fill import FilledData, Giver, Regions, filing_writes
from consolidation.fill.fill import fill_world
from consolidation.fill.world import build
from consolidation.filling import form_file_name
from consolidation.model import Figure, Provenance
from forms.model import Form, Kind, Problem
from forms.periods import Period
from forms.problems import CannotDo, problem
from forms.render import fill as render
from forms.render.modern import as_pdf
from forms.values import NO_DEMO

from . import values
from .catalogue import Catalogue, FormEdition
from .context import Desk
from .differing import undecided
from .dispatch import catalogue_of, dispatched_places
from .model import Actor, NotThere, Role, demand
from .roster_edits import PlaceEdits, load_edits
from .worksheet import Worksheet, read_worksheet

READERS = (Role.WORKER, Role.LEADER, Role.STEWARD)


@dataclass(frozen=True)
class Outgoing:
    """One form as it goes out. `asked`, `filled`: cells of data; `data` is the file."""

    edition: FormEdition
    place: str
    name: str
    data: bytes
    asked: int
    filled: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class PlaceForms:
    """Everything needed to fill the forms of one place and period: asked for once, used for many forms."""

    catalogue: Catalogue
    giver: Giver
    sheet: Worksheet
    period: Period
    edits: PlaceEdits
    undecided: frozenset[tuple[str, str]]  # (element, subject) about which lists disagree and nobody has said what holds


def place_forms(desk: Desk, actor: Actor, place: str, period: str) -> PlaceForms:
    """What the forms of a place are filled from: its figures as they are held now, drafts included, and the rows of shared
    data. Raises NotAllowed, NotThere."""
    catalogue = catalogue_of(desk, period)
    reported = Period.parse(period)
    with desk.store.read() as connection:
        demand(connection, actor, place, "查看报表", *READERS, scope="forms:read")
        sheet = read_worksheet(connection, desk, catalogue, place, period)
        demo = desk.shared.demo if desk.shared is not None else NO_DEMO
        edits = load_edits(connection, desk.secrets, catalogue, place, reported, demo)
        open_ones = undecided(connection, desk, place)
    if desk.shared is not None:
        filled = desk.shared.filled(catalogue, place, reported)
    else:
        filled = _bare(catalogue, place, sheet.region_name, reported)
    figures = {
        (item.element, place): Figure(item.element, place, item.period, value, Provenance(item.source, item.detail))
        for item in sheet.items
        if (value := values.as_cell(item.value, item.type)) is not None
    }
    giver = Giver(catalogue.merged, replace(filled, figures=figures), catalogue.lexicon, edits)
    unsaid = frozenset((element, subject) for element, subject in open_ones if edits.fact(subject, element) is None)
    return PlaceForms(catalogue, giver, sheet, reported, edits, unsaid)


def _bare(catalogue: Catalogue, place: str, name: str, period: Period) -> FilledData:
    """No shared data at all: a world without anybody."""
    world = build((), Regions({place: (name, "")}), period.end, catalogue.lexicon, NO_DEMO)
    return fill_world(catalogue.merged, catalogue.derivations, world, place, period, catalogue.lexicon)


def bare_giver(catalogue: Catalogue, place: str, period: Period) -> Giver:
    """What gives forms back where there is no shared data at all."""
    return Giver(catalogue.merged, _bare(catalogue, place, "", period), catalogue.lexicon)


def give(source: PlaceForms, file: str) -> Outgoing:
    """One form, filled. Raises NotThere for a file that is not dispatched."""
    edition = source.catalogue.editions.get(file)
    if edition is None:
        raise NotThere("这张报表")
    forms = source.catalogue.forms[file]
    book = next(reading.book for reading in source.catalogue.readings if reading.book.file == file)
    filled = [source.giver.form_values(form) for form in forms]
    sheet = source.sheet
    filing = [write for form in forms for write in filing_writes(form, book, sheet.region_name, sheet.region, source.period)]
    writes = [*filing, *(write for one in filled for write in one.writes)]
    rosters = [rows for one in filled for rows in one.rosters]
    made = render(source.catalogue.templates[file], file, writes, rosters)
    name = form_file_name(edition.title, made.name, made.data)
    problems = tuple(replace(told, file=name) for told in made.problems if told.severity != "info")
    problems += tuple(told for form in forms for told in _undecided(source, form, name))
    asked, done = sum(one.asked for one in filled), sum(one.filled for one in filled)
    return Outgoing(edition, source.sheet.region, name, made.data, asked, done, problems)


def _undecided(source: PlaceForms, form: Form, file: str) -> Iterator[Problem]:
    """How many of a form's rows hold one of several values that lists give: by column, nobody named."""
    if form.kind is Kind.STATISTIC or not source.undecided:
        return
    elements = {id_: source.catalogue.elements.get(id_) for id_, _ in source.undecided}
    mine = {
        id_: element.name for id_, element in elements.items()
        if element is not None and any((m.form.file, m.form.id) == (form.file, form.id) for m in element.members)
    }  # fmt: skip
    here = {source.edits.id_of(key) for key in source.giver.subjects(form)} if mine else set()
    count = Counter(mine[id_] for id_, subject in source.undecided if id_ in mine and subject in here)
    if count:
        cells = "、".join(f"{name} {number} 处" for name, number in sorted(count.items()))
        yield problem("desk.undecided", file, form.sheet, cells=cells)


def form_of(desk: Desk, actor: Actor, place: str, period: str, form: str) -> Outgoing:
    """One form of a place, by the form's id. Raises NotAllowed, NotThere."""
    source = place_forms(desk, actor, place, period)
    file = next((file for file, edition in source.catalogue.editions.items() if edition.id == form), "")
    outgoing = give(source, file)
    _note(desk, actor, period, place, 1)
    return outgoing


def package(
    desk: Desk, actor: Actor, region: str, period: str, department: str = "",
    progress: Callable[[str], None] = lambda _: None, pdf: bool = False,
) -> tuple[bytes, tuple[Problem, ...]]:  # fmt: skip
    """All forms of every place in a region (of one department, when given), as a zip: department / place / form. Raises
    NotAllowed, NotThere."""
    with desk.store.read() as connection:
        demand(connection, actor, region, "取走报表", *READERS, scope="forms:read")
        places = dispatched_places(connection, period, region)
    if not places:
        raise NotThere(f"{period} 在这里的报表")
    target = BytesIO()
    problems: list[Problem] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for outgoing, name in _each(desk, actor, places, period, department, progress):
            data, told = _as(outgoing, pdf)
            problems += [*outgoing.problems, *told]
            if data is not None:
                archive.writestr(f"{name}.pdf" if pdf else f"{name}{Path(outgoing.name).suffix}", data)
    _note(desk, actor, period, region, len(places))
    return target.getvalue(), tuple(problems)


def _each(
    desk: Desk, actor: Actor, places: list[str], period: str, department: str, progress: Callable[[str], None]
) -> Iterator[tuple[Outgoing, str]]:  # fmt: skip
    for place in places:
        source = place_forms(desk, actor, place, period)
        taken: dict[str, int] = {}
        for file, edition in source.catalogue.editions.items():
            if department and edition.department != department:
                continue
            progress(f"还表：{source.sheet.region_name}《{edition.title}》")
            outgoing = give(source, file)
            stem = "/".join((edition.department, source.sheet.region_name, Path(outgoing.name).stem))
            taken[stem] = taken.get(stem, 0) + 1
            yield outgoing, stem if taken[stem] == 1 else f"{stem}（{taken[stem]}）"


def _as(outgoing: Outgoing, pdf: bool) -> tuple[bytes | None, tuple[Problem, ...]]:
    if not pdf:
        return outgoing.data, ()
    made = as_pdf(outgoing.data, outgoing.name)
    return (made, ()) if isinstance(made, bytes) else (None, (made,))


def file_of(outgoing: Outgoing, kind: str) -> tuple[str, bytes]:
    """A form's file name and content: as it is, or as pdf. Raises NotThere for another kind, CannotDo when there is no PDF."""
    if kind == "pdf":
        data, told = _as(outgoing, pdf=True)
        if data is None:
            raise CannotDo(told[0])
        return f"{Path(outgoing.name).stem}.pdf", data
    if kind not in ("xlsx", "xlsm"):
        raise NotThere("这种格式")
    return outgoing.name, outgoing.data


def departments(catalogue: Catalogue) -> Mapping[str, tuple[FormEdition, ...]]:
    """The forms by department."""
    found: dict[str, list[FormEdition]] = {}
    for edition in catalogue.editions.values():
        found.setdefault(edition.department, []).append(edition)
    return {name: tuple(editions) for name, editions in sorted(found.items())}


def _note(desk: Desk, actor: Actor, period: str, region: str, count: int) -> None:
    desk.store.write(lambda c: desk.note(c, actor, "give-back", period, chain=region, forms=count))
