"""Doubtful matches as a person sees them: two elements side by side, why they may be one, and what was decided."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from consolidation.lexicon import Lexicon
from consolidation.match import Decisions
from consolidation.model import Element, FieldKey, Member, Merged, Review
from consolidation.publish.words import owner, period_name

from .definitions import definition

_EXAMPLES = 4


@dataclass(frozen=True, slots=True)
class Example:
    """One field that asks for an element."""

    title: str
    department: str
    cell: str
    path: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: the field that raised the question, and the element it belongs to."""

    element: str
    name: str
    owner: str
    path: tuple[str, ...]
    unit: str
    period: str
    options: tuple[str, ...]
    definition: str
    examples: tuple[Example, ...]
    fields: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A question. `decided`: "", same or different."""

    id: str
    a: Side
    b: Side
    reason: str
    score: float
    decided: str

    @property
    def differs(self) -> frozenset[str]:
        """What the two sides do not share: shown in bold and named."""
        names = ("path", "unit", "period", "options", "owner", "definition")
        return frozenset(name for name in names if getattr(self.a, name) != getattr(self.b, name))


def pair_id(a: str, b: str) -> str:
    """The two elements' ids, the smaller first."""
    return "-".join(sorted((a, b)))


@dataclass(frozen=True)
class Questions:
    """The doubtful pairs of a merge, by id, likeliest first; each with the two elements."""

    reviews: Mapping[str, Review]
    elements: Mapping[str, tuple[Element, Element]]
    members: Mapping[FieldKey, Member]


def questions(merged: Merged, files: Container[str] | None = None) -> Questions:
    """One question for two elements, however many fields they have. `files`: only those that a field of these files raises."""
    home = {member.key: (element, member) for element in merged.elements for member in element.members}
    reviews: dict[str, Review] = {}
    elements: dict[str, tuple[Element, Element]] = {}
    for review in merged.review:
        if files is not None and review.a.file not in files and review.b.file not in files:
            continue
        a, b = home[review.a][0], home[review.b][0]
        name = pair_id(a.id, b.id)
        if a.id != b.id and name not in reviews:
            reviews[name], elements[name] = review, (a, b)
    return Questions(reviews, elements, {key: member for key, (_, member) in home.items()})


def decided(found: Questions, name: str, decisions: Decisions) -> str:
    """What people said about a pair: "", same or different."""
    a, b = found.elements[name]
    if decisions.refused(a.meaning, b.meaning):
        return "different"
    return "same" if decisions.same(a.meaning, b.meaning) else ""


@dataclass(frozen=True)
class Shown:
    """What is needed to show a side: departments by file, the stewards' own definitions by element."""

    lexicon: Lexicon
    departments: Mapping[str, str]
    written: Mapping[str, str]


def pair(found: Questions, name: str, decisions: Decisions, shown: Shown) -> Pair:
    """A question as it is shown."""
    review, (a, b) = found.reviews[name], found.elements[name]
    left = _side(a, found.members[review.a], shown)
    right = _side(b, found.members[review.b], shown)
    return Pair(name, left, right, review.reason, review.score, decided(found, name, decisions))


def _side(element: Element, member: Member, shown: Shown) -> Side:
    others = [one for one in element.members if one.key != member.key]
    examples = tuple(_example(one, shown) for one in [member, *others][:_EXAMPLES])
    field = member.field
    return Side(
        element.id, element.name, owner(element), field.path, field.unit or element.unit, period_name(element.period),
        field.options or element.options, shown.written.get(element.id) or definition(element, shown.lexicon), examples,
        len(element.members),
    )  # fmt: skip


def _example(member: Member, shown: Shown) -> Example:
    department = shown.departments.get(member.form.file) or member.form.issuer
    return Example(member.form.title, department, str(member.field.cell), " / ".join(member.field.path))
