"""What one cell can hold by itself: numbers within their range, dates, ID numbers, options, length."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from consolidation.codes import CodeList, codes_and_mappings, normal
from consolidation.exact import plain
from consolidation.lexicon import Lexicon, normalise
from consolidation.model import Element
from forms.model import CellValue
from forms.problems import problem
from forms.values import (
    Failure,
    IdNumber,
    parse_bank_card,
    parse_credit_code,
    parse_date,
    parse_options,
    parse_phone,
    parse_year_month,
)

from .figures import Figures
from .model import Finding, Force, Given
from .say import Sayer, expected
from .settings import Range
from .units import in_unit

_SEVERAL = re.compile(r"[、,，;；/|\n]")
_MOST_OPTIONS = 8
_OTHER = ("其他", "其它", "其余", "另")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an element can be, in its own unit. `unit`: how much of the base unit one is (万人: 10000)."""

    whole: Range | None = None
    least: tuple[Decimal, Range] | None = None
    most: tuple[Decimal, Range] | None = None
    past: Range | None = None
    longest: Range | None = None
    form: Range | None = None
    unit: Decimal = Decimal(1)
    options: tuple[str, ...] = ()
    codes: str = ""


def bounds_of(element: Element, ranges: Sequence[Range], lexicon: Lexicon) -> Bounds:
    """The first line of ranges.yml that fits, for each thing that a line can say."""
    lines = [line for line in ranges if line.fits(element)]
    own = lexicon.unit(normalise(element.unit))
    least = next((line for line in lines if line.least is not None), None)
    most = next((line for line in lines if line.most is not None), None)
    return Bounds(
        whole=next((line for line in lines if line.whole), None),
        least=None if least is None or least.least is None else (least.least * in_unit(least.unit, element, lexicon), least),
        most=None if most is None or most.most is None else (most.most * in_unit(most.unit, element, lexicon), most),
        past=next((line for line in lines if line.past), None),
        longest=next((line for line in lines if line.longest), None),
        form=next((line for line in lines if line.form), None),
        unit=own.factor if own is not None else Decimal(1),
        options=_options(element),
        codes=_code_list(element.codes),
    )


def _options(element: Element) -> tuple[str, ...]:
    """All options that any form prints for an element."""
    if element.type != "choice":
        return ()
    printed = (option for member in element.members for option in member.field.options)
    return tuple(dict.fromkeys((*element.options, *printed)))


def _code_list(codes: str) -> str:
    return next((name for name, one in codes_and_mappings()[0].items() if codes and codes in (name, one.standard)), "")


def of_cell(element: Element, bounds: Bounds, figures: Figures, given: Given, sayer: Sayer) -> Iterator[Finding]:
    """What is wrong with the content of one element; nothing where nothing is held."""
    if element.id in figures.unread:
        yield _unreadable(element, figures.unread[element.id], Force.HARD, "", sayer)
        return
    if element.id in figures.numbers:
        if element.id in figures.vague:
            yield sayer.finding("check.approximate", Force.SOFT, [element.id], "")
        yield from _number(element, bounds, figures.numbers[element.id], sayer)
        return
    if element.id in figures.absent:
        return
    value = given.values[element.id]
    yield from _date(element, bounds, value, given, sayer)
    yield from _text(element, bounds, value, given, sayer)


def _number(element: Element, bounds: Bounds, number: Decimal, sayer: Sayer) -> Iterator[Finding]:
    if bounds.least is not None and number < bounds.least[0]:
        least, line = bounds.least
        wanted = expected("at_least", plain(least), element.unit)
        yield sayer.finding("check.least", line.force, [element.id], wanted, line.why)
    if bounds.most is not None and number > bounds.most[0]:
        most, line = bounds.most
        wanted = expected("at_most", plain(most), element.unit)
        yield sayer.finding("check.most", line.force, [element.id], wanted, line.why)
    if bounds.whole is not None and (number * bounds.unit) % 1:
        yield sayer.finding("check.whole", bounds.whole.force, [element.id], "", bounds.whole.why)


def _date(element: Element, bounds: Bounds, value: CellValue, given: Given, sayer: Sayer) -> Iterator[Finding]:
    if element.type != "date" or bounds.past is None:
        return
    day = _day(value)
    if isinstance(day, Failure):
        yield _unreadable(element, day, Force.SOFT, "", sayer)
    elif day > given.period.end:
        wanted = expected("not_after", given.period.end.isoformat())
        yield sayer.finding("check.future", bounds.past.force, [element.id], wanted, bounds.past.why)


def _day(value: CellValue) -> date | Failure:
    """A date, or the first day of a month or year (2026, 2026-03)."""
    day = parse_date(value)
    if isinstance(day, date):
        return day
    month = parse_year_month(value)
    if not isinstance(month, Failure):
        return date(month.year, month.month, 1)
    year = re.fullmatch(r"((?:19|20)\d{2})年?", str(value).strip())
    return date(int(year[1]), 1, 1) if year else day


def _text(element: Element, bounds: Bounds, value: CellValue, given: Given, sayer: Sayer) -> Iterator[Finding]:
    text = str(value)
    if bounds.longest is not None and len(text) > bounds.longest.longest:
        wanted = expected("no_longer", str(bounds.longest.longest))
        yield sayer.finding("check.long", bounds.longest.force, [element.id], wanted, bounds.longest.why, held=str(len(text)))
    if bounds.form is not None:
        failure = _failure(bounds.form.form, value, given)
        if failure is not None:
            yield _unreadable(element, failure, bounds.form.force, bounds.form.why, sayer)
    if bounds.options and not _chosen(text, bounds, codes_and_mappings()[0]):
        several = "、".join(bounds.options[:_MOST_OPTIONS]) + ("……" if len(bounds.options) > _MOST_OPTIONS else "")
        yield sayer.finding("check.option", Force.HARD, [element.id], expected("one_of", f"“{several}”"))


def _failure(form: str, value: CellValue, given: Given) -> Failure | None:
    if form == "id-number":
        found: object = IdNumber.parse(value, demo=given.demo)
    elif form == "phone":
        found = parse_phone(value)
    else:
        found = parse_credit_code(value) if form == "credit-code" else parse_bank_card(value)
    return found if isinstance(found, Failure) else None


def _chosen(text: str, bounds: Bounds, codes: Mapping[str, CodeList]) -> bool:
    """Whether the content is one (or several) of the options, by their words or their numbers, or of the concept's code list;
    a form with an option 其他 takes anything."""
    ticked = [option.label for option in parse_options(text) if option.ticked]
    said = ticked or [piece for piece in _SEVERAL.split(text) if piece.strip()]
    words = {normal(option) for option in bounds.options}
    listed = codes.get(bounds.codes)
    if any(word.startswith(_OTHER) or _numbered(word)[1].startswith(_OTHER) for word in words) or normal(text) in words:
        return True
    pieces = {piece for word in words for piece in _numbered(word)}
    return all(normal(one) in words | pieces or (listed is not None and listed.find(one) is not None) for one in said)


def _numbered(option: str) -> tuple[str, str]:
    """The number and the words of an option printed as 1.男, (2)女, 01女."""
    found = re.match(r"[(（]?([0-9a-z]{1,2})[)）.．、:：-]?\s*(.*)", option)
    return (found[1], found[2]) if found and found[2] else (option, option)


def _unreadable(element: Element, failure: Failure, force: Force, rule: str, sayer: Sayer) -> Finding:
    """A Failure in the catalogue's own words for it."""
    worded = problem(failure.code, "", shown=failure.shown)
    code = "check.unreadable" if force is Force.HARD else "check.doubtful-form"
    return sayer.finding(code, force, [element.id], "", rule, reason=worded.message, remedy=worded.hint)
