"""Against what was reported before: unusual changes, cumulative figures that fall, figures that repeat an earlier one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from consolidation.exact import plain
from consolidation.lexicon import Lexicon
from consolidation.model import Element
from forms.periods import Period

from .figures import Figures, same_value
from .model import Finding, Force, Given
from .say import Sayer, check_words, expected, percent
from .settings import Changes, qualified
from .units import in_unit


@dataclass(frozen=True, slots=True)
class Watch:
    """How an element's figures are compared with earlier ones. `absolute` is in the element's unit."""

    kind: str
    relative: Decimal
    absolute: Decimal
    all_time: bool = False


@dataclass(frozen=True, slots=True)
class Repeated:
    """`element` repeats what `source` was: `of` is previous or last_year; `period`: only in reports of that kind."""

    element: str
    source: str
    of: str
    period: str = ""


def watch_of(element: Element, changes: Changes, lexicon: Lexicon) -> Watch | None:
    """The first threshold that fits a figure; None for what is not compared."""
    if element.type != "number" or any(qualified(element, wanted) for wanted in changes.not_compared):
        return None
    kind = changes.kind(element)
    line = next((line for line in changes.thresholds if line.kind == kind and line.fits(element)), None)
    if line is None:
        return None
    all_time = any(qualified(element, wanted) for wanted in changes.all_time)
    return Watch(kind, line.relative, line.absolute * in_unit(line.unit, element, lexicon), all_time)


def repeats(elements: Mapping[str, Element], changes: Changes) -> tuple[Repeated, ...]:
    """上年 figures, and the elements whose earlier figures they repeat: the same meaning without the word."""
    by_meaning = {element.meaning: element.id for element in elements.values()}
    found = []
    for element in elements.values():
        for rule in changes.repeats:
            if element.type != "number" or not qualified(element, rule.qualifier):
                continue
            kind, _, value = rule.qualifier.partition("=")
            rest = tuple(pair for pair in element.meaning.qualifiers if pair != (kind, value))
            source = by_meaning.get(replace(element.meaning, qualifiers=rest))
            if source is not None and elements[source].unit == element.unit:
                found.append(Repeated(element.id, source, rule.of, rule.period))
    return tuple(found)


def of_change(
    element: Element, watch: Watch, now: Figures, previous: Figures, last_year: Figures, given: Given, sayer: Sayer
) -> Iterator[Finding]:
    """A change that asks for a reason: against the last period, else against the same period last year."""
    figure = now.numbers.get(element.id)
    if figure is None:
        return
    before, year_ago = previous.numbers.get(element.id), last_year.numbers.get(element.id)
    anew = watch.kind == "cumulative" and not watch.all_time and _new_year(given.period)
    if watch.kind == "cumulative" and before is not None and figure < before and not anew:
        compared = [same_value(before)]
        words = str(check_words()["no_fall"])
        yield sayer.finding("check.fall", Force.SOFT, [element.id], words, compared=compared, former=plain(before))
        return
    if before is not None and watch.kind != "cumulative" and _unusual(figure, before, watch):
        yield _changed("check.change", element, figure, before, sayer)
    elif year_ago is not None and _unusual(figure, year_ago, watch):
        yield _changed("check.change-year", element, figure, year_ago, sayer)


def _new_year(period: Period) -> bool:
    return period.previous().start.year != period.start.year


def _unusual(figure: Decimal, before: Decimal, watch: Watch) -> bool:
    change = abs(figure - before)
    return change > watch.absolute and change > abs(before) * watch.relative


def _changed(code: str, element: Element, figure: Decimal, before: Decimal, sayer: Sayer) -> Finding:
    words, change = check_words(), abs(figure - before)
    share = str(words["share"]).format(percent=percent(change / abs(before))) if before else ""
    said = str(words["up" if figure > before else "down"]).format(value=f"{plain(change)} {element.unit}".rstrip(), share=share)
    former = f"{plain(before)} {element.unit}".rstrip()
    return sayer.finding(code, Force.SOFT, [element.id], "", compared=[same_value(before)], former=former, change=said)


def of_repeat(
    one: Repeated, now: Figures, previous: Figures, last_year: Figures, given: Given, sayer: Sayer
) -> Iterator[Finding]:
    """A figure that repeats an earlier one and does not."""
    if one.period and one.period != given.period.kind:
        return
    then = (last_year if one.of == "last_year" else previous).numbers.get(one.source)
    figure = now.numbers.get(one.element)
    if then is None or figure is None or figure == then:
        return
    element = sayer.places.elements[one.element]
    yield sayer.finding(
        "check.repeat", Force.SOFT, [one.element], expected("equal", plain(then), element.unit), compared=[same_value(then)],
        former=plain(then),
    )  # fmt: skip


def of_roster(element: Element, figures: Figures, changes: Changes, given: Given, sayer: Sayer) -> Iterator[Finding]:
    """A figure that is not what the roster's rows count to."""
    counted, figure = given.counted.get(element.id), figures.numbers.get(element.id)
    if counted is None or figure is None or abs(figure - counted) <= changes.roster_difference:
        return
    name = given.roster_names.get(element.id, "") or str(check_words()["roster"])
    unit = element.unit
    yield sayer.finding(
        "check.roster", Force.SOFT, [element.id], expected("equal", plain(counted), unit), name, compared=[same_value(counted)],
        former=f"{plain(counted)} {unit}".rstrip(), change=f"{plain(abs(figure - counted))} {unit}".rstrip(),
    )  # fmt: skip
