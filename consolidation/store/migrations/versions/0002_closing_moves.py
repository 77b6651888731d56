"""Periods closed place by place, unusual values counted, moves within a county, conflicts about somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), server_default="", nullable=False) for name in names]


def upgrade() -> None:
    """Adds the columns and tables."""
    op.add_column("submission", *texts("closed"))
    for column in texts("subject_kind", "number"):
        op.add_column("conflict", column)
    op.create_table(
        "move",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        *texts("subject", "name", "origin", "place", "said", "period", "since"),
        sa.Column("after", sa.Integer(), server_default="0", nullable=False),
        *texts("state", "before"),
        *texts("registered_by", "registered_at", "answered_by", "answered_at", "reason"),
        *texts("decided_by", "decided_at", "resolution", "seen_at"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_move")),
    )
    for name in ("origin", "place", "subject"):
        op.create_index(op.f(f"ix_move_{name}"), "move", [name])
    op.create_table(
        "soft_findings",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("stale", sa.Integer(), server_default="0", nullable=False),
        *texts("at"),
        sa.PrimaryKeyConstraint("region", "period", name=op.f("pk_soft_findings")),
    )
