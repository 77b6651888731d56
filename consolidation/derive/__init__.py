"""What need not be asked: derivations between elements, their evaluation, and the smallest set of figures still to be asked."""

from .ask import smallest_ask
from .collect import checks, derivations
from .evaluate import evaluate
from .printed import Check

__all__ = ["Check", "checks", "derivations", "evaluate", "smallest_ask"]
