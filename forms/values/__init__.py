"""The dozen ways people write values."""
