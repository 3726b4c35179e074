"""What the audit log is measured against: the same row without a log, and two ways to a chain of hashes.

The tables have the columns and the indexes of ``audit_events``.  A chain holds in each row the
hash of the row before, so a writer must keep all others out from reading the last row to its
own commit.  ``chained`` computes it in a trigger, one round trip and the shortest time under the
lock that a chain can have; ``chained_in_app`` computes it in the program, as is usual.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, text

from compliance.audit import log
from compliance.audit.canonical import encode
from compliance.audit.events import AuditEvent

LOCK = "SELECT pg_advisory_xact_lock(7)"
LAST = "SELECT leaf_hash FROM {} ORDER BY seq DESC LIMIT 1"
INSERTS = {
    table: text(
        f"INSERT INTO {table} (id, recording_id, kind, occurred_at_ms, body, leaf_hash) "
        "VALUES (:id, :recording_id, :kind, :occurred_at_ms, :body, :leaf_hash)"
    )
    for table in ("plain", "chained", "chained_in_app")
}
LINK = """
CREATE FUNCTION link() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE last bytea; BEGIN
  PERFORM pg_advisory_xact_lock(8);
  NEW.seq := nextval('chained_seq');
  SELECT leaf_hash INTO last FROM chained ORDER BY seq DESC LIMIT 1;
  NEW.leaf_hash := sha256(coalesce(last, '') || NEW.body);
  RETURN NEW;
END $$
"""


def make(connection: Connection) -> None:
    """The peers' tables, on PostgreSQL."""
    for table in INSERTS:
        connection.execute(text(f"CREATE TABLE {table} (LIKE audit_events INCLUDING ALL)"))
        connection.execute(text(f"CREATE SEQUENCE {table}_seq"))
        connection.execute(text(f"ALTER TABLE {table} ALTER seq SET DEFAULT nextval('{table}_seq')"))
    connection.execute(text(LINK))
    connection.execute(
        text("CREATE TRIGGER link BEFORE INSERT ON chained FOR EACH ROW EXECUTE FUNCTION link()")
    )


def plain(connection: Connection, event: AuditEvent) -> None:
    """The row, without a log."""
    connection.execute(INSERTS["plain"], _values(event, b""))


def chained(connection: Connection, event: AuditEvent) -> None:
    """The row with the hash of the row before, by a trigger."""
    connection.execute(INSERTS["chained"], _values(event, b""))


def chained_in_app(connection: Connection, event: AuditEvent) -> None:
    """The row with the hash of the row before, by the program."""
    connection.execute(text(LOCK))
    last = connection.execute(text(LAST.format("chained_in_app"))).scalar() or b""
    values = _values(event, b"")
    values["leaf_hash"] = sha256(last + values["body"]).digest()
    connection.execute(INSERTS["chained_in_app"], values)


def _values(event: AuditEvent, leaf_hash: bytes) -> dict[str, Any]:
    named = {"id": event.id, "recording_id": event.recording_id, "kind": event.kind.value}
    return {
        **named,
        "occurred_at_ms": event.occurred_at_ms,
        "body": encode(event),
        "leaf_hash": leaf_hash,
    }


WAYS: dict[str, Callable[[Connection, AuditEvent], None]] = {
    "plain": plain,
    "ours": log.record,
    "chained": chained,
    "chained_in_app": chained_in_app,
}
"""Each way to write a row, by its name."""
