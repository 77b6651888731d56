"""Recognition: grids of cells become forms with fields, roles, rules and notes."""

from forms.recognise.explain import explain
from forms.recognise.main import recognise

__all__ = ["explain", "recognise"]
