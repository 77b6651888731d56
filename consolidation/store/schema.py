"""The tables of the reporting desk (SQLAlchemy Core; the same on SQLite and PostgreSQL).

Values, codes and times are text: "007" is not 7, a Decimal is never a float, and times are UTC in ISO 8601, which sort as they
are written. What people did is appended (`figure_history`, `submission_event`, `remark`, `audit`), never rewritten.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

# Constraints have names, so that a later migration can change them on both databases.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *constraints: ForeignKey, default: str = "") -> Column[str]:
    return Column(name, Text, *constraints, nullable=False, server_default=default)


# ---- places -------------------------------------------------------------------------------------------------------------
region = Table(
    "region", metadata,
    Column("code", Text, primary_key=True),
    _text("name"), _text("level"), _text("parent"),  # level: village, township, county, city, province; parent "" = the top
)  # fmt: skip
region_above = Table(  # every region with itself and all it lies in: who may see what is one join
    "region_above", metadata,
    Column("code", Text, nullable=False), Column("above", Text, nullable=False),
    PrimaryKeyConstraint("code", "above"), Index(None, "above"),
)  # fmt: skip

# ---- people who work with it --------------------------------------------------------------------------------------------
account = Table(
    "account", metadata,
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    _text("name"), _text("role"), _text("region"),  # role: worker, leader, steward, trainer, administrator
    _text("password"),  # argon2id, "" = signs in by OpenID Connect only
    _text("subject"),  # issuer and subject of OpenID Connect, "" = none
    Column("must_change", Integer, nullable=False, server_default="0"),
    Column("active", Integer, nullable=False, server_default="1"),
    Column("demo", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    _text("locked_until"), _text("created_at"), _text("created_by"), _text("settings", default="{}"),
)  # fmt: skip
session = Table(
    "session", metadata,
    Column("id", Text, primary_key=True),  # SHA-256 of the cookie: a copy of the database opens nobody's session
    Column("account", Text, ForeignKey("account.id"), nullable=False),
    _text("csrf"), _text("created_at"), _text("seen_at"), _text("expires_at"), Index(None, "account"),
)  # fmt: skip
token = Table(
    "token", metadata,
    Column("id", Text, primary_key=True),  # SHA-256 of the token
    _text("name"), _text("region"), _text("scopes"),  # scopes: words with blanks between
    _text("created_at"), _text("created_by"), _text("expires_at"), _text("revoked_at"),
)  # fmt: skip

# ---- what is asked ------------------------------------------------------------------------------------------------------
element = Table(
    "element", metadata,
    Column("id", Text, primary_key=True),  # consolidation.match.element_id
    _text("name"), _text("entity"), _text("measure"), _text("unit"), _text("type"), _text("codes"), _text("period_kind"),
    _text("section"), _text("definition"), _text("rollup"), _text("truth"), _text("sharing"),
    # rollup: sum, mean, last, distinct, none; truth: department that answers for it (政务数据共享条例 第十一条); sharing class
    _text("changed_at"), _text("changed_by"),
)  # fmt: skip
form = Table(
    "form", metadata,
    Column("id", Text, primary_key=True),
    _text("title"), _text("department"), _text("basis"), _text("frequency"), _text("level"), _text("kind"),
)  # fmt: skip
form_version = Table(
    "form_version", metadata,
    Column("form", Text, ForeignKey("form.id"), nullable=False), Column("version", Integer, nullable=False),
    _text("title"), _text("file"), _text("state"),  # state: proposed, live, retired, refused
    _text("valid_from"), _text("valid_to"),  # periods; "" = open
    Column("template", LargeBinary, nullable=False), _text("sha256"),
    _text("proposed_at"), _text("proposed_by"), _text("decided_at"), _text("decided_by"), _text("reason"), _text("verdict"),
    PrimaryKeyConstraint("form", "version"),
)  # fmt: skip
decision = Table(  # whether two likely fields are one element: the lines of decisions.jsonl
    "decision", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _text("body"), _text("actor"), _text("at"),
)  # fmt: skip

# ---- reporting ----------------------------------------------------------------------------------------------------------
period = Table(
    "period", metadata,
    Column("period", Text, primary_key=True),  # str(forms.periods.Period)
    _text("state"), _text("deadline"), _text("forms", default="[]"),  # state: open, closed; forms: JSON list of form ids
    _text("opened_at"), _text("opened_by"), _text("closed_at"),
)  # fmt: skip
submission = Table(
    "submission", metadata,
    Column("region", Text, ForeignKey("region.code"), nullable=False),
    Column("period", Text, ForeignKey("period.period"), nullable=False),
    _text("state"), _text("deadline"), _text("changed_at"), _text("changed_by"),
    _text("closed"),  # the region for which the period was closed, with this place in it; "" = open
    Column("version", Integer, nullable=False, server_default="1"),
    PrimaryKeyConstraint("region", "period"),
)  # fmt: skip
submission_event = Table(
    "submission_event", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _text("region"), _text("period"), _text("from_state"), _text("to_state"), _text("actor"), _text("at"), _text("remark"),
    Index(None, "region", "period"),
)  # fmt: skip
remark = Table(  # of a leader on one cell, of a worker on an unusual value
    "remark", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _text("region"), _text("period"), _text("element"), _text("entity"), _text("kind"), _text("text"),
    _text("actor"), _text("at"),
    _text("settled_at"), _text("settled_by"), Index(None, "region", "period"),
)  # fmt: skip
soft_findings = Table(  # how many a submitted report has, kept because counting them reads the shared lists
    "soft_findings", metadata,
    Column("region", Text, nullable=False), Column("period", Text, nullable=False),
    Column("found", Integer, nullable=False), Column("unanswered", Integer, nullable=False),
    Column("stale", Integer, nullable=False, server_default="0"),  # 1 = figures were corrected since
    _text("at"), PrimaryKeyConstraint("region", "period"),
)  # fmt: skip
figure = Table(  # each figure once: the primary key is the rule
    "figure", metadata,
    Column("element", Text, nullable=False), Column("entity", Text, nullable=False), Column("period", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("value", Text), _text("state"), _text("source"), _text("detail"), _text("actor"), _text("at"), _text("note"),
    Column("version", Integer, nullable=False, server_default="1"),
    PrimaryKeyConstraint("element", "entity", "period"),
    CheckConstraint("state IN ('prefilled', 'draft', 'reported', 'approved')", name="state"),
    Index(None, "region", "period"), Index(None, "entity"),
)  # fmt: skip
figure_history = Table(
    "figure_history", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("element", Text, nullable=False), Column("entity", Text, nullable=False), Column("period", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("value", Text), _text("state"), _text("source"), _text("detail"), _text("actor"), _text("at"), _text("note"),
    Column("version", Integer, nullable=False),
    UniqueConstraint("element", "entity", "period", "version"),
)  # fmt: skip
conflict = Table(
    "conflict", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _text("element"), _text("entity"), _text("period"), _text("region"), _text("kind"),  # kind: sources, dispute
    Column("value", Text), _text("source"), Column("other_value", Text), _text("other_source"), _text("reason"),
    _text("raised_by"), _text("raised_at"), _text("state"), _text("resolved_by"), _text("resolved_at"), _text("resolution"),
    _text("subject_kind"), _text("number"),  # of somebody whom lists disagree about, as in `subject`
    Index(None, "region", "period"),
)  # fmt: skip
subject = Table(  # people and others whom workers added or changed on rosters
    "subject", metadata,
    Column("id", Text, primary_key=True),  # keyed hash of the ID number or other key: nobody's number stands in a key
    _text("kind"), _text("region"), _text("number"),  # number: sealed
    _text("state"), _text("changed_at"), _text("changed_by"), Index(None, "region"),
)  # fmt: skip
move = Table(  # somebody registered in one place whom another one put on its roster: they moved there
    "move", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _text("subject"), _text("name"),  # name: sealed
    _text("origin"), _text("place"), _text("said"),  # said: the origin that `place` named itself, "" = it did not know
    _text("period"), _text("since"),  # since: the day from which they live in `place`
    Column("after", Integer, nullable=False, server_default="0"),  # the last version of any figure before it
    _text("state"), _text("before"),  # before: what the subject was at its origin
    _text("registered_by"), _text("registered_at"), _text("answered_by"), _text("answered_at"), _text("reason"),
    _text("decided_by"), _text("decided_at"), _text("resolution"), _text("seen_at"),
    Index(None, "origin"), Index(None, "place"), Index(None, "subject"),
)  # fmt: skip
batch = Table(  # one run of prefilling or importing
    "batch", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _text("kind"), _text("region"), _text("period"), _text("source"), _text("actor"), _text("at"), _text("counts", default="{}"),
)  # fmt: skip
reminder = Table(
    "reminder", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _text("region"), _text("period"), _text("kind"), _text("text"), _text("at"), _text("seen_at"),
    UniqueConstraint("region", "period", "kind"),
)  # fmt: skip
setting = Table(
    "setting", metadata,
    Column("key", Text, primary_key=True), _text("value"), _text("changed_at"), _text("changed_by"),
)  # fmt: skip

# ---- what was done ------------------------------------------------------------------------------------------------------
audit = Table(
    "audit", metadata,
    Column("chain", Text, nullable=False), Column("seq", Integer, nullable=False),
    _text("at"), _text("actor"), _text("act"), _text("target"), _text("detail"), _text("previous"), _text("hash"),
    PrimaryKeyConstraint("chain", "seq"), Index(None, "at"),
)  # fmt: skip
audit_head = Table(
    "audit_head", metadata,
    Column("chain", Text, primary_key=True), Column("seq", Integer, nullable=False), _text("hash"),
)  # fmt: skip
