"""Cells of the one table: saved one by one as they are typed or pasted, corrected after submission, disputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, insert

from consolidation.model import Element
from consolidation.store import Entry, Held, Key, Stale, State, Taken, figures
from consolidation.store.schema import conflict, remark
from forms.periods import Period
from forms.problems import masked

from . import personal, soft_count, values
from .catalogue import Catalogue, figure_period
from .computed import SOURCE, computable, followed, is_kept, is_prefilled
from .context import Desk, shown_moment
from .dispatch import catalogue_of
from .model import Actor, Clash, Invalid, NotThere, Refused, Role, demand, words
from .names import names_of
from .standing import demand_open, standing_meanwhile

TYPED = "填报"
TALKED = "由对话填报"
PUSHED = "接口报送"


@dataclass(frozen=True, slots=True)
class Cell:
    """What somebody wrote into one cell. `version`: of the figure as the writer saw it, 0 = none was there, None = not known (a
    colleague's draft is then not written over)."""

    element: str
    text: str
    version: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """A cell as it is held now: what the page shows beside it."""

    element: str
    value: str | None
    version: int
    at: str


@dataclass(frozen=True)
class Outcome:
    """What became of many cells: those saved, and for each of the others why not (by element)."""

    saved: tuple[Saved, ...]
    refused: Mapping[str, Refused]


def save_cell(desk: Desk, actor: Actor, place: str, period: str, cell: Cell, source: str = TYPED) -> Saved:
    """Keeps one cell as a draft. Raises NotAllowed, NotThere, Invalid for the value and where a prefilled or computed figure is
    typed over without a note, Clash when somebody changed it meanwhile, or when it is reported already (the message says by whom
    and when)."""
    outcome = save_cells(desk, actor, place, period, (cell,), source)
    if cell.element in outcome.refused:
        raise outcome.refused[cell.element]
    return outcome.saved[0]


def save_cells(desk: Desk, actor: Actor, place: str, period: str, cells: Sequence[Cell], source: str = TYPED) -> Outcome:
    """Keeps many cells (a paste) as drafts: each that can be, all others with their reason. After the submission nothing is
    saved, and whoever reports a reported figure again is told who did, when, and what to do. Raises NotAllowed, NotThere, and
    Clash when the submission cannot be changed now and none of the cells is reported."""
    catalogue = catalogue_of(desk, period)

    def job(connection: Connection) -> Outcome:
        demand(connection, actor, place, "填报", Role.WORKER, scope="figures:write")
        found = standing_meanwhile(connection, place, period)
        if not found.fillable:
            locked = Clash("desk.closed", what="填报") if found.closed else Clash("desk.locked", state=found.name)
            return Outcome((), _reported(connection, desk, catalogue, place, period, cells, locked))
        saved: list[Saved] = []
        refused: dict[str, Refused] = {}
        follows = computable(catalogue)
        for cell in sorted(cells, key=lambda one: one.element in follows):  # totals after the parts that come with them
            try:
                element = catalogue.asked.get(cell.element)
                reasoned = _reasoned(connection, desk, catalogue, place, period, element, cell)
                saved.append(_save(connection, desk, actor, place, period, element, reasoned, source))
            except Refused as error:
                refused[cell.element] = error
        if saved:
            desk.note(connection, actor, "save", period, chain=place, elements=[one.element for one in saved])
        return Outcome(tuple(saved), refused)

    return desk.store.write(job)


def _reasoned(
    connection: Connection, desk: Desk, catalogue: Catalogue, place: str, period: str, element: Element | None, cell: Cell
) -> Cell:  # fmt: skip
    """A cell with the reason for which it departs from what shared data gave, or from what follows from other figures: the one
    given now, else the one that is held. Raises NotThere, Invalid where there is none."""
    if element is None:
        raise NotThere("这一栏")
    if words(cell.note):
        return cell
    key = Key(element.id, place, str(figure_period(element, Period.parse(period))))
    held = figures.held(connection, key)
    if held is not None and cell.version not in (None, held.version):
        return cell  # somebody changed it meanwhile: that is told first
    if held is not None and is_prefilled(held):
        _demand_same(element, cell, personal.opened(desk.secrets, key, held.value), held.source)
    elif held is not None and held.value is not None and not is_kept(held):
        return replace(cell, note=_reason_held(connection, held))
    elif element.id in computable(catalogue):
        _demand_same(element, cell, followed(connection, catalogue, place, period).get(element.id), SOURCE)
    return cell


def _demand_same(element: Element, cell: Cell, there: str | None, source: str) -> None:
    if there is not None and values.typed(element, cell.text) != there:
        shown = masked(there) if personal.is_sealed(element) else there
        raise Invalid("desk.typed-over", name=element.name, value=shown, source=source)


def _reason_held(connection: Connection, held: Held) -> str:
    """Why somebody put a draft in the place of what shared data gave; "" for every other draft."""
    if not held.note or held.state is not State.DRAFT:
        return ""
    return held.note if any(map(is_prefilled, figures.history(connection, held.key))) else ""


def _save(
    connection: Connection, desk: Desk, actor: Actor, place: str, period: str, element: Element | None, cell: Cell, source: str
) -> Saved:  # fmt: skip
    entry = _entry(desk, actor, place, period, element, cell, State.DRAFT, source)
    try:
        held = figures.save(connection, entry, _seen(connection, actor, entry) if cell.version is None else cell.version)
    except (Taken, Stale) as found:
        if found.held is None or not _is_again(desk, found.held, actor, values.typed(element, cell.text) if element else None):
            raise clash(connection, desk, found, element) from found
        held = found.held
    return Saved(cell.element, personal.opened(desk.secrets, held.key, held.value), held.version, held.at)


def _seen(connection: Connection, actor: Actor, entry: Entry) -> int:
    """The version to write over for a writer who names none: nobody's, shared data's or the writer's own. Raises Stale for what
    a colleague has written."""
    now = figures.held(connection, entry.key)
    if now is not None and now.state is State.DRAFT and now.value is not None and now.actor != actor.id:
        raise Stale(now)
    return now.version if now is not None else 0


def _reported(
    connection: Connection, desk: Desk, catalogue: Catalogue, place: str, period: str, cells: Sequence[Cell], locked: Clash
) -> Mapping[str, Refused]:  # fmt: skip
    """Why none of the cells can be saved after the submission: what is reported is reported once. Raises `locked` when none is
    reported."""
    refused: dict[str, Refused] = {}
    for cell in cells:
        element = catalogue.asked.get(cell.element)
        held = figures.held(connection, _key(element, place, period)) if element is not None else None
        taken = held is not None and held.state not in figures.OPEN
        refused[cell.element] = clash(connection, desk, Taken(held), element) if taken and held is not None else locked
    if all(why is locked for why in refused.values()):
        raise locked
    return refused


def _key(element: Element, place: str, period: str) -> Key:
    return Key(element.id, place, str(figure_period(element, Period.parse(period))))


def _is_again(desk: Desk, held: Held, actor: Actor, text: str | None) -> bool:
    """Whether a draft is there already just as the same person sends it now: the answer to the first time was lost on its way."""
    mine = held.actor == actor.id and held.state is State.DRAFT
    return mine and personal.opened(desk.secrets, held.key, held.value) == text


def _entry(
    desk: Desk, actor: Actor, place: str, period: str, element: Element | None, cell: Cell, state: State, source: str
) -> Entry:  # fmt: skip
    if element is None:
        raise NotThere("这一栏")
    text = values.typed(element, cell.text)
    key = _key(element, place, period)
    value = personal.sealed(desk.secrets, element, key, text)
    return Entry(key, place, value, state, source, "", actor.id, desk.now(), words(cell.note))


def clash(connection: Connection, desk: Desk, found: Taken | Stale, element: Element | None) -> Clash:
    """What a person is told whose figure is reported already, or was changed by somebody else."""
    held = found.held
    who = actor_name(connection, held) if held is not None else ""
    shown = personal.opened(desk.secrets, held.key, held.value) if held is not None else None
    when = shown_moment(held.at) if held is not None else ""
    value = shown if shown is not None else "空"
    if isinstance(found, Taken):
        return Clash("desk.taken", who=who, when=when, value=value)
    return Clash("desk.stale", who=who, when=when, value=value, name=element.name if element else "")


def actor_name(connection: Connection, held: Held) -> str:
    """Who wrote a figure, as people call them."""
    return names_of(connection, [held.actor]).get(held.actor, held.source)


def correct(desk: Desk, actor: Actor, place: str, period: str, cell: Cell, source: str = TYPED) -> Saved:
    """Changes a reported figure; the reason is kept, and the levels above see it. Raises NotAllowed, NotThere, Invalid, Clash."""
    catalogue = catalogue_of(desk, period)
    element = catalogue.asked.get(cell.element)
    if element is None:
        raise NotThere("这一栏")
    if not words(cell.note):
        raise Invalid("desk.reason-needed", name=element.name)

    def job(connection: Connection) -> Saved:
        demand(connection, actor, place, "更正", Role.WORKER, scope="figures:write")
        found = standing_meanwhile(connection, place, period)
        entry = _entry(desk, actor, place, period, element, cell, State.REPORTED, source)
        now = figures.held(connection, entry.key)
        if now is None or now.state not in (State.REPORTED, State.APPROVED):
            demand_open(found, "填报没有报过的数")
            raise Clash("desk.wrong-state", state="草稿", what="更正：直接改就行")
        try:
            held = figures.correct(connection, entry, cell.version)
        except Stale as stale:
            raise clash(connection, desk, stale, element) from stale
        _remark(connection, actor, place, period, cell.element, "correction", cell.note, entry.at)
        soft_count.corrected(connection, place, period)
        desk.note(connection, actor, "correct", cell.element, chain=place, period=period, version=held.version)
        return Saved(cell.element, personal.opened(desk.secrets, held.key, held.value), held.version, held.at)

    return desk.store.write(job)


def dispute(desk: Desk, actor: Actor, place: str, period: str, element_id: str, text: str, proposed: str = "") -> None:
    """“不对？”: says that a prefilled or reported figure is wrong; a steward decides. Raises NotAllowed, NotThere, Invalid."""
    catalogue = catalogue_of(desk, period)
    element = catalogue.asked.get(element_id)
    if element is None:
        raise NotThere("这一栏")
    if not words(text):
        raise Invalid("desk.reason-needed", name=element.name)
    key = _key(element, place, period)
    other = values.typed(element, proposed) if proposed.strip() else None

    def job(connection: Connection) -> None:
        demand(connection, actor, place, "提出异议", Role.WORKER, Role.LEADER, scope="figures:write")
        held = figures.held(connection, key)
        if held is None:
            raise NotThere("这个数")
        sealed = personal.sealed(desk.secrets, element, key, other)
        connection.execute(
            insert(conflict).values(
                element=element_id, entity=place, period=key.period, region=place, kind="dispute", value=held.value,
                source=held.source, other_value=sealed, other_source=TYPED, reason=words(text), raised_by=actor.id,
                raised_at=desk.now(), state="open",
            )
        )  # fmt: skip
        desk.note(connection, actor, "dispute", element_id, chain=place, period=period)

    desk.store.write(job)


def _remark(
    connection: Connection, actor: Actor, place: str, period: str, element: str, kind: str, text: str, at: str
) -> None:  # fmt: skip
    connection.execute(
        insert(remark).values(
            region=place, period=period, element=element, entity=place, kind=kind, text=words(text), actor=actor.id, at=at
        )
    )
