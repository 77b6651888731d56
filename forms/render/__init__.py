"""Giving forms back: the original file, changed only where it is filled."""

from forms.render.annotate import annotate
from forms.render.fill import fill
from forms.render.model import Rendered, RosterRows, Write
from forms.render.modern import modernise

__all__ = ["Rendered", "RosterRows", "Write", "annotate", "fill", "modernise"]
