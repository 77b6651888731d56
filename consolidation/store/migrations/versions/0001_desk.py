"""The reporting desk's tables as they were first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def texts(*names: str) -> list[sa.Column[str]]:
    return [text(name) for name in names]


def text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def upgrade() -> None:
    """Makes all tables, each after those it refers to."""
    op.create_table(
        "account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        *texts("name", "role", "region", "password", "subject"),
        sa.Column("must_change", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active", sa.Integer(), server_default="1", nullable=False),
        sa.Column("demo", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        *texts("locked_until", "created_at", "created_by"),
        text("settings", "{}"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "audit",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        *texts("at", "actor", "act", "target", "detail", "previous", "hash"),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        *texts("hash"),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "batch",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        *texts("kind", "region", "period", "source", "actor", "at"),
        text("counts", "{}"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_batch")),
    )
    op.create_table(
        "conflict",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        *texts("element", "entity", "period", "region", "kind"),
        sa.Column("value", sa.Text(), nullable=True),
        *texts("source"),
        sa.Column("other_value", sa.Text(), nullable=True),
        *texts("other_source", "reason", "raised_by", "raised_at", "state", "resolved_by", "resolved_at", "resolution"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_conflict")),
    )
    op.create_index(op.f("ix_conflict_region_period"), "conflict", ["region", "period"])
    op.create_table(
        "decision",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        *texts("body", "actor", "at"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_decision")),
    )
    op.create_table(
        "element",
        sa.Column("id", sa.Text(), nullable=False),
        *texts(
            "name",
            "entity",
            "measure",
            "unit",
            "type",
            "codes",
            "period_kind",
            "section",
            "definition",
            "rollup",
            "truth",
            "sharing",
            "changed_at",
            "changed_by",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_element")),
    )
    op.create_table(
        "figure",
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        *texts("state", "source", "detail", "actor", "at", "note"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("state IN ('prefilled', 'draft', 'reported', 'approved')", name=op.f("ck_figure_state")),
        sa.PrimaryKeyConstraint("element", "entity", "period", name=op.f("pk_figure")),
    )
    op.create_index(op.f("ix_figure_entity"), "figure", ["entity"])
    op.create_index(op.f("ix_figure_region_period"), "figure", ["region", "period"])
    op.create_table(
        "figure_history",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        *texts("state", "source", "detail", "actor", "at", "note"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_figure_history")),
        sa.UniqueConstraint(
            "element", "entity", "period", "version", name=op.f("uq_figure_history_element_entity_period_version")
        ),
    )
    op.create_table(
        "form",
        sa.Column("id", sa.Text(), nullable=False),
        *texts("title", "department", "basis", "frequency", "level", "kind"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form")),
    )
    op.create_table(
        "period",
        sa.Column("period", sa.Text(), nullable=False),
        *texts("state", "deadline"),
        text("forms", "[]"),
        *texts("opened_at", "opened_by", "closed_at"),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_period")),
    )
    op.create_table(
        "region",
        sa.Column("code", sa.Text(), nullable=False),
        *texts("name", "level", "parent"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_table(
        "region_above",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("above", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "above", name=op.f("pk_region_above")),
    )
    op.create_index(op.f("ix_region_above_above"), "region_above", ["above"])
    op.create_table(
        "remark",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        *texts("region", "period", "element", "entity", "kind", "text", "actor", "at", "settled_at", "settled_by"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_remark")),
    )
    op.create_index(op.f("ix_remark_region_period"), "remark", ["region", "period"])
    op.create_table(
        "reminder",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        *texts("region", "period", "kind", "text", "at", "seen_at"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_reminder")),
        sa.UniqueConstraint("region", "period", "kind", name=op.f("uq_reminder_region_period_kind")),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.Text(), nullable=False),
        *texts("value", "changed_at", "changed_by"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "subject",
        sa.Column("id", sa.Text(), nullable=False),
        *texts("kind", "region", "number", "state", "changed_at", "changed_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
    )
    op.create_index(op.f("ix_subject_region"), "subject", ["region"])
    op.create_table(
        "submission_event",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        *texts("region", "period", "from_state", "to_state", "actor", "at", "remark"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_submission_event")),
    )
    op.create_index(op.f("ix_submission_event_region_period"), "submission_event", ["region", "period"])
    op.create_table(
        "token",
        sa.Column("id", sa.Text(), nullable=False),
        *texts("name", "region", "scopes", "created_at", "created_by", "expires_at", "revoked_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
    )
    op.create_table(
        "form_version",
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *texts("title", "file", "state", "valid_from", "valid_to"),
        sa.Column("template", sa.LargeBinary(), nullable=False),
        *texts("sha256", "proposed_at", "proposed_by", "decided_at", "decided_by", "reason", "verdict"),
        sa.ForeignKeyConstraint(["form"], ["form.id"], name=op.f("fk_form_version_form_form")),
        sa.PrimaryKeyConstraint("form", "version", name=op.f("pk_form_version")),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        *texts("csrf", "created_at", "seen_at", "expires_at"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_session_account_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account"), "session", ["account"])
    op.create_table(
        "submission",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        *texts("state", "deadline", "changed_at", "changed_by"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["period"], ["period.period"], name=op.f("fk_submission_period_period")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_submission_region_region")),
        sa.PrimaryKeyConstraint("region", "period", name=op.f("pk_submission")),
    )
