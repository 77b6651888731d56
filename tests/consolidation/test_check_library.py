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
from consolidation.lexicon import load_lexicon
from data.demo.make import generate
from forms.periods import Period

OCTOBER = Period.parse("2026-10")
# Hard findings that the demo county's own data gives, and should: lists leave ages and kinds out, and a form was filled in wrongly.
TRUE_FINDINGS = {
    "年末常住人口·本年": "共享数据里有人没有出生日期，各年龄段加不到总数",
    "绝收面积": "示范县的灾情表把绝收面积填得比受灾面积大",
}


@pytest.mark.slow
def test_what_the_program_fills_for_the_demo_county_breaks_no_hard_check_by_the_programs_own_fault(tmp_path: Path) -> None:
    lexicon, where = load_lexicon(), str(tmp_path / "demo")
    readings, departments = service.library_readings()
    result = service.consolidate(readings, departments=departments)
    of = prepare(result.merged, result.derivations, checks(result.merged, lexicon), lexicon, departments)
    assert of.count > 2000
    generate(Path(where))
    region, demo = service.first_community(where), service.demo_regions(where)
    filled = filling.fill_from(where, result.merged, result.derivations, region, OCTOBER, lexicon, demo)
    given = Given({element: figure.value for (element, _), figure in filled.data.places.items()}, OCTOBER, demo=demo)
    found = check(of, given)
    names = {finding.items[0].name for finding in found.hard}
    assert names <= TRUE_FINDINGS.keys() | {finding.items[0].name for finding in found.hard if "02=03+06" in finding.rule}
    spent = time.perf_counter()
    check(of, given)
    assert time.perf_counter() - spent < 0.25  # 50 ms on a quiet machine
    assert all(len(finding.short) <= 60 for finding in found.findings)


@pytest.mark.slow
def test_a_whole_library_of_zeros_breaks_no_relation() -> None:
    lexicon = load_lexicon()
    readings, departments = service.library_readings()
    result = service.consolidate(readings, departments=departments)
    of = prepare(result.merged, result.derivations, checks(result.merged, lexicon), lexicon, departments)
    zeros = {e.id: Decimal(0) if e.type == "number" else date(2026, 1, 1) if e.type == "date" else None for e in of.elements}
    found = check(of, Given(zeros, OCTOBER))
    assert not [finding for finding in found.hard if finding.code != "check.least"]
