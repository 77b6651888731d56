"""Figures as columns: what the engine reads. A figure that does not fit the number column is refused, never rounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from consolidation.rollup import WORST, Given, reading, stamp

WHOLE, PLACES = 12, 6  # digits before and behind the point: sums of millions and products of two stay exact in 38 digits
SCHEMA = pa.schema(
    [
        pa.field("region", pa.string(), nullable=False),
        pa.field("element", pa.string(), nullable=False),
        pa.field("entity", pa.string(), nullable=False),
        pa.field("state", pa.int8(), nullable=False),  # index in rollup.WORST
        pa.field("number", pa.decimal128(WHOLE + PLACES, PLACES)),
        pa.field("stamp", pa.string()),  # of elements of which the last value counts
    ]
)
_AT_ONCE = 100_000


class TooWide(ValueError):
    """A number with more digits than the column holds; `given` is the figure."""

    def __init__(self, given: Given) -> None:
        super().__init__(f"{given.element}: more than {WHOLE}.{PLACES} digits")
        self.given = given


def columns(figures: Iterable[Given], stamped: frozenset[str] = frozenset()) -> pa.Table:
    """Figures as one table. `stamped`: elements whose last value counts. Raises TooWide."""
    return pa.Table.from_batches(_batches(figures, stamped), SCHEMA)


def write_columns(figures: Iterable[Given], path: Path, stamped: frozenset[str] = frozenset()) -> None:
    """Figures as a Parquet file, without ever holding all of them. Raises TooWide."""
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for batch in _batches(figures, stamped):
            writer.write_batch(batch)


def _batches(figures: Iterable[Given], stamped: frozenset[str]) -> Iterator[pa.RecordBatch]:
    it = iter(figures)
    while some := list(islice(it, _AT_ONCE)):
        numbers = []
        states = []
        for one in some:
            status, number = reading(one.value)
            if number is not None and not fits(number):
                raise TooWide(one)
            states.append(WORST.index(status))
            numbers.append(number)
        yield pa.RecordBatch.from_arrays(
            [
                pa.array([one.region for one in some], pa.string()),
                pa.array([one.element for one in some], pa.string()),
                pa.array([one.entity for one in some], pa.string()),
                pa.array(states, pa.int8()),
                pa.array(numbers, SCHEMA.field("number").type),
                pa.array([stamp(one) if one.element in stamped else None for one in some], pa.string()),
            ],
            schema=SCHEMA,
        )


def fits(number: Decimal) -> bool:
    """Whether a number can be held as it is."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and number.adjusted() < WHOLE and number == round(number, PLACES)
