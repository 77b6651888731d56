"""Many values in portions: a database takes only so many in one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_MOST = 500  # SQLite takes some thousands at the most


def portions(values: Sequence[str], most: int = _MOST) -> Iterator[Sequence[str]]:
    """The values in their order, at most so many at a time."""
    for at in range(0, len(values), most):
        yield values[at : at + most]
