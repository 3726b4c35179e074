"""Every table, once, for SQLite and PostgreSQL alike.

What a migration makes must equal what stands here; a test compares the two.
Columns named ``sealed`` or ``body`` of the inbox hold AES-GCM blobs: numbers,
identities, room names and source keys stand nowhere else.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Counter = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts by itself only in a column whose type is INTEGER."""

recordings = Table(
    "recordings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("stage", Text),
    Column("reasons", JSON, nullable=False),
    Column("profile", Text, nullable=False),
    Column("agent_kind", Text, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("egress_id", Text, unique=True),
    Column("room_sid", Text),
    Column("started_at_ms", BigInteger),
    Column("duration_ms", BigInteger),
    Column("source_sha256", Text),
    Column("sources", JSON, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    Column("sealed", LargeBinary),
    Index(None, "state", "created_at_ms", "id"),
    Index(None, "created_at_ms", "id"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("dedupe_key", Text, unique=True),
    Column("event", Text, nullable=False),
    Column("egress_id", Text),
    Column("room_sid", Text),
    Column("received_at_ms", BigInteger, nullable=False),
    Column("handled_at_ms", BigInteger),
    Column("outcome", Text),
    Column("body", LargeBinary, nullable=False),
    Index(None, "handled_at_ms", "received_at_ms"),
    Index(None, "room_sid", "received_at_ms"),
)

participants = Table(
    "participants",
    metadata,
    Column("room_sid", Text, primary_key=True),
    Column("participant_sid", Text, primary_key=True),
    Column("kind", Text),
    Column("joined_at_ms", BigInteger),
    Column("left_at_ms", BigInteger),
    Column("sealed", LargeBinary),
    Column("lookup", Text, index=True),
)

work = Table(
    "work",
    metadata,
    Column("recording_id", Text, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("owner", Text),
    Column("fence", BigInteger, nullable=False),
    Column("lease_until_ms", BigInteger),
    Column("planned_at_ms", BigInteger, nullable=False),
    Column("sent_at_ms", BigInteger),
    Column("finished_at_ms", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("output_name", Text),
    Column("output_sha256", Text),
    Index(None, "state", "planned_at_ms"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger),
    Column("revoked_at_ms", BigInteger),
)

CHANGES = text("kind IN ('config.changed', 'policy.changed', 'model.changed')")
"""The few events that a starting process looks for; an index over these alone costs the others nothing."""

KEY_EVENTS = "kind IN ('key.created', 'key.rotated', 'key.retired', 'key.lost')"
"""The few events that tell by which keys the log is signed; an index of their own finds them at once."""

audit_events = Table(
    "audit_events",
    metadata,
    Column("seq", _Counter, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("recording_id", Text),
    Column("kind", Text, nullable=False),
    Column("occurred_at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    UniqueConstraint("id"),
    Index(None, "recording_id", "seq"),
    Index("ix_audit_events_changes", "kind", "seq", postgresql_where=CHANGES, sqlite_where=CHANGES),
    Index("ix_audit_events_keys", "seq", postgresql_where=text(KEY_EVENTS), sqlite_where=text(KEY_EVENTS)),
    sqlite_autoincrement=True,
)

audit_pending = Table(
    "audit_pending",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
)
"""Events that have no leaf yet, by their number.  A trigger fills it: no event is written without."""

audit_leaves = Table(
    "audit_leaves",
    metadata,
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Text, nullable=False, unique=True),
)

audit_tiles = Table(
    "audit_tiles",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("tile_index", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)
"""Whole tiles.  The root stands before the hashes, so that it is read without them."""

audit_fences = Table(
    "audit_fences",
    metadata,
    Column("fence", BigInteger, primary_key=True, autoincrement=False),
    Column("owner", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("taken_at_ms", BigInteger, nullable=False),
)

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
)

consent_facts = Table(
    "consent_facts",
    metadata,
    Column("recording_id", Text, primary_key=True),
    Column("verdict_sha256", Text, primary_key=True),
    Column("facts_sha256", Text, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("verdict", LargeBinary, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
)

audit_index = Table(
    "audit_index",
    metadata,
    Column("leaf_index", _Counter, primary_key=True, autoincrement=False),
    Column("event_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("occurred_at_ms", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("recording_id", Text),
    Column("egress_id", Text),
    Index(None, "occurred_at_ms", "leaf_index"),
    Index(None, "kind", "occurred_at_ms", "leaf_index"),
    Index(None, "area", "occurred_at_ms", "leaf_index"),
    Index(None, "actor", "occurred_at_ms", "leaf_index"),
    Index(None, "outcome", "occurred_at_ms", "leaf_index"),
    Index(None, "recording_id", "occurred_at_ms", "leaf_index"),
    Index(None, "egress_id", "occurred_at_ms", "leaf_index"),
)
"""What is asked of sealed events.  Made from the log, for finding only; what is shown comes from the log."""

audit_terms = Table(
    "audit_terms",
    metadata,
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    Column("occurred_at_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""What an event may hold several of: objects, policies, models and a purpose, each as a number."""

audit_anchors = Table(
    "audit_anchors",
    metadata,
    Column("sink", Text, primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("anchored_at_ms", BigInteger, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
)
"""Which checkpoint each sink took, and what it answered."""

audit_timestamps = Table(
    "audit_timestamps",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("token_sha256", Text, primary_key=True),
    Column("stated_at_ms", BigInteger, nullable=False),
    Column("received_at_ms", BigInteger, nullable=False),
    Column("token", LargeBinary, nullable=False),
)
"""Time-stamp tokens over checkpoints, as the authority gave them."""

vault_keys = Table(
    "vault_keys",
    metadata,
    Column("recording_id", Text, primary_key=True),
    Column("wrapped", LargeBinary),
    Column("destroyed_at_ms", BigInteger),
)

individuals = Table(
    "individuals",
    metadata,
    Column("lookup", Text, primary_key=True),
    Column("pseudonym", Text, nullable=False, unique=True),
    Column("salt", LargeBinary, nullable=False),
)
"""Persons by the keyed digest of their number; without its row no number leads to a pseudonym."""

appearances = Table(
    "appearances",
    metadata,
    Column("individual", Text, primary_key=True),
    Column("recording_id", Text, primary_key=True),
    Index(None, "recording_id"),
)
"""Who was named by hand as being in a recording; LiveKit's participants stand in their own table."""

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("recording_id", Text, nullable=False, index=True),
    Column("matter", Text, nullable=False),
    Column("placed_at_ms", BigInteger, nullable=False),
    Column("released_at_ms", BigInteger),
)

sealed_values = Table(
    "sealed_values",
    metadata,
    Column("commitment", Text, primary_key=True),
    Column("recording_id", Text, index=True),
    Column("individual", Text, index=True),
    Column("sealed", LargeBinary),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("erased_at_ms", BigInteger),
)
"""What events only commit to: salt and value, sealed.  Erased, both are gone and the event still proves."""

erasures = Table(
    "erasures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("recording_id", Text),
    Column("individual", Text),
    Column("actor", Text, nullable=False),
    Column("actor_role", Text, nullable=False),
    Column("requested_at_ms", BigInteger, nullable=False),
    Column("blocked_by", Text),
    Column("finished_at_ms", BigInteger, index=True),
)

retention_debts = Table(
    "retention_debts",
    metadata,
    Column("recording_id", Text, primary_key=True),
    Column("thing", Text, primary_key=True),
    Column("decided_at_ms", BigInteger, nullable=False),
    Column("paid_at_ms", BigInteger),
)
"""What retention decided to destroy: written with its event, paid until it is done."""
