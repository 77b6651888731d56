"""Data elements as the steward keeps them: what each means, who answers for it, who asks for it, where it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from consolidation.fill.model import Fact
from consolidation.model import Derivation, Element
from consolidation.publish.words import RELATIONS, owner, period_name
from consolidation.rollup import KIND_NAMES
from consolidation.store.schema import account, audit, figure
from consolidation.store.schema import element as table
from consolidation.store.upsert import insert_into
from forms.problems import CannotDo

from .catalogue import Catalogue
from .context import Desk
from .definitions import definition
from .model import Actor, Invalid, NotThere, Role, demand
from .stewards import demand_steward, line

WHAT = "管理数据元"
ROLLUPS = {str(kind): name for kind, name in KIND_NAMES.items()}
SHARING = {"unconditional": "无条件共享", "conditional": "有条件共享", "none": "不予共享"}  # 政务数据共享条例 第十四条
_MOST_SOURCES = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """An element in the list. `forms`: titles; `departments`: who asks; `rollup` "" = by what it measures."""

    id: str
    name: str
    owner: str
    unit: str
    type: str
    period: str
    section: str
    definition: str
    truth: str
    sharing: str
    rollup: str
    forms: tuple[str, ...]
    departments: tuple[str, ...]

    @property
    def rollup_name(self) -> str:
        kind = self.rollup.partition(":")[0].partition("*")[0]
        return ROLLUPS.get(kind, self.rollup) if self.rollup else "按量的性质"

    @property
    def sharing_name(self) -> str:
        return SHARING.get(self.sharing, "未定")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; "" = all. `text`: in the name or definition. `truth` and `sharing` "-": not said yet."""

    text: str = ""
    department: str = ""
    truth: str = ""
    unit: str = ""
    period: str = ""
    rollup: str = ""
    sharing: str = ""


@dataclass(frozen=True)
class Listing:
    """The elements found, and for each filter what it can be set to."""

    found: tuple[Listed, ...]
    total: int
    choices: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """A field that asks for an element, and why it belongs to it."""

    form: str
    title: str
    department: str
    cell: str
    path: str
    unit: str
    relation: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Follows:
    """A derivation: the element's name and id on the other side(s), the rule, whether it always holds."""

    target: tuple[str, str]
    inputs: tuple[tuple[str, str], ...]
    rule: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Past:
    """A change of an element. `changes`: (what, before, after)."""

    at: str
    who: str
    changes: tuple[tuple[str, str, str], ...]
    reason: str


@dataclass(frozen=True)
class Page:
    """All that is known of one element."""

    listed: Listed
    understood: str  # the program's own definition
    fields: tuple[Place, ...]
    follows: tuple[Follows, ...]
    gives: tuple[Follows, ...]
    lists: tuple[str, ...]  # shared lists with a column for it
    sources: tuple[str, ...]  # where its figures came from so far
    history: tuple[Past, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """What a steward writes about an element."""

    definition: str
    truth: str
    sharing: str
    rollup: str
    reason: str = ""


def keep_elements(connection: Connection, catalogue: Catalogue, wanted: Iterable[Element]) -> None:
    """Writes down those elements of a catalogue that the database does not know yet."""
    known = set(connection.execute(select(table.c.id)).scalars())
    rows = [
        {
            "id": element.id, "name": element.name, "entity": element.meaning.entity, "measure": element.meaning.measure,
            "unit": element.unit, "type": element.type, "codes": element.codes, "period_kind": element.period,
            "section": catalogue.section(element),
        }
        for element in wanted if element.id not in known
    ]  # fmt: skip
    if rows:
        connection.execute(insert_into(table, connection.dialect.name).on_conflict_do_nothing(), rows)


def written_definitions(connection: Connection) -> Mapping[str, str]:
    """The stewards' own definitions, by element."""
    rows = connection.execute(select(table.c.id, table.c.definition).where(table.c.definition != ""))
    return {row.id: row.definition for row in rows}


def elements(desk: Desk, actor: Actor, wanted: Wanted) -> Listing:
    """The elements of the live forms, narrowed down. Raises NotAllowed."""
    catalogue = _catalogue(desk, actor)
    with desk.store.read() as connection:
        rows = {row.id: row for row in connection.execute(select(table))}
    every = [_listed(catalogue, element, rows.get(element.id)) for element in _shown(catalogue)]
    found = sorted((one for one in every if _meets(one, wanted)), key=lambda one: (one.section, one.name, one.id))
    choices = {
        "department": sorted({name for one in every for name in one.departments}),
        "truth": sorted({one.truth for one in every if one.truth}),
        "unit": sorted({one.unit for one in every if one.unit}),
        "period": sorted({one.period for one in every}),
    }
    return Listing(tuple(found), len(every), {name: tuple(values) for name, values in choices.items()})


def _catalogue(desk: Desk, actor: Actor) -> Catalogue:
    """What is asked now; its elements are written down when they are not yet."""
    with desk.store.read() as connection:
        demand(connection, actor, actor.region, WHAT, Role.STEWARD, Role.LEADER)
        catalogue = desk.catalogues.of(connection)
        known = set(connection.execute(select(table.c.id)).scalars())
    if not known.issuperset(catalogue.elements):
        desk.store.write_apart(lambda c: keep_elements(c, catalogue, catalogue.merged.elements))
    return catalogue


def _shown(catalogue: Catalogue) -> Sequence[Element]:
    return [element for element in catalogue.merged.elements if element.meaning.entity != "filing"]


def _listed(catalogue: Catalogue, element: Element, row: object) -> Listed:
    editions = catalogue.used_by(element)
    said = {name: getattr(row, name, "") for name in ("definition", "truth", "sharing", "rollup")}
    return Listed(
        element.id, element.name, owner(element), element.unit, element.type, period_name(element.period),
        catalogue.section(element), said["definition"] or definition(element, catalogue.lexicon), said["truth"], said["sharing"],
        said["rollup"], tuple(one.title for one in editions), tuple(sorted({one.department for one in editions})),
    )  # fmt: skip


def _meets(one: Listed, wanted: Wanted) -> bool:
    text = wanted.text.strip().lower()
    return (
        (not text or text in f"{one.name} {one.definition} {one.id} {one.section}".lower())
        and (not wanted.department or wanted.department in one.departments)
        and (not wanted.unit or wanted.unit == one.unit)
        and (not wanted.period or wanted.period == one.period)
        and all(
            not (asked := getattr(wanted, name)) or getattr(one, name) == ("" if asked == "-" else asked)
            for name in ("truth", "sharing")
        )
        and (not wanted.rollup or one.rollup.startswith(wanted.rollup) or (wanted.rollup == "-" and not one.rollup))
    )


def element_page(desk: Desk, actor: Actor, name: str) -> Page:
    """One element with all that hangs on it. Raises NotAllowed, NotThere."""
    catalogue = _catalogue(desk, actor)
    element = catalogue.elements.get(name)
    if element is None:
        raise NotThere("这个数据元")
    with desk.store.read() as connection:
        row = connection.execute(select(table).where(table.c.id == name)).one_or_none()
        past = _history(connection, name)
        query = select(figure.c.source).where(figure.c.element == name, figure.c.source != "").distinct().limit(_MOST_SOURCES)
        sources = tuple(sorted(connection.execute(query).scalars()))
    places = tuple(
        Place(
            edition.id, edition.title, edition.department, str(m.field.cell), " / ".join(m.field.path), m.field.unit,
            RELATIONS[m.relation], m.rule, m.reason,
        )
        for m in element.members if (edition := catalogue.editions.get(m.form.file)) is not None
    )  # fmt: skip
    return Page(
        _listed(catalogue, element, row), definition(element, catalogue.lexicon), places,
        tuple(_follows(catalogue, d) for d in catalogue.derivations if d.target == name),
        tuple(_follows(catalogue, d) for d in catalogue.derivations if name in d.inputs),
        _lists(desk, catalogue, element), sources, past,
    )  # fmt: skip


def _follows(catalogue: Catalogue, derivation: Derivation) -> Follows:
    def named(name: str) -> tuple[str, str]:
        element = catalogue.elements.get(name)
        return name, element.name if element is not None else name

    return Follows(named(derivation.target), tuple(map(named, derivation.inputs)), derivation.rule, derivation.exact)


def _lists(desk: Desk, catalogue: Catalogue, element: Element) -> tuple[str, ...]:
    """The shared lists that have a column for the fact."""
    if desk.shared is None:
        return ()
    try:
        datasets = desk.shared.sources(catalogue.lexicon).datasets
    except CannotDo:
        return ()
    fact = Fact.of(element.meaning)
    return tuple(
        f"{dataset.label} 的“{column.header}”列" for dataset in datasets for column in dataset.columns if column.fact == fact
    )


def edit_element(desk: Desk, actor: Actor, name: str, edit: Edit) -> None:
    """Writes down what a steward says of an element. Raises NotAllowed, NotThere, Invalid."""
    catalogue = _catalogue(desk, actor)
    element = catalogue.elements.get(name)
    if element is None:
        raise NotThere("这个数据元")
    given = {
        "definition": line(edit.definition, "定义", 500),
        "truth": line(edit.truth, "数源部门", 40),
        "sharing": edit.sharing,
        "rollup": edit.rollup,
    }
    reason = line(edit.reason, "理由", 300)
    if given["definition"] == definition(element, catalogue.lexicon):
        given["definition"] = ""  # the program's own words stay the program's
    if edit.sharing not in ("", *SHARING):
        raise Invalid("steward.not-offered", name="共享属性")

    def job(connection: Connection) -> None:
        demand_steward(connection, actor, WHAT)
        row = connection.execute(select(table).where(table.c.id == name)).mappings().one()
        if edit.rollup not in ("", row["rollup"], *ROLLUPS):
            raise Invalid("steward.not-offered", name="汇总方式")
        changes = {key: [row[key], value] for key, value in given.items() if row[key] != value}
        if not changes:
            return
        if "sharing" in changes and edit.sharing == "none" and not reason:
            raise Invalid("steward.not-shared")
        new = {key: value[1] for key, value in changes.items()}
        connection.execute(update(table).where(table.c.id == name).values(**new, changed_at=desk.now(), changed_by=actor.id))
        desk.note(connection, actor, "edit-element", name, changes=changes, reason=reason)

    desk.store.write(job)


_NAMES = {"definition": "定义", "truth": "数源部门", "sharing": "共享属性", "rollup": "汇总方式"}


def _history(connection: Connection, name: str) -> tuple[Past, ...]:
    """What was changed, the latest first: from the audit log, which nobody rewrites."""
    query = (
        select(audit.c.at, audit.c.actor, audit.c.detail, account.c.name)
        .outerjoin(account, account.c.id == audit.c.actor)
        .where(audit.c.chain == "system", audit.c.target == name)
        .order_by(audit.c.seq.desc())
        .limit(50)
    )
    found = []
    for row in connection.execute(query):
        detail = json.loads(row.detail)
        changes = detail.get("changes", {})
        if "before" in detail and "after" in detail:  # the roll-up rule, set where it is explained
            changes = {"rollup": [detail["before"], detail["after"]]}
        told = tuple((_NAMES[key], _word(key, old), _word(key, new)) for key, (old, new) in changes.items() if key in _NAMES)
        if told:
            found.append(Past(row.at, row.name or row.actor, told, str(detail.get("reason", ""))))
    return tuple(found)


def _word(key: str, value: str) -> str:
    words = {"sharing": SHARING, "rollup": ROLLUPS}.get(key, {})
    return words.get(value, value) or "（空）"
