"""Set-based work on many figures: lazy frames (Narwhals), on DuckDB here, on Spark where a province has a cluster."""

from .columns import SCHEMA, TooWide, columns, write_columns
from .duck import Duck
from .engine import Engine
from .rollup import RolledUp, roll_up

__all__ = ["SCHEMA", "Duck", "Engine", "RolledUp", "TooWide", "columns", "roll_up", "write_columns"]
