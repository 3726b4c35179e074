"""The audit log's tiles, what waits to be sealed, and who seals.

What is in the log already gets its tiles here, and what has no leaf yet becomes pending.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEPT = ("audit_tiles", "audit_fences")
"""Tables that take rows and never change or lose one."""

_KEYS = "kind IN ('key.created', 'key.rotated', 'key.retired', 'key.lost')"
"""The few events that tell by which keys the log is signed; an index of their own finds them at once."""

_WIDTH = 256
_STATEMENT = (
    "INSERT INTO audit_tiles (level, tile_index, root, hashes) VALUES (:level, :index, :root, :hashes)"
)


def upgrade() -> None:
    """Make the tables, fill them from what is there, then close those that stay as they are."""
    _make()
    _fill()
    if op.get_context().dialect.name == "sqlite":
        _close_sqlite()
    else:
        _close_postgresql()


def _make() -> None:
    op.create_table(
        "audit_pending",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_pending"),
    )
    op.create_table(
        "audit_tiles",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tile_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "tile_index", name="pk_audit_tiles"),
    )
    op.create_table(
        "audit_fences",
        sa.Column("fence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("taken_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fence", name="pk_audit_fences"),
    )
    op.create_index(
        "ix_audit_events_keys",
        "audit_events",
        ["seq"],
        postgresql_where=sa.text(_KEYS),
        sqlite_where=sa.text(_KEYS),
    )


def _fill() -> None:
    """Tiles of the leaves that are there, level by level, and pending rows of the events without a leaf."""
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "INSERT INTO audit_pending (seq) SELECT seq FROM audit_events "
            "LEFT JOIN audit_leaves ON event_id = id WHERE event_id IS NULL"
        )
    )
    level, hashes = 0, _leaf_hashes(connection)
    while len(hashes) >= _WIDTH:
        groups = [hashes[at : at + _WIDTH] for at in range(0, len(hashes) - _WIDTH + 1, _WIDTH)]
        roots = [_root(each) for each in groups]
        rows = [
            {"level": level, "index": n, "root": roots[n], "hashes": b"".join(group)}
            for n, group in enumerate(groups)
        ]
        connection.execute(sa.text(_STATEMENT), rows)
        level, hashes = level + 1, roots


def _leaf_hashes(connection: sa.Connection) -> Sequence[bytes]:
    statement = "SELECT leaf_hash FROM audit_leaves JOIN audit_events ON event_id = id ORDER BY leaf_index"
    return [bytes(each) for each in connection.execute(sa.text(statement)).scalars()]


def _root(hashes: Sequence[bytes]) -> bytes:
    """The root over hashes whose number is a power of two (RFC 6962, 2.1)."""
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]


def _close_sqlite() -> None:
    """Every event is pending from the moment it is written; what is pending only goes once it has a leaf."""
    op.execute(
        "CREATE TRIGGER audit_events_pending AFTER INSERT ON audit_events "
        "BEGIN INSERT INTO audit_pending (seq) VALUES (NEW.seq); END"
    )
    op.execute(
        "CREATE TRIGGER audit_pending_no_update BEFORE UPDATE ON audit_pending "
        "BEGIN SELECT RAISE(ABORT, 'audit_pending takes rows and never changes them'); END"
    )
    op.execute(
        "CREATE TRIGGER audit_pending_no_delete BEFORE DELETE ON audit_pending "
        "WHEN NOT EXISTS (SELECT 1 FROM audit_events JOIN audit_leaves ON event_id = id WHERE seq = OLD.seq) "
        "BEGIN SELECT RAISE(ABORT, 'audit_pending loses a row only when its event has a leaf'); END"
    )
    for table in _KEPT:
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} takes rows and never changes them'); END"
            )


def _close_postgresql() -> None:
    """The same; a statement that deletes is checked once, for all its rows together."""
    op.execute(
        "CREATE FUNCTION audit_events_pending() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN INSERT INTO audit_pending (seq) VALUES (NEW.seq); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_events_pending AFTER INSERT ON audit_events "
        "FOR EACH ROW EXECUTE FUNCTION audit_events_pending()"
    )
    op.execute(
        "CREATE FUNCTION audit_pending_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF EXISTS (SELECT FROM gone JOIN audit_events USING (seq) "
        "LEFT JOIN audit_leaves ON event_id = id WHERE event_id IS NULL) "
        "THEN RAISE EXCEPTION 'audit_pending loses a row only when its event has a leaf'; END IF; "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_pending_no_delete AFTER DELETE ON audit_pending "
        "REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION audit_pending_sealed()"
    )
    for verb in ("update", "truncate"):
        op.execute(
            f"CREATE TRIGGER audit_pending_no_{verb} BEFORE {verb.upper()} ON audit_pending "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        )
    for table in _KEPT:
        for verb in ("update", "delete", "truncate"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
            )
