"""Which cells of a person's row hold a fact of the whole household (data/desk/household.yml), which is kept once for it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from consolidation.fill.model import DWELLING, HOUSEHOLD, PERSON, SUB_ROLES
from consolidation.fill.rows import group_of
from consolidation.lexicon import Lexicon
from consolidation.lexicon.load import read_yaml
from consolidation.model import Element

FILE = Path(__file__).resolve().parents[2] / "data" / "desk" / "household.yml"
_OWN = SUB_ROLES | {"self", ""}


@lru_cache(maxsize=1)
def _shared() -> frozenset[str]:
    return frozenset(read_yaml(FILE)["shared"])


def is_of_household(element: Element, kind: str, lexicon: Lexicon) -> bool:
    """Whether a cell of a row of `kind` holds what the row's household has in common. Open words (~…) stay the person's: whose
    they are is guessed, and a wrong guess would write over the other members."""
    meaning = element.meaning
    if kind != PERSON or len(meaning.concept) != 1 or meaning.concept[0].startswith("~"):
        return False
    (concept,) = meaning.concept
    if meaning.entity == PERSON and meaning.role == "head":
        return True
    if meaning.role not in _OWN or meaning.entity not in (PERSON, HOUSEHOLD, DWELLING):
        return False
    group = lexicon.groups.get(concept[1:] if concept.startswith("@") else group_of(concept))
    if group is not None:
        return group.default == HOUSEHOLD  # 脱贫户: every member is; 低保: who of the household is, each row says
    return meaning.entity != PERSON or concept in _shared()
