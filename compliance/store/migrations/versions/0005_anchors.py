"""Which checkpoints were anchored where, and the time stamps over them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEPT = ("audit_anchors", "audit_timestamps")
"""Tables that take rows and never change or lose one."""


def upgrade() -> None:
    """Make the tables, then close them."""
    op.create_table(
        "audit_anchors",
        sa.Column("sink", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("anchored_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sink", "size", name="pk_audit_anchors"),
    )
    op.create_table(
        "audit_timestamps",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("stated_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", "token_sha256", name="pk_audit_timestamps"),
    )
    if op.get_context().dialect.name == "sqlite":
        _close_sqlite()
    else:
        _close_postgresql()


def _close_sqlite() -> None:
    for table in _KEPT:
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} takes rows and never changes them'); END"
            )


def _close_postgresql() -> None:
    for table in _KEPT:
        for verb in ("update", "delete", "truncate"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
            )
