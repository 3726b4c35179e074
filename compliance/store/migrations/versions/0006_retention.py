"""Legal holds, individuals and their salts, sealed payloads, and what is owed to retention and erasure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; each may lose rows, as that is what they are for."""
    _make_individuals()
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("placed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("released_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_legal_holds"),
    )
    op.create_index("ix_legal_holds_recording_id", "legal_holds", ["recording_id"])
    op.create_table(
        "sealed_values",
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Text(), nullable=True),
        sa.Column("individual", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("erased_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("commitment", name="pk_sealed_values"),
    )
    op.create_index("ix_sealed_values_recording_id", "sealed_values", ["recording_id"])
    op.create_index("ix_sealed_values_individual", "sealed_values", ["individual"])
    op.create_table(
        "erasures",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Text(), nullable=True),
        sa.Column("individual", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("requested_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("blocked_by", sa.Text(), nullable=True),
        sa.Column("finished_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_finished_at_ms", "erasures", ["finished_at_ms"])
    op.create_table(
        "retention_debts",
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("decided_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("paid_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("recording_id", "thing", name="pk_retention_debts"),
    )


def _make_individuals() -> None:
    """Individuals by the keyed digest of their number, and recordings in which they were named by hand."""
    op.create_table(
        "individuals",
        sa.Column("lookup", sa.Text(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("lookup", name="pk_individuals"),
        sa.UniqueConstraint("pseudonym", name="uq_individuals_pseudonym"),
    )
    op.create_table(
        "appearances",
        sa.Column("individual", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("individual", "recording_id", name="pk_appearances"),
    )
    op.create_index("ix_appearances_recording_id", "appearances", ["recording_id"])
