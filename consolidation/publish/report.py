"""The merge report as one HTML page: forms -> fields -> elements -> figures asked, by department."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from consolidation.model import Derivation, Merged, Plan
from forms.model import Problem
from forms.problems import masked

from .burden import by_department, most_shared, totals
from .mapping import how_given
from .words import owner, period_name, rank

_TEMPLATES = Path(__file__).with_name("templates")
KINDS = {"card": "登记卡", "roster": "花名册", "statistic": "统计表"}
_MOST_REVIEWS = 60


def environment() -> Environment:
    """Jinja2 with everything escaped: captions come from files that anybody may have typed. Where a filled list was read
    as a form, its people's numbers stand among the captions: a report is mailed around, so it shows none of them."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: masked(value) if type(value) is str else value,
    )


def html_report(
    merged: Merged,
    plan: Plan,
    derivations: Sequence[Derivation],
    problems: Sequence[Problem],
    departments: Mapping[str, str],
    now: datetime,
) -> str:
    """The page's text; everything it needs is inside it, so that it can be mailed and printed."""
    members = {member.key: (element, member) for element in merged.elements for member in element.members}
    questions: dict[tuple[str, str], dict[str, object]] = {}
    for r in merged.review:
        key = (members[r.a][0].id, members[r.b][0].id)
        questions.setdefault(key, {"a": members[r.a], "b": members[r.b], "reason": r.reason})
    reviews = list(questions.values())[:_MOST_REVIEWS]
    names = {element.id: element.name for element in merged.elements}
    ordered = sorted(
        (e for e in merged.elements if e.meaning.entity != "filing"), key=lambda e: (*rank(e), -len(e.members), e.name)
    )
    return (
        environment()
        .get_template("report.html")
        .render(
            now=now,
            totals=totals(merged, plan),
            departments=by_department(merged, departments),
            shared=most_shared(merged, departments),
            forms=merged.forms,
            department_of=departments,
            kinds=KINDS,
            groups=[(who, list(members)) for who, members in groupby(ordered, key=owner)],
            plan=plan,
            owner=owner,
            how=how_given,
            period_name=period_name,
            derivations=derivations,
            names=names,
            reviews=reviews,
            review_count=len(questions),
            conflicts=merged.conflicts,
            problems=problems,
        )
    )
