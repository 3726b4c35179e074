"""PostgreSQL's roles: the service writes events and can alter none, the sequencer seals, the owner migrates.

A role here is a bundle of rights without login.  The operator makes users that have
one of them, with passwords of his own; nothing here knows a password.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from compliance.store.schema import metadata

SERVICE: Final = "compliance_service"
SEQUENCER: Final = "compliance_sequencer"

_WRITTEN: Final = ("audit_events", "audit_pending", "audit_index", "audit_terms")
"""The tables of the log into which the service writes: events, and where questions find them."""


def statements() -> str:
    """The SQL that makes both roles, or brings them up to date; to be run by the owner of the tables."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    log = [name for name in metadata.tables if name.startswith("audit_")]
    sealed = ", ".join(name for name in log if name not in _WRITTEN)
    others = ", ".join(name for name in metadata.tables if name not in log)
    both, everything = f"{SERVICE}, {SEQUENCER}", ", ".join(metadata.tables)
    yield "-- Run as the owner of the tables, whenever a new version has migrated them.  Then make users:"
    yield f"--   CREATE ROLE api LOGIN PASSWORD '...' IN ROLE {SERVICE};"
    yield f"--   CREATE ROLE sequencer LOGIN PASSWORD '...' IN ROLE {SEQUENCER};"
    yield "-- and let neither own a table: an owner may drop what keeps the log as it is."
    for role in (SERVICE, SEQUENCER):
        yield f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
    yield f"REVOKE ALL ON {everything} FROM PUBLIC, {both};"
    yield f"GRANT USAGE ON SCHEMA public TO {both};"
    yield f"GRANT SELECT ON alembic_version TO {both};"
    yield "-- Events are written and never changed, by whoever, and so is what they are found by."
    yield f"GRANT SELECT, INSERT ON {', '.join(_WRITTEN)} TO {both};"
    yield f"GRANT USAGE ON SEQUENCE audit_events_seq_seq TO {both};"
    yield "-- The tree over them grows by the sequencer's hand alone; the service reads it, for proofs."
    yield f"GRANT DELETE ON audit_pending TO {SEQUENCER};"
    yield f"GRANT SELECT, INSERT ON {sealed} TO {SEQUENCER};"
    yield f"GRANT SELECT ON {sealed} TO {SERVICE};"
    yield "-- Everything else is the service's, and nothing to the sequencer."
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {others} TO {SERVICE};"
