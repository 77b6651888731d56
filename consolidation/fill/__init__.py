"""Figures from shared data, each with its source; and what goes into which cell of a form."""

from .filing import filing_writes
from .fill import FilledData, fill, fill_world
from .give import FormValues, Giver, form_values
from .model import DataSet, Fact
from .people import Possible
from .regions import Regions
from .returned import read_back
from .sources import Sources, read_sources
from .world import World, build

__all__ = [
    "DataSet", "Fact", "FilledData", "FormValues", "Giver", "Possible", "Regions", "Sources", "World", "build", "filing_writes",
    "fill", "fill_world", "form_values", "read_back", "read_sources",
]  # fmt: skip
