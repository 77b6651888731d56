"""The checks of the shipped forms, and what they say of the demo county's figures as the program fills them."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from consolidation import filling, service
from consolidation.check import Given, check, prepare
from consolidation.derive import checks
from consolidation.fill.fill import fill_world
from consolidation.fill.regions import VILLAGE
from consolidation.lexicon import load_lexicon
from data.demo.make import generate
from forms.periods import Period

OCTOBER = Period.parse("2026-10")


@pytest.mark.slow
def test_what_the_program_fills_for_the_demo_county_breaks_no_hard_check(tmp_path: Path) -> None:
    """All five communities: printed relations, sums and parts hold, and a figure is what its own roster counts."""
    lexicon, where = load_lexicon(), str(tmp_path / "demo")
    readings, departments = service.library_readings()
    result = service.consolidate(readings, departments=departments)
    of = prepare(result.merged, result.derivations, checks(result.merged, lexicon), lexicon, departments)
    assert of.count > 2000
    generate(Path(where))
    demo = service.demo_regions(where)
    first = filling.fill_from(where, result.merged, result.derivations, service.first_community(where), OCTOBER, lexicon, demo)
    assert first.data.world is not None
    villages = [code for code in first.data.world.regions.places if len(code) == VILLAGE]
    assert len(villages) == 5
    for village in villages:
        filled = fill_world(result.merged, result.derivations, first.data.world, village, OCTOBER, lexicon)
        values = {element: figure.value for (element, _), figure in filled.places.items()}
        counted = {element: value for element, value in values.items() if isinstance(value, Decimal)}
        given = Given(values, OCTOBER, counted=counted, demo=demo)
        found = check(of, given)
        assert not [(village, finding.message) for finding in found.hard]
        assert not [finding for finding in found.findings if finding.code == "check.roster"]
        assert all(len(finding.short) <= 60 for finding in found.findings)
        spent = time.perf_counter()
        check(of, given)
        assert time.perf_counter() - spent < 10  # benchmarks say how fast; here only that it is no matter of minutes


@pytest.mark.slow
def test_a_whole_library_of_zeros_breaks_no_relation() -> None:
    lexicon = load_lexicon()
    readings, departments = service.library_readings()
    result = service.consolidate(readings, departments=departments)
    of = prepare(result.merged, result.derivations, checks(result.merged, lexicon), lexicon, departments)
    zeros = {e.id: Decimal(0) if e.type == "number" else date(2026, 1, 1) if e.type == "date" else None for e in of.elements}
    found = check(of, Given(zeros, OCTOBER))
    assert not [finding for finding in found.hard if finding.code != "check.least"]
