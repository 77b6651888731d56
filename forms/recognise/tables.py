"""What the readers of cards, rosters and statistics give back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forms.model import Kind, Rect, Role
from forms.recognise.fields import Draft


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem met while reading, before the file's name is known. `rect` in view coordinates."""

    code: str
    rect: Rect
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class TableRead:
    """One table block as read: drafts of its fields, roles by place (view coordinates), problems, and the first and last
    rows that are to be filled (0 = none)."""

    kind: Kind
    drafts: tuple[Draft, ...]
    roles: Mapping[tuple[int, int], Role]
    findings: tuple[Finding, ...] = ()
    depth: int = 0  # header rows
    fill_rows: Rect | None = None
