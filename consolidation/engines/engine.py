"""What the set-based work asks of an engine; everything else it says in Narwhals."""

from __future__ import annotations

from typing import Any, Protocol

import narwhals as nw
import pyarrow as pa  # type: ignore[import-untyped]


class Engine(Protocol):
    def frame(self, table: pa.Table) -> nw.LazyFrame[Any]:
        """A small table as a lazy frame."""

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """The frame worked out once and held (on a cluster: persisted), for work that reads it several times."""

    def table(self, frame: nw.LazyFrame[Any]) -> pa.Table:
        """The frame worked out."""
