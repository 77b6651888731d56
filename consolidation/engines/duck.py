"""The engine of one machine: DuckDB, with bounds on memory and threads; what does not fit goes to a folder on disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa  # type: ignore[import-untyped]


class Duck:
    """Use as a context manager. `memory`: most of it DuckDB may hold, as DuckDB writes it."""

    def __init__(self, memory: str = "1GB", threads: int = 0) -> None:
        self._spill = tempfile.TemporaryDirectory(prefix="yibiao-")
        self._held = 0
        self.connection = duckdb.connect()
        settings = {
            "memory_limit": memory, "threads": threads or os.cpu_count() or 1, "temp_directory": self._spill.name,
            "preserve_insertion_order": "false",
        }  # fmt: skip
        for name, value in settings.items():
            self.connection.execute(f"SET {name} = '{value}'")

    def parquet(self, path: Path) -> nw.LazyFrame[Any]:
        """A Parquet file, or all of a folder's."""
        return nw.from_native(self.connection.read_parquet(str(path / "*.parquet") if path.is_dir() else str(path)))

    def frame(self, table: pa.Table) -> nw.LazyFrame[Any]:
        return nw.from_native(self.connection.from_arrow(table))

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        self._held += 1
        name = f"held_{self._held}"
        frame.to_native().create(name)
        return nw.from_native(self.connection.table(name))

    def table(self, frame: nw.LazyFrame[Any]) -> pa.Table:
        return frame.collect(backend="pyarrow").to_native()

    def close(self) -> None:
        self.connection.close()
        self._spill.cleanup()

    def __enter__(self) -> Duck:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
