"""An index by which the events of one room are found in the inbox."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_inbox_room_sid_received_at_ms", "inbox", ["room_sid", "received_at_ms"])
