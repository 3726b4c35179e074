"""The tables in which questions to the audit log find their events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CHANGES = sa.text("kind IN ('config.changed', 'policy.changed', 'model.changed')")
_ASKED = ("kind", "area", "actor", "outcome", "recording_id", "egress_id")
_MADE = ("audit_index", "audit_terms")


def upgrade() -> None:
    """Make the tables and close them; they are filled from the log by whoever seals or asks next."""
    op.create_index(
        "ix_audit_events_changes",
        "audit_events",
        ["kind", "seq"],
        postgresql_where=_CHANGES,
        sqlite_where=_CHANGES,
    )
    _make_index()
    op.create_table(
        "audit_terms",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("occurred_at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("term", "occurred_at_ms", "leaf_index", name="pk_audit_terms"),
        sqlite_with_rowid=False,
    )
    if op.get_context().dialect.name == "sqlite":
        _close_sqlite()
    else:
        _close_postgresql()


def _make_index() -> None:
    op.create_table(
        "audit_index",
        sa.Column(
            "leaf_index",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("occurred_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Text(), nullable=True),
        sa.Column("egress_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_audit_index"),
    )
    for asked in ((), *((each,) for each in _ASKED)):
        columns = [*asked, "occurred_at_ms", "leaf_index"]
        op.create_index(f"ix_audit_index_{'_'.join(columns)}", "audit_index", columns)


def _close_sqlite() -> None:
    for table in _MADE:
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} takes rows and never changes them'); END"
            )


def _close_postgresql() -> None:
    """By the function that closes the log's own tables."""
    for table in _MADE:
        for verb in ("update", "delete", "truncate"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
            )
